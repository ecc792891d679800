// SPDX-License-Identifier: Apache-2.0
// What a descriptor permits from its store on: a walk may find it at any time, and then speculation may read what it
// maps, and allocate it where that is cacheable (DDI 0487 D8.2.6, B2.7).
#include "implementation.h"
#include "staleline/arm/mair.h"

namespace staleline::judge {

namespace {

std::optional<std::uint64_t> told(const Walker& w, arm::SystemRegister r) {
  const auto at = w.registers.find(static_cast<std::uint8_t>(r));
  return at == w.registers.end() ? std::nullopt : std::optional(at->second);
}

/// MAIR_ELx of the regime, where it is known.
std::optional<std::uint64_t> mair_of(const Walker& w, const TableUse& u) {
  using R = arm::SystemRegister;
  if (const auto now = told(w, u.el == 2 ? R::MAIR_EL2 : R::MAIR_EL1)) return now;
  const auto first = w.first_mair.find(u.agent);
  return first == w.first_mair.end() ? std::nullopt : std::optional(first->second);
}

/// The nodes where PEs allocate is one; SCTLR_ELx.C = 0 ends that.
bool allocates(const Walker& w, const TableUse& u) {
  using R = arm::SystemRegister;
  const auto sctlr = told(w, u.el == 2 ? R::SCTLR_EL2 : R::SCTLR_EL1);
  return w.pe != event::kNoPe && w.on[u.el - std::size_t{1}] && (!sctlr || (*sctlr & 4) != 0);
}

}  // namespace

void Judge::Implementation::mapped(const event::Event& by, std::uint64_t value, const TableUse& u) {
  if (u.stage != 1 || u.behind_stage2 || u.level == kRootLevel || !may_be_held(value, u) ||
      !arm::is_leaf(arm::kind_of(value, format_of(u), u.level)))
    return;
  const Walker& w = translations.at(u.walker);
  const auto mair = mair_of(w, u);
  if (!mair || !w.on[u.el - std::size_t{1}]) return;
  const auto attributes = arm::mair_decode(static_cast<std::uint8_t>(*mair >> (8 * (value >> 2 & 7))));
  const arm::MemoryClass memory = arm::memory_class(attributes);
  if (arm::is_device(memory)) return;
  event::Event e;
  e.kind = event::Kind::Live;
  e.cycle = by.cycle;
  e.agent = u.agent;
  e.line = by.line;
  e.pe = w.pe;
  e.address = arm::PhysAddr{arm::leaf_address(value, format_of(u), u.level)};
  e.data[0] = arm::bytes_mapped(u.granule, u.level);
  e.aux = 1;
  e.path.memory = memory;
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
