// SPDX-License-Identifier: Apache-2.0
// A TLB: what it holds of a translation, whose it is, how it is found, and what a TLB maintenance
// instruction takes from it (DDI 0487 D8.16, D8.17).
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <utility>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/arm/tlbi.h"
#include "staleline/arm/translation.h"
#include "staleline/arm/walk.h"

namespace staleline::mmu {

/// What an access brings along besides its address: entries of other contexts do not match.
struct TlbContext {
  arm::Regime regime = arm::Regime::EL10;
  bool stage1 = true, stage2 = false;
  std::uint16_t asid = 0, vmid = 0;
  friend constexpr bool operator==(const TlbContext&, const TlbContext&) = default;
};

/// A translation, both stages combined, of the smaller of the two blocks; or, with `table`, how far a walk came.
struct TlbEntry {
  std::uint32_t id = 0;  ///< unique for its PE; the newer has the larger
  TlbContext context{};
  bool global = false;  ///< for every ASID
  bool table = false;   ///< of a walk cache: `point` holds, else `result`
  std::uint8_t size_log2 = 12;
  arm::VirtAddr va{};               ///< a multiple of the size, without a tag
  arm::TranslationResult result{};  ///< `pa` and `ipa` are those of `va`
  arm::WalkPoint point{};

  [[nodiscard]] constexpr std::uint64_t bytes() const { return std::uint64_t{1} << size_log2; }
  [[nodiscard]] constexpr bool matches(arm::VirtAddr a, const TlbContext& c) const {
    return (a.value ^ va.value) >> size_log2 == 0 && context.regime == c.regime && context.stage1 == c.stage1 &&
           context.stage2 == c.stage2 && context.vmid == c.vmid && (global || context.asid == c.asid);
  }
};

/// A TLB maintenance instruction as its receivers need it: with what was in force where it was issued.
struct Invalidation {
  arm::Tlbi tlbi{};
  arm::Regime regime = arm::Regime::EL10;
  std::uint16_t vmid = 0;
  arm::TlbiOperand operand{};
  /// True where it takes only what translates certain VAs.
  [[nodiscard]] bool by_va() const { return tlbi.scope == arm::TlbiScope::VA || tlbi.scope == arm::TlbiScope::VAA; }
};

/// As it travels in cache::TlbMaintenance.
[[nodiscard]] std::array<std::uint64_t, 2> words_of(const arm::Tlbi& tlbi, std::uint64_t xt,
                                                    const arm::TranslationRegisters& registers);
[[nodiscard]] Invalidation invalidation_of(const std::array<std::uint64_t, 2>& words);

/// Whether the instruction takes the entry. Only what has to go goes: a TTL or granule that does not fit spares the
/// entry, and stage 2 maintenance spares those that stage 1 has a part in.
[[nodiscard]] bool covers(const Invalidation& invalidation, const TlbEntry& entry);

class Tlb {
 public:
  struct Geometry {
    std::uint32_t entries = 48;
    std::uint32_t ways = 0;  ///< 0: fully associative
  };
  /// Throws std::invalid_argument where the number of sets is not a power of two.
  explicit Tlb(Geometry geometry);

  /// The entry for an address, null if there is none. Where several match, which the architecture lets abort, the
  /// newest holds, the others go, and conflicts() counts. Valid until the next change.
  const TlbEntry* find(arm::VirtAddr va, const TlbContext& context);
  /// Of a walk cache: the match that comes furthest, which is that of the smallest size.
  const TlbEntry* find_smallest(arm::VirtAddr va, const TlbContext& context);
  /// Takes an entry; one of the same size, address and context makes room, else the least recently used of the set.
  /// Returns the id of that one, 0 where there was room.
  std::uint32_t insert(const TlbEntry& entry);
  /// Calls gone(entry) for each entry that goes, before it does, and returns how many those were.
  template <class Gone>
  std::size_t invalidate(const Invalidation& invalidation, Gone gone) {
    std::size_t n = 0;
    const auto look = [&](Slot* first, Slot* last) {
      for (Slot* s = first; s != last; ++s) {
        if (s->used == 0 || !covers(invalidation, s->entry)) continue;
        gone(std::as_const(s->entry));
        empty(*s);
        ++n;
      }
    };
    if (!invalidation.by_va() || invalidation.operand.bytes > (std::uint64_t{1} << 12)) {
      look(slots_.data(), slots_.data() + slots_.size());
      return n;
    }
    // Entries are no smaller than that: of each size two may meet it.
    for (std::uint64_t sizes = sizes_; sizes != 0; sizes &= sizes - 1) {
      const auto size = static_cast<unsigned>(std::countr_zero(sizes));
      Slot* const first = set_of({invalidation.operand.first}, size);
      Slot* const last = set_of({invalidation.operand.first + invalidation.operand.bytes - 1}, size);
      look(first, first + ways_);
      if (last != first) look(last, last + ways_);
    }
    return n;
  }
  std::size_t invalidate(const Invalidation& invalidation) {
    return invalidate(invalidation, [](const TlbEntry&) {});
  }
  void remove(std::uint32_t id);
  void clear();

  [[nodiscard]] std::uint64_t conflicts() const { return conflicts_; }
  [[nodiscard]] std::size_t size() const;
  /// Calls visit(entry) for each entry, in no meaningful but a repeatable order.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const Slot& s : slots_) {
      if (s.used != 0) visit(s.entry);
    }
  }

 private:
  struct Slot {
    std::uint64_t used = 0;  ///< when; 0: empty
    TlbEntry entry{};
  };
  [[nodiscard]] Slot* set_of(arm::VirtAddr va, unsigned size_log2) {
    return slots_.data() + (va.value >> size_log2 & set_mask_) * ways_;
  }
  void empty(Slot& s);

  std::uint32_t ways_;
  std::uint64_t set_mask_ = 0, clock_ = 0, conflicts_ = 0;
  std::vector<Slot> slots_;
  std::array<std::uint32_t, 64> of_size_{};  ///< how many entries there are of a size
  std::uint64_t sizes_ = 0;                  ///< bit s: there are entries of 1 << s bytes
};

}  // namespace staleline::mmu
