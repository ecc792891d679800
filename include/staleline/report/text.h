// SPDX-License-Identifier: Apache-2.0
// Reports for people. The first line names the first hazard; the rest tells its story.
#pragma once

#include <string>
#include <vector>

#include "staleline/report/record.h"

namespace staleline::report {

struct TextOptions {
  bool color = false;   ///< ANSI colours
  bool strict = false;  ///< declared hazards count as failures
  bool quiet = false;   ///< only what failed, one line each
};

/// The report of one run: one `ok` line, or headline, timeline, story and fix, then the other hazards.
/// Ends with a newline unless it is empty.
[[nodiscard]] std::string text(const Record& record, const TextOptions& options);

/// A table of many runs with a total, and before it the stories of the runs that failed.
[[nodiscard]] std::string table(const std::vector<Record>& records, const TextOptions& options);

/// Hazards over many seeds of the same variants: how many seeds observed each.
[[nodiscard]] std::string seeds(const std::vector<Record>& records, const TextOptions& options);

}  // namespace staleline::report
