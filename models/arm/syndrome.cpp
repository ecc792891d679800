// SPDX-License-Identifier: Apache-2.0
// Fault status codes and the fields around them.
#include "staleline/arm/syndrome.h"

#include "staleline/arm/mair.h"
#include "staleline/arm/shareability.h"

namespace staleline::arm {

namespace {

using Type = TranslationFaultType;

constexpr std::uint64_t bit(unsigned n, bool value = true) { return std::uint64_t{value} << n; }

// The first code of a type with a level, and the one that level -1 has instead.
struct LeveledCode {
  std::uint8_t first, minus_one;
};
constexpr LeveledCode leveled(Type type) {
  switch (type) {
    case Type::AddressSize:
      return {0x00, 0x29};
    case Type::Translation:
      return {0x04, 0x2b};
    case Type::AccessFlag:
      return {0x08, 0x08};
    case Type::Permission:
      return {0x0c, 0x0c};
    default:
      return {0x14, 0x13};  // ExternalOnWalk
  }
}

constexpr std::uint8_t kExternal = 0x10, kAlignment = 0x21, kTlbConflict = 0x30, kUnsupportedUpdate = 0x31,
                       kUnsupportedExclusive = 0x35;

}  // namespace

std::uint8_t fault_status(TranslationFaultType type, int level) {
  switch (type) {
    case Type::External:
      return kExternal;
    case Type::Alignment:
      return kAlignment;
    case Type::TlbConflict:
      return kTlbConflict;
    case Type::UnsupportedUpdate:
      return kUnsupportedUpdate;
    case Type::UnsupportedExclusive:
      return kUnsupportedExclusive;
    default:
      break;
  }
  const LeveledCode code = leveled(type);
  return level < 0 ? code.minus_one : static_cast<std::uint8_t>(code.first + (level & 3));
}

std::optional<FaultStatus> decode_fault_status(std::uint8_t code) {
  for (const Type type :
       {Type::External, Type::Alignment, Type::TlbConflict, Type::UnsupportedUpdate, Type::UnsupportedExclusive}) {
    if (fault_status(type, 0) == code) return FaultStatus{type, 0};
  }
  for (const Type type :
       {Type::AddressSize, Type::Translation, Type::AccessFlag, Type::Permission, Type::ExternalOnWalk}) {
    const LeveledCode first = leveled(type);
    if (code >= first.first && code < first.first + 4) {
      return FaultStatus{type, static_cast<std::int8_t>(code - first.first)};
    }
    if (code == first.minus_one) return FaultStatus{type, -1};
  }
  return std::nullopt;
}

std::uint64_t abort_esr(const TranslationFault& f, bool lower, const std::optional<InstructionSyndrome>& instruction) {
  std::uint64_t iss = fault_status(f.type, f.level) | bit(7, f.s1ptw);
  if (f.fetch) {
    return esr(lower ? ExceptionClass::InstructionAbortLower : ExceptionClass::InstructionAbort,
               static_cast<std::uint32_t>(iss));
  }
  // Maintenance reports WnR as a write, whatever it does.
  iss |= bit(6, f.write || f.maintenance) | bit(8, f.maintenance);
  if (instruction && f.stage == 2 && !f.s1ptw && !f.maintenance) {
    iss |= bit(24) | std::uint64_t{instruction->size_log2 & 3u} << 22 | bit(21, instruction->sign_extend) |
           std::uint64_t{instruction->rt & 31u} << 16 | bit(15, instruction->sixty_four) |
           bit(14, instruction->acquire_release);
  }
  return esr(lower ? ExceptionClass::DataAbortLower : ExceptionClass::DataAbort, static_cast<std::uint32_t>(iss));
}

std::uint64_t par(const TranslationResult& t) {
  const std::uint64_t sh = shareability_encode(effective_shareability(t.attributes));
  return std::uint64_t{mair_encode(t.attributes)} << 56 | (t.pa.value & 0xf'ffff'ffff'f000) | bit(11) | bit(9) |
         sh << 7;
}

std::uint64_t par(const TranslationFault& f) {
  return bit(0) | std::uint64_t{fault_status(f.type, f.level)} << 1 | bit(8, f.s1ptw) | bit(9, f.stage == 2) | bit(11);
}

}  // namespace staleline::arm
