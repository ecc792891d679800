// SPDX-License-Identifier: Apache-2.0
// Taking tokens of a line, and the wording of messages.
#include "line.h"

#include <algorithm>
#include <utility>

#include "quote.h"
#include "staleline/arm/nearest.h"

namespace staleline::a64 {

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

Line::Line(std::vector<Token> tokens, event::SourceLine number, const Symbols& symbols, const LabelIndexes& labels,
           Program& program)
    : tokens_(std::move(tokens)), number_(number), symbols_(symbols), labels_(labels), program_(program) {}

const Token& Line::peek(std::size_t ahead) const { return tokens_[std::min(next_ + ahead, tokens_.size() - 1)]; }

const Token& Line::take() {
  const Token& token = peek();
  if (next_ + 1 < tokens_.size()) ++next_;
  return token;
}

bool Line::at(std::string_view mark) const { return peek().kind == Token::Kind::Mark && peek().text == mark; }

bool Line::accept(std::string_view mark) {
  if (!at(mark)) return false;
  take();
  return true;
}

void Line::expect(std::string_view mark) {
  if (!accept(mark)) fail_expected("`" + std::string(mark) + "`");
}

bool Line::at_word(std::string_view lower_case) const {
  return peek().kind == Token::Kind::Word && lower(peek().text) == lower_case;
}

bool Line::at_call(std::string_view lower_case) const {
  return at_word(lower_case) && peek(1).kind == Token::Kind::Mark && peek(1).text == "(";
}

void Line::expect_end() {
  if (peek().kind != Token::Kind::End) fail_expected("the end of the line");
}

Token Line::word(std::string_view what) {
  if (peek().kind != Token::Kind::Word) fail_expected(what);
  return take();
}

void Line::fail(const Token& token, std::string message) const { throw Mistake{token.column, std::move(message)}; }

void Line::fail_expected(std::string_view what) const {
  const Token& found = peek();
  std::string message = "expected " + std::string(what) + ", found ";
  message += found.kind == Token::Kind::End ? "the end of the line" : quoted(found.text);
  if (!usage_.empty()) message += "; write `" + std::string(usage_) + "`";
  fail(found, std::move(message));
}

void Line::fail_suggesting(const Token& token, const std::string& message,
                           std::span<const std::string_view> candidates) const {
  constexpr std::size_t kLongestName = 64, kLongestList = 16;
  if (token.text.size() <= kLongestName) {
    if (const auto best = arm::nearest(token.text, candidates))
      fail(token, message + "; did you mean `" + std::string(*best) + "`?");
  }
  if (candidates.empty() || candidates.size() > kLongestList) fail(token, message);
  std::string list;
  for (const std::string_view candidate : candidates)
    list += (list.empty() ? "`" : ", `") + std::string(candidate) + "`";
  fail(token, message + (candidates.size() == 1 ? "; there is " : "; there are ") + list);
}

void Line::fail_suggesting(const Token& token, const std::string& message,
                           const std::vector<std::string>& candidates) const {
  const std::vector<std::string_view> views(candidates.begin(), candidates.end());
  fail_suggesting(token, message, std::span<const std::string_view>(views));
}

}  // namespace staleline::a64
