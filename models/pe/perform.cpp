// SPDX-License-Identifier: Apache-2.0
// How a PE performs the actions of a program: what each waits for, and what it asks of the caches.
#include <algorithm>
#include <bit>
#include <cstring>

#include "core.h"

namespace staleline::pe {

using What = Action::What;

namespace {

static_assert(std::endian::native == std::endian::little, "request data are copied as bytes");

constexpr Cycle kContextSyncCycles = 8;  // pipeline refill
constexpr Cycle kForwardCycles = 2;      // a load whose bytes are all in the store buffer

// Bytes of one access: up to the end of the line and of what is mapped alike; one element of Device memory.
std::uint64_t piece_of(const Action& a, std::uint64_t progress, const mmu::Translation& translation) {
  std::uint64_t bytes = std::min<std::uint64_t>(a.bytes - progress, 16);
  bytes = std::min(bytes, translation.bytes);
  bytes = std::min(bytes, arm::kLineBytes - translation.address.offset_in(arm::kLineBytes));
  if (arm::is_device(translation.path.memory)) bytes = std::min<std::uint64_t>(bytes, a.alignment);
  return bytes;
}

bool reaches_memory(What what) {
  switch (what) {
    case What::Load:
    case What::Store:
    case What::Atomic:
    case What::Fetch:
    case What::InstructionFetch:
    case What::Walk:
    case What::Maintenance:
    case What::Tlbi:
    case What::AddressTranslate:
      return true;
    default:
      return false;
  }
}

// HCR_EL2.BSU widens the domain of barriers at EL1 (DDI 0487 D17.2.48).
arm::Barrier upgraded(arm::Barrier b, const SystemState& system) {
  if (system.el() != 1 || b.kind == arm::BarrierKind::ISB) return b;
  const std::uint64_t bsu = system.in_force(arm::SystemRegister::HCR_EL2) >> 10 & 3;
  constexpr std::array kLeast{arm::BarrierDomain::NSH, arm::BarrierDomain::ISH, arm::BarrierDomain::OSH,
                              arm::BarrierDomain::SY};
  b.domain = std::max(b.domain, kLeast.at(bsu));
  return b;
}

}  // namespace

void Pe::Core::perform() {
  Thread& t = threads_[current_];
  const Cycle before = now_;
  ready_at_ = now_ + 1;
  switch (attempt(t)) {
    case Progress::Done:
      finish(t);
      break;
    case Progress::Again:
      break;
    case Progress::Blocked:
      blocked_ = true;
      ready_at_ = before;
      break;
  }
}

Pe::Core::Progress Pe::Core::attempt(Thread& t) {
  if (t.resumes_on) resume(t);
  if (t.parked) power_up(t);
  if (now_ >= board_.off() && t.fetched()) {
    t.sequencer.stop(Ending::Stopped);
    end(t);
    return Progress::Again;
  }
  if (walk_) return walk_on(t);
  const Action& a = t.sequencer.action();
  if (!caches_.powered() && reaches_memory(a.what)) {
    fault(t, a.address, {mmu::Fault::Kind::Undefined});
    return Progress::Again;
  }
  if (t.context.abort && trapped(t)) return Progress::Again;
  switch (a.what) {
    case What::Compute:
      return Progress::Done;
    case What::Load:
      return load(t, mmu::AccessType::Read);
    case What::InstructionFetch:
      if (t.illegal_state) {
        illegal_state(t);
        return Progress::Again;
      }
      return load(t, mmu::AccessType::Fetch);
    case What::Fetch:
      return load(t, mmu::AccessType::Fetch);
    case What::Walk:
      return load(t, mmu::AccessType::Walk);
    case What::Store:
      return a.exclusive ? exclusive_store(t) : store(t);
    case What::Maintenance:
      return maintain(t);
    case What::Barrier:
      return barrier(t);
    case What::WriteSystem:
      return system_write(t);
    case What::ReadSystem:
      return system_read(t);
    case What::Send:
      return send(t);
    case What::Await:
      return await(t);
    case What::Delay:
      ready_at_ = now_ + std::max<Cycle>(a.value, 1);
      return Progress::Done;
    case What::Prefetch:
    case What::WaitForInterrupt:
      return Progress::Done;  // hints: a PE may do nothing
    case What::WaitForEvent:
      return wait_for_event(t);
    case What::SendEvent:
      if (a.local) {
        event_ = true;
      } else {
        board_.signal(parameters_.pe, now_);
      }
      return Progress::Done;
    case What::Tlbi:
      return maintain_tlb(t);
    case What::ExceptionCall:
      return exception_call(t);
    case What::ExceptionReturn:
      return exception_return(t);
    case What::SetVector:
      t.vector = arm::VirtAddr{a.value};
      return Progress::Done;
    case What::Atomic:
      return atomic(t);
    case What::AddressTranslate:
      return address_translate(t);
    case What::ClearExclusive:
      clear_monitors();
      return Progress::Done;
    case What::Grant:
      return entitle(t, event::Kind::Grant);
    case What::Revoke:
      return entitle(t, event::Kind::Revoke);
    case What::PowerOff:
      return power(t, false);
    case What::PowerOn:
      return power(t, true);
    case What::Emulate:
      return emulate(t);
    case What::Undefined:
      undefined(t);
      return Progress::Again;
    case What::MisalignedPc:
      misaligned_pc(t);
      return Progress::Again;
    case What::End:
      return Progress::Again;
  }
  return Progress::Again;
}

std::optional<mmu::Translation> Pe::Core::translate(Thread& t, mmu::AccessType type) {
  const Action& a = t.sequencer.action();
  const arm::VirtAddr va = a.address + t.progress;
  if ((a.exclusive || a.ordered || t.checks_alignment || a.what == What::Atomic) && t.progress == 0 &&
      type != mmu::AccessType::Maintenance && (va.value & (std::uint64_t{a.alignment} - 1)) != 0) {
    entry_ = 0;
    fault(t, va, {mmu::Fault::Kind::Alignment});
    return std::nullopt;
  }
  if (t.context.tables) return translate_by_tables(t, type);
  entry_ = 0;  // of another agent's tables
  // Only the start of an access is checked: its later pieces lie where its elements put them.
  const auto alignment = static_cast<std::uint8_t>(t.progress == 0 ? a.alignment : 1);
  if (t.unsynchronised) rely_on_declared(t, va, type, alignment);
  const auto result = t.context.translator->translate(va, type, t.controls, alignment);
  if (const auto* f = std::get_if<mmu::Fault>(&result)) {
    fault(t, va, *f);
    return std::nullopt;
  }
  const auto& translation = std::get<mmu::Translation>(result);
  const bool zeroes_block = a.what == What::Store && a.alignment == arm::kLineBytes;  // DC ZVA
  if (zeroes_block && arm::is_device(translation.path.memory)) {
    fault(t, va, {mmu::Fault::Kind::Alignment});
    return std::nullopt;
  }
  return translation;
}

// True where the entry is gone; else it drains now.
bool Pe::Core::demand(std::uint32_t entry) {
  if (entry == 0) return true;
  stores_.demand(entry);
  return false;
}

bool Pe::Core::drained() {
  if (stores_.empty()) return true;
  stores_.demand_all();
  return false;
}

Pe::Core::Progress Pe::Core::load(Thread& t, mmu::AccessType type) {
  const Action& a = t.sequencer.action();
  // A Load-Acquire is not performed before an earlier Store-Release; LDAPR may be (DDI 0487 B2.3.10).
  if (a.ordered && !a.weakly_ordered &&
      !demand(stores_.youngest([](const StoreBuffer::Entry& e) { return e.release; }))) {
    return Progress::Blocked;
  }
  const auto translation = translate(t, type);
  if (!translation) return Progress::Again;

  cache::Request r;
  r.op = type == mmu::AccessType::Fetch  ? cache::Request::Op::Fetch
         : type == mmu::AccessType::Walk ? cache::Request::Op::Walk
                                         : cache::Request::Op::Load;
  r.address = translation->address;
  r.path = translation->path;
  r.size = static_cast<std::uint8_t>(piece_of(a, t.progress, *translation));
  if (type == mmu::AccessType::Fetch && parameters_.caches.vipt) r.size = std::min<std::uint8_t>(r.size, 8);
  r.tag = kLoadTag;
  r.virtual_index = virtual_index(a.address + t.progress);
  load_kind_ = type == mmu::AccessType::Fetch  ? event::Kind::Fetch
               : type == mmu::AccessType::Walk ? event::Kind::Walk
                                               : event::Kind::Read;
  load_ordered_ = a.ordered;
  forwarded_mask_ = 0;
  if (type == mmu::AccessType::Read) {
    // Device accesses stay in order; other attributes than the store's look elsewhere for the bytes.
    if (arm::is_device(r.path.memory) &&
        !demand(stores_.youngest([](const StoreBuffer::Entry& e) { return arm::is_device(e.path.memory); }))) {
      return Progress::Blocked;
    }
    if (a.exclusive) {
      if (!has_monitor(r.path)) {
        fault(t, a.address, {mmu::Fault::Kind::UnsupportedExclusive});
        return Progress::Again;
      }
      if (!comes_after_stores(r.address.aligned_down(arm::kLineBytes), r.path)) return Progress::Blocked;
      r.exclusive = true;
    }
    const auto forwarded = stores_.forward(r.address, std::span(forwarded_).first(r.size), r.path);
    if (forwarded.other_path) {
      demand(forwarded.youngest);
      return Progress::Blocked;
    }
    forwarded_mask_ = forwarded.mask;
    if (forwarded_mask_ == (std::uint64_t{1} << r.size) - 1) {
      loaded(t, r);
      ready_at_ = now_ + kForwardCycles;
      return t.progress == a.bytes ? Progress::Done : Progress::Again;
    }
  }
  if (type == mmu::AccessType::Fetch) announce_fetch(t, r.address, r.path);
  if (!answered_at_once(r)) {
    const auto latency = caches_.access(now_, r);
    if (!latency) {
      load_pending_ = true;
      return Progress::Again;
    }
    ready_at_ = now_ + *latency;
  }
  loaded(t, r);
  return t.progress == a.bytes ? Progress::Done : Progress::Again;
}

// The bytes of one piece arrived, or were all in the store buffer.
void Pe::Core::loaded(Thread& t, const cache::Request& r) {
  if (t.sequencer.action().what == What::InstructionFetch) return instructions_loaded(t, r);
  std::array<std::uint8_t, 16> bytes{};
  std::memcpy(bytes.data(), r.data.data(), 16);
  for (std::size_t i = 0; i < r.size; ++i) {
    if ((forwarded_mask_ >> i & 1) != 0) bytes[i] = forwarded_[i];
  }
  std::fill(bytes.begin() + r.size, bytes.end(), std::uint8_t{0});
  cache::Request seen = r;
  std::memcpy(seen.data.data(), bytes.data(), 16);
  emit_access(load_kind_, t, seen, load_ordered_);
  if (t.sequencer.action().exclusive) {
    clear_monitors();
    if (arm::is_cacheable(r.path.memory)) {
      caches_.monitor(r.address);
    } else {
      plain_monitor_ = r.address.aligned_down(arm::kLineBytes).value;
    }
  }
  if (t.progress == 0) t.response_from = r.address;
  std::memcpy(t.response.data() + t.progress, bytes.data(), r.size);
  t.progress += r.size;
  ++counts_.loads;
}

Pe::Core::Progress Pe::Core::store(Thread& t) {
  const Action& a = t.sequencer.action();
  if (a.ordered && t.progress == 0 && !drained()) return Progress::Blocked;
  const auto translation = translate(t, mmu::AccessType::Write);
  if (!translation) return Progress::Again;
  const std::uint64_t bytes = piece_of(a, t.progress, *translation);
  const auto source = std::span(a.data).subspan(t.progress, bytes);
  if (!stores_.put(now_, translation->address, source, translation->path, a.ordered, t.context.agent)) {
    return Progress::Blocked;
  }
  cache::Request r;
  r.address = translation->address;
  r.path = translation->path;
  r.size = static_cast<std::uint8_t>(bytes);
  std::memcpy(r.data.data(), source.data(), bytes);
  emit_access(event::Kind::Write, t, r, a.ordered);
  ring(t, r.address);
  stored(t, r.address);
  t.progress += bytes;
  ++counts_.stores;
  return t.progress == a.bytes ? Progress::Done : Progress::Again;
}

void Pe::Core::stored(Thread& t, arm::PhysAddr address) {
  if (!parameters_.tells_undivided) return;
  const std::uint64_t line = address.aligned_down(arm::kLineBytes).value;
  if (t.undivided.empty() || t.undivided.back() != line) t.undivided.push_back(line);
}

Pe::Core::Progress Pe::Core::barrier(Thread& t) {
  const arm::Barrier b = upgraded(t.sequencer.action().barrier, t.system);
  if (b.kind == arm::BarrierKind::ISB) {
    ++counts_.barriers;
    ready_at_ = now_ + kContextSyncCycles;
    synchronise_context(t);
    return Progress::Done;
  }
  // Loads are performed by now: they hold up the program. Maintenance is ordered by barriers of both access
  // types; a DMB waits for it as a DSB does, which is stronger than it has to be.
  if (b.access != arm::BarrierAccess::LD && !drained()) return Progress::Blocked;
  if (b.access == arm::BarrierAccess::All && t.maintenance != 0) return Progress::Blocked;
  // A sweep is one only where what comes before its last operation comes before its first.
  t.sweeps = {};
  ++counts_.barriers;
  if (b.kind == arm::BarrierKind::DSB && b.access != arm::BarrierAccess::LD) t.undivided.clear();
  if (pe_.events() != nullptr) {
    event::Event e;
    e.kind = event::Kind::Barrier;
    e.aux = event::pack(b);
    emit(e, t);
  }
  return Progress::Done;
}

Pe::Core::Progress Pe::Core::send(Thread& t) {
  const Action& a = t.sequencer.action();
  switch (a.mechanism) {
    case event::Mechanism::Flag:
    case event::Mechanism::Fetched:
      break;
    case event::Mechanism::Doorbell:
      // A Device store: behind the earlier ones, past everything else.
      if (!demand(stores_.youngest([](const StoreBuffer::Entry& e) { return arm::is_device(e.path.memory); }))) {
        return Progress::Blocked;
      }
      break;
    case event::Mechanism::FlagOrdered:
    case event::Mechanism::Completion:
      if (!drained()) return Progress::Blocked;
      break;
    case event::Mechanism::Handoff:
      if (!drained() || t.maintenance != 0) return Progress::Blocked;
      t.undivided.clear();
      break;
  }
  const std::uint64_t k = board_.send(a.edge, now_);
  if (pe_.events() != nullptr) {
    event::Event e;
    e.kind = event::Kind::EdgeSend;
    e.aux = a.edge.value;
    e.data[0] = k;
    e.mechanism = a.mechanism;
    emit(e, t);
  }
  return Progress::Done;
}

Pe::Core::Progress Pe::Core::await(Thread& t) {
  const Action& a = t.sequencer.action();
  if (board_.visible(a.edge, a.value) > now_) {
    choosing_ = true;
    ready_at_ = now_;
    return Progress::Again;
  }
  if (pe_.events() != nullptr) {
    event::Event e;
    e.kind = event::Kind::EdgeReceive;
    e.aux = a.edge.value;
    e.data[0] = a.value;
    e.mechanism = a.mechanism;
    emit(e, t);
  }
  if (a.mechanism == event::Mechanism::Handoff) synchronise_context(t);
  return Progress::Done;
}

}  // namespace staleline::pe
