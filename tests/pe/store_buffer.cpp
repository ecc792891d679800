// SPDX-License-Identifier: Apache-2.0
// The store buffer alone: merging, forwarding byte by byte, and the order in which entries leave.
#include "store_buffer.h"

#include <array>
#include <catch2/catch.hpp>
#include <random>
#include <vector>

namespace {

using namespace staleline;
using arm::MemoryClass;
using arm::PhysAddr;
using pe::StoreBuffer;

event::Path path(MemoryClass c) {
  event::Path p;
  p.memory = c;
  p.node = arm::is_cacheable(c) ? event::kCoherentDomain : event::kNoNode;
  return p;
}
const event::Path kWb = path(MemoryClass::NormalWB), kNc = path(MemoryClass::NormalNC),
                  kDevice = path(MemoryClass::DevicenGnRnE), kGre = path(MemoryClass::DeviceGRE);
constexpr event::AgentId kAgent{0};

bool put(StoreBuffer& b, std::uint64_t now, std::uint64_t address, std::vector<std::uint8_t> bytes, event::Path p = kWb,
         bool release = false) {
  return b.put(now, PhysAddr{address}, bytes, p, release, kAgent);
}

std::vector<std::uint32_t> sendable(StoreBuffer& b, std::uint64_t now) {
  std::vector<std::uint32_t> ids;
  while (auto* e = b.ready(now)) ids.push_back(e->id);
  return ids;
}

void complete(StoreBuffer& b, std::uint32_t id) {
  while (!b.done(id)) {
  }
}

}  // namespace

TEST_CASE("a store leaves when it is old enough, not a cycle earlier") {
  StoreBuffer b(4, 64);
  REQUIRE(put(b, 10, 0x100, {1}));
  CHECK(b.next() == 74);
  CHECK(b.ready(73) == nullptr);
  CHECK(b.ready(74) != nullptr);
}

TEST_CASE("consecutive stores to one line merge where the type gathers") {
  for (const auto& p : {kWb, kNc, kGre, path(MemoryClass::NormalWT)}) {
    StoreBuffer b(1, 64);
    REQUIRE(put(b, 0, 0x100, {1, 2}, p));
    CHECK(put(b, 1, 0x13f, {3}, p));
    CHECK_FALSE(put(b, 2, 0x140, {4}, p));  // another line, and no room
  }
  for (const auto c : {MemoryClass::DevicenGnRnE, MemoryClass::DevicenGnRE, MemoryClass::DevicenGRE}) {
    StoreBuffer b(1, 64);
    REQUIRE(put(b, 0, 0x100, {1, 2}, path(c)));
    CHECK_FALSE(put(b, 1, 0x102, {3}, path(c)));
  }
}

TEST_CASE("only the youngest entry merges: stores do not overtake each other") {
  StoreBuffer b(2, 64);
  REQUIRE(put(b, 0, 0x100, {1}));
  REQUIRE(put(b, 0, 0x140, {2}));
  CHECK_FALSE(put(b, 0, 0x101, {3}));
}

TEST_CASE("nothing merges into a Store-Release, nor a Store-Release into anything") {
  StoreBuffer b(2, 64);
  REQUIRE(put(b, 0, 0x100, {1}));
  REQUIRE(put(b, 0, 0x101, {2}, kWb, true));
  CHECK_FALSE(put(b, 0, 0x102, {3}));
}

TEST_CASE("a load gets the youngest bytes, as far as they are there") {
  StoreBuffer b(4, 64);
  REQUIRE(put(b, 0, 0x100, {1, 2, 3, 4}));
  REQUIRE(put(b, 0, 0x140, {9}));
  REQUIRE(put(b, 0, 0x102, {7}));
  std::array<std::uint8_t, 8> out{};
  const auto f = b.forward(PhysAddr{0x100}, out, kWb);
  CHECK(f.mask == 0xf);
  CHECK_FALSE(f.other_path);
  CHECK(out == std::array<std::uint8_t, 8>{1, 2, 7, 4, 0, 0, 0, 0});
  CHECK(b.forward(PhysAddr{0x104}, out, kWb).mask == 0);
  CHECK(b.forward(PhysAddr{0x200}, out, kWb).mask == 0);
}

TEST_CASE("bytes that were stored with other attributes are named, so that they drain first") {
  StoreBuffer b(4, 64);
  REQUIRE(put(b, 0, 0x100, {1}));
  REQUIRE(put(b, 0, 0x110, {1}));
  std::array<std::uint8_t, 8> out{};
  const auto f = b.forward(PhysAddr{0x100}, out, kNc);
  CHECK(f.other_path);
  CHECK(f.youngest == 1);
  CHECK_FALSE(b.forward(PhysAddr{0x108}, out, kNc).other_path);
}

TEST_CASE("entries of different lines leave together, those of one line and of Device memory one by one") {
  StoreBuffer b(8, 64);
  REQUIRE(put(b, 0, 0x100, {1}));
  REQUIRE(put(b, 0, 0x140, {1}));
  REQUIRE(put(b, 0, 0x100, {1}));
  b.demand_all();
  CHECK(sendable(b, 0) == std::vector<std::uint32_t>{1, 2});
  complete(b, 2);
  CHECK(sendable(b, 0).empty());
  complete(b, 1);
  CHECK(sendable(b, 0) == std::vector<std::uint32_t>{3});

  StoreBuffer d(8, 64);
  REQUIRE(put(d, 0, 0x100, {1}, kDevice));
  REQUIRE(put(d, 0, 0x140, {1}, kDevice));
  d.demand_all();
  CHECK(sendable(d, 0) == std::vector<std::uint32_t>{1});
  CHECK(d.next() == engine::kNever);
  complete(d, 1);
  CHECK(sendable(d, 0) == std::vector<std::uint32_t>{2});
}

TEST_CASE("demand drains up to an entry, pressure the oldest") {
  StoreBuffer b(3, 64);
  REQUIRE(put(b, 0, 0x100, {1}));
  REQUIRE(put(b, 0, 0x140, {1}));
  CHECK(b.ready(1) == nullptr);
  b.demand(1);
  CHECK(sendable(b, 1) == std::vector<std::uint32_t>{1});
  REQUIRE(put(b, 0, 0x180, {1}));
  CHECK(b.full());
  CHECK(b.next() == 0);
  CHECK_FALSE(sendable(b, 1).empty());
}

TEST_CASE(
    "the transfers of an entry cover its bytes once, at most 16 each, none across a multiple of 16 in a long run") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 20'000; ++i) {
    std::uint64_t mask = random();
    if (i % 3 == 0) mask &= random();
    if (i % 3 == 1) mask |= random() | random();
    std::uint64_t seen = 0;
    pe::for_each_piece(mask, [&](unsigned offset, unsigned bytes) {
      REQUIRE(bytes >= 1);
      REQUIRE(bytes <= 16);
      const std::uint64_t piece = (bytes == 64 ? 0 : (std::uint64_t{1} << bytes)) - 1;
      REQUIRE((seen & piece << offset) == 0);
      seen |= piece << offset;
    });
    REQUIRE(seen == mask);
  }
  int transfers = 0;
  pe::for_each_piece(std::uint64_t{0xff} << 12, [&](unsigned, unsigned bytes) {
    ++transfers;
    CHECK(bytes == 8);
  });
  CHECK(transfers == 1);
}
