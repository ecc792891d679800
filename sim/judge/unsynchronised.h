// SPDX-License-Identifier: Apache-2.0
// System registers that an agent wrote since it synchronised its context, and those that translation depends on with
// them.
#pragma once

#include <cstdint>
#include <vector>

#include "staleline/arm/system_registers.h"
#include "staleline/arm/translation.h"
#include "staleline/judge/hazard.h"

namespace staleline::judge {

struct WrittenRegister {
  arm::SystemRegister named{};
  std::uint64_t in_force = 0, written = 0;
  Deed by{};  ///< where the two differ
};

/// What is known of an agent's registers, from its first write of one of them.
struct Context {
  std::vector<WrittenRegister> registers;
  std::vector<WrittenRegister> before;  ///< the same up to the latest context synchronisation that changed something
};

/// How an access is translated: what differs here is another access.
struct Outcome {
  std::uint64_t pa = 0;
  arm::MemoryAttributes attributes{};
  bool faults = false;
  arm::TranslationFaultType fault{};
  std::uint64_t par = 0;  ///< of AT: all that counts
  // What does not make it another one.
  arm::PhysAddr leaf{};  ///< the last descriptor of stage 1
  bool updated = false;  ///< hardware had to update a descriptor
  bool global = true;
  std::uint16_t asid = 0;
  friend bool operator==(const Outcome& a, const Outcome& b) {
    return a.pa == b.pa && a.attributes == b.attributes && a.faults == b.faults && a.fault == b.fault && a.par == b.par;
  }
};

}  // namespace staleline::judge
