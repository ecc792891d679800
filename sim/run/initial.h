// SPDX-License-Identifier: Apache-2.0
// What is in memory and in caches before cycle 0.
#pragma once

#include <algorithm>
#include <array>
#include <span>
#include <utility>
#include <vector>

#include "machine.h"
#include "staleline/event/event.h"
#include "staleline/memory/memory.h"

namespace staleline::run {

/// Memory before cycle 0, kept after the run has changed it.
class InitialMemory {
 public:
  void write(arm::PhysAddr address, std::span<const std::uint8_t> bytes);
  void read(arm::PhysAddr address, std::span<std::uint8_t> bytes) const { memory_.read(address, bytes); }
  /// Calls visit(address, bytes) for all that was written, in parts.
  template <class Visit>
  void for_each_part(Visit visit) const {
    std::vector<std::uint8_t> part(memory::Memory::kPageBytes);
    for (const auto& [begin, bytes] : written_) {
      for (std::uint64_t done = 0; done < bytes; done += part.size()) {
        part.resize(std::min<std::uint64_t>(memory::Memory::kPageBytes, bytes - done));
        memory_.read(begin + done, part);
        visit(begin + done, std::span<const std::uint8_t>(part));
      }
      part.resize(memory::Memory::kPageBytes);
    }
  }

 private:
  memory::Memory memory_;
  std::vector<std::pair<arm::PhysAddr, std::uint64_t>> written_;  // and how many bytes
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
