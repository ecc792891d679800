// SPDX-License-Identifier: Apache-2.0
// Messages that wait for their cycle, in (due, source, sequence) order whatever the order in
// which they were put in. That order is what makes windows and visiting order invisible.
#pragma once

#include <algorithm>
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
  [[nodiscard]] bool empty() const { return head_ == tail_; }
  [[nodiscard]] std::size_t size() const { return tail_ - head_; }
  /// The earliest due cycle; kNever if empty. A reference that stays good as long as the inbox.
  [[nodiscard]] const Cycle& next() const { return next_; }

  /// Puts a message in and returns it to be filled in; valid until the next call. Its bytes are stale.
  T& put(Cycle due, std::uint16_t source, std::uint32_t sequence) {
    if (free_.empty()) add_slot();
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    if (tail_ == order_.size()) make_room();
    const Key key{due, static_cast<std::uint64_t>(source) << (32 + kSlotBits) |
                           static_cast<std::uint64_t>(sequence) << kSlotBits | slot};
    Key* at = order_.data() + tail_++;
    Key* const first = order_.data() + head_;
    for (; at != first && key.before(at[-1]); --at) *at = at[-1];
    *at = key;
    if (at == first) next_ = due;
    return pool_[slot];
  }

  /// The first message. Valid until it is popped or another is put in. Call only if not empty.
  [[nodiscard]] const T& front() const {
    assert(!empty());
    return pool_[order_[head_].slot()];
  }
  void pop() {
    assert(!empty());
    free_.push_back(order_[head_].slot());
    if (++head_ == tail_) {
      head_ = tail_ = 0;
      next_ = kNever;
    } else {
      next_ = order_[head_].due;
    }
  }
  /// The first message, taken out.
  [[nodiscard]] T take() {
    T first = front();
    pop();
    return first;
  }

 private:
  static constexpr unsigned kSlotBits = 20;  // how many messages may wait at once, as a power of two

  struct Key {
    Cycle due;
    std::uint64_t from;  // source, sequence, slot
    // Source and sequence are unique, so the slot never decides.
    [[nodiscard]] bool before(const Key& other) const { return due != other.due ? due < other.due : from < other.from; }
    [[nodiscard]] std::uint32_t slot() const { return static_cast<std::uint32_t>(from & ((1U << kSlotBits) - 1)); }
  };

  void add_slot() {
    assert(pool_.size() < std::size_t{1} << kSlotBits);
    free_.push_back(static_cast<std::uint32_t>(pool_.size()));
    pool_.emplace_back();
  }
  // Moves what waits to the front; grows where that gains less than half.
  void make_room() {
    std::copy(order_.begin() + static_cast<std::ptrdiff_t>(head_), order_.begin() + static_cast<std::ptrdiff_t>(tail_),
              order_.begin());
    tail_ -= head_;
    head_ = 0;
    if (tail_ * 2 > order_.size()) order_.resize(order_.size() * 2);
  }

  Cycle next_ = kNever;
  std::vector<Key> order_ = std::vector<Key>(64);  // sorted from head_ to tail_
  std::size_t head_ = 0, tail_ = 0;
  std::vector<T> pool_;
  std::vector<std::uint32_t> free_;
};

}  // namespace staleline::engine
