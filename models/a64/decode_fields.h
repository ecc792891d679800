// SPDX-License-Identifier: Apache-2.0
// What the expressions of a64.spec are made of.
#pragma once

#include <cstdint>
#include <optional>

#include "register_file.h"
#include "staleline/a64/instruction.h"
#include "staleline/arm/tlbi.h"

namespace staleline::a64::fields {

using a64::truncated;
using arm::takes_operand;

/// A register number where 31 is XZR, and where it is SP.
[[nodiscard]] constexpr std::uint8_t x(std::uint32_t number) { return static_cast<std::uint8_t>(number); }
[[nodiscard]] constexpr std::uint8_t sp(std::uint32_t number) {
  return number == 31 ? kStackPointer : static_cast<std::uint8_t>(number);
}

[[nodiscard]] constexpr std::uint64_t wide(std::uint32_t value) { return value; }
[[nodiscard]] constexpr std::uint64_t sign(std::uint32_t value, unsigned bits) { return sign_extended(value, bits); }
[[nodiscard]] constexpr std::uint64_t page(std::uint64_t address) { return address & ~std::uint64_t{0xfff}; }

/// Elements of `bytes`, side by side.
[[nodiscard]] constexpr std::uint64_t replicated(std::uint64_t value, unsigned bytes) {
  for (unsigned bits = 8 * bytes; bits < 64; bits *= 2) value |= value << bits;
  return value;
}
/// Each bit of `value` as a byte of ones or zeros.
[[nodiscard]] constexpr std::uint64_t byte_mask(std::uint32_t value) {
  std::uint64_t mask = 0;
  for (unsigned n = 0; n < 8; ++n) mask |= (value >> n & 1) != 0 ? std::uint64_t{0xff} << 8 * n : 0;
  return mask;
}
[[nodiscard]] constexpr std::uint32_t lowest(std::uint32_t value) { return value & (~value + 1); }
/// log2 of the bytes of a SIMD&FP access.
[[nodiscard]] constexpr std::uint32_t vector_size(std::uint32_t size, std::uint32_t opc) {
  return (opc >> 1 & 1) << 2 | size;
}

/// The bitmask immediate of a logical instruction (DDI 0487 `DecodeBitMasks`), and whether it is one.
[[nodiscard]] bool is_bitmask(std::uint32_t sf, std::uint32_t n, std::uint32_t immr, std::uint32_t imms);
[[nodiscard]] std::uint64_t bitmask(std::uint32_t sf, std::uint32_t n, std::uint32_t immr, std::uint32_t imms);

/// CRm of DMB, DSB and ISB; reserved options are the whole system.
[[nodiscard]] arm::Barrier barrier_of(arm::BarrierKind kind, std::uint32_t crm);
[[nodiscard]] constexpr AddressTranslation at(unsigned el, std::uint32_t both, std::uint32_t write, std::uint32_t pan) {
  return {static_cast<std::uint8_t>(el), both != 0, write != 0, pan != 0};
}
[[nodiscard]] bool is_tlbi(std::uint32_t op1, std::uint32_t nxs, std::uint32_t crm, std::uint32_t op2);
[[nodiscard]] arm::Tlbi tlbi_of(std::uint32_t op1, std::uint32_t nxs, std::uint32_t crm, std::uint32_t op2);

/// Of o0:op1:CRn:CRm:op2: a register that MRS, MSR may name.
[[nodiscard]] bool is_readable(std::uint32_t encoding);
[[nodiscard]] bool is_writable(std::uint32_t encoding);
[[nodiscard]] SystemRegister register_at(std::uint32_t encoding);

}  // namespace staleline::a64::fields
