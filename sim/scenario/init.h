// SPDX-License-Identifier: Apache-2.0
// `init:`: contents of memory and caches before cycle 0.
#pragma once

#include <vector>

#include "memory.h"
#include "node.h"
#include "problems.h"
#include "staleline/scenario/scenario.h"

namespace staleline::scenario {

[[nodiscard]] std::vector<Init> read_init(const Node& node, const Memory& memory, const std::vector<Agent>& agents,
                                          Problems& problems);

}  // namespace staleline::scenario
