// SPDX-License-Identifier: Apache-2.0
// What was found against what was expected.
#pragma once

#include <vector>

#include "machine.h"
#include "residency.h"
#include "staleline/run/run.h"

namespace staleline::run {

/// Fills `result.hazards` (region, holder, expected) and `result.missing`.
void match_hazards(const std::vector<judge::Hazard>& hazards, const Residency& residency, Result& result);
/// Fills `result.expect_failures`: `.expect` that did not hold, faults, placed events that could not happen.
void collect_failures(const Machine& machine, Result& result);
/// Who waits where for an edge that nobody sends.
[[nodiscard]] std::string deadlock_text(const scenario::Scenario& s, const std::vector<pe::Standing>& standing);
/// True where every program that is not over waits for a send that nobody posted.
[[nodiscard]] bool deadlocked(const std::vector<pe::Standing>& standing);

}  // namespace staleline::run
