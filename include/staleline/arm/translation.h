// SPDX-License-Identifier: Apache-2.0
// What a translation depends on and what comes of it: regimes, the registers as they stand in force, the access that
// asks, the result and the fault (DDI 0487 D8).
#pragma once

#include <cstdint>
#include <optional>

#include "staleline/arm/address.h"
#include "staleline/arm/attributes.h"
#include "staleline/arm/combine.h"
#include "staleline/arm/granule.h"
#include "staleline/arm/mair.h"
#include "staleline/arm/stage1.h"
#include "staleline/arm/tlbi.h"

namespace staleline::arm {

/// Stage 1 of EL1&0 (with stage 2 behind it), EL2, and EL2&0 (HCR_EL2.E2H).
enum class Regime : std::uint8_t { EL10, EL2, EL20 };

/// FEAT_HAFDBS: what hardware may write into descriptors.
enum class HardwareUpdate : std::uint8_t { None, AccessFlag, AccessFlagAndDirty };

/// What the PE (or SMMU) implements. All granules are.
struct TranslationFeatures {
  std::uint8_t pa_bits = 48;  ///< ID_AA64MMFR0_EL1.PARange; 52 is FEAT_LPA
  bool lva = true;            ///< 52 bit VA with 64KB
  bool lpa2 = true;           ///< TCR_ELx.DS and VTCR_EL2.DS: 52 bits with 4KB and 16KB
  HardwareUpdate hafdbs = HardwareUpdate::AccessFlagAndDirty;
  bool xnx = true;     ///< stage 2 XN[1:0] apart for EL1 and EL0
  bool ttst = true;    ///< small tables: TxSZ up to 48 (47 with 64KB) instead of 39
  bool hpds = true;    ///< TCR_ELx.HPDn
  bool e0pd = true;    ///< TCR_ELx.E0PDn
  bool pan3 = true;    ///< SCTLR_ELx.EPAN
  bool pauth = true;   ///< TCR_ELx.TBIDn
  bool asid16 = true;  ///< TCR_ELx.AS
  bool vmid16 = true;  ///< VTCR_EL2.VS
  AttributeFeatures attributes{};
};

/// The registers of one regime in force, raw. Of EL2 only `ttbr0` counts, and stage 2 stands behind EL10 only.
struct TranslationRegisters {
  std::uint64_t sctlr = 0, tcr = 0, ttbr0 = 0, ttbr1 = 0, mair = 0;  ///< SCTLR_ELx ... MAIR_ELx of the regime
  std::uint64_t hcr = 0, vtcr = 0, vttbr = 0;                        ///< HCR_EL2, VTCR_EL2, VTTBR_EL2
  bool el2_enabled = true;  ///< without, `hcr`, `vtcr` and `vttbr` are as if zero
  TranslationFeatures features{};
};

/// The regime that translates for `el` (0, 1 or 2) under HCR_EL2.
[[nodiscard]] Regime regime_of(unsigned el, std::uint64_t hcr, bool el2_enabled = true);
/// The regime whose entries a TLBI means under HCR_EL2; empty for EL3.
[[nodiscard]] std::optional<Regime> regime_of(const Tlbi& t, std::uint64_t hcr);

/// Who asks, for what. An access that its own stage of translation does not know, such as AT, is its Read or Write.
struct AccessRequest {
  enum class Kind : std::uint8_t {
    Read,
    Write,
    ReadWrite,  ///< an atomic: needs both
    Fetch,
    Clean,       ///< DC and IC by VA that write nothing: privileged never lacks permission, EL0 needs to read
    Invalidate,  ///< DC IVAC: needs to write, makes nothing dirty
  };
  Kind kind = Kind::Read;
  bool privileged = true;    ///< EL1 or EL2, and not LDTR or STTR
  bool pan = false;          ///< PSTATE.PAN
  bool aligned = true;       ///< to its size: Device memory faults else
  bool zero = false;         ///< DC ZVA: Device memory faults
  bool stage1_only = false;  ///< AT S1*: stage 2 translates the table walk only; the result's `pa` is the IPA
  bool no_update =
      false;  ///< AT, prefetch: neither AF nor dirty state is written; AF clear is no fault where HA is set
};
[[nodiscard]] constexpr AccessKind attribute_kind(AccessRequest::Kind k) {
  return k == AccessRequest::Kind::Fetch ? AccessKind::Fetch : AccessKind::Data;
}
[[nodiscard]] constexpr bool writes(AccessRequest::Kind k) {
  return k == AccessRequest::Kind::Write || k == AccessRequest::Kind::ReadWrite;
}

/// What one stage allows. Stage 2 has one read and one write permission for both levels.
struct Permissions {
  bool privileged_read = true, privileged_write = true, privileged_execute = true;
  bool unprivileged_read = true, unprivileged_write = true, unprivileged_execute = true;
  friend constexpr bool operator==(const Permissions&, const Permissions&) = default;
};

/// A translation: enough for a TLB entry to answer any later access without the tables.
struct TranslationResult {
  Regime regime = Regime::EL10;
  PhysAddr pa{};
  InterAddr ipa{};                      ///< what stage 1 gave; equal to `pa` without stage 2
  MemoryAttributes attributes{};        ///< final, of this access: both stages, caches on or off
  std::uint64_t bytes = 0;              ///< the aligned block around the VA that the descriptors read map alike
  std::uint64_t contiguous_bytes = 0;   ///< what a TLB may hold in one entry by the Contiguous bits; >= bytes
  bool stage1 = false, stage2 = false;  ///< which stages translated
  bool global = true;                   ///< nG clear, or no stage 1
  std::uint16_t asid = 0, vmid = 0;     ///< in force
  std::int8_t level1 = 0, level2 = 0;
  Granule granule1 = Granule::K4, granule2 = Granule::K4;
  bool upper = false;  ///< TTBR1_ELx
  bool contiguous1 = false, contiguous2 = false;
  Permissions permissions1{}, permissions2{};  ///< before PSTATE.PAN
  /// Writable only once hardware has made the descriptor dirty: a write must walk again (see needs_walk).
  bool clean1 = false, clean2 = false;
  MemoryAttributes leaf1{};  ///< of the stage 1 descriptor, before SCTLR_ELx.{C,I}; meaningless without stage 1
  Stage2 leaf2{};            ///< of the stage 2 descriptor; its cache_off has no meaning here
  bool accessed = true;      ///< AF is set in the leaves; clear (after no_update only) no TLB may hold the translation
  bool xs_off = false;       ///< stage 2 FnXS
};

enum class TranslationFaultType : std::uint8_t {
  Translation,
  AddressSize,
  AccessFlag,
  Permission,
  Alignment,             ///< of Device memory
  ExternalOnWalk,        ///< a descriptor could not be read
  UnsupportedUpdate,     ///< memory that cannot do the atomic update of a descriptor
  External,              ///< of the access itself; no walk makes it
  TlbConflict,           ///< no walk makes it
  UnsupportedExclusive,  ///< no walk makes it
};
struct TranslationFault {
  TranslationFaultType type = TranslationFaultType::Translation;
  std::uint8_t stage = 1;
  std::int8_t level = 0;     ///< -1 to 3; no meaning for Alignment, UnsupportedUpdate, External and what follows
  bool s1ptw = false;        ///< a stage 2 fault of a stage 1 descriptor
  bool write = false;        ///< WnR of a data abort: it is the write that lacks permission
  bool maintenance = false;  ///< CM: of a DC or IC
  bool fetch = false;        ///< an Instruction Abort
  bool privileged = true;
  VirtAddr va{};
  InterAddr ipa{};  ///< of a stage 2 fault
  friend constexpr bool operator==(const TranslationFault&, const TranslationFault&) = default;
};

/// The final attributes of an access of `kind` through a translation that is held: SCTLR_ELx.{C,I} and
/// HCR_EL2.{CD,ID,DC,DCT} are those of `r`.
[[nodiscard]] MemoryAttributes attributes_of(const TranslationResult& t, const TranslationRegisters& r,
                                             AccessKind kind);
/// The fault that an access through a translation that is held takes: permissions, alignment, TCR_ELx.E0PD.
[[nodiscard]] std::optional<TranslationFault> access_fault(const TranslationResult& t, const TranslationRegisters& r,
                                                           VirtAddr va, const AccessRequest& request);
/// True where a held translation does not do for an access that may make a descriptor dirty.
[[nodiscard]] constexpr bool needs_walk(const TranslationResult& t, const AccessRequest& request) {
  return writes(request.kind) && !request.no_update && (t.clean1 || t.clean2);
}

/// True for the half of TTBR1_ELx. The EL2 regime has one half.
[[nodiscard]] constexpr bool upper_half(VirtAddr va, Regime regime) {
  return regime != Regime::EL2 && (va.value >> 55 & 1) != 0;
}
/// `va` without the tag that TCR_ELx.TBI lets pass: bits 63:56 become copies of bit 55 (zero for EL2). What TLBs
/// compare.
[[nodiscard]] VirtAddr without_tag(VirtAddr va, const TranslationRegisters& r, Regime regime, bool fetch);
/// The ASID in force: of TTBR0 or TTBR1 by TCR_ELx.A1, 8 or 16 bits; 0 for EL2.
[[nodiscard]] std::uint16_t asid_of(const TranslationRegisters& r, Regime regime);
/// The VMID in force: of VTTBR_EL2 for EL1&0 with EL2 enabled, 8 or 16 bits; 0 else.
[[nodiscard]] std::uint16_t vmid_of(const TranslationRegisters& r, Regime regime);
/// Whether each stage translates (DDI 0487 D8.2; HCR_EL2.{VM,DC,TGE}, SCTLR_ELx.M).
[[nodiscard]] bool stage1_on(const TranslationRegisters& r, Regime regime);
[[nodiscard]] bool stage2_on(const TranslationRegisters& r, Regime regime);

}  // namespace staleline::arm
