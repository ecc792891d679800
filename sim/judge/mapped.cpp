// SPDX-License-Identifier: Apache-2.0
// What a descriptor permits from its store on: a walk may find it at any time, and then speculation may read what it
// maps, and allocate it where that is cacheable, until TLB maintenance is complete (DDI 0487 D8.2.6, D8.16, B2.7).
#include <algorithm>
#include <utility>

#include "implementation.h"
#include "permissions.h"
#include "staleline/arm/mair.h"

namespace staleline::judge {

namespace {

/// MAIR_ELx of the regime, where it is known.
std::optional<std::uint64_t> mair_of(const Walker& w, const TableUse& u) {
  using R = arm::SystemRegister;
  if (const auto now = w.told(u.el == 2 ? R::MAIR_EL2 : R::MAIR_EL1)) return now;
  const auto first = w.first_mair.find(u.agent);
  return first == w.first_mair.end() ? std::nullopt : std::optional(first->second);
}

/// The nodes where PEs allocate is one; SCTLR_ELx.C = 0 ends that.
bool allocates(const Walker& w, const TableUse& u) {
  using R = arm::SystemRegister;
  const auto sctlr = w.told(u.el == 2 ? R::SCTLR_EL2 : R::SCTLR_EL1);
  return w.pe != event::kNoPe && w.on[u.el - std::size_t{1}] && (!sctlr || (*sctlr & 4) != 0);
}

}  // namespace

bool Judge::Implementation::maps_cacheable(std::uint64_t value, const TableUse& u, arm::PhysAddr begin,
                                           arm::PhysAddr end) const {
  if (u.stage != 1 || u.level == kRootLevel || !may_be_held(value, u) ||
      !arm::is_leaf(arm::kind_of(value, format_of(u), u.level)))
    return false;
  if (u.behind_stage2) return true;  // to where, stage 2 says: not followed here
  const arm::PhysAddr first{arm::leaf_address(value, format_of(u), u.level)};
  if (!(first < end && begin < first + arm::bytes_mapped(u.granule, u.level))) return false;
  const Walker& w = *translations.walkers()[u.walker];
  const auto mair = mair_of(w, u);
  if (w.pe == event::kNoPe) return false;
  return !mair || arm::is_cacheable(
                      arm::memory_class(arm::mair_decode(static_cast<std::uint8_t>(*mair >> (8 * (value >> 2 & 7))))));
}

bool Judge::Implementation::still_mapped(arm::PhysAddr begin, arm::PhysAddr end, event::AgentId a) {
  return translations.outputs.any(begin, end, [&](arm::PhysAddr at) {
    for (const arm::Granule size : {arm::Granule::K4, arm::Granule::K16, arm::Granule::K64}) {
      const auto found = translations.pages.find(at.aligned_down(arm::page_bytes(size)).value);
      if (found == translations.pages.end()) continue;
      for (const TableUse& u : found->second)
        if (u.granule == size && maps_cacheable(peek(at), u, begin, end)) return true;
    }
    const Line& l = line_of(at);
    const TableGranule* const granule =
        l.tables ? l.tables->granules[at.offset_in(arm::kLineBytes) / 8].get() : nullptr;
    return granule != nullptr && std::any_of(granule->held.begin(), granule->held.end(), [&](const HeldDescriptor& h) {
             return maps_cacheable(h.value, h.use, begin, end) && !known_clear(h, a, Use::Store, std::nullopt);
           });
  });
}

void Judge::Implementation::unmap_completed(const event::Event& e) {
  if (translations.unmapped.empty() || event::unpack_barrier(e.aux).kind != arm::BarrierKind::DSB) return;
  auto pending = std::exchange(translations.unmapped, {});
  for (const Translations::Unmapped& one : pending) {
    const TableGranule* const granule = one.line->tables->granules[one.granule].get();
    const auto held = std::find_if(granule->held.begin(), granule->held.end(),
                                   [&](const HeldDescriptor& h) { return h.value == one.value && h.use == one.use; });
    if (held == granule->held.end()) continue;
    if (!known_clear(*held, e.agent, Use::Store, std::nullopt)) {
      translations.unmapped.push_back(one);
      continue;
    }
    const arm::PhysAddr begin{arm::leaf_address(one.value, format_of(one.use), one.use.level)};
    const arm::PhysAddr end = begin + arm::bytes_mapped(one.use.granule, one.use.level);
    const std::uint8_t node = event::kCoherentDomain.value;
    if (!ranges.node_live(begin, node) || still_mapped(begin, end, e.agent)) continue;
    ranges.end_tables(begin, end, node);
    enliven({.begin = begin, .end = end, .node = node}, e.pe, false);
  }
}

/// Some Exception level of the regime may execute what the leaf maps, as far as it, the tables above it and WXN decide.
bool Judge::Implementation::executable(std::uint64_t value, const TableUse& u) {
  const auto may = [&](bool privileged) {
    const Asks fetch{.kind = arm::AccessRequest::Kind::Fetch, .privileged = privileged};
    if (!permits(value, u, fetch)) return false;
    TableUse at = u;
    while (at.parent.value != 0) {
      const arm::PhysAddr above = at.parent;
      --at.level;
      if (!permits(peek(above), at, fetch)) return false;
      const auto page = translations.pages.find(above.aligned_down(arm::page_bytes(u.granule)).value);
      if (page == translations.pages.end()) break;
      const auto use = std::find_if(page->second.begin(), page->second.end(), [&](const TableUse& one) {
        return one.walker == u.walker && one.el == u.el && one.stage == u.stage && one.level == at.level;
      });
      if (use == page->second.end()) break;
      at.parent = use->parent;
    }
    return true;
  };
  using R = arm::SystemRegister;
  constexpr std::uint64_t kWxn = 1 << 19;
  const std::uint64_t sctlr = translations.at(u.walker).told(u.el == 2 ? R::SCTLR_EL2 : R::SCTLR_EL1).value_or(0);
  const auto writes = [&](bool privileged) {
    return permits(value, u, {.kind = arm::AccessRequest::Kind::Write, .privileged = privileged});
  };
  for (const bool privileged : {true, false})
    if (may(privileged) && ((sctlr & kWxn) == 0 || !writes(privileged))) return true;
  return false;
}

void Judge::Implementation::mapped(const event::Event& by, arm::PhysAddr at, std::uint64_t value, const TableUse& u) {
  if (u.stage != 1 || u.level == kRootLevel || !may_be_held(value, u) ||
      !arm::is_leaf(arm::kind_of(value, format_of(u), u.level)))
    return;
  if (u.behind_stage2) return translations.outputs.add_anywhere(at);
  const arm::PhysAddr output{arm::leaf_address(value, format_of(u), u.level)};
  const std::uint64_t bytes = arm::bytes_mapped(u.granule, u.level);
  translations.outputs.add(at, output, bytes);
  const Walker& w = translations.at(u.walker);
  const auto mair = mair_of(w, u);
  if (!mair || !w.on[u.el - std::size_t{1}]) return;
  const auto attributes = arm::mair_decode(static_cast<std::uint8_t>(*mair >> (8 * (value >> 2 & 7))));
  const arm::MemoryClass memory = arm::memory_class(attributes);
  const bool device = arm::is_device(memory);
  if (device && !executable(value, u)) return;
  event::Event e;
  e.kind = event::Kind::Live;
  e.cycle = by.cycle;
  e.agent = u.agent;
  e.line = by.line;
  e.pe = w.pe;
  e.address = output;
  e.data[0] = bytes;
  e.aux = 1;
  e.path.memory = memory;
  e.path.node = event::kNoNode;
  if (!arm::is_cacheable(memory) || !allocates(w, u)) {
    live_forbidden(e);
    return;
  }
  if (by.cycle == 0 && by.line.value == 0) return;  // what is mapped from the start is announced
  e.path.node = event::kCoherentDomain;
  if (!ranges.node_live(e.address, e.path.node.value) ||
      !ranges.node_live(e.address + (e.data[0] - 1), e.path.node.value))
    live(e);
}

}  // namespace staleline::judge
