// SPDX-License-Identifier: Apache-2.0
// Translation by tables: what the TLBs do not hold is walked for, one descriptor at a time, through
// the caches or past them.
#include <algorithm>
#include <cstring>

#include "core.h"
#include "staleline/arm/syndrome.h"

namespace staleline::pe {

using Kind = arm::AccessRequest::Kind;
using Next = arm::TableWalk::Next;

namespace {

arm::AccessRequest request_of(const Action& a, mmu::AccessType type, std::uint64_t va, std::uint8_t alignment,
                              std::uint8_t el) {
  arm::AccessRequest r;
  switch (type) {
    case mmu::AccessType::Read:
    case mmu::AccessType::Walk:
      r.kind = Kind::Read;
      break;
    case mmu::AccessType::Write:
      r.kind = a.what == Action::What::Atomic ? Kind::ReadWrite : Kind::Write;
      r.zero = a.what == Action::What::Store && a.alignment == arm::kLineBytes;
      break;
    case mmu::AccessType::Fetch:
      r.kind = Kind::Fetch;
      break;
    case mmu::AccessType::Maintenance:
      r.kind = a.operation == arm::CacheOp::DC_IVAC ? Kind::Invalidate : Kind::Clean;
      break;
  }
  r.privileged = !a.unprivileged && el != 0;
  r.aligned = type == mmu::AccessType::Maintenance || (va & (std::uint64_t{alignment} - 1)) == 0;
  return r;
}

// What a walk says of itself, whether it ended in an entry or in a fault.
event::TranslationTag tag_of(const mmu::TlbContext& context, const arm::TranslationResult& result) {
  event::TranslationTag tag;
  tag.asid = context.asid;
  tag.vmid = context.vmid;
  tag.el = context.regime == arm::Regime::EL10 ? 1 : 2;
  tag.global = false;
  tag.stage1 = context.stage1;
  tag.stage2 = context.stage2;
  tag.granule1 = result.granule1;
  tag.granule2 = result.granule2;
  return tag;
}

}  // namespace

// Nothing where the access faulted, or has to wait for a walk that begins here.
std::optional<mmu::Translation> Pe::Core::translate_by_tables(Thread& t, mmu::AccessType type) {
  const Action& a = t.sequencer.action();
  const arm::VirtAddr va = a.address + t.progress;
  const bool fetch = a.what == Action::What::InstructionFetch;
  const bool plain =
      type == mmu::AccessType::Read || (type == mmu::AccessType::Write && a.what == Action::What::Store) || fetch;
  const std::uint8_t alignment = t.progress == 0 ? a.alignment : std::uint8_t{1};
  if (t.unsynchronised) {
    event::Reliance on{.request = request_of(a, type, va.value, alignment, t.system.el()), .el = t.system.el()};
    on.request.pan = t.system.pan();
    rely(t, va, on);
  }
  if (plain && !a.unprivileged && t.system.el() != 0 && alignment != arm::kLineBytes) {
    const auto hit = mmu_.recent(va, fetch ? Kind::Fetch : type == mmu::AccessType::Read ? Kind::Read : Kind::Write);
    // Normal memory takes unaligned accesses (SCTLR_ELx.A was looked at).
    if (hit && ((va.value & (std::uint64_t{alignment} - 1)) == 0 || !arm::is_device(hit->path.memory))) {
      entry_ = hit->entry;
      return hit;
    }
  }
  auto request = request_of(a, type, va.value, alignment, t.system.el());
  request.pan = t.system.pan();
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
  if (const auto* denied = std::get_if<mmu::Mmu::Denied>(&found)) {
    entry_ = denied->entry;
    fault(t, denied->fault);
    return std::nullopt;
  }
  if (parameters_.ets2 && !drained()) {
    blocked_ = true;
    return std::nullopt;
  }
  walk_.emplace(mmu_.begin(va, request));
  walk_thread_ = current_;
  return std::nullopt;
}

Pe::Core::Progress Pe::Core::walk_on(Thread& t) {
  mmu::Walk& walk = *walk_;
  if (walk.poisoned) {
    const arm::VirtAddr va = walk.asked;
    const arm::AccessRequest request = walk.request;
    if (walk_is_instruction_) return address_translate(t);
    if (walk_thread_ != current_) enter(threads_[walk_thread_]);
    walk_.emplace(mmu_.begin(va, request));
    if (walk_thread_ != current_) enter(threads_[current_]);
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
      return update_descriptor(t, walk);
    case Next::Done:
      if (walk_is_instruction_) return address_translated(t);
      made(t, walk);
      walk_.reset();
      if (walk_is_fill_) return Progress::Done;
      break;
    case Next::Fault: {
      if (walk_is_instruction_) return address_translated(t);
      const arm::TranslationFault f = walk.table.fault();
      const std::uint32_t id = walk.id;
      if (pe_.events() != nullptr) {
        event::Event e;
        e.kind = event::Kind::Translation;
        e.detail = 1;
        e.data = {walk.va.value, tag_of(mmu_.context(), walk.table.result()).packed()};
        e.entry = id;
        e.aux = walk.from;
        emit(e, t);
      }
      walk_.reset();
      if (walk_is_fill_) return Progress::Blocked;
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
    // Reads of AT are no part of an entry: they count as `.walk` does.
    if (walk.id != 0)
      e.detail = static_cast<std::uint8_t>(unsigned{read.stage} << 4 | (static_cast<unsigned>(read.level) & 0xf));
    e.path = r.path;
    e.entry = walk.id;
    emit(e, t);
  }
  walk.table.supply(r.data[0]);
  if (walk.id != 0) mmu_.noted(walk);
}

// AF and dirty state: a compare and swap of the descriptor (DDI 0487 D8.4.5, D8.4.6).
Pe::Core::Progress Pe::Core::update_descriptor(Thread& t, mmu::Walk& walk) {
  const auto& update = walk.table.update();
  cache::Request r;
  r.op = cache::Request::Op::Atomic;
  r.address = update.address;
  r.path = mmu::path_of(update.attributes);
  r.size = 8;
  r.tag = kUpdateTag;
  r.modifier = &step_;
  if (!has_monitor(r.path)) {
    walk.table.fail(arm::TranslationFaultType::UnsupportedUpdate);
    return Progress::Again;
  }
  if (!comes_after_stores(r.address.aligned_down(arm::kLineBytes), r.path)) return Progress::Blocked;
  step_.what = Step::What::Compare;
  step_.old_value = update.old_value;
  step_.new_value = update.new_value;
  const auto latency = caches_.access(now_, r);
  if (!latency) {
    walk_pending_ = true;
    return Progress::Again;
  }
  ready_at_ = now_ + *latency;
  updated(t, walk, r);
  return Progress::Again;
}

void Pe::Core::updated(Thread& t, mmu::Walk& walk, const cache::Request& r) {
  if (step_.stored && pe_.events() != nullptr) {
    event::Event e;
    e.kind = event::Kind::Write;
    e.address = r.address;
    e.size = 8;
    e.data = {step_.new_value, 0};
    e.detail = 1;
    e.path = r.path;
    e.entry = walk.id;
    emit(e, t);
  }
  std::uint64_t found = 0;
  std::memcpy(&found, step_.found.data(), sizeof found);
  walk.table.supply_update(found);
}

Pe::Core::Progress Pe::Core::address_translate(Thread& t) {
  const Action& a = t.sequencer.action();
  const auto& at = a.translation;
  const std::uint64_t hcr = t.system.in_force(arm::SystemRegister::HCR_EL2);
  arm::AccessRequest request;
  request.kind = at.write ? Kind::Write : Kind::Read;
  request.privileged = at.el != 0;
  request.pan = at.with_pan && t.system.pan();
  request.stage1_only = !at.both_stages;
  request.no_update = true;
  const arm::Regime regime = arm::regime_of(at.el, hcr);
  if (!t.context.tables) {
    // What is declared stands for both stages.
    const auto found = t.context.translator->translate(a.address, mmu::AccessType::Maintenance, t.controls, 1);
    std::uint64_t par = arm::par(arm::TranslationFault{.level = 3});
    if (const auto* translation = std::get_if<mmu::Translation>(&found)) {
      arm::TranslationResult result;
      result.pa = translation->address;
      par = arm::par(result);
    }
    const std::uint64_t before = t.system.written(arm::SystemRegister::PAR_EL1);
    t.system.write(arm::SystemRegister::PAR_EL1, par);
    written_par(t, before);
    return Progress::Done;
  }
  if (t.unsynchronised) rely(t, a.address, {.request = request, .el = at.el, .at_instruction = true});
  walk_.emplace(mmu::Walk{arm::TableWalk(t.system.translation_of(regime), regime, a.address, request),
                          a.address,
                          a.address,
                          request,
                          {},
                          0,
                          0,
                          false});
  walk_is_instruction_ = true;
  walk_thread_ = current_;
  return walk_on(t);
}

Pe::Core::Progress Pe::Core::address_translated(Thread& t) {
  const auto& table = walk_->table;
  const std::uint64_t before = t.system.written(arm::SystemRegister::PAR_EL1);
  t.system.write(arm::SystemRegister::PAR_EL1,
                 table.next() == Next::Done ? arm::par(table.result()) : arm::par(table.fault()));
  written_par(t, before);
  walk_.reset();
  walk_is_instruction_ = false;
  return Progress::Done;
}

void Pe::Core::made(Thread& t, mmu::Walk& walk) {
  const mmu::TlbEntry& made = mmu_.finish(walk);
  const auto path = mmu::path_of(arm::attributes_of(made.result, t.system.translation(), arm::AccessKind::Data));
  if (arm::is_cacheable(path.memory)) announce_page(t, {made.result.pa, made.bytes(), path});
  if (pe_.events() == nullptr) return;
  event::TranslationTag tag = tag_of(made.context, made.result);
  tag.size_log2 = made.size_log2;
  tag.level = static_cast<std::uint8_t>(made.context.stage1 ? made.result.level1 : made.result.level2);
  tag.global = made.global;
  event::Event e;
  e.kind = event::Kind::Translation;
  e.address = made.result.pa;
  e.data = {made.va.value, tag.packed()};
  e.entry = made.id;
  e.aux = walk.from;
  emit(e, t);
}

bool Pe::Core::fill_tlb(std::size_t thread, arm::VirtAddr va) {
  if (thread != current_) enter(threads_[thread]);
  const auto& context = mmu_.context();
  const bool translates = context.stage1 || context.stage2;
  if (translates) {
    walk_.emplace(mmu_.begin(va, {}));
    fill_resumes_ = std::max(ready_at_, now_);
    ready_at_ = now_;
  }
  walk_thread_ = thread;
  walk_is_fill_ = translates;
  if (thread != current_) enter(threads_[current_]);
  return translates;
}

}  // namespace staleline::pe
