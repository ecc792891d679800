// SPDX-License-Identifier: Apache-2.0
// What the PE asks of its MMU: a virtual address becomes a physical one with final attributes.
// Declared mappings answer today; real translation tables stand behind the same interface.
#pragma once

#include <cstdint>
#include <variant>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/arm/attributes.h"
#include "staleline/event/event.h"

namespace staleline::mmu {

enum class AccessType : std::uint8_t { Read, Write, Fetch, Walk, Maintenance };

/// The fields of SCTLR_ELx, and HCR_EL2.DC, that change what an access is (DDI 0487 D17.2). In force, not just written.
struct Controls {
  bool m = true;    ///< stage 1 translation on
  bool c = true;    ///< data cacheable
  bool i = true;    ///< instructions cacheable
  bool dc = false;  ///< HCR_EL2.DC: stage 1 off whatever `m` says, accesses Normal Write-Back
  [[nodiscard]] constexpr bool stage1() const { return m && !dc; }
  friend constexpr bool operator==(Controls, Controls) = default;
};

struct Translation {
  arm::PhysAddr address{};
  event::Path path{};
  std::uint64_t bytes = 1;  ///< how many bytes from here on are reached in the same way
  std::uint32_t entry = 0;  ///< the TLB entry that says so; 0: a declared or flat mapping
};

/// How the memory system acts on an access of these attributes.
[[nodiscard]] event::Path path_of(const arm::MemoryAttributes& attributes);

struct Fault {
  using Kind = event::FaultKind;
  Kind kind = Kind::Translation;
};

/// A run of physical memory that speculation may reach.
struct Reach {
  arm::PhysAddr base{};
  std::uint64_t bytes = 0;
  event::Path path{};
  friend constexpr bool operator==(const Reach&, const Reach&) = default;
};

/// Ascending and disjoint: of bytes that several runs cover the first in address order keeps them, and
/// neighbours with one path become one run.
[[nodiscard]] std::vector<Reach> merged(std::vector<Reach> reach);

class Translator {
 public:
  virtual ~Translator() = default;
  /// Total: every address either translates or faults. `path.node` is already the node that the
  /// access looks up (kNoNode for Device and Normal Non-cacheable). `alignment`: the size of the
  /// element, a power of two; Device memory faults where `va` is no multiple of it.
  [[nodiscard]] virtual std::variant<Translation, Fault> translate(arm::VirtAddr va, AccessType type, Controls controls,
                                                                   std::uint8_t alignment = 1) const = 0;

  /// Where the data side may allocate speculatively under `controls`: cacheable memory, ascending and disjoint.
  [[nodiscard]] virtual std::vector<Reach> reach(Controls controls) const = 0;

  /// Normal memory that data accesses go past the caches to under `controls`, likewise: speculation may read it too
  /// (DDI 0487 B2.7.1), and leaves no copy.
  [[nodiscard]] virtual std::vector<Reach> reach_past_caches(Controls controls) const = 0;

  /// The virtual addresses of a byte of memory under `controls`, ascending.
  [[nodiscard]] virtual std::vector<arm::VirtAddr> aliases(arm::PhysAddr address, Controls controls) const = 0;
};

}  // namespace staleline::mmu
