// SPDX-License-Identifier: Apache-2.0
// What copies do by themselves: where allocation is permitted, placed steps of a schedule, and the
// seeded adversary.
#include <algorithm>
#include <cmath>

#include "core.h"

namespace staleline::pe {

namespace {
constexpr std::uint32_t kLive = 1, kLiveInstructions = 2;
constexpr event::Path kMmuOffFetch{arm::MemoryClass::NormalWT, arm::Shareability::OuterShareable,
                                   event::kCoherentDomain, true};
}  // namespace

void Pe::Core::emit_live(const Thread* t, const mmu::Reach& reach, std::uint32_t aux) {
  if (pe_.events() == nullptr) return;
  event::Event e;
  e.kind = event::Kind::Live;
  e.address = reach.base;
  e.data[0] = reach.bytes;
  e.path = reach.path;
  e.aux = aux;
  if (t != nullptr) {
    emit(e, *t);
    return;
  }
  e.cycle = now_;
  pe_.events()->emit(e);
}

void Pe::Core::announce_always_live() {
  for (const auto& r : parameters_.always_live) emit_live(nullptr, r, kLive);
}

// The data side allocates where M and C are set; turning either off ends that.
void Pe::Core::announce(Thread& t) {
  auto past = t.context.translator->reach_past_caches(t.controls);
  if (past != t.live_past_caches) {
    for (const auto& r : past) emit_live(&t, r, kLive);
    t.live_past_caches = std::move(past);
  }
  auto reach = t.context.translator->reach(t.controls);
  const bool instructions = t.controls.i || t.controls.dc;
  if (reach == t.live && instructions == t.live_instructions) return;
  for (const auto& r : t.live) emit_live(&t, r, t.live_instructions ? kLiveInstructions : 0);
  for (const auto& r : reach) emit_live(&t, r, kLive | (instructions ? kLiveInstructions : 0));
  t.live = std::move(reach);
  t.live_instructions = instructions;
}

// A page that a walk found mapped, as far as nothing said so before.
void Pe::Core::announce_page(Thread& t, const mmu::Reach& page) {
  std::uint64_t at = page.base.value;
  const std::uint64_t end = at + page.bytes;
  std::vector<mmu::Reach> missing;
  for (const auto& r : t.live) {  // ascending
    if (r.base.value >= end) break;
    const std::uint64_t last = r.base.value + r.bytes;
    if (last <= at) continue;
    if (r.base.value > at) missing.push_back({{at}, r.base.value - at, page.path});
    at = last;
  }
  if (at < end) missing.push_back({{at}, end - at, page.path});
  for (const auto& r : missing) emit_live(&t, r, kLive | (t.live_instructions ? kLiveInstructions : 0));
  if (missing.empty()) return;
  t.live.insert(t.live.end(), missing.begin(), missing.end());
  t.live = mmu::merged(std::move(t.live));
}

void Pe::Core::announce_fetch(Thread& t, arm::PhysAddr address, event::Path path) {
  if (t.controls.m || t.controls.dc || !arm::is_cacheable(path.memory)) return;
  const arm::PhysAddr line = address.aligned_down(arm::kLineBytes);
  if (!t.fetched_lines.insert(line.value).second) return;
  emit_live(&t, {line, arm::kLineBytes, path}, kLive | kLiveInstructions);
}

const mmu::Reach* Pe::Core::reached(arm::PhysAddr line, bool placed) const {
  const auto in = [line](const std::vector<mmu::Reach>& reach) -> const mmu::Reach* {
    const auto after = std::upper_bound(reach.begin(), reach.end(), line,
                                        [](arm::PhysAddr a, const mmu::Reach& r) { return a < r.base; });
    if (after == reach.begin()) return nullptr;
    const auto& r = *std::prev(after);
    return line - r.base < r.bytes ? &r : nullptr;
  };
  for (const auto& t : threads_) {
    if (t.context.tables && !placed) continue;
    if (const auto* r = in(t.live)) return r;
  }
  return in(parameters_.always_live);
}

std::vector<Pe::Core::InstructionReach> Pe::Core::instruction_reach(arm::PhysAddr line, bool placed) const {
  std::vector<InstructionReach> result;
  const auto add = [&](event::Path path, std::uint16_t index) {
    const bool known =
        std::any_of(result.begin(), result.end(), [&](const InstructionReach& r) { return r.virtual_index == index; });
    if (!known) result.push_back({path, index});
  };
  for (const auto& t : threads_) {
    if (t.controls.i && t.fetched_lines.contains(line.value)) add(kMmuOffFetch, virtual_index({line.value}));
    if (!t.live_instructions || (t.context.tables && !placed)) continue;
    for (const auto& r : t.live) {
      if (line.value - r.base.value >= r.bytes) continue;
      if (!parameters_.caches.vipt) return {{r.path, 0}};
      for (const auto va : t.context.translator->aliases(line, {true, true, true})) add(r.path, virtual_index(va));
    }
  }
  return result;
}

bool Pe::Core::holds_line(arm::PhysAddr line) const {
  const auto holdings = interconnect_.holdings(line);
  return std::any_of(holdings.begin(), holdings.end(),
                     [this](const interconnect::Holding& h) { return h.cache.pe == parameters_.pe; });
}

void Pe::Core::nudge(cache::Request::Op op, arm::PhysAddr line, event::Path path, std::uint16_t virtual_index) {
  cache::Request r;
  r.op = op;
  r.virtual_index = virtual_index;
  r.address = line;
  r.path = path;
  r.tag = kSpeculationTag;
  caches_.access(now_, r);
}

// Replacement all the way down to memory: behind the private caches' own, what DC CIVAC does, unasked for.
void Pe::Core::put_out(arm::PhysAddr line) {
  if (!caches_.powered()) return;
  nudge(cache::Request::Op::Evict, line, {});
  cache::Request r;
  r.op = cache::Request::Op::Maintenance;
  r.maintenance = arm::CacheOp::DC_CIVAC;
  r.address = line;
  r.tag = kSpeculationTag;
  caches_.access(now_, r);
}

Cycle Pe::Core::placement_due(std::size_t index) const {
  const Placement& p = parameters_.placements[index];
  if (placings_[index].done) return engine::kNever;
  if (p.after_line.value == 0) return 0;
  const Cycle at = board_.marked(p.after_agent, p.after_line);
  return at == engine::kNever || p.same_pe ? at : at + board_.lookahead();
}

Cycle Pe::Core::next_placement() const {
  if (placement_waits_) return engine::kNever;
  if (walk_ && walk_is_fill_) return walk_pending_ ? engine::kNever : ready_at_;
  Cycle earliest = engine::kNever;
  for (std::size_t i = 0; i < placings_.size(); ++i) {
    if (walk_ && parameters_.placements[i].what == Placement::What::TlbFill) continue;  // it waits for that
    earliest = std::min(earliest, placement_due(i));
  }
  return earliest;
}

// Performs what is due, one after the other; true while that holds up the programs of this PE.
bool Pe::Core::place() {
  if (walk_ && walk_is_fill_) {
    if (walk_pending_ || ready_at_ > now_) return true;
    ready_at_ = now_ + 1;
    if (walk_on(threads_[walk_thread_]) == Progress::Blocked) failed_fill_ = true;
    if (walk_) return true;
    ready_at_ = std::max(ready_at_, fill_resumes_);
    if (fill_is_random_) walk_is_fill_ = failed_fill_ = fill_is_random_ = false;
  }
  for (std::size_t i = 0; i < placings_.size(); ++i) {
    if (placement_due(i) > now_) continue;
    const Placement& p = parameters_.placements[i];
    if (p.what == Placement::What::TlbFill) {
      if (placings_[i].asked) {
        if (failed_fill_ && !p.optional) idle_placements_.push_back(p.line);
        placings_[i].done = true;
        walk_is_fill_ = failed_fill_ = false;
        continue;
      }
      if (walk_) continue;  // once the walk that is under way has ended
      placings_[i].asked = true;
      const auto by = std::find_if(threads_.begin(), threads_.end(),
                                   [&](const Thread& t) { return t.context.agent == p.by && t.context.tables; });
      failed_fill_ = !caches_.powered() || by == threads_.end() ||
                     !fill_tlb(static_cast<std::size_t>(by - threads_.begin()), p.va);
      if (!failed_fill_) return true;
      if (!p.optional) idle_placements_.push_back(p.line);
      placings_[i].done = true;
      failed_fill_ = false;
      continue;
    }
    if (p.what == Placement::What::Drain || p.what == Placement::What::Evict) {
      if (!drained()) pump();
      placement_waits_ = !stores_.empty();
      if (placement_waits_) return true;
    }
    placement_waits_ = caches_.outstanding() != 0;
    if (placement_waits_) return true;
    if (!placings_[i].asked && p.what != Placement::What::Drain) {
      placings_[i].asked = true;
      bool found = false;
      const auto first = p.address.aligned_down(arm::kLineBytes);
      for (auto line = first; line.value < p.address.value + p.bytes; line = line + arm::kLineBytes) {
        const mmu::Reach* reach = reached(line, true);
        if (p.what == Placement::What::Evict) {
          found |= holds_line(line);
          put_out(line);
        } else if (p.what == Placement::What::Fill && reach != nullptr) {
          nudge(cache::Request::Op::Prefetch, line, reach->path);
          found = true;
        } else if (p.what == Placement::What::InstructionFill) {
          for (const auto& r : instruction_reach(line, true)) {
            nudge(cache::Request::Op::PrefetchInstruction, line, r.path, r.virtual_index);
            found = true;
          }
        }
      }
      if (!found && !p.optional) idle_placements_.push_back(p.line);
      placement_waits_ = caches_.outstanding() != 0;
      if (placement_waits_) return true;
    }
    placings_[i].done = true;
  }
  return false;
}

std::vector<event::SourceLine> Pe::Core::idle_placements() const {
  auto result = idle_placements_;
  for (std::size_t i = 0; i < placings_.size(); ++i) {
    const Placement& p = parameters_.placements[i];
    if (!placings_[i].done && !p.optional) result.push_back(p.line);
  }
  return result;
}

void Pe::Core::schedule_speculation() {
  const auto& a = parameters_.adversary;
  if (a.per_kilocycle <= 0 || a.ranges.empty()) return;
  // Uniform around the mean gap; the engine's own bits, so that every platform draws the same.
  const auto mean = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(1000.0 / a.per_kilocycle)));
  next_speculation_ = now_ + 1 + random_() % (2 * mean);
}

// The adversary rests once everybody knows that all programs are over.
Cycle Pe::Core::next_speculation() const {
  if (next_speculation_ == engine::kNever || board_.all_ended() <= next_speculation_) return engine::kNever;
  return next_speculation_;
}

// A regime with tables reaches what a translation says that its TLBs hold; for what they do not hold a walk is made
// now, and what that finds can be used from then on.
bool Pe::Core::speculate_by_tables(arm::PhysAddr line, bool instructions) {
  if (threads_.empty()) return false;
  const Thread& t = threads_[current_];
  if (!t.context.tables || t.over) return false;
  const auto& context = mmu_.context();
  if (!context.stage1 && !context.stage2) return false;
  const auto aliases = t.context.translator->aliases(line, {context.stage1, true, true});
  if (aliases.empty()) return false;
  if (!caches_.powered()) return true;
  const arm::VirtAddr va = aliases[aliases.size() == 1 ? 0 : random_() % aliases.size()];
  arm::AccessRequest request;
  request.kind = instructions ? arm::AccessRequest::Kind::Fetch : arm::AccessRequest::Kind::Read;
  const auto found = mmu_.lookup(va, request);
  if (const auto* translation = std::get_if<mmu::Translation>(&found)) {
    const auto op = instructions ? cache::Request::Op::PrefetchInstruction : cache::Request::Op::Prefetch;
    if (arm::is_cacheable(translation->path.memory)) {
      nudge(op, translation->address.aligned_down(arm::kLineBytes), translation->path, virtual_index(va));
    }
  } else if (std::holds_alternative<mmu::Mmu::Miss>(found) && !walk_ && !load_pending_) {
    fill_is_random_ = fill_tlb(current_, va);
  }
  return true;
}

void Pe::Core::speculate() {
  // Past this many it would only queue up, without end, before what programs ask for.
  constexpr std::size_t kMostInFlight = 4;
  if (caches_.outstanding() >= kMostInFlight) return schedule_speculation();
  const auto& ranges = parameters_.adversary.ranges;
  const auto& range = ranges[random_() % ranges.size()];
  const std::uint64_t lines = std::max<std::uint64_t>(1, (range.bytes + arm::kLineBytes - 1) / arm::kLineBytes);
  const arm::PhysAddr line = range.base.aligned_down(arm::kLineBytes) + random_() % lines * arm::kLineBytes;
  switch (random_() % 5) {
    case 0:
    case 1:
      if (speculate_by_tables(line, false)) break;
      if (const auto* reach = reached(line, false)) nudge(cache::Request::Op::Prefetch, line, reach->path);
      break;
    case 2:
      if (speculate_by_tables(line, true)) break;
      if (const auto all = instruction_reach(line, false); !all.empty()) {
        const auto& r = all[all.size() == 1 ? 0 : random_() % all.size()];
        nudge(cache::Request::Op::PrefetchInstruction, line, r.path, r.virtual_index);
      }
      break;
    case 3:  // from the private caches to the shared ones
      nudge(cache::Request::Op::Evict, line, {});
      break;
    default:  // and from those to memory
      put_out(line);
      break;
  }
  schedule_speculation();
}

}  // namespace staleline::pe
