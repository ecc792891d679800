// SPDX-License-Identifier: Apache-2.0
// Maintenance by set/way and the registers that describe the levels it reaches (DDI 0487: DC ISW, DC CSW,
// DC CISW, CLIDR_EL1, CCSIDR_EL1).
#pragma once

#include <bit>
#include <cstdint>

#include "staleline/arm/address.h"
#include "staleline/arm/vocabulary.h"

namespace staleline::cache {

[[nodiscard]] constexpr bool is_set_way(arm::CacheOp op) {
  return op == arm::CacheOp::DC_ISW || op == arm::CacheOp::DC_CSW || op == arm::CacheOp::DC_CISW;
}

/// The operand of an operation by set/way: Way in the highest ceil(log2(ways)) of bits [31:0], Set from bit
/// log2(line bytes) on, Level in bits [3:1].
struct SetWay {
  std::uint32_t level = 1;  ///< 1 is the nearest to the PE
  std::uint32_t set = 0, way = 0;
  friend constexpr bool operator==(SetWay, SetWay) = default;
};
[[nodiscard]] constexpr std::uint32_t level_of_set_way(std::uint64_t xt) {
  return static_cast<std::uint32_t>(xt >> 1 & 7) + 1;
}
/// `sets` is a power of two. Bits above the set that are not of the way are ignored.
[[nodiscard]] constexpr SetWay decode_set_way(std::uint64_t xt, std::uint32_t sets, std::uint32_t ways) {
  const unsigned way_bits = static_cast<unsigned>(std::bit_width(ways - 1));
  const std::uint64_t low = xt & 0xffff'ffff;
  return {.level = level_of_set_way(xt),
          .set = static_cast<std::uint32_t>(low / arm::kLineBytes) & (sets - 1),
          .way = way_bits == 0 ? 0 : static_cast<std::uint32_t>(low >> (32 - way_bits))};
}
[[nodiscard]] constexpr std::uint64_t encode_set_way(SetWay s, std::uint32_t ways) {
  const unsigned way_bits = static_cast<unsigned>(std::bit_width(ways - 1));
  const std::uint64_t way = way_bits == 0 ? 0 : std::uint64_t{s.way} << (32 - way_bits);
  return way | s.set * arm::kLineBytes | (s.level - 1) << 1;
}

/// One level of the caches that operations by set/way reach, as CLIDR_EL1 and CCSIDR_EL1 tell.
struct IntegratedLevel {
  enum class Place : std::uint8_t { L1, PrivateL2, Shared };
  Place place = Place::L1;
  std::uint32_t shared = 0;                                  ///< Shared: which, counted from the PEs
  std::uint32_t sets = 0, ways = 0;                          ///< of the data or unified cache
  std::uint32_t instruction_sets = 0, instruction_ways = 0;  ///< 0 where the level is unified
};

/// What goes to the home for maintenance of levels that it keeps.
struct LevelMaintenance {
  static constexpr std::uint32_t kAllLevels = 0xffff'ffff;
  std::uint64_t xt = 0;      ///< the operand, where not `whole`
  std::uint32_t shared = 0;  ///< as IntegratedLevel::shared, or kAllLevels
  arm::CacheOp op = arm::CacheOp::DC_CISW;
  bool whole = false;  ///< every set and way
};

}  // namespace staleline::cache
