// SPDX-License-Identifier: Apache-2.0
// SMMUv3 formats: both ways over random contents, no two fields share a bit, and literal places of
// fields, so that the one description of a structure is held from outside.
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "staleline/arm/smmu.h"

using namespace staleline::arm;
using namespace staleline::arm::smmu;

namespace {

// Random bits where the structure has fields, zero elsewhere.
template <class Words>
Words random_words(std::span<const Field> fields, std::mt19937_64& random) {
  Words words{};
  for (const Field& f : fields) words[f.low / 64] |= random() & f.mask();
  return words;
}

void check_apart(std::span<const Field> fields, std::size_t words) {
  std::vector<std::uint64_t> taken(words);
  std::set<std::string_view> names;
  for (const Field& f : fields) {
    INFO(f.name);
    CHECK(names.insert(f.name).second);
    REQUIRE(f.low / 64U < words);
    CHECK(f.low % 64U + f.bits <= 64U);
    CHECK((taken[f.low / 64] & f.mask()) == 0);
    taken[f.low / 64] |= f.mask();
  }
}

}  // namespace

TEST_CASE("every structure decodes and encodes to the same words") {
  std::mt19937_64 random(1);
  for (int i = 0; i < 2000; ++i) {
    const auto ste = random_words<SteWords>(ste_fields(), random);
    CHECK(encode(decode_ste(ste)) == ste);
    const auto cd = random_words<CdWords>(cd_fields(), random);
    CHECK(encode(decode_cd(cd)) == cd);
    for (const Opcode o : all_opcodes()) {
      auto words = random_words<CommandWords>(command_fields(o), random);
      words[0] |= static_cast<std::uint64_t>(o);
      const auto command = decode_command(words);
      REQUIRE(command);
      CHECK(command->opcode == o);
      CHECK(encode(*command) == words);
    }
    for (const EventType t : all_event_types()) {
      auto words = random_words<EventWords>(event_fields(t), random);
      words[0] |= static_cast<std::uint64_t>(t);
      const auto record = decode_event(words);
      REQUIRE(record);
      CHECK(record->type == t);
      CHECK(encode(*record) == words);
    }
    const std::uint64_t l1 = random() & 0x000f'ffff'ffff'ffdf;
    CHECK(encode(decode_l1_stream_table_descriptor(l1)) == l1);
    const std::uint64_t l1cd = random() & 0x000f'ffff'ffff'f001;
    CHECK(encode(decode_l1_context_descriptor(l1cd)) == l1cd);
  }
}

TEST_CASE("fields of one structure share no bit and have one name each") {
  check_apart(ste_fields(), 8);
  check_apart(cd_fields(), 8);
  for (const Opcode o : all_opcodes()) check_apart(command_fields(o), 2);
  for (const EventType t : all_event_types()) check_apart(event_fields(t), 4);
  for (const RegisterRow& r : registers()) {
    INFO(r.name);
    check_apart(r.fields, 1);
    for (const Field& f : r.fields) CHECK(f.low + f.bits <= r.bytes * 8);
  }
}

TEST_CASE("5.2 STE fields lie where the specification has them") {
  Ste ste;
  ste.v = true;
  ste.config = SteConfig::Nested;
  ste.s1_context_ptr = {0x000f'edcb'a987'6540};
  ste.s1cd_max = 0x1f;
  CHECK(encode(ste)[0] == 0xf80f'edcb'a987'654f);
  ste = {};
  ste.s1dss = SteS1dss::Substream0;
  ste.s1cir = ste.s1cor = 1;
  ste.s1csh = 3;
  ste.strw = SteStrw::El2;
  ste.eats = 1;
  ste.shcfg = 3;
  ste.mtcfg = true;
  ste.mem_attr = 0xf;
  ste.alloccfg = 0xf;
  ste.privcfg = 3;
  ste.instcfg = 2;
  CHECK(encode(ste)[1] == (0x2 | 1 << 2 | 1 << 4 | 3 << 6 | 1ULL << 28 | 2ULL << 30 | 0x1fULL << 32 | 0xfULL << 37 |
                           3ULL << 44 | 3ULL << 48 | 2ULL << 50));
  ste = {};
  ste.s2vmid = 0xabcd;
  ste.s2t0sz = 24;
  ste.s2sl0 = 1;
  ste.s2ir0 = ste.s2or0 = 1;
  ste.s2sh0 = 3;
  ste.s2tg = 2;
  ste.s2ps = 5;
  ste.s2aa64 = ste.s2r = true;
  ste.s2ttb = {0x000f'ffff'ffff'fff0};
  CHECK(encode(ste)[2] == (0xabcdULL | 24ULL << 32 | 1ULL << 38 | 1ULL << 40 | 1ULL << 42 | 3ULL << 44 | 2ULL << 46 |
                           5ULL << 48 | 1ULL << 51 | 1ULL << 58));
  CHECK(encode(ste)[3] == 0x000f'ffff'ffff'fff0);
}

TEST_CASE("5.4 CD fields lie where the specification has them") {
  Cd cd;
  cd.t0sz = 16;
  cd.tg0 = 1;
  cd.ir0 = cd.or0 = 1;
  cd.sh0 = 3;
  cd.epd1 = cd.v = cd.aa64 = cd.a = cd.r = cd.aset = true;
  cd.ips = 5;
  cd.asid = 0x1234;
  cd.ttb0 = {0x4000'0000};
  cd.mair = 0xff44'0400;
  const auto words = encode(cd);
  CHECK(words[0] == (16ULL | 1ULL << 6 | 1ULL << 8 | 1ULL << 10 | 3ULL << 12 | 1ULL << 30 | 1ULL << 31 | 5ULL << 32 |
                     1ULL << 41 | 1ULL << 45 | 1ULL << 46 | 1ULL << 47 | 0x1234ULL << 48));
  CHECK(words[1] == 0x4000'0000);
  CHECK(words[3] == 0xff44'0400);
}

TEST_CASE("chapter 4: commands lie where the specification has them") {
  CHECK(encode(Command{.opcode = Opcode::CFGI_STE, .stream_id = 0x17, .leaf = true}) ==
        CommandWords{0x17'0000'0003, 1});
  CHECK(encode(Command{.opcode = Opcode::CFGI_STE_RANGE, .range = kRangeAll}) == CommandWords{4, 31});
  CHECK(encode(Command{.opcode = Opcode::TLBI_NH_VA, .leaf = true, .asid = 0x11, .vmid = 0x22, .address = 0x7000}) ==
        CommandWords{0x0011'0022'0000'0012, 0x7001});
  CHECK(encode(Command{.opcode = Opcode::TLBI_NH_VA, .num = 3, .scale = 2, .ttl = 3, .tg = 1}) ==
        CommandWords{0x12 | 3 << 12 | 2 << 20, 3 << 8 | 1 << 10});
  CHECK(encode(Command{.opcode = Opcode::SYNC, .cs = 2}) == CommandWords{0x2046, 0});
  CHECK_FALSE(decode_command({0x7f, 0}));
  CHECK(find_opcode("cmd_cfgi_ste") == Opcode::CFGI_STE);
  CHECK(find_opcode("TLBI_S12_VMALL") == Opcode::TLBI_S12_VMALL);
  CHECK_FALSE(find_opcode("CFGI"));
}

TEST_CASE("4.4 TLBI commands mean what the instructions do") {
  const auto name = [](Opcode o, bool leaf = false, std::uint8_t tg = 0) {
    const auto t = tlbi_of({.opcode = o, .leaf = leaf, .tg = tg});
    return t ? std::string(name_of(*t)) : std::string("none");
  };
  CHECK(name(Opcode::TLBI_NH_ALL) == "vmalle1is");
  CHECK(name(Opcode::TLBI_NH_ASID) == "aside1is");
  CHECK(name(Opcode::TLBI_NH_VA) == "vae1is");
  CHECK(name(Opcode::TLBI_NH_VA, true) == "vale1is");
  CHECK(name(Opcode::TLBI_NH_VAA, true, 1) == "rvaale1is");
  CHECK(name(Opcode::TLBI_EL2_ALL) == "alle2is");
  CHECK(name(Opcode::TLBI_EL2_VA) == "vae2is");
  CHECK(name(Opcode::TLBI_S12_VMALL) == "vmalls12e1is");
  CHECK(name(Opcode::TLBI_S2_IPA) == "ipas2e1is");
  CHECK(name(Opcode::TLBI_NSNH_ALL) == "alle1is");
  CHECK(name(Opcode::TLBI_EL3_ALL) == "none");
  CHECK(name(Opcode::CFGI_STE) == "none");
}

TEST_CASE("4.4.1 range invalidation covers (NUM + 1) * 2^SCALE granules") {
  auto o = tlbi_operand({.opcode = Opcode::TLBI_NH_VA, .asid = 5, .address = 0x12'3000});
  CHECK(o.first == 0x12'3000);
  CHECK(o.bytes == 0x1000);
  CHECK(o.asid == 5);
  CHECK_FALSE(o.granule);
  o = tlbi_operand({.opcode = Opcode::TLBI_NH_VA, .num = 3, .scale = 2, .ttl = 2, .tg = 3, .address = 0x12'3000});
  CHECK(o.first == 0x12'0000);
  CHECK(o.bytes == 16 * 0x1'0000);
  CHECK(o.granule == Granule::K64);
  CHECK(o.level == 2);
}

TEST_CASE("7.3 event records lie where the specification has them") {
  const EventRecord e{.type = EventType::F_TRANSLATION,
                      .stream_id = 9,
                      .rnw = true,
                      .s2 = true,
                      .cls = EventClass::Input,
                      .input_address = 0x1234,
                      .ipa = 0x5000};
  CHECK(encode(e) == EventWords{0x9'0000'0010, 1ULL << 35 | 1ULL << 39 | 2ULL << 40, 0x1234, 0x5000});
  const EventRecord fetch{.type = EventType::F_STE_FETCH, .stream_id = 1, .fetch_address = 0x8000'0040};
  CHECK(encode(fetch) == EventWords{0x1'0000'0003, 0, 0, 0x8000'0040});
  CHECK_FALSE(decode_event({0xee, 0, 0, 0}));
  CHECK(find_event_type("C_BAD_STE") == EventType::C_BAD_STE);
}

TEST_CASE("chapter 6: registers by offset and name") {
  REQUIRE(find_register("SMMU_CR0") != nullptr);
  CHECK(find_register("CR0")->offset == Register::CR0);
  CHECK(find_register("NOTHING") == nullptr);
  CHECK(find_register(0x88)->name == "STRTAB_BASE_CFG");
  CHECK(find_register(0x8c) == nullptr);
  std::uint64_t end = 0;
  for (const RegisterRow& r : registers()) {
    INFO(r.name);
    CHECK(static_cast<std::uint32_t>(r.offset) >= end);
    end = static_cast<std::uint32_t>(r.offset) + r.bytes;
  }
  CHECK(with(0, strtab_base_cfg::SPLIT, 8) == 8 << 6);
  CHECK(get(0x1'0000 | 8, strtab_base_cfg::FMT) == 1);
  CHECK(get(0x4000'0000'8000'0047, queue_base::ADDR) == 0x8000'0040);
}

TEST_CASE("3.5.1 a queue is empty, full, and wraps") {
  const QueueIndex q{2};
  CHECK(q.empty(0, 0));
  CHECK(q.full(4, 0));
  CHECK(q.full(1, 5));
  CHECK_FALSE(q.full(3, 0));
  CHECK_FALSE(q.empty(4, 0));
  CHECK(q.next(7) == 0);
  CHECK(q.next(3) == 4);
  CHECK(q.index(5) == 1);
}
