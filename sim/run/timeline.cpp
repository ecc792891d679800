// SPDX-License-Identifier: Apache-2.0
// The words of the timeline.
#include "timeline.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "places.h"

namespace staleline::run {

using event::Event;
using event::Kind;

namespace {

// Enough for any story; a loop of millions of turns does not fill memory.
constexpr std::size_t kMostMoments = 20'000;

std::string_view verb(Kind kind) {
  switch (kind) {
    case Kind::Read:
      return "reads";
    case Kind::Write:
      return "writes";
    case Kind::Fetch:
      return "fetches";
    case Kind::Walk:
      return "walks";
    default:
      return "";
  }
}

/// What a Power event tells of the PE.
std::string_view power_of(std::uint32_t aux) {
  switch (aux) {
    case 0:
      return "leaves coherency; its private caches lose their lines";
    case 1:
      return "joins coherency; its caches are invalid";
    default:
      return "the shared caches of its cluster lose their lines";
  }
}

std::uint64_t value_of(const Event& e) {
  const std::uint64_t mask = e.size >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * e.size)) - 1;
  return e.data[0] & mask;
}

}  // namespace

std::string Timeline::edge_name(std::uint32_t edge) const {
  return edge < scenario_.edges.size() ? scenario_.edges[edge].name : fmt::format("edge {}", edge);
}

std::string Timeline::spelled(const Touched& t) const {
  const auto range = spelled_range(scenario_, t.begin, t.end - t.begin);
  const Event& e = t.first;
  if (e.kind == Kind::Maintenance) {
    const auto op = static_cast<arm::CacheOp>(e.aux);
    return arm::is_by_va(op) ? fmt::format("{} {}", arm::name_of(op), range) : std::string(arm::name_of(op));
  }
  auto text = fmt::format("{} {} as {}", verb(e.kind), range, arm::name_of(e.path.memory));
  if (t.events == 1 && e.size <= 8) text += fmt::format(": {:#x}", value_of(e));
  return text;
}

bool Timeline::tell_the_same(const Touches& a, const Touches& b) {
  const auto shows_value = [](const Touched& t) {
    return t.first.kind != Kind::Maintenance && t.events == 1 && t.first.size <= 8;
  };
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [&](const auto& x, const auto& y) {
    const Touched &s = x.second, &t = y.second;
    return x.first == y.first && s.begin == t.begin && s.end == t.end && s.first.path.memory == t.first.path.memory &&
           shows_value(s) == shows_value(t) && (!shows_value(s) || value_of(s.first) == value_of(t.first));
  });
}

void Timeline::close(std::size_t agent) {
  Open& open = open_[agent];
  if (!open.used) return;
  open.used = false;
  Last& last = last_[agent];
  if (last.times != 0 && moments_[last.moment].line == open.line && tell_the_same(last.touched, open.touched)) {
    open.touched.clear();
    ++last.times;
    last.until = open.cycle;
    return;
  }
  count(agent);
  last.touched = std::exchange(open.touched, {});
  if (moments_.size() >= kMostMoments) return;
  std::string text;
  for (const auto& [key, touched] : last.touched) text += (text.empty() ? "" : ", ") + spelled(touched);
  last.moment = moments_.size();
  last.times = 1;
  last.until = open.cycle;
  moments_.push_back({open.cycle, event::AgentId{static_cast<std::uint16_t>(agent)}, open.line, std::move(text)});
}

void Timeline::count(std::size_t agent) {
  Last& last = last_[agent];
  if (last.times > 1) moments_[last.moment].text += fmt::format(", {} times until cycle {}", last.times, last.until);
  last.times = 0;
}

void Timeline::add(const Event& e, std::string text) {
  close(e.agent.value);
  count(e.agent.value);
  if (moments_.size() < kMostMoments) moments_.push_back({e.cycle, e.agent, e.line, std::move(text)});
}

std::uint32_t Timeline::kinds() const {
  const bool guests = std::all_of(scenario_.agents.begin(), scenario_.agents.end(),
                                  [](const scenario::Agent& a) { return a.program.fetched; });
  return guests ? just(Kind::EdgeSend) | just(Kind::EdgeReceive) : event::kinds_before(Kind::Fill);
}

void Timeline::on_event(const Event& e) {
  if (e.agent.value >= open_.size()) return;
  // Of guests that execute millions of instructions the story is told from the hazards alone.
  const bool guest = scenario_.agents[e.agent.value].program.fetched;
  if (guest && e.kind != Kind::EdgeSend && e.kind != Kind::EdgeReceive) return;
  if (const auto declared = scenario_.agents[e.agent.value].line; e.line.value == 0 && declared.value != 0) {
    // No program: what it does stands where it is declared.
    Event placed = e;
    placed.line = declared;
    return on_event(placed);
  }
  switch (e.kind) {
    case Kind::Read:
    case Kind::Write:
    case Kind::Fetch:
    case Kind::Walk:
    case Kind::Maintenance: {
      Open& open = open_[e.agent.value];
      const std::uint64_t bytes = e.kind == Kind::Maintenance ? arm::kLineBytes : e.size;
      const auto key = std::pair(e.kind, e.kind == Kind::Maintenance ? e.aux : 0);
      if (open.used && open.line == e.line) {
        const auto found = open.touched.find(key);
        // A loop that comes back to the line is a moment of its own.
        const bool goes_on = found == open.touched.end() || e.address == found->second.end;
        if (!goes_on) close(e.agent.value);
      } else {
        close(e.agent.value);
      }
      if (!open.used) {
        open.used = true;
        open.line = e.line;
        open.cycle = e.cycle;
      }
      auto& touched = open.touched[key];
      if (touched.events++ == 0) {
        touched.begin = e.address;
        touched.first = e;
      }
      touched.end = e.address + bytes;
      return;
    }
    case Kind::Barrier: {
      const auto b = event::unpack_barrier(e.aux);
      return add(e, fmt::format("{} {}", b.kind == arm::BarrierKind::DMB ? "dmb" : "dsb", arm::option_of(b)));
    }
    case Kind::ContextSync:
      return add(e, "context synchronisation");
    case Kind::EdgeSend:
      return add(e, fmt::format("sends {}", edge_name(e.aux)));
    case Kind::EdgeReceive:
      return add(e, fmt::format("receives {}", edge_name(e.aux)));
    case Kind::Power:
      // A cluster tells it twice: what others moved into its caches meanwhile is lost too.
      if (e.aux == 2 && !moments_.empty() && moments_.back().agent == e.agent && moments_.back().line == e.line) return;
      return add(e, std::string(power_of(e.aux)));
    case Kind::Live:
      if (e.cycle == 0 || e.data[0] <= arm::kLineBytes) return;  // the start, and single fetches
      return add(e, fmt::format("{} {} {}", spelled_range(scenario_, e.address, e.data[0]),
                                (e.aux & 1) != 0 ? "becomes" : "is no longer", "reachable through the caches"));
    default:
      return;
  }
}

std::vector<Moment> Timeline::moments() {
  for (std::size_t agent = 0; agent < open_.size(); ++agent) {
    close(agent);
    count(agent);
  }
  std::stable_sort(moments_.begin(), moments_.end(), [](const Moment& a, const Moment& b) {
    return a.cycle != b.cycle ? a.cycle < b.cycle : a.agent < b.agent;
  });
  return std::move(moments_);
}

}  // namespace staleline::run
