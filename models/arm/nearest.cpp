// SPDX-License-Identifier: Apache-2.0
// Edit distance with transposition of neighbours, three rows at a time, names of hopeless
// length skipped: the cost stays small whatever the user wrote.
#include "staleline/arm/nearest.h"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace staleline::arm {

namespace {

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const bool same = lower(a[i - 1]) == lower(b[j - 1]);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, previous[j - 1] + (same ? 0u : 1u)});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) && lower(a[i - 2]) == lower(b[j - 1])) {
        current[j] = std::min(current[j], before[j - 2] + 1);
      }
    }
    before.swap(previous);
    previous.swap(current);
  }
  return previous[b.size()];
}

}  // namespace

std::optional<std::string_view> nearest(std::string_view found, std::span<const std::string_view> valid) {
  const std::size_t within = found.size() < 2 ? 0 : std::max<std::size_t>(1, found.size() / 3);
  std::optional<std::string_view> best;
  std::size_t best_distance = within + 1;
  for (const std::string_view candidate : valid) {
    const std::size_t difference = std::max(found.size(), candidate.size()) - std::min(found.size(), candidate.size());
    if (difference >= best_distance) continue;
    const std::size_t d = distance(found, candidate);
    if (d < best_distance) {
      best_distance = d;
      best = candidate;
    }
  }
  return best;
}

}  // namespace staleline::arm
