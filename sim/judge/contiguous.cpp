// SPDX-License-Identifier: Apache-2.0
// Contiguous runs (DDI 0487 D8.7.1): a TLB may keep one entry for a whole run, made of any of its descriptors, so that
// what one of them says counts for the pages of all others.
#include <algorithm>

#include "implementation.h"

namespace staleline::judge {

namespace {

struct Run {
  std::uint64_t each = 0;     ///< bytes that a member maps
  std::uint64_t members = 1;  ///< a power of two
  [[nodiscard]] std::uint64_t bytes() const { return each * members; }
};

Run run_at(arm::Granule granule, int level) {
  return {arm::bytes_mapped(granule, level), std::uint64_t{1} << arm::contiguous_bits(granule, level)};
}

bool in_run(std::uint64_t value, const TableUse& u) {
  return (value & arm::kContiguous) != 0 && arm::is_leaf(arm::kind_of(value, format_of(u), u.level)) &&
         may_be_held(value, u);
}

bool same_user(const TableUse& a, const TableUse& b) {
  return a.walker == b.walker && a.el == b.el && a.stage == b.stage && a.level == b.level && a.vmid == b.vmid;
}

}  // namespace

Span held_input(std::uint64_t value, const TableUse& u) {
  if (u.level == kRootLevel || !in_run(value, u)) return u.input;
  const Run run = run_at(u.granule, u.level);
  const std::uint64_t first = u.input.first & ~(run.bytes() - 1);
  return {first, first + (run.bytes() - 1)};
}

std::uint64_t Judge::Implementation::input_of(const TlbEntry& entry, const WalkStep& s, std::uint64_t va) {
  if (s.stage == 1) return va;
  const auto leaf =
      std::find_if(entry.steps.rbegin(), entry.steps.rend(), [](const WalkStep& one) { return one.stage == 1; });
  if (leaf == entry.steps.rend()) return va;
  return &s > &*leaf ? s.input + (va - leaf->input) : s.input;  // before it: for a descriptor of stage 1
}

WalkStep Judge::Implementation::member_for(const TlbEntry& entry, const WalkStep& s, std::uint64_t va, Span& whole) {
  if ((s.value & arm::kContiguous) == 0) return s;
  const TableUse u{.stage = s.stage, .level = s.level, .granule = entry.granule(s.stage)};
  if (!in_run(s.value, u)) return s;
  const Run run = run_at(u.granule, s.level);
  const std::uint64_t input = input_of(entry, s, va);
  if (((input ^ s.input) & ~(run.bytes() - 1)) != 0) return s;
  const std::uint64_t into = input & (run.each - 1);
  whole.first = std::max(whole.first, va - into);
  whole.last = std::min(whole.last, va - into + (run.each - 1));
  const std::uint64_t from = (s.input & (run.bytes() - 1)) / run.each, to = (input & (run.bytes() - 1)) / run.each;
  WalkStep member = s;
  member.address = {s.address.value - 8 * from + 8 * to};
  member.value = s.value - run.each * from + run.each * to;
  member.input = s.input - run.each * from + run.each * to;
  return member;
}

std::vector<Judge::Implementation::RunClaim> Judge::Implementation::run_claims(arm::PhysAddr at, const TableUse& u,
                                                                               event::AgentId a, Use use,
                                                                               std::uint64_t input) {
  std::vector<RunClaim> claims;
  const Run run = run_at(u.granule, u.level);
  if (!translations.has_runs || run.members == 1) return claims;
  const std::uint64_t own = at.value / 8 % run.members;
  const auto moved = [&](std::uint64_t value, std::uint64_t from) { return value - run.each * from + run.each * own; };
  for (std::uint64_t i = 0; i < run.members; ++i) {
    if (i == own) continue;
    const arm::PhysAddr member{at.value - 8 * own + 8 * i};
    if (const std::uint64_t now = peek(member); in_run(now, u)) claims.push_back({moved(now, i), nullptr});
    const Line& l = line_of(member);
    const TableGranule* granule = l.tables ? l.tables->granules[member.offset_in(arm::kLineBytes) / 8].get() : nullptr;
    if (granule == nullptr) continue;
    for (const HeldDescriptor& h : granule->held)
      if (same_user(h.use, u) && in_run(h.value, h.use) && !known_clear(h, a, use, input) &&
          (is_global(h.value, h.use) || u.stage == 2 || h.use.asid == u.asid))
        claims.push_back({moved(h.value, i), &h});
  }
  return claims;
}

}  // namespace staleline::judge
