// SPDX-License-Identifier: Apache-2.0
// Building the tables of views into their regions.
#include "tables.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "address_map.h"
#include "staleline/arm/attribute_names.h"
#include "staleline/arm/descriptor.h"

namespace staleline::scenario {

namespace {

using arm::SystemRegister;

/// What a file can ask for is bounded: more is surely a slip, and would cost memory and time.
constexpr std::uint64_t kMostDescriptors = 64 * 1024, kMostBytes = std::uint64_t{4} << 20;
constexpr std::uint64_t kHcrVm = 1, kHcrDc = std::uint64_t{1} << 12, kHcrTge = std::uint64_t{1} << 27,
                        kHcrRw = std::uint64_t{1} << 31, kHcrE2h = std::uint64_t{1} << 34,
                        kHcrFwb = std::uint64_t{1} << 46, kHcrFb = std::uint64_t{1} << 9,
                        kHcrBsuInner = std::uint64_t{1} << 10;
constexpr unsigned kIdShift = 48;

arm::MemoryAttributes write_back() { return *arm::parse_memory_attributes("normal-wb"); }

std::vector<std::size_t> outer_first(const Stage& stage, const Memory& memory) {
  const auto depth = [&](std::size_t region) {
    std::size_t d = 0;
    for (auto at = memory.parent(region); at; at = memory.parent(*at)) ++d;
    return d;
  };
  std::vector<std::pair<std::size_t, std::size_t>> order;
  for (const auto& [region, declared] : stage.regions) {
    if (memory.sound(region)) order.emplace_back(depth(region), region);
  }
  std::sort(order.begin(), order.end());
  std::vector<std::size_t> out;
  for (const auto& entry : order) out.push_back(entry.second);
  return out;
}

std::uint64_t sctlr(const View& view) {
  const auto& info = arm::info_of(view.el == 1 ? SystemRegister::SCTLR_EL1 : SystemRegister::SCTLR_EL2);
  return info.reset | (view.m ? 1U : 0U) | (view.c ? 1U << 2 : 0U) | (view.i ? 1U << 12 : 0U);
}

void set_stage1(View& view, const TablesRequest& request, const ViewTables& tables) {
  const auto root = [&](bool upper) -> const TableTree* {
    for (const auto& t : tables.stage1) {
      if (t.tree.covers(0) != upper) return &t.tree;
    }
    return nullptr;
  };
  const auto set = [&](SystemRegister el1, SystemRegister el2, std::uint64_t value) {
    view.registers.emplace_back(view.el == 1 ? el1 : el2, value);
  };
  const bool two_halves = view.el == 1 || view.e2h;
  const TableTree* const lower = root(false);
  const TableTree* const upper = root(true);
  const std::uint64_t id = two_halves ? std::uint64_t{request.id} << kIdShift : 0;
  set(SystemRegister::TCR_EL1, SystemRegister::TCR_EL2,
      two_halves ? tcr_el1(request, view.walk, lower != nullptr, upper != nullptr) : tcr_el2(request, view.walk));
  set(SystemRegister::TTBR0_EL1, SystemRegister::TTBR0_EL2, (lower != nullptr ? lower->root().value : 0) | id);
  if (two_halves) set(SystemRegister::TTBR1_EL1, SystemRegister::TTBR1_EL2, upper != nullptr ? upper->root().value : 0);
  set(SystemRegister::MAIR_EL1, SystemRegister::MAIR_EL2, tables.attributes.mair());
}

void set_registers(View& view, const Stages& stages, const ViewTables& tables) {
  view.registers.emplace_back(view.el == 1 ? SystemRegister::SCTLR_EL1 : SystemRegister::SCTLR_EL2, sctlr(view));
  if (stages.stage1.tables) set_stage1(view, *stages.stage1.tables, tables);
  std::uint64_t hcr = kHcrRw;
  if (view.e2h) hcr |= kHcrE2h | kHcrTge;
  if (tables.stage2) hcr |= kHcrVm;
  if (tables.fwb) hcr |= kHcrFwb;
  if (view.dc) hcr |= kHcrDc;
  if (stages.stage2.fb) hcr |= kHcrFb | kHcrBsuInner;
  view.registers.emplace_back(SystemRegister::HCR_EL2, hcr);
  if (!tables.stage2) return;
  const TablesRequest& request = *stages.stage2.tables;
  view.registers.emplace_back(SystemRegister::VTCR_EL2, vtcr_el2(request, request.walk.value_or(write_back())));
  view.registers.emplace_back(SystemRegister::VTTBR_EL2,
                              tables.stage2->tree.root().value | std::uint64_t{request.id} << kIdShift);
}

}  // namespace

std::uint64_t output_of_stage1(const Stages& stages, std::size_t region, const Memory& memory) {
  const std::uint64_t physical = memory.region(region).base.value;
  return stages.has_stage2 ? stages.stage2.input_of(region, physical, memory) : physical;
}

std::optional<TableTree> TableSpace::begin(const TablesRequest& request, int first_level, std::uint64_t first_input,
                                           const View& view, Problems& problems) {
  const Region& region = memory_.region(request.region);
  const std::uint64_t root = TableTree::root_bytes(request.granule, first_level, request.bits);
  const arm::PhysAddr at = (region.base + used_[request.region]).aligned_up(root);
  TableTree tree(request.granule, first_level, request.bits, first_input, at);
  if (!count(tree, request, view, problems)) return std::nullopt;
  return tree;
}

bool TableSpace::count(const TableTree& tree, const TablesRequest& request, const View& view, Problems& problems) {
  if (descriptors_ <= kMostDescriptors && bytes_ + tree.bytes() <= kMostBytes) return true;
  problems.add(request.mark,
               fmt::format("the tables of view `{}` get too large: a variant has at most {} descriptors in {} MiB of "
                           "tables; map with larger blocks, such as `block: 2m` or `block: auto`",
                           view.name, kMostDescriptors, kMostBytes >> 20));
  return false;
}

bool TableSpace::place(const TableTree& tree, const TablesRequest& request, const View& view, Problems& problems) {
  const Region& region = memory_.region(request.region);
  const std::uint64_t offset = tree.root() - region.base;
  const std::uint64_t end = offset + tree.bytes();
  used_[request.region] = end;
  bytes_ += tree.bytes();
  if (end > region.bytes) {
    problems.add(request.mark,
                 fmt::format("region `{}` has {} bytes, but the tables of view `{}` reach up to {:#x} in it: it needs "
                             "at least {} bytes",
                             region.name, region.bytes, view.name, end, end));
    return false;
  }
  Init init;
  init.region = static_cast<std::uint32_t>(request.region);
  init.offset = offset;
  init.bytes = tree.bytes();
  init.line = {request.mark.line};
  init.contents.reserve(init.bytes);
  for (const std::uint64_t word : tree.words()) {
    for (unsigned i = 0; i < 64; i += 8) init.contents.push_back(static_cast<std::uint8_t>(word >> i));
  }
  init_.push_back(std::move(init));
  return true;
}

bool TableSpace::build_stage1(const View& view, const Stages& stages, ViewTables& out, Problems& problems) {
  const TablesRequest& request = *stages.stage1.tables;
  const std::size_t before = problems.size();
  const bool el2 = view.el == 2 && !view.e2h;
  const std::uint64_t half = std::uint64_t{1} << request.bits;
  AddressMap map(request.granule, view.name, "virtual address", memory_);
  bool upper = false, lower = false;
  for (const std::size_t r : outer_first(stages.stage1, memory_)) {
    const Declared& declared = stages.stage1.regions.at(r);
    const std::uint64_t output = output_of_stage1(stages, r, memory_);
    const std::uint64_t va = stages.stage1.input_of(r, output, memory_);
    const std::uint64_t last = va + (memory_.region(r).bytes - 1);
    const bool low = last >= va && last < half, high = last >= va && va >= 0 - half && !el2;
    if (!low && !high) {
      problems.add(declared.mark,
                   fmt::format("region `{}` at virtual address {:#x} does not fit the {} bits that the tables of view "
                               "`{}` translate",
                               memory_.region(r).name, va, request.bits, view.name));
      continue;
    }
    (low ? lower : upper) = true;
    if (!out.attributes.take(declared.attributes)) {
      problems.add(declared.mark, fmt::format("view `{}` has more than eight different attributes, which is what "
                                              "MAIR_EL{} holds",
                                              view.name, view.el));
      continue;
    }
    map.add(r, va, output, declared, problems);
  }
  out.attributes.fill();
  if (problems.size() != before) return false;
  const int first = arm::start_level(request.granule, request.bits);
  for (const bool high : {false, true}) {
    if (high ? !upper : !lower && upper) continue;
    auto tree = begin(request, first, high ? 0 - half : 0, view, problems);
    if (!tree) return false;
    bool sound = true;
    map.for_each_leaf([&](std::uint64_t input, std::uint64_t output, int level, const Declared& d) {
      if (!tree->covers(input)) return true;
      const auto index = out.attributes.find(d.attributes).value_or(0);
      tree->map(input, level,
                stage1_leaf(output, request.granule, level, index, d.attributes.shareability, d.options, el2));
      ++descriptors_;
      return sound = count(*tree, request, view, problems);
    });
    if (!sound || !place(*tree, request, view, problems)) return false;
    out.stage1.push_back({*std::move(tree), request.region});
  }
  return true;
}

bool TableSpace::build_stage2(const View& view, const Stages& stages, ViewTables& out, Problems& problems) {
  const TablesRequest& request = *stages.stage2.tables;
  const std::size_t before = problems.size();
  AddressMap map(request.granule, view.name, "intermediate physical address", memory_);
  for (const std::size_t r : outer_first(stages.stage2, memory_)) {
    const Declared& declared = stages.stage2.regions.at(r);
    const Region& region = memory_.region(r);
    const std::uint64_t ipa = output_of_stage1(stages, r, memory_);
    if ((ipa + (region.bytes - 1)) >> request.bits != 0) {
      problems.add(declared.mark, fmt::format("region `{}` at intermediate physical address {:#x} does not fit the {} "
                                              "bits that stage 2 of view `{}` translates; see `ipa_bits`",
                                              region.name, ipa, request.bits, view.name));
      continue;
    }
    if (!stage2_memattr(declared.attributes, stages.stage2.fwb)) {
      problems.add(declared.mark, fmt::format("with `fwb` stage 2 cannot say `{}` for region `{}`; expected a Device "
                                              "type, `normal-nc` or `normal-wb`",
                                              arm::spell(declared.attributes), region.name));
      continue;
    }
    map.add(r, ipa, region.base.value, declared, problems);
  }
  if (problems.size() != before) return false;
  auto tree = begin(request, first_level_stage2(request.granule, request.bits), 0, view, problems);
  if (!tree) return false;
  bool sound = true;
  map.for_each_leaf([&](std::uint64_t input, std::uint64_t output, int level, const Declared& d) {
    const auto memattr = stage2_memattr(d.attributes, stages.stage2.fwb).value_or(0);
    tree->map(input, level, stage2_leaf(output, request.granule, level, memattr, d.attributes.shareability, d.options));
    ++descriptors_;
    return sound = count(*tree, request, view, problems);
  });
  if (!sound || !place(*tree, request, view, problems)) return false;
  out.stage2 = ViewTables::Tree{*std::move(tree), request.region};
  return true;
}

std::optional<ViewTables> TableSpace::build(View& view, const Stages& stages, Problems& problems) {
  if (!stages.stage1.tables && !stages.stage2.tables) return std::nullopt;
  view.tables = true;
  ViewTables out;
  for (const auto& request : {stages.stage1.tables, stages.stage2.tables}) {
    if (!request || memory_.sound(request->region)) continue;
    return std::nullopt;  // reported there
  }
  out.fwb = stages.stage2.fwb;
  if (stages.stage1.tables) {
    out.granule1 = stages.stage1.tables->granule;
    out.asid = stages.stage1.tables->id;
    if (!build_stage1(view, stages, out, problems)) return std::nullopt;
  }
  if (stages.stage2.tables) {
    out.granule2 = stages.stage2.tables->granule;
    out.vmid = stages.stage2.tables->id;
    if (!build_stage2(view, stages, out, problems)) return std::nullopt;
  }
  set_registers(view, stages, out);
  return out;
}

}  // namespace staleline::scenario
