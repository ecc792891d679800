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
  due_.resize(components_.size());
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
  for (std::size_t i = 0; i < components_.size(); ++i) {
    due_[i] = components_[i]->next();
    from = std::min(from, due_[i]);
  }
  if (from == kNever) {
    deliver(kNever);
    return kNever;
  }
  // A component with nothing due cannot get anything due in this window either.
  const Cycle end = from + window_;
  if (reverse_) {
    for (std::size_t i = components_.size(); i-- > 0;) {
      if (due_[i] < end) components_[i]->run(end);
    }
  } else {
    for (std::size_t i = 0; i < components_.size(); ++i) {
      if (due_[i] < end) components_[i]->run(end);
    }
  }
  if (!listeners_.empty()) deliver(end);
  return end;
}

void Engine::deliver(Cycle end) {
  sources_.clear();
  for (const auto& buffer : buffers_) {
    const auto& events = buffer->events();
    if (events.empty()) continue;
    assert(sorted_by_cycle(events));
    sources_.push_back({events.data(), events.data() + events.size(), events.front().cycle, buffer.get()});
  }
  // Sources are in component order, so the first of the smallest cycle has the next event, and keeps it
  // until its cycle reaches that of another source.
  while (!sources_.empty()) {
    Source* best = sources_.data();
    Cycle limit = end;       // run `best` below it ...
    bool equal_too = false;  // ... and at it, where `best` stands before the source that set it
    Source* const last = sources_.data() + sources_.size();
    for (Source* s = best + 1; s != last; ++s) {
      if (s->cycle < best->cycle) {
        if (best->cycle <= limit) {
          limit = best->cycle;
          equal_too = false;
        }
        best = s;
      } else if (s->cycle < limit) {
        limit = s->cycle;
        equal_too = true;
      }
    }
    if (best->cycle >= end) break;
    const Cycle until = equal_too ? limit + 1 : limit;
    do {
      for (event::Listener* listener : listeners_) listener->on_event(*best->at);
      if (++best->at == best->last) break;
      best->cycle = best->at->cycle;
    } while (best->cycle < until);
    if (best->at == best->last) {
      best->buffer->clear();
      sources_.erase(sources_.begin() + (best - sources_.data()));
    }
  }
  for (const Source& s : sources_) {
    s.buffer->drop(s.buffer->events().size() - static_cast<std::size_t>(s.last - s.at));
  }
}

}  // namespace staleline::engine
