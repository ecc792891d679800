// SPDX-License-Identifier: Apache-2.0
// Bulk tables: columns in any order, mistakes with their place, and the tables through stage 2.
#include "staleline/attrs/tables.h"

#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <string_view>

using namespace staleline::attrs;
using Catch::Equals;

namespace {

std::string filled(std::string_view table, const std::string& input) {
  std::istringstream in(input);
  std::string out;
  fill_table(table, in, [&out](std::string_view piece) { out += piece; });
  return out;
}

std::string mistake(std::string_view table, const std::string& input) {
  try {
    filled(table, input);
  } catch (const TableError& e) {
    return e.what();
  }
  return "";
}

/// The row that one row of inputs gives.
std::string row(std::string_view table, const std::string& cells) {
  std::string header;
  for (const auto name : input_columns(table)) header.append(header.empty() ? "" : ",").append(name);
  const std::string out = filled(table, header + "\n" + cells + "\n");
  const std::string line = out.substr(out.find('\n') + 1);
  return line.substr(cells.size() + 1, line.size() - cells.size() - 2);
}

}  // namespace

TEST_CASE("columns keep the order of the header, outputs are computed anew, missing ones follow") {
  CHECK_THAT(filled("align", "memory,s2_alignment_fault,aligned,acctype,a32lsmd,nTLSMD\nDevice-GRE,?,0,GPR,0,1\n"),
             Equals("memory,s2_alignment_fault,aligned,acctype,a32lsmd,nTLSMD,s1_alignment_fault\n"
                    "Device-GRE,1,0,GPR,0,1,1\n"));
}

TEST_CASE("rows keep their order and their line ends, a last line needs none") {
  CHECK_THAT(filled("mair", "feat_xs,feat_mte2,mair\r\n1,1,0xff\r\n1,1,0"),
             Equals("feat_xs,feat_mte2,mair,constrained_unpredictable,memtype,device,i_attr,i_hint,i_trans,o_attr,"
                    "o_hint,o_trans,tag,xs\r\n1,1,0xff,,Normal,-,WB,RWA,NT,WB,RWA,NT,Untagged,0\r\n"
                    "1,1,0,,Device,nGnRnE,-,-,-,-,-,-,Untagged,1\r\n"));
}

TEST_CASE("a table that cannot be read says where") {
  CHECK_THAT(mistake("mair", ""), Equals("line 1: there is no header"));
  CHECK_THAT(mistake("mair", "feat_xs,mair\n"), Equals("line 1: table mair needs the column feat_mte2"));
  CHECK_THAT(mistake("mair", "feat_xs,feat_mte,mair\n"),
             Equals("line 1: table mair has no column `feat_mte`; did you mean `feat_mte2`?"));
  CHECK_THAT(mistake("mair", "feat_xs,feat_xs,mair\n"), Equals("line 1: column `feat_xs` stands there twice"));
  CHECK_THAT(mistake("mair", "feat_xs,feat_mte2,mair\n1,1,0x100\n"),
             Equals("line 2: column mair: `0x100` is not a number from 0 to 255"));
  CHECK_THAT(mistake("mair", "feat_xs,feat_mte2,mair\n1,1,0\n1,yes,0\n"),
             Equals("line 3: column feat_mte2: `yes` is not 0 or 1"));
  CHECK_THAT(mistake("mair", "feat_xs,feat_mte2,mair\n1,1\n"), Equals("line 2: 2 cells where the header has 3: `1,1`"));
  CHECK_THAT(mistake("s2", "fwb,feat_mte_perm,memattr\n0,0,15\n"),
             Equals("line 2: column memattr: `15` is not four binary digits"));
}

TEST_CASE("caches off at stage 1: Non-cacheable, and whether tags stay is open") {
  CHECK_THAT(row("s1s2", "D,0,0,0,0xff,3,15,3"), Equals(",,Normal,-,NC,-,-,NC,-,-,OSH,Untagged,0,0x40,OSH"));
  CHECK_THAT(row("s1s2", "D,0,0,1,0xf0,3,6,1"),
             Equals("SH+S1CTAGGED,,Normal,-,WB,RWA,NT,WB,RWA,NT,OSH|ISH,Untagged,0,0xff,OSH"));
  CHECK_THAT(row("s1s2", "I,0,0,0,0xf0,3,15,3"), Equals(",,Normal,-,NC,-,-,NC,-,-,OSH,Untagged,0,0x40,OSH"));
  // Forced Write-Back at stage 2 reaches over stage 1's caches, HCR_EL2.CD over that.
  CHECK_THAT(row("s1s2", "D,0,1,1,0xff,3,6,3"), Equals(",,Normal,-,NC,-,-,NC,-,-,OSH,Untagged,0,0x40,OSH"));
}

TEST_CASE("stage 1 off, through stage 2") {
  CHECK_THAT(row("s1off-s2", "0,0,D,0,0,15,3"), Equals(",,Device,nGnRnE,-,-,-,-,-,-,OSH,Untagged,1"));
  CHECK_THAT(row("s1off-s2", "0,1,I,0,0,15,3"), Equals(",,Normal,-,WT,RA,NT,WT,RA,NT,OSH,Untagged,1"));
  CHECK_THAT(row("s1off-s2", "1,0,D,0,0,15,3"), Equals(",,Normal,-,WB,RWA,NT,WB,RWA,NT,ISH,Untagged,0"));
  CHECK_THAT(row("s1off-s2", "1,0,D,1,0,15,3"), Equals(",,Normal,-,NC,-,-,NC,-,-,OSH,Untagged,0"));
  CHECK_THAT(row("s1off-s2", "0,0,D,0,1,14,1"), Equals("SH,S2BIT3_RES0,Normal,-,WB,RWA,NT,WB,RWA,NT,OSH,Untagged,0"));
  CHECK_THAT(row("s1off-s2", "1,0,D,0,0,8,0"),
             Equals("S2MEMATTR,,Normal,-,NC|WT|WB,-|RWA,-|NT,WT,RWA,NT,NSH,Untagged,0"));
}

TEST_CASE("stage 1 walks, through stage 2: Device there is a fault with PTW and Non-cacheable without") {
  CHECK_THAT(row("walk-s2", "1,3,1,1,0,0,15,3"), Equals(",0,Normal,-,WB,RWA,NT,WB,RWA,NT,ISH,Untagged,0"));
  CHECK_THAT(row("walk-s2", "1,3,1,1,0,0,0,3"), Equals(",1,Normal,-,NC,-,-,NC,-,-,OSH,Untagged,0"));
  CHECK_THAT(row("walk-s2", "1,3,1,1,0,1,11,3"), Equals(",1,Normal,-,NC,-,-,NC,-,-,OSH,Untagged,0"));
  CHECK_THAT(row("walk-s2", "1,3,1,1,1,0,15,3"), Equals(",0,Normal,-,NC,-,-,NC,-,-,OSH,Untagged,0"));
  CHECK_THAT(row("walk-s2", "0,1,1,1,0,1,6,0"), Equals("SH,0,Normal,-,WB,RWA,NT,WB,RWA,NT,OSH|ISH|NSH,Untagged,0"));
}
