// SPDX-License-Identifier: Apache-2.0
// Answers to the assembler about views: addresses in them, and the descriptors that they begin with.
#include <fmt/format.h>

#include <algorithm>

#include "staleline/arm/attribute_names.h"
#include "staleline/arm/descriptor.h"
#include "symbols.h"

namespace staleline::scenario {

namespace {

using Unresolved = a64::Symbols::Unresolved;

Unresolved no_tables(const View& view, unsigned stage) {
  if (stage == 1) {
    return {
        fmt::format("stage 1 of view `{}` is declared and has no descriptors; give the view `tables: {{ at: REGION }}`",
                    view.name),
        {},
        false};
  }
  return {fmt::format("view `{}` has no descriptors of stage 2; write `stage2: {{ tables: {{ at: REGION }}, ... }}`",
                      view.name),
          {},
          false};
}

Unresolved not_mapped(const View& view, const std::string& region) {
  return {fmt::format("view `{}` does not map region `{}`", view.name, region), {}, false};
}

arm::Leaf leaf_of(const a64::Symbols::DescriptorContents& contents, const Declared* as) {
  const PageOptions options = as != nullptr ? as->options : PageOptions{};
  arm::Leaf leaf;
  leaf.shareability = contents.sh.value_or(as != nullptr ? as->attributes.shareability : leaf.shareability);
  leaf.access_flag = contents.access_flag;
  leaf.valid = contents.valid;
  leaf.contiguous = contents.contiguous;
  leaf.dirty_modifier = contents.dirty_bit_modifier;
  leaf.read_only = contents.read_only.value_or(!options.writable);
  leaf.write = !leaf.read_only;
  leaf.user = contents.user || options.user;
  leaf.not_global = contents.not_global || options.ng;
  leaf.pxn = leaf.uxn = contents.execute_never || options.xn;
  constexpr std::uint8_t kNeverExecute = 2;
  leaf.xn = leaf.uxn ? kNeverExecute : 0;
  return leaf;
}

}  // namespace

std::vector<std::string> AgentSymbols::view_names() const {
  std::vector<std::string> names;
  for (const View& view : views_.views) names.push_back(view.name);
  return names;
}

std::optional<std::size_t> AgentSymbols::view_of(std::string_view name) const {
  if (name.empty() && device() && !agents_[self_].translated) return std::nullopt;
  if (name.empty()) return agents_[self_].view;
  for (std::size_t i = 0; i < views_.views.size(); ++i) {
    if (views_.views[i].name == name) return i;
  }
  return std::nullopt;
}

a64::Symbols::Value AgentSymbols::own_address(std::size_t region, arm::PhysAddr address) const {
  const Region own = *this->region(memory_.region(region).name);
  if (own.mapped) return own.va.value + (address - memory_.region(region).base);
  return Unresolved{fmt::format("the descriptor lies in region `{}`, which this agent's view does not map",
                                memory_.region(region).name),
                    {},
                    false};
}

a64::Symbols::Value AgentSymbols::address(std::string_view view, const Region& region, std::uint64_t offset,
                                          Space space) const {
  const auto index = view_of(view);
  if (!index) return region.va.value + offset;
  if (space == Space::Intermediate) return output_of_stage1(views_.stages[*index], region.index, memory_) + offset;
  const auto va = address_in(views_.views[*index], region.index, memory_);
  if (!va) return not_mapped(views_.views[*index], memory_.region(region.index).name);
  return va->value + offset;
}

std::uint16_t AgentSymbols::asid(std::string_view view) const {
  const auto index = view_of(view);
  return index && views_.tables[*index] ? views_.tables[*index]->asid.value_or(0) : std::uint16_t{0};
}

std::uint16_t AgentSymbols::vmid(std::string_view view) const {
  const auto index = view_of(view);
  return index && views_.tables[*index] ? views_.tables[*index]->vmid.value_or(0) : std::uint16_t{0};
}

std::variant<a64::Symbols::Stream, Unresolved> AgentSymbols::stream(std::string_view device) const {
  std::vector<std::string> behind;
  for (const Agent& a : agents_) {
    if (!a.smmu) continue;
    if (a.name == device) return Stream{a.stream, a.substream};
    behind.push_back(a.name);
  }
  return Unresolved{fmt::format("no device {} behind an SMMU", shown(device)), std::move(behind), false};
}

arm::Granule AgentSymbols::granule(std::string_view view, unsigned stage) const {
  const auto index = view_of(view);
  if (!index || !views_.tables[*index]) return arm::Granule::K4;
  return stage == 1 ? views_.tables[*index]->granule1 : views_.tables[*index]->granule2;
}

a64::Symbols::Value AgentSymbols::descriptor_address(const DescriptorPlace& place) const {
  const auto index = view_of(place.view);
  if (!index) return Unresolved{"a device has no view of its own: name one, as in `pte(VIEW:REGION)`", {}, false};
  const View& view = views_.views[*index];
  const std::optional<ViewTables>& tables = views_.tables[*index];
  const bool known = tables && (place.stage == 1 ? !tables->stage1.empty() : tables->stage2.has_value());
  if (!known) return no_tables(view, place.stage);
  const std::string& name = memory_.region(place.region.index).name;
  const auto input =
      address(place.view, place.region, place.offset, place.stage == 1 ? Space::Virtual : Space::Intermediate);
  if (const auto* const wrong = std::get_if<Unresolved>(&input)) return *wrong;
  const std::uint64_t at = std::get<std::uint64_t>(input);
  const ViewTables::Tree* tree = nullptr;
  if (place.stage == 2) {
    tree = tables->stage2->tree.covers(at) ? &*tables->stage2 : nullptr;
  } else {
    for (const ViewTables::Tree& t : tables->stage1) {
      if (t.tree.covers(at)) tree = &t;
    }
  }
  if (tree == nullptr) return not_mapped(view, name);
  const auto leaf = tree->tree.find(at);
  const auto slot = tree->tree.find(at, place.level);
  if (!slot) {
    return Unresolved{
        fmt::format("no descriptor of level {} is on the way to `{}` in view `{}`: its walk begins at level "
                    "{} and ends at level {}",
                    *place.level, name, view.name, tree->tree.first_level(), leaf->level),
        {},
        false};
  }
  return own_address(tree->region, slot->address);
}

a64::Symbols::Value AgentSymbols::descriptor_value(const DescriptorContents& contents) const {
  const auto index = view_of(contents.view);
  if (!index) return Unresolved{"a device has no view of its own: name one, as in `desc(VIEW:REGION)`", {}, false};
  const View& view = views_.views[*index];
  const std::optional<ViewTables>& tables = views_.tables[*index];
  const bool first = contents.stage == 1;
  if (!tables || (first ? tables->stage1.empty() : !tables->stage2)) return no_tables(view, contents.stage);
  const arm::DescriptorFormat format{.granule = granule(contents.view, contents.stage),
                                     .stage = static_cast<std::uint8_t>(contents.stage)};
  const std::size_t region = contents.region.index;
  const Stages& stages = views_.stages[*index];
  const std::uint64_t output =
      (first ? output_of_stage1(stages, region, memory_) : memory_.region(region).base.value) + contents.offset;
  if (contents.table) return arm::encode_table(output & ~(arm::page_bytes(format.granule) - 1), format);

  const auto* const declared = (first ? stages.stage1 : stages.stage2).covering(region, memory_);
  const Declared* const as = declared != nullptr ? &declared->second : nullptr;
  std::optional<arm::MemoryAttributes> attributes;
  if (contents.attribute.empty()) {
    if (as == nullptr) {
      return Unresolved{
          fmt::format("stage {} of view `{}` does not map region `{}`: say which attributes, as in "
                      "`desc({}, normal-wb)`",
                      contents.stage, view.name, memory_.region(region).name, memory_.region(region).name),
          {},
          false};
    }
    attributes = as->attributes;
  } else {
    attributes = arm::parse_memory_attributes(contents.attribute);
  }
  if (!attributes) {
    const auto names = arm::memory_attribute_names();
    return Unresolved{
        fmt::format("unknown memory attributes {}", shown(contents.attribute)), {names.begin(), names.end()}, true};
  }

  const int level = contents.block ? 2 : 3;
  arm::Leaf leaf = leaf_of(contents, as);
  leaf.address = output & ~(arm::bytes_mapped(format.granule, level) - 1);
  const auto field = first ? tables->attributes.find(*attributes) : stage2_memattr(*attributes, tables->fwb);
  if (!field) {
    return Unresolved{first ? fmt::format("{} is not among the eight attributes of MAIR_EL{} of view `{}`",
                                          shown(arm::spell(*attributes)), view.el, view.name)
                            : fmt::format("with `fwb` stage 2 cannot say {}", shown(arm::spell(*attributes))),
                      {},
                      true};
  }
  (first ? leaf.attr_index : leaf.memattr) = *field;
  if (first && view.el == 2 && !view.e2h) {
    leaf.user = true;
    leaf.pxn = false;
  }
  return arm::encode_leaf(leaf, format, level);
}

}  // namespace staleline::scenario
