// SPDX-License-Identifier: Apache-2.0
// The random walk of the walker.
#include "random_tables.h"

#include <algorithm>
#include <array>

namespace random_tables {

using namespace staleline::arm;
using u64 = std::uint64_t;

namespace {

u64 set(u64 value, unsigned low, unsigned width, u64 to) {
  const u64 mask = ((u64{1} << width) - 1) << low;
  return (value & ~mask) | (to << low & mask);
}
u64 get(u64 value, unsigned low, unsigned width) { return value >> low & ((u64{1} << width) - 1); }

}  // namespace

u64 Generator::control(bool el2) {
  u64 tcr = bits(64);
  const auto txsz = [&] { return percent(4) ? bits(6) : percent(10) ? 12 + below(5) : 16 + below(32); };
  const u64 ps = percent(88) ? 5 + below(2) : bits(3);
  tcr = set(tcr, 0, 6, txsz());
  if (el2) {
    tcr = set(tcr, 16, 3, ps);
    tcr = set(tcr, 32, 1, percent(40));
    return tcr;
  }
  tcr = set(tcr, 16, 6, txsz());
  tcr = set(tcr, 32, 3, ps);
  tcr = set(tcr, 7, 1, percent(3));
  tcr = set(tcr, 23, 1, percent(3));
  tcr = set(tcr, 55, 2, percent(90) ? 0 : bits(2));
  return set(tcr, 59, 1, percent(40));
}

u64 Generator::stage2_control(const TranslationFeatures& f) {
  u64 vtcr = bits(64);
  vtcr = set(vtcr, 16, 3, percent(80) ? 5 + below(2) : bits(3));
  const bool ds = percent(40);
  vtcr = set(vtcr, 32, 1, ds);
  if (percent(4)) return vtcr;
  const u64 g = below(3);
  vtcr = set(vtcr, 14, 2, g == 0 ? (percent(90) ? 0 : 3) : g == 1 ? 2 : 1);
  const int page = 12 + 2 * static_cast<int>(g), stride = page - 3;
  const bool wide = f.lpa2 && ds && g != 2;
  const int lowest = g == 0 ? (wide && f.pa_bits >= 52 ? -1 : 0) : g == 1 && wide ? 0 : 1;
  const int start = lowest + static_cast<int>(below(static_cast<u64>(4 - lowest)));
  const int under = page + (3 - start) * stride;
  const int most = std::min<int>(under + stride + 4, wide || g == 2 ? f.pa_bits : std::min<int>(48, f.pa_bits));
  const int input = most <= under ? under + 1 : under + 1 + static_cast<int>(below(static_cast<u64>(most - under)));
  vtcr = set(vtcr, 0, 6, static_cast<u64>(64 - input));
  vtcr = set(vtcr, 33, 1, g == 0 && start == -1);
  const int sl = g == 0 ? (start == 3 ? 3 : start == -1 ? 0 : 2 - start) : 3 - start;
  return set(vtcr, 6, 2, static_cast<u64>(sl));
}

AccessRequest Generator::request() {
  using Kind = AccessRequest::Kind;
  constexpr std::array kinds{Kind::Read,  Kind::Read,  Kind::Write, Kind::Write,     Kind::ReadWrite,
                             Kind::Fetch, Kind::Fetch, Kind::Clean, Kind::Invalidate};
  AccessRequest q;
  q.kind = kinds[below(kinds.size())];
  q.privileged = percent(60);
  q.pan = percent(25);
  q.aligned = percent(80);
  q.zero = q.kind == Kind::Write && percent(10);
  q.no_update = percent(10);
  return q;
}

Case Generator::next() {
  Case c;
  TranslationRegisters& r = c.registers;
  TranslationFeatures& f = r.features;
  constexpr std::array<std::uint8_t, 10> sizes{48, 48, 48, 48, 52, 52, 52, 52, 44, 40};
  f.pa_bits = sizes[below(sizes.size())];
  f.lva = percent(80), f.lpa2 = percent(80), f.xnx = percent(80), f.ttst = percent(90), f.hpds = percent(80);
  f.e0pd = percent(80), f.pan3 = percent(80), f.pauth = percent(80), f.asid16 = percent(80), f.vmid16 = percent(80);
  f.hafdbs = static_cast<HardwareUpdate>(std::min<u64>(below(4), 2));
  f.attributes = {percent(70), percent(70), percent(30)};
  c.tame = percent(60);
  c.regime = static_cast<Regime>(percent(50) ? 0 : below(3));
  const bool el2 = c.regime == Regime::EL2;

  r.el2_enabled = percent(90);
  const bool on = percent(93);  // one call a statement: in this order, whatever the compiler
  r.sctlr = set(bits(64), 0, 1, on);
  r.sctlr = set(r.sctlr, 19, 1, percent(20));
  r.tcr = control(el2);
  constexpr std::array<std::uint8_t, 8> common{0xff, 0x44, 0x00, 0x04, 0x0c, 0xbb, 0xf4, 0xf0};
  for (unsigned i = 0; i < 8; ++i) r.mair = r.mair << 8 | (percent(30) ? bits(8) : common[below(common.size())]);
  r.hcr = bits(64);
  r.hcr = set(r.hcr, 0, 1, percent(65));
  r.hcr = set(r.hcr, 2, 1, percent(30));
  r.hcr = set(r.hcr, 12, 1, percent(5));
  r.hcr = set(r.hcr, 27, 1, percent(3));
  r.vtcr = stage2_control(f);
  if (c.tame) {
    f.hafdbs = HardwareUpdate::AccessFlagAndDirty;
    r.tcr |= u64{3} << (el2 ? 21 : 39);
    r.vtcr |= u64{3} << 21;
  }
  // Of stage 1 in front of stage 2, a root that stage 2 can translate.
  const unsigned ipa_bits = 64 - static_cast<unsigned>(get(r.vtcr, 0, 6));
  const unsigned root1 = std::min<unsigned>(c.tame ? 32 : 37, stage2_on(r, c.regime) ? ipa_bits : 48);
  const auto root = [&](unsigned width) {
    if (percent(c.tame ? 1 : 4)) return bits(64);
    const u64 high = bits(16) << 48;
    return high | (bits(width) & ~u64{0x3e});
  };
  r.ttbr0 = root(root1), r.ttbr1 = root(root1), r.vttbr = root(36);

  c.request = request();
  c.request.stage1_only = percent(6);
  const bool high = !el2 && percent(40);
  const unsigned input = std::min<unsigned>(55, 64 - static_cast<unsigned>(get(r.tcr, high ? 16 : 0, 6)));
  c.va = bits(percent(3) ? 64 : std::min<unsigned>(input, stage1_on(r, c.regime) ? 55 : percent(80) ? 33 : 55));
  if (high) c.va |= ~u64{0} << input;
  const unsigned tbi = el2 ? 20 : high ? 38 : 37;
  if (percent(get(r.tcr, tbi, 1) != 0 ? 50 : 2)) c.va = set(c.va, 56, 8, bits(8));
  return c;
}

u64 Generator::descriptor(const Case& c, unsigned stage, int level) {
  const TranslationRegisters& r = c.registers;
  const bool ds = stage == 2 ? get(r.vtcr, 32, 1) != 0 : get(r.tcr, c.regime == Regime::EL2 ? 32 : 59, 1) != 0;
  // Of stage 1 in front of stage 2, an address that stage 2 can translate.
  unsigned width = 40;
  if (stage == 1 && stage2_on(r, c.regime)) {
    width = std::min<unsigned>(40, 64 - static_cast<unsigned>(get(r.vtcr, 0, 6)));
  }
  u64 d = bits(64) & (u64{0xfff} | ~u64{0} << 50);
  if (percent(95)) d = set(d, 52, 12, bits(12) & bits(12) & bits(12));  // few hierarchical bits, little XN
  d |= bits(percent(c.tame ? 1 : 4) ? 50 : width) & ~u64{0xfff};
  // Upper address bits where a format has them low: mostly zero.
  if (percent(95)) {
    if (ds) d = set(d, 8, 2, 0);
    if (r.features.pa_bits >= 52) d = set(d, 12, 4, percent(90) ? 0 : 1);
  }
  d = set(d, 51, 1, percent(50));
  d = set(d, 10, 1, percent(c.tame && level < 3 ? 95 : 80));
  if (stage == 2) {
    d = set(d, 6, 1, percent(c.tame ? 98 : 80));
    if (percent(c.tame ? 85 : 50)) d = set(d, 2, 4, 0xf);
  }
  const auto kind = static_cast<unsigned>(below(c.tame ? 93 : 100));
  if (level == 3) return set(d, 0, 2, kind < 92 ? 3 : bits(2));
  return set(d, 0, 2, kind < 70 ? 3 : kind < 92 ? 1 : bits(2));
}

}  // namespace random_tables
