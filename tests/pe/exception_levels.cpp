// SPDX-License-Identifier: Apache-2.0
// Exception levels of fetched programs: vectors, stack pointers, returns, and the MMU that they turn on.
#include <catch2/catch.hpp>

#include "fetched.h"
#include "tables.h"

using namespace staleline;
using namespace staleline::test;
using event::Kind;
using R = arm::SystemRegister;

TEST_CASE("Exceptions change level, vector and stack pointer, and ERET changes back", "[pe][fetched]") {
  const std::uint8_t el = GENERATE(std::uint8_t{1}, std::uint8_t{2});
  auto a = guest(el);
  a.registers = {{R::VBAR_EL1, kVectors}};
  World world(one(a));
  // At EL2: down to EL1 first.
  const std::vector<std::uint32_t> down{
      0xd2820400,  // mov x0, #0x1020
      0xd51c4020,  // msr elr_el2, x0
      0xd28078a0,  // mov x0, #0x3c5
      0xd51c4000,  // msr spsr_el2, x0
      0xd2b00000,  // mov x0, #0x80000000
      0xd51c1100,  // msr hcr_el2, x0
      0xd2800000,  // mov x0, #0
      0xd69f03e0,  // eret
  };
  if (el == 2) world.poke_words(kCode, down);
  if (el == 1) world.poke_words(kCode, std::vector<std::uint32_t>(8, 0xd503'201f));
  world.poke_words(kCode + 32, std::vector<std::uint32_t>{
                                   0xd28c0000,  // mov x0, #0x6000
                                   0x9100001f,  // mov sp, x0
                                   0xd28a0000,  // mov x0, #0x5000
                                   0xd5184100,  // msr sp_el0, x0
                                   0xd2810001,  // mov x1, #0x800
                                   0xd518c001,  // msr vbar_el1, x1
                                   0xd40000e1,  // svc #7
                                   0x910003f4,  // mov x20, sp
                                   0xd50040bf,  // msr spsel, #0
                                   0x910003f5,  // mov x21, sp
                                   0xd4000101,  // svc #8
                                   0x910003f6,  // mov x22, sp
                                   0xd50041bf,  // msr spsel, #1
                                   0x910003f7,  // mov x23, sp
                                   0xd2821000,  // mov x0, #0x1080
                                   0xd5184020,  // msr elr_el1, x0
                                   0xd2800000,  // mov x0, #0
                                   0xd5184000,  // msr spsr_el1, x0
                                   0xd69f03e0,  // eret
                               });
  world.poke_words(0x1080, std::vector<std::uint32_t>{
                               0x910003f8,  // mov x24, sp
                               0xd4000121,  // svc #9
                               0x910003fd,  // mov x29, sp
                               0xd538d080,  // mrs x0, tpidr_el1
                               0xd280003c,  // mov x28, #1
                           });
  // One for each kind of vector: which, with ESR and SPSR.
  world.poke_words(kVectors, std::vector<std::uint32_t>{
                                 0xd2800022,  // mov x2, #1
                                 0xd5385203,  // mrs x3, esr_el1
                                 0xd5384004,  // mrs x4, spsr_el1
                                 0x910003e5,  // mov x5, sp
                                 0xd69f03e0,  // eret
                             });
  world.poke_words(kVectors + 0x200, std::vector<std::uint32_t>{
                                         0xd2800026,  // mov x6, #1
                                         0xd5385207,  // mrs x7, esr_el1
                                         0xd5384008,  // mrs x8, spsr_el1
                                         0x910003e9,  // mov x9, sp
                                         0xd69f03e0,  // eret
                                     });
  world.poke_words(kVectors + 0x400, std::vector<std::uint32_t>{
                                         0xd538520b,  // mrs x11, esr_el1
                                         0xd538400c,  // mrs x12, spsr_el1
                                         0x910003ed,  // mov x13, sp
                                         0xd538402e,  // mrs x14, elr_el1
                                         0xb500006a,  // cbnz x10, .+12
                                         0xd280002a,  // mov x10, #1
                                         0xd69f03e0,  // eret
                                     } + kOff);
  world.run();
  // From EL1 with SP_EL1.
  CHECK(world.x(0, 6) == 1);
  CHECK(world.x(0, 7) == 0x5600'0007);
  CHECK((world.x(0, 8) & 0xf) == 5);
  CHECK(world.x(0, 9) == 0x6000);
  CHECK(world.x(0, 20) == 0x6000);
  // From EL1 with SP_EL0.
  CHECK(world.x(0, 2) == 1);
  CHECK(world.x(0, 3) == 0x5600'0008);
  CHECK((world.x(0, 4) & 0xf) == 4);
  CHECK(world.x(0, 5) == 0x6000);
  CHECK(world.x(0, 21) == 0x5000);
  CHECK(world.x(0, 22) == 0x5000);
  CHECK(world.x(0, 23) == 0x6000);
  // From EL0: an SVC, then a register of EL1.
  CHECK(world.x(0, 24) == 0x5000);
  CHECK(world.x(0, 29) == 0x5000);
  CHECK(world.x(0, 10) == 1);
  CHECK(world.x(0, 11) == 0x0200'0000);
  CHECK((world.x(0, 12) & 0xf) == 0);
  CHECK(world.x(0, 13) == 0x6000);
  CHECK(world.x(0, 14) == 0x108c);
  CHECK(world.x(0, 28) == 0);
}

TEST_CASE("A fetched program turns its MMU on", "[pe][fetched]") {
  const bool until = GENERATE(false, true);
  auto a = guest();
  a.registers = {{R::VBAR_EL1, kVectors}};
  a.until.mmu_on = until;
  World world(one(a));
  poke_tables(world);
  world.poke(pte(0x4000), page(0x5000));
  world.poke(pte(0x6000), 0);
  world.poke(0x5000, 55);
  const auto registers = table_registers();
  const auto literal = [&](R r) {
    for (const auto& [id, value] : registers)
      if (id == r) return value;
    return std::uint64_t{0};
  };
  world.poke(0x3000, literal(R::MAIR_EL1));
  world.poke(0x3008, literal(R::TCR_EL1));
  world.poke(0x3010, literal(R::TTBR0_EL1));
  world.poke(0x3018, literal(R::SCTLR_EL1));
  world.poke_words(kVectors + 0x200, std::vector<std::uint32_t>{
                                         0xd538520a,  // mrs x10, esr_el1
                                         0xd538600b,  // mrs x11, far_el1
                                         0xd538402c,  // mrs x12, elr_el1
                                         0x910005ad,  // add x13, x13, #1
                                         0xd272018e,  // eor x14, x12, #0x4000
                                         0xd518403e,  // msr elr_el1, x30
                                         0xd69f03e0,  // eret
                                     });
  world.poke_words(kCode, std::vector<std::uint32_t>{
                              0xd2860000,  // mov x0, #0x3000
                              0xa9400801,  // ldp x1, x2, [x0]
                              0xa9411003,  // ldp x3, x4, [x0, #16]
                              0xd518a201,  // msr mair_el1, x1
                              0xd5182042,  // msr tcr_el1, x2
                              0xd5182003,  // msr ttbr0_el1, x3
                              0xd5033fdf,  // isb
                              0xd5181004,  // msr sctlr_el1, x4
                              0xd5033fdf,  // isb
                              0xd2880000,  // mov x0, #0x4000
                              0xf9400005,  // ldr x5, [x0]
                              0x94000001,  // bl .+4
                              0x910023de,  // add x30, x30, #8
                              0xf9500006,  // ldr x6, [x0, #0x2000]
                              0xaa0a03e7,  // mov x7, x10
                              0x94000001,  // bl .+4
                              0x910033de,  // add x30, x30, #12
                              0xd28c0080,  // mov x0, #0x6004
                              0xd61f0000,  // br x0
                              0x910033de,  // add x30, x30, #12
                              0x91000800,  // add x0, x0, #2
                              0xd61f0000,  // br x0
                          } + kOff);
  world.run();
  if (until) {
    CHECK(ending(world) == pe::Ending::MmuOn);
    CHECK(world.x(0, 5) == 0);
    CHECK(world.pe(0).counts().instructions == 9);
    return;
  }
  CHECK(ending(world) == pe::Ending::SystemOff);
  CHECK(world.x(0, 5) == 55);
  CHECK(world.x(0, 7) == (0x9600'0000 | 7));
  CHECK(world.x(0, 13) == 3);
  // The last one: a branch to an address that is no multiple of 4.
  CHECK(world.x(0, 10) == 0x8a00'0000);
  CHECK(world.x(0, 11) == 0x6006);
  CHECK(world.x(0, 12) == 0x6006);
  bool aborted = false;
  for (const auto& e : world.of(Kind::Fault)) {
    aborted = aborted || (e.data[0] == 0x6004 && e.data[1] == (0x8600'0000 | 7) && e.detail == 1);
  }
  CHECK(aborted);
}

TEST_CASE("A program whose vector cannot be fetched is over", "[pe][fetched]") {
  auto a = guest();
  a.registers = {{R::VBAR_EL1, 0x2'0000}};
  auto setup = one(a);
  setup.hole = 0x2'0000;
  World world(setup);
  world.poke_words(kCode, {0xd400'0001});  // svc #0
  world.run();
  CHECK(ending(world) == pe::Ending::Fault);
  CHECK(world.pe(0).faults().size() == 1);
}
