// SPDX-License-Identifier: Apache-2.0
// TLBs against a list that is searched from end to end, for every TLBI and every kind of entry.
#include "staleline/mmu/tlb.h"

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <random>

using namespace staleline;
using arm::Regime;
using arm::TlbiScope;
using mmu::Tlb;
using mmu::TlbContext;
using mmu::TlbEntry;

namespace {

constexpr std::array<std::uint16_t, 2> kVmids{0, 7}, kAsids{0, 5};
constexpr std::array<std::uint8_t, 4> kSizes{12, 16, 21, 30};

TlbEntry entry(std::uint32_t id, std::uint64_t va, TlbContext context = {}, std::uint8_t size_log2 = 12,
               bool global = false) {
  TlbEntry e;
  e.id = id;
  e.context = context;
  e.global = global;
  e.size_log2 = size_log2;
  e.va = {va};
  e.result.pa = {0x1'0000'0000 + va};
  e.result.ipa = {va + 0x4000'0000};
  e.result.bytes = e.bytes();
  e.result.stage1 = context.stage1;
  e.result.stage2 = context.stage2;
  e.result.level1 = e.result.level2 = static_cast<std::int8_t>(3 - (size_log2 - 12) / 9);
  return e;
}

// Every entry kind around two pages: regimes, VMIDs, ASIDs, global, stages, sizes, tables.
std::vector<TlbEntry> all_entries() {
  std::vector<TlbEntry> result;
  for (const Regime regime : {Regime::EL10, Regime::EL2, Regime::EL20}) {
    for (const std::uint16_t vmid : kVmids) {
      if (regime != Regime::EL10 && vmid != 0) continue;
      for (const std::uint16_t asid : kAsids) {
        if (regime == Regime::EL2 && asid != 0) continue;
        for (const bool stage1 : {true, false}) {
          for (const bool stage2 : {true, false}) {
            if (stage2 && regime != Regime::EL10) continue;
            for (const bool global : {true, false}) {
              for (const std::uint8_t size : kSizes) {
                for (const std::uint64_t page : {0x10'0000'0000ULL, 0x10'0020'0000ULL, 0xffff'ff80'0000'0000ULL}) {
                  for (const bool table : {false, true}) {
                    auto e = entry(static_cast<std::uint32_t>(result.size() + 1), page,
                                   {regime, stage1, stage2, asid, vmid}, size, global);
                    e.va = e.va.aligned_down(e.bytes());
                    e.table = table;
                    result.push_back(e);
                  }
                }
              }
            }
          }
        }
      }
    }
  }
  return result;
}

// What each instruction is said to take, one condition after the other, byte ranges as pages of 4KB.
bool taken(const mmu::Invalidation& i, const TlbEntry& e) {
  if (i.regime != e.context.regime) return false;
  const auto s = i.tlbi.scope;
  if (s == TlbiScope::All) return true;
  if (i.regime == Regime::EL10 && i.vmid != e.context.vmid) return false;
  if (s == TlbiScope::VMAll || s == TlbiScope::VMAllS12) return !(i.tlbi.last_level && e.table);
  if (i.operand.reserved) return false;
  if (e.table && i.tlbi.last_level) return false;
  if (s == TlbiScope::ASID) return !e.global && e.context.asid == i.operand.asid;
  const std::uint64_t base = s == TlbiScope::IPAS2 ? e.result.ipa.value : e.va.value;
  bool meets = false;
  for (std::uint64_t page = 0; page < i.operand.bytes && !meets; page += 0x1000) {
    const std::uint64_t at = i.operand.first + page;
    meets = at >= base && at - base < e.bytes();
  }
  if (!meets) return false;
  if (s == TlbiScope::IPAS2) {
    return e.context.stage2 && !e.context.stage1 && !e.table &&
           (!i.operand.level || *i.operand.level == e.result.level2);
  }
  if (s == TlbiScope::VA && !e.global && e.context.asid != i.operand.asid) return false;
  return !(e.result.stage1 && !e.table && i.operand.level && *i.operand.level != e.result.level1);
}

std::vector<mmu::Invalidation> all_invalidations() {
  std::vector<mmu::Invalidation> result;
  for (const arm::Tlbi& t : arm::all_tlbis()) {
    if (t.el == 3 || t.nxs || t.reach != arm::TlbiReach::Local) continue;
    for (const Regime regime : {Regime::EL10, Regime::EL2, Regime::EL20}) {
      if ((t.el == 1) != (regime == Regime::EL10)) continue;
      for (const std::uint16_t vmid : kVmids) {
        for (const std::uint16_t asid : kAsids) {
          for (const std::uint64_t first :
               {0x10'0000'0000ULL, 0x10'0020'0000ULL, 0x10'0020'1000ULL, 0x10'4000'0000ULL, 0xffff'ff80'0000'0000ULL}) {
            for (const int level : {-1, 2, 3}) {
              mmu::Invalidation i{t, regime, vmid, {}};
              i.operand.asid = asid;
              i.operand.first = first;
              i.operand.bytes = t.range ? 0x8000 : 0x1000;
              if (level >= 0) i.operand.level = level;
              result.push_back(i);
            }
          }
        }
      }
    }
  }
  return result;
}

}  // namespace

TEST_CASE("Every TLBI takes exactly what it is said to take, of every kind of entry", "[mmu][tlb]") {
  const auto entries = all_entries();
  std::size_t none = 0, some = 0;
  for (const auto& i : all_invalidations()) {
    std::size_t wrong = 0, gone = 0;
    for (const auto& e : entries) {
      const bool covered = mmu::covers(i, e);
      gone += covered ? 1 : 0;
      wrong += covered != taken(i, e) ? 1 : 0;
    }
    (gone == 0 ? none : some) += 1;
    INFO(arm::name_of(i.tlbi) << " of " << std::hex << i.operand.first);
    REQUIRE(wrong == 0);
  }
  CHECK(some > none);
}

TEST_CASE("Granule and TTL hints spare entries that they do not name, and a reserved range takes none", "[mmu][tlb]") {
  const auto e = entry(1, 0x20'0000, {}, 21);
  mmu::Invalidation i{{.scope = TlbiScope::VA}, Regime::EL10, 0, {.first = 0x20'0000, .bytes = 0x1000}};
  CHECK(mmu::covers(i, e));
  i.operand.granule = arm::Granule::K64;
  CHECK_FALSE(mmu::covers(i, e));
  i.operand.granule = arm::Granule::K4;
  CHECK(mmu::covers(i, e));
  i.operand.level = 3;
  CHECK_FALSE(mmu::covers(i, e));
  i.operand.level = 2;
  CHECK(mmu::covers(i, e));
  i.operand.reserved = true;
  CHECK_FALSE(mmu::covers(i, e));
}

TEST_CASE("A TLB does what a list does, as far as it has room", "[mmu][tlb]") {
  std::mt19937 random(3);
  const auto pick = [&](unsigned n) { return random() % n; };
  const auto invalidations = all_invalidations();
  for (const auto geometry : {Tlb::Geometry{64, 0}, Tlb::Geometry{1024, 16}}) {
    Tlb tlb(geometry);
    std::vector<TlbEntry> list;
    for (std::uint32_t step = 1; step < 20'000; ++step) {
      const TlbContext context{Regime::EL10, true, false, static_cast<std::uint16_t>(pick(2) * 5), 0};
      const std::uint64_t va = 0x10'0000'0000 + std::uint64_t{pick(64)} * 0x1000;
      if (pick(3) == 0) {
        const auto size = static_cast<std::uint8_t>(pick(4) == 0 ? 21 : 12);
        auto e = entry(step, va, context, size, pick(4) == 0);
        e.va = e.va.aligned_down(e.bytes());
        list.erase(std::remove_if(list.begin(), list.end(),
                                  [&](const TlbEntry& o) {
                                    return o.va == e.va && o.size_log2 == e.size_log2 && o.global == e.global &&
                                           o.context == e.context;
                                  }),
                   list.end());
        list.push_back(e);
        tlb.insert(e);
      } else if (pick(40) == 0) {
        const auto& i = invalidations[pick(static_cast<unsigned>(invalidations.size()))];
        tlb.invalidate(i);
        list.erase(std::remove_if(list.begin(), list.end(), [&](const TlbEntry& e) { return taken(i, e); }),
                   list.end());
      }
      std::uint32_t newest = 0;
      for (const auto& e : list) {
        if (e.matches({va}, context)) newest = e.id;
      }
      const TlbEntry* found = tlb.find({va}, context);
      if (found != nullptr) {
        // A set may have lost the newest for want of room, never found what the list does not have.
        REQUIRE(newest != 0);
        REQUIRE(std::any_of(list.begin(), list.end(), [&](const TlbEntry& e) { return e.id == found->id; }));
        const std::uint32_t id = found->id;
        list.erase(std::remove_if(list.begin(), list.end(),
                                  [&](const TlbEntry& e) { return e.matches({va}, context) && e.id != id; }),
                   list.end());
      }
      if (geometry.entries == 1024) REQUIRE((found == nullptr ? 0 : found->id) == newest);
    }
    CHECK(tlb.conflicts() > 0);
  }
}

TEST_CASE("Of two entries for one address the newer holds and the older goes", "[mmu][tlb]") {
  Tlb tlb({4, 0});
  tlb.insert(entry(1, 0x20'3000));
  tlb.insert(entry(2, 0x20'0000, {}, 21));
  CHECK(tlb.conflicts() == 0);
  REQUIRE(tlb.find({0x20'3000}, {}) != nullptr);
  CHECK(tlb.find({0x20'3000}, {})->id == 2);
  CHECK(tlb.conflicts() == 1);
  CHECK(tlb.size() == 1);
}

TEST_CASE("The least recently used entry of a set makes room", "[mmu][tlb]") {
  Tlb tlb({2, 0});
  tlb.insert(entry(1, 0x1000));
  tlb.insert(entry(2, 0x2000));
  REQUIRE(tlb.find({0x1000}, {}) != nullptr);
  tlb.insert(entry(3, 0x3000));
  CHECK(tlb.find({0x2000}, {}) == nullptr);
  CHECK(tlb.find({0x1000}, {}) != nullptr);
  CHECK(tlb.find({0x3fff}, {}) != nullptr);
  tlb.remove(3);
  CHECK(tlb.find({0x3000}, {}) == nullptr);
  CHECK_THROWS_AS(Tlb({12, 4}), std::invalid_argument);
}

TEST_CASE("A walk cache finds the entry that comes furthest", "[mmu][tlb]") {
  Tlb cache({4, 0});
  cache.insert(entry(1, 0, {}, 39));
  cache.insert(entry(2, 0, {}, 21));
  cache.insert(entry(3, 0, {}, 30));
  CHECK(cache.find_smallest({0x1000}, {})->id == 2);
  CHECK(cache.find_smallest({0x20'1000}, {})->id == 3);
  CHECK(cache.conflicts() == 0);
}
