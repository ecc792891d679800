// SPDX-License-Identifier: Apache-2.0
// Placed events.
#include "schedule.h"

#include <fmt/format.h>

#include "agents.h"
#include "span.h"
#include "values.h"
#include "views.h"

namespace staleline::scenario {

namespace {

void read_point(const Node& node, const std::vector<Agent>& agents, const Labels* labels, Placed& placed,
                Problems& problems) {
  const auto text = word(node, "an agent, or AGENT.LABEL", problems);
  if (!text) return;
  const std::size_t dot = text->find('.');
  Node name = node;
  name.text = text->substr(0, dot);
  const auto agent = name_in(name, "an agent", names_of(agents), problems);
  if (!agent) return;
  placed.after_agent = {static_cast<std::uint16_t>(*agent)};
  if (dot == std::string::npos || labels == nullptr) return;
  const auto label = find_label(node.mark, text->substr(dot + 1), *agent, agents, *labels, problems);
  if (label) placed.after_line = label->line;
}

void read_one(const Node& node, const Memory& memory, const std::vector<Agent>& agents, const std::vector<View>& views,
              const Labels* labels, Problems& problems, std::vector<Placed>& out) {
  const std::size_t before = problems.size();
  if (!check_section(node, Section::Placed, problems)) return;
  Placed placed;
  placed.line = {node.mark.line};
  if (const Node* const after = node.find("after")) read_point(*after, agents, labels, placed, problems);
  const Node* const what = node.find("do");
  const Node* const at = node.find("at");
  const Node* const by = node.find("by");
  if (what != nullptr) {
    const auto kind = choice(*what, "something that can happen", kPlacements, problems);
    if (kind) {
      placed.what = static_cast<Placed::What>(*kind);
      const bool drain = placed.what == Placed::What::Drain;
      if (drain && at != nullptr) problems.add(at->mark, "`drain` takes no `at`: it empties the whole store buffer");
      if (!drain && at == nullptr)
        problems.add(what->mark, fmt::format("`{}` needs `at`: the bytes whose lines it concerns", kPlacements[*kind]));
    }
  }
  if (at != nullptr) {
    if (const auto part = region_part(*at, memory, problems)) {
      placed.region = part->region;
      placed.offset = part->offset;
      placed.bytes = part->bytes;
    }
  }
  if (by != nullptr) {
    placed.by = on_pe(*by, agents, problems).value_or(event::AgentId{});
  } else if (problems.size() == before) {
    placed.by = placed.after_agent;
    if (agents[placed.by.value].kind == Agent::Kind::Device) {
      problems.add(node.mark, fmt::format("`{}` is a device and has no caches: say with `by` in whose PE it happens",
                                          agents[placed.by.value].name));
    }
  }
  if (placed.what == Placed::What::TlbFill && problems.size() == before) {
    const View& view = views.at(agents[placed.by.value].view);
    const auto va = address_in(view, placed.region, memory);
    if (!view.tables) {
      problems.add(what->mark, fmt::format("view `{}` of `{}` has no `tables`: there is nothing to fill a TLB with",
                                           view.name, agents[placed.by.value].name));
    } else if (!va) {
      problems.add(at->mark,
                   fmt::format("view `{}` does not map region `{}`", view.name, memory.region(placed.region).name));
    } else {
      placed.va = *va + placed.offset;
    }
  }
  if (const Node* const optional = node.find("optional"))
    placed.optional = flag(*optional, "`optional`", problems).value_or(false);
  if (problems.size() == before) out.push_back(placed);
}

}  // namespace

std::vector<Placed> read_schedule(const Node& node, const Memory& memory, const std::vector<Agent>& agents,
                                  const std::vector<View>& views, const Labels* labels, Problems& problems) {
  std::vector<Placed> out;
  if (!is_list(node, "`schedule`", problems)) return out;
  for (const Node& item : node.items) read_one(item, memory, agents, views, labels, problems, out);
  return out;
}

}  // namespace staleline::scenario
