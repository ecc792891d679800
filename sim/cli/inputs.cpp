// SPDX-License-Identifier: Apache-2.0
// Expands FILE, FILE#VARIANT, FOLDER and - to scenario files.
#include "inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "command.h"

namespace staleline::cli {
namespace fs = std::filesystem;

std::vector<std::string> scenario_files(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code error;
  for (fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, error), end;
       !error && at != end; at.increment(error))
    if (at->path().extension() == ".yaml" && !at->is_directory(error)) out.push_back(at->path().generic_string());
  if (error) throw UsageError(fmt::format("cannot read folder `{}`: {}", folder, error.message()));
  std::sort(out.begin(), out.end());
  return out;
}

Inputs expand(const std::vector<std::string>& words) {
  Inputs out;
  std::error_code error;
  for (const auto& word : words) {
    if (fs::is_directory(word, error)) {
      out.many = true;
      const auto files = scenario_files(word);
      if (files.empty()) throw UsageError(fmt::format("no *.yaml in folder `{}`", word));
      for (const auto& f : files) out.files.push_back({f, {}});
      continue;
    }
    const auto hash = word.rfind('#');
    if (hash == std::string::npos || hash == 0 || fs::exists(word, error))
      out.files.push_back({word, {}});
    else
      out.files.push_back({word.substr(0, hash), word.substr(hash + 1)});
  }
  if (out.files.empty()) throw UsageError("no scenario was named; give a file, a folder, or `-` for standard input");
  if (std::count_if(out.files.begin(), out.files.end(), [](const Input& i) { return i.path == "-"; }) > 1)
    throw UsageError("`-` can be given once only");
  out.many = out.many || out.files.size() > 1;
  return out;
}

}  // namespace staleline::cli
