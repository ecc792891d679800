// SPDX-License-Identifier: Apache-2.0
// Event records of each kind, and what a device gets where it is refused.
#include <catch2/catch.hpp>

#include "rig.h"

namespace staleline::smmu_rig {

namespace {

constexpr std::uint64_t kPage = kData + 0x5000;

struct Nested : Rig {
  Nested() : s1(stage1_tables()), s2(stage2_tables()) {
    identity(s2, 0x4000'0000, 0x600'0000);
    s2.map(kPage, {.address = kPage});
    s1.map(0x1000, {.address = kPage});
    put(kPage, std::uint64_t{1});
    cd(usual_cd(s1.root()));
    ste = usual_ste(SteConfig::Nested);
    add_stage2(ste, s2.root());
  }
  void begin() {
    Rig::ste(3, ste);
    start();
  }
  Tables s1, s2;
  Ste ste;
};

}  // namespace

TEST_CASE("7.3.12 stage 1 faults: type, class, address and direction") {
  struct Row {
    std::uint64_t iova;
    bool write;
    EventType type;
  };
  for (const Row& row : {Row{0x1000, true, EventType::F_PERMISSION}, Row{0x2000, false, EventType::F_ACCESS},
                         Row{0x3000, false, EventType::F_TRANSLATION}, Row{0x3000, true, EventType::F_TRANSLATION},
                         Row{0x4000, false, EventType::F_ADDR_SIZE}}) {
    Rig rig;
    auto tables = rig.stage1_tables();
    tables.map(0x1000, {.address = kPage, .read_only = true});
    tables.map(0x2000, {.address = kPage, .access_flag = false});
    tables.map(0x4000, {.address = 0xffff'0000'0000});
    auto c = Rig::usual_cd(tables.root());
    c.ips = 2;  // 40 bits
    rig.cd(c);
    rig.ste(3, Rig::usual_ste(SteConfig::Stage1));
    rig.put(kPage, std::uint64_t{0x55});
    rig.start();
    const auto outcome = rig.transfer(row.write, row.iova + 8, 7);
    if (!row.write) {
      for (const std::uint8_t b : outcome.data) CHECK(b == 0);
    }
    const EventRecord e = rig.last_record(1);
    CHECK(e.type == row.type);
    CHECK(e.stream_id == 3);
    CHECK(e.input_address == row.iova + 8);
    CHECK(e.rnw == !row.write);
    CHECK(e.pnu);
    CHECK_FALSE(e.s2);
    CHECK_FALSE(e.stall);
    CHECK(e.cls == arm::smmu::EventClass::Input);
    CHECK(rig.word(kPage + 8) == 0);
    const auto faults = rig.told(Kind::Fault);
    REQUIRE(faults.size() == 1);
    CHECK(faults[0].agent == event::AgentId{1});
    CHECK(faults[0].aux == static_cast<std::uint32_t>(event::FaultKind::SmmuTranslation));
    CHECK(faults[0].data[0] == row.iova + 8);
    CHECK((faults[0].data[1] & 0xffff'ffff) == static_cast<std::uint64_t>(row.type));
    CHECK(event::SmmuConfiguration::unpack(static_cast<std::uint32_t>(faults[0].data[1] >> 32)).ste != 0);
    CHECK(faults[0].line.value == 42);
    CHECK(faults[0].size == 8);
    CHECK(faults[0].entry == 1);
    CHECK(rig.told(Kind::Translation)[0].detail == 1);
    // The device goes on.
    CHECK(rig.read(0x1000) == 0x55);
  }
}

TEST_CASE("5.4 CD.R clear leaves stage 1 faults unrecorded, STE.S2R those of stage 2") {
  Nested rig;
  auto c = Rig::usual_cd(rig.s1.root());
  c.r = false;
  rig.cd(c);
  rig.begin();
  CHECK(rig.read(0x9000) == 0);
  CHECK(rig.records().empty());
  rig.s1.map(0x2000, {.address = 0xc000'0000});
  rig.read(0x2000);
  CHECK(rig.last_record(1).s2);
  rig.ste.s2r = false;
  rig.Rig::ste(3, rig.ste);
  rig.command({.opcode = Opcode::CFGI_STE, .stream_id = 3});
  rig.read(0x2000);
  CHECK(rig.records().size() == 1);
  CHECK(rig.told(Kind::Fault).size() == 3);
}

TEST_CASE("5.4 CD.AFFD and STE.S2AFFD: AF clear is no fault") {
  for (const bool ignored : {false, true}) {
    Nested rig;
    rig.s1.map(0x1000, {.address = kPage, .access_flag = false});
    rig.s2.map(kPage, {.address = kPage, .access_flag = false});
    auto c = Rig::usual_cd(rig.s1.root());
    c.affd = ignored;
    rig.cd(c);
    rig.ste.s2affd = ignored;
    rig.begin();
    CHECK(rig.read(0x1000) == (ignored ? 1 : 0));
    CHECK(rig.records().size() == (ignored ? 0 : 1));
    CHECK((rig.word(rig.s1.slot(0x1000, 3)) & arm::kAccessFlag) == 0);
  }
}

TEST_CASE("7.3 stage 2 faults say what was fetched: the input, a descriptor, or the CD") {
  {
    Nested rig;
    rig.s1.map(0x2000, {.address = 0xc000'0000});
    rig.begin();
    rig.read(0x2010);
    const EventRecord e = rig.last_record(1);
    CHECK(e.type == EventType::F_TRANSLATION);
    CHECK(e.s2);
    CHECK(e.cls == arm::smmu::EventClass::Input);
    CHECK(e.ipa == 0xc000'0000);
    CHECK(e.input_address == 0x2010);
  }
  {
    Nested rig;
    const std::uint64_t at = rig.s1.slot(0x1000, 0);
    rig.s1.write(at, arm::encode_table(0xc000'0000, {arm::Granule::K4}));
    rig.begin();
    rig.read(0x1000);
    const EventRecord e = rig.last_record(1);
    CHECK(e.type == EventType::F_TRANSLATION);
    CHECK(e.s2);
    CHECK(e.cls == arm::smmu::EventClass::Ttd);
    CHECK(e.ipa == 0xc000'0000);
  }
  {
    Nested rig;
    rig.ste.s1_context_ptr = {0xc000'0000};
    rig.begin();
    rig.read(0x1000);
    const EventRecord e = rig.last_record(1);
    CHECK(e.type == EventType::F_TRANSLATION);
    CHECK(e.s2);
    CHECK(e.cls == arm::smmu::EventClass::Cd);
    CHECK(e.ipa == 0xc000'0000);
  }
}

TEST_CASE("5.2 STE.S2PTW: a CD in memory that stage 2 makes Device") {
  for (const bool ptw : {false, true}) {
    Nested rig;
    rig.s2.map(0x4100'0000, {.address = 0x4100'0000, .memattr = 1}, 2);
    rig.ste.s2ptw = ptw;
    rig.begin();
    CHECK(rig.read(0x1000) == (ptw ? 0 : 1));
    if (ptw) {
      CHECK(rig.last_record(1).type == EventType::F_PERMISSION);
      CHECK(rig.last_record(1).cls == arm::smmu::EventClass::Cd);
    }
  }
}

TEST_CASE("5.2 what makes an STE ILLEGAL") {
  const auto legal = [] {
    auto s = Rig::usual_ste(SteConfig::Nested);
    Rig::add_stage2(s, kStage2Tables);
    return s;
  };
  const std::vector<std::pair<std::string, std::function<void(Ste&)>>> rows{
      {"V", [](Ste& s) { s.v = false; }},
      {"S2AA64", [](Ste& s) { s.s2aa64 = false; }},
      {"S2ENDI", [](Ste& s) { s.s2endi = true; }},
      {"S2S", [](Ste& s) { s.s2s = true; }},
      {"S2HA", [](Ste& s) { s.s2ha = true; }},
      {"S2TG", [](Ste& s) { s.s2tg = 3; }},
      {"S2T0SZ small", [](Ste& s) { s.s2t0sz = 15; }},
      {"S2T0SZ large", [](Ste& s) { s.s2t0sz = 40; }},
      {"S2SL0 reserved", [](Ste& s) { s.s2sl0 = 3; }},
      {"S2SL0 too deep", [](Ste& s) { s.s2sl0 = 0; }},
      {"S2PS", [](Ste& s) { s.s2ps = 6; }},
      {"STRW", [](Ste& s) { s.strw = arm::smmu::SteStrw::El2; }},
      {"STRW EL3", [](Ste& s) { s.strw = static_cast<arm::smmu::SteStrw>(1); }},
      {"S1CDMax", [](Ste& s) { s.s1cd_max = 9; }},
      {"S1Fmt", [](Ste& s) { s.s1cd_max = 2, s.s1fmt = static_cast<arm::smmu::SteS1fmt>(3); }},
      {"S1DSS", [](Ste& s) { s.s1cd_max = 2, s.s1dss = static_cast<arm::smmu::SteS1dss>(3); }},
  };
  for (const auto& [name, spoil] : rows) {
    CAPTURE(name);
    Rig rig;
    auto s = legal();
    spoil(s);
    rig.ste(3, s);
    rig.start();
    CHECK(rig.read(kData) == 0);
    CHECK(rig.last_record(1).type == EventType::C_BAD_STE);
    CHECK(rig.told(Kind::Fault)[0].aux == static_cast<std::uint32_t>(event::FaultKind::SmmuConfiguration));
  }
  Rig rig;
  rig.ste(3, legal());
  rig.start();
  rig.read(kData);
  CHECK(rig.last_record(1).type == EventType::F_TRANSLATION);  // nothing is mapped
  for (const bool stage1 : {false, true}) {
    Rig without({.stage1 = stage1, .stage2 = !stage1});
    without.ste(3, legal());
    without.start();
    without.read(kData);
    CHECK(without.last_record(1).type == EventType::C_BAD_STE);
  }
}

TEST_CASE("5.4 what makes a CD ILLEGAL") {
  const std::vector<std::pair<std::string, std::function<void(Cd&)>>> rows{
      {"V", [](Cd& c) { c.v = false; }},       {"AA64", [](Cd& c) { c.aa64 = false; }},
      {"ENDI", [](Cd& c) { c.endi = true; }},  {"S", [](Cd& c) { c.s = true; }},
      {"HA", [](Cd& c) { c.ha = true; }},      {"HD", [](Cd& c) { c.hd = true; }},
      {"IPS", [](Cd& c) { c.ips = 6; }},       {"TG0", [](Cd& c) { c.tg0 = 3; }},
      {"T0SZ", [](Cd& c) { c.t0sz = 15; }},    {"T0SZ large", [](Cd& c) { c.t0sz = 40; }},
      {"T1SZ", [](Cd& c) { c.epd1 = false; }},
  };
  for (const auto& [name, spoil] : rows) {
    CAPTURE(name);
    Rig rig;
    auto c = Rig::usual_cd(kTables);
    spoil(c);
    rig.cd(c);
    rig.ste(3, Rig::usual_ste(SteConfig::Stage1));
    rig.start();
    CHECK(rig.read(0x1000) == 0);
    CHECK(rig.last_record(1).type == EventType::C_BAD_CD);
  }
  Rig rig;
  auto c = Rig::usual_cd(kTables);
  c.epd1 = false;
  c.t1sz = 16;
  c.tg1 = 2;
  rig.cd(c);
  rig.ste(3, Rig::usual_ste(SteConfig::Stage1));
  rig.start();
  rig.read(0x1000);
  CHECK(rig.last_record(1).type == EventType::F_TRANSLATION);
}

TEST_CASE("3.9 a SubstreamID where the stream has none is refused") {
  for (const auto config : {SteConfig::Bypass, SteConfig::Stage1}) {
    Rig rig({}, {{event::AgentId{1}, 3, 1}});
    rig.ste(3, Rig::usual_ste(config));
    rig.start();
    rig.read(kData);
    const EventRecord e = rig.last_record(1);
    CHECK(e.type == EventType::C_BAD_SUBSTREAMID);
    CHECK(e.ssv);
    CHECK(e.substream_id == 1);
  }
}

TEST_CASE("3.4 an address beyond 48 bits in bypass is an address size fault") {
  Rig rig;
  rig.ste(3, Rig::usual_ste(SteConfig::Bypass));
  rig.start();
  rig.read(std::uint64_t{1} << 48);
  CHECK(rig.last_record(1).type == EventType::F_ADDR_SIZE);
}

}  // namespace staleline::smmu_rig
