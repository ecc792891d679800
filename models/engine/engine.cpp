// SPDX-License-Identifier: Apache-2.0
// The window loop and the merge of the components' events.
#include "staleline/engine/engine.h"

#include <algorithm>
#include <cassert>

namespace staleline::engine {

namespace {

[[maybe_unused]] bool sorted_by_cycle(const std::vector<event::Event>& events) {
  return std::is_sorted(events.begin(), events.end(),
                        [](const event::Event& a, const event::Event& b) { return a.cycle < b.cycle; });
}

}  // namespace

void Engine::add(Component& component) {
  assert(!started_);
  component.id_ = static_cast<std::uint16_t>(components_.size());
  components_.push_back(&component);
}

void Engine::listen(event::Listener& listener) {
  assert(!started_);
  listeners_.push_back(&listener);
}

void Engine::configure(Cycle window, bool reverse) {
  assert(window >= 1);
  window_ = window;
  reverse_ = reverse;
}

void Engine::start() {
  started_ = true;
  if (listeners_.empty()) return;
  const bool copies = std::any_of(listeners_.begin(), listeners_.end(),
                                  [](const event::Listener* l) { return l->wants_copy_events(); });
  for (Component* component : components_) {
    buffers_.push_back(std::make_unique<event::Buffer>(component->id(), copies));
    component->events_ = buffers_.back().get();
  }
}

Cycle Engine::run_window() {
  if (!started_) start();
  Cycle from = kNever;
  for (const Component* component : components_) from = std::min(from, component->next());
  if (from == kNever) {
    deliver(kNever);
    return kNever;
  }
  const Cycle end = from + window_;
  if (reverse_) {
    for (auto it = components_.rbegin(); it != components_.rend(); ++it) (*it)->run(end);
  } else {
    for (Component* component : components_) component->run(end);
  }
  if (!listeners_.empty()) deliver(end);
  return end;
}

void Engine::deliver(Cycle end) {
  sources_.clear();
  for (const auto& buffer : buffers_) {
    if (buffer->events().empty()) continue;
    assert(sorted_by_cycle(buffer->events()));
    sources_.push_back({buffer.get(), 0});
  }
  const auto tell = [this](const event::Event& e) {
    for (event::Listener* listener : listeners_) listener->on_event(e);
  };
  // Sources are in component order, so the first of the smallest cycle is the next event; the rest of
  // its run up to the next smallest cycle needs no further comparison.
  while (!sources_.empty()) {
    std::size_t best = 0;
    Cycle best_cycle = kNever;
    Cycle limit = end;  // run `best` while below it ...
    bool ties = false;  // ... or equal to it, where `best` comes before the source that set it
    for (std::size_t i = 0; i < sources_.size(); ++i) {
      const Cycle cycle = sources_[i].buffer->events()[sources_[i].position].cycle;
      if (cycle < best_cycle) {
        if (best_cycle <= limit) {
          limit = best_cycle;
          ties = false;  // the former best stands before this source
        }
        best = i;
        best_cycle = cycle;
      } else if (cycle < limit) {
        limit = cycle;
        ties = true;
      }
    }
    if (best_cycle >= end && end != kNever) break;
    Source& source = sources_[best];
    const auto& events = source.buffer->events();
    const std::size_t count = events.size();
    std::size_t at = source.position;
    do {
      tell(events[at]);
      ++at;
    } while (at < count && (events[at].cycle < limit || (ties && events[at].cycle == limit)));
    source.position = at;
    if (at == count) {
      source.buffer->clear();
      sources_.erase(sources_.begin() + static_cast<std::ptrdiff_t>(best));
    }
  }
  for (const Source& source : sources_) source.buffer->drop(source.position);
}

}  // namespace staleline::engine
