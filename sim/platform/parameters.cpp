// SPDX-License-Identifier: Apache-2.0
// From a request (preset and overrides) to checked parameters, and back to text.
#include "staleline/platform/parameters.h"

#include <fmt/format.h>

#include <algorithm>

#include "staleline/arm/nearest.h"
#include "table.h"

namespace staleline::platform {

namespace {

using scenario::Diagnostic;
using Override = scenario::PlatformRequest::Override;

Diagnostic at(const Override& o, std::string message) {
  return {o.file, std::max(o.line, 1U), std::max(o.column, 1U), std::move(message)};
}

std::string with_suggestion(std::string message, std::string_view found, const std::vector<std::string_view>& valid) {
  if (const auto near = arm::nearest(found, valid)) return fmt::format("{}; did you mean `{}`?", message, *near);
  return message;
}

std::string unknown_preset(std::string_view name) {
  std::vector<std::string_view> valid;
  std::string all;
  for (const auto& p : presets()) {
    valid.push_back(p.name);
    all += fmt::format("{}{}", all.empty() ? "" : ", ", p.name);
  }
  return with_suggestion(fmt::format("unknown platform preset `{}`: expected one of {}", name, all), name, valid);
}

std::string unknown_key(std::string_view key) {
  std::vector<std::string_view> valid{"preset"};
  for (const auto& row : rows()) valid.push_back(row.key);
  return with_suggestion(fmt::format("unknown platform parameter `{}`", key), key, valid);
}

}  // namespace

std::span<const ParameterInfo> parameter_table() {
  static const auto table = [] {
    static std::vector<std::string> defaults;
    const auto p = preset(kDefaultPreset).value();
    for (const auto& row : rows()) defaults.push_back(row.read(p));
    std::vector<ParameterInfo> infos;
    for (std::size_t i = 0; i < rows().size(); ++i) {
      infos.push_back({rows()[i].key, rows()[i].unit, rows()[i].meaning, defaults[i]});
    }
    return infos;
  }();
  return table;
}

Parameters resolve(const scenario::PlatformRequest& request) {
  std::vector<Diagnostic> problems;
  // The last `preset` among the overrides replaces that of the scenario; the other keys apply in order.
  std::string name = request.preset;
  const Override* named_by = nullptr;
  for (const auto& o : request.overrides) {
    if (o.key != "preset") continue;
    name = o.value;
    named_by = &o;
  }
  auto base = preset(name);
  if (!base) {
    if (named_by != nullptr) {
      problems.push_back(at(*named_by, unknown_preset(name)));
    } else {
      const std::string file = request.overrides.empty() ? "platform" : request.overrides.front().file;
      problems.push_back({file, 1, 1, unknown_preset(name)});
    }
    throw scenario::InputError(std::move(problems));
  }
  Parameters p = *std::move(base);
  for (const auto& o : request.overrides) {
    if (o.key == "preset") continue;
    const auto row = std::find_if(rows().begin(), rows().end(), [&](const Row& r) { return r.key == o.key; });
    if (row == rows().end()) {
      problems.push_back(at(o, unknown_key(o.key)));
      continue;
    }
    if (auto wrong = row->write(p, o.value); !wrong.empty()) {
      problems.push_back(at(o, fmt::format("{}: {}", o.key, wrong)));
    }
  }
  prune(p);
  p.interconnect.idc = p.idc;
  p.interconnect.dic = p.dic;
  if (problems.empty()) {
    if (const auto c = conflict(p)) {
      const auto blamed = std::find_if(request.overrides.rbegin(), request.overrides.rend(),
                                       [&](const Override& o) { return o.key.starts_with(c->key_prefix); });
      const auto& o = blamed != request.overrides.rend() ? *blamed : request.overrides.back();
      problems.push_back(at(o, fmt::format("{}: {}", o.key, c->message)));
    }
  }
  if (!problems.empty()) throw scenario::InputError(std::move(problems));
  return p;
}

std::vector<std::pair<std::string, std::string>> describe(const Parameters& p) {
  std::vector<std::pair<std::string, std::string>> result;
  for (const auto& row : rows()) result.emplace_back(row.key, row.read(p));
  return result;
}

}  // namespace staleline::platform
