// SPDX-License-Identifier: Apache-2.0
// What a guest's registers were before each instruction, as one number: to compare a run with that of another machine.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace staleline::guest {

/// The hash that tests/guest/reference.py defines: CRC-32 (zlib) of records of 34 little-endian words, one before each
/// instruction: PC, X0 to X30, the stack pointer in force, N, Z, C and V in bits 31 to 28.
class RegisterHash {
 public:
  void add(std::uint64_t pc, std::span<const std::uint64_t, 31> x, std::uint64_t sp, std::uint64_t nzcv);
  /// Of all instructions so far; 0 before the first.
  [[nodiscard]] std::uint32_t value() const { return value_; }
  /// How many.
  [[nodiscard]] std::uint64_t instructions() const { return instructions_; }

 private:
  std::uint64_t instructions_ = 0;
  std::uint32_t value_ = 0;
};

}  // namespace staleline::guest
