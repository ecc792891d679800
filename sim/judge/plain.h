// SPDX-License-Identifier: Apache-2.0
// The judge's short path: an 8-byte access to a plain line that leaves nothing to say. It is most of what
// a program does, so it stands where on_event() can take it in.
#pragma once

#include <cstring>

#include "implementation.h"

namespace staleline::judge {

[[nodiscard]] inline WriteRef ref_of(const event::Event& e, Epoch epoch) {
  return {.cycle = e.cycle,
          .epoch = epoch,
          .line = e.line,
          .agent = e.agent,
          .node = e.path.node.value,
          .cacheable = arm::is_cacheable(e.path.memory)};
}

/// True for what the platform held before any agent acted.
[[nodiscard]] inline bool initial(const event::Event& e) { return (e.aux & 1) != 0; }

inline bool Judge::Implementation::plain_read(const event::Event& e, Line& l) {
  if (!l.plain || e.size != 8 || e.path.node != event::kCoherentDomain || initial(e)) return false;
  const std::uint64_t offset = e.address.offset_in(arm::kLineBytes);
  MayNode& here = l.may.node[0];
  const WriteRef* w = l.writers.granule(offset);
  if (offset % 8 != 0 || w == nullptr || !here.live) return false;
  if (w->agent != e.agent && orders.intended(e.agent, w->agent, w->epoch) &&
      !orders.store_before(Use::Load, e.agent, w->agent, w->epoch, w->cacheable))
    return false;
  std::uint64_t newest = 0;
  std::memcpy(&newest, &l.newest[offset], 8);
  if (newest != e.data[0] && (l.raced >> offset & 1) == 0) return false;
  l.filled = {e.agent, e.line, e.cycle, false};
  l.in_l1 |= std::uint64_t{1} << (e.pe.value & 63U);
  return true;
}

inline bool Judge::Implementation::plain_write(const event::Event& e, Line& l) {
  if (!l.plain || e.size != 8 || e.path.node != event::kCoherentDomain || !e.path.allocates || initial(e) ||
      e.detail != 0)
    return false;
  const std::uint64_t offset = e.address.offset_in(arm::kLineBytes);
  MayNode& here = l.may.node[0];
  WriteRef* w = l.writers.granule(offset);
  if (offset % 8 != 0 || w == nullptr || !here.live || e.path.memory != arm::MemoryClass::NormalWB) return false;
  const Mask bytes = Mask{0xff} << offset;
  if (l.raced & bytes) return false;
  if (w->agent != e.agent && !orders.store_before(Use::Store, e.agent, w->agent, w->epoch, w->cacheable)) {
    if (orders.intended(e.agent, w->agent, w->epoch)) return false;
    l.raced |= bytes;
    l.raced_by = *w;
  }
  std::uint64_t newest = 0;
  std::memcpy(&newest, &l.newest[offset], 8);
  const Mask same = newest == e.data[0] ? bytes : 0;
  l.benign = (l.benign & ~bytes) | (same & (~here.only | l.benign));
  here.only |= bytes;
  here.dirty = true;
  l.in_l1 |= std::uint64_t{1} << (e.pe.value & 63U);
  std::memcpy(&l.newest[offset], e.data.data(), 8);
  l.above_pou |= bytes;
  ++l.version;
  *w = ref_of(e, orders.now(e.agent));
  if (!l.dirtied.empty() && l.dirtied.front().by.agent == e.agent && l.dirtied.front().by.node == w->node)
    l.dirtied.front().by = *w;
  else
    remember(l.dirtied, *w);
  return true;
}

}  // namespace staleline::judge
