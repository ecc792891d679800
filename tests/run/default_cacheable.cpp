// SPDX-License-Identifier: Apache-2.0
// HCR_EL2.DC: with stage 1 off, Normal Write-Back memory in place of Device memory (DDI 0487 D8.2.10, D17.2.48).
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;

const std::string kBuilt = R"(
schema: 1
scenario: test/built
about: A hypervisor builds a guest in its caches and cleans nothing; the guest runs with its MMU off.
memory:
  ram:    { base: 0x4000_0000, size: 4 KiB }
  wall:   { base: 0x4100_0000, size: 4 KiB, kind: firewalled }
  stage2: { base: 0xa000_0000, size: 128 KiB }
mappings:
  host: { el: 2, stage1: { ram: normal-wb, stage2: normal-wb } }
  guest: { mmu: off, dc: on, stage1: { ram: normal-wb } }
agents:
  host: { core: 0, view: host }
  guest: { core: 0, view: guest }
program:
  host: |2
      mov x0, #7
      str x0, [ram]
      .handoff guest
      .await guest
      ldr x1, [ram+8]
      .expect x1 == 9
  guest: |2
      .await host
      [m] mov x9, #1          // M alone: DC keeps stage 1 off
      [m] msr sctlr_el1, x9
      [m] isb
      ldr x1, [ram]
      .expect x1 == 7
      mov x0, #9
      str x0, [ram+8]
      .handoff host
variants:
  off: { mappings: { guest: { dc: off } } }
  declared: {}
  m: {}
  stage2: { mappings: { guest: { stage2: { ram: normal-wb } } } }
  stage2-nc: { mappings: { guest: { stage2: { ram: normal-nc } } } }
  wall: { mappings: { guest: { stage1: { wall: normal-wb } } } }
  tables:
    mappings: { tabled: { mmu: off, dc: on, stage2: { tables: { at: stage2, vmid: 3 }, ram: normal-wb } } }
    agents: { guest: { view: tabled } }
  tables-off:
    mappings: { tabled: { mmu: off, stage2: { tables: { at: stage2, vmid: 3 }, ram: normal-wb } } }
    agents: { guest: { view: tabled } }
)";

std::vector<judge::HazardId> found(const std::string& variant) {
  std::vector<judge::HazardId> ids;
  for (const auto& one : run::run(test::parse(kBuilt).variant(variant), {}).hazards) ids.push_back(one.hazard.id);
  return ids;
}

}  // namespace

TEST_CASE("HCR_EL2.DC takes the accesses of a guest with stage 1 off through the caches", "[run][dc]") {
  for (const char* variant : {"declared", "m", "stage2", "tables"}) {
    INFO(variant);
    CHECK(found(variant).empty());
  }
  for (const char* variant : {"off", "stage2-nc", "tables-off"}) {
    INFO(variant);
    const auto ids = found(variant);
    REQUIRE_FALSE(ids.empty());
    CHECK(ids.front() == judge::HazardId::StaleBelowCache);
  }
}

TEST_CASE("HCR_EL2.DC permits speculation with the MMU off", "[run][dc]") {
  CHECK(found("wall") == std::vector{judge::HazardId::ForbiddenTarget});
}
