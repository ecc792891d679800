// SPDX-License-Identifier: Apache-2.0
// Descriptors: where each granule keeps its address bits, fields of leaves, and what may change under a live TLB.
#include "staleline/arm/descriptor.h"

#include <array>
#include <cstddef>

#include "staleline/arm/combine.h"
#include "staleline/arm/mair.h"
#include "staleline/arm/shareability.h"

namespace staleline::arm {

namespace {

constexpr std::uint64_t bit(unsigned n) { return std::uint64_t{1} << n; }
constexpr std::uint64_t field(std::uint64_t value, unsigned low, unsigned width) {
  return value >> low & (bit(width) - 1);
}

// Address bits at and above `low` in their scattered places, and back.
std::uint64_t gather(std::uint64_t d, DescriptorFormat f, unsigned low) {
  if (f.granule == Granule::K64) {
    const std::uint64_t high = f.wide64 ? field(d, 12, 4) << 48 : 0;
    return (d & (bit(48) - bit(low))) | high;
  }
  if (!f.ds) return d & (bit(48) - bit(low));
  return (d & (bit(50) - bit(low))) | field(d, 8, 2) << 50;
}
std::uint64_t scatter(std::uint64_t address, DescriptorFormat f) {
  if (f.granule == Granule::K64) {
    return (address & (bit(48) - bit(16))) | (f.wide64 ? field(address, 48, 4) << 12 : 0);
  }
  if (!f.ds) return address & (bit(48) - bit(page_bits(f.granule)));
  return (address & (bit(50) - bit(page_bits(f.granule)))) | field(address, 50, 2) << 8;
}

bool has_shareability(DescriptorFormat f) { return f.granule == Granule::K64 || !f.ds; }

// What the architecture compares: type and cacheability, no hints and no XS.
MemoryAttributes plain(MemoryAttributes a) {
  a.xs = false;
  a.inner = {.cacheability = a.inner.cacheability};
  a.outer = {.cacheability = a.outer.cacheability};
  a.shareability = Shareability::NonShareable;
  return a;
}
MemoryAttributes attributes(const Leaf& l, unsigned stage, std::uint64_t mair) {
  if (stage == 1) return plain(mair_decode(static_cast<std::uint8_t>(mair >> 8 * l.attr_index)));
  return plain(stage2_decode(l.memattr, Shareability::NonShareable).taken());
}

BreakBeforeMake forced_change(std::uint8_t old_memattr, std::uint8_t new_memattr) {
  // Device is 0b0xx; the rest, 0b1xx, changes cacheability only. The reserved 0b100 is taken as 0b101.
  const auto meaning = [](unsigned memattr) { return memattr == 4 ? 5 : memattr; };
  const unsigned before = meaning(old_memattr & 7u), after = meaning(new_memattr & 7u);
  if (before == after) return BreakBeforeMake::None;
  return before < 4 || after < 4 ? BreakBeforeMake::MemoryType : BreakBeforeMake::Cacheability;
}

}  // namespace

bool leaf_at(DescriptorFormat f, int level) {
  if (level == 3 || level == 2) return true;
  switch (f.granule) {
    case Granule::K4:
      return level == 1 || (level == 0 && f.ds);
    case Granule::K16:
      return level == 1 && f.ds;
    case Granule::K64:
      return level == 1 && f.wide64;
  }
  return false;
}

DescriptorKind kind_of(std::uint64_t descriptor, DescriptorFormat f, int level) {
  switch (descriptor & 3) {
    case 3:
      return level == 3 ? DescriptorKind::Page : DescriptorKind::Table;
    case 1:
      return level != 3 && leaf_at(f, level) ? DescriptorKind::Block : DescriptorKind::Invalid;
    default:
      return DescriptorKind::Invalid;
  }
}

std::uint64_t leaf_address(std::uint64_t descriptor, DescriptorFormat f, int level) {
  return gather(descriptor, f, mapped_bits(f.granule, level));
}

std::uint64_t table_address(std::uint64_t descriptor, DescriptorFormat f) {
  return gather(descriptor, f, page_bits(f.granule));
}

unsigned contiguous_bits(Granule g, int level) {
  switch (g) {
    case Granule::K4:
      return level >= 1 ? 4 : 0;
    case Granule::K16:
      return level == 3 ? 7 : level == 2 ? 5 : 0;
    case Granule::K64:
      return level >= 2 ? 5 : 0;
  }
  return 0;
}

std::uint64_t encode_leaf(const Leaf& leaf, DescriptorFormat f, int level) {
  const auto flag = [](bool value, unsigned at) { return std::uint64_t{value} << at; };
  std::uint64_t d = scatter(leaf.address, f) | flag(leaf.valid, 0) | flag(level == 3, 1) | flag(leaf.access_flag, 10) |
                    flag(leaf.dirty_modifier, 51) | flag(leaf.contiguous, 52) |
                    std::uint64_t{leaf.software & 0xfu} << 55;
  if (has_shareability(f)) d |= std::uint64_t{shareability_encode(leaf.shareability)} << 8;
  if (f.stage == 1) {
    return d | std::uint64_t{leaf.attr_index & 7u} << 2 | flag(leaf.user, 6) | flag(leaf.read_only, 7) |
           flag(leaf.not_global, 11) | flag(leaf.pxn, 53) | flag(leaf.uxn, 54);
  }
  return d | std::uint64_t{leaf.memattr & 0xfu} << 2 | flag(leaf.read, 6) | flag(leaf.write, 7) | flag(leaf.fnxs, 11) |
         std::uint64_t{leaf.xn & 3u} << 53;
}

Leaf decode_leaf(std::uint64_t d, DescriptorFormat f, int level) {
  const auto flag = [d](unsigned at) { return (d >> at & 1) != 0; };
  Leaf leaf;
  leaf.address = leaf_address(d, f, level);
  if (has_shareability(f)) leaf.shareability = shareability_decode(static_cast<std::uint8_t>(field(d, 8, 2))).taken();
  leaf.valid = flag(0);
  leaf.access_flag = flag(10);
  leaf.dirty_modifier = flag(51);
  leaf.contiguous = flag(52);
  leaf.software = static_cast<std::uint8_t>(field(d, 55, 4));
  if (f.stage == 1) {
    leaf.attr_index = static_cast<std::uint8_t>(field(d, 2, 3));
    leaf.user = flag(6);
    leaf.read_only = flag(7);
    leaf.not_global = flag(11);
    leaf.pxn = flag(53);
    leaf.uxn = flag(54);
  } else {
    leaf.memattr = static_cast<std::uint8_t>(field(d, 2, 4));
    leaf.read = flag(6);
    leaf.write = flag(7);
    leaf.fnxs = flag(11);
    leaf.xn = static_cast<std::uint8_t>(field(d, 53, 2));
  }
  return leaf;
}

std::uint64_t encode_table(std::uint64_t address, DescriptorFormat f, TableAttributes a) {
  std::uint64_t d = scatter(address, f) | 3;
  if (f.stage == 1) {
    d |= std::uint64_t{a.ap & 3u} << 61 | std::uint64_t{a.uxn} << 60 | std::uint64_t{a.pxn} << 59;
  }
  return d;
}

int start_level(Granule g, unsigned input_bits) {
  return 3 - static_cast<int>((input_bits - 1 - page_bits(g)) / level_bits(g));
}

std::optional<std::uint64_t> encode_sl(Granule g, int start, bool ds) {
  constexpr std::uint64_t sl2 = bit(33);
  if (g == Granule::K4) {
    switch (start) {
      case -1:
        return ds ? std::optional(sl2) : std::nullopt;
      case 3:
        return std::uint64_t{3} << 6;
      case 0:
      case 1:
      case 2:
        return static_cast<std::uint64_t>(2 - start) << 6;
      default:
        return std::nullopt;
    }
  }
  const int lowest = g == Granule::K16 && ds ? 0 : 1;
  if (start < lowest || start > 3) return std::nullopt;
  return static_cast<std::uint64_t>(3 - start) << 6;
}

std::uint64_t root_bytes(Granule g, int start, unsigned input_bits) {
  const unsigned below = mapped_bits(g, start);
  return input_bits <= below ? 8 : std::uint64_t{8} << (input_bits - below);
}

std::string_view name_of(BreakBeforeMake b) {
  constexpr std::array<std::string_view, 9> names{"none",           "block size",  "next table",
                                                  "output address", "memory type", "cacheability",
                                                  "shareability",   "contiguous",  "global"};
  return names.at(static_cast<std::size_t>(b));
}

BreakBeforeMake bbm_required(std::uint64_t old_value, std::uint64_t new_value, DescriptorFormat f, int level,
                             std::uint64_t mair, bool fwb) {
  const DescriptorKind before = kind_of(old_value, f, level), after = kind_of(new_value, f, level);
  if (before == DescriptorKind::Invalid || after == DescriptorKind::Invalid) return BreakBeforeMake::None;
  if (before != after) return BreakBeforeMake::BlockSize;
  if (before == DescriptorKind::Table) {
    const bool same = table_address(old_value, f) == table_address(new_value, f);
    return same ? BreakBeforeMake::None : BreakBeforeMake::NextTable;
  }
  const Leaf o = decode_leaf(old_value, f, level), n = decode_leaf(new_value, f, level);
  if (o.address != n.address) return BreakBeforeMake::OutputAddress;
  if (f.stage == 2 && fwb) {
    if (const BreakBeforeMake b = forced_change(o.memattr, n.memattr); b != BreakBeforeMake::None) return b;
  } else {
    const MemoryAttributes a = attributes(o, f.stage, mair), b = attributes(n, f.stage, mair);
    if (a.type != b.type || (a.type == MemoryType::Device && a.device != b.device)) return BreakBeforeMake::MemoryType;
    if (a.inner != b.inner || a.outer != b.outer) return BreakBeforeMake::Cacheability;
    if (a.tagged != b.tagged) return BreakBeforeMake::MemoryType;
  }
  if (o.shareability != n.shareability) return BreakBeforeMake::Shareability;
  if (o.contiguous != n.contiguous && contiguous_bits(f.granule, level) != 0) return BreakBeforeMake::Contiguous;
  if (f.stage == 1 && o.not_global && !n.not_global) return BreakBeforeMake::Global;
  return BreakBeforeMake::None;
}

}  // namespace staleline::arm
