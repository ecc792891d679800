// SPDX-License-Identifier: Apache-2.0
// Window size and visiting order cannot be seen: toy components that talk by messages, and the
// order in which listeners get events.
#include "staleline/engine/engine.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <tuple>

#include "staleline/engine/inbox.h"

namespace staleline::engine {
namespace {

using event::Event;

constexpr Cycle kLatency = 5;

/// Mixes what it receives into its state and sends on to a peer that the state picks.
class Toy : public Component {
 public:
  explicit Toy(std::uint64_t state, Cycle rests = 4) : state_(state), rests_(rests) {}
  std::vector<Toy*> peers;
  std::uint32_t left = 400;

  void put(Cycle due, std::uint16_t source, std::uint32_t sequence, std::uint64_t value) {
    inbox_.put(due, source, sequence) = value;
  }
  [[nodiscard]] Cycle next() const override { return std::min(own_, inbox_.next()); }
  void run(Cycle until) override {
    while (next() < until) {
      const Cycle now = next();
      while (inbox_.next() == now) {
        state_ = (state_ ^ inbox_.take()) * 0x9e3779b97f4a7c15U;
        note(now);
      }
      if (own_ == now) act(now);
    }
  }
  Cycle run_alone(Cycle until, Cycle window) override {
    const std::uint32_t before = sequence_;
    for (Cycle now = next(); now < until; now = next()) {
      run(now + 1);
      if (sequence_ != before) until = std::min(until, now + window);
    }
    alone += until;
    return until;
  }
  [[nodiscard]] std::uint64_t state() const { return state_; }
  Cycle alone = 0;

 private:
  void act(Cycle now) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    Toy& peer = *peers[(state_ >> 33) % peers.size()];
    // One that rests a lot says little, so that it acts alone.
    if (rests_ <= 4 || (state_ >> 20) % 8 == 0)
      peer.put(now + kLatency + (state_ >> 40) % 3, id(), sequence_++, state_);
    note(now);
    own_ = --left == 0 ? kNever : now + 1 + (state_ >> 50) % rests_;
  }
  void note(Cycle now) {
    if (events() == nullptr) return;
    Event e;
    e.cycle = now;
    e.data[0] = state_;
    events()->emit(e);
  }

  Inbox<std::uint64_t> inbox_;
  std::uint64_t state_;
  Cycle rests_;
  std::uint32_t sequence_ = 0;
  Cycle own_ = 0;
};

struct Log : event::Listener {
  void on_event(const Event& e) override { seen.push_back(e); }
  std::vector<Event> seen;
};

std::vector<Event> run(Cycle window, bool reverse, std::uint64_t seed, Cycle rests = 4, Cycle ahead = 0,
                       Cycle last = kNever) {
  std::vector<std::unique_ptr<Toy>> toys;
  Engine engine;
  Log log;
  for (std::uint64_t i = 0; i < 5; ++i) toys.push_back(std::make_unique<Toy>(seed * 977 + i, rests));
  for (auto& toy : toys) {
    for (auto& peer : toys) toy->peers.push_back(peer.get());
    engine.add(*toy);
  }
  engine.listen(log);
  engine.configure(window, reverse);
  engine.run_ahead(ahead);
  engine.stop_before(last);
  for (Cycle end = 0; end < last;) end = engine.run_window();
  CHECK(engine.run_window() == last);
  engine.deliver();
  Cycle alone = 0;
  for (const auto& toy : toys) alone += toy->alone;
  CHECK((alone != 0) == (ahead != 0));
  return log.seen;
}

auto key(const Event& e) { return std::tuple(e.cycle, e.component, e.sequence); }

}  // namespace

TEST_CASE("events and data are the same for every window and visiting order", "[engine]") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const auto reference = run(1, false, seed);
    REQUIRE(reference.size() > 2000);
    for (const auto& [window, reverse] :
         {std::pair<Cycle, bool>{1, true}, {2, false}, {kLatency, false}, {kLatency, true}}) {
      const auto other = run(window, reverse, seed);
      REQUIRE(other.size() == reference.size());
      bool same = true;
      for (std::size_t i = 0; i < reference.size(); ++i) {
        same = same && key(reference[i]) == key(other[i]) && reference[i].data == other[i].data;
      }
      CHECK(same);
    }
  }
}

TEST_CASE("an engine stops before a cycle, whatever the window", "[engine]") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    auto reference = run(1, false, seed, 100);
    const Cycle last = 5000 + 13 * seed;
    std::erase_if(reference, [last](const Event& e) { return e.cycle >= last; });
    REQUIRE(reference.size() > 200);
    for (const auto& [window, ahead] :
         {std::pair<Cycle, Cycle>{1, 0}, {kLatency, 0}, {1, 1}, {1, 1000}, {kLatency, 1000}}) {
      const auto other = run(window, false, seed, 100, ahead, last);
      CHECK(other.size() == reference.size());
      CHECK(std::all_of(other.begin(), other.end(), [last](const Event& e) { return e.cycle < last; }));
    }
  }
}

TEST_CASE("events and data are the same where one component runs ahead alone", "[engine]") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    const auto reference = run(1, false, seed, 100);
    REQUIRE(reference.size() > 2000);
    for (const auto& [window, ahead] : {std::pair<Cycle, Cycle>{1, 1}, {1, 50}, {kLatency, 3}, {kLatency, 1000}}) {
      const auto other = run(window, false, seed, 100, ahead);
      REQUIRE(other.size() == reference.size());
      bool same = true;
      for (std::size_t i = 0; i < reference.size(); ++i) {
        same = same && key(reference[i]) == key(other[i]) && reference[i].data == other[i].data;
      }
      CHECK(same);
    }
  }
}

TEST_CASE("listeners hear events in (cycle, component, sequence) order", "[engine]") {
  for (const Cycle window : {Cycle{1}, Cycle{3}, kLatency}) {
    const auto seen = run(window, false, 42);
    CHECK(std::is_sorted(seen.begin(), seen.end(), [](const Event& a, const Event& b) { return key(a) < key(b); }));
  }
}

namespace {
/// Emits an event for a cycle that lies `ahead` of the one in which it acts.
struct Ahead : Component {
  explicit Ahead(Cycle a, Cycle s) : ahead(a), step(s) {}
  Cycle ahead, step, now = 0;
  [[nodiscard]] Cycle next() const override { return now < 60 ? now : kNever; }
  void run(Cycle until) override {
    for (; next() < until; now += step) {
      Event e;
      e.cycle = now + ahead;
      events()->emit(e);
    }
  }
};
}  // namespace

TEST_CASE("an event beyond its window is held back, and none is lost", "[engine]") {
  Ahead far(7, 3), near(0, 1);
  Engine engine;
  Log log;
  engine.add(far);
  engine.add(near);
  engine.listen(log);
  engine.configure(2, false);
  while (engine.run_window() != kNever) {
  }
  CHECK(log.seen.size() == 80);
  CHECK(
      std::is_sorted(log.seen.begin(), log.seen.end(), [](const Event& a, const Event& b) { return key(a) < key(b); }));
}

namespace {
/// Does something every second cycle up to `deeds`, and copies move every cycle until `end`.
struct Moves : Component {
  Moves(Cycle d, Cycle e) : deeds(d), end(e) {}
  Cycle deeds, end, now = 0;
  [[nodiscard]] Cycle next() const override { return now < end ? now : kNever; }
  void run(Cycle until) override {
    for (; next() < until; ++now) {
      Event e;
      e.cycle = now;
      e.kind = now % 2 == 0 && now <= deeds ? event::Kind::Write : event::Kind::Fill;
      events()->emit(e);
    }
  }
};
}  // namespace

TEST_CASE("the last deed is what an agent did last, of what was delivered") {
  for (const Cycle window : {Cycle{1}, Cycle{4}}) {
    Moves first(20, 300), second(30, 33), third(0, 0);
    Engine engine;
    Log log;
    for (Component* c : std::initializer_list<Component*>{&first, &second, &third}) engine.add(*c);
    engine.listen(log);
    engine.configure(window, false);
    while (engine.run_window() != kNever) {
      Cycle last = 0;
      for (const Event& e : log.seen)
        if (e.kind < event::Kind::Live) last = e.cycle;
      CHECK(engine.last_deed() == last);
    }
    CHECK(engine.last_deed() == 30);
    CHECK(log.seen.size() == 333);
  }
}

TEST_CASE("without a listener no component has a buffer", "[engine]") {
  Toy toy(1);
  toy.peers.push_back(&toy);
  Engine engine;
  engine.add(toy);
  engine.configure(kLatency, false);
  while (engine.run_window() != kNever) CHECK(toy.events() == nullptr);
}

TEST_CASE("an inbox gives back in (due, source, sequence) order whatever went in first", "[engine]") {
  Inbox<int> inbox;
  inbox.put(9, 1, 0) = 5;
  inbox.put(3, 2, 0) = 2;
  inbox.put(3, 1, 1) = 1;
  inbox.put(3, 1, 0) = 0;
  inbox.put(7, 0, 0) = 4;
  inbox.put(3, 2, 1) = 3;
  for (int expected = 0; expected < 6; ++expected) CHECK(inbox.take() == expected);
  CHECK(inbox.empty());
  CHECK(inbox.next() == kNever);
}

}  // namespace staleline::engine
