// SPDX-License-Identifier: Apache-2.0
// Diagnostics as text.
#include "staleline/scenario/diagnostic.h"

#include <fmt/format.h>

#include <utility>

namespace staleline::scenario {

namespace {

std::string all(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Diagnostic& d : diagnostics) out += (out.empty() ? "" : "\n") + d.formatted();
  return out;
}

}  // namespace

std::string Diagnostic::formatted() const { return fmt::format("{}:{}:{}: error: {}", file, line, column, message); }

InputError::InputError(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(all(diagnostics)), diagnostics_(std::move(diagnostics)) {}

}  // namespace staleline::scenario
