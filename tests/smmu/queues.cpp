// SPDX-License-Identifier: Apache-2.0
// Registers, the command queue, the event queue, CMD_SYNC.
#include <catch2/catch.hpp>

#include "rig.h"

namespace staleline::smmu_rig {

TEST_CASE("6.3 identification registers say what is implemented") {
  Rig rig({.coherent = true, .sid_bits = 8, .ssid_bits = 4});
  const std::uint64_t idr0 = rig.reg(Register::IDR0), idr1 = rig.reg(Register::IDR1);
  namespace smmu = arm::smmu;
  CHECK(smmu::get(idr0, smmu::idr0::S1P) == 1);
  CHECK(smmu::get(idr0, smmu::idr0::S2P) == 1);
  CHECK(smmu::get(idr0, smmu::idr0::TTF) == 2);
  CHECK(smmu::get(idr0, smmu::idr0::COHACC) == 1);
  CHECK(smmu::get(idr0, smmu::idr0::STALL_MODEL) == 1);
  CHECK(smmu::get(idr0, smmu::idr0::ST_LEVEL) == 1);
  CHECK(smmu::get(idr0, smmu::idr0::HTTU) == 0);
  CHECK(smmu::get(idr1, smmu::idr1::SIDSIZE) == 8);
  CHECK(smmu::get(idr1, smmu::idr1::SSIDSIZE) == 4);
  CHECK(smmu::get(rig.reg(Register::IDR5), smmu::idr5::OAS) == 5);
  rig.set(Register::IDR0, 0);
  CHECK(rig.reg(Register::IDR0) == idr0);
}

TEST_CASE("6.3.9 CR0 is acknowledged, and has no bits of what is not implemented") {
  Rig rig;
  rig.set(Register::CR0, 0xffff'ffff);
  CHECK(rig.reg(Register::CR0) == 0xd);
  CHECK(rig.reg(Register::CR0ACK) == 0xd);
  rig.set(Register::CR0, 0);
  CHECK(rig.reg(Register::CR0ACK) == 0);
  rig.set(Register::IRQ_CTRL, 7);
  CHECK(rig.reg(Register::IRQ_CTRLACK) == 7);
}

TEST_CASE("6.3 what is in use cannot be changed") {
  Rig rig;
  rig.start();
  const std::uint64_t cr1 = rig.reg(Register::CR1);
  rig.set(Register::CR1, 0);
  rig.set(Register::CR2, 7);
  rig.set(Register::STRTAB_BASE, 0x1'0000);
  rig.set(Register::STRTAB_BASE_CFG, 1);
  rig.set(Register::CMDQ_BASE, 0x1'0000);
  rig.set(Register::CMDQ_CONS, 3);
  rig.set(Register::EVENTQ_BASE, 0x1'0000);
  rig.set(Register::EVENTQ_PROD, 3);
  CHECK(rig.reg(Register::CR1) == cr1);
  CHECK(rig.reg(Register::CR2) == 0);
  CHECK(rig.reg(Register::STRTAB_BASE) == kStreamTable);
  CHECK(rig.reg(Register::STRTAB_BASE_CFG) == 4);
  CHECK(rig.reg(Register::CMDQ_BASE) == (kCommands | 4));
  CHECK(rig.reg(Register::CMDQ_CONS) == 0);
  CHECK(rig.reg(Register::EVENTQ_BASE) == (kRecords | 4));
  CHECK(rig.reg(Register::EVENTQ_PROD) == 0);
}

TEST_CASE("6.2 registers of 64 bits take halves, and reads see them") {
  Rig rig;
  const auto half = [&](std::uint64_t offset, std::uint32_t value) {
    interconnect::IoRequest w;
    w.write = true;
    w.address = {kRegisters + offset};
    w.size = 4;
    std::memcpy(w.data.data(), &value, 4);
    rig.driver.port->access(rig.now, w);
    rig.settle();
  };
  half(0x80, 0x8765'4340);
  half(0x84, 0x4000'0001);
  CHECK(rig.reg(Register::STRTAB_BASE) == 0x4000'0001'8765'4340);
  CHECK(rig.smmu.read_register(0x84, 4) == 0x4000'0001);
  half(0x3c, 5);  // nothing is there
  CHECK(rig.smmu.read_register(0x3c, 4) == 0);
  CHECK(rig.smmu.read_register(0x20, 1) == 0);
}

TEST_CASE("6.2 a driver reads registers over the interconnect") {
  Rig rig;
  interconnect::IoRequest r;
  r.address = {kRegisters};
  r.size = 8;
  std::uint64_t value = 0;
  rig.driver.done = [&](const interconnect::IoRequest& seen, Cycle) { std::memcpy(&value, seen.data.data(), 8); };
  rig.driver.port->access(0, r);
  rig.settle();
  CHECK(value == (rig.reg(Register::IDR0) | rig.reg(Register::IDR1) << 32));
}

TEST_CASE("every write of a register is a doorbell, received once") {
  Rig rig;
  rig.set(Register::CR1, 0);
  rig.set(Register::CR2, 0);
  const auto doorbells = rig.told(Kind::EdgeReceive, kSmmu);
  REQUIRE(doorbells.size() == 2);
  CHECK(doorbells[0].aux == kDoorbell.value);
  CHECK(doorbells[0].data[0] == 0);
  CHECK(doorbells[1].data[0] == 1);
  CHECK(doorbells[1].mechanism == event::Mechanism::Doorbell);
}

TEST_CASE("3.5 commands are read in order, told, and CONS follows with its wrap bit") {
  Rig rig;
  rig.queue_log2 = 2;
  rig.start();
  for (int round = 0; round < 5; ++round) {
    rig.queue({.opcode = Opcode::TLBI_NSNH_ALL});
    rig.queue({.opcode = Opcode::CFGI_STE_RANGE, .range = arm::smmu::kRangeAll});
    rig.sync();
    CHECK(rig.reg(Register::CMDQ_CONS) == rig.produced);
  }
  CHECK(rig.smmu.counters().commands == 15);
  const auto reads = rig.told(Kind::Read, kSmmu);
  REQUIRE(reads.size() == 15);
  for (std::size_t i = 0; i < reads.size(); ++i) {
    CHECK(reads[i].address.value == kCommands + i % 4 * 16);
    CHECK(reads[i].size == 16);
  }
  const auto tlbis = rig.told(Kind::Tlbi, kSmmu);
  REQUIRE(tlbis.size() == 10);
  CHECK(arm::name_of(arm::unpack_tlbi(tlbis[0].aux)) == "alle1");
  CHECK(tlbis[1].aux == (event::kSmmuConfiguration | 4));
  CHECK(tlbis[1].data[1] == arm::smmu::kRangeAll);
}

TEST_CASE("3.5 nothing is read while CMDQEN is clear") {
  Rig rig;
  rig.set(Register::CMDQ_BASE, kCommands | rig.queue_log2);
  rig.sync();
  CHECK(rig.smmu.counters().commands == 0);
  rig.set(Register::CR0, 8);
  CHECK(rig.smmu.counters().commands == 1);
  CHECK(rig.reg(Register::CMDQ_CONS) == 1);
}

TEST_CASE("7.1 a command error stops the queue until GERRORN acknowledges it") {
  Rig rig;
  rig.start();
  rig.queue({.opcode = Opcode::ATC_INV});
  rig.sync();
  namespace smmu = arm::smmu;
  CHECK(smmu::get(rig.reg(Register::GERROR), smmu::gerror::CMDQ_ERR) == 1);
  CHECK(smmu::get(rig.reg(Register::CMDQ_CONS), smmu::cmdq_cons::ERR) == 1);
  CHECK(smmu::get(rig.reg(Register::CMDQ_CONS), smmu::cmdq_cons::RD) == 0);
  CHECK(rig.told(Kind::Barrier).empty());
  // The driver replaces the command, then acknowledges.
  rig.put(kCommands, smmu::encode(Command{.opcode = Opcode::SYNC}));
  rig.set(Register::GERRORN, rig.reg(Register::GERROR));
  CHECK(rig.reg(Register::CMDQ_CONS) == 2);
  CHECK(rig.told(Kind::Barrier).size() == 2);
}

TEST_CASE("an SMMU stands still where nothing is under way or announced") {
  Rig rig;
  rig.settle();
  CHECK(rig.smmu.standing().ended);
  CHECK(rig.smmu.standing().agent == kSmmu);
  rig.set(Register::CR1, 0);
  CHECK(rig.smmu.standing().ended);
  interconnect::IoRequest r;
  r.address = {kData};
  rig.masters[0]->port->access(rig.now, r);
  CHECK_FALSE(rig.smmu.standing().ended);
  bool seen = false;
  while (rig.engine.run_window() != engine::kNever) seen = seen || !rig.smmu.standing().ended;
  CHECK(seen);
  CHECK(rig.smmu.standing().ended);
  rig.board.send(kDoorbell, rig.now);  // a store that has not arrived
  CHECK_FALSE(rig.smmu.standing().ended);
}

TEST_CASE("presets are writes that ring nothing") {
  Rig rig;
  rig.smmu.preset(0x80, 8, kStreamTable);
  rig.smmu.preset(0x20, 4, 1);
  CHECK(rig.reg(Register::STRTAB_BASE) == kStreamTable);
  CHECK(rig.reg(Register::CR0ACK) == 1);
  CHECK(rig.told(Kind::EdgeReceive).empty());
}

TEST_CASE("7.1 commands that are not implemented, reserved or Secure are illegal") {
  for (const Command& c :
       {Command{.opcode = Opcode::PRI_RESP}, Command{.opcode = Opcode::RESUME}, Command{.opcode = Opcode::STALL_TERM},
        Command{.opcode = Opcode::TLBI_EL3_ALL}, Command{.opcode = static_cast<Opcode>(0x99)},
        Command{.opcode = Opcode::CFGI_STE, .ssec = true}}) {
    Rig rig;
    rig.start();
    rig.command(c);
    CHECK(rig.reg(Register::GERROR) == 1);
  }
  for (const bool stage1 : {false, true}) {
    Rig rig({.stage1 = stage1, .stage2 = !stage1});
    rig.start();
    rig.command({.opcode = stage1 ? Opcode::TLBI_S2_IPA : Opcode::TLBI_NH_VA});
    CHECK(rig.reg(Register::GERROR) == 1);
  }
}

TEST_CASE("4.7.3 CMD_SYNC tells a barrier and the edge that a driver awaits") {
  Rig rig;
  rig.start();
  rig.sync();
  rig.sync();
  const auto barriers = rig.told(Kind::Barrier, kSmmu), sends = rig.told(Kind::EdgeSend, kSmmu);
  REQUIRE(barriers.size() == 2);
  REQUIRE(sends.size() == 2);
  CHECK(event::unpack_barrier(barriers[0].aux) == arm::Barrier{});
  CHECK(sends[1].aux == kSync.value);
  CHECK(sends[1].data[0] == 1);
  CHECK(sends[1].mechanism == event::Mechanism::Completion);
  CHECK(rig.board.visible(kSync, 1) != engine::kNever);
}

TEST_CASE("4.7.3 CMD_SYNC waits for accesses under way that used what was invalidated") {
  Rig rig;
  rig.ste(3, Rig::usual_ste(SteConfig::Bypass));
  rig.start();
  rig.read(kData);
  rig.log.events.clear();
  // Ten writes are on their way when the commands come.
  for (std::uint64_t i = 0; i < 10; ++i) {
    interconnect::IoRequest w;
    w.write = true;
    w.address = {kData + i * 64};
    w.size = 64;
    rig.masters[0]->port->access(rig.now, w);
  }
  rig.queue({.opcode = Opcode::CFGI_STE, .stream_id = 3});
  Cycle last = 0;
  rig.masters[0]->done = [&](const interconnect::IoRequest&, Cycle at) { last = at; };
  rig.sync();
  const auto barriers = rig.told(Kind::Barrier, kSmmu);
  REQUIRE(barriers.size() == 1);
  const auto writes = rig.told(Kind::Write, event::AgentId{1});
  REQUIRE(writes.size() == 40);
  // Those that used the STE as it was before are complete (at the SMMU: a link earlier than at the device).
  std::size_t before = 0;
  for (const Event& e : writes) before += event::SmmuConfiguration::unpack(e.aux).ste == 1 ? 1 : 0;
  CHECK(before > 0);
  CHECK(barriers[0].cycle + 8 + 1 >= writes[before - 1].cycle);
  CHECK(last != 0);
}

TEST_CASE("7.2 records are written in order, wrap, and overflow is flagged") {
  Rig rig;
  rig.queue_log2 = 1;
  rig.set(Register::CR2, 0);
  rig.start();
  const auto prod = [&] { return rig.reg(Register::EVENTQ_PROD); };
  rig.read(0x1000);  // STE.V is 0
  CHECK(prod() == 1);
  CHECK(rig.last_record(1).type == EventType::C_BAD_STE);
  rig.read(0x1000);
  CHECK(prod() == 2);
  rig.read(0x1000);
  CHECK(prod() == (2 | 1U << 31));
  CHECK(rig.smmu.counters().records_lost == 1);
  rig.read(0x1000);
  CHECK(prod() == (2 | 1U << 31));  // the flag has not been acknowledged
  rig.set(Register::EVENTQ_CONS, 2 | 1U << 31);
  rig.read(0x1000);
  CHECK(prod() == (3 | 1U << 31));
  const auto writes = rig.told(Kind::Write, kSmmu);
  REQUIRE(writes.size() == 6);
  CHECK(writes[0].address.value == kRecords);
  CHECK(writes[2].address.value == kRecords + 32);
  CHECK(writes[4].address.value == kRecords);
  CHECK(writes[0].size == 16);
  CHECK(rig.told(Kind::EdgeSend, kSmmu).size() == 3);
}

TEST_CASE("7.2 without EVENTQEN records are lost") {
  Rig rig;
  rig.set(Register::STRTAB_BASE, kStreamTable);
  rig.set(Register::STRTAB_BASE_CFG, 4);
  rig.set(Register::CR0, 1);
  CHECK(rig.read(0x1000) == 0);
  CHECK(rig.smmu.counters().records_lost == 1);
  CHECK(rig.told(Kind::Write, kSmmu).empty());
  CHECK(rig.told(Kind::Fault).size() == 1);
}

}  // namespace staleline::smmu_rig
