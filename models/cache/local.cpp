// SPDX-License-Identifier: Apache-2.0
// What is served inside the PE, and lines that come to and go from its arrays.
#include <cassert>

#include "private_side.h"

namespace staleline::cache {

using event::CacheRef;
using event::Kind;
using Op = Request::Op;
using protocol::LineAction;
using protocol::LineEvent;

LineState PrivateCaches::Implementation::state_of(std::uint32_t outer_slot) const {
  const LineState s = outer().state(outer_slot);
  if (s != LineState::Exclusive || !l2.present()) return s;
  const std::uint32_t inner = l1d.find(l2.line(outer_slot));
  return inner != Array::kNoSlot && l1d.state(inner) == LineState::Modified ? LineState::Modified : s;
}

const std::uint8_t* PrivateCaches::Implementation::newest(std::uint32_t outer_slot) const {
  if (l2.present()) {
    const std::uint32_t inner = l1d.find(l2.line(outer_slot));
    if (inner != Array::kNoSlot && l1d.state(inner) == LineState::Modified) return l1d.data(inner);
  }
  return outer().data(outer_slot);
}

// Nothing if the request has to leave the PE.
std::optional<Cycle> PrivateCaches::Implementation::local(Cycle now, Request& r, std::uint64_t line) {
  switch (r.op) {
    case Op::Fetch:
    case Op::PrefetchInstruction:
      return local_fetch(now, r, line);
    case Op::Maintenance:
      if (r.maintenance == arm::CacheOp::IC_IALLU) {
        invalidate_instructions(now);
        return parameters.l1i.hit_cycles;
      }
      if (!is_zva(r)) return std::nullopt;
      break;
    case Op::Evict:
    case Op::TlbMaintenance:
    case Op::PowerOffShared:
      return std::nullopt;
    default:
      break;
  }
  if (!looks_up(r)) return std::nullopt;
  const bool store = is_store(r);
  if (store && r.path.memory == arm::MemoryClass::NormalWT) return std::nullopt;
  const std::uint32_t outer_slot = outer().find(line);
  if (outer_slot == Array::kNoSlot) return std::nullopt;
  const auto step = protocol::step(state_of(outer_slot), store ? LineEvent::Store : LineEvent::Load);
  if (step.action != LineAction::Hit) return std::nullopt;

  Cycle latency = parameters.l1d.hit_cycles;
  std::uint32_t slot = outer_slot;
  if (l2.present()) {
    slot = l1d.find(line);
    if (slot == Array::kNoSlot) {
      latency = parameters.l2.hit_cycles;
      l2.touch(outer_slot, line);
      const bool shared = protocol::holds_of(l2.state(outer_slot)) == protocol::Holds::Shared;
      slot = fill_l1d(now, line, l2.data(outer_slot), shared ? LineState::Shared : LineState::Exclusive);
    }
  }
  l1d.touch(slot, line);
  if (store) {
    if (l1d.state(slot) != LineState::Modified) {
      l1d.set_state(slot, LineState::Modified);
      emit(now, Kind::Upgrade, CacheRef::Level::L1D, line, LineState::Modified);
    }
    if (r.op == Op::Atomic) {
      r.modifier->modify({l1d.data(slot) + r.address.offset_in(arm::kLineBytes), r.size});
    } else {
      write_bytes(r, l1d.data(slot));
    }
  } else if (r.op != Op::Prefetch) {
    read_bytes(r, l1d.data(slot));
  }
  return latency;
}

// The L1I, then the private unified cache: its own bytes, which may be older than those of the L1D.
std::optional<Cycle> PrivateCaches::Implementation::local_fetch(Cycle now, Request& r, std::uint64_t line) {
  if (!looks_up(r)) return std::nullopt;
  if (l1i.present()) {
    const std::uint64_t key = l1i_key(line, r.virtual_index);
    const std::uint32_t slot = l1i.find(key);
    if (slot != Array::kNoSlot) {
      l1i.touch(slot, key);
      read_bytes(r, l1i.data(slot));
      return parameters.l1i.hit_cycles;
    }
  }
  if (!l2.present() || dic) return std::nullopt;
  if (idc) collect(now, line);
  const std::uint32_t slot = l2.find(line);
  if (slot == Array::kNoSlot) return std::nullopt;
  l2.touch(slot, line);
  if (r.path.allocates) fill_l1i(now, line, r.virtual_index, l2.data(slot));
  read_bytes(r, l2.data(slot));
  return parameters.l2.hit_cycles;
}

std::uint32_t PrivateCaches::Implementation::fill_l1d(Cycle now, std::uint64_t line, const std::uint8_t* bytes,
                                                      LineState s) {
  const std::uint32_t slot = l1d.victim(line);
  if (l1d.state(slot) != LineState::Invalid) {
    const std::uint64_t leaving = l1d.line(slot);
    const bool dirty = l1d.state(slot) == LineState::Modified;
    collect(now, leaving);
    l1d.remove(slot);
    if (!dirty) emit(now, Kind::Drop, CacheRef::Level::L1D, leaving, LineState::Invalid);
    if (dirty) emit(now, Kind::Invalidate, CacheRef::Level::L1D, leaving, LineState::Invalid);
  }
  l1d.put(slot, line, s, bytes);
  emit(now, Kind::Fill, CacheRef::Level::L1D, line, s);
  return slot;
}

void PrivateCaches::Implementation::fill_l1i(Cycle now, std::uint64_t line, std::uint16_t virtual_index,
                                             const std::uint8_t* bytes) {
  if (!l1i.present() || off) return;
  const std::uint64_t key = l1i_key(line, virtual_index);
  std::uint32_t slot = l1i.find(key);
  if (slot == Array::kNoSlot) {
    slot = l1i.victim(key);
    if (l1i.state(slot) != LineState::Invalid) {
      emit(now, Kind::Drop, CacheRef::Level::L1I, line_of_l1i_key(l1i.line(slot)), LineState::Invalid);
    }
  }
  l1i.put(slot, key, LineState::Shared, bytes);
  emit(now, Kind::Fill, CacheRef::Level::L1I, line, LineState::Shared);
}

void PrivateCaches::Implementation::install(Cycle now, std::uint64_t line, const std::uint8_t* bytes, LineState s) {
  const std::uint32_t slot = outer().victim(line);
  assert(slot != Array::kNoSlot);
  if (outer().state(slot) != LineState::Invalid) evict(now, slot, false);
  outer().put(slot, line, s, bytes);
  ++counters.fills;
  emit(now, Kind::Fill, outer_level(), line, s);
  if (!l2.present()) return;
  ++counters.l2_misses;
  fill_l1d(now, line, bytes, s == LineState::Shared ? s : LineState::Exclusive);
}

void PrivateCaches::Implementation::collect(Cycle now, std::uint64_t line) {
  if (!l2.present()) return;
  const std::uint32_t inner = l1d.find(line);
  if (inner == Array::kNoSlot || l1d.state(inner) != LineState::Modified) return;
  const std::uint32_t slot = l2.find(line);
  assert(slot != Array::kNoSlot);  // the L2 is inclusive of the L1D
  std::memcpy(l2.data(slot), l1d.data(inner), arm::kLineBytes);
  l1d.set_state(inner, LineState::Exclusive);
  emit(now, Kind::WriteBack, CacheRef::Level::L1D, line, LineState::Exclusive);
  if (l2.state(slot) != LineState::Modified) {
    l2.set_state(slot, LineState::Modified);
    emit(now, Kind::Upgrade, CacheRef::Level::L2, line, LineState::Modified);
  }
}

// The line leaves this PE: a clean one with a note, a dirty one through the write-back buffer.
void PrivateCaches::Implementation::evict(Cycle now, std::uint32_t outer_slot, bool on_purpose) {
  const std::uint64_t line = outer().line(outer_slot);
  if (line == monitored) monitored = kNoLine;
  if (l2.present()) {
    collect(now, line);
    drop(now, l1d, CacheRef::Level::L1D, line, Kind::Drop);
  }
  const auto step = protocol::step(outer().state(outer_slot), LineEvent::Evict);
  if (step.action == LineAction::SendWriteBack) {
    WriteBack& w = write_backs.emplace_back();
    w.line = line;
    w.state = step.next;
    w.on_purpose = on_purpose;
    if (on_purpose) ++taken;
    ++places_taken;
    std::memcpy(w.bytes.data(), outer().data(outer_slot), arm::kLineBytes);
    Message& m = request(now, protocol::Request::WriteBackFull, line, kNone);
    m.has_data = true;
    m.data = w.bytes;
    ++counters.write_backs;
    emit(now, Kind::WriteBack, outer_level(), line, LineState::Invalid);
  } else {
    assert(step.action == LineAction::SendEvict);
    request(now, protocol::Request::Evict, line, kNone);
    emit(now, Kind::Drop, outer_level(), line, LineState::Invalid);
  }
  outer().remove(outer_slot);
}

void PrivateCaches::Implementation::evict_everywhere(Cycle now, std::uint64_t line) {
  drop_instructions(now, line, Kind::Drop);
  const std::uint32_t slot = outer().find(line);
  if (slot != Array::kNoSlot) evict(now, slot, true);
}

void PrivateCaches::Implementation::drop(Cycle now, Array& array, CacheRef::Level level, std::uint64_t line,
                                         Kind kind) {
  if (!array.present()) return;
  const std::uint32_t slot = array.find(line);
  if (slot == Array::kNoSlot) return;
  if (line == monitored) monitored = kNoLine;
  array.remove(slot);
  emit(now, kind, level, line, LineState::Invalid);
}

void PrivateCaches::Implementation::drop_instruction(Cycle now, std::uint64_t line, std::uint16_t virtual_index,
                                                     Kind kind) {
  if (!l1i.present()) return;
  const std::uint32_t slot = l1i.find(l1i_key(line, virtual_index));
  if (slot == Array::kNoSlot) return;
  l1i.remove(slot);
  emit(now, kind, CacheRef::Level::L1I, line, LineState::Invalid);
}

void PrivateCaches::Implementation::drop_instructions(Cycle now, std::uint64_t line, Kind kind) {
  for (std::uint16_t i = 0; i < aliases(); ++i) drop_instruction(now, line, i, kind);
}

void PrivateCaches::Implementation::invalidate_instructions(Cycle now) {
  for (std::uint32_t slot = 0; slot < l1i.slots(); ++slot) {
    if (l1i.state(slot) == LineState::Invalid) continue;
    emit(now, Kind::Invalidate, CacheRef::Level::L1I, line_of_l1i_key(l1i.line(slot)), LineState::Invalid);
    l1i.remove(slot);
  }
  for (Pending& p : pendings) {
    if (p.under == Under::Instruction) p.poisoned = true;
  }
}

void PrivateCaches::Implementation::update_copies(const Request& r) {
  const std::uint32_t slot = outer().find(line_of(r));
  if (slot == Array::kNoSlot) return;
  std::array<std::uint8_t, arm::kLineBytes> bytes;
  std::memcpy(bytes.data(), outer().data(slot), bytes.size());
  write_bytes(r, bytes.data());
  update_copies(line_of(r), bytes.data());
}

void PrivateCaches::Implementation::update_copies(std::uint64_t line, const std::uint8_t* bytes) {
  const std::uint32_t slot = outer().find(line);
  if (slot == Array::kNoSlot) return;
  assert(outer().state(slot) == LineState::Shared);
  std::memcpy(outer().data(slot), bytes, arm::kLineBytes);
  if (!l2.present()) return;
  const std::uint32_t inner = l1d.find(line);
  if (inner != Array::kNoSlot) std::memcpy(l1d.data(inner), bytes, arm::kLineBytes);
}

PrivateCaches::Implementation::WriteBack* PrivateCaches::Implementation::find_write_back(std::uint64_t line) {
  for (WriteBack& w : write_backs) {
    if (w.line == line) return &w;
  }
  return nullptr;
}

}  // namespace staleline::cache
