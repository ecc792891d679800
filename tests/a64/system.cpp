// SPDX-License-Identifier: Apache-2.0
// Cache maintenance, barriers, system registers.
#include "harness.h"

using namespace staleline;
using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

Step step_of(const std::string& text, Registers registers = {}) {
  Registers after;
  return issue(program_of(text), 0, registers, after);
}

}  // namespace

TEST_CASE("maintenance by register, by address and by range") {
  Registers r;
  r.x[3] = 0x1234;
  const MemoryRequest by_register = step_of("dc cvac, x3", r).memory;
  CHECK(by_register.kind == MemoryRequest::Kind::Cache);
  CHECK(by_register.op == arm::CacheOp::DC_CVAC);
  CHECK(by_register.address.value == 0x1234);
  CHECK(by_register.range_bytes == 0);

  const std::tuple<const char*, std::uint64_t, std::uint64_t> rows[] = {
      {"dc civac, buf+72", 0x8000'0048, 0},      {"dc civac, buf[..]", 0x8000'0000, 256},
      {"dc civac, buf[64..]", 0x8000'0040, 192}, {"dc civac, buf[..8]", 0x8000'0000, 8},
      {"dc civac, buf[60..68]", 0x8000'003c, 8}, {"dc civac, line", 0x9000'0000, 64},
      {"DC CIVAC, buf + 0x40", 0x8000'0040, 0}};
  for (const auto& [text, address, bytes] : rows) {
    INFO(text);
    const Step step = step_of(text);
    CHECK(step.what == Step::What::Memory);
    CHECK(step.memory.op == arm::CacheOp::DC_CIVAC);
    CHECK(step.memory.address.value == address);
    CHECK(step.memory.range_bytes == bytes);
  }
}

TEST_CASE("every operation of dc and ic") {
  const std::pair<const char*, arm::CacheOp> rows[] = {
      {"dc ivac, x1", arm::CacheOp::DC_IVAC},     {"dc cvac, x1", arm::CacheOp::DC_CVAC},
      {"dc cvau, x1", arm::CacheOp::DC_CVAU},     {"dc cvap, x1", arm::CacheOp::DC_CVAP},
      {"dc civac, x1", arm::CacheOp::DC_CIVAC},   {"dc zva, x1", arm::CacheOp::DC_ZVA},
      {"ic iallu", arm::CacheOp::IC_IALLU},       {"ic ialluis", arm::CacheOp::IC_IALLUIS},
      {"ic ivau, buf[..]", arm::CacheOp::IC_IVAU}};
  for (const auto& [text, op] : rows) {
    INFO(text);
    CHECK(step_of(text).memory.op == op);
  }
  CHECK(step_of("dc zva, line").memory.range_bytes == 0);
}

TEST_CASE("barriers have a kind, a domain and the accesses that they order") {
  using enum arm::BarrierDomain;
  using enum arm::BarrierAccess;
  struct Row {
    const char* option;
    unsigned crm;
    arm::BarrierDomain domain;
    arm::BarrierAccess access;
  };
  const Row rows[] = {{"oshld", 1, OSH, LD}, {"oshst", 2, OSH, ST}, {"osh", 3, OSH, All},  {"nshld", 5, NSH, LD},
                      {"nshst", 6, NSH, ST}, {"nsh", 7, NSH, All},  {"ishld", 9, ISH, LD}, {"ishst", 10, ISH, ST},
                      {"ish", 11, ISH, All}, {"ld", 13, SY, LD},    {"st", 14, SY, ST},    {"sy", 15, SY, All}};
  for (const Row& row : rows) {
    for (const std::string& option : {std::string(row.option), "#" + std::to_string(row.crm)}) {
      for (const bool dsb : {false, true}) {
        const Step step = step_of((dsb ? "dsb " : "dmb ") + option);
        CHECK(step.what == Step::What::Barrier);
        CHECK(step.barrier ==
              arm::Barrier{dsb ? arm::BarrierKind::DSB : arm::BarrierKind::DMB, row.domain, row.access});
      }
    }
  }
  CHECK(step_of("isb").barrier.kind == arm::BarrierKind::ISB);
  CHECK(step_of("isb sy").barrier.kind == arm::BarrierKind::ISB);
}

TEST_CASE("system registers are written and read by the sequencer") {
  Registers r;
  r.x[4] = 0x1005;
  const Step write = step_of("msr sctlr_el1, x4", r);
  CHECK(write.what == Step::What::WriteSystem);
  CHECK(write.system_register == SystemRegister::SCTLR_EL1);
  CHECK(write.value == 0x1005);
  const Program program = program_of("mrs x5, CTR_EL0");
  const Step read = issue(program, 0, r, r);
  CHECK(read.what == Step::What::ReadSystem);
  CHECK(read.system_register == SystemRegister::CTR_EL0);
  complete(program, 0, {0x8444'c004, 0}, r);
  CHECK(r.x[5] == 0x8444'c004);
}
