// SPDX-License-Identifier: Apache-2.0
// One table of all TLBI instructions, built from what their names are made of.
#include "staleline/arm/tlbi.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace staleline::arm {

namespace {

struct Form {
  TlbiScope scope;
  std::uint8_t el;
  bool last_level, range;
};

constexpr std::array kForms{
    Form{TlbiScope::VMAll, 1, false, false}, Form{TlbiScope::VA, 1, false, false},
    Form{TlbiScope::ASID, 1, false, false},  Form{TlbiScope::VAA, 1, false, false},
    Form{TlbiScope::VA, 1, true, false},     Form{TlbiScope::VAA, 1, true, false},
    Form{TlbiScope::VA, 1, false, true},     Form{TlbiScope::VAA, 1, false, true},
    Form{TlbiScope::VA, 1, true, true},      Form{TlbiScope::VAA, 1, true, true},
    Form{TlbiScope::IPAS2, 1, false, false}, Form{TlbiScope::IPAS2, 1, true, false},
    Form{TlbiScope::IPAS2, 1, false, true},  Form{TlbiScope::IPAS2, 1, true, true},
    Form{TlbiScope::All, 1, false, false},   Form{TlbiScope::VMAllS12, 1, false, false},
    Form{TlbiScope::All, 2, false, false},   Form{TlbiScope::VA, 2, false, false},
    Form{TlbiScope::VA, 2, true, false},     Form{TlbiScope::VA, 2, false, true},
    Form{TlbiScope::VA, 2, true, true},      Form{TlbiScope::All, 3, false, false},
    Form{TlbiScope::VA, 3, false, false},    Form{TlbiScope::VA, 3, true, false},
    Form{TlbiScope::VA, 3, false, true},     Form{TlbiScope::VA, 3, true, true},
};
constexpr std::size_t kCount = kForms.size() * 3 * 2;

// Each form six times: local, IS, OS, then the same with nXS.
constexpr std::array<Tlbi, kCount> kAll = [] {
  std::array<Tlbi, kCount> all{};
  std::size_t n = 0;
  for (const Form& f : kForms) {
    for (const bool nxs : {false, true}) {
      for (const TlbiReach reach : {TlbiReach::Local, TlbiReach::InnerShareable, TlbiReach::OuterShareable}) {
        all[n++] = {f.scope, f.el, f.last_level, f.range, reach, nxs};
      }
    }
  }
  return all;
}();

struct Name {
  std::array<char, 15> text{};
  std::size_t size = 0;
  constexpr void add(std::string_view s) {
    for (const char c : s) text[size++] = c;
  }
};

constexpr std::string_view stem(TlbiScope scope) {
  constexpr std::array<std::string_view, 7> stems{"all", "vmall", "vmalls12", "asid", "va", "vaa", "ipas2"};
  return stems.at(static_cast<std::size_t>(scope));
}

constexpr std::array<Name, kCount> kNames = [] {
  std::array<Name, kCount> names{};
  for (std::size_t i = 0; i < kCount; ++i) {
    const Tlbi& t = kAll[i];
    Name& n = names[i];
    if (t.range) n.add("r");
    n.add(stem(t.scope));
    if (t.last_level) n.add("l");
    n.add(t.el == 1 ? "e1" : t.el == 2 ? "e2" : "e3");
    n.add(t.reach == TlbiReach::Local ? "" : t.reach == TlbiReach::InnerShareable ? "is" : "os");
    if (t.nxs) n.add("nxs");
  }
  return names;
}();

std::string_view view(const Name& n) { return {n.text.data(), n.size}; }

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// op2 of the forms by VA and of those that name a regime, a VM or an ASID.
std::uint8_t plain_op2(const Tlbi& t) {
  switch (t.scope) {
    case TlbiScope::All:
      return t.el == 1 ? 4 : 0;
    case TlbiScope::VMAll:
      return 0;
    case TlbiScope::VMAllS12:
      return 6;
    case TlbiScope::ASID:
      return 2;
    case TlbiScope::VA:
      return t.last_level ? 5 : 1;
    case TlbiScope::VAA:
      return t.last_level ? 7 : 3;
    case TlbiScope::IPAS2:
      break;
  }
  return 0;
}

constexpr std::uint64_t sign_extend(std::uint64_t value, unsigned top_bit) {
  const std::uint64_t sign = std::uint64_t{1} << top_bit;
  return (value ^ sign) - sign;
}

// The granule and the level of a hint; a level at which that granule has no leaf is no hint at all.
void apply_hint(TlbiOperand& o, unsigned tg, int level, bool lpa2) {
  if (tg == 0) return;
  const auto granule = static_cast<Granule>(tg - 1);
  const int lowest = granule == Granule::K4 ? (lpa2 ? 0 : 1) : granule == Granule::K16 ? (lpa2 ? 1 : 2) : 1;
  if (level < lowest) return;
  o.granule = granule;
  o.level = level;
}

}  // namespace

std::span<const Tlbi> all_tlbis() { return kAll; }

bool exists(const Tlbi& t) { return std::find(kAll.begin(), kAll.end(), t) != kAll.end(); }

std::string_view name_of(const Tlbi& t) {
  const auto* found = std::find(kAll.begin(), kAll.end(), t);
  return found == kAll.end() ? std::string_view{} : view(kNames.at(static_cast<std::size_t>(found - kAll.begin())));
}

std::optional<Tlbi> find_tlbi(std::string_view name) {
  for (std::size_t i = 0; i < kCount; ++i) {
    const std::string_view valid = view(kNames[i]);
    if (std::equal(valid.begin(), valid.end(), name.begin(), name.end(),
                   [](char a, char b) { return a == lower(b); })) {
      return kAll[i];
    }
  }
  return std::nullopt;
}

SysEncoding encode(const Tlbi& t) {
  SysEncoding e{.crn = static_cast<std::uint8_t>(t.nxs ? 9 : 8)};
  if (t.scope == TlbiScope::IPAS2) {
    e.op1 = 4;
    e.crm = t.reach == TlbiReach::InnerShareable ? 0 : 4;
    // Outer Shareable took the places around the older ones: op2 x00 and x11.
    const unsigned low = t.reach == TlbiReach::OuterShareable ? (t.range ? 3u : 0u) : (t.range ? 2u : 1u);
    e.op2 = static_cast<std::uint8_t>(low | (t.last_level ? 4u : 0u));
    return e;
  }
  constexpr std::array<std::uint8_t, 3> single{7, 3, 1}, range{6, 2, 5};
  e.op1 = static_cast<std::uint8_t>(t.el == 3 ? 6 : lowest_el(t) == 2 ? 4 : 0);
  e.crm = (t.range ? range : single).at(static_cast<std::size_t>(t.reach));
  e.op2 = plain_op2(t);
  return e;
}

std::optional<Tlbi> decode_tlbi(SysEncoding e) {
  const auto* found = std::find_if(kAll.begin(), kAll.end(), [e](const Tlbi& t) { return encode(t) == e; });
  return found == kAll.end() ? std::nullopt : std::optional(*found);
}

TlbiOperand decode_operand(const Tlbi& t, std::uint64_t xt, bool lpa2) {
  TlbiOperand o;
  if (!takes_operand(t)) return o;
  const bool ipa = t.scope == TlbiScope::IPAS2;
  if (t.scope == TlbiScope::ASID || t.scope == TlbiScope::VA) {
    // EL3 has no ASIDs; at EL2 the field counts with HCR_EL2.E2H only, which the reader knows.
    o.asid = static_cast<std::uint16_t>(t.el == 3 ? 0 : xt >> 48);
  }
  if (t.scope == TlbiScope::ASID) return o;
  if (!t.range) {
    const std::uint64_t address = (xt & 0xfff'ffff'ffff) << 12;
    o.first = ipa ? address : sign_extend(address, 55);
    o.bytes = 4096;
    const auto ttl = static_cast<unsigned>(xt >> 44 & 0xf);
    apply_hint(o, ttl >> 2, static_cast<int>(ttl & 3), lpa2);
    return o;
  }
  const auto tg = static_cast<unsigned>(xt >> 46 & 3), scale = static_cast<unsigned>(xt >> 44 & 3);
  if (tg == 0) {
    o.reserved = true;
    return o;
  }
  const auto granule = static_cast<Granule>(tg - 1);
  const unsigned shift = lpa2 ? 16 : page_bits(granule);
  const std::uint64_t base = (xt & 0x1f'ffff'ffff) << shift;
  o.first = ipa ? base : sign_extend(base, 36 + shift);
  o.bytes = ((xt >> 39 & 0x1f) + 1) << (5 * scale + 1) << page_bits(granule);
  o.granule = granule;
  if (const auto level = static_cast<int>(xt >> 37 & 3); level != 0) apply_hint(o, tg, level, lpa2);
  return o;
}

std::optional<std::uint64_t> encode_range(std::uint16_t asid, Granule granule, std::uint64_t address,
                                          std::uint64_t bytes, unsigned ttl, bool lpa2) {
  const unsigned shift = lpa2 ? 16 : page_bits(granule);
  if ((address & ((std::uint64_t{1} << shift) - 1)) != 0 || bytes == 0) return std::nullopt;
  const std::uint64_t pages = ((bytes - 1) >> page_bits(granule)) + 1;
  for (unsigned scale = 0; scale < 4; ++scale) {
    const std::uint64_t unit = std::uint64_t{1} << (5 * scale + 1);
    const std::uint64_t units = (pages + unit - 1) / unit;
    if (units > 32) continue;
    const std::uint64_t tg = static_cast<std::uint64_t>(granule) + 1;
    return std::uint64_t{asid} << 48 | tg << 46 | std::uint64_t{scale} << 44 | (units - 1) << 39 |
           std::uint64_t{ttl & 3} << 37 | (address >> shift & 0x1f'ffff'ffff);
  }
  return std::nullopt;
}

}  // namespace staleline::arm
