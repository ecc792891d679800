// SPDX-License-Identifier: Apache-2.0
// The catalogue of hazard kinds and how they are spelled.
#include "staleline/judge/hazard.h"

#include <algorithm>
#include <cassert>

namespace staleline::judge {
namespace {

constexpr std::array<HazardKind, 7> kKinds{{
    {HazardId::StaleBelowCache, Rule::P1, "stale-below-cache",
     "The newest bytes may exist only in a cache that the reader does not look into."},
    {HazardId::StaleCopy, Rule::P1, "stale-copy",
     "The reader may hit an older copy of the line in the caches that it looks into."},
    {HazardId::StaleInstruction, Rule::P1, "stale-instruction",
     "An instruction fetch may get older bytes than the newest write that it must execute."},
    {HazardId::StaleWalk, Rule::P1, "stale-walk",
     "A translation table walk may get an older descriptor than the newest write that it must use."},
    {HazardId::LostToWriteBack, Rule::P2, "lost-to-write-back",
     "An older dirty line may be written back over the newest bytes."},
    {HazardId::LostToInvalidate, Rule::P2, "lost-to-invalidate",
     "An invalidate may discard the newest bytes before they reach memory."},
    {HazardId::NotOrdered, Rule::P3, "not-ordered",
     "No barrier, acquire or release orders the write before the read that must see it."},
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
