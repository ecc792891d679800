// SPDX-License-Identifier: Apache-2.0
// What has to be added so that a finding goes away, but for what TLBs hold (fixes_translation.cpp).
#include "calm.h"
#include "fix_writer.h"

namespace staleline::judge {

using event::AgentId;
using event::SourceLine;

void FixWriter::write() {
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

bool FixWriter::missing_below() const {
  const MayState s = seen();
  const NodeSet looked_up = e_.path.node == event::kNoNode ? NodeSet{0} : just(e_.path.node.value);
  return ((s.only_outside(looked_up) | (looked_up == 0 ? s.late : 0)) & f_.bytes) != 0;
}

bool FixWriter::only_a_barrier_before() {
  if ((l_.passed_by & f_.bytes) == 0 || l_.passing.agent != f_.writer.agent || l_.passing.cycle < f_.writer.cycle)
    return false;
  const bool needs_dsb = judge_.parameters.quirks.maintenance_needs_dsb;
  add(needs_dsb ? "dsb sy" : "dmb sy", f_.writer.agent, {}, l_.passing.line, false);
  return true;
}

void FixWriter::below_cache() {
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

void FixWriter::stale_copy() {
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
  if (!judge_.orders.store_before(Use::Maintenance, e_.agent, f_.writer.agent, f_.writer.epoch, f_.writer.cacheable)) {
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

void FixWriter::polled() {
  if (e_.path.node != event::kNoNode && (seen().node[e_.path.node.value].older & f_.bytes) != 0) {
    before_read("dc ivac", true);
    return before_read("dsb sy", false);
  }
  after_write(clean_to_poc(), true);
  after_write("dsb sy", false);
}

bool FixWriter::neighbours_at_once(Mask others) {
  if (others == 0) return false;
  before_read("// give each its own cache line: what shares one with these bytes is written at the same time", false);
  return true;
}

Mask FixWriter::written_by(SourceLine line, event::Cycle cycle) const {
  Mask bytes = 0;
  l_.writers.for_each(kWholeLine, [&](const WriteRef& w, Mask part) {
    if (w.epoch != 0 && w.line == line && w.cycle == cycle) bytes |= part;
  });
  return bytes & ~f_.bytes;
}

void FixWriter::lost_to_write_back() {
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

void FixWriter::lost_to_invalidate() {
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

void FixWriter::lost_to_power_off() {
  if (!f_.culprit || only_a_barrier_before()) return;
  if (const auto found = judge_.uncounted.find(f_.culprit->agent); found != judge_.uncounted.end()) {
    const auto& [line, why] = found->second;
    add("// the set/way operations at line " + std::to_string(line.value) + " do not count: " + why, f_.culprit->agent,
        line, {}, false);
  }
  add(clean_to_poc(), f_.culprit->agent, {}, f_.culprit->line, true);
  add("dsb sy", f_.culprit->agent, {}, f_.culprit->line, false);
}

void FixWriter::stale_instruction() {
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

bool FixWriter::overtaken() const {
  return use_ == Use::Fetch && judge_.parameters.fetches_out_of_order &&
         judge_.orders.executed_after(e_.agent, f_.writer.agent, f_.writer.epoch);
}

void FixWriter::not_ordered() {
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

void Judge::Implementation::report(const Finding& f, const event::Event& e, const Line& l, Use use) {
  Hazard* h = findings.record(f, e, l);
  if (h == nullptr) return;
  h->fixes.clear();
  FixWriter(*this, f, e, l, use, h->fixes).write();
}

}  // namespace staleline::judge
