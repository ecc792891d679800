// SPDX-License-Identifier: Apache-2.0
// What HCR_EL2 takes from EL1: registers that control virtual memory, and maintenance. Its trap fields are those of the
// agent at EL2 on this PE, who emulates the instruction and goes on behind it (ELR_EL2), or lets it be done again.
#include "core.h"
#include "staleline/arm/syndrome.h"

namespace staleline::pe {

namespace {

using R = arm::SystemRegister;
using What = Action::What;
using Op = arm::CacheOp;

constexpr unsigned kTsw = 22, kTpcp = 23, kTpu = 24, kTtlb = 25, kTvm = 26, kTdz = 28, kTrvm = 30, kTtlbis = 54,
                   kTtlbos = 55;

bool controls_virtual_memory(R r) {
  switch (r) {
    case R::SCTLR_EL1:
    case R::TTBR0_EL1:
    case R::TTBR1_EL1:
    case R::TCR_EL1:
    case R::ESR_EL1:
    case R::FAR_EL1:
    case R::AFSR0_EL1:
    case R::AFSR1_EL1:
    case R::MAIR_EL1:
    case R::AMAIR_EL1:
    case R::CONTEXTIDR_EL1:
      return true;
    default:
      return false;
  }
}

/// The field that traps it (DDI 0487 D17.2.48).
unsigned field_of(Op op) {
  switch (op) {
    case Op::DC_ISW:
    case Op::DC_CSW:
    case Op::DC_CISW:
      return kTsw;
    case Op::DC_CVAU:
    case Op::IC_IALLU:
    case Op::IC_IALLUIS:
    case Op::IC_IVAU:
      return kTpu;
    case Op::DC_ZVA:
      return kTdz;
    default:
      return kTpcp;
  }
}

/// As SYS instructions (DDI 0487 C5.3).
arm::SystemEncoding encoding_of(Op op) {
  switch (op) {
    case Op::DC_IVAC:
      return {1, 0, 7, 6, 1};
    case Op::DC_CVAC:
      return {1, 3, 7, 10, 1};
    case Op::DC_CVAU:
      return {1, 3, 7, 11, 1};
    case Op::DC_CVAP:
      return {1, 3, 7, 12, 1};
    case Op::DC_CIVAC:
      return {1, 3, 7, 14, 1};
    case Op::DC_ISW:
      return {1, 0, 7, 6, 2};
    case Op::DC_CSW:
      return {1, 0, 7, 10, 2};
    case Op::DC_CISW:
      return {1, 0, 7, 14, 2};
    case Op::DC_ZVA:
      return {1, 3, 7, 4, 1};
    case Op::IC_IALLU:
      return {1, 0, 7, 5, 0};
    case Op::IC_IALLUIS:
      return {1, 0, 7, 1, 0};
    case Op::IC_IVAU:
      return {1, 3, 7, 5, 1};
  }
  return {};
}

struct Trap {
  bool taken = false;
  arm::SystemEncoding encoding{};
  bool reads = false;
};

Trap trap_of(const Action& a, std::uint64_t hcr) {
  const auto set = [hcr](unsigned field) { return (hcr >> field & 1) != 0; };
  switch (a.what) {
    case What::WriteSystem:
    case What::ReadSystem: {
      const bool reads = a.what == What::ReadSystem;
      return {set(reads ? kTrvm : kTvm) && controls_virtual_memory(a.system_register),
              arm::info_of(a.system_register).encoding, reads};
    }
    case What::Maintenance:
      return {set(field_of(a.operation)), encoding_of(a.operation), false};
    case What::Store:  // DC ZVA
      return {a.alignment == arm::kLineBytes && set(kTdz), encoding_of(Op::DC_ZVA), false};
    case What::Tlbi: {
      const auto e = arm::encode(a.tlbi);
      const bool inner = a.tlbi.reach == arm::TlbiReach::InnerShareable;
      const bool outer = a.tlbi.reach == arm::TlbiReach::OuterShareable;
      return {set(kTtlb) || (inner && set(kTtlbis)) || (outer && set(kTtlbos)), {1, e.op1, e.crn, e.crm, e.op2}, false};
    }
    default:
      return {};
  }
}

/// ISS of EC 0x18 (DDI 0487 D17.2.37).
std::uint32_t syndrome(const Trap& trap, unsigned rt) {
  const auto& e = trap.encoding;
  return e.op0() << 20 | e.op2() << 17 | e.op1() << 14 | e.crn() << 10 | rt << 5 | e.crm() << 1 |
         (trap.reads ? 1U : 0U);
}

}  // namespace

Pe::Core::Thread* Pe::Core::hypervisor_of(const Thread& t) {
  if (t.system.el() > 1 || !t.context.abort || !t.context.resume) return nullptr;
  for (Thread& other : threads_) {
    if (other.system.el() == 2) return &other;
  }
  return nullptr;
}

Pe::Core::Progress Pe::Core::emulate(Thread& t) {
  Thread* const guest = t.left;
  if (guest == nullptr) return Progress::Done;
  const What what = guest->sequencer.action().what;
  if (what == What::WriteSystem) system_write(*guest);
  if (what == What::ReadSystem) system_read(*guest);
  const bool done = what == What::WriteSystem || what == What::ReadSystem;
  if (done) guest->sequencer.finish(guest->response);
  t.system.write(R::ELR_EL2, (done ? guest->sequencer.address() : guest->sequencer.next_address()).value);
  return Progress::Done;
}

bool Pe::Core::trapped(Thread& t) {
  const Thread* const hypervisor = hypervisor_of(t);
  if (hypervisor == nullptr || t.progress != 0) return false;
  const Trap trap = trap_of(t.sequencer.action(), hypervisor->system.in_force(R::HCR_EL2));
  if (!trap.taken) return false;
  const auto& i = t.sequencer.instruction();
  const unsigned rt = i.opcode == a64::Opcode::MRS ? i.rd : i.rn;
  entry_ = 0;
  go_to_hypervisor(t, arm::esr(arm::ExceptionClass::SystemRegister, syndrome(trap, rt & 31)), nullptr);
  return true;
}

}  // namespace staleline::pe
