// SPDX-License-Identifier: Apache-2.0
// Translation by tables in memory: walks are accesses, entries are kept, registers come into force at context
// synchronisation.
#include <algorithm>
#include <catch2/catch.hpp>

#include "staleline/event/reliance.h"
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
  for (const std::uint64_t walk : {0U, 1U}) {
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
    auto registers = world.of(Kind::SystemRegister);
    const auto written =
        std::stable_partition(registers.begin(), registers.end(), [](const auto& e) { return e.detail == 0; });
    REQUIRE(written - registers.begin() == (sync ? 1 : 0));
    // All that translation depends on, and then what was written; the load between is told of, once.
    REQUIRE(registers.end() - written == 13);
    CHECK(std::count_if(written, registers.end(), [](const auto& e) { return e.detail == 2; }) == 12);
    CHECK(registers.back().detail == 1);
    CHECK(registers.back().aux == static_cast<std::uint32_t>(arm::SystemRegister::TTBR0_EL1));
    CHECK(registers.back().data[1] == (kRoot | std::uint64_t{5} << 48));
    const auto relies = world.of(Kind::Unsynchronised);
    REQUIRE(relies.size() == (sync ? 1 : 2));
    CHECK(relies.front().data[0] == 0x3000);
    CHECK(event::Reliance::unpack(relies.front().data[1]).request.kind == arm::AccessRequest::Kind::Read);
    if (!sync) continue;
    CHECK(registers[0].aux == static_cast<std::uint32_t>(arm::SystemRegister::TTBR0_EL1));
    CHECK(registers[0].data[0] == (0xb000 | std::uint64_t{7} << 48));
    CHECK(registers[0].data[1] == (kRoot | std::uint64_t{5} << 48));
    CHECK(event::TranslationTag::unpack(world.of(Kind::Translation).back().data[1]).asid == 7);
  }
}

TEST_CASE("A permission that a page lacks is a fault, with the entry that says so", "[pe][translation]") {
  World world(one("ldr x0, [m2]\n ldr x1, [m3]\n str x0, [m2]"));
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
  for (const event::Cycle window : {event::Cycle{1}, event::Cycle{3}, event::Cycle{0}}) {
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

namespace {

// Changes where m4 leads, from m4 to m5, as `maintenance` says, and reads it before and after.
std::string remap(const std::string& maintenance) {
  return R"(
    ldr x10, =0xa020
    ldr x11, =0x5703
    ldr x12, =4
    ldr x0, [m4]
    str xzr, [x10]
    dsb ishst
    )" + maintenance +
         R"(
    str x11, [x10]
    dsb ishst
    isb
    ldr x1, [m4]
  )";
}

}  // namespace

TEST_CASE("An entry outlives its descriptor until TLB maintenance takes it", "[pe][translation]") {
  const std::pair<const char*, std::uint64_t> cases[] = {{"nop", 44},
                                                         {"tlbi vae1, x12", 55},
                                                         {"tlbi vae1is, x12", 55},
                                                         {"tlbi vmalle1", 55},
                                                         {"tlbi vaae1, x12", 55},
                                                         {"tlbi vale1is, x12", 55},
                                                         {"tlbi aside1, x12", 44}};  // global: no ASID takes it
  for (const auto& [maintenance, expected] : cases) {
    INFO(maintenance);
    World world(one(remap(std::string(maintenance) + "\n dsb ish")));
    poke_tables(world);
    world.poke(0x4000, 44);
    world.poke(0x5000, 55);
    world.run();
    CHECK(world.x(0, 0) == 44);
    CHECK(world.x(0, 1) == expected);
    const auto tlbis = world.of(Kind::Tlbi);
    REQUIRE(tlbis.size() == (expected == 55 || tlbis.size() == 1 ? 1 : 0));
    if (tlbis.empty()) continue;
    CHECK(arm::name_of(arm::unpack_tlbi(tlbis[0].aux)) ==
          std::string(maintenance).substr(5, std::string(maintenance).find_first_of(",", 5) - 5));
    CHECK(tlbis[0].data[1] == 5);
  }
}

TEST_CASE("TLB maintenance reaches other PEs if it is broadcast, and HCR_EL2.FB makes it so", "[pe][translation]") {
  struct Case {
    const char* tlbi;
    bool force;
    std::uint64_t expected;
  };
  for (const Case c : {Case{"tlbi vae1, x12", false, 44}, Case{"tlbi vae1is, x12", false, 55},
                       Case{"tlbi vae1os, x12", false, 55}, Case{"tlbi vae1, x12", true, 55}}) {
    for (const event::Cycle window : {event::Cycle{0}, event::Cycle{1}}) {
      Setup s = one(remap(std::string(c.tlbi) + "\n dsb ish") + "\n dsb sy\n .publish b");
      s.window = window;
      s.agents[0].program = ".await any.a\n" + s.agents[0].program;
      if (c.force) s.agents[0].registers.emplace_back(arm::SystemRegister::HCR_EL2, std::uint64_t{1} << 9);
      s.agents.push_back({.program = "ldr x0, [m4]\n .publish a\n .await any.b\n isb\n ldr x1, [m4]",
                          .core = 1,
                          .tables = true,
                          .registers = table_registers(9)});
      World world(s);
      poke_tables(world);
      world.poke(0x4000, 44);
      world.poke(0x5000, 55);
      world.run();
      CHECK(world.x(1, 0) == 44);
      CHECK(world.x(1, 1) == c.expected);
      CHECK(arm::unpack_tlbi(world.of(Kind::Tlbi).at(0).aux).reach !=
            (c.expected == 55 ? arm::TlbiReach::Local : arm::TlbiReach::InnerShareable));
    }
  }
}

TEST_CASE("Broadcast TLB maintenance is complete when stores through the old entry have left", "[pe][translation]") {
  Setup s = one(".await any.a\n ldr x12, =4\n tlbi vae1is, x12\n dsb ish\n ldr x0, [m6]\n mov x1, #7\n str x1, [m7]");
  s.drain_cycles = 5000;
  s.agents.push_back({.program = "mov x1, #1\n str x1, [m4]\n .publish a\n .delay 3000",
                      .core = 1,
                      .tables = true,
                      .registers = table_registers()});
  World world(s);
  poke_tables(world);
  world.poke(pte(0x6000), page(0x4000, kWB));
  world.run();
  CHECK(world.x(0, 0) == 1);
}

TEST_CASE("With the quirk the first of two TLBI does not wait for stores, the second does", "[pe][translation]") {
  for (const bool quirk : {false, true}) {
    for (const bool twice : {false, true}) {
      const std::string tlbi = "tlbi vae1is, x12\n dsb ish\n";
      Setup s = one(".await any.a\n ldr x12, =4\n" + tlbi + (twice ? tlbi : "") + "ldr x0, [m6+320]");
      s.tlbi_completes_early = quirk;
      s.drain_cycles = 5000;
      std::string stores = "mov x1, #1\n";
      for (int line = 0; line < 6; ++line) stores += "str x1, [m4+" + std::to_string(line * 64) + "]\n";
      s.agents.push_back(
          {.program = stores + ".publish a\n .delay 3000", .core = 1, .tables = true, .registers = table_registers()});
      World world(s);
      poke_tables(world);
      world.poke(pte(0x4000), page(0x4000, kDevice));  // one after the other
      world.poke(pte(0x6000), page(0x4000, kNC));
      world.run();
      INFO("quirk " << quirk << " twice " << twice);
      CHECK(world.x(0, 0) == (quirk && !twice ? 0 : 1));
    }
  }
}

TEST_CASE("A fault goes to the vector of its program and the access is made again after ERET", "[pe][translation]") {
  const std::string program = R"(
    .vector handler
    cmp x0, #0
    ldr x0, [m4]
    b end
  handler:
    mrs x1, esr_el1
    mrs x2, far_el1
    mrs x3, elr_el1
    mrs x4, spsr_el1
    mrs x9, daif
    ldr x10, =0xa020
    ldr x11, =0x5703
    str x11, [x10]
    dsb ishst
    add x5, x5, #1
    eret
  end: mrs x6, daif
  )";
  World world(one(program));
  poke_tables(world);
  world.poke(pte(0x4000), 0);
  world.poke(0x5000, 55);
  world.run();
  CHECK(world.x(0, 0) == 55);
  CHECK(world.x(0, 1) == (std::uint64_t{0x25} << 26 | 1U << 25 | 0b000111));
  CHECK(world.x(0, 2) == 0x4000);
  CHECK(world.x(0, 3) == a64::kDefaultCode.value + 8);
  CHECK((world.x(0, 4) & 0xf000'000f) == 0x6000'0005);  // Z and C, EL1h
  CHECK(world.x(0, 5) == 1);
  CHECK(world.x(0, 9) == 0x3c0);
  CHECK(world.pe(0).faults().empty());
  const auto faults = world.of(Kind::Fault);
  REQUIRE(faults.size() == 1);
  CHECK(faults[0].detail == 1);
  CHECK(faults[0].data[1] == world.x(0, 1));
  CHECK(world.of(Kind::ContextSync).size() == 2);
}

TEST_CASE("Exception calls go to the vector, and are the end of a program without one", "[pe][exceptions]") {
  for (const bool vector : {true, false}) {
    World world(one(std::string(vector ? ".vector handler\n" : "nop\n") +
                    "svc #5\n mov x1, #1\n b end\nhandler: mrs x0, esr_el1\n eret\nend: nop"));
    poke_tables(world);
    world.run();
    CHECK(world.x(0, 1) == (vector ? 1 : 0));
    CHECK(world.x(0, 0) == (vector ? (std::uint64_t{0x15} << 26 | 1U << 25 | 5) : 0));
    CHECK(world.pe(0).faults().size() == (vector ? 0 : 1));
    CHECK(world.of(Kind::Fault).size() == (vector ? 0 : 1));
  }
}

TEST_CASE("A placement fills the TLB of a PE with what a walk finds then", "[pe][translation]") {
  for (const bool placed : {false, true}) {
    auto setup = one("ldr x10, =0xa020\n ldr x11, =0x5703\n str x11, [x10]\n dsb sy\n ldr x0, [m4]");
    setup.tlb.walk_cache.entries = 0;
    if (placed) {
      pe::Placement p;
      p.what = pe::Placement::What::TlbFill;
      p.va = {0x4000};
      setup.placements = {p};
    }
    World world(setup);
    poke_tables(world);
    world.poke(0x4000, 44);
    world.poke(0x5000, 55);
    world.run();
    CHECK(world.x(0, 0) == (placed ? 44 : 55));
    CHECK(world.pe(0).idle_placements().empty());
    CHECK(world.of(Kind::Translation).at(0).data[0] == (placed ? 0x4000 : 0xa000));
  }
}

TEST_CASE("A placement whose page is not mapped found nothing", "[pe][translation]") {
  auto setup = one("nop\n nop");
  pe::Placement p;
  p.what = pe::Placement::What::TlbFill;
  p.va = {0x4000};
  p.line = {9};
  setup.placements = {p};
  World world(setup);
  poke_tables(world);
  world.poke(pte(0x4000), 0);
  world.run();
  CHECK(world.pe(0).idle_placements() == std::vector<event::SourceLine>{{9}});
}

TEST_CASE("What a walk finds mapped cacheable is live from then on", "[pe][translation]") {
  World world(one("ldr x0, [m2]"));
  poke_tables(world);
  world.poke(pte(0x2000), page(0x2'0000));  // beyond what is declared
  world.run();
  std::size_t announced = 0;
  for (const auto& e : world.of(Kind::Live)) announced += e.address.value == 0x2'0000 && e.data[0] == 0x1000 ? 1 : 0;
  CHECK(announced == 1);
}
