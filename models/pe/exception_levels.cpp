// SPDX-License-Identifier: Apache-2.0
// Exceptions of fetched programs: real Exception levels, vectors and saved state (DDI 0487 D1.3, D1.4).
#include "core.h"
#include "staleline/arm/syndrome.h"

namespace staleline::pe {

namespace {

using R = arm::SystemRegister;

constexpr std::uint64_t kHcrTge = 1 << 27;
constexpr std::uint64_t kMasked = 0x3c0;  // D, A, I and F
constexpr std::uint64_t kPan = 1 << 22, kUao = 1 << 23, kDit = 1 << 24, kIl = 1 << 20;
constexpr std::uint64_t kSctlrSpan = 1 << 23;
constexpr std::uint64_t kFromSpEl0 = 0, kFromSpElx = 0x200, kFromLower = 0x400;

// The registers that an exception to EL1 or EL2 is taken with.
struct Bank {
  R esr, far, elr, spsr, vbar;
};
constexpr Bank kEl1{R::ESR_EL1, R::FAR_EL1, R::ELR_EL1, R::SPSR_EL1, R::VBAR_EL1};
constexpr Bank kEl2{R::ESR_EL2, R::FAR_EL2, R::ELR_EL2, R::SPSR_EL2, R::VBAR_EL2};
const Bank& bank_of(std::uint8_t el) { return el == 2 ? kEl2 : kEl1; }

R stack_pointer(std::uint8_t el, bool handler_stack) {
  if (el == 0 || !handler_stack) return R::SP_EL0;
  return el == 1 ? R::SP_EL1 : R::SP_EL2;
}

bool handler_stack(const SystemState& s) { return (s.written(R::SPSel) & 1) != 0; }

std::uint64_t pstate(const SystemState& s, const a64::Registers& r, bool illegal) {
  std::uint64_t v = std::uint64_t{r.n} << 31 | std::uint64_t{r.z} << 30 | std::uint64_t{r.c} << 29 |
                    std::uint64_t{r.v} << 28 | (s.written(R::PAN) & kPan) | (s.written(R::UAO) & kUao) |
                    (s.written(R::DIT) & kDit) | (s.written(R::DAIF) & kMasked) | (illegal ? kIl : 0);
  v |= std::uint64_t{s.el()} << 2 | (s.el() != 0 && handler_stack(s) ? 1U : 0U);
  return v;
}

/// SPSR_ELx.M names a state that can be returned to from `el`.
bool is_legal(std::uint64_t spsr, std::uint8_t el) {
  const bool aarch32 = (spsr >> 4 & 1) != 0;
  const auto to = static_cast<std::uint8_t>(spsr >> 2 & 3);
  return !aarch32 && (spsr & 2) == 0 && to <= el && !(to == 0 && (spsr & 1) != 0);
}

}  // namespace

std::uint8_t Pe::Core::target_of(const Thread& t) {
  if (t.system.el() != 0) return t.system.el();
  return t.has_el2() && (t.system.in_force(R::HCR_EL2) & kHcrTge) != 0 ? 2 : 1;
}

void Pe::Core::set_level(Thread& t, std::uint8_t el, bool to_handler_stack) {
  SystemState& s = t.system;
  auto& r = t.sequencer.registers();
  s.write(stack_pointer(s.el(), handler_stack(s)), r.sp());
  s.set_el(el);
  s.write(R::SPSel, to_handler_stack ? 1 : 0);
  r.sp() = s.written(stack_pointer(el, to_handler_stack));
}

void Pe::Core::take(Thread& t, const Exception& e) {
  SystemState& s = t.system;
  const Action::What what = t.sequencer.action().what;
  if (what == Action::What::InstructionFetch || what == Action::What::MisalignedPc) {
    // Nothing was executed since the last one: its vector cannot be fetched either.
    const std::uint64_t before = t.sequencer.instructions();
    if (t.aborted_at == before) {
      faults_.push_back({t.context.agent, t.sequencer.action().line, t.sequencer.address(), {}});
      t.sequencer.stop(Ending::Fault);
      end(t);
      return;
    }
    t.aborted_at = before;
  }
  const Bank& bank = bank_of(e.el);
  const std::uint64_t vector = e.el > s.el() ? kFromLower : handler_stack(s) ? kFromSpElx : kFromSpEl0;
  // All but memory is as it was the last time.
  constexpr std::uint32_t kNever = 4096;
  const bool again = t.sequencer.address().value == s.written(bank.vbar) + vector;
  t.vector_faults = again ? t.vector_faults + 1 : 0;
  if (t.vector_faults == kNever) {
    t.sequencer.stop(Ending::ExceptionLoop);
    return end(t);
  }
  s.write(bank.esr, e.esr);
  if (e.far) s.write(bank.far, *e.far);
  s.write(bank.elr, e.return_to.value);
  s.write(bank.spsr, pstate(s, t.sequencer.registers(), t.illegal_state));
  t.illegal_state = false;
  set_level(t, e.el, true);
  s.write(R::DAIF, kMasked);
  s.write(R::UAO, 0);
  const bool knows_el0 = s.regime() != arm::Regime::EL2;
  if (knows_el0 && (s.written(s.control()) & kSctlrSpan) == 0) s.write(R::PAN, kPan);
  go_to(t, {s.written(bank.vbar) + vector});
}

void Pe::Core::return_from(Thread& t) {
  SystemState& s = t.system;
  if (s.el() == 0) {
    undefined(t);
    return;
  }
  const Bank& bank = bank_of(s.el());
  const std::uint64_t spsr = s.written(s.redirected(bank.spsr)), elr = s.written(bank.elr);
  board_.mark(t.context.agent, t.sequencer.action().line, now_);
  auto& r = t.sequencer.registers();
  r.n = (spsr >> 31 & 1) != 0;
  r.z = (spsr >> 30 & 1) != 0;
  r.c = (spsr >> 29 & 1) != 0;
  r.v = (spsr >> 28 & 1) != 0;
  s.write(R::DAIF, spsr & kMasked);
  s.write(R::PAN, spsr & kPan);
  s.write(R::UAO, spsr & kUao);
  s.write(R::DIT, spsr & kDit);
  const bool legal = is_legal(spsr, s.el());
  t.illegal_state = !legal || (spsr & kIl) != 0;
  if (legal) set_level(t, static_cast<std::uint8_t>(spsr >> 2 & 3), (spsr & 1) != 0);
  go_to(t, {elr});
}

void Pe::Core::misaligned_pc(Thread& t) {
  const arm::VirtAddr pc = t.sequencer.address();
  take(t, {arm::esr(arm::ExceptionClass::PCAlignment), pc, pc.value, {}, target_of(t)});
}

void Pe::Core::illegal_state(Thread& t) {
  take(t, {arm::esr(arm::ExceptionClass::IllegalState), t.sequencer.address(), {}, {}, target_of(t)});
}

Pe::Core::Progress Pe::Core::firmware_call(Thread& t) {
  const Action& a = t.sequencer.action();
  const bool hvc = a.call == a64::ExceptionCall::HVC;
  if (t.system.el() == 0) {
    undefined(t);
    return Progress::Again;
  }
  if (hvc && t.has_el2()) {
    take(t, {arm::esr(arm::ExceptionClass::HVC, static_cast<std::uint32_t>(a.value & 0xffff)),
             t.sequencer.next_address(),
             {},
             {},
             2});
    return Progress::Again;
  }
  auto& x = t.sequencer.registers().x;
  const auto answer = arm::psci::answer({{x[0], x[1], x[2], x[3]}}, board_.cpus(parameters_.pe, now_));
  using Does = arm::psci::Answer::Action;
  switch (answer.action) {
    case Does::StartCpu:
      return start_cpu(t, answer);
    case Does::StopCpu:
      if (!is_quiet(t)) return Progress::Blocked;
      power_down(t, Ending::CpuOff);
      return Progress::Again;
    case Does::SystemOff:
      if (!is_quiet(t)) return Progress::Blocked;
      power_down(t, Ending::SystemOff);
      return Progress::Again;
    case Does::SystemReset:
      if (!is_quiet(t)) return Progress::Blocked;
      power_down(t, Ending::SystemReset);
      return Progress::Again;
    case Does::Return:
    case Does::Wait:
      break;
  }
  x[0] = answer.x0;
  return Progress::Done;
}

}  // namespace staleline::pe
