// SPDX-License-Identifier: Apache-2.0
// Reads and writes of Registers by register number and width, as the `X[]` and `SP[]` accessors
// of the architecture's pseudocode do.
#pragma once

#include <cstdint>

#include "staleline/a64/step.h"

namespace staleline::a64 {

inline constexpr std::uint64_t kLow32 = 0xffff'ffff;

/// `value` as a register of the width holds it.
[[nodiscard]] constexpr std::uint64_t truncated(std::uint64_t value, bool is_64bit) {
  return is_64bit ? value : value & kLow32;
}

[[nodiscard]] inline std::uint64_t read(const Registers& registers, std::uint8_t number, bool is_64bit = true) {
  return truncated(registers.x[number], is_64bit);
}

/// A 32-bit write clears the upper half (DDI 0487 C1.2.5).
inline void write(Registers& registers, std::uint8_t number, std::uint64_t value, bool is_64bit = true) {
  if (number == kZeroRegister) return;
  registers.x[number] = truncated(value, is_64bit);
}

/// N, Z, C, V as 8, 4, 2, 1.
[[nodiscard]] inline unsigned flags_of(const Registers& r) {
  return (r.n ? 8U : 0U) | (r.z ? 4U : 0U) | (r.c ? 2U : 0U) | (r.v ? 1U : 0U);
}
inline void write_flags(Registers& r, unsigned nzcv) {
  r.n = (nzcv & 8) != 0;
  r.z = (nzcv & 4) != 0;
  r.c = (nzcv & 2) != 0;
  r.v = (nzcv & 1) != 0;
}

/// The low `bits` (1 to 64) of `value`, sign-extended to 64 bits.
[[nodiscard]] constexpr std::uint64_t sign_extended(std::uint64_t value, unsigned bits) {
  const std::uint64_t sign = std::uint64_t{1} << (bits - 1);
  const std::uint64_t low = value & (sign | (sign - 1));
  return (low ^ sign) - sign;
}

/// The low `bits` (0 to 64) set.
[[nodiscard]] constexpr std::uint64_t ones(unsigned bits) {
  return bits >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << bits) - 1;
}

}  // namespace staleline::a64
