// SPDX-License-Identifier: Apache-2.0
// Reads `--platform FILE` and `--set key=value`; the platform room checks keys and values.
#include "platform_override.h"

#include <fmt/format.h>

#include "command.h"
#include "staleline/platform/parameters.h"

namespace staleline::cli {

void read_platform_file(const std::string& path, Overrides& overrides) {
  const auto read = platform::load_platform(path).overrides;
  overrides.insert(overrides.end(), read.begin(), read.end());
}

void read_set(const std::string& text, Overrides& overrides) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw UsageError(fmt::format("--set: expected key=value, such as `l1d.bytes=64 KiB`, found `{}`", text));
  overrides.push_back({text.substr(0, equals), text.substr(equals + 1), 1, 1, kFromSet});
  try {
    scenario::PlatformRequest request;
    request.overrides = overrides;
    static_cast<void>(platform::resolve(request));
  } catch (const scenario::InputError& e) {
    throw UsageError(fmt::format("--set: {}", e.diagnostics().front().message));
  }
}

}  // namespace staleline::cli
