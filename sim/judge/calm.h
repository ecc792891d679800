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

/// True where the access is to eight aligned bytes: most are.
[[nodiscard]] inline bool is_granule(const event::Event& e) { return e.size == 8 && e.address.value % 8 == 0; }
[[nodiscard]] inline std::uint64_t granule_at(const std::array<std::uint8_t, 64>& line, std::uint64_t offset) {
  std::uint64_t word = 0;
  std::memcpy(&word, &line[offset], 8);
  return word;
}

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
  if (is_granule(e)) return differing_bytes(granule_at(l.newest, offset), e.data[0]) << offset;
  Mask m = differing_bytes(bytes_at(l.newest, offset), e.data[0]);
  if (e.size > 8) m |= differing_bytes(bytes_at(l.newest, offset + 8), e.data[1]) << 8;
  return (m & ((Mask{1} << e.size) - 1)) << offset;
}

/// True where there are none.
[[nodiscard]] inline bool agrees(const event::Event& e, const Line& l) {
  const std::uint64_t offset = e.address.offset_in(arm::kLineBytes);
  if (is_granule(e)) return granule_at(l.newest, offset) == e.data[0];
  const std::uint64_t first = bytes_at(l.newest, offset) ^ e.data[0];
  if (e.size <= 8) return first << (64 - 8 * e.size) == 0;
  return first == 0 && (bytes_at(l.newest, offset + 8) ^ e.data[1]) << (128 - 8 * e.size) == 0;
}

/// An access by way of node 0 to a line where all is coherent.
[[nodiscard]] inline bool is_calm(const event::Event& e, const Line& l) {
  return l.calm && e.path.node == event::kCoherentDomain && e.path.allocates && !initial(e);
}

/// What read() comes to on a line that is calm: nothing is older, and nothing is where the read does not look.
[[gnu::always_inline]] inline bool Judge::Implementation::calm_read(const event::Event& e, Line& l) {
  if (!is_calm(e, l) || !agrees(e, l)) return false;
  if ((!l.plain || !l.writers.only(e.agent)) && !calm_read_of_several(e, l)) return false;
  l.in_l1 |= std::uint64_t{1} << (e.pe.value & 63U);
  l.filled = {e.agent, e.line, e.cycle, false};
  return true;
}

/// And write(): a newer version in the one node there is.
inline bool Judge::Implementation::calm_write(const event::Event& e, Line& l) {
  if (!is_calm(e, l) || e.detail != 0 || e.path.memory != arm::MemoryClass::NormalWB) return false;
  if (!l.plain || !is_granule(e) || !l.writers.only(e.agent)) return calm_write_of_several(e, l);
  const std::uint64_t offset = e.address.offset_in(arm::kLineBytes);
  const Mask bytes = Mask{0xff} << offset;
  MayNode& here = l.may.node[0];
  const Mask newly = bytes & (~here.only | l.benign);  // what was only here has no older copy that could be equal
  l.benign &= ~bytes;
  if (newly != 0) l.benign |= newly & ~(differing_bytes(granule_at(l.newest, offset), e.data[0]) << offset);
  std::memcpy(&l.newest[offset], e.data.data(), 8);
  here.only |= bytes;
  here.dirty = here.present = true;
  note_calm_write(e, l, bytes, l.writers.set_own(offset / 8, ref_of(e, orders.now(e.agent))));
  return true;
}

inline void Judge::Implementation::note_calm_write(const event::Event& e, Line& l, Mask bytes, const WriteRef& self) {
  l.in_l1 |= std::uint64_t{1} << (e.pe.value & 63U);
  l.filled = {e.agent, e.line, e.cycle, false};
  l.above_pou |= bytes;
  for (SafeRead& r : l.safe_reads) r.bytes &= ~bytes;
  if (!l.dirtied.empty() && l.dirtied.front().by.agent == e.agent && l.dirtied.front().by.node == self.node)
    l.dirtied.front().by = self;
  else
    remember(l.dirtied, self);
  ++l.version;
}

}  // namespace staleline::judge
