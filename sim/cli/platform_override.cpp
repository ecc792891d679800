// SPDX-License-Identifier: Apache-2.0
// Reads `--platform FILE` and `--set key=value`; the platform room checks keys and values.
#include "platform_override.h"

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include <fstream>
#include <set>
#include <sstream>

#include "command.h"

namespace staleline::cli {
namespace {

constexpr std::size_t kMostBytes = 256 * 1024;

[[noreturn]] void fail(const std::string& file, const YAML::Mark& mark, const std::string& message) {
  const auto from_one = [](int n) { return n < 0 ? 1U : static_cast<std::uint32_t>(n) + 1U; };
  throw scenario::InputError({{file, from_one(mark.line), from_one(mark.column), message}});
}

std::string contents(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) fail(path, YAML::Mark(), "cannot open this platform file");
  std::string text(kMostBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() > kMostBytes) fail(path, YAML::Mark(), "a platform file has at most 256 KiB");
  return text;
}

}  // namespace

void PlatformChange::apply(scenario::PlatformRequest& request) const {
  if (preset) request.preset = *preset;
  request.overrides.insert(request.overrides.end(), overrides.begin(), overrides.end());
}

void read_platform_file(const std::string& path, PlatformChange& change) {
  YAML::Node root;
  const std::string text = contents(path);
  // yaml-cpp recurses on nesting and expands aliases; a platform file needs neither.
  if (text.find_first_of("&*") != std::string::npos) fail(path, YAML::Mark(), "anchors and aliases are not allowed");
  try {
    root = YAML::Load(text);
  } catch (const YAML::Exception& e) {
    fail(path, e.mark, e.msg);
  }
  if (root.IsScalar()) {
    change.preset = root.Scalar();
    return;
  }
  if (!root.IsMap()) fail(path, root.Mark(), "expected a preset's name, or a map as under `platform:`");
  std::set<std::string> seen;
  for (const auto& entry : root) {
    if (!entry.first.IsScalar()) fail(path, entry.first.Mark(), "expected a parameter's name");
    const std::string key = entry.first.Scalar();
    if (!seen.insert(key).second) fail(path, entry.first.Mark(), fmt::format("`{}` is given twice", key));
    if (!entry.second.IsScalar())
      fail(path, entry.second.Mark(), fmt::format("expected one value for `{}`, such as `{}: 4`", key, key));
    if (key == "preset") {
      change.preset = entry.second.Scalar();
      continue;
    }
    const auto mark = entry.first.Mark();
    change.overrides.push_back({key, entry.second.Scalar(), static_cast<std::uint32_t>(mark.line) + 1U,
                                static_cast<std::uint32_t>(mark.column) + 1U, path});
  }
}

void read_set(const std::string& text, PlatformChange& change) {
  const auto equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw UsageError(fmt::format("--set: expected key=value, such as `l1d.bytes=64 KiB`, found `{}`", text));
  const std::string key = text.substr(0, equals), value = text.substr(equals + 1);
  if (key == "preset")
    change.preset = value;
  else
    change.overrides.push_back({key, value, 1, 1, kFromSet});
}

}  // namespace staleline::cli
