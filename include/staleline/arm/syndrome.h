// SPDX-License-Identifier: Apache-2.0
// What an exception leaves in registers: ESR_ELx, HPFAR_EL2, and PAR_EL1 of an address translation instruction
// (DDI 0487 D17.2.37, D17.2.51, D17.2.115). FAR_ELx is TranslationFault::va.
#pragma once

#include <cstdint>
#include <optional>

#include "staleline/arm/translation.h"

namespace staleline::arm {

/// ESR_ELx.EC.
enum class ExceptionClass : std::uint8_t {
  Unknown = 0x00,
  WFx = 0x01,
  IllegalState = 0x0e,
  SVC = 0x15,
  HVC = 0x16,
  SMC = 0x17,
  SystemRegister = 0x18,
  InstructionAbortLower = 0x20,  ///< from a lower Exception level
  InstructionAbort = 0x21,
  PCAlignment = 0x22,
  DataAbortLower = 0x24,
  DataAbort = 0x25,
  SPAlignment = 0x26,
  SError = 0x2f,
  BRK = 0x3c,
};

/// EC, IL (of 32-bit instructions) and ISS.
[[nodiscard]] constexpr std::uint64_t esr(ExceptionClass ec, std::uint32_t iss = 0) {
  return std::uint64_t{static_cast<std::uint8_t>(ec)} << 26 | std::uint64_t{1} << 25 | (iss & 0x1ff'ffff);
}
[[nodiscard]] constexpr ExceptionClass exception_class(std::uint64_t esr) {
  return static_cast<ExceptionClass>(esr >> 26 & 0x3f);
}

/// DFSC, IFSC and PAR_EL1.FST: six bits of what went wrong and at which level.
[[nodiscard]] std::uint8_t fault_status(TranslationFaultType type, int level);
struct FaultStatus {
  TranslationFaultType type = TranslationFaultType::Translation;
  std::int8_t level = 0;
  friend constexpr bool operator==(FaultStatus, FaultStatus) = default;
};
/// The inverse; empty for a code that fault_status never gives.
[[nodiscard]] std::optional<FaultStatus> decode_fault_status(std::uint8_t code);

/// ISS[24:14] of a stage 2 data abort of a single load or store of a general-purpose register: lets a hypervisor
/// emulate it.
struct InstructionSyndrome {
  std::uint8_t size_log2 = 0;    ///< SAS
  bool sign_extend = false;      ///< SSE
  std::uint8_t rt = 0;           ///< SRT
  bool sixty_four = false;       ///< SF
  bool acquire_release = false;  ///< AR
};

/// ESR_ELx of an abort. `lower`: taken from a lower Exception level. `instruction` counts for stage 2 data aborts that
/// are not of a stage 1 walk.
[[nodiscard]] std::uint64_t abort_esr(const TranslationFault& f, bool lower,
                                      const std::optional<InstructionSyndrome>& instruction = std::nullopt);

/// HPFAR_EL2 of a stage 2 fault: FIPA.
[[nodiscard]] constexpr std::uint64_t hpfar(const TranslationFault& f) {
  return (f.ipa.value >> 12 & 0xff'ffff'ffff) << 4;
}
/// True where the architecture defines HPFAR_EL2: stage 2, but for a Permission or Alignment fault of the access
/// itself.
[[nodiscard]] constexpr bool hpfar_valid(const TranslationFault& f) {
  using Type = TranslationFaultType;
  return f.stage == 2 && (f.type == Type::Translation || f.type == Type::AddressSize || f.type == Type::AccessFlag ||
                          (f.type == Type::Permission && f.s1ptw));
}

/// PAR_EL1 of an AT that succeeded: PA, ATTR, SH; NS is set.
[[nodiscard]] std::uint64_t par(const TranslationResult& t);
/// PAR_EL1 of an AT that failed: F, FST, PTW, S.
[[nodiscard]] std::uint64_t par(const TranslationFault& f);

}  // namespace staleline::arm
