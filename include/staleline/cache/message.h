// SPDX-License-Identifier: Apache-2.0
// The messages between private caches (or devices) and the home, and the two ends as each sees the
// other. Messages of one sender on one channel arrive in order; channels do not wait for each other.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "staleline/cache/private_caches.h"
#include "staleline/cache/protocol.h"
#include "staleline/engine/component.h"
#include "staleline/event/event.h"

namespace staleline::cache {

/// The `line` of maintenance that names no address.
inline constexpr std::uint64_t kEveryLine = std::uint64_t{1} << 62;
/// The `line`s of broadcast TLB maintenance, one a PE: that of different PEs does not wait for each other.
inline constexpr std::uint64_t kTlbLines = kEveryLine + 64;
/// The `line` of maintenance of shared levels by set/way.
inline constexpr std::uint64_t kSharedLevelLine = kTlbLines + std::uint64_t{256} * 64;

/// What a message says, besides bytes.
struct MessageHeader {
  enum class Channel : std::uint8_t {
    Request,      ///< to the home
    Snoop,        ///< to a PE
    Response,     ///< to the home, one for each snoop
    Reply,        ///< to the requester
    Acknowledge,  ///< to the home; ends the transaction
    Target,       ///< to the home: what a target answers
  };
  enum class Result : std::uint8_t {
    Grant,
    Bytes,
    Done,
    Credit,  ///< belongs to no request: a place of the write-back buffer is free again
  };         ///< of a Reply

  std::uint64_t line = 0;
  std::uint32_t tag = 0;  ///< the requester's own number, handed back in the reply
  Channel channel = Channel::Request;
  protocol::Request request{};
  protocol::Snoop snoop{};
  protocol::LineEvent grant{};
  Result result{};
  protocol::Holds holds{};  ///< Response: what the PE keeps
  std::uint8_t source = 0;  ///< Request, Response, Acknowledge: the sender's port
  std::uint8_t offset = 0, size = 0;
  std::uint16_t virtual_index = 0;  ///< InvalidateInstruction
  Modifier* modifier = nullptr;     ///< AtomicNoSnp, AtomicUnique: the operation; its PE waits for the reply
  bool has_data = false;
  bool alone = true;              ///< ReadShared: Exclusive may be granted
  bool credit = true;             ///< Reply to a write-back: its place is free; else a Credit follows
  bool promoted = false;          ///< CleanInvalid that was an invalidation
  bool undivided = false;         ///< maintenance: no DSB lies between it and an access of its PE to the line
  bool exclusive = false;         ///< ReadNoSnp: sets the monitor. WriteNoSnp, WriteUnique: needs it; Reply: had it
  bool early = false;             ///< WriteNoSnp: the home may acknowledge it before its target has (EWA)
  bool failed = false;            ///< Reply: an external abort; what read data there are mean nothing
  bool instructions_too = false;  ///< Snoop: the L1I's copy goes as well
};

/// Bytes are copied only where there are any.
struct Message : MessageHeader {
  std::array<std::uint8_t, 64> data;  ///< the whole line; bytes that are not named are stale

  Message() = default;
  Message(const Message& other) : MessageHeader(other) {
    if (has_data) data = other.data;
  }
  Message& operator=(const Message& other) {
    static_cast<MessageHeader&>(*this) = other;
    if (has_data) data = other.data;
    return *this;
  }
};

/// What known parts do less than they should. Each weakens one guarantee of maintenance.
struct Quirks {
  /// A cleaned line is acknowledged before its bytes are in memory: who reads past the caches may still see the old
  /// ones (Arm System Interconnect L1 erratum 4311569).
  bool clean_completes_early = false;
  /// DC CVAC, CVAP or CVAU that meets its line on the way out of a PE does not wait for it: the bytes go where the
  /// eviction takes them (Cortex-A53 erratum 855873).
  bool clean_loses_to_eviction = false;
  /// DC IVAC that a PE promotes to clean and invalidate is an invalidation for the shared levels: their dirty bytes are
  /// lost (U-Boot 864e2857393d, K3 MSMC).
  bool invalidate_promoted_not_forwarded = false;
  /// DC CVAC, CVAP or CVAU writes the bytes, and leaves the line marked dirty: it may be written back again (Cortex-A53
  /// erratum 824069).
  bool clean_leaves_dirty = false;
  /// DC by VA stops at the shared caches where no DSB of its PE lies between it and an access before it (Cortex-A9
  /// erratum 764369).
  bool maintenance_needs_dsb = false;
};

/// A line that a cache holds, as a backdoor shows it. `data` is valid until anything moves.
struct Copy {
  event::CacheRef cache{};
  bool dirty = false;
  const std::uint8_t* data = nullptr;
};

/// A PE's caches or a device's port, as the home sees it.
class Peer {
 public:
  virtual ~Peer() = default;
  /// Puts a message in its inbox; the caller fills it in. Valid until the next call.
  virtual Message& put(engine::Cycle due, std::uint32_t sequence) = 0;
  /// Adds its copies of the line.
  virtual void copies(std::uint64_t, std::vector<Copy>&) const {}
  /// Backdoor: forgets the line. True and the bytes in `data` if they were dirty.
  virtual bool surrender(std::uint64_t, std::uint8_t*) { return false; }
};

/// The home, as PEs and devices see it.
class Home {
 public:
  struct Timing {
    engine::Cycle link_cycles = 8, snoop_cycles = 8;
  };
  virtual ~Home() = default;
  /// Connects the caches of a PE and returns their port, equal to the PE's number.
  virtual std::uint8_t attach(event::PeId pe, Peer& peer, bool has_private_l2) = 0;
  [[nodiscard]] virtual Timing timing() const = 0;
  /// The shared levels that operations by set/way reach, from the PEs towards memory.
  [[nodiscard]] virtual std::vector<Level> integrated_levels() const = 0;
  [[nodiscard]] virtual Quirks quirks() const { return {}; }
  /// CTR_EL0.IDC: L1I fills see what L1Ds hold.
  [[nodiscard]] virtual bool idc() const = 0;
  /// CTR_EL0.DIC: the home knows every L1I copy, so that stores can invalidate them.
  [[nodiscard]] virtual bool dic() const = 0;
  /// Puts a message in the home's inbox; the caller fills it in. Valid until the next call.
  virtual Message& put(engine::Cycle due, std::uint8_t port, std::uint32_t sequence) = 0;
  /// What a ReadNoSnp of a PE that arrives at `arrival` would be answered, without messages: the bytes in `to`, which
  /// lie in one line, and the cycle in which the reply arrives. Nothing where that is not before `until`, until when
  /// nobody else sends anything, or where the home has something else to do, or a target answers.
  [[nodiscard]] virtual std::optional<engine::Cycle> read_at_once(engine::Cycle arrival, arm::PhysAddr address,
                                                                  std::span<std::uint8_t> to, engine::Cycle until) = 0;

  // Backdoors, before cycle 0.
  /// Takes the line from every other holder, dirty bytes one level down, and notes the PE as its only holder.
  virtual void place(event::PeId pe, std::uint64_t line, bool alone) = 0;
  /// The PE gives the line back; `dirty` its bytes, or null.
  virtual void give_back(event::PeId pe, std::uint64_t line, const std::uint8_t* dirty) = 0;
};

}  // namespace staleline::cache
