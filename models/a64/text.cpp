// SPDX-License-Identifier: Apache-2.0
// Instructions as text, one canonical spelling each.
#include "text.h"

#include <fmt/format.h>

#include <bit>
#include <string>

#include "staleline/a64/instruction.h"

namespace staleline::a64 {
namespace {

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

/// The shortest arrangement that the pattern is an immediate of.
std::string vector_immediate_text(const Instruction& i) {
  const std::uint64_t v = i.immediate;
  const bool whole = i.element_bytes == 16;
  if (v == (v & 0xff) * 0x0101'0101'0101'0101)
    return fmt::format("v{}.{}, {}", i.rd, whole ? "16b" : "8b", imm(v & 0xff));
  for (unsigned shift = 0; shift < 16; shift += 8)
    if (v == (v & std::uint64_t{0xff} << shift) * 0x0001'0001'0001'0001)
      return fmt::format("v{}.{}, {}, lsl #{}", i.rd, whole ? "8h" : "4h", imm(v >> shift & 0xff), shift);
  for (unsigned shift = 0; shift < 32; shift += 8)
    if (v == (v & std::uint64_t{0xff} << shift) * 0x0000'0001'0000'0001)
      return fmt::format("v{}.{}, {}, lsl #{}", i.rd, whole ? "4s" : "2s", imm(v >> shift & 0xff), shift);
  return fmt::format("{}{}, {}", whole ? "v" : "d", whole ? fmt::format("{}.2d", i.rd) : std::to_string(i.rd), imm(v));
}

/// Of elements of `element_bytes` in `bytes`.
std::string arrangement(unsigned element_bytes, unsigned bytes) {
  return fmt::format("{}{}", bytes / element_bytes, "bhsd"[std::countr_zero(element_bytes) % 4]);
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
    case Opcode::ADC:
      return "adc";
    case Opcode::SBC:
      return "sbc";
    case Opcode::SMADDL:
      return "smaddl";
    case Opcode::UMADDL:
      return "umaddl";
    case Opcode::SMSUBL:
      return "smsubl";
    case Opcode::UMSUBL:
      return "umsubl";
    case Opcode::SMULH:
      return "smulh";
    case Opcode::UMULH:
      return "umulh";
    case Opcode::RBIT:
      return "rbit";
    case Opcode::CLZ:
      return "clz";
    case Opcode::CLS:
      return "cls";
    case Opcode::CRC32:
      return "crc32";
    case Opcode::CRC32C:
      return "crc32c";
    case Opcode::SVC:
      return "svc";
    case Opcode::HVC:
      return "hvc";
    case Opcode::SMC:
      return "smc";
    case Opcode::BRK:
      return "brk";
    case Opcode::HLT:
      return "hlt";
    case Opcode::UDF:
      return "udf";
    case Opcode::ERET:
      return "eret";
    case Opcode::WFE:
      return "wfe";
    case Opcode::WFI:
      return "wfi";
    case Opcode::SEV:
      return "sev";
    case Opcode::SEVL:
      return "sevl";
    case Opcode::CLREX:
      return "clrex";
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
    default:
      return "";
  }
}

}  // namespace

std::string second_operand_text(const Instruction& i) {
  if (i.operand == Operand::Immediate) return imm(i.immediate);
  if (i.operand == Operand::Shifted) {
    const std::string rm = reg(i.rm, i.is_64bit);
    return i.amount == 0 && i.shift == Shift::LSL ? rm : fmt::format("{}, {} #{}", rm, name(i.shift), i.amount);
  }
  const std::string rm = reg(i.rm, i.is_64bit && extends_x(i.extend));
  return fmt::format("{}, {}{}", rm, name(i.extend), i.amount == 0 ? "" : fmt::format(" #{}", i.amount));
}

bool is_direct_branch(const Instruction& i) {
  switch (i.opcode) {
    case Opcode::B:
    case Opcode::BL:
    case Opcode::CBZ:
    case Opcode::CBNZ:
    case Opcode::TBZ:
    case Opcode::TBNZ:
      return true;
    default:
      return false;
  }
}

std::string branch_text(const Instruction& i, std::string_view target) {
  const std::string_view plain = plain_name(i.opcode);
  switch (i.opcode) {
    case Opcode::B:
      return i.condition == Condition::AL ? fmt::format("b {}", target)
                                          : fmt::format("b.{} {}", text_of(i.condition), target);
    case Opcode::CBZ:
    case Opcode::CBNZ:
      return fmt::format("{} {}, {}", plain, reg(i.rn, i.is_64bit), target);
    case Opcode::TBZ:
    case Opcode::TBNZ:
      return fmt::format("{} {}, #{}, {}", plain, reg(i.rn, i.is_64bit), i.amount, target);
    default:
      return fmt::format("{} {}", plain, target);
  }
}

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
    case Opcode::ADC:
    case Opcode::SBC:
      return fmt::format("{}{} {}, {}, {}", plain, s, r(i.rd), r(i.rn), r(i.rm));
    case Opcode::SMULH:
    case Opcode::UMULH:
      return fmt::format("{} {}, {}, {}", plain, r(i.rd), r(i.rn), r(i.rm));
    case Opcode::EXTR:
      return fmt::format("extr {}, {}, {}, #{}", r(i.rd), r(i.rn), r(i.rm), i.amount);
    case Opcode::SMADDL:
    case Opcode::UMADDL:
    case Opcode::SMSUBL:
    case Opcode::UMSUBL:
      return fmt::format("{} {}, {}, {}, {}", plain, r(i.rd), reg(i.rn, false), reg(i.rm, false), r(i.ra));
    case Opcode::RBIT:
    case Opcode::CLZ:
    case Opcode::CLS:
      return fmt::format("{} {}, {}", plain, r(i.rd), r(i.rn));
    case Opcode::REV: {
      const bool whole = i.element_bytes == (i.is_64bit ? 8 : 4);
      return fmt::format("rev{} {}, {}", whole ? "" : std::to_string(8 * i.element_bytes), r(i.rd), r(i.rn));
    }
    case Opcode::CRC32:
    case Opcode::CRC32C:
      return fmt::format("{}{} {}, {}, {}", plain, "bhwx"[std::countr_zero(i.element_bytes) % 4], r(i.rd), r(i.rn),
                         reg(i.rm, i.element_bytes == 8));
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
    case Opcode::BL:
    case Opcode::CBZ:
    case Opcode::CBNZ:
    case Opcode::TBZ:
    case Opcode::TBNZ:
      return branch_text(i, fmt::format(".{:+}", static_cast<std::int64_t>(i.immediate)));
    case Opcode::BR:
    case Opcode::BLR:
    case Opcode::RET:
      return fmt::format("{} {}", plain, reg(i.rn, true));
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
      return memory_text(i);
    case Opcode::MOVI:
      return "movi " + vector_immediate_text(i);
    case Opcode::DUP:
      return fmt::format("dup v{}.{}, {}", i.rd, arrangement(i.element_bytes, i.amount),
                         reg(i.rn, i.element_bytes == 8));
    case Opcode::UMOV:
      return fmt::format("umov {}, v{}.{}[{}]", r(i.rd), i.rn, "bhsd"[std::countr_zero(i.element_bytes) % 4], i.amount);
    case Opcode::CLREX:
    case Opcode::ERET:
    case Opcode::WFE:
    case Opcode::WFI:
    case Opcode::SEV:
    case Opcode::SEVL:
      return std::string(plain);
    case Opcode::SVC:
    case Opcode::HVC:
    case Opcode::SMC:
    case Opcode::BRK:
    case Opcode::HLT:
    case Opcode::UDF:
      return fmt::format("{} {}", plain, imm(i.immediate));
    case Opcode::Barrier:
    case Opcode::MSR:
    case Opcode::MRS:
    case Opcode::UndefinedWrite:
    case Opcode::UndefinedRead:
      return system_text(i);
  }
  return "";
}

}  // namespace staleline::a64
