// SPDX-License-Identifier: Apache-2.0
// UTF-8 as it is shown in messages.
#include "staleline/a64/shown.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

namespace staleline::a64 {
namespace {

using Range = std::pair<char32_t, char32_t>;

/// Controls, spaces of other widths, joiners, direction marks, variation selectors, tags.
constexpr std::array<Range, 10> kUnseen = {{{0x80, 0xa0},
                                            {0xad, 0xad},
                                            {0x61c, 0x61c},
                                            {0x2000, 0x200f},
                                            {0x2028, 0x202f},
                                            {0x205f, 0x206f},
                                            {0x3000, 0x3000},
                                            {0xfe00, 0xfe0f},
                                            {0xfeff, 0xfeff},
                                            {0xe0000, 0x10ffff}}};

char32_t code_point(std::string_view character) {
  constexpr std::array<unsigned char, 5> kLead = {0, 0x7f, 0x1f, 0x0f, 0x07};
  char32_t value = static_cast<unsigned char>(character.front()) & kLead[character.size()];
  for (const char c : character.substr(1)) value = value << 6 | (static_cast<unsigned char>(c) & 0x3fU);
  return value;
}

}  // namespace

std::size_t character_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned lead = byte(0);
  if (text.empty()) return 0;
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : (lead >= 0xe0 ? 3 : 2);
  if (lead < 0xc2 || lead > 0xf4) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second >= 0xa0;
  return overlong || surrogate || (lead == 0xf4 && second >= 0x90) ? 0 : length;
}

std::string shown(std::string_view text, std::size_t longest) {
  std::string out = "`", name;
  std::size_t at = 0;
  while (at < text.size() && at < longest) {
    const std::size_t length = character_length(text.substr(at));
    const std::string_view character = text.substr(at, std::max<std::size_t>(length, 1));
    const auto byte = static_cast<unsigned char>(character.front());
    at += character.size();
    if (length == 1 && byte >= 0x20 && byte != 0x7f) {
      out += character;
    } else if (length <= 1) {
      out += fmt::format("\\x{:02x}", byte);
    } else {
      const auto value = static_cast<std::uint32_t>(code_point(character));
      const bool unseen = std::any_of(kUnseen.begin(), kUnseen.end(),
                                      [value](const Range& r) { return value >= r.first && value <= r.second; });
      out += unseen ? fmt::format("\\u{{{:x}}}", value) : std::string(character);
      if (name.empty()) name = fmt::format(" (U+{:04X})", value);
    }
  }
  if (at < text.size()) out += "...";
  return out + '`' + name;
}

}  // namespace staleline::a64
