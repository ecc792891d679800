// SPDX-License-Identifier: Apache-2.0
// Ranges that belong to a target: who reaches it, when an access is complete, and in which order accesses arrive.
#include <catch2/catch.hpp>

#include "rig.h"
#include "staleline/interconnect/registers.h"

namespace staleline {
namespace {

using arm::MemoryClass;
using cache::Answer;
using engine::Cycle;
using interconnect::TargetRequest;
using rig::Rig;
using Op = cache::Request::Op;

constexpr std::uint64_t kRegisters = 0x900'0000;
constexpr std::uint64_t kBytes = 0x1000;

/// 512 registers of 8 bytes; answers after `delay` cycles.
class Registers final : public engine::Component, public interconnect::Target {
 public:
  explicit Registers(interconnect::Interconnect& x) : port(x.map_target({kRegisters}, kBytes, *this)) {}

  [[nodiscard]] Cycle next() const override {
    return std::min(port->next(), waiting.empty() ? engine::kNever : waiting.front().first);
  }
  void run(Cycle until) override {
    while (next() < until) {
      const Cycle now = next();
      if (port->next() <= now) port->deliver(now);
      while (!waiting.empty() && waiting.front().first <= now) {
        TargetRequest r = waiting.front().second;
        waiting.erase(waiting.begin());
        perform(r, now);
        port->reply(now, r);
      }
    }
  }
  Answer access(TargetRequest& r, Cycle at) override {
    seen.push_back(r);
    if (delay != 0) {
      waiting.emplace_back(at + delay, r);
      return Answer::Later;
    }
    perform(r, at);
    return Answer::Now;
  }
  void perform(TargetRequest& r, Cycle at) {
    last = at;
    std::uint8_t* bytes = reinterpret_cast<std::uint8_t*>(values.data()) + (r.address.value - kRegisters);
    std::memcpy(r.write ? bytes : r.data.data(), r.write ? r.data.data() : bytes, r.size);
  }

  std::unique_ptr<interconnect::TargetPort> port;
  std::vector<std::uint64_t> values = std::vector<std::uint64_t>(kBytes / 8);
  std::vector<TargetRequest> seen;
  std::vector<std::pair<Cycle, TargetRequest>> waiting;
  Cycle delay = 0, last = 0;
};

struct Platform {
  explicit Platform(std::size_t pes = 2) : rig(pes, {}, {}), registers(rig.interconnect) { rig.engine.add(registers); }
  Rig rig;
  Registers registers;
};

constexpr MemoryClass kUncached[] = {MemoryClass::DevicenGnRnE, MemoryClass::DevicenGnRE, MemoryClass::DevicenGRE,
                                     MemoryClass::DeviceGRE, MemoryClass::NormalNC};

}  // namespace

TEST_CASE("what is not cacheable reaches the target, and nothing else does", "[target]") {
  for (const Cycle delay : {0U, 50U}) {
    for (const MemoryClass memory : kUncached) {
      Platform p;
      p.registers.delay = delay;
      p.rig.store(1, kRegisters + 24, 0xdead'beef, memory);
      CHECK(p.registers.values[3] == 0xdead'beef);
      CHECK(p.rig.load(0, kRegisters + 24, memory) == 0xdead'beef);
      REQUIRE(p.registers.seen.size() == 2);
      CHECK(p.registers.seen[0].write);
      CHECK(p.registers.seen[0].source == 1);
      CHECK_FALSE(p.registers.seen[1].write);
      CHECK(p.registers.seen[1].source == 0);
      CHECK(p.rig.memory(kRegisters + 24) == 0);
      p.rig.store(0, kRegisters + kBytes, 7, memory);
      p.rig.store(0, kRegisters - 8, 8, memory);
      CHECK(p.registers.seen.size() == 2);
      CHECK(p.rig.memory(kRegisters + kBytes) == 7);
      CHECK(p.rig.memory(kRegisters - 8) == 8);
      CHECK(p.rig.interconnect.counters().target_accesses == 2);
      CHECK(p.rig.interconnect.counters().cacheable_to_target == 0);
    }
  }
  for (const MemoryClass memory : {MemoryClass::NormalWB, MemoryClass::NormalWT}) {
    Platform p;
    p.registers.values[0] = 5;
    CHECK(p.rig.load(0, kRegisters, memory) == 0);
    p.rig.store(0, kRegisters, 6, memory);
    CHECK(p.rig.load(1, kRegisters, memory) == 6);
    CHECK(p.registers.seen.empty());
    CHECK(p.rig.interconnect.counters().cacheable_to_target > 0);
  }
}

TEST_CASE("devices reach the target, snooping or not", "[target]") {
  for (const bool snoop : {false, true}) {
    Platform p;
    p.rig.io_write(snoop, kRegisters + 8, 0x55);
    CHECK(p.registers.values[1] == 0x55);
    CHECK(p.rig.io_read(snoop, kRegisters + 8) == 0x55);
    CHECK(p.registers.seen.at(0).source >= 64);
    CHECK(p.rig.memory(kRegisters + 8) == 0);
  }
}

TEST_CASE("sizes and offsets", "[target]") {
  for (std::uint8_t size = 1; size <= 16; size = static_cast<std::uint8_t>(size * 2)) {
    for (std::uint64_t offset = 0; offset < 64; offset += size) {
      Platform p;
      auto r = Rig::make(Op::Store, kRegisters + offset, MemoryClass::DevicenGnRE, size);
      r.data = {0x8877'6655'4433'2211, 0x10ff'eedd'ccbb'aa99};
      p.rig.access(0, r);
      const auto* bytes = reinterpret_cast<const std::uint8_t*>(p.registers.values.data());
      for (std::uint64_t i = 0; i < 64; ++i) {
        const bool inside = i >= offset && i < offset + size;
        CHECK(bytes[i] == (inside ? static_cast<std::uint8_t>((i - offset + 1) * 0x11) : 0));
      }
      auto load = Rig::make(Op::Load, kRegisters + offset, MemoryClass::DevicenGnRE, size);
      const auto back = p.rig.access(1, load).r;
      CHECK(std::memcmp(back.data.data(), r.data.data(), size) == 0);
    }
  }
}

TEST_CASE("nGnRnE writes are complete at the target, weaker ones at the home", "[target]") {
  const interconnect::Parameters x;
  for (const MemoryClass memory : kUncached) {
    Platform p;
    p.registers.delay = 1000;
    auto r = Rig::make(Op::Store, kRegisters, memory);
    const Cycle latency = p.rig.access(0, r).latency;
    const bool early = memory != MemoryClass::DevicenGnRnE;
    CHECK(latency == (early ? 1 + 2 * x.link_cycles : 1 + 4 * x.link_cycles + 1000));
    CHECK(p.registers.last == 1 + 2 * x.link_cycles + 1000);
    CHECK(p.rig.access(0, Rig::make(Op::Load, kRegisters, memory)).latency == 1 + 4 * x.link_cycles + 1000);
  }
}

TEST_CASE("accesses of one PE arrive in order, whatever they are, and early acknowledgement is bounded", "[target]") {
  Platform p(1);
  p.registers.delay = 300;
  std::vector<Cycle> completed;
  std::vector<std::uint64_t> loaded;
  p.rig.ports[0]->done = [&](const cache::Request& r, Cycle at) {
    completed.push_back(at);
    if (r.op == Op::Load) loaded.push_back(r.data[0]);
  };
  for (std::uint64_t i = 0; i < 100; ++i) {
    const MemoryClass memory = kUncached[i % std::size(kUncached)];
    auto r = Rig::make(i % 4 == 3 ? Op::Load : Op::Store, kRegisters + 8 * (i / 4 % 20), memory);
    r.data[0] = i;
    p.rig.ports[0]->caches.access(p.rig.now, r);
  }
  p.rig.settle();
  CHECK(completed.size() == 100);
  REQUIRE(p.registers.seen.size() == 100);
  for (std::uint64_t i = 0; i < 100; ++i) {
    CHECK(p.registers.seen[i].write == (i % 4 != 3));
    CHECK(p.registers.seen[i].address.value == kRegisters + 8 * (i / 4 % 20));
  }
  for (std::uint64_t i = 0; i < loaded.size(); ++i) CHECK(loaded[i] == 4 * i + 2);
  // At most 16 of the writes were acknowledged before the first of them was accepted.
  const auto soon = std::count_if(completed.begin(), completed.end(), [](Cycle at) { return at < 300; });
  CHECK(soon == 16);
  CHECK(p.rig.ports[0]->caches.outstanding() == 0);
}

TEST_CASE("accesses to targets are the same for every window and visiting order", "[target]") {
  std::vector<std::pair<std::uint64_t, Cycle>> first;
  const Cycle most = interconnect::Interconnect({}).lookahead();
  for (Cycle window = 1; window <= most; ++window) {
    for (const bool reverse : {false, true}) {
      Platform p(3);
      p.rig.engine.configure(window, reverse);
      p.registers.delay = 3;
      std::vector<std::vector<std::pair<std::uint64_t, Cycle>>> each(3);
      for (std::size_t pe = 0; pe < 3; ++pe) {
        p.rig.ports[pe]->done = [&, pe](const cache::Request& r, Cycle at) { each[pe].emplace_back(r.data[0], at); };
        for (std::uint64_t i = 0; i < 60; ++i) {
          auto r = Rig::make(i % 3 == pe ? Op::Load : Op::Store, kRegisters + 8 * (i % 5), kUncached[i % 5]);
          r.data[0] = i * 3 + pe;
          p.rig.ports[pe]->caches.access(p.rig.now, r);
        }
      }
      p.rig.settle();
      std::vector<std::pair<std::uint64_t, Cycle>> all;
      for (const auto& e : each) all.insert(all.end(), e.begin(), e.end());
      for (const TargetRequest& r : p.registers.seen) all.emplace_back(r.address.value, r.source);
      if (first.empty()) first = all;
      CHECK(all == first);
    }
  }
  CHECK(first.size() == 360);
}

TEST_CASE("atomics of a target are one step, whoever else reaches it", "[target]") {
  class Add final : public cache::Modifier {
   public:
    bool modify(std::span<std::uint8_t> bytes) override {
      std::memcpy(&found, bytes.data(), sizeof found);
      const std::uint64_t sum = found + 1;
      std::memcpy(bytes.data(), &sum, sizeof sum);
      return found != 20;  // what a comparison that fails does
    }
    std::uint64_t found = 0;
  };
  for (const Cycle delay : {0U, 7U, 300U}) {
    for (const MemoryClass memory : kUncached) {
      Platform p(3);
      p.registers.delay = delay;
      std::vector<Add> adds(30);
      std::vector<std::uint64_t> found;
      for (std::size_t i = 0; i < adds.size(); ++i) {
        auto r = Rig::make(Op::Atomic, kRegisters + 8, memory);
        r.modifier = &adds[i];
        p.rig.ports[i % 3]->caches.access(p.rig.now, r);
        auto other = Rig::make(Op::Store, kRegisters + 16, memory);
        other.data[0] = i;
        p.rig.ports[i % 3]->caches.access(p.rig.now, other);
      }
      p.rig.settle();
      CHECK(p.registers.values[1] == 20);
      CHECK(p.registers.values[2] >= 27);
      for (const Add& a : adds) found.push_back(a.found);
      std::sort(found.begin(), found.end());
      for (std::uint64_t i = 0; i < found.size(); ++i) CHECK(found[i] == std::min<std::uint64_t>(i, 20));
      for (const auto& port : p.rig.ports) CHECK(port->caches.outstanding() == 0);
      CHECK(p.registers.seen.size() == 30 + 20 + 30);
    }
  }
}

TEST_CASE("an exclusive store of a target that lost its monitor does not reach it", "[target]") {
  for (const bool lost : {false, true}) {
    for (const MemoryClass memory : kUncached) {
      Platform p;
      auto load = Rig::make(Op::Load, kRegisters, memory);
      load.exclusive = true;
      p.rig.access(0, load);
      if (lost) p.rig.store(1, kRegisters + 32, 1, memory);
      auto store = Rig::make(Op::Store, kRegisters, memory);
      store.exclusive = true;
      store.data[0] = 9;
      CHECK(p.rig.access(0, store).r.exclusive == !lost);
      CHECK(p.registers.values[0] == (lost ? 0 : 9));
      CHECK_FALSE(p.rig.access(0, store).r.exclusive);
    }
  }
}

TEST_CASE("ranges of targets do not overlap", "[target]") {
  Platform p;
  Registers& t = p.registers;
  CHECK_THROWS(p.rig.interconnect.map_target({kRegisters + kBytes - 1}, 8, t));
  CHECK_THROWS(p.rig.interconnect.map_target({kRegisters - 7}, 8, t));
  CHECK_THROWS(p.rig.interconnect.map_target({kRegisters + 8}, 8, t));
  CHECK_THROWS(p.rig.interconnect.map_target({kRegisters + 2 * kBytes}, 0, t));
  CHECK_NOTHROW(p.rig.interconnect.map_target({kRegisters + kBytes}, 8, t));
}

TEST_CASE("an external abort reaches the PE that waits for the answer, and nobody else", "[target]") {
  for (const MemoryClass memory : kUncached) {
    Rig rig(2, {}, {});
    interconnect::Hole hole(rig.interconnect, {kRegisters}, kBytes, interconnect::Hole::Reply::ExternalAbort);
    rig.engine.add(hole);
    for (std::uint8_t size = 1; size <= 16; size = static_cast<std::uint8_t>(size * 2)) {
      auto load = Rig::make(Op::Load, kRegisters + 16, memory, size);
      load.data = {7, 7};
      const auto failed = rig.access(0, load).r;
      CHECK(failed.failed);
      CHECK(static_cast<std::uint8_t>(failed.data[0]) == 0);
      auto store = Rig::make(Op::Store, kRegisters + 16, memory, size);
      // Where the home may acknowledge it, nobody is left to be told.
      CHECK(rig.access(1, store).r.failed == (memory == MemoryClass::DevicenGnRnE));
      CHECK_FALSE(rig.access(0, Rig::make(Op::Load, kRegisters + kBytes, memory, size)).r.failed);
      CHECK_FALSE(rig.access(1, Rig::make(Op::Store, kRegisters + kBytes, memory, size)).r.failed);
    }
    CHECK(hole.accesses() == 10);
  }
}

}  // namespace staleline
