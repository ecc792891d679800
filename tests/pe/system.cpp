// SPDX-License-Identifier: Apache-2.0
// System registers, address translation instructions, hardware updates of descriptors, power, maintenance by set and
// way, entitlement.
#include <catch2/catch.hpp>

#include "tables.h"

using namespace staleline;
using namespace staleline::test;
using event::Kind;

TEST_CASE("Registers read as the platform is, and as they were written", "[pe][system]") {
  Setup s;
  s.agents.push_back({.program = "nop"});
  s.agents.push_back({.program = R"(
    mrs x0, mpidr_el1
    mrs x1, clidr_el1
    mrs x2, ccsidr_el1
    mrs x3, dczid_el0
    mrs x4, currentel
    mov x5, #77
    msr tpidr_el1, x5
    mrs x6, tpidr_el1
    cmp x5, #77
    mrs x7, nzcv
    mrs x8, cntvct_el0
    .delay 1600
    mrs x9, cntvct_el0
  )",
                      .core = 1});
  World world(s);
  world.run();
  CHECK(world.x(1, 0) == 0x8000'0001);
  CHECK((world.x(1, 1) & 7) == 3);  // separate L1
  CHECK((world.x(1, 2) & 7) == 2);  // 64-byte lines
  CHECK(world.x(1, 3) == 4);
  CHECK(world.x(1, 4) == 4);
  CHECK(world.x(1, 6) == 77);
  CHECK(world.x(1, 7) == 0x6000'0000);
  CHECK(world.x(1, 9) - world.x(1, 8) >= 100);
  CHECK(world.x(1, 9) - world.x(1, 8) <= 102);
}

TEST_CASE("AT leaves the physical address or the fault in PAR_EL1", "[pe][system]") {
  Setup s;
  s.agents.push_back({.program = R"(
    ldr x10, =0x3123
    at s1e1r, x10
    isb
    mrs x0, par_el1
    ldr x10, =0x4000
    at s1e1w, x10
    isb
    mrs x1, par_el1
    at s1e1r, x10
    mrs x2, par_el1
  )",
                      .tables = true,
                      .registers = table_registers()});
  World world(s);
  poke_tables(world);
  world.poke(pte(0x3000), page(0x5000));
  world.poke(pte(0x4000), page(0x4000, kWB, {.read_only = true}));
  world.run();
  CHECK((world.x(0, 0) & 0xff'ffff'f001) == 0x5000);
  CHECK((world.x(0, 1) & 0x7f) == (0b001111 << 1 | 1));  // permission fault, level 3
  CHECK((world.x(0, 2) & 0xff'ffff'f001) == 0x4000);
  CHECK(world.of(Kind::Translation).empty());
  CHECK(world.pe(0).faults().empty());
}

TEST_CASE("Hardware sets the Access flag and the dirty state as an atomic of the descriptor", "[pe][system]") {
  Setup s;
  s.agents.push_back({.program = "ldr x0, [m4]\n ldr x10, =0xa020\n ldr x1, [x10]\n str x0, [m4]\n ldr x2, [x10]",
                      .tables = true,
                      .registers = table_registers()});
  for (auto& [id, value] : s.agents[0].registers) {
    if (id == arm::SystemRegister::TCR_EL1) value |= std::uint64_t{3} << 39;  // HA, HD
  }
  World world(s);
  poke_tables(world);
  const std::uint64_t before = page(0x4000, kWB, {.access_flag = false, .dirty_modifier = true, .read_only = true});
  world.poke(pte(0x4000), before);
  world.run();
  CHECK(world.pe(0).faults().empty());
  CHECK(world.x(0, 1) == (before | arm::kAccessFlag));
  CHECK(world.x(0, 2) == ((before | arm::kAccessFlag) & ~arm::kStage1ReadOnly));
  std::vector<event::Event> updates;
  for (const auto& e : world.of(Kind::Write)) {
    if (e.detail == 1) updates.push_back(e);
  }
  REQUIRE(updates.size() == 2);
  CHECK(updates[0].data[0] == world.x(0, 1));
  CHECK(updates[1].data[0] == world.x(0, 2));
  CHECK(updates[0].address.value == pte(0x4000));
}

TEST_CASE("A PE that is powered off loses what its caches hold", "[pe][system]") {
  Setup s;
  s.agents.push_back({.program = "mov x1, #5\n str x1, [m1]\n str x1, [m2]\n ldr x10, =m2\n dc cvac, x10\n dsb sy\n"
                                 " .poweroff\n .poweron\n ldr x0, [m1]\n ldr x2, [m2]"});
  World world(s);
  world.poke(0x1000, 1);
  world.run();
  CHECK(world.x(0, 0) == 1);
  CHECK(world.x(0, 2) == 5);
  const auto power = world.of(Kind::Power);
  REQUIRE(power.size() == 2);
  CHECK(power[0].aux == 0);
  CHECK(power[1].aux == 1);
}

TEST_CASE("A cluster that is powered off loses what its shared caches hold too", "[pe][system]") {
  for (const bool cluster : {false, true}) {
    Setup s;
    // Set 0 of the L1D, both ways: the line moves to the shared cache.
    s.agents.push_back({.program = std::string("mov x1, #5\n str x1, [m1]\n dsb sy\n mov x3, #0\n dc cisw, x3\n"
                                               " movk x3, #0x8000, lsl #16\n dc cisw, x3\n dsb sy\n") +
                                   (cluster ? " .poweroff cluster\n" : " .poweroff\n") + " .poweron\n ldr x0, [m1]"});
    World world(s);
    world.poke(0x1000, 1);
    world.run();
    CHECK(world.x(0, 0) == (cluster ? 1 : 5));
    std::vector<std::uint32_t> told;
    for (const auto& e : world.of(Kind::Power)) told.push_back(e.aux);
    CHECK(told == (cluster ? std::vector<std::uint32_t>{2, 0, 2, 1} : std::vector<std::uint32_t>{0, 1}));
  }
}

TEST_CASE("An access while powered off ends the program", "[pe][system]") {
  Setup s;
  s.agents.push_back({.program = ".poweroff\n ldr x0, [m1]"});
  World world(s);
  world.run();
  CHECK(world.pe(0).faults().size() == 1);
}

TEST_CASE("A sweep by set and way counts as one where it is complete and the cache is off", "[pe][system]") {
  // 2 KiB, 2 ways: 16 sets.
  const auto sweep = [](unsigned sets, bool cache_on, const std::string& within = "nop") {
    Setup s;
    s.agents.push_back({.program = "mov x9, #" + std::to_string(sets) + R"(
      mov x0, #0
    loop: dc cisw, x0
      movk x0, #0x8000, lsl #16
      dc cisw, x0
      movk x0, #0, lsl #16
      add x0, x0, #64
      )" + within + R"(
      subs x9, x9, #1
      b.ne loop
      dsb sy
    )",
                        .controls = {cache_on, cache_on, true}});
    World world(s);
    world.run();
    std::size_t complete = 0;
    for (const auto& e : world.of(Kind::Maintenance)) {
      CHECK(e.data[0] == 1);
      complete += e.data[1];
    }
    return complete;
  };
  CHECK(sweep(16, false) == 1);
  CHECK(sweep(16, true) == 0);
  CHECK(sweep(15, false) == 0);
  // What enters the cache between two of its operations may have been missed.
  CHECK(sweep(16, false, "isb") == 1);
  CHECK(sweep(16, false, "dmb ish") == 0);
  CHECK(sweep(16, false, "dsb sy") == 0);
}

TEST_CASE("SCTLR_EL1.A makes unaligned accesses of all memory fault", "[pe][system]") {
  for (const bool check : {false, true}) {
    Setup s;
    s.agents.push_back({.program = "mrs x1, sctlr_el1\n orr x1, x1, #" + std::string(check ? "2" : "0x1000") +
                                   "\n msr sctlr_el1, x1\n isb\n ldr x2, =0x1001\n ldr x0, [x2]"});
    World world(s);
    world.run();
    CHECK(world.pe(0).faults().size() == (check ? 1 : 0));
  }
}

TEST_CASE("HCR_EL2 turns an invalidate of a guest into a clean and invalidate, and widens barriers", "[pe][system]") {
  Setup s;
  s.agents.push_back({.program = "mov x1, #5\n str x1, [m4]\n ldr x10, =m4\n dc ivac, x10\n dsb nsh\n ldr x0, [m4]",
                      .tables = true,
                      .registers = table_registers()});
  // Stage 2 off but for DC: stage 1 is off too, so all is Write-Back.
  s.agents[0].registers.emplace_back(arm::SystemRegister::HCR_EL2, std::uint64_t{1} << 12 | std::uint64_t{2} << 10);
  World world(s);
  // Stage 2 tables: one level of 1GB blocks from level 1.
  s.agents[0].registers.emplace_back(arm::SystemRegister::VTTBR_EL2, 0xb000);
  s.agents[0].registers.emplace_back(arm::SystemRegister::VTCR_EL2,
                                     25 | 1U << 6 | 1U << 8 | 1U << 10 | 3U << 12 | 5U << 16 | 1U << 31);
  World guest(s);
  arm::Leaf leaf;
  guest.poke(0xb000, arm::encode_leaf(leaf, kStage2, 1));
  guest.run();
  CHECK(guest.pe(0).faults().empty());
  CHECK(guest.x(0, 0) == 5);
  CHECK(guest.of(Kind::Maintenance).at(0).aux == static_cast<std::uint32_t>(arm::CacheOp::DC_CIVAC));
  CHECK(event::unpack_barrier(guest.of(Kind::Barrier).at(0).aux).domain == arm::BarrierDomain::OSH);
  const auto walks = guest.of(Kind::Walk);
  REQUIRE_FALSE(walks.empty());
  CHECK(walks[0].detail == 0x21);
  CHECK(walks[0].data[1] == 0x4000);
}
