// SPDX-License-Identifier: Apache-2.0
// Typed reading of nodes: each function reports what is wrong and then returns nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "keys.h"
#include "node.h"
#include "problems.h"

namespace staleline::scenario {

/// What a node is, for "found ...": a quoted text, "a list", "a mapping", "nothing".
[[nodiscard]] std::string found(const Node& node);

/// True for a mapping; reports unknown keys and missing required ones by the table of the section.
bool check_section(const Node& node, Section section, Problems& problems);
bool is_map(const Node& node, std::string_view what, Problems& problems);
/// A list; `example` shows an item.
bool is_list(const Node& node, std::string_view what, Problems& problems);

/// A text that is not empty.
[[nodiscard]] std::optional<std::string> word(const Node& node, std::string_view what, Problems& problems);
/// Free text with white space runs as single spaces.
[[nodiscard]] std::string sentence(const Node& node, std::string_view what, Problems& problems);
[[nodiscard]] std::optional<std::uint64_t> number(const Node& node, std::string_view what, std::uint64_t most,
                                                  Problems& problems);
[[nodiscard]] std::optional<bool> flag(const Node& node, std::string_view what, Problems& problems);
/// The index of the text in `valid`.
[[nodiscard]] std::optional<std::size_t> choice(const Node& node, std::string_view what,
                                                std::span<const std::string_view> valid, Problems& problems);
/// The index of a declared name in `names`; `kind` is what is named: "agent".
[[nodiscard]] std::optional<std::size_t> name_in(const Node& node, std::string_view kind,
                                                 const std::vector<std::string>& names, Problems& problems);
/// Whether a key of a mapping can name a `kind` ("a region") of this file; reports it otherwise.
bool can_name(const Node& key, std::string_view kind, Problems& problems);

}  // namespace staleline::scenario
