// SPDX-License-Identifier: Apache-2.0
// Encoding descriptors and translation registers.
#include "descriptors.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "staleline/arm/attribute_names.h"
#include "staleline/arm/mair.h"
#include "staleline/arm/shareability.h"

namespace staleline::scenario {

namespace {

using arm::Cacheability;
using arm::Granule;

constexpr std::size_t kMostAttributes = 8;
constexpr std::uint64_t bit(unsigned n) { return std::uint64_t{1} << n; }
constexpr std::uint64_t kPhysical48 = 5;  // of IPS and PS

std::uint64_t type_bits(int level) { return level == 3 ? 3 : 1; }

// IRGN and ORGN, allocating.
std::uint64_t region_bits(const arm::CacheAttributes& c) {
  switch (c.cacheability) {
    case Cacheability::NonCacheable:
      return 0;
    case Cacheability::WriteThrough:
      return 2;
    case Cacheability::WriteBack:
      break;
  }
  return 1;
}

/// IRGN, ORGN and SH as they lie side by side in every TCR.
std::uint64_t walk_bits(const arm::MemoryAttributes& walk) {
  return region_bits(walk.inner) | region_bits(walk.outer) << 2 |
         std::uint64_t{arm::shareability_encode(walk.shareability)} << 4;
}

constexpr std::uint64_t tg0(Granule g) { return g == Granule::K4 ? 0 : g == Granule::K64 ? 1 : 2; }
constexpr std::uint64_t tg1(Granule g) { return g == Granule::K4 ? 2 : g == Granule::K64 ? 3 : 1; }

// MemAttr[3:2] or [1:0] of Normal memory.
std::uint8_t stage2_half(const arm::CacheAttributes& c) {
  switch (c.cacheability) {
    case Cacheability::NonCacheable:
      return 1;
    case Cacheability::WriteThrough:
      return 2;
    case Cacheability::WriteBack:
      break;
  }
  return 3;
}

}  // namespace

std::optional<std::uint8_t> AttributeIndex::find(const arm::MemoryAttributes& a) const {
  const auto at = std::find(bytes_.begin(), bytes_.end(), arm::mair_encode(a));
  if (at == bytes_.end()) return std::nullopt;
  return static_cast<std::uint8_t>(at - bytes_.begin());
}

std::optional<std::uint8_t> AttributeIndex::take(const arm::MemoryAttributes& a) {
  if (const auto known = find(a)) return known;
  if (bytes_.size() == kMostAttributes) return std::nullopt;
  bytes_.push_back(arm::mair_encode(a));
  return static_cast<std::uint8_t>(bytes_.size() - 1);
}

void AttributeIndex::fill() {
  for (const std::string_view name : {"normal-wb", "normal-nc", "device-ngnrne", "device-ngnre", "normal-wt",
                                      "device-gre", "device-ngre", "normal-wb/nc"})
    static_cast<void>(take(*arm::parse_memory_attributes(name)));
}

std::uint64_t AttributeIndex::mair() const {
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < bytes_.size(); ++i) value |= std::uint64_t{bytes_[i]} << (8 * i);
  return value;
}

std::uint64_t stage1_leaf(std::uint64_t output, int level, std::uint8_t index, arm::Shareability sh,
                          const PageOptions& o, bool el2) {
  if (!o.valid) return 0;
  std::uint64_t d = output | type_bits(level) | std::uint64_t{index} << 2;
  d |= std::uint64_t{arm::shareability_encode(sh)} << 8;
  if (o.user || el2) d |= bit(6);
  if (!o.writable) d |= bit(7);
  if (o.af) d |= bit(10);
  if (o.ng) d |= bit(11);
  if (o.contiguous) d |= bit(52);
  if (o.xn) d |= bit(54) | (el2 ? 0 : bit(53));
  return d;
}

std::optional<std::uint8_t> stage2_memattr(const arm::MemoryAttributes& a, bool fwb) {
  if (a.type == arm::MemoryType::Device) return static_cast<std::uint8_t>(a.device);
  if (!fwb) return static_cast<std::uint8_t>(stage2_half(a.outer) << 2 | stage2_half(a.inner));
  if (a.inner.cacheability != a.outer.cacheability) return std::nullopt;
  if (a.inner.cacheability == Cacheability::NonCacheable) return 5;
  if (a.inner.cacheability == Cacheability::WriteBack) return 6;
  return std::nullopt;
}

std::uint64_t stage2_leaf(std::uint64_t output, int level, std::uint8_t memattr, arm::Shareability sh,
                          const PageOptions& o) {
  if (!o.valid) return 0;
  std::uint64_t d = output | type_bits(level) | std::uint64_t{memattr} << 2 | bit(6);
  d |= std::uint64_t{arm::shareability_encode(sh)} << 8;
  if (o.writable) d |= bit(7);
  if (o.af) d |= bit(10);
  if (o.contiguous) d |= bit(52);
  if (o.xn) d |= bit(54);
  return d;
}

std::uint64_t contiguous_entries(Granule g, int level) {
  if (g == Granule::K4) return 16;
  if (g == Granule::K64) return 32;
  return level == 3 ? 128 : 32;
}

std::optional<int> level_of_block(Granule g, unsigned bits) {
  // Blocks are possible at levels 1 and 2 with 4KB, else at level 2; others need 52-bit addresses.
  for (int level = g == Granule::K4 ? 1 : 2; level <= 3; ++level) {
    if (arm::mapped_bits(g, level) == bits) return level;
  }
  return std::nullopt;
}

int first_level(Granule g, unsigned input_bits) {
  const unsigned levels = (input_bits - arm::page_bits(g) + arm::level_bits(g) - 1) / arm::level_bits(g);
  return 4 - static_cast<int>(levels);
}

int first_level_stage2(Granule g, unsigned input_bits) {
  constexpr unsigned kConcatenated = 4;
  int level = g == Granule::K4 ? 2 : 3;
  while (input_bits > arm::mapped_bits(g, level) + arm::level_bits(g) + kConcatenated) --level;
  return level;
}

std::uint64_t tcr_el1(const TablesRequest& t, const arm::MemoryAttributes& walk, bool lower, bool upper) {
  const std::uint64_t size = 64U - t.bits;
  std::uint64_t v = size | walk_bits(walk) << 8 | tg0(t.granule) << 14;
  v |= size << 16 | walk_bits(walk) << 24 | tg1(t.granule) << 30;
  if (!lower) v |= bit(7);
  if (!upper) v |= bit(23);
  return v | kPhysical48 << 32 | bit(36);
}

std::uint64_t tcr_el2(const TablesRequest& t, const arm::MemoryAttributes& walk) {
  return (64U - t.bits) | walk_bits(walk) << 8 | tg0(t.granule) << 14 | kPhysical48 << 16 | bit(23) | bit(31);
}

std::uint64_t vtcr_el2(const TablesRequest& t, const arm::MemoryAttributes& walk) {
  const auto first = static_cast<std::uint64_t>(first_level_stage2(t.granule, t.bits));
  const std::uint64_t sl0 = (t.granule == Granule::K4 ? 2 : 3) - first;
  return (64U - t.bits) | sl0 << 6 | walk_bits(walk) << 8 | tg0(t.granule) << 14 | kPhysical48 << 16 | bit(19) |
         bit(31);
}

}  // namespace staleline::scenario
