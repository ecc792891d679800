// SPDX-License-Identifier: Apache-2.0
// `explain`: the page of a hazard, with its rule.
#include <fmt/format.h>

#include <algorithm>

#include "command.h"
#include "pages.h"
#include "staleline/cli/cli.h"
#include "staleline/judge/hazard.h"
#include "staleline/report/rules.h"

namespace staleline::cli {
namespace {

std::string upper(std::string s) {
  std::transform(s.begin(), s.end(), s.begin(),
                 [](char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; });
  return s;
}

std::string page(const judge::HazardKind& kind) {
  const auto id = judge::spelled(kind.id);
  const auto rule = report::rule_text(kind.rule);
  std::string out = fmt::format("# {} {}\n\n{}\n", id, kind.slug, kind.summary);
  for (const auto& p : hazard_pages())
    if (p.id == id) out = std::string(p.text);
  return out + fmt::format("\nRule {} {}: {}\n", judge::spelled(kind.rule), rule.name, rule.summary);
}

int run_explain(const Command& self, const std::vector<std::string>& arguments) {
  po::options_description options;
  po::variables_map values;
  std::vector<std::string> words;
  if (!parse(self, options, arguments, values, words)) return kAsExpected;
  std::vector<std::string> ids;
  for (const auto& k : judge::hazard_kinds()) ids.push_back(judge::spelled(k.id));
  if (words.size() != 1) throw UsageError(fmt::format("explain: give one ID of {}", fmt::join(ids, ", ")));
  std::vector<std::string_view> valid(ids.begin(), ids.end());
  for (const auto& k : judge::hazard_kinds()) {
    if (judge::spelled(k.id) == upper(words[0]) || upper(std::string(k.slug)) == upper(words[0])) {
      print(page(k));
      return kAsExpected;
    }
    valid.push_back(k.slug);
  }
  const auto guess = suggestion(words[0], valid);
  throw UsageError(fmt::format("explain: unknown hazard `{}`{}", words[0],
                               guess.empty() ? fmt::format("; there are {}", fmt::join(ids, ", ")) : guess));
}

}  // namespace

const Command kExplain{"explain", "explain ID", "Print what a hazard means, how it happens and how to fix it.",
                       "  staleline explain SL101\n  staleline explain stale-copy\n", run_explain};

}  // namespace staleline::cli
