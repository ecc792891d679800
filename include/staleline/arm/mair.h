// SPDX-License-Identifier: Apache-2.0
// Attribute bytes: what the eight attributes of MAIR_ELx mean, and the byte that PAR_EL1 reports
// for attributes (DDI 0487 D17.2.97, D17.2.115).
#pragma once

#include <cstdint>

#include "staleline/arm/attributes.h"

namespace staleline::arm {

/// The architecture features that give attribute encodings a meaning; without them these are reserved.
struct AttributeFeatures {
  bool xs = true;         ///< FEAT_XS: MAIR 0b0000dd01, 0x40 and 0xA0
  bool mte2 = true;       ///< FEAT_MTE2: MAIR 0xF0
  bool mte_perm = false;  ///< FEAT_MTE_PERM: stage 2 NoTagAccess
  friend constexpr bool operator==(AttributeFeatures, AttributeFeatures) = default;
};

/// True where the architecture gives the byte no meaning (CONSTRAINED UNPREDICTABLE, any other byte's behaviour).
[[nodiscard]] bool mair_reserved(std::uint8_t byte, AttributeFeatures features = {});

/// The attributes of one MAIR_ELx byte. The byte holds no shareability: the result carries Outer Shareable,
/// to be replaced by the descriptor's. A reserved byte behaves as Device-nGnRnE in the model.
[[nodiscard]] MemoryAttributes mair_decode(std::uint8_t byte, AttributeFeatures features = {});

/// The byte that PAR_EL1.ATTR reports; the inverse of mair_decode up to hints that have no meaning.
[[nodiscard]] std::uint8_t mair_encode(const MemoryAttributes& a);

}  // namespace staleline::arm
