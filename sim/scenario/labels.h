// SPDX-License-Identifier: Apache-2.0
// The labels of the programs of one variant, for values such as `vmm.done`.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "node.h"
#include "problems.h"
#include "staleline/a64/assembler.h"
#include "staleline/scenario/scenario.h"

namespace staleline::scenario {

/// Of each agent, by index.
using Labels = std::vector<std::vector<a64::Label>>;

struct LabelledLine {
  std::size_t agent = 0;
  event::SourceLine line{};  ///< of the instruction
};

/// The instruction at label `name` of an agent. Reports an unknown label and one with no instruction after it.
[[nodiscard]] std::optional<LabelledLine> find_label(Mark mark, const std::string& name, std::size_t agent,
                                                     const std::vector<Agent>& agents, const Labels& labels,
                                                     Problems& problems);

}  // namespace staleline::scenario
