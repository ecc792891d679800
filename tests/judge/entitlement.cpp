// SPDX-License-Identifier: Apache-2.0
// Entitlement, forbidden targets, power: what each ingredient is needed for.
#include <catch2/catch.hpp>

#include "script.h"

namespace {

using namespace staleline;
using namespace staleline::judge_test;
using event::Mechanism;
using Found = std::vector<std::string>;
const Found kNone{};

constexpr std::uint64_t kTable = 0x4000'0000, kVa = 0x7000, kPa = 0x5000'0000, kPage = 0xf03;
constexpr std::uint16_t kOs = 0, kUser = 1;

void entitle(Script& s, bool grant, std::uint16_t by = kOs, std::uint16_t agent = kUser, std::uint64_t at = kPa) {
  Event e = s.make(by, grant ? Kind::Grant : Kind::Revoke);
  e.aux = agent;
  e.address = arm::PhysAddr{at};
  e.data[0] = 0x1000;
  s.say(e);
}

void live(Script& s, std::uint64_t at) {
  Event e = s.make(0, Kind::Live);
  e.address = arm::PhysAddr{at};
  e.data[0] = 0x1000;
  e.aux = 1;
  s.say(e);
}

void power(Script& s, std::uint16_t agent, std::uint32_t what) {
  Event e = s.make(agent, Kind::Power);
  e.aux = what;
  s.say(e);
}

void sweep(Script& s, std::uint16_t agent, std::uint64_t level, bool complete = true,
           arm::CacheOp op = arm::CacheOp::DC_CISW) {
  Event e = s.make(agent, Kind::Maintenance);
  e.aux = static_cast<std::uint32_t>(op);
  e.data = {level, complete ? 1ULL : 0ULL};
  s.say(e);
}

judge::Parameters with(judge::Parameters::Forbidden::Kind kind) {
  judge::Parameters p{.agents = 1, .pes = 1, .is_device = {}, .initial_bytes = {}};
  p.forbidden.push_back({arm::PhysAddr{kPa}, 0x1000, kind});
  return p;
}

}  // namespace

TEST_CASE("a use comes before the revocation by an edge, or is flagged") {
  const auto run = [](bool told, bool store, bool completed, bool late) {
    Script s(2);
    entitle(s, true);
    s.handoff(kOs, kUser);
    s.access(kUser, store ? Kind::Write : Kind::Read, kPa, 0);
    if (completed) s.dmb(kUser);
    if (told) s.flag(kUser, kOs);
    entitle(s, false);
    if (late) s.access(kUser, Kind::Read, kPa, 0);
    return s.found();
  };
  CHECK(run(true, false, false, false) == kNone);
  CHECK(run(true, true, true, false) == kNone);
  CHECK(run(false, false, false, false) == Found{"SL701 latent"});
  CHECK(run(true, false, false, true) == Found{"SL701 observed"});
  CHECK(run(true, true, false, false) == kNone);  // the flag is a release
}

TEST_CASE("a fetch is a use, whatever place of a VIPT cache it looks at") {
  for (const std::uint64_t place : {0U, 1U, 2U, 3U}) {
    for (const bool revoked : {false, true}) {
      Script s(2);
      entitle(s, true);
      s.handoff(kOs, kUser);
      s.handoff(kUser, kOs);
      if (revoked) entitle(s, false);
      s.handoff(kOs, kUser);
      Event e = s.make(kUser, Kind::Fetch);
      e.address = arm::PhysAddr{kPa};
      e.size = 4;
      e.data = {0, place};
      s.say(e);
      INFO("place " << place);
      CHECK(s.found() == (revoked ? Found{"SL701 observed"} : kNone));
    }
  }
}

TEST_CASE("a store that may land after the revocation") {
  for (const bool ordered : {false, true}) {
    Script s(2);
    entitle(s, true);
    s.handoff(kOs, kUser);
    s.access(kUser, Kind::Write, kPa, 1);
    if (ordered) s.dmb(kUser);
    s.edge(kUser, kOs, Mechanism::Flag, Mechanism::FlagOrdered);
    entitle(s, false);
    CHECK(s.found() == (ordered ? kNone : Found{"SL701 latent"}));
  }
}

TEST_CASE("granted again, or to others, nothing is wrong") {
  Script s(2);
  entitle(s, true);
  s.handoff(kOs, kUser);
  s.access(kUser, Kind::Read, kPa, 0);
  s.handoff(kUser, kOs);
  entitle(s, false);
  s.access(kOs, Kind::Write, kPa, 1);
  entitle(s, true);
  s.handoff(kOs, kUser);
  s.access(kUser, Kind::Read, kPa, 1);
  CHECK(s.found() == kNone);
}

TEST_CASE("a revocation needs the unmap: store, dsb, tlbi, dsb, and each is needed") {
  enum Step { Clear, StoreDone, Invalidate, Complete, End };
  for (int missing = 0; missing <= End; ++missing) {
    Script s(2);
    s.write(kOs, kTable, kPa | kPage);
    entitle(s, true);
    s.handoff(kOs, kUser);
    s.translate(kUser, {.at = kTable, .descriptor = kPa | kPage, .va = kVa});
    s.access(kUser, Kind::Read, kPa, 0, 1);
    s.flag(kUser, kOs);
    if (missing != Clear) s.write(kOs, kTable, 0);
    if (missing != StoreDone) s.dsb(kOs);
    if (missing != Invalidate) s.tlbi(kOs, "vae1is", kVa);
    if (missing != Complete) s.dsb(kOs);
    entitle(s, false);
    INFO("missing step " << missing);
    CHECK(s.found() == (missing == End ? kNone : Found{"SL701 latent"}));
  }
}

TEST_CASE("a scrubbed page that was not cleaned shows its former contents") {
  const auto run = [](bool clean, bool granted) {
    Script s(2);
    s.access(kOs, Kind::Write, kPa, 0);  // the scrub, through the caches
    if (clean) {
      s.maintain(kOs, arm::CacheOp::DC_CVAC, kPa);
      s.dsb(kOs, arm::BarrierDomain::SY);
    }
    if (granted) entitle(s, true);
    s.handoff(kOs, kUser);
    s.access(kUser, Kind::Read, kPa, clean ? 0 : 0x5ec2e7, 0, kNonCacheable);
    return s.found();
  };
  CHECK(run(true, true) == kNone);
  CHECK(run(false, true) == Found{"SL702 observed"});
  CHECK(run(false, false) == Found{"SL101 observed"});
}

TEST_CASE("what was written after the grant is a stale read like any other") {
  Script s(2);
  entitle(s, true);
  s.access(kOs, Kind::Write, kPa, 1);
  s.handoff(kOs, kUser);
  s.access(kUser, Kind::Read, kPa, 0, 0, kNonCacheable);
  CHECK(s.found() == Found{"SL101 observed"});
}

TEST_CASE("forbidden targets: mappings that let speculation in, and accesses") {
  using F = judge::Parameters::Forbidden::Kind;
  const auto mapped = [](F kind) {
    Script s(with(kind));
    live(s, kPa);
    return s.found();
  };
  CHECK(mapped(F::Firewalled) == Found{"SL401 latent"});
  CHECK(mapped(F::SideEffects) == Found{"SL402 latent"});
  CHECK(mapped(F::Flash) == kNone);
  const auto access = [](F kind, const event::Path& path, std::uint64_t at = kPa) {
    Script s(with(kind));
    s.access(0, Kind::Read, at, 0, 0, path);
    return s.found();
  };
  CHECK(access(F::Firewalled, kDevice) == Found{"SL401 observed"});
  CHECK(access(F::Hole, kNonCacheable) == Found{"SL401 observed"});
  CHECK(access(F::SideEffects, kNonCacheable) == Found{"SL402 latent"});
  CHECK(access(F::SideEffects, kDevice) == kNone);
  CHECK(access(F::Flash, kNonCacheable) == kNone);
  CHECK(access(F::Firewalled, kNonCacheable, kPa + 0x1000) == kNone);
  for (const F kind : {F::Firewalled, F::SideEffects, F::Hole, F::Flash}) {
    Script s(with(kind));
    s.maintain(0, arm::CacheOp::DC_CIVAC, kPa, kDevice);
    CHECK(s.found() == Found{"SL606 observed"});
  }
}

TEST_CASE("power: what was only in the caches that go off is lost") {
  enum How {
    Nothing,
    Clean,
    CleanNotDone,
    SweepL1,
    SweepBoth,
    SweepReversed,
    SweepNotDone,
    SweepTooEarly,
    Incomplete,
    ByOther
  };
  const auto run = [](How how, std::uint32_t what, std::uint8_t levels) {
    judge::Parameters p{.agents = 2, .pes = 2, .is_device = {}, .private_levels = levels, .initial_bytes = {}};
    Script s(std::move(p));
    s.access(how == ByOther ? 1 : 0, Kind::Write, kPa, 1);
    if (how == ByOther) s.handoff(1, 0);
    if (how == Clean || how == CleanNotDone) s.maintain(0, arm::CacheOp::DC_CVAC, kPa);
    if (how == Clean) s.dsb(0, arm::BarrierDomain::SY);
    if (how >= SweepL1 && how <= Incomplete && how != SweepTooEarly) s.dmb(0);
    if (how == SweepReversed) sweep(s, 0, 2);
    if (how == SweepNotDone || how == SweepTooEarly || how == SweepL1 || how == SweepBoth || how == SweepReversed ||
        how == Incomplete)
      sweep(s, 0, 1, how != Incomplete);
    if (how == SweepBoth || how == SweepNotDone || how == SweepTooEarly) sweep(s, 0, 2);
    if (how != CleanNotDone && how != SweepNotDone) s.dsb(0, arm::BarrierDomain::SY);
    power(s, 0, what);
    s.handoff(0, 1);
    s.access(1, Kind::Read, kPa, 1);
    return s.found();
  };
  const Found lost{"SL203 latent"};
  CHECK(run(Nothing, 0, 2) == lost);
  CHECK(run(Clean, 0, 2) == kNone);
  CHECK(run(CleanNotDone, 0, 2) == lost);
  CHECK(run(SweepL1, 0, 2) == lost);
  CHECK(run(SweepL1, 0, 1) == kNone);
  CHECK(run(SweepBoth, 0, 2) == kNone);
  CHECK(run(SweepReversed, 0, 2) == lost);
  CHECK(run(SweepNotDone, 0, 2) == lost);
  CHECK(run(SweepTooEarly, 0, 2) == lost);
  CHECK(run(Incomplete, 0, 1) == lost);
  CHECK(run(ByOther, 0, 2) == kNone);
  CHECK(run(SweepBoth, 2, 2) == lost);
  CHECK(run(ByOther, 2, 2) == lost);
  CHECK(run(Clean, 2, 2) == kNone);
  CHECK(run(Nothing, 1, 2) == kNone);
}

TEST_CASE("swept to a shared cache, the newest bytes are still not in memory") {
  judge::Parameters p{.agents = 2, .pes = 2, .is_device = {}, .private_levels = 1, .initial_bytes = {}};
  Script s(std::move(p));
  s.access(0, Kind::Write, kPa, 1);
  s.dmb(0);
  sweep(s, 0, 1);
  s.dsb(0);
  power(s, 0, 0);
  s.handoff(0, 1);
  s.access(1, Kind::Read, kPa, 0, 0, kNonCacheable);
  CHECK(s.found() == Found{"SL101 observed"});
}
