// SPDX-License-Identifier: Apache-2.0
// Identities that events carry: time, agents, copy nodes, edges, source lines.
#pragma once

#include <compare>
#include <cstdint>

namespace staleline::event {

/// Simulated time, in cycles of the platform's reference clock.
using Cycle = std::uint64_t;

/// One actor of a scenario: a program on a PE, a DMA engine. Dense from 0.
struct AgentId {
  std::uint16_t value = 0;
  friend constexpr auto operator<=>(AgentId, AgentId) = default;
};

/// A processing element, dense from 0; owns private caches. `kNoPe` for a device.
struct PeId {
  std::uint8_t value = 0;
  friend constexpr auto operator<=>(PeId, PeId) = default;
};
inline constexpr PeId kNoPe{0xff};

/// A place that can hold a line incoherently with another (architecture.md, "copy nodes").
/// Node 0 is the coherent domain of all PEs.
struct NodeId {
  std::uint8_t value = 0;
  friend constexpr auto operator<=>(NodeId, NodeId) = default;
};
inline constexpr NodeId kCoherentDomain{0};
/// The access looks into no copy node: it goes to memory.
inline constexpr NodeId kNoNode{0xff};

/// A named intent edge of a scenario, dense from 0.
struct EdgeId {
  std::uint16_t value = 0;
  friend constexpr auto operator<=>(EdgeId, EdgeId) = default;
};

/// A line of the file that the user wrote, from 1; 0 where there is none.
struct SourceLine {
  std::uint32_t value = 0;
  friend constexpr auto operator<=>(SourceLine, SourceLine) = default;
};

/// What carries an intent edge, and so how much order it gives (docs/edges.md).
enum class Mechanism : std::uint8_t {
  Flag,         ///< .publish / .await: a plain store and a plain load with a control dependency
  FlagOrdered,  ///< the same with release (publish) or acquire (await)
  Fetched,      ///< .await with `fetched`: an instruction that the sender wrote is what the receiver executes
  Handoff,      ///< full completion on both sides and context synchronisation
  Doorbell,     ///< a Device store that starts a device
  Completion,   ///< a device's completion, taken as an interrupt
};

}  // namespace staleline::event
