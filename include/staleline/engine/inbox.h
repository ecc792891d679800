// SPDX-License-Identifier: Apache-2.0
// Messages that wait for their cycle, in (due, source, sequence) order whatever the order in
// which they were put in. That order is what makes windows and visiting order invisible.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
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
  /// The earliest due cycle; kNever if empty. A reference that stays good as long as the inbox.
  [[nodiscard]] const Cycle& next() const { return next_; }

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
    std::size_t at = order_.size();
    order_.push_back(key);
    while (at > head_ && key.before(order_[at - 1])) {
      order_[at] = order_[at - 1];
      --at;
    }
    order_[at] = key;
    if (at == head_) next_ = due;
    return pool_[slot];
  }

  /// The first message. Valid until it is popped or another is put in. Call only if not empty.
  [[nodiscard]] const T& front() const {
    assert(!empty());
    return pool_[order_[head_].slot];
  }
  void pop() {
    assert(!empty());
    free_.push_back(order_[head_].slot);
    ++head_;
    if (head_ == order_.size()) {
      order_.clear();
      head_ = 0;
      next_ = kNever;
      return;
    }
    next_ = order_[head_].due;
    if (head_ >= kSlack && head_ * 2 >= order_.size()) {
      order_.erase(order_.begin(), order_.begin() + static_cast<std::ptrdiff_t>(head_));
      head_ = 0;
    }
  }
  /// The first message, taken out.
  [[nodiscard]] T take() {
    T first = front();
    pop();
    return first;
  }

 private:
  struct Key {
    Cycle due;
    std::uint64_t from;  // source and sequence
    std::uint32_t slot;
    [[nodiscard]] bool before(const Key& other) const { return due != other.due ? due < other.due : from < other.from; }
  };
  static constexpr std::size_t kSlack = 64;  // taken keys that may stay in front

  Cycle next_ = kNever;
  std::vector<Key> order_;  // sorted from head_
  std::size_t head_ = 0;
  std::vector<T> pool_;
  std::vector<std::uint32_t> free_;
};

}  // namespace staleline::engine
