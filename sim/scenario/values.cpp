// SPDX-License-Identifier: Apache-2.0
// Typed reading of nodes.
#include "values.h"

#include <fmt/format.h>

#include <algorithm>
#include <variant>

#include "staleline/a64/assembler.h"
#include "staleline/a64/number.h"
#include "staleline/arm/nearest.h"

namespace staleline::scenario {

namespace {

constexpr std::string_view kOn[] = {"on", "true"}, kOff[] = {"off", "false"};

bool among(std::string_view text, std::span<const std::string_view> words) {
  return std::find(words.begin(), words.end(), text) != words.end();
}

}  // namespace

std::string found(const Node& node) {
  switch (node.kind) {
    case Node::Kind::Scalar:
      return node.text.empty() ? "an empty text" : shown(node.text);
    case Node::Kind::Sequence:
      return "a list";
    case Node::Kind::Map:
      return "a mapping";
    case Node::Kind::Null:
      break;
  }
  return "nothing";
}

bool is_map(const Node& node, std::string_view what, Problems& problems) {
  if (node.kind == Node::Kind::Map) return true;
  problems.add(node.mark, fmt::format("expected {}: a mapping of keys to values; found {}", what, found(node)));
  return false;
}

bool is_list(const Node& node, std::string_view what, Problems& problems) {
  if (node.kind == Node::Kind::Sequence) return true;
  problems.add(node.mark,
               fmt::format("expected {}: a list, each entry after `- `, or `[]`; found {}", what, found(node)));
  return false;
}

bool check_section(const Node& node, Section section, Problems& problems) {
  if (!is_map(node, name_of(section), problems)) return false;
  const auto keys = keys_of(section);
  std::vector<std::string> names;
  for (const Key& key : keys) names.emplace_back(key.name);
  const std::vector<std::string_view> views(names.begin(), names.end());
  std::vector<std::string_view> meant;
  const std::size_t enough = problems.size() + 100;  // a flood of them says no more
  for (const Node& key : node.keys) {
    if (problems.size() >= enough) break;
    if (std::find(names.begin(), names.end(), key.text) != names.end()) continue;
    if (const auto nearest = arm::nearest(std::string_view(key.text).substr(0, 64), views)) meant.push_back(*nearest);
    problems.add(key.mark, with_suggestion(fmt::format("unknown key {} of {}", shown(key.text), name_of(section)),
                                           key.text, names));
  }
  for (const Key& key : keys) {
    // A misspelled key is one mistake, not two.
    if (!key.required || node.find(key.name) != nullptr || among(key.name, meant)) continue;
    problems.add(node.mark, fmt::format("{} needs the key `{}`", name_of(section), key.name));
  }
  return true;
}

std::optional<std::string> word(const Node& node, std::string_view what, Problems& problems) {
  if (node.kind == Node::Kind::Scalar && !node.text.empty()) return node.text;
  problems.add(node.mark, fmt::format("expected {}, found {}", what, found(node)));
  return std::nullopt;
}

std::string sentence(const Node& node, std::string_view what, Problems& problems) {
  std::string out;
  for (const char c : word(node, what, problems).value_or("")) {
    const bool space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::optional<std::uint64_t> number(const Node& node, std::string_view what, std::uint64_t most, Problems& problems) {
  const auto text = word(node, what, problems);
  if (!text) return std::nullopt;
  const auto parsed = a64::parse_number(*text);
  if (const auto* error = std::get_if<std::string>(&parsed)) {
    problems.add(node.mark, fmt::format("expected {}: {}", what, *error));
    return std::nullopt;
  }
  const auto value = std::get<std::uint64_t>(parsed);
  if (value > most) {
    // Counts are decimal for people, sizes and addresses are not.
    constexpr std::uint64_t kLargestCount = 9999;
    problems.add(node.mark, fmt::format("{} {} is too large: at most {}", what, shown(*text),
                                        most <= kLargestCount ? fmt::format("{}", most) : fmt::format("{:#x}", most)));
    return std::nullopt;
  }
  return value;
}

std::optional<bool> flag(const Node& node, std::string_view what, Problems& problems) {
  const auto text = word(node, fmt::format("`on` or `off` for {}", what), problems);
  if (!text) return std::nullopt;
  if (among(*text, kOn)) return true;
  if (among(*text, kOff)) return false;
  problems.add(node.mark, fmt::format("expected `on` or `off` for {}, found {}", what, shown(*text)));
  return std::nullopt;
}

std::optional<std::size_t> choice(const Node& node, std::string_view what, std::span<const std::string_view> valid,
                                  Problems& problems) {
  const auto text = word(node, what, problems);
  if (!text) return std::nullopt;
  const auto at = std::find(valid.begin(), valid.end(), *text);
  if (at != valid.end()) return static_cast<std::size_t>(at - valid.begin());
  problems.add(node.mark, with_suggestion(fmt::format("{} is not {}", shown(*text), what), *text,
                                          std::vector<std::string>(valid.begin(), valid.end())));
  return std::nullopt;
}

std::optional<std::size_t> name_in(const Node& node, std::string_view kind, const std::vector<std::string>& names,
                                   Problems& problems) {
  const auto text = word(node, fmt::format("the name of {}", kind), problems);
  if (!text) return std::nullopt;
  const auto at = std::find(names.begin(), names.end(), *text);
  if (at != names.end()) return static_cast<std::size_t>(at - names.begin());
  problems.add(node.mark, with_suggestion(fmt::format("{} is not the name of {}", shown(*text), kind), *text, names));
  return std::nullopt;
}

bool can_name(const Node& key, std::string_view kind, Problems& problems) {
  constexpr std::size_t kLongest = 64;
  if (!a64::is_name(key.text)) {
    problems.add(key.mark, fmt::format("{} cannot name {}: expected a letter or `_`, then letters, digits, `_` or `-`",
                                       shown(key.text), kind));
  } else if (key.text.size() > kLongest) {
    problems.add(key.mark, fmt::format("{} is too long a name: at most {} characters", shown(key.text), kLongest));
  } else if (a64::is_reserved_name(key.text)) {
    problems.add(key.mark, fmt::format("{} cannot name {}: it has a meaning in programs", shown(key.text), kind));
  } else {
    return true;
  }
  return false;
}

}  // namespace staleline::scenario
