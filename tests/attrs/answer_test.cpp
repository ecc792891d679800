// SPDX-License-Identifier: Apache-2.0
// Answers about one access: total over the encodings, equal to the tables, with what is left open.
#include "staleline/attrs/answer.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <sstream>
#include <string>
#include <string_view>

#include "staleline/arm/attribute_cells.h"
#include "staleline/arm/combine.h"
#include "staleline/attrs/tables.h"

using namespace staleline::attrs;
using namespace staleline::arm;
using Catch::Contains;

namespace {

std::string value_of(const std::vector<Fact>& facts, std::string_view about) {
  const auto found = std::find_if(facts.begin(), facts.end(), [&](const Fact& f) { return f.about == about; });
  return found == facts.end() ? "" : found->value;
}

std::string may(const Question& q, std::string_view about) { return value_of(answer(q).may, about); }

}  // namespace

TEST_CASE("every encoding has an answer, each line with its clause") {
  std::size_t open = 0;
  for (unsigned mair = 0; mair < 256; ++mair)
    for (unsigned fields = 0; fields < 256; ++fields) {
      Question q{.fetch = (fields & 1) != 0, .mair = static_cast<std::uint8_t>(mair)};
      q.s2_memattr = static_cast<std::uint8_t>(fields >> 4);
      q.fwb = (fields & 2) != 0;
      q.sh = (fields & 4) != 0 ? 1 : 3;
      q.s2_sh = (fields & 8) != 0 ? 1 : 0;
      const Answer a = answer(q);
      const auto has_clause = [](const auto& f) { return !f.clause.empty(); };
      const bool clauses = std::all_of(a.stages.begin(), a.stages.end(), has_clause) &&
                           std::all_of(a.may.begin(), a.may.end(), has_clause) &&
                           std::all_of(a.open.begin(), a.open.end(), has_clause);
      if (!clauses || a.stages.size() != 4 || a.may.size() != 6) FAIL_CHECK(mair << " " << fields);
      // The tables' first value is the model's; more than one result only where an encoding is named as open.
      const auto kind = q.fetch ? AccessKind::Fetch : AccessKind::Data;
      MemoryAttributes s1 = stage1_access(mair_decode(q.mair), kind);
      s1.shareability = q.sh == 1 ? Shareability::OuterShareable : Shareability::InnerShareable;
      const auto s2_share = q.s2_sh == 1 ? Shareability::OuterShareable : Shareability::NonShareable;
      if (a.results.front() != through_stage2(s1, Stage2{*q.s2_memattr, s2_share, q.fwb, false}, kind))
        FAIL_CHECK("result of " << mair << " " << fields);
      if (a.results.size() > 1 && a.open.empty()) FAIL_CHECK("unexplained: " << mair << " " << fields);
      open += a.open.size();
    }
  CHECK(open > 10'000);
}

TEST_CASE("what may happen follows the type") {
  const Question ngnrne{.mair = 0x00}, ngnre{.mair = 0x04}, ngre{.mair = 0x08}, gre{.mair = 0x0c}, nc{.mair = 0x44};
  CHECK(may(ngnrne, "acked early") == "no");
  CHECK(may(ngnre, "acked early") == "yes");
  CHECK(may(ngnre, "reordered") == "no");
  CHECK(may(ngre, "reordered") == "yes");
  CHECK(may(ngre, "gathered") == "no");
  CHECK(may(gre, "gathered") == "yes");
  CHECK(may(gre, "speculated") == "no");
  CHECK(may(nc, "speculated") == "yes");
  CHECK(may(nc, "cached") == "no");
  CHECK(may({.mair = 0xff}, "cached") == "yes");
  CHECK(may({.mair = 0x4f}, "cached") == "in inner caches only (the model: in none)");
}

TEST_CASE("an unaligned access faults at the stage that says Device") {
  CHECK_THAT(may({.mair = 0x04}, "unaligned"), Contains("fault at stage 1"));
  CHECK_THAT(may({.mair = 0xff, .s2_memattr = 0x1}, "unaligned"), Contains("fault at stage 2"));
  CHECK_THAT(may({.mair = 0x04, .s2_memattr = 0x6, .fwb = true}, "unaligned"), Contains("though the result is Normal"));
  CHECK_THAT(may({.mair = 0xff, .s2_memattr = 0xf}, "unaligned"), Contains("no fault"));
  CHECK_THAT(may({.fetch = true, .mair = 0x04}, "unaligned"), Contains("this is a fetch"));
  CHECK_THAT(may({.mmu_off = true}, "unaligned"), Contains("fault at stage 1"));
}

TEST_CASE("open encodings list all that is permitted, the model's choice first") {
  const Answer a = answer({.mair = 0xff, .sh = 1, .s2_memattr = 0x8, .s2_sh = 0});
  REQUIRE(a.open.size() == 2);
  CHECK_THAT(a.open[0].encoding, Contains("SH 0b01"));
  CHECK_THAT(a.open[1].encoding, Contains("MemAttr 0b1000"));
  CHECK(a.results.size() == 9);
  CHECK(a.results.front().shareability == Shareability::OuterShareable);
  CHECK(value_of(a.may, "cached") == "in outer caches only (the model: in none); also permitted: yes");
  CHECK(answer({.mair = 0xff}).open.empty());
}

TEST_CASE("stage 1 off, HCR_EL2.DC, and walks") {
  CHECK_THAT(value_of(answer({.mmu_off = true}).stages, "combined"), Contains("Device-nGnRnE"));
  CHECK_THAT(value_of(answer({.fetch = true, .mmu_off = true, .i = false}).stages, "combined"), Contains("outer NC"));
  CHECK_THAT(value_of(answer({.dc = true, .dct = true, .s2_memattr = 0xf}).stages, "combined"),
             Contains("WB RWA NT, ISH, Allocation"));
  CHECK_THAT(value_of(answer({.walk = true, .s2_memattr = 0}).stages, "walk"), Contains("Non-cacheable"));
  CHECK_THAT(value_of(answer({.walk = true, .s2_memattr = 0, .ptw = true}).stages, "walk"), Contains("fault"));
  CHECK(value_of(answer({.walk = true, .s2_memattr = 0xf}).stages, "walk").empty());
}
