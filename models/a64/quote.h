// SPDX-License-Identifier: Apache-2.0
// What the user wrote, made fit for one line of a message: printable and not too long.
#pragma once

#include <string>
#include <string_view>

namespace staleline::a64 {

[[nodiscard]] inline std::string quoted(std::string_view text) {
  constexpr std::size_t kLongest = 40;
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out = "`";
  for (const char c : text.substr(0, kLongest)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += "\\x";
      out += kDigits[byte >> 4];
      out += kDigits[byte & 15];
    }
  }
  if (text.size() > kLongest) out += "...";
  out += '`';
  return out;
}

}  // namespace staleline::a64
