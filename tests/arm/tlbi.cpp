// SPDX-License-Identifier: Apache-2.0
// TLBI instructions: names, encodings and operands, over all of them.
#include "staleline/arm/tlbi.h"

#include <catch2/catch.hpp>
#include <set>
#include <string>
#include <tuple>

using namespace staleline::arm;

TEST_CASE("every TLBI has one name, one encoding and one packed form, both ways") {
  std::set<std::string_view> names;
  std::set<std::tuple<int, int, int, int>> encodings;
  std::set<std::uint32_t> packed;
  for (const Tlbi& t : all_tlbis()) {
    CAPTURE(name_of(t));
    CHECK(exists(t));
    CHECK(names.insert(name_of(t)).second);
    CHECK(find_tlbi(name_of(t)) == t);
    const SysEncoding e = encode(t);
    CHECK(encodings.insert({e.op1, e.crn, e.crm, e.op2}).second);
    CHECK(decode_tlbi(e) == t);
    CHECK(packed.insert(pack(t)).second);
    CHECK(unpack_tlbi(pack(t)) == t);
  }
  CHECK(names.size() == 156);
  CHECK_FALSE(find_tlbi("vae"));
  CHECK_FALSE(find_tlbi(""));
  CHECK(find_tlbi("VALE1IS") == Tlbi{.scope = TlbiScope::VA, .last_level = true, .reach = TlbiReach::InnerShareable});
  CHECK_FALSE(exists(Tlbi{.scope = TlbiScope::ASID, .el = 2}));
  CHECK(name_of(Tlbi{.scope = TlbiScope::ASID, .el = 2}).empty());
}

TEST_CASE("encodings of TLBI are those of DDI 0487 C5.5") {
  const auto [name, op1, crn, crm, op2] = GENERATE(table<std::string, int, int, int, int>(
      {{"vmalle1", 0, 8, 7, 0},       {"vmalle1is", 0, 8, 3, 0},    {"vmalle1os", 0, 8, 1, 0},
       {"vae1is", 0, 8, 3, 1},        {"aside1is", 0, 8, 3, 2},     {"vaae1", 0, 8, 7, 3},
       {"vale1os", 0, 8, 1, 5},       {"vaale1is", 0, 8, 3, 7},     {"rvae1is", 0, 8, 2, 1},
       {"rvae1os", 0, 8, 5, 1},       {"rvaale1", 0, 8, 6, 7},      {"ipas2e1is", 4, 8, 0, 1},
       {"ripas2e1is", 4, 8, 0, 2},    {"ipas2le1is", 4, 8, 0, 5},   {"ripas2le1is", 4, 8, 0, 6},
       {"ipas2e1os", 4, 8, 4, 0},     {"ipas2e1", 4, 8, 4, 1},      {"ripas2e1", 4, 8, 4, 2},
       {"ripas2e1os", 4, 8, 4, 3},    {"ipas2le1os", 4, 8, 4, 4},   {"ipas2le1", 4, 8, 4, 5},
       {"ripas2le1", 4, 8, 4, 6},     {"ripas2le1os", 4, 8, 4, 7},  {"alle2is", 4, 8, 3, 0},
       {"vae2", 4, 8, 7, 1},          {"vale2is", 4, 8, 3, 5},      {"alle1", 4, 8, 7, 4},
       {"alle1os", 4, 8, 1, 4},       {"vmalls12e1is", 4, 8, 3, 6}, {"rvale2is", 4, 8, 2, 5},
       {"alle3", 6, 8, 7, 0},         {"rvae3os", 6, 8, 5, 1},      {"vae1isnxs", 0, 9, 3, 1},
       {"ripas2le1osnxs", 4, 9, 4, 7}}));
  CAPTURE(name);
  const SysEncoding e{static_cast<std::uint8_t>(op1), static_cast<std::uint8_t>(crn), static_cast<std::uint8_t>(crm),
                      static_cast<std::uint8_t>(op2)};
  REQUIRE(find_tlbi(name));
  CHECK(encode(*find_tlbi(name)) == e);
}

TEST_CASE("HCR_EL2.FB broadcasts what EL1 may execute, and nothing else") {
  CHECK(force_broadcast(*find_tlbi("vae1")) == *find_tlbi("vae1is"));
  CHECK(force_broadcast(*find_tlbi("rvale1")) == *find_tlbi("rvale1is"));
  CHECK(force_broadcast(*find_tlbi("vae1os")) == *find_tlbi("vae1os"));
  CHECK(force_broadcast(*find_tlbi("alle1")) == *find_tlbi("alle1"));
  CHECK(force_broadcast(*find_tlbi("vae2")) == *find_tlbi("vae2"));
}

TEST_CASE("the operand of a TLBI by address") {
  const Tlbi va = *find_tlbi("vae1is");
  CHECK(decode_operand(va, encode_operand(7, 0x1234'5000)) ==
        TlbiOperand{.asid = 7, .first = 0x1234'5000, .bytes = 4096, .granule = {}, .level = {}});
  CHECK(decode_operand(va, encode_operand(0, 0xffff'8000'0000'1000)).first == 0xffff'8000'0000'1000);
  CHECK(decode_operand(*find_tlbi("vaae1"), encode_operand(7, 0x1000)).asid == 0);
  CHECK(decode_operand(*find_tlbi("aside1"), encode_operand(7, 0x1000)) == TlbiOperand{.asid = 7});
  CHECK(decode_operand(*find_tlbi("vmalle1"), ~std::uint64_t{0}) == TlbiOperand{});
  const auto ipa = decode_operand(*find_tlbi("ipas2e1"), encode_operand(0, 0xff'ffff'ffff'f000));
  CHECK(ipa.first == 0xff'ffff'ffff'f000);
  CHECK(ipa.asid == 0);
}

TEST_CASE("TTL is a hint of granule and level, or none") {
  const Tlbi va = *find_tlbi("vale1");
  for (unsigned ttl = 0; ttl < 16; ++ttl) {
    for (const bool lpa2 : {false, true}) {
      CAPTURE(ttl, lpa2);
      const TlbiOperand o = decode_operand(va, encode_operand(1, 0, ttl), lpa2);
      const bool hint =
          (ttl >= 5 && ttl <= 7) || (ttl == 4 && lpa2) || ttl == 10 || ttl == 11 || (ttl == 9 && lpa2) || ttl >= 13;
      CHECK(o.granule.has_value() == hint);
      CHECK(o.level.has_value() == hint);
      if (hint) {
        CHECK(static_cast<unsigned>(*o.granule) == (ttl >> 2) - 1);
        CHECK(static_cast<unsigned>(*o.level) == (ttl & 3));
      }
    }
  }
}

TEST_CASE("a range covers what was asked, starts where asked, and is the smallest of its scale") {
  const Tlbi range = *find_tlbi("rvae1is");
  for (const Granule g : {Granule::K4, Granule::K16, Granule::K64}) {
    for (const bool lpa2 : {false, true}) {
      for (std::uint64_t pages = 1; pages < (std::uint64_t{1} << 21); pages = pages * 5 / 3 + 1) {
        CAPTURE(static_cast<int>(g), lpa2, pages);
        const std::uint64_t bytes = pages * page_bytes(g), at = 0x12340000;
        const auto xt = encode_range(9, g, at, bytes, 0, lpa2);
        REQUIRE(xt);
        const TlbiOperand o = decode_operand(range, *xt, lpa2);
        CHECK(o.asid == 9);
        CHECK(o.first == at);
        CHECK(o.granule == g);
        CHECK_FALSE(o.level);
        CHECK(o.bytes >= bytes);
        CHECK((pages < 64 ? o.bytes - bytes <= page_bytes(g) : o.bytes < 2 * bytes));
      }
    }
  }
  CHECK_FALSE(encode_range(0, Granule::K4, 0x800, 4096));
  CHECK_FALSE(encode_range(0, Granule::K4, 0x1000, 4096, 0, true));
  CHECK_FALSE(encode_range(0, Granule::K4, 0, std::uint64_t{1} << 40));
  CHECK(decode_operand(range, 0).reserved);
  CHECK(decode_operand(range, 0).bytes == 0);
  const auto high = encode_range(0, Granule::K4, 0xffff'fff0'0000'0000, 0x4000, 3);
  REQUIRE(high);
  CHECK(decode_operand(range, *high).first == 0xffff'fff0'0000'0000);
  CHECK(decode_operand(range, *high).level == 3);
}
