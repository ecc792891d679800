// SPDX-License-Identifier: Apache-2.0
// Agents: programs on cores and devices.
#include "agents.h"

#include <fmt/format.h>

#include "code.h"
#include "values.h"

namespace staleline::scenario {

namespace {

constexpr std::size_t kMostAgents = 64;
constexpr std::uint64_t kLastCore = 15;

constexpr std::uint64_t kLastStream = 0xffff, kLastSubstream = 0xff;

std::uint32_t view_named(const Node& node, const std::vector<View>& views, Problems& problems) {
  std::vector<std::string> names;
  for (const View& v : views) names.push_back(v.name);
  return static_cast<std::uint32_t>(name_in(node, "a view", names, problems).value_or(0));
}

/// Behind an SMMU a device has a view, or passes through where it has none.
void read_stream(const Node& node, const Node& smmu, Agent& agent, const std::vector<View>& views,
                 const std::vector<std::string>& smmus, Problems& problems) {
  agent.smmu = static_cast<std::uint32_t>(name_in(smmu, "an SMMU", smmus, problems).value_or(0));
  if (const Node* const stream = node.find("stream")) {
    agent.stream = static_cast<std::uint32_t>(number(*stream, "the StreamID", kLastStream, problems).value_or(0));
  } else {
    problems.add(smmu.mark, "a device behind an SMMU needs a `stream`: its StreamID");
  }
  if (const Node* const substream = node.find("substream")) {
    const auto found = number(*substream, "the SubstreamID", kLastSubstream, problems);
    agent.substream = static_cast<std::uint32_t>(found.value_or(0));
  }
  const Node* const view = node.find("view");
  if (view == nullptr) return;
  agent.view = view_named(*view, views, problems);
  agent.translated = true;
  if (agent.view >= views.size()) return;
  const View& seen = views[agent.view];
  if (!seen.tables) {
    problems.add(view->mark,
                 fmt::format("view `{}` is declared: an SMMU translates with tables; give the view `tables: {{ "
                             "at: REGION }}`",
                             seen.name));
  } else if (seen.el != 1) {
    problems.add(view->mark, fmt::format("view `{}` is of EL2; devices have views of EL1", seen.name));
  }
}

void read_device(const Node& node, const Node& device, Agent& agent, const std::vector<View>& views,
                 const std::vector<std::string>& smmus, Problems& problems) {
  agent.kind = Agent::Kind::Device;
  agent.snoops = choice(device, "a kind of device", kDeviceKinds, problems).value_or(0) == 1;
  const Node* const smmu = node.find("smmu");
  for (const std::string_view key : {"core", "view", "el", "code", "registers", "power"}) {
    const Node* const found = node.find(key);
    if (found == nullptr || (key == "view" && smmu != nullptr)) continue;
    problems.add(found->mark, fmt::format("`{}` does not go with `device`: a device has its own port to memory", key));
  }
  if (smmu != nullptr) {
    read_stream(node, *smmu, agent, views, smmus, problems);
    return;
  }
  for (const std::string_view key : {"stream", "substream"}) {
    if (const Node* const found = node.find(key))
      problems.add(found->mark, fmt::format("`{}` needs an `smmu` before the device", key));
  }
}

void read_program(const Node& node, Agent& agent, const std::vector<View>& views, const Memory& memory,
                  Problems& problems) {
  for (const std::string_view key : {"smmu", "stream", "substream"}) {
    if (const Node* const found = node.find(key))
      problems.add(found->mark, fmt::format("`{}` belongs to a `device`", key));
  }
  const Node* const core = node.find("core");
  const Node* const view = node.find("view");
  if (core == nullptr) {
    problems.add(node.mark, fmt::format("agent {} needs `core` (the PE that runs it) or `device`", shown(agent.name)));
  } else {
    agent.core = static_cast<std::uint8_t>(number(*core, "the core", kLastCore, problems).value_or(0));
  }
  if (view != nullptr) {
    agent.view = view_named(*view, views, problems);
  } else if (views.size() > 1) {
    problems.add(node.mark, fmt::format("agent {} needs a `view`: there are {}", shown(agent.name), views.size()));
  }
  const View* const seen = agent.view < views.size() ? &views[agent.view] : nullptr;
  if (seen != nullptr) agent.el = seen->el;
  const Node* const el = node.find("el");
  if (el != nullptr) {
    agent.el = choice(*el, "an Exception level", kExceptionLevels, problems).value_or(0) == 0 ? 1 : 2;
    if (seen != nullptr && seen->tables && seen->el != agent.el) {
      problems.add(el->mark, fmt::format("view `{}` has tables for EL{}; give the view `el: {}`", seen->name, seen->el,
                                         agent.el));
    }
  }
  if (seen != nullptr) read_code(node, *seen, memory, agent, problems);
}

}  // namespace

std::vector<Agent> read_agents(const Node& node, const std::vector<View>& views, const std::vector<std::string>& smmus,
                               const Memory& memory, Problems& problems) {
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
        read_device(item, *device, agent, views, smmus, problems);
      } else {
        read_program(item, agent, views, memory, problems);
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
  if (agents[*found].kind != Agent::Kind::Program) {
    problems.add(node.mark, fmt::format("`{}` is a device; expected an agent with a `core`", agents[*found].name));
    return std::nullopt;
  }
  return event::AgentId{static_cast<std::uint16_t>(*found)};
}

}  // namespace staleline::scenario
