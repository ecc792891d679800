// SPDX-License-Identifier: Apache-2.0
// Messages that wait for their cycle, in (due, source, sequence) order whatever the order in
// which they were put in. That order is what makes windows and visiting order invisible.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "staleline/engine/component.h"

namespace staleline::engine {

/// A queue for messages of type T. Senders are numbered by `source`; `sequence` counts the messages of one
/// source. Senders run in windows, so a message is put in near the end: insertion is constant on average.
template <class T>
class Inbox {
 public:
  [[nodiscard]] bool empty() const { return head_ == order_.size(); }
  [[nodiscard]] std::size_t size() const { return order_.size() - head_; }
  /// The earliest due cycle; kNever if empty.
  [[nodiscard]] Cycle next() const { return empty() ? kNever : order_[head_].due; }

  /// Puts a message in and returns it to be filled in; valid until the next call. Its bytes are stale.
  T& put(Cycle due, std::uint16_t source, std::uint32_t sequence) {
    std::uint32_t slot;
    if (free_.empty()) {
      slot = static_cast<std::uint32_t>(pool_.size());
      pool_.emplace_back();
    } else {
      slot = free_.back();
      free_.pop_back();
    }
    const Key key{due, static_cast<std::uint64_t>(source) << 32 | sequence, slot};
    if (head_ == order_.size()) {
      order_.clear();
      head_ = 0;
    }
    order_.push_back(key);
    std::size_t at = order_.size() - 1;
    while (at > head_ && key.before(order_[at - 1])) {
      order_[at] = order_[at - 1];
      --at;
    }
    order_[at] = key;
    return pool_[slot];
  }

  /// The first message, taken out. Call only if not empty.
  [[nodiscard]] T take() {
    assert(!empty());
    const std::uint32_t slot = order_[head_].slot;
    ++head_;
    if (head_ >= 64 && head_ * 2 >= order_.size()) {
      order_.erase(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
    free_.push_back(slot);
    return std::move(pool_[slot]);
  }

 private:
  struct Key {
    Cycle due;
    std::uint64_t from;  // source and sequence
    std::uint32_t slot;
    [[nodiscard]] bool before(const Key& other) const { return due != other.due ? due < other.due : from < other.from; }
  };
  std::vector<Key> order_;  // sorted from head_
  std::size_t head_ = 0;
  std::vector<T> pool_;
  std::vector<std::uint32_t> free_;
};

}  // namespace staleline::engine
