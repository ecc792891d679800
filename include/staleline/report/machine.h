// SPDX-License-Identifier: Apache-2.0
// Reports for machines: JSON (docs/json.md) and JUnit XML. Neither holds host time, dates or any path
// but the user's own spelling, so that equal runs give equal bytes.
#pragma once

#include <string>
#include <vector>

#include "staleline/report/record.h"

namespace staleline::report {

/// Version of the JSON report. It grows when a field changes its meaning or goes.
inline constexpr int kJsonSchemaVersion = 1;
/// Version of the scenario files that this program reads (`schema: 1`).
inline constexpr int kScenarioSchemaVersion = 1;
/// Version of the rules that the judge applies: it grows when the same scenario may get other hazards.
inline constexpr int kRuleSetVersion = 1;

/// The JSON report; `many_seeds` adds the union over seeds.
[[nodiscard]] std::string json(const std::vector<Record>& records, int exit_code, bool many_seeds);

/// JUnit XML: one test suite per file, one test case per variant (and seed, if there are several).
[[nodiscard]] std::string junit(const std::vector<Record>& records, bool strict, bool many_seeds);

/// The program's version, such as "0.1.0".
[[nodiscard]] const char* program_version();

}  // namespace staleline::report
