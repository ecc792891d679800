// SPDX-License-Identifier: Apache-2.0
// What SMMUv3 queues hold: commands and event records (IHI 0070 chapters 4 and 7.3), and the arithmetic of queue
// indexes (3.5.1).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "staleline/arm/address.h"
#include "staleline/arm/smmu_fields.h"
#include "staleline/arm/tlbi.h"

namespace staleline::arm::smmu {

enum class Opcode : std::uint8_t {
  PREFETCH_CONFIG = 0x01,
  PREFETCH_ADDR = 0x02,
  CFGI_STE = 0x03,
  CFGI_STE_RANGE = 0x04,  ///< with Range = 31: CFGI_ALL
  CFGI_CD = 0x05,
  CFGI_CD_ALL = 0x06,
  CFGI_VMS_PIDM = 0x07,
  TLBI_NH_ALL = 0x10,
  TLBI_NH_ASID = 0x11,
  TLBI_NH_VA = 0x12,
  TLBI_NH_VAA = 0x13,
  TLBI_EL3_ALL = 0x18,
  TLBI_EL3_VA = 0x1a,
  TLBI_EL2_ALL = 0x20,
  TLBI_EL2_ASID = 0x21,
  TLBI_EL2_VA = 0x22,
  TLBI_EL2_VAA = 0x23,
  TLBI_S12_VMALL = 0x28,
  TLBI_S2_IPA = 0x2a,
  TLBI_NSNH_ALL = 0x30,
  ATC_INV = 0x40,
  PRI_RESP = 0x41,
  RESUME = 0x44,
  STALL_TERM = 0x45,
  SYNC = 0x46,
};
inline constexpr std::uint8_t kRangeAll = 31;  ///< Range of CFGI_STE_RANGE that means every StreamID

/// A command of 16 bytes. Fields that the opcode does not have are not encoded and decode as zero.
struct Command {
  Opcode opcode = Opcode::SYNC;
  bool ssv = false;   ///< PREFETCH_*, ATC_INV, PRI_RESP: SubstreamID is valid
  bool ssec = false;  ///< Secure stream: not modelled
  std::uint32_t substream_id = 0, stream_id = 0;
  bool leaf = false;       ///< CFGI_STE, CFGI_CD, TLBI by address
  std::uint8_t range = 0;  ///< CFGI_STE_RANGE: 2^(range + 1) StreamIDs
  std::uint16_t asid = 0, vmid = 0;
  std::uint8_t num = 0, scale = 0, ttl = 0, tg = 0;  ///< TLBI by address; a range where TG is not 0
  std::uint64_t address = 0;                         ///< a VA, an IPA, or of an MSI
  std::uint8_t size = 0, stride = 0;                 ///< PREFETCH_ADDR
  std::uint8_t cs = 0;                               ///< SYNC: 0 nothing, 1 interrupt or MSI, 2 SEV
  std::uint8_t msh = 0, msi_attr = 0;
  std::uint32_t msi_data = 0;
  bool ac = false, ab = false;  ///< RESUME
  std::uint16_t stag = 0;
  friend bool operator==(const Command&, const Command&) = default;
};
using CommandWords = std::array<std::uint64_t, 2>;
inline constexpr std::uint64_t kCommandBytes = 16;

[[nodiscard]] CommandWords encode(const Command& c);
/// Empty where the opcode is reserved.
[[nodiscard]] std::optional<Command> decode_command(const CommandWords& words);
/// Every command, by opcode.
[[nodiscard]] std::span<const Opcode> all_opcodes();
/// "CFGI_STE"; empty for a reserved value.
[[nodiscard]] std::string_view name_of(Opcode o);
/// By name, with or without CMD_, in any letter case.
[[nodiscard]] std::optional<Opcode> find_opcode(std::string_view name);
/// The fields of a command besides the opcode itself.
[[nodiscard]] std::span<const Field> command_fields(Opcode o);

/// A TLBI command as the TLBI instruction that it is the SMMU's form of (scope, regime, leaf, range, Inner
/// Shareable); empty for other commands and for EL3.
[[nodiscard]] std::optional<Tlbi> tlbi_of(const Command& c);
/// What a TLBI by address or ASID covers: ASID, first address, bytes, hints.
[[nodiscard]] TlbiOperand tlbi_operand(const Command& c);
[[nodiscard]] constexpr bool is_configuration_invalidation(Opcode o) {
  return o >= Opcode::CFGI_STE && o <= Opcode::CFGI_VMS_PIDM;
}

enum class EventType : std::uint8_t {
  F_UUT = 0x01,
  C_BAD_STREAMID = 0x02,
  F_STE_FETCH = 0x03,
  C_BAD_STE = 0x04,
  F_BAD_ATS_TREQ = 0x05,
  F_STREAM_DISABLED = 0x06,
  F_TRANSL_FORBIDDEN = 0x07,
  C_BAD_SUBSTREAMID = 0x08,
  F_CD_FETCH = 0x09,
  C_BAD_CD = 0x0a,
  F_WALK_EABT = 0x0b,
  F_TRANSLATION = 0x10,
  F_ADDR_SIZE = 0x11,
  F_ACCESS = 0x12,
  F_PERMISSION = 0x13,
  F_TLB_CONFLICT = 0x20,
  F_CFG_CONFLICT = 0x21,
  E_PAGE_REQUEST = 0x24,
  F_VMS_FETCH = 0x25,
};
/// EventRecord::cls: what the faulting access was for.
enum class EventClass : std::uint8_t { Cd = 0, Ttd = 1, Input = 2 };

/// An event record of 32 bytes. Fields that the type does not have are not encoded and decode as zero.
struct EventRecord {
  EventType type = EventType::F_TRANSLATION;
  bool ssv = false;
  std::uint32_t substream_id = 0, stream_id = 0;
  std::uint16_t stag = 0;
  bool stall = false;
  bool pnu = false, ind = false, rnw = false;
  bool s2 = false;
  EventClass cls = EventClass::Cd;
  std::uint64_t input_address = 0;
  std::uint64_t ipa = 0;            ///< F_TRANSLATION ... F_PERMISSION with S2
  std::uint64_t fetch_address = 0;  ///< F_STE_FETCH, F_CD_FETCH, F_WALK_EABT
  friend bool operator==(const EventRecord&, const EventRecord&) = default;
};
using EventWords = std::array<std::uint64_t, 4>;
inline constexpr std::uint64_t kEventBytes = 32;

[[nodiscard]] EventWords encode(const EventRecord& e);
/// Empty where the type is reserved.
[[nodiscard]] std::optional<EventRecord> decode_event(const EventWords& words);
[[nodiscard]] std::span<const EventType> all_event_types();
[[nodiscard]] std::string_view name_of(EventType t);
[[nodiscard]] std::optional<EventType> find_event_type(std::string_view name);
[[nodiscard]] std::span<const Field> event_fields(EventType t);
/// True for what IHI 0070 calls configuration errors and their fetches: no translation was begun.
[[nodiscard]] constexpr bool is_configuration_event(EventType t) { return t <= EventType::C_BAD_CD; }

/// A queue of 2^log2size entries, PROD and CONS with the wrap bit above the index.
struct QueueIndex {
  std::uint8_t log2size = 0;
  [[nodiscard]] constexpr std::uint32_t index(std::uint32_t pointer) const { return pointer & ((1U << log2size) - 1); }
  [[nodiscard]] constexpr std::uint32_t masked(std::uint32_t pointer) const { return pointer & ((2U << log2size) - 1); }
  [[nodiscard]] constexpr std::uint32_t next(std::uint32_t pointer) const { return masked(pointer + 1); }
  [[nodiscard]] constexpr bool empty(std::uint32_t prod, std::uint32_t cons) const {
    return masked(prod) == masked(cons);
  }
  [[nodiscard]] constexpr bool full(std::uint32_t prod, std::uint32_t cons) const {
    return masked(prod ^ cons) == 1U << log2size;
  }
};

}  // namespace staleline::arm::smmu
