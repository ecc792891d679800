// SPDX-License-Identifier: Apache-2.0
// Live ranges against counting them one by one: small ones and those of many pages, in the order in which they came.
#include "live_ranges.h"

#include <catch2/catch.hpp>
#include <map>
#include <random>

using namespace staleline;
using judge::LiveRanges;

TEST_CASE("a line is live where what began and ended there, in that order, leaves something") {
  std::mt19937_64 random(5);
  constexpr std::uint64_t kLines = 64 * 64;  // 64 pages
  for (int run = 0; run < 20; ++run) {
    LiveRanges ranges;
    std::map<std::uint64_t, std::array<int, 2>> expected;  // declared, by tables
    std::map<std::uint64_t, int> instructions;
    const auto agree = [&](std::uint64_t line) {
      const arm::PhysAddr at{line * 64};
      const auto counts = expected[line];
      if (ranges.node_live(at, 0) != (counts[0] > 0 || counts[1] > 0)) FAIL("run " << run << ", line " << line);
      if (ranges.instructions_live(at, event::PeId{1}) != (instructions[line] > 0)) FAIL("instructions, line " << line);
      if (ranges.node_live(at, 1) || ranges.instructions_live(at, event::PeId{0})) FAIL("another, line " << line);
    };
    for (int step = 0; step < 60; ++step) {
      const std::uint64_t first = random() % kLines;
      const std::uint64_t most = random() % 3 == 0 ? kLines : 130;  // small ones, and those of more than sixteen pages
      const std::uint64_t last = std::min(first + random() % most, kLines - 1);
      const std::uint64_t cut = random() % 64;  // the ends need not be those of lines
      const arm::PhysAddr begin{first * 64 + cut}, end{last * 64 + std::max<std::uint64_t>(cut, 1) + (first == last)};
      const bool tables = random() % 2 == 0;
      const int by = random() % 3 == 0 ? -1 : 1;
      if (tables && random() % 4 == 0) {
        ranges.end_tables(begin, end, 0);
        for (std::uint64_t line = first; line <= last; ++line) expected[line][1] = 0;
      } else {
        ranges.add({.begin = begin, .end = end, .pe = event::PeId{1}, .by = by, .tables = tables});
        for (std::uint64_t line = first; line <= last; ++line) {
          expected[line][tables ? 1 : 0] += by;
          instructions[line] += by;
        }
      }
      // The lines of few pages are asked for again and again, between the changes.
      for (int i = 0; i < 64; ++i) agree(random() % 4 * 64 + random() % 64);
    }
    for (std::uint64_t line = 0; line < kLines; ++line) agree(line);
  }
}
