// SPDX-License-Identifier: Apache-2.0
// Histories of lines, short enough to keep, and the question that reports ask of them.
#include "residency.h"

#include <fmt/format.h>

#include <algorithm>

#include "staleline/cache/line_state.h"

namespace staleline::run {

using cache::LineState;
using event::CacheRef;
using event::Kind;
using judge::HazardId;

namespace {

// Beyond this the oldest changes of a line are dropped: what a late hazard needs is recent.
constexpr std::size_t kMostChanges = 4096;

bool dirty(std::uint8_t state) { return state == static_cast<std::uint8_t>(LineState::Modified); }

}  // namespace

Residency::History& Residency::history_of(arm::PhysAddr line) {
  std::uint32_t& number = numbers_[line.value / arm::kLineBytes];
  if (number != 0) return histories_[number - 1];
  History& fresh = histories_.emplace_back(&memory_);
  number = static_cast<std::uint32_t>(histories_.size());
  return fresh;
}

void Residency::note(const event::Event& e, bool present) {
  auto& history = history_of(e.address.aligned_down(arm::kLineBytes));
  if (history.size() >= kMostChanges) history.erase(history.begin(), history.begin() + kMostChanges / 2);
  const bool stays = present && e.detail != static_cast<std::uint8_t>(LineState::Invalid);
  history.push_back({e.cycle, CacheRef::unpack(e.aux), e.detail, stays});
}

void Residency::preloaded(CacheRef cache, arm::PhysAddr line, bool is_dirty) {
  const auto state = is_dirty ? LineState::Modified : LineState::Exclusive;
  history_of(line).push_back({0, cache, static_cast<std::uint8_t>(state), true});
}

void Residency::on_event(const event::Event& e) {
  switch (e.kind) {
    case Kind::Fill:
      ++counts_.fills;
      return note(e, true);
    case Kind::Upgrade:
      return note(e, true);
    case Kind::WriteBack:
      ++counts_.write_backs;
      return note(e, true);
    case Kind::Drop:
      return note(e, false);
    case Kind::Invalidate:
      return note(e, false);
    default:
      return;
  }
}

std::vector<Residency::Held> Residency::held(arm::PhysAddr line, event::Cycle before) const {
  std::vector<Held> result;
  const std::uint32_t* const found = numbers_.find(line.value / arm::kLineBytes);
  if (found == nullptr) return result;
  for (const Change& c : histories_[*found - 1]) {
    if (c.cycle >= before && c.cycle != 0) break;
    const auto same =
        std::find_if(result.begin(), result.end(), [&](const Held& h) { return h.change.cache == c.cache; });
    if (!c.present) {
      if (same != result.end()) result.erase(same);
    } else if (same == result.end()) {
      result.push_back({c, c.cycle});
    } else {
      // "Since" is when it became what it is: dirty, or a clean copy.
      if (dirty(same->change.state) != dirty(c.state)) same->since = c.cycle;
      same->change = c;
    }
  }
  return result;
}

std::string Residency::name_of(CacheRef cache) const {
  switch (cache.level) {
    case CacheRef::Level::L1I:
      return fmt::format("L1I of core {}", cache.pe.value);
    case CacheRef::Level::L1D:
      return fmt::format("L1D of core {}", cache.pe.value);
    case CacheRef::Level::L2:
      return fmt::format("L2 of core {}", cache.pe.value);
    case CacheRef::Level::Shared:
      return shared_name_;
    case CacheRef::Level::System:
      return "system cache";
  }
  return "none";
}

std::optional<HolderState> Residency::holder(const judge::Hazard& h, event::PeId reader) const {
  const arm::PhysAddr line = h.address.aligned_down(arm::kLineBytes);
  const auto all = held(line, h.cycle);
  const auto pick = [&](auto wanted) -> const Held* {
    // Caches nearer to a PE hold what is newer.
    const Held* best = nullptr;
    for (const Held& one : all) {
      if (wanted(one) && (best == nullptr || one.change.cache.level < best->change.cache.level)) best = &one;
    }
    return best;
  };
  const auto is_dirty = [](const Held& one) { return dirty(one.change.state); };
  // A copy that came after the newest write brought the newest bytes, or more likely did: say nothing of it.
  const auto is_older = [&](const Held& one) { return h.writer.initial || one.since <= h.writer.cycle; };
  const auto is_data = [](const Held& one) { return one.change.cache.level != CacheRef::Level::L1I; };
  const Held* chosen = nullptr;
  switch (h.id) {
    case HazardId::StaleInstruction:
      chosen = pick([&](const Held& one) { return !is_data(one) && one.change.cache.pe == reader && is_older(one); });
      if (chosen == nullptr) {
        // Dirty above the Point of Unification: in an L1D.
        chosen = pick([&](const Held& one) { return is_dirty(one) && one.change.cache.level == CacheRef::Level::L1D; });
      }
      break;
    case HazardId::StaleCopy:
      chosen = pick([&](const Held& one) { return is_data(one) && one.change.cache.pe == reader && is_older(one); });
      if (chosen == nullptr) chosen = pick([&](const Held& one) { return is_data(one) && is_older(one); });
      break;
    default:
      chosen = pick(is_dirty);
      break;
  }
  if (chosen == nullptr) return HolderState{"none", "", 0};
  return HolderState{name_of(chosen->change.cache),
                     std::string(cache::name_of(static_cast<LineState>(chosen->change.state))), chosen->since};
}

}  // namespace staleline::run
