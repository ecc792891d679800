// SPDX-License-Identifier: Apache-2.0
// Bytes, lines and block texts.
#include "text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "staleline/a64/shown.h"

namespace staleline::scenario {

namespace {

constexpr std::string_view kSpaces = " \t";
constexpr std::size_t kDeep = 10;

std::size_t indentation(std::string_view line) { return std::min(line.find_first_not_of(' '), line.size()); }

bool is_blank(std::string_view line) { return line.find_first_not_of(kSpaces) == std::string_view::npos; }

bool is_comment(std::string_view line) {
  const std::size_t first = line.find_first_not_of(kSpaces);
  return first != std::string_view::npos && line[first] == '#';
}

/// Where the `|` of `key: |` stands, if `line` ends in one; a comment and indicators may follow it.
std::optional<std::size_t> block_header(std::string_view line) {
  if (const std::size_t comment = line.find(" #"); comment != std::string_view::npos) line = line.substr(0, comment);
  const std::size_t last = line.find_last_not_of(kSpaces);
  if (last == std::string_view::npos || is_comment(line)) return std::nullopt;
  const std::size_t bar = line.substr(0, last + 1).find_last_not_of("+-0123456789");
  if (bar == std::string_view::npos || line[bar] != '|' || last - bar > 2 || bar == 0) return std::nullopt;
  const std::size_t colon = line.find_last_not_of(kSpaces, bar - 1);
  if (colon == std::string_view::npos || line[colon] != ':' || colon + 1 == bar) return std::nullopt;
  // A key that is a plain word; anything else cannot begin a program.
  const std::string_view key = line.substr(0, colon).substr(indentation(line));
  if (key.empty() || key.find_first_of("\"'[]{}:#,") != std::string_view::npos) return std::nullopt;
  return bar;
}

/// The words before a `:` in `line`.
void add_keys(std::string_view line, std::set<std::string_view>& keys) {
  for (std::size_t colon = line.find(':'); colon != std::string_view::npos; colon = line.find(':', colon + 1)) {
    const std::size_t before = line.substr(0, colon).find_last_of(" \t{},:\"'");
    const std::size_t first = before == std::string_view::npos ? 0 : before + 1;
    if (first != colon) keys.insert(line.substr(first, colon - first));
  }
}

/// The names of agents, and perhaps other words: the keys below and after every `agents:`.
std::set<std::string_view> agent_names(const std::vector<std::string_view>& lines) {
  std::set<std::string_view> names;
  for (std::size_t n = 0; n < lines.size(); ++n) {
    const std::size_t at = lines[n].find("agents:");
    if (at == std::string_view::npos) continue;
    const std::size_t indent = indentation(lines[n]);
    add_keys(lines[n].substr(at + 7), names);
    for (; n + 1 < lines.size() && (is_blank(lines[n + 1]) || indentation(lines[n + 1]) > indent); ++n)
      add_keys(lines[n + 1], names);
  }
  return names;
}

}  // namespace

Text::Text(std::string raw, Problems& problems) : raw_(std::move(raw)) {
  if (raw_.starts_with("\xef\xbb\xbf")) raw_.erase(0, 3);
  const std::string_view all = raw_;
  for (std::size_t begin = 0; begin < all.size();) {
    const std::size_t end = std::min(all.find('\n', begin), all.size());
    std::string_view line = all.substr(begin, end - begin);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines_.push_back(line);
    begin = end + 1;
  }
  check_bytes(problems);
  if (problems.empty()) find_blocks(problems);
}

std::string_view Text::line(std::uint32_t number) const {
  return number == 0 || number > lines_.size() ? std::string_view() : lines_[number - 1];
}

char Text::at(Mark mark) const {
  const std::string_view found = line(mark.line);
  return mark.column == 0 || mark.column > found.size() ? '\n' : found[mark.column - 1];
}

Mark Text::clamped(std::int64_t number, std::int64_t column) const {
  Mark mark;
  mark.line = static_cast<std::uint32_t>(std::clamp<std::int64_t>(number, 1, std::max<std::int64_t>(lines(), 1)));
  const auto longest = static_cast<std::int64_t>(line(mark.line).size()) + 1;
  mark.column = static_cast<std::uint32_t>(number > mark.line ? longest : std::clamp<std::int64_t>(column, 1, longest));
  return mark;
}

const Text::Block* Text::block(std::uint32_t header) const {
  const auto found = blocks_.find(header);
  return found == blocks_.end() ? nullptr : &found->second;
}

void Text::check_bytes(Problems& problems) const {
  for (std::uint32_t number = 1; number <= lines(); ++number) {
    const std::string_view text = line(number);
    for (std::size_t i = 0; i < text.size();) {
      const auto byte = static_cast<unsigned char>(text[i]);
      const std::size_t length = a64::character_length(text.substr(i));
      if (length == 0 || (byte < 0x20 && byte != '\t') || byte == 0x7f) {
        problems.add({number, static_cast<std::uint32_t>(i) + 1},
                     fmt::format("byte 0x{:02x} is no text; a scenario is a UTF-8 text file", byte));
        return;
      }
      i += length;
    }
  }
}

void Text::find_blocks(Problems& problems) {
  const std::set<std::string_view> agents = agent_names(lines_);
  // What else could a line without `|` be that stands where a program's name would, or left of it?
  const auto is_shallow = [&agents](std::string_view line, std::size_t indent) {
    const std::size_t own = indentation(line);
    if (own == 0 || own > indent || is_comment(line) || line[own] == '\t' || block_header(line)) return false;
    return !agents.contains(line.substr(own, line.find(':', own) - own));
  };
  bool started = false, in_programs = false;
  for (std::uint32_t number = 1; number <= lines(); ++number) {
    const std::string_view header = line(number);
    const bool content = !is_blank(header) && !is_comment(header);
    if (!started && header.starts_with('%'))
      problems.add({number, 1}, "YAML directives (lines that begin with `%`) are not allowed");
    started = started || content;
    const std::size_t indent = indentation(header);
    if (content && indent == 0) in_programs = header.starts_with("program:");
    if (content && indent < header.size() && header[indent] == '\t') {
      problems.add({number, static_cast<std::uint32_t>(indent) + 1}, "a tab cannot indent a line of YAML; use spaces");
    }
    yaml_ += header;
    const auto bar = block_header(header);
    if (bar) {
      Block block{number + 1, number + 1};
      for (; block.end <= lines(); ++block.end) {
        const std::string_view below = line(block.end);
        if (is_blank(below) || indentation(below) > indent) continue;
        if (!in_programs || !is_shallow(below, indent)) break;
        shallow_.push_back({{block.end, static_cast<std::uint32_t>(indentation(below)) + 1},
                            header.substr(indent, header.find(':', indent) - indent)});
      }
      blocks_.emplace(number, block);
      // The first digit of an indicator that the user wrote stays in force.
      const std::string_view rest = header.substr(*bar + 1);
      const bool indicated = rest.find_first_of("0123456789") < rest.find(' ');
      if (!indicated) yaml_.insert(yaml_.size() - rest.size(), "1");
      yaml_ += '\n';
      for (std::uint32_t n = block.first; n < block.end; ++n) {
        // Deeper than any indentation indicator asks for.
        if (!is_blank(line(n)) && indentation(line(n)) <= indent) yaml_.append(kDeep, ' ');
        yaml_ += line(n);
        yaml_ += '\n';
      }
      number = block.end - 1;
      continue;
    }
    yaml_ += '\n';
  }
}

}  // namespace staleline::scenario
