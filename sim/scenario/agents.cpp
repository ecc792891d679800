// SPDX-License-Identifier: Apache-2.0
// Agents: programs on cores and devices.
#include "agents.h"

#include <fmt/format.h>

#include "values.h"

namespace staleline::scenario {

namespace {

constexpr std::size_t kMostAgents = 64;
constexpr std::uint64_t kLastCore = 15;

void read_device(const Node& node, const Node& device, Agent& agent, Problems& problems) {
  agent.kind = Agent::Kind::Device;
  agent.snoops = choice(device, "a kind of device", kDeviceKinds, problems).value_or(0) == 1;
  for (const std::string_view key : {"core", "view", "el"}) {
    if (const Node* const found = node.find(key))
      problems.add(found->mark,
                   fmt::format("`{}` does not go with `device`: a device has its own port to memory", key));
  }
}

void read_program(const Node& node, Agent& agent, const std::vector<View>& views, Problems& problems) {
  const Node* const core = node.find("core");
  const Node* const view = node.find("view");
  if (core == nullptr) {
    problems.add(node.mark, fmt::format("agent {} needs `core` (the PE that runs it) or `device`", shown(agent.name)));
  } else {
    agent.core = static_cast<std::uint8_t>(number(*core, "the core", kLastCore, problems).value_or(0));
  }
  if (view != nullptr) {
    std::vector<std::string> names;
    for (const View& v : views) names.push_back(v.name);
    agent.view = static_cast<std::uint32_t>(name_in(*view, "a view", names, problems).value_or(0));
  } else if (views.size() > 1) {
    problems.add(node.mark, fmt::format("agent {} needs a `view`: there are {}", shown(agent.name), views.size()));
  }
  const View* const seen = agent.view < views.size() ? &views[agent.view] : nullptr;
  if (seen != nullptr) agent.el = seen->el;
  const Node* const el = node.find("el");
  if (el == nullptr) return;
  agent.el = choice(*el, "an Exception level", kExceptionLevels, problems).value_or(0) == 0 ? 1 : 2;
  if (seen != nullptr && seen->tables && seen->el != agent.el) {
    problems.add(el->mark,
                 fmt::format("view `{}` has tables for EL{}; give the view `el: {}`", seen->name, seen->el, agent.el));
  }
}

}  // namespace

std::vector<Agent> read_agents(const Node& node, const std::vector<View>& views, Problems& problems) {
  std::vector<Agent> agents;
  if (!is_map(node, "`agents`", problems)) return agents;
  if (node.keys.empty()) problems.add(node.mark, "`agents` has no agent; expected `NAME: { core: 0 }`");
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const Node &key = node.keys[i], &item = node.items[i];
    if (i == kMostAgents) {
      problems.add(key.mark, fmt::format("too many agents: at most {}", kMostAgents));
      break;
    }
    Agent agent;
    agent.name = key.text;
    agent.line = {key.mark.line};
    can_name(key, "an agent", problems);
    if (check_section(item, Section::Agent, problems)) {
      if (const Node* const device = item.find("device")) {
        read_device(item, *device, agent, problems);
      } else {
        read_program(item, agent, views, problems);
      }
    }
    agents.push_back(std::move(agent));
  }
  return agents;
}

std::vector<std::string> names_of(const std::vector<Agent>& agents) {
  std::vector<std::string> names;
  for (const Agent& a : agents) names.push_back(a.name);
  return names;
}

std::optional<event::AgentId> on_pe(const Node& node, const std::vector<Agent>& agents, Problems& problems) {
  const auto found = name_in(node, "an agent", names_of(agents), problems);
  if (!found) return std::nullopt;
  if (agents[*found].kind == Agent::Kind::Device) {
    problems.add(node.mark, fmt::format("`{}` is a device; expected an agent with a `core`", agents[*found].name));
    return std::nullopt;
  }
  return event::AgentId{static_cast<std::uint16_t>(*found)};
}

}  // namespace staleline::scenario
