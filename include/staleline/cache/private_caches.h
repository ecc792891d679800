// SPDX-License-Identifier: Apache-2.0
// The caches that belong to one PE (L1I, L1D and, where the platform has one, a private L2) and
// the requester side of the coherence protocol. A hit is a plain call; everything else becomes a
// message to the interconnect and ends in Client::completed.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/arm/vocabulary.h"
#include "staleline/cache/set_way.h"
#include "staleline/engine/component.h"
#include "staleline/event/event.h"

namespace staleline::interconnect {
class Interconnect;
}

namespace staleline::cache {

using engine::Cycle;

/// What an Atomic does with the bytes that it finds, in the one step in which nobody else reaches them.
class Modifier {
 public:
  virtual ~Modifier() = default;
  /// `bytes` are those of the request, in the line; false where they stay as they are.
  virtual bool modify(std::span<std::uint8_t> bytes) = 0;
};

/// One access of a PE to its memory system. It never crosses a line.
struct Request {
  enum class Op : std::uint8_t {
    Load,
    Store,
    Atomic,               ///< lets `modifier` see and change the bytes: Write-Back with the line held alone, others at
                          ///< the home or the target. `data` is not used
    Fetch,                ///< through L1I where path is cacheable
    Walk,                 ///< through the data side where path is cacheable
    Maintenance,          ///< `maintenance`; completes when it is complete everywhere it has to reach. By set/way:
                          ///< data[0] is the operand (Xt), which reaches this PE's own and its cluster's caches only
    Prefetch,             ///< speculative data fill of the line; completes silently
    PrefetchInstruction,  ///< speculative L1I fill
    Evict,                ///< drop or write back the line from every private cache of this PE
    TlbMaintenance,  ///< `data` to Client::tlb_maintenance of this PE or, where `broadcast`, of every PE and of the
                     ///< devices that listen; completes when all have answered
    PowerOffShared,  ///< the cluster's shared caches lose what they hold
  };
  Op op = Op::Load;
  arm::CacheOp maintenance{};
  std::uint8_t size = 8;  ///< 1 to 16
  event::Path path{};
  arm::PhysAddr address{};
  std::array<std::uint64_t, 2> data{};  ///< little-endian bytes; in for stores, out for the others
  std::uint32_t tag = 0;                ///< handed back with completed()
  Modifier* modifier = nullptr;         ///< Atomic: lives until the request is completed
  /// Load past the caches: sets the global monitor of this PE. Store past the caches, or Write-Through: is done only
  /// where that monitor (Write-Through: this PE's copy) still stands when the home performs it; on return, whether.
  bool exclusive = false;
  bool broadcast = true;            ///< TlbMaintenance
  bool failed = false;              ///< out: an external abort of an access past the caches; `data` are zero
  std::uint16_t virtual_index = 0;  ///< bits [27:12] of the VA: Fetch, PrefetchInstruction, IC IVAU with a VIPT L1I
  bool promoted = false;            ///< DC CIVAC: the program said DC IVAC (HCR_EL2.{DC,VM})
  bool undivided = false;           ///< DC by VA: no DSB lies between it and the PE's last store to the line
  bool whole_level = false;         ///< by set/way: every set and way of the level, whatever the operand names
};

/// TLB maintenance that has arrived. The caches do not look into its words.
struct TlbMaintenance {
  std::array<std::uint64_t, 2> words{};
  std::uint32_t ticket = 0;  ///< names it in a later answer
};
enum class Answer : std::uint8_t { Now, Later };

class Client {
 public:
  virtual ~Client() = default;
  /// Called when TLB maintenance arrives, that of this PE included. Now: it is done, and nothing that used what it
  /// removed is still under way. Later: PrivateCaches::answer_tlb_maintenance will be called once that is so.
  virtual Answer tlb_maintenance(const TlbMaintenance&, Cycle) { return Answer::Now; }
  /// `r` is the request that was taken, with the loaded bytes in `data`; `at` its completion cycle.
  virtual void completed(const Request& r, Cycle at) = 0;
};

/// Geometry and latency of one cache.
struct Level {
  std::uint64_t bytes = 32 * 1024;  ///< 0: absent
  std::uint32_t ways = 4;
  Cycle hit_cycles = 4;  ///< load-to-use
  enum class Replacement : std::uint8_t { LRU, PseudoLRU, Random } replacement = Replacement::PseudoLRU;
};

struct Parameters {
  Level l1i{}, l1d{};
  Level l2{.bytes = 0};  ///< private, inclusive of L1D, unified
  /// CTR_EL0.L1Ip = VIPT: bits of the L1I's index that lie above a page come from the VA, so that a line has several
  /// places where a way is larger than 4 KiB, and IC IVAU reaches the place of its VA alone. Else PIPT.
  bool vipt = false;
  std::uint32_t prefetch_lines = 0;  ///< next-line prefetch degree on an L1D load miss
  std::uint64_t seed = 1;            ///< of random replacement
  /// Lines that the write-back buffer is meant to hold: while it holds as many, no further miss leaves. Those that left
  /// may still need a place, so that many may be in it besides.
  std::uint32_t write_back_entries = 8;
};

class PrivateCaches {
 public:
  /// `owner` is the component whose time and event buffer are used.
  PrivateCaches(event::PeId pe, const Parameters& parameters, engine::Component& owner,
                interconnect::Interconnect& interconnect, Client& client);
  ~PrivateCaches();
  PrivateCaches(const PrivateCaches&) = delete;
  PrivateCaches& operator=(const PrivateCaches&) = delete;

  // Prefetch, PrefetchInstruction and Evict are taken or ignored at once; access() returns 0 for them. IC IALLU
  // is done at once. Maintenance acts on the coherent domain of all PEs whatever `path` says.

  /// Performs `r` at `now` if nothing has to leave the PE and returns its latency, loaded bytes in
  /// `r.data`. Otherwise takes the request (any number may be outstanding; requests for one line are
  /// served in order) and later calls Client::completed from deliver().
  std::optional<Cycle> access(Cycle now, Request& r);
  /// The same for the commonest request: a fetch of `address` by `path` that the L1I, indexed by the PA, serves at
  /// once: the bytes from there to the end of the line. Null, and nothing was asked for, where it cannot.
  [[nodiscard]] const std::uint8_t* fetched_at_once(arm::PhysAddr address, event::Path path);
  /// And of a load that the L1D serves.
  [[nodiscard]] const std::uint8_t* loaded_at_once(arm::PhysAddr address, event::Path path);
  /// The same for a load or a fetch past the caches, where neither this PE nor anybody else does anything before
  /// `until`: the cycle in which it is completed, which is before that, with the bytes in `r.data`. Nothing, and
  /// nothing was asked for, where messages are needed.
  [[nodiscard]] std::optional<Cycle> answered_at_once(Cycle now, Request& r, Cycle until);

  /// The answer to a tlb_maintenance() that returned Later.
  void answer_tlb_maintenance(Cycle now, std::uint32_t ticket);

  /// The private caches lose what they hold, dirty bytes too, and this PE leaves coherency: from then on snoops and
  /// broadcast maintenance are answered for it, the client hears nothing. What is already on its way to the home
  /// arrives; requests under way complete and leave nothing behind. No access() until power_on().
  void power_off(Cycle now);
  /// Joins again, with invalid caches.
  void power_on(Cycle now);
  [[nodiscard]] bool powered() const;

  /// The exclusives monitor: watches the line, which is lost to the monitor once it leaves the data caches of this PE,
  /// be it that another observer writes it or that it is replaced.
  void monitor(arm::PhysAddr line);
  [[nodiscard]] bool monitors(arm::PhysAddr line) const;
  void clear_monitor();

  /// The earliest cycle at which a message is due; kNever if none is.
  [[nodiscard]] Cycle next() const { return *next_; }
  /// How many messages left for the home.
  [[nodiscard]] std::uint64_t sent() const { return *sent_; }
  /// Handles every message due at or before `now`.
  void deliver(Cycle now);

  /// How many requests have been taken and not completed. Speculative fills count until the line is there,
  /// Evict until the home has the bytes; neither calls Client::completed.
  [[nodiscard]] std::size_t outstanding() const;

  /// Backdoor, before cycle 0: the line of `bytes` is in the outermost data cache of this PE, Modified or
  /// Shared. Others that hold it lose it if `dirty`; a full set gives up a line.
  void preload(arm::PhysAddr line, std::span<const std::uint8_t, arm::kLineBytes> bytes, bool dirty);

  /// The levels that operations by set/way reach: L1, the private L2, and those shared levels above the PoC that are
  /// named Shared. A level named System is no part of the cluster.
  [[nodiscard]] const std::vector<IntegratedLevel>& levels() const;
  /// CLIDR_EL1: Ctype<n>, LoUIS, LoC, LoUU of levels().
  [[nodiscard]] std::uint64_t clidr_el1() const;
  /// CCSIDR_EL1 (32-bit format) of the cache that CSSELR_EL1 selects; 0 for one that is not there.
  [[nodiscard]] std::uint64_t ccsidr_el1(std::uint64_t csselr_el1) const;

  struct Counters {
    std::uint64_t accesses = 0;  ///< data loads, stores and walks that may look up the L1D
    std::uint64_t l1_misses = 0;
    std::uint64_t l2_misses = 0;  ///< of a private L2
    std::uint64_t fetches = 0, fetch_misses = 0;
    std::uint64_t fills = 0, write_backs = 0;
  };
  [[nodiscard]] const Counters& counters() const;

  struct Implementation;

 private:
  std::unique_ptr<Implementation> implementation_;
  const Cycle* next_;
  const std::uint32_t* sent_;
};

}  // namespace staleline::cache
