// SPDX-License-Identifier: Apache-2.0
// What the user wrote, at the length that the assembler's messages have room for.
#pragma once

#include <string>
#include <string_view>

#include "staleline/a64/shown.h"

namespace staleline::a64 {

[[nodiscard]] inline std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  return shown(text, kLongest);
}

}  // namespace staleline::a64
