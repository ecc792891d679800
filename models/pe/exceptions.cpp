// SPDX-License-Identifier: Apache-2.0
// What becomes of faults and exception calls: to the program's own vector, or the end of it.
#include <utility>

#include "core.h"
#include "staleline/arm/syndrome.h"

namespace staleline::pe {

namespace {

using R = arm::SystemRegister;

constexpr std::uint64_t kMasked = 0x3c0;  // D, A, I and F
constexpr std::uint64_t kPan = 1 << 22, kSctlrSpan = 1 << 23;
constexpr std::uint64_t kEl1h = 0b0101, kEl2h = 0b1001;  // SPSR_ELx.M

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
    case arm::TranslationFaultType::External:
      return event::FaultKind::External;
    case arm::TranslationFaultType::TlbConflict:
      return event::FaultKind::TlbConflict;
    case arm::TranslationFaultType::UnsupportedUpdate:
    case arm::TranslationFaultType::UnsupportedExclusive:
      return event::FaultKind::UnsupportedExclusive;
  }
  return event::FaultKind::Translation;
}

std::uint64_t flags_of(const a64::Registers& r) {
  return std::uint64_t{r.n} << 31 | std::uint64_t{r.z} << 30 | std::uint64_t{r.c} << 29 | std::uint64_t{r.v} << 28;
}

}  // namespace

void Pe::Core::fault(Thread& t, arm::VirtAddr va, mmu::Fault f) {
  arm::TranslationFault as;
  as.type = f.kind == mmu::Fault::Kind::Alignment              ? arm::TranslationFaultType::Alignment
            : f.kind == mmu::Fault::Kind::UnsupportedExclusive ? arm::TranslationFaultType::UnsupportedExclusive
            : f.kind == mmu::Fault::Kind::External             ? arm::TranslationFaultType::External
                                                               : arm::TranslationFaultType::Translation;
  as.va = va;
  as.level = 3;
  const Action& a = t.sequencer.action();
  as.write = a.what == Action::What::Store || a.what == Action::What::Maintenance;
  as.maintenance = a.what == Action::What::Maintenance;
  as.fetch = a.what == Action::What::Fetch || a.what == Action::What::InstructionFetch;
  if (a.what == Action::What::InstructionFetch) va = as.va = t.sequencer.address();
  raise(t, {t.context.agent, a.line, va, f}, arm::abort_esr(as, t.system.el() == 0), t.sequencer.address());
}

void Pe::Core::fault(Thread& t, const arm::TranslationFault& as) {
  arm::TranslationFault f = as;
  if (t.sequencer.action().what == Action::What::InstructionFetch) f.va = t.sequencer.address();
  if (f.stage == 2 && abort_to_hypervisor(t, f)) return;
  const Faulted faulted{t.context.agent, t.sequencer.action().line, f.va, {kind_of(f.type)}, f.stage, f.level};
  const bool to_el2 = t.fetched() && f.stage == 2 && t.has_el2();
  if (to_el2) t.system.write(R::HPFAR_EL2, arm::hpfar(f));
  raise(t, faulted, arm::abort_esr(f, to_el2 || t.system.el() == 0), t.sequencer.address());
}

void Pe::Core::undefined(Thread& t) {
  entry_ = 0;
  raise(t, {t.context.agent, t.sequencer.action().line, {}, {mmu::Fault::Kind::Undefined}},
        arm::esr(arm::ExceptionClass::Unknown), t.sequencer.address());
}

// The guest leaves, all that it did complete, and its registers of EL2 go to whoever runs there.
bool Pe::Core::abort_to_hypervisor(Thread& t, const arm::TranslationFault& f) {
  if (!t.context.abort || !t.context.resume) return false;
  go_to_hypervisor(t, arm::abort_esr(f, true), &f);
  return true;
}

void Pe::Core::go_to_hypervisor(Thread& t, std::uint64_t esr, const arm::TranslationFault* f) {
  if (!drained() || t.maintenance != 0) {
    // The walk is made again once that is so: a fault is not kept.
    blocked_ = true;
    return;
  }
  if (f != nullptr &&
      repeats(t, {t.context.agent, t.sequencer.action().line, f->va, {kind_of(f->type)}, f->stage, f->level}))
    return no_progress(t);
  if (Thread* const hypervisor = hypervisor_of(t)) {
    SystemState& system = hypervisor->system;
    system.write(R::ESR_EL2, esr);
    system.write(R::ELR_EL2, t.sequencer.address().value);
    system.write(R::SPSR_EL2,
                 flags_of(t.sequencer.registers()) | t.system.written(R::PAN) | t.system.written(R::DAIF) | kEl1h);
    if (f != nullptr) system.write(R::FAR_EL2, f->va.value);
    if (f != nullptr && arm::hpfar_valid(*f)) system.write(R::HPFAR_EL2, arm::hpfar(*f));
    hypervisor->left = &t;
  }
  t.resumes_on = board_.sent(*t.context.resume);
  const std::uint64_t k = board_.send(*t.context.abort, now_);
  if (pe_.events() != nullptr) {
    if (f != nullptr) {
      event::Event e;
      e.kind = event::Kind::Fault;
      e.aux = static_cast<std::uint32_t>(kind_of(f->type));
      e.detail = 1;
      e.data = {f->va.value, esr};
      e.entry = entry_;
      emit(e, t);
    }
    event::Event send;
    send.kind = event::Kind::EdgeSend;
    send.aux = t.context.abort->value;
    send.data[0] = k;
    send.mechanism = event::Mechanism::Handoff;
    emit(send, t);
  }
  clear_monitors();
  t.progress = 0;
  choosing_ = true;
}

void Pe::Core::resume(Thread& t) {
  if (pe_.events() != nullptr) {
    event::Event e;
    e.kind = event::Kind::EdgeReceive;
    e.aux = t.context.resume->value;
    e.data[0] = *t.resumes_on;
    e.mechanism = event::Mechanism::Handoff;
    emit(e, t);
  }
  t.resumes_on.reset();
  // Where ELR_EL2 says: it names the instruction that left, unless the hypervisor emulated that.
  Thread* const hypervisor = hypervisor_of(t);
  const bool last = hypervisor != nullptr && std::exchange(hypervisor->left, nullptr) == &t;
  const std::uint64_t to = last ? hypervisor->system.written(R::ELR_EL2) : t.sequencer.address().value;
  if (to == t.sequencer.address().value) {
    synchronise_context(t);
    if (t.mmu_came_on) t.sequencer.stop_before(Ending::MmuOn);
    if (t.sequencer.ended()) end(t);
  } else {
    t.last_fault = {};  // what it emulated has made progress
    go_to(t, {to});
  }
}

// True where the same instruction takes the same fault so often that its handler cannot be mending it.
bool Pe::Core::repeats(Thread& t, const Faulted& faulted) {
  constexpr std::uint32_t kNever = 4096;
  const auto key = std::pair{t.sequencer.address().value, faulted.address.value};
  if (faulted.fault.kind == mmu::Fault::Kind::Undefined || std::exchange(t.last_fault, key) != key) {
    t.same_faults = 0;
    return false;
  }
  return ++t.same_faults == kNever;
}

// Without a vector the program ends here.
void Pe::Core::raise(Thread& t, const Faulted& faulted, std::uint64_t esr, arm::VirtAddr return_to) {
  const bool call = faulted.fault.kind == mmu::Fault::Kind::Undefined;
  // A vector of EL1 does not get what goes to EL2.
  const bool taken = (t.vector && !(faulted.stage == 2 && t.system.el() == 1)) || t.fetched();
  if (pe_.events() != nullptr && !(call && taken)) {
    event::Event e;
    e.kind = event::Kind::Fault;
    e.aux = static_cast<std::uint32_t>(faulted.fault.kind);
    e.detail = taken ? 1 : 0;
    e.data = {faulted.address.value, esr};
    e.size = static_cast<std::uint8_t>(std::min<std::uint64_t>(t.sequencer.action().bytes, 16));
    e.entry = entry_;
    emit(e, t);
  }
  if (taken && repeats(t, faulted)) return no_progress(t);
  if (!taken) {
    faults_.push_back(faulted);
    t.sequencer.stop(Ending::Fault);
    end(t);
    return;
  }
  if (t.fetched()) {
    Exception e{esr, return_to, {}, {}, target_of(t)};
    if (!call) e.far = faulted.address.value;
    if (faulted.stage == 2 && t.has_el2()) e.el = 2;
    take(t, e);
    return;
  }
  const bool el1 = t.system.el() == 1;
  const std::uint64_t mode = el1 ? kEl1h : kEl2h;
  t.system.write(el1 ? R::ESR_EL1 : R::ESR_EL2, esr);
  if (!call) t.system.write(el1 ? R::FAR_EL1 : R::FAR_EL2, faulted.address.value);
  t.system.write(el1 ? R::ELR_EL1 : R::ELR_EL2, return_to.value);
  t.system.write(el1 ? R::SPSR_EL1 : R::SPSR_EL2,
                 flags_of(t.sequencer.registers()) | t.system.written(R::PAN) | t.system.written(R::DAIF) | mode);
  t.system.write(R::DAIF, kMasked);
  const bool knows_el0 = t.system.regime() != arm::Regime::EL2;
  if (knows_el0 && (t.system.written(t.system.control()) & kSctlrSpan) == 0) t.system.write(R::PAN, kPan);
  go_to(t, *t.vector);
}

// Exception entry and return synchronise context.
void Pe::Core::go_to(Thread& t, arm::VirtAddr code) {
  synchronise_context(t);
  enter(t);  // PSTATE.PAN
  clear_monitors();
  t.progress = 0;
  t.sequencer.go_to(code);
  if (t.mmu_came_on) t.sequencer.stop(Ending::MmuOn);
  if (t.sequencer.ended()) end(t);
}

Pe::Core::Progress Pe::Core::exception_call(Thread& t) {
  const Action& a = t.sequencer.action();
  arm::ExceptionClass ec = arm::ExceptionClass::SVC;
  if (a.call == a64::ExceptionCall::HVC) ec = arm::ExceptionClass::HVC;
  if (a.call == a64::ExceptionCall::SMC) ec = arm::ExceptionClass::SMC;
  if (a.call == a64::ExceptionCall::BRK) ec = arm::ExceptionClass::BRK;
  if (t.fetched() && (a.call == a64::ExceptionCall::HVC || a.call == a64::ExceptionCall::SMC)) return firmware_call(t);
  const auto to = a.call == a64::ExceptionCall::BRK ? t.sequencer.address() : t.sequencer.next_address();
  board_.mark(t.context.agent, a.line, now_);
  entry_ = 0;
  raise(t, {t.context.agent, a.line, {}, {mmu::Fault::Kind::Undefined}},
        arm::esr(ec, static_cast<std::uint32_t>(a.value & 0xffff)), to);
  return Progress::Again;
}

Pe::Core::Progress Pe::Core::exception_return(Thread& t) {
  if (t.fetched()) {
    return_from(t);
    return Progress::Again;
  }
  const bool el1 = t.system.el() == 1;
  const std::uint64_t spsr = t.system.written(el1 ? R::SPSR_EL1 : R::SPSR_EL2);
  const std::uint64_t elr = t.system.written(el1 ? R::ELR_EL1 : R::ELR_EL2);
  board_.mark(t.context.agent, t.sequencer.action().line, now_);
  auto& r = t.sequencer.registers();
  r.n = (spsr >> 31 & 1) != 0;
  r.z = (spsr >> 30 & 1) != 0;
  r.c = (spsr >> 29 & 1) != 0;
  r.v = (spsr >> 28 & 1) != 0;
  t.system.write(R::DAIF, spsr & kMasked);
  t.system.write(R::PAN, spsr & kPan);
  go_to(t, {elr});
  return Progress::Again;
}

}  // namespace staleline::pe
