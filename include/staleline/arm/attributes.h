// SPDX-License-Identifier: Apache-2.0
// Memory attributes in full, as DDI 0487 carries them through translation.
#pragma once

#include <cstdint>

#include "staleline/arm/vocabulary.h"

namespace staleline::arm {

enum class MemoryType : std::uint8_t { Device, Normal };
enum class DeviceType : std::uint8_t { nGnRnE, nGnRE, nGRE, GRE };
enum class Cacheability : std::uint8_t { NonCacheable, WriteThrough, WriteBack };
/// Allocation hints; NoAllocate for both means "no allocate".
struct CacheAttributes {
  Cacheability cacheability = Cacheability::NonCacheable;
  bool read_allocate = false, write_allocate = false, transient = false;
  friend constexpr bool operator==(CacheAttributes, CacheAttributes) = default;
};

struct MemoryAttributes {
  MemoryType type = MemoryType::Device;
  DeviceType device = DeviceType::nGnRnE;  ///< meaningful for Device
  CacheAttributes inner{}, outer{};        ///< meaningful for Normal
  Shareability shareability = Shareability::OuterShareable;
  bool tagged = false;
  bool xs = true;
  friend constexpr bool operator==(const MemoryAttributes&, const MemoryAttributes&) = default;
};

/// The class that the memory system acts on: mixed inner and outer cacheability is treated as the
/// weaker of the two (Write-Back with Write-Through is Write-Through, anything with Non-cacheable
/// is Non-cacheable).
[[nodiscard]] MemoryClass memory_class(const MemoryAttributes& a);

}  // namespace staleline::arm
