// SPDX-License-Identifier: Apache-2.0
// The bytes of the physical address space, allocated when touched, and the time that DRAM takes.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
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

  void read(arm::PhysAddr address, std::span<std::uint8_t> bytes) const {
    const std::uint64_t offset = address.offset_in(kPageBytes);
    if (offset + bytes.size() > kPageBytes) return read_pages(address, bytes);
    const auto* found = pages_.find(address.value / kPageBytes);
    if (found == nullptr) {
      std::memset(bytes.data(), 0, bytes.size());
    } else {
      std::memcpy(bytes.data(), (*found)->data() + offset, bytes.size());
    }
  }
  void write(arm::PhysAddr address, std::span<const std::uint8_t> bytes);
  [[nodiscard]] std::size_t pages() const { return pages_.size(); }

 private:
  using Page = std::array<std::uint8_t, kPageBytes>;
  void read_pages(arm::PhysAddr address, std::span<std::uint8_t> bytes) const;
  LineTable<std::unique_ptr<Page>> pages_;
};

/// Channels, interleaved by line: each access occupies one for a while and takes a fixed time.
class Dram {
 public:
  /// `occupancy` is that of a whole line; smaller accesses occupy a channel as long. `writes_queued`: how many
  /// writes may wait at a channel.
  Dram(std::uint32_t channels, engine::Cycle latency, engine::Cycle occupancy, std::uint32_t writes_queued)
      : free_at_(channels == 0 ? 1 : channels),
        latency_(latency),
        occupancy_(occupancy),
        queue_time_(occupancy * writes_queued) {}

  /// An access of `line` that is ready at `at`; returns when its bytes are there (a write: accepted).
  engine::Cycle access(engine::Cycle at, std::uint64_t line) {
    engine::Cycle& free_at = free_at_[channel_of(line)];
    const engine::Cycle start = at < free_at ? free_at : at;
    free_at = start + occupancy_;
    return start + latency_;
  }
  /// When access() returns, if it is the next.
  [[nodiscard]] engine::Cycle done(engine::Cycle at, std::uint64_t line) const {
    return std::max(at, free_at_[channel_of(line)]) + latency_;
  }
  /// When a write of `line` that is ready at `at` finds a place in the queue of its channel. Whoever sends writes
  /// that nobody waits for has to wait for this, or the channel falls behind without bound.
  [[nodiscard]] engine::Cycle accepted(engine::Cycle at, std::uint64_t line) const {
    const engine::Cycle free_at = free_at_[channel_of(line)];
    return free_at > at + queue_time_ ? free_at - queue_time_ : at;
  }

 private:
  [[nodiscard]] std::size_t channel_of(std::uint64_t line) const {
    return free_at_.size() == 1 ? 0 : line / arm::kLineBytes % free_at_.size();
  }

  std::vector<engine::Cycle> free_at_;
  engine::Cycle latency_, occupancy_, queue_time_;
};

}  // namespace staleline::memory
