// SPDX-License-Identifier: Apache-2.0
// A YAML file as a plain tree in which everything knows where it stands.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace staleline::scenario {

/// A place in the file, from 1. Columns count bytes.
struct Mark {
  std::uint32_t line = 1, column = 1;
};

struct Node {
  enum class Kind : std::uint8_t { Null, Scalar, Sequence, Map } kind = Kind::Null;
  enum class Style : std::uint8_t { Plain, Quoted, Literal, Folded } style = Style::Plain;  ///< of a scalar
  Mark mark{};
  std::string text;         ///< of a scalar
  std::vector<Node> keys;   ///< of a map: scalars, parallel to `items`
  std::vector<Node> items;  ///< of a sequence or a map

  /// The value of a key of a map; null where there is none.
  [[nodiscard]] const Node* find(std::string_view key) const {
    for (std::size_t i = 0; i < keys.size(); ++i) {
      if (keys[i].text == key) return &items[i];
    }
    return nullptr;
  }
};

}  // namespace staleline::scenario
