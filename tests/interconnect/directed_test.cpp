// SPDX-License-Identifier: Apache-2.0
// What each access class and maintenance operation sees and leaves behind, on every shape of
// cache hierarchy.
#include <catch2/catch.hpp>

#include "rig.h"
#include "staleline/memory/memory.h"

namespace staleline {
namespace {

using arm::CacheOp;
using arm::MemoryClass;
using event::CacheRef;
using Op = cache::Request::Op;
using rig::Rig;

constexpr std::uint64_t kA = 0x8000'0000;
constexpr MemoryClass kNC = MemoryClass::NormalNC;
constexpr MemoryClass kWT = MemoryClass::NormalWT;

struct Shape {
  const char* name;
  bool private_l2;
  std::vector<bool> shared;  // below_poc of each
};
const std::vector<Shape> kShapes{{"L1 only", false, {}},
                                 {"shared L2", false, {false}},
                                 {"private L2", true, {}},
                                 {"private L2, shared L3", true, {false}},
                                 {"shared L2, L3", false, {false, false}},
                                 {"shared L2, system cache below the PoC", false, {false, true}}};

Rig make(const Shape& s, bool idc = false, bool dic = false) {
  cache::Parameters c;
  if (s.private_l2) c.l2 = {.bytes = 256 * 1024, .ways = 8, .hit_cycles = 12};
  interconnect::Parameters x;
  x.idc = idc;
  x.dic = dic;
  for (const bool below : s.shared) {
    x.shared.push_back({{.bytes = 1 << 20, .ways = 16, .hit_cycles = 20},
                        below ? CacheRef::Level::System : CacheRef::Level::Shared,
                        below});
  }
  return Rig(4, c, x);
}

bool anybody_dirty(const Rig& rig, std::uint64_t a) {
  for (const auto& h : rig.interconnect.holdings({a})) {
    if (h.dirty) return true;
  }
  return false;
}

bool data_side(const interconnect::Holding& h) {
  return h.cache.level != CacheRef::Level::L1I && h.cache.level != CacheRef::Level::System;
}

}  // namespace

TEST_CASE("access classes and maintenance on every hierarchy", "[directed]") {
  for (const Shape& shape : kShapes) {
    DYNAMIC_SECTION(shape.name) {
      Rig r = make(shape);
      r.poke(kA, 0x11);
      r.poke(kA + 8, 0x22);

      SECTION("a load returns memory's bytes and allocates") {
        CHECK(r.load(0, kA) == 0x11);
        CHECK(r.load(0, kA + 8) == 0x22);
        CHECK(r.ports[0]->caches.counters().l1_misses == 1);
      }
      SECTION("a store is seen by every other cacheable reader, not by memory") {
        r.store(0, kA, 0x33);
        CHECK(r.memory(kA) == 0x11);
        CHECK(r.load(1, kA) == 0x33);
        CHECK(r.load(2, kA + 8) == 0x22);
        CHECK(r.load(0, kA) == 0x33);
      }
      SECTION("a Non-cacheable load ignores every copy above memory") {
        r.store(0, kA, 0x33);
        for (std::size_t pe = 0; pe < 4; ++pe) CHECK(r.load(pe, kA, kNC) == 0x11);
        CHECK(r.load(0, kA, MemoryClass::DevicenGnRnE) == 0x11);
        CHECK(r.load(0, kA) == 0x33);
      }
      SECTION("a Non-cacheable store leaves clean and dirty copies as they are") {
        r.load(1, kA);
        r.store(0, kA, 0x44, kNC);
        CHECK(r.memory(kA) == 0x44);
        CHECK(r.load(1, kA) == 0x11);
        r.store(1, kA + 8, 0x55);
        r.store(0, kA + 8, 0x66, kNC);
        CHECK(r.memory(kA + 8) == 0x66);
        CHECK(r.memory(kA) == 0x44);
        CHECK(r.load(2, kA + 8) == 0x55);
      }
      SECTION("a write-back puts old neighbours over a Non-cacheable store") {
        r.store(0, kA, 0x33);
        r.store(1, kA + 8, 0x99, kNC);
        r.maintain(2, CacheOp::DC_CVAC, kA);
        CHECK(r.memory(kA) == 0x33);
        CHECK(r.memory(kA + 8) == 0x22);
      }
      SECTION("DC CVAC brings dirty bytes to memory and keeps clean copies") {
        r.store(0, kA, 0x33);
        r.maintain(1, CacheOp::DC_CVAC, kA + 5);
        CHECK(r.memory(kA) == 0x33);
        CHECK_FALSE(anybody_dirty(r, kA));
        const auto misses = r.ports[0]->caches.counters().l1_misses;
        CHECK(r.load(0, kA) == 0x33);
        CHECK(r.ports[0]->caches.counters().l1_misses == misses);
        r.store(0, kA, 0x34);
        CHECK(r.load(3, kA) == 0x34);
      }
      SECTION("DC CVAC reaches dirty bytes of shared levels") {
        r.store(0, kA, 0x33);
        r.load(1, kA);
        r.nudge(0, Op::Evict, kA);
        r.nudge(1, Op::Evict, kA);
        r.maintain(2, CacheOp::DC_CVAP, kA);
        CHECK(r.memory(kA) == 0x33);
        CHECK_FALSE(anybody_dirty(r, kA));
      }
      SECTION("DC CIVAC cleans, and nobody holds the line") {
        r.store(0, kA, 0x33);
        r.load(1, kA);
        r.store(1, kA + 8, 0x77);
        r.maintain(0, CacheOp::DC_CIVAC, kA);
        CHECK(r.memory(kA) == 0x33);
        CHECK(r.memory(kA + 8) == 0x77);
        for (const auto& h : r.interconnect.holdings({kA})) CHECK_FALSE(data_side(h));
        r.poke(kA, 0x88);
        CHECK(r.load(0, kA) == 0x88);
      }
      SECTION("DC IVAC discards dirty bytes everywhere") {
        r.store(0, kA, 0x33);
        r.maintain(1, CacheOp::DC_IVAC, kA);
        CHECK(r.memory(kA) == 0x11);
        CHECK(r.load(0, kA) == 0x11);
        r.store(2, kA, 0x44);
        r.load(3, kA);  // dirty bytes may now be in a shared level or in memory
        const auto reached = r.memory(kA);
        r.maintain(2, CacheOp::DC_IVAC, kA);
        CHECK(r.load(1, kA) == reached);
      }
      SECTION("DC IVAC lets a cacheable reader see a Non-cacheable store") {
        r.load(0, kA);
        r.store(1, kA, 0x44, kNC);
        r.maintain(0, CacheOp::DC_IVAC, kA);
        CHECK(r.load(0, kA) == 0x44);
      }
      SECTION("DC ZVA is a store of a line of zeros") {
        r.store(0, kA + 56, 0x33);
        r.maintain(1, CacheOp::DC_ZVA, kA);
        CHECK(r.load(2, kA) == 0);
        CHECK(r.load(2, kA + 56) == 0);
        CHECK(r.load(2, kA + 8) == 0);
      }
      SECTION("a Write-Through store reaches memory and every cached copy's reader") {
        r.load(0, kA, kWT);
        r.load(1, kA, kWT);
        r.store(0, kA, 0x33, kWT);
        CHECK(r.memory(kA) == 0x33);
        CHECK(r.load(0, kA, kWT) == 0x33);
        CHECK(r.load(1, kA, kWT) == 0x33);
        CHECK_FALSE(anybody_dirty(r, kA));
      }
      SECTION("a Write-Through store keeps another's dirty neighbours") {
        r.store(1, kA + 8, 0x77);
        r.store(0, kA, 0x33, kWT);
        CHECK(r.memory(kA) == 0x33);
        CHECK(r.load(2, kA + 8) == 0x77);
        CHECK(r.load(2, kA) == 0x33);
      }
      SECTION("an access that does not allocate sees the newest and leaves no copy") {
        r.store(1, kA, 0x33);
        auto req = Rig::make(Op::Load, kA, MemoryClass::NormalWB);
        req.path.allocates = false;
        CHECK(r.access(0, req).r.data[0] == 0x33);
        CHECK(r.ports[0]->caches.counters().fills == 0);
        req.op = Op::Store;
        req.data[0] = 0x55;
        r.access(0, req);
        CHECK(r.ports[0]->caches.counters().fills == 0);
        CHECK(r.load(1, kA) == 0x55);
      }
      SECTION("a device that does not snoop sees memory and writes memory") {
        r.store(0, kA, 0x33);
        CHECK(r.io_read(false, kA) == 0x11);
        r.load(1, kA + 64);
        r.io_write(false, kA + 64, 0x99);
        CHECK(r.load(1, kA + 64) == 0);
        CHECK(r.memory(kA + 64) == 0x99);
      }
      SECTION("an IO-coherent device sees dirty bytes and its writes are seen") {
        r.store(0, kA, 0x33);
        CHECK(r.io_read(true, kA) == 0x33);
        CHECK(r.memory(kA) == 0x11);
        r.load(1, kA + 8);
        r.io_write(true, kA + 8, 0x99);
        CHECK(r.memory(kA + 8) == 0x99);
        CHECK(r.memory(kA) == 0x33);
        for (std::size_t pe = 0; pe < 4; ++pe) {
          CHECK(r.load(pe, kA + 8) == 0x99);
          CHECK(r.load(pe, kA) == 0x33);
        }
      }
      SECTION("Prefetch fills, Evict empties") {
        r.nudge(0, Op::Prefetch, kA);
        CHECK(r.ports[0]->caches.outstanding() == 0);
        r.store(1, kA + 64, 1);
        CHECK(r.load(0, kA) == 0x11);
        CHECK(r.ports[0]->caches.counters().l1_misses == 0);
        r.store(0, kA, 0x12);
        r.nudge(0, Op::Evict, kA);
        for (const auto& h : r.interconnect.holdings({kA})) CHECK(h.cache.pe == event::kNoPe);
        CHECK(r.load(0, kA) == 0x12);
      }
      SECTION("an L1I fill does not see what an L1D holds, and sees it after DC CVAU and IC IVAU") {
        CHECK(r.fetch(0, kA) == 0x11);
        r.store(0, kA, 0x33);
        CHECK(r.fetch(0, kA) == 0x11);
        r.maintain(0, CacheOp::IC_IVAU, kA);
        CHECK(r.fetch(0, kA) == 0x11);
        r.maintain(1, CacheOp::DC_CVAU, kA);
        CHECK(r.fetch(0, kA) == 0x11);
        r.maintain(1, CacheOp::IC_IVAU, kA);
        for (std::size_t pe = 0; pe < 4; ++pe) CHECK(r.fetch(pe, kA) == 0x33);
        CHECK(r.load(2, kA) == 0x33);
      }
      SECTION("IC IALLU empties one L1I, IC IALLUIS all") {
        r.fetch(0, kA);
        r.fetch(1, kA);
        r.store(2, kA, 0x33);
        r.maintain(2, CacheOp::DC_CVAC, kA);
        r.maintain(0, CacheOp::IC_IALLU);
        CHECK(r.fetch(0, kA) == 0x33);
        CHECK(r.fetch(1, kA) == 0x11);
        r.maintain(0, CacheOp::IC_IALLUIS);
        CHECK(r.fetch(1, kA) == 0x33);
      }
      SECTION("a Non-cacheable fetch reads memory") {
        r.store(0, kA, 0x33);
        CHECK(r.fetch(0, kA, kNC) == 0x11);
        r.maintain(0, CacheOp::DC_CVAC, kA);
        CHECK(r.fetch(0, kA, kNC) == 0x33);
      }
      SECTION("preloaded lines are held, dirty or clean, and the directory knows") {
        std::array<std::uint8_t, 64> bytes{};
        bytes[0] = 0x5a;
        r.ports[1]->caches.preload({kA}, bytes, true);
        CHECK(r.memory(kA) == 0x11);
        CHECK(r.load(0, kA, kNC) == 0x11);
        CHECK(r.load(0, kA) == 0x5a);
        bytes[0] = 0x77;
        r.ports[2]->caches.preload({kA + 64}, bytes, false);
        CHECK(r.load(2, kA + 64) == 0x77);
        r.store(3, kA + 64, 1);
        CHECK(r.load(2, kA + 64) == 1);
      }
    }
  }
}

TEST_CASE("CTR_EL0.IDC = 1: an L1I fill sees what an L1D holds", "[directed]") {
  for (const Shape& shape : kShapes) {
    DYNAMIC_SECTION(shape.name) {
      Rig r = make(shape, true);
      r.store(0, kA, 0x33);
      CHECK(r.fetch(0, kA) == 0x33);
      CHECK(r.fetch(1, kA) == 0x33);
      r.store(0, kA, 0x44);
      CHECK(r.fetch(1, kA) == 0x33);
      r.maintain(0, CacheOp::IC_IVAU, kA);
      CHECK(r.fetch(0, kA) == 0x44);
      CHECK(r.fetch(1, kA) == 0x44);
    }
  }
}

TEST_CASE("CTR_EL0.DIC = 1: a store is seen by every later fetch", "[directed]") {
  for (const Shape& shape : kShapes) {
    DYNAMIC_SECTION(shape.name) {
      Rig r = make(shape, true, true);
      for (std::uint64_t v = 1; v < 9; ++v) {
        r.store(v % 4, kA, v);
        for (std::size_t pe = 0; pe < 4; ++pe) CHECK(r.fetch(pe, kA) == v);
        r.store(v % 4, kA, v + 100);
        CHECK(r.fetch(0, kA) == v + 100);
        CHECK(r.fetch(v % 4, kA) == v + 100);
      }
    }
  }
}

TEST_CASE("a dirty line that falls out of a full set reaches the next level", "[directed]") {
  for (const Shape& shape : kShapes) {
    DYNAMIC_SECTION(shape.name) {
      Rig r = make(shape);
      constexpr std::uint64_t kStride = 1 << 20;
      for (std::uint64_t i = 0; i < 40; ++i) r.store(0, kA + i * kStride, i + 1);
      for (std::uint64_t i = 0; i < 40; ++i) CHECK(r.load(i % 4, kA + i * kStride) == i + 1);
    }
  }
}

TEST_CASE("latencies are those of the levels that an access visits", "[directed]") {
  cache::Parameters c;
  interconnect::Parameters x;
  Rig r(2, c, x);
  const auto load = Rig::make(Op::Load, kA, MemoryClass::NormalWB);
  const engine::Cycle trip = c.l1d.hit_cycles + 2 * x.link_cycles;
  CHECK(r.access(0, load).latency == trip + x.memory_cycles);
  CHECK(r.access(0, load).latency == c.l1d.hit_cycles);
  r.store(0, kA, 1);
  CHECK(r.access(1, load).latency == trip + 2 * x.snoop_cycles);
  const auto device = Rig::make(Op::Load, kA, MemoryClass::DevicenGnRnE);
  CHECK(r.access(1, device).latency == 1 + 2 * x.link_cycles + x.memory_cycles);
}

TEST_CASE("a platform of many gibibytes costs what is touched", "[directed]") {
  memory::Memory m;
  std::array<std::uint8_t, 64> bytes{};
  bytes[3] = 9;
  for (std::uint64_t a = 0; a < (std::uint64_t{1} << 36); a += std::uint64_t{1} << 30) m.write({a + 60}, bytes);
  CHECK(m.pages() == 64);
  std::array<std::uint8_t, 64> back{};
  m.read({(std::uint64_t{5} << 30) + 60}, back);
  CHECK(back == bytes);
  m.read({12345}, back);
  CHECK(back == std::array<std::uint8_t, 64>{});
  CHECK(m.pages() == 64);
}

}  // namespace staleline
