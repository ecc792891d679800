// SPDX-License-Identifier: Apache-2.0
// Translation by declaration: a list of regions with their attributes at both stages, as a
// scenario states them, in place of translation tables.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "staleline/arm/attributes.h"
#include "staleline/mmu/translator.h"

namespace staleline::mmu {

/// One region and how it is reached. Where several cover an address, the smallest wins.
struct DeclaredMapping {
  arm::VirtAddr va{};
  arm::PhysAddr pa{};
  std::uint64_t bytes = 0;
  arm::MemoryAttributes stage1{};
  std::optional<arm::MemoryAttributes> stage2{};  ///< absent: no stage 2
  bool held = true;                               ///< false: nothing speculates through it
};

class DeclaredMappings final : public Translator {
 public:
  /// `walk` are the attributes of translation table walks (TCR_EL1 IRGN0, ORGN0, SH0).
  DeclaredMappings(std::vector<DeclaredMapping> mappings, arm::MemoryAttributes walk);

  [[nodiscard]] std::variant<Translation, Fault> translate(arm::VirtAddr va, AccessType type, Controls controls,
                                                           std::uint8_t alignment = 1) const override;
  [[nodiscard]] std::vector<Reach> reach(Controls controls) const override;
  [[nodiscard]] std::vector<Reach> reach_past_caches(Controls controls) const override;
  [[nodiscard]] std::vector<arm::VirtAddr> aliases(arm::PhysAddr address, Controls controls) const override;

 private:
  /// The mapping that holds for `address` and how many bytes from there on it does; null: none.
  struct Found {
    const DeclaredMapping* mapping = nullptr;
    std::uint64_t bytes = 0;
  };
  [[nodiscard]] std::vector<Reach> normal_memory(Controls controls, bool cacheable) const;
  [[nodiscard]] Found find(std::uint64_t address, bool physical) const;

  std::vector<DeclaredMapping> mappings_;                      ///< ascending in size
  std::vector<std::uint64_t> virtual_edges_, physical_edges_;  ///< where the answer may change, ascending
  arm::MemoryAttributes walk_;
};

}  // namespace staleline::mmu
