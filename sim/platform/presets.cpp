// SPDX-License-Identifier: Apache-2.0
// The presets. Geometry is from the Technical Reference Manuals that each names, with typical
// configuration options; latencies are round figures for parts of that class, not measurements.
#include <array>

#include "table.h"

namespace staleline::platform {

namespace {

using Replacement = cache::Level::Replacement;
using SharedName = event::CacheRef::Level;

constexpr std::uint64_t kKiB = 1024, kMiB = 1024 * kKiB;

// Cortex-A53 MPCore TRM, Arm DDI 0500: L1I 2-way, L1D 4-way, L2 16-way in the cluster.
Parameters cortex_a53() {
  Parameters p;
  p.cores = 4;
  p.store_buffer_entries = 4;
  p.caches.l1i = {32 * kKiB, 2, 2, Replacement::Random};
  p.caches.l1d = {32 * kKiB, 4, 3, Replacement::Random};
  p.interconnect.shared = {{{512 * kKiB, 16, 7, Replacement::PseudoLRU}, SharedName::Shared, false}};
  p.interconnect.link_cycles = 4;
  p.interconnect.snoop_cycles = 4;
  p.interconnect.memory_cycles = 120;
  return p;
}

// Cortex-A57 MPCore TRM, Arm DDI 0488: L1I 3-way, L1D 2-way with LRU, L2 16-way in the cluster.
Parameters cortex_a57() {
  Parameters p;
  p.cores = 4;
  p.store_buffer_entries = 8;
  p.caches.l1i = {48 * kKiB, 3, 2, Replacement::LRU};
  p.caches.l1d = {32 * kKiB, 2, 4, Replacement::LRU};
  p.interconnect.shared = {{{2 * kMiB, 16, 10, Replacement::PseudoLRU}, SharedName::Shared, false}};
  p.interconnect.link_cycles = 4;
  p.interconnect.snoop_cycles = 4;
  p.interconnect.memory_cycles = 150;
  return p;
}

// Cortex-A72 MPCore TRM, Arm 100095: as Cortex-A57, with a larger store buffer.
Parameters cortex_a72() {
  Parameters p = cortex_a57();
  p.store_buffer_entries = 12;
  p.interconnect.shared = {{{1 * kMiB, 16, 9, Replacement::PseudoLRU}, SharedName::Shared, false}};
  p.interconnect.memory_cycles = 160;
  return p;
}

// Neoverse N1 TRM, Arm 100616: 64 KiB 4-way L1s, private 8-way L2, CTR_EL0.IDC; behind it a mesh whose
// system cache is on the memory side.
Parameters neoverse_n1() {
  Parameters p;
  p.cores = 4;
  p.idc = true;
  p.store_buffer_entries = 16;
  p.caches.l1i = {64 * kKiB, 4, 2, Replacement::PseudoLRU};
  p.caches.l1d = {64 * kKiB, 4, 4, Replacement::PseudoLRU};
  p.caches.l2 = {1 * kMiB, 8, 11, Replacement::PseudoLRU};
  p.interconnect.shared = {{{8 * kMiB, 16, 20, Replacement::PseudoLRU}, SharedName::System, true}};
  p.interconnect.link_cycles = 12;
  p.interconnect.snoop_cycles = 12;
  p.interconnect.memory_cycles = 200;
  p.interconnect.memory_channels = 4;
  return p;
}

// Caches of a few lines, for tests: everything is evicted soon.
Parameters tiny() {
  Parameters p;
  p.store_buffer_entries = 2;
  p.caches.l1i = {1 * kKiB, 2, 1, Replacement::LRU};
  p.caches.l1d = {1 * kKiB, 2, 1, Replacement::LRU};
  p.interconnect.shared = {{{4 * kKiB, 4, 4, Replacement::LRU}, SharedName::Shared, false}};
  p.interconnect.link_cycles = 4;
  p.interconnect.snoop_cycles = 4;
  p.interconnect.memory_cycles = 40;
  return p;
}

struct Entry {
  PresetInfo info;
  Parameters (*make)();
};
constexpr std::array<Entry, 5> kPresets{{
    {{"cortex-a53", "in-order cluster, 512 KiB shared L2 (Arm DDI 0500)"}, cortex_a53},
    {{"cortex-a57", "cluster with a 2 MiB shared L2 (Arm DDI 0488)"}, cortex_a57},
    {{"cortex-a72", "cluster with a 1 MiB shared L2 (Arm 100095)"}, cortex_a72},
    {{"neoverse-n1", "private 1 MiB L2, memory-side system cache, CTR_EL0.IDC = 1 (Arm 100616)"}, neoverse_n1},
    {{"tiny", "caches of a few lines, for tests"}, tiny},
}};

}  // namespace

std::span<const PresetInfo> presets() {
  static const auto infos = [] {
    std::array<PresetInfo, kPresets.size()> result{};
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = kPresets[i].info;
    return result;
  }();
  return infos;
}

std::optional<Parameters> preset(std::string_view name) {
  for (const auto& entry : kPresets) {
    if (entry.info.name != name) continue;
    Parameters p = entry.make();
    p.preset = name;
    return p;
  }
  return std::nullopt;
}

}  // namespace staleline::platform
