// SPDX-License-Identifier: Apache-2.0
// Geometry, look-up and replacement of set-associative arrays.
#include "staleline/cache/array.h"

#include <catch2/catch.hpp>
#include <set>
#include <stdexcept>

namespace staleline::cache {
namespace {

Level geometry(std::uint64_t lines, std::uint32_t ways, Level::Replacement r) {
  return {.bytes = lines * 64, .ways = ways, .hit_cycles = 1, .replacement = r};
}
constexpr Level::Replacement kAll[] = {Level::Replacement::LRU, Level::Replacement::PseudoLRU,
                                       Level::Replacement::Random};

}  // namespace

TEST_CASE("an array finds what was put, with its bytes and state", "[array]") {
  for (const auto replacement : kAll) {
    Array a(geometry(12, 3, replacement));
    for (std::uint64_t line = 0; line < 12 * 64; line += 64) {
      CHECK(a.find(line) == Array::kNoSlot);
      std::array<std::uint8_t, 64> bytes;
      bytes.fill(static_cast<std::uint8_t>(line / 64));
      const auto slot = a.victim(line);
      REQUIRE(a.state(slot) == LineState::Invalid);
      a.put(slot, line, LineState::Shared, bytes.data());
    }
    for (std::uint64_t line = 0; line < 12 * 64; line += 64) {
      const auto slot = a.find(line);
      REQUIRE(slot != Array::kNoSlot);
      CHECK(a.line(slot) == line);
      CHECK(a.state(slot) == LineState::Shared);
      CHECK(a.data(slot)[63] == line / 64);
      a.set_state(slot, LineState::Modified);
      CHECK(a.find(line) == slot);
      CHECK(a.state(slot) == LineState::Modified);
      a.remove(slot);
      CHECK(a.find(line) == Array::kNoSlot);
      CHECK(a.state(slot) == LineState::Invalid);
    }
  }
}

TEST_CASE("LRU replaces the line that was used longest ago", "[array]") {
  Array a(geometry(4, 4, Level::Replacement::LRU));
  for (std::uint64_t line = 0; line < 4; ++line) a.put(a.victim(line * 64), line * 64, LineState::Shared, nullptr);
  a.touch(a.find(0), 0);
  a.touch(a.find(128), 128);
  CHECK(a.line(a.victim(512)) == 64);
  a.touch(a.find(64), 64);
  CHECK(a.line(a.victim(512)) == 192);
}

TEST_CASE("PseudoLRU never replaces the line that was used last", "[array]") {
  Array a(geometry(8, 8, Level::Replacement::PseudoLRU));
  for (std::uint64_t line = 0; line < 8; ++line) a.put(a.victim(line * 64), line * 64, LineState::Shared, nullptr);
  for (std::uint64_t i = 0; i < 100; ++i) {
    const std::uint64_t line = i * 5 % 8 * 64;
    a.touch(a.find(line), line);
    CHECK(a.line(a.victim(0x1000)) != line);
  }
}

TEST_CASE("Random replacement repeats with its seed and reaches every way", "[array]") {
  Array a(geometry(8, 8, Level::Replacement::Random), 5), b(geometry(8, 8, Level::Replacement::Random), 5);
  for (Array* x : {&a, &b}) {
    for (std::uint64_t line = 0; line < 8; ++line) x->put(x->victim(line * 64), line * 64, LineState::Shared, nullptr);
  }
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 200; ++i) {
    const auto victim = a.victim(0x1000);
    CHECK(victim == b.victim(0x1000));
    seen.insert(victim);
  }
  CHECK(seen.size() == 8);
}

TEST_CASE("a line that waits for its upgrade is never replaced", "[array]") {
  for (const auto replacement : kAll) {
    Array a(geometry(4, 4, replacement));
    for (std::uint64_t line = 0; line < 4; ++line) {
      a.put(a.victim(line * 64), line * 64, line == 2 ? LineState::Shared : LineState::SharedToModified, nullptr);
    }
    CHECK(a.count(0, LineState::SharedToModified) == 3);
    for (int i = 0; i < 20; ++i) CHECK(a.line(a.victim(0x1000)) == 128);
    a.set_state(a.find(128), LineState::SharedToModified);
    CHECK(a.victim(0x1000) == Array::kNoSlot);
  }
}

TEST_CASE("impossible geometry is refused, an absent cache finds nothing", "[array]") {
  CHECK_THROWS_AS(Array(geometry(6, 2, Level::Replacement::LRU)), std::invalid_argument);
  CHECK_THROWS_AS(Array(geometry(4, 0, Level::Replacement::LRU)), std::invalid_argument);
  CHECK_THROWS_AS(Array(geometry(128, 128, Level::Replacement::LRU)), std::invalid_argument);
  CHECK_THROWS_AS(Array({.bytes = 100, .ways = 1}), std::invalid_argument);
  const Array none({.bytes = 0});
  CHECK_FALSE(none.present());
  CHECK(none.find(0) == Array::kNoSlot);
}

}  // namespace staleline::cache
