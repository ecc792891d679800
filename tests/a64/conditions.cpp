// SPDX-License-Identifier: Apache-2.0
// All sixteen conditions under all sixteen flag settings, in every instruction that takes one.
#include <array>
#include <functional>

#include "harness.h"

using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

using Predicate = std::function<bool(bool n, bool z, bool c, bool v)>;

struct Row {
  const char* name;
  const char* meaning;
  Predicate predicate;
};

const std::array<Row, 16>& rows() {
  static const std::array<Row, 16> all = {{
      {"eq", "equal", [](bool, bool z, bool, bool) { return z; }},
      {"ne", "not equal", [](bool, bool z, bool, bool) { return !z; }},
      {"cs", "carry set", [](bool, bool, bool c, bool) { return c; }},
      {"cc", "carry clear", [](bool, bool, bool c, bool) { return !c; }},
      {"mi", "minus", [](bool n, bool, bool, bool) { return n; }},
      {"pl", "plus or zero", [](bool n, bool, bool, bool) { return !n; }},
      {"vs", "overflow", [](bool, bool, bool, bool v) { return v; }},
      {"vc", "no overflow", [](bool, bool, bool, bool v) { return !v; }},
      {"hi", "unsigned higher", [](bool, bool z, bool c, bool) { return c && !z; }},
      {"ls", "unsigned lower or same", [](bool, bool z, bool c, bool) { return !c || z; }},
      {"ge", "signed greater or equal", [](bool n, bool, bool, bool v) { return n == v; }},
      {"lt", "signed less", [](bool n, bool, bool, bool v) { return n != v; }},
      {"gt", "signed greater", [](bool n, bool z, bool, bool v) { return !z && n == v; }},
      {"le", "signed less or equal", [](bool n, bool z, bool, bool v) { return z || n != v; }},
      {"al", "always", [](bool, bool, bool, bool) { return true; }},
      {"nv", "always too", [](bool, bool, bool, bool) { return true; }},
  }};
  return all;
}

Registers with_flags(unsigned nzcv) {
  Registers r;
  r.n = (nzcv & 8) != 0;
  r.z = (nzcv & 4) != 0;
  r.c = (nzcv & 2) != 0;
  r.v = (nzcv & 1) != 0;
  r.x[1] = 100;
  r.x[2] = 200;
  return r;
}

}  // namespace

TEST_CASE("each condition holds exactly where its flags say so") {
  for (unsigned c = 0; c < 16; ++c) {
    const Row& row = rows()[c];
    const std::string name = row.name;
    const Program branch = program_of("b." + name + " there\nmov x0, #1\nthere: nop");
    const Program select = program_of("csel x3, x1, x2, " + name);
    const Program increment = program_of("csinc x3, x1, x2, " + name);
    const Program invert = program_of("csinv x3, x1, x2, " + name);
    const Program negate = program_of("csneg w3, w1, w2, " + name);
    const Program compare = program_of("ccmp x1, #31, #5, " + name);
    for (unsigned nzcv = 0; nzcv < 16; ++nzcv) {
      const Registers before = with_flags(nzcv);
      const bool expected = row.predicate(before.n, before.z, before.c, before.v);
      INFO(name << " (" << row.meaning << ") under NZCV " << nzcv);
      CHECK(holds(static_cast<Condition>(c), before) == expected);
      Registers after;
      CHECK(index_at(branch, issue(branch, 0, before, after).next) == (expected ? 2 : 1));
      after = after_one(select, before);
      CHECK(after.x[3] == (expected ? 100 : 200));
      after = after_one(increment, before);
      CHECK(after.x[3] == (expected ? 100 : 201));
      after = after_one(invert, before);
      CHECK(after.x[3] == (expected ? 100 : ~std::uint64_t{200}));
      after = after_one(negate, before);
      CHECK(after.x[3] == (expected ? 100 : 0xffff'ff38));
      after = after_one(compare, before);
      const Registers set = expected ? with_flags(2) : with_flags(5);  // 100 - 31: no borrow
      CHECK((after.n == set.n && after.z == set.z && after.c == set.c && after.v == set.v));
    }
  }
}

TEST_CASE("hs and lo are other names of cs and cc") {
  CHECK(instruction_of("csel x0, x1, x2, hs").condition == Condition::CS);
  CHECK(instruction_of("csel x0, x1, x2, LO").condition == Condition::CC);
  CHECK(program_of("a: b.hs a").instructions[0].condition == Condition::CS);
}

TEST_CASE("conditional aliases test the condition that they name") {
  Registers equal = with_flags(4), different = with_flags(0);
  CHECK(executed("cset x0, eq", equal).x[0] == 1);
  CHECK(executed("cset x0, eq", different).x[0] == 0);
  CHECK(executed("csetm w0, ne", different).x[0] == 0xffff'ffff);
  CHECK(executed("cinc x0, x1, eq", equal).x[0] == 101);
  CHECK(executed("cinc x0, x1, eq", different).x[0] == 100);
  CHECK(executed("cinv x0, x1, eq", equal).x[0] == ~std::uint64_t{100});
  CHECK(executed("cneg x0, x1, ne", different).x[0] == 0 - std::uint64_t{100});
  CHECK(executed("cneg x0, x1, ne", equal).x[0] == 100);
}
