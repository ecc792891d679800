// SPDX-License-Identifier: Apache-2.0
// Translation granules and what a level of a table maps (DDI 0487 D8.2): 4KB, 16KB and 64KB pages, levels -1 to 3.
#pragma once

#include <cstdint>

namespace staleline::arm {

enum class Granule : std::uint8_t { K4, K16, K64 };

/// log2 of the page size: 12, 14, 16.
[[nodiscard]] constexpr unsigned page_bits(Granule g) { return 12 + 2 * static_cast<unsigned>(g); }
/// Bytes of a page, and of a full table.
[[nodiscard]] constexpr std::uint64_t page_bytes(Granule g) { return std::uint64_t{1} << page_bits(g); }
/// Address bits that one full table resolves: 9, 11, 13.
[[nodiscard]] constexpr unsigned level_bits(Granule g) { return page_bits(g) - 3; }
/// log2 of what one entry at `level` (-1 to 3) maps.
[[nodiscard]] constexpr unsigned mapped_bits(Granule g, int level) {
  return page_bits(g) + level_bits(g) * static_cast<unsigned>(3 - level);
}
/// Bytes that one entry at `level` maps. Level -1 of 64KB does not fit 64 bits and is 0.
[[nodiscard]] constexpr std::uint64_t bytes_mapped(Granule g, int level) {
  return mapped_bits(g, level) < 64 ? std::uint64_t{1} << mapped_bits(g, level) : 0;
}

}  // namespace staleline::arm
