// SPDX-License-Identifier: Apache-2.0
// Views: two stages declared by region become one list of mappings.
#include "views.h"

#include <fmt/format.h>

#include <algorithm>

#include "staleline/arm/attribute_names.h"
#include "values.h"

namespace staleline::scenario {

namespace {

constexpr std::size_t kMostViews = 64;
constexpr std::uint64_t kPage = 4096;

arm::MemoryAttributes write_back() { return *arm::parse_memory_attributes("normal-wb"); }

/// Two regions at the same virtual addresses, unless one only refines the other.
void check_addresses(const View& view, const Stages& stages, const Memory& memory, Problems& problems) {
  const auto& declared = stages.stage1.regions;
  const auto inside = [&](std::size_t inner, std::size_t outer) {
    for (auto at = memory.parent(inner); at; at = memory.parent(*at)) {
      if (*at == outer) return true;
    }
    return false;
  };
  for (std::size_t i = 0; i < view.mappings.size(); ++i) {
    const Mapping& a = view.mappings[i];
    const Region& ra = memory.region(a.region);
    const auto own = declared.find(a.region);
    const Mark mark = own == declared.end() ? Mark{a.line.value, 1} : own->second.mark;
    const std::uint64_t flat = output_of_stage1(stages, a.region, memory);
    if (!view.m && a.va.value != flat) {
      problems.add(mark,
                   fmt::format("`va` in view `{}`, which starts with its MMU off: here a region can only be mapped "
                               "at its {}physical address",
                               view.name, flat == ra.base.value ? "" : "intermediate "));
      continue;
    }
    if (!view.tables && a.va.value % kPage != ra.base.value % kPage) {
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

/// A missing stage 1 maps everything; registers of SMMUs are mapped everywhere; with tables, those are mapped too.
void complete(Stages& stages, bool has_stage1, const Memory& memory) {
  Declared declared;
  declared.attributes = write_back();
  if (!has_stage1) {
    for (std::size_t r = 0; r < memory.regions().size(); ++r) {
      if (memory.parent(r) || !memory.sound(r)) continue;
      declared.mark = {memory.region(r).line.value, 1};
      stages.stage1.regions.emplace(r, declared);
    }
  }
  Declared registers;
  registers.attributes = *arm::parse_memory_attributes("device-ngnre");
  for (std::size_t r = 0; r < memory.regions().size(); ++r) {
    if (!memory.registers(r) || !memory.sound(r)) continue;
    registers.mark = {memory.region(r).line.value, 1};
    if (!has_stage1) stages.stage1.regions[r] = registers;
    if (stages.stage1.covering(r, memory) == nullptr) stages.stage1.regions.emplace(r, registers);
    if (stages.has_stage2 && stages.stage2.covering(r, memory) == nullptr) stages.stage2.regions.emplace(r, registers);
  }
  if (!stages.stage1.tables) return;
  const std::size_t region = stages.stage1.tables->region;
  declared.mark = stages.stage1.tables->mark;
  if (stages.stage1.covering(region, memory) == nullptr) stages.stage1.regions.emplace(region, declared);
  if (stages.stage2.tables && stages.stage2.covering(region, memory) == nullptr)
    stages.stage2.regions.emplace(region, declared);
}

void make_mappings(View& view, const Stages& stages, const Memory& memory) {
  const bool only_stage2 = stages.stage2.tables && !stages.stage1.tables;
  for (std::size_t r = 0; r < memory.regions().size(); ++r) {
    const bool declared1 = !only_stage2 && stages.stage1.regions.contains(r);
    const bool declared2 = stages.stage2.regions.contains(r);
    if (!memory.sound(r) || (!declared1 && !declared2)) continue;
    Mapping mapping;
    mapping.region = static_cast<std::uint32_t>(r);
    mapping.line = memory.region(r).line;
    mapping.va = {output_of_stage1(stages, r, memory)};
    const auto* const first = only_stage2 ? nullptr : stages.stage1.covering(r, memory);
    // With stage 1 off, stage 2 alone decides what can be reached.
    if (first == nullptr && view.m) continue;
    if (first != nullptr) {
      mapping.stage1 = first->second.attributes;
      mapping.held = first->second.options.valid && first->second.options.af;
      mapping.line = {first->second.mark.line};
      mapping.va = {stages.stage1.input_of(r, mapping.va.value, memory)};
    } else {
      mapping.stage1 = *arm::parse_memory_attributes("device-ngnrne");
    }
    if (stages.has_stage2) {
      const auto* const second = stages.stage2.covering(r, memory);
      // With tables it can be reached, and faults.
      if (second == nullptr && !view.tables) continue;
      if (second != nullptr) mapping.stage2 = second->second.attributes;
      if (view.tables) mapping.held &= second != nullptr && second->second.options.valid && second->second.options.af;
    }
    view.mappings.push_back(mapping);
  }
}

void no_table_keys(const Stage& stage, std::string_view where, Problems& problems) {
  for (const auto& [region, declared] : stage.regions) {
    if (!declared.table_key) continue;
    problems.add(declared.table_key->mark,
                 fmt::format("`{}` is a matter of descriptors: it needs `tables` {}", declared.table_key->name, where));
  }
}

/// Real and declared translation do not mix in one view.
void check_stages(const Node& node, const View& view, const Stages& stages, Problems& problems) {
  const Node *const first = node.find("stage1"), *const second = node.find("stage2");
  if (!stages.stage1.tables) no_table_keys(stages.stage1, "in this view", problems);
  if (!stages.stage2.tables) no_table_keys(stages.stage2, "in `stage2`", problems);
  if (stages.stage1.tables && second != nullptr && !stages.stage2.tables)
    problems.add(second->mark,
                 "in a view with `tables` stage 2 needs its own: `stage2: { tables: { at: REGION }, ... }`");
  if (!stages.stage2.tables || stages.stage1.tables) return;
  if (first != nullptr || view.m) {
    problems.add(first != nullptr ? first->mark : node.mark,
                 fmt::format("stage 2 of view `{}` has tables: then stage 1 needs `tables: {{ at: REGION }}`, or `mmu: "
                             "off` and no `stage1`",
                             view.name));
  }
}

/// A region that stage 2 puts elsewhere than the region around it must be in stage 1 too.
void check_placement(const Stages& stages, const Memory& memory, Problems& problems) {
  if (!stages.stage1.tables) return;
  for (const auto& [region, declared] : stages.stage2.regions) {
    const auto* const around = stages.stage1.covering(region, memory);
    if (!declared.input || around == nullptr || around->first == region) continue;
    const std::uint64_t offset = memory.region(region).base - memory.region(around->first).base;
    if (output_of_stage1(stages, around->first, memory) + offset == *declared.input) continue;
    problems.add(declared.mark, fmt::format("`ipa` moves region `{}` out of `{}`: `stage1` needs a mapping of it too",
                                            memory.region(region).name, memory.region(around->first).name));
  }
}

void check_walk(const arm::MemoryAttributes& walk, const Node& node, Problems& problems) {
  if (walk.type == arm::MemoryType::Device)
    problems.add(node.mark, "walks through `tables` are of Normal memory; expected attributes such as `normal-wb`");
}

std::optional<ViewTables> read_view(const Node& key, const Node& node, const Memory& memory, TableSpace& space,
                                    View& view, Stages& stages, Problems& problems) {
  view.name = key.text;
  view.walk = write_back();
  can_name(key, "a view", problems);
  if (!check_section(node, Section::View, problems)) return std::nullopt;
  const std::size_t before = problems.size();
  const auto read = [&](std::string_view name, bool otherwise) {
    const Node* const found = node.find(name);
    return found == nullptr ? otherwise : flag(*found, fmt::format("`{}`", name), problems).value_or(otherwise);
  };
  view.m = read("mmu", true);
  view.c = read("c", view.m);
  view.i = read("i", true);
  view.dc = read("dc", false);
  if (view.dc && view.m) problems.add(node.find("dc")->mark, "`dc` turns stage 1 off: it needs `mmu: off`");
  view.always_live = read("always_live", false);
  view.e2h = read("e2h", false);
  if (const Node* const el = node.find("el"))
    view.el = choice(*el, "an Exception level", kExceptionLevels, problems).value_or(0) == 0 ? 1 : 2;
  if (view.e2h && view.el != 2) problems.add(node.find("e2h")->mark, "`e2h` is of EL2: it needs `el: 2`");
  if (const Node* const walk = node.find("walk")) view.walk = read_walk(*walk, problems).value_or(view.walk);
  const Node *const first = node.find("stage1"), *const second = node.find("stage2");
  if (first != nullptr) stages.stage1 = read_stage1(*first, memory, problems);
  if (second != nullptr) stages.stage2 = read_stage2(*second, memory, problems);
  stages.has_stage2 = second != nullptr;
  if (const Node* const tables = node.find("tables")) {
    stages.stage1.tables = read_tables1(*tables, memory, problems);
    if (stages.stage1.tables) {
      view.walk = stages.stage1.tables->walk.value_or(view.walk);
      const Node* const walk = tables->find("walk") != nullptr ? tables->find("walk") : node.find("walk");
      if (walk != nullptr) check_walk(view.walk, *walk, problems);
    }
  }
  if (stages.stage2.tables && stages.stage2.tables->walk) check_walk(*stages.stage2.tables->walk, *second, problems);
  if (view.dc && view.el == 2) problems.add(node.find("dc")->mark, "`dc` is of EL1 and EL0: EL2 has none");
  if (view.el == 2 && stages.has_stage2)
    problems.add(second->mark, "EL2 has no stage 2; `stage2` belongs to views of EL1");
  check_stages(node, view, stages, problems);
  complete(stages, first != nullptr, memory);
  check_placement(stages, memory, problems);
  view.tables = stages.stage1.tables || stages.stage2.tables;
  make_mappings(view, stages, memory);
  check_addresses(view, stages, memory, problems);
  return problems.size() == before ? space.build(view, stages, problems) : std::nullopt;
}

}  // namespace

Views read_views(const Node* node, const Memory& memory, Problems& problems) {
  Views views;
  if (node == nullptr) {
    View view;
    view.name = "default";
    view.walk = write_back();
    Stages& stages = views.stages.emplace_back();
    complete(stages, false, memory);
    make_mappings(view, stages, memory);
    views.views.push_back(std::move(view));
    views.tables.emplace_back();
    return views;
  }
  TableSpace space(memory);
  if (!is_map(*node, "`mappings`", problems)) return views;
  if (node->keys.empty())
    problems.add(node->mark, "`mappings` has no view; leave it out for one that maps all regions");
  for (std::size_t i = 0; i < node->keys.size() && i <= kMostViews; ++i) {
    if (i == kMostViews) {
      problems.add(node->keys[i].mark, fmt::format("too many views: at most {}", kMostViews));
    } else {
      View view;
      views.tables.push_back(
          read_view(node->keys[i], node->items[i], memory, space, view, views.stages.emplace_back(), problems));
      views.views.push_back(std::move(view));
    }
  }
  views.init = space.take_init();
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
