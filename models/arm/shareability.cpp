// SPDX-License-Identifier: Apache-2.0
// Shareability of descriptors and of memory.
#include "staleline/arm/shareability.h"

namespace staleline::arm {

Permitted<Shareability> shareability_decode(std::uint8_t sh) {
  using enum Shareability;
  switch (sh & 3) {
    case 0:
      return NonShareable;
    case 2:
      return OuterShareable;
    case 3:
      return InnerShareable;
    default:
      // The widest of the permitted promises the most coherence, so it hides hazards rather than invents them.
      return {OuterShareable, InnerShareable, NonShareable};
  }
}

std::uint8_t shareability_encode(Shareability s) {
  switch (s) {
    case Shareability::NonShareable:
      return 0;
    case Shareability::InnerShareable:
      return 3;
    case Shareability::OuterShareable:
      break;
  }
  return 2;
}

Shareability effective_shareability(const MemoryAttributes& a) {
  const bool non_cacheable = a.inner.cacheability == Cacheability::NonCacheable &&  //
                             a.outer.cacheability == Cacheability::NonCacheable;
  return a.type == MemoryType::Device || non_cacheable ? Shareability::OuterShareable : a.shareability;
}

}  // namespace staleline::arm
