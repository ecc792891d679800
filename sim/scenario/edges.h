// SPDX-License-Identifier: Apache-2.0
// The intent edges of one variant: who sends what, and whom it reaches.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "problems.h"
#include "staleline/a64/assembler.h"
#include "staleline/scenario/scenario.h"

namespace staleline::scenario {

struct SentEdge {
  event::Mechanism mechanism = event::Mechanism::Flag;
  std::size_t from = 0;
  std::optional<std::size_t> to{};  ///< of a handoff or a doorbell
  std::string name;                 ///< as an await writes it after the dot
  Mark mark{};                      ///< where it is sent first
  bool implicit = false;            ///< by hardware: an await has to name it
};

class Edges {
 public:
  /// `sources` holds the program of each agent; one that has `abort` sends that edge too. Edges to nobody are left out:
  /// the assembler reports them.
  Edges(const std::vector<Agent>& agents, const std::vector<a64::SourceText>& sources);

  [[nodiscard]] const std::vector<SentEdge>& all() const { return edges_; }
  [[nodiscard]] std::optional<std::size_t> find(event::Mechanism mechanism, std::size_t from,
                                                std::optional<std::size_t> to, std::string_view name) const;
  /// What an agent sends, in file order.
  [[nodiscard]] const std::vector<std::size_t>& sent_by(std::size_t agent) const { return sent_by_.at(agent); }
  /// As scenario::Scenario has them.
  [[nodiscard]] std::vector<Edge> resolved(const std::vector<Agent>& agents) const;
  /// What hardware sends by itself, under its name: "abort" of an agent, "sync" and "record" of an SMMU, its
  /// "doorbell".
  [[nodiscard]] std::optional<std::size_t> implicit(std::size_t from, std::string_view name) const;
  /// What the hardware sends to an agent: the doorbell that an SMMU hears, the start of a PE that is off.
  [[nodiscard]] std::optional<std::size_t> implicit_to(std::size_t agent) const;
  /// Handoffs and doorbells that their target never awaits.
  void check_awaited(const std::vector<Agent>& agents, Problems& problems) const;

 private:
  void add_implicit(const std::vector<Agent>& agents);
  using Identity = std::tuple<event::Mechanism, std::size_t, std::optional<std::size_t>, std::string>;
  std::vector<SentEdge> edges_;
  std::map<Identity, std::size_t> indexes_;
  std::vector<std::vector<std::size_t>> sent_by_;
};

}  // namespace staleline::scenario
