// SPDX-License-Identifier: Apache-2.0
// Quirks: what each of them makes go wrong, that it does not without, and that nothing else does.
#include <catch2/catch.hpp>

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

Rig make(interconnect::Parameters::Quirks quirks) {
  interconnect::Parameters x;
  x.shared = {{{.bytes = 1 << 16, .ways = 4, .hit_cycles = 9}, CacheRef::Level::Shared, false}};
  x.quirks = quirks;
  return Rig(2, {}, x);
}

/// PE 0 cleans its dirty line and, once that is complete, reads it past the caches: what it sees.
std::uint64_t cleaned_then_read(Rig& r, CacheOp op, Op then, MemoryClass memory) {
  r.poke(kA, 0x11);
  r.store(0, kA, 0x22);
  std::uint64_t seen = 0;
  rig::Port& port = *r.ports[0];
  port.done = [&](const cache::Request& done, Cycle at) {
    if (done.op != Op::Maintenance) {
      seen = done.data[0];
      return;
    }
    auto q = Rig::make(then, kA, memory);
    if (port.caches.access(at, q)) seen = q.data[0];
  };
  auto q = Rig::make(Op::Maintenance, kA, MemoryClass::NormalWB);
  q.maintenance = op;
  port.caches.access(r.now, q);
  r.settle();
  port.done = [](const cache::Request&, Cycle) {};
  return seen;
}

}  // namespace

TEST_CASE("clean_completes_early: memory is old for a while, for who reads past the caches", "[quirk]") {
  for (const bool quirk : {false, true}) {
    for (const CacheOp op : {CacheOp::DC_CVAC, CacheOp::DC_CIVAC, CacheOp::DC_CVAP}) {
      Rig r = make({.clean_completes_early = quirk});
      CHECK(cleaned_then_read(r, op, Op::Load, MemoryClass::NormalNC) == (quirk ? 0x11 : 0x22));
      CHECK(r.memory(kA) == 0x22);
      CHECK(r.load(1, kA, MemoryClass::NormalNC) == 0x22);
      Rig coherent = make({.clean_completes_early = quirk});
      CHECK(cleaned_then_read(coherent, op, Op::Load, MemoryClass::NormalWB) == 0x22);
    }
  }
}

TEST_CASE("clean_completes_early: what is written to memory meanwhile stays", "[quirk]") {
  Rig r = make({.clean_completes_early = true});
  r.store(0, kA, 0x22);
  rig::Port& port = *r.ports[0];
  port.done = [&](const cache::Request& done, Cycle at) {
    if (done.op != Op::Maintenance) return;
    auto q = Rig::make(Op::Store, kA, MemoryClass::NormalNC);
    q.data[0] = 0x33;
    port.caches.access(at, q);
  };
  auto q = Rig::make(Op::Maintenance, kA, MemoryClass::NormalWB);
  q.maintenance = CacheOp::DC_CIVAC;
  port.caches.access(r.now, q);
  r.settle();
  CHECK(r.memory(kA) == 0x33);
}

TEST_CASE("clean_completes_early: a second clean waits for the first", "[quirk]") {
  for (const CacheOp second : {CacheOp::DC_CVAC, CacheOp::DC_CIVAC}) {
    Rig r = make({.clean_completes_early = true});
    r.poke(kA, 0x11);
    r.store(0, kA, 0x22);
    std::uint64_t seen = 0;
    rig::Port& port = *r.ports[0];
    int cleaned = 0;
    port.done = [&](const cache::Request& done, Cycle at) {
      auto q = Rig::make(Op::Load, kA, MemoryClass::NormalNC);
      if (done.op != Op::Maintenance) {
        seen = done.data[0];
      } else if (++cleaned == 2 && port.caches.access(at, q)) {
        seen = q.data[0];
      }
    };
    for (const CacheOp op : {CacheOp::DC_CVAC, second}) {
      auto q = Rig::make(Op::Maintenance, kA, MemoryClass::NormalWB);
      q.maintenance = op;
      port.caches.access(r.now, q);
    }
    r.settle();
    CHECK(cleaned == 2);
    CHECK(seen == 0x22);
    port.done = [](const cache::Request&, Cycle) {};
  }
}

TEST_CASE("clean_leaves_dirty: the line may be written back again", "[quirk]") {
  for (const bool quirk : {false, true}) {
    for (const CacheOp op : {CacheOp::DC_CVAC, CacheOp::DC_CIVAC}) {
      Rig r = make({.clean_leaves_dirty = quirk});
      r.poke(kA, 0x11);
      r.store(0, kA, 0x22);
      auto q = Rig::make(Op::Maintenance, kA, MemoryClass::NormalWB);
      q.maintenance = op;
      r.access(1, q);
      CHECK(r.memory(kA) == 0x22);
      r.poke(kA, 0x33);  // somebody else's, past the caches
      r.nudge(0, Op::Evict, kA);
      r.access(1, q);
      CHECK(r.memory(kA) == (quirk && op == CacheOp::DC_CVAC ? 0x22 : 0x33));
    }
  }
}

TEST_CASE("maintenance_needs_dsb: what is not divided stops at the shared cache", "[quirk]") {
  for (const bool quirk : {false, true}) {
    for (const bool undivided : {false, true}) {
      for (const CacheOp op : {CacheOp::DC_CVAC, CacheOp::DC_CIVAC}) {
        Rig r = make({.maintenance_needs_dsb = quirk});
        r.poke(kA, 0x11);
        r.store(0, kA, 0x22);
        auto q = Rig::make(Op::Maintenance, kA, MemoryClass::NormalWB);
        q.maintenance = op;
        q.undivided = undivided;
        r.access(0, q);
        CHECK(r.memory(kA) == (quirk && undivided ? 0x11 : 0x22));
        CHECK(r.load(1, kA) == 0x22);
      }
    }
  }
}

TEST_CASE("clean_loses_to_eviction: the bytes stop where the eviction takes them", "[quirk]") {
  for (const bool quirk : {false, true}) {
    for (const CacheOp op : {CacheOp::DC_CVAC, CacheOp::DC_CVAU}) {
      std::size_t lost = 0;
      // PE 1 cleans; PE 0 evicts the line at every moment around it.
      for (Cycle moment = 1; moment < 60; ++moment) {
        Rig r = make({.clean_loses_to_eviction = quirk});
        r.poke(kA, 0x11);
        r.store(0, kA, 0x22);
        Cycle completed = 0;
        r.ports[1]->done = [&](const cache::Request&, Cycle at) { completed = at; };
        r.ports[0]->wake = r.now + moment;
        r.ports[0]->act = [&](Cycle now) {
          auto evict = Rig::make(Op::Evict, kA, MemoryClass::NormalWB);
          r.ports[0]->caches.access(now, evict);
          return engine::kNever;
        };
        auto q = Rig::make(Op::Maintenance, kA, MemoryClass::NormalWB);
        q.maintenance = op;
        r.ports[1]->caches.access(r.now, q);
        r.settle();
        CHECK(completed != 0);
        lost += op == CacheOp::DC_CVAC && r.memory(kA) != 0x22 ? 1 : 0;
        CHECK(r.load(1, kA) == 0x22);
        CHECK(r.ports[0]->caches.outstanding() == 0);
      }
      CHECK((lost != 0) == (quirk && op == CacheOp::DC_CVAC));
    }
  }
}

TEST_CASE("invalidate_promoted_not_forwarded: shared levels drop what they hold dirty", "[quirk]") {
  for (const bool quirk : {false, true}) {
    for (const bool promoted : {false, true}) {
      for (const bool in_shared_level : {false, true}) {
        Rig r = make({.invalidate_promoted_not_forwarded = quirk});
        r.poke(kA, 0x11);
        r.store(0, kA, 0x22);
        if (in_shared_level) r.nudge(0, Op::Evict, kA);
        auto q = Rig::make(Op::Maintenance, kA, MemoryClass::NormalWB);
        q.maintenance = CacheOp::DC_CIVAC;
        q.promoted = promoted;
        r.access(1, q);
        const bool lost = quirk && promoted && in_shared_level;
        CHECK(r.memory(kA) == (lost ? 0x11 : 0x22));
        CHECK(r.interconnect.holdings({kA}).empty());
      }
    }
  }
}

}  // namespace staleline
