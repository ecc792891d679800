// SPDX-License-Identifier: Apache-2.0
// Rounding mappings to pages and blocks, and laying them over each other.
#include "address_map.h"

#include <fmt/format.h>

#include <utility>

#include "descriptors.h"
#include "keys.h"
#include "staleline/arm/descriptor.h"

namespace staleline::scenario {

namespace {

std::string spelled(std::uint64_t bytes) {
  constexpr std::uint64_t kKiB = 1024, kMiB = kKiB * kKiB, kGiB = kKiB * kMiB;
  if (bytes % kGiB == 0) return fmt::format("{} GiB", bytes / kGiB);
  if (bytes % kMiB == 0) return fmt::format("{} MiB", bytes / kMiB);
  return fmt::format("{} KiB", bytes / kKiB);
}

bool alike(const Declared& a, const Declared& b) { return a.attributes == b.attributes && a.options == b.options; }

}  // namespace

bool AddressMap::inside(std::size_t inner, std::size_t outer) const {
  for (auto at = memory_.parent(inner); at; at = memory_.parent(*at)) {
    if (*at == outer) return true;
  }
  return false;
}

int AddressMap::level_at(std::uint64_t input, std::uint64_t output, std::uint64_t last, const Declared& d) const {
  if (!d.options.block) return 3;
  if (*d.options.block != 0) return level_of_block(granule_, *d.options.block).value_or(3);
  for (int level = 0; level < 3; ++level) {
    if (!arm::leaf_at({.granule = granule_}, level)) continue;
    const std::uint64_t bytes = arm::bytes_mapped(granule_, level);
    if (((input | output) & (bytes - 1)) == 0 && last - input >= bytes - 1) return level;
  }
  return 3;
}

bool AddressMap::make(std::size_t region, std::uint64_t input, std::uint64_t output, const Declared& declared,
                      Problems& problems, std::uint64_t& first, Piece& piece) const {
  const PageOptions& options = declared.options;
  const Region& r = memory_.region(region);
  int level = 3;
  if (options.block && *options.block != 0) {
    const auto found = level_of_block(granule_, *options.block);
    if (!found) {
      const std::string_view possible = granule_ == arm::Granule::K4    ? "`2m` or `1g`"
                                        : granule_ == arm::Granule::K16 ? "`32m`"
                                                                        : "`512m`";
      problems.add(declared.mark, fmt::format("the granule {} has no such block for region `{}`; expected `page`, "
                                              "`auto`, {}",
                                              kGranules[static_cast<std::size_t>(granule_)], r.name, possible));
      return false;
    }
    level = *found;
  }
  std::uint64_t unit = arm::bytes_mapped(granule_, level);
  if ((input & (unit - 1)) != (output & (unit - 1))) {
    problems.add(declared.mark,
                 fmt::format("region `{}` at {} {:#x}, physical {:#x}: both must have the same offset "
                             "in their {} of {}",
                             r.name, input_, input, output, level == 3 ? "page" : "block", spelled(unit)));
    return false;
  }
  piece.unit = unit;
  if (options.contiguous) {
    unit *= contiguous_entries(granule_, level);
    const bool fits = ((input | output | r.bytes) & (unit - 1)) == 0 && options.block.value_or(1) != 0;
    if (!fits) {
      problems.add(declared.mark,
                   fmt::format("`contiguous` joins {} descriptors{}: region `{}` must begin and end at multiples of {}",
                               contiguous_entries(granule_, level),
                               options.block.value_or(1) == 0 ? " of one size, which `block: auto` is not" : "", r.name,
                               spelled(unit)));
      return false;
    }
    piece.unit = unit;
  }
  first = input & ~(unit - 1);
  piece.last = (input + (r.bytes - 1)) | (unit - 1);
  piece.output = output & ~(unit - 1);
  piece.region = region;
  piece.region_input = input;
  piece.declared = &declared;
  return true;
}

bool AddressMap::check(std::uint64_t first, const Piece& piece, const Piece& below, Problems& problems) const {
  const Mark mark = piece.declared->mark;
  const Region &upper = memory_.region(piece.region), &lower = memory_.region(below.region);
  const bool nested = inside(piece.region, below.region);
  // What rounding adds must not be bytes of the other.
  const std::uint64_t own_last = piece.region_input + (upper.bytes - 1);
  const std::uint64_t other_last = below.region_input + (lower.bytes - 1);
  const bool before = first < piece.region_input && below.region_input < piece.region_input && other_last >= first;
  const bool after = own_last < piece.last && other_last > own_last && below.region_input <= piece.last;
  if (!nested || before || after) {
    problems.add(
        mark, fmt::format("in view `{}` region `{}` shares a {} of {} with {}`{}`, which is mapped differently", view_,
                          upper.name, piece.unit == arm::page_bytes(granule_) ? "page" : "block", spelled(piece.unit),
                          nested ? "the rest of " : "", lower.name));
    return false;
  }
  if (((first | (piece.last + 1)) & (below.unit - 1)) != 0) {
    problems.add(mark, fmt::format("in view `{}` region `{}` lies inside a block of {} of `{}`, which is mapped "
                                   "differently; map `{}` with `block: auto` or in pages",
                                   view_, upper.name, spelled(below.unit), lower.name, lower.name));
    return false;
  }
  return true;
}

void AddressMap::add(std::size_t region, std::uint64_t input, std::uint64_t output, const Declared& declared,
                     Problems& problems) {
  std::uint64_t first = 0;
  Piece piece;
  if (!make(region, input, output, declared, problems, first, piece)) return;
  auto at = pieces_.upper_bound(first);
  if (at != pieces_.begin() && std::prev(at)->second.last >= first) --at;
  while (at != pieces_.end() && at->first <= piece.last) {
    const std::uint64_t begin = at->first;
    const Piece below = at->second;
    const bool same = alike(*below.declared, declared) && below.output - begin == piece.output - first;
    if (!same && !check(first, piece, below, problems)) return;
    at = pieces_.erase(at);
    if (begin < first) {
      Piece left = below;
      left.last = first - 1;
      pieces_.emplace(begin, left);
    }
    if (below.last > piece.last) {
      Piece right = below;
      right.output += piece.last + 1 - begin;
      at = pieces_.emplace(piece.last + 1, right).first;
    }
  }
  pieces_.emplace(first, piece);
}

}  // namespace staleline::scenario
