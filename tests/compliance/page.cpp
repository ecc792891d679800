// SPDX-License-Identifier: Apache-2.0
// Reads the page, and holds its form: kinds, clauses, each name once.
#include "page.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <regex>
#include <set>

namespace staleline::compliance {
namespace {

std::string trimmed(const std::string& text) {
  const auto first = text.find_first_not_of(' ');
  if (first == std::string::npos) return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> out;
  std::size_t at = 1;
  for (std::size_t end = line.find('|', at); end != std::string::npos; at = end + 1, end = line.find('|', at))
    out.push_back(trimmed(line.substr(at, end - at)));
  return out;
}

std::vector<Row> read() {
  std::ifstream page(STALELINE_SOURCE_DIR "/docs/spec-compliance.md");
  std::vector<Row> out;
  std::string line, section;
  bool in_table = false;  // below its head
  while (std::getline(page, line)) {
    if (line.starts_with("#")) section = trimmed(line.substr(line.find_first_not_of('#')));
    if (!line.starts_with("|")) in_table = false;
    if (line.starts_with("| ---")) {
      in_table = true;
      continue;
    }
    if (!in_table || !line.starts_with("|")) continue;
    const auto c = cells(line);
    if (c.size() != 4) continue;
    Row row{c[0], {}, c[1], c[2], c[3], section};
    const std::regex code("`([^`]+)`");
    for (auto m = std::sregex_iterator(c[0].begin(), c[0].end(), code); m != std::sregex_iterator(); ++m)
      for (auto& name : expanded((*m)[1])) row.names.push_back(std::move(name));
    out.push_back(std::move(row));
  }
  return out;
}

}  // namespace

std::vector<std::string> expanded(const std::string& pattern) {
  const auto open = pattern.find('{');
  if (open == std::string::npos) return {pattern};
  const auto close = pattern.find('}', open);
  std::vector<std::string> out;
  std::string choices = pattern.substr(open + 1, close - open - 1) + ",";
  for (std::size_t at = 0, end = choices.find(','); end != std::string::npos; at = end + 1, end = choices.find(',', at))
    for (const auto& rest : expanded(pattern.substr(close + 1)))
      out.push_back(pattern.substr(0, open) + choices.substr(at, end - at) + rest);
  return out;
}

const std::vector<Row>& rows() {
  static const auto all = read();
  return all;
}

std::map<std::string, std::string> kinds(std::string_view section) {
  std::map<std::string, std::string> out;
  for (const Row& row : rows()) {
    if (row.section != section) continue;
    for (const auto& name : row.names) {
      INFO(section << ": " << name);
      CHECK(out.emplace(name, row.kind).second);  // each name once
    }
  }
  return out;
}

TEST_CASE("every row of the page has a kind, says what it does, and has a clause") {
  const std::regex clause("[A-J][0-9]+(\\.[0-9]+)*");
  REQUIRE(rows().size() > 150);
  for (const Row& row : rows()) {
    INFO(row.section << ": " << row.first);
    const bool of_register = row.section == "System registers";
    CHECK((row.kind == "functional" || row.kind == "stored" || row.kind == "not modelled" ||
           (of_register && row.kind == "constant")));
    CHECK_FALSE(row.names.empty());
    CHECK_FALSE(row.text.empty());
    CHECK(std::regex_match(row.clause, clause));
  }
}

TEST_CASE("braces stand for each of their choices") {
  CHECK(expanded("a") == std::vector<std::string>{"a"});
  CHECK(expanded("a{b,}c{d,e}") == std::vector<std::string>{"abcd", "abce", "acd", "ace"});
}

}  // namespace staleline::compliance
