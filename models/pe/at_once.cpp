// SPDX-License-Identifier: Apache-2.0
// The short way of what most actions are: fetches and plain accesses by a translation that was used of late, which the
// first level caches or the store buffer serve, or memory where nobody else is awake. Whatever else there is to an
// access takes the way of perform().
#include <cstring>

#include "core.h"

namespace staleline::pe {

namespace {

using What = Action::What;

constexpr std::uint8_t kFetchBytes = 16;

/// The 1, 2, 4, 8 or 16 bytes of an access, zeros above them.
std::array<std::uint64_t, 2> bytes_of(const std::uint8_t* from, std::uint64_t size) {
  std::array<std::uint64_t, 2> bytes{};
  switch (size) {
    case 1:
      bytes[0] = *from;
      break;
    case 2:
      std::memcpy(bytes.data(), from, 2);
      break;
    case 4:
      std::memcpy(bytes.data(), from, 4);
      break;
    case 8:
      std::memcpy(bytes.data(), from, 8);
      break;
    default:
      std::memcpy(bytes.data(), from, 16);
      break;
  }
  return bytes;
}

}  // namespace

bool Pe::Core::is_plain(const Thread& t) const {
  return parameters_.at_once && t.context.tables && !t.unsynchronised && !t.illegal_state && !t.resumes_on &&
         !t.parked && !t.context.abort && !walk_ && t.progress == 0 && t.system.el() != 0 && caches_.powered() &&
         now_ < board_.off();
}

bool Pe::Core::at_once(Thread& t) {
  switch (t.sequencer.action().what) {
    case What::InstructionFetch:
      return fetch_at_once(t);
    case What::Load:
      return load_at_once(t);
    case What::Store:
      return store_at_once(t);
    default:
      return false;
  }
}

[[gnu::always_inline]] inline event::Event& Pe::Core::add_access(const Thread& t, event::Kind kind,
                                                                 const mmu::Mmu::Recent& by, arm::PhysAddr address) {
  event::Event& e = pe_.events()->add();
  e.cycle = now_;
  e.agent = t.context.agent;
  e.pe = parameters_.pe;
  e.line = t.sequencer.action().line;
  e.kind = kind;
  e.address = address;
  e.path = by.path;
  e.entry = by.entry;
  return e;
}

[[gnu::always_inline]] inline void Pe::Core::fetched(Thread& t, const mmu::Mmu::Recent& by, arm::PhysAddr address,
                                                     const std::uint8_t* bytes, Cycle latency) {
  const auto extent = t.sequencer.supply(std::span<const std::uint8_t, 16>(bytes, 16));
  if (pe_.events() != nullptr) {
    event::Event& e = add_access(t, event::Kind::Fetch, by, address + extent.begin);
    e.size = static_cast<std::uint8_t>(extent.end - extent.begin);
    std::memcpy(e.data.data(), bytes + extent.begin, e.size);
  }
  entry_ = by.entry;
  t.sequencer.go_on();
  ready_at_ = now_ + latency + t.sequencer.computed();
  if (t.sequencer.ended()) end(t);
}

bool Pe::Core::fetch_at_once(Thread& t) {
  const arm::VirtAddr va = t.sequencer.action().address;
  const mmu::Mmu::Recent* const by = mmu_.find_recent(va, arm::AccessRequest::Kind::Fetch);
  if (by == nullptr || parameters_.caches.vipt) return false;
  const arm::PhysAddr address = by->address_of(va);
  if (by->path.node == event::kNoNode) {
    cache::Request r{.op = cache::Request::Op::Fetch, .size = kFetchBytes, .path = by->path, .address = address};
    if (!answered_at_once(r)) return false;
    fetched(t, *by, address, reinterpret_cast<const std::uint8_t*>(r.data.data()), 0);
    return true;
  }
  if (by->entry == 0) return false;  // its line may have to be announced
  const std::uint8_t* const bytes = caches_.fetched_at_once(address, by->path);
  if (bytes == nullptr) return false;
  fetched(t, *by, address, bytes, parameters_.caches.l1i.hit_cycles);
  return true;
}

[[gnu::always_inline]] inline const mmu::Mmu::Recent* Pe::Core::plain_translation(const Thread& t,
                                                                                  arm::AccessRequest::Kind kind) const {
  const Action& a = t.sequencer.action();
  if (!a.plain || a.address.offset_in(arm::kLineBytes) + a.bytes > arm::kLineBytes) return nullptr;
  if (t.checks_alignment && (a.address.value & (std::uint64_t{a.alignment} - 1)) != 0) return nullptr;
  return mmu_.find_recent(a.address, kind);
}

[[gnu::always_inline]] inline void Pe::Core::loaded(Thread& t, const mmu::Mmu::Recent& by, arm::PhysAddr address,
                                                    const std::array<std::uint64_t, 2>& bytes, Cycle latency) {
  if (pe_.events() != nullptr) {
    event::Event& e = add_access(t, event::Kind::Read, by, address);
    e.size = static_cast<std::uint8_t>(t.sequencer.action().bytes);
    e.data = bytes;
  }
  entry_ = by.entry;
  ++counts_.loads;
  std::memcpy(t.response.data(), bytes.data(), 16);
  t.response_from = address;
  ready_at_ = now_ + latency;
  finish(t);
}

bool Pe::Core::load_at_once(Thread& t) {
  const Action& a = t.sequencer.action();
  const mmu::Mmu::Recent* const by = plain_translation(t, arm::AccessRequest::Kind::Read);
  if (by == nullptr) return false;
  const arm::PhysAddr address = by->address_of(a.address);
  if (by->path.node == event::kNoNode) {
    // Of Device memory each element is an access, in order with the stores.
    if (a.bytes != a.alignment || a.address.value % a.bytes != 0 || !stores_.empty()) return false;
    cache::Request r{.size = static_cast<std::uint8_t>(a.bytes), .path = by->path, .address = address};
    if (!answered_at_once(r)) return false;
    loaded(t, *by, address, r.data, 0);
    return true;
  }
  if (!arm::is_cacheable(by->path.memory) || stores_.holds_line(address)) return false;
  const std::uint8_t* const from = caches_.loaded_at_once(address, by->path);
  if (from == nullptr) return false;
  loaded(t, *by, address, bytes_of(from, a.bytes), parameters_.caches.l1d.hit_cycles);
  return true;
}

bool Pe::Core::store_at_once(Thread& t) {
  if (!parameters_.doorbells.empty() || parameters_.tells_undivided) return false;
  const Action& a = t.sequencer.action();
  const mmu::Mmu::Recent* const by = plain_translation(t, arm::AccessRequest::Kind::Write);
  if (by == nullptr || !arm::is_cacheable(by->path.memory)) return false;
  const arm::PhysAddr address = by->address_of(a.address);
  if (!stores_.put(now_, address, std::span(a.data).first(a.bytes), by->path, false, t.context.agent)) return false;
  if (pe_.events() != nullptr) {
    event::Event& e = add_access(t, event::Kind::Write, *by, address);
    e.size = static_cast<std::uint8_t>(a.bytes);
    e.data = bytes_of(a.data.data(), a.bytes);
  }
  entry_ = by->entry;
  ++counts_.stores;
  ready_at_ = now_ + 1;
  finish(t);
  return true;
}

}  // namespace staleline::pe
