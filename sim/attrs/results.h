// SPDX-License-Identifier: Apache-2.0
// All final attributes that the open encodings of one access permit, the model's own choice first.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

#include "staleline/arm/attributes.h"
#include "staleline/arm/mair.h"

namespace staleline::attrs {

enum class Via : std::uint8_t { Data, Fetch, Walk };

class Results {
 public:
  void add(const arm::MemoryAttributes& a) { all_.at(size_++) = a; }
  [[nodiscard]] std::span<const arm::MemoryAttributes> all() const { return {all_.data(), size_}; }

 private:
  // Stage 1 SH, stage 2 SH and stage 2 MemAttr may each be open, three values each.
  std::array<arm::MemoryAttributes, 27> all_{};
  std::size_t size_ = 0;
};

/// The fields of a stage 2 descriptor as they stand in it, and what changes their meaning.
struct Stage2Fields {
  std::uint8_t memattr = 0xf, sh = 3;
  bool fwb = false;
  bool cache_off = false;  ///< HCR_EL2.CD, for a fetch ID
};

/// Adds what stage 1 attributes `s1` become behind stage 2.
void add_through_stage2(Results& results, const arm::MemoryAttributes& s1, const Stage2Fields& s2, Via via,
                        arm::AttributeFeatures features = {});

/// True where MemAttr leaves the cacheability open.
[[nodiscard]] bool open_memattr(const Stage2Fields& s2, arm::AttributeFeatures features = {});

}  // namespace staleline::attrs
