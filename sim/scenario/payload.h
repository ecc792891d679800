// SPDX-License-Identifier: Apache-2.0
// Payload files: bytes that programs copy into memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "node.h"
#include "problems.h"

namespace staleline::scenario {

/// Reads the file that `node` names, relative to `folder`. Reports a file that is missing, no regular file,
/// empty, or larger than `most` bytes.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> read_payload(const Node& node,
                                                                    const std::filesystem::path& folder,
                                                                    std::uint64_t most, Problems& problems);

}  // namespace staleline::scenario
