// SPDX-License-Identifier: Apache-2.0
// System registers that an agent wrote since it synchronised its context, and those that translation depends on with
// them.
#pragma once

#include <map>
#include <vector>

#include "staleline/arm/system_registers.h"
#include "staleline/judge/hazard.h"

namespace staleline::judge {

struct WrittenRegister {
  arm::SystemRegister named{};
  std::uint64_t in_force = 0, written = 0;
  Deed by{};  ///< where the two differ
};

/// By agent, from the first such write to context synchronisation.
using Unsynchronised = std::map<event::AgentId, std::vector<WrittenRegister>>;

}  // namespace staleline::judge
