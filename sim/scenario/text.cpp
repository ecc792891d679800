// SPDX-License-Identifier: Apache-2.0
// Bytes, lines and block texts.
#include "text.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace staleline::scenario {

namespace {

constexpr std::string_view kSpaces = " \t";

/// How many bytes the UTF-8 character at the start of `text` has; 0 where there is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [text](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xf0 ? 4 : (lead >= 0xe0 ? 3 : 2);
  if (lead < 0xc2 || lead > 0xf4) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
  }
  const unsigned second = byte(1);
  const bool overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
  const bool surrogate = lead == 0xed && second >= 0xa0;
  return overlong || surrogate || (lead == 0xf4 && second >= 0x90) ? 0 : length;
}

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
      const std::size_t length = character_length(text.substr(i));
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
  bool started = false;
  for (std::uint32_t number = 1; number <= lines(); ++number) {
    const std::string_view header = line(number);
    const bool content = !is_blank(header) && !is_comment(header);
    if (!started && header.starts_with('%'))
      problems.add({number, 1}, "YAML directives (lines that begin with `%`) are not allowed");
    started = started || content;
    const std::size_t indent = indentation(header);
    if (content && indent < header.size() && header[indent] == '\t') {
      problems.add({number, static_cast<std::uint32_t>(indent) + 1}, "a tab cannot indent a line of YAML; use spaces");
    }
    yaml_ += header;
    const auto bar = block_header(header);
    if (bar) {
      Block block{number + 1, number + 1};
      while (block.end <= lines() && (is_blank(line(block.end)) || indentation(line(block.end)) > indent)) ++block.end;
      blocks_.emplace(number, block);
      // The first digit of an indicator that the user wrote stays in force.
      const std::string_view rest = header.substr(*bar + 1);
      const bool indicated = rest.find_first_of("0123456789") < rest.find(' ');
      if (!indicated) yaml_.insert(yaml_.size() - rest.size(), "1");
      yaml_ += '\n';
      for (std::uint32_t n = block.first; n < block.end; ++n) {
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
