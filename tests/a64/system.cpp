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

TEST_CASE("immediates change the bits of one field of PSTATE") {
  struct Row {
    const char* text;
    SystemRegister in;
    std::uint64_t mask, value;
  };
  const Row rows[] = {
      {"msr daifset, #2", SystemRegister::DAIF, 0x80, 0x80},    {"msr daifclr, #15", SystemRegister::DAIF, 0x3c0, 0},
      {"msr spsel, #1", SystemRegister::SPSel, 1, 1},           {"msr spsel, #0", SystemRegister::SPSel, 1, 0},
      {"msr pan, #1", SystemRegister::PAN, 1U << 22, 1U << 22}, {"msr uao, #0", SystemRegister::UAO, 1U << 23, 0},
      {"msr dit, #1", SystemRegister::DIT, 1U << 24, 1U << 24}};
  for (const Row& row : rows) {
    INFO(row.text);
    const Step step = step_of(row.text);
    CHECK(step.what == Step::What::WriteSystem);
    CHECK(step.system_register == row.in);
    CHECK(step.mask == row.mask);
    CHECK((step.value & step.mask) == row.value);
  }
  CHECK(step_of("msr daif, x0").mask == ~std::uint64_t{0});
}

TEST_CASE("the condition flags are registers of their own") {
  Registers r;
  r.x[1] = 0xa000'0000;
  const Registers written = executed("msr nzcv, x1", r);
  CHECK((written.n && !written.z && written.c && !written.v));
  CHECK(executed("mrs x0, nzcv", written).x[0] == 0xa000'0000);
  CHECK(executed("cmp xzr, xzr\nmrs x0, nzcv").x[0] == 0x6000'0000);
}

TEST_CASE("calls, returns, events") {
  const std::tuple<const char*, ExceptionCall> calls[] = {{"svc #7", ExceptionCall::SVC},
                                                          {"hvc #7", ExceptionCall::HVC},
                                                          {"smc #7", ExceptionCall::SMC},
                                                          {"brk #7", ExceptionCall::BRK}};
  for (const auto& [text, call] : calls) {
    const Step step = step_of(text);
    CHECK(step.what == Step::What::ExceptionCall);
    CHECK(step.call == call);
    CHECK(step.value == 7);
    CHECK(step.next == kDefaultCode + 4);
  }
  CHECK(step_of("eret").what == Step::What::ExceptionReturn);
  CHECK(step_of("wfe").what == Step::What::WaitForEvent);
  CHECK(step_of("wfi").what == Step::What::WaitForInterrupt);
  CHECK(step_of("sev").what == Step::What::SendEvent);
  CHECK_FALSE(step_of("sev").local);
  CHECK(step_of("sevl").local);
}

TEST_CASE("maintenance by set and way has its operand in a register") {
  Registers r;
  r.x[3] = 0x1000'0042;
  const std::pair<const char*, arm::CacheOp> rows[] = {{"dc isw, x3", arm::CacheOp::DC_ISW},
                                                       {"dc csw, x3", arm::CacheOp::DC_CSW},
                                                       {"dc cisw, x3", arm::CacheOp::DC_CISW}};
  for (const auto& [text, op] : rows) {
    const MemoryRequest request = step_of(text, r).memory;
    CHECK(request.kind == MemoryRequest::Kind::Cache);
    CHECK(request.op == op);
    CHECK(request.data[0] == 0x1000'0042);
    CHECK(request.address.value == 0);
  }
}
