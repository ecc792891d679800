// SPDX-License-Identifier: Apache-2.0
// STE and CD as TCR, TTBR, VTCR and the rest.
#include "configuration.h"

#include "staleline/arm/controls.h"
#include "staleline/arm/descriptor.h"

namespace staleline::smmu {

using arm::smmu::Cd;
using arm::smmu::Ste;
using arm::smmu::SteConfig;
using arm::smmu::SteS1dss;
using arm::smmu::SteS1fmt;
using arm::smmu::SteStrw;

namespace {

constexpr unsigned kFewestBits = 16;  // 64 - 48
constexpr unsigned kMostUnused = 39;  // TxSZ without FEAT_TTST (IDR3.STT is 0)
constexpr std::uint8_t kOutputSize48 = 5;

constexpr std::uint64_t at(std::uint64_t value, unsigned low) { return value << low; }

bool input_size_valid(unsigned txsz) { return txsz >= kFewestBits && txsz <= kMostUnused; }

// The start level must fit the size: one bit at least, sixteen tables side by side at most.
bool stage2_valid(const Ste& s) {
  if (!s.s2aa64 || s.s2endi || s.s2s || s.s2ha || s.s2hd || s.s2tg == 3 || s.s2sl0 == 3) return false;
  if (!input_size_valid(s.s2t0sz) || s.s2ps > kOutputSize48) return false;
  const auto granule = s.s2tg == 0 ? arm::Granule::K4 : s.s2tg == 1 ? arm::Granule::K64 : arm::Granule::K16;
  const int start = (granule == arm::Granule::K4 ? 2 : 3) - s.s2sl0;
  const unsigned input = 64U - s.s2t0sz, below = arm::mapped_bits(granule, start);
  return input >= below + 1 && input <= below + arm::level_bits(granule) + 4;
}

bool stage1_valid(const Ste& s, const Limits& limits) {
  if (s.s1cd_max > limits.ssid_bits) return false;
  if (s.s1cd_max != 0 && (s.s1fmt > SteS1fmt::TwoLevel64K || s.s1dss > SteS1dss::Substream0)) return false;
  if (s.strw != SteStrw::NsEl1 && s.strw != SteStrw::El2) return false;
  return s.config != SteConfig::Nested || s.strw == SteStrw::NsEl1;
}

}  // namespace

arm::TranslationFeatures features() {
  arm::TranslationFeatures f;
  f.pa_bits = 48;
  f.lva = false;
  f.lpa2 = false;
  // AF clear is a fault; AFFD is made of HA without updates (see context_of).
  f.hafdbs = arm::HardwareUpdate::AccessFlag;
  f.ttst = false;
  f.pauth = false;
  f.pan3 = false;
  f.e0pd = true;
  return f;
}

bool is_valid(const Ste& s, const Limits& limits) {
  if (!s.v) return false;
  if (s.config < SteConfig::Bypass) return true;
  if (has_stage1(s) && (!limits.stage1 || !stage1_valid(s, limits))) return false;
  return !has_stage2(s) || (limits.stage2 && stage2_valid(s));
}

bool is_valid(const Cd& c, const Ste& s, const Limits& limits) {
  if (!c.v || !c.aa64 || c.endi || c.s || c.ha || c.hd || c.ips > kOutputSize48) return false;
  const bool one_half = s.strw == SteStrw::El2 && !limits.e2h;
  if (!c.epd0 && (c.tg0 == 3 || !input_size_valid(c.t0sz))) return false;
  return one_half || c.epd1 || (c.tg1 != 0 && input_size_valid(c.t1sz));
}

Context context_of(const Ste& s, const Cd* cd, const Limits& limits) {
  Context c;
  auto& r = c.registers;
  r.features = features();
  r.sctlr = arm::kSctlrC | arm::kSctlrI;
  const bool el2 = cd != nullptr && s.strw == SteStrw::El2;
  c.regime = !el2 ? arm::Regime::EL10 : limits.e2h ? arm::Regime::EL20 : arm::Regime::EL2;
  if (cd != nullptr) {
    r.sctlr |= arm::kSctlrM | at(cd->wxn, 19) | at(1, 23);  // SPAN set: PAN is a field, not set by exceptions
    r.mair = cd->mair;
    r.ttbr0 = cd->ttb0.value | at(cd->asid, 48);
    r.ttbr1 = cd->ttb1.value;
    r.tcr = at(cd->t0sz, 0) | at(cd->ir0, 8) | at(cd->or0, 10) | at(cd->sh0, 12) | at(cd->tg0, 14);
    if (c.regime == arm::Regime::EL2) {
      r.tcr |= at(cd->ips, 16) | at(cd->tbi0, 20) | at(cd->affd, 21) | at(cd->had0, 24);
    } else {
      r.tcr |= at(cd->epd0, 7) | at(cd->t1sz, 16) | at(cd->epd1, 23) | at(cd->ir1, 24) | at(cd->or1, 26) |
               at(cd->sh1, 28) | at(cd->tg1, 30) | at(cd->ips, 32) | at(1, 36) | at(cd->tbi0, 37) | at(cd->tbi1, 38) |
               at(cd->affd, 39) | at(cd->had0, 41) | at(cd->had1, 42) | at(cd->e0pd0, 55) | at(cd->e0pd1, 56);
    }
    c.ignore_access_flag = cd->affd;
  }
  if (c.regime == arm::Regime::EL20) r.hcr = at(1, 27) | at(1, 34);  // TGE, E2H
  if (c.regime == arm::Regime::EL10) {
    // The VMID tags stage 1 alone too.
    r.vttbr = s.s2ttb.value | at(s.s2vmid, 48);
    if (!has_stage2(s)) r.vttbr = at(s.s2vmid, 48);
    r.vtcr = at(1, 19);
  }
  if (has_stage2(s) && c.regime == arm::Regime::EL10) {
    r.hcr |= at(1, 0) | at(s.s2ptw, 2) | at(s.s2fwb, 46);
    r.vtcr |= at(s.s2t0sz, 0) | at(s.s2sl0, 6) | at(s.s2ir0, 8) | at(s.s2or0, 10) | at(s.s2sh0, 12) | at(s.s2tg, 14) |
              at(s.s2ps, 16) | at(s.s2affd, 21);
    c.ignore_access_flag = c.ignore_access_flag || s.s2affd;
  }
  return c;
}

}  // namespace staleline::smmu
