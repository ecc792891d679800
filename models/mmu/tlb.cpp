// SPDX-License-Identifier: Apache-2.0
// Sets, replacement and maintenance of a TLB.
#include "staleline/mmu/tlb.h"

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace staleline::mmu {

namespace {

// [a, a + a_bytes) and [b, b + b_bytes) meet; neither wraps in a way that matters: sizes are below 2^63.
bool overlap(std::uint64_t a, std::uint64_t a_bytes, std::uint64_t b, std::uint64_t b_bytes) {
  return b - a < a_bytes || a - b < b_bytes;
}

bool hints_spare(const arm::TlbiOperand& operand, arm::Granule granule, int level) {
  return (operand.granule && *operand.granule != granule) || (operand.level && *operand.level != level);
}

}  // namespace

std::array<std::uint64_t, 2> words_of(const arm::Tlbi& tlbi, std::uint64_t xt, const arm::TranslationRegisters& r) {
  const arm::Regime regime = arm::regime_of(tlbi, r.hcr).value_or(arm::Regime::EL2);
  const bool stage2 = tlbi.scope == arm::TlbiScope::IPAS2;
  const bool lpa2 = ((stage2 ? r.vtcr >> 32 : r.tcr >> 59) & 1) != 0;
  const std::uint64_t vmid = arm::vmid_of(r, arm::Regime::EL10);
  return {arm::pack(tlbi) | static_cast<std::uint64_t>(regime) << 16 | std::uint64_t{lpa2} << 20 | vmid << 32, xt};
}

Invalidation invalidation_of(const std::array<std::uint64_t, 2>& words) {
  Invalidation i;
  i.tlbi = arm::unpack_tlbi(static_cast<std::uint32_t>(words[0] & 0xffff));
  i.regime = static_cast<arm::Regime>(words[0] >> 16 & 3);
  i.vmid = static_cast<std::uint16_t>(words[0] >> 32);
  i.operand = arm::decode_operand(i.tlbi, words[1], (words[0] >> 20 & 1) != 0);
  return i;
}

bool covers(const Invalidation& i, const TlbEntry& e) {
  if (i.regime != e.context.regime || i.operand.reserved || (i.tlbi.last_level && e.table)) return false;
  const bool of_vm = i.regime != arm::Regime::EL10 || e.context.vmid == i.vmid;
  const bool of_asid = e.global || e.context.asid == i.operand.asid;
  const auto hit = [&](std::uint64_t address) { return overlap(i.operand.first, i.operand.bytes, address, e.bytes()); };
  // A hint is about the leaf; what leads there goes without it.
  const bool spared = !e.table && e.result.stage1 && hints_spare(i.operand, e.result.granule1, e.result.level1);
  switch (i.tlbi.scope) {
    case arm::TlbiScope::All:
      return true;
    case arm::TlbiScope::VMAll:
    case arm::TlbiScope::VMAllS12:
      return of_vm;
    case arm::TlbiScope::ASID:
      return of_vm && !e.global && of_asid;
    case arm::TlbiScope::VA:
      return of_vm && of_asid && hit(e.va.value) && !spared;
    case arm::TlbiScope::VAA:
      return of_vm && hit(e.va.value) && !spared;
    case arm::TlbiScope::IPAS2:
      return of_vm && !e.table && !e.context.stage1 && e.context.stage2 && hit(e.result.ipa.value) &&
             !hints_spare(i.operand, e.result.granule2, e.result.level2);
  }
  return false;
}

Tlb::Tlb(Geometry geometry) : ways_(geometry.ways == 0 ? geometry.entries : geometry.ways) {
  const std::uint32_t sets = ways_ == 0 ? 0 : geometry.entries / ways_;
  if (!std::has_single_bit(sets) || sets * ways_ != geometry.entries) {
    throw std::invalid_argument("entries / ways of a TLB is a power of two");
  }
  set_mask_ = sets - 1;
  slots_.resize(geometry.entries);
}

void Tlb::empty(Slot& s) {
  if (s.used == 0) return;
  s.used = 0;
  if (--of_size_[s.entry.size_log2] == 0) sizes_ &= ~(std::uint64_t{1} << s.entry.size_log2);
}

const TlbEntry* Tlb::find(arm::VirtAddr va, const TlbContext& context) {
  Slot* found = nullptr;
  for (std::uint64_t sizes = sizes_; sizes != 0; sizes &= sizes - 1) {
    const auto size = static_cast<unsigned>(std::countr_zero(sizes));
    Slot* const set = set_of(va, size);
    for (Slot* s = set; s != set + ways_; ++s) {
      if (s->used == 0 || s->entry.size_log2 != size || !s->entry.matches(va, context)) continue;
      if (found == nullptr) {
        found = s;
        continue;
      }
      ++conflicts_;
      if (s->entry.id > found->entry.id) std::swap(s, found);
      empty(*s);
      // The loop goes on behind the slot that was looked at, whichever of the two stayed.
      return find(va, context);
    }
  }
  if (found == nullptr) return nullptr;
  found->used = ++clock_;
  return &found->entry;
}

const TlbEntry* Tlb::find_smallest(arm::VirtAddr va, const TlbContext& context) {
  for (std::uint64_t sizes = sizes_; sizes != 0; sizes &= sizes - 1) {
    const auto size = static_cast<unsigned>(std::countr_zero(sizes));
    Slot* const set = set_of(va, size);
    for (Slot* s = set; s != set + ways_; ++s) {
      if (s->used == 0 || s->entry.size_log2 != size || !s->entry.matches(va, context)) continue;
      s->used = ++clock_;
      return &s->entry;
    }
  }
  return nullptr;
}

std::uint32_t Tlb::insert(const TlbEntry& entry) {
  Slot* const set = set_of(entry.va, entry.size_log2);
  Slot* best = set;
  for (Slot* s = set; s != set + ways_; ++s) {
    const TlbEntry& e = s->entry;
    if (s->used != 0 && e.size_log2 == entry.size_log2 && e.va == entry.va && e.global == entry.global &&
        e.context == entry.context) {
      best = s;
      break;
    }
    if (s->used < best->used) best = s;
  }
  const std::uint32_t gone = best->used != 0 ? best->entry.id : 0;
  empty(*best);
  best->entry = entry;
  best->used = ++clock_;
  if (of_size_[entry.size_log2]++ == 0) sizes_ |= std::uint64_t{1} << entry.size_log2;
  return gone;
}

void Tlb::remove(std::uint32_t id) {
  for (Slot& s : slots_) {
    if (s.used != 0 && s.entry.id == id) empty(s);
  }
}

void Tlb::clear() {
  for (Slot& s : slots_) empty(s);
}

std::size_t Tlb::size() const {
  return static_cast<std::size_t>(
      std::count_if(slots_.begin(), slots_.end(), [](const Slot& s) { return s.used != 0; }));
}

}  // namespace staleline::mmu
