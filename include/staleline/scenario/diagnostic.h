// SPDX-License-Identifier: Apache-2.0
// One mistake of the user, where it stands and what was expected.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace staleline::scenario {

struct Diagnostic {
  std::string file;        ///< as the user spelled it; "<stdin>" for `-`
  std::uint32_t line = 1;  ///< from 1
  std::uint32_t column = 1;
  std::string message;  ///< what was found, what was expected, the nearest valid name
  /// "FILE:LINE:COL: error: MESSAGE"
  [[nodiscard]] std::string formatted() const;
};

/// Thrown by everything that reads what a user wrote. Never empty.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::vector<Diagnostic> diagnostics);
  [[nodiscard]] const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

}  // namespace staleline::scenario
