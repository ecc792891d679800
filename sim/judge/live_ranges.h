// SPDX-License-Identifier: Apache-2.0
// Where allocation is permitted: how many live mappings cover a line, for each node and each PE's
// instruction cache.
#pragma once

#include <cstdint>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/event/types.h"

namespace staleline::judge {

class LiveRanges {
 public:
  struct Change {
    arm::PhysAddr begin{}, end{};
    std::uint8_t node = 0;
    event::PeId pe = event::kNoPe;  ///< whose instruction cache; kNoPe: none
    int by = 1;                     ///< +1 or -1
    bool tables = false;            ///< by descriptors in memory, which end together once none is left
    [[nodiscard]] bool covers(arm::PhysAddr line) const { return line + arm::kLineBytes > begin && line < end; }
  };

  void add(const Change& c) { changes_.push_back(c); }
  /// No descriptor maps the range any more, and no TLB holds one that did.
  void end_tables(arm::PhysAddr begin, arm::PhysAddr end, std::uint8_t node) {
    changes_.push_back({.begin = begin, .end = end, .node = node, .by = 0, .tables = true});
  }
  [[nodiscard]] bool node_live(arm::PhysAddr line, std::uint8_t node) const {
    int declared = 0, by_tables = 0;
    for (const Change& c : changes_) {
      if (c.node != node || !c.covers(line)) continue;
      if (c.tables)
        by_tables = c.by == 0 ? 0 : by_tables + c.by;
      else
        declared += c.by;
    }
    return declared > 0 || by_tables > 0;
  }
  [[nodiscard]] bool instructions_live(arm::PhysAddr line, event::PeId pe) const {
    int count = 0;
    for (const Change& c : changes_)
      if (c.pe == pe && c.covers(line)) count += c.by;
    return count > 0;
  }

 private:
  std::vector<Change> changes_;
};

}  // namespace staleline::judge
