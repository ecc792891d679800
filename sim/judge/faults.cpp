// SPDX-License-Identifier: Apache-2.0
// Faults that nobody handles are hazards of their own kind, unless an older descriptor explains them.
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

/// What the agent does. An SMMU says why by the record that it makes (IHI 0070 7.3).
std::string what_of(const Story& story, const Event& e) {
  if (story.id != HazardId::SmmuFault) return story.what;
  const auto record = arm::smmu::name_of(static_cast<arm::smmu::EventType>(e.data[1]));
  return "is refused by its SMMU with " + std::string(record) + ": " + story.what;
}

}  // namespace

void Judge::Implementation::fault(const Event& e) {
  if (e.entry != 0 && use_translation(e)) return;  // the older descriptor is the reason
  const auto story = story_of(static_cast<FaultKind>(e.aux));
  if (e.detail == 1 || !story) return;
  Hazard h{.id = story->id,
           .verdict = Verdict::Observed,
           .agent = e.agent,
           .line = e.line,
           .cycle = e.cycle,
           .address = e.address,
           .bytes = std::max<std::uint64_t>(e.size, 1),
           .what = what_of(*story, e),
           .va = arm::VirtAddr{e.data[0]}};
  advise(std::move(h));
}

}  // namespace staleline::judge
