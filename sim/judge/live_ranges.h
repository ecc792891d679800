// SPDX-License-Identifier: Apache-2.0
// Where allocation is permitted: how many live mappings cover a line, for each node and each PE's
// instruction cache.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <utility>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/event/types.h"

namespace staleline::judge {

class LiveRanges {
 public:
  struct Change {
    arm::PhysAddr begin{}, end{};
    std::uint8_t node = 0;
    event::PeId pe = event::kNoPe;  ///< whose instruction cache; kNoPe: none
    int by = 1;                     ///< +1 or -1
    bool tables = false;            ///< by descriptors in memory, which end together once none is left
    [[nodiscard]] bool covers(arm::PhysAddr line) const { return line + arm::kLineBytes > begin && line < end; }
  };

  void add(const Change& c) {
    ++version_;
    const auto number = static_cast<std::uint32_t>(changes_.size());
    changes_.push_back(c);
    if (c.end.value <= c.begin.value) return;
    const std::uint64_t first = c.begin.value / kPage, last = (c.end.value - 1) / kPage;
    if (last - first < kManyPages) {
      for (std::uint64_t page = first; page <= last; ++page) by_page_[page].push_back(number);
    } else {
      large_.push_back(number);
    }
  }
  /// No descriptor maps the range any more, and no TLB holds one that did.
  void end_tables(arm::PhysAddr begin, arm::PhysAddr end, std::uint8_t node) {
    // What was said of the same range before counts no more.
    const auto over = [&](std::uint32_t number) {
      const Change& c = changes_[number];
      return c.tables && c.begin == begin && c.end == end && c.node == node && c.pe == event::kNoPe;
    };
    if (const std::uint64_t first = begin.value / kPage, last = (end.value - 1) / kPage; last - first < kManyPages)
      for (std::uint64_t page = first; page <= last; ++page) std::erase_if(by_page_[page], over);
    add({.begin = begin, .end = end, .node = node, .by = 0, .tables = true});
  }
  [[nodiscard]] bool node_live(arm::PhysAddr at, std::uint8_t node) const {
    const arm::PhysAddr line = at.aligned_down(arm::kLineBytes);
    return answer(line, node, [&] {
      int declared = 0, by_tables = 0;
      const bool same = for_each(line, [&](const Change& c) {
        if (c.node != node) return;
        if (c.tables)
          by_tables = c.by == 0 ? 0 : by_tables + c.by;
        else
          declared += c.by;
      });
      return std::pair(declared > 0 || by_tables > 0, same);
    });
  }
  [[nodiscard]] bool instructions_live(arm::PhysAddr line, event::PeId pe) const {
    return answer(line, kInstructions + pe.value, [&] {
      int count = 0;
      const bool same = for_each(line, [&](const Change& c) {
        if (c.pe == pe) count += c.by;
      });
      return std::pair(count > 0, same);
    });
  }

 private:
  static constexpr std::uint64_t kPage = 4096, kManyPages = 16;
  static constexpr std::uint32_t kInstructions = 256;  ///< above all nodes

  /// Mostly a page is live, or is not, as a whole: what was found for one line holds for the next.
  template <class F>
  bool answer(arm::PhysAddr line, std::uint32_t of, F&& find) const {
    const std::uint64_t page = line.value / kPage;
    Answer& known = answers_[(page * 8 + of / kInstructions + of) % answers_.size()];
    if (known.version == version_ && known.page == page && known.of == of) return known.live;
    const auto [live, whole_page] = find();
    if (whole_page) known = {page, version_, of, live};
    return live;
  }

  /// Calls `f` for each change that covers `line`, the first one first. True where they cover all of its page, and no
  /// others meet it.
  template <class F>
  bool for_each(arm::PhysAddr line, F&& f) const {
    static const std::vector<std::uint32_t> none;
    const auto found = by_page_.find(line.value / kPage);
    const auto& small = found == by_page_.end() ? none : found->second;
    const std::uint64_t page = line.value & ~(kPage - 1);
    bool same = true;
    auto a = small.begin(), b = large_.begin();
    while (a != small.end() || b != large_.end()) {
      const bool is_small = b == large_.end() || (a != small.end() && *a < *b);
      const Change& c = changes_[is_small ? *a++ : *b++];
      const bool meets = c.begin.value < page + kPage && page < c.end.value;
      if (!meets) continue;
      same = same && c.begin.value <= page && page + kPage <= c.end.value;
      if (c.covers(line)) f(c);
    }
    return same;
  }

  struct Answer {
    std::uint64_t page = 0, version = 0;
    std::uint32_t of = 0;  ///< a node, or kInstructions + a PE
    bool live = false;
  };
  mutable std::array<Answer, 128> answers_{};
  std::uint64_t version_ = 1;  ///< grows with every change

  std::vector<Change> changes_;
  // Which of them meet a page; those of many pages stand apart.
  std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> by_page_;  // never gone through
  std::vector<std::uint32_t> large_;
};

}  // namespace staleline::judge
