// SPDX-License-Identifier: Apache-2.0
// Contiguous runs from the scenario to the hazard: a TLB may answer for every page of a run by an entry that was made
// of any of its descriptors.
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;
using judge::HazardId;
using judge::Verdict;

// The run is broken, invalidated in one of several ways, and made again, contiguous or not.
const std::string kRemade = R"(
schema: 1
scenario: test/remade
about: A contiguous run is broken and made again.
memory:
  ram:    { base: 0x8000_0000, size: 64 KiB }
  tables: { base: 0x9000_0000, size: 64 KiB }
mappings:
  kernel:
    tables: { at: tables, asid: 5 }
    stage1:
      ram: { attr: normal-wb, contiguous: on }
agents:
  cpu: { core: 0 }
program:
  cpu: |2
          ldr  x0, [ram]
          adr  x2, pte(ram)
          mov  x3, #16
    l1:   str  xzr, [x2], #8
          subs x3, x3, #1
          b.ne l1
          dsb ishst
    [pages, most] ldr x4, =0x80000
    [pages] mov x3, #16
    [most]  mov x3, #15
    [pages, most] l2: tlbi vaae1is, x4
    [pages, most] add x4, x4, #1
    [pages, most] subs x3, x3, #1
    [pages, most] b.ne l2
    [range] tlbi rvae1is, ram[..]
    [rangea, single] tlbi rvaae1is, ram[..]
    [all] tlbi vmalle1is
    [one] tlbi vaae1is, ram+0
          dsb ish
          ldr  x1, =desc(ram, normal-wb)
    [single] bic x1, x1, #0x10000000000000
          adr  x2, pte(ram)
          mov  x3, #16
    loop: str  x1, [x2], #8
          add  x1, x1, #4096
          subs x3, x3, #1
          b.ne loop
          dsb ishst
          isb
          ldr  x0, [ram+0xf000]
variants:
  pages: {}
  range: {}
  rangea: {}
  all: {}
  single: {}
  one: {}
  most: {}
  none: {}
)";

// One page alone is taken out of the run, with the maintenance that would do for a page of its own.
const std::string kOnePage = R"(
schema: 1
scenario: test/one-page
about: One page of a contiguous run is changed.
memory:
  ram:    { base: 0x8000_0000, size: 64 KiB }
  other:  { base: 0x8100_0000, size: 4 KiB }
  tables: { base: 0x9000_0000, size: 64 KiB }
init:
  - { region: other, bytes: 0x22 }
mappings:
  kernel:
    tables: { at: tables }
    stage1: { ram: { attr: normal-wb, contiguous: on }, other: normal-wb }
agents: { cpu: { core: 0 } }
program:
  cpu: |2
          ldr  x0, [ram]
          str  xzr, [pte(ram+0x5000)]
          dsb  ishst
    [tlbi] tlbi vaae1is, ram+0x5000
    [tlbi] dsb ish
          ldr  x1, =0x8100_0703
          str  x1, [pte(ram+0x5000)]
          dsb  ishst
          isb
    [tlbi] ldr x0, [ram]
          ldr  x0, [ram+0x5000]
variants:
  none: {}
  tlbi: {}
)";

bool has(const run::Result& r, HazardId id, std::optional<Verdict> verdict = std::nullopt) {
  for (const auto& found : r.hazards)
    if (found.hazard.id == id && (!verdict || found.hazard.verdict == *verdict)) return true;
  return false;
}

}  // namespace

TEST_CASE("a contiguous run that was broken and invalidated page by page, by range or whole is silent") {
  for (const char* variant : {"pages", "range", "rangea", "all", "single"}) {
    INFO(variant);
    CHECK(run::run(test::parse(kRemade).variant(variant), {}).hazards.empty());
  }
}

TEST_CASE("a contiguous run of which some page was not invalidated is break-before-make, and may be stale there") {
  for (const char* variant : {"one", "most", "none"}) {
    INFO(variant);
    const auto r = run::run(test::parse(kRemade).variant(variant), {});
    if (variant == std::string("one")) CHECK(has(r, HazardId::BreakBeforeMake));
    CHECK(has(r, HazardId::StaleWalk));
  }
}

TEST_CASE("a page cannot be taken out of a contiguous run by maintenance of that page") {
  const auto none = run::run(test::parse(kOnePage).variant("none"), {});
  CHECK(has(none, HazardId::BreakBeforeMake));
  CHECK(has(none, HazardId::StaleWalk, Verdict::Observed));
  const auto tlbi = run::run(test::parse(kOnePage).variant("tlbi"), {});
  CHECK(has(tlbi, HazardId::BreakBeforeMake));
  CHECK(has(tlbi, HazardId::StaleWalk));
}
