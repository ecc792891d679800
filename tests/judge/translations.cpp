// SPDX-License-Identifier: Apache-2.0
// Translations: what each step of an unmap, a remap and a map is needed for, one at a time (DDI 0487 D8.16, D8.17).
#include <catch2/catch.hpp>

#include "script.h"

namespace {

using namespace staleline;
using namespace staleline::judge_test;
using arm::BarrierAccess;
using arm::BarrierDomain;
using event::Mechanism;

constexpr std::uint64_t kTable = 0x4000'0000, kVa = 0x7000, kOld = 0x5000'0000, kNew = 0x6000'0000;
constexpr std::uint64_t kPage = 0x703 | std::uint64_t{1} << 11;  // valid, AF, inner shareable, nG

using Found = std::vector<std::string>;
const Found kNone{}, kObserved{"SL104 observed"}, kLatent{"SL104 latent"};

}  // namespace

TEST_CASE("own map: store, dsb, and context synchronisation without FEAT_ETS2") {
  for (const bool ets2 : {false, true}) {
    for (const int steps : {0, 1, 2}) {
      for (const bool walked_new : {false, true}) {
        Script s(1, {}, ets2);
        s.write(0, kTable, kOld | kPage);
        if (steps > 0) s.dsb(0, BarrierDomain::NSH, BarrierAccess::ST);
        if (steps > 1) s.isb(0);
        const bool enough = steps == 2 || (steps == 1 && ets2);
        if (!walked_new && enough) continue;  // no model does that
        s.translate(0, {.at = kTable, .descriptor = walked_new ? kOld | kPage : 0, .va = kVa, .fault = !walked_new});
        if (walked_new)
          s.access(0, Kind::Read, kOld, 0, 1);
        else
          s.fault(0, event::FaultKind::Translation, kVa, 1);
        INFO(ets2 << steps << walked_new);
        CHECK(s.found() == (enough ? kNone : walked_new ? kLatent : kObserved));
        if (!enough) {
          CHECK(s.fixes() == (steps == 1 ? Found{"isb"} : ets2 ? Found{"dsb ish"} : Found{"dsb ish", "isb"}));
        }
        CHECK(s.judge().unexplained() == 0);
      }
    }
  }
}

TEST_CASE("another agent's map: its dsb and the edge") {
  for (const bool done : {false, true}) {
    Script s(2);
    s.write(0, kTable, kOld | kPage);
    if (done) s.dsb(0, BarrierDomain::ISH, BarrierAccess::ST);
    s.flag(0, 1);
    s.translate(1, {.at = kTable, .descriptor = kOld | kPage, .va = kVa});
    s.access(1, Kind::Read, kOld, 0, 1);
    CHECK(s.found() == (done ? kNone : kLatent));
  }
}

TEST_CASE("unmap: store, dsb, tlbi, dsb, and each is needed") {
  enum Step { StoreDone, Invalidate, Complete, End };
  for (int missing = 0; missing <= End; ++missing) {
    Script s(1);
    s.write(0, kTable, kOld | kPage);
    s.dsb(0);
    s.isb(0);
    s.translate(0, {.at = kTable, .descriptor = kOld | kPage, .va = kVa});
    s.access(0, Kind::Read, kOld, 0, 1);
    s.write(0, kTable, 0);
    if (missing != StoreDone) s.dsb(0, BarrierDomain::NSH, BarrierAccess::ST);
    if (missing != Invalidate) s.tlbi(0, "vae1", kVa);
    if (missing != Complete) s.dsb(0, BarrierDomain::NSH);
    s.isb(0);
    INFO("missing step " << missing);
    if (missing == End) {
      s.translate(0, {.id = 2, .at = kTable, .descriptor = 0, .va = kVa, .fault = true});
      s.fault(0, event::FaultKind::Translation, kVa, 2);
      CHECK(s.found() == Found{"SL604 observed"});
      CHECK(s.judge().unexplained() == 0);
    } else {
      s.access(0, Kind::Read, kOld, 0, 1);  // the entry is still there
      CHECK(s.found() == kObserved);
      CHECK(s.judge().unexplained() == 0);
      const Found fixes[] = {{"dsb ishst"}, {"dsb ishst", "tlbi vaae1is", "dsb ish"}, {"dsb ish"}};
      CHECK(s.fixes() == fixes[missing]);
    }
  }
}

TEST_CASE("an old entry without any reason is unexplained") {
  Script s(1);
  s.write(0, kTable, kOld | kPage);
  s.dsb(0);
  s.isb(0);
  s.translate(0, {.at = kTable, .descriptor = kOld | kPage, .va = kVa});
  s.write(0, kTable, 0);
  s.dsb(0);
  s.tlbi(0, "vae1is", kVa);
  s.dsb(0);
  s.isb(0);
  s.access(0, Kind::Read, kOld, 0, 1);
  CHECK(s.found() == kNone);
  CHECK(s.judge().unexplained() > 0);
}

namespace {

/// Agent 1 used the page; agent 0 unmaps it with one instruction, tells, and agent 1 uses it again.
Found unmapped_by(const char* name, std::uint64_t va, std::uint16_t asid, std::uint16_t vmid, BarrierDomain domain,
                  std::uint64_t flags, event::TranslationTag tag) {
  Script s(2);
  s.write(0, kTable, kOld | flags);
  s.handoff(0, 1);
  s.translate(1, {.at = kTable, .descriptor = kOld | flags, .va = kVa, .tag = tag});
  s.write(0, kTable, 0);
  s.dsb(0);
  s.tlbi(0, name, va, asid, vmid);
  s.dsb(0, domain);
  s.flag(0, 1);
  s.access(1, Kind::Read, kOld + 8, 0, 1);
  return s.found();
}

}  // namespace

TEST_CASE("which tlbi removes an entry from another PE") {
  const auto removed = [](const char* name, std::uint64_t va, std::uint16_t asid, std::uint16_t vmid,
                          BarrierDomain domain = BarrierDomain::ISH, std::uint64_t flags = kPage,
                          event::TranslationTag tag = {.asid = 7, .vmid = 3, .global = false}) {
    return unmapped_by(name, va, asid, vmid, domain, flags, tag).empty();
  };
  // The right one leaves an entry that no run can have: the judge then counts it as unexplained, not as a hazard.
  CHECK(removed("vae1is", kVa, 7, 3));
  CHECK(removed("vale1is", kVa, 7, 3));
  CHECK(removed("vaae1is", kVa, 0, 3));
  CHECK(removed("aside1is", 0, 7, 3));
  CHECK(removed("vmalle1is", 0, 0, 3));
  CHECK(removed("vmalls12e1is", 0, 0, 3));
  CHECK(removed("alle1is", 0, 0, 0));
  CHECK(removed("vae1os", kVa, 7, 3));
  CHECK_FALSE(removed("vae1", kVa, 7, 3));             // this PE only
  CHECK_FALSE(removed("vae1is", kVa + 0x1000, 7, 3));  // another page
  CHECK_FALSE(removed("vae1is", kVa, 8, 3));           // another ASID
  CHECK_FALSE(removed("aside1is", 0, 8, 3));
  CHECK_FALSE(removed("vmalle1is", 0, 0, 4));     // another VM
  CHECK_FALSE(removed("vae2is", kVa, 7, 3));      // another regime
  CHECK_FALSE(removed("ipas2e1is", kOld, 0, 3));  // stage 2
  CHECK_FALSE(removed("vae1is", kVa, 7, 3, BarrierDomain::NSH));
  // Of a global entry the ASID says nothing, and maintenance by ASID spares it.
  const event::TranslationTag global{.asid = 7, .vmid = 3, .global = true};
  CHECK(removed("vae1is", kVa, 8, 3, BarrierDomain::ISH, 0x703, global));
  CHECK_FALSE(removed("aside1is", 0, 7, 3, BarrierDomain::ISH, 0x703, global));
}

TEST_CASE("a walk that may read old bytes spoils the entry, and the tlbi before it") {
  // The table is written through the caches, and walked past them.
  for (const int steps : {0, 1, 2}) {
    Script s(1);
    s.write(0, kTable, kOld | kPage, kNonCacheable);
    s.dsb(0);
    s.isb(0);
    s.translate(0, {.at = kTable, .descriptor = kOld | kPage, .va = kVa, .path = kNonCacheable});
    s.write(0, kTable, 0);
    if (steps == 1) s.maintain(0, arm::CacheOp::DC_CVAC, kTable);
    s.dsb(0);
    s.tlbi(0, "vae1is", kVa);
    s.dsb(0);
    if (steps == 2) {  // the walk is right again, but the TLB may have been filled before
      s.maintain(0, arm::CacheOp::DC_CVAC, kTable);
      s.dsb(0);
    }
    s.isb(0);
    s.access(0, Kind::Read, kOld, 0, 1);
    INFO("steps " << steps);
    CHECK(s.found() == (steps == 1 ? kNone : kObserved));
  }
}

TEST_CASE("invalid to valid needs no tlbi, and is a note where nothing differs") {
  Script s(1);
  s.translate(0, {.at = kTable, .descriptor = 0, .va = kVa, .fault = true});
  s.write(0, kTable, kOld | kPage);
  s.dsb(0);
  s.isb(0);
  s.translate(0, {.id = 2, .at = kTable, .descriptor = kOld | kPage, .va = kVa});
  s.access(0, Kind::Write, kOld, 1, 2);
  s.write(0, kTable, kOld | kPage);
  s.dsb(0);
  s.isb(0);
  s.access(0, Kind::Write, kOld, 1, 2);
  CHECK(s.found() == kNone);
  CHECK(s.judge().unexplained() == 0);
}

TEST_CASE("break-before-make: each step, and what needs none") {
  enum Step { Break, StoreDone, Invalidate, Complete, End };
  for (int missing = 0; missing <= End; ++missing) {
    Script s(1);
    s.write(0, kTable, kOld | kPage);
    s.dsb(0);
    s.isb(0);
    s.translate(0, {.at = kTable, .descriptor = kOld | kPage, .va = kVa});
    if (missing != Break) s.write(0, kTable, 0);
    if (missing != StoreDone) s.dsb(0, BarrierDomain::ISH, BarrierAccess::ST);
    if (missing != Invalidate) s.tlbi(0, "vae1is", kVa);
    if (missing != Complete) s.dsb(0);
    const std::uint32_t make = s.write(0, kTable, kNew | kPage);
    INFO("missing step " << missing);
    CHECK(s.flagged(make) == (missing != End));
    CHECK(s.found() == (missing != End ? Found{"SL602 latent"} : kNone));
  }
  const auto change = [](std::uint64_t before, std::uint64_t after) {
    Script s(1);
    s.write(0, kTable, before);
    s.dsb(0);
    s.isb(0);
    s.translate(0, {.at = kTable, .descriptor = before, .va = kVa});
    s.write(0, kTable, after);
    s.dsb(0);
    s.tlbi(0, "vae1is", kVa);
    s.dsb(0);
    s.isb(0);
    s.translate(0, {.id = 2, .at = kTable, .descriptor = after, .va = kVa});
    s.access(0, Kind::Read, after & 0xffff'ffff'f000, 0, 2);
    return s.found();
  };
  const Found broken{"SL602 latent"};
  CHECK(change(kOld | kPage, kOld | kPage | 1 << 7) == kNone);                        // read-only
  CHECK(change(kOld | kPage, kOld | kPage | std::uint64_t{3} << 53) == kNone);        // XN
  CHECK(change(kOld | kPage, kOld | kPage | std::uint64_t{1} << 55) == kNone);        // software
  CHECK(change((kOld | kPage) & ~(std::uint64_t{1} << 10), kNew | kPage) == kNone);   // AF was clear: never held
  CHECK(change(kOld | kPage, kOld | kPage | 1 << 2) == broken);                       // AttrIndx
  CHECK(change(kOld | kPage, (kOld | kPage) & ~std::uint64_t{0x300}) == broken);      // SH
  CHECK(change(kOld | kPage, kOld | kPage | std::uint64_t{1} << 52) == broken);       // contiguous
  CHECK(change(kOld | kPage, (kOld | kPage) & ~(std::uint64_t{1} << 11)) == broken);  // nG
}

TEST_CASE("maintenance of one PE is complete there with a DSB NSH, whoever of its agents used the entry") {
  for (const bool same : {false, true}) {
    for (const auto domain : {BarrierDomain::NSH, BarrierDomain::ISH}) {
      judge::Parameters p{.agents = 2, .pes = 2, .is_device = {}, .initial_bytes = {}};
      p.pe_of = {event::PeId{0}, event::PeId{0}};
      if (!same) p.pe_of[1] = event::PeId{1};
      Script s(p);
      s.write(0, kTable, kOld | kPage);
      s.dsb(0);
      s.flag(0, 1);
      s.translate(1, {.at = kTable, .descriptor = kOld | kPage, .va = kVa});
      s.flag(1, 0);
      s.write(0, kTable, 0);
      s.dsb(0, BarrierDomain::ISH, BarrierAccess::ST);
      s.tlbi(0, "vae1is", kVa);
      s.dsb(0, domain);
      s.write(0, kTable, kNew | kPage);
      INFO(same << static_cast<int>(domain));
      CHECK(s.found() == (same || domain == BarrierDomain::ISH ? kNone : Found{"SL602 latent"}));
    }
  }
}

TEST_CASE("a fault is explained by the older descriptor, or is a hazard of its own") {
  const auto run = [](bool visible, bool handled) {
    Script s(1, {}, true);
    s.write(0, kTable, kOld | kPage);
    if (visible) s.dsb(0);
    // With order the walk reads what is there: the page is not writable, say.
    s.translate(0, {.at = kTable, .descriptor = visible ? kOld | kPage : 0, .va = kVa, .fault = true});
    s.fault(0, visible ? event::FaultKind::Permission : event::FaultKind::Translation, kVa, 1, handled);
    return s.found();
  };
  CHECK(run(false, false) == kObserved);
  CHECK(run(false, true) == kObserved);
  CHECK(run(true, false) == Found{"SL605 observed"});
  CHECK(run(true, true) == kNone);
}

TEST_CASE("each fault has its hazard") {
  using event::FaultKind;
  const std::pair<FaultKind, const char*> rows[] = {{FaultKind::Translation, "SL604"},
                                                    {FaultKind::AddressSize, "SL604"},
                                                    {FaultKind::AccessFlag, "SL604"},
                                                    {FaultKind::Permission, "SL605"},
                                                    {FaultKind::Alignment, "SL601"},
                                                    {FaultKind::ZeroDevice, "SL601"},
                                                    {FaultKind::UnsupportedExclusive, "SL603"},
                                                    {FaultKind::TlbConflict, "SL602"},
                                                    {FaultKind::External, "SL401"},
                                                    {FaultKind::Maintenance, "SL606"},
                                                    {FaultKind::SmmuConfiguration, "SL607"},
                                                    {FaultKind::SmmuTranslation, "SL607"},
                                                    {FaultKind::NoProgress, "SL608"}};
  for (const auto& [kind, id] : rows) {
    Script s(1);
    s.fault(0, kind, kVa);
    CHECK(s.found() == Found{std::string(id) + " observed"});
    CHECK(s.judge().hazards().at(0).va == arm::VirtAddr{kVa});
    CHECK(!s.judge().hazards().at(0).what.empty());
    CHECK(s.fixes().size() == 1);
    Script handled(1);
    handled.fault(0, kind, kVa, 0, true);
    CHECK(handled.found().empty());
  }
}

TEST_CASE("what an MMU that is off never read does not live on") {
  using arm::SystemRegister;
  for (const bool on : {false, true}) {
    Script s(1, {}, true);
    s.write(0, kTable, kOld | kPage);
    s.dsb(0);
    s.translate(0, {.at = kTable, .descriptor = kOld | kPage, .va = kVa});
    s.write(0, kTable, 0);
    s.dsb(0);
    s.tlbi(0, "vmalle1");
    s.dsb(0);
    if (!on) s.set(0, SystemRegister::SCTLR_EL1, 0);
    s.write(0, kTable, kOld | kPage);
    s.dsb(0);
    s.write(0, kTable, 0);
    s.dsb(0);
    if (!on) s.set(0, SystemRegister::SCTLR_EL1, 1);
    const std::uint32_t make = s.write(0, kTable, kNew | kPage);
    CHECK(s.flagged(make) == on);
  }
  // What was read before it went off lives on.
  Script s(1, {}, true);
  s.write(0, kTable, kOld | kPage);
  s.dsb(0);
  s.translate(0, {.at = kTable, .descriptor = kOld | kPage, .va = kVa});
  s.set(0, SystemRegister::SCTLR_EL1, 0);
  s.write(0, kTable, 0);
  s.dsb(0);
  s.write(0, kTable, kNew | kPage);
  s.dsb(0);
  s.set(0, SystemRegister::SCTLR_EL1, 1);
  s.translate(0, {.id = 2, .at = kTable, .descriptor = kNew | kPage, .va = kVa});
  const std::uint32_t use = s.access(0, Kind::Read, kNew, 0, 2);
  CHECK(s.flagged(use));
}

TEST_CASE("stage 2: by IPA first, then what stage 1 was combined with") {
  const auto run = [](std::vector<const char*> names, bool stage1) {
    Script s(2);
    constexpr std::uint64_t s2 = kTable + 0x1000, ipa = 0x8000, leaf2 = kOld | 0x7ff;
    s.write(0, kTable, ipa | kPage);
    s.write(0, s2, leaf2);
    s.handoff(0, 1);
    Event e = s.make(1, Kind::Walk);
    e.size = 8;
    e.entry = 1;
    if (stage1) {
      e.address = arm::PhysAddr{kTable};
      e.data = {ipa | kPage, kVa};
      e.detail = 0x13;
      s.say(e);
    }
    e.address = arm::PhysAddr{s2};
    e.data = {leaf2, ipa};
    e.detail = 0x23;
    s.say(e);
    e = s.make(1, Kind::Translation);
    e.address = arm::PhysAddr{kOld};
    e.entry = 1;
    e.data = {stage1 ? kVa : ipa,
              event::TranslationTag{.vmid = 3, .global = !stage1, .stage1 = stage1, .stage2 = true}.packed()};
    s.say(e);
    s.write(0, s2, 0);
    s.dsb(0);
    for (const char* name : names) {
      s.tlbi(0, name, ipa, 0, 3);
      s.dsb(0);
    }
    s.flag(0, 1);
    s.access(1, Kind::Read, kOld, 0, 1);
    return s.found().empty();
  };
  CHECK(run({"ipas2e1is", "vmalle1is"}, true));
  CHECK(run({"ipas2le1is", "vmalle1is"}, true));
  CHECK(run({"vmalls12e1is"}, true));
  CHECK_FALSE(run({"ipas2e1is"}, true));
  CHECK_FALSE(run({"vmalle1is"}, true));
  CHECK_FALSE(run({"vmalle1is", "ipas2e1is"}, true));
  CHECK_FALSE(run({"vae1is"}, true));
  CHECK_FALSE(run({"ipas2e1is"}, false));  // D8.17.6.1
}

TEST_CASE("a hardware update is no store that anyone has to order") {
  Script s(1, {}, true);
  constexpr std::uint64_t young = (kOld | kPage) & ~std::uint64_t{0x400};
  s.write(0, kTable, young);
  s.dsb(0);
  Event e = s.make(0, Kind::Walk);
  e.address = arm::PhysAddr{kTable};
  e.size = 8;
  e.entry = 1;
  e.detail = 0x13;
  e.data = {young, kVa};
  s.say(e);
  e = s.make(0, Kind::Write);
  e.address = arm::PhysAddr{kTable};
  e.size = 8;
  e.data[0] = kOld | kPage;
  e.detail = 1;
  s.say(e);
  e = s.make(0, Kind::Translation);
  e.address = arm::PhysAddr{kOld};
  e.entry = 1;
  e.data = {kVa, event::TranslationTag{}.packed()};
  s.say(e);
  s.access(0, Kind::Write, kOld, 1, 1);
  CHECK(s.found().empty());
  CHECK(s.judge().unexplained() == 0);
}

TEST_CASE("an SMMU's translations, commands and configuration: its own component") {
  enum How { Right, NoCommand, NoSync, OldConfiguration, Broadcast, NotTaken };
  for (const How how : {Right, NoCommand, NoSync, OldConfiguration, Broadcast, NotTaken}) {
    constexpr std::uint16_t cpu = 0, smmu = 1, nic = 2;
    constexpr std::uint64_t ste = kTable + 0x2000;
    Script s(3, {false, true, true});
    s.write(cpu, kTable, kOld | kPage);
    s.write(cpu, ste, 1);
    s.dsb(cpu, BarrierDomain::SY);
    s.edge(cpu, smmu, Mechanism::Doorbell, Mechanism::Doorbell);
    s.edge(cpu, nic, Mechanism::Doorbell, Mechanism::Doorbell);
    Event e = s.make(smmu, Kind::Read);
    e.address = arm::PhysAddr{ste};
    e.size = 8;
    e.data[0] = 1;
    e.aux = event::SmmuConfiguration{.ste = 1}.packed();
    s.say(e);
    s.translate(smmu, {.at = kTable, .descriptor = kOld | kPage, .va = kVa});
    const auto access = [&] {
      Event use = s.make(nic, Kind::Read);
      use.address = arm::PhysAddr{kOld};
      use.size = 8;
      use.entry = 1;
      use.path = kNonCacheable;
      use.aux = event::SmmuConfiguration{.ste = 1}.packed();
      s.say(use);
    };
    access();
    CHECK(s.found() == kNone);
    s.write(cpu, how == OldConfiguration ? ste : kTable, how == OldConfiguration ? 3 : 0);
    s.dsb(cpu, BarrierDomain::SY);
    s.edge(cpu, smmu, Mechanism::Doorbell, Mechanism::Doorbell);
    if (how == Right || how == NoSync) s.tlbi(smmu, "vmalle1");
    if (how == Broadcast || how == NotTaken) {
      Event takes = s.make(smmu, Kind::SystemRegister);
      takes.aux = event::kSmmuTakesBroadcasts;
      takes.data[0] = how == Broadcast ? 1 : 0;
      s.say(takes);
      s.tlbi(cpu, "vmalle1is");
      s.dsb(cpu, BarrierDomain::SY);
    }
    if (how == Right) {
      s.dsb(smmu, BarrierDomain::SY);
      s.edge(smmu, cpu, Mechanism::Completion, Mechanism::Completion);
    }
    s.edge(cpu, nic, Mechanism::Doorbell, Mechanism::Doorbell);
    access();
    INFO("how " << how);
    CHECK(s.found() == (how == Right || how == Broadcast ? kNone : kObserved));
  }
}
