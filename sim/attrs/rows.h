// SPDX-License-Identifier: Apache-2.0
// The tables of attribute rules: their columns, and how a row's outputs follow from its inputs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace staleline::attrs {

/// The input cells of a row. A cell that is no value of its column throws TableError.
class Inputs {
 public:
  Inputs(std::span<const std::string_view> columns, std::size_t line, std::span<const std::string_view> cells)
      : columns_(columns), line_(line), cells_(cells) {}

  [[nodiscard]] bool flag(std::size_t column) const;
  /// Decimal, 0x or 0b, at most `limit`.
  [[nodiscard]] std::uint8_t number(std::size_t column, unsigned limit) const;
  /// Four binary digits.
  [[nodiscard]] std::uint8_t bits(std::size_t column) const;
  /// The place of the cell in `words`.
  [[nodiscard]] std::size_t word(std::size_t column, std::span<const std::string_view> words) const;

 private:
  [[noreturn]] void wrong(std::size_t column, std::string_view valid) const;

  std::span<const std::string_view> columns_;
  std::size_t line_;
  std::span<const std::string_view> cells_;
};

struct Table {
  std::string_view name;
  std::span<const std::string_view> inputs, outputs;
  /// Fills `out`, empty strings in the order of `outputs`.
  void (*row)(const Inputs& in, std::span<std::string> out);
};

[[nodiscard]] std::span<const Table> tables();

}  // namespace staleline::attrs
