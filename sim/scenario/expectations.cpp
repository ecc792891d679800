// SPDX-License-Identifier: Apache-2.0
// What a variant declares about itself.
#include "expectations.h"

#include <fmt/format.h>

#include <algorithm>

#include "agents.h"
#include "values.h"

namespace staleline::scenario {

namespace {

bool same(const ExpectedHazard& a, const ExpectedHazard& b) {
  return a.id == b.id && a.agent == b.agent && a.region == b.region && a.verdict == b.verdict;
}

void read_hazard(const Node& node, const Memory& memory, const std::vector<Agent>& agents, Problems& problems,
                 std::vector<ExpectedHazard>& out) {
  const std::size_t before = problems.size();
  if (!check_section(node, Section::Hazard, problems)) return;
  ExpectedHazard hazard;
  hazard.line = {node.mark.line};
  if (const Node* const id = node.find("id")) {
    std::vector<std::string> names;
    for (const judge::HazardKind& kind : judge::hazard_kinds()) names.push_back(judge::spelled(kind.id));
    const std::vector<std::string_view> views(names.begin(), names.end());
    if (const auto found = choice(*id, "the id of a hazard", views, problems))
      hazard.id = judge::hazard_kinds()[*found].id;
  }
  if (const Node* const agent = node.find("agent")) {
    const auto found = name_in(*agent, "an agent", names_of(agents), problems);
    hazard.agent = {static_cast<std::uint16_t>(found.value_or(0))};
  }
  if (const Node* const region = node.find("region")) {
    if (const auto found = name_in(*region, "a region", memory.names(), problems))
      hazard.region = static_cast<std::uint32_t>(*found);
  }
  if (const Node* const verdict = node.find("verdict")) {
    if (const auto found = choice(*verdict, "a verdict", kVerdicts, problems))
      hazard.verdict = *found == 0 ? judge::Verdict::Latent : judge::Verdict::Observed;
  }
  if (problems.size() != before) return;
  const auto twin = std::find_if(out.begin(), out.end(), [&](const ExpectedHazard& h) { return same(h, hazard); });
  if (twin != out.end()) {
    problems.add(node.mark, fmt::format("this hazard is declared on line {} already", twin->line.value));
    return;
  }
  out.push_back(hazard);
}

/// LABEL of whichever program has it, or AGENT.LABEL.
std::optional<LabelledLine> labelled(const Node& node, const std::string& text, const std::vector<Agent>& agents,
                                     const Labels& labels, Problems& problems) {
  const std::size_t dot = text.find('.');
  if (dot != std::string::npos) {
    Node name = node;
    name.text = text.substr(0, dot);
    const auto agent = name_in(name, "an agent", names_of(agents), problems);
    if (!agent) return std::nullopt;
    return find_label(node.mark, text.substr(dot + 1), *agent, agents, labels, problems);
  }
  std::vector<std::size_t> owners;
  std::vector<std::string> names;
  for (std::size_t a = 0; a < labels.size(); ++a) {
    for (const a64::Label& l : labels[a]) {
      names.push_back(l.name);
      if (l.name == text) owners.push_back(a);
    }
  }
  if (owners.size() == 1) return find_label(node.mark, text, owners[0], agents, labels, problems);
  if (owners.empty()) {
    problems.add(node.mark,
                 with_suggestion(fmt::format("no program of this variant has the label {}", shown(text)), text, names));
  } else {
    problems.add(node.mark, fmt::format("several programs have the label `{}`; write `{}.{}` or `{}.{}`", text,
                                        agents[owners[0]].name, text, agents[owners[1]].name, text));
  }
  return std::nullopt;
}

}  // namespace

std::vector<ExpectedHazard> read_hazards(const Node& node, const Memory& memory, const std::vector<Agent>& agents,
                                         Problems& problems) {
  std::vector<ExpectedHazard> out;
  if (!is_list(node, "`hazards`", problems)) return out;
  for (const Node& item : node.items) read_hazard(item, memory, agents, problems, out);
  return out;
}

std::vector<Redundant> read_redundant(const Node& node, const std::vector<Agent>& agents, const Labels* labels,
                                      Problems& problems) {
  std::vector<Redundant> out;
  if (!is_list(node, "`redundant`", problems)) return out;
  for (const Node& item : node.items) {
    if (!check_section(item, Section::Redundant, problems)) continue;
    Redundant redundant;
    redundant.line = {item.mark.line};
    if (const Node* const why = item.find("why")) redundant.why = sentence(*why, "the reason", problems);
    const Node* const label = item.find("label");
    const auto text = label == nullptr ? std::nullopt : word(*label, "a label", problems);
    if (!text) continue;
    redundant.label = *text;
    if (labels != nullptr) {
      const auto found = labelled(*label, *text, agents, *labels, problems);
      if (!found) continue;
      redundant.agent = {static_cast<std::uint16_t>(found->agent)};
      redundant.instruction = found->line;
    }
    out.push_back(std::move(redundant));
  }
  return out;
}

}  // namespace staleline::scenario
