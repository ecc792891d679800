// SPDX-License-Identifier: Apache-2.0
// The raw text of a scenario file: what can be said of it before YAML, and the exact lines of
// block texts, which YAML parsers do not give back.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "node.h"
#include "problems.h"

namespace staleline::scenario {

inline constexpr std::size_t kLargestFile = 256 * 1024;

class Text {
 public:
  /// Reports what is no text or has an indentation that YAML forbids. A byte order mark is dropped.
  Text(std::string raw, Problems& problems);

  /// Line `number`, from 1, without its end; empty past the last.
  [[nodiscard]] std::string_view line(std::uint32_t number) const;
  [[nodiscard]] std::uint32_t lines() const { return static_cast<std::uint32_t>(lines_.size()); }
  [[nodiscard]] char at(Mark mark) const;
  /// A mark inside the text, as near to `mark` as possible.
  [[nodiscard]] Mark clamped(std::int64_t line, std::int64_t column) const;

  /// The lines of a block text (`|`).
  struct Block {
    std::uint32_t first = 0, end = 0;  ///< line numbers, `end` past the last
  };
  /// The block whose `|` stands on line `header`; null where there is none.
  [[nodiscard]] const Block* block(std::uint32_t header) const;

  /// Lines that are indented too little for the program that they stand in; they belong to its block all the same.
  struct Shallow {
    Mark mark;
    std::string_view key;  ///< of the program
  };
  [[nodiscard]] const std::vector<Shallow>& shallow() const { return shallow_; }

  /// The same lines for a YAML parser. Each `|` has an indentation indicator, so that a block goes on
  /// as long as its lines are indented more than its key, whatever its first line has.
  [[nodiscard]] const std::string& yaml() const { return yaml_; }

 private:
  void check_bytes(Problems& problems) const;
  void find_blocks(Problems& problems);

  std::string raw_, yaml_;
  std::vector<std::string_view> lines_;
  std::map<std::uint32_t, Block> blocks_;
  std::vector<Shallow> shallow_;
};

}  // namespace staleline::scenario
