// SPDX-License-Identifier: Apache-2.0
// The table of system registers, and finding one by name or by encoding.
#include "staleline/arm/system_registers.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace staleline::arm {

namespace {

using Access = RegisterAccess;
using Kind = RegisterKind;
using R = SystemRegister;

constexpr auto kRW = Access::ReadWrite, kRO = Access::ReadOnly, kWO = Access::WriteOnly;
constexpr auto kFunctional = Kind::Functional, kStored = Kind::Stored, kConstant = Kind::Constant;

constexpr std::uint64_t kSctlrEl1Res1 = 0x30d0'0800, kSctlrEl2Res1 = 0x30c5'0830;
constexpr std::uint64_t kCptrEl2Res1 = 0x33ff;
constexpr std::uint64_t kMasked = 0x3c0;  // D, A, I and F of DAIF
constexpr std::uint64_t kCurrentEl1 = 1U << 2U;
constexpr std::uint64_t kMpidrRes1 = 0x8000'0000;
constexpr std::uint64_t kCortexA57 = 0x411f'd070;
constexpr std::uint64_t kCounterFrequency = 62'500'000;

constexpr auto kTable = std::to_array<SystemRegisterInfo>({
    {R::SCTLR_EL1, "SCTLR_EL1", {3, 0, 1, 0, 0}, kRW, kFunctional, 1, kSctlrEl1Res1},
    {R::ACTLR_EL1, "ACTLR_EL1", {3, 0, 1, 0, 1}, kRW, kStored, 1, 0},
    {R::CPACR_EL1, "CPACR_EL1", {3, 0, 1, 0, 2}, kRW, kStored, 1, 0},
    {R::TTBR0_EL1, "TTBR0_EL1", {3, 0, 2, 0, 0}, kRW, kFunctional, 1, 0},
    {R::TTBR1_EL1, "TTBR1_EL1", {3, 0, 2, 0, 1}, kRW, kFunctional, 1, 0},
    {R::TCR_EL1, "TCR_EL1", {3, 0, 2, 0, 2}, kRW, kFunctional, 1, 0},
    {R::MAIR_EL1, "MAIR_EL1", {3, 0, 10, 2, 0}, kRW, kFunctional, 1, 0},
    {R::AMAIR_EL1, "AMAIR_EL1", {3, 0, 10, 3, 0}, kRW, kStored, 1, 0},
    {R::CONTEXTIDR_EL1, "CONTEXTIDR_EL1", {3, 0, 13, 0, 1}, kRW, kStored, 1, 0},
    {R::PAR_EL1, "PAR_EL1", {3, 0, 7, 4, 0}, kRW, kFunctional, 1, 0},
    {R::ESR_EL1, "ESR_EL1", {3, 0, 5, 2, 0}, kRW, kFunctional, 1, 0},
    {R::FAR_EL1, "FAR_EL1", {3, 0, 6, 0, 0}, kRW, kFunctional, 1, 0},
    {R::AFSR0_EL1, "AFSR0_EL1", {3, 0, 5, 1, 0}, kRW, kStored, 1, 0},
    {R::AFSR1_EL1, "AFSR1_EL1", {3, 0, 5, 1, 1}, kRW, kStored, 1, 0},
    {R::ELR_EL1, "ELR_EL1", {3, 0, 4, 0, 1}, kRW, kFunctional, 1, 0},
    {R::SPSR_EL1, "SPSR_EL1", {3, 0, 4, 0, 0}, kRW, kFunctional, 1, 0},
    {R::VBAR_EL1, "VBAR_EL1", {3, 0, 12, 0, 0}, kRW, kStored, 1, 0},
    {R::ISR_EL1, "ISR_EL1", {3, 0, 12, 1, 0}, kRO, kConstant, 1, 0},
    {R::SP_EL0, "SP_EL0", {3, 0, 4, 1, 0}, kRW, kStored, 1, 0},
    {R::SP_EL1, "SP_EL1", {3, 4, 4, 1, 0}, kRW, kStored, 2, 0},
    {R::TPIDR_EL0, "TPIDR_EL0", {3, 3, 13, 0, 2}, kRW, kStored, 0, 0},
    {R::TPIDRRO_EL0, "TPIDRRO_EL0", {3, 3, 13, 0, 3}, kRW, kStored, 0, 0},
    {R::TPIDR_EL1, "TPIDR_EL1", {3, 0, 13, 0, 4}, kRW, kStored, 1, 0},

    {R::SCTLR_EL2, "SCTLR_EL2", {3, 4, 1, 0, 0}, kRW, kFunctional, 2, kSctlrEl2Res1},
    {R::ACTLR_EL2, "ACTLR_EL2", {3, 4, 1, 0, 1}, kRW, kStored, 2, 0},
    {R::HCR_EL2, "HCR_EL2", {3, 4, 1, 1, 0}, kRW, kFunctional, 2, 0},
    {R::HACR_EL2, "HACR_EL2", {3, 4, 1, 1, 7}, kRW, kStored, 2, 0},
    {R::MDCR_EL2, "MDCR_EL2", {3, 4, 1, 1, 1}, kRW, kStored, 2, 0},
    {R::CPTR_EL2, "CPTR_EL2", {3, 4, 1, 1, 2}, kRW, kStored, 2, kCptrEl2Res1},
    {R::HSTR_EL2, "HSTR_EL2", {3, 4, 1, 1, 3}, kRW, kStored, 2, 0},
    {R::TTBR0_EL2, "TTBR0_EL2", {3, 4, 2, 0, 0}, kRW, kFunctional, 2, 0},
    {R::TTBR1_EL2, "TTBR1_EL2", {3, 4, 2, 0, 1}, kRW, kFunctional, 2, 0},
    {R::TCR_EL2, "TCR_EL2", {3, 4, 2, 0, 2}, kRW, kFunctional, 2, 0},
    {R::VTTBR_EL2, "VTTBR_EL2", {3, 4, 2, 1, 0}, kRW, kFunctional, 2, 0},
    {R::VTCR_EL2, "VTCR_EL2", {3, 4, 2, 1, 2}, kRW, kFunctional, 2, 0},
    {R::MAIR_EL2, "MAIR_EL2", {3, 4, 10, 2, 0}, kRW, kFunctional, 2, 0},
    {R::AMAIR_EL2, "AMAIR_EL2", {3, 4, 10, 3, 0}, kRW, kStored, 2, 0},
    {R::CONTEXTIDR_EL2, "CONTEXTIDR_EL2", {3, 4, 13, 0, 1}, kRW, kStored, 2, 0},
    {R::ESR_EL2, "ESR_EL2", {3, 4, 5, 2, 0}, kRW, kFunctional, 2, 0},
    {R::FAR_EL2, "FAR_EL2", {3, 4, 6, 0, 0}, kRW, kFunctional, 2, 0},
    {R::HPFAR_EL2, "HPFAR_EL2", {3, 4, 6, 0, 4}, kRW, kFunctional, 2, 0},
    {R::AFSR0_EL2, "AFSR0_EL2", {3, 4, 5, 1, 0}, kRW, kStored, 2, 0},
    {R::AFSR1_EL2, "AFSR1_EL2", {3, 4, 5, 1, 1}, kRW, kStored, 2, 0},
    {R::ELR_EL2, "ELR_EL2", {3, 4, 4, 0, 1}, kRW, kFunctional, 2, 0},
    {R::SPSR_EL2, "SPSR_EL2", {3, 4, 4, 0, 0}, kRW, kFunctional, 2, 0},
    {R::VBAR_EL2, "VBAR_EL2", {3, 4, 12, 0, 0}, kRW, kStored, 2, 0},
    {R::SP_EL2, "SP_EL2", {3, 6, 4, 1, 0}, kRW, kStored, 3, 0},
    {R::TPIDR_EL2, "TPIDR_EL2", {3, 4, 13, 0, 2}, kRW, kStored, 2, 0},
    {R::VPIDR_EL2, "VPIDR_EL2", {3, 4, 0, 0, 0}, kRW, kStored, 2, kCortexA57},
    {R::VMPIDR_EL2, "VMPIDR_EL2", {3, 4, 0, 0, 5}, kRW, kStored, 2, kMpidrRes1},

    {R::CurrentEL, "CurrentEL", {3, 0, 4, 2, 2}, kRO, kFunctional, 1, kCurrentEl1},
    {R::SPSel, "SPSel", {3, 0, 4, 2, 0}, kRW, kStored, 1, 1},
    {R::DAIF, "DAIF", {3, 3, 4, 2, 1}, kRW, kFunctional, 0, kMasked},
    {R::NZCV, "NZCV", {3, 3, 4, 2, 0}, kRW, kFunctional, 0, 0},
    {R::PAN, "PAN", {3, 0, 4, 2, 3}, kRW, kFunctional, 1, 0},
    {R::UAO, "UAO", {3, 0, 4, 2, 4}, kRW, kStored, 1, 0},
    {R::DIT, "DIT", {3, 3, 4, 2, 5}, kRW, kStored, 0, 0},

    {R::CTR_EL0, "CTR_EL0", {3, 3, 0, 0, 1}, kRO, kConstant, 0, 0x8444'c004},
    {R::DCZID_EL0, "DCZID_EL0", {3, 3, 0, 0, 7}, kRO, kConstant, 0, 4},
    {R::MIDR_EL1, "MIDR_EL1", {3, 0, 0, 0, 0}, kRO, kConstant, 1, kCortexA57},
    {R::MPIDR_EL1, "MPIDR_EL1", {3, 0, 0, 0, 5}, kRO, kConstant, 1, kMpidrRes1},
    {R::REVIDR_EL1, "REVIDR_EL1", {3, 0, 0, 0, 6}, kRO, kConstant, 1, 0},
    {R::AIDR_EL1, "AIDR_EL1", {3, 1, 0, 0, 7}, kRO, kConstant, 1, 0},
    {R::CLIDR_EL1, "CLIDR_EL1", {3, 1, 0, 0, 1}, kRO, kConstant, 1, 0x0a20'0023},
    {R::CSSELR_EL1, "CSSELR_EL1", {3, 2, 0, 0, 0}, kRW, kFunctional, 1, 0},
    {R::CCSIDR_EL1, "CCSIDR_EL1", {3, 1, 0, 0, 0}, kRO, kFunctional, 1, 0x701f'e00a},
    {R::ID_AA64PFR0_EL1, "ID_AA64PFR0_EL1", {3, 0, 0, 4, 0}, kRO, kConstant, 1, 0x2222},
    {R::ID_AA64PFR1_EL1, "ID_AA64PFR1_EL1", {3, 0, 0, 4, 1}, kRO, kConstant, 1, 0},
    {R::ID_AA64ZFR0_EL1, "ID_AA64ZFR0_EL1", {3, 0, 0, 4, 4}, kRO, kConstant, 1, 0},
    {R::ID_AA64SMFR0_EL1, "ID_AA64SMFR0_EL1", {3, 0, 0, 4, 5}, kRO, kConstant, 1, 0},
    {R::ID_AA64DFR0_EL1, "ID_AA64DFR0_EL1", {3, 0, 0, 5, 0}, kRO, kConstant, 1, 0x1030'5106},
    {R::ID_AA64DFR1_EL1, "ID_AA64DFR1_EL1", {3, 0, 0, 5, 1}, kRO, kConstant, 1, 0},
    {R::ID_AA64AFR0_EL1, "ID_AA64AFR0_EL1", {3, 0, 0, 5, 4}, kRO, kConstant, 1, 0},
    {R::ID_AA64AFR1_EL1, "ID_AA64AFR1_EL1", {3, 0, 0, 5, 5}, kRO, kConstant, 1, 0},
    {R::ID_AA64ISAR0_EL1, "ID_AA64ISAR0_EL1", {3, 0, 0, 6, 0}, kRO, kConstant, 1, 0x1'1120},
    {R::ID_AA64ISAR1_EL1, "ID_AA64ISAR1_EL1", {3, 0, 0, 6, 1}, kRO, kConstant, 1, 0},
    {R::ID_AA64ISAR2_EL1, "ID_AA64ISAR2_EL1", {3, 0, 0, 6, 2}, kRO, kConstant, 1, 0},
    {R::ID_AA64MMFR0_EL1, "ID_AA64MMFR0_EL1", {3, 0, 0, 7, 0}, kRO, kConstant, 1, 0x1124},
    {R::ID_AA64MMFR1_EL1, "ID_AA64MMFR1_EL1", {3, 0, 0, 7, 1}, kRO, kConstant, 1, 0},
    {R::ID_AA64MMFR2_EL1, "ID_AA64MMFR2_EL1", {3, 0, 0, 7, 2}, kRO, kConstant, 1, 0},
    {R::ID_AA64MMFR3_EL1, "ID_AA64MMFR3_EL1", {3, 0, 0, 7, 3}, kRO, kConstant, 1, 0},

    {R::CNTFRQ_EL0, "CNTFRQ_EL0", {3, 3, 14, 0, 0}, kRW, kStored, 0, kCounterFrequency},
    {R::CNTVCT_EL0, "CNTVCT_EL0", {3, 3, 14, 0, 2}, kRO, kFunctional, 0, 0},
    {R::CNTPCT_EL0, "CNTPCT_EL0", {3, 3, 14, 0, 1}, kRO, kFunctional, 0, 0},
    {R::CNTV_TVAL_EL0, "CNTV_TVAL_EL0", {3, 3, 14, 3, 0}, kRW, kStored, 0, 0},
    {R::CNTV_CTL_EL0, "CNTV_CTL_EL0", {3, 3, 14, 3, 1}, kRW, kStored, 0, 0},
    {R::CNTV_CVAL_EL0, "CNTV_CVAL_EL0", {3, 3, 14, 3, 2}, kRW, kStored, 0, 0},
    {R::CNTP_TVAL_EL0, "CNTP_TVAL_EL0", {3, 3, 14, 2, 0}, kRW, kStored, 0, 0},
    {R::CNTP_CTL_EL0, "CNTP_CTL_EL0", {3, 3, 14, 2, 1}, kRW, kStored, 0, 0},
    {R::CNTP_CVAL_EL0, "CNTP_CVAL_EL0", {3, 3, 14, 2, 2}, kRW, kStored, 0, 0},
    {R::CNTKCTL_EL1, "CNTKCTL_EL1", {3, 0, 14, 1, 0}, kRW, kStored, 1, 0},
    {R::CNTHCTL_EL2, "CNTHCTL_EL2", {3, 4, 14, 1, 0}, kRW, kStored, 2, 3},
    {R::CNTVOFF_EL2, "CNTVOFF_EL2", {3, 4, 14, 0, 3}, kRW, kStored, 2, 0},
    {R::CNTHP_TVAL_EL2, "CNTHP_TVAL_EL2", {3, 4, 14, 2, 0}, kRW, kStored, 2, 0},
    {R::CNTHP_CTL_EL2, "CNTHP_CTL_EL2", {3, 4, 14, 2, 1}, kRW, kStored, 2, 0},
    {R::CNTHP_CVAL_EL2, "CNTHP_CVAL_EL2", {3, 4, 14, 2, 2}, kRW, kStored, 2, 0},

    {R::PMCR_EL0, "PMCR_EL0", {3, 3, 9, 12, 0}, kRW, kStored, 0, 0},
    {R::PMCNTENSET_EL0, "PMCNTENSET_EL0", {3, 3, 9, 12, 1}, kRW, kStored, 0, 0},
    {R::PMCNTENCLR_EL0, "PMCNTENCLR_EL0", {3, 3, 9, 12, 2}, kRW, kStored, 0, 0},
    {R::PMOVSCLR_EL0, "PMOVSCLR_EL0", {3, 3, 9, 12, 3}, kRW, kStored, 0, 0},
    {R::PMSELR_EL0, "PMSELR_EL0", {3, 3, 9, 12, 5}, kRW, kStored, 0, 0},
    {R::PMCEID0_EL0, "PMCEID0_EL0", {3, 3, 9, 12, 6}, kRO, kConstant, 0, 0},
    {R::PMCEID1_EL0, "PMCEID1_EL0", {3, 3, 9, 12, 7}, kRO, kConstant, 0, 0},
    {R::PMCCNTR_EL0, "PMCCNTR_EL0", {3, 3, 9, 13, 0}, kRW, kStored, 0, 0},
    {R::PMXEVTYPER_EL0, "PMXEVTYPER_EL0", {3, 3, 9, 13, 1}, kRW, kStored, 0, 0},
    {R::PMXEVCNTR_EL0, "PMXEVCNTR_EL0", {3, 3, 9, 13, 2}, kRW, kStored, 0, 0},
    {R::PMUSERENR_EL0, "PMUSERENR_EL0", {3, 3, 9, 14, 0}, kRW, kStored, 0, 0},
    {R::PMOVSSET_EL0, "PMOVSSET_EL0", {3, 3, 9, 14, 3}, kRW, kStored, 0, 0},
    {R::PMCCFILTR_EL0, "PMCCFILTR_EL0", {3, 3, 14, 15, 7}, kRW, kStored, 0, 0},
    {R::PMINTENSET_EL1, "PMINTENSET_EL1", {3, 0, 9, 14, 1}, kRW, kStored, 1, 0},
    {R::PMINTENCLR_EL1, "PMINTENCLR_EL1", {3, 0, 9, 14, 2}, kRW, kStored, 1, 0},
    {R::MDSCR_EL1, "MDSCR_EL1", {2, 0, 0, 2, 2}, kRW, kStored, 1, 0},
    {R::OSLAR_EL1, "OSLAR_EL1", {2, 0, 1, 0, 4}, kWO, kStored, 1, 0},
    {R::OSLSR_EL1, "OSLSR_EL1", {2, 0, 1, 1, 4}, kRO, kConstant, 1, 0xa},
    {R::OSDLR_EL1, "OSDLR_EL1", {2, 0, 1, 3, 4}, kRW, kStored, 1, 0},
    {R::DBGBVR0_EL1, "DBGBVR0_EL1", {2, 0, 0, 0, 4}, kRW, kStored, 1, 0},
    {R::DBGBVR1_EL1, "DBGBVR1_EL1", {2, 0, 0, 1, 4}, kRW, kStored, 1, 0},
    {R::DBGBVR2_EL1, "DBGBVR2_EL1", {2, 0, 0, 2, 4}, kRW, kStored, 1, 0},
    {R::DBGBVR3_EL1, "DBGBVR3_EL1", {2, 0, 0, 3, 4}, kRW, kStored, 1, 0},
    {R::DBGBVR4_EL1, "DBGBVR4_EL1", {2, 0, 0, 4, 4}, kRW, kStored, 1, 0},
    {R::DBGBVR5_EL1, "DBGBVR5_EL1", {2, 0, 0, 5, 4}, kRW, kStored, 1, 0},
    {R::DBGBCR0_EL1, "DBGBCR0_EL1", {2, 0, 0, 0, 5}, kRW, kStored, 1, 0},
    {R::DBGBCR1_EL1, "DBGBCR1_EL1", {2, 0, 0, 1, 5}, kRW, kStored, 1, 0},
    {R::DBGBCR2_EL1, "DBGBCR2_EL1", {2, 0, 0, 2, 5}, kRW, kStored, 1, 0},
    {R::DBGBCR3_EL1, "DBGBCR3_EL1", {2, 0, 0, 3, 5}, kRW, kStored, 1, 0},
    {R::DBGBCR4_EL1, "DBGBCR4_EL1", {2, 0, 0, 4, 5}, kRW, kStored, 1, 0},
    {R::DBGBCR5_EL1, "DBGBCR5_EL1", {2, 0, 0, 5, 5}, kRW, kStored, 1, 0},
    {R::DBGWVR0_EL1, "DBGWVR0_EL1", {2, 0, 0, 0, 6}, kRW, kStored, 1, 0},
    {R::DBGWVR1_EL1, "DBGWVR1_EL1", {2, 0, 0, 1, 6}, kRW, kStored, 1, 0},
    {R::DBGWVR2_EL1, "DBGWVR2_EL1", {2, 0, 0, 2, 6}, kRW, kStored, 1, 0},
    {R::DBGWVR3_EL1, "DBGWVR3_EL1", {2, 0, 0, 3, 6}, kRW, kStored, 1, 0},
    {R::DBGWCR0_EL1, "DBGWCR0_EL1", {2, 0, 0, 0, 7}, kRW, kStored, 1, 0},
    {R::DBGWCR1_EL1, "DBGWCR1_EL1", {2, 0, 0, 1, 7}, kRW, kStored, 1, 0},
    {R::DBGWCR2_EL1, "DBGWCR2_EL1", {2, 0, 0, 2, 7}, kRW, kStored, 1, 0},
    {R::DBGWCR3_EL1, "DBGWCR3_EL1", {2, 0, 0, 3, 7}, kRW, kStored, 1, 0},
    {R::FPCR, "FPCR", {3, 3, 4, 4, 0}, kRW, kStored, 0, 0},
    {R::FPSR, "FPSR", {3, 3, 4, 4, 1}, kRW, kStored, 0, 0},
});

constexpr bool in_order() {
  for (std::size_t n = 0; n < kTable.size(); ++n)
    if (kTable[n].id != static_cast<SystemRegister>(n)) return false;
  return true;
}
static_assert(kTable.size() == kSystemRegisters && in_order());

constexpr char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool same_name(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) { return upper(x) == upper(y); });
}

/// S<op0>_<op1>_C<n>_C<m>_<op2>
std::optional<SystemEncoding> generic_encoding(std::string_view name) {
  struct Part {
    std::string_view before;
    unsigned most;
  };
  constexpr auto kParts = std::to_array<Part>({{"S", 3}, {"_", 7}, {"_C", 15}, {"_C", 15}, {"_", 7}});
  std::array<unsigned, 5> values{};
  for (std::size_t n = 0; n < kParts.size(); ++n) {
    const auto& [before, most] = kParts[n];
    if (!same_name(name.substr(0, before.size()), before)) return std::nullopt;
    name.remove_prefix(before.size());
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), values[n]);
    if (error != std::errc() || values[n] > most) return std::nullopt;
    name.remove_prefix(static_cast<std::size_t>(end - name.data()));
  }
  if (!name.empty()) return std::nullopt;
  return SystemEncoding(values[0], values[1], values[2], values[3], values[4]);
}

}  // namespace

std::span<const SystemRegisterInfo> system_registers() { return kTable; }

const SystemRegisterInfo& info_of(SystemRegister r) {
  return kTable[std::min(static_cast<std::size_t>(r), kTable.size() - 1)];
}

std::string_view name_of(SystemRegister r) { return info_of(r).name; }

std::string_view name_of(RegisterKind kind) {
  switch (kind) {
    case RegisterKind::Functional:
      return "functional";
    case RegisterKind::Stored:
      return "stored";
    case RegisterKind::Constant:
      return "constant";
  }
  return "";
}

std::optional<SystemRegister> system_register_at(SystemEncoding encoding) {
  const auto found = std::find_if(kTable.begin(), kTable.end(),
                                  [encoding](const SystemRegisterInfo& r) { return r.encoding == encoding; });
  return found == kTable.end() ? std::nullopt : std::optional(found->id);
}

std::optional<SystemRegister> system_register_named(std::string_view name) {
  const auto found = std::find_if(kTable.begin(), kTable.end(),
                                  [name](const SystemRegisterInfo& r) { return same_name(r.name, name); });
  if (found != kTable.end()) return found->id;
  const auto encoding = generic_encoding(name);
  return encoding ? system_register_at(*encoding) : std::nullopt;
}

}  // namespace staleline::arm
