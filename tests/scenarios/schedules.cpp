// SPDX-License-Identifier: Apache-2.0
// The hazards of a scenario, by id and reader, are the same on every schedule; only whether one was
// observed may differ.
#include <catch2/catch.hpp>

#include "shipped.h"

namespace staleline::test {
namespace {

constexpr double kUsual = 20;     // what --adversary means without a rate
constexpr double kRare = 1;       // for millions of cycles
constexpr double kHostile = 400;  // events per thousand cycles

run::Options with(std::optional<double> adversary, std::uint64_t seed = 1, event::Cycle window = 0,
                  bool reverse_agents = false) {
  run::Options options;
  options.adversary = adversary;
  options.seed = seed;
  options.window = window;
  options.reverse_agents = reverse_agents;
  return options;
}

void same_hazards(const Shipped& s, std::uint64_t first_seed, std::uint64_t seeds, double rate) {
  const auto document = s.document();
  for (const auto& name : document.variants()) {
    const auto& variant = document.variant(name);
    const FoundSet calm = found_in(run::run(variant, {}));
    for (std::uint64_t seed = first_seed; seed < first_seed + seeds; ++seed) {
      CAPTURE(s.name(), name, seed, rate);
      const auto result = run::run(variant, with(rate, seed));
      CHECK(found_in(result) == calm);
      CHECK(result.exit_code(false) == 0);
      CHECK(result.exit_code(true) == (is_bug(name) ? 1 : 0));
    }
  }
}

TEST_CASE("an adversary changes no hazard") {
  for (const auto& s : shipped()) {
    same_hazards(s, 1, s.big() ? 1 : 10, s.big() ? kRare : kUsual);
    if (!s.big()) same_hazards(s, 1, 3, kHostile);
  }
}

TEST_CASE("a hundred seeds of an adversary change no hazard", "[slow]") {
  for (const auto& s : shipped()) {
    same_hazards(s, 1, s.big() ? 10 : 100, s.big() ? kRare : kUsual);
    if (!s.big()) same_hazards(s, 101, 20, kHostile);
  }
}

// Exact: the run-ahead window and the order of visits are no part of the schedule.
bool same(const run::Result& a, const run::Result& b) {
  if (a.statistics.cycles != b.statistics.cycles || a.statistics.fills != b.statistics.fills ||
      a.statistics.write_backs != b.statistics.write_backs || a.statistics.memory_reads != b.statistics.memory_reads ||
      a.hazards.size() != b.hazards.size() || a.expect_failures.size() != b.expect_failures.size()) {
    return false;
  }
  for (std::size_t i = 0; i < a.hazards.size(); ++i) {
    const auto &x = a.hazards[i].hazard, &y = b.hazards[i].hazard;
    if (x.id != y.id || x.verdict != y.verdict || x.agent != y.agent || x.line != y.line || x.cycle != y.cycle ||
        x.address != y.address || x.bytes != y.bytes || x.saw != y.saw || x.should != y.should) {
      return false;
    }
  }
  return true;
}

TEST_CASE("the run-ahead window and the order of visits change nothing") {
  for (const auto& s : shipped()) {
    const auto document = s.document();
    for (const auto& name : document.variants()) {
      const auto& variant = document.variant(name);
      for (const std::optional<double> adversary : {std::optional<double>{}, std::optional<double>{kUsual}}) {
        if (s.big() && (adversary || name != "bug")) continue;
        CAPTURE(s.name(), name, adversary.value_or(0));
        const auto largest = run::run(variant, with(adversary));
        CHECK(same(largest, run::run(variant, with(adversary, 1, 1))));
        CHECK(same(largest, run::run(variant, with(adversary, 1, 0, true))));
        if (s.big()) continue;
        CHECK(same(largest, run::run(variant, with(adversary, 1, 1, true))));
        CHECK(same(largest, run::run(variant, with(adversary, 1, 3))));
      }
    }
  }
}

}  // namespace
}  // namespace staleline::test
