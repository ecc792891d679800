// SPDX-License-Identifier: Apache-2.0
// GICC_* by their offsets, and what a PE is told: priorities, masks, preemption, groups, the life of an interrupt.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>

#include "staleline/gic/gicv2.h"

namespace {

using namespace staleline::gic;

constexpr std::uint64_t kCtlr = 0x00, kPmr = 0x04, kBpr = 0x08, kIar = 0x0c, kEoir = 0x10, kRpr = 0x14, kHppir = 0x18,
                        kAbpr = 0x1c, kAiar = 0x20, kAeoir = 0x24, kAhppir = 0x28, kDir = 0x1000;

struct Rig {
  explicit Rig(unsigned pes = 1, std::uint32_t control = 1) : gic(pes, 96) {
    gic.write_distributor(0, 0, 4, 3);
    for (std::uint64_t word = 0; word < 3; ++word) {
      for (unsigned pe = 0; pe < pes; ++pe) gic.write_distributor(pe, 0x100 + 4 * word, 4, 0xffff'ffff);
    }
    for (IntId id = 32; id < 96; ++id) gic.write_distributor(0, 0x800 + id, 1, 1);
    for (unsigned pe = 0; pe < pes; ++pe) {
      gic.write_interface(pe, kCtlr, 4, control);
      gic.write_interface(pe, kPmr, 4, 0xf0);
    }
  }
  std::uint32_t read(std::uint64_t offset, unsigned pe = 0) { return gic.read_interface(pe, offset, 4); }
  void write(std::uint64_t offset, std::uint32_t value, unsigned pe = 0) { gic.write_interface(pe, offset, 4, value); }
  void priority(IntId id, std::uint8_t p) { gic.write_distributor(0, 0x400 + id, 1, p); }
  void pend(IntId id) { gic.write_distributor(0, 0x200 + id / 32 * 4, 4, 1U << id % 32); }
  void group1(IntId id) {
    const std::uint64_t word = 0x80 + id / 32 * 4;
    gic.write_distributor(0, word, 4, gic.read_distributor(0, word, 4) | 1U << id % 32);
  }
  [[nodiscard]] bool irq(unsigned pe = 0) const { return gic.pending(pe).irq; }
  GicV2 gic;
};

}  // namespace

TEST_CASE("each register of the CPU interface has its reset value and its writable bits") {
  struct Row {
    std::uint64_t offset;
    std::uint32_t reset, ones, zeros;
  };
  constexpr Row kRows[]{{0x00, 0, 0x3ff, 0},
                        {0x04, 0, 0xf8, 0},
                        {0x08, 2, 7, 2},
                        {0x0c, 1023, 1023, 1023},
                        {0x10, 0, 0, 0},
                        {0x14, 0xff, 0xff, 0xff},
                        {0x18, 1023, 1023, 1023},
                        {0x1c, 3, 7, 3},
                        {0x20, 1023, 1023, 1023},
                        {0x28, 1023, 1023, 1023},
                        {0xd0, 0, 0xffff'ffff, 0},
                        {0xe0, 0, 0xffff'ffff, 0},
                        {0xfc, 0x22'043b, 0x22'043b, 0x22'043b}};
  for (std::uint64_t offset = 0; offset < 0x2000; offset += 4) {
    Row row{offset, 0, 0, 0};
    for (const Row& r : kRows) {
      if (r.offset == offset) row = r;
    }
    GicV2 gic(1, 96);
    INFO(std::hex << offset);
    CHECK(gic.read_interface(0, offset, 4) == row.reset);
    gic.write_interface(0, offset, 4, 0xffff'ffff);
    CHECK(gic.read_interface(0, offset, 4) == row.ones);
    gic.write_interface(0, offset, 4, 0);
    CHECK(gic.read_interface(0, offset, 4) == row.zeros);
    CHECK(gic.read_interface(0, offset, 1) == 0);
    CHECK(gic.read_interface(1, offset, 4) == 0);
  }
}

TEST_CASE("an interrupt goes from pending to active to gone") {
  Rig r;
  r.priority(40, 0xa0);
  CHECK_FALSE(r.irq());
  r.pend(40);
  CHECK(r.irq());
  CHECK(r.read(kHppir) == 40);
  CHECK(r.read(kIar) == 40);
  CHECK_FALSE(r.irq());
  CHECK(r.read(kRpr) == 0xa0);
  CHECK(r.gic.read_distributor(0, 0x304, 4) == 1U << 8);
  CHECK(r.gic.read_distributor(0, 0x204, 4) == 0);
  CHECK(r.read(kIar) == 1023);
  // Pending again while active: not told before its end.
  r.pend(40);
  CHECK_FALSE(r.irq());
  r.write(kEoir, 40);
  CHECK(r.read(kRpr) == 0xff);
  CHECK(r.irq());
}

TEST_CASE("a level stays pending while its line is high") {
  Rig r;
  r.gic.set_line(0, 33, true);
  CHECK(r.read(kIar) == 33);
  r.write(kEoir, 33);
  CHECK(r.irq());
  r.gic.set_line(0, 33, false);
  CHECK_FALSE(r.irq());
}

TEST_CASE("who stands in the way: each enable, the target, the mask") {
  const auto with = [](auto&& change) {
    Rig r(2);
    r.pend(50);
    change(r);
    return r.irq();
  };
  CHECK(with([](Rig&) {}));
  CHECK_FALSE(with([](Rig& r) { r.gic.write_distributor(0, 0, 4, 2); }));
  CHECK_FALSE(with([](Rig& r) { r.write(kCtlr, 2); }));
  CHECK_FALSE(with([](Rig& r) { r.gic.write_distributor(0, 0x184, 4, 1U << 18); }));
  CHECK_FALSE(with([](Rig& r) { r.gic.write_distributor(0, 0x800 + 50, 1, 2); }));
  for (unsigned mask = 0; mask < 256; mask += 8) {
    for (unsigned priority = 0; priority < 256; priority += 8) {
      CHECK(with([&](Rig& r) {
              r.priority(50, static_cast<std::uint8_t>(priority));
              r.write(kPmr, mask);
            }) == (priority < mask));
    }
  }
}

TEST_CASE("the highest priority comes first, of equals the lowest ID, and only a higher group preempts") {
  std::mt19937 random{7};
  for (int round = 0; round < 200; ++round) {
    Rig r;
    const auto point = static_cast<unsigned>(2 + random() % 6);
    r.write(kBpr, point);
    std::vector<std::pair<unsigned, IntId>> waiting;
    for (IntId id = 32; id < 96; ++id) {
      const auto priority = static_cast<unsigned>(random() % 30 * 8);
      r.priority(id, static_cast<std::uint8_t>(priority));
      if (random() % 8 == 0) {
        r.pend(id);
        waiting.emplace_back(priority, id);
      }
    }
    std::sort(waiting.begin(), waiting.end());
    const unsigned mask = 0xffU << (point + 1) & 0xff;
    std::vector<unsigned> running{0xff};
    std::size_t taken = 0;
    std::vector<IntId> active;
    while (taken < waiting.size() || !active.empty()) {
      const bool expected = taken < waiting.size() && (waiting[taken].first & mask) < running.back();
      REQUIRE(r.irq() == expected);
      REQUIRE(r.read(kRpr) == running.back());
      REQUIRE(r.read(kHppir) == (taken < waiting.size() ? waiting[taken].second : 1023));
      const std::uint32_t id = r.read(kIar);
      REQUIRE(id == (expected ? waiting[taken].second : 1023));
      if (expected) {
        running.push_back(waiting[taken].first & mask);
        active.push_back(id);
        ++taken;
      } else {
        r.write(kEoir, active.back());
        active.pop_back();
        running.pop_back();
      }
    }
  }
}

TEST_CASE("a spurious end does nothing, and with EOImode the end and the deactivation are two") {
  Rig r(1, 1 | 1U << 9);
  r.pend(40);
  CHECK(r.read(kIar) == 40);
  r.write(kEoir, 1023);
  CHECK(r.read(kRpr) == 0);
  r.write(kEoir, 40);
  CHECK(r.read(kRpr) == 0xff);
  CHECK(r.gic.read_distributor(0, 0x304, 4) == 1U << 8);
  r.write(kDir, 40);
  CHECK(r.gic.read_distributor(0, 0x304, 4) == 0);

  Rig one;
  one.pend(40);
  CHECK(one.read(kIar) == 40);
  one.write(kDir, 40);  // without EOImode it is ignored
  CHECK(one.gic.read_distributor(0, 0x304, 4) == 1U << 8);
}

TEST_CASE("groups: who reads sees its own, and group 0 is FIQ where GICC_CTLR says so") {
  Rig r(1, 3 | 8);
  r.pend(40);
  CHECK(r.gic.pending(0) == Pending{false, true});
  CHECK(r.read(kAhppir) == 1023);
  CHECK(r.read(kAiar) == 1023);
  CHECK(r.read(kIar) == 40);
  r.write(kEoir, 40);
  r.group1(41);
  r.pend(41);
  CHECK(r.gic.pending(0) == Pending{true, false});
  CHECK(r.read(kHppir) == 1022);
  CHECK(r.read(kIar) == 1022);
  CHECK(r.read(kAhppir) == 41);
  CHECK(r.read(kAiar) == 41);
  CHECK(r.read(0xe0) == 1);
  CHECK(r.read(0xd0) == 0);
  r.write(kAeoir, 41);
  CHECK(r.read(0xe0) == 0);
  r.write(kCtlr, 3 | 4);  // AckCtl
  r.pend(41);
  CHECK(r.read(kIar) == 41);
  r.write(kEoir, 41);

  // GICC_ABPR splits priorities one bit higher than GICC_BPR, unless CBPR.
  for (const bool common : {false, true}) {
    Rig s(1, common ? 3 | 4 | 16 : 3 | 4);
    s.write(kBpr, 2);
    s.write(kAbpr, 5);
    s.group1(42);
    s.priority(42, 0x78);
    s.pend(42);
    CHECK(s.read(kIar) == 42);
    CHECK(s.read(kRpr) == (common ? 0x78U : 0x60U));
  }
}

TEST_CASE("an SGI comes once from each source, the lowest first, with the source in its number") {
  Rig r(4);
  for (const unsigned from : {3U, 1U}) r.gic.write_distributor(from, 0xf00, 4, 1U << 16 | 7);
  CHECK(r.irq(0));
  CHECK_FALSE(r.irq(1));
  CHECK(r.read(kHppir) == (7 | 1U << 10));
  CHECK(r.read(kIar) == (7 | 1U << 10));
  CHECK_FALSE(r.irq(0));
  r.write(kEoir, 7 | 1U << 10);
  CHECK(r.read(kIar) == (7 | 3U << 10));
  r.write(kEoir, 7 | 3U << 10);
  CHECK(r.read(kIar) == 1023);
}
