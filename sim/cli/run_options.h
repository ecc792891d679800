// SPDX-License-Identifier: Apache-2.0
// The options of `run`, parsed and checked.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "command.h"
#include "platform_override.h"
#include "staleline/run/run.h"

namespace staleline::cli {

struct RunOptions {
  run::Options run;
  Overrides platform;
  std::uint64_t seeds = 1;
  bool strict = false, json = false, quiet = false, color = false;
  std::string junit, trace;  ///< files; empty: none
  std::vector<std::string> words;
};

/// The value of --adversary. Throws UsageError.
double adversary_rate(const std::string& text);
/// Whether --color WHEN asks for colours on standard output. Throws UsageError.
bool use_color(const std::string& when);

/// Empty where help was printed. Throws UsageError and InputError.
std::optional<RunOptions> read_run_options(const Command& self, const std::vector<std::string>& arguments);

}  // namespace staleline::cli
