// SPDX-License-Identifier: Apache-2.0
// Data processing instructions against what another implementation of A64 makes of them (results.py).
#include <fstream>
#include <sstream>

#include "harness.h"
#include "staleline/a64/decode.h"

using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

/// SplitMix64 of a number.
std::uint64_t mixed(std::uint64_t number) {
  std::uint64_t z = (number + 1) * 0x9e37'79b9'7f4a'7c15;
  z = (z ^ z >> 30) * 0xbf58'476d'1ce4'e5b9;
  z = (z ^ z >> 27) * 0x94d0'49bb'1331'11eb;
  return z ^ z >> 31;
}

/// As results.py has them.
std::uint64_t initial(std::uint64_t row, std::uint64_t number) {
  static constexpr std::uint64_t kCorners[] = {
      0, 1, 0x7fff'ffff, 0x8000'0000, 0xffff'ffff, 0x7fff'ffff'ffff'ffff, 0x8000'0000'0000'0000, 0xffff'ffff'ffff'ffff};
  const std::uint64_t value = mixed(64 * row + number), kind = value >> 60;
  if (kind < 5) return kCorners[value % 8];
  return kind < 8 ? value & 0xffff'ffff : value;
}

void set_flags(Registers& r, std::uint64_t nzcv) {
  r.n = (nzcv & 8) != 0;
  r.z = (nzcv & 4) != 0;
  r.c = (nzcv & 2) != 0;
  r.v = (nzcv & 1) != 0;
}

}  // namespace

TEST_CASE("data processing changes the registers that it changes elsewhere, and to the same") {
  std::ifstream file(std::string(STALELINE_SOURCE_DIR) + "/tests/a64/results.txt");
  std::uint64_t row = 0;
  for (std::string line; std::getline(file, line); ++row) {
    std::istringstream text(line);
    std::string word, change;
    text >> word;
    const auto i = decode(static_cast<std::uint32_t>(std::stoul(word, nullptr, 16)), {0});
    REQUIRE(i.has_value());
    Registers before;
    for (std::size_t n = 0; n < 16; ++n) before.x[n] = initial(row, n);
    before.sp = initial(row, 31);
    set_flags(before, mixed(64 * row + 63) & 15);
    Registers expected = before, after;
    while (text >> change) {
      const std::size_t equals = change.find('=');
      const std::uint64_t value = std::stoull(change.substr(equals + 1), nullptr, 16);
      if (change.starts_with("nzcv")) {
        set_flags(expected, value);
      } else if (const unsigned long number = std::stoul(change); number == 31) {
        expected.sp = value;
      } else {
        expected.x.at(number) = value;
      }
    }
    CHECK(issue(*i, {0}, before, after).what == Step::What::Next);
    INFO(line << ": " << text_of(*i, {0}));
    CHECK(after == expected);
  }
  CHECK(row > 1600);
}
