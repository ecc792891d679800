// SPDX-License-Identifier: Apache-2.0
// issue() and complete(): branches, system instructions and the dispatch to the other parts.
#include "semantics.h"

#include "register_file.h"

namespace staleline::a64 {
namespace {

/// The index of the instruction at a code address; past the end (and so the end) where there is none.
std::uint32_t index_at(const Program& program, std::uint64_t address) {
  const std::uint64_t offset = address - program.code.value;
  const auto size = static_cast<std::uint32_t>(program.instructions.size());
  return offset % 4 == 0 && offset / 4 < size ? static_cast<std::uint32_t>(offset / 4) : size;
}

bool branches(const Instruction& i, const Registers& registers) {
  switch (i.opcode) {
    case Opcode::CBZ:
      return read(registers, i.rn, i.is_64bit) == 0;
    case Opcode::CBNZ:
      return read(registers, i.rn, i.is_64bit) != 0;
    case Opcode::TBZ:
      return (read(registers, i.rn) >> (i.amount % 64) & 1) == 0;
    case Opcode::TBNZ:
      return (read(registers, i.rn) >> (i.amount % 64) & 1) != 0;
    default:
      return holds(i.condition, registers);
  }
}

}  // namespace

Step issue(const Program& program, std::uint32_t index, const Registers& before, Registers& after) {
  Step step;
  if (&before != &after) after = before;
  if (index >= program.instructions.size()) {
    step.what = Step::What::End;
    step.next_index = index;
    return step;
  }
  const Instruction& i = program.instructions[index];
  step.next_index = index + 1;
  switch (i.opcode) {
    case Opcode::NOP:
    case Opcode::YIELD:
      break;
    case Opcode::Directive:
      step.what = Step::What::Directive;
      step.directive = static_cast<std::uint32_t>(i.immediate);
      break;
    case Opcode::B:
    case Opcode::CBZ:
    case Opcode::CBNZ:
    case Opcode::TBZ:
    case Opcode::TBNZ:
      if (branches(i, before)) step.next_index = static_cast<std::uint32_t>(i.immediate);
      break;
    case Opcode::BL:
      step.next_index = static_cast<std::uint32_t>(i.immediate);
      write(after, 30, program.code.value + 4 * (std::uint64_t{index} + 1));
      break;
    case Opcode::BR:
    case Opcode::RET:
      step.next_index = index_at(program, read(before, i.rn));
      break;
    case Opcode::BLR:
      step.next_index = index_at(program, read(before, i.rn));
      write(after, 30, program.code.value + 4 * (std::uint64_t{index} + 1));
      break;
    case Opcode::LDR:
    case Opcode::STR:
    case Opcode::LDP:
    case Opcode::STP:
    case Opcode::DC:
    case Opcode::IC:
    case Opcode::FETCH:
    case Opcode::WALK:
      step.what = Step::What::Memory;
      step.memory = memory_request(i, before);
      break;
    case Opcode::Barrier:
      step.what = Step::What::Barrier;
      step.barrier = i.barrier;
      break;
    case Opcode::MSR:
      step.what = Step::What::WriteSystem;
      step.system_register = i.system_register;
      step.value = read(before, i.rn);
      break;
    case Opcode::MRS:
      step.what = Step::What::ReadSystem;
      step.system_register = i.system_register;
      break;
    default:
      execute_integer(i, before, after);
      break;
  }
  return step;
}

void complete(const Program& program, std::uint32_t index, const std::array<std::uint64_t, 2>& response,
              Registers& registers) {
  if (index >= program.instructions.size()) return;
  const Instruction& i = program.instructions[index];
  switch (i.opcode) {
    case Opcode::MRS:
      write(registers, i.rd, response[0]);
      break;
    case Opcode::LDR:
    case Opcode::STR:
    case Opcode::LDP:
    case Opcode::STP:
    case Opcode::FETCH:
    case Opcode::WALK:
      complete_memory(i, response, registers);
      break;
    default:
      break;
  }
}

}  // namespace staleline::a64
