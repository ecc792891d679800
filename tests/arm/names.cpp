// SPDX-License-Identifier: Apache-2.0
// Spelling: attribute names round-trip, and the vocabulary reads as the manual writes it.
#include <catch2/catch.hpp>
#include <set>
#include <string>

#include "staleline/arm/attribute_names.h"
#include "staleline/arm/vocabulary.h"

using namespace staleline::arm;

TEST_CASE("every attribute name parses and spells itself", "[arm]") {
  REQUIRE(memory_attribute_names().size() == 13);
  for (const auto name : memory_attribute_names()) {
    INFO(name);
    const auto a = parse_memory_attributes(name);
    REQUIRE(a);
    CHECK(spell(*a) == name);
  }
  for (const auto name : shareability_names()) {
    REQUIRE(parse_shareability(name));
    CHECK(spell(*parse_shareability(name)) == name);
  }
}

TEST_CASE("attribute names mean what they say", "[arm]") {
  const auto type = [](std::string_view name) { return memory_class(parse_memory_attributes(name).value()); };
  CHECK(type("device-ngnrne") == MemoryClass::DevicenGnRnE);
  CHECK(type("device-ngnre") == MemoryClass::DevicenGnRE);
  CHECK(type("device-ngre") == MemoryClass::DevicenGRE);
  CHECK(type("device-gre") == MemoryClass::DeviceGRE);
  CHECK(type("normal-nc") == MemoryClass::NormalNC);
  CHECK(type("normal-wt") == MemoryClass::NormalWT);
  CHECK(type("normal-wb") == MemoryClass::NormalWB);

  const auto mixed = parse_memory_attributes("normal-wb/nc").value();
  CHECK(mixed.inner.cacheability == Cacheability::WriteBack);
  CHECK(mixed.outer.cacheability == Cacheability::NonCacheable);
  CHECK(memory_class(mixed) == MemoryClass::NormalNC);
  CHECK(type("normal-wt/wb") == MemoryClass::NormalWT);
  CHECK(type("normal-wb/wt") == MemoryClass::NormalWT);
  CHECK(parse_memory_attributes("normal-wb/wb") == parse_memory_attributes("normal-wb"));

  CHECK(parse_memory_attributes("normal-wb")->shareability == Shareability::InnerShareable);
  CHECK(parse_memory_attributes("normal-wb/nc")->shareability == Shareability::InnerShareable);
  CHECK(parse_memory_attributes("normal-nc")->shareability == Shareability::OuterShareable);
  CHECK(parse_memory_attributes("device-gre")->shareability == Shareability::OuterShareable);
}

TEST_CASE("other text is no attribute name", "[arm]") {
  for (const auto* text :
       {"", "/", "wb", "normal", "normal-", "normal-wb/", "normal-wb/x", "normal-wb/wb/wb", "Normal-WB", "normal-wb ",
        "device-gre/gre", "device-gre/re", "normal-wb/b", "normal-wb/-wb"}) {
    INFO(text);
    CHECK_FALSE(parse_memory_attributes(text));
    CHECK_FALSE(parse_shareability(text));
  }
}

TEST_CASE("memory classes are spelled as in the manual", "[arm]") {
  CHECK(name_of(MemoryClass::DevicenGnRnE) == "Device-nGnRnE");
  CHECK(name_of(MemoryClass::DevicenGnRE) == "Device-nGnRE");
  CHECK(name_of(MemoryClass::DevicenGRE) == "Device-nGRE");
  CHECK(name_of(MemoryClass::DeviceGRE) == "Device-GRE");
  CHECK(name_of(MemoryClass::NormalNC) == "Normal-NC");
  CHECK(name_of(MemoryClass::NormalWT) == "Normal-WT");
  CHECK(name_of(MemoryClass::NormalWB) == "Normal-WB");
  CHECK(name_of(Shareability::NonShareable) == "Non-shareable");
  CHECK(name_of(Shareability::InnerShareable) == "Inner Shareable");
  CHECK(name_of(Shareability::OuterShareable) == "Outer Shareable");
}

TEST_CASE("barrier options compose domain and access", "[arm]") {
  const auto option = [](BarrierDomain d, BarrierAccess a) { return option_of({BarrierKind::DSB, d, a}); };
  using enum BarrierDomain;
  using enum BarrierAccess;
  CHECK(option(SY, All) == "sy");
  CHECK(option(SY, LD) == "ld");
  CHECK(option(SY, ST) == "st");
  CHECK(option(ISH, All) == "ish");
  CHECK(option(ISH, LD) == "ishld");
  CHECK(option(ISH, ST) == "ishst");
  CHECK(option(OSH, All) == "osh");
  CHECK(option(OSH, LD) == "oshld");
  CHECK(option(OSH, ST) == "oshst");
  CHECK(option(NSH, All) == "nsh");
  CHECK(option(NSH, LD) == "nshld");
  CHECK(option(NSH, ST) == "nshst");
}

TEST_CASE("every cache operation has its own name, on the side that it acts on", "[arm]") {
  std::set<std::string> seen;
  for (int i = 0; i <= static_cast<int>(CacheOp::IC_IVAU); ++i) {
    const auto op = static_cast<CacheOp>(i);
    const std::string name{name_of(op)};
    CHECK(seen.insert(name).second);
    CHECK((name.substr(0, 3) == "ic ") == is_instruction_side(op));
    const bool set_way = name.ends_with("sw");
    const bool all = name.starts_with("ic iall");
    CHECK(is_by_va(op) == (!set_way && !all));
  }
  CHECK(name_of(CacheOp::DC_CIVAC) == "dc civac");
  CHECK(name_of(CacheOp::IC_IALLUIS) == "ic ialluis");
  CHECK(name_of(CacheOp::DC_ZVA) == "dc zva");
}
