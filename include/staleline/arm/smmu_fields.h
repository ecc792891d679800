// SPDX-License-Identifier: Apache-2.0
// Fields of SMMUv3 structures and registers by name and place, so that one description serves encoders,
// decoders, scenario files and the compliance page (IHI 0070).
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

namespace staleline::arm::smmu {

/// A field of a register, or of a structure of 64-bit words; it never crosses a word.
struct Field {
  std::string_view name;  ///< as IHI 0070 spells it
  std::uint16_t low = 0;  ///< its lowest bit, counted from bit 0 of the first word
  std::uint8_t bits = 1;  ///< how many
  bool in_place = false;  ///< an address: bit n of the word is bit n of the value
  friend constexpr bool operator==(const Field&, const Field&) = default;

  [[nodiscard]] constexpr std::uint64_t mask() const {
    return (bits < 64 ? (std::uint64_t{1} << bits) - 1 : ~std::uint64_t{0}) << low % 64;
  }
};

/// The value of a field.
[[nodiscard]] constexpr std::uint64_t get(std::span<const std::uint64_t> words, const Field& f) {
  const std::uint64_t raw = words[f.low / 64] & f.mask();
  return f.in_place ? raw : raw >> f.low % 64;
}
/// Replaces a field; bits of `value` that it does not have are dropped.
constexpr void put(std::span<std::uint64_t> words, const Field& f, std::uint64_t value) {
  std::uint64_t& word = words[f.low / 64];
  word = (word & ~f.mask()) | ((f.in_place ? value : value << f.low % 64) & f.mask());
}
[[nodiscard]] constexpr std::uint64_t get(std::uint64_t word, const Field& f) { return get({&word, 1}, f); }
[[nodiscard]] constexpr std::uint64_t with(std::uint64_t word, const Field& f, std::uint64_t value) {
  put({&word, 1}, f, value);
  return word;
}
/// The field of that name (in the spelling of IHI 0070), or null.
[[nodiscard]] constexpr const Field* find_field(std::span<const Field> fields, std::string_view name) {
  const auto found = std::find_if(fields.begin(), fields.end(), [&](const Field& f) { return f.name == name; });
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace staleline::arm::smmu
