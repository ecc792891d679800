// SPDX-License-Identifier: Apache-2.0
// Labels as points of a program.
#include "labels.h"

#include <fmt/format.h>

#include <algorithm>

namespace staleline::scenario {

std::optional<LabelledLine> find_label(Mark mark, const std::string& name, std::size_t agent,
                                       const std::vector<Agent>& agents, const Labels& labels, Problems& problems) {
  const auto& known = labels.at(agent);
  const auto found = std::find_if(known.begin(), known.end(), [&](const a64::Label& l) { return l.name == name; });
  if (found == known.end()) {
    std::vector<std::string> names;
    for (const a64::Label& l : known) names.push_back(l.name);
    problems.add(mark, with_suggestion(fmt::format("the program of `{}` has no label {} in this variant",
                                                   agents[agent].name, shown(name)),
                                       name, names));
    return std::nullopt;
  }
  const auto& instructions = agents[agent].program.instructions;
  if (found->instruction >= instructions.size()) {
    problems.add(mark, fmt::format("no instruction follows label `{}` of `{}` in this variant", found->name,
                                   agents[agent].name));
    return std::nullopt;
  }
  return LabelledLine{agent, instructions[found->instruction].line};
}

}  // namespace staleline::scenario
