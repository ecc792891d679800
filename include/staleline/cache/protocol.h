// SPDX-License-Identifier: Apache-2.0
// The coherence protocol as data: one table for a line in a PE's caches, one for its home. The
// models execute these tables, the tests explore them, and documentation prints them.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "staleline/cache/line_state.h"

namespace staleline::cache::protocol {

// ---- A line in the data caches of one PE. -----------------------------------------------------

enum class LineEvent : std::uint8_t {
  Load,            ///< also a walk
  Store,           ///< Write-Back; Write-Through stores go to the home and change no state here
  Evict,           ///< replacement, or the line is put out on purpose
  GrantShared,     ///< the home's replies: line with bytes, shared ...
  GrantExclusive,  ///< ... alone and clean ...
  GrantUnique,     ///< ... alone, to be written
  Upgraded,        ///< permission without bytes: the copy that is held is the newest
  WriteBackDone,   ///< the home has the bytes of the write-back
  SnpShared,       ///< somebody reads: give up dirty bytes, keep a shared copy
  SnpUnique,       ///< somebody writes: give up everything
  SnpOnce,         ///< somebody looks: show dirty bytes, keep everything
  SnpCleanShared,  ///< maintenance: give up dirty bytes, keep a clean copy
  SnpMakeInvalid,  ///< maintenance: forget the line, dirty or not
};
inline constexpr std::size_t kLineEvents = 13;
inline constexpr std::size_t kLineStates = 9;

enum class LineAction : std::uint8_t {
  Impossible,      ///< the protocol never gets here; asserted, and proven by exploration
  Hit,             ///< served from the array
  SendReadShared,  ///< ask the home for a copy
  SendReadUnique,  ///< ask the home for the only copy (bytes come only where none are held)
  SendEvict,       ///< tell the home that a clean copy is gone
  SendWriteBack,   ///< bytes to the home, kept until acknowledged
  Acknowledge,     ///< fill, serve what waits, tell the home that the transaction is over
  Release,         ///< the write-back buffer is free again
  Wait,            ///< hold the access until the write-back is acknowledged
  Respond,         ///< answer the snoop without bytes
  RespondData,     ///< answer the snoop with the dirty bytes
};

struct LineRow {
  LineState state;
  LineEvent event;
  LineState next;
  LineAction action;
  std::string_view clause;  ///< of IHI 0050 (CHI), unless another document is named
};

/// Every (state, event) pair that can happen, in state order.
[[nodiscard]] std::span<const LineRow> line_table();
[[nodiscard]] std::string_view name_of(LineEvent e);
[[nodiscard]] std::string_view name_of(LineAction a);

struct Step {
  LineState next = LineState::Invalid;
  LineAction action = LineAction::Impossible;
};
/// The table by index, made from it at compile time.
extern const std::array<Step, kLineStates * kLineEvents> kSteps;
/// The row of the table, as the models use it; Impossible where there is none.
[[nodiscard]] inline Step step(LineState state, LineEvent event) {
  return kSteps[static_cast<std::size_t>(state) * kLineEvents + static_cast<std::size_t>(event)];
}

// ---- A line at its home. ----------------------------------------------------------------------

enum class Request : std::uint8_t {
  ReadShared,
  ReadUnique,
  WriteBackFull,
  Evict,
  ReadOnce,                   ///< newest bytes, no copy: IO-coherent and non-allocating reads
  WriteUnique,                ///< to memory, past the caches: IO-coherent, Write-Through, non-allocating
  ReadNoSnp,                  ///< Device and Non-cacheable: memory's bytes
  WriteNoSnp,                 ///< Device and Non-cacheable: to memory
  ReadInstruction,            ///< L1I fill that sees only the unified levels that all PEs share
  ReadInstructionUnified,     ///< the same where PEs have private unified caches: these are asked
  ReadInstructionCoherent,    ///< the same with CTR_EL0.IDC = 1: L1Ds are snooped
  CleanShared,                ///< DC CVAC, DC CVAP
  CleanInvalid,               ///< DC CIVAC
  MakeInvalid,                ///< DC IVAC
  CleanToPoU,                 ///< DC CVAU
  InvalidateInstruction,      ///< IC IVAU
  InvalidateAllInstructions,  ///< IC IALLUIS
  BackInvalidate,             ///< the snoop filter makes room
  TlbMaintenance,             ///< TLBI, to every PE and to the devices that listen
  CleanSetWay,                ///< DC CSW of the requester's last private level: that copy alone, one level down
  CleanInvalidSetWay,         ///< DC CISW of it
  InvalidateSetWay,           ///< DC ISW of it
  LevelMaintenance,           ///< the same of a shared level
  AtomicNoSnp,                ///< Device and Non-cacheable: one step in memory, or at a target
  AtomicUnique,               ///< Write-Through: the same, past the caches
};
inline constexpr std::size_t kRequests = 25;

/// True where memory, or who owns the line, has other bytes from here on: what global monitors look at.
[[nodiscard]] constexpr bool writes(Request r) {
  return r == Request::WriteNoSnp || r == Request::WriteUnique || r == Request::AtomicNoSnp ||
         r == Request::AtomicUnique || r == Request::ReadUnique || r == Request::WriteBackFull;
}

/// What the home sends to a PE that holds the line.
enum class Snoop : std::uint8_t {
  None,
  SnpShared,
  SnpUnique,
  SnpOnce,
  SnpCleanShared,
  SnpCleanToPoU,  ///< SnpCleanShared where the L1D is the last private level; else L1D to L2, no bytes
  SnpMakeInvalid,
  SnpCleanOuter,          ///< SnpCleanShared, but an L1D above a private L2 keeps what it has
  SnpInstruction,         ///< the bytes of the private unified cache, whatever its L1D holds
  InvalidateInstruction,  ///< L1I
  InvalidateAllInstructions,
  TlbMaintenance,
};

/// Where the bytes of a reply come from.
enum class Source : std::uint8_t { None, Newest, Memory };
/// Where dirty bytes that a snoop returned go.
enum class Dirty : std::uint8_t { Never, Requester, SharedLevel, Memory, Discarded, Shown };
/// What the shared levels above the PoC do besides being read.
enum class SharedLevels : std::uint8_t { Untouched, Allocate, Clean, CleanAndDrop, Drop, Update };

struct HomeRow {
  Request request;
  Snoop owner;          ///< to the PE that holds the line alone (it may be dirty)
  Snoop sharers;        ///< to PEs that hold it shared
  bool asks_requester;  ///< the requester's own copy is snooped like any other; else only where it owns the line
  Source source;
  Dirty dirty;
  SharedLevels shared;
  bool acknowledged;  ///< the line stays blocked until the requester acknowledges the reply
  std::string_view clause;
  bool only_requester = false;  ///< no other PE is snooped
};
[[nodiscard]] std::span<const HomeRow> home_table();
/// The row of a request.
[[nodiscard]] const HomeRow& row_of(Request r);
[[nodiscard]] std::string_view name_of(Request r);
[[nodiscard]] std::string_view name_of(Snoop s);
/// The event that a snoop is to the line of a PE that has no further private level.
[[nodiscard]] LineEvent event_of(Snoop s);

// ---- The directory: who holds the line. -------------------------------------------------------

/// What a PE keeps after a snoop, as its response says.
enum class Holds : std::uint8_t { Nothing, Shared, Alone };
[[nodiscard]] constexpr Holds holds_of(LineState s) {
  switch (s) {
    case LineState::Shared:
    case LineState::SharedToModified:
      return Holds::Shared;
    case LineState::Exclusive:
    case LineState::Modified:
      return Holds::Alone;
    default:
      return Holds::Nothing;
  }
}

inline constexpr std::uint8_t kNobody = 0xff;

struct Directory {
  std::uint64_t holders = 0;     ///< a bit a PE
  std::uint8_t owner = kNobody;  ///< the PE that holds the line alone, Exclusive or Modified
  friend constexpr bool operator==(Directory, Directory) = default;
};

/// Whom a request asks, as bits of PEs.
struct Targets {
  std::uint64_t owner = 0, sharers = 0;
  [[nodiscard]] constexpr std::uint64_t all() const { return owner | sharers; }
};
/// `requester`: the asking PE, kNobody for a device or the home itself.
[[nodiscard]] constexpr Targets targets_of(const HomeRow& row, const Directory& d, std::uint8_t requester) {
  Targets t;
  const std::uint64_t own = requester == kNobody ? 0 : std::uint64_t{1} << requester;
  if (d.owner != kNobody) {
    if (row.owner != Snoop::None) t.owner = std::uint64_t{1} << d.owner;
  } else if (row.sharers != Snoop::None) {
    t.sharers = row.asks_requester ? d.holders : d.holders & ~own;
  }
  if (row.only_requester) t = {t.owner & own, t.sharers & own};
  return t;
}
/// Notes the response of one PE.
constexpr void note(Directory& d, std::uint8_t pe, Holds holds) {
  const std::uint64_t bit = std::uint64_t{1} << pe;
  if (holds == Holds::Nothing) d.holders &= ~bit;
  if (d.owner == pe && holds != Holds::Alone) d.owner = kNobody;
}
/// The reply to a ReadShared or ReadUnique after all responses, noted in the directory.
/// `may_be_alone`: false where a Write-Through reader or an instruction copy forbids Exclusive.
[[nodiscard]] constexpr LineEvent grant(Directory& d, Request r, std::uint8_t requester, bool may_be_alone) {
  const std::uint64_t own = std::uint64_t{1} << requester;
  if (r == Request::ReadUnique) {
    const bool held = (d.holders & own) != 0;
    d = {own, requester};
    return held ? LineEvent::Upgraded : LineEvent::GrantUnique;
  }
  const bool alone = may_be_alone && d.holders == 0;
  d.holders |= own;
  if (alone) d.owner = requester;
  return alone ? LineEvent::GrantExclusive : LineEvent::GrantShared;
}
/// True where the bytes of a write-back are the newest: nobody took them since.
[[nodiscard]] constexpr bool accepts_write_back(const Directory& d, std::uint8_t requester) {
  return d.owner == requester;
}
/// A PE no longer holds the line, by its own choice.
constexpr void forget(Directory& d, std::uint8_t pe) { note(d, pe, Holds::Nothing); }

}  // namespace staleline::cache::protocol
