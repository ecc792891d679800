// SPDX-License-Identifier: Apache-2.0
// Which register is which, and what the running regime makes of them.
#include "system_state.h"

#include "staleline/arm/controls.h"

namespace staleline::pe {

namespace {

using R = arm::SystemRegister;

constexpr std::array kTranslation{R::SCTLR_EL1, R::TTBR0_EL1, R::TTBR1_EL1, R::TCR_EL1,   R::MAIR_EL1,
                                  R::SCTLR_EL2, R::HCR_EL2,   R::TTBR0_EL2, R::TTBR1_EL2, R::TCR_EL2,
                                  R::VTTBR_EL2, R::VTCR_EL2,  R::MAIR_EL2};

constexpr std::uint64_t kHcrE2H = std::uint64_t{1} << 34;

}  // namespace

std::span<const R> SystemState::translation_registers() { return kTranslation; }

SystemState::SystemState(std::uint8_t el) : el_(el) {
  for (const auto& info : arm::system_registers()) preset(info.id, info.reset);
}

void SystemState::preset(Register r, std::uint64_t value) { written_[index(r)] = in_force_[index(r)] = value; }

R SystemState::redirected(Register r) const {
  if (el_ < 2 || (in_force(R::HCR_EL2) & kHcrE2H) == 0) return r;
  switch (r) {  // DDI 0487 D8.12: the registers of EL1 that VHE redirects
    case R::SCTLR_EL1:
      return R::SCTLR_EL2;
    case R::CPACR_EL1:
      return R::CPTR_EL2;
    case R::TTBR0_EL1:
      return R::TTBR0_EL2;
    case R::TTBR1_EL1:
      return R::TTBR1_EL2;
    case R::TCR_EL1:
      return R::TCR_EL2;
    case R::MAIR_EL1:
      return R::MAIR_EL2;
    case R::AMAIR_EL1:
      return R::AMAIR_EL2;
    case R::CONTEXTIDR_EL1:
      return R::CONTEXTIDR_EL2;
    case R::ESR_EL1:
      return R::ESR_EL2;
    case R::FAR_EL1:
      return R::FAR_EL2;
    case R::AFSR0_EL1:
      return R::AFSR0_EL2;
    case R::AFSR1_EL1:
      return R::AFSR1_EL2;
    case R::ELR_EL1:
      return R::ELR_EL2;
    case R::SPSR_EL1:
      return R::SPSR_EL2;
    case R::VBAR_EL1:
      return R::VBAR_EL2;
    default:
      return r;
  }
}

void SystemState::write(Register r, std::uint64_t value) {
  written_[index(r)] = value;
  for (const Register t : kTranslation) {
    if (t == r) return;
  }
  in_force_[index(r)] = value;
}

mmu::Controls SystemState::controls() const {
  const auto c = arm::system_control(in_force(control()));
  return {c.m, c.c, c.i, el_ <= 1 && arm::hypervisor_control(in_force(R::HCR_EL2)).dc};
}

mmu::Controls SystemState::controls_written() const {
  const auto c = arm::system_control(written(control()));
  return {c.m, c.c, c.i, el_ <= 1 && arm::hypervisor_control(written(R::HCR_EL2)).dc};
}

arm::TranslationRegisters SystemState::translation_of(arm::Regime regime) const {
  const bool el1 = regime == arm::Regime::EL10;
  arm::TranslationRegisters t;
  t.sctlr = in_force(el1 ? R::SCTLR_EL1 : R::SCTLR_EL2);
  t.tcr = in_force(el1 ? R::TCR_EL1 : R::TCR_EL2);
  t.ttbr0 = in_force(el1 ? R::TTBR0_EL1 : R::TTBR0_EL2);
  t.ttbr1 = in_force(el1 ? R::TTBR1_EL1 : R::TTBR1_EL2);
  t.mair = in_force(el1 ? R::MAIR_EL1 : R::MAIR_EL2);
  t.hcr = in_force(R::HCR_EL2);
  t.vtcr = in_force(R::VTCR_EL2);
  t.vttbr = in_force(R::VTTBR_EL2);
  return t;
}

}  // namespace staleline::pe
