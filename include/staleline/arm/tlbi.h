// SPDX-License-Identifier: Apache-2.0
// TLB maintenance instructions: what each one invalidates, its name, its encoding, and its operand
// (DDI 0487 C5.5, D8.17; FEAT_TLBIOS, FEAT_TLBIRANGE, FEAT_TTL, FEAT_XS).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "staleline/arm/granule.h"

namespace staleline::arm {

enum class TlbiScope : std::uint8_t {
  All,       ///< all entries of the regime; ALLE1: stages 1 and 2 of EL1&0, every VMID
  VMAll,     ///< stage 1 of EL1&0, current VMID, every ASID
  VMAllS12,  ///< stages 1 and 2 of EL1&0, current VMID
  ASID,      ///< entries of an ASID that are not global
  VA,        ///< by VA, of an ASID or global
  VAA,       ///< by VA, every ASID
  IPAS2,     ///< stage 2 entries by IPA, current VMID: combined entries may stay
};
enum class TlbiReach : std::uint8_t { Local, InnerShareable, OuterShareable };

struct Tlbi {
  TlbiScope scope = TlbiScope::VMAll;
  std::uint8_t el = 1;      ///< whose regime: 1, 2 or 3
  bool last_level = false;  ///< entries of the last level only: walk caches may stay
  bool range = false;       ///< of TlbiOperand::bytes from its first address
  TlbiReach reach = TlbiReach::Local;
  bool nxs = false;  ///< completes without accesses that have the XS attribute
  friend constexpr bool operator==(const Tlbi&, const Tlbi&) = default;
};

/// Every TLBI, in a fixed order.
[[nodiscard]] std::span<const Tlbi> all_tlbis();
/// True for a combination of fields that the architecture has.
[[nodiscard]] bool exists(const Tlbi& t);
/// The assembler's operation, lower case: "vae1is", "ripas2le1osnxs". Empty where it does not exist.
[[nodiscard]] std::string_view name_of(const Tlbi& t);
/// The instruction of a name, in any letter case.
[[nodiscard]] std::optional<Tlbi> find_tlbi(std::string_view name);
/// True where the instruction reads Xt.
[[nodiscard]] constexpr bool takes_operand(const Tlbi& t) { return t.scope >= TlbiScope::ASID; }
/// The lowest Exception level that may execute it.
[[nodiscard]] constexpr unsigned lowest_el(const Tlbi& t) {
  const bool hypervisor = t.scope == TlbiScope::All || t.scope == TlbiScope::VMAllS12 || t.scope == TlbiScope::IPAS2;
  return t.el == 1 && hypervisor ? 2 : t.el;
}
/// What HCR_EL2.FB makes of an instruction at EL1: local becomes Inner Shareable.
[[nodiscard]] constexpr Tlbi force_broadcast(Tlbi t) {
  if (t.reach == TlbiReach::Local && lowest_el(t) == 1) t.reach = TlbiReach::InnerShareable;
  return t;
}

/// The SYS instruction that it is an alias of (op0 is 0b01).
struct SysEncoding {
  std::uint8_t op1 = 0, crn = 0, crm = 0, op2 = 0;
  friend constexpr bool operator==(SysEncoding, SysEncoding) = default;
};
/// `t` must exist.
[[nodiscard]] SysEncoding encode(const Tlbi& t);
[[nodiscard]] std::optional<Tlbi> decode_tlbi(SysEncoding e);

/// All fields in 32 bits, for events and messages; unpack_tlbi(pack(t)) == t.
[[nodiscard]] constexpr std::uint32_t pack(const Tlbi& t) {
  return static_cast<std::uint32_t>(t.scope) | std::uint32_t{t.el} << 3 | std::uint32_t{t.last_level} << 5 |
         std::uint32_t{t.range} << 6 | static_cast<std::uint32_t>(t.reach) << 7 | std::uint32_t{t.nxs} << 9;
}
[[nodiscard]] constexpr Tlbi unpack_tlbi(std::uint32_t packed) {
  return {.scope = static_cast<TlbiScope>(packed & 7),
          .el = static_cast<std::uint8_t>(packed >> 3 & 3),
          .last_level = (packed >> 5 & 1) != 0,
          .range = (packed >> 6 & 1) != 0,
          .reach = static_cast<TlbiReach>(packed >> 7 & 3),
          .nxs = (packed >> 9 & 1) != 0};
}

/// What Xt says. Fields that the instruction does not have are zero or empty.
struct TlbiOperand {
  std::uint16_t asid = 0;            ///< ASID, VA
  std::uint64_t first = 0;           ///< a VA (sign-extended from bit 55, of a range from its top bit) or an IPA
  std::uint64_t bytes = 0;           ///< entries that overlap first..first+bytes-1 are meant; a single address has 4096
  std::optional<Granule> granule{};  ///< only entries of this granule need go: TG of a range, or the hint of TTL
  std::optional<int> level{};        ///< only entries whose leaf is at this level need go: TTL
  /// A range with the reserved TG 0b00: nothing need be invalidated, which is what the model does.
  bool reserved = false;
  friend constexpr bool operator==(const TlbiOperand&, const TlbiOperand&) = default;
};
/// The operand of `t`. `lpa2` is TCR_ELx.DS or VTCR_EL2.DS of the regime: ranges then count from 64KB, and TTL knows
/// blocks at level 0 (4KB) and level 1 (16KB). Reserved TTL values are no hint.
[[nodiscard]] TlbiOperand decode_operand(const Tlbi& t, std::uint64_t xt, bool lpa2 = false);

/// Xt for `asid` and one address; `ttl` as in DDI 0487 (0: no hint).
[[nodiscard]] constexpr std::uint64_t encode_operand(std::uint16_t asid, std::uint64_t address, unsigned ttl = 0) {
  return std::uint64_t{asid} << 48 | std::uint64_t{ttl & 0xf} << 44 | (address >> 12 & 0xfff'ffff'ffff);
}
/// Xt of the smallest range that covers `bytes` (at least 1) from `address`, which must be aligned to the granule
/// (64KB with `lpa2`); empty where one instruction cannot: then the range starts too low or is too large.
[[nodiscard]] std::optional<std::uint64_t> encode_range(std::uint16_t asid, Granule granule, std::uint64_t address,
                                                        std::uint64_t bytes, unsigned ttl = 0, bool lpa2 = false);

}  // namespace staleline::arm
