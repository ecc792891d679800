// SPDX-License-Identifier: Apache-2.0
// What is in memory and in caches before cycle 0.
#pragma once

#include <array>
#include <map>
#include <span>
#include <vector>

#include "machine.h"
#include "staleline/event/event.h"

namespace staleline::run {

/// Memory before cycle 0, kept after the run has changed it.
class InitialMemory {
 public:
  void write(arm::PhysAddr address, std::span<const std::uint8_t> bytes);
  void read(arm::PhysAddr address, std::span<std::uint8_t> bytes) const;
  /// Calls visit(address, bytes) for every line that was written, ascending.
  template <class Visit>
  void for_each_line(Visit visit) const {
    for (const auto& [line, bytes] : lines_) visit(arm::PhysAddr{line}, bytes);
  }

 private:
  std::map<std::uint64_t, std::array<std::uint8_t, 64>> lines_;
};

/// A line that a cache holds before cycle 0.
struct HeldLine {
  event::AgentId holder{};
  arm::PhysAddr line{};
  bool dirty = false;
  std::array<std::uint8_t, 64> data{};
};

struct Initial {
  InitialMemory memory;
  std::vector<HeldLine> held;        ///< in file order; of one line a later dirty one replaces all earlier ones
  std::vector<event::Event> events;  ///< what the judge is told first
};
[[nodiscard]] Initial initial(const scenario::Scenario& s);

/// Puts it into the machine's memory and caches.
void load(const Initial& initial, Machine& machine);

}  // namespace staleline::run
