// SPDX-License-Identifier: Apache-2.0
// Views with tables: what the loader writes into memory translates as the view says, by the walker of the arm room.
#include <catch2/catch.hpp>
#include <map>
#include <string>
#include <vector>

#include "sample.h"
#include "staleline/arm/attribute_names.h"
#include "staleline/arm/walk.h"

using namespace staleline::scenario;
using namespace staleline::scenario::test;
using namespace staleline;
using arm::SystemRegister;

namespace {

/// `MEMORY`, `VIEW` and `PROGRAM` filled in.
std::string with(const std::string& memory, const std::string& view, const std::string& program = "nop") {
  return "schema: 1\nscenario: test/tables\nmemory:\n  tables: { base: 0x9000_0000, size: 2 MiB }\n" + memory +
         "mappings:\n  v:\n" + view + "agents: { cpu: { core: 0 } }\nprogram:\n  cpu: |\n    " + program +
         "\nvariants: { silent: {} }\n";
}

/// A scenario's memory, and walks through it with the registers of its first view.
class Walker {
 public:
  explicit Walker(const std::string& text) : document_(parsed(text)), scenario_(document_.variant("silent")) {
    for (const Init& init : scenario_.init) {
      const std::uint64_t base = scenario_.regions[init.region].base.value + init.offset;
      REQUIRE(init.contents.size() == init.bytes);
      REQUIRE(init.offset + init.bytes <= scenario_.regions[init.region].bytes);
      for (std::uint64_t i = 0; i < init.bytes; ++i) bytes_[base + i] = init.contents[i];
    }
    const View& view = scenario_.views[0];
    REQUIRE(view.tables);
    for (const auto& [r, value] : view.registers) set(r, value);
  }

  struct Answer {
    std::optional<arm::TranslationResult> result;
    std::optional<arm::TranslationFault> fault;
    std::vector<arm::DescriptorRead> reads;
  };
  Answer walk(std::uint64_t va, arm::AccessRequest request = {}) const {
    Answer answer;
    const auto regime = arm::regime_of(scenario_.views[0].el, registers.hcr);
    for (arm::TableWalk w(registers, regime, {va}, request);;) {
      switch (w.next()) {
        case arm::TableWalk::Next::Read:
          answer.reads.push_back(w.read());
          w.supply(descriptor(w.read().address.value));
          break;
        case arm::TableWalk::Next::Done:
          answer.result = w.result();
          return answer;
        case arm::TableWalk::Next::Fault:
          answer.fault = w.fault();
          return answer;
        default:
          FAIL("no hardware updates here");
      }
    }
  }
  std::uint64_t descriptor(std::uint64_t address) const {
    std::uint64_t value = 0;
    for (unsigned i = 0; i < 8; ++i) {
      const auto at = bytes_.find(address + i);
      REQUIRE(at != bytes_.end());
      value |= std::uint64_t{at->second} << (8 * i);
    }
    return value;
  }
  const Scenario& scenario() const { return scenario_; }
  arm::TranslationRegisters registers;

 private:
  void set(SystemRegister r, std::uint64_t value) {
    switch (r) {
      case SystemRegister::SCTLR_EL1:
      case SystemRegister::SCTLR_EL2:
        registers.sctlr = value;
        break;
      case SystemRegister::TCR_EL1:
      case SystemRegister::TCR_EL2:
        registers.tcr = value;
        break;
      case SystemRegister::TTBR0_EL1:
      case SystemRegister::TTBR0_EL2:
        registers.ttbr0 = value;
        break;
      case SystemRegister::TTBR1_EL1:
      case SystemRegister::TTBR1_EL2:
        registers.ttbr1 = value;
        break;
      case SystemRegister::MAIR_EL1:
      case SystemRegister::MAIR_EL2:
        registers.mair = value;
        break;
      case SystemRegister::HCR_EL2:
        registers.hcr = value;
        break;
      case SystemRegister::VTCR_EL2:
        registers.vtcr = value;
        break;
      case SystemRegister::VTTBR_EL2:
        registers.vttbr = value;
        break;
      default:
        FAIL("no such register belongs to a view");
    }
  }

  Document document_;
  const Scenario& scenario_;
  std::map<std::uint64_t, std::uint8_t> bytes_;
};

std::string name_of(const arm::MemoryAttributes& a) { return std::string(arm::spell(a)); }

}  // namespace

TEST_CASE("every granule, size of address space and block translates each byte of a region to its own address") {
  struct Case {
    const char* granule;
    std::vector<const char*> blocks;
    std::uint64_t page;
  };
  const Case cases[] = {
      {"4k", {"page", "auto", "2m"}, 4096}, {"16k", {"page", "auto", "32m"}, 16384}, {"64k", {"page", "auto"}, 65536}};
  for (const Case& c : cases) {
    for (const char* block : c.blocks) {
      for (const int bits : {25, 32, 36, 39, 42, 47, 48}) {
        if (std::string(block) == "32m" && bits < 32) continue;
        INFO(c.granule << " " << block << " " << bits);
        const std::string top = bits == 25 ? "0x80_0000" : "0x400_0000";
        const std::string high = "va: " + std::to_string(~std::uint64_t{0} - 0x3ff'ffff) + "";
        const bool small = bits == 25;
        const std::string tables = small ? "va: 0x1000_0000" : "";
        const Walker w(
            with("  ram: { base: 0x4000_0000, size: 6 MiB }\n  two: { base: 0x6000_0000, size: 100 }\n",
                 "    tables: { at: tables, granule: " + std::string(c.granule) + ", va_bits: " + std::to_string(bits) +
                     ", asid: 77 }\n    stage1:\n      ram: { attr: " + "normal-wb, va: " + (small ? "0" : top) +
                     ", block: " + block +
                     " }\n      two: { attr: normal-nc, va: 0xffff_ffff_fff0_0000 }\n"
                     "      tables: { attr: normal-wb, va: " +
                     (small ? "0x100_0000" : "0x1000_0000") + " }\n"));
        const std::uint64_t va = small ? 0 : 0x400'0000;
        for (std::uint64_t offset = 0; offset < 6 * 1024 * 1024; offset += 4096 * 37 + 8) {
          const auto a = w.walk(va + offset);
          REQUIRE(a.result);
          CHECK(a.result->pa.value == 0x4000'0000 + offset);
          CHECK(name_of(a.result->attributes) == "normal-wb");
          CHECK(a.result->asid == 77);
        }
        const auto two = w.walk(0xffff'ffff'fff0'0063);
        REQUIRE(two.result);
        CHECK(two.result->pa.value == 0x6000'0063);
        CHECK(name_of(two.result->attributes) == "normal-nc");
        CHECK(two.result->bytes == c.page);
        CHECK(w.walk(0xffff'ffff'fff0'0000 + c.page).fault);
        CHECK(w.walk(0xffff'ffff'fff0'0000 - 1).fault);
        for (const auto& read : two.reads) CHECK(name_of(read.attributes) == "normal-wb");
        CHECK(w.walk(small ? 0x100'0000 : 0x1000'0000).result->pa.value == 0x9000'0000);
      }
    }
  }
}

TEST_CASE("`auto` takes the largest blocks that fit, others what they say") {
  const auto level = [](const char* options, std::uint64_t va) {
    const Walker w(with("  ram: { base: 0x4000_0000, size: 1050 MiB }\n",
                        std::string("    tables: { at: tables }\n    stage1: { ram: { attr: normal-wb") + options +
                            " }, tables: { attr: normal-wb, va: 0x10_0000_0000 } }\n"));
    const auto a = w.walk(va);
    return a.result ? int{a.result->level1} : -2;
  };
  CHECK(level(", block: auto", 0x4000'0000) == 1);
  CHECK(level(", block: auto", 0x7fff'ffff) == 1);
  CHECK(level(", block: auto", 0x8000'0000) == 2);
  CHECK(level(", block: auto, va: 0x4020_0000", 0x4020'0000) == 2);
  CHECK(level(", block: 2m", 0x4000'0000) == 2);
  CHECK(level(", block: 1g", 0x8000'0000) == 1);
  CHECK_THAT(errors_of(with("  ram: { base: 0x4000_0000, size: 1050 MiB }\n",
                            "    tables: { at: tables }\n    stage1: { ram: normal-wb }\n")),
             Catch::Contains("s.yaml:8:19: error: the tables of view `v` get too large"));
}

TEST_CASE("options are bits of descriptors") {
  const auto leaf = [](const std::string& options) {
    const Walker w(with("  ram: { base: 0x4000_0000, size: 64 KiB }\n",
                        "    tables: { at: tables }\n    stage1: { ram: { attr: normal-wb, " + options + " } }\n"));
    const auto reads = w.walk(0x4000'0000).reads;
    REQUIRE(reads.size() == 4);
    return w.descriptor(reads.back().address.value);
  };
  const std::uint64_t plain = leaf("sh: ish");
  CHECK(plain == (0x4000'0000 | 3 << 8 | 1 << 10 | 3));
  CHECK(leaf("ap: ro") == (plain | 1 << 7));
  CHECK(leaf("user: on") == (plain | 1 << 6));
  CHECK(leaf("xn: on") == (plain | std::uint64_t{3} << 53));
  CHECK(leaf("ng: on") == (plain | 1 << 11));
  CHECK(leaf("contiguous: on") == (plain | std::uint64_t{1} << 52));
  CHECK(leaf("af: off") == (plain & ~std::uint64_t{1 << 10}));
  CHECK(leaf("sh: osh") == (plain ^ 1 << 8));
  CHECK(leaf("valid: off") == 0);
}

TEST_CASE("MAIR has the attributes in order of use, then common ones") {
  const Walker w(
      with("  a: { base: 0x4000_0000, size: 4 KiB }\n  b: { base: 0x4000_1000, size: 4 KiB }\n",
           "    tables: { at: tables }\n    stage1: { b: device-ngnre, a: normal-nc, tables: normal-wt }\n"));
  CHECK(w.registers.mair == 0x4f'08'0c'00'ff'04'44'bb);
  CHECK(name_of(w.walk(0x4000'0000).result->attributes) == "normal-nc");
  CHECK(name_of(w.walk(0x4000'1000).result->attributes) == "device-ngnre");
  CHECK(name_of(w.walk(0x9000'0000).result->attributes) == "normal-wt");
}

TEST_CASE("stage 2 moves regions, and stage 1 points to where they are for the guest") {
  for (const char* fwb : {"off", "on"}) {
    for (const char* granule : {"4k", "16k", "64k"}) {
      for (const int bits : {32, 36, 40, 43, 48}) {
        INFO(fwb << " " << granule << " " << bits);
        const Walker w(
            with("  ram: { base: 0x8_4000_0000, size: 2 MiB }\n  regs: { base: 0x2000_0000, size: 4 KiB }\n"
                 "  s2: { base: 0xa000_0000, size: 2 MiB }\n",
                 "    tables: { at: tables, granule: 16k, asid: 9 }\n"
                 "    stage1: { ram: { attr: normal-wb, va: 0xffff_0000_0000_0000 }, regs: normal-wb }\n"
                 "    stage2:\n      tables: { at: s2, vmid: 3, ipa_bits: " +
                     std::to_string(bits) + ", granule: " + granule + " }\n      fwb: " + fwb +
                     "\n      ram: { attr: normal-wb, ipa: 0x4000_0000, ap: ro }\n"
                     "      regs: device-ngnre\n"));
        const auto a = w.walk(0xffff'0000'0012'3456);
        REQUIRE(a.result);
        CHECK(a.result->ipa.value == 0x4012'3456);
        CHECK(a.result->pa.value == 0x8'4012'3456);
        CHECK(a.result->vmid == 3);
        CHECK(name_of(a.result->attributes) == "normal-wb");
        const auto regs = w.walk(0x2000'0000);
        REQUIRE(regs.result);
        CHECK(name_of(regs.result->attributes) == "device-ngnre");
        const auto write = w.walk(0xffff'0000'0000'0000, {arm::AccessRequest::Kind::Write});
        REQUIRE(write.fault);
        CHECK(write.fault->stage == 2);
        CHECK(write.fault->type == arm::TranslationFaultType::Permission);
        // The tables of stage 1 are mapped for the guest, those of stage 2 are not.
        CHECK(w.walk(0x9000'0000, {arm::AccessRequest::Kind::Write}).result);
        CHECK(w.walk(0xa000'0000).fault);
      }
    }
  }
}

TEST_CASE("a region that has the name of a key of stage 2 is mapped as `name[..]`") {
  const auto text = [](const std::string& stage2) {
    return with("  fwb: { base: 0x9100_0000, size: 4 KiB }\n  s2: { base: 0xa000_0000, size: 64 KiB }\n",
                "    tables: { at: tables }\n    stage1: { fwb: normal-wb }\n    stage2: " + stage2 + "\n");
  };
  const Walker w(text("{ tables: { at: s2 }, fwb: on, \"tables[..]\": normal-wb, \"fwb[..]\": normal-nc }"));
  CHECK(w.walk(0x9000'0000).result);
  CHECK(name_of(w.walk(0x9100'0000).result->attributes) == "normal-nc");
  CHECK_THAT(errors_of(text("{ tables: { at: s2 }, s2: normal-wb, \"s2[..]\": normal-wb }")),
             Catch::Contains("region `s2` is mapped twice in this stage"));
}

TEST_CASE("a guest whose maintenance and barriers are forced to reach all PEs") {
  for (const char* fb : {"off", "on"}) {
    const Walker w(with("  ram: { base: 0x4000_0000, size: 4 KiB }\n  s2: { base: 0xa000_0000, size: 64 KiB }\n",
                        std::string("    tables: { at: tables }\n    stage1: { ram: normal-wb }\n"
                                    "    stage2: { tables: { at: s2 }, ram: normal-wb, fb: ") +
                            fb + " }\n"));
    INFO(fb);
    CHECK((w.registers.hcr >> 9 & 7) == (fb == std::string("on") ? 0b011 : 0));  // BSU, FB
  }
}

TEST_CASE("a guest whose MMU is off has stage 2 alone, and names lie where that has them") {
  const Walker w(with("  ram: { base: 0x8_4000_0000, size: 4 KiB }\n",
                      "    mmu: off\n    stage2: { tables: { at: tables }, ram: { attr: normal-wb, ipa: 0x1000 } }\n",
                      "ldr x0, [ram]"));
  const auto a = w.walk(0x1008);
  REQUIRE(a.result);
  CHECK(a.result->pa.value == 0x8'4000'0008);
  CHECK(w.scenario().agents[0].program.instructions.at(0).immediate == 0x1000);
}

TEST_CASE("EL2 has one half, EL2&0 two") {
  const std::string memory = "  ram: { base: 0x4000_0000, size: 4 KiB }\n";
  const Walker plain(
      with(memory, "    el: 2\n    tables: { at: tables }\n    stage1: { ram: { attr: normal-wb, xn: on } }\n"));
  const auto a = plain.walk(0x4000'0000);
  REQUIRE(a.result);
  CHECK_FALSE(a.result->permissions1.privileged_execute);
  CHECK(plain.scenario().agents[0].el == 2);
  CHECK_THAT(errors_of(with(memory,
                            "    el: 2\n    tables: { at: tables }\n"
                            "    stage1: { ram: { attr: normal-wb, va: 0xffff_0000_0000_0000 } }\n")),
             Catch::Contains("does not fit the 48 bits"));
  const Walker host(with(memory,
                         "    el: 2\n    e2h: on\n    tables: { at: tables, asid: 6 }\n"
                         "    stage1: { ram: { attr: normal-wb, va: 0xffff_0000_0000_0000 } }\n"));
  CHECK(host.walk(0xffff'0000'0000'0000).result->pa.value == 0x4000'0000);
  CHECK(host.walk(0x9000'0000).result->asid == 6);
}

TEST_CASE("what cannot be mapped is said") {
  const std::string memory =
      "  ram: { base: 0x4000_0000, size: 8 KiB }\n  buf: { at: ram+0x800, size: 256 }\n"
      "  other: { base: 0x5000_0800, size: 256 }\n  next: { base: 0x5000_0900, size: 256 }\n";
  struct Case {
    const char *view, *said;
  };
  const Case cases[] = {
      {"stage1: { ram: normal-wb, buf: normal-nc }\n",
       "12:36: error: in view `v` region `buf` shares a page of 4 KiB with the rest of `ram`, which is mapped "
       "differently"},
      {"stage1: { next: normal-nc, other: normal-wb }\n",
       "12:21: error: in view `v` region `next` shares a page of 4 KiB with `other`, which is mapped differently"},
      {"stage1: { ram: { attr: normal-wb, block: 32m } }\n",
       "12:20: error: the granule 4k has no such block for region `ram`; expected `page`, `auto`, `2m` or `1g`"},
      {"stage1: { ram: { attr: normal-wb, block: 3m } }\n",
       "12:46: error: `3m` is not a size of a block; did you mean `2m`?"},
      {"stage1: { ram: { attr: normal-wb, contiguous: on } }\n",
       "12:20: error: `contiguous` joins 16 descriptors: region `ram` must begin and end at multiples of 64 KiB"},
      {"stage1: { ram: { attr: normal-wb, va: 0x1_0000_0000_0000 } }\n",
       "12:43: error: region `ram` at virtual address 0x1000000000000 does not fit the 48 bits that the tables of view "
       "`v` translate"},
      {"stage1: { ram: { attr: normal-wb, va: 0x800 } }\n",
       "12:43: error: region `ram` at virtual address 0x800, physical 0x40000000: both must have the same offset in "
       "their page of 4 KiB"},
      {"stage1: { ram: { attr: normal-wb, va: 0x1000, block: 2m } }\n",
       "12:43: error: region `ram` at virtual address 0x1000, physical 0x40000000: both must have the same offset in "
       "their block of 2 MiB"},
      {"stage2: { ram: normal-wb }\n",
       "12:13: error: in a view with `tables` stage 2 needs its own: `stage2: { tables: { at: REGION }, ... }`"},
      {"walk: device-ngnre\n",
       "12:11: error: walks through `tables` are of Normal memory; expected attributes such as "
       "`normal-wb`"},
      {"stage2: { tables: { at: tables, ipa_bits: 32 }, ram: { attr: normal-wb, ipa: 0x1_0000_0000 } }\n",
       "12:82: error: region `ram` at intermediate physical address 0x100000000 does not fit the 32 bits that stage 2 "
       "of view `v` translates; see `ipa_bits`"},
      {"stage2: { tables: { at: tables }, fwb: on, ram: normal-wt }\n",
       "12:53: error: with `fwb` stage 2 cannot say `normal-wt` for region `ram`; expected a Device type, `normal-nc` "
       "or "
       "`normal-wb`"},
  };
  for (const Case& c : cases) {
    INFO(c.view);
    const std::string said = errors_of(with(memory, std::string("    tables: { at: tables }\n    ") + c.view));
    CHECK_THAT(said, Catch::StartsWith(std::string("s.yaml:") + c.said));
  }
  const auto one = [&](const std::string& view) { return errors_of(with(memory, view)); };
  CHECK(one("    stage1: { ram: { attr: normal-wb, ap: ro } }\n") ==
        "s.yaml:11:43: error: `ap` is a matter of descriptors: it needs `tables` in this view");
  CHECK(one("    tables: { at: other }\n    stage1: { ram: normal-wb }\n") ==
        "s.yaml:11:19: error: region `other` has 256 bytes, but the tables of view `v` reach up to 0x5800 in it: it "
        "needs "
        "at least 22528 bytes");
  CHECK(one("    tables: { at: tables, va_bits: 20 }\n") ==
        "s.yaml:11:36: error: 20 bits are too few: at least 25, at most 48");
  CHECK(one("    stage2: { tables: { at: tables } }\n") ==
        "s.yaml:11:5: error: stage 2 of view `v` has tables: then stage 1 needs `tables: { at: REGION }`, or `mmu: "
        "off` and "
        "no `stage1`");
}

TEST_CASE("`tlbfill` is of pages that the view of `by` has in tables") {
  const std::string memory = "  ram: { base: 0x4000_0000, size: 8 KiB }\n";
  const std::string schedule = "schedule: [ { after: cpu, do: tlbfill, at: \"ram[4096..]\" } ]\n";
  const std::string tables =
      with(memory, "    tables: { at: tables }\n    stage1: { ram: { attr: normal-wb, va: 0 } }\n");
  const Scenario s = parsed(tables + schedule).variant("silent");
  REQUIRE(s.schedule.size() == 1);
  CHECK(s.schedule[0].what == Placed::What::TlbFill);
  CHECK(s.schedule[0].va.value == 0x1000);
  CHECK(s.schedule[0].bytes == 0x1000);
  CHECK(errors_of(with(memory, "    stage1: { ram: normal-wb }\n") + schedule) ==
        "s.yaml:14:31: error: view `v` of `cpu` has no `tables`: there is nothing to fill a TLB with");
  CHECK(errors_of(edited(tables + schedule, "ram[4096", "nowhere[4096")) ==
        "s.yaml:15:44: error: `nowhere` is not the name of a region; expected `tables` or `ram`");
}

TEST_CASE("programs name descriptors: where they are, and what they should be") {
  const std::string memory =
      "  ram: { base: 0x4000_0000, size: 8 KiB }\n  s2: { base: 0xa000_0000, size: 64 KiB }\n"
      "  other: { base: 0x5000_0000, size: 4 KiB }\n";
  const std::string view =
      "    tables: { at: tables, asid: 7 }\n"
      "    stage1: { ram: { attr: normal-nc, va: 0xffff_0000_0000_0000, ap: ro, ng: on }, tables: { attr: normal-wb, "
      "va: "
      "0x1000_0000 } }\n"
      "    stage2: { tables: { at: s2 }, ram: { attr: normal-wb, ipa: 0x10_0000 } }\n"
      "  host: { stage1: { tables: normal-wb, s2: { attr: normal-wb, va: 0x2000_0000 } } }\n";
  const auto file = [&](const std::string& program, const std::string& agent = "v") {
    return edited(with(memory, view, program), "core: 0", "core: 0, view: " + agent);
  };
  const auto value = [&](const std::string& program, const std::string& agent = "v") {
    return parsed(file(program, agent)).variant("silent").agents[0].program.instructions.at(0).immediate;
  };
  const Walker w(file("nop"));
  const auto reads = w.walk(0xffff'0000'0000'1000).reads;
  std::vector<arm::DescriptorRead> stage1;
  for (const auto& r : reads) {
    if (r.stage == 1) stage1.push_back(r);
  }
  REQUIRE(stage1.size() == 4);
  const std::uint64_t offset = 0x9000'0000 - 0x1000'0000;
  CHECK(static_cast<std::uint64_t>(value("ldr x0, [pte(ram+4096)]")) == stage1[3].address.value - offset);
  for (int level = 0; level < 4; ++level) {
    CHECK(static_cast<std::uint64_t>(value("ldr x0, [pte(ram+4096, " + std::to_string(level) + ")]")) ==
          stage1[static_cast<std::size_t>(level)].address.value - offset);
  }
  CHECK(static_cast<std::uint64_t>(value("ldr x0, [pte(v:ram+4096)]", "host")) == stage1[3].address.value);
  CHECK(static_cast<std::uint64_t>(value("ldr x0, [s2pte(v:ram+4096)]", "host")) ==
        reads.back().address.value - 0xa000'0000 + 0x2000'0000);
  // What `desc` gives is what the loader wrote.
  CHECK(static_cast<std::uint64_t>(value("ldr x0, =desc(ram+4096)")) == w.descriptor(stage1[3].address.value));
  CHECK(static_cast<std::uint64_t>(value("ldr x0, =s2desc(v:ram+4096)", "host")) ==
        w.descriptor(reads.back().address.value));
  const std::uint64_t plain = w.descriptor(stage1[3].address.value);
  CHECK(static_cast<std::uint64_t>(value("ldr x0, =desc(ram+4096, rw)")) == (plain & ~std::uint64_t{1 << 7}));
  CHECK(static_cast<std::uint64_t>(value("ldr x0, =desc(ram+4096, invalid)")) == (plain & ~std::uint64_t{1}));
  CHECK(static_cast<std::uint64_t>(value("ldr x0, =desc(other, normal-wb)")) == 0x5000'0703);

  CHECK_THAT(errors_of(file("ldr x0, [pte(other)]")), Catch::Contains("view `v` does not map region `other`"));
  CHECK_THAT(errors_of(file("ldr x0, =desc(other)")),
             Catch::Contains("does not map region `other`: say which attributes"));
  CHECK_THAT(
      errors_of(file("ldr x0, [pte(ram, -1)]")),
      Catch::Contains("no descriptor of level -1 is on the way to `ram` in view `v`: its walk begins at level 0 and "
                      "ends at level 3"));
  CHECK_THAT(errors_of(file("ldr x0, [pte(tables)]", "host")),
             Catch::Contains("stage 1 of view `host` is declared and has no descriptors; give the view `tables: { at: "
                             "REGION }`"));
  CHECK_THAT(errors_of(file("ldr x0, [s2pte(ram)]")),
             Catch::Contains("the descriptor lies in region `s2`, which this agent's view does not map"));
  CHECK_THAT(errors_of(file("ldr x0, =desc(ram, normal-bw)")), Catch::Contains("did you mean `normal-wb`?"));
}
