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

std::size_t Board::signals(event::PeId pe, Cycle at) const {
  return static_cast<std::size_t>(
      std::count_if(signals_.begin(), signals_.end(), [&](const Signal& s) { return heard(s, pe) <= at; }));
}

Cycle Board::next_signal(event::PeId pe, Cycle at) const {
  Cycle next = engine::kNever;
  for (const Signal& s : signals_) {
    if (heard(s, pe) > at) next = std::min(next, heard(s, pe));
  }
  return next;
}

}  // namespace staleline::pe
