// SPDX-License-Identifier: Apache-2.0
// The parts of the instruction semantics that issue() and complete() put together.
#pragma once

#include <array>
#include <cstdint>

#include "staleline/a64/step.h"

namespace staleline::a64 {

/// Executes MOVI, DUP, UMOV; `before` and `after` may be the same object. False where the opcode is none of these.
bool execute_simd(const Instruction& i, const Registers& before, Registers& after);

/// The request of a load, store, atomic, prefetch, DC, IC, TLBI, AT, FETCH or WALK.
[[nodiscard]] MemoryRequest memory_request(const Instruction& i, const Registers& registers);

/// Writes what a memory instruction writes once its response is there.
void complete_memory(const Instruction& i, const Elements& response, Registers& registers);

}  // namespace staleline::a64
