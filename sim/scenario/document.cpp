// SPDX-License-Identifier: Apache-2.0
// Loading a file, and the parts that all variants share.
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <system_error>
#include <utility>

#include "memory.h"
#include "problems.h"
#include "programs.h"
#include "staleline/scenario/scenario.h"
#include "text.h"
#include "tree.h"
#include "values.h"
#include "variants.h"

namespace staleline::scenario {

namespace {

constexpr std::size_t kMostVariants = 32;
constexpr std::string_view kStandardInput = "<stdin>";

[[noreturn]] void refuse(std::string file, std::string message) {
  throw InputError({{std::move(file), 1, 1, std::move(message)}});
}

void check_version(const Node& document, Problems& problems) {
  const Node* const schema = document.find("schema");
  if (schema != nullptr && schema->text != "1")
    problems.add(schema->mark, fmt::format("expected `schema: 1`, the only version; found {}", found(*schema)));
}

std::string scenario_name(const Node& node, Problems& problems) {
  constexpr std::size_t kLongest = 128;
  constexpr std::string_view kAllowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./";
  const auto name = word(node, "the name of the scenario", problems);
  if (!name) return {};
  if (name->size() > kLongest || name->find_first_not_of(kAllowed) != std::string::npos) {
    problems.add(node.mark, fmt::format("{} cannot name a scenario: expected at most {} letters, digits, `-`, `_`, `.` "
                                        "and `/`",
                                        shown(*name), kLongest));
  }
  return *name;
}

std::vector<std::string> variant_names(const Node* variants, Problems& problems) {
  std::vector<std::string> names;
  if (variants == nullptr || !is_map(*variants, "`variants`", problems)) return names;
  if (variants->keys.empty())
    problems.add(variants->mark, "`variants` has no variant; expected at least one, such as `bug: { hazards: [] }`");
  for (const Node& key : variants->keys) {
    can_name(key, "a variant", problems);
    if (names.size() == kMostVariants) {
      problems.add(key.mark, fmt::format("too many variants: at most {}", kMostVariants));
      break;
    }
    names.push_back(key.text);
  }
  return names;
}

/// Each program belongs to an agent of at least one variant.
void check_program_owners(const Node& document, const std::vector<ProgramText>& programs, Problems& problems) {
  std::vector<std::string> agents;
  const auto add = [&](const Node* node) {
    if (node == nullptr || node->kind != Node::Kind::Map) return;
    for (const Node& key : node->keys) agents.push_back(key.text);
  };
  add(document.find("agents"));
  if (const Node* const variants = document.find("variants"); variants->kind == Node::Kind::Map) {
    for (const Node& variant : variants->items) add(variant.find("agents"));
  }
  for (const ProgramText& p : programs) {
    if (std::find(agents.begin(), agents.end(), p.agent()) == agents.end())
      problems.add(p.mark(), with_suggestion(fmt::format("no agent {}", shown(p.agent())), p.agent(), agents));
  }
}

}  // namespace

Document Document::parse(std::string file, std::string text, std::string folder, const Files& files) {
  Problems problems(file);
  if (text.size() > kLargestFile) refuse(file, fmt::format("larger than {} KiB: no scenario", kLargestFile / 1024));
  const Text source(std::move(text), problems);
  problems.check();
  const Node document = parse_tree(source, problems);
  problems.check();
  if (document.kind == Node::Kind::Null) refuse(file, "the file is empty; expected a scenario that begins `schema: 1`");
  if (!check_section(document, Section::Document, problems)) problems.check();
  check_version(document, problems);

  Document result;
  result.file_ = file;
  const auto text_of = [&](std::string_view key) {
    const Node* const node = document.find(key);
    return node == nullptr ? std::string() : sentence(*node, fmt::format("a text for `{}`", key), problems);
  };
  if (const Node* const name = document.find("scenario")) result.name_ = scenario_name(*name, problems);
  result.about_ = text_of("about");
  result.source_ = text_of("source");
  const Node* const variants = document.find("variants");
  result.variants_ = variant_names(variants, problems);

  Node empty;
  empty.kind = Node::Kind::Map;
  const auto or_empty = [&](const Node* node) -> const Node& { return node == nullptr ? empty : *node; };
  const Node* const memory_node = document.find("memory");
  Problems silent(file);  // a missing `memory` is reported already
  const Memory memory(or_empty(memory_node), document.find("smmu"), {folder, files},
                      memory_node == nullptr ? silent : problems);
  const std::size_t before_programs = problems.size();
  const auto programs = read_programs(or_empty(document.find("program")), source, result.variants_, problems);
  // Without these keys nothing below means anything.
  if (memory_node == nullptr || document.find("agents") == nullptr || result.variants_.empty()) problems.check();
  check_program_owners(document, programs, problems);
  const bool sound = problems.size() == before_programs;
  for (const auto& [mark, key] : source.shallow()) {
    problems.add(mark, fmt::format("program lines, labels too, must be indented deeper than the agent's name; this one "
                                   "stands no deeper than {}",
                                   shown(key)));
  }

  Scenario common;
  common.file = file;
  common.name = result.name_;
  common.about = result.about_;
  common.source = result.source_;
  for (std::uint32_t n = 1; n <= source.lines(); ++n) common.source_lines.emplace_back(source.line(n));
  for (std::size_t i = 0; i < result.variants_.size(); ++i) {
    Scenario scenario = common;
    scenario.variant = result.variants_[i];
    if (check_section(variants->items[i], Section::Variant, problems))
      resolve_variant({document, memory, programs, sound}, variants->items[i], i, scenario, problems);
    result.scenarios_.emplace(scenario.variant, std::move(scenario));
  }
  problems.check();
  return result;
}

Document Document::load(const std::string& path) {
  const std::string file = path == "-" ? std::string(kStandardInput) : path;
  std::ifstream opened;
  if (path != "-") {
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) refuse(file, "no such file");
    if (status.type() == std::filesystem::file_type::directory)
      refuse(file, "is a directory; expected a scenario file");
    opened.open(path, std::ios::binary);
    if (!opened) refuse(file, "cannot be opened");
  }
  std::istream& in = path == "-" ? std::cin : opened;
  std::string text(kLargestFile + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (in.bad()) refuse(file, "cannot be read");
  text.resize(static_cast<std::size_t>(in.gcount()));
  const std::string folder = path == "-" ? "." : std::filesystem::path(path).parent_path().string();
  return parse(file, std::move(text), folder.empty() ? "." : folder);
}

const Scenario& Document::variant(const std::string& name) const {
  const auto found = scenarios_.find(name);
  if (found != scenarios_.end()) return found->second;
  refuse(file_, with_suggestion(fmt::format("no variant {}", shown(name)), name, variants_));
}

}  // namespace staleline::scenario
