// SPDX-License-Identifier: Apache-2.0
// Programs whose instructions are what memory holds: fetched through the instruction side, decoded, executed.
#include "fetched.h"

#include <catch2/catch.hpp>
#include <map>

#include "tables.h"

using namespace staleline;
using namespace staleline::test;
using event::Kind;
using R = arm::SystemRegister;

namespace {

class Trace final : public pe::InstructionObserver {
 public:
  void before(arm::VirtAddr pc, const a64::Registers& r) override {
    pcs.push_back(pc.value);
    last = r;
  }
  std::optional<std::uint64_t> counter(arm::SystemRegister) override { return 1000 + pcs.size(); }
  std::vector<std::uint64_t> pcs;
  a64::Registers last;
};

}  // namespace

TEST_CASE("What a guest has stored is there when it switches the system off", "[pe][fetched]") {
  Setup s = one(guest());
  s.drain_cycles = 1'000'000;
  World world(s);
  world.poke_words(kCode, std::vector<std::uint32_t>{0xd2860001,  // mov x1, #0x3000
                                                     0xd28000a2,  // mov x2, #5
                                                     0xf9000022} +
                              kOff);  // str x2, [x1]
  world.run();
  CHECK(ending(world) == pe::Ending::SystemOff);
  CHECK(world.memory(0x3000, 8) == 5);
}

TEST_CASE("A fetched program computes, loads, stores and branches", "[pe][fetched]") {
  auto a = guest();
  Trace trace;
  a.observer = &trace;
  World world(one(a));
  world.poke_words(kCode, std::vector<std::uint32_t>{
                              0xd2860001,  // mov x1, #0x3000
                              0xd28000a2,  // mov x2, #5
                              0xd2800003,  // mov x3, #0
                              0x8b020063,  // loop: add x3, x3, x2
                              0xf8008423,  // str x3, [x1], #8
                              0xd1000442,  // sub x2, x2, #1
                              0xb5ffffa2,  // cbnz x2, loop
                              0xf85f8024,  // ldr x4, [x1, #-8]
                              0x94000002,  // bl next
                              0xd2800025,  // mov x5, #1
                              0xaa1e03e6,  // next: mov x6, x30
                          } + kOff);
  world.run();
  CHECK(ending(world) == pe::Ending::SystemOff);
  CHECK(world.x(0, 3) == 15);
  CHECK(world.x(0, 4) == 15);
  CHECK(world.x(0, 5) == 0);
  CHECK(world.x(0, 6) == kCode + 9 * 4);
  CHECK(world.memory(0x3000, 8) == 5);
  CHECK(world.pe(0).counts().instructions == 3 + 5 * 4 + 3 + 3);
  REQUIRE(trace.pcs.size() == 29);
  CHECK(trace.pcs[3] == kCode + 12);
  CHECK(trace.pcs[7] == kCode + 12);
  CHECK(trace.pcs[25] == kCode + 40);
  CHECK(trace.last.x[3] == 15);
  // Each store is told with the line of its instruction.
  const auto writes = world.of(Kind::Write);
  REQUIRE(writes.size() == 5);
  for (const auto& e : writes) {
    const auto place = world.pe(0).place_of(event::AgentId{0}, e.line);
    REQUIRE(place);
    CHECK(place->pc.value == kCode + 16);
    CHECK(place->word == 0xf8008423);
  }
  // Fetches tell of what is executed, up to a branch that is always taken.
  std::map<std::uint64_t, std::uint64_t> fetched;
  for (const auto& e : world.of(Kind::Fetch)) {
    CHECK(e.address.value / 16 == (e.address.value + e.size - 1) / 16);
    CHECK(e.address.value % 4 == 0);
    fetched[e.address.value - kCode] = e.size;
    for (std::uint64_t i = 0; i < e.size; i += 4) {
      CHECK(static_cast<std::uint32_t>(e.data[i / 8] >> (8 * (i % 8))) == world.memory(e.address.value + i, 4));
    }
  }
  CHECK(fetched == std::map<std::uint64_t, std::uint64_t>{{0, 16}, {12, 4}, {16, 16}, {32, 4}, {40, 8}, {48, 12}});
}

TEST_CASE("What stands behind an ISB is fetched again, and told of then", "[pe][fetched]") {
  World world(one(guest()));
  world.poke_words(kCode, std::vector<std::uint32_t>{
                              0xd2800001,  // mov x1, #0
                              0xd5033fdf,  // isb
                              0xd2800022,  // mov x2, #1
                              0xd2800043,  // mov x3, #2
                              0xb4000041,  // cbz x1, past
                              0xd5033fdf,  // isb
                              0xd2800064,  // past: mov x4, #3
                              0xd2800085,  // mov x5, #4
                          } + kOff);
  world.run();
  CHECK(ending(world) == pe::Ending::SystemOff);
  CHECK(world.x(0, 3) == 2);
  CHECK(world.x(0, 5) == 4);
  std::vector<std::pair<std::uint64_t, std::uint64_t>> fetched;
  for (const auto& e : world.of(Kind::Fetch)) fetched.emplace_back(e.address.value - kCode, e.size);
  REQUIRE(fetched.size() >= 3);
  fetched.resize(3);
  CHECK(fetched == std::vector<std::pair<std::uint64_t, std::uint64_t>>{{0, 8}, {8, 8}, {16, 16}});
}

TEST_CASE("Where a fetched program ends", "[pe][fetched]") {
  const std::vector<std::uint32_t> program{
      0xd2800020,  // mov x0, #1
      0xd2800040,  // mov x0, #2
      0xd2800060,  // mov x0, #3
      0xd2800080,  // mov x0, #4
      0xd28000a0,  // mov x0, #5
      0x14000000,  // b .
  };
  auto a = guest();
  SECTION("after so many instructions") {
    a.until.instructions = 3;
    World world(one(a));
    world.poke_words(kCode, program);
    world.run();
    CHECK(world.x(0, 0) == 3);
    CHECK(world.pe(0).counts().instructions == 3);
    CHECK(ending(world) == pe::Ending::Instructions);
  }
  SECTION("at an address") {
    a.until.pc = arm::VirtAddr{kCode + 16};
    World world(one(a));
    world.poke_words(kCode, program);
    world.run();
    CHECK(world.x(0, 0) == 4);
    CHECK(ending(world) == pe::Ending::Pc);
  }
  SECTION("a branch to itself is no end, but the limit is") {
    World world(one(a));
    world.poke_words(kCode, program);
    world.run();
    CHECK(world.x(0, 0) == 5);
    CHECK(world.pe(0).counts().instructions == 10'000);
    CHECK(ending(world) == pe::Ending::Instructions);
  }
  SECTION("an instruction may be left out") {
    a.until.pc = arm::VirtAddr{kCode + 16};
    a.nops = {arm::VirtAddr{kCode + 12}};
    World world(one(a));
    world.poke_words(kCode, program);
    world.run();
    CHECK(world.x(0, 0) == 3);
  }
}

TEST_CASE("System registers of a fetched program, and those that its Exception level has not", "[pe][fetched]") {
  auto a = guest();
  Trace trace;
  a.observer = &trace;
  a.registers = {{R::VBAR_EL1, kVectors}, {R::MIDR_EL1, 0x410f'd034}, {R::NZCV, 0x4000'0000}};
  World world(one(a));
  world.poke_words(kVectors + 0x200, std::vector<std::uint32_t>{
                                         0xd538520a,  // mrs x10, esr_el1
                                         0xd538402b,  // mrs x11, elr_el1
                                         0xd538400c,  // mrs x12, spsr_el1
                                         0x910005ad,  // add x13, x13, #1
                                         0x9100116b,  // add x11, x11, #4
                                         0xd518402b,  // msr elr_el1, x11
                                         0xd69f03e0,  // eret
                                     });
  world.poke_words(kCode, std::vector<std::uint32_t>{
                              0xd5384241,  // mrs x1, currentel
                              0xd5380002,  // mrs x2, midr_el1
                              0xd53b4203,  // mrs x3, nzcv
                              0xd2800ee4,  // mov x4, #0x77
                              0xd518d084,  // msr tpidr_el1, x4
                              0xd538d085,  // mrs x5, tpidr_el1
                              0xd53c1106,  // mrs x6, hcr_el2
                              0xd53be047,  // mrs x7, cntvct_el0
                              0xd50342ff,  // msr daifclr, #2
                              0xd53b4228,  // mrs x8, daif
                              0xd538f009,  // mrs x9, s3_0_c15_c0_0
                              0x00000000,  // .inst 0
                              0x910001ae,  // add x14, x13, #0
                          } + kOff);
  world.run();
  CHECK(world.x(0, 1) == 4);
  CHECK(world.x(0, 2) == 0x410f'd034);
  CHECK(world.x(0, 3) == 0x4000'0000);
  CHECK(world.x(0, 5) == 0x77);
  CHECK(world.x(0, 6) == 0);
  CHECK(world.x(0, 7) == 1000 + 7 + 1 + 7);
  CHECK(world.x(0, 8) == 0x340);
  CHECK(world.x(0, 10) == 0x0200'0000);
  CHECK(world.x(0, 12) == 0x4000'0345);
  CHECK(world.x(0, 14) == 3);
}

TEST_CASE("What was fetched stays until the instruction cache is maintained", "[pe][fetched]") {
  const bool maintained = GENERATE(false, true);
  auto a = guest();
  a.registers = {{R::SCTLR_EL1, arm::info_of(R::SCTLR_EL1).reset | 1U << 12}};
  if (!maintained) a.nops = {arm::VirtAddr{kCode + 32}};
  World world(one(a));
  world.poke_words(kCode, std::vector<std::uint32_t>{
                              0xd2840000,  // mov x0, #0x2000
                              0xd63f0000,  // blr x0
                              0x52800841,  // mov w1, #0x42
                              0x72ba5001,  // movk w1, #0xd280, lsl #16
                              0xb9000001,  // str w1, [x0]
                              0xd5033f9f,  // dsb sy
                              0xd5087620,  // dc ivac, x0
                              0xd5033f9f,  // dsb sy
                              0xd508751f,  // ic iallu
                              0xd5033f9f,  // dsb sy
                              0xd5033fdf,  // isb
                              0xd63f0000,  // blr x0
                          } + kOff);
  world.poke_words(0x2000, {0xd280'0022, 0xd65f'03c0});  // mov x2, #1; ret
  // The store makes it `mov x2, #2`.
  world.run();
  CHECK(world.x(0, 2) == (maintained ? 2 : 1));
  CHECK(ending(world) == pe::Ending::SystemOff);
}
