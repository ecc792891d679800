// SPDX-License-Identifier: Apache-2.0
// Spelling of places, spans and bytes; quoting of program lines.
#include "places.h"

#include <catch2/catch.hpp>

#include "fixture.h"

using namespace staleline;
using namespace staleline::report;

TEST_CASE("the innermost region names an address") {
  const auto& s = test::stale_image();
  CHECK(spelled(s, arm::PhysAddr{0x4008'0000}) == "image+0x0");
  CHECK(spelled(s, arm::PhysAddr{0x4008'00ff}) == "image+0xff");
  CHECK(spelled(s, arm::PhysAddr{0x4008'0100}) == "ram+0x80100");
  CHECK(spelled(s, arm::PhysAddr{0x1000}) == "0x1000");
}

TEST_CASE("a span is spelled as a program would") {
  auto s = test::stale_image();
  const auto at = [](std::uint64_t a) { return arm::PhysAddr{a}; };
  CHECK(spelled_span(s, at(0x4008'0000), 256, 1) == "image[..]");
  CHECK(spelled_span(s, at(0x4008'0040), 64, 1) == "image[64..128]");
  CHECK(spelled_span(s, at(0x4008'0000), 512, 1) == "ram[0x80000..0x80200]");
  CHECK(spelled_span(s, at(0x4000'0000), 64 << 20, {}) == "ram[..]");
  CHECK(spelled_span(s, at(0x1000), 64, {}) == "0x1000 to 0x1040");
  CHECK(spelled_span(s, at(0x4008'0000), 250, 1) == "image[..]");  // the same lines
  SECTION("whole lines around a small region are that region") {
    s.regions.push_back({"count", arm::PhysAddr{0x4008'0028}, 8, {}});
    CHECK(spelled_span(s, at(0x4008'0000), 64, 2) == "count[..]");
    CHECK(spelled_span(s, at(0x4008'0000), 64, 1) == "image[0..64]");
  }
  SECTION("a range beyond every region is cut to the one that shares most") {
    CHECK(spelled_span(s, at(0x43ff'ff00), 512, {}) == "ram[0x3ffff00..0x4000000]");
  }
}

TEST_CASE("bytes are a little-endian number where they are one") {
  const std::array<std::uint8_t, 16> bytes{1, 2, 3, 4, 5, 6, 7, 8};
  CHECK(spelled_bytes(bytes, 1) == "0x01");
  CHECK(spelled_bytes(bytes, 4) == "0x04030201");
  CHECK(spelled_bytes(bytes, 8) == "0x0807060504030201");
  CHECK(spelled_bytes(bytes, 3) == "01 02 03");
  std::array<std::uint8_t, 16> same{};
  same.fill(0xee);
  CHECK(spelled_bytes(same, 16) == "16 x 0xee");
  CHECK(spelled_bytes(same, 3) == "ee ee ee");
}

TEST_CASE("a quoted line starts at its instruction") {
  scenario::Scenario s;
  s.source_lines = {"          ldr x0, [a]   // why",
                    "    [fix] dsb sy",
                    "   top:  ldr x0, [a]",
                    "  [a,b] l: nop",
                    "          .copy a, payload(b)[0..8]",
                    "",
                    "\tisb\r",
                    "          // nothing"};
  const auto q = [&](std::uint32_t line) { return quoted(s, event::SourceLine{line}); };
  CHECK(q(1).column == 11);
  CHECK(q(1).length == 11);
  CHECK(q(2).column == 11);
  CHECK(q(2).lead == "    [fix] ");
  CHECK(q(3).column == 10);
  CHECK(q(3).lead == "         ");
  CHECK(q(4).column == 12);
  CHECK(q(4).lead == "  [a,b]    ");
  CHECK(q(5).length == 25);
  CHECK(q(6).length == 0);
  CHECK(q(7).text == " isb");
  CHECK(q(8).length == 1);
  CHECK(q(99).length == 0);
}
