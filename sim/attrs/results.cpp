// SPDX-License-Identifier: Apache-2.0
// Every reading of a stage 2 descriptor, one after the other.
#include "results.h"

#include "staleline/arm/combine.h"
#include "staleline/arm/shareability.h"

namespace staleline::attrs {

void add_through_stage2(Results& results, const arm::MemoryAttributes& s1, const Stage2Fields& s2, Via via,
                        arm::AttributeFeatures features) {
  const auto kind = via == Via::Data ? arm::AccessKind::Data : arm::AccessKind::Fetch;
  for (const arm::Shareability share : arm::shareability_decode(s2.sh)) {
    if (s2.fwb) {
      const arm::Stage2 fields{s2.memattr, share, true, s2.cache_off};
      results.add(via == Via::Walk ? arm::walk_through_stage2(s1, fields, features)
                                   : arm::through_stage2(s1, fields, kind, features));
      continue;
    }
    for (const arm::MemoryAttributes& meaning : arm::stage2_decode(s2.memattr, share, features)) {
      results.add(via == Via::Walk ? arm::walk_through_stage2(s1, meaning, s2.cache_off)
                                   : arm::through_stage2(s1, meaning, kind, s2.cache_off));
    }
  }
}

bool open_memattr(const Stage2Fields& s2, arm::AttributeFeatures features) {
  return !s2.fwb && arm::stage2_decode(s2.memattr, arm::Shareability::NonShareable, features).open();
}

}  // namespace staleline::attrs
