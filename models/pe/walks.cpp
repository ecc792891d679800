// SPDX-License-Identifier: Apache-2.0
// Translation by tables: what the TLBs do not hold is walked for, one descriptor at a time, through
// the caches or past them.
#include "core.h"

namespace staleline::pe {

using Kind = arm::AccessRequest::Kind;
using Next = arm::TableWalk::Next;

namespace {

arm::AccessRequest request_of(const Action& a, mmu::AccessType type, std::uint64_t va, std::uint8_t alignment) {
  arm::AccessRequest r;
  switch (type) {
    case mmu::AccessType::Read:
    case mmu::AccessType::Walk:
      r.kind = Kind::Read;
      break;
    case mmu::AccessType::Write:
      r.kind = Kind::Write;
      r.zero = a.what == Action::What::Store && a.alignment == arm::kLineBytes;
      break;
    case mmu::AccessType::Fetch:
      r.kind = Kind::Fetch;
      break;
    case mmu::AccessType::Maintenance:
      r.kind = a.operation == arm::CacheOp::DC_IVAC ? Kind::Invalidate : Kind::Clean;
      break;
  }
  r.aligned = type == mmu::AccessType::Maintenance || (va & (std::uint64_t{alignment} - 1)) == 0;
  return r;
}

}  // namespace

// Nothing where the access faulted, or has to wait for a walk that begins here.
std::optional<mmu::Translation> Pe::Core::translate_by_tables(Thread& t, mmu::AccessType type) {
  const Action& a = t.sequencer.action();
  const arm::VirtAddr va = a.address + t.progress;
  const auto request = request_of(a, type, va.value, t.progress == 0 ? a.alignment : std::uint8_t{1});
  const auto found = mmu_.lookup(va, request);
  if (const auto* translation = std::get_if<mmu::Translation>(&found)) {
    entry_ = translation->entry;
    if (type != mmu::AccessType::Walk) return *translation;
    // `.walk` reads as a walk of this regime would.
    mmu::Translation walk = *translation;
    const auto& r = mmu_.registers();
    const auto field = [&r](unsigned shift) { return static_cast<std::uint8_t>(r.tcr >> shift & 3); };
    const bool cache_on = (r.sctlr >> 2 & 1) != 0;
    walk.path = mmu::path_of(arm::walk_attributes(field(8), field(10), field(12), cache_on).taken());
    entry_ = 0;
    return walk;
  }
  if (const auto* f = std::get_if<arm::TranslationFault>(&found)) {
    fault(t, *f);
    return std::nullopt;
  }
  walk_.emplace(mmu_.begin(va, request));
  return std::nullopt;
}

Pe::Core::Progress Pe::Core::walk_on(Thread& t) {
  mmu::Walk& walk = *walk_;
  if (walk.poisoned) {
    const arm::VirtAddr va = walk.asked;
    const arm::AccessRequest request = walk.request;
    walk_.emplace(mmu_.begin(va, request));
    return walk_on(t);
  }
  switch (walk.table.next()) {
    case Next::Read: {
      cache::Request r;
      r.op = cache::Request::Op::Walk;
      r.address = walk.table.read().address;
      r.path = mmu::path_of(walk.table.read().attributes);
      r.size = 8;
      r.tag = kWalkTag;
      const auto latency = caches_.access(now_, r);
      if (!latency) {
        walk_pending_ = true;
        return Progress::Again;
      }
      ready_at_ = now_ + *latency;
      walked(t, walk, r);
      return Progress::Again;
    }
    case Next::Update:
      walk.table.fail(arm::TranslationFaultType::UnsupportedUpdate);
      return Progress::Again;
    case Next::Done:
      made(t, walk);
      walk_.reset();
      break;
    case Next::Fault: {
      const arm::TranslationFault f = walk.table.fault();
      const std::uint32_t id = walk.id;
      if (pe_.events() != nullptr) {
        event::Event e;
        e.kind = event::Kind::Translation;
        e.detail = 1;
        e.data[0] = walk.va.value;
        e.entry = id;
        e.aux = walk.from;
        emit(e, t);
      }
      walk_.reset();
      entry_ = id;
      fault(t, f);
      return Progress::Again;
    }
    case Next::Stage2:
      break;  // not asked for
  }
  return attempt(t);
}

// A descriptor arrived.
void Pe::Core::walked(Thread& t, mmu::Walk& walk, const cache::Request& r) {
  const auto& read = walk.table.read();
  if (pe_.events() != nullptr) {
    event::Event e;
    e.kind = event::Kind::Walk;
    e.address = r.address;
    e.size = 8;
    e.data = {r.data[0], read.stage == 1 ? walk.va.value : walk.table.ipa().value};
    e.detail = static_cast<std::uint8_t>(read.stage << 4 | (static_cast<unsigned>(read.level) & 0xf));
    e.path = r.path;
    e.entry = walk.id;
    emit(e, t);
  }
  walk.table.supply(r.data[0]);
  mmu_.noted(walk);
}

void Pe::Core::made(Thread& t, mmu::Walk& walk) {
  const mmu::TlbEntry& made = mmu_.finish(walk);
  if (pe_.events() == nullptr) return;
  event::TranslationTag tag;
  tag.asid = made.context.asid;
  tag.vmid = made.context.vmid;
  tag.size_log2 = made.size_log2;
  tag.el = made.context.regime == arm::Regime::EL10 ? 1 : 2;
  tag.level = static_cast<std::uint8_t>(made.context.stage1 ? made.result.level1 : made.result.level2);
  tag.global = made.global;
  tag.stage1 = made.context.stage1;
  tag.stage2 = made.context.stage2;
  event::Event e;
  e.kind = event::Kind::Translation;
  e.address = made.result.pa;
  e.data = {made.va.value, tag.packed()};
  e.entry = made.id;
  e.aux = walk.from;
  emit(e, t);
}

}  // namespace staleline::pe
