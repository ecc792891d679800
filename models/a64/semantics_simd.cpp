// SPDX-License-Identifier: Apache-2.0
// SIMD&FP registers without their arithmetic: what fills one and what takes an element out.
#include "register_file.h"
#include "semantics.h"

namespace staleline::a64 {

bool execute_simd(const Instruction& i, const Registers& before, Registers& after) {
  const unsigned bits = 8U * i.element_bytes;
  switch (i.opcode) {
    case Opcode::MOVI:
      after.vectors[i.rd % 32] = {i.immediate, i.element_bytes == 16 ? i.immediate : 0};
      return true;
    case Opcode::DUP: {
      std::uint64_t all = read(before, i.rn) & ones(bits);
      for (unsigned filled = bits; filled < 64; filled *= 2) all |= all << filled;
      after.vectors[i.rd % 32] = {all, i.amount == 8 ? 0 : all};
      return true;
    }
    case Opcode::UMOV: {
      const unsigned at = bits * i.amount;
      write(after, i.rd, before.vectors[i.rn % 32][at / 64 % 2] >> at % 64 & ones(bits), i.is_64bit);
      return true;
    }
    default:
      return false;
  }
}

}  // namespace staleline::a64
