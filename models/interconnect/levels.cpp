// SPDX-License-Identifier: Apache-2.0
// The shared levels above the PoC, memory-side caches, and memory: bytes and time.
#include <algorithm>

#include "home.h"

namespace staleline::interconnect {

using cache::Array;
using cache::LineState;
using event::Kind;

void Interconnect::Implementation::emit(Cycle now, Kind kind, const Level& level, std::uint64_t line, LineState s) {
  if (!wants_events()) return;
  event::Event e;
  e.cycle = now;
  e.kind = kind;
  e.address = {line};
  e.aux = event::CacheRef{level.name, event::kNoPe}.packed();
  e.detail = static_cast<std::uint8_t>(s);
  owner_.events()->emit(e);
}

// The nearest level that holds the line has its newest bytes: dirty lines come down from above.
Cycle Interconnect::Implementation::read_shared(Cycle now, Cycle start, std::uint64_t line, std::uint8_t* to,
                                                bool allocate) {
  ++counters_.lookups;
  Cycle at = start;
  std::size_t found = levels_.size();
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    at += levels_[i].hit_cycles;
    const std::uint32_t slot = levels_[i].array.find(line);
    if (slot == Array::kNoSlot) continue;
    levels_[i].array.touch(slot, line);
    std::memcpy(to, levels_[i].array.data(slot), arm::kLineBytes);
    found = i;
    break;
  }
  if (found == levels_.size()) {
    ++counters_.misses;
    settle_late_of(now, line);
    at = read_memory(at, line, to);
  }
  if (allocate) {
    Cycle accepted = at;
    for (std::size_t i = found; i-- > 0;) accepted = std::max(accepted, write_shared(now, at, i, line, to, false));
    at = accepted;
  }
  return at;
}

Cycle Interconnect::Implementation::write_shared(Cycle now, Cycle at, std::size_t number, std::uint64_t line,
                                                 const std::uint8_t* bytes, bool dirty) {
  if (number == levels_.size()) return write_memory(now, at, line, 0, arm::kLineBytes, bytes).accepted;
  Level& level = levels_[number];
  const LineState state = dirty ? LineState::Modified : LineState::Shared;
  std::uint32_t slot = level.array.find(line);
  if (slot != Array::kNoSlot) {
    level.array.put(slot, line, state, bytes);
    emit(now, Kind::Upgrade, level, line, state);
    return at;
  }
  Cycle accepted = at;
  slot = level.array.victim(line);
  if (level.array.state(slot) == LineState::Modified) {
    emit(now, Kind::WriteBack, level, level.array.line(slot), LineState::Invalid);
    accepted = write_shared(now, at, number + 1, level.array.line(slot), level.array.data(slot), true);
  } else if (level.array.state(slot) != LineState::Invalid) {
    emit(now, Kind::Drop, level, level.array.line(slot), LineState::Invalid);
  }
  level.array.put(slot, line, state, bytes);
  emit(now, Kind::Fill, level, line, state);
  return accepted;
}

Cycle Interconnect::Implementation::clean_shared(Cycle now, Cycle at, std::uint64_t line, const std::uint8_t* dirty) {
  std::array<std::uint8_t, arm::kLineBytes> newest;
  bool to_memory = dirty != nullptr;
  bool known = dirty != nullptr;
  if (known) std::memcpy(newest.data(), dirty, newest.size());
  for (Level& level : levels_) {
    const std::uint32_t slot = level.array.find(line);
    if (slot == Array::kNoSlot) continue;
    if (!known) std::memcpy(newest.data(), level.array.data(slot), newest.size());
    known = true;
    to_memory = to_memory || level.array.state(slot) == LineState::Modified;
  }
  if (!to_memory) {  // nothing overtakes what is on its way to memory
    for (const LateWrite& w : late_)
      if (w.line == line) at = std::max(at, w.due);
    return at;
  }
  for (Level& level : levels_) {
    const std::uint32_t slot = level.array.find(line);
    if (slot == Array::kNoSlot) continue;
    const bool was_dirty = level.array.state(slot) == LineState::Modified;
    std::memcpy(level.array.data(slot), newest.data(), newest.size());
    level.array.set_state(slot, LineState::Shared);
    if (was_dirty) emit(now, Kind::WriteBack, level, line, LineState::Shared);
  }
  if (!parameters_.quirks.clean_completes_early) {
    return write_memory(now, at, line, 0, arm::kLineBytes, newest.data()).done;
  }
  settle_late_of(now, line);
  ++counters_.memory_writes;
  const Cycle done = memory_time(at, line, true).done;
  late_.push_back({done, line, newest});
  late_next_ = std::min(late_next_, done);
  return at;
}

void Interconnect::Implementation::drop_shared(Cycle now, std::uint64_t line) {
  for (Level& level : levels_) {
    const std::uint32_t slot = level.array.find(line);
    if (slot == Array::kNoSlot) continue;
    level.array.remove(slot);
    emit(now, Kind::Invalidate, level, line, LineState::Invalid);
  }
}

std::vector<cache::Level> Interconnect::Implementation::integrated_levels() const {
  std::vector<cache::Level> found;
  for (const Level& level : levels_) {
    if (level.name == event::CacheRef::Level::Shared) found.push_back(level.geometry);
  }
  return found;
}

Cycle Interconnect::Implementation::maintain_levels(Cycle now, Cycle at, const cache::LevelMaintenance& m) {
  std::uint32_t integrated = 0;
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    if (levels_[i].name != event::CacheRef::Level::Shared) continue;
    const bool named = m.shared == cache::LevelMaintenance::kAllLevels || m.shared == integrated;
    ++integrated;
    if (!named) continue;
    const Array& array = levels_[i].array;
    if (!m.whole) {
      const cache::SetWay s = cache::decode_set_way(m.xt, array.sets(), array.ways());
      return s.way < array.ways() ? maintain_slot(now, at, i, m.op, array.slot_of(s.set, s.way)) : at;
    }
    for (std::uint32_t slot = 0; slot < array.slots(); ++slot) at = maintain_slot(now, at + 1, i, m.op, slot);
  }
  return at;
}

Cycle Interconnect::Implementation::maintain_slot(Cycle now, Cycle at, std::size_t number, arm::CacheOp op,
                                                  std::uint32_t slot) {
  Level& level = levels_[number];
  if (level.array.state(slot) == LineState::Invalid) return at;
  const std::uint64_t line = level.array.line(slot);
  const bool keeps = op == arm::CacheOp::DC_CSW;
  const bool writes = op != arm::CacheOp::DC_ISW && level.array.state(slot) == LineState::Modified;
  if (writes) {
    emit(now, Kind::WriteBack, level, line, keeps ? LineState::Shared : LineState::Invalid);
    at = write_shared(now, at, number + 1, line, level.array.data(slot), true);
  }
  if (keeps) {
    if (writes) level.array.set_state(slot, LineState::Shared);
    return at;
  }
  if (!writes) emit(now, Kind::Invalidate, level, line, LineState::Invalid);
  level.array.remove(slot);
  return at;
}

// A write that goes to memory past the caches: with dirty bytes of anybody under it, the shared copies follow.
Cycle Interconnect::Implementation::write_unique(Cycle now, Cycle at, const Message& m, const std::uint8_t* dirty) {
  at = clean_shared(now, at, m.line, dirty);
  for (Level& level : levels_) {
    const std::uint32_t slot = level.array.find(m.line);
    if (slot != Array::kNoSlot) std::memcpy(level.array.data(slot) + m.offset, m.data.data() + m.offset, m.size);
  }
  return write_memory(now, at, m.line, m.offset, m.size, m.data.data() + m.offset).done;
}

// What request(), start() and reply() make of it. A read moves no monitor.
std::optional<Cycle> Interconnect::Implementation::read_at_once(Cycle arrival, arm::PhysAddr address,
                                                                std::span<std::uint8_t> to, Cycle until) {
  if (next() <= arrival || blocked_ != 0 || !is_memory(address.value)) return std::nullopt;
  const std::uint64_t line = address.aligned_down(arm::kLineBytes).value;
  const Cycle at = std::max(arrival, pipeline_free_);
  const Cycle done = memory_read_at(at, line);
  if (done >= until || done + parameters_.link_cycles >= until) return std::nullopt;
  pipeline_free_ = at + parameters_.home_occupancy_cycles;
  ++counters_.requests;
  ++counters_.memory_reads;
  memory_.read(address, to);
  memory_time(at, line, false);
  return done + parameters_.link_cycles;
}

Cycle Interconnect::Implementation::read_memory(Cycle at, std::uint64_t line, std::uint8_t* to) {
  ++counters_.memory_reads;
  memory_.read({line}, {to, arm::kLineBytes});
  return memory_time(at, line, false).done;
}

Interconnect::Implementation::MemoryTime Interconnect::Implementation::write_memory(
    Cycle now, Cycle at, std::uint64_t line, std::uint64_t offset, std::uint64_t bytes, const std::uint8_t* from) {
  ++counters_.memory_writes;
  settle_late_of(now, line);
  put_memory(now, line + offset, bytes, from);
  return memory_time(at, line, true);
}

void Interconnect::Implementation::put_memory(Cycle now, std::uint64_t address, std::uint64_t bytes,
                                              const std::uint8_t* from) {
  memory_.write({address}, {from, bytes});
  if (!wants_events()) return;
  constexpr std::uint64_t kPiece = 16;
  for (std::uint64_t done = 0; done < bytes; done += kPiece) {
    event::Event e;
    e.cycle = now;
    e.kind = Kind::MemoryWrite;
    e.address = {address + done};
    e.size = static_cast<std::uint8_t>(std::min(kPiece, bytes - done));
    std::memcpy(e.data.data(), from + done, e.size);
    owner_.events()->emit(e);
  }
}

void Interconnect::Implementation::settle_late(Cycle now) {
  late_next_ = engine::kNever;
  std::erase_if(late_, [&](const LateWrite& w) {
    if (w.due > now) {
      late_next_ = std::min(late_next_, w.due);
      return false;
    }
    put_memory(now, w.line, arm::kLineBytes, w.bytes.data());
    return true;
  });
}

void Interconnect::Implementation::settle_late_of(Cycle now, std::uint64_t line) {
  if (late_.empty()) return;
  for (LateWrite& w : late_) {
    if (w.line == line) w.due = now;
  }
  settle_late(now);
}

// A memory-side cache holds what memory holds, so only its tags and its time matter.
Interconnect::Implementation::MemoryTime Interconnect::Implementation::cached_memory_time(Cycle at, std::uint64_t line,
                                                                                          bool write) {
  Cycle done = at, accepted = at;
  std::size_t found = 0;
  for (; found < memory_side_.size(); ++found) {
    Level& level = memory_side_[found];
    done += level.hit_cycles;
    const std::uint32_t slot = level.array.find(line);
    if (slot == Array::kNoSlot) continue;
    level.array.touch(slot, line);
    if (write) level.array.set_state(slot, LineState::Modified);
    break;
  }
  if (found == memory_side_.size()) {
    const MemoryTime t = dram_time(done, line, write);
    done = t.done;
    accepted = t.accepted;
  }
  for (std::size_t i = found; i-- > 0;) {
    Level& level = memory_side_[i];
    const std::uint32_t slot = level.array.victim(line);
    if (level.array.state(slot) == LineState::Modified) {
      accepted = std::max(accepted, dram_.accepted(done, level.array.line(slot)));
      dram_.access(done, level.array.line(slot));
    }
    level.array.put(slot, line, write && i == 0 ? LineState::Modified : LineState::Shared, nullptr);
  }
  return {.done = std::max(done, accepted), .accepted = accepted};
}

}  // namespace staleline::interconnect
