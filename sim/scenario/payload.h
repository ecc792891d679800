// SPDX-License-Identifier: Apache-2.0
// Payload files: bytes that programs copy into memory.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "node.h"
#include "problems.h"

namespace staleline::scenario {

/// Where payload files are: first by name, then relative to a folder.
struct PayloadFiles {
  std::filesystem::path folder;
  const std::map<std::string, std::vector<std::uint8_t>>& contents;
};

/// Reads the file that `node` names. Reports a file that is missing, no regular file,
/// empty, or larger than `most` bytes.
[[nodiscard]] std::optional<std::vector<std::uint8_t>> read_payload(const Node& node, const PayloadFiles& files,
                                                                    std::uint64_t most, Problems& problems);

}  // namespace staleline::scenario
