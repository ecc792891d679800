// SPDX-License-Identifier: Apache-2.0
// What names mean in the program of one agent, for the assembler.
#pragma once

#include "edges.h"
#include "memory.h"
#include "staleline/a64/assembler.h"
#include "staleline/scenario/scenario.h"
#include "views.h"

namespace staleline::scenario {

/// All that it refers to outlives it.
class AgentSymbols final : public a64::Symbols {
 public:
  /// `unreliable`: agents that may send more than `edges` has, since their programs have mistakes. An await of
  /// one of those always succeeds.
  AgentSymbols(std::size_t agent, const std::vector<Agent>& agents, const Views& views, const Memory& memory,
               const Edges& edges, const std::vector<bool>& unreliable)
      : self_(agent), agents_(agents), views_(views), memory_(memory), edges_(edges), unreliable_(unreliable) {}

  [[nodiscard]] std::optional<Region> region(std::string_view name) const override;
  [[nodiscard]] std::vector<std::string> region_names() const override { return memory_.names(); }
  [[nodiscard]] std::optional<std::uint64_t> register_offset(const Region& region,
                                                             std::string_view name) const override;
  [[nodiscard]] std::vector<std::string> register_names(const Region& region) const override;
  [[nodiscard]] const std::vector<std::uint8_t>* payload() const override { return memory_.only_payload(); }
  [[nodiscard]] Resolved publish(std::string_view name) const override;
  [[nodiscard]] Resolved await(std::string_view agent, std::string_view name) const override;
  [[nodiscard]] Resolved handoff(std::string_view agent) const override;
  [[nodiscard]] Resolved doorbell(std::string_view device) const override;
  [[nodiscard]] Resolved complete() const override;
  [[nodiscard]] bool device() const override { return agents_[self_].kind == Agent::Kind::Device; }
  [[nodiscard]] unsigned exception_level() const override { return agents_[self_].el; }
  [[nodiscard]] std::variant<event::AgentId, Unresolved> agent(std::string_view name) const override;

  [[nodiscard]] std::vector<std::string> view_names() const override;
  [[nodiscard]] Value address(std::string_view view, const Region& region, std::uint64_t offset,
                              Space space) const override;
  [[nodiscard]] std::uint16_t asid(std::string_view view) const override;
  [[nodiscard]] std::uint16_t vmid(std::string_view view) const override;
  [[nodiscard]] std::variant<Stream, Unresolved> stream(std::string_view device) const override;
  [[nodiscard]] arm::Granule granule(std::string_view view, unsigned stage) const override;
  [[nodiscard]] Value descriptor_address(const DescriptorPlace& place) const override;
  [[nodiscard]] Value descriptor_value(const DescriptorContents& contents) const override;

 private:
  [[nodiscard]] std::optional<std::size_t> index_of(std::string_view agent) const;
  [[nodiscard]] Resolved sent(event::Mechanism mechanism, std::optional<std::size_t> to, std::string_view name) const;
  [[nodiscard]] Resolved targeted(std::string_view name, bool device) const;
  /// An index into the views; that of this agent for an empty name.
  [[nodiscard]] std::optional<std::size_t> view_of(std::string_view name) const;
  /// Where this agent finds a physical address of a region.
  [[nodiscard]] Value own_address(std::size_t region, arm::PhysAddr address) const;

  std::size_t self_;
  const std::vector<Agent>& agents_;
  const Views& views_;
  const Memory& memory_;
  const Edges& edges_;
  const std::vector<bool>& unreliable_;
};

}  // namespace staleline::scenario
