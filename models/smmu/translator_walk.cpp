// SPDX-License-Identifier: Apache-2.0
// Translation: TLB, walks, faults and final attributes.
#include <algorithm>
#include <bit>
#include <cassert>

#include "staleline/arm/combine.h"
#include "translator.h"

namespace staleline::smmu {

using arm::TableWalk;
using arm::smmu::EventClass;
using arm::smmu::EventType;

namespace {

std::uint64_t extent(const arm::TranslationResult& t) { return std::max(t.bytes, t.contiguous_bytes); }

std::uint8_t log2(std::uint64_t bytes) { return static_cast<std::uint8_t>(std::countr_zero(bytes)); }

}  // namespace

// AF is never written: without hardware updates HA only means that AF clear is no fault (AFFD).
arm::AccessRequest Translator::request() const {
  arm::AccessRequest r;
  r.no_update = true;
  if (purpose_ == Purpose::ContextDescriptor) return r;
  r.kind = access_.write     ? arm::AccessRequest::Kind::Write
           : in_.instruction ? arm::AccessRequest::Kind::Fetch
                             : arm::AccessRequest::Kind::Read;
  r.privileged = in_.privileged;
  r.pan = result_.cd != 0 && cd_.cd.pan && !in_.instruction;
  return r;
}

Translator::Next Translator::translate(Purpose purpose, std::uint64_t address, const arm::smmu::Cd* cd) {
  purpose_ = purpose;
  input_ = address;
  context_ = context_of(ste_.ste, cd, shared_.limits());
  const auto& r = context_.registers;
  tag_ = {context_.regime, arm::stage1_on(r, context_.regime), arm::stage2_on(r, context_.regime),
          arm::asid_of(r, context_.regime), arm::vmid_of(r, context_.regime)};
  const arm::VirtAddr va{address};
  const arm::AccessRequest asks = request();
  const arm::VirtAddr plain = arm::without_tag(va, r, context_.regime, asks.kind == arm::AccessRequest::Kind::Fetch);
  if (const mmu::TlbEntry* e = shared_.tlb.find(plain, tag_)) {
    entry_ = e->id;
    if (const auto f = arm::access_fault(e->result, r, va, asks)) return walk_fault(*f);
    return translated(e->result, e->result.pa + (plain - e->va), e->id);
  }
  ++shared_.counters.tlb_misses;
  ++shared_.counters.walks;
  entry_ = ++shared_.last_entry;
  from_ = 0;
  std::optional<arm::WalkPoint> from;
  if (shared_.walk_cache && tag_.stage1) {
    if (const mmu::TlbEntry* e = shared_.walk_cache->find_smallest(plain, tag_)) {
      from = e->point;
      from_ = e->id;
    }
  }
  walk_.emplace(r, context_.regime, va, asks, from);
  return step();
}

Translator::Next Translator::step() {
  switch (walk_->next()) {
    case TableWalk::Next::Read: {
      const arm::DescriptorRead& d = walk_->read();
      Fetch f;
      f.what = Fetch::What::Descriptor;
      f.address = d.address;
      f.path = path_of(d.attributes, shared_.parameters.coherent);
      f.entry = entry_;
      f.detail = static_cast<std::uint8_t>(d.stage << 4 | (d.level & 0xf));
      f.input = d.stage == 1 ? input_ : d.ipa.value;
      return read(f);
    }
    case TableWalk::Next::Done:
      return walked();
    case TableWalk::Next::Fault:
      tell(walk_->result(), true);
      return walk_fault(walk_->fault());
    case TableWalk::Next::Update:
    case TableWalk::Next::Stage2:
      break;
  }
  assert(false && "neither updates nor questions were asked for");
  return next_;
}

// The walk cache learns how far stage 1 came.
void Translator::note() {
  const auto& point = walk_->point();
  if (!shared_.walk_cache || poisoned_ || !point || !tag_.stage1) return;
  const unsigned bits = arm::mapped_bits(walk_->result().granule1, point->level - 1);
  if (bits >= 56) return;
  mmu::TlbEntry e;
  e.id = entry_;
  e.context = tag_;
  e.table = true;
  e.size_log2 = static_cast<std::uint8_t>(bits);
  e.va = arm::without_tag({input_}, context_.registers, context_.regime, false).aligned_down(e.bytes());
  e.point = *point;
  shared_.walk_cache->insert(e);
}

Translator::Next Translator::walked() {
  const arm::TranslationResult& t = walk_->result();
  tell(t, false);
  const arm::PhysAddr pa = t.pa;
  if (!poisoned_) {
    mmu::TlbEntry e;
    e.id = entry_;
    e.context = tag_;
    e.result = t;
    e.global = t.global;
    const std::uint64_t bytes = extent(t);
    e.size_log2 = log2(bytes);
    const arm::VirtAddr plain = arm::without_tag({input_}, context_.registers, context_.regime, false);
    e.va = plain.aligned_down(bytes);
    const std::uint64_t offset = plain - e.va;
    e.result.pa = e.result.pa - offset;
    e.result.ipa = e.result.ipa - offset;
    shared_.tlb.insert(e);
  }
  return translated(t, pa, entry_);
}

void Translator::tell(const arm::TranslationResult& t, bool failed) {
  Made m;
  m.entry = entry_;
  m.from = from_;
  m.va = input_;
  m.pa = failed ? 0 : t.pa.value;
  m.fault = failed;
  m.tag.asid = tag_.asid;
  m.tag.vmid = tag_.vmid;
  m.tag.size_log2 = failed ? std::uint8_t{12} : log2(extent(t));
  m.tag.el = context_.regime == arm::Regime::EL10 ? 1 : 2;
  m.tag.level = static_cast<std::uint8_t>(tag_.stage1 ? t.level1 : t.level2);
  m.tag.global = t.global;
  m.tag.stage1 = tag_.stage1;
  m.tag.stage2 = tag_.stage2;
  m.tag.granule1 = t.granule1;
  m.tag.granule2 = t.granule2;
  made_ = m;
}

Translator::Next Translator::translated(const arm::TranslationResult& t, arm::PhysAddr pa, std::uint32_t entry) {
  const auto& s = ste_.ste;
  if (purpose_ == Purpose::ContextDescriptor) {
    if (s.s2ptw && arm::stage2_device_walk(t.leaf2.memattr, t.leaf2.fwb)) {
      record_.s2 = true;
      record_.cls = EventClass::Cd;
      record_.ipa = input_;
      recorded_ = true;
      record_.type = EventType::F_PERMISSION;
      return next_ = Next::Fault;
    }
    const auto attributes = access_attributes(s.s1cir, s.s1cor, s.s1csh, true);
    return fetch_cd(arm::walk_through_stage2(attributes, t.leaf2, features().attributes), pa, entry);
  }
  const auto kind = arm::attribute_kind(request().kind);
  // Without stage 1 the device's own attributes go into stage 2.
  const auto attributes = tag_.stage1 ? arm::attributes_of(t, context_.registers, kind)
                                      : arm::through_stage2(in_.attributes, t.leaf2, kind, features().attributes);
  result_.pa = pa;
  result_.path = path_of(attributes, true);
  result_.entry = entry;
  return next_ = Next::Done;
}

// CD.R and STE.S2R say whether faults of their stage are recorded; all are terminated (CD.S and STE.S2S are ILLEGAL).
Translator::Next Translator::walk_fault(const arm::TranslationFault& f) {
  using Type = arm::TranslationFaultType;
  switch (f.type) {
    case Type::AddressSize:
      record_.type = EventType::F_ADDR_SIZE;
      break;
    case Type::AccessFlag:
      record_.type = EventType::F_ACCESS;
      break;
    case Type::Permission:
      record_.type = EventType::F_PERMISSION;
      break;
    case Type::ExternalOnWalk:
      record_.type = EventType::F_WALK_EABT;
      break;
    case Type::TlbConflict:
      record_.type = EventType::F_TLB_CONFLICT;
      break;
    default:
      record_.type = EventType::F_TRANSLATION;
      break;
  }
  record_.s2 = f.stage == 2;
  record_.ipa = f.stage == 2 ? f.ipa.value : 0;
  record_.cls = purpose_ == Purpose::ContextDescriptor ? EventClass::Cd : f.s1ptw ? EventClass::Ttd : EventClass::Input;
  recorded_ = f.stage == 2 ? ste_.ste.s2r : cd_.cd.r;
  if (f.type == Type::ExternalOnWalk || f.type == Type::TlbConflict) recorded_ = true;
  result_.entry = entry_;
  return next_ = Next::Fault;
}

}  // namespace staleline::smmu
