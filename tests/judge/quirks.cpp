// SPDX-License-Identifier: Apache-2.0
// What a platform's quirks take away from maintenance, and what still works; which place of a VIPT cache is
// invalidated.
#include <catch2/catch.hpp>

#include "script.h"

namespace {

using namespace staleline;
using namespace staleline::judge_test;
using arm::BarrierDomain;
using arm::CacheOp;
using event::Mechanism;
using judge::HazardId;
using Quirks = judge::Parameters::Quirks;

constexpr std::uint64_t kA = 0x4000'0000;
constexpr std::uint16_t kCpu = 0, kOther = 1, kNic = 2;

judge::Parameters with(Quirks quirks) {
  judge::Parameters p{.agents = 3, .pes = 2, .is_device = {false, false, true}, .initial_bytes = {}};
  p.quirks = quirks;
  return p;
}

using Found = std::vector<HazardId>;
Found ids(const Script& s) {
  Found found;
  for (const auto& h : s.judge().hazards()) found.push_back(h.id);
  return found;
}

struct Steps {
  bool dsb_before = false;
  std::vector<CacheOp> operations;
};
/// A PE fills and maintains a line, a device reads it.
Found device_reads(Quirks quirks, const Steps& steps) {
  Script s(with(quirks));
  s.write(kCpu, kA, 0x11);
  if (steps.dsb_before) s.dsb(kCpu, BarrierDomain::SY);
  for (const CacheOp op : steps.operations) s.maintain(kCpu, op, kA);
  s.dsb(kCpu, BarrierDomain::SY);
  s.edge(kCpu, kNic, Mechanism::Doorbell, Mechanism::Doorbell);
  s.access(kNic, Kind::Read, kA, 0x11, 0, kNonCacheable);
  return ids(s);
}
/// The device then writes another part of the line, and the PE reads that after an invalidate.
Found device_answers(Quirks quirks, CacheOp op) {
  Script s(with(quirks));
  s.write(kCpu, kA, 0x11);
  s.write(kCpu, kA + 8, 0x11);
  s.maintain(kCpu, op, kA);
  s.dsb(kCpu, BarrierDomain::SY);
  s.edge(kCpu, kNic, Mechanism::Doorbell, Mechanism::Doorbell);
  s.write(kNic, kA + 8, 0x22, kNonCacheable);
  s.edge(kNic, kCpu, Mechanism::Completion, Mechanism::Completion);
  s.maintain(kCpu, CacheOp::DC_IVAC, kA);
  s.dsb(kCpu, BarrierDomain::SY);
  s.access(kCpu, Kind::Read, kA + 8, 0x22);
  return ids(s);
}

const Found kNone{};
const Found kBelow{HazardId::StaleBelowCache};

}  // namespace

TEST_CASE("a clean that completes early is certain the second time") {
  const Quirks quirk{.clean_completes_early = true};
  for (const CacheOp op : {CacheOp::DC_CVAC, CacheOp::DC_CIVAC}) {
    CHECK(device_reads({}, {.operations = {op}}) == kNone);
    CHECK(device_reads(quirk, {.operations = {op}}) == kBelow);
    CHECK(device_reads(quirk, {.operations = {op, op}}) == kNone);
    CHECK(device_answers(quirk, op) == kNone);
  }
  CHECK(device_reads(quirk, {.operations = {}}) == kBelow);
}

TEST_CASE("what was written after the first clean needs two of its own") {
  Script s(with({.clean_completes_early = true}));
  s.write(kCpu, kA, 0x11);
  s.maintain(kCpu, CacheOp::DC_CVAC, kA);
  s.write(kCpu, kA, 0x22);
  s.maintain(kCpu, CacheOp::DC_CVAC, kA);
  s.dsb(kCpu, BarrierDomain::SY);
  s.edge(kCpu, kNic, Mechanism::Doorbell, Mechanism::Doorbell);
  s.access(kNic, Kind::Read, kA, 0x22, 0, kNonCacheable);
  REQUIRE(s.judge().hazards().size() == 1);
  CHECK(s.judge().hazards()[0].under_way);
}

TEST_CASE("a clean that loses to an eviction is none, but clean and invalidate is") {
  const Quirks quirk{.clean_loses_to_eviction = true};
  for (const CacheOp op : {CacheOp::DC_CVAC, CacheOp::DC_CVAP}) {
    CHECK(device_reads({}, {.operations = {op}}) == kNone);
    CHECK(device_reads(quirk, {.operations = {op}}) == kBelow);
    CHECK(device_reads(quirk, {.operations = {op, op}}) == kBelow);
    CHECK(device_answers(quirk, op) == Found{HazardId::LostToWriteBack});
  }
  CHECK(device_reads(quirk, {.operations = {CacheOp::DC_CIVAC}}) == kNone);
  CHECK(device_answers(quirk, CacheOp::DC_CIVAC) == kNone);
}

TEST_CASE("a clean that leaves its line dirty cleans, and endangers what comes after") {
  const Quirks quirk{.clean_leaves_dirty = true};
  CHECK(device_reads(quirk, {.operations = {CacheOp::DC_CVAC}}) == kNone);
  CHECK(device_answers({}, CacheOp::DC_CVAC) == kNone);
  CHECK(device_answers(quirk, CacheOp::DC_CVAC) == Found{HazardId::LostToWriteBack});
  CHECK(device_answers(quirk, CacheOp::DC_CIVAC) == kNone);
}

TEST_CASE("maintenance that needs a DSB before it") {
  const Quirks quirk{.maintenance_needs_dsb = true};
  for (const CacheOp op : {CacheOp::DC_CVAC, CacheOp::DC_CIVAC}) {
    CHECK(device_reads(quirk, {.operations = {op}}) == kBelow);
    CHECK(device_reads(quirk, {.dsb_before = true, .operations = {op}}) == kNone);
  }
}

TEST_CASE("of another PE's stores too, once they are known") {
  for (const bool quirk : {false, true}) {
    for (const int dsb_after : {0, 1, 2}) {  // none, the edge, the store of the other PE alone
      Script s(with({.maintenance_needs_dsb = quirk}));
      s.write(kOther, kA, 0x11);
      if (dsb_after == 2) s.dsb(kCpu, BarrierDomain::SY);
      s.edge(kOther, kCpu, Mechanism::FlagOrdered, Mechanism::FlagOrdered);
      if (dsb_after == 1) s.dsb(kCpu, BarrierDomain::SY);
      s.maintain(kCpu, CacheOp::DC_CVAC, kA);
      s.dsb(kCpu, BarrierDomain::SY);
      s.edge(kCpu, kNic, Mechanism::Doorbell, Mechanism::Doorbell);
      s.access(kNic, Kind::Read, kA, 0x11, 0, kNonCacheable);
      CHECK(ids(s) == (quirk && dsb_after != 1 ? kBelow : kNone));
    }
  }
}

TEST_CASE("DC IVAC that became DC CIVAC, where shared caches discard all the same") {
  for (const bool quirk : {false, true}) {
    for (const bool promoted : {false, true}) {
      Script s(with({.invalidate_promoted_not_forwarded = quirk}));
      s.write(kCpu, kA, 0x11);
      Event e = s.make(kCpu, Kind::Maintenance);
      e.address = arm::PhysAddr{kA};
      e.aux = static_cast<std::uint32_t>(CacheOp::DC_CIVAC);
      e.detail = promoted ? 1 : 0;
      s.say(e);
      s.dsb(kCpu, BarrierDomain::SY);
      s.access(kCpu, Kind::Read, kA, 0x11);
      CHECK(ids(s) == (quirk && promoted ? Found{HazardId::LostToInvalidate} : kNone));
    }
  }
}

TEST_CASE("a full barrier for devices orders the stores of others that were awaited") {
  for (const auto domain : {BarrierDomain::ISH, BarrierDomain::OSH, BarrierDomain::SY}) {
    for (const bool awaited_before : {false, true}) {
      Script s(with({}));
      s.write(kOther, kA, 0x11, kNonCacheable);
      s.dmb(kOther);  // Inner Shareable
      if (!awaited_before) s.dsb(kCpu, domain);
      s.edge(kOther, kCpu, Mechanism::Flag, Mechanism::Flag);
      if (awaited_before) s.dsb(kCpu, domain);
      s.edge(kCpu, kNic, Mechanism::Doorbell, Mechanism::Doorbell);
      s.access(kNic, Kind::Read, kA, 0x11, 0, kNonCacheable);
      CHECK(ids(s) == (awaited_before && domain != BarrierDomain::ISH ? kNone : Found{HazardId::NotOrdered}));
    }
  }
}

TEST_CASE("who executes a new instruction fetches what was coherent before it, but for what was fetched ahead") {
  enum class Side { None, Dmb, Dsb, LocalTlbi, Tlbi, TlbiUnfinished };
  for (const bool quirk : {false, true}) {
    for (const Side side : {Side::None, Side::Dmb, Side::Dsb, Side::LocalTlbi, Side::Tlbi, Side::TlbiUnfinished}) {
      for (const bool isb : {false, true}) {
        judge::Parameters p = with({});
        p.dic = true;
        p.pou_above_poc = false;
        p.fetches_out_of_order = quirk;
        Script s(p);
        s.access(kOther, Kind::Fetch, kA, 0);
        s.write(kCpu, kA, 0x11);
        if (side == Side::Dmb) s.dmb(kCpu);
        if (side >= Side::Dsb) s.dsb(kCpu);
        if (side == Side::LocalTlbi) s.tlbi(kCpu, "VMALLE1");
        if (side >= Side::Tlbi) s.tlbi(kCpu, "VMALLE1IS");
        if (side == Side::LocalTlbi || side == Side::Tlbi) s.dsb(kCpu);
        s.edge(kCpu, kOther, Mechanism::Flag, Mechanism::Fetched);
        if (isb) s.isb(kOther);
        s.access(kOther, Kind::Fetch, kA, 0x11);
        const bool emptied = isb || !quirk || side == Side::Tlbi;
        INFO("quirk " << quirk << ", side " << static_cast<int>(side) << ", isb " << isb);
        CHECK(ids(s) == (side != Side::None && emptied ? kNone : Found{HazardId::NotOrdered}));
      }
    }
  }
}
