// SPDX-License-Identifier: Apache-2.0
// The number grammar, from both sides.
#include "staleline/a64/number.h"

#include <catch2/catch.hpp>

using staleline::a64::parse_number;

TEST_CASE("numbers have the value that they spell") {
  const std::pair<const char*, std::uint64_t> table[] = {
      {"0", 0},
      {"7", 7},
      {"1_000", 1000},
      {"18446744073709551615", 0xffff'ffff'ffff'ffff},
      {"0x0", 0},
      {"0x00", 0},
      {"0x4000_0000", 0x4000'0000},
      {"0xffff_0000_4008_0000", 0xffff'0000'4008'0000},
      {"0xABCdef", 0xabcdef},
      {"64 KiB", 65536},
      {"64KiB", 65536},
      {"64 MiB", 64ULL << 20},
      {"0x10 GiB", 16ULL << 30},
      {"17179869183 GiB", 17179869183ULL << 30},
      {"0 KiB", 0},
  };
  for (const auto& [text, value] : table) {
    INFO(text);
    const auto parsed = parse_number(text);
    REQUIRE(std::holds_alternative<std::uint64_t>(parsed));
    CHECK(std::get<std::uint64_t>(parsed) == value);
  }
}

TEST_CASE("what is no number says why") {
  const std::pair<const char*, const char*> table[] = {
      {"", "missing"},
      {"-1", "negative"},
      {"+1", "not a number"},
      {"010", "leading zero"},
      {"00", "leading zero"},
      {"01 KiB", "leading zero"},
      {"1_", "between two digits"},
      {"_1", "between two digits"},
      {"1__0", "between two digits"},
      {"0x_1", "between two digits"},
      {"0x1_", "between two digits"},
      {"0x", "no digits"},
      {"KiB", "no digits"},
      {"0xg", "not a number"},
      {"0X1", "not a number"},
      {"12a", "not a number"},
      {"1.5", "not a number"},
      {" 1", "not a number"},
      {"1 ", "not a number"},
      {"1  KiB", "not a number"},
      {"1 KB", "not a number"},
      {"1 kib", "not a number"},
      {"1 KiB KiB", "not a number"},
      {"0b1", "not a number"},
      {"18446744073709551616", "64 bits"},
      {"0x1_0000_0000_0000_0000", "64 bits"},
      {"99999999999999999999999999999999999999999999", "64 bits"},
      {"17179869184 GiB", "64 bits"},
      {"0x4000000000000000 KiB", "64 bits"},
      {"1\n2", "\\x0a"},
  };
  for (const auto& [text, fragment] : table) {
    INFO(text);
    const auto parsed = parse_number(text);
    REQUIRE(std::holds_alternative<std::string>(parsed));
    CHECK_THAT(std::get<std::string>(parsed), Catch::Contains(fragment));
  }
}
