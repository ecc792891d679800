// SPDX-License-Identifier: Apache-2.0
// What the atomic instructions of FEAT_LSE do to memory (DDI 0487 C3.2.12, shared pseudocode `MemAtomic`).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace staleline::a64 {

enum class AtomicOperation : std::uint8_t {
  Add,    ///< LDADD
  Clear,  ///< LDCLR: and not
  Eor,    ///< LDEOR
  Set,    ///< LDSET: or
  SMax,
  SMin,
  UMax,
  UMin,
  Swap,     ///< SWP
  Compare,  ///< CAS, CASP: the operand, where memory has what is compared
};

/// One or two elements, zero-extended; the second is 0 where there is one.
using AtomicValue = std::array<std::uint64_t, 2>;

/// What an atomic of elements of `bytes` (1, 2, 4, 8) stores where memory has `old`; empty where a comparison fails:
/// then nothing is stored. Only Compare has two elements and looks at `compared`.
[[nodiscard]] std::optional<AtomicValue> atomic_result(AtomicOperation operation, unsigned bytes,
                                                       const AtomicValue& old, const AtomicValue& operand,
                                                       const AtomicValue& compared = {});

}  // namespace staleline::a64
