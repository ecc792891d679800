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

void Board::note_mark(event::AgentId agent, event::SourceLine line, Cycle at) {
  const auto found = marks_.find(key(agent, line));
  if (found == marks_.end() || found->second != engine::kNever) return;
  ++posts_;
  found->second = at;
}

Cycle Board::marked(event::AgentId agent, event::SourceLine line) const {
  const auto found = marks_.find(key(agent, line));
  return found == marks_.end() ? engine::kNever : found->second;
}

void Board::add_cpu(std::uint64_t affinity, event::PeId pe, event::AgentId agent, std::optional<event::EdgeId> start) {
  cpus_.push_back({affinity, pe, agent, start, {}, {}});
  if (start) end(agent, 0);
}

std::vector<arm::psci::Cpu> Board::cpus(event::PeId asks, Cycle at) const {
  std::vector<arm::psci::Cpu> result;
  for (const Cpu& c : cpus_) {
    const auto known = [&](Cycle when, event::PeId by) { return by == asks ? when <= at : when + lookahead_ <= at; };
    const auto starts =
        std::count_if(c.starts.begin(), c.starts.end(), [&](const Start& s) { return known(s.at, s.by); });
    const auto stops = std::count_if(c.stops.begin(), c.stops.end(), [&](Cycle when) { return known(when, c.pe); });
    const bool on = (c.start ? 0 : 1) + starts > stops;
    result.push_back({c.affinity, on ? arm::psci::CpuState::On : arm::psci::CpuState::Off});
  }
  return result;
}

std::uint64_t Board::start_cpu(std::size_t cpu, const Start& start) {
  Cpu& c = cpus_.at(cpu);
  c.starts.push_back(start);
  end(c.agent, engine::kNever);
  return send(*c.start, start.at);
}

const Board::Start& Board::start_of(event::AgentId agent, std::uint64_t k) const {
  const auto found = std::find_if(cpus_.begin(), cpus_.end(), [&](const Cpu& c) { return c.agent == agent; });
  return found->starts.at(k);
}

void Board::stop_cpu(event::AgentId agent, Cycle at) {
  for (Cpu& c : cpus_) {
    if (c.agent == agent) c.stops.push_back(at);
  }
  end(agent, at);
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
