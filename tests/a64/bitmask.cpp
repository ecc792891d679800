// SPDX-License-Identifier: Apache-2.0
// Bitmask immediates: every encoding there is gives a valid value, and nothing else is valid.
#include <random>
#include <set>

#include "harness.h"

using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

/// Every value that N, immr, imms can encode, from the pseudocode's `DecodeBitMasks`.
std::set<std::uint64_t> encodable(unsigned register_bits) {
  std::set<std::uint64_t> values;
  for (unsigned size = 2; size <= register_bits; size *= 2) {
    for (unsigned length = 1; length < size; ++length) {
      for (unsigned rotation = 0; rotation < size; ++rotation) {
        std::uint64_t value = 0;
        for (unsigned bit = 0; bit < register_bits; ++bit) {
          if ((bit % size + rotation) % size < length) value |= std::uint64_t{1} << bit;
        }
        values.insert(value);
      }
    }
  }
  return values;
}

}  // namespace

TEST_CASE("there are 5334 bitmask immediates of 64 bits and 1302 of 32, all accepted") {
  const auto wide = encodable(64), narrow = encodable(32);
  REQUIRE(wide.size() == 5334);
  REQUIRE(narrow.size() == 1302);
  for (const std::uint64_t v : wide) REQUIRE(is_bitmask_immediate(v, true));
  for (const std::uint64_t v : narrow) REQUIRE(is_bitmask_immediate(v, false));
}

TEST_CASE("neighbours of bitmask immediates and random values are refused unless encodable") {
  const auto wide = encodable(64), narrow = encodable(32);
  std::mt19937_64 random(7);
  const auto check = [&](std::uint64_t v) {
    REQUIRE(is_bitmask_immediate(v, true) == wide.contains(v));
    REQUIRE(is_bitmask_immediate(v, false) == narrow.contains(v));
  };
  for (const std::uint64_t v : wide) {
    for (unsigned bit = 0; bit < 64; ++bit) check(v ^ std::uint64_t{1} << bit);
    check(v + 1);
    check(~v);
  }
  for (unsigned n = 0; n < 100'000; ++n) check(random() & random());
  for (std::uint64_t v = 0; v < 0x1'0000; ++v) check(v);
}

TEST_CASE("logical instructions take bitmask immediates only") {
  CHECK(instruction_of("and x0, x1, #0xff").immediate == 0xff);
  CHECK(instruction_of("orr w0, w1, #-2").immediate == 0xffff'fffe);
  CHECK(instruction_of("eor x0, x1, #-2").immediate == ~std::uint64_t{1});
  for (const char* text : {"and x0, x1, #5", "orr w0, w1, #0", "tst x1, #-1", "eor w0, w1, #0xffff_ffff"}) {
    INFO(text);
    const Assembled a = assembled(text);
    REQUIRE(a.problems.size() == 1);
    CHECK_THAT(a.problems[0].message, Catch::Contains("no bitmask immediate"));
  }
  CHECK_THAT(assembled("and w0, w1, #0x1_0000_0000").problems.at(0).message, Catch::Contains("32-bit register"));
}
