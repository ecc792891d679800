// SPDX-License-Identifier: Apache-2.0
// Which pages and blocks one stage has: mappings of regions, rounded to what descriptors can say, the innermost on top.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "memory.h"
#include "stages.h"

namespace staleline::scenario {

class AddressMap {
 public:
  /// `view` and `input` ("virtual address") are for messages.
  AddressMap(arm::Granule granule, std::string view, std::string_view input, const Memory& memory)
      : granule_(granule), view_(std::move(view)), input_(input), memory_(memory) {}

  /// Maps a region on top of those around it, which come first.
  void add(std::size_t region, std::uint64_t input, std::uint64_t output, const Declared& declared, Problems& problems);

  struct Piece {
    std::uint64_t last = 0;    ///< of its input addresses; the key of the map is the first
    std::uint64_t output = 0;  ///< of the first
    std::size_t region = 0;
    std::uint64_t region_input = 0;  ///< where its region begins and ends, before rounding
    std::uint64_t unit = 0;          ///< pieces are cut at multiples of it only
    const Declared* declared = nullptr;
  };
  /// By the first input address: disjoint.
  [[nodiscard]] const std::map<std::uint64_t, Piece>& pieces() const { return pieces_; }

  /// Calls leaf(input, output, level, declared) for every descriptor, ascending, until it returns false.
  template <class Leaf>
  void for_each_leaf(Leaf leaf) const;

 private:
  [[nodiscard]] bool make(std::size_t region, std::uint64_t input, std::uint64_t output, const Declared& declared,
                          Problems& problems, std::uint64_t& first, Piece& piece) const;
  /// False where `piece` may not lie on top of `below`; reported.
  [[nodiscard]] bool check(std::uint64_t first, const Piece& piece, const Piece& below, Problems& problems) const;
  [[nodiscard]] bool inside(std::size_t inner, std::size_t outer) const;
  [[nodiscard]] int level_at(std::uint64_t input, std::uint64_t output, std::uint64_t last, const Declared& d) const;

  arm::Granule granule_;
  std::string view_;
  std::string_view input_;
  const Memory& memory_;
  std::map<std::uint64_t, Piece> pieces_;
};

template <class Leaf>
void AddressMap::for_each_leaf(Leaf leaf) const {
  for (const auto& [first, piece] : pieces_) {
    for (std::uint64_t at = first;;) {
      const std::uint64_t output = piece.output + (at - first);
      const int level = level_at(at, output, piece.last, *piece.declared);
      if (!leaf(at, output, level, *piece.declared)) return;
      const std::uint64_t step = arm::bytes_mapped(granule_, level);
      if (piece.last - at < step) break;
      at += step;
    }
  }
}

}  // namespace staleline::scenario
