// SPDX-License-Identifier: Apache-2.0
// Devices behind an SMMU whose driver forgets a command: the fixes name commands, faults name records.
#include <algorithm>
#include <catch2/catch.hpp>

#include "load.h"
#include "staleline/judge/hazard.h"

using namespace staleline;

namespace {

// The driver maps the page elsewhere; what stands for what it tells the SMMU is `@COMMANDS@`.
const std::string kRemap = R"(
schema: 1
scenario: test/remap
about: A page of a device's domain is moved, and the SMMU may hold the old translation.
memory:
  old:      { base: 0x8000_0000, size: 4 KiB }
  new:      { base: 0x8000_1000, size: 4 KiB }
  streams:  { base: 0x9000_0000, size: 1 KiB }
  contexts: { base: 0x9000_1000, size: 64 }
  commands: { base: 0x9000_2000, size: 4 KiB }
  tables:   { base: 0x9001_0000, size: 64 KiB }
mappings:
  kernel: { stage1: { old: normal-wb, new: normal-wb, streams: normal-wb, commands: normal-wb, tables: normal-wb } }
  domain:
    tables: { at: tables, asid: 9 }
    stage1: { old: { attr: normal-wb, va: 0x1_0000 }, new: { attr: normal-wb, va: 0x2_0000, valid: off } }
smmu:
  iommu: { base: 0x0905_0000, stream_table: streams, contexts: contexts, command_queue: commands }
agents:
  cpu: { core: 0, view: kernel }
  nic: { device: io-coherent, smmu: iommu, stream: 3, view: domain }
program:
  nic: |
    ldr x0, [old]
    .publish ran
    .await cpu
    ldr x0, [old]
  cpu: |
    .await nic.ran
    [bug,none,sync] str xzr, [pte(domain:old)]
    [entry] str xzr, [streams+192]
    dsb osh
    [none,sync] ldp x1, x2, =CMD_TLBI_NH_VA(domain:old, Leaf=1)
    [none,sync] stp x1, x2, [commands]
    [sync] ldp x1, x2, =CMD_SYNC()
    [sync] stp x1, x2, [commands+16]
    [none,sync] dsb osh
    [none] mov w9, #1
    [sync] mov w9, #2
    [none,sync] str w9, [iommu.CMDQ_PROD]
    [sync] .await iommu.sync
    [none] .delay 4000
    .doorbell nic
variants:
  bug: {}
  none: {}
  sync: {}
  entry: {}
)";

// The driver gives the stream's context other tables.
const std::string kOtherTables = R"(
schema: 1
scenario: test/other-tables
memory:
  old:      { base: 0x8000_0000, size: 4 KiB }
  new:      { base: 0x8000_1000, size: 4 KiB }
  streams:  { base: 0x9000_0000, size: 1 KiB }
  contexts: { base: 0x9000_1000, size: 64 }
  commands: { base: 0x9000_2000, size: 4 KiB }
  tables:   { base: 0x9001_0000, size: 64 KiB }
  second:   { base: 0x9002_0000, size: 64 KiB }
mappings:
  kernel: { stage1: { old: normal-wb, new: normal-wb, streams: normal-wb, contexts: normal-wb, commands: normal-wb } }
  domain:
    tables: { at: tables, asid: 9 }
    stage1: { old: { attr: normal-wb, va: 0x1_0000, ng: on } }
  other:
    tables: { at: second, asid: 9 }
    stage1: { new: { attr: normal-wb, va: 0x1_0000, ng: on } }
smmu:
  iommu: { base: 0x0905_0000, stream_table: streams, contexts: contexts, command_queue: commands }
agents:
  cpu: { core: 0, view: kernel }
  nic: { device: io-coherent, smmu: iommu, stream: 3, view: domain }
program:
  nic: |
    ldr x0, [old]
    .publish ran
    .await cpu
    ldr x0, [old]
  cpu: |
    .await nic.ran
    mov x1, #0x9002_0000
    str x1, [contexts+8]
    [blocked] str xzr, [streams+192]
    [blocked] mov x1, #1
    [blocked] str x1, [streams+192]
    [blocked] ldp x1, x2, =CMD_CFGI_STE(nic, Leaf=1)
    [bug,fix] ldp x1, x2, =CMD_CFGI_CD(nic, Leaf=1)
    [bug,fix,blocked] stp x1, x2, [commands]
    [fix] ldp x1, x2, =CMD_TLBI_NH_ASID(domain)
    [bug,blocked] ldp x1, x2, =CMD_SYNC()
    [bug,fix,blocked] stp x1, x2, [commands+16]
    [fix] ldp x1, x2, =CMD_SYNC()
    [fix] stp x1, x2, [commands+32]
    dsb osh
    [bug,blocked] mov w9, #2
    [fix] mov w9, #3
    str w9, [iommu.CMDQ_PROD]
    .await iommu.sync
    .doorbell nic
variants:
  bug: {}
  fix: {}
  blocked: {}
)";

// The driver attaches the stream, and the SMMU may hold the entry that terminated all of it.
const std::string kAttach = R"(
schema: 1
scenario: test/attach
memory:
  old:      { base: 0x8000_0000, size: 4 KiB }
  streams:  { base: 0x9000_0000, size: 1 KiB }
  contexts: { base: 0x9000_1000, size: 64 }
  commands: { base: 0x9000_2000, size: 4 KiB }
  tables:   { base: 0x9001_0000, size: 64 KiB }
mappings:
  kernel: { stage1: { old: normal-wb, streams: normal-wb, contexts: normal-wb, commands: normal-wb } }
  domain:
    tables: { at: tables, asid: 9 }
    stage1: { old: { attr: normal-wb, va: 0x1_0000 } }
smmu:
  iommu: { base: 0x0905_0000, stream_table: streams, contexts: contexts, command_queue: commands }
agents:
  cpu: { core: 0, view: kernel }
  nic: { device: io-coherent, smmu: iommu, stream: 3, view: domain }
program:
  nic: |
    .await cpu
    [held] ldr x0, [old]
    [held] .publish ran
    [held] .await cpu
    ldr x0, [old]
  cpu: |
    ldr x2, [streams+192]
    mov x1, #1
    str x1, [streams+192]
    dsb osh
    .doorbell nic
    [held] .await nic.ran
    [held] str x2, [streams+192]
    [held] dsb osh
    [held] .doorbell nic
variants:
  terminated: {}
  held: {}
)";

// Before any access of the device the driver gives its context other tables (`cd`), its stream another configuration
// (`ste`), replaces a page without a break (`page`), or maps one (`map`).
const std::string kUnused = R"(
schema: 1
scenario: test/unused
memory:
  old:      { base: 0x8000_0000, size: 4 KiB }
  new:      { base: 0x8000_1000, size: 4 KiB }
  streams:  { base: 0x9000_0000, size: 1 KiB }
  contexts: { base: 0x9000_1000, size: 64 }
  commands: { base: 0x9000_2000, size: 4 KiB }
  tables:   { base: 0x9001_0000, size: 64 KiB }
  second:   { base: 0x9002_0000, size: 64 KiB }
mappings:
  kernel: { stage1: { old: normal-wb, new: normal-wb, streams: normal-wb, contexts: normal-wb, commands: normal-wb, tables: normal-wb } }
  domain:
    tables: { at: tables, asid: 9 }
    stage1: { old: { attr: normal-wb, va: 0x1_0000, ng: on }, new: { attr: normal-wb, va: 0x2_0000, ng: on, valid: off } }
  other:
    tables: { at: second, asid: 10 }
    stage1: { new: { attr: normal-wb, va: 0x1_0000, ng: on } }
smmu:
  iommu: { base: 0x0905_0000, stream_table: streams, contexts: contexts, command_queue: commands }
agents:
  cpu: { core: 0, view: kernel }
  nic: { device: io-coherent, smmu: iommu, stream: 3, view: domain }
program:
  nic: |
    .await cpu
    ldr x0, [old]
    [map] ldr x0, [new]
  cpu: |
    [cd-bug,cd-other,cd-fix,cd-all] ldr x0, [contexts]
    [cd-bug,cd-other,cd-fix,cd-all] mov x1, #10
    [cd-bug,cd-other,cd-fix,cd-all] bfi x0, x1, #48, #16
    [cd-bug,cd-other,cd-fix,cd-all] ldr x2, =0x9002_0000
    [cd-bug,cd-other,cd-fix,cd-all] str x2, [contexts+8]
    [cd-bug,cd-other,cd-fix,cd-all] str x0, [contexts]
    [ste-bug,ste-fix] mov x0, #9
    [ste-bug,ste-fix] str x0, [streams+192]
    [page-bug,page-fix] ldr x0, [pte(domain:old)]
    [page-fix] str xzr, [pte(domain:old)]
    [page-bug] eor x0, x0, #0x1000
    [page-bug] str x0, [pte(domain:old)]
    [map] ldr x0, =desc(domain:new, normal-wb)
    [map] orr x0, x0, #0x800
    [map] str x0, [pte(domain:new)]
    [cd-other] ldp x1, x2, =CMD_CFGI_CD(StreamID=4, Leaf=1)
    [cd-fix] ldp x1, x2, =CMD_CFGI_CD(nic, Leaf=1)
    [cd-all,ste-fix] ldp x1, x2, =CMD_CFGI_ALL()
    [page-bug,page-fix] ldp x1, x2, =CMD_TLBI_NH_VA(domain:old, Leaf=1)
    [cd-other,cd-fix,cd-all,ste-fix,page-bug,page-fix] stp x1, x2, [commands]
    [cd-other,cd-fix,cd-all,ste-fix,page-bug,page-fix] ldp x1, x2, =CMD_SYNC()
    [cd-other,cd-fix,cd-all,ste-fix,page-bug,page-fix] stp x1, x2, [commands+16]
    dsb osh
    [cd-other,cd-fix,cd-all,ste-fix,page-bug,page-fix] mov w9, #2
    [cd-other,cd-fix,cd-all,ste-fix,page-bug,page-fix] str w9, [iommu.CMDQ_PROD]
    [cd-other,cd-fix,cd-all,ste-fix,page-bug,page-fix] .await iommu.sync
    [page-fix] eor x0, x0, #0x1000
    [page-fix] str x0, [pte(domain:old)]
    [page-fix] dsb osh
    .doorbell nic
variants:
  cd-bug: { hazards: [ { id: SL104, agent: nic, region: contexts } ] }
  cd-other: { hazards: [ { id: SL104, agent: nic, region: contexts } ] }
  cd-fix: {}
  cd-all: {}
  ste-bug: { hazards: [ { id: SL104, agent: nic, region: streams } ] }
  ste-fix: {}
  page-bug: { hazards: [ { id: SL602, agent: cpu } ] }
  page-fix: {}
  map: {}
)";

// The driver revokes a page that stays mapped; what it takes away is the way to the tables.
const std::string kCutOff = R"(
schema: 1
scenario: test/cut-off
memory:
  page:     { base: 0x8000_0000, size: 4 KiB }
  streams:  { base: 0x9000_0000, size: 1 KiB }
  contexts: { base: 0x9000_1000, size: 64 }
  commands: { base: 0x9000_2000, size: 4 KiB }
  tables:   { base: 0x9001_0000, size: 64 KiB }
mappings:
  kernel: { stage1: { page: normal-wb, streams: normal-wb, contexts: normal-wb, commands: normal-wb } }
  domain: { tables: { at: tables, asid: 9 }, stage1: { page: { attr: normal-wb, ng: on } } }
smmu:
  iommu: { base: 0x0905_0000, stream_table: streams, contexts: contexts, command_queue: commands }
agents:
  cpu: { core: 0, view: kernel }
  nic: { device: io-coherent, smmu: iommu, stream: 3, view: domain }
program:
  nic: |
    .await cpu
    .fill page[0..64], 1
    .publish ran
  cpu: |
    .grant nic, page
    .doorbell nic
    .await nic.ran
    [cd,cd-held] str xzr, [contexts]
    [ste,ste-held] mov x1, #1
    [ste,ste-held] str x1, [streams+192]
    [cd] ldp x1, x2, =CMD_CFGI_CD(nic, Leaf=1)
    [ste] ldp x1, x2, =CMD_CFGI_STE(nic, Leaf=1)
    [cd,ste] stp x1, x2, [commands]
    [none,cd-held,ste-held] ldp x1, x2, =CMD_TLBI_NH_ASID(domain)
    [none,cd-held,ste-held] stp x1, x2, [commands]
    ldp x1, x2, =CMD_SYNC()
    stp x1, x2, [commands+16]
    dsb osh
    mov w9, #2
    str w9, [iommu.CMDQ_PROD]
    .await iommu.sync
    .revoke nic, page
variants:
  none: { hazards: [ { id: SL701, agent: nic } ] }
  cd: {}
  cd-held: { hazards: [ { id: SL701, agent: nic } ] }
  ste: {}
  ste-held: { hazards: [ { id: SL701, agent: nic } ] }
)";

const judge::Hazard* of_nic(const run::Result& r, judge::HazardId id) {
  const auto at = std::find_if(r.hazards.begin(), r.hazards.end(), [&](const auto& h) { return h.hazard.id == id; });
  return at == r.hazards.end() ? nullptr : &at->hazard;
}

std::string fixes_of(const judge::Hazard& h) {
  std::string all;
  for (const auto& f : h.fixes) all += f.operation + "\n";
  return all;
}

}  // namespace

TEST_CASE("what an SMMU holds is removed by its commands, and the fix names them", "[run][smmu]") {
  const auto document = test::parse(kRemap);
  const auto bug = run::run(document.variant("bug"), {});
  const auto* stale = of_nic(bug, judge::HazardId::StaleWalk);
  REQUIRE(stale != nullptr);
  CHECK(fixes_of(*stale) ==
        "// dsb osh, CMD_TLBI_NH_VA and CMD_SYNC in the command queue of the SMMU, and wait for that\n");
  const auto unsynchronised = run::run(document.variant("none"), {});
  const auto* incomplete = of_nic(unsynchronised, judge::HazardId::StaleWalk);
  REQUIRE(incomplete != nullptr);
  CHECK(fixes_of(*incomplete) == "// CMD_SYNC behind that command, and wait for it\n");
  const auto entry = run::run(document.variant("entry"), {});
  const auto* configuration = of_nic(entry, judge::HazardId::StaleWalk);
  REQUIRE(configuration != nullptr);
  CHECK_THAT(fixes_of(*configuration), Catch::Contains("CMD_CFGI_STE and CMD_SYNC"));
}

TEST_CASE("a refused access names the record that its SMMU makes", "[run][smmu]") {
  const auto unmapped = run::run(test::parse(kRemap).variant("sync"), {});
  const auto* fault = of_nic(unmapped, judge::HazardId::SmmuFault);
  REQUIRE(fault != nullptr);
  CHECK(of_nic(unmapped, judge::HazardId::StaleWalk) == nullptr);
  CHECK(fault->what == "is refused by its SMMU with F_TRANSLATION: the tables do not permit the access");
  const auto invalid = run::run(test::shipped("smmu/C6-12-stream-attached-live.yaml").variant("bug"), {});
  const auto* bad = of_nic(invalid, judge::HazardId::SmmuFault);
  REQUIRE(bad != nullptr);
  CHECK_THAT(bad->what, Catch::Contains("with C_BAD_STE:"));
}

TEST_CASE("other tables in a context descriptor need TLB maintenance besides CMD_CFGI_CD", "[run][smmu]") {
  const auto document = test::parse(kOtherTables);
  const auto bug = run::run(document.variant("bug"), {});
  const auto* stale = of_nic(bug, judge::HazardId::StaleWalk);
  REQUIRE(stale != nullptr);
  CHECK(stale->verdict == judge::Verdict::Observed);
  CHECK_THAT(fixes_of(*stale), Catch::Contains("CMD_TLBI_NH_ALL and CMD_SYNC"));
  CHECK(run::run(document.variant("fix"), {}).hazards.empty());
}

TEST_CASE("an access that the stream table entry terminates is refused without a record", "[run][smmu]") {
  const auto blocked = run::run(test::parse(kOtherTables).variant("blocked"), {});
  const auto* fault = of_nic(blocked, judge::HazardId::SmmuFault);
  REQUIRE(fault != nullptr);
  CHECK_THAT(fault->what, Catch::Contains("records nothing"));
}

TEST_CASE("an access that an older stream table entry terminates is stale, not refused", "[run][smmu]") {
  const auto document = test::parse(kAttach);
  const auto held = run::run(document.variant("held"), {});
  const auto* stale = of_nic(held, judge::HazardId::StaleWalk);
  REQUIRE(stale != nullptr);
  CHECK(stale->what == "is refused by an older stream table entry, which the SMMU still holds");
  CHECK(fixes_of(*stale).find("CMD_CFGI_STE") != std::string::npos);
  CHECK(std::count_if(held.hazards.begin(), held.hazards.end(),
                      [](const auto& h) { return h.hazard.id == judge::HazardId::SmmuFault; }) == 1);  // the first one
  const auto terminated = run::run(document.variant("terminated"), {});
  CHECK(of_nic(terminated, judge::HazardId::StaleWalk) == nullptr);
  CHECK(of_nic(terminated, judge::HazardId::SmmuFault) != nullptr);
}

TEST_CASE("an SMMU may hold what it could read, whether or not a device has used it", "[run][smmu]") {
  const auto document = test::parse(kUnused);
  for (const char* variant :
       {"cd-bug", "cd-other", "cd-fix", "cd-all", "ste-bug", "ste-fix", "page-bug", "page-fix", "map"}) {
    INFO(variant);
    const auto r = run::run(document.variant(variant), {});
    CHECK(r.missing.empty());
    CHECK(r.exit_code(false) == 0);
  }
}

TEST_CASE("a device is cut off by its stream table entry or its context descriptor", "[run][smmu]") {
  const auto document = test::parse(kCutOff);
  for (const char* variant : {"none", "cd", "cd-held", "ste", "ste-held"}) {
    INFO(variant);
    const auto r = run::run(document.variant(variant), {});
    CHECK(r.missing.empty());
    CHECK(r.exit_code(false) == 0);
  }
}
