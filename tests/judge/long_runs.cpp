// SPDX-License-Identifier: Apache-2.0
// A guest of millions of instructions walks its tables again and again: what is the same is remembered once.
#include <malloc.h>

#include <catch2/catch.hpp>

#include "script.h"

namespace {

using namespace staleline;
using namespace staleline::judge_test;

constexpr std::uint64_t kLevel2 = 0x4000'0000, kLevel3 = kLevel2 + 0x1000, kStage2 = 0x4100'0000, kData = 0x5000'0000;
constexpr std::uint64_t kPages = 8, kPageBytes = 4096;

struct Descriptor {
  std::uint64_t at = 0, value = 0;
};
Descriptor of_stage1(std::uint64_t page) { return {kLevel3 + page * 8, (kData + page * kPageBytes) | 0x703}; }
/// Maps each page to itself.
Descriptor of_stage2(std::uint64_t ipa) {
  return {kStage2 + (ipa >> 28) * kPageBytes + ipa / kPageBytes % 512 * 8, ipa / kPageBytes * kPageBytes | 0x7ff};
}

/// A walk of stages 1 and 2 for `va`; what is above level 3 comes from a walk cache where `from` is another walk.
void walk(Script& s, std::uint32_t id, std::uint32_t from, std::uint64_t va) {
  const std::uint64_t page = va / kPageBytes;
  const auto step = [&](unsigned stage, unsigned level, const Descriptor& d, std::uint64_t input) {
    Event e = s.make(0, Kind::Walk);
    e.address = arm::PhysAddr{d.at};
    e.size = 8;
    e.data = {d.value, input};
    e.entry = id;
    e.detail = static_cast<std::uint8_t>(stage << 4 | level);
    s.say(e);
  };
  const auto by_stage2 = [&](std::uint64_t ipa) { step(2, 3, of_stage2(ipa), ipa); };
  if (from == 0) {
    by_stage2(kLevel2);
    step(1, 2, {kLevel2, kLevel3 | 3}, va);
  }
  by_stage2(of_stage1(page).at);
  step(1, 3, of_stage1(page), va);
  by_stage2(kData + va);
  Event e = s.make(0, Kind::Translation);
  e.address = arm::PhysAddr{kData + page * kPageBytes};
  e.data = {page * kPageBytes, event::TranslationTag{.stage2 = true}.packed()};
  e.entry = id;
  e.aux = from;
  s.say(e);
}

}  // namespace

TEST_CASE("walks for other addresses of a page, and by way of a walk cache, do not pile up") {
  Script s(1);
  const auto put = [&s](const Descriptor& d) { s.write(0, d.at, d.value); };
  put({kLevel2, kLevel3 | 3});
  put(of_stage2(kLevel2));
  put(of_stage2(kLevel3));
  for (std::uint64_t page = 0; page < kPages; ++page) {
    put(of_stage1(page));
    put(of_stage2(kData + page * kPageBytes));
  }
  s.dsb(0);
  s.isb(0);
  const auto before = mallinfo2().uordblks;  // 0 where another allocator is in place
  constexpr std::uint32_t kWalks = 6000;
  for (std::uint32_t id = 1; id <= kWalks; ++id) {
    const std::uint64_t va = id % kPages * kPageBytes + id / kPages;
    walk(s, id, id - 1, va);
    s.access(0, Kind::Read, kData + va, 0, id);
  }
  CHECK(s.found() == std::vector<std::string>{});
  CHECK(mallinfo2().uordblks - before < std::size_t{1} << 20);
}
