// SPDX-License-Identifier: Apache-2.0
// The system registers that MSR and MRS name: encodings, access, and how much of each is modelled
// (DDI 0487 C5.1.2, C5.2, D19).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace staleline::arm {

/// Named as the architecture names them, in groups.
enum class SystemRegister : std::uint8_t {
  // Control, translation and exceptions of EL1.
  SCTLR_EL1,
  ACTLR_EL1,
  CPACR_EL1,
  TTBR0_EL1,
  TTBR1_EL1,
  TCR_EL1,
  MAIR_EL1,
  AMAIR_EL1,
  CONTEXTIDR_EL1,
  PAR_EL1,
  ESR_EL1,
  FAR_EL1,
  AFSR0_EL1,
  AFSR1_EL1,
  ELR_EL1,
  SPSR_EL1,
  VBAR_EL1,
  ISR_EL1,
  SP_EL0,
  SP_EL1,
  TPIDR_EL0,
  TPIDRRO_EL0,
  TPIDR_EL1,
  // The same of EL2, and what it controls of lower levels.
  SCTLR_EL2,
  ACTLR_EL2,
  HCR_EL2,
  HACR_EL2,
  MDCR_EL2,
  CPTR_EL2,
  HSTR_EL2,
  TTBR0_EL2,
  TTBR1_EL2,
  TCR_EL2,
  VTTBR_EL2,
  VTCR_EL2,
  MAIR_EL2,
  AMAIR_EL2,
  CONTEXTIDR_EL2,
  ESR_EL2,
  FAR_EL2,
  HPFAR_EL2,
  AFSR0_EL2,
  AFSR1_EL2,
  ELR_EL2,
  SPSR_EL2,
  VBAR_EL2,
  SP_EL2,
  TPIDR_EL2,
  VPIDR_EL2,
  VMPIDR_EL2,
  // Fields of PSTATE.
  CurrentEL,
  SPSel,
  DAIF,
  NZCV,
  PAN,
  UAO,
  DIT,
  // Identification.
  CTR_EL0,
  DCZID_EL0,
  MIDR_EL1,
  MPIDR_EL1,
  REVIDR_EL1,
  AIDR_EL1,
  CLIDR_EL1,
  CSSELR_EL1,
  CCSIDR_EL1,
  ID_AA64PFR0_EL1,
  ID_AA64PFR1_EL1,
  ID_AA64ZFR0_EL1,
  ID_AA64SMFR0_EL1,
  ID_AA64DFR0_EL1,
  ID_AA64DFR1_EL1,
  ID_AA64AFR0_EL1,
  ID_AA64AFR1_EL1,
  ID_AA64ISAR0_EL1,
  ID_AA64ISAR1_EL1,
  ID_AA64ISAR2_EL1,
  ID_AA64MMFR0_EL1,
  ID_AA64MMFR1_EL1,
  ID_AA64MMFR2_EL1,
  ID_AA64MMFR3_EL1,
  // The generic timer.
  CNTFRQ_EL0,
  CNTVCT_EL0,
  CNTPCT_EL0,
  CNTV_TVAL_EL0,
  CNTV_CTL_EL0,
  CNTV_CVAL_EL0,
  CNTP_TVAL_EL0,
  CNTP_CTL_EL0,
  CNTP_CVAL_EL0,
  CNTKCTL_EL1,
  CNTHCTL_EL2,
  CNTVOFF_EL2,
  CNTHP_TVAL_EL2,
  CNTHP_CTL_EL2,
  CNTHP_CVAL_EL2,
  // Performance monitors, debug, floating point.
  PMCR_EL0,
  PMCNTENSET_EL0,
  PMCNTENCLR_EL0,
  PMOVSCLR_EL0,
  PMSELR_EL0,
  PMCEID0_EL0,
  PMCEID1_EL0,
  PMCCNTR_EL0,
  PMXEVTYPER_EL0,
  PMXEVCNTR_EL0,
  PMUSERENR_EL0,
  PMOVSSET_EL0,
  PMCCFILTR_EL0,
  PMINTENSET_EL1,
  PMINTENCLR_EL1,
  MDSCR_EL1,
  OSLAR_EL1,
  OSLSR_EL1,
  OSDLR_EL1,
  DBGBVR0_EL1,
  DBGBVR1_EL1,
  DBGBVR2_EL1,
  DBGBVR3_EL1,
  DBGBVR4_EL1,
  DBGBVR5_EL1,
  DBGBCR0_EL1,
  DBGBCR1_EL1,
  DBGBCR2_EL1,
  DBGBCR3_EL1,
  DBGBCR4_EL1,
  DBGBCR5_EL1,
  DBGWVR0_EL1,
  DBGWVR1_EL1,
  DBGWVR2_EL1,
  DBGWVR3_EL1,
  DBGWCR0_EL1,
  DBGWCR1_EL1,
  DBGWCR2_EL1,
  DBGWCR3_EL1,
  FPCR,
  FPSR,
};
inline constexpr std::size_t kSystemRegisters = static_cast<std::size_t>(SystemRegister::FPSR) + 1;

/// op0, op1, CRn, CRm and op2 as they stand in MRS and MSR (register), bits [20:5].
struct SystemEncoding {
  std::uint16_t packed = 0;
  friend constexpr bool operator==(SystemEncoding, SystemEncoding) = default;
  constexpr SystemEncoding() = default;
  constexpr SystemEncoding(unsigned op0, unsigned op1, unsigned crn, unsigned crm, unsigned op2)
      : packed(static_cast<std::uint16_t>(op0 << 14 | op1 << 11 | crn << 7 | crm << 3 | op2)) {}
  [[nodiscard]] constexpr unsigned op0() const { return packed >> 14U & 3U; }
  [[nodiscard]] constexpr unsigned op1() const { return packed >> 11U & 7U; }
  [[nodiscard]] constexpr unsigned crn() const { return packed >> 7U & 15U; }
  [[nodiscard]] constexpr unsigned crm() const { return packed >> 3U & 15U; }
  [[nodiscard]] constexpr unsigned op2() const { return packed & 7U; }
};

enum class RegisterAccess : std::uint8_t { ReadWrite, ReadOnly, WriteOnly };

/// How much of a register is modelled.
enum class RegisterKind : std::uint8_t {
  Functional,  ///< what it controls or shows is modelled, at least in part
  Stored,      ///< keeps what is written, without effect
  Constant,    ///< reads the same always; writes, where permitted, are ignored
};

struct SystemRegisterInfo {
  SystemRegister id{};
  std::string_view name{};  ///< as the architecture spells it
  SystemEncoding encoding{};
  RegisterAccess access = RegisterAccess::ReadWrite;
  RegisterKind kind = RegisterKind::Stored;
  std::uint8_t lowest_el = 1;  ///< the lowest exception level that may name it, if nothing traps
  /// What it holds before anything is written, where the platform says nothing else. Where the architecture has
  /// an UNKNOWN value: 0 and the RES1 bits; of identification registers: those of a Cortex-A57.
  std::uint64_t reset = 0;
};

/// "functional", "stored", "constant".
[[nodiscard]] std::string_view name_of(RegisterKind kind);

/// All of them, in the order of the enumeration.
[[nodiscard]] std::span<const SystemRegisterInfo> system_registers();
[[nodiscard]] const SystemRegisterInfo& info_of(SystemRegister r);
[[nodiscard]] std::string_view name_of(SystemRegister r);
/// In any letter case; also the generic form S<op0>_<op1>_C<n>_C<m>_<op2> of one that has a name.
[[nodiscard]] std::optional<SystemRegister> system_register_named(std::string_view name);
[[nodiscard]] std::optional<SystemRegister> system_register_at(SystemEncoding encoding);

}  // namespace staleline::arm
