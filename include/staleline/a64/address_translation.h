// SPDX-License-Identifier: Apache-2.0
// The address translation instructions: which stages, for which access, of which level (DDI 0487 C5.4).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace staleline::a64 {

/// One AT instruction; its result goes to PAR_EL1.
struct AddressTranslation {
  std::uint8_t el = 1;       ///< whose access: 0 and 1 in the EL1&0 regime (EL2&0 with E2H and TGE), 2 in that of EL2
  bool both_stages = false;  ///< S12: stage 2 too
  bool write = false;        ///< a write, otherwise a read
  bool with_pan = false;     ///< S1E1RP, S1E1WP: PSTATE.PAN counts
  friend constexpr bool operator==(const AddressTranslation&, const AddressTranslation&) = default;
};

[[nodiscard]] std::span<const AddressTranslation> all_address_translations();
/// The assembler's operation, lower case: "s12e1r".
[[nodiscard]] std::string_view name_of(const AddressTranslation& t);
/// The lowest Exception level that may execute it.
[[nodiscard]] constexpr unsigned lowest_el(const AddressTranslation& t) { return t.both_stages || t.el == 2 ? 2 : 1; }

}  // namespace staleline::a64
