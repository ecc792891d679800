// SPDX-License-Identifier: Apache-2.0
// The store buffer of a PE: a FIFO of line-sized entries that merges, forwards and drains. It knows
// no time of its own and no caches; the core sends what it offers.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <span>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/engine/component.h"
#include "staleline/event/event.h"

namespace staleline::pe {

using engine::Cycle;

class StoreBuffer {
 public:
  struct Entry {
    arm::PhysAddr line{};
    event::Path path{};
    std::uint64_t mask = 0;  ///< one bit a byte of the line
    std::array<std::uint8_t, 64> data{};
    Cycle due = 0;  ///< leaves at the latest now
    std::uint32_t id = 0;
    std::uint16_t agent = 0;
    bool release = false;     ///< of a Store-Release; nothing merges into it
    bool sent = false;        ///< on its way: still forwards, no longer merges
    std::uint8_t pieces = 0;  ///< transfers that are not done yet
  };

  StoreBuffer(std::size_t capacity, Cycle drain_cycles);

  [[nodiscard]] bool empty() const { return order_.empty(); }
  [[nodiscard]] bool full() const { return order_.size() >= entries_.size(); }
  /// Takes a store, by merging where `path` gathers and the youngest entry is of the same line and
  /// path; false where there is no room. `bytes` lie in one line.
  bool put(Cycle now, arm::PhysAddr address, std::span<const std::uint8_t> bytes, event::Path path, bool release,
           event::AgentId agent);

  /// What younger entries hold of [address, address + out.size()): the bytes go to `out`.
  struct Forwarded {
    std::uint64_t mask = 0;      ///< bit i: byte i of `out` was written
    bool other_path = false;     ///< an overlapping entry was written with other attributes
    std::uint32_t youngest = 0;  ///< the youngest such entry
  };
  Forwarded forward(arm::PhysAddr address, std::span<std::uint8_t> out, event::Path path) const;

  /// Entries up to `id` shall drain whatever their age.
  void demand(std::uint32_t id) {
    demanded_ = id > demanded_ ? id : demanded_;
    known_ = false;
  }
  void demand_all() { demand(last_id_); }

  /// True where an entry has bytes of the line that `address` is in.
  [[nodiscard]] bool holds_line(arm::PhysAddr address) const {
    const arm::PhysAddr line = address.aligned_down(arm::kLineBytes);
    for (const std::uint32_t n : order_)
      if (entries_[n].line == line) return true;
    return false;
  }

  [[nodiscard]] std::uint32_t last_id() const { return last_id_; }
  /// True where an entry that is not younger than `id` is still here.
  [[nodiscard]] bool holds_up_to(std::uint32_t id) const { return !empty() && entries_[order_.front()].id <= id; }

  /// The youngest entry that satisfies `wanted`, 0 where there is none.
  template <class Predicate>
  [[nodiscard]] std::uint32_t youngest(Predicate wanted) const {
    for (auto n = order_.rbegin(); n != order_.rend(); ++n) {
      if (wanted(entries_[*n])) return entries_[*n].id;
    }
    return 0;
  }

  /// The next entry to send at `now`; null where none may or must. Entries are sent in order, a few at
  /// a time; Device entries and entries of one line wait for their elders to be done. What it says stays until the next
  /// put(), even where the entry is done.
  [[nodiscard]] Entry* ready(Cycle now);
  /// When ready() will next have an entry without any being done; kNever if it waits for that.
  [[nodiscard]] Cycle next() const {
    if (!known_) find_next();
    return next_;
  }
  /// One transfer of entry `id` is done; true where the entry left.
  bool done(std::uint32_t id);

 private:
  /// The oldest entry that was not sent; null where it may not be.
  [[nodiscard]] const Entry* find_candidate() const;
  void find_next() const;

  Cycle drain_cycles_;
  std::vector<Entry> entries_;               // where they stay
  std::vector<std::uint32_t> order_, free_;  // of entries: the oldest first, those that were sent in front; nobody's
  std::uint32_t last_id_ = 0, demanded_ = 0;
  std::size_t in_flight_ = 0;
  mutable Cycle next_ = engine::kNever;  // while `known_`: when the next entry may be sent
  mutable bool known_ = false;
};

/// Calls send(offset, bytes) for each transfer of an entry: runs of written bytes. A run of up to 16
/// goes as it is, so that a Device access stays one; a longer one is cut at multiples of 16.
template <class Send>
void for_each_piece(std::uint64_t mask, Send send) {
  while (mask != 0) {
    const auto at = static_cast<unsigned>(std::countr_zero(mask));
    const unsigned end = at + static_cast<unsigned>(std::countr_one(mask >> at));
    const unsigned stop = end - at <= 16 ? end : (at / 16 + 1) * 16;
    send(at, stop - at);
    mask = stop == 64 ? 0 : mask >> stop << stop;
  }
}

}  // namespace staleline::pe
