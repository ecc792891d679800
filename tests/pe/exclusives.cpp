// SPDX-License-Identifier: Apache-2.0
// Exclusives, atomics and events: mutual exclusion holds on every platform and schedule, and faults where nothing
// monitors.
#include <catch2/catch.hpp>

#include "world.h"

using namespace staleline;
using namespace staleline::test;
using event::Kind;

namespace {

constexpr arm::MemoryClass kEveryClass[] = {arm::MemoryClass::NormalWB, arm::MemoryClass::NormalWT,
                                            arm::MemoryClass::NormalNC, arm::MemoryClass::DevicenGnRE};
constexpr const char* kCountExclusive = R"(
    mov x9, #50
  loop: ldxr x0, [m1]
    add x0, x0, #1
    stxr w1, x0, [m1]
    cbnz w1, loop
    subs x9, x9, #1
    b.ne loop
)";
constexpr const char* kLock = R"(
    mov x9, #20
    mov w2, #1
    ldr x11, =m2
  again: ldaxr w3, [m1]
    cbnz w3, again
    stxr w4, w2, [m1]
    cbnz w4, again
    ldr x0, [x11]
    add x0, x0, #1
    str x0, [x11]
    stlr wzr, [m1]
    subs x9, x9, #1
    b.ne again
)";
constexpr const char* kCountAtomic = R"(
    mov x9, #50
    mov x2, #1
    ldr x10, =m1
  loop: ldadd x2, x0, [x10]
    subs x9, x9, #1
    b.ne loop
)";

}  // namespace

TEST_CASE("Counters that several PEs raise lose nothing", "[pe][exclusives]") {
  for (const auto memory : kEveryClass) {
    for (const char* program : {kCountExclusive, kCountAtomic, kLock}) {
      for (const event::Cycle window : {event::Cycle{0}, event::Cycle{1}}) {
        for (const double adversary : {0.0, 100.0}) {
          Setup s;
          s.memory = {{{0, 0x1'0000}, memory}};
          s.global_monitor = memory != arm::MemoryClass::NormalWB;
          s.adversary = adversary;
          s.window = window;
          for (std::uint8_t core = 0; core < 3; ++core) s.agents.push_back({.program = program, .core = core});
          s.agents[0].program +=
              "\n dsb sy\n .await any.b\n .await any.c\n ldr x10, =m1\n dc civac, x10\n"
              " ldr x10, =m2\n dc civac, x10\n dsb sy\n";
          s.agents[1].program += "\n dsb sy\n .publish b\n";
          s.agents[2].program += "\n dsb sy\n .publish c\n";
          World world(s);
          world.run();
          INFO(program << " memory " << int(memory) << " window " << window << " adversary " << adversary);
          if (program == kLock) {
            CHECK(world.memory(0x2000, 8) == 60);
            CHECK(world.memory(0x1000, 8) == 0);
          } else {
            CHECK(world.memory(0x1000, 8) == 150);
            CHECK(world.of(Kind::Write).size() == 150);
          }
          if (program == kCountAtomic) CHECK(world.of(Kind::Read).size() == 150);
        }
      }
    }
  }
}

TEST_CASE("What an atomic past the caches found and left is what its events say", "[pe][atomics]") {
  for (const auto memory : kEveryClass) {
    Setup s;
    s.memory = {{{0, 0x1'0000}, memory}};
    s.global_monitor = true;
    s.agents.push_back({.program = "mov x2, #5\n ldr x10, =m1\n ldadd x2, x0, [x10]\n ldr x1, [m1]\n casp x4, x5, "
                                   "x6, x7, [x10]\n dsb sy\n dc civac, x10\n dsb sy"});
    World world(s);
    world.poke(0x1000, 37);
    world.run();
    CHECK(world.x(0, 0) == 37);
    CHECK(world.x(0, 1) == 42);
    CHECK(world.x(0, 4) == 42);
    CHECK(world.memory(0x1000, 8) == 42);
    const auto reads = world.of(Kind::Read);
    const auto writes = world.of(Kind::Write);
    REQUIRE(reads.size() == 3);
    CHECK(reads[0].data[0] == 37);
    CHECK(reads[2].size == 16);
    REQUIRE(writes.size() == 1);
    CHECK(writes[0].data[0] == 42);
    CHECK(writes[0].path.memory == memory);
  }
}

TEST_CASE("A Store-Exclusive fails without a Load-Exclusive, after CLREX and after another's store",
          "[pe][exclusives]") {
  const auto memory = GENERATE(from_range(std::begin(kEveryClass), std::end(kEveryClass)));
  const auto status = [&](const std::string& between, const std::string& other, int device = 0) {
    Setup s;
    s.memory = {{{0, 0x1'0000}, memory}};
    s.global_monitor = memory != arm::MemoryClass::NormalWB;
    s.agents.push_back({.program = ".delay 10\n" + between + "\n mov x2, #7\n stxr w0, x2, [m1]"});
    if (!other.empty()) s.agents.push_back({.program = other, .core = 1, .device = device != 0, .snoops = device == 2});
    World world(s);
    world.run();
    INFO("memory " << int(memory) << ", " << between << ", then " << other);
    const auto writes = world.of(Kind::Write);
    CHECK(std::count_if(writes.begin(), writes.end(), [](const auto& e) { return e.agent.value == 0; }) ==
          1 - static_cast<std::ptrdiff_t>(world.x(0, 0)));
    return world.x(0, 0);
  };
  CHECK(status("nop", "") == 1);
  CHECK(status("ldxr x1, [m1]", "") == 0);
  CHECK(status("ldxr x1, [m2]", "") == 1);
  CHECK(status("ldxr x1, [m1]\n clrex", "") == 1);
  CHECK(status("ldxr x1, [m1]\n .publish a\n .await any.b",
               ".await any.a\n mov x3, #1\n str x3, [m1+32]\n dsb sy\n .publish b") == 1);
  CHECK(status("ldxr x1, [m1]\n .publish a\n .await any.b",
               ".await any.a\n mov x3, #1\n str x3, [m2]\n dsb sy\n .publish b") == 0);
  CHECK(status("ldxr x1, [m1]\n .publish a\n .await any.b",
               ".await any.a\n ldr x3, [m1]\n ldxr x4, [m1]\n dsb sy\n .publish b") == 0);
  CHECK(status("ldxr x1, [m1]\n .publish a\n .await any.b",
               ".await any.a\n mov x3, #1\n ldr x4, =m1\n ldadd x3, x5, [x4]\n dsb sy\n .publish b") == 1);
  // The local monitor knows one address.
  CHECK(status("ldxr x1, [m1]\n ldxr x1, [m2]", "") == 1);
  for (const int device : {1, 2}) {
    if (device == 1 && arm::is_cacheable(memory)) continue;  // goes past the copy
    CHECK(status("ldxr x1, [m1]\n .publish a\n .await any.b", ".await any.a\n .fill m1[0..64], 0x11\n .publish b",
                 device) == 1);
    CHECK(status("ldxr x1, [m1]\n .publish a\n .await any.b", ".await any.a\n .fill m2[0..64], 0x11\n .publish b",
                 device) == 0);
  }
}

TEST_CASE("Of two Store-Exclusives that meet at the home one is done", "[pe][exclusives]") {
  for (const auto memory : kEveryClass) {
    for (unsigned delay = 0; delay < 60; ++delay) {
      Setup s;
      s.memory = {{{0, 0x1'0000}, memory}};
      s.global_monitor = memory != arm::MemoryClass::NormalWB;
      s.agents.push_back({.program =
                              "ldxr x1, [m1]\n .publish a\n .await any.b\n .delay 100\n mov x2, #7\n"
                              " stxr w0, x2, [m1]\n dsb sy\n .await any.c\n ldr x10, =m1\n dc civac, x10\n dsb sy"});
      s.agents.push_back({.program = "ldxr x1, [m1]\n .publish b\n .await any.a\n .delay " +
                                     std::to_string(70 + delay) +
                                     "\n mov x2, #8\n stxr w0, x2, [m1]\n dsb sy\n .publish c",
                          .core = 1});
      World world(s);
      world.run();
      INFO("memory " << int(memory) << " delay " << delay);
      CHECK(world.x(0, 0) + world.x(1, 0) == 1);
      CHECK(world.memory(0x1000, 8) == (world.x(0, 0) == 0 ? 7 : 8));
    }
  }
}

TEST_CASE("Exclusives and atomics fault where memory has no monitor, and where they are not aligned",
          "[pe][exclusives]") {
  for (const auto memory : kEveryClass) {
    if (memory == arm::MemoryClass::NormalWB) continue;
    for (const char* program : {"ldxr x0, [m1]", "ldr x10, =m1\n swp x1, x2, [x10]", "ldaxrb w0, [m1]",
                                "ldr x10, =m1\n casal x1, x2, [x10]"}) {
      Setup s;
      s.memory = {{{0, 0x1'0000}, memory}};
      s.agents.push_back({.program = program});
      World world(s);
      world.run();
      REQUIRE(world.pe(0).faults().size() == 1);
      CHECK(world.pe(0).faults()[0].fault.kind == event::FaultKind::UnsupportedExclusive);
      CHECK(world.of(Kind::Fault).size() == 1);
    }
  }
  Setup s;
  s.agents.push_back({.program = "ldr x10, =m1\n add x10, x10, #4\n ldxr x0, [x10]"});
  World world(s);
  world.run();
  REQUIRE(world.pe(0).faults().size() == 1);
  CHECK(world.pe(0).faults()[0].fault.kind == event::FaultKind::Alignment);
}

TEST_CASE("Atomics return what memory had, and a comparison that fails stores nothing", "[pe][atomics]") {
  Setup s;
  s.agents.push_back({.program = R"(
    ldr x10, =m1
    mov x1, #40
    str x1, [x10]
    mov x2, #2
    ldaddal x2, x3, [x10]
    mov x4, #42
    mov x5, #9
    cas x4, x5, [x10]
    mov x6, #42
    cas x6, x5, [x10]
    swp x2, x7, [x10]
    ldr x8, [x10]
  )"});
  World world(s);
  world.run();
  CHECK(world.x(0, 3) == 40);
  CHECK(world.x(0, 4) == 42);
  CHECK(world.x(0, 6) == 9);
  CHECK(world.x(0, 7) == 9);
  CHECK(world.x(0, 8) == 2);
  const auto writes = world.of(Kind::Write);
  REQUIRE(writes.size() == 4);  // the store, the sum, the first comparison, the swap
  CHECK(writes[1].mechanism == event::Mechanism::FlagOrdered);
  CHECK(writes[2].mechanism == event::Mechanism::Flag);
}

TEST_CASE("WFE ends with SEV of any PE, or by itself after a while", "[pe][events]") {
  const auto cycles = [](const std::string& first, const std::string& second) {
    Setup s;
    s.agents.push_back({.program = first + "\n str x0, [m1]"});
    if (!second.empty()) s.agents.push_back({.program = second, .core = 1});
    World world(s);
    world.run();
    return world.of(Kind::Write).at(0).cycle;
  };
  CHECK(cycles("wfe", "") >= 1000);
  CHECK(cycles("sevl\n wfe", "") < 100);
  CHECK(cycles("sev\n wfe", "") < 100);
  CHECK(cycles("sev\n wfe\n wfe", "") >= 1000);
  const auto woken = cycles("wfe", ".delay 300\n sev");
  CHECK(woken > 300);
  CHECK(woken < 400);
}

TEST_CASE("Load-acquires and store-releases that are not aligned fault on any memory", "[pe][atomics]") {
  for (const char* program : {"ldar x0, [x10]", "stlr x0, [x10]", "ldapr x0, [x10]", "ldarh w0, [x10]"}) {
    Setup s;
    s.agents.push_back({.program = std::string("ldr x10, =m1+1\n") + program});
    World world(s);
    world.run();
    INFO(program);
    REQUIRE(world.pe(0).faults().size() == 1);
    CHECK(world.pe(0).faults()[0].fault.kind == event::FaultKind::Alignment);
  }
}
