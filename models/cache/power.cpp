// SPDX-License-Identifier: Apache-2.0
// A PE that is powered off: its caches lose what they hold, and the home forgets it line by line.
#include "private_side.h"

namespace staleline::cache {

using event::CacheRef;
using event::Kind;

void PrivateCaches::Implementation::power_off(Cycle now) {
  if (off) return;
  off = true;
  invalidate_instructions(now);
  for (std::uint32_t slot = 0; slot < outer().slots(); ++slot) {
    if (outer().state(slot) == LineState::Invalid) continue;
    const std::uint64_t line = outer().line(slot);
    if (l2.present()) drop(now, l1d, CacheRef::Level::L1D, line, Kind::Invalidate);
    drop(now, outer(), outer_level(), line, Kind::Invalidate);
    // In order with every later request, so that a line that is fetched again after power_on() is not forgotten.
    request(now, protocol::Request::Evict, line, kNone);
  }
}

void PrivateCaches::Implementation::decline(Cycle now, const Message& m) {
  const std::uint32_t pending = nodes[m.tag].pending;
  acknowledge(now, m.line);
  request(now, protocol::Request::Evict, m.line, kNone);
  // Nothing can be served from a cache that is off; whoever still waits is told, so that nobody hangs.
  pendings[pending].under = Under::Nothing;
  pendings[pending].advancing = true;
  while (pendings[pending].head != kNone) {
    const For whom = nodes[pendings[pending].head].whom;
    Request r = pop(pending);
    finish(now, r, whom);
  }
  pendings[pending].advancing = false;
  advance(pending, now);
}

}  // namespace staleline::cache
