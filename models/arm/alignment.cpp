// SPDX-License-Identifier: Apache-2.0
// Alignment faults that come from Device memory.
#include "staleline/arm/alignment.h"

namespace staleline::arm {

bool stage1_alignment_fault(const AlignedAccess& access, const MemoryAttributes& type) {
  if (access.shape == AccessShape::Fetch || type.type != MemoryType::Device) return false;
  // The trap of AArch32 multiples replaces the alignment check: aligned ones fault as well, GRE is exempt.
  if (access.a32_multiple && !access.ntlsmd) return type.device != DeviceType::GRE;
  return !access.aligned || access.shape == AccessShape::ZeroByVA;
}

bool stage2_alignment_fault(const AlignedAccess& access, const MemoryAttributes& type) {
  if (access.shape == AccessShape::Fetch || type.type != MemoryType::Device) return false;
  return !access.aligned || access.shape == AccessShape::ZeroByVA;
}

}  // namespace staleline::arm
