// SPDX-License-Identifier: Apache-2.0
// The state of a GICv2 (IHI 0048B) without the Security Extensions: a distributor, a CPU interface for each PE, and
// which PE is told of an interrupt.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

namespace staleline::gic {

/// Interrupt IDs: 0 to 15 SGIs, 16 to 31 PPIs (both of each PE its own), from 32 on SPIs.
using IntId = std::uint32_t;
inline constexpr IntId kFirstPpi = 16, kFirstSpi = 32, kSpurious = 1023, kOtherGroup = 1022;

/// What a CPU interface asks of its PE.
struct Pending {
  bool irq = false, fiq = false;
  friend bool operator==(const Pending&, const Pending&) = default;
};

/// Values are 32 bits; priorities have 5 bits, as in a GIC-400. Offsets that are no register read as zero and
/// ignore writes; so do accesses of other sizes than 4 bytes, and than 1 byte where IHI 0048B permits these.
class GicV2 {
 public:
  /// 1 to 8 PEs; SPIs up to `interrupts`, a multiple of 32 up to 992.
  explicit GicV2(unsigned pes, unsigned interrupts = 288);

  /// As the PE numbered `pe` sees them: GICD_* and GICC_* by offset.
  [[nodiscard]] std::uint32_t read_distributor(unsigned pe, std::uint64_t offset, std::uint8_t bytes) const;
  void write_distributor(unsigned pe, std::uint64_t offset, std::uint8_t bytes, std::uint32_t value);
  /// Reads of GICC_IAR and GICC_AIAR acknowledge.
  [[nodiscard]] std::uint32_t read_interface(unsigned pe, std::uint64_t offset, std::uint8_t bytes);
  void write_interface(unsigned pe, std::uint64_t offset, std::uint8_t bytes, std::uint32_t value);

  /// The wire of an SPI (`pe` is not looked at) or of a PPI of `pe`. Others are ignored.
  void set_line(unsigned pe, IntId id, bool level);
  [[nodiscard]] Pending pending(unsigned pe) const;

 private:
  /// One interrupt; of SGIs and PPIs one for each PE.
  struct Interrupt {
    bool enabled = false, active = false, group1 = false, edge = false;
    bool latched = false;       ///< pending, however the line is: an edge, or GICD_ISPENDR
    bool line = false;          ///< of a level-sensitive one: pending while it is high
    std::uint8_t sources = 0;   ///< SGI: the PEs that sent it
    std::uint8_t priority = 0;  ///< 0 is the highest
    std::uint8_t targets = 0;   ///< SPI: a bit for each PE
  };
  struct Interface {
    bool enable_group0 = false, enable_group1 = false, acknowledge_both = false, fiq = false, common_points = false;
    bool separate_deactivation = false;  ///< EOImode
    std::uint32_t bypass = 0;            ///< of CTLR, kept
    std::uint8_t mask = 0, point0 = 2, point1 = 3;
    std::array<std::uint32_t, 2> active_priorities{};  ///< of group 0 and 1: a bit for each priority
  };
  struct Candidate {
    IntId id = kSpurious;
    std::uint8_t priority = 0xff, source = 0;
    bool group1 = false;
  };

  [[nodiscard]] Interrupt& at(unsigned pe, IntId id) { return id < kFirstSpi ? own_[pe][id] : shared_[id - kFirstSpi]; }
  [[nodiscard]] const Interrupt& at(unsigned pe, IntId id) const {
    return id < kFirstSpi ? own_[pe][id] : shared_[id - kFirstSpi];
  }
  [[nodiscard]] bool is_pending(const Interrupt& i) const;
  [[nodiscard]] IntId count() const { return kFirstSpi + static_cast<IntId>(shared_.size()); }
  [[nodiscard]] std::uint32_t bit(unsigned pe, std::uint64_t offset, IntId id) const;
  void write_bit(unsigned pe, std::uint64_t offset, IntId id);
  [[nodiscard]] std::uint8_t byte(unsigned pe, std::uint64_t offset) const;
  void write_byte(unsigned pe, std::uint64_t offset, std::uint8_t value);
  void generate(unsigned pe, std::uint32_t value);

  /// The pending interrupt of the highest priority whose group both sides let through.
  [[nodiscard]] Candidate best(unsigned pe) const;
  [[nodiscard]] std::uint8_t group_priority(const Interface& c, std::uint8_t priority, bool group1) const;
  [[nodiscard]] std::uint8_t running(const Interface& c) const;
  [[nodiscard]] bool signalled(unsigned pe, const Candidate& c) const;
  std::uint32_t acknowledge(unsigned pe, bool group1_view);
  void end(unsigned pe, std::uint32_t value);
  void deactivate(unsigned pe, std::uint32_t value);

  std::vector<std::array<Interrupt, kFirstSpi>> own_;
  std::vector<Interrupt> shared_;
  std::vector<Interface> interfaces_;
  bool forward_group0_ = false, forward_group1_ = false;
};

}  // namespace staleline::gic
