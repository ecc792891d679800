// SPDX-License-Identifier: Apache-2.0
// Reads a table of tests/arm/oracle (plain or gzip) and gives attributes as its cells.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "staleline/arm/attributes.h"

namespace staleline::arm::oracle {

class Row {
 public:
  Row(const std::vector<std::string>& header, std::string_view line);
  /// The cell of a column; an unknown column fails the test.
  [[nodiscard]] std::string_view at(std::string_view column) const;
  [[nodiscard]] bool flag(std::string_view column) const;
  [[nodiscard]] std::uint8_t number(std::string_view column) const;  ///< decimal or 0x
  [[nodiscard]] std::uint8_t bits(std::string_view column) const;    ///< binary digits
  [[nodiscard]] std::string_view text() const { return line_; }

 private:
  const std::vector<std::string>* header_;
  std::string_view line_;
  std::vector<std::string_view> cells_;
};

/// Calls `check` for each row of `file` and fails unless the table has exactly `rows` of them.
void for_each_row(const std::string& file, std::size_t rows, const std::function<void(const Row&)>& check);

/// The value of an output column for all attributes in `permitted`: distinct values in order, joined with '|'.
/// Columns: memtype, device, i_attr, i_hint, i_trans, o_attr, o_hint, o_trans, share, tag, xs, par_attr.
[[nodiscard]] std::string cell(std::string_view column, const std::vector<MemoryAttributes>& permitted);

}  // namespace staleline::arm::oracle
