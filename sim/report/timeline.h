// SPDX-License-Identifier: Apache-2.0
// Which moments of a run a reader needs to understand one hazard.
#pragma once

#include <cstddef>
#include <vector>

#include "staleline/run/run.h"

namespace staleline::report {

inline constexpr std::size_t kTimelineRows = 12;

struct TimelineRow {
  const run::Moment* moment = nullptr;
  std::size_t skipped = 0;  ///< moments left out just before this one
  const char* mark = "";    ///< what the moment is to the story
};

/// At most kTimelineRows rows in order of time: the deeds of the story, then the moments nearest to the read.
[[nodiscard]] std::vector<TimelineRow> timeline(const run::Result& result, const run::FoundHazard& found);

}  // namespace staleline::report
