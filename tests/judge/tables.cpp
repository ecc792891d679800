// SPDX-License-Identifier: Apache-2.0
// Tables that walkers could reach although no run walked them, tables that are tables no more, and other roots.
#include <catch2/catch.hpp>

#include "script.h"

namespace {

using namespace staleline;
using namespace staleline::judge_test;
using arm::SystemRegister;
using Found = std::vector<std::string>;
const Found kNone{};

constexpr std::uint64_t kRoot = 0x4000'0000, kLeaves = 0x4000'1000, kOther = 0x4000'2000, kData = 0x5000'0000;
constexpr std::uint64_t kPage = 0xf03, kTableBits = 3;

/// A walk over levels 2 and 3.
void translate(Script& s, std::uint16_t agent, std::uint32_t id, std::uint64_t va, std::uint64_t root,
               std::uint64_t table, std::uint64_t leaf, std::uint16_t asid = 0) {
  Event e = s.make(agent, Kind::Walk);
  e.size = 8;
  e.entry = id;
  e.address = arm::PhysAddr{root + 8 * (va >> 21 & 511)};
  e.data = {table | kTableBits, va};
  e.detail = 0x12;
  s.say(e);
  s.translate(agent, {.id = id,
                      .at = table + 8 * (va >> 12 & 511),
                      .descriptor = leaf,
                      .va = va,
                      .tag = {.asid = asid, .global = false}});
}

/// Two pages of one table; only the first was ever walked.
void map_two(Script& s) {
  s.write(0, kRoot, kLeaves | kTableBits);
  s.write(0, kLeaves, kData | kPage);
  s.write(0, kLeaves + 8, (kData + 0x1000) | kPage);
  s.dsb(0);
  s.isb(0);
  translate(s, 0, 1, 0, kRoot, kLeaves, kData | kPage);
}

}  // namespace

TEST_CASE("a descriptor beside one that was walked may be in a TLB too") {
  Script s(1);
  map_two(s);
  const std::uint32_t make = s.write(0, kLeaves + 8, (kData + 0x2000) | kPage);
  CHECK(s.flagged(make));
  CHECK(s.found() == Found{"SL602 latent"});
}

TEST_CASE("what a new table leads to is table memory from then on") {
  for (const bool linked : {false, true}) {
    Script s(1);
    map_two(s);
    s.write(0, kOther, (kData + 0x3000) | kPage);
    if (linked) s.write(0, kRoot + 8, kOther | kTableBits);
    s.write(0, kOther, (kData + 0x4000) | kPage);
    CHECK(s.found() == (linked ? Found{"SL602 latent"} : kNone));
  }
}

TEST_CASE("a table that was unlinked is data again once the tlbi is complete") {
  enum Step { Invalidate, LastLevel, Complete, End };
  for (int how = 0; how <= End; ++how) {
    Script s(1);
    map_two(s);
    s.write(0, kRoot, 0);
    s.dsb(0);
    if (how != Invalidate) s.tlbi(0, how == LastLevel ? "vaale1is" : "vaae1is", 0);
    if (how != Complete) s.dsb(0);
    s.write(0, kLeaves + 8, 0x1234'5003 | kPage);  // looks like a descriptor, and is none
    INFO("how " << how);
    CHECK(s.found() == (how == End ? kNone : Found{"SL602 latent"}));
  }
}

TEST_CASE("entries of the tables that a TTBR named before live on") {
  const auto ttbr = [](Script& s, std::uint64_t before, std::uint64_t value) {
    Event e = s.make(0, Kind::SystemRegister);
    e.aux = static_cast<std::uint32_t>(SystemRegister::TTBR0_EL1);
    e.data = {value, before};
    s.say(e);
  };
  enum How { Kept, Removed, NotDone, SameMapping, OtherAsid, OldEntry };
  const auto run = [&](How how) {
    Script s(1);
    map_two(s);
    constexpr std::uint64_t root = 0x4001'0000, leaves = 0x4001'1000;
    const std::uint64_t leaf = how == SameMapping ? kData | kPage : (kData + 0x9000) | kPage;
    s.write(0, root, leaves | kTableBits);
    s.write(0, leaves, leaf);
    s.dsb(0);
    s.isb(0);
    ttbr(s, kRoot, root | (how == OtherAsid ? std::uint64_t{5} << 48 : 0));
    if (how == Removed || how == NotDone) s.tlbi(0, "vmalle1");
    if (how != NotDone) s.dsb(0);
    s.isb(0);
    if (how == OldEntry) {
      s.access(0, Kind::Read, kData, 0, 1);
    } else {
      translate(s, 0, 2, 0, root, leaves, leaf, how == OtherAsid ? 5 : 0);
      s.access(0, Kind::Read, leaf & ~std::uint64_t{0xfff}, 0, 2);
    }
    return s.found();
  };
  CHECK(run(Kept) == Found{"SL104 latent"});
  CHECK(run(Removed) == kNone);
  CHECK(run(NotDone) == Found{"SL104 latent"});
  CHECK(run(SameMapping) == kNone);
  CHECK(run(OtherAsid) == kNone);
  CHECK(run(OldEntry) == Found{"SL104 observed"});
}

TEST_CASE("a table that is linked before its entries are ordered may be walked as what it was") {
  enum How { Unordered, Barrier, Zeroed, Invalidated, NoTable };
  std::vector<std::string> fixes;
  const auto run = [&](How how) {
    Script s(1);
    map_two(s);
    constexpr std::uint64_t va = 0x20'0000, old_leaf = (kData + 0x3000) | kPage, new_leaf = (kData + 0x4000) | kPage;
    if (how != NoTable) {
      s.write(0, kOther, old_leaf);
      s.dsb(0);
      s.write(0, kRoot + 8, kOther | kTableBits);
      s.dsb(0);
      s.isb(0);
      translate(s, 0, 2, va, kRoot, kOther, old_leaf);
      s.access(0, Kind::Read, kData + 0x3000, 0, 2);
      s.write(0, kRoot + 8, 0);
      s.dsb(0);
      s.tlbi(0, "vmalle1is");
      s.dsb(0);
    }
    if (how == Zeroed) {
      s.write(0, kOther, 0);
      s.dmb(0, arm::BarrierDomain::ISH, arm::BarrierAccess::ST);
    }
    s.write(0, kOther, new_leaf);
    if (how == Barrier) s.dmb(0, arm::BarrierDomain::ISH, arm::BarrierAccess::ST);
    s.write(0, kRoot + 8, kOther | kTableBits);
    s.dsb(0);
    s.isb(0);
    if (how == Invalidated) {
      s.tlbi(0, "vmalle1is");
      s.dsb(0);
    }
    translate(s, 0, 3, va, kRoot, kOther, new_leaf);
    s.access(0, Kind::Read, kData + 0x4000, 0, 3);
    fixes = s.fixes();
    return s.found();
  };
  CHECK(run(Unordered) == Found{"SL104 latent"});
  CHECK(fixes == Found{"dmb ishst"});
  for (const How how : {Barrier, Zeroed, Invalidated, NoTable}) {
    INFO("how " << how);
    CHECK(run(how) == kNone);
  }
}
