// SPDX-License-Identifier: Apache-2.0
// Stage 2 attributes and the combination of both stages.
#include "staleline/arm/combine.h"

#include <algorithm>

#include "staleline/arm/shareability.h"

namespace staleline::arm {

namespace {

constexpr CacheAttributes kReadWriteAllocate{Cacheability::WriteBack, true, true, false};

// Tags live in Write-Back, read and write allocating, non-transient memory only.
bool can_hold_tags(const MemoryAttributes& a) {
  return a.type == MemoryType::Normal && a.inner == kReadWriteAllocate && a.outer == kReadWriteAllocate;
}

CacheAttributes weaker(CacheAttributes s1, CacheAttributes s2) {
  CacheAttributes a = s1;
  a.cacheability = std::min(s1.cacheability, s2.cacheability);
  return a.cacheability == Cacheability::NonCacheable ? CacheAttributes{} : a;
}

// Forced Write-Back keeps the hints of stage 1 where stage 1 has any.
CacheAttributes forced(const MemoryAttributes& s1, CacheAttributes hints) {
  if (s1.type == MemoryType::Device || hints.cacheability == Cacheability::NonCacheable) return kReadWriteAllocate;
  hints.cacheability = Cacheability::WriteBack;
  return hints;
}

MemoryAttributes device(DeviceType d) { return {.type = MemoryType::Device, .device = d}; }

Cacheability stage2_cacheability(unsigned two_bits) {
  switch (two_bits) {
    case 2:
      return Cacheability::WriteThrough;
    case 3:
      return Cacheability::WriteBack;
    default:
      return Cacheability::NonCacheable;
  }
}

MemoryAttributes finish(MemoryAttributes a, const MemoryAttributes& s1, Shareability s2) {
  a.tagged = s1.tagged && can_hold_tags(a);
  a.shareability = combine(s1.shareability, s2);
  a.shareability = effective_shareability(a);
  return a;
}

}  // namespace

Permitted<MemoryAttributes> stage2_decode(std::uint8_t memattr, Shareability shareability, AttributeFeatures features) {
  const unsigned outer = memattr >> 2 & 3u, inner = memattr & 3u;
  if (outer == 0) {
    MemoryAttributes a = device(static_cast<DeviceType>(inner));
    a.shareability = shareability;
    return a;
  }
  const auto normal = [&](Cacheability in, Cacheability out) {
    const bool both_write_back = in == Cacheability::WriteBack && out == Cacheability::WriteBack;
    return MemoryAttributes{.type = MemoryType::Normal,
                            .inner = {.cacheability = in},
                            .outer = {.cacheability = out},
                            .shareability = shareability,
                            .xs = !both_write_back};
  };
  if (stage2_no_tag_access(memattr, false, features)) return normal(Cacheability::WriteBack, Cacheability::WriteBack);
  const Cacheability out = stage2_cacheability(outer);
  if (inner == 0) {
    return {normal(Cacheability::NonCacheable, out), normal(Cacheability::WriteThrough, out),
            normal(Cacheability::WriteBack, out)};
  }
  return normal(stage2_cacheability(inner), out);
}

bool stage2_no_tag_access(std::uint8_t memattr, bool fwb, AttributeFeatures features) {
  if (!features.mte_perm) return false;
  return fwb ? (memattr & 0xf) >= 0xe : (memattr & 0xf) == 4;
}

MemoryAttributes combine(const MemoryAttributes& s1, const MemoryAttributes& s2) {
  MemoryAttributes a;
  a.xs = s1.xs;
  if (s1.type == MemoryType::Device && s2.type == MemoryType::Device) {
    a.device = std::min(s1.device, s2.device);
  } else if (s1.type == MemoryType::Device || s2.type == MemoryType::Device) {
    a.device = s1.type == MemoryType::Device ? s1.device : s2.device;
  } else {
    a.type = MemoryType::Normal;
    a.inner = weaker(s1.inner, s2.inner);
    a.outer = weaker(s1.outer, s2.outer);
  }
  return finish(a, s1, s2.shareability);
}

MemoryAttributes combine_fwb(const MemoryAttributes& s1, std::uint8_t memattr, Shareability s2) {
  MemoryAttributes a = s1;
  switch (memattr & 7) {
    case 0:
    case 1:
    case 2:
    case 3: {
      const auto d = static_cast<DeviceType>(memattr & 3);
      a = device(s1.type == MemoryType::Device ? std::min(s1.device, d) : d);
      a.xs = s1.xs;
      break;
    }
    case 6:
      a = {.type = MemoryType::Normal, .inner = forced(s1, s1.inner), .outer = forced(s1, s1.outer), .xs = false};
      break;
    case 7:
      break;
    default:
      a = without_caches(s1);
      break;
  }
  return finish(a, s1, s2);
}

MemoryAttributes through_stage2(const MemoryAttributes& s1, const MemoryAttributes& s2, AccessKind kind,
                                bool cache_off) {
  return combine(s1, stage1_access(s2, kind, !cache_off));
}

MemoryAttributes through_stage2(const MemoryAttributes& s1, const Stage2& s2, AccessKind kind,
                                AttributeFeatures features) {
  if (!s2.fwb) {
    return through_stage2(s1, stage2_decode(s2.memattr, s2.shareability, features).taken(), kind, s2.cache_off);
  }
  MemoryAttributes a = stage1_access(combine_fwb(s1, s2.memattr, s2.shareability), kind, !s2.cache_off);
  a.shareability = effective_shareability(a);
  return a;
}

// What a fetch does at Device memory, a walk does too: both go on as Normal Non-cacheable.
MemoryAttributes walk_through_stage2(const MemoryAttributes& walk, const Stage2& s2, AttributeFeatures features) {
  return through_stage2(walk, s2, AccessKind::Fetch, features);
}

MemoryAttributes walk_through_stage2(const MemoryAttributes& walk, const MemoryAttributes& s2, bool cache_off) {
  return through_stage2(walk, s2, AccessKind::Fetch, cache_off);
}

bool stage2_device_walk(std::uint8_t memattr, bool fwb) { return (memattr & (fwb ? 0x4 : 0xc)) == 0; }

}  // namespace staleline::arm
