// SPDX-License-Identifier: Apache-2.0
// Rows by column name, and the tables' spelling of attributes.
#include "oracle_table.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <charconv>
#include <memory>

#include "staleline/arm/mair.h"

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

std::string_view policy(CacheAttributes a) {
  constexpr std::array<std::string_view, 3> names{"NC", "WT", "WB"};
  return names.at(static_cast<std::size_t>(a.cacheability));
}

std::string_view hint(CacheAttributes a) {
  if (a.cacheability == Cacheability::NonCacheable) return "-";
  if (a.read_allocate) return a.write_allocate ? "RWA" : "RA";
  return a.write_allocate ? "WA" : "No";
}

std::string_view transience(CacheAttributes a) {
  if (a.cacheability == Cacheability::NonCacheable || !(a.read_allocate || a.write_allocate)) return "-";
  return a.transient ? "T" : "NT";
}

std::string one_cell(std::string_view column, const MemoryAttributes& a) {
  constexpr std::array<std::string_view, 4> devices{"nGnRnE", "nGnRE", "nGRE", "GRE"};
  const bool is_device = a.type == MemoryType::Device;
  if (column == "memtype") return is_device ? "Device" : "Normal";
  if (column == "device") return is_device ? std::string{devices.at(static_cast<std::size_t>(a.device))} : "-";
  if (column == "share") return std::string{share(a.shareability)};
  if (column == "tag") return a.tagged ? "Allocation" : "Untagged";
  if (column == "xs") return a.xs ? "1" : "0";
  if (column == "par_attr") {
    constexpr std::string_view digits = "0123456789abcdef";
    const std::uint8_t byte = mair_encode(a);
    return {'0', 'x', digits[byte >> 4], digits[byte & 0xf]};
  }
  const CacheAttributes half = column[0] == 'i' ? a.inner : a.outer;
  const std::string_view what = column.substr(1);
  if (is_device) return "-";
  if (what == "_attr") return std::string{policy(half)};
  if (what == "_hint") return std::string{hint(half)};
  REQUIRE(what == "_trans");
  return std::string{transience(half)};
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
  std::vector<std::string> distinct;
  for (const MemoryAttributes& a : permitted) {
    std::string value = one_cell(column, a);
    if (std::find(distinct.begin(), distinct.end(), value) == distinct.end()) distinct.push_back(std::move(value));
  }
  std::string joined;
  for (const std::string& value : distinct) joined += (joined.empty() ? "" : "|") + value;
  return joined;
}

std::string_view share(Shareability s) {
  constexpr std::array<std::string_view, 3> names{"NSH", "ISH", "OSH"};
  return names.at(static_cast<std::size_t>(s));
}

}  // namespace staleline::arm::oracle
