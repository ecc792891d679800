// SPDX-License-Identifier: Apache-2.0
// Every shipped variant gives exactly what it declares; a bug breaks the rule of its row.
#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "shipped.h"

namespace staleline::test {
namespace {

using judge::Rule;

// The rows that ship, and the rules that their bugs break. Silent rows break none.
const std::map<std::string, std::set<Rule>> kRows = {
    {"C1-01", {Rule::P1}},
    {"C1-02", {Rule::P1}},
    {"C1-03", {Rule::P1}},
    {"C1-04", {Rule::P1, Rule::P2}},
    {"C1-06", {Rule::P1}},
    {"C1-09", {Rule::P1}},
    {"C1-11", {Rule::P1}},
    {"C1-13", {Rule::P2}},
    {"C1-14", {Rule::P1}},
    {"C1-15", {Rule::P1}},
    {"C1-16", {Rule::P1}},
    {"C1-17", {Rule::P1}},
    {"C2-02", {Rule::P1}},
    {"C2-05", {Rule::P2}},
    {"C2-07", {Rule::P1}},
    {"C3-01", {Rule::P2}},
    {"C3-02", {Rule::P1}},
    {"C3-03", {Rule::P1}},
    {"C3-04", {Rule::P2}},
    {"C3-06", {Rule::P2}},
    {"C3-09", {Rule::P1, Rule::P2}},
    {"C3-16", {Rule::P1, Rule::P2}},
    {"C4-02", {Rule::P1}},
    {"C4-04", {Rule::P1}},
    {"C5-01", {Rule::P1}},
    {"C5-02", {Rule::P1}},
    {"C5-04", {Rule::P1}},
    {"C5-05", {Rule::P1}},
    {"C5-06", {Rule::P1}},
    {"C5-07", {Rule::P1}},
    {"C5-08", {Rule::P3}},
    {"C6-01", {Rule::P1}},
    {"C6-02", {Rule::P1}},
    {"C6-04", {Rule::P7}},
    {"C6-05", {Rule::P1}},
    {"C6-06", {Rule::P1}},
    {"C6-07", {Rule::P1}},
    {"C6-08", {Rule::P1}},
    {"C6-09", {Rule::P1}},
    {"C6-12", {Rule::P6}},
    {"C6-13", {Rule::P1}},
    {"C6-14", {Rule::P7}},
    {"C7-01", {Rule::P6}},
    {"C7-02", {Rule::P6}},
    {"C7-12", {Rule::P4}},
    {"C7-15", {Rule::P6}},
    {"C10-01", {Rule::P6}},
    {"C10-02", {Rule::P1}},
    {"C10-03", {Rule::P3}},
    {"C11-01", {Rule::P2}},
    {"C11-02", {Rule::P2}},
    {"C11-03", {Rule::P1}},
    {"C11-04", {Rule::P1}},
    {"N-01", {}},
    {"N-02", {}},
    {"N-03", {}},
    {"N-04", {}},
    {"N-05", {}},
    {"N-06", {}},
    {"N-08", {}},
    {"N-09", {}},
    {"N-11", {}},
    {"N-12", {}},
};

TEST_CASE("every row ships, once") {
  std::map<std::string, int> files;
  for (const auto& s : shipped()) ++files[s.id];
  for (const auto& [id, rules] : kRows) {
    CAPTURE(id);
    CHECK(files[id] == 1);
  }
  CHECK(files.size() == kRows.size());
}

TEST_CASE("a row has a bug and a fix, or is silent") {
  for (const auto& s : shipped()) {
    CAPTURE(s.name());
    const auto variants = s.document().variants();
    const bool silent = kRows.at(s.id).empty();
    CHECK(std::count(variants.begin(), variants.end(), "bug") == (silent ? 0 : 1));
    CHECK(std::count(variants.begin(), variants.end(), "silent") == (silent ? 1 : 0));
    for (const auto& v : variants) CHECK((is_bug(v) || v == "silent" || v.starts_with("fix")));
    CHECK(variants.size() >= (silent ? 1U : 2U));
  }
}

TEST_CASE("every shipped variant gives what it declares and nothing else") {
  for (const auto& s : shipped()) {
    const auto document = s.document();
    CHECK_FALSE(document.about().empty());
    CHECK_FALSE(document.source().empty());
    for (const auto& name : document.variants()) {
      CAPTURE(s.name(), name);
      const auto& variant = document.variant(name);
      const auto result = run::run(variant, {});
      CHECK(result.limit == run::Limit::None);
      CHECK(result.missing.empty());
      for (const auto& h : result.hazards) {
        CAPTURE(judge::spelled(h.hazard.id), h.hazard.line.value, judge::spelled(h.hazard.verdict));
        CHECK(h.expected);
      }
      for (const auto& e : result.expect_failures) {
        CAPTURE(e.text);
        CHECK(e.explained);
      }
      CHECK(result.exit_code(false) == 0);
      CHECK(result.exit_code(true) == (is_bug(name) ? 1 : 0));
      CHECK(variant.expected.empty() == !is_bug(name));
      CHECK((is_bug(name) || found_in(result).empty()));
    }
  }
}

TEST_CASE("a bug breaks the rules of its row") {
  for (const auto& s : shipped()) {
    const auto& rules = kRows.at(s.id);
    if (rules.empty()) continue;
    CAPTURE(s.name());
    const auto document = s.document();
    std::set<Rule> broken;
    for (const auto& f : found_in(run::run(document.variant("bug"), {}))) broken.insert(judge::kind_of(f.id).rule);
    CHECK(std::includes(broken.begin(), broken.end(), rules.begin(), rules.end()));
  }
}

}  // namespace
}  // namespace staleline::test
