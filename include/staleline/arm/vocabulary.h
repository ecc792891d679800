// SPDX-License-Identifier: Apache-2.0
// The words that every room shares: effective memory class, shareability, cache
// maintenance operations and barriers, named as DDI 0487 names them.
#pragma once

#include <cstdint>
#include <string_view>

namespace staleline::arm {

/// The memory type that the memory system acts on, after both stages are combined
/// (DDI 0487 B2.7, D8.6). Ordered from the strictest to the most relaxed.
enum class MemoryClass : std::uint8_t {
  DevicenGnRnE,
  DevicenGnRE,
  DevicenGRE,
  DeviceGRE,
  NormalNC,
  NormalWT,
  NormalWB,
};

/// True for Normal Write-Through and Write-Back: the access may look up and allocate.
[[nodiscard]] constexpr bool is_cacheable(MemoryClass c) { return c >= MemoryClass::NormalWT; }
/// True for all four Device types.
[[nodiscard]] constexpr bool is_device(MemoryClass c) { return c <= MemoryClass::DeviceGRE; }
/// True where several accesses may be merged into one transaction (DDI 0487 B2.7.2, Gathering).
[[nodiscard]] constexpr bool may_gather(MemoryClass c) { return c >= MemoryClass::DeviceGRE; }

/// Shareability of a location (DDI 0487 B2.7.1).
enum class Shareability : std::uint8_t { NonShareable, InnerShareable, OuterShareable };

/// The shareability domain of a barrier (DDI 0487 C6.2, DMB/DSB CRm).
enum class BarrierDomain : std::uint8_t { NSH, ISH, OSH, SY };
/// The access types that a barrier orders: loads, stores or both.
enum class BarrierAccess : std::uint8_t { LD, ST, All };
enum class BarrierKind : std::uint8_t { DMB, DSB, ISB };

struct Barrier {
  BarrierKind kind = BarrierKind::DSB;
  BarrierDomain domain = BarrierDomain::SY;
  BarrierAccess access = BarrierAccess::All;
  friend constexpr bool operator==(Barrier, Barrier) = default;
};

/// Cache maintenance instructions (DDI 0487 C5.3, D7.5.9).
enum class CacheOp : std::uint8_t {
  DC_IVAC,
  DC_CVAC,
  DC_CVAU,
  DC_CVAP,
  DC_CIVAC,
  DC_ISW,
  DC_CSW,
  DC_CISW,
  DC_ZVA,
  IC_IALLU,
  IC_IALLUIS,
  IC_IVAU,
};

/// True where the operation takes a virtual address.
[[nodiscard]] constexpr bool is_by_va(CacheOp op) {
  return op <= CacheOp::DC_CIVAC || op == CacheOp::DC_ZVA || op == CacheOp::IC_IVAU;
}
/// True where the operation acts on instruction caches.
[[nodiscard]] constexpr bool is_instruction_side(CacheOp op) { return op >= CacheOp::IC_IALLU; }

/// The spelling of the architecture manual, such as "Device-nGnRnE", "Normal-NC".
[[nodiscard]] std::string_view name_of(MemoryClass c);
[[nodiscard]] std::string_view name_of(Shareability s);
/// Assembler spelling without the mnemonic, such as "ishst", "sy".
[[nodiscard]] std::string_view option_of(Barrier b);
/// Assembler spelling, such as "dc cvac", "ic ivau".
[[nodiscard]] std::string_view name_of(CacheOp op);

}  // namespace staleline::arm
