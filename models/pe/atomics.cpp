// SPDX-License-Identifier: Apache-2.0
// Exclusives and atomics: one step with the line held alone; and the events of WFE and SEV.
#include <algorithm>
#include <cstring>

#include "core.h"

namespace staleline::pe {

namespace {
constexpr Cycle kEventStream = 1000;  // WFE may end at any time; it does after this one at the latest
// In a row: contention lets one of the contenders through each time.
constexpr std::uint32_t kMostFailures = 4096;
}  // namespace

bool Pe::Core::Step::modify(std::span<std::uint8_t> bytes) {
  stored = false;
  found = {};
  std::memcpy(found.data(), bytes.data(), bytes.size());
  switch (what) {
    case What::Store:
      // On the way to this step the line may have been lost to another's store.
      stored = caches->monitors(line);
      std::memcpy(result.data(), action->data.data(), bytes.size());
      break;
    case What::Combine:
      if (const auto combined = atomic_result(*action, found)) {
        result = *combined;
        stored = true;
      }
      break;
    case What::Compare: {
      std::uint64_t value = 0;
      std::memcpy(&value, bytes.data(), sizeof value);
      stored = value == old_value;
      std::memcpy(result.data(), &new_value, sizeof new_value);
      break;
    }
  }
  if (stored) std::memcpy(bytes.data(), result.data(), bytes.size());
  return stored;
}

// Of anything but Write-Back it is IMPLEMENTATION DEFINED (DDI 0487 B2.10.2).
bool Pe::Core::has_monitor(const event::Path& path) const {
  return path.memory == arm::MemoryClass::NormalWB || parameters_.global_monitor;
}

bool Pe::Core::comes_after_stores(arm::PhysAddr line, const event::Path& path) {
  const bool device = arm::is_device(path.memory);
  return demand(stores_.youngest(
      [&](const StoreBuffer::Entry& e) { return e.line == line || (device && arm::is_device(e.path.memory)); }));
}

void Pe::Core::clear_monitors() {
  caches_.clear_monitor();
  plain_monitor_.reset();
}

// The status of a Store-Exclusive is known when it is done, so the program waits for it.
Pe::Core::Progress Pe::Core::exclusive_store(Thread& t) {
  const Action& a = t.sequencer.action();
  if (t.failed_exclusives >= kMostFailures) {
    no_progress(t);
    return Progress::Again;
  }
  if (a.ordered && !drained()) return Progress::Blocked;
  const auto translation = translate(t, mmu::AccessType::Write);
  if (!translation) return Progress::Again;
  if (!has_monitor(translation->path)) {
    fault(t, a.address, {mmu::Fault::Kind::UnsupportedExclusive});
    return Progress::Again;
  }
  const arm::PhysAddr line = translation->address.aligned_down(arm::kLineBytes);
  if (!comes_after_stores(line, translation->path)) return Progress::Blocked;
  const bool cached = arm::is_cacheable(translation->path.memory);
  const bool held = cached ? caches_.monitors(line) : plain_monitor_ == line.value;
  if (!held) {
    t.response.fill(0);
    t.response[0] = 1;
    ++t.failed_exclusives;
    return Progress::Done;
  }
  step_.what = Step::What::Store;
  step_.caches = &caches_;
  step_.line = line;
  return alter(t, *translation);
}

// SL608: its loop would not end, and so the program does.
void Pe::Core::no_progress(Thread& t) {
  const Action& a = t.sequencer.action();
  if (pe_.events() != nullptr) {
    event::Event e;
    e.kind = event::Kind::Fault;
    e.aux = static_cast<std::uint32_t>(event::FaultKind::NoProgress);
    e.data = {a.address.value, 0};
    e.size = static_cast<std::uint8_t>(a.bytes);
    emit(e, t);
  }
  faults_.push_back({t.context.agent, a.line, a.address, {event::FaultKind::NoProgress}});
  t.sequencer.stop();
  end(t);
}

Pe::Core::Progress Pe::Core::atomic(Thread& t) {
  const Action& a = t.sequencer.action();
  if (a.released && !drained()) return Progress::Blocked;
  const auto translation = translate(t, mmu::AccessType::Write);
  if (!translation) return Progress::Again;
  if (!has_monitor(translation->path)) {
    fault(t, a.address, {mmu::Fault::Kind::UnsupportedExclusive});
    return Progress::Again;
  }
  const arm::PhysAddr line = translation->address.aligned_down(arm::kLineBytes);
  if (!comes_after_stores(line, translation->path)) return Progress::Blocked;
  step_.what = Step::What::Combine;
  return alter(t, *translation);
}

Pe::Core::Progress Pe::Core::alter(Thread& t, const mmu::Translation& translation) {
  const Action& a = t.sequencer.action();
  step_.action = &a;
  cache::Request r;
  r.op = cache::Request::Op::Atomic;
  r.address = translation.address;
  r.path = translation.path;
  r.size = static_cast<std::uint8_t>(a.bytes);
  r.tag = kAtomicTag;
  r.modifier = &step_;
  if (step_.what == Step::What::Store && r.path.memory != arm::MemoryClass::NormalWB) {
    // The home knows whether the monitor still stands.
    r.op = cache::Request::Op::Store;
    r.exclusive = true;
    std::memcpy(r.data.data(), a.data.data(), a.bytes);
  }
  const auto latency = caches_.access(now_, r);
  if (!latency) {
    load_pending_ = true;
    return Progress::Again;
  }
  ready_at_ = now_ + *latency;
  altered(t, r);
  return Progress::Done;
}

void Pe::Core::altered(Thread& t, const cache::Request& r) {
  const Action& a = t.sequencer.action();
  const bool exclusive = a.what == Action::What::Store;
  t.response.fill(0);
  if (exclusive) {
    if (r.op == cache::Request::Op::Store) {
      step_.stored = r.exclusive;
      std::memcpy(step_.result.data(), a.data.data(), r.size);
    }
    clear_monitors();
    t.response[0] = step_.stored ? 0 : 1;
    t.failed_exclusives = step_.stored ? 0 : t.failed_exclusives + 1;
  } else {
    cache::Request read = r;
    std::memcpy(read.data.data(), step_.found.data(), step_.found.size());
    emit_access(event::Kind::Read, t, read, a.ordered);
    std::memcpy(t.response.data(), step_.found.data(), r.size);
    t.response_from = r.address;
    ++counts_.loads;
  }
  if (!step_.stored) return;
  cache::Request written = r;
  written.data = {};
  std::memcpy(written.data.data(), step_.result.data(), r.size);
  emit_access(event::Kind::Write, t, written, exclusive ? a.ordered : a.released);
  stored(t, written.address);
  ++counts_.stores;
}

Pe::Core::Progress Pe::Core::wait_for_event(Thread&) {
  const std::size_t heard = board_.signals(parameters_.pe, now_);
  if (waits_since_ == engine::kNever) waits_since_ = now_;
  if (event_ || heard > signals_heard_ || now_ >= waits_since_ + kEventStream) {
    event_ = false;
    signals_heard_ = heard;
    waits_since_ = engine::kNever;
    return Progress::Done;
  }
  // What others send is seen when they send it, a lookahead before it is heard.
  ready_at_ = std::min({board_.next_signal(parameters_.pe, now_), waits_since_ + kEventStream,
                        now_ + std::max<Cycle>(board_.lookahead(), 1)});
  return Progress::Again;
}

}  // namespace staleline::pe
