// SPDX-License-Identifier: Apache-2.0
// Every row of the tables that executing Arm's pseudocode gave, against the functions of the room.
#include <array>
#include <catch2/catch.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "oracle_table.h"
#include "staleline/arm/alignment.h"
#include "staleline/arm/combine.h"
#include "staleline/arm/controls.h"
#include "staleline/arm/mair.h"
#include "staleline/arm/shareability.h"
#include "staleline/arm/stage1.h"

using namespace staleline::arm;
using oracle::cell;
using oracle::for_each_row;
using oracle::Row;

namespace {

constexpr std::array<std::string_view, 10> kTypeColumns{"memtype", "device", "i_attr",  "i_hint", "i_trans",
                                                        "o_attr",  "o_hint", "o_trans", "tag",    "xs"};

// A quarter of a million rows: an assertion only where a row differs keeps this to seconds.
void expect(const Row& row, std::string_view column, const std::string& actual) {
  if (row.at(column) != actual) FAIL_CHECK(column << " is " << actual << " in: " << row.text());
}

void expect_type(const Row& row, const std::vector<MemoryAttributes>& actual) {
  for (const auto column : kTypeColumns) expect(row, column, cell(column, actual));
}

void expect_reserved(const Row& row) {
  for (const auto column : kTypeColumns) expect(row, column, "*");
}

std::string joined(std::initializer_list<std::pair<bool, std::string_view>> words, char separator) {
  std::string all;
  for (const auto& [present, word] : words) {
    if (!present) continue;
    if (!all.empty()) all += separator;
    all += word;
  }
  return all;
}

AccessKind access_of(const Row& row) { return row.at("access") == "I" ? AccessKind::Fetch : AccessKind::Data; }

MemoryAttributes with(MemoryAttributes a, Shareability s) {
  a.shareability = s;
  return a;
}

// All final attributes that the open encodings of a row permit.
std::vector<MemoryAttributes> combined(const Row& row, bool effective_at_stage1) {
  const AccessKind kind = access_of(row);
  const bool cache_off = row.flag("s2_override");
  std::vector<MemoryAttributes> all;
  for (const Shareability s1_share : shareability_decode(row.number("s1_sh"))) {
    MemoryAttributes s1 = with(mair_decode(row.number("mair")), s1_share);
    s1 = stage1_access(s1, kind, row.flag("s1_cache_on"));
    if (effective_at_stage1) s1.shareability = effective_shareability(s1);
    for (const Shareability s2_share : shareability_decode(row.number("s2_sh"))) {
      const std::uint8_t memattr = row.number("s2_memattr");
      if (row.flag("fwb")) {
        all.push_back(through_stage2(s1, Stage2{memattr, s2_share, true, cache_off}, kind));
        continue;
      }
      for (const MemoryAttributes& s2 : stage2_decode(memattr, s2_share)) {
        all.push_back(through_stage2(s1, s2, kind, cache_off));
      }
    }
  }
  return all;
}

}  // namespace

TEST_CASE("MAIR bytes decode as Arm's pseudocode does", "[arm][oracle]") {
  for_each_row("mair_decode.csv", 1024, [](const Row& row) {
    const AttributeFeatures features{.xs = row.flag("feat_xs"), .mte2 = row.flag("feat_mte2")};
    const std::uint8_t byte = row.number("mair");
    const bool reserved = mair_reserved(byte, features);
    expect(row, "constrained_unpredictable", reserved ? "RESMAIR" : "");
    if (reserved) {
      expect_reserved(row);
      if (mair_decode(byte, features) != MemoryAttributes{}) FAIL_CHECK("reserved: " << row.text());
    } else {
      const MemoryAttributes a = mair_decode(byte, features);
      expect_type(row, {a});
      if (mair_decode(mair_encode(a), features) != a) FAIL_CHECK("no round trip: " << row.text());
    }
  });
}

TEST_CASE("stage 2 MemAttr decodes as Arm's pseudocode does", "[arm][oracle]") {
  for_each_row("s2_decode.csv", 48, [](const Row& row) {
    const AttributeFeatures features{.mte_perm = row.flag("feat_mte_perm")};
    const bool fwb = row.flag("fwb");
    const std::uint8_t memattr = row.bits("memattr");
    if (fwb) {
      // "0x44->nGnRnE; ..." or "0xff->Normal iWB/RWA/NT oWB/RWA/NT"
      std::string actual;
      for (const std::uint8_t byte : std::array<std::uint8_t, 8>{0x00, 0x04, 0x08, 0x0c, 0x44, 0xbb, 0x77, 0xff}) {
        const std::vector<MemoryAttributes> s1{mair_decode(byte)};
        const std::vector<MemoryAttributes> a{combine_fwb(s1[0], memattr, Shareability::InnerShareable)};
        if (!actual.empty()) actual += "; ";
        actual += cell("par_attr", {mair_decode(byte)}) + "->";
        if (cell("memtype", a) == "Device") {
          actual += cell("device", a);
        } else {
          actual += "Normal i" + cell("i_attr", a) + "/" + cell("i_hint", a) + "/" + cell("i_trans", a) + " o" +
                    cell("o_attr", a) + "/" + cell("o_hint", a) + "/" + cell("o_trans", a);
        }
      }
      expect(row, "fwb1_result_for_s1_mair", actual);
      const auto notes = {std::pair{memattr >= 8, std::string_view{"S2BIT3_RES0"}},
                          std::pair{(memattr & 7) == 4, std::string_view{"S2_FWB_RESERVED"}}};
      expect(row, "constrained_unpredictable_or_note", joined(notes, ';'));
      return;
    }
    const auto meanings = stage2_decode(memattr, Shareability::InnerShareable, features);
    const std::vector<MemoryAttributes> all{meanings.begin(), meanings.end()};
    expect(row, "constrained_unpredictable_or_note", meanings.open() ? "S2MEMATTR" : "");
    for (const auto column : {"memtype", "device", "i_attr", "o_attr"}) expect(row, column, cell(column, all));
    expect(row, "notagaccess", stage2_no_tag_access(memattr, fwb, features) ? "1" : "0");
  });
}

TEST_CASE("stage 1 and stage 2 combine as Arm's pseudocode does", "[arm][oracle]") {
  for_each_row("s1s2_combine.csv.gz", 262'144, [](const Row& row) {
    const bool reserved = mair_reserved(row.number("mair"));
    const std::uint8_t memattr = row.number("s2_memattr");
    const bool fwb = row.flag("fwb");
    expect(row, "note",
           joined({{fwb && memattr >= 8, "S2BIT3_RES0"}, {fwb && (memattr & 7) == 4, "S2_FWB_RESERVED"}}, ';'));
    if (reserved) {
      expect(row, "constrained_unpredictable", "RESMAIR");
      return expect_reserved(row);
    }
    const bool open_sh = row.number("s1_sh") == 1 || row.number("s2_sh") == 1;
    const bool open_s2 = !fwb && stage2_decode(memattr, Shareability::NonShareable).open();
    expect(row, "constrained_unpredictable", joined({{open_sh, "SH"}, {open_s2, "S2MEMATTR"}}, '+'));

    const std::vector<MemoryAttributes> all = combined(row, false);
    expect_type(row, all);
    expect(row, "share", cell("share", all));
    expect(row, "par_attr", cell("par_attr", all));
    expect(row, "share_if_effsh_at_s1", cell("share", combined(row, true)));
  });
}

TEST_CASE("stage 1 off gives the attributes of Arm's pseudocode", "[arm][oracle]") {
  for_each_row("s1_disabled.csv", 272, [](const Row& row) {
    const bool el10 = row.at("regime") == "EL1&0";
    REQUIRE((el10 || row.at("regime") == "EL2"));
    const bool el2 = row.flag("el2_enabled");
    const SystemControl s{row.flag("SCTLR_M"), row.flag("SCTLR_C"), row.flag("SCTLR_I")};
    const HypervisorControl h{.dc = row.flag("HCR_DC"), .tge = row.flag("HCR_TGE"), .dct = row.flag("HCR_DCT")};
    const bool enabled = el10 ? stage1_enabled_el10(s, el2, h) : s.m;
    expect(row, "stage1", enabled ? "enabled" : "disabled");
    if (enabled) return;
    const bool dc = el10 && el2 && h.dc;
    const std::vector<MemoryAttributes> a{mmu_off(access_of(row), s.i, dc, dc && h.dct)};
    expect_type(row, a);
    expect(row, "share", cell("share", a));
    expect(row, "par_attr", std::to_string(mair_encode(a[0])));
  });
}

TEST_CASE("table walks have the attributes of Arm's pseudocode", "[arm][oracle]") {
  for_each_row("walk_attrs.csv", 256, [](const Row& row) {
    const bool cache_on = row.at("walk") == "S1walk" ? row.flag("SCTLR_C") : !row.flag("HCR_CD");
    const std::uint8_t sh = row.number("SH");
    const auto walk = walk_attributes(row.number("IRGN"), row.number("ORGN"), sh, cache_on);
    const std::vector<MemoryAttributes> all{walk.begin(), walk.end()};
    // The table names the open SH for stage 1 walks only, though it lists the values for both.
    expect(row, "constrained_unpredictable", sh == 1 && row.at("walk") == "S1walk" ? "SH" : "");
    expect_type(row, all);
    expect(row, "share", cell("share", all));
  });
}

TEST_CASE("Device memory gives the alignment faults of Arm's pseudocode", "[arm][oracle]") {
  for_each_row("alignment_fault.csv", 160, [](const Row& row) {
    AlignedAccess access{
        .aligned = row.flag("aligned"), .a32_multiple = row.flag("a32lsmd"), .ntlsmd = row.flag("nTLSMD")};
    if (row.at("acctype") == "IFETCH") {
      access.shape = AccessShape::Fetch;
    } else if (row.at("acctype") == "DCZero") {
      access.shape = AccessShape::ZeroByVA;
    } else if (row.at("acctype") == "DC") {
      access.shape = AccessShape::Maintenance;
    } else {
      REQUIRE(row.at("acctype") == "GPR");
    }
    MemoryAttributes a{.type = MemoryType::Normal};
    for (const std::uint8_t byte : std::array<std::uint8_t, 4>{0x00, 0x04, 0x08, 0x0c}) {
      const MemoryAttributes device = mair_decode(byte);
      if (row.at("memory") == "Device-" + cell("device", {device})) a = device;
    }
    REQUIRE((a.type == MemoryType::Device || row.at("memory") == "Normal"));
    expect(row, "s1_alignment_fault", stage1_alignment_fault(access, a) ? "1" : "0");
    expect(row, "s2_alignment_fault", stage2_alignment_fault(access, a) ? "1" : "0");
  });
}
