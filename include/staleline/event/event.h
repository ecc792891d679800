// SPDX-License-Identifier: Apache-2.0
// The one vocabulary of memory events. Models emit them, listeners judge, count and trace.
// An event is emitted in the step that changes a copy; stores at issue, loads when they are
// satisfied. Listeners get events in (cycle, component, sequence) order.
#pragma once

#include <array>
#include <cstdint>

#include "staleline/arm/address.h"
#include "staleline/arm/granule.h"
#include "staleline/arm/vocabulary.h"
#include "staleline/event/types.h"

namespace staleline::event {

enum class Kind : std::uint8_t {
  // What agents do, in program order of each agent.
  Read,         ///< a data load was satisfied: address, size, data
  Write,        ///< a store was issued: address, size, data; detail = 1: hardware updates AF or dirty state
  Fetch,        ///< an instruction fetch was satisfied: data; where instruction caches are indexed by the VA (VIPT), of
                ///< 8 bytes at the most, and data[1] = bits 27:12 of it, plus 1 (see virtual_index)
  Walk,         ///< a translation table walk was satisfied: data[0] = the descriptor, detail = stage << 4 | level
                ///< (0 for `.walk`), data[1] = the address that this stage translates: a VA, or an IPA at stage 2
  Maintenance,  ///< a cache maintenance operation was issued: aux = CacheOp, address, path of the VA; by set/way:
                ///< data[0] = the level from 1, data[1] = 1 where it stands for a complete sweep of that level with
                ///< this PE's data caching off throughout; IC IVAU: data[1] as of Fetch;
                ///< detail = 1: DC CIVAC and DC CISW that the program wrote as DC IVAC and DC ISW
  Barrier,      ///< a barrier completed: aux = packed Barrier
  ContextSync,  ///< context synchronisation event (ISB, exception entry or return)
  EdgeSend,     ///< aux = EdgeId, data[0] = how many sends of this edge came before, mechanism
  EdgeReceive,  ///< aux = EdgeId, data[0] = the send that is awaited, mechanism
  Live,         ///< data[0] bytes from `address` may (aux = 1) or may no longer (aux = 0) be
                ///< allocated speculatively in path.node; aux bit 1: instruction side too. Of a path that is not
                ///< cacheable: they may be read speculatively (aux = 1 only)
  Tlbi,         ///< a TLB maintenance instruction was issued: aux = packed arm::Tlbi, of EL2 where it acts on the
                ///< EL2&0 regime, data[0] = Xt, data[1] = the
                ///< VMID (bits 31:16) and ASID (bits 15:0) in force
  Translation,  ///< a TLB entry was made from the Walk events before it with the same `entry`: address = PA,
                ///< data[0] = VA, data[1] = packed TranslationTag; detail = 1: the walk ended in a fault; aux = the
                ///< older entry whose tables it began from where a walk cache had them (0: from the root)
  SystemRegister,  ///< a register that translation depends on comes into force: aux = arm::SystemRegister,
                   ///< data[0] = its value, data[1] = the one before; of what names tables (TTBRn_ELx, VTTBR_EL2)
                   ///< 0 while what runs is of another regime, and address = the VMID (bits 31:16) and ASID (bits 15:0)
                   ///< that were in force before, with bit 32 set; detail = 1: it was written, and comes into force
                   ///< with the next context synchronisation; detail = 2: it is in force, told before the first of
                   ///< these; data[1] = the value in force
  Fault,           ///< an access faulted: aux = FaultKind, detail = 1 where a handler takes it, address = PA where
  ///< known, data[0] = VA, data[1] = ESR_ELx, size = bytes of the access. Of an SMMU, data[1] = the type of
  ///< its event record (0: none is made) and, in bits 63:32, the packed SmmuConfiguration
  Grant,           ///< data[0] bytes from `address` may be used by agent aux from here on
  Revoke,          ///< ... may not
  Power,           ///< aux = 0: this PE left coherency and lost its private caches; 1: it joins, caches invalid;
                   ///< 2: the shared caches of the cluster lost their lines
  Unsynchronised,  ///< an access is made after a SystemRegister event with detail = 1 and before context
                   ///< synchronisation: data[0] = VA, data[1] = packed Reliance; detail = 1: of a declared mapping,
                   ///< which is another by what aux = arm::SystemRegister says now (address: as it is in force);
                   ///< detail = 2: no access, a read of aux = arm::SystemRegister itself
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

/// Why an access could not be made; `aux` of a Fault event.
enum class FaultKind : std::uint8_t {
  Translation,
  AddressSize,
  AccessFlag,
  Permission,
  Alignment,             ///< of an access to Device memory, or of an exclusive or ordered access
  ZeroDevice,            ///< DC ZVA to Device memory
  UnsupportedExclusive,  ///< an exclusive or atomic to memory without a global monitor
  TlbConflict,
  External,           ///< the memory system refused: a hole, a firewall, maintenance of something that is no memory
  Maintenance,        ///< cache maintenance of something that is no memory
  SmmuConfiguration,  ///< C_BAD_STE, C_BAD_CD, C_BAD_STREAMID ...
  SmmuTranslation,    ///< F_TRANSLATION, F_PERMISSION ... of a device's access
  Undefined,
  NoProgress,  ///< an exclusive store failed so often that its loop will not end
};

/// What `data[1]` of a Translation event says.
struct TranslationTag {
  std::uint16_t asid = 0, vmid = 0;
  std::uint8_t size_log2 = 12;  ///< bytes of VA that the entry covers, as a power of two
  std::uint8_t el = 1;          ///< the regime: 1 EL1&0, 2 EL2 or EL2&0
  std::uint8_t level = 3;       ///< of the stage 1 leaf (of the stage 2 leaf where stage 1 is off)
  bool global = true;
  bool stage1 = true, stage2 = false;
  arm::Granule granule1 = arm::Granule::K4, granule2 = arm::Granule::K4;  ///< of the tables of each stage
  friend constexpr bool operator==(TranslationTag, TranslationTag) = default;
  [[nodiscard]] constexpr std::uint64_t packed() const {
    return std::uint64_t{asid} | std::uint64_t{vmid} << 16 | std::uint64_t{size_log2} << 32 | std::uint64_t{el} << 40 |
           std::uint64_t{level} << 44 | std::uint64_t{global} << 48 | std::uint64_t{stage1} << 49 |
           std::uint64_t{stage2} << 50 | static_cast<std::uint64_t>(granule1) << 52 |
           static_cast<std::uint64_t>(granule2) << 54;
  }
  [[nodiscard]] static constexpr TranslationTag unpack(std::uint64_t v) {
    const auto part = [v](unsigned shift, std::uint64_t mask) { return v >> shift & mask; };
    return {static_cast<std::uint16_t>(part(0, 0xffff)),
            static_cast<std::uint16_t>(part(16, 0xffff)),
            static_cast<std::uint8_t>(part(32, 0xff)),
            static_cast<std::uint8_t>(part(40, 0xf)),
            static_cast<std::uint8_t>(part(44, 0xf)),
            part(48, 1) != 0,
            part(49, 1) != 0,
            part(50, 1) != 0,
            static_cast<arm::Granule>(part(52, 3)),
            static_cast<arm::Granule>(part(54, 3))};
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
  std::uint32_t entry = 0;      ///< Read ... Maintenance, Fault: the translation that was used (or that failed), unique
                                ///< for its PE (or SMMU), counted from 1; 0: none, a flat or a declared mapping.
                                ///< Walk: the entry that is being made
};
static_assert(sizeof(Event) == 64);

/// Bit 31 of `aux` of a Tlbi event: a configuration invalidation (CFGI) of an SMMU, whose agent tells it. Bits 7:0 of
/// `aux` are the opcode, `data` is the command. It removes STEs and CDs, no translations.
inline constexpr std::uint32_t kSmmuConfiguration = std::uint32_t{1} << 31;

/// `aux` of a SystemRegister event that an SMMU's agent tells: data[0] = 1 where it takes the TLB maintenance that PEs
/// broadcast (SMMU_CR2.PTM = 0), 0 where not, which holds until it says otherwise.
inline constexpr std::uint32_t kSmmuTakesBroadcasts = std::uint32_t{1} << 31;
/// Likewise: data[0] = SMMU_CR0.SMMUEN, which is set until an SMMU says otherwise. Without it nothing is translated.
inline constexpr std::uint32_t kSmmuEnabled = kSmmuTakesBroadcasts | 1;
/// Likewise: data[0] = SMMU_GBPA.ABORT, which is clear until an SMMU says otherwise. Where SMMUEN is clear it
/// terminates all that devices send.
inline constexpr std::uint32_t kSmmuAborts = kSmmuTakesBroadcasts | 2;

/// Which copies of an SMMU's configuration an event is about, in `aux` of Read and Write: the fetches that made them,
/// numbered from 1 for each SMMU and kind, 0: none. A Read of the SMMU's agent makes such a copy; a Read, Write or
/// Fault of a device behind it uses them.
struct SmmuConfiguration {
  std::uint16_t ste = 0, cd = 0;  ///< 15 bits
  friend constexpr bool operator==(SmmuConfiguration, SmmuConfiguration) = default;
  [[nodiscard]] constexpr std::uint32_t packed() const { return std::uint32_t{ste} << 1 | std::uint32_t{cd} << 16; }
  [[nodiscard]] static constexpr SmmuConfiguration unpack(std::uint32_t aux) {
    return {static_cast<std::uint16_t>(aux >> 1 & 0x7fff), static_cast<std::uint16_t>(aux >> 16 & 0x7fff)};
  }
};

/// In `aux` of a PE's Read, Write and Fetch: the access is unprivileged, of EL0 or LDTR and STTR.
inline constexpr std::uint32_t kUnprivileged = 2;

/// Of Fetch and of IC IVAU: bits 27:12 of the VA, plus 1; 0 where instruction caches are not indexed by it.
[[nodiscard]] constexpr std::uint64_t virtual_index(const Event& e) {
  return e.kind == Kind::Fetch && e.size > 8 ? 0 : e.data[1];
}

[[nodiscard]] constexpr std::uint32_t pack(arm::Barrier b) {
  return static_cast<std::uint32_t>(b.kind) << 16 | static_cast<std::uint32_t>(b.domain) << 8 |
         static_cast<std::uint32_t>(b.access);
}
[[nodiscard]] constexpr arm::Barrier unpack_barrier(std::uint32_t aux) {
  return {static_cast<arm::BarrierKind>(aux >> 16 & 0xff), static_cast<arm::BarrierDomain>(aux >> 8 & 0xff),
          static_cast<arm::BarrierAccess>(aux & 0xff)};
}

}  // namespace staleline::event
