// SPDX-License-Identifier: Apache-2.0
// The classes of encodings that a64.spec describes; the build makes the table from it.
#pragma once

#include <cstdint>
#include <span>

#include "staleline/a64/instruction.h"

namespace staleline::a64 {

/// The words that have `value` where `mask` has ones, and for which `decode` is true.
struct EncodingClass {
  const char* name;
  std::uint32_t mask, value;
  bool otherwise;  ///< takes only words that are of no other class
  /// Fills a default `i`; false, with nothing written, where the word is not of the class.
  bool (*decode)(std::uint32_t word, std::uint64_t pc, Instruction& i);
};

/// All of them, those with `otherwise` last.
[[nodiscard]] std::span<const EncodingClass> encoding_classes();
/// The positions, in order, of the classes that a word may be of.
[[nodiscard]] std::span<const std::uint8_t> candidate_classes(std::uint32_t word);

}  // namespace staleline::a64
