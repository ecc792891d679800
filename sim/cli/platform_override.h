// SPDX-License-Identifier: Apache-2.0
// `--platform FILE` and `--set key=value`: changes to the platform of every scenario that is run.
#pragma once

#include <string>
#include <vector>

#include "staleline/scenario/scenario.h"

namespace staleline::cli {

/// What `Override::file` says for an override that came from `--set`.
inline constexpr const char* kFromSet = "--set";

using Overrides = std::vector<scenario::PlatformRequest::Override>;

/// Adds the keys of a platform file. Throws InputError.
void read_platform_file(const std::string& path, Overrides& overrides);
/// Adds one `key=value`, checked against the parameter table. Throws UsageError.
void read_set(const std::string& text, Overrides& overrides);

}  // namespace staleline::cli
