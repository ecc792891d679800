// SPDX-License-Identifier: Apache-2.0
// Which registers an instruction reads, in which role, and which it writes.
#include "staleline/a64/instruction.h"

namespace staleline::a64 {
namespace {

void insert_second_operand(const Instruction& i, RegisterSet& set) {
  if (i.operand != Operand::Immediate) set.insert(i.rm);
}

/// Rt and Rt2.
std::uint8_t transferred(const Instruction& i, std::uint8_t number) {
  return i.simd ? static_cast<std::uint8_t>(RegisterSet::kV0 + number % 32) : number;
}

void insert_address(const Instruction& i, Roles& r) {
  r.address.insert(i.rn);
  insert_second_operand(i, r.address);
  if (i.addressing != Addressing::Offset) r.write_back.insert(i.rn);
}

}  // namespace

Roles roles(const Instruction& i) {
  Roles r;
  switch (i.opcode) {
    case Opcode::NOP:
    case Opcode::YIELD:
    case Opcode::Barrier:
    case Opcode::CLREX:
    case Opcode::SVC:
    case Opcode::HVC:
    case Opcode::SMC:
    case Opcode::BRK:
    case Opcode::HLT:
    case Opcode::UDF:
    case Opcode::UndefinedWrite:
    case Opcode::UndefinedRead:
    case Opcode::ERET:
    case Opcode::WFE:
    case Opcode::WFI:
    case Opcode::SEV:
    case Opcode::SEVL:
      break;
    case Opcode::Directive:
      r.control.insert(i.rn);  // `.expect` only
      break;
    case Opcode::MRS:
      if (i.system_register == SystemRegister::NZCV) r.data.insert(RegisterSet::kFlags);
      [[fallthrough]];
    case Opcode::MOV:
      r.written.insert(i.rd);
      break;
    case Opcode::MOVK:
      r.data.insert(i.rd);
      r.written.insert(i.rd);
      break;
    case Opcode::BFM:
      r.data.insert(i.rd);
      [[fallthrough]];
    case Opcode::ADD:
    case Opcode::SUB:
    case Opcode::AND:
    case Opcode::ORR:
    case Opcode::EOR:
    case Opcode::UBFM:
    case Opcode::SBFM:
      r.data.insert(i.rn);
      insert_second_operand(i, r.data);
      r.written.insert(i.rd);
      if (i.sets_flags) r.written.insert(RegisterSet::kFlags);
      break;
    case Opcode::ADC:
    case Opcode::SBC:
      r.data.insert(RegisterSet::kFlags);
      r.data.insert(i.rn);
      r.data.insert(i.rm);
      r.written.insert(i.rd);
      if (i.sets_flags) r.written.insert(RegisterSet::kFlags);
      break;
    case Opcode::RBIT:
    case Opcode::REV:
    case Opcode::CLZ:
    case Opcode::CLS:
      r.data.insert(i.rn);
      r.written.insert(i.rd);
      break;
    case Opcode::MADD:
    case Opcode::MSUB:
    case Opcode::SMADDL:
    case Opcode::UMADDL:
    case Opcode::SMSUBL:
    case Opcode::UMSUBL:
      r.data.insert(i.ra);
      [[fallthrough]];
    case Opcode::SMULH:
    case Opcode::UMULH:
    case Opcode::EXTR:
    case Opcode::CRC32:
    case Opcode::CRC32C:
    case Opcode::LSLV:
    case Opcode::LSRV:
    case Opcode::ASRV:
    case Opcode::RORV:
    case Opcode::UDIV:
    case Opcode::SDIV:
      r.data.insert(i.rn);
      r.data.insert(i.rm);
      r.written.insert(i.rd);
      break;
    case Opcode::DUP:
      r.data.insert(i.rn);
      [[fallthrough]];
    case Opcode::MOVI:
      r.written.insert(static_cast<std::uint8_t>(RegisterSet::kV0 + i.rd % 32));
      break;
    case Opcode::UMOV:
      r.data.insert(static_cast<std::uint8_t>(RegisterSet::kV0 + i.rn % 32));
      r.written.insert(i.rd);
      break;
    case Opcode::CSEL:
    case Opcode::CSINC:
    case Opcode::CSINV:
    case Opcode::CSNEG:
      // A select makes a data dependency on its flags, never a control dependency (DDI 0487 B2.3.2).
      r.data.insert(i.rn);
      r.data.insert(i.rm);
      r.data.insert(RegisterSet::kFlags);
      r.written.insert(i.rd);
      break;
    case Opcode::CCMP:
    case Opcode::CCMN:
      r.data.insert(i.rn);
      insert_second_operand(i, r.data);
      r.data.insert(RegisterSet::kFlags);
      r.written.insert(RegisterSet::kFlags);
      break;
    case Opcode::B:
      if (i.condition < Condition::AL) r.control.insert(RegisterSet::kFlags);
      break;
    case Opcode::BL:
      r.written.insert(30);
      break;
    case Opcode::BLR:
      r.written.insert(30);
      [[fallthrough]];
    case Opcode::BR:
    case Opcode::RET:
    case Opcode::CBZ:
    case Opcode::CBNZ:
    case Opcode::TBZ:
    case Opcode::TBNZ:
      r.control.insert(i.rn);
      break;
    case Opcode::LDP:
      r.written.insert(transferred(i, i.rt2));
      [[fallthrough]];
    case Opcode::LDR:
    case Opcode::FETCH:
    case Opcode::WALK:
      r.written.insert(transferred(i, i.rd));
      insert_address(i, r);
      break;
    case Opcode::STP:
      r.data.insert(transferred(i, i.rt2));
      [[fallthrough]];
    case Opcode::STR:
      r.data.insert(transferred(i, i.rd));
      if (i.exclusive) r.written.insert(i.ra);
      insert_address(i, r);
      break;
    case Opcode::CASP:
      r.data.insert(i.ra);
      r.data.insert(i.rt2);
      r.written.insert(i.rt2);
      [[fallthrough]];
    case Opcode::CAS:
      r.data.insert(i.rd);
      [[fallthrough]];
    case Opcode::Atomic:
      r.data.insert(i.rm);
      r.written.insert(i.rd);
      insert_address(i, r);
      break;
    case Opcode::PRFM:
    case Opcode::TLBI:
    case Opcode::AT:
    case Opcode::DC:
    case Opcode::IC:
      insert_address(i, r);
      break;
    case Opcode::MSR:
      if (i.operand != Operand::Immediate) r.data.insert(i.rn);
      if (i.system_register == SystemRegister::NZCV) r.written.insert(RegisterSet::kFlags);
      break;
  }
  return r;
}

}  // namespace staleline::a64
