// SPDX-License-Identifier: Apache-2.0
// What is certain of a write of a system register is that it counts after the next context synchronisation; before, an
// access may rely on what it said or on what it says (DDI 0487 D19.1.2). Here accesses use what it said, and listeners
// are told.
#include <algorithm>
#include <tuple>

#include "core.h"

namespace staleline::pe {

namespace {

using R = arm::SystemRegister;

constexpr std::uint64_t kInstructionBytes = 4;

event::Event event_of(R r, std::uint64_t value, std::uint64_t before, std::uint8_t detail) {
  event::Event e;
  e.kind = event::Kind::SystemRegister;
  e.aux = static_cast<std::uint32_t>(r);
  e.data = {value, before};
  e.detail = detail;
  return e;
}

}  // namespace

void Pe::Core::written(Thread& t, R r) {
  if (r == R::PAR_EL1) t.unsynchronised_par = false;
  const auto all = SystemState::translation_registers();
  if (std::find(all.begin(), all.end(), r) == all.end()) return;
  if (!t.context.tables && r != t.system.control() && r != R::VTTBR_EL2) return;
  if (!t.unsynchronised) {
    if (t.system.written(r) == t.system.in_force(r)) return;
    if (t.context.tables)
      for (const R other : all)
        if (other != r) emit(event_of(other, t.system.in_force(other), t.system.in_force(other), 2), t);
  }
  t.unsynchronised = true;
  t.relied = {};
  emit(event_of(r, t.system.written(r), t.system.in_force(r), 1), t);
  if (!t.fetched() || !t.context.tables) return;
  event::Reliance next;
  next.el = t.system.el();
  next.next = true;
  next.request.kind = arm::AccessRequest::Kind::Fetch;
  next.request.privileged = t.system.el() != 0;
  rely(t, t.sequencer.address() + kInstructionBytes, next);
}

void Pe::Core::written_par(Thread& t, std::uint64_t before) {
  t.unsynchronised_par = pe_.events() != nullptr;
  if (t.unsynchronised_par) emit(event_of(R::PAR_EL1, t.system.written(R::PAR_EL1), before, 1), t);
}

void Pe::Core::rely(Thread& t, arm::VirtAddr va, const event::Reliance& on) {
  event::Event e;
  e.data = {va.value, on.packed()};
  tell_reliance(t, e);
}

// An access that has to wait is tried again and again, and told of once.
void Pe::Core::tell_reliance(Thread& t, event::Event e) {
  e.kind = event::Kind::Unsynchronised;
  e.line = t.sequencer.action().line;
  const auto key = [](const event::Event& one) { return std::tuple(one.kind, one.line, one.data, one.aux); };
  if (key(t.relied) == key(e)) return;
  t.relied = e;
  emit(e, t);
}

void Pe::Core::rely_on_declared(Thread& t, arm::VirtAddr va, mmu::AccessType type, std::uint8_t alignment) {
  const auto older = t.context.translator->translate(va, type, t.controls, alignment);
  const auto newer = t.context.translator->translate(va, type, t.system.controls_written(), alignment);
  const auto* a = std::get_if<mmu::Translation>(&older);
  const auto* b = std::get_if<mmu::Translation>(&newer);
  const bool by_address = type == mmu::AccessType::Fetch || type == mmu::AccessType::Maintenance;
  if (a == nullptr && b == nullptr) return;
  if (a != nullptr && b != nullptr && a->address == b->address && (by_address || a->path == b->path)) return;
  event::Event e;
  e.detail = 1;
  e.aux = static_cast<std::uint32_t>(t.system.control());
  event::Reliance on;
  on.el = t.system.el();
  if (type == mmu::AccessType::Write) on.request.kind = arm::AccessRequest::Kind::Write;
  if (type == mmu::AccessType::Fetch) on.request.kind = arm::AccessRequest::Kind::Fetch;
  if (type == mmu::AccessType::Maintenance) on.request.kind = arm::AccessRequest::Kind::Clean;
  e.data = {va.value, on.packed()};
  if (a != nullptr) e.address = a->address;
  tell_reliance(t, e);
}

void Pe::Core::rely_on_vmid(Thread& t, const arm::TranslationRegisters& in_force) {
  arm::TranslationRegisters newer = in_force;
  newer.vttbr = t.system.written(R::VTTBR_EL2);
  if (arm::vmid_of(newer, arm::Regime::EL10) == arm::vmid_of(in_force, arm::Regime::EL10)) return;
  event::Event e;
  e.detail = 1;
  e.aux = static_cast<std::uint32_t>(R::VTTBR_EL2);
  event::Reliance on;
  on.el = t.system.el();
  on.tlbi = true;
  e.data[1] = on.packed();
  tell_reliance(t, e);
}

void Pe::Core::read_par(Thread& t) {
  event::Event e;
  e.detail = 2;
  e.aux = static_cast<std::uint32_t>(R::PAR_EL1);
  tell_reliance(t, e);
}

}  // namespace staleline::pe
