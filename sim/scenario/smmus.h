// SPDX-License-Identifier: Apache-2.0
// `smmu:`: SMMUs, and the stream tables, context descriptors and registers that firmware would have set up.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "memory.h"
#include "node.h"
#include "problems.h"
#include "staleline/arm/attributes.h"
#include "staleline/scenario/scenario.h"
#include "views.h"

namespace staleline::scenario {

/// What the file says of one SMMU.
struct SmmuRequest {
  std::string name;
  Mark mark{};
  bool coherent = true, broadcast = false, enabled = true;
  arm::MemoryAttributes walk{};
  std::uint8_t split = 0;  ///< STRTAB_BASE_CFG.SPLIT of a two-level stream table; 0: linear
  struct Place {
    std::size_t region = 0;
    Mark mark{};
  };
  std::optional<Place> stream_table{}, contexts{}, command_queue{}, event_queue{};
};

[[nodiscard]] std::vector<SmmuRequest> read_smmus(const Node& node, const Memory& memory, Problems& problems);

/// Appends the SMMUs to `scenario.smmus` and `scenario.agents`, which has the devices, and what lies in memory for them
/// to `scenario.init`. `node` is `agents`, for messages.
void set_up_smmus(const std::vector<SmmuRequest>& requests, const Memory& memory, const Views& views, const Node& node,
                  Scenario& scenario, Problems& problems);

}  // namespace staleline::scenario
