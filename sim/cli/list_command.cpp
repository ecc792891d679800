// SPDX-License-Identifier: Apache-2.0
// `list`: scenarios with variants and expectations, hazards, platform parameters, presets, system registers.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "command.h"
#include "inputs.h"
#include "staleline/arm/system_registers.h"
#include "staleline/cli/cli.h"
#include "staleline/judge/hazard.h"
#include "staleline/platform/parameters.h"
#include "staleline/report/machine.h"
#include "staleline/report/rules.h"
#include "staleline/scenario/scenario.h"

namespace staleline::cli {
namespace {

using Json = nlohmann::ordered_json;
constexpr std::array<std::string_view, 5> kTopics{"scenarios", "hazards", "parameters", "presets", "registers"};

Json variant(const scenario::Scenario& s) {
  Json hazards = Json::array(), redundant = Json::array();
  for (const auto& e : s.expected)
    hazards.push_back({{"id", judge::spelled(e.id)},
                       {"agent", s.agents[e.agent.value].name},
                       {"region", e.region ? Json(s.regions[*e.region].name) : Json(nullptr)},
                       {"verdict", e.verdict ? Json(judge::spelled(*e.verdict)) : Json(nullptr)}});
  for (const auto& r : s.redundant) redundant.push_back({{"label", r.label}, {"why", r.why}});
  return {{"name", s.variant}, {"hazards", hazards}, {"redundant", redundant}};
}

/// All files that can be read; the others are complaints and make the exit code 2.
Json scenarios(const std::vector<std::string>& words, int& code) {
  std::vector<std::string> paths = words;
  std::error_code error;
  if (paths.empty() && std::filesystem::is_directory("scenarios", error)) paths.emplace_back("scenarios");
  Json out = Json::array();
  for (const auto& path : paths) {
    const auto files = std::filesystem::is_directory(path, error) ? scenario_files(path) : std::vector{path};
    for (const auto& file : files) {
      const int one = guarded([&] {
        const auto document = scenario::Document::load(file);
        Json variants = Json::array();
        for (const auto& v : document.variants()) variants.push_back(variant(document.variant(v)));
        out.push_back({{"file", document.file()},
                       {"scenario", document.name()},
                       {"about", document.about()},
                       {"source", document.source()},
                       {"variants", variants}});
        return static_cast<int>(kAsExpected);
      });
      code = std::max(code, one);
    }
  }
  return out;
}

Json hazards() {
  Json out = Json::array();
  for (const auto& k : judge::hazard_kinds())
    out.push_back({{"id", judge::spelled(k.id)},
                   {"rule", judge::spelled(k.rule)},
                   {"rule_name", report::rule_text(k.rule).name},
                   {"slug", k.slug},
                   {"summary", k.summary}});
  return out;
}

Json parameters() {
  Json out = Json::array();
  for (const auto& p : platform::parameter_table())
    out.push_back({{"key", p.key}, {"unit", p.unit}, {"default", p.default_value}, {"meaning", p.meaning}});
  return out;
}

/// Every preset with the parameters that it sets otherwise than the defaults say.
Json presets() {
  Json out = Json::array();
  for (const auto& p : platform::presets()) {
    scenario::PlatformRequest request;
    request.preset = std::string(p.name);
    Json all = Json::object();
    for (const auto& [key, value] : platform::describe(platform::resolve(request))) all[key] = value;
    out.push_back({{"name", p.name}, {"about", p.about}, {"parameters", all}});
  }
  return out;
}

std::string_view spelled(arm::RegisterAccess access) {
  switch (access) {
    case arm::RegisterAccess::ReadWrite:
      return "RW";
    case arm::RegisterAccess::ReadOnly:
      return "RO";
    case arm::RegisterAccess::WriteOnly:
      return "WO";
  }
  return "";
}

/// The encoding as MRS and MSR take it where they know no name.
Json registers() {
  Json out = Json::array();
  for (const auto& r : arm::system_registers()) {
    const auto e = r.encoding;
    out.push_back({{"name", r.name},
                   {"encoding", fmt::format("s{}_{}_c{}_c{}_{}", e.op0(), e.op1(), e.crn(), e.crm(), e.op2())},
                   {"access", spelled(r.access)},
                   {"kind", arm::name_of(r.kind)},
                   {"lowest_el", r.lowest_el},
                   {"reset", fmt::format("{:#x}", r.reset)}});
  }
  return out;
}

std::string text_of(const Json& value) { return value.get<std::string>(); }

std::string as_text(const Json& all) {
  std::string out;
  const auto head = [&](std::string_view title) { out += fmt::format("{}{}\n", out.empty() ? "" : "\n", title); };
  if (all.contains("scenarios")) {
    head("scenarios");
    for (const auto& s : all["scenarios"]) {
      out += fmt::format("  {}\n      {}\n", text_of(s["file"]), text_of(s["about"]));
      for (const auto& v : s["variants"]) {
        std::string expected;
        for (const auto& h : v["hazards"])
          expected += fmt::format("{}{} {}{}{}", expected.empty() ? "" : ", ", text_of(h["id"]), text_of(h["agent"]),
                                  h["region"].is_null() ? "" : "/" + text_of(h["region"]),
                                  h["verdict"].is_null() ? "" : " " + text_of(h["verdict"]));
        out += fmt::format("      #{:<12} {}\n", text_of(v["name"]), expected.empty() ? "no hazard" : expected);
      }
    }
    if (all["scenarios"].empty()) out += "  none here; name a folder: staleline list scenarios FOLDER\n";
  }
  if (all.contains("hazards")) {
    head("hazards");
    for (const auto& h : all["hazards"])
      out += fmt::format("  {} {} {:<20} {}\n", text_of(h["id"]), text_of(h["rule"]), text_of(h["slug"]),
                         text_of(h["summary"]));
  }
  if (all.contains("parameters")) {
    head("platform parameters");
    for (const auto& p : all["parameters"])
      out += fmt::format("  {:<36} {:>8} {:<8} {}\n", text_of(p["key"]), text_of(p["default"]), text_of(p["unit"]),
                         text_of(p["meaning"]));
  }
  if (all.contains("presets")) {
    head("presets");
    for (const auto& p : all["presets"]) out += fmt::format("  {:<20} {}\n", text_of(p["name"]), text_of(p["about"]));
  }
  if (all.contains("registers")) {
    head("system registers");
    for (const auto& r : all["registers"])
      out += fmt::format("  {:<17} {:<16} {} EL{} {}\n", text_of(r["name"]), text_of(r["encoding"]),
                         text_of(r["access"]), r["lowest_el"].get<unsigned>(), text_of(r["kind"]));
  }
  return out;
}

int run_list(const Command& self, const std::vector<std::string>& arguments) {
  po::options_description options;
  options.add_options()("json", "print JSON");
  po::variables_map values;
  std::vector<std::string> words, paths;
  if (!parse(self, options, arguments, values, words)) return kAsExpected;
  std::vector<std::string_view> topics;
  for (const auto& w : words) {
    std::error_code error;
    if (const auto* t = std::find(kTopics.begin(), kTopics.end(), w); t != kTopics.end())
      topics.push_back(*t);
    else if (std::filesystem::exists(w, error))
      paths.push_back(w);
    else
      throw UsageError(fmt::format("list: `{}` is no topic ({}) and no path{}", w, fmt::join(kTopics, ", "),
                                   suggestion(w, kTopics)));
  }
  if (topics.empty() && paths.empty()) topics.assign(kTopics.begin(), kTopics.end());
  const auto wants = [&](std::string_view t) { return std::find(topics.begin(), topics.end(), t) != topics.end(); };

  int code = kAsExpected;
  Json all;
  all["schema_version"] = report::kJsonSchemaVersion;
  if (wants("scenarios") || !paths.empty()) all["scenarios"] = scenarios(paths, code);
  if (wants("hazards")) all["hazards"] = hazards();
  if (wants("parameters")) all["parameters"] = parameters();
  if (wants("presets")) all["presets"] = presets();
  if (wants("registers")) all["registers"] = registers();
  print(values.count("json") != 0 ? all.dump(2, ' ', false, Json::error_handler_t::replace) + "\n" : as_text(all));
  return code;
}

}  // namespace

const Command kList{
    "list", "list [OPTIONS] [TOPIC|PATH]...",
    "List scenarios, hazards, parameters, presets and registers.\n"
    "TOPIC is one of these words; all of them if neither TOPIC nor PATH is given. Scenarios come from\n"
    "the given files and folders, else from ./scenarios. Registers are those that programs can name in\n"
    "MSR and MRS, each with the lowest Exception level that may, and functional, stored or constant.",
    "  staleline list hazards\n  staleline list parameters presets\n  staleline list registers\n"
    "  staleline list --json scenarios\n",
    run_list};

}  // namespace staleline::cli
