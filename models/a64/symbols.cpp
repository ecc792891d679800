// SPDX-License-Identifier: Apache-2.0
// What names mean where a scenario has no more to say: declared mappings, no tables.
#include "staleline/a64/assembler.h"

namespace staleline::a64 {
namespace {

Symbols::Unresolved without_tables(unsigned stage) {
  return {stage == 1 ? "this view has no translation tables: its mappings stay as declared"
                     : "this view has no stage 2 tables: its mappings stay as declared",
          {},
          false};
}

}  // namespace

std::variant<event::AgentId, Symbols::Unresolved> Symbols::agent(std::string_view name) const {
  return Unresolved{"no agent `" + std::string(name) + "`", {}, false};
}

std::variant<Symbols::Stream, Symbols::Unresolved> Symbols::stream(std::string_view device) const {
  return Unresolved{"no device `" + std::string(device) + "` behind an SMMU", {}, false};
}

Symbols::Value Symbols::address(std::string_view /*view*/, const Region& region, std::uint64_t offset,
                                Space space) const {
  if (space == Space::Intermediate) return without_tables(2);
  return region.va.value + offset;
}

Symbols::Value Symbols::descriptor_address(const DescriptorPlace& place) const { return without_tables(place.stage); }

Symbols::Value Symbols::descriptor_value(const DescriptorContents& contents) const {
  return without_tables(contents.stage);
}

}  // namespace staleline::a64
