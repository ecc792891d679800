// SPDX-License-Identifier: Apache-2.0
// The parts of the instruction semantics that issue() and complete() put together.
#pragma once

#include <array>
#include <cstdint>

#include "staleline/a64/step.h"

namespace staleline::a64 {

/// The second operand: an immediate, a shifted or an extended register. `is_64bit` is its width.
[[nodiscard]] std::uint64_t second_operand(const Instruction& i, const Registers& registers, bool is_64bit);

/// Executes MOV ... CCMN; `before` and `after` may be the same object. False where the opcode is none of these.
bool execute_integer(const Instruction& i, const Registers& before, Registers& after);

/// Executes EXTR, long multiplications, bit counts and reversals, CRC32; as execute_integer otherwise.
bool execute_bits(const Instruction& i, const Registers& before, Registers& after);

/// Executes MOVI, DUP, UMOV; as execute_integer otherwise.
bool execute_simd(const Instruction& i, const Registers& before, Registers& after);

/// The request of a load, store, atomic, prefetch, DC, IC, TLBI, AT, FETCH or WALK.
[[nodiscard]] MemoryRequest memory_request(const Instruction& i, const Registers& registers);

/// Writes what a memory instruction writes once its response is there.
void complete_memory(const Instruction& i, const Elements& response, Registers& registers);

}  // namespace staleline::a64
