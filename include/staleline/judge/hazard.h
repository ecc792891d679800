// SPDX-License-Identifier: Apache-2.0
// What the judge finds: a hazard is an intent edge that is not guaranteed.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/event/event.h"
#include "staleline/event/types.h"

namespace staleline::judge {

/// The seven forms of an unguaranteed intent edge (docs/architecture.md).
enum class Rule : std::uint8_t { P1, P2, P3, P4, P5, P6, P7 };

/// Stable kinds; the number is the id that users write, as in SL101.
enum class HazardId : std::uint16_t {
  StaleBelowCache = 101,         ///< the newest bytes may be only in a cache that the reader looks past
  StaleCopy = 102,               ///< the reader may hit an older copy in its own caches
  StaleInstruction = 103,        ///< an instruction fetch may get older bytes
  StaleWalk = 104,               ///< a translation may use an older descriptor: from a walk, or kept by a TLB
  LostToWriteBack = 201,         ///< an older dirty line may be written back over the newest bytes
  LostToInvalidate = 202,        ///< an invalidate may discard the newest bytes
  LostToPowerOff = 203,          ///< the caches that held the newest bytes lost power
  NotOrdered = 301,              ///< no barrier or acquire/release orders the write before the read
  NotSynchronised = 302,         ///< a system register was written, and nothing puts it in force before the access
  ForbiddenTarget = 401,         ///< an access, or speculation, may reach what must not be accessed
  GatheredDevice = 402,          ///< what has side effects is mapped Normal: merged, repeated, speculated
  AlignmentFault = 601,          ///< an unaligned access, or DC ZVA, to Device memory
  BreakBeforeMake = 602,         ///< a live descriptor was replaced by another valid one
  UnsupportedExclusive = 603,    ///< an exclusive or atomic where there is no monitor for it
  TranslationFault = 604,        ///< nothing valid maps the address
  PermissionFault = 605,         ///< the mapping does not permit the access
  MaintenanceOfNonMemory = 606,  ///< cache maintenance of something that is no memory
  SmmuFault = 607,               ///< an SMMU refused a device's access
  NoProgress = 608,              ///< a loop waits for what nothing makes happen
  UseAfterRevocation = 701,      ///< an agent used, or can use, what was taken away
  NeverGranted = 702,            ///< an agent may see what a former owner left behind
};

/// The catalogue entry of a hazard kind: what `staleline explain` and `list` print.
struct HazardKind {
  HazardId id{};
  Rule rule{};
  std::string_view slug;     ///< "stale-below-cache"
  std::string_view summary;  ///< one sentence
};
[[nodiscard]] std::span<const HazardKind> hazard_kinds();
[[nodiscard]] const HazardKind& kind_of(HazardId id);
/// "SL101".
[[nodiscard]] std::string spelled(HazardId id);
/// "P1".
[[nodiscard]] std::string_view spelled(Rule rule);

/// Latent: some legal schedule bites. Observed: this run consumed the wrong bytes. Note: the older copy
/// can only hold the same bytes; it never fails a run.
enum class Verdict : std::uint8_t { Note, Latent, Observed };
[[nodiscard]] std::string_view spelled(Verdict v);

/// Something that an agent did: who, on which line of the scenario, when.
struct Deed {
  event::AgentId agent{};
  event::SourceLine line{};
  event::Cycle cycle = 0;
  bool initial = false;  ///< the platform's initial contents, before any agent acted
};

/// What has to be added, and where. One hazard may have several, all needed, in order.
struct Fix {
  std::string operation;                  ///< "dc cvac", "dsb sy", ...
  arm::PhysAddr address{};                ///< first byte to cover; meaningless for barriers
  std::uint64_t bytes = 0;                ///< 0 for barriers
  event::AgentId agent{};                 ///< whose program
  event::SourceLine after{};              ///< insert after this line (the deed that has to be made visible), or
  event::SourceLine before{};             ///< before this line (the read, the edge); exactly one is set
  bool elsewhere = false;                 ///< the range is not the hazard's: TLB maintenance names what is mapped
  std::optional<event::AgentId> whose{};  ///< of TLB maintenance: whose translations go, where not the hazard's agent's
};

/// One hazard: one id at one reading line of one agent, over one run of bytes.
struct Hazard {
  HazardId id{};
  Verdict verdict = Verdict::Latent;
  event::AgentId agent{};        ///< the reader that must see
  event::SourceLine line{};      ///< its line
  event::Cycle cycle = 0;        ///< of the first such read
  arm::PhysAddr address{};       ///< first byte concerned
  std::uint64_t bytes = 0;       ///< how many bytes from the first to the last
  std::uint8_t sample_size = 0;  ///< bytes in saw and should: from `sample_address`
  arm::PhysAddr sample_address{};
  std::array<std::uint8_t, 16> saw{}, should{};
  Deed writer{};                  ///< who wrote what should have been seen
  std::optional<Deed> culprit{};  ///< what made it wrong: the older dirty write, the invalidate, the fill
  event::NodeId holder{};         ///< the node that may hold the newest (101, 20x) or an older copy (102)
  bool under_way = false;         ///< 101: the newest bytes were cleaned, and may be on their way to memory still
  std::vector<Fix> fixes{};
  std::string what{};                 ///< where it is no stale read: what the agent does, as the rest of a sentence
  bool in_tlb = false;                ///< what is older is an entry of a TLB, not a copy of the line
  std::optional<arm::VirtAddr> va{};  ///< of a fault, whose `address` may be unknown (0)
};

}  // namespace staleline::judge
