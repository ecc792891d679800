// SPDX-License-Identifier: Apache-2.0
// From YAML events to a tree of nodes. The subset of YAML that a scenario may use is decided here.
#pragma once

#include "node.h"
#include "problems.h"
#include "text.h"

namespace staleline::scenario {

/// Reads the one document of `text`. Reports bad YAML, duplicate keys, anchors, aliases, merge keys, tags,
/// further documents, open quotes and deep nesting; the tree is then not complete.
[[nodiscard]] Node parse_tree(const Text& text, Problems& problems);

}  // namespace staleline::scenario
