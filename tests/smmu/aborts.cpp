// SPDX-License-Identifier: Apache-2.0
// External aborts of what the SMMU reads for itself, and of what devices read through it.
#include <catch2/catch.hpp>

#include "rig.h"
#include "staleline/interconnect/registers.h"

namespace staleline::smmu_rig {

namespace {

constexpr std::uint64_t kHole = 0x7000'0000;

struct Broken {
  Broken() {
    rig.engine.add(hole);
    rig.engine.configure(rig.interconnect.lookahead(), false);
  }
  Rig rig;
  interconnect::Hole hole{rig.interconnect, {kHole}, 0x1'0000, interconnect::Hole::Reply::ExternalAbort};
};

}  // namespace

TEST_CASE("7.3.4 an STE that cannot be fetched is F_STE_FETCH, with its address") {
  Broken b;
  b.rig.start();
  b.rig.set(Register::CR0, 0xc);
  b.rig.set(Register::STRTAB_BASE, kHole);
  b.rig.set(Register::CR0, 0xd);
  CHECK(b.rig.read(kData) == 0);
  const EventRecord e = b.rig.last_record(1);
  CHECK(e.type == EventType::F_STE_FETCH);
  CHECK(e.fetch_address == kHole + 3 * arm::smmu::kSteBytes);
}

TEST_CASE("7.3.10 a CD that cannot be fetched is F_CD_FETCH, with its address") {
  Broken b;
  auto s = Rig::usual_ste(SteConfig::Stage1);
  s.s1_context_ptr = {kHole};
  b.rig.ste(3, s);
  b.rig.start();
  CHECK(b.rig.read(0x1000) == 0);
  const EventRecord e = b.rig.last_record(1);
  CHECK(e.type == EventType::F_CD_FETCH);
  CHECK(e.fetch_address == kHole);
}

TEST_CASE("7.3.12 a descriptor that cannot be read is F_WALK_EABT, and no translation is kept of it") {
  Broken b;
  b.rig.cd(Rig::usual_cd(kHole));
  b.rig.ste(3, Rig::usual_ste(SteConfig::Stage1));
  b.rig.start();
  CHECK(b.rig.read(0x1000) == 0);
  const EventRecord e = b.rig.last_record(1);
  CHECK(e.type == EventType::F_WALK_EABT);
  CHECK(e.fetch_address == kHole);
  b.rig.read(0x1000);
  CHECK(b.rig.last_record(2).type == EventType::F_WALK_EABT);
}

TEST_CASE("3.5.5 a command that cannot be read stops the command queue with CERROR_ABT") {
  Broken b;
  b.rig.start();
  b.rig.set(Register::CR0, 0x4);
  b.rig.set(Register::CMDQ_BASE, kHole | b.rig.queue_log2);
  b.rig.set(Register::CR0, 0xd);
  b.rig.set(Register::CMDQ_PROD, 1);
  namespace reg = arm::smmu;
  CHECK(reg::get(b.rig.reg(Register::CMDQ_CONS), reg::cmdq_cons::ERR) ==
        static_cast<std::uint64_t>(reg::CommandError::Abort));
  CHECK((b.rig.reg(Register::GERROR) & 1) != (b.rig.reg(Register::GERRORN) & 1));
}

TEST_CASE("3.12 a device learns that its own access was aborted behind the SMMU") {
  Broken b;
  b.rig.ste(3, Rig::usual_ste(SteConfig::Bypass));
  b.rig.start();
  CHECK(b.rig.transfer(false, kHole).failed);
  CHECK_FALSE(b.rig.transfer(false, kData).failed);
}

}  // namespace staleline::smmu_rig
