// SPDX-License-Identifier: Apache-2.0
// Chooses the timeline rows: the deeds that the story names, then the moments nearest to the read.
#include "timeline.h"

#include <algorithm>
#include <set>

namespace staleline::report {
namespace {

constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// The last moment of the deed's line at or before its cycle, else the first of that line.
std::size_t find(const std::vector<run::Moment>& all, event::AgentId agent, event::SourceLine line,
                 event::Cycle cycle) {
  std::size_t best = kNone;
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].agent != agent || all[i].line != line) continue;
    if (all[i].cycle <= cycle || best == kNone) best = i;
  }
  return best;
}

}  // namespace

std::vector<TimelineRow> timeline(const run::Result& result, const run::FoundHazard& found) {
  const auto& all = result.timeline;
  const auto& h = found.hazard;
  const std::size_t read = find(all, h.agent, h.line, h.cycle);
  const std::size_t write = h.writer.initial ? kNone : find(all, h.writer.agent, h.writer.line, h.writer.cycle);
  const std::size_t culprit =
      h.culprit && !h.culprit->initial ? find(all, h.culprit->agent, h.culprit->line, h.culprit->cycle) : kNone;

  std::set<std::size_t> chosen;
  for (const auto index : {read, write, culprit})
    if (index != kNone) chosen.insert(index);
  // Backwards from the read, then forwards from it.
  std::size_t end = read == kNone ? 0 : read + 1;
  if (read == kNone)
    while (end < all.size() && all[end].cycle <= h.cycle) ++end;
  for (std::size_t i = end; i-- > 0 && chosen.size() < kTimelineRows - 1;) chosen.insert(i);
  for (std::size_t i = end; i < all.size() && chosen.size() < kTimelineRows; ++i) chosen.insert(i);

  std::vector<TimelineRow> rows;
  std::size_t next = 0;
  for (const auto index : chosen) {
    TimelineRow row{&all[index], index - next, ""};
    if (index == write && h.id != judge::HazardId::NotSynchronised) row.mark = "the newest bytes";
    if (index == culprit)
      row.mark = h.id == judge::HazardId::LostToWriteBack ? "the older dirty line" : "what goes wrong";
    if (index == read) row.mark = h.what.empty() ? "the read" : "what goes wrong";
    rows.push_back(row);
    next = index + 1;
  }
  return rows;
}

}  // namespace staleline::report
