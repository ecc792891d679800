// SPDX-License-Identifier: Apache-2.0
// What a user names on the command line, expanded to scenario files.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace staleline::cli {

struct Input {
  std::string path;                    ///< "-" for standard input
  std::optional<std::string> variant;  ///< of FILE#VARIANT
};

struct Inputs {
  std::vector<Input> files;
  bool many = false;  ///< a folder, or more than one file: reported as a table
};

/// Files stay as they are; a folder becomes all its *.yaml, recursively, sorted. Throws UsageError.
Inputs expand(const std::vector<std::string>& words);

/// All *.yaml below `folder`, sorted.
std::vector<std::string> scenario_files(const std::string& folder);

}  // namespace staleline::cli
