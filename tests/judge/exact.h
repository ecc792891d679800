// SPDX-License-Identifier: Apache-2.0
// All legal schedules of a program over the exact copies of one line: what the judge is compared with.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "staleline/copies/line.h"

namespace staleline::exact {

using What = copies::Action::What;

/// One operation of a program: an action, on one node or on all (maintenance).
struct Operation {
  What what;
  std::uint8_t node;
  std::uint8_t byte;
  bool all_nodes = false;
};

struct Setting {
  std::uint8_t nodes;
  std::uint8_t bytes;
  std::uint8_t live;  ///< bit a node
};

inline bool is_read(What w) { return w >= What::ReadCacheable && w <= What::ReadSnooping; }
inline bool is_maintenance(What w) { return w >= What::Clean; }

inline std::vector<Operation> alphabet(const Setting& s, bool write_through) {
  std::vector<Operation> ops;
  for (std::uint8_t b = 0; b < s.bytes; ++b) {
    ops.push_back({What::ReadNonCacheable, 0, b});
    ops.push_back({What::WriteNonCacheable, 0, b});
    for (std::uint8_t d = 0; d < s.nodes; ++d) {
      for (const What w : {What::ReadCacheable, What::ReadSnooping, What::WriteBackWrite, What::WriteSnooping})
        ops.push_back({w, d, b});
      if (write_through) ops.push_back({What::WriteThroughWrite, d, b});
    }
  }
  for (const What w : {What::Clean, What::Invalidate, What::CleanAndInvalidate}) {
    for (std::uint8_t d = 0; d < s.nodes; ++d) ops.push_back({w, d, 0});
    if (s.nodes > 1) ops.push_back({w, 0, 0, true});
  }
  return ops;
}

/// Every state that hardware alone can reach from `states`, which becomes sorted and unique.
inline void close(std::vector<copies::Line>& states, const Setting& s) {
  std::sort(states.begin(), states.end());
  states.erase(std::unique(states.begin(), states.end()), states.end());
  std::vector<copies::Line> work = states;
  while (!work.empty()) {
    const copies::Line line = work.back();
    work.pop_back();
    for (std::uint8_t d = 0; d < s.nodes; ++d) {
      for (const What w : {What::Fill, What::Drop, What::WriteBack}) {
        if (w == What::Fill && (s.live >> d & 1U) == 0) continue;
        const auto next = copies::step(line, {.what = w, .node = d});
        if (!next) continue;
        const auto at = std::lower_bound(states.begin(), states.end(), next->line);
        if (at != states.end() && *at == next->line) continue;
        states.insert(at, next->line);
        work.push_back(next->line);
      }
    }
  }
}

struct Exact {
  std::vector<copies::Line> states;
  std::array<copies::Version, copies::kMaxBytes> newest{};
};

/// Performs `op` on all schedules; true where a read can return something else than the newest.
inline bool apply_exact(Exact& e, const Operation& op, const Setting& s) {
  copies::Version version = 0;
  const bool writes = !is_read(op.what) && !is_maintenance(op.what);
  if (writes) version = e.newest[op.byte] = static_cast<copies::Version>(e.newest[op.byte] + 1);
  bool stale = false;
  std::vector<copies::Line> next;
  for (const copies::Line& before : e.states) {
    for (const copies::SnoopHit hit :
         {copies::SnoopHit::Update, copies::SnoopHit::UpdateThrough, copies::SnoopHit::Invalidate}) {
      if (hit != copies::SnoopHit::Update && op.what != What::WriteSnooping) continue;
      copies::Line line = before;
      for (std::uint8_t d = op.node; d < (op.all_nodes ? s.nodes : op.node + 1); ++d) {
        const auto stepped = copies::step(line, {op.what, d, op.byte, version, hit});
        line = stepped.value().line;
        if (is_read(op.what) && stepped->read != e.newest[op.byte]) stale = true;
      }
      next.push_back(line);
    }
  }
  e.states = std::move(next);
  close(e.states, s);
  return stale;
}

inline std::string spelled(const std::vector<Operation>& program, const Setting& s) {
  constexpr const char* names[] = {"Fill", "Drop", "WriteBack", "R",     "Rnc", "Rsnoop",  "W",
                                   "Wwt",  "Wnc",  "Wsnoop",    "Clean", "Inv", "CleanInv"};
  std::string text = "live=" + std::to_string(s.live);
  for (const Operation& op : program)
    text += " " + std::string(names[static_cast<int>(op.what)]) + (op.all_nodes ? "*" : std::to_string(op.node)) + "." +
            std::to_string(op.byte);
  return text;
}

inline Exact exact_start(const Setting& s) {
  Exact e{.states = {copies::Line{}}};
  close(e.states, s);
  return e;
}

}  // namespace staleline::exact
