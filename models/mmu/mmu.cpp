// SPDX-License-Identifier: Apache-2.0
// Looking up, walking, filling.
#include "staleline/mmu/mmu.h"

#include <algorithm>
#include <bit>
#include <cassert>

namespace staleline::mmu {

using Kind = arm::AccessRequest::Kind;

namespace {

constexpr std::uint64_t kUntagged = ~std::uint64_t{0} >> 8;
constexpr std::array<Kind, 3> kRemembered{Kind::Read, Kind::Write, Kind::Clean};

std::uint64_t extent(const arm::TranslationResult& r) { return std::max(r.bytes, r.contiguous_bytes); }

}  // namespace

Mmu::Mmu(const TlbParameters& p) : l1_instruction_(p.l1_instruction), l1_data_(p.l1_data), l2_(p.l2) {
  if (p.walk_cache.entries != 0) walk_cache_.emplace(p.walk_cache);
}

void Mmu::enter(const arm::TranslationRegisters& registers, arm::Regime regime, bool pan) {
  registers_ = registers;
  regime_ = regime;
  pan_ = pan;
  context_ = {regime, arm::stage1_on(registers, regime), arm::stage2_on(registers, regime),
              arm::asid_of(registers, regime), arm::vmid_of(registers, regime)};
  forget();
}

void Mmu::forget() {
  recent_.fill({});
  recent_fetches_.fill({});
}

void Mmu::forget(std::uint32_t entry) {
  if (entry == 0) return;
  for (auto* const all : {&recent_, &recent_fetches_})
    for (Recent& r : *all)
      if (r.entry == entry) r = {};
}

const TlbEntry* Mmu::find(Tlb& tlb, arm::VirtAddr va) {
  const std::uint64_t conflicts = tlb.conflicts();
  const TlbEntry* const e = tlb.find(va, context_);
  if (tlb.conflicts() != conflicts) forget();
  return e;
}

Mmu::Found Mmu::lookup_slowly(arm::VirtAddr va, arm::AccessRequest request) {
  request.pan = pan_;
  const arm::VirtAddr plain = arm::without_tag(va, registers_, regime_, request.kind == Kind::Fetch);
  if (!context_.stage1 && !context_.stage2) {
    // Nothing to read, so the walk is over as soon as it begins.
    const arm::TableWalk walk(registers_, regime_, va, request);
    if (walk.next() == arm::TableWalk::Next::Fault) return Denied{walk.fault()};
    assert(walk.next() == arm::TableWalk::Next::Done);
    remember_flat(walk.result(), va, request);
    return Translation{walk.result().pa, path_of(walk.result().attributes), kPageBytes - (va.value & (kPageBytes - 1)),
                       0};
  }
  Tlb& l1 = request.kind == Kind::Fetch ? l1_instruction_ : l1_data_;
  if (const TlbEntry* e = find(l1, plain)) return answer(*e, va, request);
  ++counters_.l1_misses;
  if (const TlbEntry* e = find(l2_, plain)) {
    forget(l1.insert(*e));
    return answer(*e, va, request);
  }
  return Miss{};
}

Mmu::Found Mmu::answer(const TlbEntry& entry, arm::VirtAddr va, const arm::AccessRequest& request) {
  if (const auto fault = arm::access_fault(entry.result, registers_, va, request)) return Denied{*fault, entry.id};
  // The descriptor is made dirty by a walk.
  if (arm::needs_walk(entry.result, request)) return Miss{};
  if (request.privileged) request.kind == Kind::Fetch ? remember_fetch(entry, va) : remember(entry, va);
  const arm::VirtAddr plain = arm::without_tag(va, registers_, regime_, request.kind == Kind::Fetch);
  const std::uint64_t offset = plain - entry.va;
  const auto attributes = arm::attributes_of(entry.result, registers_, arm::attribute_kind(request.kind));
  return Translation{entry.result.pa + offset, path_of(attributes), entry.bytes() - offset, entry.id};
}

void Mmu::remember_fetch(const TlbEntry& entry, arm::VirtAddr va) {
  const arm::VirtAddr plain = arm::without_tag(va, registers_, regime_, true);
  const auto attributes = arm::attributes_of(entry.result, registers_, arm::AccessKind::Fetch);
  recent_fetches_[place_of(va.value >> kPageBits)] = {
      va.value >> kPageBits, entry.result.pa.value + (plain - entry.va) - va.value, path_of(attributes), entry.id,
      std::uint8_t{1U << static_cast<unsigned>(Kind::Fetch)}};
}

// Attributes hang on the registers alone; of whatever is not aligned, or DC ZVA, the walk has to say whether it faults.
void Mmu::remember_flat(const arm::TranslationResult& result, arm::VirtAddr va, const arm::AccessRequest& request) {
  if (!request.aligned || !request.privileged || request.zero) return;
  const bool fetch = request.kind == Kind::Fetch;
  Recent& r = (fetch ? recent_fetches_ : recent_)[place_of(va.value >> kPageBits)];
  const Recent before = r;
  r = {va.value >> kPageBits, result.pa.value - va.value, path_of(result.attributes), 0, 0};
  if (before.page == r.page && before.path == r.path) r.permitted = before.permitted;
  r.permitted = static_cast<std::uint8_t>(r.permitted | 1U << static_cast<unsigned>(request.kind));
}

void Mmu::remember(const TlbEntry& entry, arm::VirtAddr va) {
  Recent r;
  const arm::VirtAddr plain = arm::without_tag(va, registers_, regime_, false);
  r.page = va.value >> kPageBits;
  r.offset = entry.result.pa.value + (plain - entry.va) - va.value;
  r.path = path_of(arm::attributes_of(entry.result, registers_, arm::AccessKind::Data));
  r.entry = entry.id;
  for (const Kind kind : kRemembered) {
    const arm::AccessRequest request{.kind = kind, .pan = pan_};
    if (arm::access_fault(entry.result, registers_, va, request) || arm::needs_walk(entry.result, request)) {
      continue;
    }
    r.permitted = static_cast<std::uint8_t>(r.permitted | 1U << static_cast<unsigned>(kind));
  }
  recent_[place_of(r.page)] = r;
}

Walk Mmu::begin(arm::VirtAddr va, const arm::AccessRequest& request) {
  ++counters_.walks;
  const arm::VirtAddr plain = arm::without_tag(va, registers_, regime_, request.kind == Kind::Fetch);
  std::optional<arm::WalkPoint> from;
  std::uint32_t from_id = 0;
  if (walk_cache_ && context_.stage1) {
    if (const TlbEntry* e = walk_cache_->find_smallest(plain, context_)) {
      from = e->point;
      from_id = e->id;
    }
  }
  return {
      arm::TableWalk(registers_, regime_, va, request, from), va, plain, request, context_, ++last_id_, from_id, false};
}

void Mmu::noted(const Walk& walk) {
  ++counters_.descriptors;
  const auto& point = walk.table.point();
  if (!walk_cache_ || walk.poisoned || !point || walk.context != context_) return;
  TlbEntry e;
  e.id = walk.id;
  e.context = walk.context;
  e.table = true;
  const arm::Granule granule = walk.table.result().granule1;
  const unsigned bits = arm::mapped_bits(granule, point->level - 1);
  if (bits >= 56) return;
  e.size_log2 = static_cast<std::uint8_t>(bits);
  e.va = walk.va.aligned_down(e.bytes());
  e.point = *point;
  walk_cache_->insert(e);
}

const TlbEntry& Mmu::finish(const Walk& walk) {
  made_ = {};
  made_.id = walk.id;
  made_.context = walk.context;
  made_.result = walk.table.result();
  made_.global = made_.result.global;
  const std::uint64_t bytes = extent(made_.result);
  assert(std::has_single_bit(bytes));
  made_.size_log2 = static_cast<std::uint8_t>(std::countr_zero(bytes));
  made_.va = walk.va.aligned_down(bytes);
  const std::uint64_t offset = walk.va - made_.va;
  made_.result.pa = made_.result.pa - offset;
  made_.result.ipa = made_.result.ipa - offset;
  if (walk.poisoned) return made_;
  Tlb& l1 = walk.request.kind == Kind::Fetch ? l1_instruction_ : l1_data_;
  forget(l1.insert(made_));
  forget(l2_.insert(made_));
  // What is held of the same addresses, by entries of another size, is in conflict now: the next look-up says so.
  for (auto* const all : {&recent_, &recent_fetches_})
    for (Recent& r : *all)
      if ((((r.page << kPageBits) - made_.va.value) & kUntagged) < made_.bytes()) r = {};
  return made_;
}

void Mmu::invalidate(const Invalidation& i) {
  constexpr std::size_t many = 16;
  std::size_t gone = 0;
  for (Tlb* const tlb : {&l1_instruction_, &l1_data_, &l2_})
    gone += tlb->invalidate(i, [&](const TlbEntry& e) {
      if (gone < many) forget(e.id);
    });
  if (walk_cache_) walk_cache_->invalidate(i);
  if (gone > many) forget();
}

void Mmu::clear() {
  l1_instruction_.clear();
  l1_data_.clear();
  l2_.clear();
  if (walk_cache_) walk_cache_->clear();
  forget();
}

Mmu::Counters Mmu::counters() const {
  Counters c = counters_;
  c.conflicts = l1_instruction_.conflicts() + l1_data_.conflicts() + l2_.conflicts();
  return c;
}

}  // namespace staleline::mmu
