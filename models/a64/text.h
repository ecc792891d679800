// SPDX-License-Identifier: Apache-2.0
// The parts of instructions as text that several files need.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>

#include "line.h"
#include "staleline/a64/instruction.h"

namespace staleline::a64 {

[[nodiscard]] inline std::string reg(std::uint8_t number, bool is_64bit) {
  if (number == kZeroRegister) return is_64bit ? "xzr" : "wzr";
  if (number == kStackPointer) return is_64bit ? "sp" : "wsp";
  return fmt::format("{}{}", is_64bit ? 'x' : 'w', number);
}

[[nodiscard]] inline std::string imm(std::uint64_t value) { return fmt::format("#{:#x}", value); }

[[nodiscard]] inline std::string_view name(Extend extend) {
  constexpr std::string_view kNames[] = {"uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx"};
  return kNames[static_cast<std::size_t>(extend) % 8];
}

[[nodiscard]] inline bool extends_x(Extend extend) { return extend == Extend::UXTX || extend == Extend::SXTX; }

/// The operand that may be an immediate, a shifted or an extended register.
[[nodiscard]] std::string second_operand_text(const Instruction& i);
/// B, BL, CBZ, CBNZ, TBZ, TBNZ, and such a one with the text of where it goes.
[[nodiscard]] bool is_direct_branch(const Instruction& i);
[[nodiscard]] std::string branch_text(const Instruction& i, std::string_view target);
/// Loads, stores, atomics, prefetches, maintenance, FETCH and WALK.
[[nodiscard]] std::string memory_text(const Instruction& i);
/// Barriers, MSR and MRS, known or UNDEFINED.
[[nodiscard]] std::string system_text(const Instruction& i);

}  // namespace staleline::a64
