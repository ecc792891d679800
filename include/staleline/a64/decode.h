// SPDX-License-Identifier: Apache-2.0
// The binary decoder: A64 words become the same IR as text programs.
#pragma once

#include <cstdint>
#include <optional>

#include "staleline/a64/instruction.h"
#include "staleline/arm/address.h"

namespace staleline::a64 {

/// The instruction that `word`, as a number, is at code address `pc` (DDI 0487 C4.1). ADR, ADRP and literals are
/// resolved with `pc`; branches are not. Empty: unallocated, or not modelled, and so UNDEFINED. MRS, MSR, SYS and SYSL
/// of what has no name here are UndefinedRead and UndefinedWrite, so that a report can say which, but for the reserved
/// identification registers, which read as zero: MOV. Total: any word has an answer. Where operands make an instruction
/// CONSTRAINED UNPREDICTABLE, it is decoded as if they did not.
[[nodiscard]] std::optional<Instruction> decode(std::uint32_t word, arm::VirtAddr pc);

}  // namespace staleline::a64
