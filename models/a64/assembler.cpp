// SPDX-License-Identifier: Apache-2.0
// The assembler: one pass finds labels, one parses the instruction of each line.
#include "staleline/a64/assembler.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "instructions.h"
#include "line.h"
#include "quote.h"
#include "unmodelled.h"

namespace staleline::a64 {
namespace {

/// After so many problems the rest of a program is not worth reading.
constexpr std::size_t kMostProblems = 100;

bool is_mark(const Token& token, std::string_view mark) {
  return token.kind == Token::Kind::Mark && token.text == mark;
}

/// How many tokens at the start of a line are labels with their colons.
std::size_t label_tokens(const std::vector<Token>& tokens) {
  std::size_t count = 0;
  while (count + 1 < tokens.size() && tokens[count].kind == Token::Kind::Word && is_mark(tokens[count + 1], ":"))
    count += 2;
  return count;
}

/// A line that holds an instruction: its tokens after the labels. Some lines stand for two, each a part of them.
struct Pending {
  std::uint32_t line = 0;
  std::vector<Token> tokens;
  std::size_t part = 0;
};

/// `ldp Xt1, Xt2, =`, which loads two constants.
bool constant_pair(const std::vector<Token>& tokens) {
  constexpr std::size_t kValue = 5;
  return tokens.size() > kValue && lower(tokens[0].text) == "ldp" && is_mark(tokens[kValue], "=");
}

/// The word that a line begins with: a mnemonic, `b.cond`, or a directive with its dot.
struct FirstWord {
  Token token{};
  std::string text;  ///< in lower case
};

FirstWord first_word(Line& line) {
  FirstWord first{line.peek(), {}};
  const bool dot = line.accept(".");
  if (line.peek().kind != Token::Kind::Word) {
    if (is_mark(first.token, "#")) line.fail(first.token, "`#` begins an immediate; a comment begins with `//`");
    line.fail_expected(dot ? "the name of a directive" : "an instruction, a directive or a label");
  }
  first.text = (dot ? "." : "") + lower(line.take().text);
  if (!dot && line.at(".")) {
    line.take();
    first.text += "." + lower(line.word("a condition such as eq or ne").text);
  }
  return first;
}

const Mnemonic* find(std::span<const Mnemonic> table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [name](const Mnemonic& m) { return m.name == name; });
  return found == table.end() ? nullptr : &*found;
}

/// Parses one line into an instruction; throws Mistake.
Instruction parse_line(Line& line) {
  const FirstWord first = first_word(line);
  const Mnemonic* mnemonic = find(mnemonics(), first.text);
  if (mnemonic == nullptr) mnemonic = find(directives(), first.text);
  std::optional<Condition> condition;
  if (first.text.starts_with("b.")) {
    condition = condition_named(std::string_view(first.text).substr(2));
    if (condition) mnemonic = find(mnemonics(), "b");
  }
  if (mnemonic == nullptr) {
    const bool dot = first.text.starts_with(".");
    if (const auto instead = unmodelled_instruction(first.text))
      line.fail(first.token,
                quoted(first.text) + " is not modelled" + (instead->empty() ? "" : "; ") + std::string(*instead));
    const Token whole{first.token.kind, first.text, first.token.column};  // `b.eq` is three tokens
    line.fail_suggesting(whole, std::string("unknown ") + (dot ? "directive " : "instruction ") + quoted(first.text),
                         std::span<const std::string_view>(first_words()));
  }
  if (line.symbols().device() && !mnemonic->in_devices)
    line.fail(first.token, quoted(first.text) + " cannot be used in the program of a device");
  line.set_usage(mnemonic->usage);
  Instruction instruction = mnemonic->prototype;
  instruction.line = line.number_of_line();
  if (condition) instruction.condition = *condition;
  mnemonic->parse(line, instruction);
  line.expect_end();
  return instruction;
}

}  // namespace

Assembled assemble(const SourceText& source, const Symbols& symbols) {
  Assembled result;
  LabelIndexes indexes;
  std::vector<Pending> pending;
  for (const SourceText::Line& text : source.lines) {
    std::vector<Token> tokens = tokenize(text.text, text.column);
    const std::size_t labels = label_tokens(tokens);
    const auto index = static_cast<std::uint32_t>(pending.size());
    std::optional<Problem> problem;
    for (std::size_t n = 0; n < labels; n += 2) {
      const Token& name = tokens[n];
      const auto wrong = [&](const std::string& why) {
        if (!problem) problem = Problem{text.number, name.column, quoted(name.text) + why};
      };
      if (is_reserved_name(name.text)) {
        wrong(" cannot be a label: it has a meaning of its own");
      } else if (!indexes.emplace(name.text, index).second) {
        wrong(" is already a label of this program");
      } else {
        result.labels.push_back({std::string(name.text), index, {text.number}, name.column});
      }
    }
    tokens.erase(tokens.begin(), tokens.begin() + static_cast<std::ptrdiff_t>(labels));
    const bool has_instruction = tokens.front().kind != Token::Kind::End;
    if (problem) result.problems.push_back(*problem);
    if (has_instruction) {
      // A line has one problem: after a wrong label its instruction is only a place.
      if (problem) tokens.clear();
      const std::size_t parts = constant_pair(tokens) ? 2 : 1;
      for (std::size_t part = 0; part < parts; ++part) pending.push_back({text.number, tokens, part});
    }
  }

  result.program.instructions.reserve(pending.size());
  for (Pending& p : pending) {
    Instruction instruction;
    instruction.line = {p.line};
    const bool wrong = p.part != 0 && !result.problems.empty() && result.problems.back().line == p.line;
    if (!p.tokens.empty() && !wrong && result.problems.size() < kMostProblems) {
      Line line(std::move(p.tokens), {p.line}, symbols, indexes, result.program);
      line.set_part(p.part);
      try {
        instruction = parse_line(line);
      } catch (Mistake& mistake) {
        result.problems.push_back({p.line, mistake.column, std::move(mistake.message)});
      }
    }
    result.program.instructions.push_back(instruction);
  }
  std::stable_sort(result.problems.begin(), result.problems.end(),
                   [](const Problem& a, const Problem& b) { return a.line < b.line; });
  if (result.problems.size() >= kMostProblems) {
    result.problems.resize(kMostProblems);
    result.problems.back().message += " (too many errors: the rest of this program is not checked)";
  }
  return result;
}

std::vector<EdgeDeclaration> edge_declarations(const SourceText& source) {
  std::vector<EdgeDeclaration> found;
  for (const SourceText::Line& text : source.lines) {
    const std::vector<Token> tokens = tokenize(text.text, text.column);
    const std::size_t first = label_tokens(tokens);
    if (first + 2 >= tokens.size() || !is_mark(tokens[first], ".")) continue;
    const std::string directive = lower(tokens[first + 1].text);
    const Token& operand = tokens[first + 2];
    const bool named = operand.kind == Token::Kind::Word;
    EdgeDeclaration edge{Directive::Kind::Publish, std::string(operand.text), text.number, operand.column};
    if (directive == "publish") {
      const bool only_release = named && lower(operand.text) == "release" && tokens[first + 3].kind == Token::Kind::End;
      if (!named || only_release) {
        edge.name = "flag";
        edge.column = tokens[first].column;
      }
    } else if (directive == "handoff" && named) {
      edge.kind = Directive::Kind::Handoff;
    } else if (directive == "doorbell" && named) {
      edge.kind = Directive::Kind::Doorbell;
    } else if (directive == "complete") {
      edge = {Directive::Kind::Complete, "", text.number, tokens[first].column};
    } else {
      continue;
    }
    found.push_back(std::move(edge));
  }
  return found;
}

}  // namespace staleline::a64
