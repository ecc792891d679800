// SPDX-License-Identifier: Apache-2.0
// One variant of a scenario: its overrides merged in, its names resolved, its programs assembled.
#pragma once

#include <string>
#include <vector>

#include "memory.h"
#include "node.h"
#include "problems.h"
#include "programs.h"
#include "staleline/scenario/scenario.h"

namespace staleline::scenario {

/// `over` on top of `base`, mapping by mapping and key by key; anything else replaces. A text on top of (or
/// below) a mapping counts as `{ KEY: text }` where `short_key` is not empty.
[[nodiscard]] Node merged(const Node& base, const Node& over, std::string_view short_key = {});

/// What all variants share.
struct Base {
  const Node& document;
  const Memory& memory;
  const std::vector<ProgramText>& programs;
  bool sound_programs = true;  ///< false: some lines could not be read, so none are assembled
};

/// Fills in all that depends on the variant; `index` is its place among the variants.
void resolve_variant(const Base& base, const Node& variant, std::size_t index, Scenario& scenario, Problems& problems);

}  // namespace staleline::scenario
