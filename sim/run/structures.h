// SPDX-License-Identifier: Apache-2.0
// What an SMMU that is enabled from the start may read before any device asks it to.
#pragma once

#include "initial.h"
#include "staleline/judge/judge.h"
#include "staleline/scenario/scenario.h"

namespace staleline::run {

/// Adds stream table entries, context descriptors and tables of the devices' streams. `pes`: how many components come
/// before the devices.
void add_structures(judge::Parameters& j, const scenario::Scenario& s, std::uint8_t pes, const InitialMemory& memory);

}  // namespace staleline::run
