// SPDX-License-Identifier: Apache-2.0
// The tokenizer of program text.
#include "lexer.h"

#include <algorithm>
#include <array>

#include "staleline/a64/assembler.h"
#include "staleline/a64/shown.h"

namespace staleline::a64 {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool is_letter_or_digit(char c) { return is_letter(c) || is_digit(c); }
constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

/// The length of the name at the start of `text`. A `-` belongs to it where a letter or digit follows.
std::size_t name_length(std::string_view text) {
  if (text.empty() || !is_letter(text.front())) return 0;
  std::size_t length = 1;
  while (length < text.size()) {
    const bool hyphen = text[length] == '-' && length + 1 < text.size() && is_letter_or_digit(text[length + 1]);
    if (!hyphen && !is_letter_or_digit(text[length])) break;
    ++length;
  }
  return length;
}

bool is_ascii(std::string_view text) { return text.empty() || static_cast<unsigned char>(text.front()) < 0x80; }

/// The length of what looks like one word but has characters beyond ASCII in it.
std::size_t foreign_length(std::string_view text) {
  std::size_t length = 0;
  while (length < text.size() && (is_letter_or_digit(text[length]) || !is_ascii(text.substr(length))))
    length += std::max<std::size_t>(character_length(text.substr(length)), 1);
  return length;
}

/// The length of the number at the start of `text`, with its unit, also after one space.
std::size_t number_length(std::string_view text) {
  static constexpr std::array<std::string_view, 3> kUnits = {"KiB", "MiB", "GiB"};
  std::size_t length = 0;
  while (length < text.size() && is_letter_or_digit(text[length])) ++length;
  if (length < text.size() && text[length] == ' ') {
    const std::string_view rest = text.substr(length + 1);
    for (const std::string_view unit : kUnits) {
      const bool ends = rest.size() == unit.size() || (rest.size() > unit.size() && !is_letter_or_digit(rest[3]));
      if (rest.starts_with(unit) && ends) return length + 1 + unit.size();
    }
  }
  return length;
}

std::size_t mark_length(std::string_view text) {
  static constexpr std::array<std::string_view, 5> kDouble = {"..", "==", "!=", "<=", ">="};
  for (const std::string_view mark : kDouble) {
    if (text.starts_with(mark)) return 2;
  }
  return std::string_view("[](){},:#=+-.!<>/").find(text.front()) != std::string_view::npos ? 1 : 0;
}

}  // namespace

std::vector<Token> tokenize(std::string_view text, std::uint32_t column) {
  std::vector<Token> tokens;
  const auto column_of = [column](std::size_t at) { return column + static_cast<std::uint32_t>(at); };
  std::size_t at = 0;
  while (at < text.size()) {
    const std::string_view rest = text.substr(at);
    if (is_space(rest.front())) {
      ++at;
      continue;
    }
    if (rest.starts_with("//")) break;
    Token token{Token::Kind::Junk, rest.substr(0, 1), column_of(at)};
    if (is_letter(rest.front())) {
      token.kind = Token::Kind::Word;
      token.text = rest.substr(0, name_length(rest));
    } else if (is_digit(rest.front())) {
      token.kind = Token::Kind::Number;
      token.text = rest.substr(0, number_length(rest));
    } else if (const std::size_t length = mark_length(rest); length != 0) {
      token.kind = Token::Kind::Mark;
      token.text = rest.substr(0, length);
    }
    const bool foreign = token.kind == Token::Kind::Junk
                             ? !is_ascii(rest)
                             : token.kind != Token::Kind::Mark && !is_ascii(rest.substr(token.text.size()));
    if (foreign) token = {Token::Kind::Junk, rest.substr(0, foreign_length(rest)), token.column};
    tokens.push_back(token);
    at += token.text.size();
  }
  tokens.push_back({Token::Kind::End, {}, column_of(at)});
  return tokens;
}

bool is_name(std::string_view text) { return !text.empty() && name_length(text) == text.size(); }

}  // namespace staleline::a64
