// SPDX-License-Identifier: Apache-2.0
// Region names for addresses.
#include "places.h"

#include <fmt/format.h>

#include <algorithm>

#include "staleline/arm/smmu_registers.h"

namespace staleline::run {

std::optional<std::uint32_t> region_of(const scenario::Scenario& s, arm::PhysAddr begin, std::uint64_t bytes) {
  std::optional<std::uint32_t> best;
  for (std::uint32_t i = 0; i < s.regions.size(); ++i) {
    const auto& r = s.regions[i];
    const std::uint64_t from = begin.value - r.base.value;  // wraps below the base
    if (from >= r.bytes || r.bytes - from < bytes) continue;
    if (!best || r.bytes < s.regions[*best].bytes) best = i;
  }
  return best;
}

std::string spelled_range(const scenario::Scenario& s, arm::PhysAddr begin, std::uint64_t bytes) {
  const auto region = region_of(s, begin, bytes);
  if (!region) return fmt::format("[{:#x}..{:#x}]", begin.value, begin.value + bytes);
  const auto& r = s.regions[*region];
  const std::uint64_t from = begin - r.base;
  if (from == 0 && bytes == r.bytes) return r.name;
  const auto* named = r.kind == scenario::Region::Kind::Device ? arm::smmu::find_register(from) : nullptr;
  const bool smmu = std::any_of(s.smmus.begin(), s.smmus.end(), [&](const auto& m) { return m.region == *region; });
  if (smmu && named != nullptr && named->bytes == bytes) return fmt::format("{}.{}", r.name, named->name);
  const auto number = [](std::uint64_t v) { return v < 4096 ? fmt::format("{}", v) : fmt::format("{:#x}", v); };
  return fmt::format("{}[{}..{}]", r.name, number(from), number(from + bytes));
}

}  // namespace staleline::run
