// SPDX-License-Identifier: Apache-2.0
// Bits and table entries, for both stages of the walk.
#pragma once

#include <cstdint>

#include "staleline/arm/descriptor.h"
#include "staleline/arm/walk.h"

namespace staleline::arm {

[[nodiscard]] constexpr bool bit(std::uint64_t value, unsigned n) { return (value >> n & 1) != 0; }
[[nodiscard]] constexpr std::uint64_t low_bits(unsigned n) {
  return n >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1;
}

[[nodiscard]] inline DescriptorFormat format(const WalkTables& t, std::uint8_t stage) {
  return {t.granule, t.ds, t.wide64, stage};
}

// The entry's address. The first table may be several side by side, so that its index is not bounded by one table's.
[[nodiscard]] inline std::uint64_t entry_of(const WalkTables& t, std::uint64_t table, std::uint64_t input, int level) {
  const unsigned shift = mapped_bits(t.granule, level);
  std::uint64_t index = (input & low_bits(t.input_bits)) >> shift;
  if (level != t.start) index &= low_bits(level_bits(t.granule));
  return table + index * 8;
}

[[nodiscard]] constexpr bool outside(std::uint64_t address, unsigned bits) { return (address & ~low_bits(bits)) != 0; }

}  // namespace staleline::arm
