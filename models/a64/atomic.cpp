// SPDX-License-Identifier: Apache-2.0
// Values of atomics.
#include "staleline/a64/atomic.h"

#include <algorithm>

#include "register_file.h"

namespace staleline::a64 {
namespace {

std::uint64_t combined(AtomicOperation operation, unsigned bits, std::uint64_t old, std::uint64_t operand) {
  const auto is_signed = [bits](std::uint64_t v) { return static_cast<std::int64_t>(sign_extended(v, bits)); };
  switch (operation) {
    case AtomicOperation::Add:
      return old + operand;
    case AtomicOperation::Clear:
      return old & ~operand;
    case AtomicOperation::Eor:
      return old ^ operand;
    case AtomicOperation::Set:
      return old | operand;
    case AtomicOperation::SMax:
      return is_signed(old) > is_signed(operand) ? old : operand;
    case AtomicOperation::SMin:
      return is_signed(old) > is_signed(operand) ? operand : old;
    case AtomicOperation::UMax:
      return std::max(old, operand);
    case AtomicOperation::UMin:
      return std::min(old, operand);
    case AtomicOperation::Swap:
    case AtomicOperation::Compare:
      return operand;
  }
  return old;
}

}  // namespace

std::optional<AtomicValue> atomic_result(AtomicOperation operation, unsigned bytes, const AtomicValue& old,
                                         const AtomicValue& operand, const AtomicValue& compared) {
  const unsigned bits = 8 * bytes;
  const std::uint64_t mask = ones(bits);
  const auto element = [&](std::size_t n) {
    return combined(operation, bits, old[n] & mask, operand[n] & mask) & mask;
  };
  if (operation != AtomicOperation::Compare) return AtomicValue{element(0), 0};
  const bool equal = ((old[0] ^ compared[0]) & mask) == 0 && ((old[1] ^ compared[1]) & mask) == 0;
  if (!equal) return std::nullopt;
  return AtomicValue{element(0), element(1)};
}

}  // namespace staleline::a64
