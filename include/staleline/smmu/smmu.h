// SPDX-License-Identifier: Apache-2.0
// An SMMUv3 between DMA engines and the interconnect: stream table, context descriptors, stages 1 and 2, command and
// event queues in memory, registers that a driver programs (IHI 0070). docs/smmu.md says what is modelled.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "staleline/arm/address.h"
#include "staleline/engine/component.h"
#include "staleline/event/event.h"
#include "staleline/interconnect/interconnect.h"
#include "staleline/mmu/tlb.h"
#include "staleline/pe/board.h"
#include "staleline/pe/pe.h"

namespace staleline::smmu {

using engine::Cycle;

struct Parameters {
  event::AgentId agent{};                     ///< the SMMU itself: whose reads, walks, commands and events they are
  arm::PhysAddr base{};                       ///< of the registers, two pages of 64 KiB
  bool coherent = true;                       ///< IDR0.COHACC: its own accesses may snoop
  std::uint8_t sid_bits = 16, ssid_bits = 8;  ///< IDR1.SIDSIZE, SSIDSIZE
  std::uint8_t command_queue_log2 = 19, event_queue_log2 = 19;  ///< IDR1.CMDQS, EVENTQS
  bool stage1 = true, stage2 = true;                            ///< IDR0.S1P, S2P
  bool broadcast = false;  ///< IDR0.BTM: obeys TLB maintenance of PEs unless CR2.PTM is set
  mmu::Tlb::Geometry tlb{512, 4};
  mmu::Tlb::Geometry walk_cache{16, 0};             ///< no entries: absent
  std::uint32_t ste_entries = 16, cd_entries = 16;  ///< of the configuration caches; 0: nothing is kept
  Cycle link_cycles = 8;                            ///< one way, device to SMMU; at least the lookahead of the platform
  Cycle translate_cycles = 2;                       ///< a TLB hit adds this
  /// The driver's stores to the registers (the PE sends, the SMMU receives), every CMD_SYNC that is done and every
  /// event record that is in memory (it sends).
  std::optional<event::EdgeId> doorbell{}, sync{}, record{};
};

/// A device behind the SMMU.
struct Device {
  event::AgentId agent{};
  std::uint32_t stream_id = 0;
  std::optional<std::uint32_t> substream_id{};
  bool coherent = false;   ///< its incoming attributes: Write-Back Inner Shareable, else Non-cacheable
  bool privileged = true;  ///< PnU of its accesses, unless STE.PRIVCFG says otherwise
};

class Smmu final : public engine::Component {
 public:
  Smmu(const Parameters& parameters, interconnect::Interconnect& interconnect, pe::Board& board);
  ~Smmu() override;
  Smmu(const Smmu&) = delete;
  Smmu& operator=(const Smmu&) = delete;

  [[nodiscard]] Cycle next() const override;
  void run(Cycle until) override;

  /// The port of a device: addresses are what the device says (an IOVA); IoRequest::snoop is not looked at, and
  /// IoRequest::tag is the source line for events. The SMMU tells the Read, Write and Fault events of the device. What
  /// it terminates completes with zeros, all else with the physical address. `client` belongs to another component.
  std::unique_ptr<interconnect::IoPort> attach(const Device& device, interconnect::IoClient& client);

  /// A write of a register before cycle 0, as firmware would have made it; it rings nothing.
  void preset(std::uint64_t offset, std::uint8_t bytes, std::uint64_t value);
  /// A register as it reads now, without time; for reports and tests.
  [[nodiscard]] std::uint64_t read_register(std::uint64_t offset, std::uint8_t bytes) const;

  struct Counters {
    std::uint64_t transactions = 0, terminated = 0;
    std::uint64_t tlb_misses = 0, walks = 0, descriptors = 0;
    std::uint64_t ste_fetches = 0, cd_fetches = 0;
    std::uint64_t commands = 0, records = 0, records_lost = 0;
  };
  [[nodiscard]] const Counters& counters() const;
  /// `ended` while nothing is under way or about to come: no command, record, translation or access, and no store of
  /// the driver that has rung and not arrived.
  [[nodiscard]] pe::Standing standing() const;

  class Core;

 private:
  std::unique_ptr<Core> core_;
};

}  // namespace staleline::smmu
