// SPDX-License-Identifier: Apache-2.0
// Attributes that stage 1 alone decides: with its MMU off, with its caches off, for fetches
// from Device memory, and for translation table walks.
#pragma once

#include <cstdint>

#include "staleline/arm/attributes.h"
#include "staleline/arm/permitted.h"

namespace staleline::arm {

enum class AccessKind : std::uint8_t { Data, Fetch };

/// Attributes of an access with stage 1 off (DDI 0487 D8.2.10): data is Device-nGnRnE; a fetch is Normal,
/// Write-Through Read-Allocate where SCTLR_ELx.I is set and Non-cacheable else, Outer Shareable. With
/// HCR_EL2.DC both are Write-Back, Non-shareable, and tagged where HCR_EL2.DCT is set.
/// `i` is SCTLR_ELx.I; `dc` and `dct` take effect in EL1&0 with EL2 enabled only.
[[nodiscard]] MemoryAttributes mmu_off(AccessKind kind, bool i, bool dc = false, bool dct = false);

/// Normal memory as Non-cacheable and untagged, as SCTLR_ELx.C or I clear, or HCR_EL2.CD or ID set, make it.
/// Device memory, XS and the shareability that is carried stay as they are.
[[nodiscard]] MemoryAttributes without_caches(const MemoryAttributes& a);

/// The stage 1 attributes of an access, from those of its descriptor (`a`, shareability included). Off caches
/// (`cache_on`: SCTLR_ELx.C for data, I for a fetch) make Normal memory Non-cacheable. A fetch from Device
/// memory, which may also fault, is taken as Normal Non-cacheable. The shareability is the descriptor's: what
/// stage 2 gets, or, where effective_shareability of it is taken first, the other IMPLEMENTATION DEFINED choice.
[[nodiscard]] MemoryAttributes stage1_access(const MemoryAttributes& a, AccessKind kind, bool cache_on = true);
/// True where memory may also stay tagged with its cache off (CONSTRAINED UNPREDICTABLE; the model: untagged).
[[nodiscard]] bool stage1_tag_open(const MemoryAttributes& a, AccessKind kind, bool cache_on);

/// Attributes of a translation table walk as TCR_ELx or VTCR_EL2 has them in IRGN, ORGN and SH (decoded), for
/// stage 2 to combine. `cache_on` is SCTLR_ELx.C for stage 1 and the inverse of HCR_EL2.CD for stage 2.
[[nodiscard]] MemoryAttributes walk_descriptor(std::uint8_t irgn, std::uint8_t orgn, Shareability sh,
                                               bool cache_on = true);
/// Attributes of a walk that no further stage changes, shareability effective. SH 0b01 is reserved.
[[nodiscard]] Permitted<MemoryAttributes> walk_attributes(std::uint8_t irgn, std::uint8_t orgn, std::uint8_t sh,
                                                          bool cache_on = true);

}  // namespace staleline::arm
