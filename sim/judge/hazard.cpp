// SPDX-License-Identifier: Apache-2.0
// The catalogue of hazard kinds and how they are spelled.
#include "staleline/judge/hazard.h"

#include <algorithm>
#include <cassert>

namespace staleline::judge {
namespace {

constexpr std::array<HazardKind, 21> kKinds{{
    {HazardId::StaleBelowCache, Rule::P1, "stale-below-cache",
     "The newest bytes may exist only in a cache that the reader does not look into."},
    {HazardId::StaleCopy, Rule::P1, "stale-copy",
     "The reader may hit an older copy of the line in the caches that it looks into."},
    {HazardId::StaleInstruction, Rule::P1, "stale-instruction",
     "An instruction fetch may get older bytes than the newest write that it must execute."},
    {HazardId::StaleWalk, Rule::P1, "stale-translation",
     "A translation may use an older descriptor than the newest write that it must use."},
    {HazardId::LostToWriteBack, Rule::P2, "lost-to-write-back",
     "An older dirty line may be written back over the newest bytes."},
    {HazardId::LostToInvalidate, Rule::P2, "lost-to-invalidate",
     "An invalidate may discard the newest bytes before they reach memory."},
    {HazardId::LostToPowerOff, Rule::P2, "lost-to-power-off",
     "The newest bytes may have been only in caches that lost power."},
    {HazardId::NotOrdered, Rule::P3, "not-ordered",
     "No barrier, acquire or release orders the write before the read that must see it."},
    {HazardId::NotSynchronised, Rule::P3, "not-synchronised",
     "A system register was written, and no context synchronisation puts it in force before what relies on it."},
    {HazardId::ForbiddenTarget, Rule::P4, "forbidden-target",
     "An access, or speculation that a mapping permits, may reach what must not be accessed."},
    {HazardId::GatheredDevice, Rule::P4, "gathered-device",
     "What has side effects is accessed as Normal memory: accesses may be merged, repeated or made up."},
    {HazardId::AlignmentFault, Rule::P6, "alignment-fault",
     "An unaligned access, or DC ZVA, went to Device memory and faulted."},
    {HazardId::BreakBeforeMake, Rule::P6, "break-before-make",
     "A valid descriptor that a TLB may hold was replaced by another valid one."},
    {HazardId::UnsupportedExclusive, Rule::P6, "unsupported-exclusive",
     "An exclusive or atomic access went to memory that supports none, and faulted."},
    {HazardId::TranslationFault, Rule::P6, "translation-fault",
     "No valid descriptor maps the address of an access, and nobody handles the fault."},
    {HazardId::PermissionFault, Rule::P6, "permission-fault",
     "The mapping does not permit the access, and nobody handles the fault."},
    {HazardId::MaintenanceOfNonMemory, Rule::P6, "maintenance-of-non-memory",
     "Cache maintenance was issued to something that is no memory."},
    {HazardId::SmmuFault, Rule::P6, "smmu-fault",
     "An SMMU refused the access of a device: its configuration or its tables do not allow it."},
    {HazardId::NoProgress, Rule::P6, "no-progress",
     "A loop waits for a value that nothing makes visible to it, or for an access that never succeeds."},
    {HazardId::UseAfterRevocation, Rule::P7, "use-after-revocation",
     "An agent uses, or can still use, memory that was taken away from it."},
    {HazardId::NeverGranted, Rule::P7, "value-never-granted",
     "An agent may see what a former owner left in memory that it was granted."},
}};

}  // namespace

std::span<const HazardKind> hazard_kinds() { return kKinds; }

const HazardKind& kind_of(HazardId id) {
  const auto* found = std::find_if(kKinds.begin(), kKinds.end(), [id](const HazardKind& k) { return k.id == id; });
  assert(found != kKinds.end());
  return *found;
}

std::string spelled(HazardId id) { return "SL" + std::to_string(static_cast<unsigned>(id)); }

std::string_view spelled(Rule rule) {
  constexpr std::array<std::string_view, 7> names{"P1", "P2", "P3", "P4", "P5", "P6", "P7"};
  return names[static_cast<std::size_t>(rule)];
}

std::string_view spelled(Verdict v) {
  constexpr std::array<std::string_view, 3> names{"note", "latent", "observed"};
  return names[static_cast<std::size_t>(v)];
}

}  // namespace staleline::judge
