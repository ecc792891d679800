// SPDX-License-Identifier: Apache-2.0
// Instruction caches indexed by virtual or by physical address: which copies of a line there are, and which of them
// maintenance reaches.
#include <catch2/catch.hpp>

#include "rig.h"

namespace staleline {
namespace {

using arm::CacheOp;
using arm::MemoryClass;
using event::CacheRef;
using rig::Rig;
using Op = cache::Request::Op;

constexpr std::uint64_t kA = 0x8000'3040;

Rig make(bool vipt, std::uint64_t way_bytes, bool private_l2 = false, bool dic = false) {
  cache::Parameters c;
  c.l1i = {.bytes = way_bytes * 2, .ways = 2, .hit_cycles = 2};
  if (private_l2) c.l2 = {.bytes = 64 * 1024, .ways = 8, .hit_cycles = 12};
  c.vipt = vipt;
  interconnect::Parameters x;
  x.dic = dic;
  return Rig(2, c, x);
}

std::uint64_t fetch(Rig& r, std::size_t pe, std::uint64_t a, std::uint16_t index) {
  auto q = Rig::make(Op::Fetch, a, MemoryClass::NormalWB);
  q.virtual_index = index;
  return r.access(pe, q).r.data[0];
}
void invalidate(Rig& r, std::size_t pe, std::uint64_t a, std::uint16_t index) {
  auto q = Rig::make(Op::Maintenance, a, MemoryClass::NormalWB);
  q.maintenance = CacheOp::IC_IVAU;
  q.virtual_index = index;
  r.access(pe, q);
}
std::size_t copies(const Rig& r, std::uint64_t line, std::uint8_t pe) {
  std::size_t n = 0;
  for (const auto& h : r.interconnect.holdings({line / 64 * 64})) {
    n += h.cache == CacheRef{CacheRef::Level::L1I, event::PeId{pe}} ? 1 : 0;
  }
  return n;
}
void change(Rig& r, std::uint64_t v) {
  r.store(1, kA, v);
  r.maintain(1, CacheOp::DC_CVAU, kA);
}

}  // namespace

TEST_CASE("IC IVAU reaches the place of its VA, in every PE", "[vipt]") {
  for (const bool private_l2 : {false, true}) {
    for (const std::uint64_t way : {4096U, 8192U, 16384U, 32768U}) {
      const std::uint64_t places = way / 4096;
      for (std::uint16_t first = 0; first < 8; ++first) {
        for (std::uint16_t second = 0; second < 8; ++second) {
          Rig r = make(true, way, private_l2);
          INFO("way of " << way << ", fetched at " << first << ", invalidated at " << second);
          change(r, 0x11);
          CHECK(fetch(r, 0, kA, first) == 0x11);
          CHECK(fetch(r, 1, kA, first) == 0x11);
          change(r, 0x22);
          invalidate(r, 1, kA, second);
          const bool same = first % places == second % places;
          for (std::size_t pe = 0; pe < 2; ++pe) CHECK(fetch(r, pe, kA, first) == (same ? 0x22 : 0x11));
        }
      }
    }
  }
}

TEST_CASE("a PIPT cache has one place, whatever the VA", "[vipt]") {
  for (std::uint16_t first = 0; first < 8; ++first) {
    for (std::uint16_t second = 0; second < 8; ++second) {
      Rig r = make(false, 16384);
      change(r, 0x11);
      CHECK(fetch(r, 0, kA, first) == 0x11);
      const auto misses = r.ports[0]->caches.counters().fetch_misses;
      CHECK(fetch(r, 0, kA, second) == 0x11);
      CHECK(r.ports[0]->caches.counters().fetch_misses == misses);
      change(r, 0x22);
      invalidate(r, 1, kA, second);
      CHECK(fetch(r, 0, kA, first) == 0x22);
    }
  }
}

TEST_CASE("aliases are copies of their own, IC IALLU, Evict and DIC reach all", "[vipt]") {
  for (int how = 0; how < 5; ++how) {
    Rig r = make(true, 16384, false, how == 3);
    change(r, 0x11);
    for (std::uint16_t i = 0; i < 8; ++i) CHECK(fetch(r, 0, kA, i) == 0x11);
    CHECK(r.ports[0]->caches.counters().fetch_misses == 4);
    CHECK(copies(r, kA, 0) == 4);
    if (how == 4) {
      invalidate(r, 1, kA, 6);
      CHECK(copies(r, kA, 0) == 3);
      continue;
    }
    if (how == 0) r.maintain(0, CacheOp::IC_IALLU);
    if (how == 1) r.maintain(1, CacheOp::IC_IALLUIS);
    if (how == 2) r.nudge(0, Op::Evict, kA / 64 * 64);
    if (how == 3) r.store(1, kA, 0x33);
    CHECK(copies(r, kA, 0) == 0);
  }
}

TEST_CASE("lines that share a virtual index do not mix up", "[vipt]") {
  Rig r = make(true, 16384);
  // Physical pages that differ in the bits that the VA replaces, at one index: two ways hold two of them.
  for (std::uint64_t page = 0; page < 8; ++page) r.poke(kA + page * 4096, 0x100 + page);
  for (int round = 0; round < 3; ++round) {
    for (std::uint64_t page = 0; page < 8; ++page) CHECK(fetch(r, 0, kA + page * 4096, 1) == 0x100 + page);
  }
  std::size_t held = 0;
  for (std::uint64_t page = 0; page < 8; ++page) held += copies(r, kA + page * 4096, 0);
  CHECK(held == 2);
}

}  // namespace staleline
