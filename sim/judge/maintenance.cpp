// SPDX-License-Identifier: Apache-2.0
// Data cache maintenance: which bytes it covers, and the record of what it clears for those who know of it.
#include "calm.h"
#include "implementation.h"

namespace staleline::judge {

using event::Event;

void Judge::Implementation::maintain(const Event& e) {
  const auto& quirks = parameters.quirks;
  auto op = static_cast<arm::CacheOp>(e.aux);
  if (quirks.invalidate_promoted_not_forwarded && e.detail == 1 && op == arm::CacheOp::DC_CIVAC)
    op = arm::CacheOp::DC_IVAC;
  if (op >= arm::CacheOp::DC_ISW && op <= arm::CacheOp::DC_CISW) return sweep(e);
  if (!arm::is_by_va(op) || op == arm::CacheOp::DC_ZVA) return;
  Line& l = line_of(e.address);
  if (l.watched && watch(e)) return;
  touched(l);
  const WriteRef self = ref_of(e, orders.now(e.agent));
  const bool reaches = e.path.shareability != arm::Shareability::NonShareable || parameters.pes == 1;
  NodeSet nodes = 0;
  if (op != arm::CacheOp::DC_CVAU)
    nodes = looks_up(e.path) ? just(e.path.node.value) : static_cast<NodeSet>((1U << l.may.nodes) - 1);

  const auto ordered = [&](const WriteRef& w) {
    // In program order with own stores where both are cacheable: SCTLR_ELx.C or M may have changed between them.
    return orders.store_before(Use::Maintenance, e.agent, w.agent, w.epoch, w.cacheable && self.cacheable) &&
           (!quirks.maintenance_needs_dsb || orders.divided(e.agent, w.agent, w.epoch));
  };
  Coverage covered{.bytes = 0, .dirty = reaches, .present = reaches};
  if (reaches) {
    Mask passed_by = 0;
    l.writers.for_each(kWholeLine, [&](const WriteRef& w, Mask part) {
      if (ordered(w))
        covered.bytes |= part;
      else if (w.agent == e.agent && op != arm::CacheOp::DC_IVAC && op != arm::CacheOp::DC_CVAU)
        passed_by |= part;
    });
    if (passed_by != 0 || l.passed_by != 0) {
      l.passed_by = passed_by;
      l.passing = self;
    }
    for (const Stamp& s : l.dirtied) covered.dirty = covered.dirty && ordered(s.by);
    for (const Stamp& s : l.touched)
      covered.present = covered.present && orders.intended(e.agent, s.by.agent, s.by.epoch);
  }
  const bool invalidates = op == arm::CacheOp::DC_IVAC || op == arm::CacheOp::DC_CIVAC;
  if (!invalidates && quirks.clean_loses_to_eviction) covered = {.bytes = 0, .dirty = false, .present = false};
  if (!invalidates && quirks.clean_leaves_dirty) covered.dirty = false;

  const Mask p = older_at_unification(l, l.may, l.above_pou);
  const MayState known = view(l, e.agent, Use::Maintenance, self.cacheable);
  MayState after = known;
  if (op == arm::CacheOp::DC_IVAC) {
    for (std::uint8_t i = 0; i < after.nodes; ++i) {
      if (!contains(nodes, i)) continue;
      const Mask discarded = known.node[i].only & ~l.may.lost;
      if (discarded == 0) continue;
      after.lost |= discarded;
      l.lost_to_invalidate |= discarded;
      l.lost_to_power &= ~discarded;
      l.discarded_by = self.deed();
      destroyed(l, e, discarded);
    }
    remember(l.invalidated, self);
  }
  if (invalidates) {
    clean_and_invalidate(after, nodes, covered);
  } else {
    clean(after, nodes, covered);
  }

  // What rises, rises for all; what falls, falls for those who know of this operation.
  Clear clear{.by = self};
  for (std::uint8_t i = 0; i < after.nodes; ++i) {
    MayNode& now = l.may.node[i];
    const MayNode& then = after.node[i];
    if (!contains(nodes, i)) continue;
    now.older |= then.older;
    for (Clear& c : l.clears) c.node[i].older &= ~(then.older & ~known.node[i].older);
    clear.node[i] = {.only = now.only & ~then.only,
                     .older = invalidates ? covered.bytes & ~then.older : 0,
                     .dirty = now.dirty && !then.dirty,
                     .present = now.present && !then.present};
  }
  l.may.lost = after.lost;
  if (quirks.clean_completes_early && op != arm::CacheOp::DC_CVAU && op != arm::CacheOp::DC_IVAC) {
    Mask cleaned = 0;
    for (std::uint8_t i = 0; i < after.nodes; ++i) cleaned |= known.node[i].only & ~after.node[i].only;
    // Whoever knows that it was cleaned before knows that it is there now.
    clear.late = known.late & covered.bytes & ~cleaned;
    l.may.late |= cleaned;
    for (Clear& c : l.clears) c.late &= ~cleaned;
  }
  l.upset();
  clear.above_pou = l.above_pou & covered.bytes;
  spread_to_instructions(l, p);
  if (clear.empty()) return;
  for (Clear& c : l.clears) {
    if (c.by.agent != self.agent || c.by.epoch != self.epoch) continue;
    for (std::uint8_t i = 0; i < after.nodes; ++i) {
      c.node[i].only |= clear.node[i].only;
      c.node[i].older |= clear.node[i].older;
      c.node[i].dirty = c.node[i].dirty || clear.node[i].dirty;
      c.node[i].present = c.node[i].present || clear.node[i].present;
    }
    c.above_pou |= clear.above_pou;
    c.late |= clear.late;
    return;
  }
  l.clears.push_back(clear);
  settle(l);
}

/// Maintenance that everybody knows of, or too much of it to keep apart, becomes plain state.
void Judge::Implementation::settle(Line& l) {
  constexpr std::size_t few = 4, many = 16;
  if (l.clears.size() <= few) return;
  std::erase_if(l.clears, [&](const Clear& c) {
    if (!orders.cmo_before_all(c.by.agent, c.by.epoch)) return false;
    for (std::uint8_t i = 0; i < l.may.nodes; ++i) {
      MayNode& n = l.may.node[i];
      n.only &= ~c.node[i].only;
      n.older &= ~c.node[i].older;
      if (c.node[i].dirty) n.dirty = false;
      if (c.node[i].present) n.present = n.live;
    }
    l.above_pou &= ~c.above_pou;
    l.may.late &= ~c.late;
    return true;
  });
  // Whoever knows an agent's later maintenance knows its earlier: forgetting the earlier is safe.
  if (l.clears.size() > many) l.clears.erase(l.clears.begin());
}

}  // namespace staleline::judge
