// SPDX-License-Identifier: Apache-2.0
// Integer instructions: values, shifts, extensions, flags (DDI 0487 C6.2). What decides between them is an argument
// each, so that a caller who knows it gets the one operation alone.
#pragma once

#include <cstdint>

#include "register_file.h"

namespace staleline::a64 {

inline std::uint64_t shifted(std::uint64_t value, Shift shift, unsigned amount, bool is_64bit) {
  const unsigned size = is_64bit ? 64 : 32;
  amount %= size;
  if (amount == 0) return value;
  switch (shift) {
    case Shift::LSL:
      return truncated(value << amount, is_64bit);
    case Shift::LSR:
      return value >> amount;
    case Shift::ASR:
      return truncated(sign_extended(value >> amount, size - amount), is_64bit);
    case Shift::ROR:
      return truncated(value >> amount | value << (size - amount), is_64bit);
  }
  return value;
}

inline std::uint64_t extended(std::uint64_t value, Extend extend) {
  switch (extend) {
    case Extend::UXTB:
      return value & 0xff;
    case Extend::UXTH:
      return value & 0xffff;
    case Extend::UXTW:
      return value & kLow32;
    case Extend::SXTB:
      return sign_extended(value, 8);
    case Extend::SXTH:
      return sign_extended(value, 16);
    case Extend::SXTW:
      return sign_extended(value, 32);
    case Extend::UXTX:
    case Extend::SXTX:
      return value;
  }
  return value;
}

struct Sum {
  std::uint64_t value = 0;
  bool n = false, z = false, c = false, v = false;
};

/// `AddWithCarry` of the pseudocode; x and y are already truncated to the width.
[[gnu::always_inline]] inline Sum add_with_carry(std::uint64_t x, std::uint64_t y, bool carry, bool is_64bit) {
  const std::uint64_t sign = std::uint64_t{1} << (is_64bit ? 63 : 31);
  const std::uint64_t full = x + y + (carry ? 1 : 0);
  Sum sum;
  sum.value = truncated(full, is_64bit);
  sum.n = (sum.value & sign) != 0;
  sum.z = sum.value == 0;
  sum.c = is_64bit ? (carry ? full <= x : full < x) : full > kLow32;
  sum.v = (~(x ^ y) & (x ^ sum.value) & sign) != 0;
  return sum;
}

inline void set_flags(Registers& registers, const Sum& sum) {
  registers.n = sum.n;
  registers.z = sum.z;
  registers.c = sum.c;
  registers.v = sum.v;
}

/// UBFM, SBFM, BFM: a field of rn moved to another place, over zeros, its sign or the old rd.
[[gnu::always_inline]] inline std::uint64_t bitfield_move(Opcode opcode, bool wide, const Instruction& i,
                                                          std::uint64_t source, std::uint64_t old) {
  const unsigned size = wide ? 64 : 32;
  const unsigned immr = i.amount % size;
  const auto imms = static_cast<unsigned>(i.immediate % size);
  const bool extracts = imms >= immr;
  const unsigned width = extracts ? imms - immr + 1 : imms + 1;
  const unsigned position = extracts ? 0 : size - immr;
  const std::uint64_t field = extracts ? source >> immr : source;
  if (opcode == Opcode::SBFM) return sign_extended(field, width) << position;
  const std::uint64_t mask = ones(width) << position;
  const std::uint64_t moved = field << position & mask;
  return opcode == Opcode::BFM ? (old & ~mask) | moved : moved;
}

inline std::uint64_t signed_quotient(std::uint64_t x, std::uint64_t y, bool is_64bit) {
  if (y == 0) return 0;
  const unsigned size = is_64bit ? 64 : 32;
  const std::uint64_t dividend = sign_extended(x, size), divisor = sign_extended(y, size);
  if (divisor == ~std::uint64_t{0}) return 0 - dividend;  // the lowest value by -1 is itself, without a trap
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(dividend) / static_cast<std::int64_t>(divisor));
}

/// The second operand: an immediate, a shifted or an extended register.
[[gnu::always_inline]] inline std::uint64_t second_operand(Operand operand, bool wide, const Instruction& i,
                                                           const Registers& registers) {
  switch (operand) {
    case Operand::Immediate:
      return truncated(i.immediate, wide);
    case Operand::Shifted:
      return i.amount == 0 ? read(registers, i.rm, wide)
                           : shifted(read(registers, i.rm, wide), i.shift, i.amount, wide);
    case Operand::Extended:
      return truncated(extended(read(registers, i.rm), i.extend) << i.amount, wide);
  }
  return 0;
}

/// MOV ... CCMN; `before` and `after` may be the same object. False where the opcode is none of these.
[[gnu::always_inline]] inline bool integer(Opcode opcode, bool wide, Operand operand_kind, const Instruction& i,
                                           const Registers& before, Registers& after) {
  const unsigned size = wide ? 64 : 32;
  const std::uint64_t n = read(before, i.rn, wide);
  const auto m = [&] { return read(before, i.rm, wide); };
  const auto result = [&](std::uint64_t value) {
    write(after, i.rd, value, wide);
    return true;
  };
  switch (opcode) {
    case Opcode::MOV:
      return result(i.immediate);
    case Opcode::MOVK:
      return result((read(before, i.rd, wide) & ~(std::uint64_t{0xffff} << i.amount)) | i.immediate << i.amount);
    case Opcode::ADD:
    case Opcode::SUB: {
      const bool subtracts = opcode == Opcode::SUB;
      const std::uint64_t operand = second_operand(operand_kind, wide, i, before);
      const Sum sum = add_with_carry(n, subtracts ? truncated(~operand, wide) : operand, subtracts, wide);
      if (i.sets_flags) set_flags(after, sum);
      return result(sum.value);
    }
    case Opcode::AND:
    case Opcode::ORR:
    case Opcode::EOR: {
      const std::uint64_t plain = second_operand(operand_kind, wide, i, before);
      const std::uint64_t operand = i.inverts ? truncated(~plain, wide) : plain;
      const std::uint64_t value =
          opcode == Opcode::AND ? n & operand : (opcode == Opcode::ORR ? n | operand : n ^ operand);
      if (i.sets_flags) set_flags(after, {value, (value >> (size - 1) & 1) != 0, value == 0, false, false});
      return result(value);
    }
    case Opcode::UBFM:
    case Opcode::SBFM:
    case Opcode::BFM:
      return result(bitfield_move(opcode, wide, i, n, read(before, i.rd, wide)));
    case Opcode::ADC:
    case Opcode::SBC: {
      const Sum sum = add_with_carry(n, opcode == Opcode::SBC ? truncated(~m(), wide) : m(), before.c, wide);
      if (i.sets_flags) set_flags(after, sum);
      return result(sum.value);
    }
    case Opcode::LSLV:
      return result(shifted(n, Shift::LSL, static_cast<unsigned>(m() % size), wide));
    case Opcode::LSRV:
      return result(shifted(n, Shift::LSR, static_cast<unsigned>(m() % size), wide));
    case Opcode::ASRV:
      return result(shifted(n, Shift::ASR, static_cast<unsigned>(m() % size), wide));
    case Opcode::RORV:
      return result(shifted(n, Shift::ROR, static_cast<unsigned>(m() % size), wide));
    case Opcode::MADD:
      return result(read(before, i.ra, wide) + n * m());
    case Opcode::MSUB:
      return result(read(before, i.ra, wide) - n * m());
    case Opcode::UDIV:
      return result(m() == 0 ? 0 : n / m());
    case Opcode::SDIV:
      return result(signed_quotient(n, m(), wide));
    case Opcode::CSEL:
      return result(holds(i.condition, before) ? n : m());
    case Opcode::CSINC:
      return result(holds(i.condition, before) ? n : m() + 1);
    case Opcode::CSINV:
      return result(holds(i.condition, before) ? n : ~m());
    case Opcode::CSNEG:
      return result(holds(i.condition, before) ? n : 0 - m());
    case Opcode::CCMP:
    case Opcode::CCMN: {
      if (!holds(i.condition, before)) {
        set_flags(after, {0, (i.amount & 8) != 0, (i.amount & 4) != 0, (i.amount & 2) != 0, (i.amount & 1) != 0});
        return true;
      }
      // `amount` holds the flags here, so the operand is taken without a shift.
      const std::uint64_t operand = operand_kind == Operand::Immediate ? truncated(i.immediate, wide) : m();
      const bool compares = opcode == Opcode::CCMP;
      set_flags(after, add_with_carry(n, compares ? truncated(~operand, wide) : operand, compares, wide));
      return true;
    }
    default:
      return false;
  }
}

}  // namespace staleline::a64
