// SPDX-License-Identifier: Apache-2.0
// A hash table from line (or page) addresses to values, for the paths where a look-up is a large
// part of the cost: open addressing, no allocation while it does not grow.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace staleline::memory {

/// Keys are any numbers but the largest. Pointers to values are valid until the next insertion or removal.
/// There is no iteration, so its order can reach nothing.
template <class T>
class LineTable {
 public:
  explicit LineTable(std::size_t capacity = 64) {
    std::size_t n = 16;
    while (n < capacity) n *= 2;
    keys_.assign(n, kEmpty);
    values_.resize(n);
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] T* find(std::uint64_t key) {
    const std::size_t at = locate(key);
    return keys_[at] == key ? &values_[at] : nullptr;
  }
  [[nodiscard]] const T* find(std::uint64_t key) const {
    const std::size_t at = locate(key);
    return keys_[at] == key ? &values_[at] : nullptr;
  }
  /// The value of `key`, default-constructed if it was not there.
  T& operator[](std::uint64_t key) {
    std::size_t at = locate(key);
    if (keys_[at] == key) return values_[at];
    if ((size_ + 1) * 2 > keys_.size()) {
      grow();
      at = locate(key);
    }
    ++size_;
    keys_[at] = key;
    values_[at] = T{};
    return values_[at];
  }
  void erase(std::uint64_t key) {
    std::size_t hole = locate(key);
    if (keys_[hole] != key) return;
    --size_;
    const std::size_t mask = keys_.size() - 1;
    // Later entries of the same run move up, so that no look-up stops early.
    for (std::size_t at = (hole + 1) & mask; keys_[at] != kEmpty; at = (at + 1) & mask) {
      const std::size_t home = hash(keys_[at]) & mask;
      if (((at - home) & mask) < ((at - hole) & mask)) continue;
      keys_[hole] = keys_[at];
      values_[hole] = std::move(values_[at]);
      hole = at;
    }
    keys_[hole] = kEmpty;
    values_[hole] = T{};
  }

 private:
  static constexpr std::uint64_t kEmpty = ~std::uint64_t{0};

  static std::size_t hash(std::uint64_t key) { return static_cast<std::size_t>((key * 0x9e37'79b9'7f4a'7c15U) >> 20); }
  [[nodiscard]] std::size_t locate(std::uint64_t key) const {
    const std::size_t mask = keys_.size() - 1;
    std::size_t at = hash(key) & mask;
    while (keys_[at] != key && keys_[at] != kEmpty) at = (at + 1) & mask;
    return at;
  }
  void grow() {
    LineTable larger(keys_.size() * 2);
    for (std::size_t i = 0; i < keys_.size(); ++i) {
      if (keys_[i] != kEmpty) larger[keys_[i]] = std::move(values_[i]);
    }
    *this = std::move(larger);
  }

  std::vector<std::uint64_t> keys_;
  std::vector<T> values_;
  std::size_t size_ = 0;
};

}  // namespace staleline::memory
