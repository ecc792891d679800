// SPDX-License-Identifier: Apache-2.0
// Integer instructions of two words, bits and bytes: EXTR, long multiplications, counts, reversals, CRC32
// (DDI 0487 C6.2).
#pragma once

#include <array>
#include <bit>
#include <cstdint>

#include "register_file.h"

namespace staleline::a64 {

/// Each group of 2 * `distance` bits with its halves swapped, for the distances from `first` to `last`.
inline std::uint64_t swapped(std::uint64_t value, unsigned first, unsigned last) {
  for (unsigned distance = first; distance <= last; distance *= 2) {
    std::uint64_t mask = ones(distance);
    for (unsigned filled = 2 * distance; filled < 64; filled *= 2) mask |= mask << filled;
    value = (value & mask) << distance | (value >> distance & mask);
  }
  return value;
}

/// The upper half of a product of 64-bit numbers.
inline std::uint64_t high_product(std::uint64_t x, std::uint64_t y) {
  const std::uint64_t x0 = x & kLow32, x1 = x >> 32, y0 = y & kLow32, y1 = y >> 32;
  const std::uint64_t low = x0 * y0, middle = x1 * y0 + (low >> 32), other = x0 * y1 + (middle & kLow32);
  return x1 * y1 + (middle >> 32) + (other >> 32);
}

inline std::uint64_t signed_high_product(std::uint64_t x, std::uint64_t y) {
  const auto negative = [](std::uint64_t v) { return v >> 63 != 0; };
  return high_product(x, y) - (negative(x) ? y : 0) - (negative(y) ? x : 0);
}

/// The remainder of each byte, lowest bit first, by a polynomial of 32 bits that is reflected too.
constexpr std::array<std::uint32_t, 256> remainders(std::uint32_t reflected_polynomial) {
  std::array<std::uint32_t, 256> all{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t remainder = byte;
    for (unsigned bit = 0; bit < 8; ++bit)
      remainder = remainder >> 1 ^ ((remainder & 1) != 0 ? reflected_polynomial : 0);
    all[byte] = remainder;
  }
  return all;
}
inline constexpr auto kIso = remainders(0xedb8'8320), kCastagnoli = remainders(0x82f6'3b78);

/// `bytes` of `value` divided into the reflected remainder `accumulator`, lowest bit first.
inline std::uint64_t crc(std::uint64_t accumulator, std::uint64_t value, unsigned bytes,
                         const std::array<std::uint32_t, 256>& of_byte) {
  std::uint64_t remainder = accumulator;
  for (unsigned n = 0; n < bytes; ++n) remainder = remainder >> 8 ^ of_byte[(remainder ^ value >> (8 * n)) & 0xff];
  return remainder;
}

/// EXTR, long multiplications, bit counts and reversals, CRC32; as integer() otherwise.
[[gnu::always_inline]] inline bool bits(Opcode opcode, bool wide, const Instruction& i, const Registers& before,
                                        Registers& after) {
  const unsigned size = wide ? 64 : 32;
  const std::uint64_t n = read(before, i.rn, wide), m = read(before, i.rm, wide), a = read(before, i.ra, wide);
  const std::uint64_t unsigned_product = (n & kLow32) * (m & kLow32);
  const std::uint64_t signed_product = sign_extended(n, 32) * sign_extended(m, 32);
  const auto result = [&](std::uint64_t value) {
    write(after, i.rd, value, wide);
    return true;
  };
  switch (opcode) {
    case Opcode::EXTR: {
      const unsigned lowest = i.amount % size;
      return result(lowest == 0 ? m : m >> lowest | n << (size - lowest));
    }
    case Opcode::SMADDL:
      return result(a + signed_product);
    case Opcode::UMADDL:
      return result(a + unsigned_product);
    case Opcode::SMSUBL:
      return result(a - signed_product);
    case Opcode::UMSUBL:
      return result(a - unsigned_product);
    case Opcode::SMULH:
      return result(signed_high_product(n, m));
    case Opcode::UMULH:
      return result(high_product(n, m));
    case Opcode::RBIT:
      return result(swapped(n, 1, size / 2));
    case Opcode::REV:
      return result(swapped(n, 8, 4U * i.element_bytes));
    case Opcode::CLZ:
      return result(static_cast<unsigned>(std::countl_zero(n)) - (64 - size));
    case Opcode::CLS: {
      const std::uint64_t extended = sign_extended(n, size);
      const std::uint64_t changes = extended ^ extended << 1;  // where a bit differs from the one below
      return result(static_cast<unsigned>(std::countl_zero(changes | 1)) - (64 - size));
    }
    case Opcode::CRC32:
    case Opcode::CRC32C: {
      const auto& of_byte = opcode == Opcode::CRC32 ? kIso : kCastagnoli;
      write(after, i.rd, crc(n & kLow32, read(before, i.rm), i.element_bytes, of_byte), false);
      return true;
    }
    default:
      return false;
  }
}

}  // namespace staleline::a64
