// SPDX-License-Identifier: Apache-2.0
// Cells to values, with the mistakes named.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "rows.h"
#include "staleline/attrs/tables.h"

namespace staleline::attrs {

void Inputs::wrong(std::size_t column, std::string_view valid) const {
  throw TableError(fmt::format("line {}: column {}: `{}` is not {}", line_, columns_[column], cells_[column], valid));
}

bool Inputs::flag(std::size_t column) const {
  const std::string_view text = cells_[column];
  if (text != "0" && text != "1") wrong(column, "0 or 1");
  return text == "1";
}

std::uint8_t Inputs::number(std::size_t column, unsigned limit) const {
  std::string_view text = cells_[column];
  int base = 10;
  if (text.starts_with("0x") || text.starts_with("0X")) base = 16;
  if (text.starts_with("0b") || text.starts_with("0B")) base = 2;
  if (base != 10) text.remove_prefix(2);
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size() || value > limit)
    wrong(column, fmt::format("a number from 0 to {}", limit));
  return static_cast<std::uint8_t>(value);
}

std::uint8_t Inputs::bits(std::size_t column) const {
  const std::string_view text = cells_[column];
  unsigned value = 0;
  for (const char c : text) {
    if (c != '0' && c != '1') wrong(column, "four binary digits");
    value = value << 1 | (c == '1' ? 1u : 0u);
  }
  if (text.size() != 4) wrong(column, "four binary digits");
  return static_cast<std::uint8_t>(value);
}

std::size_t Inputs::word(std::size_t column, std::span<const std::string_view> words) const {
  const auto found = std::find(words.begin(), words.end(), cells_[column]);
  if (found == words.end()) wrong(column, fmt::format("one of {}", fmt::join(words, ", ")));
  return static_cast<std::size_t>(found - words.begin());
}

}  // namespace staleline::attrs
