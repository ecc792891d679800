// SPDX-License-Identifier: Apache-2.0
// What the judge makes of an SMMU: tables, structures and commands that a driver wrote, maintained and announced, or
// not.
#include <catch2/catch.hpp>

#include "rig.h"
#include "staleline/judge/judge.h"

namespace staleline::smmu_rig {

namespace {

constexpr event::AgentId kDriver{0}, kDevice{1};
constexpr event::EdgeId kStart{3};
constexpr std::uint64_t kOld = kData + 0x1000;

judge::Parameters judging() {
  judge::Parameters p;
  p.agents = 8;
  p.pes = 1;
  p.is_device = {false, true, true, true, true, true, true, true};
  p.initial_bytes = [](arm::PhysAddr, std::span<std::uint8_t, 64> line) { std::fill(line.begin(), line.end(), 0); };
  return p;
}

/// A driver whose stores are Write-Back. Without caches in the rig they are in memory at once; the judge knows what
/// might have been.
struct Judged : Rig {
  explicit Judged(bool coherent = true) : Rig(smmu::Parameters{.coherent = coherent}), judge(judging()) {
    engine.listen(judge);
    Event live;
    live.kind = Kind::Live;
    live.address = {0x4000'0000};
    live.data[0] = 0x8000'0000;
    live.aux = 1;
    judge.on_event(live);
  }
  void tell(Event e) {
    e.agent = kDriver;
    e.pe = event::PeId{0};
    e.cycle = now;
    e.line = {++line};
    judge.on_event(e);
  }
  void store(std::uint64_t at, std::uint64_t value) {
    put(at, value);
    Event e;
    e.kind = Kind::Write;
    e.address = {at};
    e.size = 8;
    e.data[0] = value;
    tell(e);
  }
  template <std::size_t N>
  void store(std::uint64_t at, const std::array<std::uint64_t, N>& words) {
    for (std::size_t i = 0; i < N; ++i) store(at + 8 * i, words.at(i));
  }
  void clean(std::uint64_t at) {
    Event e;
    e.kind = Kind::Maintenance;
    e.aux = static_cast<std::uint32_t>(arm::CacheOp::DC_CVAC);
    e.address = {at};
    tell(e);
  }
  void dsb() {
    Event e;
    e.kind = Kind::Barrier;
    e.aux = event::pack(arm::Barrier{});
    tell(e);
  }
  void edge(Kind kind, event::EdgeId id, std::uint64_t k, event::Mechanism m) {
    Event e;
    e.kind = kind;
    e.aux = id.value;
    e.data[0] = k;
    e.mechanism = m;
    tell(e);
  }
  void ring(Register r, std::uint64_t value) {
    edge(Kind::EdgeSend, kDoorbell, doorbells++, event::Mechanism::Doorbell);
    set(r, value);
  }
  void begin() {
    ring(Register::CR1, 0xd75);
    ring(Register::STRTAB_BASE, kStreamTable);
    ring(Register::STRTAB_BASE_CFG, 4);
    ring(Register::CMDQ_BASE, kCommands | queue_log2);
    ring(Register::EVENTQ_BASE, kRecords | queue_log2);
    ring(Register::CR0, 0xd);
  }
  void issue(const std::vector<Command>& commands, bool cleaned = true) {
    for (const Command& c : commands) {
      const std::uint64_t at = kCommands + produced * arm::smmu::kCommandBytes;
      store(at, arm::smmu::encode(c));
      if (cleaned) clean(at);
      ++produced;
    }
    dsb();
    ring(Register::CMDQ_PROD, produced);
  }
  void await_sync() { edge(Kind::EdgeReceive, kSync, syncs++, event::Mechanism::Completion); }
  std::uint64_t dma(std::uint64_t iova) {
    edge(Kind::EdgeSend, kStart, starts, event::Mechanism::Doorbell);
    Event e;
    e.kind = Kind::EdgeReceive;
    e.aux = kStart.value;
    e.data[0] = starts++;
    e.mechanism = event::Mechanism::Doorbell;
    e.agent = kDevice;
    e.cycle = now;
    judge.on_event(e);
    const std::uint64_t value = read(iova);
    engine.deliver();
    return value;
  }
  std::vector<std::string> found() {
    engine.deliver();
    std::vector<std::string> result;
    for (const auto& h : judge.hazards()) {
      result.push_back("SL" + std::to_string(static_cast<int>(h.id)) + " of " + std::to_string(h.agent.value));
    }
    CHECK(judge.unexplained() == 0);
    return result;
  }
  judge::Judge judge;
  std::uint32_t line = 0;
  std::uint64_t doorbells = 0, starts = 0, syncs = 0;
};

// Stage 1 of stream 3; the tables are from before the run, but for the leaf of 0x7000.
struct Mapped : Judged {
  explicit Mapped(bool coherent = true) : Judged(coherent), tables(stage1_tables()) {
    leaf = tables.slot(0x7000, 3);
    for (int level = 0; level < 3; ++level) write_initial(tables.slot(0x7000, level));
    const auto c = arm::smmu::encode(usual_cd(tables.root()));
    const auto s = arm::smmu::encode(usual_ste(SteConfig::Stage1));
    store(kContexts, c);
    store(kStreamTable + 3 * 64, s);
    clean(kContexts);
    clean(kStreamTable + 3 * 64);
    dsb();
    begin();
  }
  void write_initial(std::uint64_t at) {
    store(at, word(at));
    clean(at);
  }
  void point(std::uint64_t pa) {
    store(leaf, arm::encode_leaf({.address = pa, .not_global = true}, {arm::Granule::K4}, 3));
  }
  Tables tables;
  std::uint64_t leaf = 0;
};

using Found = std::vector<std::string>;

}  // namespace

TEST_CASE("a mapping that a driver made, its dsb, and the doorbell of the device") {
  for (const bool completed : {false, true}) {
    Mapped rig;
    rig.point(kOld);
    if (completed) rig.dsb();
    rig.dma(0x7000);
    CHECK(rig.found() == (completed ? Found{} : Found{"SL104 of 1"}));
  }
}

TEST_CASE("tables that an SMMU without coherent walks reads have to be cleaned") {
  for (const bool coherent : {false, true}) {
    for (const bool cleaned : {false, true}) {
      CAPTURE(coherent, cleaned);
      Mapped rig(coherent);
      rig.point(kOld);
      if (cleaned) rig.clean(rig.leaf);
      rig.dsb();
      rig.dma(0x7000);
      CHECK(rig.found() == (coherent || cleaned ? Found{} : Found{"SL104 of 1"}));
    }
  }
}

TEST_CASE("an unmapped page is used until TLBI and CMD_SYNC are done") {
  enum Step { Invalidate, Sync, Await, None };
  for (const Step missing : {Invalidate, Sync, Await, None}) {
    CAPTURE(missing);
    Mapped rig;
    rig.point(kOld);
    rig.dsb();
    rig.dma(0x7000);
    rig.store(rig.leaf, 0);
    rig.dsb();
    std::vector<Command> commands;
    if (missing != Invalidate) commands.push_back({.opcode = Opcode::TLBI_NH_VA, .asid = 1, .address = 0x7000});
    if (missing != Sync) commands.push_back({.opcode = Opcode::SYNC});
    rig.issue(commands);
    if (missing != Sync && missing != Await) rig.await_sync();
    rig.dma(0x7000);
    const Found found = rig.found();
    if (missing == None) {
      CHECK(found == Found{"SL607 of 1"});  // nothing maps the page any more
    } else {
      CHECK(std::count(found.begin(), found.end(), "SL104 of 1") == 1);
    }
  }
}

TEST_CASE("commands and structures that an SMMU without coherent accesses reads have to be cleaned") {
  for (const bool coherent : {false, true}) {
    for (const bool cleaned : {false, true}) {
      CAPTURE(coherent, cleaned);
      Judged rig(coherent);
      rig.begin();
      rig.issue({{.opcode = Opcode::SYNC}}, cleaned);
      CHECK(rig.found().empty() == (coherent || cleaned));
      if (!coherent && !cleaned) CHECK(rig.found()[0] == "SL101 of 7");
    }
  }
}

}  // namespace staleline::smmu_rig
