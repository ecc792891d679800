// SPDX-License-Identifier: Apache-2.0
// `agents:`: who acts.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "memory.h"
#include "node.h"
#include "problems.h"
#include "staleline/scenario/scenario.h"

namespace staleline::scenario {

/// Agents without their programs, in file order: their index is their AgentId.
[[nodiscard]] std::vector<Agent> read_agents(const Node& node, const std::vector<View>& views,
                                             const std::vector<std::string>& smmus, const Memory& memory,
                                             Problems& problems);

[[nodiscard]] std::vector<std::string> names_of(const std::vector<Agent>& agents);
/// An agent whose program runs on a PE.
[[nodiscard]] std::optional<event::AgentId> on_pe(const Node& node, const std::vector<Agent>& agents,
                                                  Problems& problems);

}  // namespace staleline::scenario
