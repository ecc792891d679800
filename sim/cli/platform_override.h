// SPDX-License-Identifier: Apache-2.0
// `--platform FILE` and `--set key=value`: changes to the platform of every scenario that is run.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "staleline/scenario/scenario.h"

namespace staleline::cli {

/// What `Override::file` says for an override that came from `--set`.
inline constexpr const char* kFromSet = "--set";

struct PlatformChange {
  std::optional<std::string> preset;
  std::vector<scenario::PlatformRequest::Override> overrides;

  [[nodiscard]] bool empty() const { return !preset && overrides.empty(); }
  void apply(scenario::PlatformRequest& request) const;
};

/// Adds the keys of a YAML file: a preset's name, or a map as under `platform:`. Throws InputError.
void read_platform_file(const std::string& path, PlatformChange& change);
/// Adds one `key=value`. Throws UsageError.
void read_set(const std::string& text, PlatformChange& change);

}  // namespace staleline::cli
