// SPDX-License-Identifier: Apache-2.0
// A function for each kind of instruction on registers alone: the semantics with all known that decoding knows.
#include "staleline/a64/execute.h"

#include <array>
#include <utility>

#include "bits.h"
#include "integer.h"

namespace staleline::a64 {
namespace {

// MOV ... CCMN, each in both widths and with each kind of operand.
constexpr auto kFirst = static_cast<std::size_t>(Opcode::MOV), kLast = static_cast<std::size_t>(Opcode::CCMN);
constexpr std::size_t kWidths = 2, kOperands = 3;
constexpr std::size_t place_of(Opcode opcode, bool wide, Operand operand) {
  return ((static_cast<std::size_t>(opcode) - kFirst) * kWidths + (wide ? 1 : 0)) * kOperands +
         static_cast<std::size_t>(operand);
}

template <std::size_t kPlace>
arm::VirtAddr compute(const Instruction& i, arm::VirtAddr pc, Registers& registers) {
  constexpr auto opcode = static_cast<Opcode>(kFirst + kPlace / (kWidths * kOperands));
  constexpr bool wide = kPlace / kOperands % kWidths != 0;
  constexpr auto operand = static_cast<Operand>(kPlace % kOperands);
  if (!integer(opcode, wide, operand, i, registers, registers)) bits(opcode, wide, i, registers, registers);
  return pc + 4;
}

constexpr auto kCompute = []<std::size_t... kPlaces>(std::index_sequence<kPlaces...>) {
  return std::array<Executor, sizeof...(kPlaces)>{compute<kPlaces>...};
}(std::make_index_sequence<(kLast - kFirst + 1) * kWidths * kOperands>());

arm::VirtAddr nothing(const Instruction&, arm::VirtAddr pc, Registers&) { return pc + 4; }

template <std::size_t kCondition>
arm::VirtAddr branch(const Instruction& i, arm::VirtAddr pc, Registers& registers) {
  return holds(static_cast<Condition>(kCondition), registers) ? pc + i.immediate : pc + 4;
}

constexpr auto kBranch = []<std::size_t... kConditions>(std::index_sequence<kConditions...>) {
  return std::array<Executor, sizeof...(kConditions)>{branch<kConditions>...};
}(std::make_index_sequence<16>());

template <bool kWide, bool kZero>
arm::VirtAddr compare_and_branch(const Instruction& i, arm::VirtAddr pc, Registers& registers) {
  return (read(registers, i.rn, kWide) == 0) == kZero ? pc + i.immediate : pc + 4;
}

template <bool kZero>
arm::VirtAddr test_and_branch(const Instruction& i, arm::VirtAddr pc, Registers& registers) {
  return ((read(registers, i.rn) >> (i.amount % 64) & 1) == 0) == kZero ? pc + i.immediate : pc + 4;
}

arm::VirtAddr branch_with_link(const Instruction& i, arm::VirtAddr pc, Registers& registers) {
  write(registers, 30, (pc + 4).value);
  return pc + i.immediate;
}

arm::VirtAddr branch_to_register(const Instruction& i, arm::VirtAddr, Registers& registers) {
  return {read(registers, i.rn)};
}

arm::VirtAddr branch_to_register_with_link(const Instruction& i, arm::VirtAddr pc, Registers& registers) {
  const arm::VirtAddr to{read(registers, i.rn)};
  write(registers, 30, (pc + 4).value);
  return to;
}

}  // namespace

Executor executor_of(const Instruction& i) {
  switch (i.opcode) {
    case Opcode::NOP:
    case Opcode::YIELD:
      return nothing;
    case Opcode::B:
      return kBranch.at(static_cast<std::size_t>(i.condition));
    case Opcode::CBZ:
      return i.is_64bit ? compare_and_branch<true, true> : compare_and_branch<false, true>;
    case Opcode::CBNZ:
      return i.is_64bit ? compare_and_branch<true, false> : compare_and_branch<false, false>;
    case Opcode::TBZ:
      return test_and_branch<true>;
    case Opcode::TBNZ:
      return test_and_branch<false>;
    case Opcode::BL:
      return branch_with_link;
    case Opcode::BR:
    case Opcode::RET:
      return branch_to_register;
    case Opcode::BLR:
      return branch_to_register_with_link;
    default:
      if (i.opcode < Opcode::MOV || i.opcode > Opcode::CCMN) return nullptr;
      return kCompute.at(place_of(i.opcode, i.is_64bit, i.operand));
  }
}

}  // namespace staleline::a64
