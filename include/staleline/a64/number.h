// SPDX-License-Identifier: Apache-2.0
// The one number grammar of everything that a user writes: scenario files, programs, options.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace staleline::a64 {

/// A whole number: decimal or `0x` hexadecimal, `_` between digits, and optionally KiB, MiB or GiB
/// after at most one space ("64 MiB"). Refused: signs, leading zeros, anything above 2^64 - 1,
/// anything before or after the number.
/// Returns the value, or what is wrong with `text` as a phrase that quotes it.
[[nodiscard]] std::variant<std::uint64_t, std::string> parse_number(std::string_view text);

}  // namespace staleline::a64
