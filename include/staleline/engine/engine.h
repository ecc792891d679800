// SPDX-License-Identifier: Apache-2.0
// Runs the components of a platform window by window and tells the listeners what happened.
// The result does not depend on the window or on the order in which components are visited.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "staleline/engine/component.h"
#include "staleline/event/listener.h"

namespace staleline::engine {

/// The conservative time loop. Components talk only by messages (see Inbox) that take at least one
/// window, so nothing that happens inside a window can matter to another component in it.
class Engine {
 public:
  /// Adds a component; its id is the order of adding. Before the first window.
  void add(Component& component);
  /// Adds a listener. Before the first window; components buffer events only if somebody listens.
  void listen(event::Listener& listener);
  /// `window` in cycles, at least 1 and at most the smallest latency between two components, which the
  /// caller checks; `reverse`: visit the components of a window from the last to the first.
  void configure(Cycle window, bool reverse);
  /// A component that alone has something to do may go on for `most` cycles at once, as far as it tells others nothing
  /// and where these have nothing to do.
  void run_ahead(Cycle most) { ahead_ = most; }
  /// Nothing is done in the cycle `last` or after it: from then on run_window() returns `last`.
  void stop_before(Cycle last) { last_ = last; }
  /// Runs one window from the earliest next(). Returns its end, kNever if nothing is left to do: then all
  /// events have been delivered.
  Cycle run_window();
  /// Delivers the events of the windows so far, in (cycle, component, sequence) order. run_window() does so
  /// every few windows; whoever stops before the end calls this. An event whose cycle lies beyond the last
  /// window is held back until a window reaches it.
  void deliver();
  /// The last cycle in which an agent did something, of what was delivered; copies may move long after.
  [[nodiscard]] Cycle last_deed() const { return last_deed_; }

 private:
  void start();
  void deliver_until(Cycle end);

  struct Source {
    const event::Event* at;
    const event::Event* last;
    Cycle cycle;  // of *at, kNever where none is left
    event::Buffer* buffer;
  };
  /// Tells the events of `s` whose cycle is before `end`.
  void tell(Source& s, Cycle end) const;
  void merge(Cycle end);
  /// One source was due alone, and is due again: tells all that it has before another one is. Returns when that is.
  Cycle go_on(Source& s, Cycle end);

  std::vector<Component*> components_;
  std::vector<std::unique_ptr<event::Buffer>> buffers_;
  std::vector<event::Listener*> listeners_;
  std::array<std::vector<event::Listener*>, 32> by_kind_;
  std::vector<Source> sources_;  // scratch of deliver()
  std::vector<Cycle> due_;       // scratch of run_window()
  Cycle window_ = 1;
  Cycle ahead_ = 0, last_ = kNever;
  Cycle end_ = 0;          ///< of the last window
  Cycle undelivered_ = 0;  ///< cycles of the windows since events were delivered
  Cycle last_deed_ = 0;
  bool reverse_ = false;
  bool started_ = false;
};

}  // namespace staleline::engine
