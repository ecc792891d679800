// SPDX-License-Identifier: Apache-2.0
// Instructions as text, one canonical spelling each.
#include <fmt/format.h>

#include <string>

#include "line.h"
#include "staleline/a64/instruction.h"

namespace staleline::a64 {
namespace {

std::string reg(std::uint8_t number, bool is_64bit) {
  if (number == kZeroRegister) return is_64bit ? "xzr" : "wzr";
  if (number == kStackPointer) return is_64bit ? "sp" : "wsp";
  return fmt::format("{}{}", is_64bit ? 'x' : 'w', number);
}

std::string imm(std::uint64_t value) { return fmt::format("#{:#x}", value); }

std::string_view name(Shift shift) {
  switch (shift) {
    case Shift::LSL:
      return "lsl";
    case Shift::LSR:
      return "lsr";
    case Shift::ASR:
      return "asr";
    case Shift::ROR:
      return "ror";
  }
  return "";
}

std::string_view name(Extend extend) {
  constexpr std::string_view kNames[] = {"uxtb", "uxth", "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx"};
  return kNames[static_cast<std::size_t>(extend) % 8];
}

bool extends_x(Extend extend) { return extend == Extend::UXTX || extend == Extend::SXTX; }

std::string second_operand_text(const Instruction& i) {
  if (i.operand == Operand::Immediate) return imm(i.immediate);
  if (i.operand == Operand::Shifted) {
    const std::string rm = reg(i.rm, i.is_64bit);
    return i.amount == 0 ? rm : fmt::format("{}, {} #{}", rm, name(i.shift), i.amount);
  }
  const std::string rm = reg(i.rm, i.is_64bit && extends_x(i.extend));
  return fmt::format("{}, {}{}", rm, name(i.extend), i.amount == 0 ? "" : fmt::format(" #{}", i.amount));
}

std::string address_text(const Instruction& i) {
  const std::string base = reg(i.rn, true);
  if (i.operand == Operand::Extended) {
    const bool wide = extends_x(i.extend);
    const std::string_view extension = i.extend == Extend::UXTX ? "lsl" : name(i.extend);
    if (i.extend == Extend::UXTX && i.amount == 0) return fmt::format("[{}, {}]", base, reg(i.rm, true));
    return fmt::format("[{}, {}, {} #{}]", base, reg(i.rm, wide), extension, i.amount);
  }
  if (i.rn == kZeroRegister) return fmt::format("[{:#x}]", i.immediate);
  const auto offset = static_cast<std::int64_t>(i.immediate);
  switch (i.addressing) {
    case Addressing::Offset:
      return offset == 0 ? fmt::format("[{}]", base) : fmt::format("[{}, #{}]", base, offset);
    case Addressing::PreIndex:
      return fmt::format("[{}, #{}]!", base, offset);
    case Addressing::PostIndex:
      return fmt::format("[{}], #{}", base, offset);
  }
  return base;
}

/// ldrsb, ldur (where only its range fits), ldapr, stlrh, ...
std::string access_mnemonic(const Instruction& i) {
  const bool load = i.opcode == Opcode::LDR;
  const bool narrow = i.element_bytes < 4 || (i.sign_extends && i.element_bytes == 4);
  const char* const size = !narrow ? "" : (i.element_bytes == 1 ? "b" : (i.element_bytes == 2 ? "h" : "w"));
  if (i.acquire) return fmt::format("lda{}{}", i.acquire_pc ? "pr" : "r", size);
  if (i.release) return fmt::format("stlr{}", size);
  const auto offset = static_cast<std::int64_t>(i.immediate);
  const bool plain = i.operand == Operand::Immediate && i.addressing == Addressing::Offset && i.rn != kZeroRegister;
  const bool unscaled = plain && (offset < 0 || offset % i.element_bytes != 0);
  return fmt::format("{}{}r{}{}", load ? "ld" : "st", unscaled ? "u" : "", i.sign_extends ? "s" : "", size);
}

std::string maintenance_text(const Instruction& i) {
  const std::string_view operation = arm::name_of(i.op);
  if (!arm::is_by_va(i.op)) return std::string(operation);
  if (i.rn != kZeroRegister) return fmt::format("{}, {}", operation, reg(i.rn, true));
  if (i.range_bytes == 0) return fmt::format("{}, {:#x}", operation, i.immediate);
  return fmt::format("{}, {:#x}..{:#x}", operation, i.immediate, i.immediate + i.range_bytes);
}

std::string barrier_text(arm::Barrier b) {
  if (b.kind == arm::BarrierKind::ISB) return "isb";
  return fmt::format("{} {}", b.kind == arm::BarrierKind::DMB ? "dmb" : "dsb", arm::option_of(b));
}

std::string_view logical_name(const Instruction& i) {
  switch (i.opcode) {
    case Opcode::AND:
      return i.inverts ? "bic" : "and";
    case Opcode::ORR:
      return i.inverts ? "orn" : "orr";
    default:
      return i.inverts ? "eon" : "eor";
  }
}

std::string_view plain_name(Opcode opcode) {
  switch (opcode) {
    case Opcode::ADD:
      return "add";
    case Opcode::SUB:
      return "sub";
    case Opcode::UBFM:
      return "ubfm";
    case Opcode::SBFM:
      return "sbfm";
    case Opcode::BFM:
      return "bfm";
    case Opcode::LSLV:
      return "lsl";
    case Opcode::LSRV:
      return "lsr";
    case Opcode::ASRV:
      return "asr";
    case Opcode::RORV:
      return "ror";
    case Opcode::MADD:
      return "madd";
    case Opcode::MSUB:
      return "msub";
    case Opcode::UDIV:
      return "udiv";
    case Opcode::SDIV:
      return "sdiv";
    case Opcode::CSEL:
      return "csel";
    case Opcode::CSINC:
      return "csinc";
    case Opcode::CSINV:
      return "csinv";
    case Opcode::CSNEG:
      return "csneg";
    case Opcode::CCMP:
      return "ccmp";
    case Opcode::CCMN:
      return "ccmn";
    case Opcode::BL:
      return "bl";
    case Opcode::BR:
      return "br";
    case Opcode::BLR:
      return "blr";
    case Opcode::RET:
      return "ret";
    case Opcode::CBZ:
      return "cbz";
    case Opcode::CBNZ:
      return "cbnz";
    case Opcode::TBZ:
      return "tbz";
    case Opcode::TBNZ:
      return "tbnz";
    case Opcode::FETCH:
      return ".fetch";
    case Opcode::WALK:
      return ".walk";
    default:
      return "";
  }
}

std::string name(SystemRegister r) { return lower(arm::name_of(r)); }

}  // namespace

std::string text_of(const Instruction& i) {
  const auto r = [&i](std::uint8_t number) { return reg(number, i.is_64bit); };
  const std::string_view plain = plain_name(i.opcode);
  const char* const s = i.sets_flags ? "s" : "";
  switch (i.opcode) {
    case Opcode::NOP:
      return "nop";
    case Opcode::YIELD:
      return "yield";
    case Opcode::Directive:
      return fmt::format(".directive {}", i.immediate);
    case Opcode::MOV:
      return fmt::format("mov {}, {}", r(i.rd), imm(i.immediate));
    case Opcode::MOVK:
      return fmt::format("movk {}, {}, lsl #{}", r(i.rd), imm(i.immediate), i.amount);
    case Opcode::ADD:
    case Opcode::SUB:
      return fmt::format("{}{} {}, {}, {}", plain, s, r(i.rd), r(i.rn), second_operand_text(i));
    case Opcode::AND:
    case Opcode::ORR:
    case Opcode::EOR:
      return fmt::format("{}{} {}, {}, {}", logical_name(i), s, r(i.rd), r(i.rn), second_operand_text(i));
    case Opcode::UBFM:
    case Opcode::SBFM:
    case Opcode::BFM:
      return fmt::format("{} {}, {}, #{}, #{}", plain, r(i.rd), r(i.rn), i.amount, i.immediate);
    case Opcode::LSLV:
    case Opcode::LSRV:
    case Opcode::ASRV:
    case Opcode::RORV:
    case Opcode::UDIV:
    case Opcode::SDIV:
      return fmt::format("{} {}, {}, {}", plain, r(i.rd), r(i.rn), r(i.rm));
    case Opcode::MADD:
    case Opcode::MSUB:
      return fmt::format("{} {}, {}, {}, {}", plain, r(i.rd), r(i.rn), r(i.rm), r(i.ra));
    case Opcode::CSEL:
    case Opcode::CSINC:
    case Opcode::CSINV:
    case Opcode::CSNEG:
      return fmt::format("{} {}, {}, {}, {}", plain, r(i.rd), r(i.rn), r(i.rm), text_of(i.condition));
    case Opcode::CCMP:
    case Opcode::CCMN: {
      const std::string operand = i.operand == Operand::Immediate ? imm(i.immediate) : r(i.rm);
      return fmt::format("{} {}, {}, #{}, {}", plain, r(i.rn), operand, i.amount, text_of(i.condition));
    }
    case Opcode::B:
      return i.condition == Condition::AL ? fmt::format("b {}", i.immediate)
                                          : fmt::format("b.{} {}", text_of(i.condition), i.immediate);
    case Opcode::BL:
      return fmt::format("{} {}", plain, i.immediate);
    case Opcode::BR:
    case Opcode::BLR:
    case Opcode::RET:
      return fmt::format("{} {}", plain, reg(i.rn, true));
    case Opcode::CBZ:
    case Opcode::CBNZ:
      return fmt::format("{} {}, {}", plain, r(i.rn), i.immediate);
    case Opcode::TBZ:
    case Opcode::TBNZ:
      return fmt::format("{} {}, #{}, {}", plain, r(i.rn), i.amount, i.immediate);
    case Opcode::LDR:
    case Opcode::STR:
      return fmt::format("{} {}, {}", access_mnemonic(i), r(i.rd), address_text(i));
    case Opcode::LDP:
    case Opcode::STP: {
      const char* const mnemonic = i.opcode == Opcode::STP ? "stp" : (i.sign_extends ? "ldpsw" : "ldp");
      return fmt::format("{} {}, {}, {}", mnemonic, r(i.rd), r(i.rt2), address_text(i));
    }
    case Opcode::FETCH:
    case Opcode::WALK:
      return fmt::format("{} {}, {}", plain, r(i.rd), address_text(i));
    case Opcode::DC:
    case Opcode::IC:
      return maintenance_text(i);
    case Opcode::Barrier:
      return barrier_text(i.barrier);
    case Opcode::MSR:
      return fmt::format("msr {}, {}", name(i.system_register), reg(i.rn, true));
    case Opcode::MRS:
      return fmt::format("mrs {}, {}", reg(i.rd, true), name(i.system_register));
  }
  return "";
}

}  // namespace staleline::a64
