// SPDX-License-Identifier: Apache-2.0
// Walks make TLB entries; each use of an entry must be one that no older descriptor can answer
// (DDI 0487 D8.2.6, D8.16, D8.17).
#include "translations.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "calm.h"
#include "implementation.h"
#include "permissions.h"

namespace staleline::judge {

using event::Event;
using event::Kind;

Walker& Translations::walker_of(const Event& e) {
  const bool pe = e.pe != event::kNoPe;
  if (!pe && by_component_.size() <= e.component) by_component_.resize(e.component + std::size_t{1}, nullptr);
  Walker*& known = pe ? by_pe_[e.pe.value] : by_component_[e.component];
  if (known == nullptr) {
    walkers_.push_back(std::make_unique<Walker>());
    known = walkers_.back().get();
    known->index = static_cast<std::uint16_t>(walkers_.size() - 1);
    known->pe = e.pe;
    known->component = e.component;
  }
  return *known;
}

namespace {

/// Sign-extends the level of a Walk event's detail: -1 to 3.
std::int8_t level_of(std::uint8_t detail) {
  const auto four = static_cast<std::int8_t>(detail & 0xf);
  return four >= 8 ? static_cast<std::int8_t>(four - 16) : four;
}

std::uint64_t descriptor_in(const Line& l, std::size_t granule) {
  std::uint64_t value = 0;
  std::memcpy(&value, &l.newest[granule * 8], 8);
  return value;
}

/// Bytes of the line where a descriptor of granule `g` differs between two values.
Mask differing(std::uint64_t a, std::uint64_t b, std::size_t g) {
  Mask m = 0;
  for (std::size_t i = 0; i < 8; ++i)
    if (((a ^ b) >> (8 * i) & 0xff) != 0) m |= Mask{1} << (8 * g + i);
  return m;
}

/// What was walked for is an address somewhere in a page: the steps are made to say the page's first one, so that the
/// next walk for another address there, or by way of another walk cache entry, is seen to be the same.
void to_begin(TlbEntry& entry) {
  if (entry.steps.empty()) return;
  const auto last1 =
      std::find_if(entry.steps.rbegin(), entry.steps.rend(), [](const WalkStep& s) { return s.stage == 1; });
  const auto behind = last1.base();  // steps of stage 2 that translate what the access goes to
  std::uint64_t bytes = std::uint64_t{1} << entry.tag.size_log2;
  const auto cut = [&](const WalkStep& s) {
    const std::uint64_t mapped = arm::bytes_mapped(entry.granule(s.stage), s.level);
    if (mapped != 0) bytes = std::min(bytes, mapped);  // of a contiguous run: one member
  };
  if (last1 != entry.steps.rend()) cut(*last1);
  if (behind != entry.steps.end()) cut(entry.steps.back());
  const std::uint64_t first = (last1 != entry.steps.rend() ? last1->input : entry.steps.back().input) & ~(bytes - 1);
  for (auto s = entry.steps.begin(); s != behind; ++s)
    if (s->stage == 1) s->input = first;
  for (auto s = behind; s != entry.steps.end(); ++s) s->input &= ~(bytes - 1);
}

}  // namespace

arm::DescriptorFormat format_of(const TableUse& u) { return {.granule = u.granule, .stage = u.stage}; }

bool may_be_held(std::uint64_t value, const TableUse& u) {
  const auto kind = arm::kind_of(value, format_of(u), u.level);
  return kind == arm::DescriptorKind::Table || (arm::is_leaf(kind) && (value & arm::kAccessFlag) != 0);
}

/// `value` as it would stand if hardware had updated it to what `newest` says, and software its own bits.
std::uint64_t as_updated(std::uint64_t value, std::uint64_t newest) {
  std::uint64_t hardware = arm::kAccessFlag | arm::kSoftwareBits;
  if ((value & newest & arm::kDirtyBitModifier) != 0) hardware |= arm::kStage1ReadOnly;  // S2AP[1] stands there too
  return (value & ~hardware) | (newest & hardware);
}

bool is_global(std::uint64_t value, const TableUse& u) {
  return u.level != kRootLevel && u.stage == 1 && arm::is_leaf(arm::kind_of(value, format_of(u), u.level)) &&
         (value & arm::kNotGlobal) == 0;  // at EL2 without E2H the bit is RES0
}

TableSide& Judge::Implementation::table_side(Line& l) {
  if (!l.tables) {
    l.tables = std::make_unique<TableSide>();
    l.upset();
  }
  return *l.tables;
}

TableGranule& Judge::Implementation::table_granule(Line& l, std::size_t granule) {
  TableSide& side = table_side(l);
  if (!side.listed) {
    side.listed = true;
    translations.lines.push_back(&l);
  }
  auto& slot = side.granules[granule];
  if (!slot) slot = std::make_unique<TableGranule>();
  return *slot;
}

void Judge::Implementation::hold(TableGranule& g, std::uint64_t value, const TableUse& u, const WriteRef& superseded) {
  constexpr std::size_t many = 16;
  std::erase_if(g.held, [&](const HeldDescriptor& h) { return h.value == value && h.use == u; });
  if (g.held.size() == many) g.held.erase(g.held.begin());
  g.held.push_back({.value = value, .use = u, .superseded = superseded, .clears = {}, .by_ipa = {}, .missed = {}});
}

void Judge::Implementation::walk(const Event& e) {
  Line& l = line_of(e.address);
  read(e, l, Use::Walk);
  if (e.entry == 0) return;
  Walker& w = translations.walker_of(e);
  if (w.pending_id != e.entry) w.pending.clear();
  w.pending_id = e.entry;
  w.pending.push_back({.address = e.address.aligned_down(8),
                       .value = e.data[0],
                       .input = e.data[1],
                       .path = e.path,
                       .stage = static_cast<std::uint8_t>(e.detail >> 4),
                       .level = level_of(e.detail)});
}

void Judge::Implementation::translation(const Event& e) {
  const std::uint32_t id = e.entry;
  Walker& w = translations.walker_of(e);
  TlbEntry entry;
  entry.va = e.data[0];
  entry.pa = e.address.value;
  entry.tag = event::TranslationTag::unpack(e.data[1]);
  entry.agent = e.agent;
  entry.made = e.cycle;
  entry.fault = e.detail == 1;
  if (entry.fault && e.data[1] == 0) entry.tag = w.tag;
  if (!entry.fault) w.tag = entry.tag;
  if (w.pending_id == id) entry.steps = std::move(w.pending);
  w.pending.clear();
  w.pending_id = 0;
  if (const TlbEntry* older = e.aux < w.by_id.size() ? w.by_id[e.aux] : nullptr; e.aux != 0 && older != nullptr) {
    // A walk cache had the levels above the first one that was read now.
    std::int8_t first = 4;
    for (const WalkStep& s : entry.steps)
      if (s.stage == 1) first = std::min(first, s.level);
    std::vector<WalkStep> above;
    for (const WalkStep& s : older->steps) {
      if (s.stage == 1 && s.level >= first) break;
      above.push_back(s);
    }
    // Stage 2 of the first descriptor that was read now is of this walk, where it was gone through again.
    const bool again = !entry.steps.empty() && entry.steps.front().stage == 2;
    while (again && !above.empty() && above.back().stage == 2) above.pop_back();
    entry.steps.insert(entry.steps.begin(), above.begin(), above.end());
  }
  for (WalkStep& s : entry.steps)
    if (s.stage == 1 && s.input == 0) s.input = entry.va;
  if (!entry.fault) to_begin(entry);

  if (w.by_id.size() <= id) w.by_id.resize(id + std::size_t{1});
  auto& same = w.same[entry.va ^ entry.pa * 0x9e37'79b9'7f4a'7c15];
  for (TlbEntry* before : same) {
    if (before->va != entry.va || before->pa != entry.pa || before->tag != entry.tag || before->fault != entry.fault ||
        before->steps != entry.steps)
      continue;
    w.by_id[id] = before;
    before->made = e.cycle;
    note_uses(w, *before);
    return;
  }
  w.entries.push_back(std::move(entry));
  same.push_back(&w.entries.back());
  w.alike[w.entries.back().va].push_back(same.back());
  w.by_id[id] = same.back();
  note_uses(w, w.entries.back());
}

void Judge::Implementation::note_uses(Walker& w, const TlbEntry& entry) {
  const WalkStep* before = nullptr;  // of stage 1
  const WalkStep* step = nullptr;
  for (const WalkStep& s : entry.steps) {
    const WalkStep* above = s.stage == 1 ? before : step;
    step = &s;
    if (s.stage == 1) before = &s;
    if (above != nullptr && (above->stage != s.stage || above->level + 1 != s.level)) above = nullptr;
    Line& l = line_of(s.address);
    const std::size_t g = s.address.offset_in(arm::kLineBytes) / 8;
    TableUse u{.walker = w.index,
               .el = entry.tag.el,
               .stage = s.stage,
               .level = s.level,
               .granule = entry.granule(s.stage),
               .behind_stage2 = s.stage == 1 && entry.tag.stage2,
               .combined = s.stage == 2 && (entry.tag.stage1 || w.pe != event::kNoPe),
               .asid = entry.tag.asid,
               .vmid = entry.tag.vmid,
               .path = s.path,
               .agent = entry.agent,
               .parent = above == nullptr ? arm::PhysAddr{} : above->address};
    const std::uint64_t bytes = arm::bytes_mapped(u.granule, s.level);
    if (bytes != 0) {
      const std::uint64_t first = s.input & ~(bytes - 1);
      u.input = {first, first + (bytes - 1)};
      const arm::PhysAddr page = s.address.aligned_down(arm::page_bytes(u.granule));
      TableUse whole = u;
      const std::uint64_t start = first - (s.address - page) / 8 * bytes;
      whole.input = {start, start + (bytes - 1)};
      explore(page, whole);
    }
    TableGranule& granule = table_granule(l, g);
    if (std::find(granule.uses.begin(), granule.uses.end(), u) == granule.uses.end()) {
      granule.uses.push_back(u);
      translations.changed();
    }
    translations.has_runs |= (s.value & arm::kContiguous) != 0;
    const std::uint64_t newest = descriptor_in(l, g);
    if (s.value == newest || !may_be_held(s.value, u)) continue;
    const bool known = std::any_of(granule.held.begin(), granule.held.end(),
                                   [&](const HeldDescriptor& h) { return h.value == s.value && h.use == u; });
    if (known) continue;
    l.writers.for_each(Mask{1} << (8 * g), [&](const WriteRef& by, Mask) { hold(granule, s.value, u, by); });
    translations.changed();
  }
}

bool Judge::Implementation::elsewhere(const HeldDescriptor& h, event::AgentId a) const {
  if (h.use.agent == a) return false;
  if (parameters.pe_of.empty()) return true;
  const event::PeId pe = parameters.pe_of[a.value];
  return pe == event::kNoPe || pe != parameters.pe_of[h.use.agent.value];
}

bool Judge::Implementation::known_clear(const HeldDescriptor& h, event::AgentId a, Use use,
                                        std::optional<std::uint64_t> input) const {
  return std::any_of(h.clears.begin(), h.clears.end(), [&](const TlbClear& c) {
    if (c.run_only && (!input || h.use.input.contains(*input))) return false;
    return (!input || c.input.contains(*input)) && orders.tlbi_before(use, a, c.by.agent, c.by.epoch, elsewhere(h, a));
  });
}

std::ptrdiff_t Judge::Implementation::known_clears(const HeldDescriptor& h, event::AgentId a, Use use) const {
  return std::count_if(h.clears.begin(), h.clears.end(), [&](const TlbClear& c) {
    return !c.run_only && orders.tlbi_before(use, a, c.by.agent, c.by.epoch, elsewhere(h, a));
  });
}

bool Judge::Implementation::use_translation(const Event& e) {
  TlbEntry* found = translations.find(e);
  if (found == nullptr) return false;
  TlbEntry& entry = *found;
  const std::uint64_t stamp = translations.stamp(e.agent);
  auto& users = translations.used_by[e.agent];
  const TranslationUser user{translations.walker_of(e).index, entry.tag.el, entry.tag.asid, entry.tag.vmid};
  if (std::find(users.begin(), users.end(), user) == users.end()) users.push_back(user);
  const Use use = e.kind == Kind::Write         ? Use::Store
                  : e.kind == Kind::Fetch       ? Use::Fetch
                  : e.kind == Kind::Maintenance ? Use::Maintenance
                                                : Use::Load;
  Translated t{.va = e.kind == Kind::Fault ? e.data[0] : entry.va + (e.address.value - entry.pa), .use = use};
  const Asks asks = asks_of(e);
  const TlbEntry::Settled& before = entry.settled_asks;
  if (before.stamp == stamp && before.asks == asks && e.kind != Kind::Fault &&
      before.addresses.contains(e.address.value))
    return false;
  if (!taken_faults.empty()) {
    if (e.kind != Kind::Fault) mend(e, t.va);
    t.retried = retried(e.agent, e.line, t.va);
  }
  bool safe = true, observed = false;
  const auto leaf =
      std::find_if(entry.steps.rbegin(), entry.steps.rend(), [](const WalkStep& one) { return one.stage == 1; });
  const WalkStep* const last1 = leaf == entry.steps.rend() ? nullptr : &*leaf;
  for (const WalkStep& walked : entry.steps) {
    const WalkStep s = member_for(entry, walked, t.va, t.whole);
    const bool for_descriptor = walked.stage == 2 && last1 != nullptr && &walked < last1;
    const std::uint64_t input = for_descriptor ? walked.input : input_of(entry, walked, t.va);
    const Judgement j = judge_step(e, entry, s, input, for_descriptor ? Asks{} : asks, t);
    safe = safe && j == Judgement::Safe;
    observed = observed || j == Judgement::Observed;
  }
  safe = judge_roots(e, entry, asks, t, observed) && safe;
  safe = judge_controls(e, entry, t, observed) && safe;
  if (safe && !t.by_retry && !faults_pending(e.agent) &&
      (t.whole == Span{} || e.kind != Kind::Fault)) {  // of a fault the physical address is not known
    const Span addresses =
        t.whole == Span{} ? t.whole
                          : Span{e.address.value - (t.va - t.whole.first), e.address.value + (t.whole.last - t.va)};
    if (t.by_asks) {
      entry.settled_asks = {stamp, addresses, asks};
    } else {
      entry.settled = stamp;
      entry.settled_for = addresses;
    }
  }
  return observed;
}

Judge::Implementation::Judgement Judge::Implementation::judge_step(const Event& e, const TlbEntry& entry,
                                                                   const WalkStep& s, std::uint64_t input,
                                                                   const Asks& asks, Translated& t) {
  const Use use = t.use;
  Line& l = line_of(s.address);
  const std::size_t g = s.address.offset_in(arm::kLineBytes) / 8;
  const Mask bytes = Mask{0xff} << (8 * g);
  const event::AgentId a = e.agent;
  Mask obliged = 0, unordered = 0;
  l.writers.for_each(bytes, [&](const WriteRef& w, Mask part) {
    if ((part & l.raced) != 0 || !orders.intended(a, w.agent, w.epoch)) return;
    obliged |= part & bytes;
    if (!orders.store_before_walk(a, w.agent, w.epoch, parameters.ets2)) unordered |= part & bytes;
  });
  if (obliged == 0) return Judgement::Safe;
  const TableGranule* const granule = l.tables ? l.tables->granules[g].get() : nullptr;
  const TableUse own{.walker = translations.walker_of(e).index,
                     .el = entry.tag.el,
                     .stage = s.stage,
                     .level = s.level,
                     .granule = entry.granule(s.stage),
                     .asid = entry.tag.asid,
                     .vmid = entry.tag.vmid};
  const std::uint64_t newest = descriptor_in(l, g);
  if (unordered != 0 && granule != nullptr && walks_alike(*granule, newest, own, asks, a, t.retried)) {
    unordered = 0;
    t.by_asks = true;
    t.by_retry = t.by_retry || t.retried;
  }
  unordered |= l.disordered & obliged;

  const bool cacheable = arm::is_cacheable(s.path.memory);
  const MayState now = view(l, a, Use::Walk, cacheable);
  const Stale stale = looks_up(s.path) ? stale_in(now, s.path.node.value, bytes) : stale_in_memory(now, bytes);

  // What a TLB may still hold: an entry for the same address and context that was made of an older descriptor.
  Mask in_tlb = 0;
  const HeldDescriptor* held = nullptr;
  bool by_run = false;
  if (granule != nullptr) {
    for (const HeldDescriptor& h : granule->held) {
      const TableUse& u = h.use;
      if (u.walker != own.walker || u.el != own.el || u.vmid != own.vmid || u.stage != own.stage ||
          u.level != own.level || !(entry.tag.global || is_global(h.value, u) || u.asid == own.asid))
        continue;
      if (!u.input.contains(input) || ((h.value ^ newest) & ~arm::kSoftwareBits) == 0) continue;
      if (t.retried && faults_instead(h.value, newest, own, asks)) {
        t.by_retry = true;
        continue;
      }
      if (alike(h.value, newest, own, asks)) {
        t.by_asks = true;
        continue;
      }
      if (known_clear(h, a, use, input)) {
        const bool all =
            std::any_of(h.clears.begin(), h.clears.end(), [&](const TlbClear& c) { return c.input.contains(u.input); });
        const std::uint64_t page = arm::page_bytes(u.granule) - 1;
        if (!all) t.whole = {std::max(t.whole.first, t.va & ~page), std::min(t.whole.last, t.va | page)};
        continue;
      }
      in_tlb |= differing(h.value, newest, g) & obliged;
      held = &h;
    }
  }
  for (const RunClaim& c : run_claims(s.address, own, a, use, input)) {
    const Mask other = differing(as_updated(c.value, newest), newest, g) & obliged & ~in_tlb;
    if (other == 0) continue;
    if (alike(c.value, newest, own, asks)) {
      t.by_asks = true;
      continue;
    }
    in_tlb |= other;
    by_run = by_run || c.held == nullptr;
    if (held == nullptr) held = c.held;
  }

  const bool same = s.value == newest || alike(s.value, newest, own, asks) ||
                    (t.retried && faults_instead(s.value, newest, own, asks));
  const Mask wrong = same ? 0 : differing(as_updated(s.value, newest), newest, g) & obliged;
  const Mask any = (stale.any() | unordered | in_tlb) & obliged;
  if (any == 0) {
    if (wrong != 0) unexplained += static_cast<std::uint64_t>(std::popcount(wrong));
    return Judgement::Safe;
  }
  Finding f{.id = HazardId::StaleWalk,
            .bytes = any,
            .observed = any & wrong,
            .benign = any & l.benign & ~in_tlb,
            .holder = stale.older != 0 ? s.path.node : event::NodeId{now.holder_of(stale.only)}};
  l.writers.for_each(any & (~any + 1), [&](const WriteRef& w, Mask) { f.writer = w; });
  if (stale.older != 0 && l.filled.line.value != 0) f.culprit = l.filled;
  if (stale.lost != 0) f.culprit = l.losing(stale.lost);
  if (held != nullptr && ((stale.any() | unordered) & obliged) == 0) {
    f.tlb = missing_of(*held, a, use);
    f.tlb.mapped = mapped_by(*held, input, entry);
  } else if (by_run && ((stale.any() | unordered) & obliged) == 0) {
    f.tlb.what = TlbMissing::What::Run;
    f.tlb.use = own;
  }
  Event at = e;
  at.address = s.address;
  at.size = 8;
  at.data = {s.value, 0};
  at.path = s.path;
  report(f, at, l, Use::Walk);
  return f.observed != 0 ? Judgement::Observed : Judgement::Stale;
}

TlbMissing Judge::Implementation::missing_of(const HeldDescriptor& h, event::AgentId a, Use use) const {
  TlbMissing m{.what = TlbMissing::What::Maintenance, .use = h.use, .superseded = h.superseded};
  for (const TlbMissed& t : h.missed) {
    m.what = t.store_not_done ? TlbMissing::What::StoreDone : TlbMissing::What::Broadcast;
    m.by = t.by;
  }
  for (const TlbClear& c : h.clears) {
    if (orders.tlbi_before(use, a, c.by.agent, c.by.epoch, elsewhere(h, a))) continue;
    m.what = TlbMissing::What::Completion;
    m.by = c.by;
  }
  if (m.what == TlbMissing::What::Maintenance && h.linked) {
    m.what = TlbMissing::What::Linked;
    m.by = *h.linked;
  }
  if (m.what == TlbMissing::What::Maintenance && !h.by_ipa.empty()) {
    m.what = TlbMissing::What::Stage1;
    m.by = h.by_ipa.back().by;
  }
  return m;
}

arm::PhysAddr Judge::Implementation::mapped_by(const HeldDescriptor& h, std::uint64_t input,
                                               const TlbEntry& entry) const {
  const auto kind = arm::kind_of(h.value, format_of(h.use), h.use.level);
  const std::uint64_t page = ~(arm::page_bytes(h.use.granule) - 1);
  if (kind == arm::DescriptorKind::Table && h.use.level != kRootLevel) {
    // What an entry that came by this table descriptor mapped.
    const Walker& w = translations.at(h.use.walker);
    if (const auto found = w.alike.find(entry.va); found != w.alike.end())
      for (const TlbEntry* one : found->second)
        for (const WalkStep& s : one->steps)
          if (!one->fault && s.value == h.value && s.stage == h.use.stage && s.level == h.use.level)
            return arm::PhysAddr{one->pa & page};
  }
  if (!arm::is_leaf(kind) || (h.use.stage == 1 && entry.tag.stage2)) return arm::PhysAddr{entry.pa & page};
  return arm::PhysAddr{(arm::leaf_address(h.value, format_of(h.use), h.use.level) + (input - h.use.input.first)) &
                       page};
}

}  // namespace staleline::judge
