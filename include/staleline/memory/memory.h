// SPDX-License-Identifier: Apache-2.0
// The bytes of the physical address space, allocated when touched, and the time that DRAM takes.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/engine/component.h"
#include "staleline/memory/line_table.h"

namespace staleline::memory {

/// Bytes read as 0 until they are written.
class Memory {
 public:
  static constexpr std::uint64_t kPageBytes = 4096;

  void read(arm::PhysAddr address, std::span<std::uint8_t> bytes) const;
  void write(arm::PhysAddr address, std::span<const std::uint8_t> bytes);
  [[nodiscard]] std::size_t pages() const { return pages_.size(); }

 private:
  using Page = std::array<std::uint8_t, kPageBytes>;
  LineTable<std::unique_ptr<Page>> pages_;
};

/// Channels, interleaved by line: each access occupies one for a while and takes a fixed time.
class Dram {
 public:
  /// `occupancy` is that of a whole line; smaller accesses occupy a channel as long.
  Dram(std::uint32_t channels, engine::Cycle latency, engine::Cycle occupancy)
      : free_at_(channels == 0 ? 1 : channels), latency_(latency), occupancy_(occupancy) {}

  /// An access of `line` that is ready at `at`; returns when its bytes are there (a write: accepted).
  engine::Cycle access(engine::Cycle at, std::uint64_t line) {
    engine::Cycle& free_at = free_at_[free_at_.size() == 1 ? 0 : line / arm::kLineBytes % free_at_.size()];
    const engine::Cycle start = at < free_at ? free_at : at;
    free_at = start + occupancy_;
    return start + latency_;
  }

 private:
  std::vector<engine::Cycle> free_at_;
  engine::Cycle latency_, occupancy_;
};

}  // namespace staleline::memory
