// SPDX-License-Identifier: Apache-2.0
// What the judge remembers of one line: its may-state, who wrote each byte last, and which
// maintenance has been issued but is not yet known to everybody.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <vector>

#include "may_state.h"
#include "orders.h"
#include "staleline/arm/address.h"
#include "staleline/event/event.h"
#include "staleline/judge/hazard.h"
#include "translations.h"
#include "write_ref.h"

namespace staleline::judge {

/// A deed that a later one may or may not come after.
struct Stamp {
  WriteRef by{};
};

/// The newest write of each byte; one entry for 8 bytes until a narrower write splits the line.
class Writers {
 public:
  void set(Mask bytes, const WriteRef& w) {
    if (!split_ && !whole_granules(bytes)) split();
    if (split_) {
      for (Mask m = bytes; m != 0; m &= m - 1) (*split_)[static_cast<std::size_t>(std::countr_zero(m))] = w;
      return;
    }
    for (std::size_t g = 0; g < 8; ++g)
      if ((bytes >> (8 * g) & 0xff) != 0) granules_[g] = w;
  }
  /// The one writer of the 8 aligned bytes that hold byte `first`; null where the line is split.
  [[nodiscard]] WriteRef* granule(std::uint64_t first) { return split_ ? nullptr : &granules_[first / 8]; }
  /// Calls `f(const WriteRef&, Mask)` for the parts of `bytes` with one writer each, from byte 0 up.
  template <class F>
  void for_each(Mask bytes, F&& f) const {
    while (bytes != 0) {
      const auto first = static_cast<std::size_t>(std::countr_zero(bytes));
      const Mask part = bytes & (split_ ? Mask{1} << first : Mask{0xff} << (first & ~std::size_t{7}));
      f(split_ ? (*split_)[first] : granules_[first / 8], part);
      bytes &= ~part;
    }
  }

 private:
  static bool whole_granules(Mask bytes) {
    constexpr Mask low = 0x0101010101010101;
    const Mask any = bytes & low;
    return bytes == any * 0xff;
  }
  void split() {
    split_ = std::make_unique<std::array<WriteRef, 64>>();
    for (std::size_t i = 0; i < 64; ++i) (*split_)[i] = granules_[i / 8];
  }

  std::array<WriteRef, 8> granules_{};
  std::unique_ptr<std::array<WriteRef, 64>> split_;
};

/// Data-side maintenance that was issued: for those who know of it, these bits are clear.
struct Clear {
  WriteRef by{};  ///< issuer, epoch, line, cycle
  struct Node {
    Mask only = 0, older = 0;
    bool dirty = false, present = false;
    [[nodiscard]] bool empty() const { return only == 0 && older == 0 && !dirty && !present; }
  };
  std::array<Node, kMaxNodes> node{};
  Mask above_pou = 0;
  Mask late = 0;
  [[nodiscard]] bool empty() const {
    return above_pou == 0 && late == 0 &&
           std::all_of(node.begin(), node.end(), [](const Node& n) { return n.empty(); });
  }
};

/// Instruction cache maintenance that was issued: for those who know of it, PE caches are clear of it.
struct InstructionClear {
  WriteRef by{};
  std::uint64_t pes = 0;    ///< one bit a PE
  std::uint64_t index = 0;  ///< of the VA, plus 1, where only copies at that index went; 0: all
  Mask older = 0;

  /// Whether it reached the place in the cache of `pe` where a fetch with that index looks.
  [[nodiscard]] bool reaches(event::PeId pe, std::uint64_t of_fetch) const {
    return (pes >> pe.value & 1) != 0 && (index == 0 || index == of_fetch);
  }
};

/// The instruction side of a line; exists once something fetched or may fetch it.
struct InstructionSide {
  struct Cache {
    Mask older = 0;        ///< CI
    bool present = false;  ///< MI
    bool live = false;
    /// Fetches of these bytes were safe and left all as it was: so they are until the line or the order changes.
    struct Settled {
      std::uint32_t version = 0, fetch_version = 0;  ///< of the line, and of the agent in Orders
      event::AgentId agent{};
      event::Path path{};
      std::uint64_t index = 0;
      Mask bytes = 0;
    } settled{};
  };
  /// A word that an agent has changed from one instruction to another of those that may be either for a while.
  struct Exchanged {
    Mask word = 0;
    event::AgentId agent{};
    bool cacheable = true;
  };
  std::vector<Cache> caches;  ///< by PE
  std::vector<InstructionClear> clears;
  std::vector<Exchanged> exchanged;
};

/// A read that was found to be safe; something that nothing orders after it may still come to light.
struct SafeRead {
  event::Event read{};
  Use use{};
  Epoch epoch = 0;
  Mask bytes = 0;
};

struct Line {
  arm::PhysAddr address{};
  MayState may{};
  Mask above_pou = 0;      ///< U_pou: the newest may be only above the Point of Unification
  Mask bypassed = 0;       ///< bytes whose newest write did not go through node 0
  Mask benign = 0;         ///< bytes of which every older copy has the same value
  Mask disordered = 0;     ///< bytes whose newest write may land before an older one that intent puts first
  Mask raced = 0;          ///< bytes whose newest write races with the one before: which is newest, nobody says
  Mask lost_to_power = 0;  ///< which of may.lost a power-off made so
  /// Bit a PE: its first, its second private level may hold the line, as far as its own accesses go.
  std::uint64_t in_l1 = 0, in_l2 = 0;
  Mask lost_to_invalidate = 0;  ///< which of may.lost an invalidate made so; the others: a write-back
  std::array<std::uint8_t, 64> newest{};
  Writers writers;
  std::vector<Clear> clears;
  std::vector<Stamp> dirtied;        ///< the last dirtying write of each agent in each node
  std::vector<Stamp> touched;        ///< the last allocating access of each agent, where nothing is live
  std::vector<Stamp> invalidated;    ///< the last invalidate of each agent
  std::vector<SafeRead> safe_reads;  ///< the last few, of a line that is not plain
  Deed filled{};                     ///< the last access that may have left a copy
  WriteRef disordered_by{};          ///< the older write behind `disordered`
  WriteRef raced_by{};               ///< the other write behind `raced`
  Deed lost_by{};                    ///< the older dirty write behind may.lost
  Deed discarded_by{};               ///< the invalidate or the power-off behind may.lost
  Mask passed_by = 0;                ///< bytes that `passing` need not come after, an own write's
  WriteRef passing{};                ///< maintenance with data caches off, or of what was written past them
  std::unique_ptr<InstructionSide> instructions;
  std::unique_ptr<TableSide> tables;  ///< exists once a walker reads descriptors here, or may
  bool watched = false;               ///< entitlement or a forbidden target is at stake
  std::uint32_t version = 1;          ///< grows with every change of what a fetch depends on

  /// What made memory lose `bytes`.
  [[nodiscard]] const Deed& losing(Mask bytes) const {
    return (bytes & (lost_to_invalidate | lost_to_power)) != 0 ? discarded_by : lost_by;
  }

  /// Nothing but coherent accesses in node 0 so far: no read in node 0 can be stale. Kept by review().
  bool plain = false;
  /// The same, but that instructions may be fetched from here.
  bool calm = false;

  void review() {
    ++version;
    calm = may.nodes == 1 && (may.lost | may.node[0].older | bypassed | disordered) == 0 && clears.empty() &&
           invalidated.empty() && !tables && !watched;
    plain = calm && !instructions;
  }
  void upset() {
    ++version;
    calm = plain = false;
  }
};

/// Keeps the last deed of each (agent, node).
inline void remember(std::vector<Stamp>& stamps, const WriteRef& w) {
  for (Stamp& s : stamps) {
    if (s.by.agent != w.agent || s.by.node != w.node) continue;
    s.by = w;
    return;
  }
  stamps.push_back({w});
}

}  // namespace staleline::judge
