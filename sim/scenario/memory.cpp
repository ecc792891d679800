// SPDX-License-Identifier: Apache-2.0
// Regions: reading, placing nested ones, refusing overlaps.
#include "memory.h"

#include <fmt/format.h>

#include <algorithm>

#include "payload.h"
#include "span.h"
#include "staleline/arm/smmu_registers.h"
#include "values.h"

namespace staleline::scenario {

namespace {

constexpr std::uint64_t kPhysicalEnd = std::uint64_t{1} << 48;
constexpr std::size_t kMostRegions = 256;

/// What the registers of a modelled device occupy; 0 of anything else.
std::uint64_t register_bytes(Region::Kind kind) {
  constexpr std::uint64_t kPage = 0x1000;
  switch (kind) {
    case Region::Kind::Pl011:
    case Region::Kind::GicDistributor:
      return kPage;
    case Region::Kind::GicCpuInterface:
      return 2 * kPage;
    default:
      return 0;
  }
}

void check_registers(const Region& region, const Node& place, Problems& problems) {
  const std::uint64_t least = register_bytes(region.kind);
  if (least == 0) return;
  if (region.bytes < least)
    problems.add(place.mark,
                 fmt::format("region `{}` has {} bytes; its registers need {:#x}", region.name, region.bytes, least));
  if (region.base.offset_in(least) != 0)
    problems.add(place.mark, fmt::format("the registers of `{}` begin at a multiple of {:#x}", region.name, least));
}

}  // namespace

Memory::Memory(const Node& node, const Node* smmu, const PayloadFiles& payloads, Problems& problems) {
  if (!is_map(node, "`memory`", problems)) return;
  if (node.keys.empty()) problems.add(node.mark, "`memory` has no region; expected `NAME: { base: ..., size: ... }`");
  if (node.keys.size() > kMostRegions) {
    problems.add(node.keys[kMostRegions].mark, fmt::format("too many regions: at most {}", kMostRegions));
    return;
  }
  for (const Node& key : node.keys) names_.push_back(key.text);
  for (std::size_t i = 0; i < node.keys.size(); ++i) read(node.keys[i], node.items[i], payloads, problems);
  first_smmu_ = names_.size();
  if (smmu != nullptr && is_map(*smmu, "`smmu`", problems)) {
    for (std::size_t i = 0; i < smmu->keys.size(); ++i) {
      if (names_.size() == kMostRegions) {
        problems.add(smmu->keys[i].mark, fmt::format("too many regions: at most {}", kMostRegions));
        break;
      }
      read_smmu(smmu->keys[i], smmu->items[i], problems);
    }
  }
  place(problems);
  check_overlaps(problems);
}

const std::vector<std::uint8_t>* Memory::payload(std::size_t index) const {
  return payloads_.at(index) ? &*payloads_[index] : nullptr;
}

const std::vector<std::uint8_t>* Memory::only_payload() const {
  const std::vector<std::uint8_t>* only = nullptr;
  for (const auto& p : payloads_) {
    if (!p) continue;
    if (only != nullptr) return nullptr;
    only = &*p;
  }
  return only;
}

void Memory::read(const Node& key, const Node& node, const PayloadFiles& payloads, Problems& problems) {
  const std::size_t before = problems.size();
  Region region{key.text, {}, 0, {key.mark.line}, Region::Kind::Ram};
  Pending pending;
  pending.name = pending.mark = key.mark;
  std::optional<std::vector<std::uint8_t>> payload;
  can_name(key, "a region", problems);
  if (check_section(node, Section::Region, problems)) {
    const Node* const base = node.find("base");
    const Node* const at = node.find("at");
    const Node* const size = node.find("size");
    const Node* const file = node.find("payload");
    if (const Node* const kind = node.find("kind"))
      region.kind = static_cast<Region::Kind>(choice(*kind, "a kind of region", kRegionKinds, problems).value_or(0));
    if ((base == nullptr) == (at == nullptr)) {
      problems.add(
          at != nullptr ? at->mark : node.mark,
          fmt::format("region {} needs either `base` or `at`{}", shown(key.text), at != nullptr ? ", not both" : ""));
    }
    if (base != nullptr) {
      pending.mark = base->mark;
      region.base = arm::PhysAddr{number(*base, "the address", kPhysicalEnd - 1, problems).value_or(0)};
    } else if (at != nullptr) {
      pending.mark = at->mark;
      if (const auto found = place_in(*at, problems)) {
        pending.inside = found->name;
        pending.offset = found->offset;
      }
    }
    if (size != nullptr) {
      region.bytes = number(*size, "the size", kPhysicalEnd, problems).value_or(1);
      if (region.bytes == 0) problems.add(size->mark, "the size is 0; a region has at least one byte");
    } else if (const std::uint64_t registers = register_bytes(region.kind); registers != 0) {
      region.bytes = registers;
    } else if (file == nullptr) {
      problems.add(node.mark, fmt::format("region {} needs a `size`", shown(key.text)));
    }
    if (problems.size() == before) check_registers(region, *(base != nullptr ? base : at), problems);
    if (file != nullptr && problems.size() == before) {
      payload = read_payload(*file, payloads, size != nullptr ? region.bytes : kPhysicalEnd, problems);
      if (payload && size == nullptr) region.bytes = arm::PhysAddr{payload->size()}.aligned_up(arm::kLineBytes).value;
    }
  }
  regions_.push_back(std::move(region));
  parents_.emplace_back();
  payloads_.push_back(std::move(payload));
  pending_.push_back(std::move(pending));
  sound_.push_back(problems.size() == before);
}

void Memory::read_smmu(const Node& key, const Node& node, Problems& problems) {
  const std::size_t before = problems.size();
  Region region{key.text, {}, arm::smmu::kRegisterBytes, {key.mark.line}, Region::Kind::Device};
  Pending pending;
  pending.name = pending.mark = key.mark;
  if (can_name(key, "an SMMU", problems) && std::find(names_.begin(), names_.end(), key.text) != names_.end())
    problems.add(key.mark,
                 fmt::format("there is a region `{}` already; an SMMU is the region of its registers", key.text));
  if (check_section(node, Section::Smmu, problems)) {
    if (const Node* const base = node.find("base")) {
      pending.mark = base->mark;
      region.base = arm::PhysAddr{number(*base, "the address", kPhysicalEnd - 1, problems).value_or(0)};
      if (region.base.offset_in(arm::smmu::kRegisterBytes / 2) != 0)
        problems.add(base->mark, "the registers of an SMMU begin at a multiple of 64 KiB");
    } else {
      problems.add(node.mark, fmt::format("SMMU {} needs the key `base`", shown(key.text)));
    }
  }
  names_.push_back(key.text);
  regions_.push_back(std::move(region));
  parents_.emplace_back();
  payloads_.emplace_back();
  pending_.push_back(std::move(pending));
  sound_.push_back(problems.size() == before);
}

void Memory::place(Problems& problems) {
  std::vector<bool> placed(regions_.size());
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    if (!pending_[i].inside) {
      placed[i] = true;
      continue;
    }
    const auto outer = std::find(names_.begin(), names_.end(), *pending_[i].inside);
    if (outer == names_.end()) {
      problems.add(pending_[i].mark, with_suggestion(fmt::format("no region {}", shown(*pending_[i].inside)),
                                                     *pending_[i].inside, names_));
      sound_[i] = false;
      placed[i] = true;
      continue;
    }
    parents_[i] = static_cast<std::size_t>(outer - names_.begin());
  }
  // Outer regions first, in whatever order they are written.
  for (bool progress = true; progress;) {
    progress = false;
    for (std::size_t i = 0; i < regions_.size(); ++i) {
      if (placed[i] || !placed[*parents_[i]]) continue;
      placed[i] = progress = true;
      const Region& outer = regions_[*parents_[i]];
      if (!sound_[*parents_[i]]) sound_[i] = false;
      if (!sound_[i]) continue;
      const std::uint64_t offset = pending_[i].offset;
      if (offset >= outer.bytes || regions_[i].bytes > outer.bytes - offset) {
        problems.add(pending_[i].mark, fmt::format("region `{}` ({} bytes) does not fit into `{}` ({} bytes) at {:#x}",
                                                   names_[i], regions_[i].bytes, outer.name, outer.bytes, offset));
        sound_[i] = false;
        continue;
      }
      regions_[i].base = outer.base + offset;
    }
  }
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    if (!placed[i]) {
      problems.add(pending_[i].mark, fmt::format("region `{}` lies inside itself", names_[i]));
      sound_[i] = false;
    } else if (sound_[i] && regions_[i].bytes > kPhysicalEnd - regions_[i].base.value) {
      problems.add(pending_[i].mark,
                   fmt::format("region `{}` goes past the end of physical memory ({:#x})", names_[i], kPhysicalEnd));
      sound_[i] = false;
    }
  }
}

void Memory::check_overlaps(Problems& problems) {
  for (std::size_t i = 0; i < regions_.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      if (!sound_[i] || !sound_[j] || parents_[i] != parents_[j]) continue;
      const Region &a = regions_[i], &b = regions_[j];
      if (a.base - b.base >= b.bytes && b.base - a.base >= a.bytes) continue;  // differences wrap
      const bool inside = a.base >= b.base && a.base - b.base + a.bytes <= b.bytes;
      const std::string hint =
          inside ? fmt::format("; to nest it write `at: {}+{:#x}`", b.name, a.base - b.base) : std::string();
      problems.add(pending_[i].mark, fmt::format("region `{}` overlaps `{}` ({:#x} to {:#x}){}", a.name, b.name,
                                                 b.base.value, b.base.value + b.bytes - 1, hint));
      sound_[i] = false;
      break;
    }
  }
}

}  // namespace staleline::scenario
