// SPDX-License-Identifier: Apache-2.0
// Maintenance by VA where SCTLR_ELx.C or M changed between it and the accesses to its line.
#include <catch2/catch.hpp>

#include "load.h"

namespace {

using namespace staleline;
using judge::HazardId;

// A barrier is missing: none, before the switch, behind it.
const std::string kOff = R"(
schema: 1
scenario: test/off
about: A store through the caches, its line cleaned with them off.
memory: { ram: { base: 0x4000_0000, size: 64 } }
agents: { os: { core: 0 } }
program:
  os: |2
          mov x1, #1
          str x1, [ram]
    [before] dmb sy
          mov x9, #SCTLR
          msr sctlr_el1, x9
          isb
    [behind] dsb sy
          dc OPERATION, ram
          dsb sy
          ldr x2, [ram]
variants: { none: {}, before: {}, behind: {} }
)";

const std::string kOn = R"(
schema: 1
scenario: test/on
about: A line is invalidated with the caches off, and read through them.
memory: { ram: { base: 0x4000_0000, size: 64 } }
mappings: { boot: { mmu: off, stage1: { ram: normal-wb } } }
init: [ { region: ram, held: clean, by: os } ]
agents: { os: { core: 0, view: boot } }
program:
  os: |2
          mov x1, #1
          str x1, [ram]
          dmb sy
          dc ivac, ram
    [before] dsb sy
          mov x9, #0x1005
          msr sctlr_el1, x9
          isb
    [behind] dsb sy
          ldr x2, [ram]
variants: { none: {}, before: {}, behind: {} }
)";

std::string with(std::string text, const std::string& name, const std::string& value) {
  return text.replace(text.find(name), name.size(), value);
}

std::vector<HazardId> found(const std::string& text, const char* variant, std::uint64_t seed = 1) {
  run::Options options;
  options.seed = seed;
  const auto r = run::run(test::parse(text).variant(variant), options);
  CHECK(r.exit_code(true) != 4);
  std::vector<HazardId> ids;
  for (const auto& one : r.hazards) ids.push_back(one.hazard.id);
  return ids;
}

}  // namespace

TEST_CASE("a dc by VA with data caches off comes behind an own cacheable store by a barrier only") {
  for (const char* sctlr : {"0x1001", "0x1000"}) {
    for (const char* operation : {"cvac", "civac"}) {
      INFO(sctlr << ' ' << operation);
      const auto text = with(with(kOff, "SCTLR", sctlr), "OPERATION", operation);
      CHECK(found(text, "none") == std::vector{HazardId::StaleBelowCache});
      const auto r = run::run(test::parse(text).variant("none"), {});
      REQUIRE(r.hazards.at(0).hazard.fixes.size() == 1);
      CHECK(r.hazards[0].hazard.fixes[0].operation == "dmb sy");
      CHECK(r.hazards[0].hazard.fixes[0].before.value == 16);
      CHECK(found(text, "before").empty());
      CHECK(found(text, "behind").empty());
    }
  }
}

TEST_CASE("a cacheable load comes behind an own dc by VA with data caches off by a barrier only") {
  CHECK(found(kOn, "none") == std::vector{HazardId::StaleCopy});
  CHECK(found(kOn, "before").empty());
  CHECK(found(kOn, "behind").empty());
}
