// SPDX-License-Identifier: Apache-2.0
// The parameter table with its accessors: one row reads and writes one field of Parameters.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "staleline/platform/parameters.h"

namespace staleline::platform {

struct Row {
  std::string key, unit, meaning;
  std::function<std::string(const Parameters&)> read;
  /// Returns what is wrong with the value, empty where it was taken.
  std::function<std::string(Parameters&, std::string_view)> write;
};
[[nodiscard]] const std::vector<Row>& rows();

/// The shared level of that name; added (absent: 0 bytes) where there is none.
[[nodiscard]] interconnect::SharedLevel& shared_level(Parameters& p, event::CacheRef::Level name);
/// Drops the shared levels of 0 bytes.
void prune(Parameters& p);
/// What is wrong with the values together: the key to blame and a message.
struct Conflict {
  std::string key_prefix, message;
};
[[nodiscard]] std::optional<Conflict> conflict(const Parameters& p);

/// The parameters of a preset; empty for an unknown name.
[[nodiscard]] std::optional<Parameters> preset(std::string_view name);
inline constexpr std::string_view kDefaultPreset = "cortex-a57";

}  // namespace staleline::platform
