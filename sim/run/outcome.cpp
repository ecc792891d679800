// SPDX-License-Identifier: Apache-2.0
// Matching hazards with the declared ones, collecting failures, exit codes.
#include "outcome.h"

#include <fmt/format.h>

#include <algorithm>

#include "places.h"

namespace staleline::run {

namespace {

using judge::Hazard;
using judge::Verdict;

bool matches(const scenario::Scenario& s, const scenario::ExpectedHazard& expected, const Hazard& h) {
  if (expected.id != h.id || expected.agent != h.agent) return false;
  if (expected.verdict ? *expected.verdict != h.verdict : h.verdict == Verdict::Note) return false;
  if (!expected.region) return true;
  const auto& r = s.regions.at(*expected.region);
  return h.address.value - r.base.value < r.bytes;  // wraps below the base
}

std::string_view symbol(a64::Relation relation) {
  switch (relation) {
    case a64::Relation::Equal:
      return "==";
    case a64::Relation::NotEqual:
      return "!=";
    case a64::Relation::Less:
      return "<";
    case a64::Relation::LessEqual:
      return "<=";
    case a64::Relation::Greater:
      return ">";
    case a64::Relation::GreaterEqual:
      return ">=";
  }
  return "?";
}

void collect_unexpected(event::AgentId agent, const pe::Sequencer& sequencer, Result& result) {
  for (const auto& u : sequencer.unexpected()) {
    const auto& d = sequencer.program().directives.at(u.directive);
    const unsigned number = d.register_number;
    const bool explained = std::any_of(result.hazards.begin(), result.hazards.end(), [&](const FoundHazard& f) {
      const Hazard& h = f.hazard;
      if (u.bytes == 0 || h.agent != agent) return false;
      // A wrong translation or a fault, rather than wrong bytes, is a hazard of other addresses at the same line.
      const bool same_access = h.line == u.loaded_by && h.verdict == judge::Verdict::Observed;
      return same_access || (u.loaded_from < h.address + h.bytes && h.address < u.loaded_from + u.bytes);
    });
    result.expect_failures.push_back(
        {agent, d.line,
         fmt::format("x{} {} {:#x}: x{} is {:#x}", number, symbol(d.relation), d.value, number, u.actual), explained});
  }
}

std::string fault_text(const pe::Faulted& f) {
  if (f.fault.kind == mmu::Fault::Kind::NoProgress)
    return fmt::format("access to {:#x} never succeeds", f.address.value);
  return f.fault.kind == mmu::Fault::Kind::Alignment
             ? fmt::format("alignment fault at {:#x}: unaligned access to Device memory", f.address.value)
             : fmt::format("translation fault at {:#x}: no mapping of this view covers it", f.address.value);
}

/// A fault knows the virtual address; where its view maps that to is what the user reads. An SMMU has no program: what
/// it does stands where it is declared.
Hazard placed(const scenario::Scenario& s, Hazard h) {
  const auto& agent = s.agents.at(h.agent.value);
  if (h.line.value == 0) h.line = agent.line;
  if (!h.va || h.address.value != 0) return h;
  h.address = arm::PhysAddr{h.va->value};
  if (agent.view >= s.views.size()) return h;
  for (const auto& m : s.views[agent.view].mappings) {
    if (h.va->value - m.va.value < s.regions.at(m.region).bytes)  // wraps below the mapping
      h.address = s.regions[m.region].base + (h.va->value - m.va.value);
  }
  return h;
}

}  // namespace

void match_hazards(const std::vector<Hazard>& told, const Residency& residency, Result& result) {
  const scenario::Scenario& s = *result.scenario;
  std::vector<Hazard> hazards;
  for (const Hazard& h : told) hazards.push_back(placed(s, h));
  for (const Hazard& h : hazards) {
    const auto& agent = s.agents.at(h.agent.value);
    const bool on_pe = agent.kind == scenario::Agent::Kind::Program;
    FoundHazard found;
    found.hazard = h;
    found.region = region_of(s, h.address);
    found.holder = residency.holder(h, on_pe ? event::PeId{agent.core} : event::kNoPe);
    found.expected = std::any_of(s.expected.begin(), s.expected.end(),
                                 [&](const scenario::ExpectedHazard& e) { return matches(s, e, h); });
    result.hazards.push_back(std::move(found));
  }
  for (std::uint32_t i = 0; i < s.expected.size(); ++i) {
    const bool seen =
        std::any_of(hazards.begin(), hazards.end(), [&](const Hazard& h) { return matches(s, s.expected[i], h); });
    if (!seen) result.missing.push_back(i);
  }
}

void collect_failures(const Machine& machine, Result& result) {
  const scenario::Scenario& s = *result.scenario;
  for (std::uint16_t i = 0; i < s.agents.size(); ++i) {
    if (s.agents[i].kind == scenario::Agent::Kind::Smmu) continue;
    collect_unexpected(event::AgentId{i}, machine.sequencer(event::AgentId{i}), result);
  }
  for (const auto& pe : machine.pes()) {
    for (const auto& f : pe->faults()) {
      const bool explained = std::any_of(result.hazards.begin(), result.hazards.end(), [&f](const FoundHazard& h) {
        return h.hazard.agent == f.agent && h.hazard.line == f.line && h.hazard.verdict == judge::Verdict::Observed;
      });
      result.expect_failures.push_back({f.agent, f.line, fault_text(f), explained});
    }
    for (const auto line : pe->idle_placements()) {
      const auto placed = std::find_if(s.schedule.begin(), s.schedule.end(),
                                       [line](const scenario::Placed& p) { return p.line == line; });
      const auto by = placed == s.schedule.end() ? event::AgentId{} : placed->by;
      result.expect_failures.push_back(
          {by, line, "schedule: this event found nothing to act on (mark it `optional: true` if that may be)", false});
    }
  }
  std::stable_sort(result.expect_failures.begin(), result.expect_failures.end(),
                   [](const ExpectFailure& a, const ExpectFailure& b) { return a.line < b.line; });
}

bool deadlocked(const std::vector<pe::Standing>& standing) {
  bool waits = false;
  for (const auto& one : standing) {
    if (one.ended) continue;
    if (!one.awaits) return false;
    waits = true;
  }
  return waits;
}

std::string deadlock_text(const scenario::Scenario& s, const std::vector<pe::Standing>& standing) {
  std::string text;
  for (const auto& one : standing) {
    if (one.ended) continue;
    text += fmt::format("{}agent `{}` waits at line {}", text.empty() ? "" : ", ", s.agents.at(one.agent.value).name,
                        one.line.value);
  }
  return text + " for an edge that nobody sends; what comes after that was not run";
}

int Result::exit_code(bool strict) const {
  const bool hazard = std::any_of(hazards.begin(), hazards.end(), [strict](const FoundHazard& f) {
    return f.hazard.verdict > Verdict::Note && (strict || !f.expected);
  });
  const bool failure = std::any_of(expect_failures.begin(), expect_failures.end(),
                                   [strict](const ExpectFailure& f) { return strict || !f.explained; });
  if (hazard) return 1;  // what was found is found, however far the run went
  if (limit != Limit::None) return 3;
  return failure || (!strict && !missing.empty()) ? 1 : 0;
}

}  // namespace staleline::run
