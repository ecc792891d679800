// SPDX-License-Identifier: Apache-2.0
// How the sixteen conditions of A64 are spelled.
#include <array>
#include <string>

#include "staleline/a64/instruction.h"

namespace staleline::a64 {

std::string text_of(Condition condition) {
  static constexpr std::array<const char*, 16> kNames = {"eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc",
                                                         "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"};
  return kNames[static_cast<std::size_t>(condition) % kNames.size()];
}

}  // namespace staleline::a64
