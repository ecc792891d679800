// SPDX-License-Identifier: Apache-2.0
// GICD_* by their offsets: what resets to what, which bits can be written, what is banked.
#include <catch2/catch.hpp>

#include "staleline/gic/gicv2.h"

namespace {

using namespace staleline::gic;

constexpr unsigned kInterrupts = 96;

struct Row {
  std::uint64_t offset;
  std::uint32_t reset, after_ones, after_zeros;  // what a read shows after writes of all ones and of zeros
};

// Registers of words, with 96 interrupts and two PEs, as PE 0 sees them. IHI 0048B table 4-1.
constexpr Row kRows[]{
    {0x000, 0, 3, 0},
    {0x004, 0x22, 0x22, 0x22},  // ITLinesNumber 2, CPUNumber 1
    {0x008, 0x43b, 0x43b, 0x43b},
    {0x080, 0, 0xffff'ffff, 0},
    {0x084, 0, 0xffff'ffff, 0},
    {0x088, 0, 0xffff'ffff, 0},
    {0x100, 0xffff, 0xffff'ffff, 0xffff},
    {0x104, 0, 0xffff'ffff, 0},
    {0x108, 0, 0xffff'ffff, 0},
    {0x180, 0xffff, 0xffff, 0xffff},
    {0x184, 0, 0, 0},
    {0x188, 0, 0, 0},
    {0x200, 0, 0xffff'0000, 0},
    {0x204, 0, 0xffff'ffff, 0},
    {0x208, 0, 0xffff'ffff, 0},
    {0x280, 0, 0, 0},
    {0x284, 0, 0, 0},
    {0x300, 0, 0xffff'ffff, 0},
    {0x304, 0, 0xffff'ffff, 0},
    {0x308, 0, 0xffff'ffff, 0},
    {0x380, 0, 0, 0},
    {0xc00, 0xaaaa'aaaa, 0xaaaa'aaaa, 0xaaaa'aaaa},
    {0xc04, 0, 0xaaaa'aaaa, 0},
    {0xc08, 0, 0xaaaa'aaaa, 0},
    {0xc14, 0, 0xaaaa'aaaa, 0},
    {0xf00, 0, 0, 0},
    {0xfe8, 0x2b, 0x2b, 0x2b},
};

Row row_of(std::uint64_t offset) {
  for (const Row& row : kRows) {
    if (row.offset == offset) return row;
  }
  if (offset >= 0xc08 && offset < 0xc18) return {offset, 0, 0xaaaa'aaaa, 0};
  if (offset >= 0x400 && offset < 0x400 + kInterrupts) return {offset, 0, 0xf8f8'f8f8, 0};
  if (offset >= 0x800 && offset < 0x820) return {offset, 0x0101'0101, 0x0101'0101, 0x0101'0101};
  if (offset >= 0x820 && offset < 0x800 + kInterrupts) return {offset, 0, 0x0303'0303, 0};
  if (offset >= 0xf10 && offset < 0xf20) return {offset, 0, 0, 0};
  if (offset >= 0xf20 && offset < 0xf30) return {offset, 0, 0x0303'0303, 0};
  return {offset, 0, 0, 0};
}

// Arrays that have one register to set and one to clear: zeros do not clear.
bool sets(std::uint64_t offset) {
  return (offset >= 0x100 && offset < 0x180) || (offset >= 0x200 && offset < 0x280) ||
         (offset >= 0x300 && offset < 0x380) || (offset >= 0xf20 && offset < 0xf30);
}

}  // namespace

TEST_CASE("each register of the distributor has its reset value and its writable bits") {
  for (std::uint64_t offset = 0; offset < 0x1000; offset += 4) {
    const Row row = row_of(offset);
    INFO(std::hex << offset);
    GicV2 gic(2, kInterrupts);
    CHECK(gic.read_distributor(0, offset, 4) == row.reset);
    gic.write_distributor(0, offset, 4, 0xffff'ffff);
    CHECK(gic.read_distributor(0, offset, 4) == row.after_ones);
    gic.write_distributor(0, offset, 4, 0);
    CHECK(gic.read_distributor(0, offset, 4) == (sets(offset) ? row.after_ones : row.after_zeros));
    // Other sizes and misaligned accesses are nobody's.
    CHECK(gic.read_distributor(0, offset + 2, 4) == 0);
    CHECK(gic.read_distributor(0, offset, 2) == 0);
    CHECK(gic.read_distributor(7, offset, 4) == 0);
  }
}

TEST_CASE("what one register sets its partner clears, bit by bit") {
  for (const std::uint64_t set : {0x100U, 0x200U, 0x300U}) {
    const std::uint64_t clear = set + 0x80;
    for (IntId id = 0; id < kInterrupts; ++id) {
      GicV2 gic(1, kInterrupts);
      const std::uint64_t word = id / 32 * 4;
      const std::uint32_t bit = 1U << id % 32;
      const std::uint32_t before = gic.read_distributor(0, set + word, 4);
      gic.write_distributor(0, set + word, 4, bit);
      const bool sgi_pending = set == 0x200 && id < 16;
      CHECK(gic.read_distributor(0, set + word, 4) == (sgi_pending ? before : before | bit));
      CHECK(gic.read_distributor(0, clear + word, 4) == gic.read_distributor(0, set + word, 4));
      gic.write_distributor(0, clear + word, 4, bit);
      CHECK(gic.read_distributor(0, set + word, 4) == (set == 0x100 && id < 16 ? before : before & ~bit));
    }
  }
}

TEST_CASE("SGIs and PPIs are of each PE, SPIs are common") {
  GicV2 gic(2, kInterrupts);
  gic.write_distributor(0, 0x400, 4, 0x8880'7870);
  gic.write_distributor(1, 0x41c, 1, 0x50);
  gic.write_distributor(1, 0x420, 1, 0x60);
  CHECK(gic.read_distributor(0, 0x400, 4) == 0x8880'7870);
  CHECK(gic.read_distributor(0, 0x402, 1) == 0x80);
  CHECK(gic.read_distributor(1, 0x400, 4) == 0);
  CHECK(gic.read_distributor(0, 0x41c, 1) == 0);
  CHECK(gic.read_distributor(1, 0x41c, 1) == 0x50);
  CHECK(gic.read_distributor(0, 0x420, 1) == 0x60);
  CHECK(gic.read_distributor(0, 0x800, 4) == 0x0101'0101);
  CHECK(gic.read_distributor(1, 0x800, 4) == 0x0202'0202);
  gic.write_distributor(1, 0x100, 4, 1U << 27);
  CHECK((gic.read_distributor(0, 0x100, 4) >> 27 & 1) == 0);
  CHECK((gic.read_distributor(1, 0x100, 4) >> 27 & 1) == 1);

  GicV2 alone(1, kInterrupts);
  alone.write_distributor(0, 0x820, 4, 0xffff'ffff);
  CHECK(alone.read_distributor(0, 0x800, 4) == 0);
  CHECK(alone.read_distributor(0, 0x820, 4) == 0);
}

TEST_CASE("level and edge: a line that falls takes a level with it and leaves an edge") {
  GicV2 gic(1, kInterrupts);
  const auto pending = [&](IntId id) { return (gic.read_distributor(0, 0x200 + id / 32 * 4, 4) >> id % 32 & 1) != 0; };
  gic.write_distributor(0, 0xc08, 4, 2U << 2);  // 33 edge, 32 level
  for (const IntId id : {32U, 33U, 27U}) {
    gic.set_line(0, id, true);
    CHECK(pending(id));
  }
  gic.write_distributor(0, 0x284, 4, 3);
  CHECK(pending(32));
  CHECK_FALSE(pending(33));
  for (const IntId id : {32U, 33U}) gic.set_line(0, id, false);
  CHECK_FALSE(pending(32));
  gic.set_line(0, 33, true);
  gic.set_line(0, 33, false);
  CHECK(pending(33));
  // No wires: SGIs, and what is not there.
  gic.set_line(0, 3, true);
  gic.set_line(0, kInterrupts, true);
  CHECK_FALSE(pending(3));
}

TEST_CASE("GICD_SGIR sends to a list, to all others, or to oneself, and each source is kept") {
  for (unsigned from = 0; from < 4; ++from) {
    for (unsigned filter = 0; filter < 4; ++filter) {
      for (unsigned list = 0; list < 16; ++list) {
        GicV2 gic(4, kInterrupts);
        gic.write_distributor(from, 0xf00, 4, filter << 24 | list << 16 | 5);
        for (unsigned to = 0; to < 4; ++to) {
          const bool expected = filter == 0   ? (list >> to & 1) != 0
                                : filter == 1 ? to != from
                                : filter == 2 ? to == from
                                              : false;
          CHECK(gic.read_distributor(to, 0xf20 + 5, 1) == (expected ? 1U << from : 0U));
          CHECK(gic.read_distributor(to, 0x200, 4) == (expected ? 1U << 5 : 0U));
        }
      }
    }
  }
}

TEST_CASE("a GIC that cannot be is refused") {
  CHECK_THROWS_AS(GicV2(0), std::invalid_argument);
  CHECK_THROWS_AS(GicV2(9), std::invalid_argument);
  CHECK_THROWS_AS(GicV2(1, 40), std::invalid_argument);
  CHECK_THROWS_AS(GicV2(1, 1024), std::invalid_argument);
  CHECK_NOTHROW(GicV2(8, 992));
}
