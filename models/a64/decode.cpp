// SPDX-License-Identifier: Apache-2.0
// Finds the class of a word; and what the expressions of a64.spec call.
#include "staleline/a64/decode.h"

#include <array>
#include <bit>
#include <utility>

#include "decode_fields.h"
#include "decode_table.h"

namespace staleline::a64 {

std::optional<Instruction> decode(std::uint32_t word, arm::VirtAddr pc) {
  std::optional<Instruction> result(std::in_place);
  for (const std::uint8_t n : candidate_classes(word)) {
    const EncodingClass& c = encoding_classes()[n];
    if ((word & c.mask) == c.value && c.decode(word, pc.value, *result)) return result;
  }
  return std::nullopt;
}

namespace fields {

namespace {

/// log2 of the element's size: where NOT(imms), with N in front, has its highest one. 0: there is no such element.
unsigned element_log2(std::uint32_t n, std::uint32_t imms) {
  const std::uint32_t length = n << 6 | (~imms & 0x3f);
  return length == 0 ? 0 : static_cast<unsigned>(std::bit_width(length)) - 1;
}

arm::SystemEncoding system_encoding(std::uint32_t encoding) {
  arm::SystemEncoding e;
  e.packed = static_cast<std::uint16_t>(0x8000 | encoding);
  return e;
}

std::optional<SystemRegister> named_register(std::uint32_t encoding, arm::RegisterAccess refused) {
  const auto found = arm::system_register_at(system_encoding(encoding));
  if (found && arm::info_of(*found).access == refused) return std::nullopt;
  return found;
}

arm::SysEncoding sys(std::uint32_t op1, std::uint32_t nxs, std::uint32_t crm, std::uint32_t op2) {
  return {static_cast<std::uint8_t>(op1), static_cast<std::uint8_t>(8 | nxs), static_cast<std::uint8_t>(crm),
          static_cast<std::uint8_t>(op2)};
}

}  // namespace

bool is_bitmask(std::uint32_t sf, std::uint32_t n, std::uint32_t /*immr*/, std::uint32_t imms) {
  if (sf == 0 && n == 1) return false;
  const unsigned log2 = element_log2(n, imms);
  const std::uint32_t levels = (1U << log2) - 1;
  return log2 >= 1 && (imms & levels) != levels;  // an element of ones only is reserved
}

std::uint64_t bitmask(std::uint32_t sf, std::uint32_t n, std::uint32_t immr, std::uint32_t imms) {
  const unsigned size = 1U << element_log2(n, imms);
  const unsigned run = (imms & (size - 1)) + 1, rotation = immr & (size - 1);
  std::uint64_t element = ones(run);
  if (rotation != 0) element = (element >> rotation | element << (size - rotation)) & ones(size);
  for (unsigned filled = size; filled < 64; filled *= 2) element |= element << filled;
  return truncated(element, sf != 0);
}

arm::Barrier barrier_of(arm::BarrierKind kind, std::uint32_t crm) {
  using arm::BarrierAccess, arm::BarrierDomain;
  constexpr std::array<BarrierDomain, 4> kDomains = {BarrierDomain::OSH, BarrierDomain::NSH, BarrierDomain::ISH,
                                                     BarrierDomain::SY};
  constexpr std::array<BarrierAccess, 3> kAccesses = {BarrierAccess::LD, BarrierAccess::ST, BarrierAccess::All};
  if (crm % 4 == 0) return {kind, BarrierDomain::SY, BarrierAccess::All};
  return {kind, kDomains.at(crm / 4), kAccesses.at(crm % 4 - 1)};
}

bool is_tlbi(std::uint32_t op1, std::uint32_t nxs, std::uint32_t crm, std::uint32_t op2) {
  return arm::decode_tlbi(sys(op1, nxs, crm, op2)).has_value();
}

arm::Tlbi tlbi_of(std::uint32_t op1, std::uint32_t nxs, std::uint32_t crm, std::uint32_t op2) {
  return arm::decode_tlbi(sys(op1, nxs, crm, op2)).value_or(arm::Tlbi{});
}

bool is_readable(std::uint32_t encoding) {
  return named_register(encoding, arm::RegisterAccess::WriteOnly).has_value();
}

bool is_writable(std::uint32_t encoding) { return named_register(encoding, arm::RegisterAccess::ReadOnly).has_value(); }

SystemRegister register_at(std::uint32_t encoding) {
  return arm::system_register_at(system_encoding(encoding)).value_or(SystemRegister{});
}

}  // namespace fields
}  // namespace staleline::a64
