// SPDX-License-Identifier: Apache-2.0
// Which values AND, ORR and EOR can take as an immediate: an element of 2, 4, ... 64 bits that is a
// rotated run of ones, repeated (DDI 0487 `DecodeBitMasks`).
#include "register_file.h"
#include "staleline/a64/instruction.h"

namespace staleline::a64 {
namespace {

/// Ones in one unbroken run, anywhere: 0...01...10...0.
constexpr bool is_run(std::uint64_t v) {
  const std::uint64_t filled = v | (v - 1);
  return v != 0 && ((filled + 1) & filled) == 0;
}

}  // namespace

bool is_bitmask_immediate(std::uint64_t value, bool is_64bit) {
  if (!is_64bit) {
    if (value > kLow32) return false;
    value |= value << 32;
  }
  if (value == 0 || value == ~std::uint64_t{0}) return false;
  unsigned size = 64;
  while (size > 2) {
    const unsigned half = size / 2;
    if ((value & ones(half)) != (value >> half & ones(half))) break;
    size = half;
  }
  const std::uint64_t element = value & ones(size);
  // A rotated run is a run, or the gap between its ends is one.
  return is_run(element) || is_run(~element & ones(size));
}

}  // namespace staleline::a64
