// SPDX-License-Identifier: Apache-2.0
// TLB maintenance: which of the older descriptors it removes from whose TLB (DDI 0487 D8.17), and stores to
// descriptors: what may live on, and break-before-make (D8.16.1).
#include <algorithm>
#include <cstring>
#include <utility>

#include "calm.h"
#include "implementation.h"

namespace staleline::judge {

using event::Event;

namespace {

/// Whether a walker's TLB hears of the instruction. An SMMU hears its own commands, and broadcasts if it says so.
bool reaches(const arm::Tlbi& t, const Event& e, const Walker& w) {
  if (e.pe == event::kNoPe) return w.pe == event::kNoPe && w.component == e.component;
  if (w.pe == event::kNoPe) return w.takes_broadcasts && t.reach != arm::TlbiReach::Local;
  return t.reach != arm::TlbiReach::Local || w.pe == e.pe;
}

enum class Covers { No, Yes, OfIpa, OfStage1 };

/// What the instruction does to an entry that was made of the held descriptor.
Covers covers(const arm::Tlbi& t, const arm::TlbiOperand& operand, std::uint16_t vmid, const HeldDescriptor& h) {
  using arm::TlbiScope;
  const TableUse& u = h.use;
  if (t.el != u.el || operand.reserved) return Covers::No;
  const bool leaf = u.level != kRootLevel && arm::is_leaf(arm::kind_of(h.value, format_of(u), u.level));
  const bool of_vm = t.el != 1 || t.scope == TlbiScope::All || u.vmid == vmid;
  if (!of_vm || (t.last_level && !leaf)) return Covers::No;
  const Span span{operand.first, operand.first + (operand.bytes - 1)};
  const Span held = held_input(h.value, u);
  const bool spared =
      leaf && ((operand.level && *operand.level != u.level) || (operand.granule && *operand.granule != u.granule));
  if (u.stage == 2) {
    switch (t.scope) {
      case TlbiScope::All:
      case TlbiScope::VMAllS12:
        return Covers::Yes;
      case TlbiScope::IPAS2:
        if (!held.meets(span) || spared) return Covers::No;
        return u.combined ? Covers::OfIpa : Covers::Yes;
      case TlbiScope::VMAll:
        return Covers::OfStage1;
      default:
        return Covers::No;
    }
  }
  const bool global = is_global(h.value, u);
  switch (t.scope) {
    case TlbiScope::All:
    case TlbiScope::VMAll:
    case TlbiScope::VMAllS12:
      return Covers::Yes;
    case TlbiScope::ASID:
      return (!leaf || !global) && u.asid == operand.asid ? Covers::Yes : Covers::No;
    case TlbiScope::VA:
      return (global || u.asid == operand.asid) && held.meets(span) && !spared ? Covers::Yes : Covers::No;
    case TlbiScope::VAA:
      return held.meets(span) && !spared ? Covers::Yes : Covers::No;
    case TlbiScope::IPAS2:
      return Covers::No;
  }
  return Covers::No;
}

/// For which inputs an instruction that covers the held descriptor removes it.
Span cleared_input(const arm::Tlbi& t, const arm::TlbiOperand& operand, const HeldDescriptor& h) {
  const Span all = h.use.input;
  if (t.scope != arm::TlbiScope::VA && t.scope != arm::TlbiScope::VAA && t.scope != arm::TlbiScope::IPAS2) return all;
  return {std::max(all.first, operand.first), std::min(all.last, operand.first + (operand.bytes - 1))};
}

void add(std::vector<TlbClear>& clears, const TlbClear& c) {
  constexpr std::size_t many = 16;
  for (TlbClear& before : clears) {
    const bool same = before.by.agent == c.by.agent && before.by.epoch == c.by.epoch && before.reach == c.reach;
    if (!same) continue;
    if (before.input == c.input) before.run_only = before.run_only && c.run_only;
    if (before.input.contains(c.input)) return;
    if (c.input.contains(before.input) || before.input.last + 1 == c.input.first ||
        c.input.last + 1 == before.input.first) {
      before.input = {std::min(before.input.first, c.input.first), std::max(before.input.last, c.input.last)};
      return;
    }
  }
  if (clears.size() == many) clears.erase(clears.begin());
  clears.push_back(c);
}

/// Eight types of memory that all differ, for walkers whose MAIR_ELx was not told.
constexpr std::uint64_t kMairUnknown = 0x0c08'0400'44bb'f4ff;

}  // namespace

void Judge::Implementation::tlb_maintain(const Event& e) {
  if ((e.aux & event::kSmmuConfiguration) != 0) {
    clear_structures(e);
    return forget_contexts(e);
  }
  const arm::Tlbi t = arm::unpack_tlbi(e.aux);
  if (e.pe != event::kNoPe && t.reach != arm::TlbiReach::Local) orders.flush_fetches(e.agent);
  const arm::TlbiOperand operand = arm::decode_operand(t, e.data[0]);
  const auto vmid = static_cast<std::uint16_t>(e.data[1] >> 16);
  const WriteRef self = ref_of(e, orders.now(e.agent));
  for (const auto& w : translations.walkers()) {
    constexpr std::size_t many = 16;
    for (std::size_t stage = 0; stage < w->on.size(); ++stage)
      if (auto& cleared = w->cleared_while_off[stage]; !w->on[stage] && cleared.size() < many && reaches(t, e, *w))
        cleared.push_back({t, operand, vmid, self});
    const auto clear = [&](HeldDescriptor& h) {
      if (covers(t, operand, vmid, h) != Covers::Yes) return;
      if (reaches(t, e, *w))
        add(h.clears, {.by = self, .reach = t.reach, .input = cleared_input(t, operand, h)});
      else
        h.missed.push_back({self, false});
    };
    for (HeldDescriptor& h : w->held_roots) clear(h);
    for (HeldControl& c : w->held_controls) clear(c.held);
  }
  for (Line* line : translations.lines) {
    for (std::size_t g = 0; g < line->tables->granules.size(); ++g) {
      TableGranule* granule = line->tables->granules[g].get();
      if (granule == nullptr) continue;
      for (HeldDescriptor& h : granule->held) {
        const Walker& w = translations.at(h.use.walker);
        const Covers what = covers(t, operand, vmid, h);
        if (what == Covers::No) continue;
        if (!reaches(t, e, w)) {
          if (t.reach == arm::TlbiReach::Local && w.pe != event::kNoPe) h.missed.push_back({self, false});
          continue;
        }
        // A walk after it must not find the older descriptor again; with the stage off there is none.
        const Mask bytes = Mask{0xff} << (8 * g);
        const MayState now = view(*line, e.agent, Use::Walk, arm::is_cacheable(h.use.path.memory));
        const Stale stale =
            looks_up(h.use.path) ? stale_in(now, h.use.path.node.value, bytes) : stale_in_memory(now, bytes);
        const bool walks = w.on[switch_of(h.use)];
        if (walks && (stale.any() != 0 ||
                      !orders.store_before_tlbi(e.agent, h.superseded.agent, h.superseded.epoch, w.pe != e.pe))) {
          h.missed.push_back({self, true});
          continue;
        }
        const bool leaf = arm::is_leaf(arm::kind_of(h.value, format_of(h.use), h.use.level));
        const bool by_address =
            t.scope == arm::TlbiScope::VA || t.scope == arm::TlbiScope::VAA || t.scope == arm::TlbiScope::IPAS2;
        const Span named{operand.first, operand.first + (operand.bytes - 1)};
        TlbClear clear{.by = self,
                       .reach = t.reach,
                       .input = held_input(h.value, h.use),
                       .run_only = by_address && leaf && !h.use.input.meets(named)};
        if (by_address && !leaf)
          clear.input = {std::max(clear.input.first, named.first), std::min(clear.input.last, named.last)};
        if (what == Covers::OfIpa) {
          add(h.by_ipa, clear);
        } else if (what == Covers::OfStage1) {
          for (const TlbClear& c : h.by_ipa) {
            if (!orders.tlbi_before(Use::Maintenance, e.agent, c.by.agent, c.by.epoch, w.pe != e.pe)) continue;
            clear.input = c.input;
            clear.run_only = c.run_only;
            add(h.clears, clear);
          }
        } else {
          add(h.clears, clear);
        }
      }
    }
  }
}

void Judge::Implementation::clear_as_while_off(const Walker& w, std::size_t stage, HeldDescriptor& h) {
  for (const ClearedWhileOff& c : w.cleared_while_off[stage])
    if (covers(c.tlbi, c.operand, c.vmid, h) == Covers::Yes)
      add(h.clears, {.by = c.by, .reach = c.tlbi.reach, .input = cleared_input(c.tlbi, c.operand, h)});
}

void Judge::Implementation::store_descriptors(const Event& e, Line& l, const WriteRef& self) {
  translations.changed();
  if (e.detail == 1) return;  // by hardware: what TLBs hold agrees
  adopt(l);
  const std::uint64_t offset = e.address.offset_in(arm::kLineBytes);
  std::array<std::uint8_t, 64> after = l.newest;
  std::memcpy(&after[offset], e.data.data(), e.size);
  store_structure(e, l, self, after);
  for (std::size_t g = offset / 8; g <= (offset + e.size - 1) / 8; ++g) {
    TableGranule* granule = l.tables->granules[g].get();
    if (granule == nullptr) continue;
    std::uint64_t old_value = 0, new_value = 0;
    std::memcpy(&old_value, &l.newest[g * 8], 8);
    std::memcpy(&new_value, &after[g * 8], 8);
    if (old_value == new_value) continue;
    constexpr std::size_t few = 8;
    if (granule->replaced.size() == few) granule->replaced.erase(granule->replaced.begin());
    Replaced replaced{old_value, self, {}};
    l.writers.for_each(Mask{0xff} << (8 * g), [&](const WriteRef& w, Mask part) {
      if ((part >> (8 * g) & 0xff) == 0xff) replaced.written = w;
    });
    granule->replaced.push_back(replaced);
    std::erase_if(granule->uses, [&](const TableUse& u) {
      const arm::PhysAddr page = l.address.aligned_down(arm::page_bytes(u.granule));
      if (linked(u, page, e.agent)) return false;
      const auto found = translations.pages.find(page.value);
      if (found != translations.pages.end())
        std::erase_if(found->second,
                      [&](const TableUse& one) { return one.parent == u.parent && one.walker == u.walker; });
      std::erase_if(granule->held, [&](const HeldDescriptor& h) { return h.use == u; });
      return true;
    });
    for (const TableUse& u : granule->uses) {
      const Walker& w = translations.at(u.walker);
      const std::size_t stage = switch_of(u);
      const bool readable = w.on[stage] || w.off_at[stage] >= granule->written_at;
      if (!readable || !may_be_held(old_value, u)) continue;
      hold(*granule, old_value, u, self);
      if (!w.on[stage]) clear_as_while_off(w, stage, granule->held.back());
      if (u.stage == 1 && arm::is_leaf(arm::kind_of(old_value, format_of(u), u.level)))
        translations.unmapped.push_back({&l, g, old_value, u});
    }
    granule->written_at = translations.epoch();
    translations.has_runs |= (new_value & arm::kContiguous) != 0;
    break_before_make(e, l, g, *granule, new_value, e.agent);
    const auto uses = granule->uses;  // exploring may find this page again
    for (const TableUse& u : uses) {
      link(e, l.address + 8 * g, old_value, new_value, u);
      explore_below(l.address + 8 * g, new_value, u, e);
      mapped(e, l.address + 8 * g, new_value, u);
    }
  }
}

// Walks may be made at any time, and their reads of a table are not ordered behind stores to it by the store of the
// descriptor that leads there, unless a barrier stands between the two. What a walk finds of an earlier use of the
// memory is kept where it is a valid descriptor (DDI 0487 D8.2.6, D8.16).
void Judge::Implementation::link(const Event& e, arm::PhysAddr at, std::uint64_t before, std::uint64_t value,
                                 const TableUse& u) {
  const auto leads_to = [&](std::uint64_t descriptor) -> std::optional<std::uint64_t> {
    if (u.level == kRootLevel || arm::kind_of(descriptor, format_of(u), u.level) != arm::DescriptorKind::Table)
      return std::nullopt;
    return arm::table_address(descriptor, format_of(u));
  };
  if (!translations.at(u.walker).on[switch_of(u)]) return;  // nobody walks
  const auto there = leads_to(value);
  if (!there || there == leads_to(before)) return;
  auto page = std::optional(arm::PhysAddr{*there});
  if (u.behind_stage2) page = by_stage2(u, page->value);
  TableUse below = u;
  below.level = static_cast<std::int8_t>(u.level + 1);
  below.parent = at;
  const std::uint64_t each = arm::bytes_mapped(u.granule, below.level);
  if (!page || each == 0) return;
  for_each_line(*page, *page + arm::page_bytes(u.granule), [&](Line& l) {
    for (std::size_t g = 0; l.tables && g < l.tables->granules.size(); ++g) {
      if (l.tables->granules[g] == nullptr) continue;
      TableGranule& granule = *l.tables->granules[g];
      const std::uint64_t index = (l.address - *page) / 8 + g;
      below.input = {u.input.first + index * each, u.input.first + index * each + (each - 1)};
      std::uint64_t newest = 0;
      std::memcpy(&newest, &l.newest[g * 8], 8);
      for (const Replaced& r : granule.replaced) {
        const bool ordered = r.by.agent == e.agent
                                 ? orders.own_store_before(Use::Store, e.agent, r.by.epoch)
                                 : orders.store_before(Use::Store, e.agent, r.by.agent, r.by.epoch, r.by.cacheable);
        if (ordered || !may_be_held(r.value, below) || as_updated(r.value, newest) == newest) continue;
        hold(granule, r.value, below, r.by);
        granule.held.back().linked = ref_of(e, orders.now(e.agent));
      }
    }
  });
}

bool Judge::Implementation::leaves_below(const HeldDescriptor& h, event::AgentId a) {
  const TableUse& u = h.use;
  if (u.level == kRootLevel || arm::kind_of(h.value, format_of(u), u.level) != arm::DescriptorKind::Table) return false;
  auto table = std::optional(arm::PhysAddr{arm::table_address(h.value, format_of(u))});
  if (u.behind_stage2) table = by_stage2(u, table->value);
  const std::uint64_t each = arm::bytes_mapped(u.granule, u.level + 1);
  if (!table || each == 0) return false;
  TableUse below = u;
  below.level = static_cast<std::int8_t>(u.level + 1);
  for (std::uint64_t i = 0; i < arm::page_bytes(u.granule) / 8; ++i) {
    const std::uint64_t value = peek(*table + 8 * i);
    if (!may_be_held(value, below) || !arm::is_leaf(arm::kind_of(value, format_of(below), below.level))) continue;
    if (!known_clear(h, a, Use::Store, u.input.first + i * each)) return true;
  }
  return false;
}

void Judge::Implementation::break_before_make(const Event& e, Line& l, std::size_t g, const TableGranule& granule,
                                              std::uint64_t new_value, event::AgentId knower) {
  // With the stage off nothing finds the new one: what counts is what TLBs may hold when it is on again.
  const auto off = [&](const TableUse& u) {
    Walker& w = translations.at(u.walker);
    if (w.on[switch_of(u)]) return false;
    auto& stored = w.stored_while_off[switch_of(u)];
    constexpr std::size_t many = 4096;
    const bool known = std::any_of(stored.begin(), stored.end(),
                                   [&](const StoredWhileOff& s) { return s.line == &l && s.granule == g; });
    if (!known && stored.size() < many) stored.push_back({e, &l, g});
    return true;
  };
  const auto required = [&](std::uint64_t old_value, const TableUse& u) {
    if (!may_be_held(new_value, u) || old_value == new_value) return arm::BreakBeforeMake::None;
    const Walker& w = translations.at(u.walker);
    const auto mair = w.told(u.el == 2 ? arm::SystemRegister::MAIR_EL2 : arm::SystemRegister::MAIR_EL1);
    const bool fwb = (w.told(arm::SystemRegister::HCR_EL2).value_or(0) >> 46 & 1) != 0;
    return arm::bbm_required(old_value, new_value, format_of(u), u.level, mair.value_or(kMairUnknown), fwb);
  };
  std::uint64_t overwritten = 0;
  std::memcpy(&overwritten, &l.newest[8 * g], 8);
  const auto found = [&](arm::BreakBeforeMake why, Finding f) {
    f.what = (overwritten & 1) != 0
                 ? "replaces a valid descriptor that a TLB may hold by another valid one without break-before-make ("
                 : "makes a descriptor valid that was broken, but no completed TLB maintenance covers the older one, "
                   "which a TLB may hold (";
    f.what += std::string(arm::name_of(why)) + ")";
    Event at = e;
    at.address = l.address + 8 * g;
    at.size = 8;
    at.data = {new_value, 0};
    report(f, at, l, Use::Store);
  };
  for (const HeldDescriptor& h : granule.held) {
    if (h.linked) continue;  // that is what is wrong
    if (known_clear(h, knower, Use::Store, std::nullopt) && !leaves_below(h, knower)) continue;
    const auto why = required(h.value, h.use);
    if (why == arm::BreakBeforeMake::None || off(h.use)) continue;
    Finding f{.id = HazardId::BreakBeforeMake, .bytes = Mask{0xff} << (8 * g), .writer = h.superseded};
    f.tlb = missing_of(h, e.agent, Use::Store);
    f.tlb.direct = h.superseded.agent == e.agent && h.superseded.line == e.line && h.superseded.cycle == e.cycle;
    f.tlb.mapped = mapped_by(h, h.use.input.first, TlbEntry{});
    if (f.tlb.what == TlbMissing::What::Maintenance && (h.value & arm::kContiguous) != 0 &&
        arm::is_leaf(arm::kind_of(h.value, format_of(h.use), h.use.level)))
      f.tlb.what = TlbMissing::What::Run;
    found(why, std::move(f));
    return;
  }
  for (const TableUse& u : granule.uses) {
    for (const RunClaim& c : run_claims(l.address + 8 * g, u, knower, Use::Store, u.input.first)) {
      const auto why = required(c.value, u);
      if (why == arm::BreakBeforeMake::None || off(u)) continue;
      Finding f{
          .id = HazardId::BreakBeforeMake, .bytes = Mask{0xff} << (8 * g), .writer = ref_of(e, orders.now(e.agent))};
      if (c.held != nullptr) {
        f.writer = c.held->superseded;
        f.tlb = missing_of(*c.held, e.agent, Use::Store);
        f.tlb.mapped = mapped_by(*c.held, c.held->use.input.first, TlbEntry{});
      } else {
        f.tlb.what = TlbMissing::What::Run;
        f.tlb.use = u;
      }
      found(why, std::move(f));
      return;
    }
  }
}

void Judge::Implementation::system_register(const Event& e) {
  using arm::SystemRegister;
  const bool of_smmu = (e.aux & event::kSmmuTakesBroadcasts) != 0;
  if (!of_smmu && e.detail != 0) return written(e);
  Walker& w = translations.walker_of(e);
  const auto turn = [&](std::size_t stage, bool on) {
    if (w.on[stage] && !on) w.off_at[stage] = translations.epoch();
    const bool again = on && !w.on[stage];
    w.on[stage] = on;
    if (!again) return;
    w.cleared_while_off[stage].clear();
    for (const StoredWhileOff& s : std::exchange(w.stored_while_off[stage], {})) {
      std::uint64_t now = 0;
      std::memcpy(&now, &s.line->newest[s.granule * 8], 8);
      break_before_make(s.store, *s.line, s.granule, *s.line->tables->granules[s.granule], now, e.agent);
    }
  };
  if (e.aux == event::kSmmuTakesBroadcasts) w.takes_broadcasts = e.data[0] != 0;
  if (e.aux == event::kSmmuAborts) w.aborts = e.data[0] != 0;
  if (e.aux == event::kSmmuEnabled)
    for (std::size_t stage = 0; stage < w.on.size(); ++stage) turn(stage, e.data[0] != 0);
  if (of_smmu) return translations.changed();
  const auto r = static_cast<SystemRegister>(e.aux);
  if (const auto known = contexts.find(e.agent); known != contexts.end())  // a hypervisor may have written it
    for (WrittenRegister& one : known->second.registers)
      if (one.named == r) one.in_force = one.written = e.data[0];
  w.registers[static_cast<std::uint8_t>(e.aux)] = e.data[0];
  if (r == SystemRegister::MAIR_EL1 || r == SystemRegister::TCR_EL1) retire_control(w, e, 1);
  if (r == SystemRegister::MAIR_EL2 || r == SystemRegister::TCR_EL2) retire_control(w, e, 2);
  if (r == SystemRegister::TTBR0_EL1 || r == SystemRegister::TTBR1_EL1)
    retire_root(w, e, 1, 1, r == SystemRegister::TTBR1_EL1);
  if (r == SystemRegister::TTBR0_EL2 || r == SystemRegister::TTBR1_EL2)
    retire_root(w, e, 2, 1, r == SystemRegister::TTBR1_EL2);
  if (r == SystemRegister::VTTBR_EL2) retire_root(w, e, 1, 2);
  if (r == SystemRegister::SCTLR_EL1) turn(0, (e.data[0] & 1) != 0);
  if (r == SystemRegister::SCTLR_EL2) turn(1, (e.data[0] & 1) != 0);
  if (r == SystemRegister::HCR_EL2) turn(2, (e.data[0] & 1) != 0);
  translations.changed();
}

}  // namespace staleline::judge
