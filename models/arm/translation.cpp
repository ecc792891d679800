// SPDX-License-Identifier: Apache-2.0
// What registers say before a walk, and what a held translation says to an access.
#include "staleline/arm/translation.h"

#include "permission.h"
#include "staleline/arm/alignment.h"
#include "staleline/arm/controls.h"
#include "staleline/arm/shareability.h"

namespace staleline::arm {

namespace {

constexpr bool bit(std::uint64_t value, unsigned n) { return (value >> n & 1) != 0; }
constexpr unsigned kE2H = 34, kTGE = 27, kEpan = 57;

// HCR_EL2 means EL1&0 only.
HypervisorControl hypervisor(const TranslationRegisters& r, Regime regime) {
  return regime == Regime::EL10 && r.el2_enabled ? hypervisor_control(r.hcr) : HypervisorControl{};
}

}  // namespace

Regime regime_of(unsigned el, std::uint64_t hcr, bool el2_enabled) {
  const bool e2h = el2_enabled && bit(hcr, kE2H);
  if (el >= 2) return e2h ? Regime::EL20 : Regime::EL2;
  return el == 0 && e2h && bit(hcr, kTGE) ? Regime::EL20 : Regime::EL10;
}

std::optional<Regime> regime_of(const Tlbi& t, std::uint64_t hcr) {
  if (t.el >= 3) return std::nullopt;
  const bool e2h = bit(hcr, kE2H);
  if (t.el == 2) return e2h ? Regime::EL20 : Regime::EL2;
  // The host with E2H and TGE maintains its own EL0 with the instructions of EL1.
  return lowest_el(t) == 1 && e2h && bit(hcr, kTGE) ? Regime::EL20 : Regime::EL10;
}

bool stage1_on(const TranslationRegisters& r, Regime regime) {
  const SystemControl s = system_control(r.sctlr);
  return regime == Regime::EL10 ? stage1_enabled_el10(s, r.el2_enabled, hypervisor(r, regime)) : s.m;
}

bool stage2_on(const TranslationRegisters& r, Regime regime) {
  return regime == Regime::EL10 && stage2_enabled_el10(r.el2_enabled, hypervisor(r, regime));
}

VirtAddr without_tag(VirtAddr va, const TranslationRegisters& r, Regime regime, bool fetch) {
  const bool upper = upper_half(va, regime);
  const unsigned tbi = regime == Regime::EL2 ? 20 : upper ? 38 : 37;
  const unsigned tbid = regime == Regime::EL2 ? 29 : upper ? 52 : 51;
  const bool data_only = r.features.pauth && bit(r.tcr, tbid);
  if (!bit(r.tcr, tbi) || (fetch && data_only)) return va;
  constexpr std::uint64_t tag = std::uint64_t{0xff} << 56;
  return {upper ? va.value | tag : va.value & ~tag};
}

std::uint16_t asid_of(const TranslationRegisters& r, Regime regime) {
  if (regime == Regime::EL2) return 0;
  const auto asid = static_cast<std::uint16_t>((bit(r.tcr, 22) ? r.ttbr1 : r.ttbr0) >> 48);
  return r.features.asid16 && bit(r.tcr, 36) ? asid : asid & 0xff;
}

std::uint16_t vmid_of(const TranslationRegisters& r, Regime regime) {
  if (regime != Regime::EL10 || !r.el2_enabled) return 0;
  const auto vmid = static_cast<std::uint16_t>(r.vttbr >> 48);
  return r.features.vmid16 && bit(r.vtcr, 19) ? vmid : vmid & 0xff;
}

MemoryAttributes attributes_of(const TranslationResult& t, const TranslationRegisters& r, AccessKind kind) {
  const SystemControl s = system_control(r.sctlr);
  const HypervisorControl h = hypervisor(r, t.regime);
  const bool fetch = kind == AccessKind::Fetch;
  MemoryAttributes a = t.stage1 ? stage1_access(t.leaf1, kind, fetch ? s.i : s.c) : mmu_off(kind, s.i, h.dc, h.dct);
  if (t.stage2) {
    Stage2 s2 = t.leaf2;
    s2.cache_off = fetch ? h.id : h.cd;
    a = through_stage2(a, s2, kind, r.features.attributes);
    if (t.xs_off) a.xs = false;
  }
  a.shareability = effective_shareability(a);
  return a;
}

bool lacks_stage1(const TranslationResult& t, const TranslationRegisters& r, const AccessRequest& q, bool& of_write) {
  of_write = false;
  if (!t.stage1) return false;
  Permissions p = t.permissions1;
  const bool privileged = q.privileged || t.regime == Regime::EL2;
  const bool data = q.kind == AccessRequest::Kind::Read || writes(q.kind);
  if (q.pan && privileged && data && t.regime != Regime::EL2) {
    const bool epan = r.features.pan3 && bit(r.sctlr, kEpan);
    if (p.unprivileged_read || (epan && p.unprivileged_execute)) p.privileged_read = p.privileged_write = false;
  }
  return lacks(p, q.kind, privileged, of_write);
}

bool lacks_stage2(const TranslationResult& t, const AccessRequest& q, bool& of_write) {
  of_write = false;
  return t.stage2 && lacks(t.permissions2, q.kind, q.privileged, of_write);
}

bool misaligned_stage1(const TranslationResult& t, const TranslationRegisters& r, const AccessRequest& q) {
  if (q.aligned && !q.zero) return false;
  const SystemControl s = system_control(r.sctlr);
  const HypervisorControl h = hypervisor(r, t.regime);
  const AccessKind kind = attribute_kind(q.kind);
  return stage1_alignment_fault(shape_of(q), t.stage1 ? t.leaf1 : mmu_off(kind, s.i, h.dc, h.dct));
}

bool misaligned_stage2(const TranslationResult& t, const AccessRequest& q) {
  if (!t.stage2 || (q.aligned && !q.zero)) return false;
  MemoryAttributes type;  // Device
  if (!stage2_device_walk(t.leaf2.memattr, t.leaf2.fwb)) type.type = MemoryType::Normal;
  return stage2_alignment_fault(shape_of(q), type);
}

bool unprivileged_barred(const TranslationRegisters& r, Regime regime, bool upper, const AccessRequest& q) {
  return r.features.e0pd && regime != Regime::EL2 && !q.privileged && bit(r.tcr, upper ? 56 : 55);
}

TranslationFault make_fault(TranslationFaultType type, unsigned stage, int level, VirtAddr va, const AccessRequest& q) {
  using Kind = AccessRequest::Kind;
  return {.type = type,
          .stage = static_cast<std::uint8_t>(stage),
          .level = static_cast<std::int8_t>(level),
          .write = q.kind == Kind::Write,
          .maintenance = q.kind == Kind::Clean || q.kind == Kind::Invalidate,
          .fetch = q.kind == Kind::Fetch,
          .privileged = q.privileged,
          .va = va};
}

std::optional<TranslationFault> access_fault(const TranslationResult& t, const TranslationRegisters& r, VirtAddr va,
                                             const AccessRequest& q) {
  using Type = TranslationFaultType;
  bool of_write = false;
  if (t.stage1 && unprivileged_barred(r, t.regime, t.upper, q)) return make_fault(Type::Translation, 1, 0, va, q);
  if (misaligned_stage1(t, r, q)) return make_fault(Type::Alignment, 1, t.level1, va, q);
  if (lacks_stage1(t, r, q, of_write)) {
    TranslationFault f = make_fault(Type::Permission, 1, t.level1, va, q);
    f.write |= of_write;
    return f;
  }
  if (!t.stage2) return std::nullopt;
  std::optional<TranslationFault> f;
  if (misaligned_stage2(t, q)) {
    f = make_fault(Type::Alignment, 2, t.level2, va, q);
  } else if (lacks_stage2(t, q, of_write)) {
    f = make_fault(Type::Permission, 2, t.level2, va, q);
    f->write |= of_write;
  } else {
    return std::nullopt;
  }
  f->ipa = {(t.ipa.value & ~(t.bytes - 1)) | (va.value & (t.bytes - 1))};
  return f;
}

}  // namespace staleline::arm
