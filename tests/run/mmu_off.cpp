// SPDX-License-Identifier: Apache-2.0
// Descriptors that change while stage 1 is off: nothing walks, and what TLB maintenance removes does not come back.
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;
using judge::HazardId;

// A page becomes another, or Non-cacheable, by one store, or through an invalid descriptor that no tlbi follows.
const std::string kOff = R"(
schema: 1
scenario: test/off
memory:
  pa: { base: 0x4000_0000, size: 4 KiB }
  pb: { base: 0x4000_1000, size: 4 KiB }
  tables: { base: 0x9000_0000, size: 64 KiB }
mappings: { fw: { tables: { at: tables }, stage1: { pa: normal-wb, pb: normal-wb } } }
agents: { os: { core: 0 } }
platform: { preset: cortex-a53, cores: 1 }
program:
  os: |2
          ldr x0, [pa]
          ldr x1, =NEW
          ldr x3, =pte(pa)
          mrs x8, sctlr_el1
          dc civac, x3
          dsb sy
          mov x10, #5
          bic x9, x8, x10
          msr sctlr_el1, x9
          isb
    [before,both,broken] tlbi vmalle1is
    [before,both,broken] dsb ish
    [before,both,broken] isb
    [another] tlbi vaae1is, pb
    [another] dsb ish
    [another] isb
    [broken] str xzr, [x3]
    [broken] dsb sy
          str x1, [x3]
          dmb sy
          dc ivac, x3
          dsb sy
    [after,both] tlbi vmalle1
    [after,both] dsb nsh
    [after,both] isb
          msr sctlr_el1, x8
          isb
          ldr x0, [pa]
variants: { before: {}, after: {}, both: {}, broken: {}, none: {}, another: {} }
)";

std::vector<HazardId> found(const std::string& descriptor, const char* variant) {
  std::string text = kOff;
  text.replace(text.find("NEW"), 3, descriptor);
  std::vector<HazardId> ids;
  for (const auto& one : run::run(test::parse(text).variant(variant), {}).hazards) ids.push_back(one.hazard.id);
  return ids;
}

}  // namespace

TEST_CASE("a descriptor that is replaced with stage 1 off needs TLB maintenance before it is on again, and no break") {
  for (const char* descriptor : {"desc(pb)", "desc(pa, normal-nc)"}) {
    for (const char* variant : {"before", "after", "both", "broken"}) {
      INFO(descriptor << ' ' << variant);
      CHECK(found(descriptor, variant).empty());
    }
    for (const char* variant : {"none", "another"}) {
      INFO(descriptor << ' ' << variant);
      CHECK(found(descriptor, variant) == std::vector{HazardId::BreakBeforeMake, HazardId::StaleWalk});
    }
  }
}
