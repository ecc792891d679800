// SPDX-License-Identifier: Apache-2.0
// Branches, calls, loops and the end of a program.
#include <fmt/format.h>

#include "harness.h"

using namespace staleline::a64;
using namespace staleline::a64::test;

TEST_CASE("a loop runs as often as its counter says") {
  const Registers r = executed(
      "      mov  x0, #0\n"
      "      mov  x1, #10\n"
      "loop: add  x0, x0, x1\n"
      "      subs x1, x1, #1\n"
      "      b.ne loop\n");
  CHECK(r.x[0] == 55);
  CHECK(executed("mov w1, #3\nagain: add x0, x0, #7\nsub w1, w1, #1\ncbnz w1, again").x[0] == 21);
}

TEST_CASE("a program fills and sums memory") {
  Registers r;
  Memory memory;
  run(program_of("  adr x1, buf\n"
                 "  mov w2, #16\n"
                 "fill: strb w2, [x1], #1\n"
                 "  subs w2, w2, #1\n"
                 "  b.hi fill\n"
                 "  adr x1, buf\n"
                 "  mov x3, xzr\n"
                 "sum: ldrb w4, [x1, x3]\n"
                 "  add x0, x0, x4\n"
                 "  add x3, x3, #1\n"
                 "  cmp x3, #16\n"
                 "  b.lo sum"),
      r, memory);
  CHECK(r.x[0] == 136);
  CHECK(memory.load(0x8000'0000, 8) == 0x090a'0b0c'0d0e'0f10);
}

TEST_CASE("cbz and cbnz look at the width that they name, tbz and tbnz at one bit") {
  Registers r;
  r.x[1] = 0x1'0000'0000;
  const auto taken = [&r](const std::string& text) {
    const Program program = program_of(text + " there\nnop\nthere:");
    Registers after;
    return issue(program, 0, r, after).next == code_address(program, 2);
  };
  CHECK(taken("cbz w1,"));
  CHECK_FALSE(taken("cbz x1,"));
  CHECK(taken("cbnz x1,"));
  CHECK_FALSE(taken("cbnz w1,"));
  CHECK(taken("cbz xzr,"));
  for (unsigned bit = 0; bit < 64; ++bit) {
    CHECK(taken("tbnz x1, #" + std::to_string(bit) + ",") == (bit == 32));
    CHECK(taken("tbz x1, #" + std::to_string(bit) + ",") == (bit != 32));
  }
}

TEST_CASE("calls return to the instruction after them") {
  const Registers r = executed(
      "    mov x0, #1\n"
      "    bl  f\n"
      "    add x0, x0, #100\n"
      "    b   end\n"
      "f:  add x0, x0, #10\n"
      "    ret\n"
      "end:");
  CHECK(r.x[0] == 111);
  CHECK(executed("adr x5, f\nblr x5\nadd x0, x0, #1\nb end\nf: mov x0, #5\nret\nend: nop").x[0] == 6);
  CHECK(executed("adr x5, skip\nbr x5\nmov x0, #1\nskip: add x0, x0, #2").x[0] == 2);
  CHECK(executed("bl f\nf: mov x7, x30").x[7] == kDefaultCode.value + 4);
}

TEST_CASE("a return with no caller and a branch to nowhere end the program") {
  const auto steps = [](const std::string& text) {
    Registers r;
    Memory memory;
    return run(program_of(text), r, memory);
  };
  CHECK(steps("nop\nret\nnop") == 2);
  CHECK(steps("mov x1, #4\nbr x1\nnop") == 2);
  CHECK(steps("adr x1, a\nadd x1, x1, #2\nbr x1\na: nop") == 3);  // not aligned
  CHECK(steps("b end\nnop\nend:") == 1);
  CHECK(steps("") == 0);
  CHECK(steps("// only a comment\n\n   \nlabel:") == 0);
}

TEST_CASE("a branch means the same wherever it stands") {
  const Instruction back = program_of("here: nop\nnop\nb here").instructions[2];
  CHECK(back.immediate == 0 - std::uint64_t{8});
  Registers r;
  for (const std::uint64_t pc : std::initializer_list<std::uint64_t>{0, 4, 0x4008'0000, 0xffff'ffff'ffff'fffc}) {
    CHECK(issue(back, {pc}, r, r).next.value == pc - 8);
    CHECK(issue(instruction_of("nop"), {pc}, r, r).next.value == pc + 4);
    CHECK(issue(program_of("bl on\nnop\non:").instructions[0], {pc}, r, r).next.value == pc + 8);
    CHECK(r.x[30] == pc + 4);
    r.x[7] = pc + 3;
    CHECK(issue(instruction_of("br x7"), {pc}, r, r).next.value == pc + 3);
    CHECK(text_of(back) == "b .-8");
    CHECK(text_of(back, {pc + 8}) == fmt::format("b {:#x}", pc));
  }
}

TEST_CASE("labels are listed with the instruction that they name") {
  const Assembled a = assembled("first:\n  nop\nsecond: third: nop\n\nend:");
  REQUIRE(a.problems.empty());
  REQUIRE(a.labels.size() == 4);
  CHECK((a.labels[0].name == "first" && a.labels[0].instruction == 0 && a.labels[0].line.value == 10));
  CHECK((a.labels[1].name == "second" && a.labels[1].instruction == 1 && a.labels[1].line.value == 12));
  CHECK((a.labels[2].name == "third" && a.labels[2].instruction == 1 && a.labels[2].column == 11));
  CHECK((a.labels[3].name == "end" && a.labels[3].instruction == 2));
  CHECK(a.program.instructions[0].line.value == 11);
  CHECK(a.program.instructions[1].line.value == 12);
}
