// SPDX-License-Identifier: Apache-2.0
// Descriptors of VMSAv8-64 translation tables: their fields, building them, and which changes need break-before-make
// (DDI 0487 D8.3, D8.5, D8.16).
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "staleline/arm/attributes.h"
#include "staleline/arm/granule.h"

namespace staleline::arm {

/// What shape the descriptors of a table have.
struct DescriptorFormat {
  Granule granule = Granule::K4;
  bool ds = false;      ///< TCR_ELx.DS or VTCR_EL2.DS: 52-bit addresses with 4KB and 16KB, no SH field
  bool wide64 = false;  ///< FEAT_LPA: 52-bit addresses with 64KB
  std::uint8_t stage = 1;
  friend constexpr bool operator==(DescriptorFormat, DescriptorFormat) = default;
};

enum class DescriptorKind : std::uint8_t { Invalid, Table, Block, Page };

/// What a descriptor is at `level`; reserved encodings are Invalid, as they are for a walk.
[[nodiscard]] DescriptorKind kind_of(std::uint64_t descriptor, DescriptorFormat f, int level);
[[nodiscard]] constexpr bool is_leaf(DescriptorKind k) { return k >= DescriptorKind::Block; }
/// True where a leaf may stand at `level`: pages at 3, blocks where the granule has them.
[[nodiscard]] bool leaf_at(DescriptorFormat f, int level);
/// The output address of a leaf at `level` or the next table's address.
[[nodiscard]] std::uint64_t leaf_address(std::uint64_t descriptor, DescriptorFormat f, int level);
[[nodiscard]] std::uint64_t table_address(std::uint64_t descriptor, DescriptorFormat f);
/// How many entries one run of the Contiguous bit has as a power of two; 0 where the bit means nothing.
[[nodiscard]] unsigned contiguous_bits(Granule g, int level);

/// Bits that both stages have in one place.
inline constexpr std::uint64_t kDescriptorValid = 1, kDescriptorTable = 2;
inline constexpr std::uint64_t kAccessFlag = std::uint64_t{1} << 10;
inline constexpr std::uint64_t kNotGlobal = std::uint64_t{1} << 11;  ///< stage 1; FnXS at stage 2
inline constexpr std::uint64_t kDirtyBitModifier = std::uint64_t{1} << 51;
inline constexpr std::uint64_t kContiguous = std::uint64_t{1} << 52;
inline constexpr std::uint64_t kStage1ReadOnly = std::uint64_t{1} << 7;   ///< AP[2]
inline constexpr std::uint64_t kStage2Writable = std::uint64_t{1} << 7;   ///< S2AP[1]
inline constexpr std::uint64_t kSoftwareBits = std::uint64_t{0xf} << 55;  ///< free for software

/// The fields of a leaf. Of stage 1: attr_index, user, read_only, not_global, pxn, uxn; of stage 2: memattr, read,
/// write, xn, fnxs.
struct Leaf {
  std::uint64_t address = 0;
  Shareability shareability = Shareability::InnerShareable;  ///< no field with DS
  bool access_flag = true, dirty_modifier = false, contiguous = false, valid = true;
  std::uint8_t attr_index = 0;  ///< of MAIR_ELx
  bool user = false;            ///< AP[1]: EL0 may access too. For the EL2 regime RES1: set it
  bool read_only = false;       ///< AP[2]
  bool not_global = false, pxn = false;
  bool uxn = false;                ///< UXN, or XN of the EL2 regime
  std::uint8_t memattr = 0xf;      ///< stage 2 MemAttr[3:0]
  bool read = true, write = true;  ///< stage 2 S2AP
  std::uint8_t xn = 0;             ///< stage 2 XN[1:0]
  bool fnxs = false;               ///< stage 2
  std::uint8_t software = 0;       ///< bits 58:55
  friend constexpr bool operator==(const Leaf&, const Leaf&) = default;
};
/// A page at level 3 and a block else; leaf_at(f, level) must hold and the address be aligned.
[[nodiscard]] std::uint64_t encode_leaf(const Leaf& leaf, DescriptorFormat f, int level);
/// The fields of a leaf descriptor, the inverse.
[[nodiscard]] Leaf decode_leaf(std::uint64_t descriptor, DescriptorFormat f, int level);

/// The hierarchical attributes of a stage 1 table descriptor.
struct TableAttributes {
  std::uint8_t ap = 0;            ///< APTable: bit 0 no EL0 access, bit 1 no writes
  bool uxn = false, pxn = false;  ///< UXNTable or XNTable, PXNTable
  friend constexpr bool operator==(TableAttributes, TableAttributes) = default;
};
[[nodiscard]] std::uint64_t encode_table(std::uint64_t address, DescriptorFormat f, TableAttributes a = {});

/// What a table builder needs of a range of `input_bits` (64 - TxSZ).
[[nodiscard]] int start_level(Granule g, unsigned input_bits);
/// VTCR_EL2.{SL2,SL0} for a start level; empty where the granule has no such start.
[[nodiscard]] std::optional<std::uint64_t> encode_sl(Granule g, int start, bool ds = false);
/// Bytes of the table at `start` for `input_bits`: up to 16 concatenated ones at stage 2, less than a page where few
/// entries are used.
[[nodiscard]] std::uint64_t root_bytes(Granule g, int start, unsigned input_bits);

/// Why a change of a live descriptor needs break-before-make (DDI 0487 D8.16.1).
enum class BreakBeforeMake : std::uint8_t {
  None,           ///< permissions, AF, dirty state, nG set, software bits; or one of both is invalid
  BlockSize,      ///< a block becomes a table or a table a block
  NextTable,      ///< another table: needed unless all below translates alike, which is for the caller
  OutputAddress,  ///< of a leaf: needed if either is writable or the contents differ, which is for the caller
  MemoryType,     ///< Normal or Device, and which Device
  Cacheability,   ///< of Normal memory; allocation hints are free
  Shareability,
  Contiguous,  ///< the Contiguous bit
  Global,      ///< nG becomes clear: entries of one ASID may stay beside the global one
};
[[nodiscard]] std::string_view name_of(BreakBeforeMake b);
/// The first rule in the order of the enumeration that a change from `old_value` to `new_value` at `level` breaks.
/// `mair` is the regime's; at stage 2 it plays no part. `fwb`: HCR_EL2.FWB.
[[nodiscard]] BreakBeforeMake bbm_required(std::uint64_t old_value, std::uint64_t new_value, DescriptorFormat f,
                                           int level, std::uint64_t mair, bool fwb = false);

}  // namespace staleline::arm
