// SPDX-License-Identifier: Apache-2.0
// The register fields that change what an access is: SCTLR_EL1 (DDI 0487 D17.2.118) and
// HCR_EL2 (D17.2.48), from a register's value and back.
#pragma once

#include <cstdint>

namespace staleline::arm {

/// SCTLR_ELx fields that the model acts on; the reset value has all three clear.
struct SystemControl {
  bool m = false;  ///< bit 0: stage 1 translation on
  bool c = false;  ///< bit 2: data cacheable
  bool i = false;  ///< bit 12: instructions cacheable
  friend constexpr bool operator==(SystemControl, SystemControl) = default;
};

inline constexpr std::uint64_t kSctlrM = std::uint64_t{1} << 0;
inline constexpr std::uint64_t kSctlrC = std::uint64_t{1} << 2;
inline constexpr std::uint64_t kSctlrI = std::uint64_t{1} << 12;

[[nodiscard]] constexpr SystemControl system_control(std::uint64_t sctlr) {
  return {(sctlr & kSctlrM) != 0, (sctlr & kSctlrC) != 0, (sctlr & kSctlrI) != 0};
}
/// `sctlr` with the fields replaced; all other bits stay.
[[nodiscard]] constexpr std::uint64_t with_system_control(std::uint64_t sctlr, SystemControl s) {
  return (sctlr & ~(kSctlrM | kSctlrC | kSctlrI)) | (s.m ? kSctlrM : 0) | (s.c ? kSctlrC : 0) | (s.i ? kSctlrI : 0);
}

/// HCR_EL2 fields that change attributes in EL1&0.
struct HypervisorControl {
  bool vm = false;   ///< bit 0: stage 2 translation on
  bool dc = false;   ///< bit 12: default cacheability
  bool tge = false;  ///< bit 27: exceptions of EL0 go to EL2
  bool cd = false;   ///< bit 32: stage 2 data caches off
  bool id = false;   ///< bit 33: stage 2 instruction caches off
  bool fwb = false;  ///< bit 46: forced Write-Back
  bool dct = false;  ///< bit 57: default cacheability is tagged
  friend constexpr bool operator==(HypervisorControl, HypervisorControl) = default;
};

[[nodiscard]] constexpr HypervisorControl hypervisor_control(std::uint64_t hcr) {
  const auto bit = [hcr](unsigned n) { return (hcr >> n & 1) != 0; };
  return {bit(0), bit(12), bit(27), bit(32), bit(33), bit(46), bit(57)};
}
[[nodiscard]] constexpr std::uint64_t with_hypervisor_control(std::uint64_t hcr, HypervisorControl h) {
  const auto set = [&hcr](unsigned n, bool value) {
    hcr = (hcr & ~(std::uint64_t{1} << n)) | (std::uint64_t{value} << n);
  };
  set(0, h.vm), set(12, h.dc), set(27, h.tge), set(32, h.cd), set(33, h.id), set(46, h.fwb), set(57, h.dct);
  return hcr;
}

/// Whether stage 1 of EL1&0 translates: SCTLR_EL1.M, unless EL2 is enabled with HCR_EL2.DC or TGE set.
[[nodiscard]] constexpr bool stage1_enabled_el10(SystemControl s, bool el2_enabled, HypervisorControl h) {
  return s.m && !(el2_enabled && (h.dc || h.tge));
}
/// Whether stage 2 of EL1&0 translates: HCR_EL2.VM, or DC, which implies it.
[[nodiscard]] constexpr bool stage2_enabled_el10(bool el2_enabled, HypervisorControl h) {
  return el2_enabled && (h.vm || h.dc);
}

}  // namespace staleline::arm
