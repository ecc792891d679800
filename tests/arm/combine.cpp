// SPDX-License-Identifier: Apache-2.0
// Properties of combining over all attribute bytes, and the cases that a guest without MMU meets.
#include "staleline/arm/combine.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "staleline/arm/attribute_names.h"
#include "staleline/arm/shareability.h"

using namespace staleline::arm;

namespace {

std::vector<MemoryAttributes> all_attributes() {
  std::vector<MemoryAttributes> all;
  for (unsigned byte = 0; byte < 256; ++byte) {
    if (mair_reserved(static_cast<std::uint8_t>(byte))) continue;
    for (const auto s : {Shareability::NonShareable, Shareability::InnerShareable, Shareability::OuterShareable}) {
      all.push_back(mair_decode(static_cast<std::uint8_t>(byte)));
      all.back().shareability = s;
    }
  }
  return all;
}

MemoryAttributes named(std::string_view name) { return parse_memory_attributes(name).value(); }

}  // namespace

TEST_CASE("combined memory is never more relaxed than either stage", "[arm]") {
  const auto all = all_attributes();
  REQUIRE(all.size() == 3 * 236);
  for (const auto& s1 : all) {
    for (const auto& s2 : all) {
      const MemoryAttributes a = combine(s1, s2);
      const bool weaker = memory_class(a) <= std::min(memory_class(s1), memory_class(s2));
      const bool shared = a.shareability >= std::max(s1.shareability, s2.shareability);
      const bool effective = a.shareability == effective_shareability(a);
      const bool hints = a.xs == s1.xs && (!a.tagged || s1.tagged);
      if (!weaker || !shared || !effective || !hints) FAIL_CHECK(spell(s1) << " with " << spell(s2));
      if (memory_class(combine(s2, s1)) != memory_class(a)) FAIL_CHECK("order: " << spell(s1) << " " << spell(s2));
    }
  }
}

TEST_CASE("a stage 2 of Write-Back leaves stage 1 as it is", "[arm]") {
  MemoryAttributes s2 = named("normal-wb");
  s2.shareability = Shareability::NonShareable;
  for (MemoryAttributes s1 : all_attributes()) {
    s1.shareability = effective_shareability(s1);
    if (combine(s1, s2) != s1) FAIL_CHECK(spell(s1));
  }
}

TEST_CASE("no access is cacheable with the caches of either stage off", "[arm]") {
  for (const auto& s1 : all_attributes()) {
    for (const auto kind : {AccessKind::Data, AccessKind::Fetch}) {
      CHECK_FALSE(is_cacheable(memory_class(stage1_access(s1, kind, false))));
      for (unsigned memattr = 0; memattr < 16; ++memattr) {
        for (const bool fwb : {false, true}) {
          const Stage2 s2{static_cast<std::uint8_t>(memattr), Shareability::InnerShareable, fwb, true};
          const MemoryAttributes a = through_stage2(s1, s2, kind);
          if (is_cacheable(memory_class(a)) || a.shareability != Shareability::OuterShareable) FAIL_CHECK(spell(s1));
        }
      }
    }
  }
}

TEST_CASE("a fetch never sees Device memory", "[arm]") {
  for (const auto& a : all_attributes()) {
    const MemoryAttributes s1 = stage1_access(a, AccessKind::Fetch);
    CHECK(s1.type == MemoryType::Normal);
    for (unsigned memattr = 0; memattr < 16; ++memattr) {
      for (const bool fwb : {false, true}) {
        const Stage2 s2{static_cast<std::uint8_t>(memattr), Shareability::InnerShareable, fwb};
        if (through_stage2(s1, s2, AccessKind::Fetch).type != MemoryType::Normal) FAIL_CHECK(spell(a));
      }
    }
  }
}

TEST_CASE("a guest with its MMU off reads Device memory past the host's caches", "[arm]") {
  const MemoryAttributes s2 = named("normal-wb");
  const auto seen = [&s2](AccessKind kind, bool i, bool dc) { return memory_class(combine(mmu_off(kind, i, dc), s2)); };
  CHECK(seen(AccessKind::Data, false, false) == MemoryClass::DevicenGnRnE);
  CHECK(seen(AccessKind::Data, true, false) == MemoryClass::DevicenGnRnE);
  CHECK(seen(AccessKind::Fetch, false, false) == MemoryClass::NormalNC);
  CHECK(seen(AccessKind::Fetch, true, false) == MemoryClass::NormalWT);
  CHECK(seen(AccessKind::Data, false, true) == MemoryClass::NormalWB);
}

TEST_CASE("HCR_EL2.FWB makes the guest's Device and Non-cacheable memory Write-Back", "[arm]") {
  constexpr std::uint8_t kForceWriteBack = 6;
  for (const auto& s1 : all_attributes()) {
    const MemoryAttributes a = combine_fwb(s1, kForceWriteBack, Shareability::InnerShareable);
    if (memory_class(a) != MemoryClass::NormalWB || a.xs) FAIL_CHECK(spell(s1));
  }
  const Stage2 s2{kForceWriteBack, Shareability::InnerShareable, true};
  CHECK(memory_class(through_stage2(mmu_off(AccessKind::Data, false), s2, AccessKind::Data)) == MemoryClass::NormalWB);
}

TEST_CASE("a tagged location loses its tag with its cache, and the architecture leaves that open", "[arm]") {
  const MemoryAttributes tagged = mair_decode(0xf0);
  CHECK(stage1_access(tagged, AccessKind::Data, true).tagged);
  CHECK_FALSE(stage1_access(tagged, AccessKind::Data, false).tagged);
  CHECK(stage1_tag_open(tagged, AccessKind::Data, false));
  CHECK_FALSE(stage1_tag_open(tagged, AccessKind::Data, true));
  CHECK_FALSE(stage1_tag_open(tagged, AccessKind::Fetch, false));
  CHECK_FALSE(stage1_tag_open(named("normal-wb"), AccessKind::Data, false));
}

TEST_CASE("SH fields round-trip, the reserved one is open", "[arm]") {
  for (const std::uint8_t sh : std::vector<std::uint8_t>{0, 2, 3}) {
    CHECK_FALSE(shareability_decode(sh).open());
    CHECK(shareability_encode(shareability_decode(sh).taken()) == sh);
  }
  CHECK(shareability_decode(1).open());
  CHECK(shareability_decode(1).size() == 3);
  CHECK(shareability_decode(1).taken() == Shareability::OuterShareable);
}
