// SPDX-License-Identifier: Apache-2.0
// Several agents on one PE, placed and random copy events, devices, and that none of it depends on
// the run-ahead window or on who is visited first.
#include <catch2/catch.hpp>
#include <cstring>

#include "world.h"

namespace {

using namespace staleline;
using event::Kind;
using test::Setup;
using test::World;

bool same(const event::Event& a, const event::Event& b) {
  return a.kind == b.kind && a.cycle == b.cycle && a.component == b.component && a.sequence == b.sequence &&
         a.address == b.address && a.data == b.data && a.aux == b.aux && a.line == b.line && a.agent == b.agent &&
         a.pe == b.pe && a.size == b.size && a.detail == b.detail && a.mechanism == b.mechanism && a.path == b.path;
}

Setup busy() {
  Setup s;
  s.memory = {{{0, 0x3000}, arm::MemoryClass::NormalWB}, {{0x3000, 0x1000}, arm::MemoryClass::NormalNC}};
  s.agents = {
      {"mov x2, #20\nloop: .copy m1[0..256], m2[0..256]\nadd x1, x1, #3\nstr x1, [m1]\nstr x1, [m3]\ndc cvac, "
       "m1[0..128]\ndsb sy\n.publish a\nsubs x2, x2, #1\nb.ne loop\n.doorbell d\n.await hand.z\n",
       0},
      {"mov x2, #20\nloop: .await p.a\nldr x0, [m1]\nldr x3, [m3]\nadd x4, x4, x0\nstr x4, [m2+64]\nsubs x2, x2, "
       "#1\nb.ne loop\n.publish b\n",
       1},
      {".await p.b\n.fetch x0, [m1]\n.fill m1[100..200], 3\n.read m2[0..256]\n", 0},
      {".await bell.d\n.copy m3[512..700], m1[0..188]\n.complete\n", 0, {}, true, true},
  };
  s.adversary = 50;
  return s;
}

}  // namespace

TEST_CASE("events are byte-identical for every window and for either order of visits") {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Setup setup = busy();
    setup.seed = seed;
    World reference(setup);
    reference.recorder.copies = true;
    reference.run();
    REQUIRE(reference.recorder.events.size() > 1500);
    for (const event::Cycle window : {1U, 3U, 0U}) {
      for (const bool reverse : {false, true}) {
        setup.window = window;
        setup.reverse = reverse;
        World world(setup);
        world.recorder.copies = true;
        world.run();
        CAPTURE(seed, window, reverse);
        REQUIRE(world.recorder.events.size() == reference.recorder.events.size());
        for (std::size_t i = 0; i < world.recorder.events.size(); ++i) {
          CAPTURE(i);
          REQUIRE(same(world.recorder.events[i], reference.recorder.events[i]));
        }
      }
    }
  }
}

TEST_CASE("another seed of the adversary moves copies and changes no program") {
  Setup setup = busy();
  World a(setup);
  a.recorder.copies = true;
  a.run();
  setup.seed = 99;
  World b(setup);
  b.recorder.copies = true;
  b.run();
  CHECK(a.of(Kind::Fill).size() != b.of(Kind::Fill).size());
  for (const Kind kind : {Kind::Write, Kind::Read, Kind::Maintenance, Kind::EdgeSend}) {
    CHECK(a.of(kind).size() == b.of(kind).size());
  }
}

TEST_CASE("agents of one PE run in turn, and the stores of one leave before the next runs") {
  Setup setup;
  setup.agents = {{"mov x1, #1\nstr x1, [m1]\n.await p.a\nldr x0, [m2]\n", 0},
                  {"ldr x0, [m1]\nmov x1, #2\nstr x1, [m2]\n.publish a\n", 0}};
  setup.drain_cycles = 100'000;
  World world(setup);
  world.run();
  CHECK(world.x(1, 0) == 1);
  CHECK(world.x(0, 0) == 2);
  event::Cycle second_starts = 0;
  for (const auto& e : world.of(Kind::Read)) {
    if (e.agent.value == 1) second_starts = e.cycle;
  }
  CHECK(second_starts > 20);  // the first store's miss came before
}

TEST_CASE("placed events happen after the line that they name, before the program goes on") {
  Setup setup;
  setup.agents = {{"mov x1, #7\nstr x1, [m1]\nnop\nldr x0, [m2]\n", 0}};
  setup.drain_cycles = 100'000;
  pe::Placement evict;
  evict.what = pe::Placement::What::Evict;
  evict.after_agent = event::AgentId{0};
  evict.after_line = event::SourceLine{2};
  evict.address = {0x1000};
  evict.bytes = 64;
  evict.line = event::SourceLine{50};
  pe::Placement drain = evict;
  drain.what = pe::Placement::What::Drain;

  SECTION("an eviction takes the store with it, down to memory") {
    setup.placements = {evict};
    World world(setup);
    world.recorder.copies = true;
    world.run();
    bool in_memory = false;
    for (const auto& e : world.recorder.events) {
      if (e.kind == Kind::MemoryWrite && e.address.value == 0x1000) in_memory = true;
      if (e.kind == Kind::Read) CHECK(in_memory);
    }
    CHECK(world.pe(0).idle_placements().empty());
  }
  SECTION("a drain brings the store into the cache") {
    setup.placements = {drain};
    World world(setup);
    world.recorder.copies = true;
    world.run();
    bool filled = false;
    for (const auto& e : world.recorder.events) {
      if (e.kind == Kind::Fill && e.address.value == 0x1000) filled = true;
      if (e.kind == Kind::Read) CHECK(filled);
    }
    CHECK(filled);
  }
  SECTION("a fill at the start comes before everything") {
    auto fill = evict;
    fill.what = pe::Placement::What::Fill;
    fill.after_line = event::SourceLine{0};
    fill.address = {0x2000};
    setup.placements = {fill};
    World world(setup);
    world.recorder.copies = true;
    world.run();
    event::Cycle filled = 0;
    for (const auto& e : world.of(Kind::Fill)) {
      if (e.address.value == 0x2000) filled = filled == 0 ? e.cycle : filled;
    }
    CHECK(filled > 0);
    CHECK(filled <= world.of(Kind::Write).at(0).cycle);
  }
  SECTION("one that finds nothing is told, unless it is optional") {
    evict.address = {0x4000};
    setup.placements = {evict};
    World world(setup);
    world.run();
    CHECK(world.pe(0).idle_placements() == std::vector<event::SourceLine>{event::SourceLine{50}});
    setup.placements[0].optional = true;
    World silent(setup);
    silent.run();
    CHECK(silent.pe(0).idle_placements().empty());
  }
}

TEST_CASE("a device copies what it sees: memory, or the coherent domain") {
  for (const bool snoops : {false, true}) {
    Setup setup;
    setup.agents = {{"mov x1, #7\nstr x1, [m1]\ndsb sy\n.doorbell a\n.await p.z\nldr x0, [m2]\n", 0},
                    {".await bell.a\n.copy m2[0..100], m1[0..100]\n.complete\n", 0, {}, true, snoops}};
    World world(setup);
    world.run();
    CHECK(world.x(0, 0) == (snoops ? 7 : 0));
    for (const auto& e : world.recorder.events) {
      if (e.kind != Kind::Read && e.kind != Kind::Write) continue;
      if (e.agent.value == 1) CHECK(e.path.node == (snoops ? event::kCoherentDomain : event::kNoNode));
      if (e.agent.value == 1) CHECK(e.pe == event::kNoPe);
    }
  }
}

TEST_CASE("the adversary stays within what speculation may reach") {
  Setup setup = busy();
  setup.memory = {{{0, 0x1000}, arm::MemoryClass::NormalNC}, {{0x1000, 0x3000}, arm::MemoryClass::NormalWB}};
  setup.adversary = 200;
  World world(setup);
  world.recorder.copies = true;
  world.run();
  std::size_t fills = 0;
  for (const auto& e : world.of(Kind::Fill)) {
    CHECK(e.address.value >= 0x1000);
    ++fills;
  }
  CHECK(fills > 50);
}
