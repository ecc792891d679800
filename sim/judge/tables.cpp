// SPDX-License-Identifier: Apache-2.0
// Which memory holds tables: what walks read, and whatever a walker could reach from there, since a TLB may hold
// descriptors that this run never walked (DDI 0487 D8.2.6: walks may be made at any time).
#include <algorithm>
#include <cstring>

#include "implementation.h"

namespace staleline::judge {

namespace {

constexpr std::size_t kManyPages = 4096;

bool same_context(const TableUse& a, const TableUse& b) {
  return a.walker == b.walker && a.el == b.el && a.stage == b.stage && a.asid == b.asid && a.vmid == b.vmid;
}

}  // namespace

std::uint64_t Judge::Implementation::peek(arm::PhysAddr descriptor) {
  const std::uint64_t number = descriptor.value / arm::kLineBytes;
  std::uint64_t value = 0;
  if (const auto page = pages_.find(number / kPageLines); page != pages_.end()) {
    if (const Line* const l = page->second->lines[number % kPageLines]; l != nullptr) {
      std::memcpy(&value, &l->newest[descriptor.offset_in(arm::kLineBytes)], 8);
      return value;
    }
  }
  if (!parameters.initial_bytes) return 0;
  if (peeked_ != number) {
    peeked_bytes_.fill(0);
    parameters.initial_bytes(arm::PhysAddr{number * arm::kLineBytes}, peeked_bytes_);
    peeked_ = number;
  }
  std::memcpy(&value, &peeked_bytes_[descriptor.offset_in(arm::kLineBytes)], 8);
  return value;
}

void Judge::Implementation::explore_root(const Parameters::Tables& t) {
  const std::uint64_t each = arm::bytes_mapped(t.granule, t.level);
  if (each == 0) return;
  event::Event e;
  e.pe = t.pe;
  if (t.smmu) {
    e.pe = event::kNoPe;
    e.component = *t.smmu;
  } else {
    translations.walker_of(e).first_mair[t.agent] = t.mair;
    translations.has_tables.insert(t.agent);
  }
  if (t.smmu || t.stage == 1)  // whether or not this run has the agent use them
    translations.used_by[t.smmu ? t.device : t.agent].push_back(
        {translations.walker_of(e).index, t.el, t.asid, t.vmid});
  const arm::PhysAddr page = t.root.aligned_down(arm::page_bytes(t.granule));
  const std::uint64_t start = t.first_va - (t.root - page) / 8 * each;
  explore(page, {.walker = translations.walker_of(e).index,
                 .el = t.el,
                 .stage = t.stage,
                 .level = t.level,
                 .granule = t.granule,
                 .combined = t.combined,
                 .asid = t.asid,
                 .vmid = t.vmid,
                 .input = {start, start + (each - 1)},
                 .path = t.walk,
                 .agent = t.agent});
}

void Judge::Implementation::explore(arm::PhysAddr page, const TableUse& first, const event::Event& by) {
  auto& here = translations.pages[page.value];
  if (std::find(here.begin(), here.end(), first) != here.end()) return;
  if (translations.pages.size() > kManyPages) return;
  here.push_back(first);
  const std::uint64_t bytes = arm::page_bytes(first.granule);
  if (looks_up(first.path) && first.path.allocates && arm::is_cacheable(first.path.memory) &&
      !ranges.node_live(page, first.path.node.value)) {  // a walk may bring it into the caches at any time
    event::Event e;
    e.kind = event::Kind::Live;
    e.address = page;
    e.data[0] = bytes;
    e.path = first.path;
    e.aux = 1;
    live(e);
  }
  for (std::uint64_t at = page.value; at < page.value + bytes; at += arm::kLineBytes) {
    const std::uint64_t number = at / arm::kLineBytes;
    const auto found = pages_.find(number / kPageLines);
    if (found == pages_.end()) continue;
    if (const auto& l = found->second->lines[number % kPageLines]) table_side(*l);
  }
  const std::uint64_t each = arm::bytes_mapped(first.granule, first.level);
  if (each == 0) return;
  for (std::uint64_t i = 0; i < bytes / 8; ++i) {
    const std::uint64_t value = peek(page + 8 * i);
    if ((value & 1) == 0) continue;
    translations.has_runs |= (value & arm::kContiguous) != 0;
    TableUse slot = first;
    slot.input = {first.input.first + i * each, first.input.first + i * each + (each - 1)};
    mapped(by, page + 8 * i, value, slot);
    if (first.level < 3) explore_below(page + 8 * i, value, slot, by);
  }
}

/// `u` is the use of the descriptor at `at`.
void Judge::Implementation::explore_below(arm::PhysAddr at, std::uint64_t value, const TableUse& u,
                                          const event::Event& by) {
  if (arm::kind_of(value, format_of(u), u.level) != arm::DescriptorKind::Table) return;
  auto table = std::optional(arm::PhysAddr{arm::table_address(value, format_of(u))});
  if (u.behind_stage2) table = by_stage2(u, table->value);
  const std::uint64_t each = arm::bytes_mapped(u.granule, u.level + 1);
  if (!table || each == 0) return;
  TableUse below = u;
  below.level = static_cast<std::int8_t>(u.level + 1);
  below.input = {u.input.first, u.input.first + (each - 1)};
  below.parent = at;
  explore(*table, below, by);
}

std::optional<arm::PhysAddr> Judge::Implementation::by_stage2(const TableUse& u, std::uint64_t ipa) {
  for (const auto& [page, uses] : translations.pages) {
    for (const TableUse& root : uses) {
      if (root.stage != 2 || root.parent.value != 0 || root.walker != u.walker || root.vmid != u.vmid) continue;
      const auto leaf = leaf_below(arm::PhysAddr{page}, root, ipa);
      if (!leaf) continue;
      const std::uint64_t bytes = arm::bytes_mapped(root.granule, leaf->level);
      return arm::PhysAddr{arm::leaf_address(leaf->value, format_of(root), leaf->level) + (ipa & (bytes - 1))};
    }
  }
  return std::nullopt;
}

std::optional<Judge::Implementation::FoundLeaf> Judge::Implementation::leaf_below(arm::PhysAddr page,
                                                                                  const TableUse& root,
                                                                                  std::uint64_t input) {
  for (std::int8_t level = root.level; level <= 3; ++level) {
    const std::uint64_t each = arm::bytes_mapped(root.granule, level);
    if (each == 0) return std::nullopt;
    const std::uint64_t index = (input / each) & (arm::page_bytes(root.granule) / 8 - 1);
    const std::uint64_t value = peek(page + 8 * index);
    const auto kind = arm::kind_of(value, format_of(root), level);
    if (arm::is_leaf(kind)) return FoundLeaf{value, level};
    if (kind != arm::DescriptorKind::Table) return std::nullopt;
    auto table = std::optional(arm::PhysAddr{arm::table_address(value, format_of(root))});
    if (root.behind_stage2) table = by_stage2(root, table->value);
    if (!table) return std::nullopt;
    page = *table;
  }
  return std::nullopt;
}

/// The line holds table memory: give its granules the uses that their pages have.
void Judge::Implementation::adopt(Line& l) {
  for (const arm::Granule size : {arm::Granule::K4, arm::Granule::K16, arm::Granule::K64}) {
    const arm::PhysAddr page = l.address.aligned_down(arm::page_bytes(size));
    const auto found = translations.pages.find(page.value);
    if (found == translations.pages.end()) continue;
    for (const TableUse& first : found->second) {
      if (first.granule != size) continue;
      const std::uint64_t each = arm::bytes_mapped(size, first.level);
      for (std::size_t g = 0; g < 8; ++g) {
        TableUse u = first;
        const std::uint64_t index = (l.address - page) / 8 + g;
        u.input = {first.input.first + index * each, first.input.first + index * each + (each - 1)};
        auto& uses = table_granule(l, g).uses;
        if (std::find(uses.begin(), uses.end(), u) == uses.end()) uses.push_back(u);
      }
    }
  }
}

bool Judge::Implementation::is_table(arm::PhysAddr line) const {
  for (const arm::Granule size : {arm::Granule::K4, arm::Granule::K16, arm::Granule::K64}) {
    const auto found = translations.pages.find(line.aligned_down(arm::page_bytes(size)).value);
    if (found == translations.pages.end()) continue;
    for (const TableUse& u : found->second)
      if (u.granule == size) return true;
  }
  return false;
}

/// False where the walker cannot reach the table of `u` any more, as far as `a` knows: it is no table then.
bool Judge::Implementation::linked(const TableUse& u, arm::PhysAddr page, event::AgentId a) {
  if (u.parent.value == 0) {
    if (u.stage == 2) return true;
    using R = arm::SystemRegister;
    const Walker& w = translations.at(u.walker);
    bool told = w.pe == event::kNoPe;
    if (told && (u.behind_stage2 || configured(u, page, a))) return true;
    for (const R r : {u.el == 2 ? R::TTBR0_EL2 : R::TTBR0_EL1, u.el == 2 ? R::TTBR1_EL2 : R::TTBR1_EL1}) {
      const auto at = w.registers.find(static_cast<std::uint8_t>(r));
      if (at == w.registers.end()) continue;
      told = true;
      if (arm::PhysAddr{at->second & kBaddr}.aligned_down(arm::page_bytes(u.granule)) == page) return true;
    }
    bool retired = false;
    for (const HeldDescriptor& h : w.held_roots) {
      if (h.use.el != u.el || arm::PhysAddr{h.value & kBaddr}.aligned_down(arm::page_bytes(u.granule)) != page)
        continue;
      retired = true;
      if (!known_clear(h, a, Use::Store, std::nullopt)) return true;
    }
    return !(told && retired);
  }
  const auto leads_here = [&](std::uint64_t value, const TableUse& parent) {
    return arm::kind_of(value, format_of(parent), parent.level) == arm::DescriptorKind::Table &&
           (u.behind_stage2 || arm::table_address(value, format_of(parent)) == page.value);
  };
  TableUse parent = u;
  parent.level = static_cast<std::int8_t>(u.level - 1);
  const arm::PhysAddr above = u.parent.aligned_down(arm::page_bytes(u.granule));
  if (leads_here(peek(u.parent), parent)) {
    const auto found = translations.pages.find(above.value);
    if (found == translations.pages.end()) return true;
    bool any = false;
    for (const TableUse& one : found->second) {
      if (!same_context(one, u) || one.level != parent.level) continue;
      any = true;
      if (linked(one, above, a)) return true;
    }
    return !any;
  }
  const Line& l = line_of(u.parent);
  const TableGranule* granule = l.tables ? l.tables->granules[u.parent.offset_in(arm::kLineBytes) / 8].get() : nullptr;
  if (granule == nullptr) return false;
  return std::any_of(granule->held.begin(), granule->held.end(), [&](const HeldDescriptor& h) {
    return same_context(h.use, u) && leads_here(h.value, h.use) && !known_clear(h, a, Use::Store, std::nullopt);
  });
}

}  // namespace staleline::judge
