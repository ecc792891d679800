// SPDX-License-Identifier: Apache-2.0
// Strong types for the three address spaces of VMSAv8-64. A virtual address never
// mixes with a physical one by accident.
#pragma once

#include <compare>
#include <cstdint>

namespace staleline::arm {

/// An address in one address space; `Space` is a tag type. Units: bytes.
template <class Space>
struct Address {
  std::uint64_t value = 0;

  friend constexpr auto operator<=>(Address, Address) = default;
  friend constexpr Address operator+(Address a, std::uint64_t bytes) { return {a.value + bytes}; }
  friend constexpr Address operator-(Address a, std::uint64_t bytes) { return {a.value - bytes}; }
  friend constexpr std::uint64_t operator-(Address a, Address b) { return a.value - b.value; }
  /// The address rounded down to `bytes`, a power of two.
  [[nodiscard]] constexpr Address aligned_down(std::uint64_t bytes) const { return {value & ~(bytes - 1)}; }
  /// The address rounded up to `bytes`, a power of two.
  [[nodiscard]] constexpr Address aligned_up(std::uint64_t bytes) const { return {(value + bytes - 1) & ~(bytes - 1)}; }
  /// The offset within an aligned block of `bytes`, a power of two.
  [[nodiscard]] constexpr std::uint64_t offset_in(std::uint64_t bytes) const { return value & (bytes - 1); }
};

/// VA: what an instruction names (DDI 0487 D8.1).
using VirtAddr = Address<struct VirtualSpace>;
/// IPA: what stage 1 produces.
using InterAddr = Address<struct IntermediateSpace>;
/// PA: what stage 2 produces and the memory system sees.
using PhysAddr = Address<struct PhysicalSpace>;

/// The line size of every cache in the model; DDI 0487 CTR_EL0.DminLine may be smaller.
inline constexpr std::uint64_t kLineBytes = 64;

}  // namespace staleline::arm
