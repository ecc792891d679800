// SPDX-License-Identifier: Apache-2.0
// What the judge remembers of translation: who walks which descriptors, the TLB entries that were made of them, the
// older descriptors that a TLB may still hold, and the TLB maintenance that removes those for whoever knows of it.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "orders.h"
#include "outputs.h"
#include "staleline/arm/descriptor.h"
#include "staleline/arm/system_registers.h"
#include "staleline/arm/tlbi.h"
#include "staleline/arm/translation.h"
#include "staleline/event/event.h"
#include "unsynchronised.h"
#include "write_ref.h"

namespace staleline::judge {

struct Line;

/// What an access asks of a descriptor (permissions.h).
struct Asks {
  arm::AccessRequest::Kind kind = arm::AccessRequest::Kind::Read;
  bool privileged = true;
  friend constexpr bool operator==(const Asks&, const Asks&) = default;
};

/// Inclusive, so that all of an address space fits.
struct Span {
  std::uint64_t first = 0, last = ~std::uint64_t{0};
  [[nodiscard]] constexpr bool contains(std::uint64_t a) const { return first <= a && a <= last; }
  [[nodiscard]] constexpr bool contains(const Span& s) const { return first <= s.first && s.last <= last; }
  [[nodiscard]] constexpr bool meets(const Span& s) const { return first <= s.last && s.first <= last; }
  friend constexpr bool operator==(const Span&, const Span&) = default;
};

/// A descriptor as a walk read it.
struct WalkStep {
  arm::PhysAddr address{};
  std::uint64_t value = 0;
  std::uint64_t input = 0;  ///< the VA, or the IPA of stage 2, that was being translated
  event::Path path{};
  std::uint8_t stage = 1;
  std::int8_t level = 3;
  friend constexpr bool operator==(const WalkStep&, const WalkStep&) = default;
};

/// What a TLB may hold: the descriptors of one walk, together.
struct TlbEntry {
  std::vector<WalkStep> steps;
  std::uint64_t va = 0, pa = 0;
  event::TranslationTag tag{};
  event::AgentId agent{};
  bool fault = false;
  event::Cycle made = 0;      ///< for the last time
  std::uint64_t settled = 0;  ///< Translations::stamp() when a use was found to be safe; 0: not yet
  Span settled_for{};         ///< physical addresses for which that holds: one page of a contiguous run
  /// The same where it depends on what the access asks of the descriptors.
  struct Settled {
    std::uint64_t stamp = 0;
    Span addresses{};
    Asks asks{};
  } settled_asks{};

  [[nodiscard]] arm::Granule granule(std::uint8_t stage) const { return stage == 1 ? tag.granule1 : tag.granule2; }
};

/// TableUse::level of what a TTBR names.
inline constexpr std::int8_t kRootLevel = -2;

/// One use of a descriptor: which context of which walker reaches it, and what it maps there.
struct TableUse {
  std::uint16_t walker = 0;
  std::uint8_t el = 1, stage = 1;
  std::int8_t level = 3;
  arm::Granule granule = arm::Granule::K4;
  bool behind_stage2 = false;  ///< of stage 1: its output is an IPA
  bool combined = false;       ///< of stage 2: maintenance by IPA alone is not enough. Where stage 1 has a part in the
                               ///< entry, and in that of a PE also where it is off (DDI 0487 D8.17.6.1)
  std::uint16_t asid = 0, vmid = 0;
  Span input{};  ///< VA, or IPA of stage 2
  event::Path path{};
  event::AgentId agent{};
  arm::PhysAddr parent{};  ///< the descriptor that leads to this table; 0: a TTBR does
  friend constexpr bool operator==(const TableUse&, const TableUse&) = default;
};

/// TLB maintenance that removed a descriptor: for those who know that it is complete.
struct TlbClear {
  WriteRef by{};
  arm::TlbiReach reach{};
  Span input{};
  /// It named another page of the contiguous run: an entry for the run is gone, one for the page alone need not be.
  bool run_only = false;
};
/// TLB maintenance that would have covered a held descriptor, had the store been visible before.
struct TlbMissed {
  WriteRef by{};
  bool store_not_done = false;  ///< false: it reaches another PE only
};

/// A valid descriptor that was overwritten and may live on in a TLB or walk cache.
struct HeldDescriptor {
  std::uint64_t value = 0;
  TableUse use{};
  WriteRef superseded{};
  std::vector<TlbClear> clears;
  std::vector<TlbClear> by_ipa;  ///< stage 2 maintenance: what stage 1 was combined with may live on
  std::vector<TlbMissed> missed;
  /// The store that linked the table too early for what replaced the descriptor: else nobody could have read it.
  std::optional<WriteRef> linked{};
};

/// A stream table entry or a context descriptor as an SMMU read it.
struct ConfigurationCopy {
  std::vector<WalkStep> words;
  std::uint64_t settled = 0;
};

/// A valid stream table entry or context descriptor that was overwritten: the SMMU may go on with it.
struct HeldStructure {
  std::array<std::uint8_t, 64> bytes{};
  WriteRef superseded{};
  std::vector<WriteRef> clears;  ///< CMD_CFGI that came after the store
};
/// Where an SMMU reads a stream table entry or a context descriptor.
struct Structure {
  std::uint16_t walker = 0;
  bool stream_table = false;
  bool named = false;  ///< `stream` and `substream` are known
  std::uint32_t stream = 0, substream = 0;
  std::vector<HeldStructure> held;
};

/// MAIR_ELx or TCR_ELx as they were: what is made of them may live on in a TLB.
struct HeldControl {
  arm::SystemRegister named{};
  HeldDescriptor held{};                   ///< `value`: of the register
  std::vector<WrittenRegister> registers;  ///< all that translation depends on, as they were, where that is known
};

/// TLB maintenance while a stage of translation was off: what it removed does not come back, and what is stored
/// behind it need not be removed again.
struct ClearedWhileOff {
  arm::Tlbi tlbi{};
  arm::TlbiOperand operand{};
  std::uint16_t vmid = 0;
  WriteRef by{};
};
/// A store to a descriptor while nothing walked.
struct StoredWhileOff {
  event::Event store{};
  Line* line = nullptr;
  std::size_t granule = 0;
};

/// One walker: the MMU of a PE, or an SMMU.
struct Walker {
  std::uint16_t index = 0;
  event::PeId pe = event::kNoPe;
  std::uint16_t component = 0;   ///< of an SMMU: it tells of its own walks and of its devices' accesses
  std::vector<TlbEntry*> by_id;  ///< index into `entries` + 1, by the id of the events
  std::deque<TlbEntry> entries;
  std::unordered_map<std::uint64_t, std::vector<TlbEntry*>> alike;  ///< entries by VA, the newest last
  std::unordered_map<std::uint64_t, std::vector<TlbEntry*>> same;   ///< ... by VA and PA, mixed
  bool takes_broadcasts = false, aborts = false;                    ///< of an SMMU; SMMU_GBPA.ABORT
  std::uint32_t pending_id = 0;
  std::vector<WalkStep> pending;
  /// SCTLR_ELx.M of EL1 and EL2, HCR_EL2.VM: on unless said otherwise; when it last went off.
  std::array<bool, 3> on{true, true, true};
  std::array<std::uint64_t, 3> off_at{};
  std::array<std::vector<ClearedWhileOff>, 3> cleared_while_off;
  std::array<std::vector<StoredWhileOff>, 3> stored_while_off;
  std::optional<event::AgentId> smmu;  ///< the agent of an SMMU
  std::map<std::uint16_t, ConfigurationCopy> stes, cds;
  std::vector<HeldDescriptor> held_roots;              ///< tables that a TTBR named before
  std::vector<HeldControl> held_controls;              ///< changed while stage 1 was on
  std::map<std::uint64_t, std::uint64_t> cd_words;     ///< of an SMMU: TTB0 and TTB1 by address, as fetched last
  event::TranslationTag tag{};                         ///< of the newest entry
  std::map<event::AgentId, std::uint64_t> first_mair;  ///< MAIR_ELx of each agent's regime at the start
  std::map<std::uint8_t, std::uint64_t> registers;     ///< arm::SystemRegister by number, where told
  [[nodiscard]] std::optional<std::uint64_t> told(arm::SystemRegister r) const {
    const auto at = registers.find(static_cast<std::uint8_t>(r));
    return at == registers.end() ? std::nullopt : std::optional(at->second);
  }
};

/// The place of its stage in Walker::on.
[[nodiscard]] constexpr std::size_t switch_of(const TableUse& u) {
  return u.stage == 2 ? 2 : static_cast<std::size_t>(u.el) - 1;
}

/// What a store to a table replaced: a walk that need not come after the store may still read it.
struct Replaced {
  std::uint64_t value = 0;
  WriteRef by{};
  std::optional<WriteRef> written{};  ///< the store that `value` came from, where that was one
};

/// Eight bytes of a table.
struct TableGranule {
  std::vector<TableUse> uses;
  std::vector<HeldDescriptor> held;
  std::vector<Replaced> replaced;  ///< the newest at the end
  std::uint64_t written_at = 0;
};

struct TableSide {
  bool listed = false;  ///< in Translations::lines
  std::array<std::unique_ptr<TableGranule>, 8> granules;
};

/// A context of a walker in which accesses of an agent are translated.
struct TranslationUser {
  std::uint16_t walker = 0;
  std::uint8_t el = 1;
  std::uint16_t asid = 0, vmid = 0;
  friend constexpr bool operator==(const TranslationUser&, const TranslationUser&) = default;
};

class Translations {
 public:
  explicit Translations(std::size_t agents) : versions_(agents, 0) {}
  [[nodiscard]] Walker& walker_of(const event::Event& e);
  [[nodiscard]] Walker& at(std::uint16_t index) { return *walkers_[index]; }
  [[nodiscard]] const Walker& at(std::uint16_t index) const { return *walkers_[index]; }
  [[nodiscard]] const std::vector<std::unique_ptr<Walker>>& walkers() const { return walkers_; }
  [[nodiscard]] TlbEntry* find(const event::Event& e) {
    const Walker* const w = e.pe != event::kNoPe                 ? by_pe_[e.pe.value]
                            : e.component < by_component_.size() ? by_component_[e.component]
                                                                 : nullptr;
    return w != nullptr && e.entry < w->by_id.size() ? w->by_id[e.entry] : nullptr;
  }
  /// True where a use of the entry was judged since anything changed that it depends on.
  [[nodiscard]] bool settled(const event::Event& e) {
    const TlbEntry* entry = find(e);
    return entry == nullptr || (entry->settled == stamp(e.agent) && entry->settled_for.contains(e.address.value));
  }
  /// Grows whenever a table, what may be read of it, or what the agent must know of it changes.
  [[nodiscard]] std::uint64_t stamp(event::AgentId a) const { return epoch_ + versions_[a.value]; }
  void changed() { ++epoch_; }
  void learned(event::AgentId a) { ++versions_[a.value]; }
  [[nodiscard]] std::uint64_t epoch() const { return epoch_; }

  std::map<event::AgentId, std::vector<TranslationUser>> used_by;  ///< by what an agent's accesses are translated
  std::vector<Line*> lines;                              ///< that hold descriptors which were walked or stored to
  std::map<std::uint64_t, std::vector<TableUse>> pages;  ///< tables by address; uses of the first entry
  std::set<event::AgentId> has_tables;                   ///< agents whose data is live by descriptors alone
  std::map<std::uint64_t, Structure> structures;         ///< by address
  std::map<event::AgentId, std::array<std::uint64_t, 2>> configured_by;  ///< the last STE and CD of a device's accesses
  struct Unmapped {
    Line* line = nullptr;
    std::size_t granule = 0;
    std::uint64_t value = 0;
    TableUse use{};
  };
  std::vector<Unmapped> unmapped;  ///< replaced leaves of cacheable memory that a TLB may hold
  Outputs outputs;                 ///< leaves of stage 1, since the judge knows of their tables
  bool has_runs = false;           ///< some descriptor had the Contiguous bit set

 private:
  std::vector<std::unique_ptr<Walker>> walkers_;
  std::array<Walker*, 256> by_pe_{};
  std::vector<Walker*> by_component_;  ///< SMMUs
  std::uint64_t epoch_ = 1;
  std::vector<std::uint64_t> versions_;  ///< by agent
};

}  // namespace staleline::judge
