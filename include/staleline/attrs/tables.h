// SPDX-License-Identifier: Apache-2.0
// Attribute rules in bulk: reads the input columns of a table as CSV, writes the whole table.
#pragma once

#include <functional>
#include <iosfwd>
#include <span>
#include <stdexcept>
#include <string_view>

namespace staleline::attrs {

/// A table that cannot be read: its message names the line and the column.
class TableError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The names of the tables: s1s2, mair, s2, s1off, s1off-s2, walk, walk-s2, align.
[[nodiscard]] std::span<const std::string_view> table_names();
/// The input columns of a table, in its order; empty for an unknown name.
[[nodiscard]] std::span<const std::string_view> input_columns(std::string_view table);
/// The output columns of a table, in its order; empty for an unknown name.
[[nodiscard]] std::span<const std::string_view> output_columns(std::string_view table);

/// Reads a header and rows from `in` and gives the whole table to `write`, piece by piece: the columns of the
/// header in their order, then the output columns that it lacks. Output cells of the input are not looked at.
/// Throws TableError; the rows before the mistake may have been written by then.
void fill_table(std::string_view table, std::istream& in, const std::function<void(std::string_view)>& write);

}  // namespace staleline::attrs
