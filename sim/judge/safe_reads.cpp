// SPDX-License-Identifier: Apache-2.0
// Reads that were safe when they happened, and what may spoil them although it is seen only later.
#include "implementation.h"

namespace staleline::judge {

using event::Event;

void Judge::Implementation::remember_safe(Line& l, const Event& e, Use use, Mask bytes) {
  constexpr std::size_t few = 16;
  if (bytes == 0 || parameters.agents < 2) return;  // nobody else can destroy it
  if (!l.safe_reads.empty()) {
    SafeRead& last = l.safe_reads.back();
    if ((last.bytes & ~bytes) == 0 && last.read.agent == e.agent && last.read.line == e.line) {
      const bool alone = std::none_of(l.safe_reads.begin(), l.safe_reads.end() - 1, [&](const SafeRead& r) {
        return (r.bytes & ~bytes) == 0 && r.read.agent == e.agent && r.read.line == e.line;
      });
      if (alone) {
        last = {e, use, orders.now(e.agent), bytes};
        return;
      }
    }
  }
  std::erase_if(l.safe_reads, [&](const SafeRead& r) {
    return (r.bytes & ~bytes) == 0 && r.read.agent == e.agent && r.read.line == e.line;
  });
  if (l.safe_reads.size() == few) l.safe_reads.erase(l.safe_reads.begin());
  l.safe_reads.push_back({e, use, orders.now(e.agent), bytes});
}

void Judge::Implementation::destroyed(Line& l, const Event& e, Mask bytes) {
  if (bytes == 0) return;
  for (SafeRead& r : l.safe_reads) {
    const Mask hit = r.bytes & bytes;
    if (hit == 0 || orders.intended(e.agent, r.read.agent, r.epoch)) continue;
    Finding f{.id = (hit & l.lost_to_invalidate) != 0 ? HazardId::LostToInvalidate : HazardId::LostToWriteBack,
              .bytes = hit,
              .benign = hit & l.benign,
              .culprit = l.losing(hit)};
    if ((hit & l.lost_to_power) != 0) f.id = HazardId::LostToPowerOff;
    if (r.use == Use::Walk) f.id = HazardId::StaleWalk;
    l.writers.for_each(hit & (~hit + 1), [&](const WriteRef& w, Mask) { f.writer = w; });
    report(f, r.read, l, r.use);
    r.bytes &= ~hit;
  }
}

}  // namespace staleline::judge
