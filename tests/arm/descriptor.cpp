// SPDX-License-Identifier: Apache-2.0
// Descriptors: what they are at each level, fields both ways, roots of tables, and break-before-make.
#include "staleline/arm/descriptor.h"

#include <catch2/catch.hpp>
#include <random>
#include <set>

using namespace staleline::arm;

namespace {

std::vector<DescriptorFormat> formats() {
  std::vector<DescriptorFormat> all;
  for (const std::uint8_t stage : {std::uint8_t{1}, std::uint8_t{2}}) {
    all.push_back({Granule::K4, false, false, stage});
    all.push_back({Granule::K4, true, false, stage});
    all.push_back({Granule::K16, false, false, stage});
    all.push_back({Granule::K16, true, false, stage});
    all.push_back({Granule::K64, false, false, stage});
    all.push_back({Granule::K64, false, true, stage});
  }
  return all;
}
unsigned address_bits(DescriptorFormat f) { return f.ds || f.wide64 ? 52 : 48; }
std::uint64_t bit(unsigned n) { return std::uint64_t{1} << n; }

}  // namespace

TEST_CASE("what an entry maps, by granule and level (DDI 0487 D8.2)") {
  CHECK(bytes_mapped(Granule::K4, 3) == 0x1000);
  CHECK(bytes_mapped(Granule::K4, 2) == 0x20'0000);
  CHECK(bytes_mapped(Granule::K4, 1) == bit(30));
  CHECK(bytes_mapped(Granule::K4, 0) == bit(39));
  CHECK(bytes_mapped(Granule::K4, -1) == bit(48));
  CHECK(bytes_mapped(Granule::K16, 3) == 0x4000);
  CHECK(bytes_mapped(Granule::K16, 2) == 0x200'0000);
  CHECK(bytes_mapped(Granule::K16, 1) == bit(36));
  CHECK(bytes_mapped(Granule::K16, 0) == bit(47));
  CHECK(bytes_mapped(Granule::K64, 3) == 0x1'0000);
  CHECK(bytes_mapped(Granule::K64, 2) == 0x2000'0000);
  CHECK(bytes_mapped(Granule::K64, 1) == bit(42));
  CHECK(bytes_mapped(Granule::K64, -1) == 0);
}

TEST_CASE("descriptor kinds at every level and granule") {
  for (const DescriptorFormat f : formats()) {
    for (int level = -1; level <= 3; ++level) {
      CAPTURE(static_cast<int>(f.granule), f.ds, f.wide64, level);
      const bool block = level == 2 || (level == 1 && (f.granule == Granule::K4 || f.ds || f.wide64)) ||
                         (level == 0 && f.granule == Granule::K4 && f.ds);
      CHECK(kind_of(0, f, level) == DescriptorKind::Invalid);
      CHECK(kind_of(2, f, level) == DescriptorKind::Invalid);
      CHECK(kind_of(1, f, level) == (block ? DescriptorKind::Block : DescriptorKind::Invalid));
      CHECK(kind_of(3, f, level) == (level == 3 ? DescriptorKind::Page : DescriptorKind::Table));
      CHECK(leaf_at(f, level) == (block || level == 3));
    }
  }
}

TEST_CASE("runs of the Contiguous bit") {
  for (int level = -1; level <= 3; ++level) {
    CHECK(contiguous_bits(Granule::K4, level) == (level >= 1 ? 4 : 0));
    CHECK(contiguous_bits(Granule::K16, level) == (level == 3 ? 7 : level == 2 ? 5 : 0));
    CHECK(contiguous_bits(Granule::K64, level) == (level >= 2 ? 5 : 0));
  }
}

TEST_CASE("a leaf's bits stand where DDI 0487 D8.3 has them") {
  const DescriptorFormat one{Granule::K4, false, false, 1}, two{Granule::K4, false, false, 2};
  const Leaf nothing{
      .shareability = Shareability::NonShareable, .access_flag = false, .memattr = 0, .read = false, .write = false};
  const auto with = [&](auto change, DescriptorFormat f) {
    Leaf l = nothing;
    change(l);
    return encode_leaf(l, f, 3);
  };
  CHECK(encode_leaf(nothing, one, 3) == 3);
  CHECK(encode_leaf(nothing, one, 2) == 1);
  CHECK(with([](Leaf& l) { l.valid = false; }, one) == 2);
  CHECK(with([](Leaf& l) { l.address = 0xffff'ffff'f000; }, one) == 0xffff'ffff'f003);
  CHECK(with([](Leaf& l) { l.attr_index = 7; }, one) == (3 | 7 << 2));
  CHECK(with([](Leaf& l) { l.user = true; }, one) == (3 | bit(6)));
  CHECK(with([](Leaf& l) { l.read_only = true; }, one) == (3 | bit(7)));
  CHECK(with([](Leaf& l) { l.shareability = Shareability::InnerShareable; }, one) == (3 | bit(8) | bit(9)));
  CHECK(with([](Leaf& l) { l.shareability = Shareability::OuterShareable; }, one) == (3 | bit(9)));
  CHECK(with([](Leaf& l) { l.access_flag = true; }, one) == (3 | bit(10)));
  CHECK(with([](Leaf& l) { l.not_global = true; }, one) == (3 | bit(11)));
  CHECK(with([](Leaf& l) { l.dirty_modifier = true; }, one) == (3 | bit(51)));
  CHECK(with([](Leaf& l) { l.contiguous = true; }, one) == (3 | bit(52)));
  CHECK(with([](Leaf& l) { l.pxn = true; }, one) == (3 | bit(53)));
  CHECK(with([](Leaf& l) { l.uxn = true; }, one) == (3 | bit(54)));
  CHECK(with([](Leaf& l) { l.software = 0xf; }, one) == (3 | std::uint64_t{0xf} << 55));
  CHECK(with([](Leaf& l) { l.memattr = 0xf; }, two) == (3 | 0xf << 2));
  CHECK(with([](Leaf& l) { l.read = true; }, two) == (3 | bit(6)));
  CHECK(with([](Leaf& l) { l.write = true; }, two) == (3 | bit(7)));
  CHECK(with([](Leaf& l) { l.fnxs = true; }, two) == (3 | bit(11)));
  CHECK(with([](Leaf& l) { l.xn = 2; }, two) == (3 | bit(54)));
  CHECK(with([](Leaf& l) { l.xn = 1; }, two) == (3 | bit(53)));
  // 52-bit addresses.
  CHECK(
      encode_leaf(
          {.address = bit(50) | bit(49) | bit(48), .shareability = Shareability::InnerShareable, .access_flag = false},
          {Granule::K4, true, false, 1}, 3) == (3 | bit(49) | bit(48) | bit(8)));
  CHECK(encode_leaf({.address = bit(51) | bit(16), .shareability = Shareability::NonShareable, .access_flag = false},
                    {Granule::K64, false, true, 1}, 3) == (3 | bit(15) | bit(16)));
  CHECK(encode_table(0x1000, one, {.ap = 2, .uxn = true}) == (0x1003 | bit(62) | bit(60)));
  CHECK(encode_table(0x1000, one, {.ap = 1, .pxn = true}) == (0x1003 | bit(61) | bit(59)));
  CHECK(encode_table(0x1000, two, {.ap = 3, .uxn = true, .pxn = true}) == 0x1003);
}

TEST_CASE("leaves and tables read back, at every level of every format") {
  std::mt19937_64 random(3);
  for (const DescriptorFormat f : formats()) {
    for (int level = -1; level <= 3; ++level) {
      for (int i = 0; i < 200; ++i) {
        const std::uint64_t r = random(), reach = bit(address_bits(f)) - 1;
        if (!(f.granule == Granule::K64 && level < 0)) {
          const std::uint64_t table = random() & reach & ~(page_bytes(f.granule) - 1);
          CHECK(table_address(encode_table(table, f, {static_cast<std::uint8_t>(r & 3), true, true}), f) == table);
        }
        if (!leaf_at(f, level)) continue;
        const auto flag = [&](unsigned n) { return (r >> n & 1) != 0; };
        Leaf l;
        l.address = random() & reach & ~(bytes_mapped(f.granule, level) - 1);
        if (!f.ds) l.shareability = static_cast<Shareability>(r % 3);
        l.access_flag = flag(3), l.dirty_modifier = flag(4), l.contiguous = flag(5), l.valid = flag(6);
        l.software = static_cast<std::uint8_t>(r >> 7 & 15);
        if (f.stage == 1) {
          l.attr_index = static_cast<std::uint8_t>(r >> 11 & 7);
          l.user = flag(14), l.read_only = flag(15), l.not_global = flag(16), l.pxn = flag(17), l.uxn = flag(18);
        } else {
          l.memattr = static_cast<std::uint8_t>(r >> 19 & 15), l.xn = static_cast<std::uint8_t>(r >> 23 & 3);
          l.read = flag(25), l.write = flag(26), l.fnxs = flag(27);
        }
        REQUIRE(decode_leaf(encode_leaf(l, f, level), f, level) == l);
      }
    }
  }
}

TEST_CASE("start levels, SL fields and roots of every input size") {
  // By hand from DDI 0487 D8.2.8: the input sizes at which a start level is the first one.
  const auto first = [](Granule g, unsigned bits) { return start_level(g, bits); };
  CHECK(first(Granule::K4, 52) == -1);
  CHECK(first(Granule::K4, 49) == -1);
  CHECK(first(Granule::K4, 48) == 0);
  CHECK(first(Granule::K4, 40) == 0);
  CHECK(first(Granule::K4, 39) == 1);
  CHECK(first(Granule::K4, 31) == 1);
  CHECK(first(Granule::K4, 30) == 2);
  CHECK(first(Granule::K4, 22) == 2);
  CHECK(first(Granule::K4, 21) == 3);
  CHECK(first(Granule::K16, 52) == 0);
  CHECK(first(Granule::K16, 48) == 0);
  CHECK(first(Granule::K16, 47) == 1);
  CHECK(first(Granule::K16, 37) == 1);
  CHECK(first(Granule::K16, 36) == 2);
  CHECK(first(Granule::K16, 25) == 3);
  CHECK(first(Granule::K64, 52) == 1);
  CHECK(first(Granule::K64, 43) == 1);
  CHECK(first(Granule::K64, 42) == 2);
  CHECK(first(Granule::K64, 29) == 3);
  CHECK(root_bytes(Granule::K4, 0, 48) == 4096);
  CHECK(root_bytes(Granule::K4, 0, 40) == 16);
  CHECK(root_bytes(Granule::K4, 1, 40) == 2 * 4096);  // two tables side by side
  CHECK(root_bytes(Granule::K4, 1, 43) == 16 * 4096);
  CHECK(root_bytes(Granule::K64, 2, 42) == 65536);
  CHECK(root_bytes(Granule::K16, 1, 40) == 128);
  CHECK(encode_sl(Granule::K4, 2) == 0);
  CHECK(encode_sl(Granule::K4, 1) == bit(6));
  CHECK(encode_sl(Granule::K4, 0) == bit(7));
  CHECK(encode_sl(Granule::K4, 3) == (bit(6) | bit(7)));
  CHECK(encode_sl(Granule::K4, -1, true) == bit(33));
  CHECK_FALSE(encode_sl(Granule::K4, -1));
  CHECK_FALSE(encode_sl(Granule::K4, 4));
  CHECK(encode_sl(Granule::K16, 3) == 0);
  CHECK(encode_sl(Granule::K16, 0, true) == (bit(6) | bit(7)));
  CHECK_FALSE(encode_sl(Granule::K16, 0));
  CHECK(encode_sl(Granule::K64, 1) == bit(7));
  CHECK_FALSE(encode_sl(Granule::K64, 0));
  CHECK_FALSE(encode_sl(Granule::K64, 4));
}

TEST_CASE("break-before-make: what each field's change needs") {
  using enum BreakBeforeMake;
  constexpr std::uint64_t mair =
      0xf0'04'00'bb'4f'44'f4'ff;  // 0 WB, 1 WB/NC, 2 NC, 3 NC/WB, 4 WT, 5 nGnRnE, 6 nGnRE, 7 tagged
  const DescriptorFormat f{Granule::K4, false, false, 1};
  const Leaf base{.address = 0x40'0000};
  const auto change = [&](auto edit, int level = 3, DescriptorFormat format = {Granule::K4, false, false, 1},
                          bool fwb = false) {
    Leaf l = base;
    edit(l);
    return bbm_required(encode_leaf(base, format, level), encode_leaf(l, format, level), format, level, mair, fwb);
  };
  CHECK(change([](Leaf&) {}) == None);
  CHECK(change([](Leaf& l) { l.read_only = l.user = l.pxn = l.uxn = true; }) == None);
  CHECK(change([](Leaf& l) { l.access_flag = false; }) == None);
  CHECK(change([](Leaf& l) { l.dirty_modifier = true; }) == None);
  CHECK(change([](Leaf& l) { l.software = 5; }) == None);
  CHECK(change([](Leaf& l) { l.not_global = true; }) == None);
  CHECK(change([](Leaf& l) {
          l.valid = false;
          l.address = 0;
        }) == None);
  CHECK(change([](Leaf& l) { l.address += 0x1000; }) == OutputAddress);
  CHECK(change([](Leaf& l) { l.attr_index = 1; }) == Cacheability);
  CHECK(change([](Leaf& l) { l.attr_index = 2; }) == Cacheability);
  CHECK(change([](Leaf& l) { l.attr_index = 4; }) == Cacheability);
  CHECK(change([](Leaf& l) { l.attr_index = 5; }) == MemoryType);
  CHECK(change([](Leaf& l) { l.attr_index = 7; }) == MemoryType);
  CHECK(change([](Leaf& l) { l.shareability = Shareability::NonShareable; }) == BreakBeforeMake::Shareability);
  CHECK(change([](Leaf& l) { l.contiguous = true; }) == Contiguous);
  CHECK(change([](Leaf& l) { l.contiguous = true; }, 2, {Granule::K16, true, false, 1}) == Contiguous);
  CHECK(change(
            [](Leaf& l) {
              l.contiguous = true;
              l.address = 0;
            },
            1, {Granule::K16, true, false, 1}) == None);
  // From the other side.
  const auto back = [&](auto edit) {
    Leaf l = base;
    edit(l);
    return bbm_required(encode_leaf(l, f, 3), encode_leaf(base, f, 3), f, 3, mair);
  };
  CHECK(back([](Leaf& l) { l.not_global = true; }) == Global);
  CHECK(back([](Leaf& l) {
          l.valid = false;
          l.attr_index = 5;
        }) == None);
  CHECK(back([](Leaf& l) { l.attr_index = 6; }) == MemoryType);
  // Hints are free; Device types are not.
  const auto index = [&](std::uint8_t a, std::uint8_t b, std::uint64_t m) {
    return bbm_required(encode_leaf({.attr_index = a}, f, 3), encode_leaf({.attr_index = b}, f, 3), f, 3, m);
  };
  CHECK(index(0, 1, 0xddff) == None);
  CHECK(index(0, 1, 0x0400) == MemoryType);
  CHECK(index(0, 1, 0x0100) == None);  // XS only
  // Shapes.
  CHECK(bbm_required(encode_leaf(base, f, 2), encode_table(0x1000, f), f, 2, mair) == BlockSize);
  CHECK(bbm_required(encode_table(0x1000, f), encode_leaf(base, f, 2), f, 2, mair) == BlockSize);
  CHECK(bbm_required(encode_table(0x1000, f), encode_table(0x2000, f), f, 2, mair) == NextTable);
  CHECK(bbm_required(encode_table(0x1000, f), encode_table(0x1000, f, {.ap = 3, .uxn = true}), f, 2, mair) == None);
  CHECK(bbm_required(encode_table(0x1000, f), 0, f, 2, mair) == None);
  // Stage 2.
  const DescriptorFormat two{Granule::K4, false, false, 2};
  CHECK(change(
            [](Leaf& l) {
              l.read = l.write = false;
              l.xn = 2;
              l.fnxs = true;
            },
            3, two) == None);
  CHECK(change([](Leaf& l) { l.memattr = 0; }, 3, two) == MemoryType);
  CHECK(change([](Leaf& l) { l.memattr = 5; }, 3, two) == Cacheability);
  CHECK(change([](Leaf& l) { l.memattr = 0xa; }, 3, two) == Cacheability);
  CHECK(change([](Leaf& l) { l.memattr = 7; }, 3, two, true) == None);  // bit 3 says nothing of type
  CHECK(change([](Leaf& l) { l.memattr = 6; }, 3, two, true) == Cacheability);
  CHECK(change([](Leaf& l) { l.memattr = 1; }, 3, two, true) == MemoryType);
  const auto forced = [&](std::uint8_t a, std::uint8_t b) {
    return bbm_required(encode_leaf({.memattr = a}, two, 3), encode_leaf({.memattr = b}, two, 3), two, 3, mair, true);
  };
  for (std::uint8_t a = 0; a < 8; ++a) {
    for (std::uint8_t b = 0; b < 8; ++b) {
      const bool same = a == b || (a + b == 9 && (a == 4 || b == 4));  // 0b100 is taken as 0b101
      CHECK(forced(a, b) == (same ? None : a < 4 || b < 4 ? MemoryType : Cacheability));
    }
  }
  std::set<std::string_view> names;
  for (const BreakBeforeMake b : {None, BlockSize, NextTable, OutputAddress, MemoryType, Cacheability,
                                  BreakBeforeMake::Shareability, Contiguous, Global}) {
    CHECK(names.insert(name_of(b)).second);
  }
}
