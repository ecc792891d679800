// SPDX-License-Identifier: Apache-2.0
// Maintenance by set/way: the operand, the registers that describe the levels, and which copy each operation reaches
// on every shape of cache hierarchy.
#include <catch2/catch.hpp>

#include "rig.h"

namespace staleline {
namespace {

using arm::CacheOp;
using arm::MemoryClass;
using cache::SetWay;
using event::CacheRef;
using rig::Rig;
using Op = cache::Request::Op;

constexpr std::uint64_t kA = 0x8000'0000, kB = 0x8001'0000;
constexpr CacheOp kOps[] = {CacheOp::DC_ISW, CacheOp::DC_CSW, CacheOp::DC_CISW};

struct Shape {
  const char* name;
  bool private_l2;
  std::vector<std::pair<CacheRef::Level, bool>> shared;  // with below_poc
};
constexpr auto kShared = CacheRef::Level::Shared;
constexpr auto kSystem = CacheRef::Level::System;
const std::vector<Shape> kShapes{{"L1 only", false, {}},
                                 {"shared L2", false, {{kShared, false}}},
                                 {"private L2", true, {}},
                                 {"private L2, shared L3", true, {{kShared, false}}},
                                 {"shared L2, L3", false, {{kShared, false}, {kShared, false}}},
                                 {"shared L2, system cache above the PoC", false, {{kShared, false}, {kSystem, false}}},
                                 {"shared L2, system cache below the PoC", false, {{kShared, false}, {kSystem, true}}},
                                 {"system cache above the PoC", false, {{kSystem, false}}}};

Rig make(const Shape& s) {
  cache::Parameters c;
  c.l1i = {.bytes = 512, .ways = 2, .hit_cycles = 2};
  c.l1d = {.bytes = 768, .ways = 3, .hit_cycles = 2};
  if (s.private_l2) c.l2 = {.bytes = 1024, .ways = 4, .hit_cycles = 5};
  interconnect::Parameters x;
  std::uint64_t bytes = 2048;
  for (const auto& [name, below] : s.shared) {
    x.shared.push_back({{.bytes = bytes, .ways = 2, .hit_cycles = 7}, name, below});
    bytes *= 2;
  }
  return Rig(2, c, x);
}

/// Where the newest bytes of a line may stand dirty, from PE 0 towards memory.
std::vector<CacheRef> places(const Shape& s) {
  std::vector<CacheRef> all{{CacheRef::Level::L1D, event::PeId{0}}};
  if (s.private_l2) all.push_back({CacheRef::Level::L2, event::PeId{0}});
  for (const auto& [name, below] : s.shared) {
    if (!below) all.push_back({name, event::kNoPe});
  }
  return all;
}
std::size_t integrated(const Shape& s) {
  std::size_t n = s.private_l2 ? 2 : 1;
  for (const auto& [name, below] : s.shared) n += name == kShared && !below ? 1 : 0;
  return n;
}

void operate(Rig& r, std::size_t pe, CacheOp op, std::uint64_t xt, bool whole) {
  auto request = Rig::make(Op::Maintenance, 0, MemoryClass::NormalWB);
  request.maintenance = op;
  request.data[0] = xt;
  request.whole_level = whole;
  r.access(pe, request);
}

/// `level` from 1; one operation a set and way as software does it, or the whole level at once.
void maintain(Rig& r, std::size_t pe, CacheOp op, std::uint32_t level, bool whole) {
  if (whole) return operate(r, pe, op, (level - 1) << 1, true);
  const auto& levels = r.ports[pe]->caches.levels();
  const std::uint32_t sets = level <= levels.size() ? levels[level - 1].sets : 4;
  const std::uint32_t ways = level <= levels.size() ? levels[level - 1].ways : 4;
  for (std::uint32_t way = 0; way < ways; ++way) {
    for (std::uint32_t set = 0; set < sets; ++set)
      operate(r, pe, op, cache::encode_set_way({level, set, way}, ways), false);
  }
}

/// Who holds the line dirty with this value. (A private L2 under a dirty L1D may be dirty with an older one.)
std::vector<CacheRef> dirty(const Rig& r, std::uint64_t line, std::uint64_t value) {
  std::vector<CacheRef> found;
  for (const auto& h : r.interconnect.holdings({line})) {
    std::uint64_t held;
    std::memcpy(&held, h.data.data(), 8);
    if (h.dirty && held == value) found.push_back(h.cache);
  }
  return found;
}

std::ptrdiff_t copies(const Rig& r, std::uint64_t line, CacheRef where) {
  const auto all = r.interconnect.holdings({line});
  return std::count_if(all.begin(), all.end(), [&](const auto& h) { return h.cache == where; });
}

}  // namespace

TEST_CASE("the operand of set/way: every set, way and level of every geometry", "[setway]") {
  for (std::uint32_t sets = 1; sets <= 64; sets *= 2) {
    for (std::uint32_t ways = 1; ways <= 17; ++ways) {
      for (std::uint32_t set = 0; set < sets; ++set) {
        for (std::uint32_t way = 0; way < ways; ++way) {
          for (std::uint32_t level = 1; level <= 7; ++level) {
            const std::uint64_t xt = cache::encode_set_way({level, set, way}, ways);
            if (!(cache::decode_set_way(xt, sets, ways) == SetWay{level, set, way})) FAIL("not the same again");
          }
        }
      }
    }
  }
  // 32 KiB, 4 ways: the way stands in bits [31:30]. 48 KiB, 3 ways: as many bits.
  CHECK(cache::encode_set_way({1, 0x7f, 3}, 4) == 0xc000'1fc0);
  CHECK(cache::encode_set_way({3, 1, 2}, 3) == 0x8000'0044);
  CHECK(cache::encode_set_way({2, 5, 0}, 1) == 0x142);
}

TEST_CASE("CLIDR_EL1 and CCSIDR_EL1 tell the levels that set/way reaches", "[setway]") {
  for (const Shape& s : kShapes) {
    INFO(s.name);
    Rig r = make(s);
    const auto& caches = r.ports[0]->caches;
    const std::uint64_t levels = integrated(s);
    CHECK(caches.levels().size() == levels);
    const std::uint64_t clidr = caches.clidr_el1();
    CHECK((clidr >> 24 & 7) == levels);
    CHECK((clidr >> 21 & 7) == 1);
    CHECK((clidr >> 27 & 7) == 1);
    CHECK((clidr & 7) == 0b011);
    for (std::uint64_t n = 1; n < 7; ++n) CHECK((clidr >> (3 * n) & 7) == (n < levels ? 0b100 : 0));
    CHECK(caches.ccsidr_el1(0) == (7U << 28 | 3U << 13 | 2U << 3 | 2U));
    CHECK(caches.ccsidr_el1(1) == (2U << 28 | 3U << 13 | 1U << 3 | 2U));
    if (s.private_l2) CHECK(caches.ccsidr_el1(2) == (7U << 28 | 3U << 13 | 3U << 3 | 2U));
    if (!s.private_l2 && levels > 1) CHECK(caches.ccsidr_el1(2) == (7U << 28 | 15U << 13 | 1U << 3 | 2U));
    CHECK(caches.ccsidr_el1(3) == 0);
    CHECK(caches.ccsidr_el1(2 * levels) == 0);
  }
}

TEST_CASE("every sequence of three operations on every level moves the dirty bytes as it should", "[setway]") {
  for (const Shape& s : kShapes) {
    const std::vector<CacheRef> chain = places(s);
    const std::size_t reached = integrated(s);
    const std::size_t levels = chain.size() + 1;  // one that is not there, too
    const std::size_t choices = std::size(kOps) * levels;
    for (std::size_t sequence = 0; sequence < choices * choices * choices; ++sequence) {
      const bool whole = sequence % 5 != 0;
      Rig r = make(s);
      r.poke(kA, 0x11);
      r.store(0, kA, 0x22);
      r.store(1, kB, 0x33);
      std::size_t at = 0;  // chain.size(): memory; more: lost
      std::string story = s.name;
      std::size_t left = sequence;
      for (int i = 0; i < 3; ++i, left /= choices) {
        const CacheOp op = kOps[left % std::size(kOps)];
        const std::size_t level = left % choices / std::size(kOps);
        story += "; " + std::string(arm::name_of(op)) + " of level " + std::to_string(level + 1);
        maintain(r, 0, op, static_cast<std::uint32_t>(level + 1), whole);
        if (level >= reached || at >= chain.size()) continue;
        const bool inclusive = s.private_l2 && level == 1 && at == 0 && op != CacheOp::DC_CSW;
        if (at == level || inclusive) at = op == CacheOp::DC_ISW ? chain.size() + 1 : level + 1;
      }
      INFO(story << (whole ? " (whole)" : ""));
      const auto found = dirty(r, kA, 0x22);
      REQUIRE(found == (at < chain.size() ? std::vector{chain[at]} : std::vector<CacheRef>{}));
      REQUIRE(r.memory(kA) == (at == chain.size() ? 0x22 : 0x11));
      REQUIRE(dirty(r, kB, 0x33) == std::vector{CacheRef{CacheRef::Level::L1D, event::PeId{1}}});
      REQUIRE(r.memory(kB) == 0);
      REQUIRE(r.ports[0]->caches.outstanding() == 0);
      REQUIRE(r.load(0, kB) == 0x33);
    }
  }
}

TEST_CASE("CSW keeps the copy, ISW and CISW do not, and other levels and PEs keep theirs", "[setway]") {
  for (const Shape& s : kShapes) {
    for (const CacheOp op : kOps) {
      for (std::uint32_t level = 1; level <= integrated(s); ++level) {
        Rig r = make(s);
        r.load(0, kA);
        r.load(1, kA);
        const std::vector<CacheRef> chain = places(s);
        maintain(r, 0, op, level, false);
        INFO(s.name << ", " << arm::name_of(op) << " of level " << level);
        for (const CacheRef where : chain) {
          std::ptrdiff_t expected = 0;
          for (std::size_t i = 0; i < chain.size(); ++i) {
            const bool with_l2 = s.private_l2 && level == 2 && i == 0;
            const bool gone = op != CacheOp::DC_CSW && (i + 1 == level || with_l2);
            expected += chain[i] == where && !gone ? 1 : 0;
          }
          CHECK(copies(r, kA, where) == expected);
        }
        CHECK(copies(r, kA, {CacheRef::Level::L1D, event::PeId{1}}) == 1);
      }
    }
  }
}

TEST_CASE("cleaning level after level brings a PE's dirty data to memory or to what set/way does not reach",
          "[setway]") {
  for (const Shape& s : kShapes) {
    for (const bool whole : {false, true}) {
      Rig r = make(s);
      constexpr std::uint64_t kLines = 200;
      for (std::uint64_t i = 0; i < kLines; ++i) r.store(0, kA + 64 * i, i + 1);
      for (std::uint32_t level = 1; level <= integrated(s); ++level) maintain(r, 0, CacheOp::DC_CISW, level, whole);
      INFO(s.name);
      std::uint64_t in_memory = 0;
      for (std::uint64_t i = 0; i < kLines; ++i) {
        in_memory += r.memory(kA + 64 * i) == i + 1 ? 1 : 0;
        for (const CacheRef where : dirty(r, kA + 64 * i, i + 1)) CHECK(where.level == kSystem);
      }
      const bool stops_above = places(s).size() > integrated(s);
      CHECK((in_memory == kLines) == !stops_above);
      for (std::uint64_t i = 0; i < kLines; ++i) CHECK(r.load(1, kA + 64 * i) == i + 1);
    }
  }
}

TEST_CASE("set/way and whole levels among other requests are all completed", "[setway]") {
  for (const Shape& s : kShapes) {
    Rig r = make(s);
    std::uint64_t made = 0, completed = 0;
    r.ports[0]->done = [&](const cache::Request&, engine::Cycle) { ++completed; };
    for (std::uint64_t i = 0; i < 60; ++i) {
      auto request = Rig::make(Op::Store, kA + 64 * (i * 7 % 16), MemoryClass::NormalWB);
      request.data[0] = i;
      if (i % 4 == 3) {
        request.op = Op::Maintenance;
        request.maintenance = i % 8 == 3 ? CacheOp::DC_CSW : CacheOp::DC_CISW;
        request.whole_level = i % 3 != 0;
        request.data[0] = (i / 4 % 3) << 1 | (i % 4) << 6;
      }
      ++made;
      if (r.ports[0]->caches.access(r.now, request)) ++completed;
    }
    r.settle();
    INFO(s.name);
    CHECK(completed == made);
    CHECK(r.ports[0]->caches.outstanding() == 0);
  }
}

}  // namespace staleline
