// SPDX-License-Identifier: Apache-2.0
// The copies of one line, exactly, and the one transition function over them. The judge's table is
// its abstraction; the explorer enumerates it. Bytes hold version numbers instead of data.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>

namespace staleline::copies {

/// Bounds of the abstract machine: enough for neighbours within a line and two incoherent nodes.
inline constexpr std::uint8_t kMaxBytes = 4;
inline constexpr std::uint8_t kMaxNodes = 2;
using Version = std::uint8_t;  ///< 0 is the initial contents; each write makes the next
using Bytes = std::array<Version, kMaxBytes>;

/// What one copy node holds.
struct Copy {
  bool present = false;
  bool dirty = false;
  Bytes bytes{};  ///< zero while absent
  friend constexpr auto operator<=>(const Copy&, const Copy&) = default;
};

struct Line {
  Bytes memory{};
  std::array<Copy, kMaxNodes> node{};
  friend constexpr auto operator<=>(const Line&, const Line&) = default;
};

/// Whether a snooping write that hits updates the copy, updates it and memory (a dirty line goes there first), or
/// writes it back and removes it; parts differ.
enum class SnoopHit : std::uint8_t { Update, UpdateThrough, Invalidate };

struct Action {
  enum class What : std::uint8_t {
    // Hardware, at any time.
    Fill,       ///< a clean copy of memory appears in `node`; the caller checks that the node is live
    Drop,       ///< `node` forgets a clean copy
    WriteBack,  ///< `node` writes its dirty line to memory and keeps it clean
    // Programs.
    ReadCacheable,      ///< looks up `node`, allocates
    ReadNonCacheable,   ///< memory
    ReadSnooping,       ///< looks up `node`, else memory; leaves nothing
    WriteBackWrite,     ///< Normal Write-Back: allocates in `node`
    WriteThroughWrite,  ///< Normal Write-Through: updates `node` where present, and memory
    WriteNonCacheable,  ///< memory
    WriteSnooping,      ///< as `hit` says where `node` holds the line, else memory
    Clean,
    Invalidate,
    CleanAndInvalidate,
  };
  What what = What::Fill;
  std::uint8_t node = 0;
  std::uint8_t byte = 0;  ///< for reads and writes
  Version version = 0;    ///< for writes
  SnoopHit hit = SnoopHit::Update;
};

struct Stepped {
  Line line{};
  Version read = 0;  ///< what a read returned
};

/// The state after `action`; nothing where it is not enabled (a fill of a held line, a drop of a dirty
/// or absent one, a write-back of a clean one). Maintenance of an absent line is enabled and does nothing.
[[nodiscard]] std::optional<Stepped> step(const Line& before, const Action& action);

}  // namespace staleline::copies
