// SPDX-License-Identifier: Apache-2.0
// The tables' spelling of attributes.
#include "staleline/arm/attribute_cells.h"

#include <algorithm>
#include <array>
#include <cstddef>

#include "staleline/arm/mair.h"

namespace staleline::arm {

namespace {

constexpr std::array<std::string_view, kAttributeColumns> kNames{"memtype", "device", "i_attr", "i_hint",
                                                                 "i_trans", "o_attr", "o_hint", "o_trans",
                                                                 "share",   "tag",    "xs",     "par_attr"};

// "0x00" to "0xff", four characters each.
constexpr auto kBytes = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 256 * 4> text{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    text[byte * 4] = '0';
    text[byte * 4 + 1] = 'x';
    text[byte * 4 + 2] = digits[byte >> 4];
    text[byte * 4 + 3] = digits[byte & 0xf];
  }
  return text;
}();

std::string_view policy(CacheAttributes a) {
  constexpr std::array<std::string_view, 3> names{"NC", "WT", "WB"};
  return names.at(static_cast<std::size_t>(a.cacheability));
}

std::string_view hint(CacheAttributes a) {
  if (a.cacheability == Cacheability::NonCacheable) return "-";
  if (a.read_allocate) return a.write_allocate ? "RWA" : "RA";
  return a.write_allocate ? "WA" : "No";
}

std::string_view transience(CacheAttributes a) {
  if (a.cacheability == Cacheability::NonCacheable || !(a.read_allocate || a.write_allocate)) return "-";
  return a.transient ? "T" : "NT";
}

}  // namespace

std::string_view name_of(AttributeColumn column) { return kNames.at(static_cast<std::size_t>(column)); }

std::optional<AttributeColumn> attribute_column(std::string_view name) {
  const auto* found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<AttributeColumn>(found - kNames.begin());
}

std::string_view cell(AttributeColumn column, const MemoryAttributes& a) {
  constexpr std::array<std::string_view, 4> devices{"nGnRnE", "nGnRE", "nGRE", "GRE"};
  const bool is_device = a.type == MemoryType::Device;
  switch (column) {
    case AttributeColumn::MemType:
      return is_device ? "Device" : "Normal";
    case AttributeColumn::Device:
      return is_device ? devices.at(static_cast<std::size_t>(a.device)) : "-";
    case AttributeColumn::InnerAttr:
      return is_device ? "-" : policy(a.inner);
    case AttributeColumn::InnerHint:
      return is_device ? "-" : hint(a.inner);
    case AttributeColumn::InnerTrans:
      return is_device ? "-" : transience(a.inner);
    case AttributeColumn::OuterAttr:
      return is_device ? "-" : policy(a.outer);
    case AttributeColumn::OuterHint:
      return is_device ? "-" : hint(a.outer);
    case AttributeColumn::OuterTrans:
      return is_device ? "-" : transience(a.outer);
    case AttributeColumn::Share:
      return share_cell(a.shareability);
    case AttributeColumn::Tag:
      return a.tagged ? "Allocation" : "Untagged";
    case AttributeColumn::Xs:
      return a.xs ? "1" : "0";
    case AttributeColumn::ParAttr:
      return {kBytes.data() + std::size_t{mair_encode(a)} * 4, 4};
  }
  return "-";
}

void append_cell(std::string& out, AttributeColumn column, std::span<const MemoryAttributes> permitted) {
  for (std::size_t i = 0; i < permitted.size(); ++i) {
    const std::string_view value = cell(column, permitted[i]);
    const auto same = [&](const MemoryAttributes& a) { return cell(column, a) == value; };
    if (std::any_of(permitted.begin(), permitted.begin() + static_cast<std::ptrdiff_t>(i), same)) continue;
    if (i != 0) out += '|';
    out += value;
  }
}

std::string_view share_cell(Shareability s) {
  constexpr std::array<std::string_view, 3> names{"NSH", "ISH", "OSH"};
  return names.at(static_cast<std::size_t>(s));
}

}  // namespace staleline::arm
