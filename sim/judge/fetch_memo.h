// SPDX-License-Identifier: Apache-2.0
// Fetches that were judged to be harmless and to leave all as it was, whole: what a loop fetches again and again is
// known by a few comparisons.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "staleline/event/event.h"

namespace staleline::judge {

struct Line;

class FetchMemo {
 public:
  /// A fetch, and what must not have moved since.
  struct Entry {
    const Line* line = nullptr;                    ///< of what has a size
    std::uint64_t stamp = 0;                       ///< Translations::stamp()
    std::uint32_t version = 0, fetch_version = 0;  ///< of the line, and of the agent in Orders
    arm::PhysAddr address{};
    std::array<std::uint64_t, 2> data{};
    std::uint32_t entry = 0;
    event::AgentId agent{};
    event::PeId pe = event::kNoPe;
    std::uint8_t size = 0;
    event::Path path{};

    /// True where `e` is the same fetch, of the same bytes by the same translation.
    [[nodiscard]] bool is(const event::Event& e) const {
      return address == e.address && data[0] == e.data[0] && data[1] == e.data[1] && entry == e.entry &&
             std::bit_cast<std::uint32_t>(path) == std::bit_cast<std::uint32_t>(e.path) && agent == e.agent &&
             pe == e.pe && size == e.size;
    }
  };

  /// Where the fetch at `a` is, if it is known.
  [[nodiscard]] Entry& at(arm::PhysAddr a) {
    // A group of 16 bytes is entered at any of its instructions.
    return entries_[(a.value >> 4 ^ a.value << 6) & mask_];
  }
  /// The table is direct-mapped, and larger for larger programs.
  void put(const Entry& e) {
    if (const Entry& before = at(e.address);
        before.size != 0 && before.address != e.address && ++displaced_ > entries_.size() && entries_.size() < kMost) {
      displaced_ = 0;
      entries_.assign(4 * entries_.size(), {});
      mask_ = entries_.size() - 1;
    }
    at(e.address) = e;
  }

 private:
  static constexpr std::size_t kFew = 64, kMost = 16384;
  std::vector<Entry> entries_ = std::vector<Entry>(kFew);
  std::size_t mask_ = kFew - 1;
  std::size_t displaced_ = 0;  ///< that made room for others since the table became larger
};

}  // namespace staleline::judge
