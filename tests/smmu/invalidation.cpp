// SPDX-License-Identifier: Apache-2.0
// What the configuration caches, the TLB and the walk cache keep, and what CFGI and TLBI commands remove.
#include <catch2/catch.hpp>

#include "rig.h"

namespace staleline::smmu_rig {

namespace {

constexpr std::uint64_t kOld = kData + 0x1000, kNew = kData + 0x2000;

// Three streams: 3 and 4 with stage 1 (ASID 1 and 2, one table), 5 nested (VMID 1, ASID 1).
struct Streams : Rig {
  explicit Streams(smmu::Parameters p = {})
      : Rig(p, {{event::AgentId{1}, 3}, {event::AgentId{2}, 4}, {event::AgentId{3}, 5}}),
        s1(stage1_tables()),
        s2(stage2_tables()) {
    put(kOld, std::uint64_t{1});
    put(kNew, std::uint64_t{2});
    identity(s2, 0x4000'0000, 0x600'0000);
    s2.map(kOld, {.address = kOld});
    s2.map(kNew, {.address = kNew});
    point(kOld);
    for (std::uint32_t stream : {3U, 4U, 5U}) {
      auto s = usual_ste(stream == 5 ? SteConfig::Nested : SteConfig::Stage1);
      s.s1_context_ptr = {kContexts + stream * 0x1000};
      if (stream == 5) add_stage2(s, s2.root());
      ste(stream, s);
      auto c = usual_cd(s1.root());
      c.asid = stream == 4 ? 2 : 1;
      put(kContexts + stream * 0x1000, arm::smmu::encode(c));
    }
    start();
    for (std::size_t i = 0; i < 3; ++i) CHECK(read(0x7000, i) == 1);
  }
  void point(std::uint64_t pa) { s1.map(0x7000, {.address = pa, .not_global = true}); }
  // Which streams see the new page.
  std::string fresh() {
    std::string result;
    for (std::size_t i = 0; i < 3; ++i) result += read(0x7000, i) == 2 ? '1' : '0';
    return result;
  }
  Tables s1, s2;
};

}  // namespace

TEST_CASE("4.4 TLBI commands remove what they name and nothing else") {
  struct Row {
    Command command;
    std::string fresh;
  };
  const std::vector<Row> rows{
      {{.opcode = Opcode::SYNC}, "000"},
      {{.opcode = Opcode::TLBI_NSNH_ALL}, "111"},
      {{.opcode = Opcode::TLBI_NH_ALL, .vmid = 0}, "110"},
      {{.opcode = Opcode::TLBI_NH_ALL, .vmid = 1}, "001"},
      {{.opcode = Opcode::TLBI_S12_VMALL, .vmid = 1}, "001"},
      {{.opcode = Opcode::TLBI_NH_ASID, .asid = 1, .vmid = 0}, "100"},
      {{.opcode = Opcode::TLBI_NH_ASID, .asid = 2, .vmid = 0}, "010"},
      {{.opcode = Opcode::TLBI_NH_VA, .asid = 1, .vmid = 0, .address = 0x7000}, "100"},
      {{.opcode = Opcode::TLBI_NH_VA, .leaf = true, .asid = 2, .vmid = 0, .address = 0x7000}, "010"},
      {{.opcode = Opcode::TLBI_NH_VA, .asid = 1, .vmid = 0, .address = 0x8000}, "000"},
      {{.opcode = Opcode::TLBI_NH_VAA, .vmid = 0, .address = 0x7000}, "110"},
      {{.opcode = Opcode::TLBI_NH_VAA, .num = 7, .tg = 1, .address = 0}, "110"},
      {{.opcode = Opcode::TLBI_NH_VAA, .num = 6, .tg = 1, .address = 0}, "000"},
      {{.opcode = Opcode::TLBI_S2_IPA, .vmid = 1, .address = kOld}, "000"},  // combined entries stay
      {{.opcode = Opcode::TLBI_EL2_ALL}, "000"},
      {{.opcode = Opcode::CFGI_STE_RANGE, .range = arm::smmu::kRangeAll}, "000"},
  };
  for (const Row& row : rows) {
    CAPTURE(arm::smmu::name_of(row.command.opcode), row.command.vmid, row.command.asid, row.command.address);
    Streams rig;
    rig.point(kNew);
    rig.queue(row.command);
    rig.sync();
    CHECK(rig.fresh() == row.fresh);
  }
}

TEST_CASE("4.4 TLBI_S2_IPA removes stage 2 entries") {
  Rig rig;
  auto tables = rig.stage2_tables();
  rig.put(kOld, std::uint64_t{1});
  rig.put(kNew, std::uint64_t{2});
  tables.map(0x1000, {.address = kOld});
  auto s = Rig::usual_ste(SteConfig::Stage2);
  Rig::add_stage2(s, tables.root());
  rig.ste(3, s);
  rig.start();
  CHECK(rig.read(0x1000) == 1);
  tables.map(0x1000, {.address = kNew});
  rig.command({.opcode = Opcode::TLBI_S2_IPA, .vmid = 2, .address = 0x1000});
  CHECK(rig.read(0x1000) == 1);
  rig.command({.opcode = Opcode::TLBI_S2_IPA, .vmid = 1, .address = 0x1000});
  CHECK(rig.read(0x1000) == 2);
}

TEST_CASE("4.4 TLBI events cover what the command covers") {
  Rig rig;
  rig.start();
  struct Row {
    Command command;
    std::string names;
  };
  for (const Row& row :
       {Row{{.opcode = Opcode::TLBI_NH_VA, .asid = 3, .vmid = 4, .address = 0x12'3000}, "vae1"},
        Row{{.opcode = Opcode::TLBI_NH_VAA, .leaf = true, .address = 0x12'3000}, "vaale1"},
        Row{{.opcode = Opcode::TLBI_NH_VA, .num = 31, .scale = 3, .tg = 1, .address = 0x40'0000}, "rvae1"},
        Row{{.opcode = Opcode::TLBI_NH_VA, .num = 4, .tg = 2, .address = 0x40'0000}, "rvae1 vae1"},
        Row{{.opcode = Opcode::TLBI_S2_IPA, .num = 20, .scale = 4, .tg = 1, .address = 0x40'0000},
            "ripas2e1 ripas2e1"}}) {
    rig.log.events.clear();
    rig.command(row.command);
    const auto wanted = arm::smmu::tlbi_operand(row.command);
    std::string names;
    std::uint64_t at = wanted.first;
    for (const Event& e : rig.told(Kind::Tlbi)) {
      const auto t = arm::unpack_tlbi(e.aux);
      names += (names.empty() ? "" : " ") + std::string(arm::name_of(t));
      const auto o = arm::decode_operand(t, e.data[0]);
      CHECK(o.first == at);
      CHECK(o.asid == row.command.asid);
      CHECK(e.data[1] == (std::uint64_t{row.command.vmid} << 16 | row.command.asid));
      at += row.command.tg == 0 || t.range ? o.bytes : arm::page_bytes(*wanted.granule);
    }
    CHECK(names == row.names);
    CHECK(at == wanted.first + wanted.bytes);
  }
}

TEST_CASE("3.21.2 STE and CD stay as they were fetched until CFGI removes them") {
  struct Row {
    Command command;
    bool ste, cd;
  };
  const std::vector<Row> rows{
      {{.opcode = Opcode::SYNC}, false, false},
      {{.opcode = Opcode::CFGI_STE, .stream_id = 3}, true, true},
      {{.opcode = Opcode::CFGI_STE, .stream_id = 2}, false, false},
      {{.opcode = Opcode::CFGI_STE_RANGE, .stream_id = 0, .range = 1}, true, true},
      {{.opcode = Opcode::CFGI_STE_RANGE, .stream_id = 0, .range = 0}, false, false},
      {{.opcode = Opcode::CFGI_CD, .substream_id = 0, .stream_id = 3}, false, true},
      {{.opcode = Opcode::CFGI_CD, .substream_id = 1, .stream_id = 3}, false, false},
      {{.opcode = Opcode::CFGI_CD_ALL, .stream_id = 3}, false, true},
      {{.opcode = Opcode::TLBI_NSNH_ALL}, false, false},
  };
  for (const Row& row : rows) {
    CAPTURE(arm::smmu::name_of(row.command.opcode), row.command.stream_id, row.command.substream_id);
    Streams rig;
    const auto before = rig.smmu.counters();
    rig.command(row.command);
    rig.read(0x7000);
    CHECK(rig.smmu.counters().ste_fetches - before.ste_fetches == (row.ste ? 1 : 0));
    CHECK(rig.smmu.counters().cd_fetches - before.cd_fetches == (row.cd ? 1 : 0));
  }
}

TEST_CASE("3.21.2 a structure that is not valid is not kept") {
  Rig rig;
  rig.start();
  CHECK(rig.read(kData) == 0);
  rig.ste(3, Rig::usual_ste(SteConfig::Bypass));
  rig.put(kData, std::uint64_t{8});
  CHECK(rig.read(kData) == 8);
}

TEST_CASE("the configuration caches keep the most recently used") {
  Streams rig({.ste_entries = 2, .cd_entries = 0});
  const auto before = rig.smmu.counters();
  rig.read(0x7000, 2);
  rig.read(0x7000, 1);
  CHECK(rig.smmu.counters().ste_fetches == before.ste_fetches);
  rig.read(0x7000, 0);
  rig.read(0x7000, 2);
  CHECK(rig.smmu.counters().ste_fetches == before.ste_fetches + 2);
  CHECK(rig.smmu.counters().cd_fetches == before.cd_fetches + 4);
}

TEST_CASE("the walk cache begins where another walk of the table came") {
  for (const bool cached : {false, true}) {
    Rig rig(smmu::Parameters{.walk_cache = {cached ? 16U : 0U, 0}});
    auto tables = rig.stage1_tables();
    tables.map(0x1000, {.address = kOld});
    tables.map(0x2000, {.address = kNew});
    rig.put(kNew, std::uint64_t{2});
    rig.cd(Rig::usual_cd(tables.root()));
    rig.ste(3, Rig::usual_ste(SteConfig::Stage1));
    rig.start();
    rig.read(0x1000);
    CHECK(rig.read(0x2000) == 2);
    CHECK(rig.smmu.counters().descriptors == (cached ? 5 : 8));
    CHECK(rig.told(Kind::Translation)[1].aux == (cached ? 1 : 0));
    // Leaf maintenance leaves it, other maintenance does not.
    rig.command({.opcode = Opcode::TLBI_NH_VA, .leaf = true, .asid = 1, .address = 0x1000});
    rig.read(0x1000);
    CHECK(rig.smmu.counters().descriptors == (cached ? 6 : 12));
    rig.command({.opcode = Opcode::TLBI_NH_VA, .asid = 1, .address = 0x1000});
    rig.read(0x1000);
    CHECK(rig.smmu.counters().descriptors == (cached ? 10 : 16));
  }
}

TEST_CASE("one large TLB entry serves a block, and the Contiguous bit a run of pages") {
  Rig rig;
  auto tables = rig.stage1_tables();
  tables.map(0x4000'0000, {.address = kData}, 2);
  for (std::uint64_t i = 0; i < 16; ++i)
    tables.map(0x1'0000 + i * 0x1000, {.address = kData + i * 0x1000, .contiguous = true});
  rig.cd(Rig::usual_cd(tables.root()));
  rig.ste(3, Rig::usual_ste(SteConfig::Stage1));
  rig.start();
  for (std::uint64_t a = 0; a < 0x20'0000; a += 0x3'0000) rig.read(0x4000'0000 + a);
  CHECK(rig.smmu.counters().walks == 1);
  for (std::uint64_t a = 0; a < 0x1'0000; a += 0x1000) rig.read(0x1'0000 + a);
  CHECK(rig.smmu.counters().walks == 2);
}

}  // namespace staleline::smmu_rig
