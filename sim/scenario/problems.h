// SPDX-License-Identifier: Apache-2.0
// Collects the mistakes of one file: each once, in file order, with names that may have been meant.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "node.h"
#include "staleline/scenario/diagnostic.h"

namespace staleline::scenario {

class Problems {
 public:
  explicit Problems(std::string file) : file_(std::move(file)) {}

  void add(Mark at, std::string message);
  [[nodiscard]] bool empty() const { return diagnostics_.empty(); }
  [[nodiscard]] std::size_t size() const { return diagnostics_.size(); }
  /// Throws InputError where there are any.
  void check();

 private:
  std::string file_;
  std::vector<Diagnostic> diagnostics_;
};

/// What the user wrote, between backquotes: printable, one line, not too long.
[[nodiscard]] std::string shown(std::string_view text);
/// `message` with the nearest valid name, or with all of them where they are few.
[[nodiscard]] std::string with_suggestion(std::string message, std::string_view found,
                                          const std::vector<std::string>& valid);

}  // namespace staleline::scenario
