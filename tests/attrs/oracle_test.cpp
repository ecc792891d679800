// SPDX-License-Identifier: Apache-2.0
// Each table of Arm's pseudocode comes back byte for byte from its input columns alone.
#include <zlib.h>

#include <algorithm>
#include <array>
#include <catch2/catch.hpp>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>

#include "staleline/attrs/tables.h"

using namespace staleline::attrs;

namespace {

std::string text_of(const std::string& file) {
  const std::string path = std::string{STALELINE_SOURCE_DIR} + "/tests/arm/oracle/" + file;
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> in{gzopen(path.c_str(), "rb"), gzclose};
  REQUIRE(in);
  std::string text;
  std::array<char, 65536> buffer{};
  for (int n = 0; (n = gzread(in.get(), buffer.data(), static_cast<unsigned>(buffer.size()))) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  return text;
}

/// The first `columns` cells of each line, and its line end.
std::string left_part(std::string_view text, std::size_t columns) {
  std::string out;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    std::size_t comma = line.find(',');
    for (std::size_t i = 1; i < columns; ++i) comma = line.find(',', comma + 1);
    out.append(line.substr(0, comma)).append(line.ends_with('\r') ? "\r\n" : "\n");
    text.remove_prefix(end + 1);
  }
  return out;
}

std::string filled(std::string_view table, const std::string& input) {
  std::istringstream in(input);
  std::string out;
  fill_table(table, in, [&out](std::string_view piece) { out += piece; });
  return out;
}

void expect_same(const std::string& expected, const std::string& actual) {
  if (expected == actual) return;
  std::istringstream e(expected), a(actual);
  for (std::string x, y; std::getline(e, x) && std::getline(a, y);)
    if (x != y) FAIL("\n  expected " << x << "\n  got      " << y);
  FAIL("one has more lines than the other");
}

}  // namespace

TEST_CASE("each table of the pseudocode comes back from its inputs alone") {
  for (const auto& [table, file] : {std::pair{"s1s2", "s1s2_combine.csv.gz"},
                                    {"mair", "mair_decode.csv"},
                                    {"s2", "s2_decode.csv"},
                                    {"s1off", "s1_disabled.csv"},
                                    {"walk", "walk_attrs.csv"},
                                    {"align", "alignment_fault.csv"}}) {
    INFO(table);
    const std::string whole = text_of(file);
    REQUIRE(std::count(whole.begin(), whole.end(), '\n') > 40);
    expect_same(whole, filled(table, left_part(whole, input_columns(table).size())));
    expect_same(whole, filled(table, whole));
  }
}
