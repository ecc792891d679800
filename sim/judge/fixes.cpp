// SPDX-License-Identifier: Apache-2.0
// What has to be added so that a finding goes away: the operation, whose program, which line.
#include "implementation.h"

namespace staleline::judge {
namespace {

using event::AgentId;
using event::SourceLine;

/// Writes the fixes of one hazard.
class FixWriter {
 public:
  FixWriter(const Judge::Implementation& judge, const Finding& f, const event::Event& e, const Line& l, Use use,
            std::vector<Fix>& out)
      : judge_(judge), f_(f), e_(e), l_(l), use_(use), out_(out) {}

  void write() {
    switch (f_.id) {
      case HazardId::StaleBelowCache:
        return below_cache();
      case HazardId::StaleCopy:
        return stale_copy();
      case HazardId::StaleInstruction:
        return e_.path.node == event::kNoNode && missing_below() ? below_cache() : stale_instruction();
      case HazardId::StaleWalk:
        if (!f_.what.empty() && f_.tlb.what == TlbMissing::What::None) {
          return by_commands(f_.command, f_.writer.agent, f_.writer.line, {});
        }
        if (f_.tlb.what != TlbMissing::What::None) return tlb_maintenance();
        if (e_.path.node != event::kNoNode && (seen().node[0].older & f_.bytes) != 0) return stale_copy();
        return missing_below() ? below_cache() : not_ordered();
      case HazardId::LostToWriteBack:
        return lost_to_write_back();
      case HazardId::LostToInvalidate:
        return lost_to_invalidate();
      case HazardId::NotOrdered:
        return not_ordered();
      case HazardId::BreakBeforeMake:
        return break_before_make();
      case HazardId::LostToPowerOff:
        return lost_to_power_off();
      case HazardId::UseAfterRevocation:
        return revocation();
      case HazardId::NoProgress:
        return polled();
      case HazardId::NeverGranted:
        return missing_below() ? below_cache() : not_ordered();
      default:
        return;  // advise() speaks of the others
    }
  }

 private:
  [[nodiscard]] bool reader_is_device() const { return judge_.orders.is_device(e_.agent); }
  [[nodiscard]] std::string completion() const {
    return use_ == Use::Fetch || (use_ == Use::Walk && !reader_is_device()) ? "dsb ish" : "dsb sy";
  }
  /// True where a clean that does not invalidate is not enough on this platform.
  [[nodiscard]] bool unreliable_clean() const {
    return judge_.parameters.quirks.clean_loses_to_eviction || judge_.parameters.quirks.clean_leaves_dirty;
  }
  [[nodiscard]] std::string clean_to_poc() const { return unreliable_clean() ? "dc civac" : "dc cvac"; }
  [[nodiscard]] MayState seen() const { return judge_.view(l_, e_.agent, use_, true); }

  /// True where the newest bytes may still be only in a cache that the read goes past.
  [[nodiscard]] bool missing_below() const {
    const MayState s = seen();
    const NodeSet looked_up = e_.path.node == event::kNoNode ? NodeSet{0} : just(e_.path.node.value);
    return ((s.only_outside(looked_up) | (looked_up == 0 ? s.late : 0)) & f_.bytes) != 0;
  }

  void add(std::string operation, AgentId agent, SourceLine after, SourceLine before, bool covers) {
    out_.push_back({.operation = std::move(operation),
                    .address = l_.address,
                    .bytes = covers ? std::uint64_t{1} : 0,
                    .agent = agent,
                    .after = after,
                    .before = before});
  }
  void before_read(std::string operation, bool covers) { add(std::move(operation), e_.agent, {}, e_.line, covers); }
  /// In `agent`'s program, after its deed of `epoch` at `line`: before what tells others, if anything does.
  void after_deed(std::string operation, AgentId agent, Epoch epoch, SourceLine line, bool covers) {
    const SourceLine send = judge_.orders.send_after(agent, epoch);
    if (send.value != 0) return add(std::move(operation), agent, {}, send, covers);
    add(std::move(operation), agent, line, {}, covers);
  }
  void after_write(std::string operation, bool covers) {
    after_deed(std::move(operation), f_.writer.agent, f_.writer.epoch, f_.writer.line, covers);
  }

  /// Maintenance was done but the reader need not come after it. True where that is all that is missing.
  template <class Concerns>
  bool only_a_barrier(Concerns&& concerns) {
    for (const Clear& c : l_.clears) {
      if (!concerns(c) || !judge_.orders.intended(e_.agent, c.by.agent, c.by.epoch)) continue;
      if (c.by.agent == e_.agent) {
        before_read("dsb sy", false);
      } else if (!judge_.orders.cmo_announced(e_.agent, c.by.agent, c.by.epoch)) {
        after_deed(completion(), c.by.agent, c.by.epoch, c.by.line, false);
      } else {
        before_read("dmb ish", false);
      }
      return true;
    }
    return false;
  }

  /// The writer did the maintenance, which need not come after the write. True where that is all that is missing.
  bool only_a_barrier_before() {
    if ((l_.passed_by & f_.bytes) == 0 || l_.passing.agent != f_.writer.agent || l_.passing.cycle < f_.writer.cycle)
      return false;
    const bool needs_dsb = judge_.parameters.quirks.maintenance_needs_dsb;
    add(needs_dsb ? "dsb sy" : "dmb sy", f_.writer.agent, {}, l_.passing.line, false);
    return true;
  }

  void below_cache() {
    if (only_a_barrier_before()) return;
    const std::uint8_t d = f_.holder.value;
    const bool late = (seen().only_outside(0) & f_.bytes) == 0;  // cleaned, but once only
    if (only_a_barrier([&](const Clear& c) { return ((late ? c.late : c.node[d].only) & f_.bytes) != 0; })) return;
    const bool writer_is_device = judge_.orders.is_device(f_.writer.agent);
    if (writer_is_device && !reader_is_device()) {
      before_read("dc civac", true);
      before_read("dsb sy", false);
      return;
    }
    after_write(clean_to_poc(), true);
    after_write("dsb sy", false);
  }

  void stale_copy() {
    const std::uint8_t d = e_.path.node.value;
    if (only_a_barrier([&](const Clear& c) { return (c.node[d].older & f_.bytes) != 0; })) return;
    if (reader_is_device()) {
      after_write("dc civac", true);
      after_write("dsb sy", false);
      return;
    }
    if (use_ == Use::Walk && f_.writer.agent == e_.agent) {  // tables are dropped where they were written
      after_write("dmb sy", false);
      after_write("dc ivac", true);
      after_write("dsb sy", false);
      return;
    }
    if (!judge_.orders.store_before(Use::Maintenance, e_.agent, f_.writer.agent, f_.writer.epoch,
                                    f_.writer.cacheable)) {
      // The maintenance itself has to come after the write.
      if (f_.writer.agent == e_.agent)
        before_read("dmb sy", false);
      else
        after_write("dmb ishst", false);
    }
    const bool newest_neighbours = seen().node[d].only != 0;  // an invalidate would discard them
    before_read(newest_neighbours ? "dc civac" : "dc ivac", true);
    if (use_ == Use::Walk) before_read("dsb ish", false);
  }

  // The poll has to look again each time; or what it waits for has to come out of a cache.
  void polled() {
    if (e_.path.node != event::kNoNode && (seen().node[e_.path.node.value].older & f_.bytes) != 0) {
      before_read("dc ivac", true);
      return before_read("dsb sy", false);
    }
    after_write(clean_to_poc(), true);
    after_write("dsb sy", false);
  }

  /// Bytes of the line that are of someone else, who writes them while these are written: no maintenance helps both.
  bool neighbours_at_once(Mask others) {
    if (others == 0) return false;
    before_read("// give each its own cache line: what shares one with these bytes is written at the same time", false);
    return true;
  }
  /// Bytes of the line whose newest write is that of `line` at `cycle`, these apart.
  [[nodiscard]] Mask written_by(SourceLine line, event::Cycle cycle) const {
    Mask bytes = 0;
    l_.writers.for_each(kWholeLine, [&](const WriteRef& w, Mask part) {
      if (w.epoch != 0 && w.line == line && w.cycle == cycle) bytes |= part;
    });
    return bytes & ~f_.bytes;
  }

  void lost_to_write_back() {
    if (!f_.culprit) return;
    const AgentId culprit = f_.culprit->agent;
    Epoch epoch = 0;
    for (const Stamp& s : l_.dirtied)
      if (s.by.agent == culprit) epoch = s.by.epoch;
    if (epoch != 0 && !judge_.orders.intended(f_.writer.agent, culprit, epoch) &&
        neighbours_at_once(written_by(f_.culprit->line, f_.culprit->cycle)))
      return;
    if (culprit == f_.writer.agent || judge_.orders.is_device(culprit)) {
      add("dc civac", f_.writer.agent, {}, f_.writer.line, true);
      add("dsb sy", f_.writer.agent, {}, f_.writer.line, false);
      return;
    }
    for (const Clear& c : l_.clears) {
      const bool cleans = std::any_of(c.node.begin(), c.node.end(), [](const Clear::Node& n) { return n.dirty; });
      if (cleans && c.by.agent != f_.writer.agent && c.by.cycle < f_.writer.cycle &&
          !judge_.orders.cmo_before(Use::Store, f_.writer.agent, c.by.agent, c.by.epoch, false)) {
        after_deed("dsb sy", c.by.agent, c.by.epoch, c.by.line, false);
        return;
      }
    }
    after_deed("dc civac", culprit, epoch, f_.culprit->line, true);
    after_deed("dsb sy", culprit, epoch, f_.culprit->line, false);
  }

  void lost_to_invalidate() {
    if (!f_.culprit) return;
    // A clean would write the line over what somebody else has put into memory.
    Mask elsewhere = 0;
    l_.writers.for_each(l_.bypassed & ~f_.bytes, [&](const WriteRef& w, Mask part) {
      if (w.cycle <= f_.culprit->cycle) elsewhere |= part;
    });
    if (neighbours_at_once(elsewhere)) return;
    add(clean_to_poc(), f_.culprit->agent, {}, f_.culprit->line, true);
    if (f_.culprit->agent != f_.writer.agent) add("dsb sy", f_.culprit->agent, {}, f_.culprit->line, false);
  }

  /// `e_` is the revocation: what is missing goes before it.
  void revocation() {
    const TlbMissing& m = f_.tlb;
    if (m.what == TlbMissing::What::Completion && m.by.agent == e_.agent) return before_read("dsb ish", false);
    if (m.what != TlbMissing::What::Maintenance) return tlb_maintenance();
    if (!in_smmu()) before_read("dsb ishst", false);
    add_tlbi(e_.agent, {}, e_.line);
  }

  /// What is stale sits in an SMMU that hears its own commands only.
  [[nodiscard]] bool in_smmu() const {
    const Walker& w = judge_.translations.at(f_.tlb.use.walker);
    return w.pe == event::kNoPe && !w.takes_broadcasts;
  }
  /// Commands are stores to a queue and to a register: no line that could be pasted.
  void by_commands(std::string_view command, AgentId agent, SourceLine after, SourceLine before) {
    add("// dsb osh, " + std::string(command) + " and CMD_SYNC in the command queue of the SMMU, and wait for that",
        agent, after, before, false);
  }
  /// The command that removes what the SMMU holds of the descriptor (IHI 0070 4.4).
  [[nodiscard]] static std::string_view command_for(const TableUse& u) {
    if (u.level == kRootLevel) return u.el == 2 ? "CMD_TLBI_EL2_ALL" : "CMD_TLBI_NH_ALL";
    if (u.stage == 2) return u.combined ? "CMD_TLBI_S12_VMALL" : "CMD_TLBI_S2_IPA";
    return u.el == 2 ? "CMD_TLBI_EL2_VAA" : "CMD_TLBI_NH_VA";
  }

  /// `operation` names what was mapped, not the descriptor.
  void add_tlbi(AgentId agent, SourceLine after, SourceLine before) {
    const TableUse& u = f_.tlb.use;
    if (in_smmu()) return by_commands(command_for(u), agent, after, before);
    const auto place = [&](std::string operation, bool ranged) {
      out_.push_back({.operation = std::move(operation),
                      .address = f_.tlb.mapped,
                      .bytes = ranged ? arm::page_bytes(u.granule) : 0,
                      .agent = agent,
                      .after = after,
                      .before = before,
                      .elsewhere = ranged,
                      .whose = ranged ? std::optional(u.agent) : std::nullopt});
    };
    if (u.level == kRootLevel && u.stage == 2)
      return add("// before this, at EL2: tlbi vmalls12e1is with this VMID, dsb ish", agent, after, before, false);
    if (u.level == kRootLevel) {
      place(u.el == 2 ? "tlbi alle2" : "tlbi vmalle1", false);
    } else if (u.stage == 2) {
      place("tlbi ipas2e1is", true);
      if (u.combined) {
        place("dsb ish", false);
        place("tlbi vmalle1is", false);
      }
    } else {
      place(u.el == 2 ? "tlbi vae2is" : "tlbi vaae1is", true);
    }
    place("dsb ish", false);
  }

  void tlb_maintenance() {
    const TlbMissing& m = f_.tlb;
    const SourceLine send = judge_.orders.send_after(f_.writer.agent, f_.writer.epoch);
    const SourceLine after = send.value != 0 ? SourceLine{} : f_.writer.line;
    if (m.what == TlbMissing::What::Maintenance && m.use.level == kRootLevel)
      return add_tlbi(f_.writer.agent, f_.writer.line, {});
    if (m.what != TlbMissing::What::None && m.what != TlbMissing::What::Linked && in_smmu()) {
      if (m.what == TlbMissing::What::Completion)
        return add("// CMD_SYNC behind that command, and wait for it", f_.writer.agent, after, send, false);
      return add_tlbi(f_.writer.agent, after, send);
    }
    switch (m.what) {
      case TlbMissing::What::None:
        return;
      case TlbMissing::What::Maintenance:
        if (const WriteRef& broke = m.superseded; broke.line.value != 0 && broke.line != f_.writer.line) {
          // Between the store that broke the mapping and the one that made another.
          add("dsb ishst", broke.agent, broke.line, {}, false);
          return add_tlbi(broke.agent, broke.line, {});
        }
        add("dsb ishst", f_.writer.agent, after, send, false);
        return add_tlbi(f_.writer.agent, after, send);
      case TlbMissing::What::StoreDone:
        return add("dsb ishst", m.by.agent, {}, m.by.line, false);
      case TlbMissing::What::Broadcast:
        return add_tlbi(m.by.agent, m.by.line, {});
      case TlbMissing::What::Stage1:
        add("dsb ish", m.by.agent, m.by.line, {}, false);
        add("tlbi vmalle1is", m.by.agent, m.by.line, {}, false);
        return add("dsb ish", m.by.agent, m.by.line, {}, false);
      case TlbMissing::What::Linked:
        return add(in_smmu() ? "dmb oshst" : "dmb ishst", m.by.agent, {}, m.by.line, false);
      case TlbMissing::What::Run:
        return add(
            "// before this: zero every descriptor of the contiguous run, dsb ishst, tlbi of all its pages, dsb ish",
            f_.writer.agent, {}, f_.writer.line, false);
      case TlbMissing::What::Completion:
        return after_deed("dsb ish", m.by.agent, m.by.epoch, m.by.line, false);
    }
  }

  void break_before_make() {
    const bool run = f_.tlb.what == TlbMissing::What::Run;
    if (run || (!f_.tlb.direct && f_.tlb.what != TlbMissing::What::Maintenance)) return tlb_maintenance();
    if (f_.tlb.direct) before_read("str xzr", true);
    if (!in_smmu()) before_read("dsb ishst", false);
    add_tlbi(e_.agent, {}, e_.line);
  }

  void lost_to_power_off() {
    if (!f_.culprit || only_a_barrier_before()) return;
    if (const auto found = judge_.uncounted.find(f_.culprit->agent); found != judge_.uncounted.end()) {
      const auto& [line, why] = found->second;
      add("// the set/way operations at line " + std::to_string(line.value) + " do not count: " + why,
          f_.culprit->agent, line, {}, false);
    }
    add(clean_to_poc(), f_.culprit->agent, {}, f_.culprit->line, true);
    add("dsb sy", f_.culprit->agent, {}, f_.culprit->line, false);
  }

  void stale_instruction() {
    const bool vipt = event::virtual_index(e_) != 0;  // the line may have other places than that of the writer's VA
    const Orders& orders = judge_.orders;
    const MayState v = judge_.view(l_, e_.agent, Use::Fetch, true);
    Mask unclean = judge_.older_at_unification(l_, v, l_.above_pou) & f_.bytes;
    // An older copy in the unified caches has nothing to clean: it has to go.
    if (e_.path.node != event::kNoNode && (v.node[0].older & unclean) != 0) {
      if (!orders.store_before(Use::Maintenance, e_.agent, f_.writer.agent, f_.writer.epoch, f_.writer.cacheable) &&
          f_.writer.agent == e_.agent)
        before_read("dmb sy", false);
      before_read(v.node[0].only != 0 ? "dc civac" : "dc ivac", true);
      before_read("dsb ish", false);
      before_read(vipt ? "ic iallu" : "ic ivau", !vipt);
      before_read("dsb ish", false);
      return before_read("isb", false);
    }
    bool pending = false;
    const Clear* by_clean = nullptr;
    for (const Clear& c : l_.clears) {
      if ((c.above_pou & f_.bytes) == 0) continue;
      unclean &= ~c.above_pou;
      pending = true;
      by_clean = &c;
    }
    Mask held = e_.path.node == event::kNoNode || l_.instructions->caches.empty()
                    ? 0
                    : l_.instructions->caches[e_.pe.value].older & f_.bytes;
    const InstructionClear* by_invalidate = nullptr;
    for (const InstructionClear& c : l_.instructions->clears) {
      if (!c.reaches(e_.pe, event::virtual_index(e_)) || (c.older & f_.bytes) == 0) continue;
      held &= ~c.older;
      pending = true;
      by_invalidate = &c;
    }
    if (unclean != 0) {
      after_write(unreliable_clean() ? "dc civac" : "dc cvau", true);
      after_write("dsb ish", false);
    }
    if (unclean == 0 && held != 0 && by_clean != nullptr && by_clean->by.agent == e_.agent) {
      // The clean is there already: the rest goes between it and the fetch.
      if (!orders.cmo_before(Use::InstructionMaintenance, e_.agent, e_.agent, by_clean->by.epoch, true))
        before_read("dsb ish", false);
      before_read(vipt ? "ic iallu" : "ic ivau", !vipt);
      before_read("dsb ish", false);
      return before_read("isb", false);
    }
    if (held != 0 || unclean != 0) {
      if (unclean == 0) after_write("dsb ish", false);  // the store first: no clean is needed that would wait for it
      after_write(vipt ? "ic ialluis" : "ic ivau", !vipt);
      after_write("dsb ish", false);
    }
    if (unclean == 0 && held == 0 && pending) {
      const WriteRef& last = by_invalidate != nullptr ? by_invalidate->by : by_clean->by;
      const SourceLine told = orders.send_after(f_.writer.agent, f_.writer.epoch);
      if (last.agent != e_.agent && last.agent == f_.writer.agent && told.value != 0 &&
          orders.send_after(last.agent, last.epoch).value == 0)
        add("// move the send of line " + std::to_string(told.value) + " behind this maintenance and its `dsb ish`",
            last.agent, last.line, {}, false);
      else if (!orders.cmo_before(Use::InstructionMaintenance, e_.agent, last.agent, last.epoch, true))
        after_deed("dsb ish", last.agent, last.epoch, last.line, false);
      else
        before_read("isb", false);
      return;
    }
    if (f_.writer.agent != e_.agent) return;
    // What goes behind the store goes before the context synchronisation that is there.
    if ((held != 0 || unclean != 0) && orders.synchronised_since(e_.agent, f_.writer.epoch)) return;
    // The ISB alone fetches anew what the store has not reached.
    if (unclean == 0 && held == 0 &&
        !orders.store_before(Use::InstructionMaintenance, e_.agent, e_.agent, f_.writer.epoch, f_.writer.cacheable))
      before_read("dsb ish", false);
    before_read("isb", false);
  }

  /// True where an instruction that was fetched ahead may be executed although a newer one told of it.
  [[nodiscard]] bool overtaken() const {
    return use_ == Use::Fetch && judge_.parameters.fetches_out_of_order &&
           judge_.orders.executed_after(e_.agent, f_.writer.agent, f_.writer.epoch);
  }

  void not_ordered() {
    const Orders& orders = judge_.orders;
    const WriteRef& w = f_.writer;
    if ((l_.disordered & f_.bytes) != 0) {  // the older write has to land first
      const WriteRef& older = l_.disordered_by;
      after_deed(judge_.orders.is_device(w.agent) ? "dmb oshst" : "dmb ishst", older.agent, older.epoch, older.line,
                 false);
      return;
    }
    if (w.agent == e_.agent && w.node != e_.path.node.value && use_ == Use::Load) return before_read("dmb ish", false);
    if (w.agent == e_.agent) {
      const bool entry = use_ == Use::Walk && e_.entry != 0;
      const bool done = entry && orders.store_before_walk(e_.agent, w.agent, w.epoch, true);
      if (entry && !done && judge_.mended_by(e_, w)) return add("dsb ish", w.agent, w.line, {}, false);
      if (!done) before_read("dsb ish", false);
      if (use_ == Use::Fetch || (entry && !judge_.parameters.ets2)) before_read("isb", false);
      return;
    }
    if (!orders.store_announced(e_.agent, w.agent, w.epoch)) {
      after_write(reader_is_device() ? "dmb oshst" : use_ == Use::Load ? "dmb ishst" : "dsb ishst", false);
      if (!overtaken()) return;
    }
    if (overtaken()) {
      after_write("tlbi vmalle1is", false);
      return after_write("dsb ish", false);
    }
    if (use_ == Use::Fetch) return before_read("isb", false);
    before_read(use_ == Use::Walk ? "dsb ish" : orders.is_device(w.agent) ? "dmb oshld" : "dmb ishld", false);
  }

  const Judge::Implementation& judge_;
  const Finding& f_;
  const event::Event& e_;
  const Line& l_;
  Use use_;
  std::vector<Fix>& out_;
};

}  // namespace

void Judge::Implementation::report(const Finding& f, const event::Event& e, const Line& l, Use use) {
  Hazard* h = findings.record(f, e, l);
  if (h == nullptr) return;
  h->fixes.clear();
  FixWriter(*this, f, e, l, use, h->fixes).write();
}

std::vector<Fix> Judge::Implementation::before_revocation(const event::Event& e, const Line& l, const HeldDescriptor& h,
                                                          bool again) const {
  const std::uint64_t first = arm::leaf_address(h.value, format_of(h.use), h.use.level);
  Finding f{.id = HazardId::UseAfterRevocation, .writer = h.superseded};
  f.tlb = missing_of(h, e.agent, Use::Store);
  if (again) f.tlb.what = TlbMissing::What::Maintenance;
  f.tlb.mapped = arm::PhysAddr{std::max(first, e.address.aligned_down(arm::page_bytes(h.use.granule)).value)};
  std::vector<Fix> fixes;
  FixWriter(*this, f, e, l, Use::Store, fixes).write();
  return fixes;
}

void Judge::Implementation::advise(Hazard h) {
  const auto advice = [&]() -> std::string {
    switch (h.id) {
      case HazardId::AlignmentFault:
        return "align the access (no DC ZVA), or map the memory Normal";
      case HazardId::BreakBeforeMake:
        return "before a valid descriptor becomes another: store zero, dsb ishst, tlbi, dsb ish";
      case HazardId::UnsupportedExclusive:
        return "map the memory Normal Write-Back, or use plain loads and stores under a lock";
      case HazardId::TranslationFault:
        if (h.what.find("Access flag") != std::string::npos)
          return "set AF in the descriptor, or have hardware set it (TCR_ELx.HA, VTCR_EL2.HA)";
        return "map the address, or make the access where the mapping is";
      case HazardId::PermissionFault:
        return "map the page with the permission that the access needs";
      case HazardId::MaintenanceOfNonMemory:
        return "no cache maintenance outside memory: leave this range out";
      case HazardId::SmmuFault:
        return "give the stream a valid configuration and mapping before the device starts";
      case HazardId::ForbiddenTarget:
        return "map only what may be accessed, and only when it may be";
      case HazardId::GatheredDevice:
        return "map what has side effects as Device memory";
      case HazardId::NoProgress:
        return "pair each exclusive store with an exclusive load of the same location, with no other store between "
               "them";
      case HazardId::UseAfterRevocation:
        return "end the use first: unmap, tlbi, dsb, and stop the device";
      default:
        return {};
    }
  };
  if (h.line.value != 0)
    if (auto text = advice(); !text.empty())
      h.fixes.push_back({.operation = "// " + text, .agent = h.agent, .before = h.line});
  findings.note(std::move(h));
}

}  // namespace staleline::judge
