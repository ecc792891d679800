// SPDX-License-Identifier: Apache-2.0
// PSCI: PEs that are started and stopped, and the end of everything (DEN 0022).
#include "core.h"

namespace staleline::pe {

// What a PE has done arrives before it stops: the last words of a console too.
bool Pe::Core::is_quiet(const Thread& t) { return drained() && t.maintenance == 0; }

// What the caller did is complete, and the PE that is started sees it (docs/edges.md: handoff).
Pe::Core::Progress Pe::Core::start_cpu(Thread& t, const arm::psci::Answer& answer) {
  auto& x = t.sequencer.registers().x;
  const auto edge = board_.start_edge(answer.cpu);
  if (!edge) {
    x[0] = static_cast<std::uint64_t>(static_cast<std::int64_t>(arm::psci::Status::InternalFailure));
    return Progress::Done;
  }
  if (!is_quiet(t)) return Progress::Blocked;
  t.undivided.clear();
  const std::uint64_t k =
      board_.start_cpu(answer.cpu, {now_, parameters_.pe, arm::VirtAddr{answer.entry.value}, answer.context});
  if (pe_.events() != nullptr) {
    event::Event e;
    e.kind = event::Kind::EdgeSend;
    e.aux = edge->value;
    e.data[0] = k;
    e.mechanism = event::Mechanism::Handoff;
    emit(e, t);
  }
  x[0] = answer.x0;
  return Progress::Done;
}

void Pe::Core::power_down(Thread& t, Ending why) {
  if (why == Ending::CpuOff) {
    board_.stop_cpu(t.context.agent, now_);
    choosing_ = true;
    t.parked = t.context.power_on.has_value();
    t.over = !t.parked;
    if (t.over) t.sequencer.stop(why);
    return;
  }
  board_.power_off(now_);
  t.sequencer.stop(why);
  end(t);
}

// All registers are as after reset but for X0.
void Pe::Core::power_up(Thread& t) {
  const std::uint64_t k = t.starts++;
  const Board::Start& start = board_.start_of(t.context.agent, k);
  t.parked = false;
  t.sequencer.go_to(start.entry);  // where it is from here on
  if (pe_.events() != nullptr) {
    event::Event e;
    e.kind = event::Kind::EdgeReceive;
    e.aux = t.context.power_on->value;
    e.data[0] = k;
    e.mechanism = event::Mechanism::Handoff;
    emit(e, t);
  }
  t.sequencer.registers() = {};
  t.reset();
  t.sequencer.registers().x[0] = start.context;
  go_to(t, start.entry);
  announce(t);
}

}  // namespace staleline::pe
