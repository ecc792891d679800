// SPDX-License-Identifier: Apache-2.0
// Declared mappings: the innermost region that covers an address, and what SCTLR_ELx makes of its
// attributes.
#include "staleline/mmu/declared_mappings.h"

#include <algorithm>
#include <utility>

#include "effective_attributes.h"

namespace staleline::mmu {

namespace {

void make_edges(std::vector<std::uint64_t>& edges) {
  std::sort(edges.begin(), edges.end());
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
}

}  // namespace

event::Path path_of(const arm::MemoryAttributes& attributes) {
  event::Path path;
  path.memory = arm::memory_class(attributes);
  path.shareability = attributes.shareability;
  const bool cacheable = arm::is_cacheable(path.memory);
  // Device and Normal Non-cacheable are always Outer Shareable (DDI 0487 B2.7.1).
  if (!cacheable) path.shareability = arm::Shareability::OuterShareable;
  path.node = cacheable ? event::kCoherentDomain : event::kNoNode;
  path.allocates = cacheable;
  return path;
}

DeclaredMappings::DeclaredMappings(std::vector<DeclaredMapping> mappings, arm::MemoryAttributes walk)
    : mappings_(std::move(mappings)), walk_(walk) {
  std::stable_sort(mappings_.begin(), mappings_.end(),
                   [](const DeclaredMapping& a, const DeclaredMapping& b) { return a.bytes < b.bytes; });
  for (const auto& m : mappings_) {
    virtual_edges_.push_back(m.va.value);
    virtual_edges_.push_back(m.va.value + m.bytes);
    physical_edges_.push_back(m.pa.value);
    physical_edges_.push_back(m.pa.value + m.bytes);
  }
  make_edges(virtual_edges_);
  make_edges(physical_edges_);
}

DeclaredMappings::Found DeclaredMappings::find(std::uint64_t address, bool physical) const {
  Found found;
  for (const auto& m : mappings_) {
    const std::uint64_t base = physical ? m.pa.value : m.va.value;
    if (address - base < m.bytes) {  // wraps below the base
      found.mapping = &m;
      break;
    }
  }
  const auto& edges = physical ? physical_edges_ : virtual_edges_;
  const auto next = std::upper_bound(edges.begin(), edges.end(), address);
  found.bytes = next == edges.end() ? 0 - address : *next - address;
  return found;
}

std::variant<Translation, Fault> DeclaredMappings::translate(arm::VirtAddr va, AccessType type, Controls controls,
                                                             std::uint8_t alignment) const {
  const Found found = find(va.value, !controls.stage1());
  // With stage 1 off the address space is flat; memory that no mapping names has no stage 2 of its own.
  const bool any_stage2 =
      std::any_of(mappings_.begin(), mappings_.end(), [](const DeclaredMapping& m) { return m.stage2.has_value(); });
  if (found.mapping == nullptr && (controls.stage1() || any_stage2)) return Fault{Fault::Kind::Translation};

  Translation result;
  result.address = controls.stage1() ? found.mapping->pa + (va - found.mapping->va) : arm::PhysAddr{va.value};
  result.bytes = found.bytes == 0 ? 1 : found.bytes;
  arm::MemoryAttributes stage1 = walk_;
  if (type != AccessType::Walk && found.mapping != nullptr) stage1 = found.mapping->stage1;
  const auto stage2 = found.mapping != nullptr ? found.mapping->stage2 : std::nullopt;
  result.path = path_of(effective_attributes(stage1, stage2, type, controls));
  const bool aligned = (result.address.value & (std::uint64_t{alignment} - 1)) == 0;
  if (type != AccessType::Maintenance && !aligned && arm::is_device(result.path.memory)) {
    return Fault{Fault::Kind::Alignment};
  }
  return result;
}

std::vector<Reach> DeclaredMappings::reach(Controls controls) const { return normal_memory(controls, true); }

std::vector<Reach> DeclaredMappings::reach_past_caches(Controls controls) const {
  return normal_memory(controls, false);
}

std::vector<Reach> DeclaredMappings::normal_memory(Controls controls, bool cacheable) const {
  std::vector<Reach> result;
  if (!controls.stage1() && !controls.dc) return result;
  // Every alias counts: a byte is reached if any mapping of it is the one that holds at its own VA.
  for (const auto& m : mappings_) {
    if (!m.held) continue;
    for (std::uint64_t offset = 0; offset < m.bytes;) {
      const Found found = find(m.va.value + offset, false);
      const std::uint64_t run = std::min(found.bytes == 0 ? m.bytes - offset : found.bytes, m.bytes - offset);
      if (found.mapping == &m) {
        const auto path = path_of(effective_attributes(m.stage1, m.stage2, AccessType::Read, controls));
        if (!arm::is_device(path.memory) && arm::is_cacheable(path.memory) == cacheable)
          result.push_back({m.pa + offset, run, path});
      }
      offset += run;
    }
  }
  return merged(std::move(result));
}

std::vector<arm::VirtAddr> DeclaredMappings::aliases(arm::PhysAddr address, Controls controls) const {
  if (!controls.stage1()) return {arm::VirtAddr{address.value}};
  std::vector<arm::VirtAddr> result;
  for (const auto& m : mappings_) {
    if (address - m.pa >= m.bytes) continue;  // wraps below the base
    const arm::VirtAddr va = m.va + (address - m.pa);
    if (find(va.value, false).mapping == &m) result.push_back(va);
  }
  std::sort(result.begin(), result.end());
  return result;
}

std::vector<Reach> merged(std::vector<Reach> reach) {
  std::stable_sort(reach.begin(), reach.end(), [](const Reach& a, const Reach& b) { return a.base < b.base; });
  std::vector<Reach> result;
  for (Reach r : reach) {
    if (!result.empty()) {
      auto& last = result.back();
      const std::uint64_t end = last.base.value + last.bytes;
      if (r.base.value < end) {
        const std::uint64_t overlap = end - r.base.value;
        if (overlap >= r.bytes) continue;
        r.base = r.base + overlap;
        r.bytes -= overlap;
      }
      if (r.base.value == end && r.path == last.path) {
        last.bytes += r.bytes;
        continue;
      }
    }
    result.push_back(r);
  }
  return result;
}

}  // namespace staleline::mmu
