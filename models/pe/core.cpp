// SPDX-License-Identifier: Apache-2.0
// A PE in time: which thread has it, when something is due, and what it tells listeners.
#include "core.h"

#include <algorithm>
#include <utility>

#include "staleline/arm/controls.h"

namespace staleline::pe {

namespace {

constexpr std::uint64_t kSctlrA = 2;
constexpr std::uint32_t kPeChunk = 16;  // what LDP and STP of X registers move
// So that events are told while they are still in the host's caches.
constexpr std::size_t kMostEvents = 1024;
constexpr Cycle kMostBusy = 1024;

}  // namespace

Pe::Core::Thread::Thread(const Context& c)
    : context(c), sequencer(*c.program, kPeChunk, true), system(c.el), controls(c.controls) {
  if (c.program->fetched) sequencer.guide(c.until, c.observer, c.nops);
  parked = c.power_on.has_value();
  if (c.begins_on_resume && c.resume) resumes_on = 0;
  reset();
}

void Pe::Core::Thread::reset() {
  system = SystemState(context.el);
  controls = context.controls;
  const auto sctlr = system.control();
  system.preset(sctlr, arm::with_system_control(system.in_force(sctlr), {controls.m, controls.c, controls.i}));
  if (controls.dc) {
    auto hcr = arm::hypervisor_control(system.in_force(arm::SystemRegister::HCR_EL2));
    hcr.dc = true;
    system.preset(arm::SystemRegister::HCR_EL2,
                  arm::with_hypervisor_control(system.in_force(arm::SystemRegister::HCR_EL2), hcr));
  }
  for (const auto& [id, value] : context.registers) {
    system.preset(id, value);
    preset.set(static_cast<std::size_t>(id));
  }
  if (fetched()) {
    auto& r = sequencer.registers();
    const std::uint64_t flags = system.written(arm::SystemRegister::NZCV);
    r.n = (flags >> 31 & 1) != 0;
    r.z = (flags >> 30 & 1) != 0;
    r.c = (flags >> 29 & 1) != 0;
    r.v = (flags >> 28 & 1) != 0;
  }
  if (context.tables) controls = system.controls();
  checks_alignment = (system.in_force(sctlr) & kSctlrA) != 0;
}

Pe::Core::Core(Pe& pe, const Parameters& parameters, std::vector<Context> contexts,
               interconnect::Interconnect& interconnect, Board& board)
    : pe_(pe),
      parameters_(parameters),
      board_(board),
      caches_(parameters.pe, parameters.caches, pe, interconnect, *this),
      interconnect_(interconnect),
      stores_(parameters.store_buffer_entries, parameters.store_buffer_drain_cycles),
      mmu_(parameters.tlb),
      placings_(parameters.placements.size()),
      random_(parameters.adversary.seed * 0x9e37'79b9'7f4a'7c15 + parameters.pe.value) {
  for (const auto& c : contexts) {
    threads_.emplace_back(c);
    if (c.program->fetched) board_.add_cpu(parameters.pe.value, parameters.pe, c.agent, c.power_on);
  }
  schedule_speculation();
  undisturbed_ = placings_.empty() && next_speculation_ == engine::kNever;
}

void Pe::Core::start() {
  started_ = true;
  if (parameters_.announces_always_live) announce_always_live();
  for (auto& t : threads_) {
    announce(t);
    if (t.sequencer.ended()) end(t);
  }
  if (threads_.empty()) return;
  change_tables(threads_.front(), false);
  enter(threads_.front());
  choosing_ = choosing_ || threads_.front().resumes_on.has_value();
}

Cycle Pe::Core::wakes(const Thread& t) const {
  if (t.parked) return board_.visible(*t.context.power_on, t.starts);
  if (t.over) return engine::kNever;
  if (t.resumes_on) return board_.visible(*t.context.resume, *t.resumes_on);
  const Action& a = t.sequencer.action();
  return a.what == Action::What::Await ? board_.visible(a.edge, a.value) : 0;
}

Cycle Pe::Core::next_issue() const {
  if (blocked_ || load_pending_ || walk_pending_ || placement_waits_) return engine::kNever;
  if (!choosing_) return ready_at_;
  Cycle earliest = engine::kNever;
  for (const auto& t : threads_) earliest = std::min(earliest, wakes(t));
  return earliest == engine::kNever ? earliest : std::max(earliest, ready_at_);
}

Cycle Pe::Core::find_next() const {
  if (!started_) return 0;
  const Cycle due = std::min({next_issue(), stores_.next(), next_placement(), next_speculation()});
  return std::min(caches_.next(), due == engine::kNever ? due : std::max(due, now_));
}

// Placements, the adversary and whoever waits for others depend on what these do.
void Pe::Core::find_own_due() {
  own_known_ = undisturbed_ && (!choosing_ || threads_.empty());
  if (!own_known_) return;
  const bool waits = choosing_ || blocked_ || load_pending_ || walk_pending_;
  const Cycle due = std::min(waits ? engine::kNever : ready_at_, stores_.next());
  own_due_ = std::max(due, now_);
}

// What is due now, of which the next issue mostly is all.
void Pe::Core::step() {
  if (own_known_ && ready_at_ <= now_ && !choosing_ && !blocked_ && !load_pending_ && !walk_pending_ &&
      caches_.next() > now_ && stores_.next() > now_ && unanswered_.empty()) {
    issue();
    if (pump()) blocked_ = placement_waits_ = false;
    if (!unanswered_.empty()) answer_tlb_maintenance();
  } else {
    tick();
  }
  find_own_due();
}

void Pe::Core::issue() {
  Thread& t = threads_[current_];
  if (!is_plain(t) || !at_once(t)) perform();
}

void Pe::Core::go_on(Cycle until) {
  told_before_ = told();
  do {
    Thread& t = threads_[current_];
    if (!is_plain(t) || !go_on_at_once(t, until)) perform();
    if (pump()) blocked_ = placement_waits_ = false;
    if (!unanswered_.empty()) answer_tlb_maintenance();
    if (told() != told_before_ || !only_issues() || ready_at_ >= until || caches_.next() <= ready_at_ ||
        stores_.next() <= ready_at_)
      break;
    now_ = std::max(now_, ready_at_);
  } while (true);
  find_own_due();
}

// Nobody but the store buffer has anything due by what is done at once.
bool Pe::Core::go_on_at_once(Thread& t, Cycle until) {
  const Cycle due = std::min({until, caches_.next(), board_.off()});
  while (at_once(t)) {
    if (choosing_ || ready_at_ >= due || stores_.next() <= ready_at_) return true;
    now_ = std::max(now_, ready_at_);
  }
  return false;
}

void Pe::Core::run(Cycle until) {
  for (Cycle due = next(); due < until; due = next()) {
    now_ = std::max(due, now_);
    step();
  }
}

// The home is all that most messages go to: it goes on with this PE, each no further than what the other may tell it
// by then, until either tells somebody else anything.
Cycle Pe::Core::run_alone(Cycle until, Cycle window) {
  const std::uint64_t posts = board_.posts(), told_others = interconnect_.told_but(parameters_.pe);
  const Cycle least = next() + window;
  for (;;) {
    const Cycle own = next(), home = interconnect_.next(), due = std::min(own, home);
    if (due >= until) return until;
    if (due >= least && pe_.events() != nullptr && pe_.events()->events().size() >= kMostEvents) return due;
    if (home < own) {
      interconnect_.run(std::min(until, home + window));
      if (interconnect_.told_but(parameters_.pe) != told_others) until = std::min(until, home + window);
      continue;
    }
    if (!own_known_) until = std::min(until, own + window);
    now_ = std::max(own, now_);
    if (only_issues() && ready_at_ <= now_ && caches_.next() > now_ && stores_.next() > now_) {
      alone_until_ = home < until ? std::min(until, home + window) : until;
      go_on(std::min(alone_until_, now_ + kMostBusy));
      alone_until_ = 0;
    } else {
      step();
    }
    if (board_.posts() != posts) until = std::min(until, now_ + window);
  }
}

bool Pe::Core::answered_at_once(cache::Request& r) {
  if (alone_until_ == 0 || r.path.node != event::kNoNode || told() != told_before_) return false;
  const auto at = caches_.answered_at_once(now_, r, std::min(alone_until_, stores_.next()));
  if (!at) return false;
  now_ = ready_at_ = *at;
  return true;
}

void Pe::Core::tick() {
  if (!started_) start();
  if (caches_.next() <= now_) {
    caches_.deliver(now_);
    blocked_ = placement_waits_ = false;
  }
  if (pump()) blocked_ = placement_waits_ = false;
  if (!unanswered_.empty()) answer_tlb_maintenance();
  if (next_speculation() <= now_) speculate();
  const bool held = place();
  if (!held && next_issue() <= now_ && choose()) issue();
  if (pump()) blocked_ = placement_waits_ = false;
  if (!unanswered_.empty()) answer_tlb_maintenance();
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
    if (i != current_) {
      change_tables(threads_[i], true);
      enter(threads_[i]);
      clear_monitors();
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
  // Where one was to stop, all do.
  const Ending why = t.sequencer.ending();
  if (why == Ending::Pc || why == Ending::Instructions || why == Ending::MmuOn) board_.power_off(now_);
}

void Pe::Core::emit(event::Event e, const Thread& t) {
  e.cycle = now_;
  e.agent = t.context.agent;
  e.pe = parameters_.pe;
  e.line = t.sequencer.action().line;
  pe_.events()->emit(e);
}

void Pe::Core::ring(const Thread& t, arm::PhysAddr stored) {
  for (const Doorbell& d : parameters_.doorbells) {
    if (stored.value - d.base.value >= d.bytes) continue;
    event::Event e;
    e.kind = event::Kind::EdgeSend;
    e.aux = d.edge.value;
    e.data[0] = board_.send(d.edge, now_);
    e.mechanism = event::Mechanism::Doorbell;
    if (pe_.events() != nullptr) emit(e, t);
  }
}

void Pe::Core::emit_access(event::Kind kind, const Thread& t, const cache::Request& r, bool ordered) {
  if (pe_.events() == nullptr) return;
  event::Event& e = pe_.events()->add();
  e.cycle = now_;
  e.agent = t.context.agent;
  e.pe = parameters_.pe;
  e.line = t.sequencer.action().line;
  e.kind = kind;
  e.address = r.address;
  e.size = r.size;
  e.data = r.data;
  e.path = r.path;
  e.entry = entry_;
  if (t.sequencer.action().unprivileged || t.system.el() == 0) e.aux = event::kUnprivileged;
  if (kind == event::Kind::Fetch) {
    if (parameters_.caches.vipt) e.data[1] = r.virtual_index + 1U;
    if (!parameters_.caches.vipt && r.size <= 8) e.data[1] = 0;
  }
  e.mechanism = ordered ? event::Mechanism::FlagOrdered : event::Mechanism::Flag;
}

}  // namespace staleline::pe
