// SPDX-License-Identifier: Apache-2.0
// Start levels, address sizes and table bases (DDI 0487 D8.2).
#include "walk_registers.h"

#include <algorithm>
#include <array>

#include "staleline/arm/controls.h"
#include "staleline/arm/descriptor.h"
#include "staleline/arm/shareability.h"

namespace staleline::arm {

namespace {

constexpr std::uint64_t field(std::uint64_t value, unsigned low, unsigned width) {
  return value >> low & ((std::uint64_t{1} << width) - 1);
}
constexpr bool bit(std::uint64_t value, unsigned n) { return (value >> n & 1) != 0; }

// TG0 and TG1 number the granules differently; the value that each leaves over is taken as 4KB.
Granule granule_of(std::uint64_t tg, bool upper) {
  constexpr std::array<Granule, 4> tg0{Granule::K4, Granule::K64, Granule::K16, Granule::K4};
  constexpr std::array<Granule, 4> tg1{Granule::K4, Granule::K16, Granule::K4, Granule::K64};
  return (upper ? tg1 : tg0)[tg];
}

// IPS and PS. Only 64KB tables and DS reach above 48 bits.
unsigned address_bits(std::uint64_t ps, Granule g, bool ds, unsigned implemented) {
  constexpr std::array<std::uint8_t, 8> sizes{32, 36, 40, 42, 44, 48, 52, 52};
  const unsigned most = g == Granule::K64 || ds ? implemented : std::min(48u, implemented);
  return std::min<unsigned>(sizes[ps], most);
}

unsigned largest_txsz(Granule g, const TranslationFeatures& f) { return !f.ttst ? 39 : g == Granule::K64 ? 47 : 48; }

// A table is aligned to its size; 52-bit bases keep their upper bits in TTBR[5:2].
std::uint64_t base_of(std::uint64_t ttbr, const WalkTables& t, bool wide) {
  std::uint64_t bytes = root_bytes(t.granule, t.start, t.input_bits);
  std::uint64_t base = field(ttbr, 1, 47) << 1;
  if (wide) {
    bytes = std::max<std::uint64_t>(bytes, 64);
    base = field(ttbr, 6, 42) << 6 | field(ttbr, 2, 4) << 48;
  }
  return base & ~(bytes - 1);
}

// SL0 and SL2 of VTCR_EL2; empty where reserved for the granule or beyond what the PA size allows.
std::optional<int> stage2_start(Granule g, bool ds, std::uint64_t vtcr, const TranslationFeatures& f) {
  const auto sl0 = static_cast<int>(field(vtcr, 6, 2));
  const unsigned pa_bits = f.pa_bits;
  switch (g) {
    case Granule::K4:
      if (ds && bit(vtcr, 33)) return sl0 == 0 && pa_bits >= 52 ? std::optional(-1) : std::nullopt;
      if (sl0 == 3) return f.ttst ? std::optional(3) : std::nullopt;
      return sl0 == 2 && pa_bits < 44 ? std::nullopt : std::optional(2 - sl0);
    case Granule::K16:
      if ((sl0 == 3 && (!ds || pa_bits < 52)) || (sl0 == 2 && pa_bits < 42)) return std::nullopt;
      return 3 - sl0;
    case Granule::K64:
      if (sl0 == 3 || (sl0 == 2 && pa_bits < 44)) return std::nullopt;
      return 3 - sl0;
  }
  return std::nullopt;
}

}  // namespace

std::optional<WalkTables> stage1_tables(const TranslationRegisters& r, Regime regime, bool upper, bool behind_stage2) {
  const TranslationFeatures& f = r.features;
  const bool el2 = regime == Regime::EL2;
  const unsigned half = upper ? 16 : 0;
  if (!el2 && bit(r.tcr, upper ? 23 : 7)) return std::nullopt;  // EPDn

  WalkTables t;
  t.granule = granule_of(field(r.tcr, upper ? 30 : 14, 2), upper);
  t.ds = f.lpa2 && t.granule != Granule::K64 && bit(r.tcr, el2 ? 32 : 59);
  t.wide64 = t.granule == Granule::K64 && f.pa_bits >= 52;
  const auto txsz = static_cast<unsigned>(field(r.tcr, half, 6));
  const bool large = t.ds || (t.granule == Granule::K64 && f.lva);
  if (txsz < (large ? 12u : 16u) || txsz > largest_txsz(t.granule, f)) return std::nullopt;

  const std::uint64_t ps = field(r.tcr, el2 ? 16 : 32, 3);
  t.input_bits = static_cast<std::uint8_t>(64 - txsz);
  t.output_bits = static_cast<std::uint8_t>(address_bits(ps, t.granule, t.ds, f.pa_bits));
  t.start = static_cast<std::int8_t>(start_level(t.granule, t.input_bits));
  t.ha = f.hafdbs != HardwareUpdate::None && bit(r.tcr, el2 ? 21 : 39);
  t.hd = t.ha && f.hafdbs == HardwareUpdate::AccessFlagAndDirty && bit(r.tcr, el2 ? 22 : 40);
  t.ignore_hierarchical = f.hpds && bit(r.tcr, el2 ? 24 : upper ? 42 : 41);
  t.base = base_of(upper ? r.ttbr1 : r.ttbr0, t, t.ds || (t.wide64 && ps == 6));

  const auto irgn = static_cast<std::uint8_t>(field(r.tcr, half + 8, 2));
  const auto orgn = static_cast<std::uint8_t>(field(r.tcr, half + 10, 2));
  t.shareability = taken_shareability(field(r.tcr, half + 12, 2));
  t.walk = walk_descriptor(irgn, orgn, t.shareability, system_control(r.sctlr).c);
  if (!behind_stage2) t.walk.shareability = effective_shareability(t.walk);
  return t;
}

std::optional<WalkTables> stage2_tables(const TranslationRegisters& r) {
  const TranslationFeatures& f = r.features;
  WalkTables t;
  t.granule = granule_of(field(r.vtcr, 14, 2), false);
  t.ds = f.lpa2 && t.granule != Granule::K64 && bit(r.vtcr, 32);
  t.wide64 = t.granule == Granule::K64 && f.pa_bits >= 52;
  const auto txsz = static_cast<unsigned>(field(r.vtcr, 0, 6));
  const unsigned most = t.granule == Granule::K64 || t.ds ? f.pa_bits : std::min<unsigned>(48, f.pa_bits);
  if (txsz < 64 - most || txsz > largest_txsz(t.granule, f)) return std::nullopt;
  const auto start = stage2_start(t.granule, t.ds, r.vtcr, f);
  if (!start) return std::nullopt;
  // The first level resolves at least one bit, and at most 16 tables lie side by side.
  const unsigned input = 64 - txsz, below = mapped_bits(t.granule, *start);
  if (input < below + 1 || input > below + level_bits(t.granule) + 4) return std::nullopt;

  const std::uint64_t ps = field(r.vtcr, 16, 3);
  t.start = static_cast<std::int8_t>(*start);
  t.input_bits = static_cast<std::uint8_t>(input);
  t.output_bits = static_cast<std::uint8_t>(address_bits(ps, t.granule, t.ds, f.pa_bits));
  t.ha = f.hafdbs != HardwareUpdate::None && bit(r.vtcr, 21);
  t.hd = t.ha && f.hafdbs == HardwareUpdate::AccessFlagAndDirty && bit(r.vtcr, 22);
  t.base = base_of(r.vttbr, t, t.ds || (t.wide64 && ps == 6));

  const auto irgn = static_cast<std::uint8_t>(field(r.vtcr, 8, 2));
  const auto orgn = static_cast<std::uint8_t>(field(r.vtcr, 10, 2));
  t.shareability = taken_shareability(field(r.vtcr, 12, 2));
  t.walk = walk_descriptor(irgn, orgn, t.shareability, !hypervisor_control(r.hcr).cd);
  t.walk.shareability = effective_shareability(t.walk);
  return t;
}

}  // namespace staleline::arm
