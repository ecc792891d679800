// SPDX-License-Identifier: Apache-2.0
// From STE and CD to the registers of a translation regime, which the table walk of PEs takes, and the rules that make
// a structure ILLEGAL (IHI 0070 5.2, 5.4).
#pragma once

#include <cstdint>

#include "staleline/arm/smmu_tables.h"
#include "staleline/arm/translation.h"

namespace staleline::smmu {

/// What of IDRn and CR2 the validity of STE and CD depends on.
struct Limits {
  std::uint8_t ssid_bits = 8;
  bool stage1 = true, stage2 = true;
  bool e2h = false;  ///< CR2.E2H: STRW EL2 is EL2&0
};

/// Everything that is implemented: 48 bit addresses, all granules, no hardware update of AF and dirty state.
[[nodiscard]] arm::TranslationFeatures features();

/// False: the STE is ILLEGAL and using it records C_BAD_STE.
[[nodiscard]] bool is_valid(const arm::smmu::Ste& ste, const Limits& limits);
/// False: the CD is ILLEGAL and using it records C_BAD_CD.
[[nodiscard]] bool is_valid(const arm::smmu::Cd& cd, const arm::smmu::Ste& ste, const Limits& limits);

[[nodiscard]] constexpr bool has_stage1(const arm::smmu::Ste& ste) {
  return ste.config == arm::smmu::SteConfig::Stage1 || ste.config == arm::smmu::SteConfig::Nested;
}
[[nodiscard]] constexpr bool has_stage2(const arm::smmu::Ste& ste) {
  return ste.config == arm::smmu::SteConfig::Stage2 || ste.config == arm::smmu::SteConfig::Nested;
}

struct Context {
  arm::Regime regime = arm::Regime::EL10;
  arm::TranslationRegisters registers{};
  bool ignore_access_flag = false;  ///< CD.AFFD or STE.S2AFFD: AF clear is no fault
};
/// `cd` null: stage 1 is off (stage 2 only, or a CD's address is being translated).
[[nodiscard]] Context context_of(const arm::smmu::Ste& ste, const arm::smmu::Cd* cd, const Limits& limits);

}  // namespace staleline::smmu
