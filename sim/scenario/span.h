// SPDX-License-Identifier: Apache-2.0
// `region`, `region[a..b]`, `region[..]` and `region+offset` as values of keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "memory.h"
#include "node.h"
#include "problems.h"

namespace staleline::scenario {

struct Part {
  std::uint32_t region = 0;
  std::uint64_t offset = 0, bytes = 0;
};
/// Bytes of a region. Empty where something is wrong (reported) or the region itself is wrong (reported there).
[[nodiscard]] std::optional<Part> region_part(const Node& node, const Memory& memory, Problems& problems);

/// `name+offset`, split; the offset is 0 where none is written.
struct Place {
  std::string name;
  std::uint64_t offset = 0;
};
[[nodiscard]] std::optional<Place> place_in(const Node& node, Problems& problems);

}  // namespace staleline::scenario
