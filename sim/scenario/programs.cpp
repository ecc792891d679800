// SPDX-License-Identifier: Apache-2.0
// Program lines from the raw text, so that each keeps its line and column; variant tags.
#include "programs.h"

#include <fmt/format.h>

#include <algorithm>

#include "values.h"

namespace staleline::scenario {

namespace {

constexpr std::string_view kSpaces = " \t";

}  // namespace

ProgramText::ProgramText(const Node& key, const Node& node, const Text& text, const std::vector<std::string>& variants,
                         Problems& problems) {
  key_ = key;
  const Text::Block* const block =
      node.kind == Node::Kind::Scalar && node.style == Node::Style::Literal ? text.block(node.mark.line) : nullptr;
  if (block == nullptr) {
    problems.add(node.mark, fmt::format("the program of {} must be a block text: `{}: |` and its lines below, indented",
                                        shown(key.text), key.text.substr(0, 64)));
    return;
  }
  for (std::uint32_t n = block->first; n < block->end; ++n) read_line(n, text.line(n), variants, problems);
}

void ProgramText::read_line(std::uint32_t number, std::string_view text, const std::vector<std::string>& variants,
                            Problems& problems) {
  const auto column = [](std::size_t at) { return static_cast<std::uint32_t>(at) + 1; };
  std::size_t at = text.find_first_not_of(kSpaces);
  if (at == std::string_view::npos) return;
  Line line;
  if (text[at] == '[') {
    const std::size_t close = text.find_first_of("[]", at + 1);
    if (close == std::string_view::npos || text[close] == '[') {
      problems.add({number, column(at)}, "the tag is not closed: expected `[VARIANT]` before the instruction");
      return;
    }
    for (std::size_t begin = at + 1; begin <= close;) {
      const std::size_t end = std::min(text.find(',', begin), close);
      const std::size_t first = std::min(text.find_first_not_of(kSpaces, begin), end);
      const std::string_view padded = text.substr(first, end - first);
      const std::string name(padded.substr(0, padded.find_last_not_of(kSpaces) + 1));
      const auto found = std::find(variants.begin(), variants.end(), name);
      if (found != variants.end()) {
        line.variants.push_back(static_cast<std::size_t>(found - variants.begin()));
      } else {
        problems.add({number, column(first)},
                     with_suggestion(name.empty() ? "a tag needs the name of a variant"
                                                  : fmt::format("{} is not the name of a variant", shown(name)),
                                     name, variants));
      }
      begin = end + 1;
    }
    at = text.find_first_not_of(kSpaces, close + 1);
    if (at == std::string_view::npos) return;
  }
  line.source = {number, column(at), std::string(text.substr(at))};
  lines_.push_back(std::move(line));
}

a64::SourceText ProgramText::lines_of(std::size_t variant) const {
  a64::SourceText source;
  for (const Line& line : lines_) {
    const auto& tags = line.variants;
    if (tags.empty() || std::find(tags.begin(), tags.end(), variant) != tags.end()) source.lines.push_back(line.source);
  }
  return source;
}

std::vector<ProgramText> read_programs(const Node& node, const Text& text, const std::vector<std::string>& variants,
                                       Problems& problems) {
  std::vector<ProgramText> programs;
  if (!is_map(node, "`program`", problems)) return programs;
  for (std::size_t i = 0; i < node.keys.size(); ++i)
    programs.emplace_back(node.keys[i], node.items[i], text, variants, problems);
  return programs;
}

}  // namespace staleline::scenario
