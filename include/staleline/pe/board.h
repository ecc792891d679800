// SPDX-License-Identifier: Apache-2.0
// What agents know of each other besides memory: sends of intent edges, program ends, and how far
// a program has come. A post is visible to others one lookahead later, so that run-ahead is not.
#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "staleline/engine/component.h"
#include "staleline/event/types.h"

namespace staleline::pe {

using engine::Cycle;

class Board {
 public:
  Board(std::size_t agents, std::size_t edges, Cycle lookahead)
      : lookahead_(lookahead), sends_(edges), ends_(agents, engine::kNever) {}

  [[nodiscard]] Cycle lookahead() const { return lookahead_; }

  /// Posts a send; returns how many sends of this edge came before.
  std::uint64_t send(event::EdgeId edge, Cycle at) {
    auto& sends = sends_.at(edge.value);
    sends.push_back(at);
    return sends.size() - 1;
  }
  /// From when on send number `k` can be received; kNever while it has not been posted.
  [[nodiscard]] Cycle visible(event::EdgeId edge, std::uint64_t k) const {
    const auto& sends = sends_.at(edge.value);
    return k < sends.size() ? sends[k] + lookahead_ : engine::kNever;
  }

  /// SEV of a PE.
  void signal(event::PeId from, Cycle at) { signals_.push_back({at, from}); }
  /// How many SEV a PE has heard by `at`; its own it hears at once.
  [[nodiscard]] std::size_t signals(event::PeId pe, Cycle at) const;
  /// When it hears the next one after `at` that was sent; kNever if none was.
  [[nodiscard]] Cycle next_signal(event::PeId pe, Cycle at) const;

  /// How many sends of the edge there were so far; meaningful to those of the same PE.
  [[nodiscard]] std::uint64_t sent(event::EdgeId edge) const { return sends_.at(edge.value).size(); }

  void end(event::AgentId agent, Cycle at) { ends_.at(agent.value) = at; }
  [[nodiscard]] bool ended(event::AgentId agent) const { return ends_.at(agent.value) != engine::kNever; }
  /// From when on everybody knows that all programs are over; kNever while one runs.
  [[nodiscard]] Cycle all_ended() const;

  /// Asks for mark() of a source line.
  void watch(event::AgentId agent, event::SourceLine line) { marks_.emplace(key(agent, line), engine::kNever); }
  /// An agent finished the instruction of that line; the first time counts.
  void mark(event::AgentId agent, event::SourceLine line, Cycle at);
  /// When a watched line was first finished; kNever while it was not. Add lookahead() on another PE.
  [[nodiscard]] Cycle marked(event::AgentId agent, event::SourceLine line) const;

 private:
  static std::pair<std::uint16_t, std::uint32_t> key(event::AgentId agent, event::SourceLine line) {
    return {agent.value, line.value};
  }

  struct Signal {
    Cycle at = 0;
    event::PeId from{};
  };
  [[nodiscard]] Cycle heard(const Signal& s, event::PeId pe) const { return s.from == pe ? s.at : s.at + lookahead_; }

  Cycle lookahead_;
  std::vector<Signal> signals_;
  std::vector<std::vector<Cycle>> sends_;
  std::vector<Cycle> ends_;
  std::map<std::pair<std::uint16_t, std::uint32_t>, Cycle> marks_;
};

}  // namespace staleline::pe
