// SPDX-License-Identifier: Apache-2.0
// The judge as a listener: which part of it each event concerns, and the lines that it follows.
#include "staleline/judge/judge.h"

#include "calm.h"
#include "implementation.h"

namespace staleline::judge {

using event::Event;
using event::Kind;

Judge::Judge(Parameters parameters) : implementation_(std::make_unique<Implementation>(std::move(parameters))) {}
Judge::~Judge() = default;

void Judge::on_event(const Event& e) {
  if (e.kind == Kind::Fetch && implementation_->fetched_alike(e)) return;
  implementation_->take(e);
}

void Judge::Implementation::take(const Event& e) {
  Implementation& i = *this;
  if (e.entry != 0 && e.kind <= Kind::Maintenance && e.kind != Kind::Walk && !i.translations.settled(e))
    i.use_translation(e);
  if (e.aux > 1 && e.kind <= Kind::Write && e.pe == event::kNoPe) i.configuration(e);
  if (e.kind <= Kind::Write) {
    Line& l = i.line_of(e.address);
    if (e.kind == Kind::Read ? i.calm_read(e, l) : i.calm_write(e, l)) return;
  }
  switch (e.kind) {
    case Kind::Read:
      return i.read(e, i.line_of(e.address), Use::Load);
    case Kind::Walk:
      return i.walk(e);
    case Kind::Write:
      return i.write(e, i.line_of(e.address));
    case Kind::Fetch:
      return i.fetch(e);
    case Kind::Maintenance:
      if (arm::is_instruction_side(static_cast<arm::CacheOp>(e.aux))) return i.maintain_instructions(e);
      return i.maintain(e);
    case Kind::Barrier:
      i.orders.barrier(e.agent, event::unpack_barrier(e.aux));
      return i.unmap_completed(e);
    case Kind::ContextSync:
      if (!i.unsynchronised.empty() && i.unsynchronised.contains(e.agent)) i.synchronised(e.agent);
      i.orders.context_sync(e.agent);
      if (!i.suspended.empty()) i.end_exchanges(e.agent);
      return;
    case Kind::EdgeSend:
      return i.orders.send(e.agent, event::EdgeId{static_cast<std::uint16_t>(e.aux)}, e.data[0], e.mechanism, e.line);
    case Kind::EdgeReceive:
      i.translations.learned(e.agent);
      return i.orders.receive(e.agent, event::EdgeId{static_cast<std::uint16_t>(e.aux)}, e.data[0], e.mechanism);
    case Kind::Live:
      return i.live(e);
    case Kind::Translation:
      return i.translation(e);
    case Kind::Tlbi:
      return i.tlb_maintain(e);
    case Kind::SystemRegister:
      return i.system_register(e);
    case Kind::Fault:
      return i.fault(e);
    case Kind::Grant:
    case Kind::Revoke:
      return i.entitle(e);
    case Kind::Power:
      return i.power(e);
    case Kind::Unsynchronised:
      return i.judge_unsynchronised(e);
    default:
      return;  // what copies do is for others
  }
}

std::vector<Hazard> Judge::hazards() const {
  Findings all = implementation_->findings;
  for (const auto& f : implementation_->taken_faults)
    for (const Hazard& h : f.hazards) all.note(h);
  for (const auto& s : implementation_->suspended)
    for (const Hazard& h : s.hazards) all.note(h);
  return all.sorted();
}
std::uint64_t Judge::unexplained() const { return implementation_->unexplained; }
bool Judge::stuck(event::AgentId agent) const { return implementation_->stuck(agent); }

Judge::Implementation::Implementation(Parameters p)
    : parameters(std::move(p)),
      orders(parameters.agents, parameters.is_device, !parameters.fetches_out_of_order),
      translations(parameters.agents) {
  for (const Parameters::Tables& t : parameters.tables) explore_root(t);
  for (const Parameters::Structure& s : parameters.structures) {
    Event e;
    e.pe = event::kNoPe;
    e.component = s.smmu;
    add_structure(s.address, {.walker = translations.walker_of(e).index,
                              .stream_table = s.stream_table,
                              .named = true,
                              .stream = s.stream,
                              .substream = s.substream,
                              .held = {}});
    translations.configured_by[s.device][s.stream_table ? 0 : 1] = s.address.value;
  }
}

Line& Judge::Implementation::find_line(std::uint64_t number) {
  auto& page = pages_[number / kPageLines];
  if (!page) page = std::make_unique<Page>();
  auto& slot = page->lines[number % kPageLines];
  if (slot == nullptr) slot = &new_line(arm::PhysAddr{number * arm::kLineBytes});
  Line& l = *slot;
  near_[number % kNear] = {number, &l};
  return l;
}

Line& Judge::Implementation::new_line(arm::PhysAddr line) {
  Line& l = lines_.emplace_back();
  l.address = line;
  l.may.nodes = parameters.nodes;
  if (parameters.initial_bytes) parameters.initial_bytes(line, l.newest);
  for (std::uint8_t d = 0; d < parameters.nodes; ++d)
    if (ranges.node_live(line, d)) set_live(l.may, d, true);
  for (std::uint8_t pe = 0; pe < parameters.pes; ++pe) {
    if (!ranges.instructions_live(line, event::PeId{pe})) continue;
    auto& cache = instructions_of(l).caches[pe];
    cache.live = cache.present = true;
  }
  l.watched = watched(line);
  if (!translations.pages.empty() && is_table(line)) table_side(l);
  l.review();
  return l;
}

InstructionSide& Judge::Implementation::instructions_of(Line& l) {
  if (l.instructions == nullptr) {
    l.instructions = &instruction_sides_.emplace_back(parameters.pes, &memory_);
    l.plain = false;
    ++l.version;
  }
  return *l.instructions;
}

void Judge::Implementation::live(const Event& e) {
  if (!arm::is_cacheable(e.path.memory)) return live_forbidden(e);
  translations.changed();
  if ((e.aux & 1) != 0) live_forbidden(e);
  const bool on = (e.aux & 1) != 0, instructions = (e.aux & 2) != 0;
  const LiveRanges::Change change{.begin = e.address,
                                  .end = e.address + e.data[0],
                                  .node = e.path.node.value,
                                  .pe = instructions ? e.pe : event::kNoPe,
                                  .by = on ? 1 : -1,
                                  .tables = translations.has_tables.contains(e.agent)};
  ranges.add(change);
  enliven(change, e.pe, instructions, on && instructions ? std::optional(e.agent) : std::nullopt);
}

void Judge::Implementation::enliven(const LiveRanges::Change& change, event::PeId pe, bool instructions,
                                    std::optional<event::AgentId> by) {
  for_each_line(change.begin, change.end, [&](Line& l) {
    const std::uint8_t d = change.node;
    const bool live = ranges.node_live(l.address, d);
    MayNode& here = l.may.node[d];
    // Nothing comes in where nothing may, or where it could before.
    if (!instructions && (!live || (here.live && here.present && l.may.nodes == 1 && l.clears.empty()))) {
      here.live = live;
      return l.review();
    }
    if (instructions) instructions_of(l);  // only what rises from here on spreads
    const Mask before = older_at_unification(l, l.may, l.above_pou);
    Mask brought = before;
    if (by && before != 0) {  // fills come after the maintenance that who permits them comes after
      Mask above_pou = l.above_pou;
      for (const Clear& c : l.clears)
        if (orders.cmo_before(Use::Fetch, *by, c.by.agent, c.by.epoch, true)) above_pou &= ~c.above_pou;
      brought = older_at_unification(l, view(l, *by, Use::Fetch, true), above_pou);
    }
    const Mask older = set_live(l.may, d, live);
    if (older != 0) touched(l);
    for (Clear& c : l.clears) {
      c.node[d].older &= ~older;
      if (live) c.node[d].present = false;
    }
    if (instructions) {
      auto& cache = instructions_of(l).caches[pe.value];
      cache.live = ranges.instructions_live(l.address, pe);
      if (cache.live) {
        cache.present = true;
        cache.older |= brought;
      }
    }
    spread_to_instructions(l, before);
    l.review();
  });
}

}  // namespace staleline::judge
