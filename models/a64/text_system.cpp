// SPDX-License-Identifier: Apache-2.0
// Barriers and accesses to system registers, as text.
#include "text.h"

namespace staleline::a64 {
namespace {

std::string barrier_text(arm::Barrier b) {
  if (b.kind == arm::BarrierKind::ISB) return "isb";
  return fmt::format("{} {}", b.kind == arm::BarrierKind::DMB ? "dmb" : "dsb", arm::option_of(b));
}

std::string name(SystemRegister r) { return lower(arm::name_of(r)); }

std::string write_text(const Instruction& i) {
  if (i.operand != Operand::Immediate) return fmt::format("msr {}, {}", name(i.system_register), reg(i.rn, true));
  switch (i.system_register) {
    case SystemRegister::DAIF:
      return fmt::format("msr daif{}, #{}", i.immediate == 0 ? "clr" : "set", i.mask >> 6 & 15);
    default:
      return fmt::format("msr {}, #{}", name(i.system_register), i.immediate != 0 ? 1 : 0);
  }
}

/// A register as the architecture names it, or S<op0>_<op1>_C<n>_C<m>_<op2>.
std::string name(arm::SystemEncoding e) {
  const auto known = arm::system_register_at(e);
  if (known) return name(*known);
  return fmt::format("s{}_{}_c{}_c{}_{}", e.op0(), e.op1(), e.crn(), e.crm(), e.op2());
}

std::string operation_text(arm::SystemEncoding e) {
  return fmt::format("#{}, c{}, c{}, #{}", e.op1(), e.crn(), e.crm(), e.op2());
}

arm::SystemEncoding encoding_of(const Instruction& i) {
  arm::SystemEncoding e;
  e.packed = static_cast<std::uint16_t>(i.immediate);
  return e;
}

std::string undefined_write_text(const Instruction& i) {
  const arm::SystemEncoding e = encoding_of(i);
  if (e.op0() != 1) return fmt::format("msr {}, {}", name(e), reg(i.rn, true));
  return fmt::format("sys {}, {}", operation_text(e), reg(i.rn, true));
}

std::string undefined_read_text(const Instruction& i) {
  const arm::SystemEncoding e = encoding_of(i);
  if (e.op0() != 1) return fmt::format("mrs {}, {}", reg(i.rd, true), name(e));
  return fmt::format("sysl {}, {}", reg(i.rd, true), operation_text(e));
}

}  // namespace

std::string system_text(const Instruction& i) {
  switch (i.opcode) {
    case Opcode::Barrier:
      return barrier_text(i.barrier);
    case Opcode::MSR:
      return write_text(i);
    case Opcode::MRS:
      return fmt::format("mrs {}, {}", reg(i.rd, true), name(i.system_register));
    case Opcode::UndefinedWrite:
      return undefined_write_text(i);
    default:
      return undefined_read_text(i);
  }
}

}  // namespace staleline::a64
