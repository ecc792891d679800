// SPDX-License-Identifier: Apache-2.0
// The tables of one stage, from TCR_ELx and TTBRn_ELx or VTCR_EL2 and VTTBR_EL2.
#pragma once

#include <optional>

#include "staleline/arm/walk.h"

namespace staleline::arm {

/// Empty: the registers make every access a Translation fault at level 0.
[[nodiscard]] std::optional<WalkTables> stage1_tables(const TranslationRegisters& r, Regime regime, bool upper,
                                                      bool behind_stage2);
[[nodiscard]] std::optional<WalkTables> stage2_tables(const TranslationRegisters& r);

/// shareability_decode(sh).taken(), without the choices: walks decode it often.
[[nodiscard]] constexpr Shareability taken_shareability(std::uint64_t sh) {
  switch (sh & 3) {
    case 0:
      return Shareability::NonShareable;
    case 3:
      return Shareability::InnerShareable;
    default:
      return Shareability::OuterShareable;
  }
}

}  // namespace staleline::arm
