// SPDX-License-Identifier: Apache-2.0
// The sixteen conditions of A64 and their spelling.
#include <array>
#include <string>

#include "staleline/a64/step.h"

namespace staleline::a64 {

bool holds(Condition condition, const Registers& r) {
  const auto encoding = static_cast<unsigned>(condition);
  bool result = true;
  switch (encoding >> 1) {
    case 0:
      result = r.z;
      break;
    case 1:
      result = r.c;
      break;
    case 2:
      result = r.n;
      break;
    case 3:
      result = r.v;
      break;
    case 4:
      result = r.c && !r.z;
      break;
    case 5:
      result = r.n == r.v;
      break;
    case 6:
      result = r.n == r.v && !r.z;
      break;
    default:
      return true;  // AL, and NV which is the same
  }
  return (encoding & 1) != 0 ? !result : result;
}

std::string text_of(Condition condition) {
  static constexpr std::array<const char*, 16> kNames = {"eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc",
                                                         "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"};
  return kNames[static_cast<std::size_t>(condition) % kNames.size()];
}

}  // namespace staleline::a64
