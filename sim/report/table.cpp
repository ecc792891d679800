// SPDX-License-Identifier: Apache-2.0
// Many runs at a glance: a row each and a total; and the union of hazards over seeds.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>
#include <tuple>

#include "paint.h"
#include "places.h"
#include "staleline/report/text.h"
#include "story.h"

namespace staleline::report {
namespace {

std::string title_of(const Record& r) { return r.variant.empty() ? r.file : fmt::format("{}#{}", r.file, r.variant); }

/// "SL101 guest/image observed, SL103 guest/image latent x2"; notes are left out.
std::string hazards_of(const Record& r) {
  if (!r.result) {
    if (r.errors.empty()) return "";
    const auto& e = r.errors.front();
    const std::string more = r.errors.size() == 1 ? "" : fmt::format(" (and {} more)", r.errors.size() - 1);
    return e.file == r.file ? fmt::format("{}:{}: {}{}", e.line, e.column, e.message, more) : e.formatted() + more;
  }
  std::vector<std::string> names;
  std::map<std::string, std::size_t> counts;
  for (const auto& h : r.result->hazards) {
    if (h.hazard.verdict == judge::Verdict::Note) continue;
    const auto& s = *r.result->scenario;
    const std::string name =
        fmt::format("{} {}{} {}", judge::spelled(h.hazard.id), agent_name(s, h.hazard.agent),
                    h.region ? "/" + s.regions[*h.region].name : "", judge::spelled(h.hazard.verdict));
    if (counts[name]++ == 0) names.push_back(name);
  }
  std::string out;
  for (const auto& n : names)
    out += fmt::format("{}{}{}", out.empty() ? "" : ", ", n, counts[n] > 1 ? fmt::format(" x{}", counts[n]) : "");
  if (out.empty()) out = "-";
  if (!r.result->missing.empty()) out += fmt::format("; {} expected not found", r.result->missing.size());
  if (const auto n = r.result->expect_failures.size(); n != 0 && r.exit_code != 0)
    out += fmt::format("; {} .expect failed", n);
  if (const auto limit = limit_sentence(*r.result); !limit.empty()) out += "; " + limit;
  return out;
}

const char* word(int code) {
  switch (code) {
    case 0:
      return "ok";
    case 1:
      return "FAILED";
    case 2:
      return "ERROR";
    case 3:
      return "LIMIT";
    default:
      return "DEFECT";
  }
}

}  // namespace

std::string table(const std::vector<Record>& records, const TextOptions& options) {
  const Paint paint(options.color);
  std::string out;
  for (const auto& r : records)
    if (r.exit_code != 0 && r.result) out += text(r, options) + (options.quiet ? "" : "\n");
  std::array<std::size_t, 5> totals{};
  std::size_t width = 8;
  for (const auto& r : records) {
    width = std::max(width, title_of(r).size());
    ++totals[static_cast<std::size_t>(std::clamp(r.exit_code, 0, 4))];
  }
  if (!options.quiet) {
    out += paint.faint(fmt::format("{:<{}}  {:<6}  {:>10}  hazards", "scenario", width, "result", "cycles")) + "\n";
    for (const auto& r : records) {
      const std::string w = fmt::format("{:<6}", word(r.exit_code));
      out +=
          fmt::format("{:<{}}  {}  {:>10}  {}\n", title_of(r), width, r.exit_code == 0 ? paint.good(w) : paint.bad(w),
                      r.result ? std::to_string(r.result->statistics.cycles) : "-", hazards_of(r));
    }
  }
  std::string total = fmt::format("total: {} runs, {} ok", records.size(), totals[0]);
  constexpr std::array<const char*, 5> kNames{"", "failed", "bad input", "limit hit", "defect"};
  for (std::size_t i = 1; i < totals.size(); ++i)
    if (totals[i] != 0) total += fmt::format(", {} {}", totals[i], kNames[i]);
  if (options.quiet && totals[0] == records.size()) return out;
  return out + paint.strong(total) + "\n";
}

int combined(int a, int b) {
  constexpr std::array<int, 5> kRank{0, 2, 3, 1, 4};  // 4 before 2 before 1 before 3 before 0
  const auto rank = [&](int c) { return c < 0 || c > 4 ? 4 : kRank[static_cast<std::size_t>(c)]; };
  return rank(a) >= rank(b) ? a : b;
}

std::vector<SeedCount> over_seeds(const std::vector<Record>& records) {
  using Key = std::tuple<std::string, std::string, judge::HazardId, std::string, std::string>;
  std::map<Key, SeedCount> counts;
  for (const auto& r : records) {
    if (!r.result) continue;
    const auto& s = *r.result->scenario;
    std::map<Key, judge::Verdict> strongest;
    for (const auto& h : r.result->hazards) {
      const Key key{r.file, r.variant, h.hazard.id, agent_name(s, h.hazard.agent),
                    h.region ? s.regions[*h.region].name : ""};
      const auto [at, is_new] = strongest.try_emplace(key, h.hazard.verdict);
      if (!is_new) at->second = std::max(at->second, h.hazard.verdict);
    }
    for (const auto& [key, verdict] : strongest) {
      const auto& [file, variant, id, agent, region] = key;
      auto& count = counts.try_emplace(key, SeedCount{file, variant, id, agent, region}).first->second;
      ++(verdict == judge::Verdict::Observed ? count.observed
         : verdict == judge::Verdict::Latent ? count.latent
                                             : count.noted);
    }
  }
  std::vector<SeedCount> out;
  for (auto& [key, count] : counts) out.push_back(std::move(count));
  return out;
}

std::string seeds(const std::vector<Record>& records, const TextOptions& options) {
  const Paint paint(options.color);
  std::string out;
  std::set<std::pair<std::string, std::string>> told;  // one story a variant: that of its first failing seed
  for (const auto& r : records)
    if (r.result && r.exit_code != 0 && told.emplace(r.file, r.variant).second)
      out += text(r, options) + (options.quiet ? "" : "\n");
  if (options.quiet) return out;

  const auto counts = over_seeds(records);
  std::vector<std::string> titles;
  std::map<std::string, std::size_t> runs, failed;
  for (const auto& r : records) {
    const auto title = title_of(r);
    if (runs[title]++ == 0) titles.push_back(title);
    if (r.exit_code != 0) ++failed[title];
  }
  for (const auto& title : titles) {
    const std::string verdict =
        failed[title] == 0 ? paint.good("ok") : paint.bad(fmt::format("{} FAILED", failed[title]));
    out += fmt::format("{}: {} seeds, {}\n", paint.strong(title), runs[title], verdict);
    for (const auto& c : counts) {
      if (fmt::format("{}#{}", c.file, c.variant) != title) continue;
      out += fmt::format("  {} {} {}{}: observed in {}, latent in {}{}\n", judge::spelled(c.id),
                         judge::kind_of(c.id).slug, c.agent, c.region.empty() ? "" : "/" + c.region, c.observed,
                         c.latent, c.noted == 0 ? "" : fmt::format(", only a note in {}", c.noted));
    }
  }
  return out;
}

}  // namespace staleline::report
