// SPDX-License-Identifier: Apache-2.0
// Instructions of A64 that programs cannot use, so that nobody takes them for a slip of the keyboard.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

namespace staleline::a64 {

/// What to use instead (empty where there is nothing), if `mnemonic`, in lower case, is an instruction of A64 that is
/// not modelled.
[[nodiscard]] std::optional<std::string_view> unmodelled_instruction(std::string_view mnemonic);

/// All of those instructions, and all of the operations of DC that are not modelled.
[[nodiscard]] std::vector<std::string_view> unmodelled_instructions();
[[nodiscard]] std::vector<std::string_view> unmodelled_data_operations();

/// The same for an operation of DC.
[[nodiscard]] std::optional<std::string_view> unmodelled_data_operation(std::string_view operation);

/// True for the name of a SIMD or floating-point register: v0, q31, d5.
[[nodiscard]] bool is_simd_register(std::string_view name);

}  // namespace staleline::a64
