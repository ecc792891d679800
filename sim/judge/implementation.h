// SPDX-License-Identifier: Apache-2.0
// The judge's insides: the lines it follows, the clocks, and what it found.
#pragma once

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "entitlement.h"
#include "fetch_memo.h"
#include "findings.h"
#include "line.h"
#include "live_ranges.h"
#include "orders.h"
#include "staleline/event/reliance.h"
#include "staleline/judge/judge.h"
#include "unsynchronised.h"

namespace staleline::judge {

struct Judge::Implementation {
  explicit Implementation(Parameters p);

  void take(const event::Event& e);

  // Data side (data_side.cpp, maintenance.cpp, safe_reads.cpp).
  void read(const event::Event& e, Line& l, Use use);
  /// The common case: a line that is calm, nothing to say. False where it is not that.
  bool calm_read(const event::Event& e, Line& l);
  bool calm_write(const event::Event& e, Line& l);
  void calm_overwrite(const event::Event& e, Line& l, Mask bytes);
  /// Of a line that several agents wrote, or that holds instructions, or past the caches: false where some write is not
  /// ordered.
  bool calm_read_of_several(const event::Event& e, Line& l);
  /// A read past the caches, where memory has the newest.
  bool calm_read_below(const event::Event& e, Line& l);
  /// True where what the store `e` overwrites was written before it for certain.
  [[nodiscard]] bool after_all_writers(const event::Event& e, const Line& l) const;
  void write(const event::Event& e, Line& l);
  void maintain(const event::Event& e);
  void settle(Line& l);
  void remember_safe(Line& l, const event::Event& e, Use use, Mask bytes);
  /// `e` may destroy the newest version of `bytes`: so it may for earlier reads that need not come before it.
  void destroyed(Line& l, const event::Event& e, Mask bytes);
  /// True where the newest write `w` of some bytes comes before an access of `a` by path `node`.
  [[nodiscard]] bool written_before(Use use, event::AgentId a, std::uint8_t node, const WriteRef& w) const;
  /// Of `bytes`, those that a fill of node `d` now may bring in without their newest write.
  [[nodiscard]] Mask fill_may_miss(const Line& l, const event::Event& e, Use use, Mask bytes) const;
  /// The line as `a` must take it: bits that maintenance known to `a` has cleared are clear.
  [[nodiscard]] MayState view(const Line& l, event::AgentId a, Use use, bool cacheable) const;

  // Instruction side (instruction_side.cpp).
  void fetch(const event::Event& e);
  /// True where the same fetch was safe, left all as it was, and nothing has changed since.
  [[nodiscard]] bool fetched_before(const event::Event& e, const Line& l, Mask bytes) const;
  void settle_fetch(const event::Event& e, Line& l, Mask bytes);
  /// The same, of the very same bytes by the same translation: a loop's fetches, all but the first few.
  [[nodiscard]] bool fetched_alike(const event::Event& e);
  void remember_fetch(const event::Event& e, const Line& l);
  /// What a fetch of the line finds.
  struct FetchView {
    MayState state{};
    Mask from_below = 0;  ///< bytes that a fill may bring in although they are older
    Mask obliged = 0;     ///< bytes that intent puts before the fetch
    Mask stale = 0;       ///< of these, the ones that may be older
    Mask overtaken = 0;   ///< of these, the ones that may be older as the fetch may come too early
  };
  [[nodiscard]] FetchView fetch_view(const event::Event& e, const Line& l, Mask bytes) const;
  void maintain_instructions(const event::Event& e);
  /// Bytes that an instruction fill may bring in although they are older (P); for `issuer` of IC in the second case.
  [[nodiscard]] Mask older_at_unification(const Line& l, const MayState& v, Mask above_pou) const;
  [[nodiscard]] Mask older_at_unification(const Line& l, event::AgentId issuer) const;
  /// Called after each operation with P as it was before: caches that may fetch at any time catch what rose.
  void spread_to_instructions(Line& l, Mask before);
  void rise_at_unification(Line& l, Mask rose);
  void written(Line& l, Mask bytes);
  /// `e` is about to write to a line that has an instruction side (exchanges.cpp).
  void exchange(const event::Event& e, Line& l);
  /// The bytes of instructions that the agent of the fetch `e` changes: it may execute either until it is done.
  [[nodiscard]] static Mask either_does(const event::Event& e, const Line& l);
  /// A fetch of such bytes that were stale: no hazard if the agent completes the change.
  struct SuspendedFetch {
    event::Event fetch{};
    Mask bytes = 0;
    std::vector<Hazard> hazards;
  };
  void suspend(const event::Event& e, Findings&& found, Mask bytes);
  /// Fetches of `a` come after what it has completed.
  void end_exchanges(event::AgentId a);

  // Translations (translations.cpp, tlb_maintenance.cpp).
  enum class Judgement : std::uint8_t { Safe, Stale, Observed };
  void walk(const event::Event& e);
  void translation(const event::Event& e);
  void note_uses(Walker& w, const TlbEntry& entry);
  /// Judges the translation that an access went through; true where it was seen to be wrong, and reported.
  bool use_translation(const event::Event& e);
  /// One use of an entry, and how far the judgement holds.
  struct Translated {
    std::uint64_t va = 0;
    Use use = Use::Load;
    Span whole{};           ///< virtual addresses: all of the entry but for runs, and maintenance of some of its pages
    bool by_asks = false;   ///< it depends on what the access asks of the descriptors
    bool retried = false;   ///< this instruction faulted here before, and whoever took the fault came back to it
    bool by_retry = false;  ///< that made a difference
  };
  /// `input`: what the step translates; `asks`: of its descriptor.
  Judgement judge_step(const event::Event& e, const TlbEntry& entry, const WalkStep& s, std::uint64_t input,
                       const Asks& asks, Translated& t);
  /// True where whatever a walk of `a` may read in place of the newest descriptor does as well for the access.
  [[nodiscard]] bool walks_alike(const TableGranule& granule, std::uint64_t newest, const TableUse& u, const Asks& asks,
                                 event::AgentId a, bool again) const;
  TableGranule& table_granule(Line& l, std::size_t granule);
  TableSide& table_side(Line& l);
  // Tables (tables.cpp).
  struct FoundLeaf {
    std::uint64_t value = 0;
    std::int8_t level = 3;
    friend bool operator==(const FoundLeaf&, const FoundLeaf&) = default;
  };
  void explore_root(const Parameters::Tables& t);
  void explore(arm::PhysAddr page, const TableUse& first, const event::Event& by = {});
  void explore_below(arm::PhysAddr at, std::uint64_t value, const TableUse& u, const event::Event& by = {});
  void adopt(Line& l);
  /// `u` is the use of the descriptor at `at`, which holds `value` since `by`.
  void mapped(const event::Event& by, arm::PhysAddr at, std::uint64_t value, const TableUse& u);
  [[nodiscard]] bool executable(std::uint64_t value, const TableUse& u);
  /// `e` is a barrier: what it completed may have taken the last translation of some memory away.
  void unmap_completed(const event::Event& e);
  [[nodiscard]] bool maps_cacheable(std::uint64_t value, const TableUse& u, arm::PhysAddr begin,
                                    arm::PhysAddr end) const;
  [[nodiscard]] bool still_mapped(arm::PhysAddr begin, arm::PhysAddr end, event::AgentId a);
  [[nodiscard]] std::uint64_t peek(arm::PhysAddr descriptor);
  [[nodiscard]] std::optional<arm::PhysAddr> by_stage2(const TableUse& u, std::uint64_t ipa);
  [[nodiscard]] std::optional<FoundLeaf> leaf_below(arm::PhysAddr page, const TableUse& root, std::uint64_t input);
  [[nodiscard]] bool is_table(arm::PhysAddr line) const;
  [[nodiscard]] bool linked(const TableUse& u, arm::PhysAddr page, event::AgentId a);
  // Roots (roots.cpp).
  /// With the stage off nothing walks: TLB maintenance since then has removed what is held, whatever names it now.
  static void clear_as_while_off(const Walker& w, std::size_t stage, HeldDescriptor& h);
  void retire_root(Walker& w, const event::Event& e, std::uint8_t el, std::uint8_t stage, bool upper = false);
  void retire_control(Walker& w, const event::Event& e, std::uint8_t el);
  /// `e` invalidates an SMMU's configuration: what its context descriptors named is not in force any more.
  void forget_contexts(const event::Event& e);
  void retire_context(Walker& w, const event::Event& e, std::uint64_t address, std::uint64_t value);
  bool judge_controls(const event::Event& e, const TlbEntry& entry, Translated& t, bool& observed);
  bool judge_control(const event::Event& e, const TlbEntry& entry, const HeldControl& c, Translated& t, bool& observed);
  void report_control(const event::Event& e, const TlbEntry& entry, const HeldControl& c, arm::PhysAddr descriptor,
                      const event::Path& path, bool older, const Translated& t);
  bool judge_roots(const event::Event& e, const TlbEntry& entry, const Asks& asks, Translated& t, bool& observed);
  bool judge_roots_of(std::uint8_t stage, const event::Event& e, const TlbEntry& entry, const Asks& asks, Translated& t,
                      bool& observed);
  void hold(TableGranule& g, std::uint64_t value, const TableUse& u, const WriteRef& superseded);
  void tlb_maintain(const event::Event& e);
  void store_descriptors(const event::Event& e, Line& l, const WriteRef& self);
  /// `e` makes of the descriptor at `at` one that leads to a table: what may be read there before its newest entries.
  void link(const event::Event& e, arm::PhysAddr at, std::uint64_t before, std::uint64_t value, const TableUse& u);
  /// `e` stored `new_value`; `knower` has to know of the maintenance between the two.
  void break_before_make(const event::Event& e, Line& l, std::size_t g, const TableGranule& granule,
                         std::uint64_t new_value, event::AgentId knower);
  /// True where TLB maintenance removed the held table descriptor `h`, but not entries of pages that its table maps.
  [[nodiscard]] bool leaves_below(const HeldDescriptor& h, event::AgentId a);
  void system_register(const event::Event& e);
  // Context synchronisation (unsynchronised.cpp).
  void written(const event::Event& e);
  void judge_unsynchronised(const event::Event& e);
  void synchronised(event::AgentId a);
  /// How the registers in force in `registers` translate an access, by the newest descriptors.
  [[nodiscard]] Outcome translated_by(const std::vector<WrittenRegister>& registers, std::uint64_t va,
                                      const event::Reliance& on);
  /// True where the TLB that holds the descriptor is of another PE than `a`: a DSB NSH completes nothing there.
  [[nodiscard]] bool elsewhere(const HeldDescriptor& h, event::AgentId a) const;
  /// True where `a` knows that maintenance removed the held descriptor (for what is translated at `input`).
  [[nodiscard]] bool known_clear(const HeldDescriptor& h, event::AgentId a, Use use,
                                 std::optional<std::uint64_t> input) const;
  // Contiguous runs (contiguous.cpp).
  /// What the step of the entry translates where the access is to `va`: that, or an IPA.
  [[nodiscard]] static std::uint64_t input_of(const TlbEntry& entry, const WalkStep& s, std::uint64_t va);
  /// A step that read one descriptor of a contiguous run, as if it had read the one that maps `va`; cuts `whole` to the
  /// virtual addresses of that one.
  [[nodiscard]] static WalkStep member_for(const TlbEntry& entry, const WalkStep& s, std::uint64_t va, Span& whole);
  /// What an entry for the whole run may say in place of one of its descriptors.
  struct RunClaim {
    std::uint64_t value = 0;
    const HeldDescriptor* held = nullptr;  ///< null: another descriptor of the table as it is now
  };
  /// For the use `u` of the descriptor at `at`, by `a` at `input`.
  [[nodiscard]] std::vector<RunClaim> run_claims(arm::PhysAddr at, const TableUse& u, event::AgentId a, Use use,
                                                 std::uint64_t input);
  /// How many TLB maintenance instructions, with a barrier between them, did so.
  [[nodiscard]] std::ptrdiff_t known_clears(const HeldDescriptor& h, event::AgentId a, Use use) const;
  [[nodiscard]] TlbMissing missing_of(const HeldDescriptor& h, event::AgentId a, Use use) const;
  /// What the held descriptor mapped `input` to.
  [[nodiscard]] arm::PhysAddr mapped_by(const HeldDescriptor& h, std::uint64_t input, const TlbEntry& entry) const;
  /// A table line changed in what may be read of it.
  void touched(const Line& l) {
    if (l.tables) translations.changed();
  }

  // SMMU configuration (configuration.cpp).
  void configuration(const event::Event& e);
  /// False where one of the copies that the access used is older than what the device must use, which is reported.
  bool judge_configuration(const event::Event& e, const event::SmmuConfiguration& ids);
  /// The same of a fault.
  bool configuration_is_older(const event::Event& e);
  bool judge_word(const event::Event& e, const WalkStep& word, bool of_stream_table);
  // What an SMMU may hold of it (structures.cpp).
  void add_structure(arm::PhysAddr at, const Structure& s);
  void store_structure(const event::Event& e, const Line& l, const WriteRef& self,
                       const std::array<std::uint8_t, 64>& after);
  /// `e` is a CMD_CFGI.
  void clear_structures(const event::Event& e);
  /// `by` invalidates `h`: the roots that it led to are not named any more, as far as it goes.
  void retire_roots(const Structure& s, const HeldStructure& h, const WriteRef& by);
  /// True where an SMMU may still be led to the stage 1 table `page` of `u` by its configuration, as `a` knows it.
  [[nodiscard]] bool configured(const TableUse& u, arm::PhysAddr page, event::AgentId a);
  [[nodiscard]] bool cleared(const HeldStructure& h, event::AgentId a, Use use) const;
  bool judge_structure(const event::Event& e, std::uint64_t address, const event::Path& path);
  /// True where the SMMU translates nothing for the device any more, as far as `a` knows: its stream table entry or its
  /// context descriptor permits nothing, and what the SMMU held of them is gone.
  [[nodiscard]] bool cut_off(event::AgentId device, event::AgentId a);

  // Polls (polls.cpp).
  /// `e` read `wrong` bytes that are not the newest, `obliged` or not.
  void poll(const event::Event& e, Line& l, Mask wrong, Mask obliged);
  [[nodiscard]] bool stuck(event::AgentId a) const { return a.value < polls_.size() && polls_[a.value].stuck; }

  // Faults (faults.cpp).
  void fault(const event::Event& e);
  /// A fault that somebody took: what it shows of older descriptors is no hazard if the access is made again.
  struct TakenFault {
    event::AgentId agent{};
    event::SourceLine line{};
    std::uint64_t page = 0;
    event::Cycle cycle = 0;
    std::vector<Hazard> hazards;
  };
  void taken(const event::Event& e);
  /// `e` goes through: what faults of the same access showed is mended.
  void mend(const event::Event& e, std::uint64_t va);
  [[nodiscard]] bool retried(event::AgentId a, event::SourceLine line, std::uint64_t va) const;
  [[nodiscard]] bool faults_pending(event::AgentId a) const;
  /// True where `w` was made since the access of `e` faulted for the first time.
  [[nodiscard]] bool mended_by(const event::Event& e, const WriteRef& w) const;

  // Entitlement and forbidden targets (entitlement.cpp).
  void entitle(const event::Event& e);
  void revoke(const event::Event& e, const Entitlement& said);
  bool report_reach(const event::Event& e, const Entitlement& said, std::vector<Fix>& again);
  /// An access to a line that is watched. True where it reaches registers: what they hold is for their device to say.
  bool watch(const event::Event& e);
  void live_forbidden(const event::Event& e);
  [[nodiscard]] bool watched(arm::PhysAddr line) const;
  /// True where an older version of what `e` reads belongs to somebody before the reader was granted it.
  [[nodiscard]] bool never_granted(const event::Event& e, const Line& l, const WriteRef& newest) const;

  // Power and set/way (power.cpp).
  void power(const event::Event& e);
  void sweep(const event::Event& e);
  void lose(Line& l, const event::Event& e, Mask& reason);
  [[nodiscard]] bool nothing_left(const event::Event& e) const;
  void forget_copies(Line& l, const WriteRef& self, event::PeId pe);

  // What has to be added (fixes.cpp, fixes_translation.cpp, advice.cpp).
  void report(const Finding& f, const event::Event& e, const Line& l, Use use);
  /// Says what to do about a hazard that is no stale read: a comment before its line.
  void advise(Hazard h);
  /// What has to come before a revocation so that nobody can use `h` after it. `again`: TLB maintenance was done, and
  /// does not count.
  [[nodiscard]] std::vector<Fix> before_revocation(const event::Event& e, const Line& l, const HeldDescriptor& h,
                                                   bool again) const;

  // Lines.
  Line& line_of(arm::PhysAddr a) {
    const std::uint64_t number = a.value / arm::kLineBytes;
    const Near& near = near_[number % kNear];
    return near.number == number && near.line != nullptr ? *near.line : find_line(number);
  }
  InstructionSide& instructions_of(Line& l);
  template <class F>
  void for_each_line(F&& f) {
    for (auto& [number, page] : pages_)
      for (Line* const slot : page->lines)
        if (slot != nullptr) f(*slot);
  }
  /// The same for the lines that meet [begin, end).
  template <class F>
  void for_each_line(arm::PhysAddr begin, arm::PhysAddr end, F&& f) {
    if (end <= begin) return;
    const std::uint64_t first = begin.value / arm::kLineBytes, last = (end.value - 1) / arm::kLineBytes;
    if (last / kPageLines - first / kPageLines >= pages_.size()) {
      for_each_line([&](Line& l) {
        const std::uint64_t number = l.address.value / arm::kLineBytes;
        if (first <= number && number <= last) f(l);
      });
      return;
    }
    for (std::uint64_t number = first; number <= last; number = (number / kPageLines + 1) * kPageLines) {
      const auto page = pages_.find(number / kPageLines);
      if (page == pages_.end()) continue;
      const std::uint64_t most = std::min(last - number / kPageLines * kPageLines, kPageLines - 1);
      for (std::uint64_t i = number % kPageLines; i <= most; ++i)
        if (Line* const slot = page->second->lines[i]; slot != nullptr) f(*slot);
    }
  }
  void live(const event::Event& e);
  /// Lines that `change` covers take over where allocation is permitted now.
  void enliven(const LiveRanges::Change& change, event::PeId pe, bool instructions,
               std::optional<event::AgentId> by = std::nullopt);

  Parameters parameters;
  Orders orders;
  Findings findings;
  LiveRanges ranges;
  Translations translations;
  Entitlements entitlements;
  std::deque<TakenFault> taken_faults;
  std::map<event::AgentId, Context> contexts;
  std::set<event::AgentId> unsynchronised;  ///< that wrote a register since context synchronisation
  std::deque<SuspendedFetch> suspended;
  std::uint64_t unexplained = 0;
  /// The newest set/way operations of an agent that took nothing out of its private levels, and why.
  struct Uncounted {
    event::SourceLine line{};
    const char* why = "";
  };
  std::map<event::AgentId, Uncounted> uncounted;

 private:
  static constexpr std::uint64_t kPageLines = 64;
  static constexpr std::size_t kNear = 4096;
  struct Page {
    std::array<Line*, kPageLines> lines{};
  };
  struct Near {
    std::uint64_t number = 0;
    Line* line = nullptr;
  };
  Line& find_line(std::uint64_t number);
  Line& new_line(arm::PhysAddr line);

  /// Lines that set/way maintenance took out of a private level.
  struct Swept {
    event::PeId pe{};
    event::AgentId by{};
    event::SourceLine line{};
    Epoch epoch = 0;
    std::uint64_t level = 1;
    std::vector<Line*> lines;
  };

  /// The same load that got the same older bytes again and again.
  struct Poll {
    event::SourceLine line{};
    arm::PhysAddr address{};
    std::uint64_t value = 0, times = 0;
    bool stuck = false;
  };

  std::vector<Swept> swept_;
  std::uint64_t off_ = 0;                       ///< PEs without power
  std::vector<Poll> polls_;                     ///< by agent
  std::pmr::monotonic_buffer_resource memory_;  ///< lines come by the hundred thousand, and stay
  std::pmr::deque<Line> lines_{&memory_};
  std::pmr::deque<InstructionSide> instruction_sides_{&memory_};
  std::unordered_map<std::uint64_t, std::unique_ptr<Page>> pages_;
  std::uint64_t peeked_ = ~std::uint64_t{0};  ///< the line that `peeked_bytes_` holds
  std::array<std::uint8_t, 64> peeked_bytes_{};
  std::vector<Near> near_ = std::vector<Near>(kNear);  ///< direct-mapped, in front of the map
  FetchMemo fetched_;
};

/// True where the access looks into a node; others go past all copies.
[[nodiscard]] inline bool looks_up(const event::Path& p) { return p.node != event::kNoNode; }

/// The bytes of the line that an access touches.
[[nodiscard]] inline Mask bytes_of(const event::Event& e) {
  return ((Mask{1} << e.size) - 1) << e.address.offset_in(arm::kLineBytes);
}

[[nodiscard]] arm::DescriptorFormat format_of(const TableUse& u);
/// `value` as it would stand if hardware had updated it to what `newest` says, and software its own bits.
[[nodiscard]] std::uint64_t as_updated(std::uint64_t value, std::uint64_t newest);
/// TTBRn_ELx.BADDR and VTTBR_EL2.BADDR.
inline constexpr std::uint64_t kBaddr = 0x0000'ffff'ffff'fffe;
/// What an entry that was made of the descriptor may translate: the run, where it is contiguous.
[[nodiscard]] Span held_input(std::uint64_t value, const TableUse& u);
/// True where the descriptor serves every ASID.
[[nodiscard]] bool is_global(std::uint64_t value, const TableUse& u);
/// True where a TLB may hold a descriptor: it is valid, and a leaf has its access flag set.
[[nodiscard]] bool may_be_held(std::uint64_t value, const TableUse& u);

}  // namespace staleline::judge
