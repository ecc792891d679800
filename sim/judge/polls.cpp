// SPDX-License-Identifier: Apache-2.0
// Polls that never end: a load that gets the same older bytes so often that only an eviction, which nothing promises,
// could bring the newest.
#include "implementation.h"

namespace staleline::judge {

namespace {
// Stores are under way for far fewer.
constexpr std::uint64_t kNever = 4096;
}  // namespace

void Judge::Implementation::poll(const event::Event& e, Line& l, Mask wrong, Mask obliged) {
  if (polls_.size() <= e.agent.value) polls_.resize(e.agent.value + std::size_t{1});
  Poll& p = polls_[e.agent.value];
  if (p.line.value != e.line.value || p.address != e.address || p.value != e.data[0]) {
    if (p.stuck) return;
    p = {.line = e.line, .address = e.address, .value = e.data[0]};
  }
  if (++p.times != kNever) return;
  p.stuck = true;
  if ((wrong & obliged) != 0) return;  // reported as what it is
  Finding f{.id = HazardId::NoProgress, .bytes = wrong, .observed = wrong};
  const MayState now = view(l, e.agent, Use::Load, looks_up(e.path));
  f.holder = event::NodeId{looks_up(e.path) ? e.path.node.value : now.holder_of(wrong)};
  l.writers.for_each(wrong & (~wrong + 1), [&](const WriteRef& w, Mask) { f.writer = w; });
  f.what = "polls an older copy, and nothing makes the newest bytes reach it";
  report(f, e, l, Use::Load);
}

}  // namespace staleline::judge
