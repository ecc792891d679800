// SPDX-License-Identifier: Apache-2.0
// The judge's short paths: an access to a calm line that leaves nothing to say, and a fetch that was made before. It is
// most of what a program does, so they stand where on_event() can take them in.
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

/// The bytes of the store `e` become those of `line`.
inline void set_bytes(std::array<std::uint8_t, 64>& line, const event::Event& e) {
  std::uint8_t* const at = &line[e.address.offset_in(arm::kLineBytes)];
  switch (e.size) {  // without a call where most are
    case 4:
      std::memcpy(at, e.data.data(), 4);
      break;
    case 16:
      std::memcpy(at, e.data.data(), 16);
      break;
    default:
      std::memcpy(at, e.data.data(), e.size);
  }
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

[[gnu::always_inline]] inline bool Judge::Implementation::fetched_alike(const event::Event& e) {
  FetchMemo::Entry& f = fetched_.at(e.address);
  if (!f.is(e) || f.version != f.line->version || f.fetch_version != orders.fetch_version(e.agent)) return false;
  const std::uint64_t stamp = translations.stamp(e.agent);
  if (f.stamp != stamp && e.entry != 0 && !translations.settled(e)) return false;
  f.stamp = stamp;
  return true;
}

inline Mask Judge::Implementation::older_at_unification(const Line& l, const MayState& v, Mask above_pou) const {
  if (l.instructions == nullptr) return 0;
  return v.lost | v.node[0].older | v.only_outside(just(0)) | (parameters.pou_above_poc ? above_pou : 0);
}

inline void Judge::Implementation::spread_to_instructions(Line& l, Mask before) {
  rise_at_unification(l, older_at_unification(l, l.may, l.above_pou) & ~before);
}

inline void Judge::Implementation::rise_at_unification(Line& l, Mask rose) {
  if (rose == 0) return;
  for (auto& cache : l.instructions->caches)
    if (cache.live) cache.older |= rose;
  for (InstructionClear& c : l.instructions->clears) c.older &= ~rose;
}

inline void Judge::Implementation::written(Line& l, Mask bytes) {
  for (auto& cache : l.instructions->caches)
    if (cache.present || cache.older != 0)
      cache.older = (cache.older & ~bytes) | (cache.present && !parameters.dic ? bytes : 0);
  auto& clears = l.instructions->clears;
  if (clears.empty()) return;
  for (InstructionClear& c : clears) c.older &= ~bytes;
  std::erase_if(clears, [](const InstructionClear& c) { return c.older == 0; });
}

/// What read() comes to on a line that is calm: nothing is older, and nothing is where the read does not look.
[[gnu::always_inline]] inline bool Judge::Implementation::calm_read(const event::Event& e, Line& l) {
  if (!is_calm(e, l)) return calm_read_below(e, l);
  if (!agrees(e, l)) return false;
  const bool own = l.writers.only(e.agent) && (l.plain || (parameters.agents == 1 && l.raced == 0));
  if (!own && !calm_read_of_several(e, l)) return false;
  l.in_l1 |= std::uint64_t{1} << (e.pe.value & 63U);
  l.filled = {e.agent, e.line, e.cycle, false};
  return true;
}

/// False where no word that `e` writes may be one of the instructions that exchange() is about: B and BL, and those
/// that generate exceptions, hints and barriers.
[[nodiscard]] inline bool may_exchange(const event::Event& e) {
  const auto has_zero = [](std::uint64_t words) {
    return ((words - 0x0000'0001'0000'0001) & ~words & 0x8000'0000'8000'0000) != 0;
  };
  const auto may = [&](std::uint64_t words) {
    return has_zero((words ^ 0x1400'0000'1400'0000) & 0x7c00'0000'7c00'0000) ||
           has_zero((words ^ 0xd400'0000'd400'0000) & 0xfe00'0000'fe00'0000);
  };
  return e.address.value % 4 != 0 || may(e.data[0]) || (e.size > 8 && may(e.data[1]));
}

/// What the store `e` does to the instruction side of its line.
inline void Judge::Implementation::calm_overwrite(const event::Event& e, Line& l, Mask bytes) {
  if (!l.instructions->exchanged.empty() || may_exchange(e)) exchange(e, l);
  written(l, bytes);
  if (parameters.pou_above_poc) rise_at_unification(l, bytes & ~l.above_pou);  // of a calm line that is all
}

/// And write(): a newer version in the one node there is.
inline bool Judge::Implementation::calm_write(const event::Event& e, Line& l) {
  if (!is_calm(e, l) || e.detail != 0 || e.path.memory != arm::MemoryClass::NormalWB) return false;
  const Mask bytes = bytes_of(e);
  if (const bool own = l.writers.only(e.agent); !own || !l.plain) {
    if ((!own || l.raced != 0) && !after_all_writers(e, l)) return false;
    if (l.instructions != nullptr) calm_overwrite(e, l, bytes);
  }
  const std::uint64_t offset = e.address.offset_in(arm::kLineBytes);
  MayNode& here = l.may.node[0];
  const Mask newly = bytes & (~here.only | l.benign);  // what was only here has no older copy that could be equal
  l.benign &= ~bytes;
  if (newly != 0) l.benign |= newly & ~differing(e, l);
  here.only |= bytes;
  here.dirty = here.present = true;
  const WriteRef self = ref_of(e, orders.now(e.agent));
  if (is_granule(e)) {
    std::memcpy(&l.newest[offset], e.data.data(), 8);
    l.writers.set_granule(offset / 8, self);
  } else {
    set_bytes(l.newest, e);
    l.writers.set(bytes, self);
  }
  l.in_l1 |= std::uint64_t{1} << (e.pe.value & 63U);
  l.filled = {e.agent, e.line, e.cycle, false};
  l.above_pou |= bytes;
  for (SafeRead& r : l.safe_reads) r.bytes &= ~bytes;
  if (!l.dirtied.empty() && l.dirtied.front().by.agent == e.agent && l.dirtied.front().by.node == self.node)
    l.dirtied.front().by = self;
  else
    remember(l.dirtied, self);
  ++l.version;
  return true;
}

}  // namespace staleline::judge
