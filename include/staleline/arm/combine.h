// SPDX-License-Identifier: Apache-2.0
// Stage 2: the MemAttr field with and without HCR_EL2.FWB, and how it combines with the
// attributes of stage 1 (DDI 0487 D8.6.6, D8.6.7).
#pragma once

#include <cstdint>

#include "staleline/arm/attributes.h"
#include "staleline/arm/mair.h"
#include "staleline/arm/permitted.h"
#include "staleline/arm/stage1.h"

namespace staleline::arm {

/// The stage 2 fields of a descriptor and the controls that change their meaning.
struct Stage2 {
  std::uint8_t memattr = 0xf;                                ///< MemAttr[3:0]
  Shareability shareability = Shareability::InnerShareable;  ///< SH[1:0], decoded
  bool fwb = false;                                          ///< HCR_EL2.FWB
  bool cache_off = false;                                    ///< HCR_EL2.CD for data, HCR_EL2.ID for a fetch
};

/// MemAttr[3:0] alone, as it reads with FWB clear: type and cacheability; allocation hints come from
/// stage 1. 0b0100, 0b1000 and 0b1100 leave the inner cacheability open (the model: Non-cacheable), but for
/// 0b0100 with FEAT_MTE_PERM, which is Write-Back.
[[nodiscard]] Permitted<MemoryAttributes> stage2_decode(std::uint8_t memattr, Shareability shareability,
                                                        AttributeFeatures features = {});

/// True where the encoding also forbids tag accesses (FEAT_MTE_PERM, NoTagAccess).
[[nodiscard]] bool stage2_no_tag_access(std::uint8_t memattr, bool fwb, AttributeFeatures features);

/// Both stages without FWB: the stricter type, the weaker cacheability, the wider shareability; hints and XS are
/// those of stage 1. Memory stays tagged only while Write-Back, read and write allocating.
[[nodiscard]] MemoryAttributes combine(const MemoryAttributes& s1, const MemoryAttributes& s2);

/// Both stages with HCR_EL2.FWB set: MemAttr[2:0] 0b0xx is Device, 0b101 Non-cacheable, 0b110 Write-Back
/// whatever stage 1 says (Device included), 0b111 stage 1 unchanged. 0b100 is reserved and taken as 0b101;
/// bit 3 is RES0 or NoTagAccess and plays no part.
[[nodiscard]] MemoryAttributes combine_fwb(const MemoryAttributes& s1, std::uint8_t memattr, Shareability s2);

/// The final attributes of an access of stage 1 attributes `s1` (from stage1_access, mmu_off or walk_attributes)
/// through stage 2; total over all inputs. Open encodings take the model's choice.
[[nodiscard]] MemoryAttributes through_stage2(const MemoryAttributes& s1, const Stage2& s2, AccessKind kind,
                                              AttributeFeatures features = {});
/// The same with the stage 2 MemAttr already decoded, FWB clear: for one of several permitted values.
[[nodiscard]] MemoryAttributes through_stage2(const MemoryAttributes& s1, const MemoryAttributes& s2, AccessKind kind,
                                              bool cache_off);

/// The attributes of a stage 1 table walk (`walk` from walk_descriptor) through stage 2. Where stage 2 says Device, the
/// walk is made as to Normal Non-cacheable memory (HCR_EL2.PTW clear) or faults (PTW set). `s2.cache_off` is
/// HCR_EL2.CD.
[[nodiscard]] MemoryAttributes walk_through_stage2(const MemoryAttributes& walk, const Stage2& s2,
                                                   AttributeFeatures features = {});
/// The same with the stage 2 MemAttr already decoded, FWB clear.
[[nodiscard]] MemoryAttributes walk_through_stage2(const MemoryAttributes& walk, const MemoryAttributes& s2,
                                                   bool cache_off);
/// True where stage 2 makes the memory of a stage 1 table walk Device, so that HCR_EL2.PTW makes the walk fault.
[[nodiscard]] bool stage2_device_walk(std::uint8_t memattr, bool fwb);

}  // namespace staleline::arm
