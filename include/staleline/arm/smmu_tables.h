// SPDX-License-Identifier: Apache-2.0
// SMMUv3 configuration in memory: Level 1 Stream Table Descriptors, Stream Table Entries, Level 1 Context
// Descriptors and Context Descriptors (IHI 0070 chapter 5). Secure fields are not described.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "staleline/arm/address.h"
#include "staleline/arm/smmu_fields.h"

namespace staleline::arm::smmu {

/// L1STD (IHI 0070 5.1).
struct L1StreamTableDescriptor {
  std::uint8_t span = 0;  ///< 0: invalid; else the level 2 array has 2^(span - 1) STEs
  PhysAddr l2_ptr{};
  friend bool operator==(const L1StreamTableDescriptor&, const L1StreamTableDescriptor&) = default;
};

/// STE.Config. Values below 4 but Abort are reserved and behave as Abort.
enum class SteConfig : std::uint8_t {
  Abort = 0,
  Bypass = 4,
  Stage1 = 5,
  Stage2 = 6,
  Nested = 7,
};
enum class SteStrw : std::uint8_t { NsEl1 = 0, El2 = 2 };
/// STE.S1DSS: what happens to a transaction without a SubstreamID where the stream has many.
enum class SteS1dss : std::uint8_t { Terminate = 0, Bypass = 1, Substream0 = 2 };
/// STE.S1Fmt.
enum class SteS1fmt : std::uint8_t { Linear = 0, TwoLevel4K = 1, TwoLevel64K = 2 };

/// STE (IHI 0070 5.2). Names are those of the specification in lower case.
struct Ste {
  bool v = false;
  SteConfig config = SteConfig::Abort;
  SteS1fmt s1fmt = SteS1fmt::Linear;
  PhysAddr s1_context_ptr{};  ///< an IPA where stage 2 translates
  std::uint8_t s1cd_max = 0;  ///< log2 of the CDs
  SteS1dss s1dss = SteS1dss::Terminate;
  std::uint8_t s1cir = 0, s1cor = 0;  ///< 0 Non-cacheable, 1 Write-Back read-allocate, 2 Write-Through, 3 Write-Back
  std::uint8_t s1csh = 0;
  bool dre = false;
  std::uint8_t cont = 0;
  bool dcp = false, ppar = false, mev = false;
  bool s2fwb = false, s1mpam = false, s1stalld = false;
  std::uint8_t eats = 0;
  SteStrw strw = SteStrw::NsEl1;
  std::uint8_t mem_attr = 0;  ///< as the stage 2 MemAttr[3:0] of a descriptor
  bool mtcfg = false;         ///< MemAttr replaces the incoming type
  std::uint8_t alloccfg = 0;
  std::uint8_t shcfg = 1;  ///< 0 Non-shareable, 1 as incoming, 2 Outer, 3 Inner Shareable
  std::uint8_t nscfg = 0;
  std::uint8_t privcfg = 0;  ///< 0 as incoming, 2 unprivileged, 3 privileged
  std::uint8_t instcfg = 0;  ///< 0 as incoming, 2 data, 3 instruction
  std::uint16_t s2vmid = 0;
  std::uint8_t s2t0sz = 0, s2sl0 = 0, s2ir0 = 0, s2or0 = 0, s2sh0 = 0, s2tg = 0, s2ps = 0;
  bool s2aa64 = false, s2endi = false, s2affd = false, s2ptw = false, s2hd = false, s2ha = false, s2s = false,
       s2r = false;
  PhysAddr s2ttb{};
  friend bool operator==(const Ste&, const Ste&) = default;
};
using SteWords = std::array<std::uint64_t, 8>;
inline constexpr std::uint64_t kSteBytes = 64;

/// L1CD (IHI 0070 5.3).
struct L1ContextDescriptor {
  bool v = false;
  PhysAddr l2_ptr{};
  friend bool operator==(const L1ContextDescriptor&, const L1ContextDescriptor&) = default;
};

/// CD (IHI 0070 5.4). The translation controls have the encodings of TCR_EL1.
struct Cd {
  std::uint8_t t0sz = 0, tg0 = 0, ir0 = 0, or0 = 0, sh0 = 0;
  bool epd0 = false, endi = false;
  std::uint8_t t1sz = 0, tg1 = 0, ir1 = 0, or1 = 0, sh1 = 0;
  bool epd1 = false, v = false;
  std::uint8_t ips = 0;
  bool affd = false, wxn = false, uwxn = false, tbi0 = false, tbi1 = false, pan = false, aa64 = false;
  bool hd = false, ha = false;
  bool s = false, r = false, a = false;  ///< stall, record, abort
  bool aset = false;                     ///< the ASID is not shared with PEs
  std::uint16_t asid = 0;
  bool nscfg0 = false, had0 = false, e0pd0 = false;
  PhysAddr ttb0{};  ///< an IPA where stage 2 translates
  bool nscfg1 = false, had1 = false, e0pd1 = false;
  PhysAddr ttb1{};
  std::uint64_t mair = 0, amair = 0;
  friend bool operator==(const Cd&, const Cd&) = default;
};
using CdWords = std::array<std::uint64_t, 8>;
inline constexpr std::uint64_t kCdBytes = 64;

/// Encoders set every field that a structure here has and leave all others zero; decoders ignore these.
/// decode(encode(x)) == x for every x whose values fit their fields.
[[nodiscard]] std::uint64_t encode(const L1StreamTableDescriptor& d);
[[nodiscard]] L1StreamTableDescriptor decode_l1_stream_table_descriptor(std::uint64_t word);
[[nodiscard]] SteWords encode(const Ste& ste);
[[nodiscard]] Ste decode_ste(const SteWords& words);
[[nodiscard]] std::uint64_t encode(const L1ContextDescriptor& d);
[[nodiscard]] L1ContextDescriptor decode_l1_context_descriptor(std::uint64_t word);
[[nodiscard]] CdWords encode(const Cd& cd);
[[nodiscard]] Cd decode_cd(const CdWords& words);

/// Every field of the structures above.
[[nodiscard]] std::span<const Field> ste_fields();
[[nodiscard]] std::span<const Field> cd_fields();

}  // namespace staleline::arm::smmu
