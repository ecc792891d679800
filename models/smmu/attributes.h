// SPDX-License-Identifier: Apache-2.0
// Attributes in an SMMU: what a device brings, what STE and GBPA make of it, what the SMMU's own accesses have, and
// the path that attributes mean (IHI 0070 chapter 13).
#pragma once

#include <cstdint>

#include "staleline/arm/attributes.h"
#include "staleline/arm/smmu_tables.h"
#include "staleline/event/event.h"

namespace staleline::smmu {

/// What a device's transaction has when it arrives.
struct Incoming {
  arm::MemoryAttributes attributes{};
  bool privileged = true, instruction = false;
};
[[nodiscard]] Incoming incoming(bool coherent, bool privileged);

/// The fields that STE and GBPA have alike.
struct Overrides {
  bool mtcfg = false;
  std::uint8_t mem_attr = 0, alloccfg = 0, shcfg = 1, privcfg = 0, instcfg = 0;
};
[[nodiscard]] Overrides overrides_of(const arm::smmu::Ste& ste);
[[nodiscard]] Overrides overrides_of_gbpa(std::uint64_t gbpa);
[[nodiscard]] Incoming apply(const Overrides& o, Incoming in);

/// Attributes of table and queue accesses from a cacheability as CR1 has it (0 Non-cacheable, 1 Write-Back,
/// 2 Write-Through), or with `ste` as STE.S1CIR has it (1 and 3 Write-Back, 2 Write-Through).
[[nodiscard]] arm::MemoryAttributes access_attributes(std::uint64_t inner, std::uint64_t outer, std::uint64_t sh,
                                                      bool ste);

/// How an access with final attributes reaches copies. Only a cacheable, shareable one snoops, and only if the
/// requester can: it leaves no copy of its own.
[[nodiscard]] event::Path path_of(const arm::MemoryAttributes& attributes, bool coherent);

}  // namespace staleline::smmu
