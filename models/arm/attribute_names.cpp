// SPDX-License-Identifier: Apache-2.0
// The names of attributes, each with the MAIR byte that it stands for.
#include "staleline/arm/attribute_names.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "staleline/arm/mair.h"

namespace staleline::arm {

namespace {

constexpr std::array<std::string_view, 13> kNames{
    "device-ngnrne", "device-ngnre", "device-ngre",  "device-gre",   "normal-nc",    "normal-wt",    "normal-wb",
    "normal-nc/wt",  "normal-nc/wb", "normal-wt/nc", "normal-wt/wb", "normal-wb/nc", "normal-wb/wt",
};
// In MAIR the outer nibble comes first, in a name the inner policy does.
constexpr std::array<std::uint8_t, 13> kBytes{0x00, 0x04, 0x08, 0x0c, 0x44, 0xbb, 0xff,
                                              0xb4, 0xf4, 0x4b, 0xfb, 0x4f, 0xbf};
constexpr std::array<std::string_view, 3> kShareabilities{"nsh", "ish", "osh"};

}  // namespace

std::span<const std::string_view> memory_attribute_names() { return kNames; }

std::span<const std::string_view> shareability_names() { return kShareabilities; }

std::optional<MemoryAttributes> parse_memory_attributes(std::string_view name) {
  // "normal-wb/wb" is "normal-wb" written out.
  constexpr std::string_view kMixedForm = "normal-xx/xx";
  if (name.size() == kMixedForm.size() && name.starts_with("normal-") && name[9] == '/' &&
      name.substr(7, 2) == name.substr(10)) {
    name = name.substr(0, 9);
  }
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  MemoryAttributes a = mair_decode(kBytes[static_cast<std::size_t>(found - kNames.begin())]);
  const bool cacheable = a.inner.cacheability != Cacheability::NonCacheable ||  //
                         a.outer.cacheability != Cacheability::NonCacheable;
  a.shareability = cacheable ? Shareability::InnerShareable : Shareability::OuterShareable;
  return a;
}

std::optional<Shareability> parse_shareability(std::string_view name) {
  const auto found = std::find(kShareabilities.begin(), kShareabilities.end(), name);
  if (found == kShareabilities.end()) return std::nullopt;
  return static_cast<Shareability>(found - kShareabilities.begin());
}

std::string_view spell(const MemoryAttributes& a) {
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    const MemoryAttributes named = mair_decode(kBytes[i]);
    if (named.type != a.type) continue;
    const bool same = a.type == MemoryType::Device ? named.device == a.device
                                                   : named.inner.cacheability == a.inner.cacheability &&
                                                         named.outer.cacheability == a.outer.cacheability;
    if (same) return kNames[i];
  }
  return kNames[0];
}

std::string_view spell(Shareability s) {
  const auto index = static_cast<std::size_t>(s);
  return kShareabilities[std::min(index, kShareabilities.size() - 1)];
}

}  // namespace staleline::arm
