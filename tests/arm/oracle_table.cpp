// SPDX-License-Identifier: Apache-2.0
// Rows by column name.
#include "oracle_table.h"

#include <zlib.h>

#include <array>
#include <catch2/catch.hpp>
#include <charconv>
#include <memory>

#include "staleline/arm/attribute_cells.h"

namespace staleline::arm::oracle {

namespace {

std::vector<std::string_view> split(std::string_view line) {
  std::vector<std::string_view> cells;
  for (std::size_t comma = line.find(','); comma != std::string_view::npos; comma = line.find(',')) {
    cells.push_back(line.substr(0, comma));
    line.remove_prefix(comma + 1);
  }
  cells.push_back(line);
  return cells;
}

}  // namespace

Row::Row(const std::vector<std::string>& header, std::string_view line)
    : header_(&header), line_(line), cells_(split(line)) {
  if (cells_.size() != header.size()) FAIL("row of another width: " << line);
}

std::string_view Row::at(std::string_view column) const {
  for (std::size_t i = 0; i < header_->size(); ++i) {
    if ((*header_)[i] == column) return cells_[i];
  }
  FAIL("no column " << column);
  return {};
}

bool Row::flag(std::string_view column) const { return at(column) == "1"; }

std::uint8_t Row::number(std::string_view column) const {
  std::string_view text = at(column);
  const int base = text.starts_with("0x") ? 16 : 10;
  if (base == 16) text.remove_prefix(2);
  std::uint8_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size()) FAIL("no number in column " << column << ": " << line_);
  return value;
}

std::uint8_t Row::bits(std::string_view column) const {
  const std::string_view text = at(column);
  std::uint8_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 2);
  return value;
}

void for_each_row(const std::string& file, std::size_t rows, const std::function<void(const Row&)>& check) {
  const std::string path = std::string{STALELINE_SOURCE_DIR} + "/tests/arm/oracle/" + file;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in{gzopen(path.c_str(), "rb"), gzclose};
  REQUIRE(in);
  std::array<char, 1024> buffer{};
  std::vector<std::string> header;
  std::size_t read = 0;
  while (gzgets(in.get(), buffer.data(), static_cast<int>(buffer.size())) != nullptr) {
    std::string_view line{buffer.data()};
    while (!line.empty() && (line.back() == '\n' || line.back() == '\r')) line.remove_suffix(1);
    if (header.empty()) {
      for (const auto cell : split(line)) header.emplace_back(cell);
      continue;
    }
    check(Row{header, line});
    ++read;
  }
  INFO(file);
  CHECK(read == rows);
}

std::string cell(std::string_view column, const std::vector<MemoryAttributes>& permitted) {
  const auto known = attribute_column(column);
  if (!known) FAIL("no column of attributes: " << column);
  std::string joined;
  append_cell(joined, *known, permitted);
  return joined;
}

}  // namespace staleline::arm::oracle
