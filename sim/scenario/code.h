// SPDX-License-Identifier: Apache-2.0
// `code:` and `registers:` of an agent: a guest, whose instructions are what memory holds.
#pragma once

#include <vector>

#include "memory.h"
#include "node.h"
#include "problems.h"
#include "staleline/scenario/scenario.h"

namespace staleline::scenario {

/// Sets what `node`, an agent that runs in `view`, says of them.
void read_code(const Node& node, const View& view, const Memory& memory, Agent& agent, Problems& problems);

/// A guest turns its MMU on itself: the view of one has real translation, with its registers as after reset.
void walk_for_real(const Agent& agent, std::vector<View>& views);

}  // namespace staleline::scenario
