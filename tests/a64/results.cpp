// SPDX-License-Identifier: Apache-2.0
// Data processing, loads, stores and atomics against what another implementation of A64 makes of them (results.py).
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

constexpr std::uint64_t kBase = 0x1000'0000, kBytes = 256;

bool is_access(std::uint32_t word) { return (word >> 25 & 5) == 4; }

/// A small index, with an upper half that UXTW and SXTW must not see.
std::uint64_t index(std::uint64_t value, unsigned option) {
  const std::uint64_t small = value % 5 - 2, size = value % 5 < 2 ? 0 - small : small;
  if (option == 2) return 0xabcd'ef01'0000'0000 | size;
  return option == 6 ? 0x1234'5678'0000'0000 | (small & 0xffff'ffff) : small;
}

Registers registers_of(std::uint64_t row, std::uint32_t word) {
  Registers r;
  for (std::size_t n = 0; n < 16; ++n) r.x[n] = initial(row, n);
  r.sp() = initial(row, 31);
  if (!is_access(word)) return r;
  r.x[14] = index(r.x[14], word >> 13 & 7);
  r.x[15] = r.sp() = kBase + kBytes / 2;
  return r;
}

Memory memory_of(std::uint64_t row) {
  Memory memory;
  for (std::uint64_t n = 0; n < kBytes / 8; ++n) memory.store(kBase + 8 * n, 8, initial(row, 32 + n % 31) ^ n);
  return memory;
}

void set_flags(Registers& r, std::uint64_t nzcv) {
  r.n = (nzcv & 8) != 0;
  r.z = (nzcv & 4) != 0;
  r.c = (nzcv & 2) != 0;
  r.v = (nzcv & 1) != 0;
}

}  // namespace

TEST_CASE("instructions change the registers and the memory that they change elsewhere, and to the same") {
  std::ifstream file(std::string(STALELINE_SOURCE_DIR) + "/tests/a64/results.txt");
  std::uint64_t row = 0, accesses = 0;
  for (std::string line; std::getline(file, line); ++row) {
    std::istringstream text(line);
    std::string digits, change;
    text >> digits;
    const auto word = static_cast<std::uint32_t>(std::stoul(digits, nullptr, 16));
    const auto i = decode(word, kDefaultCode);
    REQUIRE(i.has_value());
    Registers registers = registers_of(row, word);
    set_flags(registers, mixed(64 * row + 63) & 15);
    Registers expected = registers;
    Memory memory = memory_of(row), expected_memory = memory;
    while (text >> change) {
      std::istringstream value(change.substr(change.find('=') + 1));
      value >> std::hex;
      std::uint64_t first = 0, second = 0;
      value >> first;
      if (change.starts_with("nzcv")) {
        set_flags(expected, first);
      } else if (change.starts_with("memory")) {
        for (char mark = ':'; value >> mark >> second; value >> mark >> first)
          expected_memory.store(kBase + 8 * first, 8, second);
      } else if (const unsigned long number = std::stoul(change); number == 31) {
        expected.sp() = first;
      } else {
        expected.x.at(number) = first;
      }
    }
    INFO(line << ": " << text_of(*i, kDefaultCode));
    CHECK(run(Program{{*i}, {}}, registers, memory) == 1);
    CHECK(registers == expected);
    CHECK(memory.bytes == expected_memory.bytes);
    accesses += is_access(word) ? 1U : 0U;
  }
  CHECK(row > 2700);
  CHECK(accesses > 1000);
}
