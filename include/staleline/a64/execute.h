// SPDX-License-Identifier: Apache-2.0
// The short way through the commonest instructions: on registers alone, and plain loads and stores.
#pragma once

#include "staleline/a64/step.h"

namespace staleline::a64 {

/// Executes an instruction at code address `pc` that is on registers alone; returns where execution goes on.
using Executor = arm::VirtAddr (*)(const Instruction& instruction, arm::VirtAddr pc, Registers& registers);

/// What executes `instruction` as issue() does, whose step is then Step::What::Next. Null where it may need more than
/// registers, or moves SIMD&FP registers. It stands for the opcode, the width, the kind of operand and the condition
/// that `instruction` has, and looks at its other fields.
[[nodiscard]] Executor executor_of(const Instruction& instruction);

/// True for LDR, STR, LDP and STP of general-purpose registers that neither order nor mark anything and have the
/// permissions of their Exception level: the two functions below do for them what issue() and complete() do.
[[nodiscard]] bool is_plain_access(const Instruction& instruction);

struct PlainAccess {
  arm::VirtAddr address{};
  std::uint8_t bytes = 0;      ///< 1 to 16, of one element or of two
  std::uint8_t alignment = 1;  ///< MemoryRequest::alignment
  bool store = false;
};
/// What a plain access asks of the memory system. The bytes that it stores go to `data`.
[[nodiscard]] PlainAccess access_of(const Instruction& instruction, const Registers& registers,
                                    std::span<std::uint8_t, 16> data);
/// Writes what it writes to registers once `bytes` were loaded from its address.
void complete_access(const Instruction& instruction, std::span<const std::uint8_t, 16> bytes, Registers& registers);

}  // namespace staleline::a64
