// SPDX-License-Identifier: Apache-2.0
// Collecting mistakes, and the wording that all messages share.
#include "problems.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>
#include <utility>

#include "staleline/a64/shown.h"
#include "staleline/arm/nearest.h"

namespace staleline::scenario {

namespace {

/// After so many mistakes the rest is noise.
constexpr std::size_t kMost = 100;

auto place(const Diagnostic& d) { return std::tie(d.line, d.column, d.message); }

}  // namespace

void Problems::add(Mark at, std::string message) {
  diagnostics_.push_back({file_, at.line, at.column, std::move(message)});
}

void Problems::check() {
  if (diagnostics_.empty()) return;
  std::stable_sort(diagnostics_.begin(), diagnostics_.end(),
                   [](const Diagnostic& a, const Diagnostic& b) { return place(a) < place(b); });
  const auto same = [](const Diagnostic& a, const Diagnostic& b) { return place(a) == place(b); };
  diagnostics_.erase(std::unique(diagnostics_.begin(), diagnostics_.end(), same), diagnostics_.end());
  if (diagnostics_.size() > kMost) {
    diagnostics_.resize(kMost);
    diagnostics_.back().message += " (too many errors: the rest is not shown)";
  }
  throw InputError(std::move(diagnostics_));
}

std::string shown(std::string_view text) {
  constexpr std::size_t kLongest = 48;
  return a64::shown(text, kLongest);
}

std::string with_suggestion(std::string message, std::string_view found, const std::vector<std::string>& valid) {
  constexpr std::size_t kLongestName = 64, kLongestList = 24;
  if (found.size() <= kLongestName) {
    const std::vector<std::string_view> views(valid.begin(), valid.end());
    if (const auto best = arm::nearest(found, views)) return fmt::format("{}; did you mean `{}`?", message, *best);
  }
  if (valid.empty()) return message + "; there is none";
  if (valid.size() > kLongestList) return message;
  std::string list;
  for (std::size_t i = 0; i < valid.size(); ++i) {
    if (i != 0) list += i + 1 == valid.size() ? " or " : ", ";
    list += fmt::format("`{}`", valid[i]);
  }
  return fmt::format("{}; expected {}", message, list);
}

}  // namespace staleline::scenario
