// SPDX-License-Identifier: Apache-2.0
// What the judge remembers of one line: its may-state, who wrote each byte last, and which
// maintenance has been issued but is not yet known to everybody.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <memory>
#include <memory_resource>
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

/// The newest write of each byte; one entry for 8 bytes until a narrower write splits them.
class Writers {
 public:
  void set(Mask bytes, const WriteRef& w) {
    note(w);
    while (bytes != 0) {
      const std::size_t g = bit(bytes) / 8;
      const Mask part = bytes >> (8 * g) & 0xff;
      bytes &= ~(Mask{0xff} << (8 * g));
      if (part == 0xff) {
        granules_[g] = w;
        split_ &= ~(1U << g);
      } else {
        for (Mask m = part, to = split(g); m != 0; m &= m - 1) (*bytes_)[to + bit(m)] = w;
      }
    }
  }
  /// The same for the eight bytes of granule `g`.
  void set_granule(std::size_t g, const WriteRef& w) {
    note(w);
    granules_[g] = w;
    split_ &= ~(1U << g);
  }
  /// True where `a` alone wrote here, but for the initial contents, and all by way of node 0: its accesses of that node
  /// come after all of it.
  [[nodiscard]] bool only(event::AgentId a) const { return writer_ == a.value || writer_ == kNobody; }
  /// Calls `f(const WriteRef&, Mask)` for the parts of `bytes` with one writer each, from byte 0 up.
  template <class F>
  void for_each(Mask bytes, F&& f) const {
    while (bytes != 0) {
      const std::size_t first = bit(bytes), g = first / 8;
      const bool whole = (split_ >> g & 1U) == 0;
      const Mask part = bytes & (whole ? Mask{0xff} << (8 * g) : Mask{1} << first);
      f(whole ? granules_[g] : (*bytes_)[first], part);
      bytes &= ~part;
    }
  }

 private:
  static constexpr std::uint32_t kNobody = ~0U, kSeveral = kNobody - 1;

  static std::size_t bit(Mask m) { return static_cast<std::size_t>(std::countr_zero(m)); }
  void note(const WriteRef& w) {
    if (writer_ == w.agent.value || w.epoch == 0) {
      if (w.epoch != 0 && w.node != event::kCoherentDomain.value) writer_ = kSeveral;
      return;
    }
    writer_ = writer_ == kNobody && w.node == event::kCoherentDomain.value ? w.agent.value : kSeveral;
  }
  // Where the first byte of granule `g` stands, each byte for itself from now on.
  std::size_t split(std::size_t g) {
    if ((split_ >> g & 1U) != 0) return 8 * g;
    if (!bytes_) bytes_ = std::make_unique<std::array<WriteRef, 64>>();
    std::fill_n(bytes_->begin() + static_cast<std::ptrdiff_t>(8 * g), 8, granules_[g]);
    split_ |= 1U << g;
    return 8 * g;
  }

  std::array<WriteRef, 8> granules_{};
  std::unique_ptr<std::array<WriteRef, 64>> bytes_;  // of granules that are split
  std::uint32_t split_ = 0;                          // one bit a granule
  std::uint32_t writer_ = kNobody;
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
  InstructionSide(std::size_t pes, std::pmr::memory_resource* memory) : caches(pes, memory) {}
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
  std::pmr::vector<Cache> caches;  ///< by PE
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
  std::vector<Stamp> dirtied;               ///< the last dirtying write of each agent in each node
  std::vector<Stamp> touched;               ///< the last allocating access of each agent, where nothing is live
  std::vector<Stamp> invalidated;           ///< the last invalidate of each agent
  std::vector<SafeRead> safe_reads;         ///< the last few, of a line that is not plain
  Deed filled{};                            ///< the last access that may have left a copy
  WriteRef disordered_by{};                 ///< the older write behind `disordered`
  WriteRef raced_by{};                      ///< the other write behind `raced`
  Deed lost_by{};                           ///< the older dirty write behind may.lost
  Deed discarded_by{};                      ///< the invalidate or the power-off behind may.lost
  Mask passed_by = 0;                       ///< bytes that `passing` need not come after, an own write's
  WriteRef passing{};                       ///< maintenance with data caches off, or of what was written past them
  InstructionSide* instructions = nullptr;  ///< the judge owns it, as it does the line
  std::unique_ptr<TableSide> tables;        ///< exists once a walker reads descriptors here, or may
  bool watched = false;                     ///< entitlement or a forbidden target is at stake
  std::uint32_t version = 1;                ///< grows with every change of what a fetch depends on

  /// What made memory lose `bytes`.
  [[nodiscard]] const Deed& losing(Mask bytes) const {
    return (bytes & (lost_to_invalidate | lost_to_power)) != 0 ? discarded_by : lost_by;
  }

  /// Nothing but coherent accesses in node 0, where allocation is permitted, so far, and no two that race: no read in
  /// node 0 can be stale. Kept by review().
  bool plain = false;
  /// The same, but that instructions may be fetched from here, and that some may race.
  bool calm = false;

  void review() {
    ++version;
    calm = may.nodes == 1 && (may.lost | may.late | may.node[0].older | bypassed | disordered) == 0 &&
           may.node[0].live && clears.empty() && invalidated.empty() && !tables && !watched;
    plain = calm && instructions == nullptr && raced == 0;
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
