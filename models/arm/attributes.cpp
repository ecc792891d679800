// SPDX-License-Identifier: Apache-2.0
// From attributes in full to the class that the memory system acts on.
#include "staleline/arm/attributes.h"

#include <algorithm>

namespace staleline::arm {

MemoryClass memory_class(const MemoryAttributes& a) {
  if (a.type == MemoryType::Device) {
    switch (a.device) {
      case DeviceType::nGnRnE:
        return MemoryClass::DevicenGnRnE;
      case DeviceType::nGnRE:
        return MemoryClass::DevicenGnRE;
      case DeviceType::nGRE:
        return MemoryClass::DevicenGRE;
      case DeviceType::GRE:
        return MemoryClass::DeviceGRE;
    }
  }
  switch (std::min(a.inner.cacheability, a.outer.cacheability)) {
    case Cacheability::NonCacheable:
      return MemoryClass::NormalNC;
    case Cacheability::WriteThrough:
      return MemoryClass::NormalWT;
    case Cacheability::WriteBack:
      return MemoryClass::NormalWB;
  }
  return MemoryClass::DevicenGnRnE;  // no enumerator: the strictest class promises the least
}

}  // namespace staleline::arm
