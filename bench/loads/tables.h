// SPDX-License-Identifier: Apache-2.0
// Translation tables of the standard load `tlb`: stage 1, pages of 4 KiB, for the regions of all PEs.
#pragma once

#include <cstdint>
#include <span>

#include "staleline/arm/translation.h"
#include "staleline/event/event.h"

namespace staleline::loads {

inline constexpr std::uint64_t kTables = 0x7ff0'0000;  ///< PA of the root; the next two levels follow
inline constexpr std::uint64_t kTableBytes = 3 * 4096;
inline constexpr std::uint64_t kToPhysical = 0x4000'0000;  ///< PA minus VA
inline constexpr std::int8_t kRootLevel = 1;

/// The registers of EL1 that walk them.
[[nodiscard]] arm::TranslationRegisters table_registers();
/// How their walks go.
[[nodiscard]] event::Path walk_path();
/// What memory holds of a line of them: one table a level, the last maps `bytes` from PA `base`.
void table_line(std::uint64_t base, std::uint64_t bytes, std::uint64_t line, std::span<std::uint8_t, 64> to);

}  // namespace staleline::loads
