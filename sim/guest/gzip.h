// SPDX-License-Identifier: Apache-2.0
// Files that gzip has compressed.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace staleline::guest {

[[nodiscard]] bool is_gzip(const std::vector<std::uint8_t>& bytes);
/// The bytes of all members. Throws FileError where they are damaged or more than `most_bytes`.
[[nodiscard]] std::vector<std::uint8_t> unpack_gzip(const std::string& name, const std::vector<std::uint8_t>& bytes,
                                                    std::uint64_t most_bytes);

}  // namespace staleline::guest
