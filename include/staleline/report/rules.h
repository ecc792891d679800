// SPDX-License-Identifier: Apache-2.0
// The seven rules by name, as `explain`, `list` and the reports print them.
#pragma once

#include <string_view>

#include "staleline/judge/hazard.h"

namespace staleline::report {

struct RuleText {
  std::string_view name;     ///< "may-stale"
  std::string_view summary;  ///< one sentence
};
[[nodiscard]] RuleText rule_text(judge::Rule rule);

}  // namespace staleline::report
