// SPDX-License-Identifier: Apache-2.0
// Instructions as disassemblers show them: the aliases that DDI 0487 C6.2 prefers, branch targets as addresses.
#include <array>
#include <cstdint>

#include "text.h"

namespace staleline::a64 {
namespace {

std::string registers(const Instruction& i, std::string_view name, std::uint8_t first, std::uint8_t second) {
  return fmt::format("{} {}, {}", name, reg(first, i.is_64bit), reg(second, i.is_64bit));
}

/// AND, ORR, ADD and SUB of a register that is zero, or to one that nobody reads.
std::string data_alias(const Instruction& i) {
  const bool shifted = i.operand == Operand::Shifted;
  const bool discards = i.sets_flags && i.rd == kZeroRegister;
  const auto source = [&i](std::string_view name, std::uint8_t destination) {
    return fmt::format("{} {}, {}", name, reg(destination, i.is_64bit), second_operand_text(i));
  };
  switch (i.opcode) {
    case Opcode::AND:
      return discards && !i.inverts ? source("tst", i.rn) : "";
    case Opcode::ORR:
      if (!shifted || i.rn != kZeroRegister) return "";
      if (i.inverts) return source("mvn", i.rd);
      return i.amount == 0 && i.shift == Shift::LSL ? source("mov", i.rd) : "";
    case Opcode::ADD: {
      const bool stack = i.rd == kStackPointer || i.rn == kStackPointer;
      if (discards) return source("cmn", i.rn);
      if (i.operand == Operand::Immediate && i.immediate == 0 && !i.sets_flags && stack)
        return registers(i, "mov", i.rd, i.rn);
      return "";
    }
    default:  // SUB
      if (discards) return source("cmp", i.rn);
      return shifted && i.rn == kZeroRegister ? source(i.sets_flags ? "negs" : "neg", i.rd) : "";
  }
}

/// UBFM, SBFM and BFM by what their fields mean.
std::string field_alias(const Instruction& i) {
  const unsigned size = i.is_64bit ? 64 : 32, immr = i.amount % size;
  const auto imms = static_cast<unsigned>(i.immediate % size);
  const char letter = i.opcode == Opcode::UBFM ? 'u' : 's';
  const std::string both = registers(i, "", i.rd, i.rn);
  const auto field = [&](std::string_view name, unsigned lowest, unsigned width) {
    return fmt::format("{}{}, #{}, #{}", name, both, lowest, width);
  };
  if (i.opcode == Opcode::BFM) {
    if (imms >= immr) return field("bfxil", immr, imms - immr + 1);
    return i.rn == kZeroRegister ? "" : field("bfi", size - immr, imms + 1);
  }
  const bool is_signed = i.opcode == Opcode::SBFM;
  if (imms == size - 1) return fmt::format("{}{}, #{}", is_signed ? "asr" : "lsr", both, immr);
  if (!is_signed && imms + 1 == immr) return fmt::format("lsl{}, #{}", both, size - immr);
  if (imms < immr) return field(fmt::format("{}bfiz", letter), size - immr, imms + 1);
  const bool extends = immr == 0 && (is_signed || !i.is_64bit);
  const char suffix = imms == 7 ? 'b' : (imms == 15 ? 'h' : (imms == 31 && is_signed ? 'w' : '\0'));
  if (extends && suffix != '\0')
    return fmt::format("{}xt{} {}, {}", letter, suffix, reg(i.rd, i.is_64bit), reg(i.rn, false));
  return field(fmt::format("{}bfx", letter), immr, imms - immr + 1);
}

/// CSINC, CSINV, CSNEG of one register.
std::string select_alias(const Instruction& i) {
  if (i.rn != i.rm || i.condition >= Condition::AL) return "";
  const std::string_view kind = i.opcode == Opcode::CSINC ? "inc" : (i.opcode == Opcode::CSINV ? "inv" : "neg");
  const std::string condition = text_of(static_cast<Condition>(static_cast<unsigned>(i.condition) ^ 1U));
  if (i.rn != kZeroRegister || i.opcode == Opcode::CSNEG)
    return fmt::format("c{} {}, {}, {}", kind, reg(i.rd, i.is_64bit), reg(i.rn, i.is_64bit), condition);
  return fmt::format("cset{} {}, {}", i.opcode == Opcode::CSINV ? "m" : "", reg(i.rd, i.is_64bit), condition);
}

/// Products without a third operand.
std::string product_alias(const Instruction& i) {
  constexpr std::array<std::string_view, 6> kNames = {"mul", "mneg", "smull", "umull", "smnegl", "umnegl"};
  const auto n = static_cast<std::size_t>(i.opcode) - static_cast<std::size_t>(Opcode::MADD);
  if (i.ra != kZeroRegister || n >= kNames.size()) return "";
  const bool wide = n < 2 && i.is_64bit;
  return fmt::format("{} {}, {}, {}", kNames.at(n), reg(i.rd, i.is_64bit), reg(i.rn, wide), reg(i.rm, wide));
}

/// Empty where no alias is preferred.
std::string alias(const Instruction& i) {
  switch (i.opcode) {
    case Opcode::ADD:
    case Opcode::SUB:
    case Opcode::AND:
    case Opcode::ORR:
      return data_alias(i);
    case Opcode::UBFM:
    case Opcode::SBFM:
    case Opcode::BFM:
      return field_alias(i);
    case Opcode::CSINC:
    case Opcode::CSINV:
    case Opcode::CSNEG:
      return select_alias(i);
    case Opcode::MADD:
    case Opcode::MSUB:
    case Opcode::SMADDL:
    case Opcode::UMADDL:
    case Opcode::SMSUBL:
    case Opcode::UMSUBL:
      return product_alias(i);
    case Opcode::SBC:
      return i.rn == kZeroRegister ? registers(i, i.sets_flags ? "ngcs" : "ngc", i.rd, i.rm) : "";
    case Opcode::EXTR:
      return i.rn == i.rm ? fmt::format("{}, #{}", registers(i, "ror", i.rd, i.rn), i.amount) : "";
    case Opcode::MOVK:
      return i.amount == 0 ? fmt::format("movk {}, {}", reg(i.rd, i.is_64bit), imm(i.immediate)) : "";
    case Opcode::RET:
      return i.rn == 30 ? "ret" : "";
    default:
      return "";
  }
}

}  // namespace

std::string text_of(const Instruction& i, arm::VirtAddr pc) {
  if (is_direct_branch(i)) return branch_text(i, fmt::format("{:#x}", (pc + i.immediate).value));
  std::string preferred = alias(i);
  return preferred.empty() ? text_of(i) : preferred;
}

}  // namespace staleline::a64
