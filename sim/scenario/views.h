// SPDX-License-Identifier: Apache-2.0
// `mappings:`: how each view reaches the regions.
#pragma once

#include <optional>
#include <vector>

#include "memory.h"
#include "node.h"
#include "problems.h"
#include "staleline/scenario/scenario.h"
#include "tables.h"

namespace staleline::scenario {

struct Views {
  std::vector<View> views;
  std::vector<std::optional<ViewTables>> tables;  ///< parallel to `views`
  std::vector<Stages> stages;                     ///< parallel to `views`
  std::vector<Init> init;                         ///< the contents of all tables
};

/// Null: one view `default`, every region Normal Write-Back, Inner Shareable, at its physical address.
[[nodiscard]] Views read_views(const Node* node, const Memory& memory, Problems& problems);

/// Where an agent of `view` finds the first byte of a region; empty where no mapping covers it.
[[nodiscard]] std::optional<arm::VirtAddr> address_in(const View& view, std::size_t region, const Memory& memory);

}  // namespace staleline::scenario
