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

}  // namespace staleline::pe
