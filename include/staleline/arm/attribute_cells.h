// SPDX-License-Identifier: Apache-2.0
// Memory attributes as cells of a table: `Normal`, `nGnRE`, `WB`, `RWA`, `NT`, `OSH`, ..., a column a fact; several
// permitted values of one fact share a cell, as `NC|WT|WB`.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "staleline/arm/attributes.h"

namespace staleline::arm {

/// In the order of the tables. A cell that has no meaning for the memory's type is `-`.
enum class AttributeColumn : std::uint8_t {
  MemType,  ///< memtype: Device, Normal
  Device,   ///< device: nGnRnE, nGnRE, nGRE, GRE
  InnerAttr,
  InnerHint,
  InnerTrans,
  OuterAttr,   ///< i_attr, o_attr: NC, WT, WB
  OuterHint,   ///< i_hint, o_hint: No, RA, WA, RWA
  OuterTrans,  ///< i_trans, o_trans: T transient, NT not
  Share,       ///< share: NSH, ISH, OSH
  Tag,         ///< tag: Untagged, Allocation
  Xs,          ///< xs: 0, 1
  ParAttr,     ///< par_attr: the byte of PAR_EL1.ATTR, 0x..
};
inline constexpr std::size_t kAttributeColumns = 12;

/// The name at the head of the column, such as "i_attr".
[[nodiscard]] std::string_view name_of(AttributeColumn column);
/// The column of a name; empty for any other text.
[[nodiscard]] std::optional<AttributeColumn> attribute_column(std::string_view name);

/// The cell of one set of attributes; the text lives as long as the program.
[[nodiscard]] std::string_view cell(AttributeColumn column, const MemoryAttributes& a);
/// Appends the cell of all `permitted` attributes: distinct values in order, joined with '|'.
void append_cell(std::string& out, AttributeColumn column, std::span<const MemoryAttributes> permitted);

/// The spelling of a shareability in a cell: NSH, ISH, OSH.
[[nodiscard]] std::string_view share_cell(Shareability s);

}  // namespace staleline::arm
