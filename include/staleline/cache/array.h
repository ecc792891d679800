// SPDX-License-Identifier: Apache-2.0
// A set-associative array: tags with states, contiguous a set, the bytes of every line, and
// replacement. Private caches and shared levels are made of it.
#pragma once

#include <cassert>
#include <cstdint>
#include <cstring>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/cache/line_state.h"
#include "staleline/cache/private_caches.h"

namespace staleline::cache {

/// Lines are named by their address, a multiple of 64; a slot is a place in the array.
class Array {
 public:
  static constexpr std::uint32_t kNoSlot = 0xffff'ffff;

  /// An absent cache (geometry.bytes = 0) finds nothing. Throws std::invalid_argument where the number of
  /// sets is not a power of two, or ways are 0 or more than 64. `with_data` false: tags only.
  explicit Array(const Level& geometry, std::uint64_t seed = 1, bool with_data = true);

  [[nodiscard]] bool present() const { return ways_ != 0; }
  [[nodiscard]] std::uint32_t ways() const { return ways_; }
  [[nodiscard]] std::uint32_t sets() const { return ways_ == 0 ? 0 : slots() / ways_; }
  [[nodiscard]] std::uint32_t slots() const { return slots_; }

  /// The slot that holds the line; kNoSlot if none does.
  [[nodiscard]] std::uint32_t find(std::uint64_t line) const {
    if ((tags_[last_] & ~kStateBits) == line) return last_;
    const std::uint32_t first = first_of(line);
    const std::uint64_t* tag = tags_.data() + first;
    for (std::uint32_t way = 0; way < ways_; ++way) {
      if ((tag[way] & ~kStateBits) == line) return first + way;
    }
    return kNoSlot;
  }
  [[nodiscard]] LineState state(std::uint32_t slot) const {
    return tags_[slot] == kEmpty ? LineState::Invalid : static_cast<LineState>(tags_[slot] & kStateBits);
  }
  /// By set and way: a slot that may be empty.
  [[nodiscard]] std::uint32_t slot_of(std::uint32_t set, std::uint32_t way) const { return set * ways_ + way; }
  [[nodiscard]] std::uint64_t line(std::uint32_t slot) const { return tags_[slot] & ~kStateBits; }
  void set_state(std::uint32_t slot, LineState s) {
    tags_[slot] = (tags_[slot] & ~kStateBits) | static_cast<std::uint64_t>(s);
  }
  [[nodiscard]] std::uint8_t* data(std::uint32_t slot) { return data_.data() + std::size_t{slot} * arm::kLineBytes; }
  [[nodiscard]] const std::uint8_t* data(std::uint32_t slot) const {
    return data_.data() + std::size_t{slot} * arm::kLineBytes;
  }

  /// Notes a use, for replacement; one more of the last says nothing new.
  void touch(std::uint32_t slot, std::uint64_t line) {
    if (slot == last_) return;
    last_ = slot;
    switch (replacement_) {
      case Level::Replacement::PseudoLRU: {
        // A bit a way, set by use; when all are set the others start again.
        std::uint64_t& used = used_[line / arm::kLineBytes & set_mask_];
        const std::uint64_t bit = std::uint64_t{1} << (slot - first_of(line));
        used = (used | bit) == all_ways_ ? bit : used | bit;
        break;
      }
      case Level::Replacement::LRU:
        used_[slot] = ++clock_;
        break;
      case Level::Replacement::Random:
        break;
    }
  }

  /// The slot that a new line will take: an empty one, else the one to be replaced. A line in state
  /// SharedToModified stays where it is; kNoSlot if the set has nothing else.
  [[nodiscard]] std::uint32_t victim(std::uint64_t line);
  /// How many lines of the set are in `s`.
  [[nodiscard]] std::uint32_t count(std::uint64_t line, LineState s) const;

  void put(std::uint32_t slot, std::uint64_t line, LineState s, const std::uint8_t* bytes) {
    tags_[slot] = line | static_cast<std::uint64_t>(s);
    if (bytes != nullptr && !data_.empty()) std::memcpy(data(slot), bytes, arm::kLineBytes);
    touch(slot, line);
  }
  void remove(std::uint32_t slot) { tags_[slot] = kEmpty; }

 private:
  static constexpr std::uint64_t kStateBits = arm::kLineBytes - 1;
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};

  [[nodiscard]] std::uint32_t first_of(std::uint64_t line) const {
    return static_cast<std::uint32_t>(line / arm::kLineBytes & set_mask_) * ways_;
  }

  std::vector<std::uint64_t> tags_ = {kEmpty};  // line | state; behind the last slot one that is always empty
  std::vector<std::uint8_t> data_;
  std::vector<std::uint64_t> used_;  // PseudoLRU: a bit a way, by set; LRU: stamps, by slot
  std::uint64_t set_mask_ = 0, all_ways_ = 0, clock_ = 0, random_ = 1;
  std::uint32_t ways_ = 0, slots_ = 0;
  std::uint32_t last_ = 0;  // the slot that was used last; at first the one behind all
  Level::Replacement replacement_{};
};

}  // namespace staleline::cache
