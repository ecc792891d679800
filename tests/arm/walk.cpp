// SPDX-License-Identifier: Apache-2.0
// Walks over small tables built by hand: every input size, start level and address size, faults of the bus, updates
// that race, and translation that is off.
#include "staleline/arm/walk.h"

#include <catch2/catch.hpp>
#include <map>

#include "staleline/arm/attribute_names.h"
#include "staleline/arm/descriptor.h"

using namespace staleline::arm;
using u64 = std::uint64_t;
using Type = TranslationFaultType;

namespace {

constexpr u64 bit(unsigned n) { return u64{1} << n; }
constexpr u64 kAttributes = 0x44'ff;  // index 0 WB, index 1 NC
constexpr u64 kRoot = 0x10'0000;

using Memory = std::map<u64, u64>;

struct End {
  TranslationResult result;
  std::optional<TranslationFault> fault;
  int reads = 0;
};
End run(TableWalk walk, Memory& memory) {
  End end;
  for (;; ++end.reads) {
    switch (walk.next()) {
      case TableWalk::Next::Read:
        walk.supply(memory[walk.read().address.value]);
        break;
      case TableWalk::Next::Update: {
        u64& now = memory[walk.update().address.value];
        const u64 found = now;
        if (found == walk.update().old_value) now = walk.update().new_value;
        walk.supply_update(found);
        --end.reads;
        break;
      }
      case TableWalk::Next::Done:
        end.result = walk.result();
        return end;
      case TableWalk::Next::Fault:
        end.fault = walk.fault();
        return end;
      default:
        FAIL();
    }
  }
}

u64 tg0(Granule g) { return u64{g == Granule::K4 ? 0u : g == Granule::K16 ? 2u : 1u} << 14; }
u64 tg1(Granule g) { return u64{g == Granule::K4 ? 2u : g == Granule::K16 ? 1u : 3u} << 30; }

TranslationRegisters stage1(Granule g, unsigned input_bits, bool ds = false, u64 ps = 5) {
  TranslationRegisters r;
  r.sctlr = 0x1005;
  r.tcr = u64{64 - input_bits} | u64{64 - input_bits} << 16 | tg0(g) | tg1(g) | ps << 32 | u64{ds} << 59;
  r.ttbr0 = kRoot;
  r.ttbr1 = 2 * kRoot;
  r.mair = kAttributes;
  return r;
}

/// Tables from `root` down to a leaf at `level` for `in`, each table `step` behind the one before.
void map(Memory& memory, DescriptorFormat f, int start, unsigned input_bits, u64 root, u64 in, int level,
         const Leaf& leaf) {
  u64 table = root;
  for (int l = start;; ++l) {
    const unsigned low = mapped_bits(f.granule, l);
    u64 index = (in & (bit(input_bits) - 1)) >> low;
    if (l != start) index &= bit(level_bits(f.granule)) - 1;
    u64& entry = memory[table + index * 8];
    if (l == level) {
      entry = encode_leaf(leaf, f, level);
      return;
    }
    table = root + static_cast<u64>(l - start + 1) * 0x100'0000;
    entry = encode_table(table, f);
  }
}

}  // namespace

TEST_CASE("stage 1 starts where the input size has it, for both halves, and leads to every leaf level") {
  for (const Granule g : {Granule::K4, Granule::K16, Granule::K64}) {
    for (const bool ds : {false, true}) {
      if (ds && g == Granule::K64) continue;
      const unsigned most = ds || g == Granule::K64 ? 52 : 48;
      for (unsigned input = g == Granule::K64 ? 17 : 16; input <= most; ++input) {
        TranslationRegisters r = stage1(g, input, ds, ds || g == Granule::K64 ? 6 : 5);
        r.features.pa_bits = 52;
        const DescriptorFormat f{g, ds, g == Granule::K64, 1};
        const int start = start_level(g, input);
        for (int level = start; level <= 3; ++level) {
          if (!leaf_at(f, level)) continue;
          for (const bool upper : {false, true}) {
            CAPTURE(static_cast<int>(g), ds, input, level, upper);
            Memory memory;
            const u64 size = bytes_mapped(g, level);
            // The last block of the lower half, the first of the upper.
            const u64 va = upper ? ~u64{0} << input : (bit(input) - 1) & ~u64{7};
            const u64 out = ds || g == Granule::K64 ? bit(51) : bit(47);
            map(memory, f, start, input, upper ? 2 * kRoot : kRoot, va, level, {.address = out, .user = true});
            const End end = run(TableWalk(r, Regime::EL10, {va}, {}), memory);
            REQUIRE_FALSE(end.fault);
            CHECK(end.result.pa.value == out + (va & (size - 1)));
            CHECK(end.result.bytes == size);
            CHECK(end.result.level1 == level);
            CHECK(end.reads == level - start + 1);
            // One byte beyond.
            const End beyond = run(TableWalk(r, Regime::EL10, {upper ? va - 1 : bit(input)}, {}), memory);
            REQUIRE(beyond.fault);
            CHECK(beyond.fault->type == Type::Translation);
            CHECK(beyond.fault->level == 0);
            CHECK(beyond.reads == 0);
          }
        }
      }
    }
  }
}

TEST_CASE("TxSZ out of range is a Translation fault at level 0") {
  const auto reads = [](Granule g, unsigned txsz, bool ds, TranslationFeatures features) {
    TranslationRegisters r = stage1(g, 40, ds);
    r.tcr = (r.tcr & ~u64{0x3f}) | txsz;
    r.features = features;
    const TableWalk walk(r, Regime::EL10, {0}, {});
    if (walk.next() == TableWalk::Next::Fault) {
      CHECK(walk.fault().type == Type::Translation);
      CHECK(walk.fault().level == 0);
    }
    return walk.next() == TableWalk::Next::Read;
  };
  for (unsigned txsz = 0; txsz < 64; ++txsz) {
    CAPTURE(txsz);
    CHECK(reads(Granule::K4, txsz, false, {}) == (txsz >= 16 && txsz <= 48));
    CHECK(reads(Granule::K4, txsz, true, {}) == (txsz >= 12 && txsz <= 48));
    CHECK(reads(Granule::K16, txsz, true, {.lpa2 = false}) == (txsz >= 16 && txsz <= 48));
    CHECK(reads(Granule::K16, txsz, true, {}) == (txsz >= 12 && txsz <= 48));
    CHECK(reads(Granule::K64, txsz, false, {}) == (txsz >= 12 && txsz <= 47));
    CHECK(reads(Granule::K64, txsz, true, {.lva = false}) == (txsz >= 16 && txsz <= 47));
    CHECK(reads(Granule::K4, txsz, false, {.ttst = false}) == (txsz >= 16 && txsz <= 39));
  }
}

TEST_CASE("addresses beyond IPS or PS are Address size faults: root, table and leaf, both stages") {
  constexpr unsigned sizes[] = {32, 36, 40, 42, 44, 48, 52, 52};
  for (const std::uint8_t pa_bits : {std::uint8_t{40}, std::uint8_t{48}, std::uint8_t{52}}) {
    for (u64 ps = 0; ps < 8; ++ps) {
      for (const unsigned stage : {1u, 2u}) {
        CAPTURE(int{pa_bits}, ps, stage);
        const unsigned size = std::min<unsigned>(sizes[ps], pa_bits);
        TranslationRegisters r = stage1(Granule::K64, 42, false, ps);
        if (stage == 2) {
          r.sctlr = 0;
          r.hcr = 1;
          r.vtcr = u64{64 - 40} | tg0(Granule::K64) | u64{1} << 6 | ps << 16;
        }
        r.features.pa_bits = pa_bits;
        const auto fault = [&](u64 root, u64 table, u64 leaf) {
          const u64 ttbr = (root & (bit(48) - 1)) | (ps == 6 ? root >> 48 << 2 : 0);
          (stage == 1 ? r.ttbr0 : r.vttbr) = ttbr;
          const DescriptorFormat f{Granule::K64, false, pa_bits == 52, static_cast<std::uint8_t>(stage)};
          Memory memory;
          memory[root] = encode_table(table, f);
          memory[table] = encode_leaf({.address = leaf}, f, 3);
          const End end = run(TableWalk(r, Regime::EL10, {0}, {}), memory);
          if (end.fault) {
            CHECK(end.fault->type == Type::AddressSize);
            CHECK(end.fault->stage == stage);
          } else {
            CHECK(end.result.pa.value == leaf);
          }
          return end.fault ? int{end.fault->level} : -9;
        };
        const u64 last = bit(size) - 0x1'0000;
        // The reserved 0b111 is the implemented size, but for the form of the base register.
        CHECK(fault(ps == 7 ? kRoot : last, last - 0x1'0000, last) == -9);
        if (size < 48 || (pa_bits == 52 && size < 52)) {
          CHECK(fault(kRoot, kRoot * 2, bit(size)) == 3);
          CHECK(fault(kRoot, bit(size), kRoot) == 2);
        }
        if (size < 48) CHECK(fault(bit(size), kRoot * 2, kRoot) == 0);
      }
    }
  }
}

TEST_CASE("stage 2 starts where SL has it, with up to 16 tables side by side") {
  for (const Granule g : {Granule::K4, Granule::K16, Granule::K64}) {
    for (const bool ds : {false, true}) {
      if (ds && g == Granule::K64) continue;
      for (int start = -1; start <= 3; ++start) {
        const auto sl = encode_sl(g, start, ds);
        if (!sl) continue;
        const unsigned most = ds || g == Granule::K64 ? 52 : 48;
        for (unsigned input = 16; input <= most; ++input) {
          if (g == Granule::K64 && input < 17) continue;
          CAPTURE(static_cast<int>(g), ds, start, input);
          const unsigned below = mapped_bits(g, start);
          const bool fits = input > below && input <= below + level_bits(g) + 4;
          TranslationRegisters r;
          r.features.pa_bits = 52;
          r.hcr = 1;
          r.vtcr = u64{64 - input} | *sl | tg0(g) | u64{most == 52 ? 6u : 5u} << 16 | u64{ds} << 32;
          r.vttbr = bit(28) | bit(25);
          Memory memory;
          const u64 ipa = (bit(input) - 1) & ~u64{7};
          const DescriptorFormat f{g, ds, g == Granule::K64, 2};
          // A root is aligned to its size: bit 25 is below that of the largest.
          const u64 root = r.vttbr & ~(root_bytes(g, start, input) - 1);
          if (fits) map(memory, f, start, input, root, ipa, 3, {.address = kRoot});
          const End end = run(TableWalk(r, Regime::EL10, {ipa}, {}), memory);
          if (!fits) {
            REQUIRE(end.fault);
            CHECK(end.fault->type == Type::Translation);
            CHECK(end.fault->level == 0);
            CHECK(end.fault->stage == 2);
            CHECK(end.reads == 0);
            continue;
          }
          REQUIRE_FALSE(end.fault);
          CHECK(end.reads == 4 - start);
          CHECK(end.result.pa.value == kRoot + (ipa & (page_bytes(g) - 1)));
          CHECK(end.result.level2 == 3);
          CHECK(end.result.bytes == page_bytes(g));
          if (input < 52) {
            const End beyond = run(TableWalk(r, Regime::EL10, {bit(input)}, {}), memory);
            REQUIRE(beyond.fault);
            CHECK(beyond.fault->stage == 2);
            CHECK(beyond.fault->type == Type::Translation);
            CHECK(beyond.fault->ipa.value == bit(input));
          }
        }
      }
    }
  }
}

TEST_CASE("start levels of stage 2 that the PA size does not allow") {
  const auto allowed = [](Granule g, u64 sl, std::uint8_t pa_bits, unsigned input, bool ds = false, bool ttst = true) {
    TranslationRegisters r;
    r.features.ttst = ttst;
    r.features.pa_bits = pa_bits;
    r.hcr = 1;
    r.vtcr = u64{64 - input} | sl << 6 | tg0(g) | u64{ds} << 32;
    const TableWalk walk(r, Regime::EL10, {0}, {});
    return walk.next() == TableWalk::Next::Read;
  };
  CHECK(allowed(Granule::K4, 2, 44, 44));
  CHECK_FALSE(allowed(Granule::K4, 2, 42, 42));
  CHECK(allowed(Granule::K16, 2, 42, 42));
  CHECK_FALSE(allowed(Granule::K16, 2, 40, 40));
  CHECK_FALSE(allowed(Granule::K16, 2, 40, 40, true));
  CHECK(allowed(Granule::K16, 3, 52, 52, true));
  CHECK_FALSE(allowed(Granule::K16, 3, 48, 48, true));
  CHECK(allowed(Granule::K4, 3, 48, 16));
  CHECK_FALSE(allowed(Granule::K4, 3, 48, 25, false, false));
  CHECK(allowed(Granule::K64, 2, 44, 44));
  CHECK_FALSE(allowed(Granule::K64, 2, 42, 42));
  CHECK_FALSE(allowed(Granule::K64, 3, 48, 40));
  CHECK_FALSE(allowed(Granule::K4, 1, 40, 41));  // IPAs larger than PAs
  CHECK(allowed(Granule::K4, u64{1} << 27, 52, 52, true));
  CHECK_FALSE(allowed(Granule::K4, u64{1} << 27, 48, 48, true));
  CHECK_FALSE(allowed(Granule::K4, u64{1} << 27 | 1, 52, 52, true));
}

TEST_CASE("a descriptor that changes under a hardware update is read as it is now") {
  TranslationRegisters r = stage1(Granule::K4, 39);
  r.tcr |= bit(39) | bit(40);  // HA, HD
  const DescriptorFormat f{};
  Memory memory;
  map(memory, f, 1, 39, kRoot, 0, 3,
      {.address = 0x5000, .access_flag = false, .dirty_modifier = true, .read_only = true});
  TableWalk walk(r, Regime::EL10, {0}, {.kind = AccessRequest::Kind::Write});
  while (walk.next() == TableWalk::Next::Read) walk.supply(memory[walk.read().address.value]);
  REQUIRE(walk.next() == TableWalk::Next::Update);
  const DescriptorUpdate update = walk.update();
  CHECK(update.new_value == ((update.old_value | bit(10)) & ~bit(7)));
  SECTION("another page took its place") {
    walk.supply_update(encode_leaf({.address = 0x7000}, f, 3));
    REQUIRE(walk.next() == TableWalk::Next::Done);
    CHECK(walk.result().pa.value == 0x7000);
  }
  SECTION("it became invalid") {
    walk.supply_update(0);
    REQUIRE(walk.next() == TableWalk::Next::Fault);
    CHECK(walk.fault().type == Type::Translation);
    CHECK(walk.fault().level == 3);
  }
  SECTION("another agent set AF alone: the update is tried again") {
    walk.supply_update(update.old_value | bit(10));
    REQUIRE(walk.next() == TableWalk::Next::Update);
    CHECK(walk.update().old_value == (update.old_value | bit(10)));
    walk.supply_update(walk.update().old_value);
    REQUIRE(walk.next() == TableWalk::Next::Done);
    CHECK_FALSE(walk.result().clean1);
  }
  SECTION("the memory cannot do it") {
    walk.fail(Type::UnsupportedUpdate);
    REQUIRE(walk.next() == TableWalk::Next::Fault);
    CHECK(walk.fault().type == Type::UnsupportedUpdate);
    CHECK(walk.fault().stage == 1);
    CHECK(walk.fault().level == 3);
  }
}

TEST_CASE("a stage 2 leaf that changes under its update makes stage 1 read again") {
  TranslationRegisters r = stage1(Granule::K4, 39);
  r.tcr |= bit(39) | bit(40);
  r.hcr = 1;
  r.vtcr = u64{64 - 39} | u64{1} << 6 | u64{5} << 16 | bit(21) | bit(22);
  r.vttbr = 0x8000'0000;
  Memory memory;
  const DescriptorFormat one{}, two{.stage = 2};
  // 1GB blocks flat at stage 2, writable once dirty; the stage 1 leaf has AF clear.
  const Leaf block{.address = 0, .dirty_modifier = true, .write = false};
  memory[0x8000'0000] = encode_leaf(block, two, 1);
  map(memory, one, 1, 39, kRoot, 0, 3, {.address = 0x5000, .access_flag = false});
  TableWalk walk(r, Regime::EL10, {0}, {});
  while (walk.next() == TableWalk::Next::Read) walk.supply(memory[walk.read().address.value]);
  REQUIRE(walk.next() == TableWalk::Next::Update);
  CHECK(walk.update().stage == 2);
  TableWalk refused = walk;
  refused.fail(Type::UnsupportedUpdate);
  CHECK(refused.fault().stage == 2);
  CHECK(refused.fault().level == 1);
  CHECK(refused.fault().s1ptw);
  const u64 leaf_address_before = kRoot + 0x200'0000;
  // Stage 2 moved: the descriptor is now elsewhere.
  walk.supply_update(encode_leaf({.address = 0x4000'0000}, two, 1));
  REQUIRE(walk.next() == TableWalk::Next::Read);
  CHECK(walk.read().stage == 1);
  CHECK(walk.read().address.value == 0x4000'0000 + leaf_address_before);
  walk.supply(encode_leaf({.address = 0x9000, .access_flag = false}, one, 3));
  REQUIRE(walk.next() == TableWalk::Next::Update);
  CHECK(walk.update().stage == 1);
  CHECK(walk.update().address.value == 0x4000'0000 + leaf_address_before);
}

TEST_CASE("a descriptor that cannot be read is an External abort on the walk, of its stage and level") {
  TranslationRegisters r = stage1(Granule::K4, 48);
  r.hcr = 1;
  r.vtcr = u64{64 - 40} | u64{1} << 6 | u64{5} << 16;
  Memory memory;
  TableWalk walk(r, Regime::EL10, {0x1000}, {.kind = AccessRequest::Kind::Write});
  walk.fail();
  REQUIRE(walk.next() == TableWalk::Next::Fault);
  CHECK(walk.fault() == TranslationFault{.type = Type::ExternalOnWalk,
                                         .stage = 2,
                                         .level = 1,
                                         .s1ptw = true,
                                         .write = true,
                                         .va = {0x1000},
                                         .ipa = {kRoot}});
  TableWalk second(r, Regime::EL10, {0x1000}, {});
  second.supply(encode_leaf({}, {.stage = 2}, 1));
  REQUIRE(second.next() == TableWalk::Next::Read);
  CHECK(second.read().stage == 1);
  second.fail();
  CHECK(second.fault() == TranslationFault{.type = Type::ExternalOnWalk, .level = 0, .va = {0x1000}});
}

TEST_CASE("translation off: the flat map, HCR_EL2.DC and TGE") {
  Memory memory;
  TranslationRegisters r;
  const auto data = run(TableWalk(r, Regime::EL10, {0x1234'5678}, {}), memory);
  REQUIRE_FALSE(data.fault);
  CHECK(data.result.pa.value == 0x1234'5678);
  CHECK(data.result.bytes == bit(48));
  CHECK(data.result.attributes == MemoryAttributes{});
  CHECK(data.reads == 0);
  const auto beyond = run(TableWalk(r, Regime::EL10, {bit(48)}, {}), memory);
  REQUIRE(beyond.fault);
  CHECK(beyond.fault->type == Type::AddressSize);
  CHECK(beyond.fault->level == 0);
  const auto unaligned = run(TableWalk(r, Regime::EL2, {1}, {.aligned = false}), memory);
  REQUIRE(unaligned.fault);
  CHECK(unaligned.fault->type == Type::Alignment);
  const auto fetch =
      run(TableWalk(r, Regime::EL2, {0}, {.kind = AccessRequest::Kind::Fetch, .aligned = false}), memory);
  REQUIRE_FALSE(fetch.fault);
  CHECK(memory_class(fetch.result.attributes) == MemoryClass::NormalNC);
  // DC turns stage 2 on: without tables there it faults; EL2 does not care.
  r.sctlr = 1;
  r.hcr = bit(12);
  r.vtcr = u64{64 - 40} | u64{1} << 6 | u64{5} << 16;
  CHECK(run(TableWalk(r, Regime::EL10, {0x1000}, {}), memory).fault->stage == 2);
  r.sctlr = 0;
  CHECK_FALSE(run(TableWalk(r, Regime::EL2, {0x1000}, {}), memory).fault);
  r.el2_enabled = false;
  CHECK_FALSE(run(TableWalk(r, Regime::EL10, {0x1000}, {}), memory).fault);
  r.el2_enabled = true;
  memory[0] = encode_leaf({.address = 0x4000'0000}, {.stage = 2}, 1);
  const auto dc = run(TableWalk(r, Regime::EL10, {0x1001}, {.aligned = false}), memory);
  REQUIRE_FALSE(dc.fault);
  CHECK(dc.result.pa.value == 0x4000'1001);
  CHECK(memory_class(dc.result.attributes) == MemoryClass::NormalWB);
  // TGE: SCTLR_EL1.M counts as clear.
  r.sctlr = 1;
  r.hcr = bit(27);
  CHECK(run(TableWalk(r, Regime::EL10, {0x1000}, {}), memory).result.pa.value == 0x1000);
}

TEST_CASE("stage 1 reads are made with the attributes of TCR, of stage 2 and of HCR_EL2.CD and PTW") {
  TranslationRegisters r = stage1(Granule::K4, 39);
  r.tcr |= u64{1} << 8 | u64{1} << 10 | u64{3} << 12;
  const auto first = [&] { return TableWalk(r, Regime::EL10, {0}, {}).read().attributes; };
  CHECK(memory_class(first()) == MemoryClass::NormalWB);
  CHECK(first().shareability == Shareability::InnerShareable);
  r.sctlr &= ~bit(2);
  CHECK(memory_class(first()) == MemoryClass::NormalNC);
  r.sctlr |= bit(2);
  r.hcr = 1;
  r.vtcr = u64{64 - 39} | u64{1} << 6 | u64{5} << 16 | u64{1} << 8 | u64{1} << 10;
  CHECK(memory_class(first()) == MemoryClass::NormalWB);  // stage 2's own
  CHECK(first().shareability == Shareability::NonShareable);
  const auto behind = [&](std::uint8_t memattr) {
    TableWalk walk(r, Regime::EL10, {0}, {});
    walk.supply(encode_leaf({.shareability = Shareability::NonShareable, .memattr = memattr}, {.stage = 2}, 1));
    return walk;
  };
  CHECK(memory_class(behind(0xf).read().attributes) == MemoryClass::NormalWB);
  CHECK(behind(0xf).read().attributes.shareability == Shareability::InnerShareable);
  CHECK(memory_class(behind(0x5).read().attributes) == MemoryClass::NormalNC);
  CHECK(memory_class(behind(0x0).read().attributes) == MemoryClass::NormalNC);  // Device reads as NC
  r.hcr |= bit(2);
  CHECK(behind(0x0).next() == TableWalk::Next::Fault);
  CHECK(behind(0x0).fault().type == Type::Permission);
  CHECK(behind(0x0).fault().s1ptw);
  CHECK(behind(0x5).next() == TableWalk::Next::Read);
  r.hcr |= bit(32);
  CHECK(memory_class(first()) == MemoryClass::NormalNC);
  CHECK(memory_class(behind(0xf).read().attributes) == MemoryClass::NormalNC);
}

TEST_CASE("regimes by Exception level and of TLBI") {
  const u64 e2h = bit(34), tge = bit(27);
  CHECK(regime_of(0, 0) == Regime::EL10);
  CHECK(regime_of(1, e2h | tge) == Regime::EL10);
  CHECK(regime_of(0, tge) == Regime::EL10);
  CHECK(regime_of(0, e2h) == Regime::EL10);
  CHECK(regime_of(0, e2h | tge) == Regime::EL20);
  CHECK(regime_of(0, e2h | tge, false) == Regime::EL10);
  CHECK(regime_of(2, 0) == Regime::EL2);
  CHECK(regime_of(2, e2h) == Regime::EL20);
  CHECK(regime_of(*find_tlbi("vae1is"), 0) == Regime::EL10);
  CHECK(regime_of(*find_tlbi("vae1is"), e2h) == Regime::EL10);
  CHECK(regime_of(*find_tlbi("vae1is"), e2h | tge) == Regime::EL20);
  CHECK(regime_of(*find_tlbi("alle1"), e2h | tge) == Regime::EL10);
  CHECK(regime_of(*find_tlbi("ipas2e1"), e2h | tge) == Regime::EL10);
  CHECK(regime_of(*find_tlbi("vae2"), 0) == Regime::EL2);
  CHECK(regime_of(*find_tlbi("alle2"), e2h) == Regime::EL20);
  CHECK_FALSE(regime_of(*find_tlbi("alle3"), 0));
}
