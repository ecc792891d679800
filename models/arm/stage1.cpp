// SPDX-License-Identifier: Apache-2.0
// Stage 1 off, caches off, fetches from Device memory, and table walks.
#include "staleline/arm/stage1.h"

#include "staleline/arm/shareability.h"

namespace staleline::arm {

namespace {

constexpr CacheAttributes kWriteBack{Cacheability::WriteBack, true, true, false};
constexpr CacheAttributes kWriteBackNoWriteAllocate{Cacheability::WriteBack, true, false, false};
constexpr CacheAttributes kWriteThrough{Cacheability::WriteThrough, true, false, false};

MemoryAttributes normal(CacheAttributes inner, CacheAttributes outer, Shareability shareability, bool xs) {
  return {.type = MemoryType::Normal, .inner = inner, .outer = outer, .shareability = shareability, .xs = xs};
}

CacheAttributes region_attributes(std::uint8_t rgn) {
  switch (rgn & 3) {
    case 1:
      return kWriteBack;
    case 2:
      return kWriteThrough;
    case 3:
      return kWriteBackNoWriteAllocate;
    default:
      return {};
  }
}

}  // namespace

MemoryAttributes mmu_off(AccessKind kind, bool i, bool dc, bool dct) {
  if (dc) {
    MemoryAttributes a = normal(kWriteBack, kWriteBack, Shareability::NonShareable, false);
    a.tagged = dct;
    return a;
  }
  if (kind == AccessKind::Data) return {};  // Device-nGnRnE
  const CacheAttributes cached = i ? kWriteThrough : CacheAttributes{};
  return normal(cached, cached, Shareability::OuterShareable, true);
}

MemoryAttributes without_caches(const MemoryAttributes& a) {
  return a.type == MemoryType::Device ? a : normal({}, {}, a.shareability, a.xs);
}

MemoryAttributes stage1_access(const MemoryAttributes& a, AccessKind kind, bool cache_on) {
  if (kind == AccessKind::Fetch && a.type == MemoryType::Device) return normal({}, {}, a.shareability, a.xs);
  return cache_on ? a : without_caches(a);
}

bool stage1_tag_open(const MemoryAttributes& a, AccessKind kind, bool cache_on) {
  return kind == AccessKind::Data && a.tagged && !cache_on;
}

MemoryAttributes walk_descriptor(std::uint8_t irgn, std::uint8_t orgn, Shareability sh, bool cache_on) {
  const CacheAttributes inner = region_attributes(irgn), outer = region_attributes(orgn);
  // XS follows the fields, not the control: a Write-Back walk keeps XS clear with its cache off.
  const bool xs = inner.cacheability != Cacheability::WriteBack || outer.cacheability != Cacheability::WriteBack;
  const MemoryAttributes a = normal(inner, outer, sh, xs);
  return cache_on ? a : without_caches(a);
}

Permitted<MemoryAttributes> walk_attributes(std::uint8_t irgn, std::uint8_t orgn, std::uint8_t sh, bool cache_on) {
  const auto walk = [&](Shareability s) {
    MemoryAttributes a = walk_descriptor(irgn, orgn, s, cache_on);
    a.shareability = effective_shareability(a);
    return a;
  };
  const Permitted<Shareability> shareabilities = shareability_decode(sh);
  const MemoryAttributes taken = walk(shareabilities.taken());
  // With nothing cacheable all readings of a reserved SH come to the same.
  if (!shareabilities.open() || walk(Shareability::NonShareable) == taken) return taken;
  const auto* s = shareabilities.begin();
  return {taken, walk(s[1]), walk(s[2])};
}

}  // namespace staleline::arm
