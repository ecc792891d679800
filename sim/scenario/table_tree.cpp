// SPDX-License-Identifier: Apache-2.0
// Growing a translation table.
#include "table_tree.h"

#include <algorithm>

#include "staleline/arm/descriptor.h"

namespace staleline::scenario {

namespace {

constexpr std::uint64_t kEntryBytes = sizeof(std::uint64_t);
constexpr std::uint64_t kAddressMask = 0x0000'ffff'ffff'f000;

}  // namespace

std::uint64_t TableTree::root_bytes(arm::Granule granule, int first_level, unsigned input_bits) {
  return std::max(arm::root_bytes(granule, first_level, input_bits), arm::page_bytes(granule));
}

TableTree::TableTree(arm::Granule granule, int first_level, unsigned input_bits, std::uint64_t first_input,
                     arm::PhysAddr at)
    : granule_(granule),
      first_level_(first_level),
      input_bits_(input_bits),
      first_input_(first_input),
      at_(at),
      words_(root_bytes(granule, first_level, input_bits) / kEntryBytes) {}

bool TableTree::covers(std::uint64_t input) const { return (input - first_input_) >> input_bits_ == 0; }

std::size_t TableTree::index(std::uint64_t input, int level) const {
  const std::uint64_t all = (input - first_input_) >> arm::mapped_bits(granule_, level);
  // The root may have more entries than other tables, and resolves all bits that are left.
  return level == first_level_ ? all : all & ((std::uint64_t{1} << arm::level_bits(granule_)) - 1);
}

std::size_t TableTree::table_of(std::uint64_t descriptor) const {
  return ((descriptor - at_.value) & kAddressMask) / kEntryBytes;
}

void TableTree::map(std::uint64_t input, int level, std::uint64_t leaf) {
  std::size_t table = 0;
  for (int at = first_level_; at < level; ++at) {
    const std::size_t slot = table + index(input, at);
    if (!is_table(words_[slot])) {
      words_[slot] = arm::encode_table((at_.value + bytes()) & kAddressMask, {.granule = granule_});
      words_.resize(words_.size() + arm::page_bytes(granule_) / kEntryBytes);
    }
    table = table_of(words_[slot]);
  }
  words_[table + index(input, level)] = leaf;
}

std::optional<TableTree::Slot> TableTree::find(std::uint64_t input, std::optional<int> level) const {
  std::size_t table = 0;
  for (int at = first_level_;; ++at) {
    const std::size_t slot = table + index(input, at);
    const bool last = at == 3 || !is_table(words_[slot]);
    if (level ? at == *level : last) return Slot{at_ + slot * kEntryBytes, words_[slot], at};
    if (last) return std::nullopt;
    table = table_of(words_[slot]);
  }
}

}  // namespace staleline::scenario
