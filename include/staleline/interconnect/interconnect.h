// SPDX-License-Identifier: Apache-2.0
// The coherent interconnect: home of every line (one transaction a line at a time), snoop filter,
// shared cache levels, and the memory behind them. DMA engines enter through IoPort. One cluster of up
// to 64 PEs; several coherent clusters are not modelled yet.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/cache/message.h"
#include "staleline/cache/private_caches.h"
#include "staleline/engine/component.h"

namespace staleline::interconnect {

using engine::Cycle;

/// A cache level that all PEs share, from the PEs towards memory.
struct SharedLevel {
  cache::Level geometry{};
  event::CacheRef::Level name = event::CacheRef::Level::Shared;
  /// True: a memory-side cache below the Point of Coherency; every access goes through it, so it
  /// can never hold anything incoherent and maintenance to PoC stops above it.
  bool below_poc = false;
};

struct Parameters {
  std::vector<SharedLevel> shared{};        ///< may be empty
  Cycle link_cycles = 8;                    ///< one way, PE or device to home; bounds the run-ahead window
  Cycle snoop_cycles = 8;                   ///< one way, home to a snooped PE
  Cycle home_occupancy_cycles = 2;          ///< how long one request occupies the home pipeline
  Cycle memory_cycles = 120;                ///< DRAM access latency
  Cycle memory_occupancy_cycles = 6;        ///< how long one 64-byte line occupies the DRAM channel
  std::uint32_t memory_channels = 1;        ///< interleaved by line
  std::uint32_t memory_writes_queued = 32;  ///< a channel: what writes more has to wait
  std::uint32_t io_in_flight = 64;          ///< requests of one device port on their way; more wait in the port
  std::uint32_t snoop_filter_lines = 0;     ///< 0: exact and unbounded; else it back-invalidates
  bool idc = false;                         ///< CTR_EL0.IDC: L1I fills snoop the L1Ds
  bool dic = false;                         ///< CTR_EL0.DIC: stores invalidate the L1Is; implies that fills snoop
  using Quirks = cache::Quirks;
  Quirks quirks{};
};

/// One transfer of a device, at most one line and never across a line.
struct IoRequest {
  bool write = false;
  bool snoop = false;  ///< true: IO-coherent (ACE-Lite, RN-I); false: goes past every cache
  arm::PhysAddr address{};
  std::uint8_t size = 64;  ///< 1 to 64
  std::array<std::uint8_t, 64> data{};
  std::uint32_t tag = 0;
  bool failed = false;  ///< out: an external abort; what was read is zero
};

class IoClient {
 public:
  virtual ~IoClient() = default;
  /// Broadcast TLB maintenance, where the port listens to it: as cache::Client::tlb_maintenance.
  virtual cache::Answer tlb_maintenance(const cache::TlbMaintenance&, Cycle) { return cache::Answer::Now; }
  virtual void completed(const IoRequest& r, Cycle at) = 0;
};

/// Where a device meets the interconnect. One per device component.
class IoPort {
 public:
  virtual ~IoPort() = default;
  /// Takes `r` at `now`; IoClient::completed is called from deliver() when it is done (a write is done
  /// when every later observer sees it). Requests of one port are performed in order.
  virtual void access(Cycle now, const IoRequest& r) = 0;
  [[nodiscard]] virtual Cycle next() const = 0;
  virtual void deliver(Cycle now) = 0;
  /// How many requests were taken and not completed: a device that offers more than the port performs holds back.
  [[nodiscard]] virtual std::size_t outstanding() const = 0;
  /// From now on the device takes part in broadcast TLB maintenance (DVM). Before cycle 0.
  virtual void listen_to_tlb_maintenance() = 0;
  /// The answer to an IoClient::tlb_maintenance that returned Later.
  virtual void answer_tlb_maintenance(Cycle now, std::uint32_t ticket) = 0;
};

/// An access to a range of addresses that belongs to a target, at most one line and never across a line.
struct TargetRequest {
  bool write = false;
  std::uint8_t size = 4;    ///< 1 to 64
  std::uint8_t source = 0;  ///< the PE's number, or 64 and more: a device
  arm::PhysAddr address{};
  std::array<std::uint8_t, 64> data{};  ///< from byte 0; in for writes, out for reads
  std::uint32_t ticket = 0;             ///< names it in a later reply
  /// Out: an external abort. Of a write that was acknowledged early nobody hears.
  bool failed = false;
};

/// What stands behind such a range: the registers of a device. It belongs to an engine component of its own.
class Target {
 public:
  virtual ~Target() = default;
  /// Requests of one source arrive in the order in which they reached the home. Now: a write is done, a read has its
  /// bytes in `r.data`. Later: TargetPort::reply will be called with it.
  virtual cache::Answer access(TargetRequest& r, Cycle at) = 0;
};

/// Where requests arrive at a target; its component delivers them.
class TargetPort {
 public:
  virtual ~TargetPort() = default;
  [[nodiscard]] virtual Cycle next() const = 0;
  virtual void deliver(Cycle now) = 0;
  /// The reply to a Target::access that returned Later.
  virtual void reply(Cycle now, const TargetRequest& r) = 0;
};

/// A copy that a cache holds, for reports and invariants.
struct Holding {
  event::CacheRef cache{};
  bool dirty = false;
  std::array<std::uint8_t, 64> data{};
};

class Interconnect : public engine::Component {
 public:
  explicit Interconnect(const Parameters& parameters);
  ~Interconnect() override;

  [[nodiscard]] Cycle next() const override;
  void run(Cycle until) override;

  /// How many messages left for others than the PE.
  [[nodiscard]] std::uint64_t told_but(event::PeId pe) const;

  /// A port for the device component `owner`.
  std::unique_ptr<IoPort> attach(engine::Component& owner, IoClient& client);

  /// Device and Non-cacheable accesses of PEs and every access of devices to these bytes go to `target`. A write
  /// with early acknowledgement (Device-nGnRE and weaker, Non-cacheable) is complete at the home, which stops doing so
  /// while many of them are on their way; any other when the target has accepted it. Cacheable accesses of PEs reach
  /// what lies behind in memory, and are counted. Before cycle 0. Throws std::invalid_argument where ranges overlap.
  std::unique_ptr<TargetPort> map_target(arm::PhysAddr base, std::uint64_t bytes, Target& target);

  /// Backdoor to memory itself, below every cache; no time, no events. For loading images and tests.
  void poke(arm::PhysAddr address, std::span<const std::uint8_t> bytes);
  void peek(arm::PhysAddr address, std::span<std::uint8_t> bytes) const;

  /// Every cache that holds the line now, nearest to the PEs first, PEs in order.
  [[nodiscard]] std::vector<Holding> holdings(arm::PhysAddr line) const;
  /// The largest window that keeps run-ahead invisible: the smallest one-way latency.
  [[nodiscard]] Cycle lookahead() const;

  struct Counters {
    std::uint64_t requests = 0, snoops = 0;
    std::uint64_t lookups = 0;  ///< reads that no PE's dirty copy answered
    std::uint64_t misses = 0;   ///< those that no shared level above the PoC answered
    std::uint64_t memory_reads = 0, memory_writes = 0;
    std::uint64_t back_invalidates = 0;
    std::uint64_t target_accesses = 0;      ///< what targets have been sent
    std::uint64_t cacheable_to_target = 0;  ///< cacheable accesses to their ranges, which they never see
  };
  [[nodiscard]] const Counters& counters() const;

  /// What the private caches talk to.
  [[nodiscard]] cache::Home& home() { return *home_; }

  class Implementation;
  [[nodiscard]] Implementation& implementation() { return *implementation_; }

 private:
  std::unique_ptr<Implementation> implementation_;
  cache::Home* home_;
};

}  // namespace staleline::interconnect
