// SPDX-License-Identifier: Apache-2.0
// The translation table walk as a value that runs from one memory access to the next: it says which descriptor to read
// and is given its value (DDI 0487 D8.2). It touches no memory and allocates nothing.
#pragma once

#include <cstdint>
#include <optional>

#include "staleline/arm/translation.h"

namespace staleline::arm {

/// The descriptor that the walk needs. 8 bytes, little-endian (SCTLR_ELx.EE is not modelled).
struct DescriptorRead {
  PhysAddr address{};
  MemoryAttributes attributes{};  ///< final: a stage 1 descriptor's after stage 2
  std::uint8_t stage = 1;
  std::int8_t level = 0;
  InterAddr ipa{};  ///< stage 1: the descriptor's, equal to the address without stage 2; stage 2: what it translates
};

/// A hardware update of AF or dirty state: an atomic compare and swap of the 8 bytes.
struct DescriptorUpdate {
  PhysAddr address{};
  MemoryAttributes attributes{};
  std::uint64_t old_value = 0, new_value = 0;
  std::uint8_t stage = 1;
  std::int8_t level = 0;
};

/// A place between two levels of stage 1, for a walk cache.
struct WalkPoint {
  std::int8_t level = 0;          ///< of the descriptor to be read next
  std::uint64_t table = 0;        ///< base of that level's table: an IPA with stage 2 on, a PA else
  std::uint8_t hierarchical = 0;  ///< what the tables before said, bits 63:59 of their descriptors ORed, shifted down
  friend constexpr bool operator==(const WalkPoint&, const WalkPoint&) = default;
};

/// A stage 2 leaf as read, for a TLB of IPAs.
struct Stage2Leaf {
  std::uint64_t descriptor = 0;
  PhysAddr at{};  ///< where the descriptor is
  std::int8_t level = 3;
  std::uint64_t bytes = 0;  ///< that it maps, aligned
};

/// One stage's tables as its registers describe them.
struct WalkTables {
  Granule granule = Granule::K4;
  std::int8_t start = 0;  ///< the level of the first table
  std::uint8_t input_bits = 48, output_bits = 48;
  bool ds = false;                                         ///< 52-bit descriptors of 4KB and 16KB
  bool wide64 = false;                                     ///< 52-bit descriptors of 64KB
  bool ha = false, hd = false;                             ///< hardware writes AF, and dirty state
  bool ignore_hierarchical = false;                        ///< TCR_ELx.HPDn
  Shareability shareability = Shareability::NonShareable;  ///< of leaves with `ds`
  std::uint64_t base = 0;                                  ///< of the first table
  MemoryAttributes walk{};                                 ///< of reads, final but for stage 1 in front of stage 2
};

/// One walk.
///
///     TableWalk walk(registers, regime, va, request);
///     for (;;) switch (walk.next()) {
///       case Next::Read:   walk.supply(memory(walk.read().address)); break;
///       case Next::Update: walk.supply_update(compare_and_swap(walk.update())); break;
///       case Next::Done:   return walk.result();
///       case Next::Fault:  return walk.fault();
///     }
///
/// Every stage 1 descriptor's address, and the final IPA, go through stage 2 inside; stage 1 off, stage 2 off, both off
/// and HCR_EL2.DC end without a read where the architecture has none.
///
/// CONSTRAINED UNPREDICTABLE and IMPLEMENTATION DEFINED choices: a TxSZ out of range, or a VTCR_EL2.SL0 or SL2 that is
/// reserved or does not fit T0SZ, is a Translation fault at level 0; a reserved TGn is 4KB; a reserved IPS or PS is the
/// implemented size; address bits of a TTBR or descriptor below their alignment are ignored; the Contiguous bit never
/// faults and is ignored where its run is larger than the input range; neither a Permission nor an Alignment fault
/// sets AF; IC and DC fault alike at EL0; a fetch from Device memory does not fault; nT is ignored.
class TableWalk {
 public:
  enum class Next : std::uint8_t {
    Read,    ///< supply(value of read())
    Update,  ///< supply_update(value that was found)
    Stage2,  ///< with ask_stage2 only: supply_stage2(leaf of ipa()), or walk_stage2()
    Done,
    Fault,
  };
  /// From the translation tables' roots; from `from` where a walk cache has it (with this walk's ASID, VMID and VA).
  /// `ask_stage2`: stop at every IPA, so that the caller's TLB can answer.
  TableWalk(const TranslationRegisters& registers, Regime regime, VirtAddr va, const AccessRequest& request,
            const std::optional<WalkPoint>& from = std::nullopt, bool ask_stage2 = false);

  [[nodiscard]] Next next() const { return next_; }
  /// In Read.
  [[nodiscard]] const DescriptorRead& read() const { return read_; }
  /// In Update.
  [[nodiscard]] const DescriptorUpdate& update() const { return update_; }
  /// In Stage2: the IPA that stage 2 must translate.
  [[nodiscard]] InterAddr ipa() const { return stage2_.ipa; }
  /// In Done; the regime, the stages and their granules before, too.
  [[nodiscard]] const TranslationResult& result() const { return result_; }
  /// In Fault.
  [[nodiscard]] const TranslationFault& fault() const { return fault_; }

  void supply(std::uint64_t descriptor);
  /// `found`: what the compare and swap saw. Another value than the old one counts as the descriptor, read again.
  void supply_update(std::uint64_t found);
  void supply_stage2(const Stage2Leaf& leaf);
  void walk_stage2();
  /// In Read or Update: the access failed. In Update a type of UnsupportedUpdate or ExternalOnWalk.
  void fail(TranslationFaultType type = TranslationFaultType::ExternalOnWalk);

  /// Where stage 1 stands, once the level before is known: for a walk cache. Empty before the first descriptor, with
  /// stage 1 off and after the leaf.
  [[nodiscard]] const std::optional<WalkPoint>& point() const { return point_; }
  /// The latest stage 2 leaf; meaningful once stage 2 translated something.
  [[nodiscard]] const Stage2Leaf& stage2_leaf() const { return stage2_.leaf; }

 private:
  enum class Purpose : std::uint8_t { Descriptor, DescriptorUpdate, Final };
  struct Stage2State {
    Purpose purpose = Purpose::Final;
    InterAddr ipa{};
    Stage2Leaf leaf{};  // its level and place are those of the walk until the leaf is found
  };

  void stage1_off();
  void read_stage1(std::uint64_t table);
  void stage1_descriptor(std::uint64_t descriptor);
  void stage1_leaf(std::uint64_t descriptor);
  void stage1_checked();
  void begin_stage2(std::uint64_t ipa, Purpose purpose);
  void read_stage2(std::uint64_t table);
  void stage2_descriptor(std::uint64_t descriptor);
  void use_stage2_leaf();
  void stage2_checked();
  void finish();
  void fault1(TranslationFaultType type, int level, bool of_write = false);
  void fault2(TranslationFaultType type, int level, bool of_write = false);

  TranslationRegisters r_;
  VirtAddr va_;
  AccessRequest request_;
  Next next_ = Next::Fault;
  bool ask_stage2_ = false, stage2_configured_ = false;
  std::int8_t level1_ = 0;
  std::uint8_t hierarchical_ = 0;
  WalkTables t1_{}, t2_{};
  Stage2State stage2_{};
  DescriptorRead read_{};
  DescriptorUpdate update_{}, pending1_{};
  TranslationResult result_{};
  TranslationFault fault_{};
  std::optional<WalkPoint> point_;
};

}  // namespace staleline::arm
