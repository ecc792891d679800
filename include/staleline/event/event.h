// SPDX-License-Identifier: Apache-2.0
// The one vocabulary of memory events. Models emit them, listeners judge, count and trace.
// An event is emitted in the step that changes a copy; stores at issue, loads when they are
// satisfied. Listeners get events in (cycle, component, sequence) order.
#pragma once

#include <array>
#include <cstdint>

#include "staleline/arm/address.h"
#include "staleline/arm/vocabulary.h"
#include "staleline/event/types.h"

namespace staleline::event {

enum class Kind : std::uint8_t {
  // What agents do, in program order of each agent.
  Read,         ///< a data load was satisfied: address, size, data
  Write,        ///< a store was issued: address, size, data
  Fetch,        ///< an instruction fetch was satisfied
  Walk,         ///< a translation table walk was satisfied
  Maintenance,  ///< a cache maintenance operation was issued: aux = CacheOp, address, path of the VA
  Barrier,      ///< a barrier completed: aux = packed Barrier
  ContextSync,  ///< context synchronisation event (ISB, exception entry or return)
  EdgeSend,     ///< aux = EdgeId, data[0] = how many sends of this edge came before, mechanism
  EdgeReceive,  ///< aux = EdgeId, data[0] = the send that is awaited, mechanism
  Live,         ///< data[0] bytes from `address` may (aux = 1) or may no longer (aux = 0) be
                ///< allocated speculatively in path.node; aux bit 1: instruction side too
  // What copies do. Listeners that only judge ignore these.
  Fill,         ///< a cache allocated the line: aux = packed CacheRef, detail = LineState
  Upgrade,      ///< the line changed state in place: detail = the new LineState
  Drop,         ///< a cache dropped a clean line
  WriteBack,    ///< a cache wrote a dirty line one level down (detail = the state that stays)
  Invalidate,   ///< a snoop or maintenance operation removed the line (dirty data, if any, is gone)
  MemoryWrite,  ///< bytes arrived in memory: address, size, data
};

/// How an access reaches the copies of a line.
struct Path {
  arm::MemoryClass memory = arm::MemoryClass::NormalWB;
  arm::Shareability shareability = arm::Shareability::InnerShareable;
  NodeId node = kCoherentDomain;  ///< the node it looks up, kNoNode where it goes past all
  bool allocates = true;          ///< false: it looks up (snoops) but leaves no copy of its own
  friend constexpr bool operator==(Path, Path) = default;
};

/// A cache of the platform, for residency: level 1I, 1D, 2 of a PE, or a shared level.
struct CacheRef {
  enum class Level : std::uint8_t { L1I, L1D, L2, Shared, System };
  Level level = Level::L1D;
  PeId pe = kNoPe;  ///< kNoPe for a cache that all PEs share
  friend constexpr bool operator==(CacheRef, CacheRef) = default;
  [[nodiscard]] constexpr std::uint32_t packed() const { return static_cast<std::uint32_t>(level) << 8 | pe.value; }
  [[nodiscard]] static constexpr CacheRef unpack(std::uint32_t aux) {
    return {static_cast<Level>(aux >> 8), PeId{static_cast<std::uint8_t>(aux & 0xff)}};
  }
};

/// One event; 64 bytes, trivially copyable. Fields that a kind does not name are zero.
struct Event {
  Cycle cycle = 0;
  arm::PhysAddr address{};
  std::array<std::uint64_t, 2> data{};  ///< little-endian bytes of the access, or as the kind says
  std::uint32_t aux = 0;
  SourceLine line{};
  AgentId agent{};
  PeId pe = kNoPe;
  Kind kind = Kind::Read;
  std::uint8_t size = 0;  ///< bytes of the access, 1 to 16; it never crosses a line
  std::uint8_t detail = 0;
  Mechanism mechanism = Mechanism::Flag;
  Path path{};
  std::uint32_t sequence = 0;   ///< counts the events of one component
  std::uint16_t component = 0;  ///< the emitting component of the engine
};

[[nodiscard]] constexpr std::uint32_t pack(arm::Barrier b) {
  return static_cast<std::uint32_t>(b.kind) << 16 | static_cast<std::uint32_t>(b.domain) << 8 |
         static_cast<std::uint32_t>(b.access);
}
[[nodiscard]] constexpr arm::Barrier unpack_barrier(std::uint32_t aux) {
  return {static_cast<arm::BarrierKind>(aux >> 16 & 0xff), static_cast<arm::BarrierDomain>(aux >> 8 & 0xff),
          static_cast<arm::BarrierAccess>(aux & 0xff)};
}

}  // namespace staleline::event
