// SPDX-License-Identifier: Apache-2.0
// Power: what a PE and a cluster lose, that the rest goes on without them, and that a PE joins again with nothing.
#include <catch2/catch.hpp>
#include <map>

#include "rig.h"

namespace staleline {
namespace {

using arm::CacheOp;
using arm::MemoryClass;
using engine::Cycle;
using event::CacheRef;
using rig::Rig;
using Op = cache::Request::Op;

constexpr std::uint64_t kA = 0x8000'0000;

struct Shape {
  const char* name;
  bool private_l2, shared;
};
constexpr Shape kShapes[] = {{"L1 only", false, false},
                             {"shared L2", false, true},
                             {"private L2", true, false},
                             {"private L2, shared L3", true, true}};

Rig make(const Shape& s, bool dic = false) {
  cache::Parameters c;
  if (s.private_l2) c.l2 = {.bytes = 64 * 1024, .ways = 8, .hit_cycles = 12};
  interconnect::Parameters x;
  if (s.shared) x.shared = {{{.bytes = 1 << 20, .ways = 16, .hit_cycles = 20}, CacheRef::Level::Shared, false}};
  x.dic = dic;
  return Rig(2, c, x);
}

bool held_by(const Rig& r, std::uint64_t line, std::uint8_t pe) {
  for (const auto& h : r.interconnect.holdings({line})) {
    if (h.cache.pe == event::PeId{pe}) return true;
  }
  return false;
}

struct Invalidations final : event::Listener {
  std::map<std::pair<CacheRef::Level, std::uint64_t>, int> seen;
  void on_event(const event::Event& e) override {
    if (e.kind == event::Kind::Invalidate) ++seen[{CacheRef::unpack(e.aux).level, e.address.value}];
  }
  [[nodiscard]] bool wants_copy_events() const override { return true; }
};

}  // namespace

TEST_CASE("a PE that is powered off loses its dirty data, is not asked, and joins again with nothing", "[power]") {
  for (const Shape& s : kShapes) {
    INFO(s.name);
    Rig r = make(s);
    Invalidations heard;
    r.engine.listen(heard);
    r.poke(kA, 0x11);
    r.poke(kA + 64, 0x12);
    r.store(0, kA, 0x21);
    r.load(0, kA + 64);
    r.load(1, kA + 64);
    r.fetch(0, kA + 128);
    auto& caches = r.ports[0]->caches;
    CHECK(caches.powered());
    caches.power_off(r.now);
    CHECK_FALSE(caches.powered());
    r.settle();
    for (std::uint64_t i = 0; i < 3; ++i) CHECK_FALSE(held_by(r, kA + 64 * i, 0));
    r.engine.deliver();
    CHECK(heard.seen[{CacheRef::Level::L1D, kA}] == 1);
    CHECK(heard.seen[{CacheRef::Level::L1D, kA + 64}] == 1);
    CHECK(heard.seen[{CacheRef::Level::L1I, kA + 128}] == 1);
    CHECK(heard.seen[{CacheRef::Level::L2, kA}] == (s.private_l2 ? 1 : 0));
    CHECK(held_by(r, kA + 64, 1));

    const auto snoops = r.interconnect.counters().snoops;
    CHECK(r.load(1, kA) == 0x11);
    r.store(1, kA + 64, 0x33);
    CHECK(r.interconnect.counters().snoops == snoops);
    bool heard_tlbi = false;
    r.ports[0]->tlb = [&](const cache::TlbMaintenance&, Cycle) {
      heard_tlbi = true;
      return cache::Answer::Later;
    };
    r.access(1, Rig::make(Op::TlbMaintenance, 0, MemoryClass::NormalWB));
    CHECK_FALSE(heard_tlbi);
    r.maintain(1, CacheOp::IC_IALLUIS);
    r.nudge(0, Op::Prefetch, kA);
    r.nudge(0, Op::PrefetchInstruction, kA);
    CHECK_FALSE(held_by(r, kA, 0));

    caches.power_on(r.now);
    const auto misses = caches.counters().l1_misses;
    CHECK(r.load(0, kA) == 0x11);
    CHECK(r.load(0, kA + 64) == 0x33);
    CHECK(caches.counters().l1_misses == misses + 2);
    r.store(0, kA, 0x44);
    CHECK(r.load(1, kA) == 0x44);
  }
}

TEST_CASE("power goes at any moment of requests under way, and nothing hangs or stays behind", "[power]") {
  for (const Shape& s : kShapes) {
    for (const bool dic : {false, true}) {
      for (Cycle moment = 1; moment < 400; moment += 3) {
        Rig r = make(s, dic);
        r.load(0, kA);
        r.load(1, kA);
        std::size_t completed = 0, made = 0;
        rig::Port& port = *r.ports[0];
        port.done = [&](const cache::Request&, Cycle) { ++completed; };
        for (std::uint64_t i = 0; i < 12; ++i) {
          auto q = Rig::make(i % 4 == 3   ? Op::Fetch
                             : i % 2 == 0 ? Op::Store
                                          : Op::Load,
                             kA + 64 * (i % 5), MemoryClass::NormalWB);
          q.data[0] = i;
          ++made;
          if (port.caches.access(r.now, q)) ++completed;
        }
        port.wake = r.now + moment;
        port.act = [&](Cycle now) {
          port.caches.power_off(now);
          return engine::kNever;
        };
        // The other PE is busy with the same lines.
        r.ports[1]->done = [](const cache::Request&, Cycle) {};
        for (std::uint64_t i = 0; i < 5; ++i) {
          auto q = Rig::make(Op::Store, kA + 64 * i, MemoryClass::NormalWB);
          q.data[0] = 100 + i;
          r.ports[1]->caches.access(r.now, q);
        }
        r.settle();
        INFO(s.name << ", off after " << moment);
        REQUIRE(completed == made);
        REQUIRE(port.caches.outstanding() == 0);
        REQUIRE(r.ports[1]->caches.outstanding() == 0);
        const auto snoops = r.interconnect.counters().snoops;
        for (std::uint64_t i = 0; i < 5; ++i) {
          REQUIRE_FALSE(held_by(r, kA + 64 * i, 0));
          r.store(1, kA + 64 * i, 200 + i);
        }
        if (!dic) REQUIRE(r.interconnect.counters().snoops == snoops);
        port.caches.power_on(r.now);
        for (std::uint64_t i = 0; i < 5; ++i) REQUIRE(r.load(0, kA + 64 * i) == 200 + i);
      }
    }
  }
}

TEST_CASE("off and at once on again: what is fetched then is not forgotten", "[power]") {
  for (const Shape& s : kShapes) {
    Rig r = make(s);
    for (std::uint64_t i = 0; i < 40; ++i) r.store(0, kA + 64 * i, i);
    r.ports[0]->caches.power_off(r.now);
    r.ports[0]->caches.power_on(r.now);
    r.ports[0]->done = [](const cache::Request&, Cycle) {};
    for (std::uint64_t i = 0; i < 40; ++i) {
      auto q = Rig::make(Op::Store, kA + 64 * i + 8, MemoryClass::NormalWB);
      q.data[0] = 500 + i;
      r.ports[0]->caches.access(r.now, q);
    }
    r.settle();
    for (std::uint64_t i = 0; i < 40; ++i) {
      REQUIRE(r.load(1, kA + 64 * i + 8) == 500 + i);
      REQUIRE(r.load(1, kA + 64 * i) == 0);
    }
  }
}

TEST_CASE("a cluster that is powered off loses what its shared caches hold", "[power]") {
  interconnect::Parameters x;
  x.shared = {{{.bytes = 4096, .ways = 4, .hit_cycles = 9}, CacheRef::Level::Shared, false},
              {{.bytes = 8192, .ways = 4, .hit_cycles = 19}, CacheRef::Level::System, false}};
  Rig r(2, {}, x);
  r.poke(kA, 0x11);
  r.store(0, kA, 0x22);
  r.nudge(0, Op::Evict, kA);  // dirty in the cluster's cache
  r.store(0, kA + 64, 0x23);
  r.maintain(0, CacheOp::DC_CVAC, kA + 64);
  r.nudge(0, Op::Evict, kA + 64);
  r.access(1, Rig::make(Op::PowerOffShared, 0, MemoryClass::NormalWB));
  for (const auto& h : r.interconnect.holdings({kA})) CHECK(h.cache.level == CacheRef::Level::System);
  CHECK(r.load(1, kA) == 0x11);
  CHECK(r.load(1, kA + 64) == 0x23);
}

}  // namespace staleline
