// SPDX-License-Identifier: Apache-2.0
// issue() and complete(): system instructions and the dispatch to the other parts.
#include "semantics.h"

#include "register_file.h"
#include "staleline/a64/execute.h"

namespace staleline::a64 {
namespace {

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
  if (const Executor execute = executor_of(i)) {
    step.next = execute(i, pc, after);
    return step;
  }
  step.next = pc + 4;
  switch (i.opcode) {
    case Opcode::Directive:
      step.what = Step::What::Directive;
      step.directive = static_cast<std::uint32_t>(i.immediate);
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
      execute_simd(i, before, after);
      break;
  }
  return step;
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
