// SPDX-License-Identifier: Apache-2.0
// The attributes of an access after SCTLR_ELx.{M,C,I} and stage 2 have had their say.
#pragma once

#include <optional>

#include "staleline/arm/attributes.h"
#include "staleline/mmu/translator.h"

namespace staleline::mmu {

/// `stage1`: of the mapping, or of the walk; ignored where stage 1 is off (DDI 0487 D8.2.12, D8.6).
[[nodiscard]] arm::MemoryAttributes effective_attributes(const arm::MemoryAttributes& stage1,
                                                         const std::optional<arm::MemoryAttributes>& stage2,
                                                         AccessType type, Controls controls);

}  // namespace staleline::mmu
