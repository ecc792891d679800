// SPDX-License-Identifier: Apache-2.0
// Values of carries, two-word shifts, long products, counts, reversals and CRC32.
#include <bit>

#include "harness.h"

using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

std::uint64_t result(const std::string& text, std::uint64_t x1 = 0, std::uint64_t x2 = 0, std::uint64_t x3 = 0) {
  Registers r;
  r.x[1] = x1;
  r.x[2] = x2;
  r.x[3] = x3;
  return executed(text, r).x[0];
}

__extension__ typedef unsigned __int128 Wide;  // NOLINT(modernize-use-using): an alias cannot be an extension
__extension__ typedef __int128 SignedWide;     // NOLINT(modernize-use-using)

SignedWide as_signed(std::uint64_t v) { return static_cast<std::int64_t>(v); }
std::uint64_t word(std::uint64_t v) { return v & 0xffff'ffff; }
std::uint64_t signed_word(std::uint64_t v) {
  return static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(v & 0xffff'ffff)});
}

}  // namespace

TEST_CASE("additions and subtractions with carry are those of wider numbers") {
  for (const std::uint64_t a : corners()) {
    for (const std::uint64_t b : corners()) {
      // 128-bit sums and differences in two halves, of 7:a and 1:b.
      Registers r;
      r.x[1] = a, r.x[2] = b, r.x[3] = 7, r.x[4] = 1;
      const Registers sum = executed("adds x5, x1, x2\nadcs x6, x3, x4", r);
      const Wide expected = (Wide{7} << 64 | a) + (Wide{1} << 64 | b);
      REQUIRE(sum.x[5] == static_cast<std::uint64_t>(expected));
      REQUIRE(sum.x[6] == static_cast<std::uint64_t>(expected >> 64));
      const Registers difference = executed("subs x5, x1, x2\nsbc x6, x3, x4", r);
      const Wide less = (Wide{7} << 64 | a) - (Wide{1} << 64 | b);
      REQUIRE(difference.x[6] == static_cast<std::uint64_t>(less >> 64));
      const Registers negated = executed("negs x5, x1\nngc x6, x3", r);
      REQUIRE(negated.x[6] == static_cast<std::uint64_t>((Wide{0} - (Wide{7} << 64 | a)) >> 64));
      // Flags of ADCS and SBCS are those of ADDS and SUBS where the carry is neutral.
      Registers flags = r;
      flags.c = false;
      const Registers plain = executed("adds w0, w1, w2", flags), carried = executed("adcs w0, w1, w2", flags);
      REQUIRE(plain == carried);
      flags.c = true;
      REQUIRE(executed("subs x0, x1, x2", flags) == executed("sbcs x0, x1, x2", flags));
    }
  }
}

TEST_CASE("extr takes a window of two registers, ror of one") {
  for (const std::uint64_t a : corners()) {
    for (const std::uint64_t b : corners()) {
      for (const unsigned lowest : {0U, 1U, 31U}) {
        const auto both = Wide{a} << 64 | b;
        REQUIRE(result("extr x0, x1, x2, #" + std::to_string(lowest + 32), a, b) ==
                static_cast<std::uint64_t>(both >> (lowest + 32)));
        REQUIRE(result("extr x0, x1, x2, #" + std::to_string(lowest), a, b) ==
                static_cast<std::uint64_t>(both >> lowest));
        REQUIRE(result("extr w0, w1, w2, #" + std::to_string(lowest), a, b) ==
                word((word(a) << 32 | word(b)) >> lowest));
        REQUIRE(result("ror x0, x1, #" + std::to_string(lowest), a) == std::rotr(a, static_cast<int>(lowest)));
      }
    }
  }
}

TEST_CASE("long products, their sums, and the upper halves of products") {
  for (const std::uint64_t a : corners()) {
    for (const std::uint64_t b : corners()) {
      const std::uint64_t c = 0x8000'0000'0000'0001;
      const std::uint64_t s = signed_word(a) * signed_word(b), u = word(a) * word(b);
      REQUIRE(result("smaddl x0, w1, w2, x3", a, b, c) == c + s);
      REQUIRE(result("umaddl x0, w1, w2, x3", a, b, c) == c + u);
      REQUIRE(result("smsubl x0, w1, w2, x3", a, b, c) == c - s);
      REQUIRE(result("umsubl x0, w1, w2, x3", a, b, c) == c - u);
      REQUIRE(result("smull x0, w1, w2", a, b) == s);
      REQUIRE(result("umnegl x0, w1, w2", a, b) == 0 - u);
      REQUIRE(result("umulh x0, x1, x2", a, b) == static_cast<std::uint64_t>(Wide{a} * b >> 64));
      REQUIRE(result("smulh x0, x1, x2", a, b) ==
              static_cast<std::uint64_t>(static_cast<Wide>(as_signed(a) * as_signed(b)) >> 64));
    }
  }
}

TEST_CASE("bits are counted and reversed") {
  std::vector<std::uint64_t> values = corners();
  for (unsigned bit = 0; bit < 64; ++bit) values.push_back(std::uint64_t{1} << bit | (bit % 3 == 0 ? 1U : 0U));
  for (const std::uint64_t v : values) {
    REQUIRE(result("clz x0, x1", v) == static_cast<unsigned>(std::countl_zero(v)));
    REQUIRE(result("clz w0, w1", v) == static_cast<unsigned>(std::countl_zero(static_cast<std::uint32_t>(v))));
    unsigned same = 0, same32 = 0;
    while (same < 63 && (v >> (62 - same) & 1) == v >> 63) ++same;
    while (same32 < 31 && (v >> (30 - same32) & 1) == (v >> 31 & 1)) ++same32;
    REQUIRE(result("cls x0, x1", v) == same);
    REQUIRE(result("cls w0, w1", v) == same32);
    std::uint64_t bits = 0, bits32 = 0, bytes = 0, bytes16 = 0, bytes32 = 0;
    for (unsigned n = 0; n < 64; ++n) {
      const std::uint64_t bit = v >> n & 1;
      bits |= bit << (63 - n);
      if (n < 32) bits32 |= bit << (31 - n);
      bytes |= bit << (n % 8 + (56 - n / 8 * 8));
      bytes16 |= bit << (n ^ 8);
      bytes32 |= bit << (n ^ 24);
    }
    REQUIRE(result("rbit x0, x1", v) == bits);
    REQUIRE(result("rbit w0, w1", v) == bits32);
    REQUIRE(result("rev x0, x1", v) == bytes);
    REQUIRE(result("rev w0, w1", v) == bytes >> 32);
    REQUIRE(result("rev16 x0, x1", v) == bytes16);
    REQUIRE(result("rev16 w0, w1", v) == word(bytes16));
    REQUIRE(result("rev32 x0, x1", v) == bytes32);
  }
}

TEST_CASE("crc32 of a text is the check value of its polynomial, in any sizes") {
  // The check values of "123456789": CRC-32/ISO-HDLC 0xcbf43926, CRC-32/ISCSI 0xe3069283.
  const std::pair<const char*, std::uint64_t> rows[] = {{"", 0xcbf4'3926}, {"c", 0xe306'9283}};
  for (const auto& [suffix, check] : rows) {
    const std::string crc = std::string("crc32") + suffix;
    Registers r;
    r.x[0] = 0xffff'ffff;
    r.x[1] = 0x3837'3635'3433'3231;
    r.x[2] = 0x39;
    CHECK((executed(crc + "x w0, w0, x1\n" + crc + "b w0, w0, w2", r).x[0] ^ 0xffff'ffff) == check);
    CHECK((executed(crc + "w w0, w0, w1\nlsr x3, x1, #32\n" + crc + "h w0, w0, w3\nlsr x3, x1, #48\n" + crc +
                        "b w0, w0, w3\nlsr x3, x1, #56\n" + crc + "b w0, w0, w3\n" + crc + "b w0, w0, w2",
                    r)
               .x[0] ^
           0xffff'ffff) == check);
    CHECK(result(crc + "b w0, w1, w2", 0xffff'ffff'0000'0000, 0) == 0);
  }
}
