// SPDX-License-Identifier: Apache-2.0
// Conservative time: components run ahead of each other by at most one window, which is never
// longer than the smallest one-way latency between two components. Nothing that another
// component does can then matter inside a window, so the order of visits cannot be seen.
#pragma once

#include <algorithm>
#include <cstdint>
#include <limits>

#include "staleline/event/listener.h"

namespace staleline::engine {

using event::Cycle;
inline constexpr Cycle kNever = std::numeric_limits<Cycle>::max();

/// A part of the platform with its own local time: a PE with its private caches, a DMA
/// engine, the interconnect with the shared levels and memory.
class Component {
 public:
  virtual ~Component() = default;
  /// The earliest cycle at which this component has something to do; kNever if it only waits.
  [[nodiscard]] virtual Cycle next() const = 0;
  /// Does everything that is due before `until` (exclusive).
  virtual void run(Cycle until) = 0;
  /// The same, where nothing is due elsewhere before `until`, which is more than a window away: it may stop earlier,
  /// one window from next() or later, and has to stop one window after it first told another component anything, one
  /// that it takes along to the same cycle apart. Returns when it stopped (exclusive).
  virtual Cycle run_alone(Cycle until, Cycle window) {
    const Cycle end = std::min(until, next() + window);
    run(end);
    return end;
  }

  /// The component's dense number: ties between messages of one cycle are broken by it.
  [[nodiscard]] std::uint16_t id() const { return id_; }
  /// Null while nobody listens.
  [[nodiscard]] event::Buffer* events() const { return events_; }

 private:
  friend class Engine;
  std::uint16_t id_ = 0;
  event::Buffer* events_ = nullptr;
};

}  // namespace staleline::engine
