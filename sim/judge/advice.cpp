// SPDX-License-Identifier: Apache-2.0
// What to do about a hazard that is no stale read.
#include "implementation.h"

namespace staleline::judge {

void Judge::Implementation::advise(Hazard h) {
  const auto advice = [&]() -> std::string {
    switch (h.id) {
      case HazardId::AlignmentFault:
        return "align the access (no DC ZVA), or map the memory Normal";
      case HazardId::BreakBeforeMake:
        return "before a valid descriptor becomes another: store zero, dsb ishst, tlbi, dsb ish";
      case HazardId::UnsupportedExclusive:
        if (h.what.find("hardware update") != std::string::npos)
          return "have the tables walked Write-Back (TCR_ELx.{IRGNn,ORGNn,SHn}, SCTLR_ELx.C), or set AF by software";
        return "map the memory Normal Write-Back, or use plain loads and stores under a lock";
      case HazardId::TranslationFault:
        if (h.what.find("Access flag") != std::string::npos)
          return "set AF in the descriptor, or have hardware set it (TCR_ELx.HA, VTCR_EL2.HA)";
        return "map the address, or make the access where the mapping is";
      case HazardId::PermissionFault:
        return "map the page with the permission that the access needs";
      case HazardId::MaintenanceOfNonMemory:
        return "no cache maintenance outside memory: leave this range out";
      case HazardId::SmmuFault:
        return "give the stream a valid configuration and mapping before the device starts";
      case HazardId::ForbiddenTarget:
        return "map only what may be accessed, and only when it may be";
      case HazardId::GatheredDevice:
        return "map what has side effects as Device memory";
      case HazardId::NoProgress:
        return "pair each exclusive store with an exclusive load of the same location, with no other store between "
               "them";
      case HazardId::UseAfterRevocation:
        return "end the use first: unmap, tlbi, dsb, and stop the device";
      default:
        return {};
    }
  };
  if (h.line.value != 0)
    if (auto text = advice(); !text.empty())
      h.fixes.push_back({.operation = "// " + text, .agent = h.agent, .before = h.line});
  findings.note(std::move(h));
}

}  // namespace staleline::judge
