// SPDX-License-Identifier: Apache-2.0
// The short way through instructions that need nothing but registers.
#pragma once

#include "staleline/a64/step.h"

namespace staleline::a64 {

/// Executes an instruction at code address `pc` that is on registers alone, and sets `next` to where execution goes on:
/// what issue() does where its step is Step::What::Next. False, and nothing is changed, where the instruction may need
/// more than that.
[[nodiscard]] bool execute(const Instruction& instruction, arm::VirtAddr pc, Registers& registers, arm::VirtAddr& next);

}  // namespace staleline::a64
