// SPDX-License-Identifier: Apache-2.0
// Views: two stages declared by region become one list of mappings.
#include "views.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "staleline/arm/attribute_names.h"
#include "values.h"

namespace staleline::scenario {

namespace {

constexpr std::size_t kMostViews = 64;
constexpr std::uint64_t kPage = 4096;

struct Declared {
  arm::MemoryAttributes attributes{};
  std::optional<arm::VirtAddr> va{};
  Mark mark{};
};
/// What one stage says, by region.
using Stage = std::map<std::size_t, Declared>;

arm::MemoryAttributes write_back() { return *arm::parse_memory_attributes("normal-wb"); }

/// `normal-wb` or `{ attr: normal-wb, sh: ish }`.
std::optional<Declared> attributes(const Node& node, Section section, Problems& problems) {
  Declared declared;
  declared.mark = node.mark;
  const Node* attr = &node;
  const Node* sh = nullptr;
  if (node.kind == Node::Kind::Map) {
    check_section(node, section, problems);
    attr = node.find("attr");
    sh = node.find("sh");
    const Node* const va = section == Section::Mapping1 ? node.find("va") : nullptr;
    if (va != nullptr) {
      const auto address = number(*va, "the virtual address", ~std::uint64_t{0}, problems);
      if (address) declared.va = arm::VirtAddr{*address};
      declared.mark = va->mark;
    }
    if (attr == nullptr) return std::nullopt;
  }
  const auto name = word(*attr, "memory attributes such as `normal-wb`", problems);
  if (!name) return std::nullopt;
  const auto parsed = arm::parse_memory_attributes(*name);
  if (!parsed) {
    const auto names = arm::memory_attribute_names();
    problems.add(attr->mark, with_suggestion(fmt::format("unknown memory attributes {}", shown(*name)), *name,
                                             std::vector<std::string>(names.begin(), names.end())));
    return std::nullopt;
  }
  declared.attributes = *parsed;
  if (sh == nullptr) return declared;
  const auto found = choice(*sh, "a shareability", arm::shareability_names(), problems);
  if (!found) return std::nullopt;
  declared.attributes.shareability = *arm::parse_shareability(arm::shareability_names()[*found]);
  return declared;
}

Stage read_stage(const Node& node, std::string_view what, Section section, const Memory& memory, Problems& problems) {
  Stage stage;
  if (!is_map(node, what, problems)) return stage;
  for (std::size_t i = 0; i < node.keys.size(); ++i) {
    const auto region = name_in(node.keys[i], "a region", memory.names(), problems);
    const auto declared = attributes(node.items[i], section, problems);
    if (region && declared) stage.emplace(*region, *declared);
  }
  return stage;
}

/// The innermost declaration that covers `region`, and in which region it stands.
const Stage::value_type* covering(const Stage& stage, std::size_t region, const Memory& memory) {
  for (std::optional<std::size_t> at = region; at; at = memory.parent(*at)) {
    if (const auto found = stage.find(*at); found != stage.end()) return &*found;
  }
  return nullptr;
}

/// The virtual address of `region` by its own declaration or that of a region around it.
arm::VirtAddr virtual_address(const Stage& stage, std::size_t region, const Memory& memory) {
  const arm::PhysAddr base = memory.region(region).base;
  for (std::optional<std::size_t> at = region; at; at = memory.parent(*at)) {
    const auto found = stage.find(*at);
    if (found == stage.end() || !found->second.va) continue;
    return *found->second.va + (base - memory.region(*at).base);
  }
  return {base.value};
}

/// Two regions at the same virtual addresses, unless one only refines the other.
void check_addresses(const View& view, const Stage& stage, const Memory& memory, Problems& problems) {
  const auto inside = [&](std::size_t inner, std::size_t outer) {
    for (auto at = memory.parent(inner); at; at = memory.parent(*at)) {
      if (*at == outer) return true;
    }
    return false;
  };
  for (std::size_t i = 0; i < view.mappings.size(); ++i) {
    const Mapping& a = view.mappings[i];
    const Region& ra = memory.region(a.region);
    const auto own = stage.find(a.region);
    const Mark mark = own == stage.end() ? Mark{a.line.value, 1} : own->second.mark;
    if (!view.m && a.va.value != ra.base.value) {
      problems.add(mark,
                   fmt::format("`va` in view `{}`, which starts with its MMU off: here a region can only be mapped "
                               "at its physical address",
                               view.name));
      continue;
    }
    if (a.va.value % kPage != ra.base.value % kPage) {
      problems.add(mark, fmt::format("region `{}` at virtual address {:#x}, physical {:#x}: both must have the same "
                                     "offset in their page of 4 KiB",
                                     ra.name, a.va.value, ra.base.value));
      continue;
    }
    if (a.va.value + (ra.bytes - 1) < a.va.value) {
      problems.add(mark, fmt::format("region `{}` goes past the end of virtual memory", ra.name));
      continue;
    }
    for (std::size_t j = 0; j < i; ++j) {
      const Mapping& b = view.mappings[j];
      const Region& rb = memory.region(b.region);
      if (a.va - b.va >= rb.bytes && b.va - a.va >= ra.bytes) continue;  // differences wrap
      const bool refines = (inside(a.region, b.region) || inside(b.region, a.region)) &&
                           a.va.value - ra.base.value == b.va.value - rb.base.value;
      if (refines) continue;
      problems.add(mark, fmt::format("in view `{}` region `{}` overlaps `{}` at virtual address {:#x}", view.name,
                                     ra.name, rb.name, std::max(a.va, b.va).value));
      break;
    }
  }
}

void make_mappings(View& view, const std::optional<Stage>& stage1, const std::optional<Stage>& stage2,
                   const Memory& memory) {
  for (std::size_t r = 0; r < memory.regions().size(); ++r) {
    const bool top = !memory.parent(r);
    const bool declared1 = stage1 ? stage1->contains(r) : top;
    const bool declared2 = stage2 && stage2->contains(r);
    if (!memory.sound(r) || (!declared1 && !declared2)) continue;
    Mapping mapping;
    mapping.region = static_cast<std::uint32_t>(r);
    mapping.line = memory.region(r).line;
    mapping.va = {memory.region(r).base.value};
    mapping.stage1 = write_back();
    if (stage1) {
      const auto* const found = covering(*stage1, r, memory);
      // With stage 1 off, stage 2 alone decides what can be reached.
      if (found == nullptr && view.m) continue;
      if (found != nullptr) {
        mapping.stage1 = found->second.attributes;
        mapping.line = {found->second.mark.line};
        mapping.va = virtual_address(*stage1, r, memory);
      } else {
        mapping.stage1 = *arm::parse_memory_attributes("device-ngnrne");
      }
    }
    if (stage2) {
      const auto* const found = covering(*stage2, r, memory);
      if (found == nullptr) continue;
      mapping.stage2 = found->second.attributes;
    }
    view.mappings.push_back(mapping);
  }
}

View read_view(const Node& key, const Node& node, const Memory& memory, Problems& problems) {
  View view;
  view.name = key.text;
  view.walk = write_back();
  can_name(key, "a view", problems);
  if (!check_section(node, Section::View, problems)) return view;
  const auto read = [&](std::string_view name, bool otherwise) {
    const Node* const found = node.find(name);
    return found == nullptr ? otherwise : flag(*found, fmt::format("`{}`", name), problems).value_or(otherwise);
  };
  view.m = read("mmu", true);
  view.c = read("c", view.m);
  view.i = read("i", true);
  view.always_live = read("always_live", false);
  if (const Node* const walk = node.find("walk")) {
    if (const auto found = attributes(*walk, Section::Walk, problems)) view.walk = found->attributes;
  }
  std::optional<Stage> stage1, stage2;
  if (const Node* const found = node.find("stage1"))
    stage1 = read_stage(*found, "`stage1`", Section::Mapping1, memory, problems);
  if (const Node* const found = node.find("stage2"))
    stage2 = read_stage(*found, "`stage2`", Section::Mapping2, memory, problems);
  make_mappings(view, stage1, stage2, memory);
  check_addresses(view, stage1.value_or(Stage{}), memory, problems);
  return view;
}

}  // namespace

std::vector<View> read_views(const Node* node, const Memory& memory, Problems& problems) {
  std::vector<View> views;
  if (node == nullptr) {
    View view;
    view.name = "default";
    view.walk = write_back();
    make_mappings(view, std::nullopt, std::nullopt, memory);
    return {std::move(view)};
  }
  if (!is_map(*node, "`mappings`", problems)) return views;
  if (node->keys.empty())
    problems.add(node->mark, "`mappings` has no view; leave it out for one that maps all regions");
  for (std::size_t i = 0; i < node->keys.size() && i <= kMostViews; ++i) {
    if (i == kMostViews) {
      problems.add(node->keys[i].mark, fmt::format("too many views: at most {}", kMostViews));
    } else {
      views.push_back(read_view(node->keys[i], node->items[i], memory, problems));
    }
  }
  return views;
}

std::optional<arm::VirtAddr> address_in(const View& view, std::size_t region, const Memory& memory) {
  const arm::PhysAddr base = memory.region(region).base;
  for (std::optional<std::size_t> at = region; at; at = memory.parent(*at)) {
    for (const Mapping& m : view.mappings) {
      if (m.region == *at) return m.va + (base - memory.region(*at).base);
    }
  }
  // With stage 1 off and no stage 2 the address space is flat.
  const bool flat = !view.m && std::none_of(view.mappings.begin(), view.mappings.end(),
                                            [](const Mapping& m) { return m.stage2.has_value(); });
  return flat ? std::optional(arm::VirtAddr{base.value}) : std::nullopt;
}

}  // namespace staleline::scenario
