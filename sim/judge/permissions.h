// SPDX-License-Identifier: Apache-2.0
// Which of two descriptors translates an access makes a difference only where they map elsewhere, or where one permits
// the access and the other does not (DDI 0487 D8.4, D8.16.1).
#pragma once

#include <cstdint>

#include "staleline/event/event.h"
#include "translations.h"

namespace staleline::judge {

/// Of a Read, Write, Fetch, Maintenance or Fault event.
[[nodiscard]] Asks asks_of(const event::Event& e);

/// True where a valid descriptor permits the access, as far as it alone decides.
[[nodiscard]] bool permits(std::uint64_t value, const TableUse& u, const Asks& asks);

/// True where the access has the same outcome by the valid descriptor `older`, as a TLB may hold it, as by `newest`:
/// they differ in nothing but permissions, AF, dirty state, nG and bits that hardware ignores, and both or neither
/// permit the access.
[[nodiscard]] bool alike(std::uint64_t older, std::uint64_t newest, const TableUse& u, const Asks& asks);

/// True where the access faults by `older` instead, so that whoever takes the fault may do it again.
[[nodiscard]] bool faults_instead(std::uint64_t older, std::uint64_t newest, const TableUse& u, const Asks& asks);

}  // namespace staleline::judge
