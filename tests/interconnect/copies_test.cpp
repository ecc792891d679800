// SPDX-License-Identifier: Apache-2.0
// Caches refine models/copies: what random accesses, one at a time, make of each line is what its transition function
// makes of it, with fills, drops and write-backs in between as hardware may do them.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>
#include <optional>
#include <random>
#include <set>
#include <string>

#include "rig.h"
#include "staleline/copies/line.h"

namespace staleline {
namespace {

using arm::CacheOp;
using arm::MemoryClass;
using cache::Level;
using copies::Action;
using event::CacheRef;
using What = copies::Action::What;
using Op = cache::Request::Op;
using States = std::set<copies::Line>;

constexpr std::uint64_t kBase = 0x8000'0000, kLines = 6;
constexpr std::size_t kPes = 3;

Level tiny(std::uint64_t lines, std::uint32_t ways) { return {.bytes = lines * 64, .ways = ways, .hit_cycles = 3}; }

struct Platform {
  const char* name;
  cache::Parameters caches{};
  interconnect::Parameters interconnect{};
};

std::vector<Platform> platforms() {
  std::vector<Platform> all;
  all.push_back({"L1 only", {.l1i = tiny(2, 1), .l1d = tiny(2, 2)}, {}});
  all.push_back({"shared L2", {.l1i = tiny(2, 1), .l1d = tiny(4, 2)}, {}});
  all.back().interconnect.shared = {{tiny(4, 2), CacheRef::Level::Shared, false}};
  all.push_back({"private L2, shared L3, prefetch",
                 {.l1i = tiny(2, 1), .l1d = tiny(2, 2), .l2 = tiny(4, 2), .prefetch_lines = 1},
                 {}});
  all.back().interconnect.shared = {{tiny(4, 4), CacheRef::Level::Shared, false}};
  all.push_back(
      {"two shared levels above a system cache, small snoop filter", {.l1i = tiny(2, 1), .l1d = tiny(4, 4)}, {}});
  all.back().interconnect.shared = {{tiny(2, 2), CacheRef::Level::Shared, false},
                                    {tiny(4, 2), CacheRef::Level::Shared, false},
                                    {tiny(4, 2), CacheRef::Level::System, true}};
  all.back().interconnect.snoop_filter_lines = 2;
  return all;
}

/// All that hardware can make of it by itself. `hidden`: what a dirty line is written back as too.
States settled(States from, const std::set<copies::Bytes>& hidden) {
  std::vector<copies::Line> left(from.begin(), from.end());
  while (!left.empty()) {
    const copies::Line l = left.back();
    left.pop_back();
    for (const What what : {What::Fill, What::Drop, What::WriteBack}) {
      const auto next = copies::step(l, {.what = what});
      if (next && from.insert(next->line).second) left.push_back(next->line);
    }
    for (const copies::Bytes& older : hidden) {
      copies::Line next = l;
      next.memory = older;
      if (l.node[0].dirty && from.insert(next).second) left.push_back(next);
    }
  }
  return from;
}

std::string spelled(const States& states) {
  std::string text;
  const auto bytes = [&text](const copies::Bytes& b) {
    for (const copies::Version v : b) text += " " + std::to_string(v);
  };
  for (const copies::Line& l : states) {
    text += "{memory";
    bytes(l.memory);
    text += !l.node[0].present ? ", absent" : l.node[0].dirty ? ", dirty" : ", clean";
    if (l.node[0].present) bytes(l.node[0].bytes);
    text += "}";
  }
  return text;
}

struct After {
  States states;
  std::set<copies::Version> reads;  ///< what the action may return
};
After after(const States& before, const Action& a, const std::set<copies::Bytes>& hidden) {
  After result;
  for (const copies::Line& l : before) {
    const auto next = copies::step(l, a);
    if (!next) continue;
    result.states.insert(next->line);
    result.reads.insert(next->read);
  }
  result.states = settled(result.states, hidden);
  return result;
}

class Refinement {
 public:
  explicit Refinement(const Platform& p) : rig_(kPes, p.caches, p.interconnect) {
    for (std::uint64_t i = 0; i < kLines; ++i) now_.push_back({{copies::Line{}}, {}});
  }

  /// One random access, and what it made of every line: what of that is not permitted, or nothing.
  std::optional<std::string> step(std::mt19937_64& random) {
    const auto any = [&](std::uint64_t below) { return random() % below; };
    const std::uint64_t line = any(kLines);
    Action a;
    a.byte = static_cast<std::uint8_t>(any(copies::kMaxBytes));
    const std::uint64_t at = address(line) + std::uint64_t{a.byte} * 8;
    const std::size_t pe = any(kPes);
    a.version = static_cast<copies::Version>(1 + any(250));
    std::optional<std::uint64_t> read;
    bool acts = true;
    switch (any(13)) {
      case 0:
      case 1:
        a.what = What::WriteBackWrite;
        rig_.store(pe, at, a.version);
        break;
      case 2:
        a.what = What::ReadCacheable;
        read = rig_.load(pe, at, any(4) == 0 ? MemoryClass::NormalWT : MemoryClass::NormalWB);
        break;
      case 3:
        a.what = What::WriteThroughWrite;
        rig_.store(pe, at, a.version, MemoryClass::NormalWT);
        break;
      case 4:
        a.what = What::WriteNonCacheable;
        rig_.store(pe, at, a.version, any(2) == 0 ? MemoryClass::NormalNC : MemoryClass::DevicenGnRE);
        break;
      case 5:
        a.what = What::ReadNonCacheable;
        read = rig_.load(pe, at, MemoryClass::NormalNC);
        break;
      case 6:
        a.what = What::WriteSnooping;
        rig_.io_write(true, at, a.version);
        break;
      case 7:
        a.what = What::ReadSnooping;
        read = rig_.io_read(true, at);
        break;
      case 8:
        a.what = What::Clean;
        rig_.maintain(pe, any(2) == 0 ? CacheOp::DC_CVAC : CacheOp::DC_CVAP, at);
        break;
      case 9:
        a.what = What::Invalidate;
        rig_.maintain(pe, CacheOp::DC_IVAC, at);
        break;
      case 10:
        a.what = What::CleanAndInvalidate;
        rig_.maintain(pe, CacheOp::DC_CIVAC, at);
        break;
      case 11:
        acts = false;
        rig_.nudge(pe, any(2) == 0 ? Op::Evict : Op::Prefetch, at);
        break;
      default:
        acts = false;
        rig_.maintain(pe, CacheOp::DC_CVAU, at);
        break;
    }
    for (std::uint64_t l = 0; l < kLines; ++l) {
      const Concrete before = now_[l];
      States may = settled(before.states, before.hidden);
      if (l == line && acts) {
        After next = after(may, a, before.hidden);
        if (read && next.reads.count(static_cast<copies::Version>(*read)) == 0) {
          return "action " + std::to_string(static_cast<int>(a.what)) + " read " + std::to_string(*read) + " of" +
                 spelled(before.states);
        }
        if (a.what == What::WriteSnooping) {
          for (const auto hit : {copies::SnoopHit::UpdateThrough, copies::SnoopHit::Invalidate}) {
            a.hit = hit;
            next.states.merge(after(may, a, before.hidden).states);
          }
        }
        may = std::move(next.states);
      }
      now_[l] = concrete(l);
      for (const copies::Line& now : now_[l].states) {
        if (may.count(now) == 0) {
          return "action " + std::to_string(static_cast<int>(a.what)) + " on line " + std::to_string(line) +
                 " made line " + std::to_string(l) + " of" + spelled(before.states) + spelled(now_[l].states);
        }
        seen[{now.node[0].present, now.node[0].dirty}]++;
      }
    }
    return std::nullopt;
  }

  std::map<std::pair<bool, bool>, std::size_t> seen;

 private:
  static std::uint64_t address(std::uint64_t line) { return kBase + line * arm::kLineBytes; }

  struct Concrete {
    States states;
    std::set<copies::Bytes> hidden;  ///< dirty copies under a dirty one: an older version, which may go to memory too
  };
  /// The coherent domain as one copy: where Non-cacheable stores went past clean copies PEs may see different ones, and
  /// it is in the state of each.
  Concrete concrete(std::uint64_t line) const {
    const auto bytes_of = [](const std::array<std::uint8_t, 64>& data) {
      copies::Bytes bytes{};
      for (std::size_t b = 0; b < copies::kMaxBytes; ++b) bytes[b] = data[b * 8];
      return bytes;
    };
    std::array<std::uint8_t, 64> data{};
    rig_.interconnect.peek({address(line)}, data);
    copies::Line l{.memory = bytes_of(data), .node = {}};
    Concrete result;
    std::set<copies::Bytes> visible;
    std::set<std::uint8_t> pes;  // nearest copies come first
    bool dirty = false;
    for (const auto& h : rig_.interconnect.holdings({address(line)})) {
      if (h.cache.level == CacheRef::Level::L1I || h.cache.level == CacheRef::Level::System) continue;  // below the PoC
      const bool nearest = pes.insert(h.cache.pe.value).second;
      if (dirty && h.dirty) result.hidden.insert(bytes_of(h.data));
      if (nearest && !(h.cache.pe == event::kNoPe && dirty)) visible.insert(bytes_of(h.data));
      dirty = dirty || h.dirty;
    }
    if (visible.empty()) result.states.insert(l);
    for (const copies::Bytes& bytes : visible) {
      l.node[0] = {.present = true, .dirty = dirty, .bytes = bytes};
      result.states.insert(l);
    }
    return result;
  }

  rig::Rig rig_;
  std::vector<Concrete> now_;
};

}  // namespace

TEST_CASE("caches do what the transition function of models/copies permits", "[copies]") {
  for (const Platform& p : platforms()) {
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      INFO(p.name << ", seed " << seed);
      std::mt19937_64 random(seed);
      Refinement refinement(p);
      for (int i = 0; i < 4000; ++i) REQUIRE(refinement.step(random).value_or("") == "");
      CHECK(refinement.seen[{false, false}] > 100);
      CHECK(refinement.seen[{true, false}] > 100);
      CHECK(refinement.seen[{true, true}] > 100);
    }
  }
}

TEST_CASE("caches with a quirk do not", "[copies]") {
  Platform p = platforms()[1];
  p.interconnect.quirks.clean_leaves_dirty = true;
  std::mt19937_64 random(1);
  Refinement refinement(p);
  bool found = false;
  for (int i = 0; i < 4000 && !found; ++i) found = refinement.step(random).has_value();
  CHECK(found);
}

}  // namespace staleline
