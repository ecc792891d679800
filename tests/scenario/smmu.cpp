// SPDX-License-Identifier: Apache-2.0
// `smmu:`: what lies in memory and in registers for devices behind an SMMU.
#include "staleline/arm/smmu.h"

#include <catch2/catch.hpp>
#include <string>

#include "sample.h"

using namespace staleline::scenario;
using namespace staleline::scenario::test;
using namespace staleline;
namespace smmu = arm::smmu;

namespace {

const std::string kSmmu = R"(schema: 1
scenario: test/smmu
memory:
  buf:      { base: 0x4000_0000, size: 4 KiB }
  tables:   { base: 0x9000_0000, size: 64 KiB }
  s2:       { base: 0xa000_0000, size: 64 KiB }
  streams:  { base: 0xb000_0000, size: 4 KiB }
  contexts: { base: 0xb000_1000, size: 4 KiB }
  commands: { base: 0xb000_2000, size: 4 KiB }
  events:   { base: 0xb000_4000, size: 8 KiB }
mappings:
  kernel: { stage1: { buf: normal-wb } }
  first:
    tables: { at: tables, asid: 11 }
    stage1: { buf: { attr: normal-wb, va: 0x1000 } }
  second:
    mmu: off
    stage2: { tables: { at: s2, vmid: 12 }, fwb: on, buf: { attr: normal-wb, ipa: 0x2000 } }
  both:
    tables: { at: tables, asid: 13 }
    stage1: { buf: { attr: normal-wb, va: 0x3000 } }
    stage2: { tables: { at: s2, vmid: 14 }, buf: normal-wb, contexts: { attr: normal-wb, ipa: 0x7000 } }
smmu:
  iommu: { base: 0x0905_0000, coherent: off, stream_table: streams, contexts: contexts, command_queue: commands, event_queue: events }
agents:
  cpu: { core: 0, view: kernel }
  a: { device: non-coherent, smmu: iommu, stream: 3, view: first }
  b: { device: io-coherent, smmu: iommu, stream: 63, view: second }
  c: { device: non-coherent, smmu: iommu, stream: 4, view: both, substream: 2 }
  d: { device: non-coherent, smmu: iommu, stream: 7 }
program:
  cpu: |
    str w0, [iommu+0x98]
    .await iommu.sync
  a: |
    ldr x0, [buf]
  b: |
    ldr x0, [buf]
  c: |
    ldr x0, [buf]
  d: |
    ldr x0, [buf]
variants: { silent: {} }
)";

const Init* at(const Scenario& s, const std::string& region, std::uint64_t offset) {
  for (const Init& i : s.init) {
    if (s.regions[i.region].name == region && i.offset == offset && i.bytes == 64) return &i;
  }
  return nullptr;
}

std::array<std::uint64_t, 8> words(const Init* init) {
  REQUIRE(init != nullptr);
  std::array<std::uint64_t, 8> out{};
  for (std::size_t i = 0; i < 64; ++i) out[i / 8] |= std::uint64_t{init->contents.at(i)} << (8 * (i % 8));
  return out;
}

std::uint64_t written(const Smmu& unit, smmu::Register r) {
  for (const auto& [offset, value] : unit.registers) {
    if (offset == static_cast<std::uint32_t>(r)) return value;
  }
  FAIL("not set");
  return 0;
}

}  // namespace

TEST_CASE("a stream table of two levels has tables for the parts that have devices") {
  for (const unsigned split : {6U, 8U, 10U}) {
    INFO(split);
    std::string text = edited(kSmmu, "stream_table: streams", "stream_table: streams, split: " + std::to_string(split));
    text =
        edited(text, "streams:  { base: 0xb000_0000, size: 4 KiB }", "streams:  { base: 0xc000_0000, size: 256 KiB }");
    text = edited(text, "stream: 63", "stream: 0x1234");
    const Scenario s = parsed(text).variant("silent");
    const std::uint64_t level2 = std::uint64_t{64} << split;
    const auto level1 = [&](std::uint64_t index) {
      for (const Init& i : s.init) {
        if (s.regions[i.region].name != "streams" || i.offset != index * 8 || i.bytes != 8) continue;
        std::uint64_t word = 0;
        for (std::size_t b = 0; b < 8; ++b) word |= std::uint64_t{i.contents.at(b)} << (8 * b);
        return smmu::decode_l1_stream_table_descriptor(word);
      }
      FAIL("no such descriptor");
      return smmu::L1StreamTableDescriptor{};
    };
    CHECK(written(s.smmus[0], smmu::Register::STRTAB_BASE_CFG) == (1U << 16 | split << 6 | 13));
    for (const std::uint32_t stream : {3U, 4U, 7U, 0x1234U}) {
      const auto d = level1(stream >> split);
      CHECK(d.span == split + 1);
      CHECK(d.l2_ptr.offset_in(level2) == 0);
      const std::uint64_t entry = (d.l2_ptr.value - 0xc000'0000) + (stream & ((1U << split) - 1)) * 64;
      CHECK(smmu::decode_ste(words(at(s, "streams", entry))).v);
    }
    const std::string small = edited(text, "size: 256 KiB", "size: 4 KiB");
    CHECK_THAT(errors_of(small), Catch::Contains("the two levels of its stream table need"));
  }
  CHECK_THAT(errors_of(edited(kSmmu, "stream_table: streams", "stream_table: streams, split: 7")),
             Catch::Contains("`7` is not a split"));
}

TEST_CASE("devices behind an SMMU have stream table entries and context descriptors of their views") {
  const Scenario s = parsed(kSmmu).variant("silent");
  const auto ste = [&](std::uint64_t stream) { return smmu::decode_ste(words(at(s, "streams", stream * 64))); };
  const auto cd = [&](std::uint64_t offset) { return smmu::decode_cd(words(at(s, "contexts", offset))); };

  const auto first = ste(3);
  CHECK(first.v);
  CHECK(first.config == smmu::SteConfig::Stage1);
  CHECK(first.s1_context_ptr.value == 0xb000'1000);
  CHECK(cd(0).asid == 11);
  CHECK(cd(0).v);
  CHECK(cd(0).ttb0.value == 0x9000'0000);
  CHECK(cd(0).t0sz == 16);
  CHECK(cd(0).epd1);
  CHECK((cd(0).mair & 0xff) == 0xff);

  const auto second = ste(63);
  CHECK(second.config == smmu::SteConfig::Stage2);
  CHECK(second.s2vmid == 12);
  CHECK(second.s2ttb.value == 0xa000'0000);
  CHECK(second.s2t0sz == 24);
  CHECK(second.s2sl0 == 1);
  CHECK(second.s2fwb);
  CHECK(second.s2aa64);

  const auto both = ste(4);
  CHECK(both.config == smmu::SteConfig::Nested);
  CHECK(both.s1cd_max == 2);
  CHECK(both.s1_context_ptr.value == 0x7100);  // as its stage 2 has it
  CHECK(cd(0x100 + 2 * 64).asid == 13);
  CHECK(both.s2vmid == 14);
  CHECK_FALSE(both.s2fwb);

  CHECK(ste(7).config == smmu::SteConfig::Bypass);
  CHECK(at(s, "streams", 0) == nullptr);

  // Devices use the addresses of their views.
  CHECK(s.agents[1].program.instructions.at(0).immediate == 0x1000);
  CHECK(s.agents[2].program.instructions.at(0).immediate == 0x2000);
  CHECK(s.agents[3].program.instructions.at(0).immediate == 0x3000);
  CHECK(s.agents[4].program.instructions.at(0).immediate == 0x4000'0000);
}

TEST_CASE("an SMMU is an agent, a region of registers, and edges") {
  const Scenario s = parsed(kSmmu).variant("silent");
  REQUIRE(s.smmus.size() == 1);
  const Smmu& unit = s.smmus[0];
  CHECK_FALSE(unit.coherent);
  CHECK(s.agents.at(unit.agent.value).name == "iommu");
  CHECK(s.agents.at(unit.agent.value).kind == Agent::Kind::Smmu);
  CHECK(s.regions.at(unit.region).base.value == 0x0905'0000);
  CHECK(s.regions.at(unit.region).kind == Region::Kind::Device);
  CHECK(s.agents[0].program.instructions.at(0).immediate == 0x0905'0098);
  CHECK(s.agents[0].program.directives.at(0).edge == unit.sync);
  CHECK(s.edges.at(unit.doorbell.value).name == "doorbell iommu");
  CHECK(s.edges.at(unit.record.value).name == "iommu.record");
  CHECK(written(unit, smmu::Register::STRTAB_BASE) == 0xb000'0000);
  CHECK(written(unit, smmu::Register::STRTAB_BASE_CFG) == 6);
  CHECK(written(unit, smmu::Register::CMDQ_BASE) == (0xb000'2000 | 8));
  CHECK(written(unit, smmu::Register::EVENTQ_BASE) == (0xb000'4000 | 8));
  CHECK(written(unit, smmu::Register::CR0) == 0b1101);
  CHECK(unit.registers.back().first == static_cast<std::uint32_t>(smmu::Register::CR0));
  CHECK(parsed(edited(kSmmu, "coherent: off", "enabled: off")).variant("silent").smmus[0].registers.empty());
  for (const View& view : s.views) {
    INFO(view.name);
    bool mapped = false;
    for (const Mapping& m : view.mappings) {
      if (m.region != unit.region) continue;
      mapped = true;
      CHECK(arm::memory_class(m.stage1) <= arm::MemoryClass::DevicenGnRE);
    }
    CHECK(mapped);
  }
}

TEST_CASE("a guest with tables for stage 2 can be awaited when it aborts") {
  const std::string text =
      edited(edited(kSmmu, "core: 0, view: kernel }", "core: 0, view: kernel }\n  vcpu: { core: 1, view: both }"),
             ".await iommu.sync", ".await vcpu.abort\n  vcpu: |\n    nop");
  const Scenario s = parsed(text).variant("silent");
  REQUIRE(s.agents[1].abort);
  CHECK_FALSE(s.agents[0].abort);
  CHECK(s.agents[0].program.directives.at(0).edge == *s.agents[1].abort);
  CHECK(s.edges.at(s.agents[1].abort->value).from.value == 1);
}

TEST_CASE("registers of an SMMU have addresses by name") {
  const auto address = [](const std::string& name) {
    const Scenario s = parsed(edited(kSmmu, "str w0, [iommu+0x98]", "adr x0, iommu." + name)).variant("silent");
    return s.agents[0].program.instructions.at(0).immediate;
  };
  for (const auto& row : smmu::registers()) {
    CAPTURE(row.name);
    const auto at = static_cast<decltype(address(""))>(0x0905'0000 + static_cast<std::uint32_t>(row.offset));
    CHECK(address(std::string(row.name)) == at);
    CHECK(address("SMMU_" + std::string(row.name)) == at);
  }
}

TEST_CASE("what is wrong with an SMMU or a device behind it is said") {
  struct Case {
    const char *from, *to, *said;
  };
  const Case cases[] = {
      {"0x0905_0000", "0x0905_1000", "the registers of an SMMU begin at a multiple of 64 KiB"},
      {"base: 0x0905_0000, ", "", "SMMU `iommu` needs the key `base`"},
      {"0x0905_0000", "0x4000_0000", "region `iommu` overlaps `buf`"},
      {"coherent: off", "coherant: off", "unknown key `coherant` of an SMMU; did you mean `coherent`?"},
      {"smmu: iommu, stream: 3", "smmu: immou, stream: 3", "`immou` is not the name of an SMMU; expected `iommu`"},
      {"stream: 3, ", "", "a device behind an SMMU needs a `stream`: its StreamID"},
      {"stream: 63", "stream: 64", "StreamID 64 goes past the end of stream table `streams`, which has 64 entries"},
      {"view: first }", "view: kernel }", "view `kernel` is declared: an SMMU translates with tables"},
      {"smmu: iommu, stream: 7", "stream: 7", "`stream` needs an `smmu` before the device"},
      {"contexts: contexts, ", "", "SMMU `iommu` needs `contexts`"},
      {"stream_table: streams, ", "", "SMMU `iommu` needs a `stream_table`"},
      {"contexts: { attr: normal-wb, ipa: 0x7000 }", "s2: normal-wb",
       "stage 2 of view `both` must map region `contexts`"},
      {"0xb000_0000, size: 4 KiB", "0xb000_0100, size: 3 KiB",
       "region `streams` must begin at a multiple of its size, 0x800"},
      {"[iommu+0x98]", "[iommu.CMDQ_PRD]", "region `iommu` has no register `CMDQ_PRD`; did you mean `CMDQ_PROD`?"},
      {"[iommu+0x98]", "[buf.CMDQ_PROD]", "region `buf` has no register `CMDQ_PROD`"},
      {"[iommu+0x98]", "[iommu.]", "expected the name of a register"},
      {"iommu.sync", "iommu", "say what of `iommu` is awaited"},
      {"iommu.sync", "iommu.synk", "`iommu` has no edge `synk`; did you mean `sync`?"},
      {"stream: 7", "stream: 3", "several devices have StreamID 3"},
      {"  a: { device", "  iommu: { core: 0, view: kernel }\n  a: { device", "agent `iommu` has no program"},
      {"view: first }", "view: first, core: 0 }", "`core` does not go with `device`"},
      {"core: 0, view: kernel", "core: 0, view: kernel, stream: 1", "`stream` belongs to a `device`"},
      {"silent: {}", "silent: { smmu: { iommu: { base: 0 } } }", "a variant cannot move the registers of SMMU `iommu`"},
      {"silent: {}", "silent: { smmu: { other: { base: 0 } } }", "a variant cannot add an SMMU: `other`"},
  };
  for (const Case& c : cases) {
    INFO("`" << c.from << "` becomes `" << c.to << "`");
    CHECK_THAT(errors_of(edited(kSmmu, c.from, c.to)), Catch::Contains(c.said));
  }
}
