// SPDX-License-Identifier: Apache-2.0
// The rows of the may-state table (docs/architecture.md, "What a line may hold").
#include "may_state.h"

namespace staleline::judge {
namespace {

/// A new version of `bytes` exists: whatever the other nodes hold of them is older.
void supersede_outside(MayState& s, NodeSet inside, Mask bytes) {
  for (std::uint8_t e = 0; e < s.nodes; ++e) {
    if (contains(inside, e)) continue;
    s.node[e].older = (s.node[e].older & ~bytes) | (s.node[e].present ? bytes : 0);
    s.node[e].only &= ~bytes;
  }
}

void assign(Mask& target, Mask bytes, bool value) { target = value ? target | bytes : target & ~bytes; }

/// What a fill of `d` now may bring in although it is older. What memory may have lost stays lost
/// until it is written again, so that need not be marked once more.
Mask older_on_fill(const MayState& s, std::uint8_t d) { return s.only_outside(just(d)) & ~s.node[d].only; }

}  // namespace

Mask MayState::only_outside(NodeSet inside) const {
  Mask m = 0;
  for (std::uint8_t e = 0; e < nodes; ++e)
    if (!contains(inside, e)) m |= node[e].only;
  return m;
}

std::uint8_t MayState::holder_of(Mask bytes) const {
  std::uint8_t d = 0;
  while (d + 1 < nodes && (node[d].only & bytes) == 0) ++d;
  return d;
}

bool MayState::dirty_outside(NodeSet inside) const {
  for (std::uint8_t e = 0; e < nodes; ++e)
    if (!contains(inside, e) && node[e].dirty) return true;
  return false;
}

Mask set_live(MayState& s, std::uint8_t d, bool live) {
  s.node[d].live = live;
  return live ? cacheable_read(s, d) : 0;
}

void write_back_write(MayState& s, std::uint8_t d, Mask bytes) {
  MayNode& here = s.node[d];
  s.lost |= (here.older | s.only_outside(just(d))) & ~bytes;  // the allocation makes old neighbours dirty
  assign(s.lost, bytes, s.dirty_outside(just(d)));
  supersede_outside(s, just(d), bytes);
  here.older &= ~bytes;
  here.only |= bytes;
  here.dirty = here.present = true;
}

Mask write_through_write(MayState& s, std::uint8_t d, Mask bytes) {
  MayNode& here = s.node[d];
  const Mask old_neighbours = older_on_fill(s, d) & ~bytes;
  here.older |= old_neighbours;
  assign(s.lost, bytes, s.dirty_outside(just(d)));
  supersede_outside(s, just(d), bytes);
  here.older &= ~bytes;
  here.only &= ~bytes;
  here.present = true;
  return old_neighbours;
}

void non_cacheable_write(MayState& s, Mask bytes) {
  assign(s.lost, bytes, s.dirty_outside(0));
  supersede_outside(s, 0, bytes);
}

void snooping_write(MayState& s, std::uint8_t d, Mask bytes) {
  MayNode& here = s.node[d];
  s.lost |= here.older & ~bytes;
  assign(s.lost, bytes, s.dirty_outside(just(d)));
  supersede_outside(s, just(d), bytes);
  here.older &= ~bytes;
  assign(here.only, bytes, here.present);
  here.dirty = here.dirty || here.present;
}

Mask cacheable_read(MayState& s, std::uint8_t d) {
  const Mask older = older_on_fill(s, d);
  s.node[d].older |= older;
  s.node[d].present = true;
  return older;
}

void clean(MayState& s, NodeSet nodes, const Coverage& covered) {
  for (std::uint8_t d = 0; d < s.nodes; ++d) {
    if (!contains(nodes, d)) continue;
    s.node[d].only &= ~covered.bytes;
    if (covered.dirty) s.node[d].dirty = false;
  }
}

void clean_and_invalidate(MayState& s, NodeSet nodes, const Coverage& covered) {
  clean(s, nodes, covered);
  const Mask elsewhere = s.only_outside(nodes);
  for (std::uint8_t d = 0; d < s.nodes; ++d) {
    if (!contains(nodes, d)) continue;
    MayNode& here = s.node[d];
    if (covered.present) here.present = here.live;
    here.older = (here.older & ~covered.bytes) | (here.live ? elsewhere : 0);
  }
}

void invalidate(MayState& s, NodeSet nodes, const Coverage& covered) {
  for (std::uint8_t d = 0; d < s.nodes; ++d)
    if (contains(nodes, d)) s.lost |= s.node[d].only;
  clean_and_invalidate(s, nodes, covered);
}

Stale stale_in(const MayState& s, std::uint8_t d, Mask bytes) {
  return {.lost = s.lost & bytes, .older = s.node[d].older & bytes, .only = s.only_outside(just(d)) & bytes};
}

Stale stale_in_memory(const MayState& s, Mask bytes) {
  return {.lost = s.lost & bytes, .older = 0, .only = (s.only_outside(0) | s.late) & bytes};
}

}  // namespace staleline::judge
