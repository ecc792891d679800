// SPDX-License-Identifier: Apache-2.0
// ELF64 executables for AArch64.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "staleline/guest/image.h"

namespace staleline::guest {

[[nodiscard]] bool is_elf(const std::vector<std::uint8_t>& bytes);
/// Segments with the file's physical addresses, in the file's order, and symbols; nothing is placed or compared yet.
/// Throws FileError.
[[nodiscard]] Image read_elf(const std::string& name, std::vector<std::uint8_t>& bytes);

}  // namespace staleline::guest
