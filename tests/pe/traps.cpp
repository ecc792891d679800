// SPDX-License-Identifier: Apache-2.0
// What HCR_EL2 takes from a guest to the hypervisor of its PE, and what PSTATE.PAN forbids.
#include <catch2/catch.hpp>

#include "tables.h"

using namespace staleline;
using namespace staleline::test;
using event::Kind;

namespace {

/// A guest that makes `instruction`, under a hypervisor that sets bit `field` of HCR_EL2 and does `handler` for a trap.
Setup guest(const std::string& instruction, unsigned field, const std::string& handler) {
  Setup s;
  s.agents.push_back(
      {.program = "mov x7, #0x1040\n .await hand.c\n " + instruction + "\n mov x5, #1\n dsb sy\n .handoff d",
       .abort = event::EdgeId{0},
       .resume = event::EdgeId{1}});
  s.agents.push_back(
      {.program = "ldr x1, =" + std::to_string(std::uint64_t{1} << field) +
                  "\n msr hcr_el2, x1\n isb\n .handoff c\n .await hand.a\n mrs x2, esr_el2\n mrs x3, elr_el2\n" +
                  handler + "\n .handoff b\n",
       .el = 2});
  return s;
}

constexpr const char* kSkip = "add x4, x3, #4\n msr elr_el2, x4";
constexpr const char* kAllow = "msr hcr_el2, xzr\n isb";

struct Trapped {
  const char* instruction;
  unsigned field;
  std::uint64_t esr;  // EC 0x18, IL, and op0, op2, op1, CRn, Rt, CRm, direction
};
constexpr Trapped kTrapped[] = {
    {"msr sctlr_el1, x7", 26, 0x6230'04e0},
    {"msr ttbr0_el1, x7", 26, 0x6230'08e0},
    {"msr ttbr1_el1, x7", 26, 0x6232'08e0},
    {"msr tcr_el1, x7", 26, 0x6234'08e0},
    {"msr esr_el1, x7", 26, 0x6230'14e4},
    {"msr far_el1, x7", 26, 0x6230'18e0},
    {"msr afsr0_el1, x7", 26, 0x6230'14e2},
    {"msr afsr1_el1, x7", 26, 0x6232'14e2},
    {"msr mair_el1, x7", 26, 0x6230'28e4},
    {"msr amair_el1, x7", 26, 0x6230'28e6},
    {"msr contextidr_el1, x7", 26, 0x6232'34e0},
    {"mrs x7, sctlr_el1", 30, 0x6230'04e1},
    {"mrs x7, contextidr_el1", 30, 0x6232'34e1},
    {"dc isw, x7", 22, 0x6214'1cec},
    {"dc csw, x7", 22, 0x6214'1cf4},
    {"dc cisw, x7", 22, 0x6214'1cfc},
    {"dc ivac, x7", 23, 0x6212'1cec},
    {"dc cvac, x7", 23, 0x6212'dcf4},
    {"dc cvap, x7", 23, 0x6212'dcf8},
    {"dc civac, x7", 23, 0x6212'dcfc},
    {"dc cvau, x7", 24, 0x6212'dcf6},
    {"ic ivau, x7", 24, 0x6212'dcea},
    {"ic iallu", 24, 0x6210'1fea},
    {"ic ialluis", 24, 0x6210'1fe2},
    {"dc zva, x7", 28, 0x6212'dce8},
    {"tlbi vmalle1", 25, 0x6210'23ee},
    {"tlbi vmalle1is", 54, 0x6210'23e6},
    {"tlbi vmalle1os", 55, 0x6210'23e2},
    {"tlbi vmalle1is", 25, 0x6210'23e6},
};

std::size_t done(const World& world) {
  return world.of(Kind::Maintenance).size() + world.of(Kind::Tlbi).size() + world.of(Kind::Write).size();
}

}  // namespace

TEST_CASE("What HCR_EL2 traps goes to the hypervisor with its syndrome, who skips it or lets it be done",
          "[pe][traps]") {
  for (const Trapped& t : kTrapped) {
    INFO(t.instruction);
    World skipped(guest(t.instruction, t.field, kSkip));
    skipped.run();
    CHECK(skipped.x(1, 2) == t.esr);
    CHECK(skipped.x(1, 3) == a64::kDefaultCode.value + 4 * 2);
    CHECK(skipped.x(0, 5) == 1);
    CHECK(skipped.x(0, 7) == 0x1040);
    CHECK(done(skipped) == 0);
    CHECK(skipped.of(Kind::Fault).empty());
    World allowed(guest(t.instruction, t.field, kAllow));
    allowed.run();
    CHECK(allowed.x(0, 5) == 1);
    CHECK(done(allowed) + (std::string(t.instruction).starts_with("m") ? 1 : 0) >= 1);
    CHECK((allowed.x(0, 7) == 0x1040) == !std::string(t.instruction).starts_with("mrs"));
  }
}

TEST_CASE("A field traps nothing but its own", "[pe][traps]") {
  for (const Trapped& t : kTrapped) {
    for (const unsigned field : {22U, 23U, 24U, 25U, 26U, 28U, 30U, 54U, 55U}) {
      const bool own = field == t.field || (field == 25 && std::string(t.instruction).starts_with("tlbi")) ||
                       (field == 54 && t.esr == 0x6210'23e6);
      if (own) continue;
      INFO(t.instruction << " with bit " << field);
      auto s = guest(t.instruction, field, "");
      s.agents[1].program = s.agents[1].program.substr(0, s.agents[1].program.find(".await"));
      World world(s);
      world.run();
      CHECK(world.x(0, 5) == 1);
    }
  }
  auto s = guest("msr tpidr_el1, x7\n mrs x6, tpidr_el1\n mrs x8, esr_el2", 26, "");
  s.agents[1].program = s.agents[1].program.substr(0, s.agents[1].program.find(".await"));
  World world(s);
  world.run();
  CHECK(world.x(0, 6) == 0x1040);
}

TEST_CASE("A hypervisor does the MSR or MRS that it trapped, and sees the registers of its guest", "[pe][traps]") {
  const std::string emulate = "mrs x5, sctlr_el1\n .emulate\n mrs x6, sctlr_el1\n mrs x8, elr_el2";
  World written(guest("msr sctlr_el1, x7\n mrs x9, sctlr_el1", 26, emulate));
  written.run();
  CHECK(written.x(1, 5) != 0x1040);
  CHECK(written.x(1, 6) == 0x1040);
  CHECK(written.x(1, 8) == written.x(1, 3) + 4);
  CHECK(written.x(0, 9) == 0x1040);
  CHECK(written.x(0, 5) == 1);
  World read(guest("mrs x7, contextidr_el1", 30, "mov x4, #77\n msr contextidr_el1, x4\n .emulate"));
  read.run();
  CHECK(read.x(0, 7) == 77);
  CHECK(read.x(0, 5) == 1);
  // What is neither is passed over.
  World other(guest("dc isw, x7", 22, ".emulate"));
  other.run();
  CHECK(other.x(0, 5) == 1);
  CHECK(done(other) == 0);
}

TEST_CASE("A stage 2 fault goes to the hypervisor of the PE, and the access is made again after its handoff",
          "[pe][translation]") {
  const auto vttbr = std::pair{arm::SystemRegister::VTTBR_EL2, std::uint64_t{0xb000}};
  const auto vtcr = std::pair{arm::SystemRegister::VTCR_EL2,
                              std::uint64_t{25 | 1U << 6 | 1U << 8 | 1U << 10 | 3U << 12 | 5U << 16 | 1U << 31}};
  Setup s;
  s.agents.push_back({.program = "mov x1, #3\n str x1, [m3]\n ldr x0, [m4]", .tables = true});
  s.agents[0].controls = {false, false, true};
  s.agents[0].registers = {vttbr, vtcr, {arm::SystemRegister::HCR_EL2, 1}};
  s.agents[0].abort = event::EdgeId{0};   // a
  s.agents[0].resume = event::EdgeId{1};  // b
  const std::uint64_t block = arm::encode_leaf({}, kStage2, 1);
  s.agents.push_back({.program = ".await hand.a\n ldr x10, =0xb000\n ldr x11, =" + std::to_string(block) +
                                 "\n str x11, [x10]\n dsb sy\n mrs x0, hpfar_el2\n mrs x1, esr_el2\n .handoff b",
                      .el = 2});
  World world(s);
  world.poke(0x4000, 44);
  world.run();
  CHECK(world.x(0, 0) == 44);
  CHECK(world.x(1, 0) == 0x30);  // the IPA 0x3000
  CHECK(world.x(1, 1) >> 26 == 0x24);
  CHECK(world.of(Kind::Fault).size() == 1);
  CHECK(world.of(Kind::Fault)[0].detail == 1);
  CHECK(world.of(Kind::EdgeSend).size() == 2);
  CHECK(world.of(Kind::EdgeReceive).size() == 2);
  CHECK(world.pe(0).faults().empty());
}

TEST_CASE("An access that faulted at stage 2 can be skipped", "[pe][traps]") {
  const auto vtcr = std::pair{arm::SystemRegister::VTCR_EL2,
                              std::uint64_t{25 | 1U << 6 | 1U << 8 | 1U << 10 | 3U << 12 | 5U << 16 | 1U << 31}};
  Setup s;
  s.agents.push_back({.program = "mov x0, #3\n ldr x0, [m4]\n mov x5, #1",
                      .controls = {false, false, true},
                      .tables = true,
                      .registers = {{arm::SystemRegister::VTTBR_EL2, 0xb000}, vtcr, {arm::SystemRegister::HCR_EL2, 1}},
                      .abort = event::EdgeId{0},
                      .resume = event::EdgeId{1}});
  s.agents.push_back(
      {.program = ".await hand.a\n mrs x3, elr_el2\n add x4, x3, #4\n msr elr_el2, x4\n .handoff b", .el = 2});
  World world(s);
  world.run();
  CHECK(world.x(0, 0) == 3);
  CHECK(world.x(0, 5) == 1);
  CHECK(world.of(Kind::Read).empty());
}

TEST_CASE("What the memory system refuses is an external abort of the instruction, or of the walk",
          "[pe][exceptions]") {
  for (const char* program :
       {"ldr x0, [m4]", "ldxr x0, [m4]", "ldr x10, =m4\n swp x1, x2, [x10]", "ldr x10, =m4\n ldp x0, x1, [x10]"}) {
    for (const bool handled : {false, true}) {
      Setup s;
      s.memory = {{{0, 0x4000}, arm::MemoryClass::NormalWB}, {{0x4000, 0x1000}, arm::MemoryClass::DevicenGnRE}};
      s.global_monitor = true;
      s.hole = 0x4000;
      s.agents.push_back({.program = (handled ? ".vector handler\n" : std::string()) + program +
                                     "\n b end\n handler: mrs x5, esr_el1\n mrs x6, far_el1\n end: mov x7, #1"});
      World world(s);
      world.run();
      INFO(program);
      CHECK(world.pe(0).faults().size() == (handled ? 0 : 1));
      CHECK(world.of(Kind::Fault).size() == 1);
      CHECK(world.of(Kind::Fault)[0].aux == static_cast<std::uint32_t>(event::FaultKind::External));
      CHECK(world.of(Kind::Read).empty());
      CHECK(world.of(Kind::Write).empty());
      if (!handled) continue;
      CHECK((world.x(0, 5) >> 26) == 0x25);
      CHECK((world.x(0, 5) & 0x3f) == 0x10);
      CHECK(world.x(0, 6) == 0x4000);
      CHECK(world.x(0, 7) == 1);
    }
  }
  Setup s;
  s.hole = kLeaves;
  s.agents.push_back({.program = "ldr x0, [m4]", .tables = true, .registers = table_registers(0, 0)});
  World world(s);
  world.poke(kRoot, arm::encode_table(kMiddle, kStage1));
  world.poke(kMiddle, arm::encode_table(kLeaves, kStage1));
  world.run();
  REQUIRE(world.pe(0).faults().size() == 1);
  CHECK(world.pe(0).faults()[0].fault.kind == event::FaultKind::External);
  CHECK(world.pe(0).faults()[0].level == 3);
}

TEST_CASE("HCR_EL2.DC turns stage 1 off, makes what it would map Write-Back, and stage 2 on", "[pe][translation]") {
  const auto vtcr = std::pair{arm::SystemRegister::VTCR_EL2,
                              std::uint64_t{25 | 1U << 6 | 1U << 8 | 1U << 10 | 3U << 12 | 5U << 16 | 1U << 31}};
  for (const bool dc : {false, true}) {
    Setup s;
    s.agents.push_back({.program = "ldr x0, [m4]", .tables = true, .registers = table_registers()});
    s.agents[0].registers.insert(
        s.agents[0].registers.end(),
        {{arm::SystemRegister::VTTBR_EL2, 0xb000}, vtcr, {arm::SystemRegister::HCR_EL2, dc ? 1U << 12 : 1U}});
    World world(s);
    poke_tables(world);
    world.poke(pte(0x4000), page(0x5000, kNC));
    world.poke(0xb000, arm::encode_leaf({}, kStage2, 1));
    world.poke(0x4000, 44);
    world.poke(0x5000, 55);
    world.run();
    CHECK(world.x(0, 0) == (dc ? 44 : 55));
    const auto made = world.of(Kind::Translation);
    REQUIRE(made.size() == 1);
    const auto tag = event::TranslationTag::unpack(made[0].data[1]);
    CHECK(tag.stage1 == !dc);
    CHECK(tag.stage2);
    CHECK(world.of(Kind::Read).at(0).path.memory == (dc ? arm::MemoryClass::NormalWB : arm::MemoryClass::NormalNC));
  }
}

TEST_CASE("PSTATE.PAN forbids what EL0 may access, LDTR excepted", "[pe][translation]") {
  const auto run = [](const std::string& program, bool span = true) {
    Setup s;
    s.agents.push_back({.program = program, .tables = true, .registers = table_registers()});
    if (!span) s.agents[0].registers[0].second &= ~(std::uint64_t{1} << 23);
    auto world = std::make_unique<World>(s);
    poke_tables(*world);
    world->poke(pte(0x4000), page(0x4000, kWB, {.user = true}));
    world->run();
    return world;
  };
  const auto faulted = [&](const std::string& program) {
    const auto world = run(program);
    const auto& faults = world->pe(0).faults();
    for (const auto& f : faults) CHECK(f.fault.kind == event::FaultKind::Permission);
    return !faults.empty();
  };
  CHECK_FALSE(faulted("ldr x0, [m4]"));
  CHECK(faulted("msr pan, #1\n ldr x0, [m4]"));
  CHECK(faulted("ldr x0, [m4]\n msr pan, #1\n ldr x0, [m4]"));
  CHECK(faulted("ldr x0, [m4]\n msr pan, #1\n str x0, [m4]"));
  CHECK(faulted("msr pan, #1\n ldr x10, =m4\n ldadd x1, x2, [x10]"));
  CHECK_FALSE(faulted("msr pan, #1\n ldr x0, [m5]"));
  CHECK_FALSE(faulted("msr pan, #1\n ldr x10, =m4\n ldtr x0, [x10]\n dc civac, x10"));
  CHECK_FALSE(faulted("msr pan, #1\n msr pan, #0\n ldr x0, [m4]"));
  for (const bool span : {false, true}) {
    const auto world =
        run(".vector handler\n svc #0\n mrs x3, pan\n b end\n handler: mrs x1, pan\n eret\n end: nop", span);
    CHECK(world->x(0, 1) == (span ? 0 : 1U << 22));
    CHECK(world->x(0, 3) == 0);
  }
}
