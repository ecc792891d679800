// SPDX-License-Identifier: Apache-2.0
// System registers and context synchronisation.
#include <algorithm>
#include <utility>

#include "core.h"

namespace staleline::pe {

namespace {

using R = arm::SystemRegister;

constexpr Cycle kCyclesATick = 16;  // of the system counter: 62.5 MHz at 1 GHz

std::uint64_t nzcv(const a64::Registers& r) {
  return std::uint64_t{r.n} << 31 | std::uint64_t{r.z} << 30 | std::uint64_t{r.c} << 29 | std::uint64_t{r.v} << 28;
}

// What names tables.
constexpr std::array kRoots{R::TTBR0_EL1, R::TTBR1_EL1, R::TTBR0_EL2, R::TTBR1_EL2, R::VTTBR_EL2};

/// The stack pointer in force has no name of its own (DDI 0487 C5.2.19).
bool exists(const Pe::Core::Thread& t, R r) {
  if (!t.fetched()) return true;
  if (r == R::SP_EL0 && (t.system.el() == 0 || (t.system.written(R::SPSel) & 1) == 0)) return false;
  return t.system.el() >= arm::info_of(r).lowest_el;
}

}  // namespace

Pe::Core::Thread& Pe::Core::owner(Thread& t, R r) {
  const auto& info = arm::info_of(r);
  const bool pstate = info.encoding.crn() == 4 && info.encoding.crm() == 2;
  const bool of_el1 = info.lowest_el == 1 && info.encoding.op1() == 0 && !pstate;
  return of_el1 && t.left != nullptr && t.system.el() == 2 ? *t.left : t;
}

Pe::Core::Progress Pe::Core::system_write(Thread& t) {
  const Action& a = t.sequencer.action();
  if (!exists(t, a.system_register)) {
    undefined(t);
    return Progress::Again;
  }
  const R r = t.system.redirected(a.system_register);
  if (r == R::SPSel && t.fetched()) {
    set_level(t, t.system.el(), (a.value & 1) != 0);
    return Progress::Done;
  }
  SystemState& system = owner(t, r).system;
  system.write(r, (system.written(r) & ~a.mask) | (a.value & a.mask));
  // What a hypervisor writes for a guest is in force when that returns.
  if (&system == &t.system && &t == &threads_[current_] && pe_.events() != nullptr) written(t, r);
  if (r == R::PAN) enter(t);
  return Progress::Done;
}

Pe::Core::Progress Pe::Core::system_read(Thread& t) {
  const Action& a = t.sequencer.action();
  if (!exists(t, a.system_register)) {
    undefined(t);
    return Progress::Again;
  }
  const R r = t.system.redirected(a.system_register);
  std::uint64_t value = owner(t, r).system.written(r);
  if (r == R::PAR_EL1 && t.unsynchronised_par) read_par(t);
  const bool given = t.preset.test(static_cast<std::size_t>(r));
  switch (r) {
    case R::CTR_EL0:
      if (!given) value = parameters_.ctr_el0;
      break;
    case R::CurrentEL:
      value = std::uint64_t{t.system.el()} << 2;
      break;
    case R::MPIDR_EL1:
      if (!given) value = std::uint64_t{1} << 31 | parameters_.pe.value;
      break;
    case R::CLIDR_EL1:
      if (!given) value = caches_.clidr_el1();
      break;
    case R::CCSIDR_EL1:
      value = caches_.ccsidr_el1(t.system.written(R::CSSELR_EL1));
      break;
    case R::DCZID_EL0:
      value = 4;  // log2 of the words of a block: 64 bytes
      break;
    case R::CNTVCT_EL0:
    case R::CNTPCT_EL0:
      value = now_ / kCyclesATick;
      if (t.context.observer != nullptr) value = t.context.observer->counter(r).value_or(value);
      break;
    case R::NZCV:
      value = nzcv(t.sequencer.registers());
      break;
    default:
      break;
  }
  t.response.fill(0);
  for (std::size_t i = 0; i < 8; ++i) t.response[i] = static_cast<std::uint8_t>(value >> (8 * i));
  return Progress::Done;
}

void Pe::Core::synchronise_context(Thread& t) {
  t.sequencer.refetch();
  t.unsynchronised = t.unsynchronised_par = false;
  if (pe_.events() != nullptr) {
    event::Event e;
    e.kind = event::Kind::ContextSync;
    emit(e, t);
  }
  bool changed = false;
  t.system.synchronise([&](R r, std::uint64_t value, std::uint64_t before) {
    changed = true;
    if (t.context.tables) emit_register(t, r, value, before);
  });
  if (!changed) return;
  change_tables(t, false);
  enter(t);
  t.checks_alignment = (t.system.in_force(t.system.control()) >> 1 & 1) != 0;
  const mmu::Controls controls = t.system.controls();
  if (controls == t.controls) return;
  t.mmu_came_on = t.context.until.mmu_on && controls.m;
  t.controls = controls;
  announce(t);
}

void Pe::Core::emit_register(const Thread& t, R r, std::uint64_t value, std::uint64_t before) {
  if (pe_.events() == nullptr) return;
  event::Event e;
  e.kind = event::Kind::SystemRegister;
  e.aux = static_cast<std::uint32_t>(r);
  e.data = {value, before};
  if (std::find(kRoots.begin(), kRoots.end(), r) != kRoots.end())
    e.address.value = std::uint64_t{1} << 32 | std::uint64_t{mmu_.context().vmid} << 16 | mmu_.context().asid;
  emit(e, t);
}

void Pe::Core::change_tables(const Thread& t, bool said) {
  const bool el1 = t.system.regime() == arm::Regime::EL10;
  for (std::size_t i = 0; i < kRoots.size(); ++i) {
    const bool of_el1 = kRoots[i] != R::TTBR0_EL2 && kRoots[i] != R::TTBR1_EL2;
    const std::uint64_t value = t.context.tables && of_el1 == el1 ? t.system.in_force(kRoots[i]) : 0;
    const std::uint64_t before = std::exchange(tables_in_force_[i], value);
    if (said && value != before) emit_register(t, kRoots[i], value, before);
  }
}

// The registers of the thread govern translation from here on.
void Pe::Core::enter(Thread& t) {
  if (t.context.tables) mmu_.enter(t.system.translation(), t.system.regime(), t.system.pan());
}

}  // namespace staleline::pe
