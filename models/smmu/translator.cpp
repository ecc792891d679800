// SPDX-License-Identifier: Apache-2.0
// Configuration: which STE and CD hold for a transaction.
#include "translator.h"

#include <algorithm>
#include <cassert>
#include <cstring>

#include "staleline/arm/combine.h"

namespace staleline::smmu {

using arm::smmu::EventClass;
using arm::smmu::EventType;
using arm::smmu::Register;
using arm::smmu::SteConfig;
using arm::smmu::SteS1dss;
using arm::smmu::SteS1fmt;
namespace reg = arm::smmu;

namespace {

constexpr unsigned kOutputBits = 48;
constexpr std::uint64_t kTwoLevel = 1;

// Values other than 6, 8 and 10 are reserved and taken as 6.
unsigned split_of(std::uint64_t split) { return split == 8 || split == 10 ? static_cast<unsigned>(split) : 6; }

std::uint64_t word(std::span<const std::uint8_t> bytes) {
  std::uint64_t value = 0;
  std::memcpy(&value, bytes.data(), sizeof value);
  return value;
}

template <std::size_t N>
std::array<std::uint64_t, N> words(std::span<const std::uint8_t> bytes) {
  std::array<std::uint64_t, N> value{};
  assert(bytes.size() == sizeof value);
  std::memcpy(value.data(), bytes.data(), sizeof value);
  return value;
}

// Ids are 15 bits wide in events and never 0.
std::uint16_t following(std::uint16_t id) {
  return id == 0x7fff ? std::uint16_t{1} : static_cast<std::uint16_t>(id + 1);
}

}  // namespace

Shared::Shared(const Parameters& p)
    : parameters(p), registers(p), configuration(p.ste_entries, p.cd_entries), tlb(p.tlb) {
  if (p.walk_cache.entries != 0) walk_cache.emplace(p.walk_cache);
}

Limits Shared::limits() const {
  return {parameters.ssid_bits, parameters.stage1, parameters.stage2, registers.get(Register::CR2, reg::cr2::E2H) != 0};
}

void Shared::invalidate(const mmu::Invalidation& i) {
  tlb.invalidate(i);
  if (walk_cache) walk_cache->invalidate(i);
}

Translator::Next Translator::begin(const Access& access) {
  access_ = access;
  result_ = {};
  record_ = {};
  recorded_ = false;
  poisoned_ = false;
  without_stage1_ = false;
  ste_ = {};
  cd_ = {};
  entry_ = 0;
  record_.stream_id = device_.stream_id;
  record_.ssv = device_.substream_id.has_value();
  record_.substream_id = device_.substream_id.value_or(0);
  record_.input_address = access.address;
  record_.rnw = !access.write;
  record_.cls = EventClass::Input;
  in_ = incoming(device_.coherent, device_.privileged);
  if (!shared_.registers.smmu_enabled()) {
    const std::uint64_t gbpa = shared_.registers.get(Register::GBPA);
    if (arm::smmu::get(gbpa, reg::gbpa::ABORT) != 0) return next_ = Next::Abort;
    in_ = apply(overrides_of_gbpa(gbpa), in_);
    return bypass(in_);
  }
  if (const HeldSte* held = shared_.configuration.stes.find(device_.stream_id)) {
    ste_ = *held;
    return use_ste();
  }
  return find_ste();
}

// IHI 0070 3.3.1: linear, or two-level with SPLIT bits in the second.
Translator::Next Translator::find_ste() {
  const RegisterFile& r = shared_.registers;
  const std::uint32_t sid = device_.stream_id;
  const auto log2size = std::min<std::uint64_t>(r.get(Register::STRTAB_BASE_CFG, reg::strtab_base_cfg::LOG2SIZE),
                                                shared_.parameters.sid_bits);
  if (std::uint64_t{sid} >> log2size != 0) return fault(EventType::C_BAD_STREAMID);
  ++shared_.counters.ste_fetches;
  shared_.last_ste = following(shared_.last_ste);
  ste_.id = shared_.last_ste;

  Fetch f;
  f.configuration = ste_.id;
  const std::uint64_t base = r.get(Register::STRTAB_BASE, reg::strtab_base::ADDR);
  if (r.get(Register::STRTAB_BASE_CFG, reg::strtab_base_cfg::FMT) != kTwoLevel) {
    // The base is aligned to the size of the table.
    const std::uint64_t bytes = arm::smmu::kSteBytes << log2size;
    f.what = Fetch::What::Ste;
    f.bytes = arm::smmu::kSteBytes;
    f.address = {(base & ~(bytes - 1)) + sid * arm::smmu::kSteBytes};
  } else {
    const unsigned split = split_of(r.get(Register::STRTAB_BASE_CFG, reg::strtab_base_cfg::SPLIT));
    const std::uint64_t bytes =
        std::max<std::uint64_t>(64, log2size > split ? std::uint64_t{8} << (log2size - split) : 8);
    f.what = Fetch::What::StreamTable;
    f.address = {(base & ~(bytes - 1)) + (sid >> split) * std::uint64_t{8}};
  }
  const std::uint64_t cr1 = r.get(Register::CR1);
  using namespace reg::cr1;
  const auto attributes =
      access_attributes(reg::get(cr1, TABLE_IC), reg::get(cr1, TABLE_OC), reg::get(cr1, TABLE_SH), false);
  f.path = path_of(attributes, shared_.parameters.coherent);
  return read(f);
}

Translator::Next Translator::stream_table(std::uint64_t descriptor) {
  const auto d = arm::smmu::decode_l1_stream_table_descriptor(descriptor);
  const unsigned split = split_of(shared_.registers.get(Register::STRTAB_BASE_CFG, reg::strtab_base_cfg::SPLIT));
  if (d.span == 0 || d.span > split + 1) return fault(EventType::C_BAD_STREAMID);
  const std::uint64_t index = device_.stream_id & ((1U << split) - 1);
  if (index >> (d.span - 1) != 0) return fault(EventType::C_BAD_STREAMID);
  Fetch f = fetch_;
  f.what = Fetch::What::Ste;
  f.bytes = arm::smmu::kSteBytes;
  const std::uint64_t bytes = arm::smmu::kSteBytes << (d.span - 1);
  f.address = d.l2_ptr.aligned_down(bytes) + index * arm::smmu::kSteBytes;
  return read(f);
}

Translator::Next Translator::use_ste() {
  result_.ste = ste_.id;
  const auto& s = ste_.ste;
  if (!is_valid(s, shared_.limits())) return fault(EventType::C_BAD_STE);
  if (s.config < SteConfig::Bypass) return next_ = Next::Abort;
  in_ = apply(overrides_of(s), in_);
  record_.pnu = in_.privileged;
  record_.ind = in_.instruction;
  const bool has_substream = device_.substream_id.has_value();
  if (!has_stage1(s)) {
    if (has_substream) return fault(EventType::C_BAD_SUBSTREAMID);
    return has_stage2(s) ? translate(Purpose::Input, access_.address, nullptr) : bypass(in_);
  }
  substream_ = device_.substream_id.value_or(0);
  if (has_substream) {
    if (s.s1cd_max == 0 || substream_ >> s.s1cd_max != 0) return fault(EventType::C_BAD_SUBSTREAMID);
    if (s.s1dss == SteS1dss::Substream0 && substream_ == 0) return fault(EventType::C_BAD_SUBSTREAMID);
  } else if (s.s1cd_max != 0 && s.s1dss == SteS1dss::Terminate) {
    return fault(EventType::F_STREAM_DISABLED);
  } else if (s.s1cd_max != 0 && s.s1dss == SteS1dss::Bypass) {
    without_stage1_ = true;
    return has_stage2(s) ? translate(Purpose::Input, access_.address, nullptr) : bypass(in_);
  }
  if (const HeldCd* held = shared_.configuration.cds.find({device_.stream_id, substream_})) {
    cd_ = *held;
    return use_cd();
  }
  return find_cd();
}

// IHI 0070 3.3.2: one CD, a linear table, or two levels with 64 or 1024 CDs in the second.
Translator::Next Translator::find_cd() {
  const auto& s = ste_.ste;
  ++shared_.counters.cd_fetches;
  shared_.last_cd = following(shared_.last_cd);
  cd_.id = shared_.last_cd;
  const std::uint64_t base = s.s1_context_ptr.value;
  if (s.s1cd_max == 0) return read_cd(Fetch::What::Cd, base);
  if (s.s1fmt == SteS1fmt::Linear) return read_cd(Fetch::What::Cd, base + substream_ * arm::smmu::kCdBytes);
  const unsigned below = s.s1fmt == SteS1fmt::TwoLevel4K ? 6 : 10;
  return read_cd(Fetch::What::ContextTable, base + (substream_ >> below) * std::uint64_t{8});
}

// The address of a CD is an IPA where stage 2 translates.
Translator::Next Translator::read_cd(Fetch::What what, std::uint64_t address) {
  cd_part_ = what;
  if (has_stage2(ste_.ste)) return translate(Purpose::ContextDescriptor, address, nullptr);
  const auto& s = ste_.ste;
  return fetch_cd(access_attributes(s.s1cir, s.s1cor, s.s1csh, true), {address}, 0);
}

Translator::Next Translator::fetch_cd(const arm::MemoryAttributes& attributes, arm::PhysAddr address,
                                      std::uint32_t entry) {
  Fetch f;
  f.what = cd_part_;
  f.bytes = cd_part_ == Fetch::What::Cd ? arm::smmu::kCdBytes : 8;
  f.address = address;
  f.configuration = cd_.id;
  f.entry = entry;
  f.path = path_of(attributes, shared_.parameters.coherent);
  return read(f);
}

Translator::Next Translator::use_cd() {
  result_.cd = cd_.id;
  if (!is_valid(cd_.cd, ste_.ste, shared_.limits())) return fault(EventType::C_BAD_CD);
  return translate(Purpose::Input, access_.address, &cd_.cd);
}

Translator::Next Translator::bypass(const Incoming& in) {
  if (access_.address >> kOutputBits != 0) {
    recorded_ = shared_.registers.smmu_enabled();
    record_.type = EventType::F_ADDR_SIZE;
    return next_ = recorded_ ? Next::Fault : Next::Abort;
  }
  result_.pa = {access_.address};
  result_.path = path_of(in.attributes, true);
  return next_ = Next::Done;
}

Translator::Next Translator::read(const Fetch& f) {
  fetch_ = f;
  return next_ = Next::Read;
}

Translator::Next Translator::supply(std::span<const std::uint8_t> bytes) {
  assert(next_ == Next::Read && bytes.size() == fetch_.bytes);
  switch (fetch_.what) {
    case Fetch::What::StreamTable:
      return stream_table(word(bytes));
    case Fetch::What::Ste:
      ste_.ste = arm::smmu::decode_ste(words<8>(bytes));
      // A structure that is not valid is not kept, so that repairing it needs no invalidation.
      if (!poisoned_ && ste_.ste.v) shared_.configuration.stes.insert(device_.stream_id, ste_);
      return use_ste();
    case Fetch::What::ContextTable: {
      const auto d = arm::smmu::decode_l1_context_descriptor(word(bytes));
      if (!d.v) return fault(EventType::C_BAD_SUBSTREAMID);
      const unsigned below = ste_.ste.s1fmt == SteS1fmt::TwoLevel4K ? 6 : 10;
      const std::uint64_t index = substream_ & ((1U << below) - 1);
      const std::uint64_t base = d.l2_ptr.aligned_down(arm::smmu::kCdBytes << below).value;
      return read_cd(Fetch::What::Cd, base + index * arm::smmu::kCdBytes);
    }
    case Fetch::What::Cd:
      cd_.cd = arm::smmu::decode_cd(words<8>(bytes));
      if (!poisoned_ && cd_.cd.v) shared_.configuration.cds.insert({device_.stream_id, substream_}, cd_);
      return use_cd();
    case Fetch::What::Descriptor:
      ++shared_.counters.descriptors;
      walk_->supply(word(bytes));
      note();
      return step();
  }
  return next_;
}

Translator::Next Translator::fail() {
  record_.fetch_address = fetch_.address.value;
  switch (fetch_.what) {
    case Fetch::What::StreamTable:
    case Fetch::What::Ste:
      return fault(EventType::F_STE_FETCH);
    case Fetch::What::ContextTable:
    case Fetch::What::Cd:
      return fault(EventType::F_CD_FETCH);
    case Fetch::What::Descriptor:
      walk_->fail();
      return step();
  }
  return next_;
}

// What configuration makes wrong is always recorded, but for streams that are not there.
Translator::Next Translator::fault(EventType type) {
  record_.type = type;
  recorded_ = type != EventType::C_BAD_STREAMID || shared_.registers.get(Register::CR2, reg::cr2::RECINVSID) != 0;
  return next_ = Next::Fault;
}

}  // namespace staleline::smmu
