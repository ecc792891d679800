// SPDX-License-Identifier: Apache-2.0
// Translation from the scenario to the hazard: merged tables, regimes of EL2, faults that nobody handles.
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;
using judge::HazardId;

const std::string kMerged = R"(
schema: 1
scenario: test/merge3
about: table entry broken, one TLBI VA, then a block that is read-only or elsewhere; the other pages still have TLB entries.
memory:
  big:   { base: 0x4000_0000, size: 2 MiB }
  other:  { base: 0x4020_0000, size: 2 MiB }
  tables: { base: 0x9000_0000, size: 64 KiB }
init:
  - { region: "other[0x10000..0x10040]", bytes: 0x99 }
mappings:
  kernel:
    tables: { at: tables, asid: 3 }
    stage1: { big: { attr: normal-wb }, other: {attr: normal-wb, block: 2m } }
agents:
  cpu: { core: 0 }
program:
  cpu: |2
        ldr x0, [big+0x10000]
        str xzr, [pte(big, 2)]
        dsb ishst
    [moved,ro,ro-mid,same] tlbi vae1is, big[0..4096]
    [moved-ok] tlbi rvae1is, big[..]
        dsb ish
    [ro-mid] isb
    [ro-mid] ldr x0, [big+0x10000]
    [moved,moved-ok] ldr x1, =0x40200701
    [ro,ro-mid] ldr x1, =0x40000781
    [same] ldr x1, =0x40000701
        str x1, [pte(big, 2)]
        dsb ishst
        isb
        ldr x0, [big+0x10000]
    [moved,moved-ok] .expect x0 == 0x9999999999999999
variants:
  moved: {}
  moved-ok: {}
  ro: {}
  ro-mid: {}
  same: {}
)";

const std::string kHost = R"(
schema: 1
scenario: test/e2h
about: VHE host kernel; TLBI by EL1 names at EL2 with E2H,TGE
memory:
  page:  { base: 0x4000_0000, size: 4 KiB }
  page2:  { base: 0x4000_1000, size: 4 KiB }
  tables: { base: 0x9000_0000, size: 64 KiB }
mappings:
  k:
    el: 2
    e2h: on
    tables: { at: tables, asid: 4 }
    stage1: { page: { attr: normal-wb, ng: on }, page2: normal-wb }
agents:
  cpu: { core: 0, view: k }
program:
  cpu: |2
      ldr x0, [page]
      str xzr, [pte(page)]
      dsb ishst
    [vmalle1] tlbi vmalle1is
    [vae1] tlbi vae1is, page
    [vaae1] tlbi vaae1is, page
    [vae2] tlbi vae2is, page
    [alle2] tlbi alle2is
    [aside1] mov x5, #0x4000000000000
    [aside1] tlbi aside1is, x5
    [alle1] tlbi alle1is
      dsb ish
      ldr x1, =desc(page2)
      str x1, [pte(page)]
      dsb ishst
      isb
      ldr x0, [page]
variants:
  vmalle1: {}
  vae1: {}
  vaae1: {}
  vae2: {}
  alle2: {}
  aside1: {}
  alle1: {}
)";

const std::string kUnhandled = R"(
schema: 1
scenario: test/nohandler
about: A stage 2 fault that nobody awaits.
memory:
  ram:   { base: 0x4000_0000, size: 4 KiB }
  stage2: { base: 0xa000_0000, size: 64 KiB }
mappings:
  host: { el: 2, stage1: { ram: normal-wb, stage2: normal-wb } }
  guest:
    mmu: off
    stage2:
      tables: { at: stage2, vmid: 3 }
      ram: { attr: normal-wb, valid: off }
agents:
  hyp: { core: 0, view: host }
  vcpu: { core: 0, view: guest }
program:
  hyp: |2
      .handoff vcpu
      nop
  vcpu: |2
      .await hyp.handoff
      str x1, [ram]
variants:
  a: {}
  norepair: {}
)";

const std::string kTwice = R"(
schema: 1
scenario: test/aborttwice
about: hypervisor handles one abort and resumes without repair; the guest faults again and nobody awaits it
memory:
  ram:   { base: 0x4000_0000, size: 4 KiB }
  stage2: { base: 0xa000_0000, size: 64 KiB }
mappings:
  host: { el: 2, stage1: { ram: normal-wb, stage2: normal-wb } }
  guest:
    mmu: off
    stage2:
      tables: { at: stage2, vmid: 3 }
      ram: { attr: normal-wb, valid: off }
agents:
  hyp: { core: 0, view: host }
  vcpu: { core: 0, view: guest }
program:
  hyp: |2
      .handoff vcpu
      .await vcpu.abort
      .handoff vcpu
  vcpu: |2
      .await hyp.handoff
      str x1, [ram]
variants:
  a: {}
  othercore: { agents: { vcpu: { core: 1 } } }
)";

const std::string kUnmended = R"(
schema: 1
scenario: test/vecself
about: an access-flag handler that does not repair; a loop that never ends
memory:
  ram:   { base: 0x4000_0000, size: 4 KiB }
  tables: { base: 0xa000_0000, size: 64 KiB }
mappings:
  k: 
    tables: { at: tables }
    stage1: { ram: {attr: normal-wb, af: off} }
agents:
  cpu: { core: 0}
program:
  cpu: |2
      .vector v
      ldr x0, [ram]
      b e
    v: eret
    e: nop
variants:
  norepair: {}
)";

// Hardware sets AF, in tables that are walked past the caches.
const std::string kUpdated = R"(
schema: 1
scenario: test/updated
memory:
  page: { base: 0x4000_0000, size: 4 KiB }
  tables: { base: 0x9000_0000, size: 64 KiB }
mappings:
  a: { tables: { at: tables, walk: normal-nc }, stage1: { page: { attr: normal-wb, af: off } } }
agents:
  a: { core: 0 }
program:
  a: |2
      mrs x9, tcr_el1
      orr x9, x9, #0x8000000000
      msr tcr_el1, x9
      isb
      ldr x0, [page]
variants:
  past: {}
  through: { mappings: { a: { tables: { walk: normal-wb } } } }
)";

}  // namespace

TEST_CASE("a table that became a block needs maintenance of every page that it mapped") {
  CHECK(test::ids(kMerged, "moved-ok").empty());
  for (const char* variant : {"moved", "ro"}) {
    INFO(variant);
    CHECK(test::ids(kMerged, variant) == std::vector{HazardId::BreakBeforeMake, HazardId::StaleWalk});
  }
}

TEST_CASE("TLB maintenance of EL1 acts on EL2&0 for a host with HCR_EL2.{E2H,TGE}") {
  for (const char* variant : {"vmalle1", "vae1", "vaae1", "vae2", "alle2", "aside1"}) {
    INFO(variant);
    CHECK(test::ids(kHost, variant).empty());
  }
  CHECK(test::ids(kHost, "alle1").size() == 2);
}

TEST_CASE("a stage 2 fault that no program awaits is the guest's, and one that none mends ends the run") {
  CHECK(test::ids(kUnhandled, "a") == std::vector{HazardId::TranslationFault});
  for (const char* variant : {"a", "othercore"}) {
    INFO(variant);
    CHECK(run::run(test::parse(kTwice).variant(variant), {}).limit == run::Limit::Deadlock);
  }
  CHECK(test::ids(kUnmended, "norepair") == std::vector{HazardId::NoProgress});
}

TEST_CASE("hardware cannot update what is walked Non-cacheable", "[run]") {
  CHECK(test::ids(kUpdated, "through").empty());
  const auto all = test::hazards(kUpdated, "past");
  REQUIRE(all.size() == 1);
  CHECK(all[0].hazard.id == HazardId::UnsupportedExclusive);
  CHECK_THAT(all[0].hazard.what, Catch::Contains("hardware update"));
  REQUIRE(all[0].hazard.fixes.size() == 1);
  CHECK_THAT(all[0].hazard.fixes[0].operation, Catch::Contains("walked Write-Back"));
}
