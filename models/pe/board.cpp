// SPDX-License-Identifier: Apache-2.0
// Edges, ends and marks of all agents of one run.
#include "staleline/pe/board.h"

#include <algorithm>

namespace staleline::pe {

Cycle Board::all_ended() const {
  const auto last = std::max_element(ends_.begin(), ends_.end());
  if (last == ends_.end()) return 0;
  return *last == engine::kNever ? engine::kNever : *last + lookahead_;
}

void Board::mark(event::AgentId agent, event::SourceLine line, Cycle at) {
  if (marks_.empty()) return;
  const auto found = marks_.find(key(agent, line));
  if (found != marks_.end() && found->second == engine::kNever) found->second = at;
}

Cycle Board::marked(event::AgentId agent, event::SourceLine line) const {
  const auto found = marks_.find(key(agent, line));
  return found == marks_.end() ? engine::kNever : found->second;
}

}  // namespace staleline::pe
