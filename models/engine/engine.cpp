// SPDX-License-Identifier: Apache-2.0
// The window loop and the merge of the components' events.
#include "staleline/engine/engine.h"

#include <algorithm>
#include <cassert>

namespace staleline::engine {

namespace {

// Merging costs something a window; events are few in a window of a few cycles.
constexpr Cycle kWindowsPerDelivery = 64;

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
  for (event::Listener* listener : listeners_) {
    const std::uint32_t kinds = listener->kinds();
    for (std::size_t k = 0; k < by_kind_.size(); ++k)
      if ((kinds >> k & 1) != 0) by_kind_[k].push_back(listener);
  }
  const bool copies = std::any_of(listeners_.begin(), listeners_.end(),
                                  [](const event::Listener* l) { return l->wants_copy_events(); });
  for (Component* component : components_) {
    buffers_.push_back(std::make_unique<event::Buffer>(component->id(), copies));
    component->events_ = buffers_.back().get();
  }
}

Cycle Engine::run_window() {
  if (!started_) start();
  Cycle from = kNever, second = kNever;
  std::size_t first = 0;
  for (std::size_t i = 0; i < components_.size(); ++i) {
    const Cycle due = components_[i]->next();
    due_[i] = due;
    if (due < from) {
      second = from;
      from = due;
      first = i;
    } else if (due < second) {
      second = due;
    }
  }
  if (from == kNever) {
    deliver_until(kNever);
    return kNever;
  }
  if (from >= last_) return end_ = last_;
  // A component with nothing due cannot get anything due in this window either.
  Cycle end = std::min(from + window_, last_);
  if (ahead_ != 0 && second > end) {
    const Cycle most = std::min({second, std::max(end, from + ahead_), last_});
    end = components_[first]->run_alone(most, window_);
  } else if (reverse_) {
    for (std::size_t i = components_.size(); i-- > 0;) {
      if (due_[i] < end) components_[i]->run(end);
    }
  } else {
    for (std::size_t i = 0; i < components_.size(); ++i) {
      if (due_[i] < end) components_[i]->run(end);
    }
  }
  end_ = end;
  undelivered_ += end - from;
  if (undelivered_ >= kWindowsPerDelivery * window_) deliver();
  return end;
}

void Engine::deliver() {
  undelivered_ = 0;
  if (!listeners_.empty()) deliver_until(end_);
}

void Engine::deliver_until(Cycle end) {
  sources_.clear();
  for (const auto& buffer : buffers_) {
    const auto& events = buffer->events();
    if (events.empty()) continue;
    assert(events.front().cycle <= events.back().cycle);  // each source is sorted by cycle
    sources_.push_back({events.data(), events.data() + events.size(), events.front().cycle, buffer.get()});
  }
  if (sources_.size() == 1) {
    tell(sources_.front(), end);
  } else {
    merge(end);
  }
  for (const Source& s : sources_) {
    const event::Event* at = s.at;
    while (at != s.buffer->events().data() && (--at)->cycle > last_deed_)
      if (at->kind < event::Kind::Live) last_deed_ = at->cycle;
    s.buffer->drop(s.buffer->events().size() - static_cast<std::size_t>(s.last - s.at));
  }
}

void Engine::tell(Source& s, Cycle end) const {
  for (; s.at != s.last && s.at->cycle < end; ++s.at)
    for (event::Listener* listener : by_kind_[static_cast<std::size_t>(s.at->kind)]) listener->on_event(*s.at);
  s.cycle = s.at == s.last ? kNever : s.at->cycle;
}

void Engine::merge(Cycle end) {
  Cycle cycle = kNever;
  for (const Source& s : sources_) cycle = std::min(cycle, s.cycle);
  // Sources are in component order, so all events of one cycle are told source by source.
  while (cycle < end) {
    Cycle next = kNever;
    Source* told = nullptr;
    std::size_t how_many = 0;
    for (Source& s : sources_) {
      if (s.cycle == cycle) {
        do {
          for (event::Listener* listener : by_kind_[static_cast<std::size_t>(s.at->kind)]) listener->on_event(*s.at);
        } while (++s.at != s.last && s.at->cycle == cycle);
        s.cycle = s.at == s.last ? kNever : s.at->cycle;
        told = &s;
        ++how_many;
      }
      next = std::min(next, s.cycle);
    }
    cycle = next;
    if (how_many == 1 && told->cycle == cycle && cycle < end) cycle = go_on(*told, end);
  }
}

Cycle Engine::go_on(Source& s, Cycle end) {
  Cycle others = kNever;
  for (const Source& one : sources_)
    if (&one != &s) others = std::min(others, one.cycle);
  tell(s, std::min(others, end));
  return std::min(s.cycle, others);
}

}  // namespace staleline::engine
