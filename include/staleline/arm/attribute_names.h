// SPDX-License-Identifier: Apache-2.0
// Memory attributes by name, as a scenario writes them: `device-ngnre`, `normal-wb`,
// `normal-wb/nc` (inner/outer), and shareability `nsh`, `ish`, `osh`.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "staleline/arm/attributes.h"

namespace staleline::arm {

/// Every valid attribute name, Device first, in a fixed order.
[[nodiscard]] std::span<const std::string_view> memory_attribute_names();
/// Every valid shareability name: nsh, ish, osh.
[[nodiscard]] std::span<const std::string_view> shareability_names();

/// The attributes of a name; empty for any other text. Cacheable Normal memory gets read and write
/// allocation, not transient (MAIR 0xFF, 0xBB). Shareability is Inner Shareable for Normal memory with a
/// cacheable half and Outer Shareable else, until the caller sets it.
[[nodiscard]] std::optional<MemoryAttributes> parse_memory_attributes(std::string_view name);
[[nodiscard]] std::optional<Shareability> parse_shareability(std::string_view name);

/// The name of the type and cacheability; hints, shareability, tag and XS have no part in it.
[[nodiscard]] std::string_view spell(const MemoryAttributes& a);
[[nodiscard]] std::string_view spell(Shareability s);

}  // namespace staleline::arm
