// SPDX-License-Identifier: Apache-2.0
// What agents know of each other besides memory: sends of intent edges, program ends, and how far
// a program has come. A post is visible to others one lookahead later, so that run-ahead is not.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/arm/psci.h"
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
    ++posts_;
    sends.push_back(at);
    return sends.size() - 1;
  }
  /// From when on send number `k` can be received; kNever while it has not been posted.
  [[nodiscard]] Cycle visible(event::EdgeId edge, std::uint64_t k) const {
    const auto& sends = sends_.at(edge.value);
    return k < sends.size() ? sends[k] + lookahead_ : engine::kNever;
  }

  /// SEV of a PE.
  void signal(event::PeId from, Cycle at) {
    ++posts_;
    signals_.push_back({at, from});
  }
  /// How many SEV a PE has heard by `at`; its own it hears at once.
  [[nodiscard]] std::size_t signals(event::PeId pe, Cycle at) const;
  /// When it hears the next one after `at` that was sent; kNever if none was.
  [[nodiscard]] Cycle next_signal(event::PeId pe, Cycle at) const;

  /// How many sends of the edge there were so far; meaningful to those of the same PE.
  [[nodiscard]] std::uint64_t sent(event::EdgeId edge) const { return sends_.at(edge.value).size(); }

  void end(event::AgentId agent, Cycle at) {
    ++posts_;
    ends_.at(agent.value) = at;
  }
  [[nodiscard]] bool ended(event::AgentId agent) const { return ends_.at(agent.value) != engine::kNever; }
  /// From when on everybody knows that all programs are over; kNever while one runs.
  [[nodiscard]] Cycle all_ended() const;

  /// A PE that PSCI knows, before cycle 0. `start`: the edge that CPU_ON sends, and it is off until then; empty: on.
  void add_cpu(std::uint64_t affinity, event::PeId pe, event::AgentId agent, std::optional<event::EdgeId> start);
  /// As the one that asks knows them at a time.
  [[nodiscard]] std::vector<arm::psci::Cpu> cpus(event::PeId asks, Cycle at) const;
  /// What CPU_ON starts a PE with.
  struct Start {
    Cycle at = 0;
    event::PeId by{};
    arm::VirtAddr entry{};
    std::uint64_t context = 0;
  };
  /// The edge of the PE number `cpu`; empty where it cannot be started.
  [[nodiscard]] std::optional<event::EdgeId> start_edge(std::size_t cpu) const { return cpus_.at(cpu).start; }
  /// CPU_ON; returns the number of the send, which is made.
  std::uint64_t start_cpu(std::size_t cpu, const Start& start);
  /// The start of an agent's PE that send number `k` of its edge is.
  [[nodiscard]] const Start& start_of(event::AgentId agent, std::uint64_t k) const;
  /// CPU_OFF by the agent.
  void stop_cpu(event::AgentId agent, Cycle at);
  /// SYSTEM_OFF and SYSTEM_RESET, and a program that has come to its Until: everything ends.
  void power_off(Cycle at) {
    ++posts_;
    off_ = off_ < at ? off_ : at;
  }
  /// From when on others know of it.
  [[nodiscard]] Cycle off() const { return off_ == engine::kNever ? off_ : off_ + lookahead_; }

  /// Asks for mark() of a source line.
  void watch(event::AgentId agent, event::SourceLine line) { marks_.emplace(key(agent, line), engine::kNever); }
  /// An agent finished the instruction of that line; the first time counts.
  void mark(event::AgentId agent, event::SourceLine line, Cycle at) {
    if (!marks_.empty()) note_mark(agent, line, at);
  }
  /// When a watched line was first finished; kNever while it was not. Add lookahead() on another PE.
  [[nodiscard]] Cycle marked(event::AgentId agent, event::SourceLine line) const;

  /// Grows with everything that is posted here.
  [[nodiscard]] std::uint64_t posts() const { return posts_; }

 private:
  void note_mark(event::AgentId agent, event::SourceLine line, Cycle at);
  static std::pair<std::uint16_t, std::uint32_t> key(event::AgentId agent, event::SourceLine line) {
    return {agent.value, line.value};
  }

  struct Signal {
    Cycle at = 0;
    event::PeId from{};
  };
  [[nodiscard]] Cycle heard(const Signal& s, event::PeId pe) const { return s.from == pe ? s.at : s.at + lookahead_; }

  struct Cpu {
    std::uint64_t affinity = 0;
    event::PeId pe{};
    event::AgentId agent{};
    std::optional<event::EdgeId> start{};
    std::vector<Start> starts{};
    std::vector<Cycle> stops{};
  };

  Cycle lookahead_;
  std::uint64_t posts_ = 0;
  Cycle off_ = engine::kNever;
  std::vector<Cpu> cpus_;
  std::vector<Signal> signals_;
  std::vector<std::vector<Cycle>> sends_;
  std::vector<Cycle> ends_;
  std::map<std::pair<std::uint16_t, std::uint32_t>, Cycle> marks_;
};

}  // namespace staleline::pe
