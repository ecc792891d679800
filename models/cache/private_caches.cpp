// SPDX-License-Identifier: Apache-2.0
// The public face of a PE's caches, and the backdoors.
#include "staleline/cache/private_caches.h"

#include <cassert>
#include <stdexcept>

#include "private_side.h"
#include "staleline/interconnect/interconnect.h"

namespace staleline::cache {

using event::CacheRef;

PrivateCaches::Implementation::Implementation(event::PeId pe_id, const Parameters& p, engine::Component& o, Home& h,
                                              Client& c)
    : pe(pe_id),
      parameters(p),
      owner(o),
      home(h),
      client(c),
      timing(h.timing()),
      idc(h.idc()),
      dic(h.dic()),
      quirks(h.quirks()),
      port(h.attach(pe_id, *this, p.l2.bytes != 0)),
      l1i(p.l1i, p.seed * 3 + pe_id.value * 1009U),
      l1d(p.l1d, p.seed * 5 + pe_id.value * 1013U),
      l2(p.l2, p.seed * 7 + pe_id.value * 1019U),
      data_lookup(p.l2.bytes != 0 ? p.l2.hit_cycles : p.l1d.hit_cycles),
      instruction_lookup(p.l2.bytes != 0 ? p.l2.hit_cycles : p.l1i.hit_cycles) {
  if (parameters.write_back_entries == 0) parameters.write_back_entries = 1;
  if (!l1d.present()) throw std::invalid_argument("a PE has an L1D");
  if (p.vipt && l1i.present()) {
    const std::uint64_t way_bytes = l1i.sets() * arm::kLineBytes;
    if (way_bytes > std::uint64_t{1} << 20) throw std::invalid_argument("a way of a VIPT L1I has at most 1 MiB");
    alias_mask = (way_bytes - 1) >> kPageShift << kPageShift;
  }
  describe_levels();
}

void PrivateCaches::Implementation::copies(std::uint64_t line, std::vector<Copy>& to) const {
  const auto add = [&](const Array& array, CacheRef::Level level) {
    if (!array.present()) return;
    const std::uint32_t slot = array.find(line);
    if (slot == Array::kNoSlot) return;
    to.push_back({{level, pe}, array.state(slot) == LineState::Modified, array.data(slot)});
  };
  for (std::uint16_t i = 0; l1i.present() && i < aliases(); ++i) {
    const std::uint32_t slot = l1i.find(l1i_key(line, i));
    if (slot != Array::kNoSlot) to.push_back({{CacheRef::Level::L1I, pe}, false, l1i.data(slot)});
  }
  add(l1d, CacheRef::Level::L1D);
  add(l2, CacheRef::Level::L2);
  for (const WriteBack& w : write_backs) {
    if (w.line == line && w.state == LineState::WriteBackModified) {
      to.push_back({{outer_level(), pe}, true, w.bytes.data()});
    }
  }
}

bool PrivateCaches::Implementation::surrender(std::uint64_t line, std::uint8_t* bytes) {
  const std::uint32_t slot = outer().find(line);
  if (slot == Array::kNoSlot) return false;
  const bool dirty = state_of(slot) == LineState::Modified;
  if (dirty) std::memcpy(bytes, newest(slot), arm::kLineBytes);
  if (l2.present()) drop(0, l1d, CacheRef::Level::L1D, line, event::Kind::Invalidate);
  drop(0, outer(), outer_level(), line, event::Kind::Invalidate);
  return dirty;
}

void PrivateCaches::Implementation::preload(std::uint64_t line, const std::uint8_t* bytes, bool dirty) {
  home.place(pe, line, dirty);
  const std::uint32_t slot = outer().victim(line);
  if (outer().state(slot) != LineState::Invalid) {
    const std::uint64_t leaving = outer().line(slot);
    std::array<std::uint8_t, arm::kLineBytes> old;
    const bool was_dirty = surrender(leaving, old.data());
    home.give_back(pe, leaving, was_dirty ? old.data() : nullptr);
  }
  const LineState s = dirty ? LineState::Modified : LineState::Shared;
  outer().put(slot, line, s, bytes);
  emit(0, event::Kind::Fill, outer_level(), line, s);
}

PrivateCaches::PrivateCaches(event::PeId pe, const Parameters& parameters, engine::Component& owner,
                             interconnect::Interconnect& interconnect, Client& client)
    : implementation_(std::make_unique<Implementation>(pe, parameters, owner, interconnect.home(), client)),
      next_(&implementation_->inbox.next()),
      sent_(&implementation_->sequence) {}
PrivateCaches::~PrivateCaches() = default;

std::optional<Cycle> PrivateCaches::access(Cycle now, Request& r) { return implementation_->access(now, r); }
const std::uint8_t* PrivateCaches::fetched_at_once(arm::PhysAddr address, event::Path path) {
  return implementation_->fetched_at_once(address, path);
}
const std::uint8_t* PrivateCaches::loaded_at_once(arm::PhysAddr address, event::Path path) {
  return implementation_->loaded_at_once(address, path);
}
std::optional<Cycle> PrivateCaches::answered_at_once(Cycle now, Request& r, Cycle until) {
  return implementation_->answered_at_once(now, r, until);
}
void PrivateCaches::answer_tlb_maintenance(Cycle now, std::uint32_t ticket) {
  implementation_->answer_tlb_maintenance(now, ticket);
}
void PrivateCaches::power_off(Cycle now) { implementation_->power_off(now); }
void PrivateCaches::power_on(Cycle) { implementation_->off = false; }
bool PrivateCaches::powered() const { return !implementation_->off; }
void PrivateCaches::monitor(arm::PhysAddr line) {
  implementation_->monitored = line.aligned_down(arm::kLineBytes).value;
}
bool PrivateCaches::monitors(arm::PhysAddr line) const {
  return implementation_->monitored == line.aligned_down(arm::kLineBytes).value;
}
void PrivateCaches::clear_monitor() { implementation_->monitored = Implementation::kNoLine; }
void PrivateCaches::deliver(Cycle now) { implementation_->deliver(now); }
std::size_t PrivateCaches::outstanding() const { return implementation_->taken; }
const PrivateCaches::Counters& PrivateCaches::counters() const { return implementation_->counters; }

void PrivateCaches::preload(arm::PhysAddr line, std::span<const std::uint8_t, arm::kLineBytes> bytes, bool dirty) {
  assert(line.offset_in(arm::kLineBytes) == 0);
  implementation_->preload(line.value, bytes.data(), dirty);
}

}  // namespace staleline::cache
