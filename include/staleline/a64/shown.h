// SPDX-License-Identifier: Apache-2.0
// What the user wrote, made fit for one line of a message: readable, unambiguous, not too long.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace staleline::a64 {

/// How many bytes the UTF-8 character at the start of `text` has; 0 where there is none.
[[nodiscard]] std::size_t character_length(std::string_view text);

/// `text` between backticks, cut after about `longest` bytes. Control characters, bytes that are no UTF-8 and
/// characters that cannot be seen are escaped; the first character beyond ASCII is named after it, as in "`０`
/// (U+FF10)".
[[nodiscard]] std::string shown(std::string_view text, std::size_t longest);

}  // namespace staleline::a64
