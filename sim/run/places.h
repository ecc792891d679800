// SPDX-License-Identifier: Apache-2.0
// Addresses by the names of the scenario: the innermost region of an address, ranges in its spelling.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "staleline/scenario/scenario.h"

namespace staleline::run {

/// Index of the innermost region that covers all of the range.
[[nodiscard]] std::optional<std::uint32_t> region_of(const scenario::Scenario& s, arm::PhysAddr begin,
                                                     std::uint64_t bytes = 1);
/// "image[0..64]", or numbers where no region covers it.
[[nodiscard]] std::string spelled_range(const scenario::Scenario& s, arm::PhysAddr begin, std::uint64_t bytes);

}  // namespace staleline::run
