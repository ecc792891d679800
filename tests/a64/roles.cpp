// SPDX-License-Identifier: Apache-2.0
// Roles of registers: as tabulated, and checked against execution.
#include <random>

#include "harness.h"

using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

constexpr std::uint8_t kFlags = RegisterSet::kFlags, kSp = kStackPointer;

RegisterSet set_of(std::initializer_list<std::uint8_t> members) {
  RegisterSet set;
  for (const std::uint8_t m : members) set.insert(m);
  return set;
}

struct Row {
  const char* text;
  RegisterSet address, data, control, written, write_back;
};

std::uint64_t value_of(const Registers& r, std::uint8_t number) {
  if (number == kSp) return r.sp();
  if (number == kFlags) return (r.n ? 8U : 0U) | (r.z ? 4U : 0U) | (r.c ? 2U : 0U) | (r.v ? 1U : 0U);
  return r.x[number];
}

void change(Registers& r, std::uint8_t number, std::uint64_t value) {
  if (number == kSp) {
    r.sp() = value;
  } else if (number == kFlags) {
    r.n = (value & 8) != 0;
    r.z = (value & 4) != 0;
    r.c = (value & 2) != 0;
    r.v = (value & 1) != 0;
  } else {
    r.x[number] = value;
  }
}

}  // namespace

TEST_CASE("roles of each form") {
  const Row rows[] = {
      {"add x0, x1, x2", {}, set_of({1, 2}), {}, set_of({0}), {}},
      {"add x0, x1, #1", {}, set_of({1}), {}, set_of({0}), {}},
      {"cmp x1, sp", {}, {}, {}, {}, {}},  // replaced below: sp is no second operand
      {"subs x0, sp, x2", {}, set_of({kSp, 2}), {}, set_of({0, kFlags}), {}},
      {"mov x0, #1", {}, {}, {}, set_of({0}), {}},
      {"movk x0, #1", {}, set_of({0}), {}, set_of({0}), {}},
      {"bfi x0, x1, #1, #2", {}, set_of({0, 1}), {}, set_of({0}), {}},
      {"madd x0, x1, x2, x3", {}, set_of({1, 2, 3}), {}, set_of({0}), {}},
      {"csel x0, x1, x2, eq", {}, set_of({1, 2, kFlags}), {}, set_of({0}), {}},
      {"ccmp x1, #2, #0, eq", {}, set_of({1, kFlags}), {}, set_of({kFlags}), {}},
      {"a: b a", {}, {}, {}, {}, {}},
      {"a: b.eq a", {}, {}, set_of({kFlags}), {}, {}},
      {"a: cbz x3, a", {}, {}, set_of({3}), {}, {}},
      {"a: bl a", {}, {}, {}, set_of({30}), {}},
      {"blr x4", {}, {}, set_of({4}), set_of({30}), {}},
      {"ret", {}, {}, set_of({30}), {}, {}},
      {"ldr x0, [x1]", set_of({1}), {}, {}, set_of({0}), {}},
      {"ldr x0, [x1, x2]", set_of({1, 2}), {}, {}, set_of({0}), {}},
      {"ldr x0, [x1], #8", set_of({1}), {}, {}, set_of({0}), set_of({1})},
      {"ldr x0, [buf]", {}, {}, {}, set_of({0}), {}},
      {"ldp x0, x3, [sp]", set_of({kSp}), {}, {}, set_of({0, 3}), {}},
      {"str x0, [x1, w2, uxtw]", set_of({1, 2}), set_of({0}), {}, {}, {}},
      {"stp x0, x3, [x1, #16]!", set_of({1}), set_of({0, 3}), {}, {}, set_of({1})},
      {"str xzr, [x1]", set_of({1}), {}, {}, {}, {}},
      {"dc cvac, x1", set_of({1}), {}, {}, {}, {}},
      {"ic iallu", {}, {}, {}, {}, {}},
      {"dsb sy", {}, {}, {}, {}, {}},
      {"msr sctlr_el1, x1", {}, set_of({1}), {}, {}, {}},
      {"mrs x1, ctr_el0", {}, {}, {}, set_of({1}), {}},
      {"mrs x1, nzcv", {}, set_of({kFlags}), {}, set_of({1}), {}},
      {"msr nzcv, x1", {}, set_of({1}), {}, set_of({kFlags}), {}},
      {"msr daifset, #2", {}, {}, {}, {}, {}},
      {"adcs x0, x1, x2", {}, set_of({1, 2, kFlags}), {}, set_of({0, kFlags}), {}},
      {"smaddl x0, w1, w2, x3", {}, set_of({1, 2, 3}), {}, set_of({0}), {}},
      {"extr x0, x1, x2, #3", {}, set_of({1, 2}), {}, set_of({0}), {}},
      {"rev x0, x1", {}, set_of({1}), {}, set_of({0}), {}},
      {"crc32b w0, w1, w2", {}, set_of({1, 2}), {}, set_of({0}), {}},
      {"ldxr x0, [x1]", set_of({1}), {}, {}, set_of({0}), {}},
      {"stxr w2, x0, [x1]", set_of({1}), set_of({0}), {}, set_of({2}), {}},
      {"stxp w2, x0, x3, [x1]", set_of({1}), set_of({0, 3}), {}, set_of({2}), {}},
      {"ldadd x2, x0, [x1]", set_of({1}), set_of({2}), {}, set_of({0}), {}},
      {"stadd x2, [x1]", set_of({1}), set_of({2}), {}, {}, {}},
      {"cas x2, x0, [x1]", set_of({1}), set_of({0, 2}), {}, set_of({2}), {}},
      {"casp x2, x3, x4, x5, [x1]", set_of({1}), set_of({2, 3, 4, 5}), {}, set_of({2, 3}), {}},
      {"prfm pldl1keep, [x1, x2]", set_of({1, 2}), {}, {}, {}, {}},
      {"tlbi vae1is, x1", set_of({1}), {}, {}, {}, {}},
      {"at s1e1r, x1", set_of({1}), {}, {}, {}, {}},
      {"dc isw, x1", set_of({1}), {}, {}, {}, {}},
      {"hvc #0", {}, {}, {}, {}, {}},
      {"eret", {}, {}, {}, {}, {}},
      {".expect x6 == 1", {}, {}, set_of({6}), {}, {}},
      {".delay 1", {}, {}, {}, {}, {}},
  };
  for (const Row& row : rows) {
    if (std::string_view(row.text) == "cmp x1, sp") {
      CHECK(assembled(row.text).problems.size() == 1);
      continue;
    }
    INFO(row.text);
    const Roles r = roles(instruction_of(row.text));
    CHECK(r.address == row.address);
    CHECK(r.data == row.data);
    CHECK(r.control == row.control);
    CHECK(r.written == row.written);
    CHECK(r.write_back == row.write_back);
  }
}

TEST_CASE("execution changes nothing but what is written, and depends on nothing but what is read") {
  const char* const sources[] = {"add x0, x1, x2, lsl #3",
                                 "adds w0, w1, #7",
                                 "sub sp, sp, x2",
                                 "subs x3, x4, w5, sxtb",
                                 "and x0, x1, x2",
                                 "bics x0, x1, x2",
                                 "mvn w0, w1",
                                 "tst x1, #1",
                                 "movk x0, #5, lsl #16",
                                 "bfi x0, x1, #3, #9",
                                 "ubfx x0, x1, #3, #9",
                                 "lsl x0, x1, x2",
                                 "madd x0, x1, x2, x3",
                                 "udiv x0, x1, x2",
                                 "sdiv w0, w1, w2",
                                 "csel x0, x1, x2, gt",
                                 "cset x0, hi",
                                 "ccmp x1, x2, #3, lt",
                                 "ccmn w1, #3, #4, vs",
                                 "ldr x0, [x1, x2]",
                                 "ldrsb x0, [x1], #4",
                                 "ldp x0, x2, [x1, #8]!",
                                 "ldpsw x0, x2, [sp]",
                                 "str x0, [x1, w2, sxtw #3]",
                                 "stp x0, x2, [x1], #16",
                                 "a: b.le a",
                                 "a: cbnz x1, a",
                                 "a: tbz x1, #5, a",
                                 "blr x3",
                                 "ret",
                                 "dc cvac, x1",
                                 "msr sctlr_el1, x1",
                                 "mrs x0, ctr_el0",
                                 ".walk x0, [x1, #8]",
                                 "adr x0, buf",
                                 "cneg x0, x1, ne",
                                 "adc x0, x1, x2",
                                 "sbcs w0, w1, w2",
                                 "ngcs x0, x1",
                                 "extr x0, x1, x2, #9",
                                 "smaddl x0, w1, w2, x3",
                                 "umsubl x0, w1, w2, x3",
                                 "smulh x0, x1, x2",
                                 "rbit x0, x1",
                                 "rev16 w0, w1",
                                 "clz x0, x1",
                                 "cls w0, w1",
                                 "crc32x w0, w1, x2",
                                 "mrs x0, nzcv",
                                 "msr nzcv, x1",
                                 "ldaxr x0, [x1]",
                                 "stlxr w0, x1, [x2]",
                                 "stxp w0, w1, w2, [x3]",
                                 "ldsmaxh w0, w1, [x2]",
                                 "stclr x0, [x1]",
                                 "swpa x0, x1, [x2]",
                                 "casl w0, w1, [x2]",
                                 "casp x0, x1, x2, x3, [x4]",
                                 "prfm pldl1keep, [x0, w1, uxtw]",
                                 "tlbi vae1, x0",
                                 "at s1e1r, x0",
                                 "dc cisw, x0",
                                 "ldtr x0, [x1, #4]",
                                 "svc #1",
                                 "eret",
                                 "wfe",
                                 "clrex"};
  std::mt19937_64 random(11);
  const Elements response = {0x8123'4567'89ab'cdef, 0xfedc'ba98'7654'3210};
  const auto outcome = [&response](const Program& program, const Registers& before, Registers& after) {
    const Step step = issue(program, 0, before, after);
    complete(program, 0, response, after);
    return std::tuple(step.what, step.next, step.memory.address.value, step.memory.data, step.memory.compared,
                      step.value);
  };
  for (const char* source : sources) {
    const Program program = program_of(source);
    const Roles r = roles(program.instructions[0]);
    const RegisterSet read = r.address | r.data | r.control, written = r.written | r.write_back;
    for (unsigned round = 0; round < 50; ++round) {
      Registers before;
      for (std::uint8_t n = 0; n <= kFlags; ++n) {
        if (n != kZeroRegister) change(before, n, round % 2 == 0 ? random() : random() % 8);
      }
      Registers after;
      const auto first = outcome(program, before, after);
      for (std::uint8_t n = 0; n <= kFlags; ++n) {
        if (n == kZeroRegister) continue;
        INFO(source << " register " << int{n});
        if (!written.contains(n)) REQUIRE(value_of(after, n) == value_of(before, n));
        if (read.contains(n)) continue;
        Registers other = before, other_after;
        change(other, n, random());
        REQUIRE(outcome(program, other, other_after) == first);
        for (std::uint8_t w = 0; w <= kFlags; ++w) {
          if (written.contains(w)) REQUIRE(value_of(other_after, w) == value_of(after, w));
        }
      }
    }
  }
}
