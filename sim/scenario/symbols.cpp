// SPDX-License-Identifier: Apache-2.0
// Answers to the assembler: regions through the agent's view, edges that reach the agent.
#include "symbols.h"

#include <fmt/format.h>

#include <algorithm>

#include "agents.h"
#include "staleline/arm/smmu_registers.h"
#include "views.h"

namespace staleline::scenario {

using event::Mechanism;

std::optional<a64::Symbols::Region> AgentSymbols::region(std::string_view name) const {
  const auto& names = memory_.names();
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  const auto index = static_cast<std::size_t>(found - names.begin());
  const auto& region = memory_.region(index);
  Region out;
  out.index = static_cast<std::uint32_t>(index);
  out.bytes = region.bytes;
  out.payload = memory_.payload(index);
  out.va = {region.base.value};
  if (device() && !agents_[self_].translated) return out;
  const auto va = address_in(views_.views.at(agents_[self_].view), index, memory_);
  out.mapped = va.has_value();
  if (va) out.va = *va;
  return out;
}

std::optional<std::uint64_t> AgentSymbols::register_offset(const Region& region, std::string_view name) const {
  const auto* row = memory_.registers(region.index) ? arm::smmu::find_register(name) : nullptr;
  if (row == nullptr) return std::nullopt;
  return static_cast<std::uint64_t>(row->offset);
}

std::vector<std::string> AgentSymbols::register_names(const Region& region) const {
  std::vector<std::string> names;
  if (!memory_.registers(region.index)) return names;
  for (const auto& row : arm::smmu::registers()) names.emplace_back(row.name);
  return names;
}

std::optional<std::size_t> AgentSymbols::index_of(std::string_view agent) const {
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    if (agents_[i].name == agent) return i;
  }
  return std::nullopt;
}

std::variant<event::AgentId, a64::Symbols::Unresolved> AgentSymbols::agent(std::string_view name) const {
  if (const auto found = index_of(name)) return event::AgentId{static_cast<std::uint16_t>(*found)};
  return Unresolved{fmt::format("no agent {}", shown(name)), names_of(agents_), false};
}

a64::Symbols::Resolved AgentSymbols::sent(Mechanism mechanism, std::optional<std::size_t> to,
                                          std::string_view name) const {
  if (const auto found = edges_.find(mechanism, self_, to, name))
    return Edge{{static_cast<std::uint16_t>(*found)}, mechanism};
  return Unresolved{fmt::format("no edge {}", shown(name)), {}, false};
}

a64::Symbols::Resolved AgentSymbols::publish(std::string_view name) const { return sent(Mechanism::Flag, {}, name); }

a64::Symbols::Resolved AgentSymbols::complete() const { return sent(Mechanism::Completion, {}, "complete"); }

a64::Symbols::Resolved AgentSymbols::targeted(std::string_view name, bool device) const {
  std::vector<std::string> candidates;
  for (std::size_t i = 0; i < agents_.size(); ++i) {
    const auto kind = device ? Agent::Kind::Device : Agent::Kind::Program;
    if (i != self_ && agents_[i].kind == kind) candidates.push_back(agents_[i].name);
  }
  const std::string_view what = device ? "device" : "agent";
  const auto to = index_of(name);
  if (!to) return Unresolved{fmt::format("no {} {}", what, shown(name)), candidates, false};
  if (*to == self_) return Unresolved{fmt::format("`{}` is this agent itself", name), candidates, false};
  if (agents_[*to].kind == Agent::Kind::Smmu)
    return Unresolved{
        fmt::format("`{}` is an SMMU; stores to its registers reach it, as in `str w0, [{}+0x98]`", name, name),
        {},
        false};
  if ((agents_[*to].kind == Agent::Kind::Device) != device) {
    return Unresolved{device ? fmt::format("`{}` is no device; hand over with `.handoff {}`", name, name)
                             : fmt::format("`{}` is a device; start it with `.doorbell {}`", name, name),
                      {},
                      false};
  }
  return device ? sent(Mechanism::Doorbell, to, "doorbell") : sent(Mechanism::Handoff, to, "handoff");
}

a64::Symbols::Resolved AgentSymbols::handoff(std::string_view agent) const { return targeted(agent, false); }

a64::Symbols::Resolved AgentSymbols::doorbell(std::string_view device) const { return targeted(device, true); }

a64::Symbols::Resolved AgentSymbols::await(std::string_view agent, std::string_view name) const {
  const auto from = index_of(agent);
  if (!from) return Unresolved{fmt::format("no agent {}", shown(agent)), names_of(agents_), false};
  if (*from == self_) return Unresolved{fmt::format("`{}` is this agent itself", agent), {}, false};
  if (!name.empty()) {
    for (const Mechanism mechanism :
         {Mechanism::Flag, Mechanism::Handoff, Mechanism::Doorbell, Mechanism::Completion}) {
      const bool targeted = mechanism == Mechanism::Handoff || mechanism == Mechanism::Doorbell;
      const auto to = targeted ? std::optional(self_) : std::nullopt;
      if (const auto edge = edges_.find(mechanism, *from, to, name))
        return Edge{{static_cast<std::uint16_t>(*edge)}, mechanism};
    }
  }
  if (const auto edge = edges_.implicit(*from, name); edge && !edges_.all()[*edge].to)
    return Edge{{static_cast<std::uint16_t>(*edge)}, edges_.all()[*edge].mechanism};
  std::vector<std::size_t> reaching;
  std::vector<std::string> names;
  for (const std::size_t i : edges_.sent_by(*from)) {
    const SentEdge& e = edges_.all()[i];
    if (e.to && *e.to != self_) continue;
    names.push_back(e.name);
    if (!e.implicit) reaching.push_back(i);
  }
  if (agents_[*from].kind == Agent::Kind::Smmu && name.empty())
    return Unresolved{fmt::format("say what of `{}` is awaited", agent),
                      {std::string(agent) + ".sync", std::string(agent) + ".record"},
                      false};
  if (unreliable_[*from] && (reaching.empty() || !name.empty())) return Edge{};
  if (reaching.empty() && (name.empty() || names.empty())) {
    return Unresolved{fmt::format("`{}` sends nothing that reaches `{}`: its program has no .publish, .handoff, "
                                  ".doorbell or .complete for it",
                                  agent, agents_[self_].name),
                      {},
                      false};
  }
  if (!name.empty()) return Unresolved{fmt::format("`{}` has no edge {}", agent, shown(name)), names, true};
  if (reaching.size() == 1) return Edge{{static_cast<std::uint16_t>(reaching[0])}, edges_.all()[reaching[0]].mechanism};
  for (std::string& n : names) n = fmt::format("{}.{}", agent, n);
  return Unresolved{fmt::format("`{}` sends several edges: name one", agent), names, false};
}

}  // namespace staleline::scenario
