// SPDX-License-Identifier: Apache-2.0
// Translation by tables in memory: walks are accesses, entries are kept, registers come into force at context
// synchronisation.
#include <catch2/catch.hpp>

#include "tables.h"

using namespace staleline;
using namespace staleline::test;
using event::Kind;

namespace {

Setup one(const std::string& program, std::uint64_t walk = 1) {
  Setup s;
  s.agents.push_back({.program = program, .tables = true, .registers = table_registers(5, walk)});
  return s;
}

std::vector<event::Event> agent_events(const World& world) {
  std::vector<event::Event> result;
  for (const auto& e : world.recorder.events) {
    if (e.kind != Kind::Live) result.push_back(e);
  }
  return result;
}

}  // namespace

TEST_CASE("The first access to a page walks, later ones use what the walk made", "[pe][translation]") {
  World world(one("ldr x0, [m2]\n ldr x1, [m2+8]\n ldr x2, [m3]"));
  poke_tables(world);
  world.poke(pte(0x3000), page(0x5000, kNC, {.not_global = true}));
  world.poke(0x2000, 22);
  world.poke(0x2008, 23);
  world.poke(0x5000, 55);
  world.run();
  CHECK(world.x(0, 0) == 22);
  CHECK(world.x(0, 1) == 23);
  CHECK(world.x(0, 2) == 55);

  const auto events = agent_events(world);
  const std::vector<Kind> kinds{Kind::Walk, Kind::Walk, Kind::Walk,        Kind::Translation, Kind::Read,
                                Kind::Read, Kind::Walk, Kind::Translation, Kind::Read};
  REQUIRE(events.size() == kinds.size());
  for (std::size_t i = 0; i < kinds.size(); ++i) CHECK(events[i].kind == kinds[i]);
  // The second walk begins at the last level, where the first one came.
  CHECK(events[6].address.value == pte(0x3000));
  CHECK(events[3].aux == 0);
  CHECK(events[7].aux == 1);
}

TEST_CASE("Walks without a walk cache read every level, each as an access of its own", "[pe][translation]") {
  auto setup = one("ldr x0, [m2]\n ldr x1, [m2+8]\n ldr x2, [m3]");
  setup.tlb.walk_cache.entries = 0;
  World world(setup);
  poke_tables(world);
  world.poke(pte(0x3000), page(0x5000, kNC, {.not_global = true}));
  world.run();
  const auto events = agent_events(world);
  REQUIRE(events.size() == 11);
  const std::uint64_t addresses[] = {kRoot, kMiddle, pte(0x2000)};
  for (unsigned level = 1; level <= 3; ++level) {
    const auto& e = events[level - 1];
    CHECK(e.kind == Kind::Walk);
    CHECK(e.address.value == addresses[level - 1]);
    CHECK(e.detail == (0x10 | level));
    CHECK(e.data[0] == world.memory(addresses[level - 1], 8));
    CHECK(e.data[1] == 0x2000);
    CHECK(e.entry == 1);
    CHECK(e.path.memory == arm::MemoryClass::NormalWB);
  }
  CHECK(events[3].kind == Kind::Translation);
  CHECK(events[3].entry == 1);
  CHECK(events[3].address.value == 0x2000);
  const auto tag = event::TranslationTag::unpack(events[3].data[1]);
  CHECK(
      tag ==
      event::TranslationTag{
          .asid = 5, .vmid = 0, .size_log2 = 12, .el = 1, .level = 3, .global = true, .stage1 = true, .stage2 = false});
  CHECK(events[4].kind == Kind::Read);
  CHECK(events[4].entry == 1);
  CHECK(events[5].kind == Kind::Read);
  CHECK(events[5].entry == 1);
  CHECK(events[9].kind == Kind::Translation);
  CHECK_FALSE(event::TranslationTag::unpack(events[9].data[1]).global);
  CHECK(events[10].entry == 2);
  CHECK(events[10].address.value == 0x5000);
  CHECK(events[10].path.memory == arm::MemoryClass::NormalNC);
}

TEST_CASE("A walk does not see what the store buffer of its own PE holds", "[pe][translation]") {
  const std::string program = R"(
    ldr x1, =0x5000
    mov x2, #0
    str x2, [x10]
    BARRIER
    ldr x0, [m4]
  )";
  for (const bool barrier : {false, true}) {
    auto text = program;
    text.replace(text.find("BARRIER"), 7, barrier ? "dsb ishst" : "nop");
    text.insert(0, "ldr x10, =0xa020\n");
    World world(one(text));
    poke_tables(world);
    world.run();
    CHECK(world.pe(0).faults().size() == (barrier ? 1 : 0));
    if (barrier) {
      CHECK(world.pe(0).faults()[0].fault.kind == event::FaultKind::Translation);
      CHECK(world.pe(0).faults()[0].address.value == 0x4000);
      CHECK(world.pe(0).faults()[0].level == 3);
      const auto faults = world.of(Kind::Fault);
      REQUIRE(faults.size() == 1);
      CHECK(faults[0].detail == 0);
      CHECK(faults[0].data[0] == 0x4000);
      CHECK(faults[0].entry == world.of(Kind::Translation).back().entry);
      CHECK(world.of(Kind::Translation).back().detail == 1);
    }
  }
}

TEST_CASE("A Non-cacheable walk goes past the caches", "[pe][translation]") {
  const std::string program = "ldr x10, =0xa020\n mov x2, #0\n str x2, [x10]\n dsb sy\n ldr x0, [m4]";
  for (const std::uint64_t walk : {0, 1}) {
    World world(one(program, walk));
    poke_tables(world);
    world.run();
    // The descriptor that makes it invalid sits dirty in the cache.
    CHECK(world.pe(0).faults().size() == walk);
    const auto walks = world.of(Kind::Walk);
    REQUIRE_FALSE(walks.empty());
    for (const auto& e : walks) CHECK((e.path.node == event::kNoNode) == (walk == 0));
  }
}

TEST_CASE("A register of translation comes into force at the next context synchronisation", "[pe][translation]") {
  const std::string program = R"(
    ldr x0, [m2]
    ldr x1, =0x7000b000
    movk x1, #0x0007, lsl #48
    and x1, x1, #0xffffffff0000ffff
    msr ttbr0_el1, x1
    ldr x2, [m3]
    SYNC
    ldr x3, [m4]
  )";
  for (const bool sync : {false, true}) {
    auto text = program;
    text.replace(text.find("SYNC"), 4, sync ? "isb" : "nop");
    World world(one(text));
    poke_tables(world);
    // Another root at 0xb000, of which every page leads to m6.
    world.poke(0xb000, arm::encode_table(0xc000, kStage1));
    world.poke(0xc000, arm::encode_table(0xd000, kStage1));
    for (std::uint64_t i = 0; i < 16; ++i) world.poke(0xd000 + 8 * i, page(0x6000, kWB, {.not_global = true}));
    world.poke(0x2000, 2);
    world.poke(0x3000, 3);
    world.poke(0x4000, 4);
    world.poke(0x6000, 6);
    world.run();
    CHECK(world.x(0, 2) == 3);
    CHECK(world.x(0, 3) == (sync ? 6 : 4));
    const auto registers = world.of(Kind::SystemRegister);
    REQUIRE(registers.size() == (sync ? 1 : 0));
    if (!sync) continue;
    CHECK(registers[0].aux == static_cast<std::uint32_t>(arm::SystemRegister::TTBR0_EL1));
    CHECK(registers[0].data[0] == (0xb000 | std::uint64_t{7} << 48));
    CHECK(registers[0].data[1] == (kRoot | std::uint64_t{5} << 48));
    CHECK(event::TranslationTag::unpack(world.of(Kind::Translation).back().data[1]).asid == 7);
  }
}

TEST_CASE("A permission that a page lacks is a fault, with the entry that says so", "[pe][translation]") {
  World world(one("ldr x0, [m2]\n str x0, [m2]"));
  poke_tables(world);
  world.poke(pte(0x2000), page(0x2000, kWB, {.read_only = true}));
  world.run();
  REQUIRE(world.pe(0).faults().size() == 1);
  CHECK(world.pe(0).faults()[0].fault.kind == event::FaultKind::Permission);
  CHECK(world.of(Kind::Write).empty());
  CHECK(world.of(Kind::Fault)[0].entry == 1);
}

TEST_CASE("Accesses across two pages use the translation of each", "[pe][translation]") {
  World world(one("ldr x1, =0x2ffc\n ldr x0, [x1]"));
  poke_tables(world);
  world.poke(pte(0x3000), page(0x5000));
  world.poke(0x2ff8, 0x1111'1111'2222'2222);
  world.poke(0x5000, 0x3333'3333'4444'4444);
  world.run();
  CHECK(world.x(0, 0) == 0x4444'4444'1111'1111);
}

TEST_CASE("Nothing of a window's size or the order of visits shows in a run with tables", "[pe][translation]") {
  std::vector<std::size_t> sizes;
  for (const event::Cycle window : {1, 3, 0}) {
    Setup s;
    const std::string program = "ldr x0, [m2]\n add x0, x0, #1\n str x0, [m2]\n dsb sy\n ldr x3, [m3]\n ldr x4, [m4]";
    s.agents.push_back({.program = program, .core = 0, .tables = true, .registers = table_registers()});
    s.agents.push_back({.program = program, .core = 1, .tables = true, .registers = table_registers(1)});
    s.window = window;
    s.reverse = window == 3;
    World world(s);
    poke_tables(world);
    world.run();
    std::size_t hash = 0;
    for (const auto& e : world.recorder.events) {
      hash = hash * 31 + e.cycle * 7 + static_cast<std::size_t>(e.kind) + e.address.value + e.data[0] + e.entry;
    }
    sizes.push_back(hash);
  }
  CHECK(sizes[0] == sizes[1]);
  CHECK(sizes[0] == sizes[2]);
}
