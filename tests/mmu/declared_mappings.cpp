// SPDX-License-Identifier: Apache-2.0
// Declared mappings: who wins, what SCTLR_ELx changes, what faults, what speculation may reach.
#include "staleline/mmu/declared_mappings.h"

#include <array>
#include <catch2/catch.hpp>

namespace {

using namespace staleline;
using arm::MemoryClass;
using arm::Shareability;
using mmu::AccessType;
using mmu::Controls;
using mmu::DeclaredMapping;
using mmu::DeclaredMappings;
using mmu::Fault;
using mmu::Translation;

arm::MemoryAttributes normal(arm::Cacheability c) {
  arm::MemoryAttributes a;
  a.type = arm::MemoryType::Normal;
  a.inner.cacheability = a.outer.cacheability = c;
  a.shareability = Shareability::InnerShareable;
  return a;
}
const auto kWb = normal(arm::Cacheability::WriteBack);
const auto kWt = normal(arm::Cacheability::WriteThrough);
const auto kNc = normal(arm::Cacheability::NonCacheable);
const arm::MemoryAttributes kDevice{};

constexpr Controls kOn{true, true, true};

Translation ok(const std::variant<Translation, Fault>& v) {
  REQUIRE(std::holds_alternative<Translation>(v));
  return std::get<Translation>(v);
}

}  // namespace

TEST_CASE("the innermost region that covers an address wins, and says how far it goes") {
  const DeclaredMappings view({{{0x1000}, {0x1000}, 0x1000, kWb, {}}, {{0x1400}, {0x1400}, 0x100, kNc, {}}}, kWb);
  const auto outer = ok(view.translate({0x1010}, AccessType::Read, kOn));
  CHECK(outer.path.memory == MemoryClass::NormalWB);
  CHECK(outer.path.node == event::kCoherentDomain);
  CHECK(outer.bytes == 0x3f0);
  const auto inner = ok(view.translate({0x1480}, AccessType::Read, kOn));
  CHECK(inner.path.memory == MemoryClass::NormalNC);
  CHECK(inner.path.node == event::kNoNode);
  CHECK(inner.bytes == 0x80);
  CHECK(ok(view.translate({0x1500}, AccessType::Read, kOn)).path.memory == MemoryClass::NormalWB);
}

TEST_CASE("a virtual address is mapped to its physical one, and is an alias of the flat mapping around it") {
  const DeclaredMappings view({{{0x1000}, {0x1000}, 0x1000, kWb, {}}, {{0xffff'0000'0000}, {0x1400}, 0x100, kNc, {}}},
                              kWb);
  const auto high = ok(view.translate({0xffff'0000'0008}, AccessType::Write, kOn));
  CHECK(high.address == arm::PhysAddr{0x1408});
  CHECK(high.path.memory == MemoryClass::NormalNC);
  CHECK(ok(view.translate({0x1408}, AccessType::Read, kOn)).path.memory == MemoryClass::NormalWB);
}

TEST_CASE("an address that no mapping covers faults, with stage 1 off only where stage 2 covers others") {
  const DeclaredMappings one({{{0x1000}, {0x1000}, 0x1000, kWb, {}}}, kWb);
  CHECK(std::holds_alternative<Fault>(one.translate({0xfff}, AccessType::Read, kOn)));
  CHECK(std::holds_alternative<Fault>(one.translate({0x2000}, AccessType::Fetch, kOn)));
  const Controls off{false, false, true};
  CHECK(ok(one.translate({0x2000}, AccessType::Read, off)).address == arm::PhysAddr{0x2000});
  const DeclaredMappings two({{{0x1000}, {0x1000}, 0x1000, kWb, kWb}}, kWb);
  CHECK(std::holds_alternative<Fault>(two.translate({0x2000}, AccessType::Read, off)));
}

TEST_CASE("SCTLR_ELx.{M,C,I} decide what each kind of access is") {
  struct Row {
    arm::MemoryAttributes stage1;
    Controls controls;
    AccessType type;
    MemoryClass expected;
  };
  const std::array rows{
      Row{kWb, {true, true, true}, AccessType::Read, MemoryClass::NormalWB},
      Row{kWt, {true, true, true}, AccessType::Write, MemoryClass::NormalWT},
      Row{kWb, {true, false, true}, AccessType::Read, MemoryClass::NormalNC},
      Row{kWt, {true, false, true}, AccessType::Write, MemoryClass::NormalNC},
      Row{kWb, {true, false, true}, AccessType::Walk, MemoryClass::NormalNC},
      Row{kNc, {true, true, true}, AccessType::Walk, MemoryClass::NormalWB},  // the walk's own attributes
      Row{kWb, {true, false, true}, AccessType::Fetch, MemoryClass::NormalWB},
      Row{kWb, {true, true, false}, AccessType::Fetch, MemoryClass::NormalNC},
      Row{kDevice, {true, true, true}, AccessType::Read, MemoryClass::DevicenGnRnE},
      Row{kWb, {false, false, true}, AccessType::Read, MemoryClass::DevicenGnRnE},
      Row{kWb, {false, true, true}, AccessType::Write, MemoryClass::DevicenGnRnE},
      Row{kWb, {false, false, true}, AccessType::Fetch, MemoryClass::NormalWT},
      Row{kWb, {false, false, false}, AccessType::Fetch, MemoryClass::NormalNC},
      Row{kWb, {false, false, true}, AccessType::Maintenance, MemoryClass::DevicenGnRnE},
  };
  for (const auto& row : rows) {
    const DeclaredMappings view({{{0}, {0}, 0x1000, row.stage1, {}}}, kWb);
    const auto t = ok(view.translate({0x40}, row.type, row.controls));
    CAPTURE(static_cast<int>(row.type), row.controls.m, row.controls.c, row.controls.i);
    CHECK(t.path.memory == row.expected);
    CHECK((t.path.node == event::kCoherentDomain) == arm::is_cacheable(row.expected));
  }
}

TEST_CASE("stage 2 makes an access stricter, never weaker") {
  const DeclaredMappings view({{{0}, {0}, 0x1000, kWb, kNc}, {{0x1000}, {0x1000}, 0x1000, kNc, kWb}}, kWb);
  CHECK(ok(view.translate({0x40}, AccessType::Read, kOn)).path.memory == MemoryClass::NormalNC);
  CHECK(ok(view.translate({0x1040}, AccessType::Read, kOn)).path.memory == MemoryClass::NormalNC);
  CHECK(ok(view.translate({0x1040}, AccessType::Read, {false, false, true})).path.memory == MemoryClass::DevicenGnRnE);
}

TEST_CASE("an unaligned access to Device memory is an alignment fault, maintenance is not") {
  const DeclaredMappings view({{{0}, {0}, 0x1000, kDevice, {}}, {{0x1000}, {0x1000}, 0x1000, kWb, {}}}, kWb);
  for (std::uint8_t size : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{4}, std::uint8_t{8}}) {
    for (std::uint64_t offset = 0; offset < 16; ++offset) {
      const bool aligned = offset % size == 0;
      CHECK(std::holds_alternative<Translation>(view.translate({offset}, AccessType::Read, kOn, size)) == aligned);
      CHECK(std::holds_alternative<Translation>(view.translate({0x1000 + offset}, AccessType::Read, kOn, size)));
    }
  }
  CHECK(std::holds_alternative<Translation>(view.translate({3}, AccessType::Maintenance, kOn, 8)));
}

TEST_CASE("speculation reaches cacheable memory only, holes and aliases included") {
  const DeclaredMappings view({{{0x1000}, {0x1000}, 0x1000, kWb, {}},
                               {{0x1400}, {0x1400}, 0x100, kNc, {}},
                               {{0x8000}, {0x1400}, 0x80, kWb, {}},  // a cacheable alias of part of the hole
                               {{0x4000}, {0x4000}, 0x1000, kDevice, {}}},
                              kWb);
  const auto reach = view.reach(kOn);
  REQUIRE(reach.size() == 2);
  CHECK(reach[0].base == arm::PhysAddr{0x1000});
  CHECK(reach[0].bytes == 0x480);
  CHECK(reach[1].base == arm::PhysAddr{0x1500});
  CHECK(reach[1].bytes == 0xb00);
  CHECK(view.reach({false, true, true}).empty());
  CHECK(view.reach({true, false, true}).empty());
  const auto past = view.reach_past_caches(kOn);
  REQUIRE(past.size() == 1);
  CHECK(past[0].base == arm::PhysAddr{0x1400});
  CHECK(past[0].bytes == 0x100);
  CHECK(view.reach_past_caches({false, true, true}).empty());
  REQUIRE(view.reach_past_caches({true, false, true}).size() == 1);  // all of it is one run with the data cache off
  CHECK(view.reach_past_caches({true, false, true})[0].bytes == 0x1000);
}

TEST_CASE("merged runs are ascending and disjoint and keep every byte") {
  const event::Path wb{};
  const auto result =
      mmu::merged({{{0x300}, 0x100, wb}, {{0x100}, 0x100, wb}, {{0x180}, 0x100, wb}, {{0x280}, 0x80, wb}});
  REQUIRE(result.size() == 1);
  CHECK(result[0].base == arm::PhysAddr{0x100});
  CHECK(result[0].bytes == 0x300);
}
