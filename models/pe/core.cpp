// SPDX-License-Identifier: Apache-2.0
// A PE in time: which thread has it, when something is due, and what it tells listeners.
#include "core.h"

#include <algorithm>
#include <utility>

namespace staleline::pe {

namespace {

constexpr std::uint64_t kSctlrM = 1U << 0, kSctlrC = 1U << 2, kSctlrI = 1U << 12;
constexpr std::uint64_t kSctlrRes1 = 0x30d0'0800;
constexpr std::uint32_t kPeChunk = 16;  // what LDP and STP of X registers move

}  // namespace

Pe::Core::Thread::Thread(const Context& c)
    : context(c),
      sequencer(*c.program, kPeChunk, true),
      controls(c.controls),
      sctlr_el1(kSctlrRes1 | (c.controls.m ? kSctlrM : 0) | (c.controls.c ? kSctlrC : 0) |
                (c.controls.i ? kSctlrI : 0)) {}

Pe::Core::Core(Pe& pe, const Parameters& parameters, std::vector<Context> contexts,
               interconnect::Interconnect& interconnect, Board& board)
    : pe_(pe),
      parameters_(parameters),
      board_(board),
      caches_(parameters.pe, parameters.caches, pe, interconnect, *this),
      interconnect_(interconnect),
      stores_(parameters.store_buffer_entries, parameters.store_buffer_drain_cycles),
      placings_(parameters.placements.size()),
      random_(parameters.adversary.seed * 0x9e37'79b9'7f4a'7c15 + parameters.pe.value) {
  for (const auto& c : contexts) threads_.emplace_back(c);
  schedule_speculation();
}

void Pe::Core::start() {
  started_ = true;
  if (parameters_.announces_always_live) announce_always_live();
  for (auto& t : threads_) {
    announce(t);
    if (t.sequencer.ended()) end(t);
  }
}

Cycle Pe::Core::wakes(const Thread& t) const {
  if (t.over) return engine::kNever;
  const Action& a = t.sequencer.action();
  return a.what == Action::What::Await ? board_.visible(a.edge, a.value) : 0;
}

Cycle Pe::Core::next_issue() const {
  if (blocked_ || load_pending_ || placement_waits_) return engine::kNever;
  if (!choosing_) return ready_at_;
  Cycle earliest = engine::kNever;
  for (const auto& t : threads_) earliest = std::min(earliest, wakes(t));
  return earliest == engine::kNever ? earliest : std::max(earliest, ready_at_);
}

Cycle Pe::Core::next() const {
  if (!started_) return 0;
  const Cycle due = std::min({next_issue(), stores_.next(), next_placement(), next_speculation()});
  return std::min(caches_.next(), due == engine::kNever ? due : std::max(due, now_));
}

void Pe::Core::run(Cycle until) {
  for (Cycle due = next(); due < until; due = next()) {
    now_ = std::max(due, now_);
    tick();
  }
}

void Pe::Core::tick() {
  if (!started_) start();
  if (caches_.next() <= now_) {
    caches_.deliver(now_);
    blocked_ = placement_waits_ = false;
  }
  if (pump()) blocked_ = placement_waits_ = false;
  if (next_speculation() <= now_) speculate();
  const bool held = place();
  if (!held && next_issue() <= now_ && choose()) perform();
  if (pump()) blocked_ = placement_waits_ = false;
}

// Gives the PE to the first thread that can run. Another thread only gets it once the stores of the last have left.
bool Pe::Core::choose() {
  if (!choosing_) return true;
  for (std::size_t i = 0; i < threads_.size(); ++i) {
    if (wakes(threads_[i]) > now_) continue;
    if (i != current_ && !drained()) {
      blocked_ = true;
      return false;
    }
    current_ = i;
    choosing_ = false;
    return true;
  }
  return false;
}

void Pe::Core::end(Thread& t) {
  t.over = true;
  choosing_ = true;
  board_.end(t.context.agent, now_);
}

void Pe::Core::finish(Thread& t) {
  const event::SourceLine line = t.sequencer.action().line;
  t.progress = 0;
  if (t.sequencer.finish(t.response, t.response_from)) board_.mark(t.context.agent, line, now_);
  if (t.sequencer.ended()) end(t);
}

void Pe::Core::emit(event::Event e, const Thread& t) {
  e.cycle = now_;
  e.agent = t.context.agent;
  e.pe = parameters_.pe;
  e.line = t.sequencer.action().line;
  pe_.events()->emit(e);
}

void Pe::Core::emit_access(event::Kind kind, const Thread& t, const cache::Request& r, bool ordered) {
  if (pe_.events() == nullptr) return;
  event::Event e;
  e.kind = kind;
  e.address = r.address;
  e.size = r.size;
  e.data = r.data;
  e.path = r.path;
  e.mechanism = ordered ? event::Mechanism::FlagOrdered : event::Mechanism::Flag;
  emit(e, t);
}

void Pe::Core::system_write(Thread& t) {
  const Action& a = t.sequencer.action();
  if (a.system_register == arm::SystemRegister::SCTLR_EL1) {
    t.sctlr_el1 = a.value;
  } else if (arm::info_of(a.system_register).kind != arm::RegisterKind::Constant) {
    t.stored[a.system_register] = a.value;
  }
}

void Pe::Core::system_read(Thread& t) {
  const Action& a = t.sequencer.action();
  std::uint64_t value = arm::info_of(a.system_register).reset;
  if (const auto found = t.stored.find(a.system_register); found != t.stored.end()) value = found->second;
  if (a.system_register == arm::SystemRegister::SCTLR_EL1) value = t.sctlr_el1;
  if (a.system_register == arm::SystemRegister::CTR_EL0) value = parameters_.ctr_el0;
  t.response.fill(0);
  for (std::size_t i = 0; i < 8; ++i) t.response[i] = static_cast<std::uint8_t>(value >> (8 * i));
}

void Pe::Core::synchronise_context(Thread& t) {
  if (pe_.events() != nullptr) {
    event::Event e;
    e.kind = event::Kind::ContextSync;
    emit(e, t);
  }
  const mmu::Controls written{(t.sctlr_el1 & kSctlrM) != 0, (t.sctlr_el1 & kSctlrC) != 0, (t.sctlr_el1 & kSctlrI) != 0};
  if (written == t.controls) return;
  t.controls = written;
  announce(t);
}

}  // namespace staleline::pe
