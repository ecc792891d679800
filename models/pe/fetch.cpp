// SPDX-License-Identifier: Apache-2.0
// Instructions that were fetched.
#include <algorithm>
#include <cstring>

#include "core.h"

namespace staleline::pe {

// Only what is executed is told of: what stands behind a branch in the same 16 bytes may be data.
void Pe::Core::instructions_loaded(Thread& t, const cache::Request& r) {
  if (t.progress == 0) t.response_from = r.address;
  std::memcpy(t.response.data() + t.progress, r.data.data(), r.size);
  t.progress += r.size;
  if (t.progress < t.sequencer.action().bytes) return;
  const auto extent = t.sequencer.supply(std::span(t.response).first<16>());
  if (pe_.events() == nullptr) return;
  const std::uint64_t most = parameters_.caches.vipt ? 8 : 16;
  for (std::uint64_t at = extent.begin; at < extent.end;) {
    cache::Request part = r;
    part.address = t.response_from + at;
    part.size = static_cast<std::uint8_t>(std::min(std::uint64_t{extent.end}, (at / most + 1) * most) - at);
    part.data = {};
    std::memcpy(part.data.data(), t.response.data() + at, part.size);
    emit_access(event::Kind::Fetch, t, part, false);
    at += part.size;
  }
}

bool Pe::Core::fetch_at_once(Thread& t) {
  if (!t.context.tables || t.unsynchronised || t.progress != 0 || t.illegal_state || !caches_.powered()) return false;
  const auto hit = mmu_.recent(t.sequencer.action().address, arm::AccessRequest::Kind::Fetch);
  if (!hit || hit->entry == 0 || parameters_.caches.vipt || t.system.el() == 0) return false;
  const std::uint8_t* const bytes = caches_.fetched_at_once(hit->address, hit->path);
  if (bytes == nullptr) return false;
  const auto extent = t.sequencer.supply(std::span<const std::uint8_t, 16>(bytes, 16));
  if (pe_.events() != nullptr) {
    event::Event& e = pe_.events()->add();
    e.cycle = now_;
    e.agent = t.context.agent;
    e.pe = parameters_.pe;
    e.line = t.sequencer.action().line;
    e.kind = event::Kind::Fetch;
    e.address = hit->address + extent.begin;
    e.size = static_cast<std::uint8_t>(extent.end - extent.begin);
    std::memcpy(e.data.data(), bytes + extent.begin, e.size);
    e.path = hit->path;
    e.entry = hit->entry;
  }
  entry_ = hit->entry;
  ready_at_ = now_ + parameters_.caches.l1i.hit_cycles;
  finish(t);
  return true;
}

}  // namespace staleline::pe
