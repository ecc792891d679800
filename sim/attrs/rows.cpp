// SPDX-License-Identifier: Apache-2.0
// One function a table: the outputs of a row from the functions of the architecture.
#include "rows.h"

#include <algorithm>
#include <array>
#include <initializer_list>
#include <utility>

#include "results.h"
#include "staleline/arm/alignment.h"
#include "staleline/arm/attribute_cells.h"
#include "staleline/arm/combine.h"
#include "staleline/arm/controls.h"
#include "staleline/arm/mair.h"
#include "staleline/arm/shareability.h"
#include "staleline/arm/stage1.h"

namespace staleline::attrs {

namespace {

using arm::AttributeColumn;
using arm::MemoryAttributes;
using Outputs = std::span<std::string>;
using enum arm::AttributeColumn;

constexpr std::array kType{MemType, Device, InnerAttr, InnerHint, InnerTrans, OuterAttr, OuterHint, OuterTrans};
constexpr std::array<std::string_view, kType.size()> kTypeNames{"memtype", "device", "i_attr", "i_hint",
                                                                "i_trans", "o_attr", "o_hint", "o_trans"};
constexpr std::array<std::string_view, 2> kAccesses{"D", "I"};

/// The columns of a table: `first`, those of kType, `rest`.
template <std::size_t n, std::size_t m>
constexpr std::array<std::string_view, n + kType.size() + m> names(const std::string_view (&first)[n],
                                                                   const std::string_view (&rest)[m]) {
  std::array<std::string_view, n + kType.size() + m> all;
  std::copy(rest, rest + m, std::copy(kTypeNames.begin(), kTypeNames.end(), std::copy(first, first + n, all.begin())));
  return all;
}

/// Fills cells from `first` on: memtype to o_trans, then the columns of `rest`; returns the next free place.
std::size_t cells(Outputs out, std::size_t first, std::span<const MemoryAttributes> permitted,
                  std::initializer_list<AttributeColumn> rest) {
  for (const auto column : kType) arm::append_cell(out[first++], column, permitted);
  for (const auto column : rest) arm::append_cell(out[first++], column, permitted);
  return first;
}

void reserved(Outputs out) {
  for (auto& text : out) text = "*";
}

void joined(std::string& out, std::initializer_list<std::pair<bool, std::string_view>> words, char separator) {
  for (const auto& [present, word] : words) {
    if (!present) continue;
    if (!out.empty()) out += separator;
    out += word;
  }
}

void fwb_note(std::string& out, const Stage2Fields& s2) {
  joined(out, {{s2.fwb && s2.memattr >= 8, "S2BIT3_RES0"}, {s2.fwb && (s2.memattr & 7) == 4, "S2_FWB_RESERVED"}}, ';');
}

// ---- s1s2
constexpr std::array<std::string_view, 8> kCombineInputs{"access", "s1_cache_on", "s2_override", "fwb",
                                                         "mair",   "s1_sh",       "s2_memattr",  "s2_sh"};
constexpr auto kCombineOutputs =
    names({"constrained_unpredictable", "note"}, {"share", "tag", "xs", "par_attr", "share_if_effsh_at_s1"});

void combine_row(const Inputs& in, Outputs out) {
  const Via via = in.word(0, kAccesses) == 1 ? Via::Fetch : Via::Data;
  const auto kind = via == Via::Fetch ? arm::AccessKind::Fetch : arm::AccessKind::Data;
  const bool cache_on = in.flag(1);
  const std::uint8_t byte = in.number(4, 255), s1_sh = in.number(5, 3);
  const Stage2Fields s2{in.number(6, 15), in.number(7, 3), in.flag(3), in.flag(2)};
  fwb_note(out[1], s2);
  if (arm::mair_reserved(byte)) {
    out[0] = "RESMAIR";
    return reserved(out.subspan(2));
  }
  const MemoryAttributes decoded = arm::mair_decode(byte);
  joined(out[0],
         {{s1_sh == 1 || s2.sh == 1, "SH"},
          {open_memattr(s2), "S2MEMATTR"},
          {arm::stage1_tag_open(decoded, kind, cache_on), "S1CTAGGED"}},
         '+');
  Results results, effective;
  for (const arm::Shareability share : arm::shareability_decode(s1_sh)) {
    MemoryAttributes s1 = arm::stage1_access(decoded, kind, cache_on);
    s1.shareability = share;
    add_through_stage2(results, s1, s2, via);
    s1.shareability = arm::effective_shareability(s1);
    add_through_stage2(effective, s1, s2, via);
  }
  const std::size_t last = cells(out, 2, results.all(), {Share, Tag, Xs, ParAttr});
  arm::append_cell(out[last], Share, effective.all());
}

// ---- mair
constexpr std::array<std::string_view, 3> kMairInputs{"feat_xs", "feat_mte2", "mair"};
constexpr auto kMairOutputs = names({"constrained_unpredictable"}, {"tag", "xs"});

void mair_row(const Inputs& in, Outputs out) {
  const arm::AttributeFeatures features{.xs = in.flag(0), .mte2 = in.flag(1)};
  const std::uint8_t byte = in.number(2, 255);
  if (arm::mair_reserved(byte, features)) {
    out[0] = "RESMAIR";
    return reserved(out.subspan(1));
  }
  const std::array a{arm::mair_decode(byte, features)};
  cells(out, 1, a, {Tag, Xs});
}

// ---- s2
constexpr std::array<std::string_view, 3> kStage2Inputs{"fwb", "feat_mte_perm", "memattr"};
constexpr std::array<std::string_view, 7> kStage2Outputs{"constrained_unpredictable_or_note",
                                                         "memtype",
                                                         "device",
                                                         "i_attr",
                                                         "o_attr",
                                                         "notagaccess",
                                                         "fwb1_result_for_s1_mair"};

void stage2_row(const Inputs& in, Outputs out) {
  const bool fwb = in.flag(0);
  const arm::AttributeFeatures features{.mte_perm = in.flag(1)};
  const std::uint8_t memattr = in.bits(2);
  if (!fwb) {
    const auto meanings = arm::stage2_decode(memattr, arm::Shareability::InnerShareable, features);
    if (meanings.open()) out[0] = "S2MEMATTR";
    const std::span all{meanings.begin(), meanings.size()};
    std::size_t place = 1;
    for (const auto column : {MemType, Device, InnerAttr, OuterAttr}) arm::append_cell(out[place++], column, all);
    out[place] = arm::stage2_no_tag_access(memattr, fwb, features) ? "1" : "0";
    return;
  }
  // Alone the field says nothing: the last column shows it against eight bytes of stage 1.
  fwb_note(out[0], {.memattr = memattr, .fwb = true});
  reserved(out.subspan(1, 5));
  std::string& text = out[6];
  for (const std::uint8_t byte : std::array<std::uint8_t, 8>{0x00, 0x04, 0x08, 0x0c, 0x44, 0xbb, 0x77, 0xff}) {
    const MemoryAttributes s1 = arm::mair_decode(byte);
    const MemoryAttributes a = arm::combine_fwb(s1, memattr, arm::Shareability::InnerShareable);
    if (!text.empty()) text += "; ";
    text.append(arm::cell(ParAttr, s1)).append("->");
    if (a.type == arm::MemoryType::Device) {
      text += arm::cell(Device, a);
      continue;
    }
    text.append("Normal i").append(arm::cell(InnerAttr, a)).append("/").append(arm::cell(InnerHint, a));
    text.append("/").append(arm::cell(InnerTrans, a)).append(" o").append(arm::cell(OuterAttr, a));
    text.append("/").append(arm::cell(OuterHint, a)).append("/").append(arm::cell(OuterTrans, a));
  }
}

// ---- s1off
constexpr std::array<std::string_view, 9> kOffInputs{"regime",  "el2_enabled", "HCR_DC",  "HCR_DCT", "HCR_TGE",
                                                     "SCTLR_M", "SCTLR_C",     "SCTLR_I", "access"};
constexpr auto kOffOutputs = names({"stage1"}, {"share", "tag", "xs", "par_attr"});

void off_row(const Inputs& in, Outputs out) {
  constexpr std::array<std::string_view, 2> kRegimes{"EL1&0", "EL2"};
  const bool el10 = in.word(0, kRegimes) == 0, el2 = in.flag(1);
  const arm::HypervisorControl h{.dc = in.flag(2), .tge = in.flag(4), .dct = in.flag(3)};
  const arm::SystemControl s{in.flag(5), in.flag(6), in.flag(7)};
  const auto kind = in.word(8, kAccesses) == 1 ? arm::AccessKind::Fetch : arm::AccessKind::Data;
  const bool enabled = el10 ? arm::stage1_enabled_el10(s, el2, h) : s.m;
  out[0] = enabled ? "enabled" : "disabled";
  if (enabled) return;
  const bool dc = el10 && el2 && h.dc;
  const std::array a{arm::mmu_off(kind, s.i, dc, dc && h.dct)};
  const std::size_t last = cells(out, 1, a, {Share, Tag, Xs});
  out[last] = std::to_string(arm::mair_encode(a[0]));
}

// ---- s1off-s2
constexpr std::array<std::string_view, 7> kOffStage2Inputs{"HCR_DC", "SCTLR_I",    "access", "HCR_CD_or_ID",
                                                           "fwb",    "s2_memattr", "s2_sh"};
constexpr auto kOffStage2Outputs = names({"constrained_unpredictable", "note"}, {"share", "tag", "xs"});

void off_stage2_row(const Inputs& in, Outputs out) {
  const bool dc = in.flag(0), i = in.flag(1);
  const Via via = in.word(2, kAccesses) == 1 ? Via::Fetch : Via::Data;
  const Stage2Fields s2{in.number(5, 15), in.number(6, 3), in.flag(4), in.flag(3)};
  joined(out[0], {{s2.sh == 1, "SH"}, {open_memattr(s2), "S2MEMATTR"}}, '+');
  fwb_note(out[1], s2);
  Results results;
  const auto kind = via == Via::Fetch ? arm::AccessKind::Fetch : arm::AccessKind::Data;
  add_through_stage2(results, arm::mmu_off(kind, i, dc), s2, via);
  cells(out, 2, results.all(), {Share, Tag, Xs});
}

// ---- walk
constexpr std::array<std::string_view, 6> kWalkInputs{"walk", "SCTLR_C", "HCR_CD", "SH", "IRGN", "ORGN"};
constexpr auto kWalkOutputs = names({"constrained_unpredictable"}, {"share", "tag", "xs"});

void walk_row(const Inputs& in, Outputs out) {
  constexpr std::array<std::string_view, 2> kWalks{"S1walk", "S2walk"};
  const bool stage1 = in.word(0, kWalks) == 0;
  const bool cache_on = stage1 ? in.flag(1) : !in.flag(2);  // the other control may be left empty
  const std::uint8_t sh = in.number(3, 3);
  const auto walk = arm::walk_attributes(in.number(4, 3), in.number(5, 3), sh, cache_on);
  // The tables name the open SH for stage 1 walks only, and list its values for both.
  if (sh == 1 && stage1) out[0] = "SH";
  cells(out, 1, std::span{walk.begin(), walk.size()}, {Share, Tag, Xs});
}

// ---- walk-s2
constexpr std::array<std::string_view, 8> kWalkStage2Inputs{"SCTLR_C", "S1_SH", "IRGN",       "ORGN",
                                                            "HCR_CD",  "fwb",   "s2_memattr", "s2_sh"};
constexpr auto kWalkStage2Outputs =
    names({"constrained_unpredictable", "s2_device_so_PTW1_faults"}, {"share", "tag", "xs"});

void walk_stage2_row(const Inputs& in, Outputs out) {
  const bool cache_on = in.flag(0);
  const std::uint8_t s1_sh = in.number(1, 3), irgn = in.number(2, 3), orgn = in.number(3, 3);
  const Stage2Fields s2{in.number(6, 15), in.number(7, 3), in.flag(5), in.flag(4)};
  joined(out[0], {{s1_sh == 1 || s2.sh == 1, "SH"}, {open_memattr(s2), "S2MEMATTR"}}, '+');
  out[1] = arm::stage2_device_walk(s2.memattr, s2.fwb) ? "1" : "0";
  Results results;
  for (const arm::Shareability share : arm::shareability_decode(s1_sh))
    add_through_stage2(results, arm::walk_descriptor(irgn, orgn, share, cache_on), s2, Via::Walk);
  cells(out, 2, results.all(), {Share, Tag, Xs});
}

// ---- align
constexpr std::array<std::string_view, 5> kAlignInputs{"acctype", "aligned", "memory", "nTLSMD", "a32lsmd"};
constexpr std::array<std::string_view, 2> kAlignOutputs{"s1_alignment_fault", "s2_alignment_fault"};

void align_row(const Inputs& in, Outputs out) {
  constexpr std::array<std::string_view, 4> kShapes{"IFETCH", "GPR", "DCZero", "DC"};  // as AccessShape has them
  constexpr std::array<std::string_view, 5> kMemories{"Device-nGnRnE", "Device-nGnRE", "Device-nGRE", "Device-GRE",
                                                      "Normal"};
  const arm::AlignedAccess access{.shape = static_cast<arm::AccessShape>(in.word(0, kShapes)),
                                  .aligned = in.flag(1),
                                  .a32_multiple = in.flag(4),
                                  .ntlsmd = in.flag(3)};
  const std::size_t memory = in.word(2, kMemories);
  const MemoryAttributes a = memory == 4 ? MemoryAttributes{.type = arm::MemoryType::Normal}
                                         : MemoryAttributes{.device = static_cast<arm::DeviceType>(memory)};
  out[0] = arm::stage1_alignment_fault(access, a) ? "1" : "0";
  out[1] = arm::stage2_alignment_fault(access, a) ? "1" : "0";
}

}  // namespace

std::span<const Table> tables() {
  static constexpr std::array<Table, 8> all{{{"s1s2", kCombineInputs, kCombineOutputs, combine_row},
                                             {"mair", kMairInputs, kMairOutputs, mair_row},
                                             {"s2", kStage2Inputs, kStage2Outputs, stage2_row},
                                             {"s1off", kOffInputs, kOffOutputs, off_row},
                                             {"s1off-s2", kOffStage2Inputs, kOffStage2Outputs, off_stage2_row},
                                             {"walk", kWalkInputs, kWalkOutputs, walk_row},
                                             {"walk-s2", kWalkStage2Inputs, kWalkStage2Outputs, walk_stage2_row},
                                             {"align", kAlignInputs, kAlignOutputs, align_row}}};
  return all;
}

}  // namespace staleline::attrs
