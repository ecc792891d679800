// SPDX-License-Identifier: Apache-2.0
// What names mean in the program of one agent, for the assembler.
#pragma once

#include "edges.h"
#include "memory.h"
#include "staleline/a64/assembler.h"
#include "staleline/scenario/scenario.h"

namespace staleline::scenario {

/// All that it refers to outlives it.
class AgentSymbols final : public a64::Symbols {
 public:
  /// `unreliable`: agents that may send more than `edges` has, since their programs have mistakes. An await of
  /// one of those always succeeds.
  AgentSymbols(std::size_t agent, const std::vector<Agent>& agents, const std::vector<View>& views,
               const Memory& memory, const Edges& edges, const std::vector<bool>& unreliable)
      : self_(agent), agents_(agents), views_(views), memory_(memory), edges_(edges), unreliable_(unreliable) {}

  [[nodiscard]] std::optional<Region> region(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string> region_names() const override { return memory_.names(); }
  [[nodiscard]] const std::vector<std::uint8_t>* payload() const override { return memory_.only_payload(); }
  [[nodiscard]] Resolved publish(std::string_view name) const override;
  [[nodiscard]] Resolved await(std::string_view agent, std::string_view name) const override;
  [[nodiscard]] Resolved handoff(std::string_view agent) const override;
  [[nodiscard]] Resolved doorbell(std::string_view device) const override;
  [[nodiscard]] Resolved complete() const override;
  [[nodiscard]] bool device() const override { return agents_[self_].kind == Agent::Kind::Device; }

 private:
  [[nodiscard]] std::optional<std::size_t> index_of(std::string_view agent) const;
  [[nodiscard]] Resolved sent(event::Mechanism mechanism, std::optional<std::size_t> to, std::string_view name) const;
  [[nodiscard]] Resolved targeted(std::string_view name, bool device) const;

  std::size_t self_;
  const std::vector<Agent>& agents_;
  const std::vector<View>& views_;
  const Memory& memory_;
  const Edges& edges_;
  const std::vector<bool>& unreliable_;
};

}  // namespace staleline::scenario
