// SPDX-License-Identifier: Apache-2.0
// Tokens of one line of program text. Total on any bytes: what is no token is Junk, and the
// parser reports it where it is reached.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace staleline::a64 {

struct Token {
  enum class Kind : std::uint8_t {
    Word,    ///< a name: registers, mnemonics, regions, labels
    Number,  ///< starts with a digit, unit included; parse_number() judges it
    Mark,    ///< [ ] ( ) { } , : # = + - . ! < > / .. == != <= >=
    Junk,
    End,  ///< of the line or of its code before `//`; always the last token
  };
  Kind kind = Kind::End;
  std::string_view text{};
  std::uint32_t column = 1;
};

/// The tokens of `text`, whose first character stands in `column`. They point into `text`.
[[nodiscard]] std::vector<Token> tokenize(std::string_view text, std::uint32_t column);

}  // namespace staleline::a64
