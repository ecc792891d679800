// SPDX-License-Identifier: Apache-2.0
// What TTBRn_ELx and VTTBR_EL2 named before: with the same ASID or VMID, or where it is global, TLBs may go on with it
// until TLB maintenance that comes after the change (DDI 0487 D8.13.1, D8.14.5).
#include <algorithm>

#include "implementation.h"
#include "permissions.h"

namespace staleline::judge {

namespace {

constexpr std::uint64_t kTtb = 0x0000'ffff'ffff'fff0;
constexpr std::uint64_t kPageOffset = 0xfff;
constexpr std::uint64_t kContextTold = std::uint64_t{1} << 32;  // of a SystemRegister event's address

/// The registers before the latest context synchronisation, as far as TLBs keep what they said: SCTLR_ELx.{C,I} act on
/// each access anew.
std::vector<WrittenRegister> as_cached(const Context& c) {
  constexpr std::uint64_t caches = 1U << 2 | 1U << 12;
  auto registers = c.before;
  for (WrittenRegister& older : registers) {
    if (older.named != arm::SystemRegister::SCTLR_EL1 && older.named != arm::SystemRegister::SCTLR_EL2) continue;
    for (const WrittenRegister& now : c.registers)
      if (now.named == older.named) older.in_force = (older.in_force & ~caches) | (now.in_force & caches);
  }
  return registers;
}

/// CD.TTB0 or TTB1 by which a device's access is translated.
std::optional<std::uint64_t> context_root(const Walker& w, const event::Event& e, bool upper) {
  if (e.kind == event::Kind::Fault) return std::nullopt;
  const auto cd = w.cds.find(event::SmmuConfiguration::unpack(e.aux).cd);
  if (cd == w.cds.end()) return std::nullopt;
  for (const WalkStep& word : cd->second.words)
    if (word.address.offset_in(arm::kLineBytes) == (upper ? 24U : 8U)) return word.value & kTtb;
  return std::nullopt;
}

}  // namespace

void Judge::Implementation::retire_root(Walker& w, const event::Event& e, std::uint8_t el, std::uint8_t stage,
                                        bool upper) {
  if ((e.data[0] & kBaddr) == (e.data[1] & kBaddr) || (e.data[1] & kBaddr) == 0) return;
  // `combined`: by IPA alone nothing that stage 1 has a part in goes.
  TableUse u{
      .walker = w.index, .el = el, .stage = stage, .level = kRootLevel, .combined = stage == 2, .agent = e.agent};
  if ((e.address.value & kContextTold) != 0) {
    u.asid = static_cast<std::uint16_t>(e.address.value);
    u.vmid = static_cast<std::uint16_t>(e.address.value >> 16);
  } else {
    if (stage == 1) u.asid = static_cast<std::uint16_t>(e.data[1] >> 48);
    for (const TlbEntry& one : w.entries)
      if (one.tag.el == el) u.vmid = one.tag.vmid;
  }
  constexpr std::uint64_t half = std::uint64_t{1} << 55;
  if (stage == 1) u.input = upper ? Span{half, ~std::uint64_t{0}} : Span{0, half - 1};
  std::erase_if(w.held_roots, [&](const HeldDescriptor& h) { return h.value == e.data[1] && h.use == u; });
  constexpr std::size_t many = 16;
  if (w.held_roots.size() == many) w.held_roots.erase(w.held_roots.begin());
  w.held_roots.push_back({.value = e.data[1],
                          .use = u,
                          .superseded = {.cycle = e.cycle, .epoch = 0, .line = e.line, .agent = e.agent},
                          .clears = {},
                          .by_ipa = {},
                          .missed = {}});
  if (const std::size_t by = stage == 2 ? 2 : el - std::size_t{1}; !w.on[by])
    clear_as_while_off(w, by, w.held_roots.back());
}

/// `e` fetches a word of a context descriptor: CD.{TTB0, TTB1} stand at bytes 8 and 24 (IHI 0070 5.4).
void Judge::Implementation::retire_context(Walker& w, const event::Event& e, std::uint64_t address,
                                           std::uint64_t value) {
  const std::uint64_t offset = address % arm::kLineBytes;
  if (offset == 0) w.cd_words[address] = value;
  if (offset != 8 && offset != 24) return;
  const auto before = w.cd_words.find(address);
  if (before != w.cd_words.end()) {
    event::Event root = e;
    root.data = {value & kTtb, before->second & kTtb};
    std::uint64_t vmid = 0;
    for (const TlbEntry& one : w.entries) vmid = one.tag.vmid;
    root.address.value = kContextTold | vmid << 16 | w.cd_words[address - offset] >> 48;
    for (const std::uint8_t el : {std::uint8_t{1}, std::uint8_t{2}})
      if (std::any_of(w.entries.begin(), w.entries.end(), [el](const TlbEntry& one) { return one.tag.el == el; }))
        retire_root(w, root, el, 1, offset == 24);
  }
  w.cd_words[address] = value;
  translations.changed();
}

void Judge::Implementation::forget_contexts(const event::Event& e) {
  Walker& w = translations.walker_of(e);
  for (const auto& [address, value] : w.cd_words) {
    const std::uint64_t now = peek(arm::PhysAddr{address});
    if (address % arm::kLineBytes != 0 && now != value) retire_context(w, e, address, now);
  }
}

void Judge::Implementation::retire_control(Walker& w, const event::Event& e, std::uint8_t el) {
  const bool used = std::any_of(w.entries.begin(), w.entries.end(),
                                [el](const TlbEntry& one) { return one.tag.el == el && one.tag.stage1 && !one.fault; });
  if (!used || !w.on[el - std::size_t{1}] || e.data[0] == e.data[1]) return;
  constexpr std::size_t many = 8;
  if (w.held_controls.size() == many) w.held_controls.erase(w.held_controls.begin());
  TableUse u{.walker = w.index, .el = el, .stage = 1, .level = kRootLevel, .agent = e.agent};
  u.asid = w.entries.back().tag.asid;
  u.vmid = w.entries.back().tag.vmid;
  w.held_controls.push_back({static_cast<arm::SystemRegister>(e.aux),
                             {.value = e.data[1],
                              .use = u,
                              .superseded = {.cycle = e.cycle, .epoch = 0, .line = e.line, .agent = e.agent},
                              .clears = {},
                              .by_ipa = {},
                              .missed = {}},
                             {}});
  if (const auto found = contexts.find(e.agent); found != contexts.end())
    w.held_controls.back().registers = as_cached(found->second);
}

// What TCR_ELx said decides of all translation. Its older value, with all else as it was then, may have made an entry
// that says otherwise than what is in force.
bool Judge::Implementation::judge_control(const event::Event& e, const TlbEntry& entry, const HeldControl& c,
                                          Translated& t, bool& observed) {
  const auto context = contexts.find(e.agent);
  if (context == contexts.end()) return true;
  const Asks asks = asks_of(e);
  event::Reliance on;
  on.el = entry.tag.el;
  on.request.kind = asks.kind;
  on.request.privileged = asks.privileged;
  const Outcome before = translated_by(c.registers, t.va, on);
  t.by_asks = true;
  t.whole = {std::max(t.whole.first, t.va & ~kPageOffset), std::min(t.whole.last, t.va | kPageOffset)};
  if (before.faults || before.updated || before.leaf.value == 0) return true;
  if (!before.global && before.asid != entry.tag.asid) return true;
  if (before == translated_by(context->second.registers, t.va, on)) return true;
  const bool older = !entry.fault && entry.made < c.held.superseded.cycle;
  report_control(e, entry, c, before.leaf, {}, older, t);
  observed = observed || older;
  return false;
}

void Judge::Implementation::report_control(const event::Event& e, const TlbEntry& entry, const HeldControl& c,
                                           arm::PhysAddr descriptor, const event::Path& path, bool older,
                                           const Translated& t) {
  Line& l = line_of(descriptor);
  const Mask bytes = Mask{0xff} << descriptor.offset_in(arm::kLineBytes);
  Finding f{.id = HazardId::StaleWalk, .bytes = bytes, .observed = older ? bytes : 0, .writer = c.held.superseded};
  f.what = std::string(older ? "uses" : "may use") + " a TLB entry from before " + std::string(arm::name_of(c.named)) +
           " changed";
  f.tlb = missing_of(c.held, e.agent, t.use);
  f.tlb.mapped = arm::PhysAddr{entry.pa};
  event::Event read = e;
  read.address = descriptor;
  read.size = 8;
  read.data = {peek(descriptor), 0};
  read.path = path;
  report(f, read, l, Use::Walk);
}

bool Judge::Implementation::judge_controls(const event::Event& e, const TlbEntry& entry, Translated& t,
                                           bool& observed) {
  using R = arm::SystemRegister;
  Walker& w = translations.walker_of(e);
  bool safe = true;
  for (const HeldControl& c : w.held_controls) {
    const HeldDescriptor& h = c.held;
    if (h.use.el != entry.tag.el || h.use.vmid != entry.tag.vmid || known_clear(h, e.agent, t.use, t.va)) continue;
    const bool mair = c.named == R::MAIR_EL1 || c.named == R::MAIR_EL2;
    if (!mair && !c.registers.empty()) {
      safe = judge_control(e, entry, c, t, observed) && safe;
      continue;
    }
    const std::uint64_t now = w.told(c.named).value_or(h.value);
    const TlbEntry* by = &entry;  // that may live on
    if (entry.fault) {
      const auto alike_ones = w.alike.find(entry.va);
      if (mair || alike_ones == w.alike.end()) continue;
      by = nullptr;
      for (const TlbEntry* one : alike_ones->second)
        if (!one->fault && one->tag.el == entry.tag.el) by = one;
      if (by == nullptr) continue;
    }
    const auto last =
        std::find_if(by->steps.rbegin(), by->steps.rend(), [](const WalkStep& s) { return s.stage == 1; });
    if (last == by->steps.rend()) continue;
    const unsigned shift = mair ? 8 * (last->value >> 2 & 7) : (t.va >> 55 & 1) != 0 ? 23 : 7;  // AttrIndx; EPD1, EPD0
    const bool counts = mair ? ((now ^ h.value) >> shift & 0xff) != 0 : (now >> shift & 1) > (h.value >> shift & 1);
    if (!counts) continue;
    const bool older = !entry.fault && entry.made < h.superseded.cycle;
    report_control(e, *by, c, last->address, last->path, older, t);
    observed = observed || older;
    safe = false;
  }
  return safe;
}

bool Judge::Implementation::judge_roots(const event::Event& e, const TlbEntry& entry, const Asks& asks, Translated& t,
                                        bool& observed) {
  if (translations.walker_of(e).held_roots.empty()) return true;
  const bool first = !entry.tag.stage1 || judge_roots_of(1, e, entry, asks, t, observed);
  const bool second = !entry.tag.stage2 || judge_roots_of(2, e, entry, asks, t, observed);
  return first && second;
}

bool Judge::Implementation::judge_roots_of(std::uint8_t stage, const event::Event& e, const TlbEntry& entry,
                                           const Asks& asks, Translated& t, bool& observed) {
  Walker& w = translations.walker_of(e);
  // The steps from the root to the leaf that maps the access.
  const auto& steps = entry.steps;
  auto first = steps.begin();
  if (stage == 2)
    for (auto s = steps.begin(); s != steps.end(); ++s)
      if (s->stage == 1) first = s + 1;
  first = std::find_if(first, steps.end(), [&](const WalkStep& s) { return s.stage == stage; });
  const auto last = std::find_if(steps.rbegin(), steps.rend(), [&](const WalkStep& s) { return s.stage == stage; });
  if (first == steps.end()) return true;
  using R = arm::SystemRegister;
  const bool upper = (t.va >> 55 & 1) != 0;
  const R named = stage == 2          ? R::VTTBR_EL2
                  : entry.tag.el == 2 ? (upper ? R::TTBR1_EL2 : R::TTBR0_EL2)
                                      : (upper ? R::TTBR1_EL1 : R::TTBR0_EL1);
  const auto current = w.pe == event::kNoPe ? context_root(w, e, upper) : w.told(named);
  if (!current) return true;
  const std::uint64_t input = stage == 1 ? t.va : input_of(entry, *last, t.va);
  // Where the first descriptor lies, as the register would say it: behind stage 2 its IPA.
  const bool behind = stage == 1 && entry.tag.stage2;
  if (behind && first == steps.begin()) return true;
  const std::uint64_t at = behind ? (first - 1)->input : first->address.value;
  std::uint64_t owner = 0;
  const auto owns = [&](std::uint64_t root) {
    if ((root & kBaddr) <= at) owner = std::max(owner, root & kBaddr);
  };
  const auto concerns = [&](const HeldDescriptor& h) {
    return h.use.el == entry.tag.el && h.use.stage == stage && h.use.vmid == entry.tag.vmid &&
           h.use.input.contains(input);
  };
  owns(*current);
  for (const HeldDescriptor& h : w.held_roots)
    if (concerns(h)) owns(h.value);

  TableUse use{.walker = w.index,
               .el = entry.tag.el,
               .stage = stage,
               .level = first->level,
               .granule = entry.granule(stage),
               .behind_stage2 = behind,
               .vmid = entry.tag.vmid};
  const auto leaf_of = [&](std::uint64_t root) -> std::optional<FoundLeaf> {
    auto place = std::optional(arm::PhysAddr{(root & kBaddr) + (at - owner)});
    if (behind) place = by_stage2(use, place->value);
    if (!place) return std::nullopt;
    const std::uint64_t value = peek(*place);
    const auto kind = arm::kind_of(value, format_of(use), use.level);
    if (arm::is_leaf(kind)) return FoundLeaf{value, use.level};
    if (kind != arm::DescriptorKind::Table) return std::nullopt;
    auto table = std::optional(arm::PhysAddr{arm::table_address(value, format_of(use))});
    if (behind) table = by_stage2(use, table->value);
    if (!table) return std::nullopt;
    TableUse below = use;
    ++below.level;
    return leaf_below(*table, below, input);
  };
  bool safe = true;
  for (const HeldDescriptor& h : w.held_roots) {
    if (!concerns(h) || (h.value & kBaddr) == (*current & kBaddr) || known_clear(h, e.agent, t.use, input)) continue;
    const bool under_old = owner == (h.value & kBaddr);
    if (!under_old && owner != (*current & kBaddr)) continue;
    TableUse of_leaf = use;
    of_leaf.level = last->level;
    const bool leaf = arm::is_leaf(arm::kind_of(last->value, format_of(of_leaf), last->level));
    const auto own = leaf ? std::optional(FoundLeaf{last->value, last->level}) : std::nullopt;
    const auto old_leaf = under_old ? own : leaf_of(h.value);
    const auto new_leaf = under_old ? leaf_of(*current) : own;
    // A table of the older ones, from a walk cache, may also lead to where nothing is mapped.
    const bool lost = under_old && !own && new_leaf;
    if (!old_leaf && !lost) continue;
    of_leaf.level = lost ? new_leaf->level : old_leaf->level;
    if (!may_be_held(lost ? new_leaf->value : old_leaf->value, of_leaf)) continue;
    if (new_leaf && old_leaf && old_leaf->level == new_leaf->level) {
      if (old_leaf->value == new_leaf->value) continue;
      if (alike(old_leaf->value, new_leaf->value, of_leaf, asks)) {
        t.by_asks = true;
        continue;
      }
    }
    const bool global = stage == 1 && !lost && ((old_leaf->value & arm::kNotGlobal) == 0 || entry.tag.el == 2);
    if (stage == 1 && !global && h.use.asid != entry.tag.asid) continue;
    Line& l = line_of(first->address);
    const Mask bytes = Mask{0xff} << first->address.offset_in(arm::kLineBytes);
    Finding f{.id = HazardId::StaleWalk, .bytes = bytes, .observed = under_old ? bytes : 0, .writer = h.superseded};
    f.what = std::string(under_old ? "uses" : "may use") + " a TLB entry of the tables that its " +
             (stage == 1 ? "TTBR" : "VTTBR_EL2") + " named before";
    f.tlb = missing_of(h, e.agent, t.use);
    f.tlb.mapped = arm::PhysAddr{entry.pa};
    event::Event read = e;
    read.address = first->address;
    read.size = 8;
    read.data = {first->value, 0};
    read.path = first->path;
    report(f, read, l, Use::Walk);
    observed = observed || under_old;
    safe = false;
  }
  return safe;
}

}  // namespace staleline::judge
