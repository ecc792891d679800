// SPDX-License-Identifier: Apache-2.0
// What a descriptor permits from its store on, though no walk of the run has read it; and whose translations count.
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "load.h"

namespace {

using namespace staleline;
using judge::HazardId;
using judge::Verdict;

const std::string kMapped = R"(
schema: 1
scenario: test/live
about: A page is mapped by a store and never touched before the device writes to it.
memory:
  buf:    { base: 0x8000_0000, size: 4 KiB }
  wall:   { base: 0x8100_0000, size: 4 KiB, kind: firewalled }
  tables: { base: 0x9000_0000, size: 64 KiB }
mappings:
  kernel:
    tables: { at: tables }
    stage1: { buf: { attr: normal-wb, valid: off }, wall: { attr: normal-wb, valid: off } }
agents:
  cpu: { core: 0 }
  nic: { device: non-coherent }
program:
  cpu: |2
          ldr x1, =desc(buf, normal-wb)
          str x1, [pte(buf)]
          dsb ishst
          isb
    [wall] ldr x1, =desc(wall, normal-wb)
    [wallnc] ldr x1, =desc(wall, normal-nc)
    [wall, wallnc] str x1, [pte(wall)]
          .doorbell nic
          .await nic
    [fix] dc ivac, buf[..]
    [fix] dsb sy
          ldr x2, [buf]
  nic: |
    .await cpu
    .fill buf, 0x22
    .complete
variants:
  bug: { hazards: [ { id: SL102, agent: cpu } ] }
  fix: {}
  wall: {}
  wallnc: {}
)";

const std::string kUnmapped = R"(
schema: 1
scenario: test/fall
about: A page is unmapped before the device writes to it, and cleaned through a Non-cacheable alias.
memory:
  buf:    { base: 0x8000_0000, size: 4 KiB }
  tables: { base: 0x9000_0000, size: 64 KiB }
mappings:
  kernel:
    tables: { at: tables }
    stage1: { buf: normal-wb }
  firmware:
    stage1: { buf: normal-nc }
agents:
  cpu: { core: 0, view: kernel }
  fw: { core: 1, view: firmware }
  nic: { device: non-coherent }
program:
  cpu: |2
          ldr x2, [buf]
    [gone, notlbi, kept] str xzr, [pte(buf)]
    [gone, kept, notlbi] dsb ishst
    [gone, kept] tlbi vae1is, buf
    [gone, notlbi, kept] dsb ish
          .handoff fw
          .await fw
          .doorbell nic
          .await nic
    [gone, notlbi, kept] ldr x1, =desc(buf)
    [gone, notlbi, kept] str x1, [pte(buf)]
          dsb ishst
          isb
          ldr x2, [buf]
  fw: |
    .await cpu
    [gone, notlbi, mapped] dc civac, buf[..]
    dsb sy
    .handoff cpu
  nic: |
    .await cpu
    .fill buf, 0x22
    .complete
variants:
  mapped: { hazards: [ { id: SL102, agent: cpu } ] }
  notlbi: { hazards: [ { id: SL102, agent: cpu } ] }
  kept: { hazards: [ { id: SL102, agent: cpu } ] }
  gone: {}
)";

const std::string kDeclared = R"(
schema: 1
scenario: test/declared
about: A mapping without tables of what is no memory, which nothing accesses.
memory:
  ram:  { base: 0x8000_0000, size: 4 KiB }
  wall: { base: 0x8100_0000, size: 4 KiB, kind: firewalled }
  regs: { base: 0x8200_0000, size: 4 KiB, kind: device }
mappings:
  kernel: { stage1: { ram: normal-wb, wall: device-ngnre, regs: device-ngnre } }
  unused: { stage1: { ram: normal-wb, wall: normal-nc } }
agents:
  cpu: { core: 0, view: kernel }
  nic: { device: non-coherent }
program:
  cpu: |2
    ldr x0, [ram]
    [on] mov x9, #0x1001          // M and I
    [on] msr sctlr_el1, x9
    [on] isb
    .doorbell nic
    .await nic
  nic: |
    .await cpu
    .read ram
    .complete
variants:
  device: {}
  wb: { mappings: { kernel: { stage1: { wall: normal-wb } } } }
  nc: { mappings: { kernel: { stage1: { wall: normal-nc } } } }
  wt: { mappings: { kernel: { stage1: { wall: normal-wt } } } }
  regs: { mappings: { kernel: { stage1: { regs: normal-nc } } } }
  stage2: { mappings: { kernel: { stage1: { wall: normal-wb }, stage2: { ram: normal-wb, wall: normal-nc, regs: device-ngnre } } } }
  stage2-device: { mappings: { kernel: { stage1: { wall: normal-wb }, stage2: { ram: normal-wb, wall: device-ngnre, regs: device-ngnre } } } }
  uncached: { mappings: { kernel: { c: off, stage1: { wall: normal-wb } } } }
  off: { mappings: { kernel: { mmu: off, stage1: { wall: normal-nc } } } }
  on: { mappings: { kernel: { mmu: off, stage1: { wall: normal-nc } } } }
)";

const std::string kExecutable = R"(
schema: 1
scenario: test/executable
about: A firewalled range is mapped as Device memory from the start, or by a store.
memory:
  ram:    { base: 0x4000_0000, size: 4 KiB }
  wall:   { base: 0x5000_0000, size: 4 KiB, kind: firewalled }
  uart:   { base: 0x5000_1000, size: 4 KiB, kind: device }
  tables: { base: 0x9000_0000, size: 64 KiB }
mappings:
  k:
    tables: { at: tables }
    stage1: { ram: normal-wb, tables: normal-wb, wall: { attr: device-ngnre, xn: XN, valid: VALID }, uart: { attr: device-ngnre, xn: off } }
agents: { a: { core: 0 } }
program:
  a: |2
          ldr x0, [ram]
          mrs x3, sctlr_el1
    [wxn, user] orr x3, x3, #0x80000
    [wxn, user] msr sctlr_el1, x3
    [wxn, user] isb
          ldr x1, =desc(wall, device-ngnre)
    [plain] bic x1, x1, #0x60000000000000
    [wxn, user] bic x1, x1, #0x20000000000000
    [wxn] orr x1, x1, #0x40000000000000
    [user] bic x1, x1, #0x40000000000000
    [never] orr x1, x1, #0x60000000000000
          str x1, [pte(wall)]
          dsb ishst
          isb
variants: { plain: {}, wxn: {}, user: {}, never: {} }
)";

}  // namespace

TEST_CASE("a page that was mapped cacheable may be filled from the store of its descriptor on") {
  CHECK(test::ids(kMapped, "bug") == std::vector{HazardId::StaleCopy});
  CHECK(test::ids(kMapped, "fix").empty());
}

TEST_CASE("a page that was unmapped, with its TLB maintenance complete, is not filled any more") {
  CHECK(test::ids(kUnmapped, "gone").empty());
  for (const char* variant : {"mapped", "notlbi", "kept"}) {
    INFO(variant);
    CHECK(test::ids(kUnmapped, variant) == std::vector{HazardId::StaleCopy});
  }
}

TEST_CASE("a mapping as Normal memory of what must not be accessed is found at its store, cacheable or not") {
  for (const char* variant : {"wall", "wallnc"}) {
    INFO(variant);
    CHECK(test::ids(kMapped, variant) == std::vector{HazardId::ForbiddenTarget, HazardId::StaleCopy});
  }
}

TEST_CASE("without tables too, memory that speculation may read past the caches") {
  for (const char* variant : {"wb", "nc", "wt", "stage2", "uncached", "on"}) {
    INFO(variant);
    CHECK(test::ids(kDeclared, variant) == std::vector{HazardId::ForbiddenTarget});
  }
  CHECK(test::ids(kDeclared, "regs") == std::vector{HazardId::GatheredDevice});
  for (const char* variant : {"device", "stage2-device", "off"}) {
    INFO(variant);
    CHECK(test::ids(kDeclared, variant).empty());
  }
}

TEST_CASE("an alias in the tables of another agent on the same PE is no translation of the revoked one") {
  std::ifstream file(std::string(STALELINE_SOURCE_DIR) + "/scenarios/translation/C6-04-no-tlbi-on-unmap.yaml");
  std::string text{std::istreambuf_iterator<char>(file), {}};
  const auto unmap = text.find("    str      xzr, [pte(process:page)]");
  REQUIRE(unmap != std::string::npos);
  text.insert(unmap, "    ldr      x9, [page]\n");  // the kernel walks its own tables for the page
  CHECK(test::ids(text, "fix").empty());
  CHECK_FALSE(test::ids(text, "bug").empty());
}

TEST_CASE("instructions may be fetched from Device memory that is not execute-never") {
  const auto with = [](const char* xn, const char* valid, const char* variant) {
    std::string text = kExecutable;
    text.replace(text.find("XN"), 2, xn);
    text.replace(text.find("VALID"), 5, valid);
    return test::ids(text, variant);
  };
  for (const char* valid : {"on", "off"}) {
    INFO(valid);
    CHECK(with("off", valid, "plain") == std::vector{HazardId::ForbiddenTarget});
    CHECK(with("on", valid, "never").empty());
  }
  CHECK(with("off", "off", "wxn").empty());
  CHECK(with("off", "off", "user") == std::vector{HazardId::ForbiddenTarget});  // EL0 cannot write it
}
