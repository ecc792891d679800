// SPDX-License-Identifier: Apache-2.0
// `schedule:`: placed fills, evictions and drains.
#pragma once

#include <vector>

#include "labels.h"
#include "memory.h"
#include "node.h"
#include "problems.h"
#include "staleline/scenario/scenario.h"

namespace staleline::scenario {

/// `labels` is null where a program has mistakes: labels are not looked up then.
[[nodiscard]] std::vector<Placed> read_schedule(const Node& node, const Memory& memory,
                                                const std::vector<Agent>& agents, const std::vector<View>& views,
                                                const Labels* labels, Problems& problems);

}  // namespace staleline::scenario
