// SPDX-License-Identifier: Apache-2.0
// issue() and complete(): branches, system instructions and the dispatch to the other parts.
#include "semantics.h"

#include "register_file.h"
#include "staleline/a64/execute.h"

namespace staleline::a64 {
namespace {

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

/// MSR: of NZCV at once, of all others by who performs the step.
void write_system(const Instruction& i, const Registers& before, Registers& after, Step& step) {
  const std::uint64_t value = i.operand == Operand::Immediate ? i.immediate : read(before, i.rn);
  if (i.system_register == SystemRegister::NZCV) {
    write_flags(after, static_cast<unsigned>(value >> 28 & 15));
    return;
  }
  step.what = Step::What::WriteSystem;
  step.system_register = i.system_register;
  step.value = value;
  if (i.operand == Operand::Immediate) step.mask = i.mask;
}

void call(const Instruction& i, ExceptionCall kind, Step& step) {
  step.what = Step::What::ExceptionCall;
  step.call = kind;
  step.value = i.immediate;
}

}  // namespace

Step issue(const Instruction& i, arm::VirtAddr pc, const Registers& before, Registers& after) {
  Step step;
  if (&before != &after) after = before;
  step.next = pc + 4;
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
      if (branches(i, before)) step.next = pc + i.immediate;
      break;
    case Opcode::BL:
      step.next = pc + i.immediate;
      write(after, 30, (pc + 4).value);
      break;
    case Opcode::BR:
    case Opcode::RET:
      step.next = {read(before, i.rn)};
      break;
    case Opcode::BLR:
      step.next = {read(before, i.rn)};
      write(after, 30, (pc + 4).value);
      break;
    case Opcode::LDR:
    case Opcode::STR:
    case Opcode::LDP:
    case Opcode::STP:
    case Opcode::Atomic:
    case Opcode::CAS:
    case Opcode::CASP:
    case Opcode::PRFM:
    case Opcode::DC:
    case Opcode::IC:
    case Opcode::TLBI:
    case Opcode::AT:
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
      write_system(i, before, after, step);
      break;
    case Opcode::MRS:
      if (i.system_register == SystemRegister::NZCV) {
        write(after, i.rd, std::uint64_t{flags_of(before)} << 28);
        break;
      }
      step.what = Step::What::ReadSystem;
      step.system_register = i.system_register;
      break;
    case Opcode::SVC:
      call(i, ExceptionCall::SVC, step);
      break;
    case Opcode::HVC:
      call(i, ExceptionCall::HVC, step);
      break;
    case Opcode::SMC:
      call(i, ExceptionCall::SMC, step);
      break;
    case Opcode::BRK:
      call(i, ExceptionCall::BRK, step);
      break;
    case Opcode::HLT:
    case Opcode::UDF:
    case Opcode::UndefinedWrite:
    case Opcode::UndefinedRead:
      step.what = Step::What::Undefined;
      break;
    case Opcode::ERET:
      step.what = Step::What::ExceptionReturn;
      break;
    case Opcode::WFE:
      step.what = Step::What::WaitForEvent;
      break;
    case Opcode::WFI:
      step.what = Step::What::WaitForInterrupt;
      break;
    case Opcode::SEV:
    case Opcode::SEVL:
      step.what = Step::What::SendEvent;
      step.local = i.opcode == Opcode::SEVL;
      break;
    case Opcode::CLREX:
      step.what = Step::What::ClearExclusive;
      break;
    default:
      if (!execute_integer(i, before, after) && !execute_bits(i, before, after)) execute_simd(i, before, after);
      break;
  }
  return step;
}

bool execute(const Instruction& i, arm::VirtAddr pc, Registers& registers, arm::VirtAddr& next) {
  const Opcode o = i.opcode;
  if (o >= Opcode::MOV && o <= Opcode::CCMN) {
    if (!execute_integer(i, registers, registers)) execute_bits(i, registers, registers);
    next = pc + 4;
    return true;
  }
  switch (o) {
    case Opcode::NOP:
    case Opcode::YIELD:
      next = pc + 4;
      return true;
    case Opcode::B:
    case Opcode::CBZ:
    case Opcode::CBNZ:
    case Opcode::TBZ:
    case Opcode::TBNZ:
      next = branches(i, registers) ? pc + i.immediate : pc + 4;
      return true;
    case Opcode::BL:
      next = pc + i.immediate;
      write(registers, 30, (pc + 4).value);
      return true;
    case Opcode::BR:
    case Opcode::RET:
      next = {read(registers, i.rn)};
      return true;
    default:
      return false;
  }
}

void complete(const Instruction& i, const Elements& response, Registers& registers) {
  switch (i.opcode) {
    case Opcode::MRS:
      if (i.system_register != SystemRegister::NZCV) write(registers, i.rd, response[0]);
      break;
    case Opcode::LDR:
    case Opcode::STR:
    case Opcode::LDP:
    case Opcode::STP:
    case Opcode::Atomic:
    case Opcode::CAS:
    case Opcode::CASP:
    case Opcode::FETCH:
    case Opcode::WALK:
      complete_memory(i, response, registers);
      break;
    default:
      break;
  }
}

}  // namespace staleline::a64
