// SPDX-License-Identifier: Apache-2.0
// A second reading of VMSAv8-64, slow and direct: one recursive function over the bits of descriptors as DDI 0487 D8.3
// draws them. It shares no decoding with the walker; only the combining of attributes, which has its own tables.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "staleline/arm/translation.h"

namespace reference {

/// Physical memory of descriptors. Every address has one.
class Memory {
 public:
  virtual ~Memory() = default;
  virtual std::uint64_t read(std::uint64_t pa) = 0;
  virtual void write(std::uint64_t pa, std::uint64_t value) = 0;
};

/// One descriptor that a walk read or wrote.
struct Touched {
  std::uint64_t pa = 0;
  staleline::arm::MemoryAttributes attributes{};
  unsigned stage = 1;
  int level = 0;
  friend bool operator==(const Touched&, const Touched&) = default;
};

struct Outcome {
  std::optional<staleline::arm::TranslationFault> fault;
  staleline::arm::TranslationResult result;  ///< without a fault
  std::vector<Touched> reads, writes;        ///< in order, each once
};

[[nodiscard]] Outcome translate(const staleline::arm::TranslationRegisters& registers, staleline::arm::Regime regime,
                                std::uint64_t va, const staleline::arm::AccessRequest& request, Memory& memory);

}  // namespace reference
