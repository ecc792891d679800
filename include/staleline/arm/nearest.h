// SPDX-License-Identifier: Apache-2.0
// "Did you mean ...?": the valid name closest to what the user wrote.
#pragma once

#include <optional>
#include <span>
#include <string_view>

namespace staleline::arm {

/// The first of the `valid` names at the smallest edit distance from `found` (insertion, deletion,
/// substitution, transposition of neighbours; letter case is free). Empty where none lies within a third
/// of `found`'s length, at least one edit. Names of one letter suggest only on equality but for case.
[[nodiscard]] std::optional<std::string_view> nearest(std::string_view found, std::span<const std::string_view> valid);

}  // namespace staleline::arm
