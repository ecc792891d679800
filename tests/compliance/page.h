// SPDX-License-Identifier: Apache-2.0
// docs/spec-compliance.md as data: its tables, section by section.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace staleline::compliance {

struct Row {
  std::string first;               ///< the first cell as it stands
  std::vector<std::string> names;  ///< what is in backticks there, braces expanded
  std::string kind;                ///< functional, stored, constant, not modelled
  std::string text, clause;
  std::string section;  ///< the heading above, without marks
};

/// All rows of tables with four columns.
[[nodiscard]] const std::vector<Row>& rows();
/// Name to kind, of the rows below a heading.
[[nodiscard]] std::map<std::string, std::string> kinds(std::string_view section);
/// `a{b,c}` as ab, ac; several braces as all combinations.
[[nodiscard]] std::vector<std::string> expanded(const std::string& pattern);

}  // namespace staleline::compliance
