// SPDX-License-Identifier: Apache-2.0
// The spelling of the architecture's words: memory classes in prose, barriers and
// cache maintenance as an assembler writes them.
#include "staleline/arm/vocabulary.h"

#include <array>

namespace staleline::arm {

namespace {

template <class Enum, std::size_t size>
std::string_view pick(const std::array<std::string_view, size>& names, Enum e) {
  const auto index = static_cast<std::size_t>(e);
  return index < size ? names[index] : std::string_view{"?"};
}

constexpr std::array<std::string_view, 7> kMemoryClasses{
    "Device-nGnRnE", "Device-nGnRE", "Device-nGRE", "Device-GRE", "Normal-NC", "Normal-WT", "Normal-WB",
};
constexpr std::array<std::string_view, 3> kShareabilities{"Non-shareable", "Inner Shareable", "Outer Shareable"};
// BarrierDomain by BarrierAccess.
constexpr std::array<std::string_view, 12> kBarrierOptions{
    "nshld", "nshst", "nsh", "ishld", "ishst", "ish", "oshld", "oshst", "osh", "ld", "st", "sy",
};
constexpr std::array<std::string_view, 12> kCacheOps{
    "dc ivac", "dc cvac", "dc cvau", "dc cvap",  "dc civac",   "dc isw",
    "dc csw",  "dc cisw", "dc zva",  "ic iallu", "ic ialluis", "ic ivau",
};

}  // namespace

std::string_view name_of(MemoryClass c) { return pick(kMemoryClasses, c); }

std::string_view name_of(Shareability s) { return pick(kShareabilities, s); }

std::string_view option_of(Barrier b) {
  return pick(kBarrierOptions, static_cast<std::size_t>(b.domain) * 3 + static_cast<std::size_t>(b.access));
}

std::string_view name_of(CacheOp op) { return pick(kCacheOps, op); }

}  // namespace staleline::arm
