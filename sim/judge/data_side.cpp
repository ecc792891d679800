// SPDX-License-Identifier: Apache-2.0
// Data accesses: the may-state table, taken as the acting agent must take it, with the worse order
// counting wherever two accesses are not ordered.
#include <bit>
#include <cstring>

#include "calm.h"
#include "implementation.h"

namespace staleline::judge {
namespace {

using event::Event;

/// For those who know none of the maintenance before: these are set again.
void set_again(Line& l, std::uint8_t d, Mask older, bool present, bool dirty) {
  for (Clear& c : l.clears) {
    c.node[d].older &= ~older;
    c.node[d].present = c.node[d].present && !present;
    c.node[d].dirty = c.node[d].dirty && !dirty;
  }
}

void forget_bytes(Line& l, Mask bytes) {
  for (Clear& c : l.clears) {
    for (Clear::Node& n : c.node) {
      n.older &= ~bytes;
      n.only &= ~bytes;
    }
    c.above_pou &= ~bytes;
    c.late &= ~bytes;
  }
  std::erase_if(l.clears, [](const Clear& c) { return c.empty(); });
}

}  // namespace

MayState Judge::Implementation::view(const Line& l, event::AgentId a, Use use, bool cacheable) const {
  MayState v = l.may;
  for (const Clear& c : l.clears) {
    if (!orders.cmo_before(use, a, c.by.agent, c.by.epoch, cacheable && c.by.cacheable)) continue;
    for (std::uint8_t d = 0; d < v.nodes; ++d) {
      v.node[d].only &= ~c.node[d].only;
      v.node[d].older &= ~c.node[d].older;
      if (c.node[d].dirty) v.node[d].dirty = false;
      if (c.node[d].present) v.node[d].present = v.node[d].live;
    }
    v.late &= ~c.late;
  }
  return v;
}

bool Judge::Implementation::written_before(Use use, event::AgentId a, std::uint8_t node, const WriteRef& w) const {
  const bool mismatched = w.agent == a && w.node != node && w.epoch != 0 && (use == Use::Load || use == Use::Store);
  return mismatched ? orders.own_store_before(use, a, w.epoch)
                    : orders.store_before(use, a, w.agent, w.epoch, w.cacheable);
}

Mask Judge::Implementation::fill_may_miss(const Line& l, const Event& e, Use use, Mask bytes) const {
  if ((l.bypassed == 0 && l.may.nodes == 1) || initial(e)) return 0;
  Mask missed = 0;
  l.writers.for_each(bytes, [&](const WriteRef& w, Mask part) {
    if (w.node != e.path.node.value && !written_before(use, e.agent, e.path.node.value, w)) missed |= part;
  });
  return missed & bytes;
}

bool Judge::Implementation::calm_read_of_several(const Event& e, Line& l) {
  const bool coherent = looks_up(e.path);
  const Mask bytes = bytes_of(e);
  Mask obliged = bytes;
  if (!coherent || !l.writers.only(e.agent) || l.raced != 0) {
    obliged = 0;
    bool ordered = true;
    l.writers.for_each(bytes, [&](const WriteRef& w, Mask part) {
      if ((part & l.raced) != 0 || !orders.intended(e.agent, w.agent, w.epoch)) return;
      obliged |= part & bytes;
      ordered = ordered && written_before(Use::Load, e.agent, e.path.node.value, w);
    });
    if (!ordered) return false;
  }
  if (!l.plain || !coherent) remember_safe(l, e, Use::Load, obliged);
  return true;
}

bool Judge::Implementation::calm_read_below(const Event& e, Line& l) {
  if (looks_up(e.path) || l.may.nodes != 1 || l.watched || initial(e)) return false;
  if ((l.may.lost | l.may.late | l.may.node[0].only | l.disordered) != 0 || !agrees(e, l)) return false;
  return calm_read_of_several(e, l);
}

bool Judge::Implementation::after_all_writers(const Event& e, const Line& l) const {
  const Mask bytes = bytes_of(e);
  if ((l.raced & bytes) != 0) return false;
  if (l.writers.only(e.agent)) return true;
  bool ordered = true;
  l.writers.for_each(bytes, [&](const WriteRef& w, Mask) {
    ordered = ordered && written_before(Use::Store, e.agent, e.path.node.value, w);
  });
  return ordered;
}

void Judge::Implementation::read(const Event& e, Line& l, Use use) {
  if (l.watched && watch(e)) return;
  const Mask bytes = bytes_of(e);
  const std::uint8_t d = e.path.node.value;
  const bool allocates = looks_up(e.path) && e.path.allocates;
  const WriteRef self = ref_of(e, initial(e) ? 0 : orders.now(e.agent));

  // What a walk reads counts where the entry that it makes is used (translations.cpp).
  const bool obliges = !initial(e) && !(use == Use::Walk && e.entry != 0);
  Mask obliged = 0, unordered = 0;
  if (obliges) {
    l.writers.for_each(bytes, [&](const WriteRef& w, Mask part) {
      if ((part & l.raced) != 0 || !orders.intended(e.agent, w.agent, w.epoch)) return;
      obliged |= part & bytes;
      if (!written_before(use, e.agent, d, w)) unordered |= part & bytes;
    });
    unordered |= l.disordered & obliged;
  }

  const bool plain = l.plain && looks_up(e.path);
  const MayState before = plain ? l.may : view(l, e.agent, use, self.cacheable);
  if (obliged != 0) {
    const Stale stale = plain              ? Stale{}
                        : looks_up(e.path) ? stale_in(before, d, bytes)
                                           : stale_in_memory(before, bytes);
    const Mask wrong = differing(e, l) & obliged;
    if (((stale.any() | unordered) & obliged) != 0) {
      const auto find = [&](HazardId id, Mask which, std::optional<Deed> culprit, std::uint8_t holder) {
        which &= obliged;
        if (which == 0) return;
        Finding f{.id = id,
                  .bytes = which,
                  .observed = which & wrong,
                  .benign = which & l.benign,
                  .culprit = culprit,
                  .holder = event::NodeId{holder},
                  .under_way = id == HazardId::StaleBelowCache && (before.only_outside(0) & which) == 0};
        l.writers.for_each(which & (~which + 1), [&](const WriteRef& w, Mask) { f.writer = w; });
        if (use == Use::Load && id <= HazardId::StaleCopy && never_granted(e, l, f.writer))
          f.id = HazardId::NeverGranted;
        report(f, e, l, use);
      };
      const auto filled = l.filled.line.value != 0 ? std::optional<Deed>(l.filled) : std::nullopt;
      const std::uint8_t elsewhere = before.holder_of(stale.only);
      if (use == Use::Walk) {
        find(HazardId::StaleWalk, stale.any() | unordered,
             stale.older != 0 ? filled : std::optional<Deed>(l.losing(stale.lost)), stale.older != 0 ? d : elsewhere);
      } else {
        find(HazardId::LostToInvalidate, stale.lost & l.lost_to_invalidate, l.discarded_by, d);
        find(HazardId::LostToPowerOff, stale.lost & l.lost_to_power, l.discarded_by, d);
        find(HazardId::LostToWriteBack, stale.lost & ~l.lost_to_invalidate & ~l.lost_to_power, l.lost_by, elsewhere);
        find(HazardId::StaleBelowCache, stale.only, std::nullopt, elsewhere);
        find(HazardId::StaleCopy, stale.older, filled, d);
      }
      if (use == Use::Load)
        find(HazardId::NotOrdered, unordered & ~stale.any(),
             (unordered & l.disordered) != 0 ? std::optional<Deed>(l.disordered_by.deed()) : std::nullopt, d);
    }
    if (!plain) remember_safe(l, e, use, obliged & ~stale.lost);
    const Mask surprise = wrong & ~stale.any() & ~unordered;
    if (surprise != 0) unexplained += static_cast<std::uint64_t>(std::popcount(surprise));
  }

  if (use == Use::Load && !plain && !initial(e)) {
    if (const Mask older = differing(e, l) & bytes; older != 0) poll(e, l, older, obliged);
  }

  if (!allocates) return;
  if (!plain) {
    // A fill may come before a write that nothing orders before it; maintenance after that write then drops it.
    const Mask missed = fill_may_miss(l, e, use, kWholeLine);
    const Mask p = older_at_unification(l, l.may, l.above_pou);
    MayState after = before;
    const Mask older = cacheable_read(after, d);
    l.may.node[d].older |= older | missed;
    if ((older | missed) != 0) touched(l);
    set_again(l, d, older, true, false);
    spread_to_instructions(l, p);
  }
  l.may.node[d].present = true;
  l.in_l1 |= std::uint64_t{1} << (e.pe.value & 63U);
  l.filled = self.deed();
  if (!l.may.node[d].live) remember(l.touched, self);
  l.review();
}

void Judge::Implementation::write(const Event& e, Line& l) {
  if (l.watched && watch(e)) return;
  const Mask bytes = bytes_of(e);
  const std::uint8_t d = e.path.node.value;
  const bool look = looks_up(e.path);
  const bool allocates = look && e.path.allocates;
  const WriteRef self = ref_of(e, initial(e) ? 0 : orders.now(e.agent));
  const bool through = e.path.memory == arm::MemoryClass::NormalWT;
  if (l.instructions != nullptr) exchange(e, l);

  // An older write that is still to land stays a danger until a write comes after it for certain.
  if ((l.raced & bytes) != 0 && written_before(Use::Store, e.agent, d, l.raced_by)) l.raced &= ~bytes;
  if ((l.disordered & bytes) != 0 && written_before(Use::Store, e.agent, d, l.disordered_by)) l.disordered &= ~bytes;
  if (!initial(e)) {
    l.writers.for_each(bytes, [&](const WriteRef& w, Mask part) {
      if (written_before(Use::Store, e.agent, d, w)) return;
      const bool intended = orders.intended(e.agent, w.agent, w.epoch);
      (intended ? l.disordered : l.raced) |= part & bytes;
      (intended ? l.disordered_by : l.raced_by) = w;
    });
  }
  const Mask same = bytes & ~differing(e, l);
  const bool plain = l.plain && allocates && !through;
  const Mask p = plain ? 0 : older_at_unification(l, l.may, l.above_pou);
  const MayState before = plain ? l.may : view(l, e.agent, Use::Store, self.cacheable);
  Mask doubtful = before.lost;  // bytes of which an older copy may be anywhere
  for (std::uint8_t i = 0; i < before.nodes; ++i) doubtful |= before.node[i].older | before.node[i].only;
  l.benign = (l.benign & ~bytes) | (same & (~doubtful | l.benign));

  if (plain) {
    MayNode& here = l.may.node[0];
    here.only |= bytes;
    here.dirty = here.present = true;
  } else {
    MayState after = before;
    Mask older = 0;
    if (!look) {
      non_cacheable_write(after, bytes);
    } else if (!allocates) {
      snooping_write(after, d, bytes);
    } else {
      if (through)
        older = write_through_write(after, d, bytes);
      else
        write_back_write(after, d, bytes);
      // The fill may come before a neighbour's write that nothing orders before it.
      const Mask unordered = fill_may_miss(l, e, Use::Store, ~bytes);
      after.node[d].older |= unordered;
      if (!through) after.lost |= unordered;
    }
    // An invalidate that the writer does not know of may still come after the write.
    const Stamp* invalidate_after = nullptr;
    if (look)
      for (const Stamp& s : l.invalidated)
        if (!orders.cmo_before(Use::Store, e.agent, s.by.agent, s.by.epoch, self.cacheable && s.by.cacheable))
          invalidate_after = &s;
    if (invalidate_after != nullptr) after.lost |= bytes;

    const Mask neighbours_lost = after.lost & ~before.lost & ~bytes;
    const Mask newly_lost = after.lost & (bytes | ~before.lost);
    l.lost_to_invalidate &= ~newly_lost;
    l.lost_to_power &= ~newly_lost;
    if (newly_lost != 0) {
      l.lost_by = self.deed();
      for (const Stamp& s : l.dirtied)
        if (!look || s.by.node != d) l.lost_by = s.by.deed();
      if (invalidate_after != nullptr && !before.dirty_outside(look ? just(d) : NodeSet{0})) {
        l.discarded_by = invalidate_after->by.deed();
        l.lost_to_invalidate |= bytes;
      }
    }
    // What the actor sees of the bytes it wrote is how they are; elsewhere bits only rise.
    for (std::uint8_t i = 0; i < l.may.nodes; ++i) {
      MayNode& n = l.may.node[i];
      n.only = (n.only & ~bytes) | after.node[i].only;
      n.older = (n.older & ~bytes) | after.node[i].older;
      n.present = n.present || after.node[i].present;
      n.dirty = n.dirty || after.node[i].dirty;
    }
    l.may.lost = (l.may.lost & ~bytes) | after.lost;
    l.may.late &= ~bytes;
    destroyed(l, e, neighbours_lost);
    if (look) set_again(l, d, older, allocates, allocates ? !through : after.node[d].present);
    forget_bytes(l, bytes);
  }

  for (SafeRead& r : l.safe_reads) r.bytes &= ~bytes;
  if (l.tables) store_descriptors(e, l, self);
  const std::uint64_t offset = e.address.offset_in(arm::kLineBytes);
  std::memcpy(&l.newest[offset], e.data.data(), e.size);
  if (e.detail == 0) l.writers.set(bytes, self);  // hardware updates of AF and dirty state oblige nobody
  l.bypassed = look && d == 0 ? l.bypassed & ~bytes : l.bypassed | bytes;
  const bool above = look && d == 0 && !through && (allocates || l.may.node[0].present);
  l.above_pou = above ? l.above_pou | bytes : l.above_pou & ~bytes;
  if (look && (allocates || l.may.node[d].present)) {
    if (!through) remember(l.dirtied, self);
    if (allocates) {
      l.in_l1 |= std::uint64_t{1} << (e.pe.value & 63U);
      l.filled = self.deed();
      if (!l.may.node[d].live) remember(l.touched, self);
    }
  }
  if (l.instructions != nullptr) {
    written(l, bytes);
    spread_to_instructions(l, p);
  }
  l.review();
}

}  // namespace staleline::judge
