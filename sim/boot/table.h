// SPDX-License-Identifier: Apache-2.0
// Columns of text.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <string>
#include <vector>

namespace staleline::boot {

class Table {
 public:
  /// `right`: the columns of numbers.
  Table(std::initializer_list<const char*> heads, std::initializer_list<std::size_t> right);
  void add(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }
  [[nodiscard]] std::size_t rows() const { return rows_.size() - 1; }
  /// Every row, the heads first, indented by two; no spaces at ends.
  [[nodiscard]] std::string text() const;

 private:
  std::vector<std::size_t> right_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace staleline::boot
