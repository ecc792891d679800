// SPDX-License-Identifier: Apache-2.0
// The judge's short paths: an access to a calm line that leaves nothing to say. It is most of what a program does, so
// they stand where on_event() can take them in.
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

/// Bytes `first` to `first` + `size` - 1 of a line, at most 8, as a number.
[[nodiscard]] inline std::uint64_t bytes_at(const std::array<std::uint8_t, 64>& line, std::uint64_t first) {
  const std::uint64_t from = std::min<std::uint64_t>(first, 56);
  std::uint64_t word = 0;
  std::memcpy(&word, &line[from], 8);
  return word >> (8 * (first - from));
}

/// One bit for each byte of the two that differs.
[[nodiscard]] constexpr Mask differing_bytes(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t low7 = 0x7f7f'7f7f'7f7f'7f7f;
  const std::uint64_t x = a ^ b;
  const std::uint64_t each = (x | ((x & low7) + low7)) >> 7 & 0x0101'0101'0101'0101;
  return each * 0x0102'0408'1020'4080 >> 56;
}

/// Bytes of the access whose data differs from the newest of `l`.
[[nodiscard]] inline Mask differing(const event::Event& e, const Line& l) {
  const std::uint64_t offset = e.address.offset_in(arm::kLineBytes);
  Mask m = differing_bytes(bytes_at(l.newest, offset), e.data[0]);
  if (e.size > 8) m |= differing_bytes(bytes_at(l.newest, offset + 8), e.data[1]) << 8;
  return (m & ((Mask{1} << e.size) - 1)) << offset;
}

/// True where there are none.
[[nodiscard]] inline bool agrees(const event::Event& e, const Line& l) {
  const std::uint64_t offset = e.address.offset_in(arm::kLineBytes);
  const std::uint64_t first = bytes_at(l.newest, offset) ^ e.data[0];
  if (e.size <= 8) return first << (64 - 8 * e.size) == 0;
  return first == 0 && (bytes_at(l.newest, offset + 8) ^ e.data[1]) << (128 - 8 * e.size) == 0;
}

/// What read() comes to on a line that is calm: nothing is older, and nothing is where the read does not look.
inline bool Judge::Implementation::calm_read(const event::Event& e, Line& l) {
  if (!l.calm || e.path.node != event::kCoherentDomain || !e.path.allocates || initial(e) || !l.may.node[0].live)
    return false;
  if (!agrees(e, l)) return false;
  Mask obliged = bytes_of(e);
  if ((!l.writers.only(e.agent) || (l.raced & obliged) != 0) && !ordered_read(e, l, obliged)) return false;
  if (!l.plain) remember_safe(l, e, Use::Load, obliged);
  l.in_l1 |= std::uint64_t{1} << (e.pe.value & 63U);
  l.filled = {e.agent, e.line, e.cycle, false};
  return true;
}

/// And write(): a newer version in the one node there is.
inline bool Judge::Implementation::calm_write(const event::Event& e, Line& l) {
  MayNode& here = l.may.node[0];
  const Mask bytes = bytes_of(e);
  if (!l.calm || e.path.node != event::kCoherentDomain || !e.path.allocates || initial(e) || e.detail != 0 ||
      e.path.memory != arm::MemoryClass::NormalWB || !here.live || (l.raced & bytes) != 0)
    return false;
  if (!l.writers.only(e.agent) && !ordered_write(e, l, bytes)) return false;
  if (l.instructions) exchange(e, l);
  const Mask same = bytes & ~differing(e, l);
  l.benign = (l.benign & ~bytes) | (same & (~here.only | l.benign));
  here.only |= bytes;
  here.dirty = here.present = true;
  l.may.late &= ~bytes;
  for (SafeRead& r : l.safe_reads) r.bytes &= ~bytes;
  std::memcpy(&l.newest[e.address.offset_in(arm::kLineBytes)], e.data.data(), e.size);
  const WriteRef self = ref_of(e, orders.now(e.agent));
  l.writers.set(bytes, self);
  const Mask p = older_at_unification(l, l.may, l.above_pou);
  l.above_pou |= bytes;
  if (!l.dirtied.empty() && l.dirtied.front().by.agent == e.agent && l.dirtied.front().by.node == self.node)
    l.dirtied.front().by = self;
  else
    remember(l.dirtied, self);
  l.in_l1 |= std::uint64_t{1} << (e.pe.value & 63U);
  l.filled = self.deed();
  if (l.instructions) {
    written(l, bytes);
    spread_to_instructions(l, p);
  }
  ++l.version;
  return true;
}

}  // namespace staleline::judge
