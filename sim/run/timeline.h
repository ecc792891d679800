// SPDX-License-Identifier: Apache-2.0
// Listens to what agents do and keeps it as moments: consecutive events of one agent and one
// source line become one.
#pragma once

#include <map>
#include <vector>

#include "staleline/event/listener.h"
#include "staleline/run/run.h"

namespace staleline::run {

class Timeline final : public event::Listener {
 public:
  explicit Timeline(const scenario::Scenario& s) : scenario_(s), open_(s.agents.size()), last_(s.agents.size()) {}

  void on_event(const event::Event& e) override;
  [[nodiscard]] std::uint32_t kinds() const override;
  /// All moments in order of time, then of agents. Call once, at the end.
  [[nodiscard]] std::vector<Moment> moments();

 private:
  // A run of bytes that one line touched in one way.
  struct Touched {
    arm::PhysAddr begin{}, end{};
    std::uint64_t events = 0;
    event::Event first{};
  };
  using Touches = std::map<std::pair<event::Kind, std::uint32_t>, Touched>;
  struct Open {
    event::SourceLine line{};
    event::Cycle cycle = 0;
    Touches touched;
    bool used = false;
  };
  // The newest row of an agent, for what does the same again and again, such as a loop that polls.
  struct Last {
    std::size_t moment = 0;  // an index of moments_
    std::uint64_t times = 0;
    event::Cycle until = 0;
    Touches touched;  // what it tells of
  };
  void close(std::size_t agent);
  void add(const event::Event& e, std::string text);
  /// Says how often the newest row of the agent happened; the next one is another.
  void count(std::size_t agent);
  [[nodiscard]] std::string spelled(const Touched& t) const;
  /// Whether the two have the same words, which loops of millions of turns cannot have spelled each time.
  [[nodiscard]] static bool tell_the_same(const Touches& a, const Touches& b);
  [[nodiscard]] std::string edge_name(std::uint32_t edge) const;

  const scenario::Scenario& scenario_;
  std::vector<Open> open_;
  std::vector<Last> last_;
  std::vector<Moment> moments_;
};

}  // namespace staleline::run
