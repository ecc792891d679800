// SPDX-License-Identifier: Apache-2.0
// Encoding descriptors and translation registers.
#include "descriptors.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "staleline/arm/attribute_names.h"
#include "staleline/arm/descriptor.h"
#include "staleline/arm/mair.h"
#include "staleline/arm/shareability.h"

namespace staleline::scenario {

namespace {

using arm::Cacheability;
using arm::Granule;

constexpr std::size_t kMostAttributes = 8;
constexpr std::uint64_t bit(unsigned n) { return std::uint64_t{1} << n; }
constexpr std::uint64_t kPhysical48 = 5;  // of IPS and PS

/// What both stages say alike.
arm::Leaf common_leaf(std::uint64_t output, arm::Shareability sh, const PageOptions& o) {
  arm::Leaf leaf;
  leaf.address = output;
  leaf.shareability = sh;
  leaf.access_flag = o.af;
  leaf.contiguous = o.contiguous;
  leaf.valid = o.valid;
  return leaf;
}

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

std::uint64_t stage1_leaf(std::uint64_t output, arm::Granule granule, int level, std::uint8_t index,
                          arm::Shareability sh, const PageOptions& o, bool el2) {
  if (!o.valid) return 0;
  arm::Leaf leaf = common_leaf(output, sh, o);
  leaf.attr_index = index;
  leaf.user = o.user || el2;  // AP[1] is RES1 where there is one privilege level
  leaf.read_only = !o.writable;
  leaf.not_global = o.ng;
  leaf.uxn = o.xn;
  leaf.pxn = o.xn && !el2;
  return arm::encode_leaf(leaf, {.granule = granule, .stage = 1}, level);
}

std::optional<std::uint8_t> stage2_memattr(const arm::MemoryAttributes& a, bool fwb) {
  if (a.type == arm::MemoryType::Device) return static_cast<std::uint8_t>(a.device);
  if (!fwb) return static_cast<std::uint8_t>(stage2_half(a.outer) << 2 | stage2_half(a.inner));
  if (a.inner.cacheability != a.outer.cacheability) return std::nullopt;
  if (a.inner.cacheability == Cacheability::NonCacheable) return 5;
  if (a.inner.cacheability == Cacheability::WriteBack) return 6;
  return std::nullopt;
}

std::uint64_t stage2_leaf(std::uint64_t output, arm::Granule granule, int level, std::uint8_t memattr,
                          arm::Shareability sh, const PageOptions& o) {
  if (!o.valid) return 0;
  constexpr std::uint8_t kNeverExecute = 2;
  arm::Leaf leaf = common_leaf(output, sh, o);
  leaf.memattr = memattr;
  leaf.write = o.writable;
  leaf.xn = o.xn ? kNeverExecute : 0;
  return arm::encode_leaf(leaf, {.granule = granule, .stage = 2}, level);
}

std::uint64_t contiguous_entries(Granule g, int level) { return std::uint64_t{1} << arm::contiguous_bits(g, level); }

std::optional<int> level_of_block(Granule g, unsigned bits) {
  for (int level = 0; level <= 3; ++level) {
    if (arm::leaf_at({.granule = g}, level) && arm::mapped_bits(g, level) == bits) return level;
  }
  return std::nullopt;
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
  const std::uint64_t start = arm::encode_sl(t.granule, first_level_stage2(t.granule, t.bits)).value_or(0);
  return (64U - t.bits) | start | walk_bits(walk) << 8 | tg0(t.granule) << 14 | kPhysical48 << 16 | bit(19) | bit(31);
}

}  // namespace staleline::scenario
