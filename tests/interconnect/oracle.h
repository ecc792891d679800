// SPDX-License-Identifier: Apache-2.0
// The coherent order of one run, a byte location (8 aligned bytes) at a time: what a read may return.
#pragma once

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

namespace staleline::rig {

/// Every written value is unique. Cacheable Write-Back stores are performed at a known step; stores that go past
/// the caches (Write-Through, IO-coherent) somewhere between their issue and their completion.
class Oracle {
 public:
  /// A store that is performed now.
  void performed(std::uint64_t location, std::uint64_t value) {
    Cell& c = cells_[location];
    c.current.assign(1, value);
    ++c.writes;
    offer(c, value);
  }
  void issued(std::uint64_t location, std::uint64_t value) {
    Cell& c = cells_[location];
    c.under_way.push_back({value, c.writes});
    offer(c, value);
  }
  void completed(std::uint64_t location, std::uint64_t value) {
    Cell& c = cells_[location];
    const auto it =
        std::find_if(c.under_way.begin(), c.under_way.end(), [&](const UnderWay& u) { return u.value == value; });
    if (it == c.under_way.end()) return;  // a read has seen it, and so ordered it
    if (it->writes == c.writes) c.current.clear();
    c.current.push_back(value);
    ++c.writes;
    c.under_way.erase(it);
  }
  /// A read that is performed now returned `value`; true if it may.
  bool read(std::uint64_t location, std::uint64_t value) {
    Cell& c = cells_[location];
    const auto it =
        std::find_if(c.under_way.begin(), c.under_way.end(), [&](const UnderWay& u) { return u.value == value; });
    if (it != c.under_way.end()) {
      c.current.assign(1, value);
      ++c.writes;
      c.under_way.erase(it);
      return true;
    }
    if (std::find(c.current.begin(), c.current.end(), value) == c.current.end()) return false;
    c.current.assign(1, value);
    return true;
  }
  /// A read that is performed somewhere between open and close.
  std::size_t open(std::uint64_t location) {
    Cell& c = cells_[location];
    std::vector<std::uint64_t> may = c.current;
    for (const UnderWay& u : c.under_way) may.push_back(u.value);
    c.open.push_back({++last_, std::move(may)});
    return last_;
  }
  bool close(std::uint64_t location, std::size_t ticket, std::uint64_t value) {
    Cell& c = cells_[location];
    const auto it = std::find_if(c.open.begin(), c.open.end(), [&](const Open& o) { return o.ticket == ticket; });
    const bool may = std::find(it->may.begin(), it->may.end(), value) != it->may.end();
    c.open.erase(it);
    return may;
  }

 private:
  struct UnderWay {
    std::uint64_t value, writes;
  };
  struct Open {
    std::size_t ticket;
    std::vector<std::uint64_t> may;
  };
  struct Cell {
    std::vector<std::uint64_t> current{0};  // the last performed write; several where the order is not known
    std::vector<UnderWay> under_way;
    std::uint64_t writes = 0;
    std::vector<Open> open;
  };
  static void offer(Cell& c, std::uint64_t value) {
    for (Open& o : c.open) o.may.push_back(value);
  }

  std::map<std::uint64_t, Cell> cells_;
  std::size_t last_ = 0;
};

}  // namespace staleline::rig
