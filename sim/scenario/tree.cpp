// SPDX-License-Identifier: Apache-2.0
// YAML events become nodes; what goes beyond plain data is refused as it comes.
#include "tree.h"

#include <fmt/format.h>
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <map>
#include <optional>
#include <sstream>
#include <utility>

namespace staleline::scenario {

namespace {

/// A scenario needs five levels.
constexpr std::size_t kDeepest = 12;

/// Ends reading early; the reason is reported already.
struct Stop {};

class Builder final : public YAML::EventHandler {
 public:
  Builder(const Text& text, Problems& problems) : text_(text), problems_(problems) {}

  void OnDocumentStart(const YAML::Mark& mark) override {
    if (documents_++ == 0) return;
    problems_.add(place(mark), "a second document: a scenario file holds one");
    throw Stop{};
  }
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    Node node = start(Node::Kind::Null, mark, anchor);
    // `null` as a word has no meaning of its own here: it may be a name.
    for (const std::string_view word : {"null", "Null", "NULL", "~"}) {
      if (!text_.line(node.mark.line).substr(node.mark.column - 1).starts_with(word)) continue;
      node.kind = Node::Kind::Scalar;
      node.text = word;
    }
    deliver(std::move(node));
  }
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    problems_.add(place(mark), "aliases (`*name`) are not allowed in a scenario");
    throw Stop{};
  }
  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    Node node = start(Node::Kind::Scalar, mark, anchor);
    node.text = value;
    if (tag != "?") node.style = style(node.mark);
    deliver(std::move(node));
  }
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(start(Node::Kind::Sequence, mark, anchor));
  }
  void OnSequenceEnd() override { close(); }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(start(Node::Kind::Map, mark, anchor));
  }
  void OnMapEnd() override { close(); }

  [[nodiscard]] Node take() { return std::move(root_); }

 private:
  struct Open {
    Node node;
    std::optional<Node> key;                     ///< of a map: waits for its value
    std::map<std::string, std::uint32_t> lines;  ///< of the keys, to find duplicates
  };

  [[nodiscard]] Mark place(const YAML::Mark& mark) const { return text_.clamped(mark.line + 1, mark.column + 1); }

  Node start(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    Node node;
    node.kind = kind;
    node.mark = place(mark);
    // Anchors and tags stand before the value, and then so does its mark.
    if (anchor != 0 || text_.at(node.mark) == '&') {
      problems_.add(node.mark, "anchors (`&name`) are not allowed in a scenario");
      throw Stop{};
    }
    if (text_.at(node.mark) == '!') {
      problems_.add(node.mark, "tags (`!name`) are not allowed in a scenario; quote a text that begins with `!`");
      throw Stop{};
    }
    return node;
  }

  Node::Style style(Mark mark) {
    const char first = text_.at(mark);
    if (first == '|') return Node::Style::Literal;
    if (first == '>') return Node::Style::Folded;
    if (first != '"' && first != '\'') return Node::Style::Plain;
    // The parser takes a quote that never closes, or that swallows the lines below it.
    const std::string_view line = text_.line(mark.line);
    for (std::size_t i = mark.column; i < line.size(); ++i) {
      if (first == '"' && line[i] == '\\') {
        ++i;
      } else if (line[i] == first) {
        if (first == '"' || i + 1 == line.size() || line[i + 1] != '\'') return Node::Style::Quoted;
        ++i;
      }
    }
    problems_.add(mark, fmt::format("the quote {} is not closed on its line", first == '"' ? "`\"`" : "`'`"));
    throw Stop{};
  }

  void open(Node node) {
    if (open_.size() >= kDeepest) {
      problems_.add(node.mark, "nested too deep for a scenario");
      throw Stop{};
    }
    open_.push_back({std::move(node), {}, {}});
  }

  void close() {
    Node node = std::move(open_.back().node);
    open_.pop_back();
    deliver(std::move(node));
  }

  void deliver(Node node) {
    if (open_.empty()) {
      root_ = std::move(node);
      return;
    }
    Open& parent = open_.back();
    if (parent.node.kind == Node::Kind::Sequence) {
      parent.node.items.push_back(std::move(node));
    } else if (!parent.key) {
      check_key(parent, node);
      parent.key = std::move(node);
    } else {
      // Nothing stands nowhere: what is missing is missing after its key.
      if (node.kind == Node::Kind::Null) node.mark = parent.key->mark;
      parent.node.keys.push_back(*std::move(parent.key));
      parent.node.items.push_back(std::move(node));
      parent.key.reset();
    }
  }

  void check_key(Open& map, const Node& key) {
    if (key.kind != Node::Kind::Scalar || key.style == Node::Style::Literal || key.style == Node::Style::Folded ||
        key.text.empty()) {
      problems_.add(key.mark, "expected a key: a word before a `:`");
    } else if (key.text == "<<") {
      problems_.add(key.mark, "merge keys (`<<`) are not allowed in a scenario");
    } else if (const auto [first, added] = map.lines.emplace(key.text, key.mark.line); !added) {
      problems_.add(key.mark,
                    fmt::format("duplicate key {}: it stands on line {} already", shown(key.text), first->second));
    }
  }

  const Text& text_;
  Problems& problems_;
  std::vector<Open> open_;
  Node root_;
  int documents_ = 0;
};

/// What the parser's messages mean to somebody who wrote a scenario.
std::string plain_words(const std::string& message) {
  static const std::map<std::string, std::string> kWords = {
      {"end of map not found", "expected a `key: value` of this mapping here, or the `}` or indentation that ends it"},
      {"end of map flow not found", "expected `,` or `}`; texts with `[`, `]`, `{`, `}` or `,` in braces need quotes"},
      {"end of sequence not found", "expected a `- item` of this list here, or the indentation that ends it"},
      {"end of sequence flow not found", "expected `,` or `]`"},
      {"illegal map value", "a `:` that no key of this mapping comes before; check the indentation, or quote the text"},
      {"illegal block entry", "a `-` where no list item can begin"},
      {"illegal flow end", "a closing bracket that nothing opened"},
      {"illegal EOF in scalar", "the quote is not closed before the end of the file"},
      {"illegal tab when looking for indentation", "a tab cannot indent a line of YAML; use spaces"},
      {"the referenced anchor is not defined", "aliases (`*name`) are not allowed in a scenario"},
      {"unknown token", "this character cannot begin a value; quote the text"},
      {"illegal character in scalar", "this text cannot stand here; quote it"},
  };
  const auto found = kWords.find(message);
  return found == kWords.end() ? "bad YAML: " + message : found->second;
}

}  // namespace

Node parse_tree(const Text& text, Problems& problems) {
  Builder builder(text, problems);
  std::istringstream stream(text.yaml());
  try {
    YAML::Parser parser(stream);
    while (parser.HandleNextDocument(builder)) {
    }
  } catch (const Stop&) {
  } catch (const YAML::Exception& e) {
    problems.add(text.clamped(std::int64_t{e.mark.line} + 1, std::int64_t{e.mark.column} + 1), plain_words(e.msg));
  }
  return builder.take();
}

}  // namespace staleline::scenario
