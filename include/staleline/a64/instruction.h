// SPDX-License-Identifier: Apache-2.0
// The A64-flavoured intermediate representation: what text programs, litmus tests and binary
// guests all become.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "staleline/a64/directive.h"
#include "staleline/arm/vocabulary.h"
#include "staleline/event/types.h"

namespace staleline::a64 {

/// System registers that programs read and write. Grows with the models behind them.
enum class SystemRegister : std::uint8_t { SCTLR_EL1, CTR_EL0 };

enum class Opcode : std::uint16_t { Nop, Directive /* completed by the a64 room */ };

struct Instruction {
  Opcode opcode = Opcode::Nop;
  event::SourceLine line{};
};

struct Program {
  std::vector<Instruction> instructions;
  std::vector<Directive> directives;
};

}  // namespace staleline::a64
