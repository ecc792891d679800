// SPDX-License-Identifier: Apache-2.0
// What programs say beside A64: who may use which bytes, and the power of this PE.
#include <algorithm>

#include "core.h"

namespace staleline::pe {

// The bytes as they lie in physical memory, by what the view declares.
Pe::Core::Progress Pe::Core::entitle(Thread& t, event::Kind kind) {
  const Action& a = t.sequencer.action();
  mmu::Controls controls = t.controls;
  if (t.context.tables) controls = {};
  for (std::uint64_t done = 0; done < a.bytes;) {
    const auto found = t.context.translator->translate(a.address + done, mmu::AccessType::Maintenance, controls, 1);
    const auto* translation = std::get_if<mmu::Translation>(&found);
    if (translation == nullptr) {
      fault(t, a.address + done, std::get<mmu::Fault>(found));
      return Progress::Again;
    }
    const std::uint64_t bytes = std::min(a.bytes - done, translation->bytes);
    if (pe_.events() != nullptr) {
      event::Event e;
      e.kind = kind;
      e.aux = a.agent.value;
      e.address = translation->address;
      e.data[0] = bytes;
      emit(e, t);
    }
    done += bytes;
  }
  return Progress::Done;
}

Pe::Core::Progress Pe::Core::power(Thread& t, bool on) {
  if (on == caches_.powered()) return Progress::Done;
  if (!on && (!drained() || t.maintenance != 0 || caches_.outstanding() != 0)) return Progress::Blocked;
  const auto tell = [&](std::uint32_t what) {
    if (pe_.events() == nullptr) return;
    event::Event e;
    e.kind = event::Kind::Power;
    e.aux = what;
    emit(e, t);
  };
  constexpr std::uint32_t kOff = 0, kOn = 1, kSharedOff = 2;
  const bool cluster = !on && t.sequencer.action().value != 0;
  if (cluster && t.progress == 0) {
    t.progress = 1;
    tell(kSharedOff);
    cache::Request r;
    r.op = cache::Request::Op::PowerOffShared;
    r.tag = kMaintenanceTag | static_cast<std::uint32_t>(current_);
    if (!caches_.access(now_, r)) ++t.maintenance;
    return Progress::Again;
  }
  tell(on ? kOn : kOff);
  // What others moved there in the meantime is lost too.
  if (cluster) tell(kSharedOff);
  if (on) {
    caches_.power_on(now_);
    return Progress::Done;
  }
  mmu_.clear();
  caches_.clear_monitor();
  caches_.power_off(now_);
  return Progress::Done;
}

}  // namespace staleline::pe
