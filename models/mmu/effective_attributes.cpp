// SPDX-License-Identifier: Apache-2.0
// SCTLR_ELx.{M,C,I} and the combination of both stages, from the functions of the architecture room.
#include "effective_attributes.h"

#include "staleline/arm/combine.h"
#include "staleline/arm/stage1.h"

namespace staleline::mmu {

arm::MemoryAttributes effective_attributes(const arm::MemoryAttributes& stage1,
                                           const std::optional<arm::MemoryAttributes>& stage2, AccessType type,
                                           Controls controls) {
  const auto kind = type == AccessType::Fetch ? arm::AccessKind::Fetch : arm::AccessKind::Data;
  const bool cache_on = type == AccessType::Fetch ? controls.i : controls.c;
  const auto s1 =
      controls.stage1() ? arm::stage1_access(stage1, kind, cache_on) : arm::mmu_off(kind, controls.i, controls.dc);
  return stage2 ? arm::through_stage2(s1, *stage2, kind, false) : s1;
}

}  // namespace staleline::mmu
