// SPDX-License-Identifier: Apache-2.0
// Instruction fetches, instruction cache maintenance, and what instruction caches may hold.
#include "calm.h"
#include "implementation.h"

namespace staleline::judge {

using event::Event;

Judge::Implementation::FetchView Judge::Implementation::fetch_view(const Event& e, const Line& l, Mask bytes) const {
  const bool cacheable = e.path.node != event::kNoNode;
  const InstructionSide& side = *l.instructions;
  FetchView out{.state = view(l, e.agent, Use::Fetch, cacheable)};
  Mask above_pou = l.above_pou, older = cacheable ? side.caches[e.pe.value].older : 0;
  for (const Clear& c : l.clears)
    if (orders.cmo_before(Use::Fetch, e.agent, c.by.agent, c.by.epoch, true)) above_pou &= ~c.above_pou;
  for (const InstructionClear& c : side.clears)
    if (c.reaches(e.pe, event::virtual_index(e)) &&
        orders.cmo_before(Use::Fetch, e.agent, c.by.agent, c.by.epoch, true))
      older &= ~c.older;
  out.from_below =
      cacheable ? older_at_unification(l, out.state, above_pou) : stale_in_memory(out.state, kWholeLine).any();
  Mask unordered = 0;
  l.writers.for_each(bytes, [&](const WriteRef& w, Mask part) {
    if (!orders.intended(e.agent, w.agent, w.epoch)) return;
    out.obliged |= part & bytes;
    if (orders.store_before(Use::Fetch, e.agent, w.agent, w.epoch, w.cacheable)) return;
    (orders.executed_after(e.agent, w.agent, w.epoch) ? out.overtaken : unordered) |= part & bytes;
  });
  out.stale = ((older | out.from_below) & out.obliged) | unordered;
  return out;
}

void Judge::Implementation::fetch(const Event& e) {
  Line& l = line_of(e.address);
  if (l.watched && watch(e)) return;
  const Mask bytes = bytes_of(e);
  if (fetched_before(e, l, bytes)) return remember_fetch(e, l);
  const bool cacheable = e.path.node != event::kNoNode;
  InstructionSide& side = instructions_of(l);
  auto& cache = side.caches[e.pe.value];

  const FetchView found = fetch_view(e, l, bytes);
  const Mask stale = found.stale, overtaken = found.overtaken, from_below = found.from_below;
  Mask wrong = 0;
  WriteRef writer{};
  const std::uint64_t offset = e.address.offset_in(arm::kLineBytes);
  for (std::size_t i = 0; i < e.size; ++i)
    if (l.newest[offset + i] != static_cast<std::uint8_t>(e.data[i / 8] >> (8 * (i % 8))))
      wrong |= Mask{1} << (offset + i);
  wrong &= found.obliged;

  const auto find = [&](HazardId id, Mask which, std::optional<Deed> culprit) {
    if (which == 0) return;
    l.writers.for_each(which & (~which + 1), [&](const WriteRef& w, Mask) { writer = w; });
    report({.id = id,
            .bytes = which,
            .observed = which & wrong,
            .benign = which & l.benign,
            .writer = writer,
            .culprit = culprit,
            .holder = event::kCoherentDomain},
           e, l, Use::Fetch);
  };
  const Mask either = stale != 0 && !side.exchanged.empty() ? stale & either_does(e, l) : Mask{0};
  find(HazardId::StaleInstruction, stale & ~either, std::nullopt);
  find(HazardId::NotOrdered, overtaken & ~stale, std::nullopt);
  if (either != 0) {
    Findings shown;
    std::swap(findings, shown);
    find(HazardId::StaleInstruction, either, std::nullopt);
    std::swap(findings, shown);
    suspend(e, std::move(shown), either);
  }
  unexplained += static_cast<std::uint64_t>(std::popcount(wrong & ~stale & ~overtaken));
  const bool safe = (stale | overtaken | wrong) == 0;

  if (!cacheable) {
    if (safe) settle_fetch(e, l, bytes);
    return;
  }
  // A fill may come before a write that nothing orders before it.
  Mask filled = from_below;
  l.writers.for_each(kWholeLine, [&](const WriteRef& w, Mask part) {
    if (!orders.store_before(Use::Fetch, e.agent, w.agent, w.epoch, w.cacheable)) filled |= part;
  });
  const MayNode before = l.may.node[e.path.node.value];
  // A fill before the maintenance is gone with it. One behind it comes from a Point of Unification that was clean of
  // older bytes when the maintenance was issued, and they come back only where the issuer has them there again.
  bool undone = false;
  for (InstructionClear& c : side.clears) {
    const Mask again = c.reaches(e.pe, event::virtual_index(e)) ? c.older & filled : 0;
    if (again == 0) continue;
    const Mask back = again & older_at_unification(l, c.by.agent);
    c.older &= ~back;
    undone = undone || back != 0;
  }
  bool same =
      safe && !undone && before.present && before.live && cache.present &&
      (parameters.dic || (filled & ~cache.older) == 0) &&
      std::none_of(l.clears.begin(), l.clears.end(), [&](const Clear& c) { return c.node[e.path.node.value].present; });
  cache.present = true;
  if (!parameters.dic) cache.older |= filled;
  // The fill went through the unified caches: it is a cacheable read there too.
  MayState after = found.state;
  const Mask brought = cacheable_read(after, e.path.node.value);
  MayNode& here = l.may.node[e.path.node.value];
  here.older |= brought;
  if (brought != 0) touched(l);
  here.present = true;
  for (Clear& c : l.clears) {
    c.node[e.path.node.value].older &= ~brought;
    c.node[e.path.node.value].present = false;
  }
  if (!here.live)
    remember(l.touched, {.cycle = e.cycle,
                         .epoch = orders.now(e.agent),
                         .line = e.line,
                         .agent = e.agent,
                         .node = e.path.node.value,
                         .cacheable = true});
  same = same && brought == 0;
  if (same) {
    settle_fetch(e, l, bytes);
  } else {
    ++l.version;
  }
}

bool Judge::Implementation::fetched_before(const Event& e, const Line& l, Mask bytes) const {
  if (l.instructions == nullptr) return false;
  const InstructionSide::Cache::Settled& s = l.instructions->caches[e.pe.value].settled;
  return s.version == l.version && (bytes & ~s.bytes) == 0 && s.agent == e.agent && s.path == e.path &&
         s.fetch_version == orders.fetch_version(e.agent) && s.index == event::virtual_index(e) && agrees(e, l);
}

void Judge::Implementation::settle_fetch(const Event& e, Line& l, Mask bytes) {
  InstructionSide::Cache::Settled& s = l.instructions->caches[e.pe.value].settled;
  const InstructionSide::Cache::Settled now{.version = l.version,
                                            .fetch_version = orders.fetch_version(e.agent),
                                            .agent = e.agent,
                                            .path = e.path,
                                            .index = event::virtual_index(e),
                                            .bytes = 0};
  const bool goes_on = s.version == now.version && s.fetch_version == now.fetch_version && s.agent == now.agent &&
                       s.path == now.path && s.index == now.index;
  if (!goes_on) s = now;
  s.bytes |= bytes;
}

void Judge::Implementation::remember_fetch(const Event& e, const Line& l) {
  // A translation that has to be judged again is judged at each fetch.
  if (e.entry != 0 && (translations.find(e) == nullptr || !translations.settled(e))) return;
  fetched_.put({.line = &l,
                .stamp = translations.stamp(e.agent),
                .version = l.version,
                .fetch_version = orders.fetch_version(e.agent),
                .address = e.address,
                .data = e.data,
                .entry = e.entry,
                .agent = e.agent,
                .pe = e.pe,
                .size = e.size,
                .path = e.path});
}

Mask Judge::Implementation::older_at_unification(const Line& l, event::AgentId issuer) const {
  Mask above_pou = l.above_pou;
  for (const Clear& c : l.clears)
    if (orders.cmo_before(Use::InstructionMaintenance, issuer, c.by.agent, c.by.epoch, true)) above_pou &= ~c.above_pou;
  return older_at_unification(l, view(l, issuer, Use::InstructionMaintenance, true), above_pou);
}

void Judge::Implementation::maintain_instructions(const Event& e) {
  const auto op = static_cast<arm::CacheOp>(e.aux);
  const WriteRef self{.cycle = e.cycle, .epoch = orders.now(e.agent), .line = e.line, .agent = e.agent};
  const std::uint64_t pes = op == arm::CacheOp::IC_IALLU ? std::uint64_t{1} << e.pe.value : ~std::uint64_t{0};
  const std::uint64_t index = op == arm::CacheOp::IC_IVAU ? event::virtual_index(e) : 0;
  const auto clear = [&](Line& l) {
    if (l.instructions == nullptr) return;
    Mask covered = 0;
    l.writers.for_each(kWholeLine, [&](const WriteRef& w, Mask part) {
      if (orders.store_before(Use::InstructionMaintenance, e.agent, w.agent, w.epoch, w.cacheable)) covered |= part;
    });
    // What is still older at the Point of Unification may come straight back.
    covered &= ~older_at_unification(l, e.agent);
    auto& clears = l.instructions->clears;
    ++l.version;
    if (covered != 0) clears.push_back({.by = self, .pes = pes, .index = index, .older = covered});
    if (clears.size() > 16) clears.erase(clears.begin());
  };
  if (op == arm::CacheOp::IC_IVAU) return clear(line_of(e.address));
  for_each_line(clear);
}

}  // namespace staleline::judge
