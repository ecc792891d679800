// SPDX-License-Identifier: Apache-2.0
// Small translation tables in the memory of a World: 4KB pages, 39 bits of VA, levels 1 to 3 in the pages m8, m9 and
// 0xa000, for the first 2MB of VA. And a stage 2 beside them.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "staleline/arm/descriptor.h"
#include "staleline/arm/system_registers.h"
#include "world.h"

namespace staleline::test {

inline constexpr arm::DescriptorFormat kStage1{}, kStage2{.stage = 2};
inline constexpr std::uint64_t kRoot = 0x8000, kMiddle = 0x9000, kLeaves = 0xa000;
/// Indices into MAIR.
inline constexpr std::uint8_t kWB = 0, kNC = 1, kDevice = 2, kDeviceE = 3;

[[nodiscard]] inline std::uint64_t page(std::uint64_t pa, std::uint8_t attribute = kWB, arm::Leaf leaf = {}) {
  leaf.address = pa;
  leaf.attr_index = attribute;
  return arm::encode_leaf(leaf, kStage1, 3);
}
/// The address of the leaf descriptor of a VA below 2MB.
[[nodiscard]] constexpr std::uint64_t pte(std::uint64_t va) { return kLeaves + va / 0x1000 * 8; }

/// SCTLR with M, C and I, and the registers for the tables; `walk` are IRGN0 and ORGN0.
[[nodiscard]] inline std::vector<std::pair<arm::SystemRegister, std::uint64_t>> table_registers(
    std::uint64_t asid = 0, std::uint64_t walk = 1) {
  using R = arm::SystemRegister;
  const std::uint64_t tcr = 25 | walk << 8 | walk << 10 | std::uint64_t{3} << 12 | std::uint64_t{1} << 23 |
                            std::uint64_t{5} << 32 | std::uint64_t{1} << 36;
  return {{R::SCTLR_EL1, arm::info_of(R::SCTLR_EL1).reset | 1U << 12 | 1U << 2 | 1U},
          {R::TCR_EL1, tcr},
          {R::TTBR0_EL1, kRoot | asid << 48},
          {R::MAIR_EL1, 0x04'00'44'ff}};
}

/// Identity for the pages m0 to 0xf000, Write-Back.
inline void poke_tables(World& world) {
  world.poke(kRoot, arm::encode_table(kMiddle, kStage1));
  world.poke(kMiddle, arm::encode_table(kLeaves, kStage1));
  for (std::uint64_t va = 0; va < 0x1'0000; va += 0x1000) world.poke(pte(va), page(va));
}

}  // namespace staleline::test
