// SPDX-License-Identifier: Apache-2.0
// System registers and context synchronisation.
#include "core.h"

namespace staleline::pe {

namespace {

using R = arm::SystemRegister;

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

}  // namespace staleline::pe
