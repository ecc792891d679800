// SPDX-License-Identifier: Apache-2.0
// System registers, context synchronisation, and what becomes of a fault.
#include "core.h"

namespace staleline::pe {

namespace {

using R = arm::SystemRegister;

event::FaultKind kind_of(arm::TranslationFaultType type) {
  switch (type) {
    case arm::TranslationFaultType::Translation:
      return event::FaultKind::Translation;
    case arm::TranslationFaultType::AddressSize:
      return event::FaultKind::AddressSize;
    case arm::TranslationFaultType::AccessFlag:
      return event::FaultKind::AccessFlag;
    case arm::TranslationFaultType::Permission:
      return event::FaultKind::Permission;
    case arm::TranslationFaultType::Alignment:
      return event::FaultKind::Alignment;
    case arm::TranslationFaultType::ExternalOnWalk:
    case arm::TranslationFaultType::UnsupportedUpdate:
    case arm::TranslationFaultType::External:
      return event::FaultKind::External;
    case arm::TranslationFaultType::TlbConflict:
      return event::FaultKind::TlbConflict;
    case arm::TranslationFaultType::UnsupportedExclusive:
      return event::FaultKind::UnsupportedExclusive;
  }
  return event::FaultKind::Translation;
}

}  // namespace

void Pe::Core::system_write(Thread& t) {
  const Action& a = t.sequencer.action();
  const R r = t.system.redirected(a.system_register);
  t.system.write(r, (t.system.written(r) & ~a.mask) | (a.value & a.mask));
}

void Pe::Core::system_read(Thread& t) {
  const Action& a = t.sequencer.action();
  const R r = t.system.redirected(a.system_register);
  std::uint64_t value = t.system.written(r);
  if (r == R::CTR_EL0) value = parameters_.ctr_el0;
  if (r == R::CurrentEL) value = std::uint64_t{t.system.el()} << 2;
  t.response.fill(0);
  for (std::size_t i = 0; i < 8; ++i) t.response[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

void Pe::Core::synchronise_context(Thread& t) {
  if (pe_.events() != nullptr) {
    event::Event e;
    e.kind = event::Kind::ContextSync;
    emit(e, t);
  }
  bool changed = false;
  t.system.synchronise([&](R r, std::uint64_t value, std::uint64_t before) {
    changed = true;
    if (!t.context.tables || pe_.events() == nullptr) return;
    event::Event e;
    e.kind = event::Kind::SystemRegister;
    e.aux = static_cast<std::uint32_t>(r);
    e.data = {value, before};
    emit(e, t);
  });
  if (!changed) return;
  enter(t);
  const mmu::Controls controls = t.system.controls();
  if (controls == t.controls) return;
  t.controls = controls;
  announce(t);
}

// The registers of the thread govern translation from here on.
void Pe::Core::enter(Thread& t) {
  if (t.context.tables) mmu_.enter(t.system.translation(), t.system.regime(), false);
}

void Pe::Core::fault(Thread& t, arm::VirtAddr va, mmu::Fault fault) {
  stop(t, {t.context.agent, t.sequencer.action().line, va, fault});
}

void Pe::Core::fault(Thread& t, const arm::TranslationFault& f) {
  stop(t, {t.context.agent, t.sequencer.action().line, f.va, {kind_of(f.type)}, f.stage, f.level});
}

void Pe::Core::stop(Thread& t, const Faulted& faulted) {
  faults_.push_back(faulted);
  if (pe_.events() != nullptr) {
    event::Event e;
    e.kind = event::Kind::Fault;
    e.aux = static_cast<std::uint32_t>(faulted.fault.kind);
    e.data[0] = faulted.address.value;
    e.entry = entry_;
    emit(e, t);
  }
  t.sequencer.stop();
  end(t);
}

}  // namespace staleline::pe
