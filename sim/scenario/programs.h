// SPDX-License-Identifier: Apache-2.0
// `program:`: the lines of each agent as they stand in the file, with the variants that they belong to.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "node.h"
#include "problems.h"
#include "staleline/a64/assembler.h"
#include "text.h"

namespace staleline::scenario {

class ProgramText {
 public:
  /// Reads the block text `node` of agent `key`; `variants` are the names that tags may have.
  ProgramText(const Node& key, const Node& node, const Text& text, const std::vector<std::string>& variants,
              Problems& problems);

  [[nodiscard]] const std::string& agent() const { return key_.text; }
  [[nodiscard]] Mark mark() const { return key_.mark; }
  /// The lines of one variant, an index into `variants`.
  [[nodiscard]] a64::SourceText lines_of(std::size_t variant) const;

 private:
  struct Line {
    a64::SourceText::Line source;
    std::vector<std::size_t> variants;  ///< empty: all
  };
  void read_line(std::uint32_t number, std::string_view text, const std::vector<std::string>& variants,
                 Problems& problems);

  Node key_;
  std::vector<Line> lines_;
};

/// All programs of `program:`.
[[nodiscard]] std::vector<ProgramText> read_programs(const Node& node, const Text& text,
                                                     const std::vector<std::string>& variants, Problems& problems);

}  // namespace staleline::scenario
