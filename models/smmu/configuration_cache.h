// SPDX-License-Identifier: Apache-2.0
// The STE and CD caches: copies that stay as they are until CFGI commands remove them (IHI 0070 3.21.2, 4.3).
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "staleline/arm/smmu_queues.h"
#include "staleline/arm/smmu_tables.h"

namespace staleline::smmu {

/// A structure as it was fetched. `id` names the fetch in events, from 1.
struct HeldSte {
  arm::smmu::Ste ste{};
  std::uint16_t id = 0;
};
struct HeldCd {
  arm::smmu::Cd cd{};
  std::uint16_t id = 0;
};

/// Least recently used goes first.
template <class Key, class Held>
class KeyedCache {
 public:
  explicit KeyedCache(std::uint32_t capacity) : capacity_(capacity) {}

  const Held* find(const Key& key) {
    const auto found = std::find_if(slots_.begin(), slots_.end(), [&](const Slot& s) { return s.key == key; });
    if (found == slots_.end()) return nullptr;
    found->used = ++clock_;
    return &found->held;
  }
  void insert(const Key& key, const Held& held) {
    remove_if([&](const Key& other) { return other == key; });
    if (capacity_ == 0) return;
    if (slots_.size() == capacity_) {
      slots_.erase(
          std::min_element(slots_.begin(), slots_.end(), [](const Slot& a, const Slot& b) { return a.used < b.used; }));
    }
    slots_.push_back({key, held, ++clock_});
  }
  template <class Predicate>
  void remove_if(Predicate gone) {
    slots_.erase(std::remove_if(slots_.begin(), slots_.end(), [&](const Slot& s) { return gone(s.key); }),
                 slots_.end());
  }

 private:
  struct Slot {
    Key key;
    Held held;
    std::uint64_t used;
  };
  std::uint32_t capacity_;
  std::uint64_t clock_ = 0;
  std::vector<Slot> slots_;
};

struct CdKey {
  std::uint32_t stream_id = 0, substream_id = 0;
  friend bool operator==(CdKey, CdKey) = default;
};

class ConfigurationCache {
 public:
  ConfigurationCache(std::uint32_t ste_entries, std::uint32_t cd_entries) : stes(ste_entries), cds(cd_entries) {}

  /// What a CFGI command removes. Removing an STE removes the CDs that were found through it.
  void invalidate(const arm::smmu::Command& c) {
    using enum arm::smmu::Opcode;
    switch (c.opcode) {
      case CFGI_STE:
        return remove_streams(c.stream_id, 0);
      case CFGI_STE_RANGE:
        return remove_streams(c.stream_id, c.range + 1U);
      case CFGI_CD:
        cds.remove_if([&](const CdKey& k) { return k == CdKey{c.stream_id, c.substream_id}; });
        return;
      case CFGI_CD_ALL:
        cds.remove_if([&](const CdKey& k) { return k.stream_id == c.stream_id; });
        return;
      default:  // CFGI_VMS_PIDM: nothing of MPAM is held
        return;
    }
  }

  KeyedCache<std::uint32_t, HeldSte> stes;
  KeyedCache<CdKey, HeldCd> cds;

 private:
  // StreamIDs that are alike above their lowest `log2` bits.
  void remove_streams(std::uint32_t stream_id, unsigned log2) {
    const auto meant = [=](std::uint32_t id) { return log2 >= 32 || (id ^ stream_id) >> log2 == 0; };
    stes.remove_if(meant);
    cds.remove_if([&](const CdKey& k) { return meant(k.stream_id); });
  }
};

}  // namespace staleline::smmu
