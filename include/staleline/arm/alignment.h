// SPDX-License-Identifier: Apache-2.0
// Which accesses take an Alignment fault because of their memory type
// (DDI 0487 B2.5.2, B2.7.2, C6.2 DC ZVA).
#pragma once

#include <cstdint>

#include "staleline/arm/attributes.h"

namespace staleline::arm {

/// What makes the access. Fetches never take this fault, whatever their memory type.
enum class AccessShape : std::uint8_t { Fetch, LoadStore, ZeroByVA, Maintenance };

struct AlignedAccess {
  AccessShape shape = AccessShape::LoadStore;
  bool aligned = true;        ///< to its size; DC ZVA and maintenance ignore the low bits of their address
  bool a32_multiple = false;  ///< AArch32 load or store multiple
  bool ntlsmd = true;         ///< SCTLR_ELx.nTLSMD; clear traps AArch32 multiples to Device memory but GRE
};

/// True where `type` as stage 1 has it makes the access fault at stage 1. SCTLR_ELx.A is not considered.
[[nodiscard]] bool stage1_alignment_fault(const AlignedAccess& access, const MemoryAttributes& type);
/// True where `type` as stage 2 has it makes the access fault at stage 2.
[[nodiscard]] bool stage2_alignment_fault(const AlignedAccess& access, const MemoryAttributes& type);

}  // namespace staleline::arm
