// SPDX-License-Identifier: Apache-2.0
// Between a write of a system register and context synchronisation an access may be translated by what the register
// said or by what it says now, each register for itself (DDI 0487 D19.1.2). That is a hazard where the two make another
// access of it.
#include "unsynchronised.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdio>
#include <variant>

#include "implementation.h"
#include "staleline/arm/syndrome.h"
#include "staleline/arm/walk.h"
#include "staleline/event/reliance.h"

namespace staleline::judge {

namespace {

using event::Event;
using R = arm::SystemRegister;

/// Fetches and maintenance do not depend on attributes for what they reach.
bool by_attributes(arm::AccessRequest::Kind k) {
  using Kind = arm::AccessRequest::Kind;
  return k == Kind::Read || k == Kind::Write || k == Kind::ReadWrite;
}

/// What counts of the attributes: Device and Non-cacheable memory are Outer Shareable always.
arm::MemoryAttributes effective(arm::MemoryAttributes a) {
  if (a.type == arm::MemoryType::Device) {
    a.inner = a.outer = {};
    a.shareability = arm::Shareability::OuterShareable;
    return a;
  }
  a.device = {};
  if (arm::memory_class(a) == arm::MemoryClass::NormalNC) a.shareability = arm::Shareability::OuterShareable;
  return a;
}

std::string spelled(const Outcome& o, bool with_attributes) {
  if (o.faults) {
    switch (o.fault) {
      case arm::TranslationFaultType::Translation:
        return "a Translation fault";
      case arm::TranslationFaultType::Permission:
        return "a Permission fault";
      case arm::TranslationFaultType::AccessFlag:
        return "an Access flag fault";
      case arm::TranslationFaultType::AddressSize:
        return "an Address size fault";
      case arm::TranslationFaultType::Alignment:
        return "an Alignment fault";
      default:
        return "a fault";
    }
  }
  std::array<char, 24> text{};
  std::snprintf(text.data(), text.size(), "0x%llx", static_cast<unsigned long long>(o.pa));
  if (!with_attributes) return text.data();
  return std::string(text.data()) + " as " + std::string(arm::name_of(arm::memory_class(o.attributes)));
}

}  // namespace

void Judge::Implementation::written(const Event& e) {
  unsynchronised.insert(e.agent);
  auto& registers = contexts[e.agent].registers;
  const auto named = static_cast<R>(e.aux);
  const auto at = std::find_if(registers.begin(), registers.end(), [=](const auto& w) { return w.named == named; });
  const WrittenRegister now{named, e.data[1], e.data[0], {e.agent, e.line, e.cycle, false}};
  if (at == registers.end())
    registers.push_back(now);
  else
    *at = now;
}

void Judge::Implementation::synchronised(event::AgentId a) {
  unsynchronised.erase(a);
  const auto found = contexts.find(a);
  if (found == contexts.end()) return;
  found->second.before = found->second.registers;
  for (WrittenRegister& w : found->second.registers) w.in_force = w.written;
}

Outcome Judge::Implementation::translated_by(const std::vector<WrittenRegister>& registers, std::uint64_t va,
                                             const event::Reliance& on) {
  const auto value = [&](R r) -> std::uint64_t {
    for (const WrittenRegister& w : registers)
      if (w.named == r) return w.in_force;
    return 0;
  };
  arm::TranslationRegisters t;
  t.hcr = value(R::HCR_EL2);
  const arm::Regime regime = arm::regime_of(on.el, t.hcr);
  const bool el1 = regime == arm::Regime::EL10;
  t.sctlr = value(el1 ? R::SCTLR_EL1 : R::SCTLR_EL2);
  t.tcr = value(el1 ? R::TCR_EL1 : R::TCR_EL2);
  t.ttbr0 = value(el1 ? R::TTBR0_EL1 : R::TTBR0_EL2);
  t.ttbr1 = value(el1 ? R::TTBR1_EL1 : R::TTBR1_EL2);
  t.mair = value(el1 ? R::MAIR_EL1 : R::MAIR_EL2);
  t.vtcr = value(R::VTCR_EL2);
  t.vttbr = value(R::VTTBR_EL2);
  Outcome o;
  arm::TableWalk walk(t, regime, arm::VirtAddr{va}, on.request);
  using Next = arm::TableWalk::Next;
  while (walk.next() != Next::Done && walk.next() != Next::Fault) {
    if (walk.next() == Next::Read) {
      if (walk.read().stage == 1) o.leaf = walk.read().address;
      walk.supply(peek(walk.read().address));
    } else if (walk.next() == Next::Update) {
      o.updated = true;
      walk.supply_update(walk.update().old_value);
    } else {
      walk.walk_stage2();
    }
  }
  o.faults = walk.next() == Next::Fault;
  if (on.at_instruction) {
    o.par = o.faults ? arm::par(walk.fault()) : arm::par(walk.result());
  } else if (!o.faults && by_attributes(on.request.kind)) {
    o.attributes = effective(arm::attributes_of(walk.result(), t, arm::AccessKind::Data));
  }
  if (o.faults) {
    o.fault = walk.fault().type;
  } else {
    o.pa = walk.result().pa.value;
    o.global = walk.result().global;
    o.asid = walk.result().asid;
  }
  return o;
}

void Judge::Implementation::judge_unsynchronised(const Event& e) {
  const auto found = contexts.find(e.agent);
  if (found == contexts.end()) return;
  const auto& registers = found->second.registers;
  const event::Reliance on = event::Reliance::unpack(e.data[1]);

  // The later of the writes is what context synchronisation has to come after.
  const WrittenRegister* last = nullptr;
  std::vector<const WrittenRegister*> changed;
  for (const WrittenRegister& w : registers) {
    if (e.detail != 0 ? w.named != static_cast<R>(e.aux) : w.in_force == w.written || w.named == R::PAR_EL1) continue;
    changed.push_back(&w);
    if (last == nullptr || last->by.cycle <= w.by.cycle) last = &w;
  }
  if (last == nullptr) return;

  Hazard h{.id = HazardId::NotSynchronised, .agent = e.agent, .line = e.line, .cycle = e.cycle};
  h.writer = last->by;
  const auto report = [&](std::string what, Fix fix) {
    h.what = std::move(what);
    h.fixes.push_back(std::move(fix));
    findings.note(std::move(h));
  };
  const Fix behind{.operation = "isb", .agent = e.agent, .after = last->by.line};
  if (e.detail == 2) return report("reads PAR_EL1 before the result of the AT need be there", behind);
  h.bytes = on.tlbi ? 0 : 1;
  h.address = e.address;
  if (!on.tlbi) h.va = arm::VirtAddr{e.data[0]};
  const bool fetch = on.request.kind == arm::AccessRequest::Kind::Fetch;
  const std::string who = on.at_instruction ? "translates by AT"
                          : on.tlbi         ? "invalidates the TLB entries of a VMID"
                          : fetch           ? "fetches"
                                            : "accesses memory";
  if (e.detail == 1)
    return report(who + " before the write of " + std::string(arm::name_of(last->named)) + " need be in force", behind);

  // Every mixture of older and newer ones, of the newest registers if there are many.
  constexpr std::size_t many = 6;
  std::stable_sort(changed.begin(), changed.end(),
                   [](const auto* a, const auto* b) { return a->by.cycle < b->by.cycle; });
  if (changed.size() > many) changed.erase(changed.begin(), changed.end() - many);
  const auto outcome = [&](std::uint32_t newer) {
    auto mixed = registers;
    for (WrittenRegister& w : mixed)
      for (std::size_t k = 0; k < changed.size(); ++k)
        if (changed[k]->named == w.named && (newer >> k & 1) != 0) w.in_force = w.written;
    return translated_by(mixed, e.data[0], on);
  };
  const Outcome before = outcome(0);
  const std::uint32_t all = (std::uint32_t{1} << changed.size()) - 1;
  std::optional<std::uint32_t> another;  // as few registers as can be
  for (std::uint32_t newer = 1; newer <= all; ++newer)
    if ((!another || std::popcount(newer) < std::popcount(*another)) && outcome(newer) != before) another = newer;
  if (!another) return;

  std::string names;
  for (std::size_t i = 0; i < changed.size(); ++i)
    if ((*another >> i & 1) != 0)
      names += (names.empty() ? "" : " and ") + std::string(arm::name_of(changed[i]->named));
  const Outcome after = outcome(all);
  const bool elsewhere = after.faults != before.faults || after.pa != before.pa;
  if (by_attributes(on.request.kind) && !on.at_instruction && elsewhere) h.verdict = Verdict::Observed;
  if (!before.faults) h.address = arm::PhysAddr{before.pa};
  std::string what = who + " before the write of " + names + " need be in force";
  if (!on.at_instruction)
    what += ", which gives " + spelled(outcome(*another), !fetch) + " in place of " + spelled(before, !fetch);
  Fix fix = behind;
  if (on.next && after == before)
    fix = {.operation = "isb", .agent = e.agent, .before = e.line};  // between the writes
  else if (on.next)
    fix = {.operation = "// run this where the older and the newer context map the code alike, with an isb behind it",
           .agent = e.agent,
           .before = e.line};
  report(std::move(what), std::move(fix));
}

}  // namespace staleline::judge
