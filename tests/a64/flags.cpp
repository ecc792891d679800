// SPDX-License-Identifier: Apache-2.0
// NZCV of every instruction that sets it, against arithmetic wider than a register.
#include "harness.h"

using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

__extension__ using Wide = __int128;

struct Expected {
  std::uint64_t value;
  bool n, z, c, v;
};

/// Addition or subtraction in 128 bits: C is the unsigned carry (or no borrow), V the signed overflow.
Expected expected(std::uint64_t a, std::uint64_t b, bool subtract, bool wide) {
  const auto as_signed = [wide](std::uint64_t v) {
    return wide ? Wide{static_cast<std::int64_t>(v)} : Wide{static_cast<std::int32_t>(static_cast<std::uint32_t>(v))};
  };
  const std::uint64_t mask = wide ? ~std::uint64_t{0} : 0xffff'ffff;
  a &= mask;
  b &= mask;
  const Wide unsigned_sum = subtract ? Wide{a} - Wide{b} : Wide{a} + Wide{b};
  const Wide signed_sum = subtract ? as_signed(a) - as_signed(b) : as_signed(a) + as_signed(b);
  const std::uint64_t value = static_cast<std::uint64_t>(unsigned_sum) & mask;
  const bool carry = subtract ? unsigned_sum >= 0 : unsigned_sum > Wide{mask};
  return {value, as_signed(value) < 0, value == 0, carry, signed_sum != as_signed(value)};
}

void check(const Registers& after, const Expected& e) {
  CHECK(after.n == e.n);
  CHECK(after.z == e.z);
  CHECK(after.c == e.c);
  CHECK(after.v == e.v);
}

}  // namespace

TEST_CASE("adds and subs give value and flags of wide arithmetic") {
  for (const bool wide : {true, false}) {
    const std::string r = wide ? "x" : "w";
    const auto line = [&r](const std::string& m) { return m + " " + r + "0, " + r + "1, " + r + "2"; };
    const auto two = [&r](const std::string& m) { return m + " " + r + "1, " + r + "2"; };
    const Program add = program_of(line("adds")), sub = program_of(line("subs"));
    const Program plain_add = program_of(line("add")), plain_sub = program_of(line("sub"));
    const Program cmp = program_of(two("cmp")), cmn = program_of(two("cmn"));
    const Program ccmp = program_of("ccmp " + r + "1, " + r + "2, #0, al");
    const Program ccmn = program_of("ccmn " + r + "1, " + r + "2, #0, al");
    for (const std::uint64_t a : corners()) {
      for (const std::uint64_t b : corners()) {
        Registers before, after;
        before.x[0] = 0xdead;
        before.x[1] = a;
        before.x[2] = b;
        INFO(r << " " << std::hex << a << " " << b);
        for (const bool subtract : {false, true}) {
          const Expected e = expected(a, b, subtract, wide);
          after = after_one(subtract ? sub : add, before);
          CHECK(after.x[0] == e.value);
          check(after, e);
          after = after_one(subtract ? plain_sub : plain_add, before);
          CHECK(after.x[0] == e.value);
          check(after, {0, false, false, false, false});
          after = after_one(subtract ? cmp : cmn, before);
          CHECK(after.x[0] == 0xdead);
          check(after, e);
          after = after_one(subtract ? ccmp : ccmn, before);
          check(after, e);
        }
      }
    }
  }
}

TEST_CASE("ands, bics and tst set N and Z and clear C and V") {
  for (const std::uint64_t a : corners()) {
    for (const std::uint64_t b : corners()) {
      Registers before;
      before.x[1] = a;
      before.x[2] = b;
      before.n = before.z = before.c = before.v = true;
      const Registers wide = executed("ands x0, x1, x2", before), narrow = executed("bics w0, w1, w2", before);
      CHECK(wide.x[0] == (a & b));
      check(wide, {0, (a & b) >> 63 != 0, (a & b) == 0, false, false});
      const std::uint64_t cleared = a & ~b & 0xffff'ffff;
      CHECK(narrow.x[0] == cleared);
      check(narrow, {0, cleared >> 31 != 0, cleared == 0, false, false});
      check(executed("tst x1, x2", before), {0, (a & b) >> 63 != 0, (a & b) == 0, false, false});
    }
  }
}

TEST_CASE("comparisons decide as C++ does") {
  for (const std::uint64_t a : corners()) {
    for (const std::uint64_t b : corners()) {
      Registers r;
      r.x[1] = a;
      r.x[2] = b;
      const auto sa = static_cast<std::int64_t>(a), sb = static_cast<std::int64_t>(b);
      const Registers after = executed("cmp x1, x2", r);
      CHECK(holds(Condition::EQ, after) == (a == b));
      CHECK(holds(Condition::CS, after) == (a >= b));
      CHECK(holds(Condition::HI, after) == (a > b));
      CHECK(holds(Condition::LS, after) == (a <= b));
      CHECK(holds(Condition::LT, after) == (sa < sb));
      CHECK(holds(Condition::GT, after) == (sa > sb));
      CHECK(holds(Condition::LE, after) == (sa <= sb));
      CHECK(holds(Condition::GE, after) == (sa >= sb));
    }
  }
}

TEST_CASE("a negative immediate of cmp compares with the negative value") {
  Registers r;
  r.x[1] = static_cast<std::uint64_t>(-5);
  CHECK(executed("cmp x1, #-5", r).z);
  CHECK(executed("cmp w1, #-5", r).z);
  CHECK(executed("cmn x1, #5", r).z);
  CHECK_FALSE(executed("cmp x1, #5", r).z);
}
