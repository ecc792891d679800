// SPDX-License-Identifier: Apache-2.0
// One PE and its own accesses: every load sees what program order says, whatever the attributes;
// Device accesses keep their order; barriers wait for what they must.
#include <fmt/format.h>

#include <array>
#include <catch2/catch.hpp>
#include <cstring>
#include <random>

#include "world.h"

namespace {

using namespace staleline;
using arm::MemoryClass;
using event::Kind;
using test::Setup;
using test::World;

Setup one(const std::string& program, MemoryClass c = MemoryClass::NormalWB) {
  Setup s;
  s.agents = {{program, 0}};
  s.memory = {{{0, 0x1'0000}, c}};
  return s;
}

// A program of random loads and stores of all sizes on three lines.
std::string random_program(std::mt19937_64& random, bool aligned) {
  std::string text = "mov x10, #0x1000\n";
  for (int i = 0; i < 60; ++i) {
    const std::uint64_t shift = random() % 4;
    std::uint64_t offset = random() % 184;
    if (aligned) offset &= ~((std::uint64_t{1} << shift) - 1);
    const auto number = random() % 8;
    static constexpr std::array<const char*, 4> kSuffix{"b", "h", "", ""};
    const char width = shift == 3 ? 'x' : 'w';
    switch (random() % 8) {
      case 0:
        text += fmt::format("stp x{}, x{}, [x10, #{}]\n", number, (number + 1) % 8, offset & ~std::uint64_t{7});
        break;
      case 1:
        text += fmt::format("ldp x{}, x{}, [x10, #{}]\n", number, (number + 1) % 8, offset & ~std::uint64_t{7});
        break;
      case 2:
        text += random() % 4 == 0 ? "dmb sy\n" : fmt::format("add x{}, x{}, #{}\n", number, number, 1 + random() % 999);
        break;
      case 3:
      case 4:
        text += fmt::format("ldur{} {}{}, [x10, #{}]\n", kSuffix[shift], width, number, offset);
        break;
      default:
        text += fmt::format("stur{} {}{}, [x10, #{}]\n", kSuffix[shift], width, number, offset);
        text += fmt::format("add x{}, x{}, #{}\n", number, number, 1 + random() % 4000);
        break;
    }
    if (text.find(", #1") == std::string::npos) continue;
  }
  return text;
}

std::uint64_t bytes_of(const event::Event& e, std::size_t i) { return e.data[i / 8] >> (8 * (i % 8)) & 0xff; }

}  // namespace

TEST_CASE("every load sees the youngest of its own stores, byte by byte, in every memory type") {
  std::mt19937_64 random(7);
  for (const auto c : {MemoryClass::NormalWB, MemoryClass::NormalWT, MemoryClass::NormalNC, MemoryClass::DeviceGRE,
                       MemoryClass::DevicenGnRnE}) {
    for (int i = 0; i < 60; ++i) {
      // LDUR takes offsets up to 255; Device memory wants aligned ones.
      Setup setup = one(random_program(random, arm::is_device(c)), c);
      setup.store_buffer_entries = 1 + static_cast<std::uint32_t>(i % 5);
      setup.drain_cycles = 1U << (i % 8);
      World world(setup);
      world.run();
      REQUIRE(world.pe(0).faults().empty());
      std::array<std::uint8_t, 256> flat{};
      std::size_t loads = 0;
      for (const auto& e : world.recorder.events) {
        if (e.kind != Kind::Read && e.kind != Kind::Write) continue;
        REQUIRE(e.size >= 1);
        REQUIRE(e.size <= 16);
        REQUIRE(e.address.offset_in(64) + e.size <= 64);
        for (std::size_t b = 0; b < e.size; ++b) {
          auto& byte = flat.at(e.address.value - 0x1000 + b);
          if (e.kind == Kind::Write) byte = static_cast<std::uint8_t>(bytes_of(e, b));
          CAPTURE(arm::name_of(c), i, setup.agents[0].program, e.address.value + b, e.cycle);
          if (e.kind == Kind::Read) REQUIRE(byte == bytes_of(e, b));
        }
        loads += e.kind == Kind::Read;
      }
      REQUIRE(loads > 5);
      for (std::size_t b = 0; b < 192; ++b) {
        if (!arm::is_cacheable(c)) REQUIRE(world.memory(0x1000 + b, 1) == flat[b]);
      }
    }
  }
}

TEST_CASE("stores to Device memory arrive in program order, one transfer an access") {
  Setup setup = one("mov x1, #1\nmov x2, #2\nstr w1, [m1]\nstr w2, [m2]\nstr w1, [m1]\nstr w2, [m2+64]\n",
                    MemoryClass::DevicenGnRE);
  World world(setup);
  world.recorder.copies = true;
  world.run();
  std::vector<std::uint64_t> arrived;
  for (const auto& e : world.of(Kind::MemoryWrite)) {
    arrived.push_back(e.address.value);
    CHECK(e.size == 4);
  }
  CHECK(arrived == std::vector<std::uint64_t>{0x1000, 0x2000, 0x1000, 0x2040});
}

TEST_CASE("a Device load does not overtake an older Device store") {
  Setup setup = one("mov x1, #1\nstr w1, [m1]\nldr w0, [m2]\n", MemoryClass::DevicenGnRnE);
  World world(setup);
  world.recorder.copies = true;
  world.run();
  const auto writes = world.of(Kind::MemoryWrite), reads = world.of(Kind::Read);
  REQUIRE(writes.size() == 1);
  REQUIRE(reads.size() == 1);
  CHECK(writes[0].cycle < reads[0].cycle);
}

TEST_CASE("stores that were made with other attributes drain before a load of the same bytes") {
  // m1 is Normal-NC; the MMU-off agent of the same PE sees it as Device.
  Setup setup =
      one("mov x1, #0x77\nstr x1, [m1]\nmrs x3, sctlr_el1\nand x3, x3, #0xfffffffffffffffe\nmsr sctlr_el1, "
          "x3\nisb\nldr x0, [m1]\n",
          MemoryClass::NormalNC);
  World world(setup);
  world.run();
  CHECK(world.x(0, 0) == 0x77);
}

TEST_CASE("dc cvac cleans the PE's own pending store to a cacheable line, and dsb waits for it") {
  World world(one("mov x1, #5\nstr x1, [m1]\ndc cvac, m1+0\ndsb sy\nldr x0, [m2]\n"));
  world.run();
  CHECK(world.memory(0x1000, 8) == 5);
  const auto barrier = world.of(Kind::Barrier);
  REQUIRE(barrier.size() == 1);
  const auto maintenance = world.of(Kind::Maintenance);
  REQUIRE(maintenance.size() == 1);
  CHECK(barrier[0].cycle > maintenance[0].cycle + 8);
}

TEST_CASE("a range is maintained line by line without waiting for each, and only both access types complete it") {
  const auto cycles = [](const char* barrier) {
    World world(one(fmt::format("dc civac, m1[10..700]\n{}\n", barrier)));
    world.run();
    const auto maintenance = world.of(Kind::Maintenance);
    REQUIRE(maintenance.size() == 11);
    for (std::size_t i = 0; i < maintenance.size(); ++i) {
      CHECK(maintenance[i].address.value == 0x1000 + 64 * i);
      CHECK(maintenance[i].cycle == maintenance[0].cycle + i);
    }
    return world.of(Kind::Barrier).at(0).cycle - maintenance.back().cycle;
  };
  CHECK(cycles("dsb sy") > 8);
  CHECK(cycles("dsb ishst") == 1);
}

TEST_CASE("a doorbell stays behind Device stores and passes Normal ones") {
  const auto program = "mov x1, #1\nstr x1, [m1]\nstr x1, [m2]\n.doorbell a\n";
  Setup setup = one(program);
  setup.memory = {{{0, 0x2000}, MemoryClass::NormalWB}, {{0x2000, 0x1000}, MemoryClass::DevicenGnRE}};
  setup.drain_cycles = 5000;
  World world(setup);
  world.recorder.copies = true;
  world.run();
  const auto send = world.of(Kind::EdgeSend);
  REQUIRE(send.size() == 1);
  CHECK(world.of(Kind::MemoryWrite).at(0).cycle <= send[0].cycle);

  Setup normal = one("mov x1, #1\nstr x1, [m1]\n.doorbell a\n");
  normal.drain_cycles = 5000;
  World passes(normal);
  passes.run();
  CHECK(passes.of(Kind::EdgeSend).at(0).cycle < 10);
}

TEST_CASE("a fault ends the program and is remembered") {
  World alignment(one("mov x3, #0x1001\nldr w0, [x3]\nmov x1, #9\n", MemoryClass::DevicenGnRnE));
  alignment.run();
  REQUIRE(alignment.pe(0).faults().size() == 1);
  CHECK(alignment.pe(0).faults()[0].fault.kind == mmu::Fault::Kind::Alignment);
  CHECK(alignment.pe(0).faults()[0].line.value == 2);
  CHECK(alignment.x(0, 1) == 0);
  World zeroing(one("dc zva, m1+0\n", MemoryClass::DeviceGRE));
  zeroing.run();
  CHECK(zeroing.pe(0).faults().size() == 1);
  World translation(one("mov x3, #0x70000\nstr x3, [x3]\n"));
  translation.run();
  REQUIRE(translation.pe(0).faults().size() == 1);
  CHECK(translation.pe(0).faults()[0].fault.kind == mmu::Fault::Kind::Translation);
}

TEST_CASE("CTR_EL0 and SCTLR_EL1 are read as they are, a write takes effect at ISB") {
  World world(
      one("mrs x0, sctlr_el1\nand x1, x0, #0xfffffffffffffffe\nmsr sctlr_el1, x1\nmrs x2, sctlr_el1\nldr x4, "
          "[m1]\nisb\nldr x4, [m1]\n"));
  world.run();
  CHECK((world.x(0, 0) & 0x1005) == 0x1005);
  CHECK((world.x(0, 2) & 1) == 0);
  const auto reads = world.of(Kind::Read);
  REQUIRE(reads.size() == 2);
  CHECK(reads[0].path.memory == MemoryClass::NormalWB);
  CHECK(reads[1].path.memory == MemoryClass::DevicenGnRnE);
  // Live from the start, no longer live after the ISB.
  const auto live = world.of(Kind::Live);
  REQUIRE(live.size() == 2);
  CHECK(live[0].cycle == 0);
  CHECK((live[0].aux & 1) == 1);
  CHECK(live[1].cycle > 0);
  CHECK((live[1].aux & 1) == 0);
  CHECK(live[1].address == live[0].address);
}

TEST_CASE("a cacheable fetch with the MMU off makes its line live, once") {
  Setup setup = one(".fetch x0, [m1]\n.fetch x0, [m1+4]\n.fetch x0, [m1+64]\n");
  setup.agents[0].controls = {false, false, true};
  World world(setup);
  world.run();
  const auto live = world.of(Kind::Live);
  REQUIRE(live.size() == 2);
  CHECK(live[0].aux == 3);
  CHECK(live[0].address.value == 0x1000);
  CHECK(live[0].data[0] == 64);
  CHECK(live[1].address.value == 0x1040);
}
