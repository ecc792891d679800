// SPDX-License-Identifier: Apache-2.0
// Shareability: SH fields of descriptors, combining two stages, and what is left of it for
// memory that is Outer Shareable by nature (DDI 0487 D8.6.2, D8.6.7).
#pragma once

#include <cstdint>

#include "staleline/arm/attributes.h"
#include "staleline/arm/permitted.h"

namespace staleline::arm {

/// An SH[1:0] field; 0b01 is reserved and may mean any of the three (the model: Outer Shareable).
[[nodiscard]] Permitted<Shareability> shareability_decode(std::uint8_t sh);
/// The SH[1:0] field of a shareability.
[[nodiscard]] std::uint8_t shareability_encode(Shareability s);

/// The wider of the two stages' shareabilities.
[[nodiscard]] constexpr Shareability combine(Shareability s1, Shareability s2) { return s1 > s2 ? s1 : s2; }

/// Device memory and Normal memory that is Non-cacheable both inner and outer are Outer Shareable, whatever
/// the descriptors say; other memory has the shareability that it carries.
[[nodiscard]] Shareability effective_shareability(const MemoryAttributes& a);

}  // namespace staleline::arm
