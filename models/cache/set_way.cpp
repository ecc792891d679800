// SPDX-License-Identifier: Apache-2.0
// Maintenance by set/way: which cache and line it names, how it is done there, and whole levels at once.
#include <algorithm>
#include <bit>

#include "private_side.h"

namespace staleline::cache {

using arm::CacheOp;
using event::CacheRef;
using event::Kind;
using Place = IntegratedLevel::Place;

namespace {

constexpr std::uint32_t kSweptAtOnce = 8;

std::uint32_t sets_of(const Level& l) { return static_cast<std::uint32_t>(l.bytes / (arm::kLineBytes * l.ways)); }

}  // namespace

void PrivateCaches::Implementation::describe_levels() {
  IntegratedLevel& first = levels.emplace_back();
  first.sets = l1d.sets();
  first.ways = l1d.ways();
  first.instruction_sets = l1i.sets();
  first.instruction_ways = l1i.ways();
  if (l2.present()) levels.push_back({.place = Place::PrivateL2, .sets = l2.sets(), .ways = l2.ways()});
  std::uint32_t number = 0;
  for (const Level& l : home.integrated_levels()) {
    levels.push_back({.place = Place::Shared, .shared = number++, .sets = sets_of(l), .ways = l.ways});
  }
}

std::optional<Cycle> PrivateCaches::Implementation::set_way(Cycle now, const Request& r) {
  const std::uint32_t number = level_of_set_way(r.data[0]);
  if (number > levels.size()) return 1;
  const IntegratedLevel& level = levels[number - 1];
  if (level.place == Place::Shared) {
    return send_level_maintenance(
        now, r, {.xt = r.data[0], .shared = level.shared, .op = r.maintenance, .whole = r.whole_level});
  }
  const bool inner = level.place == Place::L1 && l2.present();
  if (r.whole_level) {
    if (!inner) return sweep(now, r);
    for (std::uint32_t slot = 0; slot < l1d.slots(); ++slot) set_way_of_inner(now, r.maintenance, slot);
    return l1d.slots();
  }
  const SetWay named = decode_set_way(r.data[0], level.sets, level.ways);
  if (named.way >= level.ways) return 1;
  if (!inner) return set_way_of_outer(now, r, outer().slot_of(named.set, named.way));
  set_way_of_inner(now, r.maintenance, l1d.slot_of(named.set, named.way));
  return parameters.l1d.hit_cycles;
}

void PrivateCaches::Implementation::set_way_of_inner(Cycle now, CacheOp op, std::uint32_t slot) {
  if (l1d.state(slot) == LineState::Invalid) return;
  const std::uint64_t line = l1d.line(slot);
  if (op != CacheOp::DC_ISW) collect(now, line);
  if (op != CacheOp::DC_CSW) drop(now, l1d, CacheRef::Level::L1D, line, Kind::Invalidate);
}

// The bytes may have to go to the home, which knows whether this PE still holds the line when they get there.
std::optional<Cycle> PrivateCaches::Implementation::set_way_of_outer(Cycle now, const Request& r, std::uint32_t slot) {
  if (outer().state(slot) == LineState::Invalid) return 1;
  queue(now, r, outer().line(slot), For::Client);
  return std::nullopt;
}

void PrivateCaches::Implementation::queue(Cycle now, const Request& r, std::uint64_t line, For whom) {
  std::uint32_t pending = find_pending(line);
  if (pending == kNone) pending = open_pending(line);
  ++taken;
  append(pending, r, whom);
  advance(pending, now);
}

std::optional<Cycle> PrivateCaches::Implementation::send_level_maintenance(Cycle now, const Request& r,
                                                                           const LevelMaintenance& what) {
  const std::uint32_t node = new_node(r);
  ++taken;
  Message& m = request(now + 1, protocol::Request::LevelMaintenance, kSharedLevelLine, node);
  m.has_data = true;
  std::memcpy(m.data.data(), &what, sizeof what);
  return std::nullopt;
}

std::optional<Cycle> PrivateCaches::Implementation::sweep(Cycle now, const Request& r) {
  sweeps.push_back({.r = r});
  ++taken;
  if (sweeps.size() > 1 || !go_on_sweeping(now)) return std::nullopt;
  sweeps.pop_front();
  --taken;
  return outer().slots();
}

bool PrivateCaches::Implementation::go_on_sweeping(Cycle now) {
  sweeping = true;
  Sweep& s = sweeps.front();
  for (; s.slot < outer().slots() && s.under_way < kSweptAtOnce; ++s.slot) {
    if (outer().state(s.slot) == LineState::Invalid) continue;
    ++s.under_way;
    queue(now, s.r, outer().line(s.slot), For::Sweep);
  }
  sweeping = false;
  return s.under_way == 0;
}

void PrivateCaches::Implementation::swept_one(Cycle now) {
  --sweeps.front().under_way;
  if (sweeping) return;
  while (!sweeps.empty() && go_on_sweeping(now)) {
    Request r = sweeps.front().r;
    sweeps.pop_front();
    finish(now, r, For::Client);
  }
}

const std::vector<IntegratedLevel>& PrivateCaches::levels() const { return implementation_->levels; }

std::uint64_t PrivateCaches::clidr_el1() const {
  constexpr std::uint64_t kSeparate = 0b011, kData = 0b010, kUnified = 0b100;
  const auto& levels = implementation_->levels;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < levels.size() && i < 7; ++i) {
    const bool has_instructions = levels[i].instruction_sets != 0;
    const std::uint64_t type = i != 0 ? kUnified : has_instructions ? kSeparate : kData;
    value |= type << (3 * i);
  }
  // With CTR_EL0.IDC = 1 nothing has to be cleaned for unification.
  const std::uint64_t unification = implementation_->idc ? 0 : 1;
  const std::uint64_t coherency = std::min<std::size_t>(levels.size(), 7);
  return value | unification << 21 | coherency << 24 | unification << 27;
}

std::uint64_t PrivateCaches::ccsidr_el1(std::uint64_t csselr_el1) const {
  const auto& levels = implementation_->levels;
  const std::uint64_t number = csselr_el1 >> 1 & 7;
  if (number >= levels.size()) return 0;
  const IntegratedLevel& l = levels[number];
  const bool instructions = (csselr_el1 & 1) != 0;
  const std::uint64_t sets = instructions ? l.instruction_sets : l.sets;
  const std::uint64_t ways = instructions ? l.instruction_ways : l.ways;
  if (sets == 0) return 0;
  constexpr auto kLineField = static_cast<std::uint64_t>(std::bit_width(arm::kLineBytes) - 1 - 4);
  // Bits 31:28 are UNKNOWN since Armv8.3; before they said WT, WB, RA and WA, and guests show them.
  constexpr std::uint64_t kWriteBackAllocates = 7U << 28, kReadAllocates = 2U << 28;
  return (instructions ? kReadAllocates : kWriteBackAllocates) | (sets - 1) << 13 | (ways - 1) << 3 | kLineField;
}

}  // namespace staleline::cache
