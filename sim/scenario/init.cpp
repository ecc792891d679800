// SPDX-License-Identifier: Apache-2.0
// Initial contents.
#include "init.h"

#include <fmt/format.h>

#include <algorithm>

#include "agents.h"
#include "span.h"
#include "values.h"

namespace staleline::scenario {

namespace {

/// More is surely a slip, and would only cost memory: it is 0 anyway.
constexpr std::uint64_t kMostBytes = std::uint64_t{256} << 20;

std::vector<std::uint8_t> bytes_of(const Node& node, Problems& problems) {
  std::vector<std::uint8_t> bytes;
  const auto add = [&](const Node& item) {
    bytes.push_back(static_cast<std::uint8_t>(number(item, "a byte", 255, problems).value_or(0)));
  };
  if (node.kind != Node::Kind::Sequence) {
    add(node);
    return bytes;
  }
  for (const Node& item : node.items) add(item);
  if (bytes.empty()) problems.add(node.mark, "expected a byte or a list of bytes; the list is empty");
  return bytes;
}

void read_one(const Node& node, const Memory& memory, const std::vector<Agent>& agents, Problems& problems,
              std::vector<Init>& out) {
  const std::size_t before = problems.size();
  if (!check_section(node, Section::Init, problems)) return;
  Init init;
  init.line = {node.mark.line};
  std::optional<Part> part;
  if (const Node* const region = node.find("region")) {
    part = region_part(*region, memory, problems);
    if (part && part->bytes > kMostBytes)
      problems.add(region->mark, fmt::format("more than {} MiB of initial contents; name a smaller range", 256));
  }
  const Node* const bytes = node.find("bytes");
  const Node* const payload = node.find("payload");
  const Node* const held = node.find("held");
  const Node* const by = node.find("by");
  if (bytes != nullptr) init.contents = bytes_of(*bytes, problems);
  if (payload != nullptr && flag(*payload, "`payload`", problems).value_or(false)) {
    const auto* const contents = part ? memory.payload(part->region) : nullptr;
    if (bytes != nullptr) problems.add(bytes->mark, "`bytes` does not go with `payload`, which says what they are");
    if (part && contents == nullptr)
      problems.add(payload->mark, fmt::format("region `{}` has no payload", memory.region(part->region).name));
    if (part && part->offset != 0) problems.add(payload->mark, "a payload begins where its region does");
    if (contents != nullptr) {
      init.contents = *contents;
      part->bytes = std::min<std::uint64_t>(part->bytes, contents->size());
    }
  }
  if (bytes == nullptr && held == nullptr && payload == nullptr)
    problems.add(node.mark, "an entry of `init` needs `bytes`, `payload` or `held`");
  if (held != nullptr) {
    const auto kind = choice(*held, "a state of a held line", kHeld, problems);
    init.held = kind.value_or(0) == 0 ? Init::Held::Clean : Init::Held::Dirty;
    if (by == nullptr) problems.add(held->mark, "`held` needs `by`: the agent whose PE holds the lines");
  }
  if (by != nullptr) {
    if (held == nullptr) problems.add(by->mark, "`by` goes with `held: clean` or `held: dirty`");
    init.holder = on_pe(*by, agents, problems).value_or(event::AgentId{});
  }
  if (!part || problems.size() != before) return;
  init.region = part->region;
  init.offset = part->offset;
  init.bytes = part->bytes;
  out.push_back(std::move(init));
}

}  // namespace

std::vector<Init> read_init(const Node& node, const Memory& memory, const std::vector<Agent>& agents,
                            Problems& problems) {
  std::vector<Init> out;
  if (!is_list(node, "`init`", problems)) return out;
  for (const Node& item : node.items) read_one(item, memory, agents, problems, out);
  return out;
}

}  // namespace staleline::scenario
