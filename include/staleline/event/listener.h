// SPDX-License-Identifier: Apache-2.0
// Who hears events. A component buffers the events of a few windows; the engine merges
// the buffers and tells every listener. With no listener a component has no buffer at all.
#pragma once

#include <cstddef>
#include <vector>

#include "staleline/event/event.h"

namespace staleline::event {

[[nodiscard]] constexpr std::uint32_t just(Kind kind) { return std::uint32_t{1} << static_cast<unsigned>(kind); }
/// Every kind that stands before `kind`.
[[nodiscard]] constexpr std::uint32_t kinds_before(Kind kind) { return just(kind) - 1; }

/// Hears every event of a run in (cycle, component, sequence) order.
class Listener {
 public:
  virtual ~Listener() = default;
  virtual void on_event(const Event& e) = 0;
  /// True where Fill ... MemoryWrite events are wanted; they are not emitted otherwise.
  [[nodiscard]] virtual bool wants_copy_events() const { return false; }
  /// Bit k: on_event() is called for events of kind k. Asked once, before the first event.
  [[nodiscard]] virtual std::uint32_t kinds() const { return ~std::uint32_t{0}; }
};

/// The events of one component that were not delivered yet, in the order they were emitted.
class Buffer {
 public:
  Buffer(std::uint16_t component, bool copy_events) : component_(component), copy_events_(copy_events) {}

  [[nodiscard]] bool wants_copy_events() const { return copy_events_; }
  void emit(const Event& e) {
    Event& kept = events_.emplace_back(e);
    kept.component = component_;
    kept.sequence = sequence_++;
  }
  /// A new event to be filled in place; its cycle is not before that of the last.
  Event& add() {
    Event& kept = events_.emplace_back();
    kept.component = component_;
    kept.sequence = sequence_++;
    return kept;
  }

  [[nodiscard]] const std::vector<Event>& events() const { return events_; }
  void clear() { events_.clear(); }
  /// Removes the first `count` events, which were delivered.
  void drop(std::size_t count) { events_.erase(events_.begin(), events_.begin() + static_cast<std::ptrdiff_t>(count)); }

 private:
  std::vector<Event> events_;
  std::uint32_t sequence_ = 0;
  std::uint16_t component_;
  bool copy_events_;
};

}  // namespace staleline::event
