// SPDX-License-Identifier: Apache-2.0
// The translation side of a PE: TLBs of two levels, a walk cache, and the walks that fill them. It says which
// descriptors to read; the PE reads them, through its caches or past them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <variant>

#include "staleline/arm/translation.h"
#include "staleline/arm/walk.h"
#include "staleline/mmu/tlb.h"
#include "staleline/mmu/translator.h"

namespace staleline::mmu {

struct TlbParameters {
  Tlb::Geometry l1_instruction{32, 0}, l1_data{32, 0}, l2{1024, 4};
  Tlb::Geometry walk_cache{16, 0};  ///< of stage 1 tables; no entries: absent
};

/// A walk under way. `table` is driven by the caller, who calls Mmu::noted after each descriptor.
struct Walk {
  arm::TableWalk table;
  arm::VirtAddr asked{};  ///< what was asked for
  arm::VirtAddr va{};     ///< without a tag
  arm::AccessRequest request{};
  TlbContext context{};
  std::uint32_t id = 0;    ///< of the entry that is being made
  std::uint32_t from = 0;  ///< the entry whose tables it began from; 0: the root
  bool poisoned = false;   ///< TLB maintenance came in between: what was read may be old, so nothing stays
};

class Mmu {
 public:
  explicit Mmu(const TlbParameters& parameters);

  /// The registers in force from here on, and how privileged accesses see memory (PSTATE.PAN).
  void enter(const arm::TranslationRegisters& registers, arm::Regime regime, bool pan);
  [[nodiscard]] const arm::TranslationRegisters& registers() const { return registers_; }
  [[nodiscard]] arm::Regime regime() const { return regime_; }
  [[nodiscard]] const TlbContext& context() const { return context_; }

  /// The fault of an access through a translation that is held, and which that is.
  struct Denied {
    arm::TranslationFault fault{};
    std::uint32_t entry = 0;
  };
  /// Nothing is held: a walk has to be made.
  struct Miss {};
  using Found = std::variant<Translation, Denied, Miss>;
  /// With both stages off every address is its own translation and `entry` is 0.
  [[nodiscard]] Found lookup(arm::VirtAddr va, const arm::AccessRequest& request) {
    if (request.aligned && request.privileged && !request.zero) {
      if (const auto hit = recent(va, request.kind)) return *hit;
    }
    return lookup_slowly(va, request);
  }
  /// The same for aligned privileged requests to a page that was used of late, and nothing for others: these stand in
  /// front, page by page, for as long as the TLBs hold the entry and no register changes.
  [[nodiscard]] std::optional<Translation> recent(arm::VirtAddr va, arm::AccessRequest::Kind kind) const {
    const Recent* const r = find_recent(va, kind);
    if (r == nullptr) return std::nullopt;
    return Translation{r->address_of(va), r->path, kPageBytes - (va.value & (kPageBytes - 1)), r->entry};
  }
  /// A page whose translation was used of late.
  struct Recent {
    std::uint64_t page = ~std::uint64_t{0};
    std::uint64_t offset = 0;
    event::Path path{};
    std::uint32_t entry = 0;
    std::uint8_t permitted = 0;  ///< bit k: requests of kind k, privileged and aligned
    [[nodiscard]] arm::PhysAddr address_of(arm::VirtAddr va) const { return {va.value + offset}; }
  };
  /// What recent() is made from; null for nothing. Valid until the next call of anything else.
  [[nodiscard]] const Recent* find_recent(arm::VirtAddr va, arm::AccessRequest::Kind kind) const {
    const std::uint64_t page = va.value >> kPageBits;
    const Recent& r = (kind == arm::AccessRequest::Kind::Fetch ? recent_fetches_ : recent_)[place_of(page)];
    return r.page == page && (r.permitted >> static_cast<unsigned>(kind) & 1) != 0 ? &r : nullptr;
  }

  /// Starts a walk for what lookup() missed.
  [[nodiscard]] Walk begin(arm::VirtAddr va, const arm::AccessRequest& request);
  /// After each descriptor: the walk cache learns how far the walk came.
  void noted(const Walk& walk);
  /// After Done: the entry that was made, which is held unless the walk was poisoned. Not to be called where no stage
  /// translates.
  const TlbEntry& finish(const Walk& walk);

  void invalidate(const Invalidation& invalidation);
  void clear();

  struct Counters {
    std::uint64_t l1_misses = 0, walks = 0, descriptors = 0, conflicts = 0;
  };
  [[nodiscard]] Counters counters() const;
  [[nodiscard]] const Tlb& l2() const { return l2_; }

 private:
  static constexpr unsigned kPageBits = 12;
  static constexpr std::uint64_t kPageBytes = std::uint64_t{1} << kPageBits;
  static constexpr std::size_t kRecent = 128;
  // Code and what it calls are often a multiple of many pages apart.
  static constexpr std::size_t place_of(std::uint64_t page) { return (page ^ page >> 7 ^ page >> 13) % kRecent; }
  [[nodiscard]] Found lookup_slowly(arm::VirtAddr va, arm::AccessRequest request);
  [[nodiscard]] Found answer(const TlbEntry& entry, arm::VirtAddr va, const arm::AccessRequest& request);
  void remember(const TlbEntry& entry, arm::VirtAddr va);
  void remember_fetch(const TlbEntry& entry, arm::VirtAddr va);
  void remember_flat(const arm::TranslationResult& result, arm::VirtAddr va, const arm::AccessRequest& request);
  void forget();
  /// The same of what stands for one entry, which left a TLB; 0 is none.
  void forget(std::uint32_t entry);
  const TlbEntry* find(Tlb& tlb, arm::VirtAddr va);

  Tlb l1_instruction_, l1_data_, l2_;
  std::optional<Tlb> walk_cache_;
  std::array<Recent, kRecent> recent_{}, recent_fetches_{};
  arm::TranslationRegisters registers_{};
  arm::Regime regime_ = arm::Regime::EL10;
  TlbContext context_{};
  bool pan_ = false;
  std::uint32_t last_id_ = 0;
  TlbEntry made_{};
  Counters counters_{};
};

}  // namespace staleline::mmu
