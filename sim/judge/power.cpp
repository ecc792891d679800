// SPDX-License-Identifier: Apache-2.0
// Power: caches that go off lose what is only in them; sweeps by set/way move it further down before
// (DDI 0487 D7.5.9; set/way operations reach the caches of their PE only).
#include <algorithm>

#include "calm.h"
#include "implementation.h"

namespace staleline::judge {

using event::Event;

namespace {
std::uint64_t bit(event::PeId pe) { return std::uint64_t{1} << (pe.value & 63U); }
}  // namespace

/// What is only in `l`'s node 0 is gone, as far as the actor must believe that it was not cleaned.
void Judge::Implementation::lose(Line& l, const Event& e, Mask& reason) {
  const MayState known = view(l, e.agent, Use::Walk, true);
  const Mask gone = known.node[0].only & ~l.may.lost;
  if (gone == 0) return;
  const Mask p = older_at_unification(l, l.may, l.above_pou);
  l.may.lost |= gone;
  l.lost_to_invalidate &= ~gone;
  l.lost_to_power &= ~gone;
  reason |= gone;
  l.discarded_by = {e.agent, e.line, e.cycle, false};
  destroyed(l, e, gone);
  spread_to_instructions(l, p);
  touched(l);
  l.review();
}

/// `e` took the power of every cache that may hold something in node 0: neither dirty nor clean lines are left. Not
/// known where another PE has caches of its own, unless it never runs.
bool Judge::Implementation::nothing_left(const Event& e) const {
  const bool off = (off_ & bit(e.pe)) != 0;
  if (!off || !(e.aux == 0 ? parameters.caches_of_pes_only : parameters.caches_of_cluster_only)) return false;
  if (parameters.pe_of.empty()) return parameters.pes == 1;
  return std::all_of(parameters.pe_of.begin(), parameters.pe_of.end(),
                     [&](event::PeId pe) { return pe == event::kNoPe || pe == e.pe; });
}

/// As if each line had been cleaned, what was lost left aside, and invalidated.
void Judge::Implementation::forget_copies(Line& l, const WriteRef& self, event::PeId pe) {
  MayState after = l.may;
  clean_and_invalidate(after, just(0), {.bytes = kWholeLine, .dirty = true, .present = true});
  const MayNode& now = l.may.node[0];
  const MayNode& then = after.node[0];
  Clear clear{.by = self};
  clear.node[0] = {
      .only = now.only, .older = now.older & ~then.older, .dirty = now.dirty, .present = now.present && !then.present};
  clear.above_pou = l.above_pou;
  if (l.instructions != nullptr) {
    auto& cache = l.instructions->caches[pe.value];
    cache.present = cache.live;
    if (!cache.live) cache.older = 0;
  }
  touched(l);
  l.upset();
  if (clear.empty()) return;
  l.clears.push_back(clear);
  settle(l);
}

void Judge::Implementation::power(const Event& e) {
  if (e.aux == 1) {
    off_ &= ~bit(e.pe);
    return;
  }
  if (e.aux == 0) off_ |= bit(e.pe);
  // Only a DSB says that the lines have left.
  for (const Swept& s : swept_) {
    if (s.pe != e.pe || orders.cmo_before(Use::Walk, e.agent, s.by, s.epoch, false)) continue;
    for (Line* l : s.lines) (s.level == 1 ? l->in_l1 : l->in_l2) |= bit(s.pe);
    uncounted[s.by] = {s.line, "no dsb sy makes them complete"};
  }
  std::erase_if(swept_, [&](const Swept& s) { return s.pe == e.pe; });
  for_each_line([&](Line& l) {
    if (e.aux == 0) {
      const std::uint64_t pe = bit(e.pe);
      if (((l.in_l1 | l.in_l2) & pe) == 0) return;
      l.in_l1 &= ~pe;
      l.in_l2 &= ~pe;
    }
    lose(l, e, l.lost_to_power);
  });
  if (!nothing_left(e)) return;
  const WriteRef self{
      .cycle = e.cycle, .epoch = orders.now(e.agent), .line = e.line, .agent = e.agent, .node = 0, .cacheable = true};
  for_each_line([&](Line& l) { forget_copies(l, self, e.pe); });
  orders.reset(e.agent);
}

void Judge::Implementation::sweep(const Event& e) {
  if (e.pe == event::kNoPe || e.data[0] == 0) return;
  if (e.data[0] > parameters.private_levels) {
    uncounted[e.agent] = {e.line, "others share that level: only maintenance by address moves lines out of it"};
    return;
  }
  if (e.data[1] != 1) {
    uncounted[e.agent] = {e.line, "they are no sweep of all sets and ways with SCTLR_ELx.C clear"};
    return;
  }
  uncounted.erase(e.agent);
  const std::uint64_t pe = bit(e.pe);
  const auto op = static_cast<arm::CacheOp>(e.aux);
  // Nothing but a barrier orders set/way operations after stores, which may still have to enter the cache.
  const auto entered = [&](const Stamp& s) {
    return orders.store_before(Use::Maintenance, e.agent, s.by.agent, s.by.epoch, false);
  };
  Swept swept{.pe = e.pe, .by = e.agent, .line = e.line, .epoch = orders.now(e.agent), .level = e.data[0], .lines = {}};
  for_each_line([&](Line& l) {
    std::uint64_t& here = e.data[0] == 1 ? l.in_l1 : l.in_l2;
    if ((here & pe) == 0) return;
    if (!std::all_of(l.dirtied.begin(), l.dirtied.end(), entered)) {
      uncounted[e.agent] = {e.line, "stores before them may enter the cache after them: a dsb sy is missing between"};
      return;
    }
    if (op == arm::CacheOp::DC_ISW) lose(l, e, l.lost_to_invalidate);
    here &= ~pe;
    swept.lines.push_back(&l);
    if (e.data[0] == 1 && parameters.private_levels > 1) l.in_l2 |= pe;
  });
  swept_.push_back(std::move(swept));
}

}  // namespace staleline::judge
