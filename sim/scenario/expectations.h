// SPDX-License-Identifier: Apache-2.0
// `hazards:` and `redundant:` of a variant.
#pragma once

#include <vector>

#include "labels.h"
#include "memory.h"
#include "node.h"
#include "problems.h"
#include "staleline/scenario/scenario.h"

namespace staleline::scenario {

[[nodiscard]] std::vector<ExpectedHazard> read_hazards(const Node& node, const Memory& memory,
                                                       const std::vector<Agent>& agents, Problems& problems);
/// `labels` is null where a program has mistakes: labels are not looked up then.
[[nodiscard]] std::vector<Redundant> read_redundant(const Node& node, const std::vector<Agent>& agents,
                                                    const Labels* labels, Problems& problems);

}  // namespace staleline::scenario
