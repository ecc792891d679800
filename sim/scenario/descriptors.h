// SPDX-License-Identifier: Apache-2.0
// Translation table descriptors and registers as the loader builds them from a view (DDI 0487 D8.3, D8.5, D19.2).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stages.h"
#include "staleline/arm/attributes.h"
#include "staleline/arm/granule.h"

namespace staleline::scenario {

/// The attributes of MAIR_ELx, in order of use.
class AttributeIndex {
 public:
  /// Empty where all eight are taken.
  [[nodiscard]] std::optional<std::uint8_t> take(const arm::MemoryAttributes& a);
  [[nodiscard]] std::optional<std::uint8_t> find(const arm::MemoryAttributes& a) const;
  /// Fills what is free with attributes that programs may want to write into descriptors.
  void fill();
  [[nodiscard]] std::uint64_t mair() const;

 private:
  std::vector<std::uint8_t> bytes_;
};

/// A block (levels 0 to 2) or page (level 3) of stage 1. `el2`: of the regime with one privilege level.
[[nodiscard]] std::uint64_t stage1_leaf(std::uint64_t output, arm::Granule granule, int level, std::uint8_t index,
                                        arm::Shareability sh, const PageOptions& options, bool el2);
/// MemAttr[3:0]; empty for attributes that HCR_EL2.FWB has no encoding of.
[[nodiscard]] std::optional<std::uint8_t> stage2_memattr(const arm::MemoryAttributes& a, bool fwb);
[[nodiscard]] std::uint64_t stage2_leaf(std::uint64_t output, arm::Granule granule, int level, std::uint8_t memattr,
                                        arm::Shareability sh, const PageOptions& options);

/// Entries that the Contiguous bit joins at `level`.
[[nodiscard]] std::uint64_t contiguous_entries(arm::Granule g, int level);
/// The level whose descriptors map 2 to the power of `bits` bytes, if blocks are possible there.
[[nodiscard]] std::optional<int> level_of_block(arm::Granule g, unsigned bits);
/// The level where a walk of stage 2 starts, with up to 16 tables side by side: as few levels as possible.
[[nodiscard]] int first_level_stage2(arm::Granule g, unsigned input_bits);

/// TCR_EL1 (and TCR_EL2 of EL2&0), TCR_EL2 and VTCR_EL2. `walk` is Normal memory.
[[nodiscard]] std::uint64_t tcr_el1(const TablesRequest& t, const arm::MemoryAttributes& walk, bool lower, bool upper);
[[nodiscard]] std::uint64_t tcr_el2(const TablesRequest& t, const arm::MemoryAttributes& walk);
[[nodiscard]] std::uint64_t vtcr_el2(const TablesRequest& t, const arm::MemoryAttributes& walk);

}  // namespace staleline::scenario
