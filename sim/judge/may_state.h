// SPDX-License-Identifier: Apache-2.0
// What the copies of one line may hold: the judge's table for the data side. Every function is
// one row of the table in docs/architecture.md, and is compared there with exhaustive enumeration.
#pragma once

#include <array>
#include <cstdint>

namespace staleline::judge {

/// One bit a byte of a 64-byte line.
using Mask = std::uint64_t;
inline constexpr Mask kWholeLine = ~Mask{0};
/// Copy nodes that one line can have.
inline constexpr std::uint8_t kMaxNodes = 3;
/// One bit a node.
using NodeSet = std::uint8_t;

/// What one node may hold. "Newest" is the newest version of each byte.
struct MayNode {
  Mask older = 0;        ///< C: may hold an older copy of the byte
  Mask only = 0;         ///< U: the newest may exist only here
  bool present = false;  ///< MP
  bool dirty = false;    ///< MD
  bool live = false;     ///< allocation is permitted now
  friend bool operator==(const MayNode&, const MayNode&) = default;
};

struct MayState {
  std::array<MayNode, kMaxNodes> node{};
  std::uint8_t nodes = 1;
  Mask lost = 0;  ///< L: memory may lose the newest
  Mask late = 0;  ///< the newest was cleaned and may still be on its way to memory (a quirk)

  /// Bytes whose newest version may exist only in a node outside `inside`.
  [[nodiscard]] Mask only_outside(NodeSet inside) const;
  [[nodiscard]] bool dirty_outside(NodeSet inside) const;
  /// The first node that alone may have the newest of some of `bytes`; the last one where none has.
  [[nodiscard]] std::uint8_t holder_of(Mask bytes) const;
  friend bool operator==(const MayState&, const MayState&) = default;
};

[[nodiscard]] constexpr NodeSet just(std::uint8_t d) { return static_cast<NodeSet>(1U << d); }
[[nodiscard]] constexpr bool contains(NodeSet s, std::uint8_t d) { return (s >> d & 1U) != 0; }

/// Which part of a maintenance operation is certain: the bytes whose newest write comes before it, and
/// whether every write that made the node dirty, and every access that filled it, does.
struct Coverage {
  Mask bytes = kWholeLine;
  bool dirty = true;
  bool present = true;
};

/// Why a read may not return the newest version.
struct Stale {
  Mask lost = 0;   ///< memory may have lost it
  Mask older = 0;  ///< the looked-up node may hold an older copy
  Mask only = 0;   ///< it may exist only where the read does not look
  [[nodiscard]] Mask any() const { return lost | older | only; }
};

// Fills return the bytes that they may have brought into `d` older than the newest.
Mask set_live(MayState& s, std::uint8_t d, bool live);
Mask write_through_write(MayState& s, std::uint8_t d, Mask bytes);
/// What a cacheable read in `d` leaves behind. Non-cacheable and snooping reads leave nothing.
Mask cacheable_read(MayState& s, std::uint8_t d);
void write_back_write(MayState& s, std::uint8_t d, Mask bytes);
void non_cacheable_write(MayState& s, Mask bytes);
/// A write that looks up `d` and leaves no copy of its own there.
void snooping_write(MayState& s, std::uint8_t d, Mask bytes);
void clean(MayState& s, NodeSet nodes, const Coverage& covered);
void invalidate(MayState& s, NodeSet nodes, const Coverage& covered);
void clean_and_invalidate(MayState& s, NodeSet nodes, const Coverage& covered);

/// Before a read of `bytes` that looks up `d`.
[[nodiscard]] Stale stale_in(const MayState& s, std::uint8_t d, Mask bytes);
/// Before a read of `bytes` that goes past all nodes.
[[nodiscard]] Stale stale_in_memory(const MayState& s, Mask bytes);

}  // namespace staleline::judge
