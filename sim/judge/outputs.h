// SPDX-License-Identifier: Apache-2.0
// Which descriptors map, or mapped, some memory: found by the memory, so that nobody searches all tables for it.
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory_resource>
#include <unordered_map>
#include <vector>

#include "staleline/arm/address.h"

namespace staleline::judge {

class Outputs {
 public:
  /// The descriptor at `at` maps `bytes` from `first`.
  void add(arm::PhysAddr at, arm::PhysAddr first, std::uint64_t bytes) {
    if (bytes > kPage * kManyPages) return put(wide_, {at, first, first + (bytes - 1)});
    for (std::uint64_t page = first.value / kPage; page <= (first.value + bytes - 1) / kPage; ++page)
      put(by_page_[page], at);
  }
  /// The descriptor at `at` maps something, nobody knows what.
  void add_anywhere(arm::PhysAddr at) { put(wide_, {at, {}, arm::PhysAddr{~std::uint64_t{0}}}); }

  /// True where `maps` holds of a descriptor that may map some of [begin, end).
  template <class F>
  [[nodiscard]] bool any(arm::PhysAddr begin, arm::PhysAddr end, F&& maps) const {
    const auto wide = [&](const Wide& w) { return w.first < end && begin <= w.last && maps(w.at); };
    if (std::any_of(wide_.begin(), wide_.end(), wide)) return true;
    const std::uint64_t first = begin.value / kPage, last = (end.value - 1) / kPage;
    if (last - first >= by_page_.size()) {
      return std::any_of(by_page_.begin(), by_page_.end(), [&](const auto& page) {
        return first <= page.first && page.first <= last && std::any_of(page.second.begin(), page.second.end(), maps);
      });
    }
    for (std::uint64_t page = first; page <= last; ++page) {
      const auto found = by_page_.find(page);
      if (found != by_page_.end() && std::any_of(found->second.begin(), found->second.end(), maps)) return true;
    }
    return false;
  }

 private:
  static constexpr std::uint64_t kPage = 4096, kManyPages = 16;
  /// A descriptor of a large block, and the memory that it maps, both ends included.
  struct Wide {
    arm::PhysAddr at{}, first{}, last{};
    friend bool operator==(const Wide&, const Wide&) = default;
  };
  template <class List>
  static void put(List& list, const typename List::value_type& one) {
    if (std::find(list.begin(), list.end(), one) == list.end()) list.push_back(one);
  }

  std::pmr::monotonic_buffer_resource memory_;
  // What is asked does not tell the order.
  std::pmr::unordered_map<std::uint64_t, std::pmr::vector<arm::PhysAddr>> by_page_{&memory_};
  std::vector<Wide> wide_;
};

}  // namespace staleline::judge
