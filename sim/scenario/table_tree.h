// SPDX-License-Identifier: Apache-2.0
// The descriptors of one translation table, growing from its root as addresses are mapped.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "staleline/arm/address.h"
#include "staleline/arm/granule.h"

namespace staleline::scenario {

class TableTree {
 public:
  /// A root at `at`, aligned to the granule and to the root's size, for `input_bits` bits of addresses from
  /// `first_input` on. Tables follow it in the order in which they are needed.
  TableTree(arm::Granule granule, int first_level, unsigned input_bits, std::uint64_t first_input, arm::PhysAddr at);

  /// Places a leaf for the block or page at `input`. Its slot must not be below a leaf.
  void map(std::uint64_t input, int level, std::uint64_t leaf);

  struct Slot {
    arm::PhysAddr address{};
    std::uint64_t value = 0;
    int level = 3;
  };
  /// The descriptor that maps `input`, or that of `level` on the way to it; empty where the walk ends before.
  [[nodiscard]] std::optional<Slot> find(std::uint64_t input, std::optional<int> level = {}) const;
  [[nodiscard]] bool covers(std::uint64_t input) const;

  [[nodiscard]] arm::PhysAddr root() const { return at_; }
  /// All tables, as they lie in memory from root() on.
  [[nodiscard]] const std::vector<std::uint64_t>& words() const { return words_; }
  [[nodiscard]] std::uint64_t bytes() const { return words_.size() * sizeof(std::uint64_t); }
  [[nodiscard]] int first_level() const { return first_level_; }
  /// Bytes of the root: several tables side by side where there are more entries than one has.
  [[nodiscard]] static std::uint64_t root_bytes(arm::Granule granule, int first_level, unsigned input_bits);

 private:
  [[nodiscard]] std::size_t index(std::uint64_t input, int level) const;
  [[nodiscard]] static bool is_table(std::uint64_t descriptor) { return (descriptor & 3) == 3; }
  [[nodiscard]] std::size_t table_of(std::uint64_t descriptor) const;

  arm::Granule granule_;
  int first_level_;
  unsigned input_bits_;
  std::uint64_t first_input_;
  arm::PhysAddr at_;
  std::vector<std::uint64_t> words_;
};

}  // namespace staleline::scenario
