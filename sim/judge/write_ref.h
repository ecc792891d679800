// SPDX-License-Identifier: Apache-2.0
// Who wrote a byte last, as far as later accesses have to know.
#pragma once

#include <cstdint>

#include "orders.h"
#include "staleline/event/types.h"
#include "staleline/judge/hazard.h"

namespace staleline::judge {

inline constexpr std::uint8_t kPastAllNodes = event::kNoNode.value;

/// The newest write of a byte. Epoch 0: the initial contents.
struct WriteRef {
  event::Cycle cycle = 0;
  Epoch epoch = 0;
  event::SourceLine line{};
  event::AgentId agent{};
  std::uint8_t node = kPastAllNodes;  ///< the node it looked up
  bool cacheable = false;
  [[nodiscard]] Deed deed() const { return {agent, line, cycle, epoch == 0}; }
};

}  // namespace staleline::judge
