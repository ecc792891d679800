// SPDX-License-Identifier: Apache-2.0
// Values of moves, arithmetic, logic, shifts, bit fields, multiplication and division.
#include "harness.h"

using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

constexpr std::uint64_t kLow = 0xffff'ffff;

std::uint64_t result(const std::string& text, std::uint64_t x1 = 0, std::uint64_t x2 = 0, std::uint64_t x0 = 0) {
  Registers r;
  r.x[0] = x0;
  r.x[1] = x1;
  r.x[2] = x2;
  return executed(text, r).x[0];
}

/// The value bit by bit: bit n of the result is bit `from(n)` of `v`, where that is -1: 0, -2: the old bit.
template <class From>
std::uint64_t permuted(std::uint64_t v, std::uint64_t old, unsigned size, From from) {
  std::uint64_t out = 0;
  for (unsigned n = 0; n < size; ++n) {
    const int source = from(static_cast<int>(n));
    const std::uint64_t bit = source == -1 ? 0 : (source == -2 ? old >> n & 1 : v >> source & 1);
    out |= bit << n;
  }
  return out;
}

}  // namespace

TEST_CASE("a write to a W register clears the upper half") {
  for (const char* text : {"mov w0, w1", "add w0, w1, w2", "sub w0, w1, w2", "orr w0, w1, w2", "mul w0, w1, w2",
                           "lsl w0, w1, #1", "mvn w0, w1", "csel w0, w1, w2, al", "udiv w0, w1, w2", "asr w0, w1, w2",
                           "sxtb w0, w1", "movk w0, #1", "bfi w0, w1, #4, #4", "madd w0, w1, w2, w1"}) {
    INFO(text);
    const std::string wide = text;
    CHECK(result(text, ~std::uint64_t{0}, ~std::uint64_t{0} - 3, ~std::uint64_t{0}) >> 32 == 0);
  }
}

TEST_CASE("mov takes any immediate of its register's width") {
  CHECK(result("mov x0, #0") == 0);
  CHECK(result("mov x0, 0x1234_5678_9abc_def0") == 0x1234'5678'9abc'def0);
  CHECK(result("mov x0, #-1") == ~std::uint64_t{0});
  CHECK(result("mov x0, #-0x8000_0000_0000_0000") == 0x8000'0000'0000'0000);
  CHECK(result("mov w0, #-1") == kLow);
  CHECK(result("mov w0, #0xffff_ffff") == kLow);
  CHECK(result("mov x0, 64 KiB") == 65536);
  CHECK(result("ldr x0, =0xdead_beef_0000_0001") == 0xdead'beef'0000'0001);
  CHECK(result("ldr w0, =-2") == kLow - 1);
  CHECK(result("ldr x0, =image+8") == 0xffff'0000'4008'0008);
  CHECK(result("adr x0, buf") == 0x8000'0000);
  CHECK(result("adr x0, buf + 0x10") == 0x8000'0010);
}

TEST_CASE("movz, movn and movk place sixteen bits") {
  for (const unsigned shift : {0U, 16U, 32U, 48U}) {
    const std::string suffix = ", #0xabcd, lsl #" + std::to_string(shift);
    const std::uint64_t field = std::uint64_t{0xabcd} << shift, mask = std::uint64_t{0xffff} << shift;
    CHECK(result("movz x0" + suffix, 0, 0, ~std::uint64_t{0}) == field);
    CHECK(result("movn x0" + suffix) == ~field);
    CHECK(result("movk x0" + suffix, 0, 0, 0x1111'2222'3333'4444) == ((0x1111'2222'3333'4444 & ~mask) | field));
    if (shift <= 16) CHECK(result("movn w0" + suffix) == (~field & kLow));
  }
}

TEST_CASE("stack pointer and zero register are told apart") {
  Registers r;
  r.sp() = 0x1000;
  r.x[1] = 8;
  CHECK(executed("mov x0, sp", r).x[0] == 0x1000);
  CHECK(executed("mov x0, xzr", r).x[0] == 0);
  CHECK(executed("mov sp, x1", r).sp() == 8);
  CHECK(executed("sub sp, sp, #16", r).sp() == 0xff0);
  CHECK(executed("add x0, sp, x1", r).x[0] == 0x1008);
  CHECK(executed("add x0, sp, x1, lsl #2", r).x[0] == 0x1020);
  CHECK(executed("add x0, sp, w1, sxtw #1", r).x[0] == 0x1010);
  CHECK(executed("adds x0, sp, #1", r).x[0] == 0x1001);
  CHECK(executed("add xzr, x1, x1", r) == r);
  CHECK(executed("and sp, x1, #8", r).sp() == 8);
}

TEST_CASE("shifts by immediate and by register agree with a bit-by-bit model") {
  for (const bool wide : {true, false}) {
    const unsigned size = wide ? 64 : 32;
    const std::string r = wide ? "x" : "w";
    const std::uint64_t mask = wide ? ~std::uint64_t{0} : kLow;
    for (unsigned s = 0; s < size; ++s) {
      const auto lsl = [s](int n) { return n < static_cast<int>(s) ? -1 : n - static_cast<int>(s); };
      const auto lsr = [s, size](int n) {
        return n + static_cast<int>(s) < static_cast<int>(size) ? n + static_cast<int>(s) : -1;
      };
      const auto asr = [s, size](int n) { return std::min(n + static_cast<int>(s), static_cast<int>(size) - 1); };
      const auto ror = [s, size](int n) { return (n + static_cast<int>(s)) % static_cast<int>(size); };
      const std::string registers = " " + r + "0, " + r + "1, ";
      const std::string by_register = registers + r + "2", by_immediate = registers + "#" + std::to_string(s);
      const std::string operand = " " + r + "0, " + r + "zr, " + r + "1, ", amount = " #" + std::to_string(s);
      for (const std::uint64_t v : {std::uint64_t{0x8123'4567'89ab'cdef}, std::uint64_t{0x7fff'0000'8000'0001}}) {
        INFO(r << " shift " << s);
        const std::uint64_t expected_lsl = permuted(v, 0, size, lsl), expected_lsr = permuted(v, 0, size, lsr);
        const std::uint64_t expected_asr = permuted(v, 0, size, asr), expected_ror = permuted(v, 0, size, ror);
        CHECK(result("lsl" + by_immediate, v) == expected_lsl);
        CHECK(result("lsr" + by_immediate, v) == expected_lsr);
        CHECK(result("asr" + by_immediate, v) == expected_asr);
        // Only the low bits of the register count.
        CHECK(result("lsl" + by_register, v, s + size) == expected_lsl);
        CHECK(result("lsr" + by_register, v, s + 3 * size) == expected_lsr);
        CHECK(result("asr" + by_register, v, s) == expected_asr);
        CHECK(result("ror" + by_register, v, s) == expected_ror);
        CHECK(result("add" + operand + "lsl" + amount, v) == expected_lsl);
        CHECK(result("add" + operand + "lsr" + amount, v) == expected_lsr);
        CHECK(result("add" + operand + "asr" + amount, v) == expected_asr);
        CHECK(result("orr" + operand + "ror" + amount, v) == expected_ror);
        CHECK(result("orn" + operand + "ror" + amount, v) == (~expected_ror & mask));
      }
    }
  }
}

TEST_CASE("bit field moves agree with a bit-by-bit model for every immr and imms") {
  const std::uint64_t v = 0x9abc'def0'8765'4321, old = 0x0f1e'2d3c'4b5a'6978;
  for (const bool wide : {true, false}) {
    const int size = wide ? 64 : 32;
    for (int immr = 0; immr < size; ++immr) {
      for (int imms = 0; imms < size; ++imms) {
        const int width = imms >= immr ? imms - immr + 1 : imms + 1, low = imms >= immr ? 0 : size - immr;
        const int from = imms >= immr ? immr : 0;
        const auto field = [&](int n, int below, int above) {
          return n < low ? below : (n < low + width ? n - low + from : above);
        };
        Program program;
        program.instructions.push_back({.opcode = Opcode::UBFM,
                                        .is_64bit = wide,
                                        .rd = 0,
                                        .rn = 1,
                                        .amount = static_cast<std::uint8_t>(immr),
                                        .immediate = static_cast<std::uint64_t>(imms)});
        Registers before, after;
        before.x[0] = old;
        before.x[1] = v;
        const auto bits = static_cast<unsigned>(size);
        after = after_one(program, before);
        REQUIRE(after.x[0] == permuted(v, old, bits, [&](int n) { return field(n, -1, -1); }));
        program.instructions[0].opcode = Opcode::SBFM;
        after = after_one(program, before);
        REQUIRE(after.x[0] == permuted(v, old, bits, [&](int n) { return field(n, -1, from + width - 1); }));
        program.instructions[0].opcode = Opcode::BFM;
        after = after_one(program, before);
        REQUIRE(after.x[0] == permuted(v, old, bits, [&](int n) { return field(n, -2, -2); }));
      }
    }
  }
}

TEST_CASE("aliases of bit field moves do what their names say") {
  CHECK(result("ubfx x0, x1, #4, #8", 0xabcd) == 0xbc);
  CHECK(result("sbfx x0, x1, #4, #8", 0xabcd) == 0xffff'ffff'ffff'ffbc);
  CHECK(result("sbfx w0, w1, #4, #8", 0xabcd) == 0xffff'ffbc);
  CHECK(result("ubfiz x0, x1, #4, #8", 0xabcd) == 0xcd0);
  CHECK(result("bfi x0, x1, #8, #8", 0xabcd, 0, 0x1111'1111) == 0x1111'cd11);
  CHECK(result("bfxil x0, x1, #8, #8", 0xabcd, 0, 0x1111'1111) == 0x1111'11ab);
  CHECK(result("uxtb w0, w1", 0xfff) == 0xff);
  CHECK(result("uxth w0, w1", 0xf'ffff) == 0xffff);
  CHECK(result("sxtb x0, w1", 0x80) == 0xffff'ffff'ffff'ff80);
  CHECK(result("sxth w0, w1", 0x8000) == 0xffff'8000);
  CHECK(result("sxtw x0, w1", 0x1'8000'0000) == 0xffff'ffff'8000'0000);
}

TEST_CASE("extended operands take the low part with or without its sign") {
  const std::uint64_t v = 0x8888'8888'8888'8888;
  CHECK(result("add x0, xzr, x1", v) == v);
  CHECK(result("add x0, x2, w1, uxtb", v) == 0x88);
  CHECK(result("add x0, x2, w1, uxth #1", v) == 0x1'1110);
  CHECK(result("add x0, x2, w1, uxtw #4", v) == 0x8'8888'8880);
  CHECK(result("add x0, x2, x1, uxtx #1", v) == 0x1111'1111'1111'1110);
  CHECK(result("add x0, x2, w1, sxtb", v) == 0xffff'ffff'ffff'ff88);
  CHECK(result("add x0, x2, w1, sxth", v) == 0xffff'ffff'ffff'8888);
  CHECK(result("add x0, x2, w1, sxtw #2", v) == 0xffff'fffe'2222'2220);
  CHECK(result("add w0, w2, w1, sxtb", v) == 0xffff'ff88);
  CHECK(result("sub x0, x2, w1, uxtb", v, 0x100) == 0x78);
}

TEST_CASE("immediates of add and sub: twelve bits, shifted or not, of either sign") {
  CHECK(result("add x0, x1, #4095", 1) == 4096);
  CHECK(result("add x0, x1, #0xfff000", 1) == 0xff'f001);
  CHECK(result("add x0, x1, #1, lsl #12", 1) == 0x1001);
  CHECK(result("add x0, x1, #-1", 1) == 0);
  CHECK(result("sub x0, x1, #-4", 1) == 5);
  CHECK(result("add w0, w1, #-1", 0) == kLow);
}

TEST_CASE("multiplication and division at their corners") {
  for (const std::uint64_t a : corners()) {
    for (const std::uint64_t b : corners()) {
      INFO(std::hex << a << " " << b);
      const std::uint64_t wa = a & kLow, wb = b & kLow;
      CHECK(result("mul x0, x1, x2", a, b) == a * b);
      CHECK(result("mul w0, w1, w2", a, b) == ((wa * wb) & kLow));
      CHECK(result("mneg x0, x1, x2", a, b) == 0 - a * b);
      CHECK(result("madd x0, x1, x2, x1", a, b) == a + a * b);
      CHECK(result("msub w0, w1, w2, w1", a, b) == ((wa - wa * wb) & kLow));
      CHECK(result("udiv x0, x1, x2", a, b) == (b == 0 ? 0 : a / b));
      CHECK(result("udiv w0, w1, w2", a, b) == (wb == 0 ? 0 : wa / wb));
      const auto sa = static_cast<std::int64_t>(a), sb = static_cast<std::int64_t>(b);
      const std::uint64_t quotient = sb == 0 ? 0 : (sb == -1 ? 0 - a : static_cast<std::uint64_t>(sa / sb));
      CHECK(result("sdiv x0, x1, x2", a, b) == quotient);
      const auto na = std::int64_t{static_cast<std::int32_t>(wa)}, nb = std::int64_t{static_cast<std::int32_t>(wb)};
      CHECK(result("sdiv w0, w1, w2", a, b) == (nb == 0 ? 0 : static_cast<std::uint64_t>(na / nb) & kLow));
    }
  }
}

TEST_CASE("logic and negation") {
  for (const std::uint64_t a : corners()) {
    for (const std::uint64_t b : corners()) {
      CHECK(result("and x0, x1, x2", a, b) == (a & b));
      CHECK(result("orr x0, x1, x2", a, b) == (a | b));
      CHECK(result("eor x0, x1, x2", a, b) == (a ^ b));
      CHECK(result("bic x0, x1, x2", a, b) == (a & ~b));
      CHECK(result("orn x0, x1, x2", a, b) == (a | ~b));
      CHECK(result("eon w0, w1, w2", a, b) == (~(a ^ b) & kLow));
      CHECK(result("mvn x0, x1", a) == ~a);
      CHECK(result("neg x0, x1", a) == 0 - a);
      CHECK(result("neg w0, w1, lsl #1", a) == ((0 - a * 2) & kLow));
    }
  }
}

TEST_CASE("an instruction may read what it writes, also in place") {
  Registers r;
  r.x[1] = 5;
  CHECK(executed("adds x1, x1, x1", r).x[1] == 10);
  CHECK(executed("madd x1, x1, x1, x1", r).x[1] == 30);
  CHECK(executed("csinc x1, x1, x1, ne", r).x[1] == 5);
}
