// SPDX-License-Identifier: Apache-2.0
// The number grammar.
#include "staleline/a64/number.h"

#include <array>
#include <limits>
#include <utility>

#include "quote.h"

namespace staleline::a64 {
namespace {

struct Unit {
  std::string_view name;
  unsigned shift;
};
constexpr std::array<Unit, 3> kUnits = {{{"KiB", 10}, {"MiB", 20}, {"GiB", 30}}};

/// The value of a digit in any base up to 16, or 16 for what is no digit.
constexpr unsigned digit_value(char c) {
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<unsigned>(c - 'a') + 10;
  if (c >= 'A' && c <= 'F') return static_cast<unsigned>(c - 'A') + 10;
  return 16;
}

}  // namespace

std::variant<std::uint64_t, std::string> parse_number(std::string_view text) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  const auto wrong = [whole = text](const char* why) { return quoted(whole) + why; };
  if (text.empty()) return std::string("a number is missing");
  if (text.front() == '-') return wrong(" is negative; a number from 0 is expected here");

  unsigned shift = 0;
  for (const Unit& unit : kUnits) {
    if (!text.ends_with(unit.name)) continue;
    text.remove_suffix(unit.name.size());
    if (text.ends_with(' ')) text.remove_suffix(1);
    shift = unit.shift;
    break;
  }
  const bool hexadecimal = text.starts_with("0x");
  if (hexadecimal) text.remove_prefix(2);
  const unsigned base = hexadecimal ? 16 : 10;

  std::uint64_t value = 0;
  bool digit_before = false, overflows = false;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] == '_') {
      if (!digit_before || at + 1 == text.size() || digit_value(text[at + 1]) >= base)
        return wrong(" is not a number: `_` stands between two digits only");
      digit_before = false;
      continue;
    }
    const unsigned digit = digit_value(text[at]);
    if (digit >= base) {
      return wrong(
          " is not a number; write decimal digits or 0x and hexadecimal digits, `_` between digits if wanted, "
          "and KiB, MiB or GiB after them if wanted");
    }
    overflows = overflows || value > (kMax - digit) / base;
    value = value * base + digit;
    digit_before = true;
  }
  if (text.empty()) return wrong(" is not a number: there are no digits");
  if (!hexadecimal && text.size() > 1 && text.front() == '0')
    return wrong(" has a leading zero; write decimal without it, hexadecimal with 0x");
  if (overflows || value > kMax >> shift) return wrong(" does not fit in 64 bits");
  return value << shift;
}

}  // namespace staleline::a64
