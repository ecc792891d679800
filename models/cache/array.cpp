// SPDX-License-Identifier: Apache-2.0
// Geometry and replacement of a set-associative array.
#include "staleline/cache/array.h"

#include <bit>
#include <stdexcept>

namespace staleline::cache {

Array::Array(const Level& geometry, std::uint64_t seed, bool with_data)
    : random_(seed * 0x9e37'79b9'7f4a'7c15U | 1), replacement_(geometry.replacement) {
  if (geometry.bytes == 0) return;
  if (geometry.ways == 0 || geometry.ways > 64) throw std::invalid_argument("a cache has 1 to 64 ways");
  const std::uint64_t sets = geometry.bytes / (arm::kLineBytes * geometry.ways);
  if (!std::has_single_bit(sets) || sets * arm::kLineBytes * geometry.ways != geometry.bytes) {
    throw std::invalid_argument("bytes / (64 * ways) of a cache is a power of two");
  }
  ways_ = geometry.ways;
  set_mask_ = sets - 1;
  all_ways_ = ways_ == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << ways_) - 1;
  slots_ = static_cast<std::uint32_t>(sets * ways_);
  last_ = slots_;
  tags_.assign(slots_ + std::size_t{1}, kEmpty);
  if (with_data) data_.resize(std::size_t{slots_} * arm::kLineBytes);
  if (replacement_ == Level::Replacement::PseudoLRU) used_.resize(sets);
  if (replacement_ == Level::Replacement::LRU) used_.resize(slots_);
}

std::uint32_t Array::victim(std::uint64_t line) {
  const std::uint32_t first = first_of(line);
  const auto pinned = [this](std::uint32_t slot) { return state(slot) == LineState::SharedToModified; };
  for (std::uint32_t slot = first; slot < first + ways_; ++slot) {
    if (tags_[slot] == kEmpty) return slot;
  }
  std::uint32_t best = kNoSlot;
  switch (replacement_) {
    case Level::Replacement::PseudoLRU: {
      const std::uint64_t used = used_[first / ways_];
      for (std::uint32_t way = 0; way < ways_; ++way) {
        if (pinned(first + way)) continue;
        if ((used >> way & 1) == 0) return first + way;
        if (best == kNoSlot) best = first + way;
      }
      break;
    }
    case Level::Replacement::LRU:
      for (std::uint32_t slot = first; slot < first + ways_; ++slot) {
        if (!pinned(slot) && (best == kNoSlot || used_[slot] < used_[best])) best = slot;
      }
      break;
    case Level::Replacement::Random: {
      random_ ^= random_ << 13;
      random_ ^= random_ >> 7;
      random_ ^= random_ << 17;
      const auto start = static_cast<std::uint32_t>(random_ % ways_);
      for (std::uint32_t i = 0; i < ways_ && best == kNoSlot; ++i) {
        const std::uint32_t slot = first + (start + i) % ways_;
        if (!pinned(slot)) best = slot;
      }
      break;
    }
  }
  return best;
}

std::uint32_t Array::count(std::uint64_t line, LineState s) const {
  const std::uint32_t first = first_of(line);
  std::uint32_t n = 0;
  for (std::uint32_t slot = first; slot < first + ways_; ++slot) n += state(slot) == s ? 1 : 0;
  return n;
}

}  // namespace staleline::cache
