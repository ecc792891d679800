// SPDX-License-Identifier: Apache-2.0
// Columns of text.
#include "table.h"

#include <fmt/format.h>

#include <algorithm>

namespace staleline::boot {

Table::Table(std::initializer_list<const char*> heads, std::initializer_list<std::size_t> right)
    : right_(right), rows_{{heads.begin(), heads.end()}} {}

std::string Table::text() const {
  std::vector<std::size_t> width(rows_.front().size());
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < row.size(); ++i) width[i] = std::max(width[i], row[i].size());
  std::string out;
  for (const auto& row : rows_) {
    std::string line = " ";
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool to_right = std::find(right_.begin(), right_.end(), i) != right_.end();
      line += to_right ? fmt::format(" {:>{}} ", row[i], width[i]) : fmt::format(" {:<{}} ", row[i], width[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace staleline::boot
