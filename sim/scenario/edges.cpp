// SPDX-License-Identifier: Apache-2.0
// Collecting edges from the directives that send them.
#include "edges.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace staleline::scenario {

namespace {

using a64::Directive;
using event::Mechanism;

/// A sent edge without its number; empty where the target cannot get it.
std::optional<SentEdge> edge_of(const a64::EdgeDeclaration& sent, std::size_t from, const std::vector<Agent>& agents,
                                const std::map<std::string, std::size_t>& indexes) {
  SentEdge edge;
  edge.from = from;
  edge.name = sent.name;
  edge.mark = {sent.line, sent.column};
  if (sent.kind == Directive::Kind::Publish) return edge;
  if (sent.kind == Directive::Kind::Complete) {
    edge.mechanism = Mechanism::Completion;
    edge.name = "complete";
    return agents[from].kind == Agent::Kind::Device ? std::optional(edge) : std::nullopt;
  }
  const bool doorbell = sent.kind == Directive::Kind::Doorbell;
  const auto to = indexes.find(sent.name);
  if (to == indexes.end() || to->second == from) return std::nullopt;
  if (agents[to->second].kind != (doorbell ? Agent::Kind::Device : Agent::Kind::Program)) return std::nullopt;
  edge.mechanism = doorbell ? Mechanism::Doorbell : Mechanism::Handoff;
  edge.name = doorbell ? "doorbell" : "handoff";
  edge.to = to->second;
  return edge;
}

}  // namespace

Edges::Edges(const std::vector<Agent>& agents, const std::vector<a64::SourceText>& sources) : sent_by_(agents.size()) {
  std::map<std::string, std::size_t> indexes;
  for (std::size_t i = 0; i < agents.size(); ++i) indexes.emplace(agents[i].name, i);
  for (std::size_t from = 0; from < sources.size(); ++from) {
    for (const a64::EdgeDeclaration& sent : a64::edge_declarations(sources[from])) {
      auto edge = edge_of(sent, from, agents, indexes);
      if (!edge) continue;
      const Identity identity(edge->mechanism, from, edge->to, edge->name);
      if (!indexes_.emplace(identity, edges_.size()).second) continue;
      sent_by_[from].push_back(edges_.size());
      edges_.push_back(*std::move(edge));
    }
  }
  add_implicit(agents);
}

void Edges::add_implicit(const std::vector<Agent>& agents) {
  std::size_t driver = agents.size();
  const auto add = [&](Mechanism mechanism, std::size_t from, std::optional<std::size_t> to, const char* name) {
    sent_by_[from].push_back(edges_.size());
    edges_.push_back({mechanism, from, to, name, {}, true});
  };
  for (std::size_t a = 0; a < agents.size(); ++a) {
    if (agents[a].kind == Agent::Kind::Program) driver = std::min(driver, a);
    if (agents[a].abort) add(Mechanism::Handoff, a, {}, "abort");
    if (agents[a].start) {
      // Any agent with code may start it; the name of one is needed.
      const auto other =
          std::find_if(agents.begin(), agents.end(), [&](const Agent& o) { return o.program.fetched && !o.start; });
      add(Mechanism::Handoff, other == agents.end() ? a : static_cast<std::size_t>(other - agents.begin()), a, "start");
    }
    if (agents[a].kind != Agent::Kind::Smmu) continue;
    add(Mechanism::Completion, a, {}, "sync");
    add(Mechanism::Completion, a, {}, "record");
    // Any PE's stores may ring it; the name of one is needed.
    add(Mechanism::Doorbell, driver < a ? driver : a, a, "doorbell");
  }
}

std::optional<std::size_t> Edges::implicit(std::size_t from, std::string_view name) const {
  for (const std::size_t i : sent_by_.at(from)) {
    if (edges_[i].implicit && edges_[i].name == name) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> Edges::implicit_to(std::size_t agent) const {
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    if (edges_[i].implicit && edges_[i].to == agent) return i;
  }
  return std::nullopt;
}

std::optional<std::size_t> Edges::find(Mechanism mechanism, std::size_t from, std::optional<std::size_t> to,
                                       std::string_view name) const {
  const auto found = indexes_.find(Identity(mechanism, from, to, name));
  return found == indexes_.end() ? std::nullopt : std::optional(found->second);
}

std::vector<Edge> Edges::resolved(const std::vector<Agent>& agents) const {
  std::vector<Edge> out;
  for (const SentEdge& e : edges_) {
    Edge edge;
    edge.from = {static_cast<std::uint16_t>(e.from)};
    edge.name =
        e.to ? fmt::format("{} {}", e.name, agents[*e.to].name) : fmt::format("{}.{}", agents[e.from].name, e.name);
    out.push_back(std::move(edge));
  }
  return out;
}

void Edges::check_awaited(const std::vector<Agent>& agents, Problems& problems) const {
  std::set<std::pair<std::size_t, std::size_t>> awaited;
  for (std::size_t a = 0; a < agents.size(); ++a) {
    for (const Directive& d : agents[a].program.directives) {
      if (d.kind == Directive::Kind::Await) awaited.emplace(a, d.edge.value);
    }
  }
  for (std::size_t i = 0; i < edges_.size(); ++i) {
    const SentEdge& e = edges_[i];
    // A guest begins where it is handed to.
    const bool begins = e.to && e.mechanism == Mechanism::Handoff && agents[*e.to].program.fetched;
    if (!e.to || e.implicit || begins || awaited.contains({*e.to, i})) continue;
    problems.add(e.mark, fmt::format("`{}` never awaits this {}; its program needs `.await {}.{}` where it begins",
                                     agents[*e.to].name, e.name, agents[e.from].name, e.name));
  }
}

}  // namespace staleline::scenario
