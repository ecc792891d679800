// SPDX-License-Identifier: Apache-2.0
// Faults that nobody handles are hazards of their own kind, unless an older descriptor explains them.
#include <algorithm>
#include <utility>

#include "implementation.h"
#include "staleline/arm/smmu_queues.h"

namespace staleline::judge {

using event::Event;
using event::FaultKind;

namespace {

struct Story {
  HazardId id{};
  const char* what = "";
};

std::optional<Story> story_of(FaultKind kind) {
  switch (kind) {
    case FaultKind::Translation:
      return Story{HazardId::TranslationFault, "takes a Translation fault: no valid descriptor maps the address"};
    case FaultKind::AddressSize:
      return Story{HazardId::TranslationFault, "takes an Address size fault: the descriptor points past what exists"};
    case FaultKind::AccessFlag:
      return Story{HazardId::TranslationFault, "takes an Access flag fault: the descriptor has AF clear"};
    case FaultKind::Permission:
      return Story{HazardId::PermissionFault, "takes a Permission fault"};
    case FaultKind::Alignment:
      return Story{HazardId::AlignmentFault, "takes an Alignment fault"};
    case FaultKind::ZeroDevice:
      return Story{HazardId::AlignmentFault, "takes an Alignment fault: DC ZVA of Device memory"};
    case FaultKind::UnsupportedExclusive:
      return Story{HazardId::UnsupportedExclusive, "takes an unsupported exclusive or atomic fault"};
    case FaultKind::TlbConflict:
      return Story{HazardId::BreakBeforeMake, "takes a TLB conflict abort: two entries match the address"};
    case FaultKind::External:
      return Story{HazardId::ForbiddenTarget, "takes an external abort: the target refuses the access"};
    case FaultKind::Maintenance:
      return Story{HazardId::MaintenanceOfNonMemory,
                   "issues cache maintenance to what is no memory, and takes an abort"};
    case FaultKind::SmmuConfiguration:
      return Story{HazardId::SmmuFault, "the stream's configuration is not valid"};
    case FaultKind::SmmuTranslation:
      return Story{HazardId::SmmuFault, "the tables do not permit the access"};
    case FaultKind::NoProgress:
      return Story{
          HazardId::NoProgress,
          "repeats what never succeeds: an exclusive store, or an access whose handler does not mend its fault"};
    case FaultKind::Undefined:
      return std::nullopt;
  }
  return std::nullopt;
}

/// What the agent does. An SMMU says why by the record that it makes (IHI 0070 7.3). `of_walk`: translation faults.
std::string what_of(const Story& story, const Event& e, bool of_walk) {
  if (story.id == HazardId::UnsupportedExclusive && of_walk)
    return "takes an unsupported atomic hardware update fault: its tables are walked as memory without a monitor, "
           "where "
           "the Access flag and the dirty state are not updated";
  if (story.id != HazardId::SmmuFault) return story.what;
  const auto type = static_cast<arm::smmu::EventType>(e.data[1] & ~std::uint32_t{0});
  if (type == arm::smmu::EventType{})
    return "is terminated by its SMMU, which records nothing: STE.Config or SMMU_GBPA.ABORT asks for that";
  const auto record = arm::smmu::name_of(type);
  return "is refused by its SMMU with " + std::string(record) + ": " + story.what;
}

}  // namespace

void Judge::Implementation::taken(const Event& e) {
  if (e.entry == 0) return;
  constexpr std::size_t many = 64;
  const std::uint64_t page = e.data[0] >> 12;
  Findings shown;
  std::swap(findings, shown);
  use_translation(e);
  std::swap(findings, shown);
  auto at = std::find_if(taken_faults.begin(), taken_faults.end(),
                         [&](const TakenFault& f) { return f.agent == e.agent && f.line == e.line && f.page == page; });
  if (at == taken_faults.end()) {
    if (taken_faults.size() == many) {
      for (Hazard& h : taken_faults.front().hazards) findings.note(std::move(h));
      taken_faults.pop_front();
    }
    taken_faults.push_back({.agent = e.agent, .line = e.line, .page = page, .cycle = e.cycle, .hazards = {}});
    at = taken_faults.end() - 1;
  }
  if (at->hazards.empty()) at->hazards = shown.sorted();
  translations.changed();  // until it is mended no use of a translation is settled
}

void Judge::Implementation::mend(const Event& e, std::uint64_t va) {
  for (TakenFault& f : taken_faults)
    if (f.agent == e.agent && f.line == e.line && f.page == va >> 12) f.hazards.clear();
}

bool Judge::Implementation::retried(event::AgentId a, event::SourceLine line, std::uint64_t va) const {
  return std::any_of(taken_faults.begin(), taken_faults.end(),
                     [&](const TakenFault& f) { return f.agent == a && f.line == line && f.page == va >> 12; });
}

bool Judge::Implementation::faults_pending(event::AgentId a) const {
  return std::any_of(taken_faults.begin(), taken_faults.end(),
                     [a](const TakenFault& f) { return f.agent == a && !f.hazards.empty(); });
}

bool Judge::Implementation::mended_by(const Event& e, const WriteRef& w) const {
  return std::any_of(taken_faults.begin(), taken_faults.end(), [&](const TakenFault& f) {
    return f.agent == e.agent && f.line == e.line && w.agent == e.agent && w.cycle >= f.cycle;
  });
}

void Judge::Implementation::fault(const Event& e) {
  if (e.detail == 1) return taken(e);
  if (e.entry != 0 && use_translation(e)) return;  // the older descriptor is the reason
  if (e.pe == event::kNoPe && configuration_is_older(e)) return;
  const auto story = story_of(static_cast<FaultKind>(e.aux));
  if (!story) return;
  if (story->id == HazardId::NoProgress) {  // who waits for it does so for ever
    if (polls_.size() <= e.agent.value) polls_.resize(e.agent.value + std::size_t{1});
    polls_[e.agent.value].stuck = true;
  }
  const TlbEntry* const entry = e.entry == 0 ? nullptr : translations.find(e);
  Hazard h{.id = story->id,
           .verdict = Verdict::Observed,
           .agent = e.agent,
           .line = e.line,
           .cycle = e.cycle,
           .address = e.address,
           .bytes = std::max<std::uint64_t>(e.size, 1),
           .what = what_of(*story, e, entry != nullptr && entry->fault),
           .va = arm::VirtAddr{e.data[0]}};
  advise(std::move(h));
}

}  // namespace staleline::judge
