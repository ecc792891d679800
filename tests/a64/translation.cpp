// SPDX-License-Identifier: Apache-2.0
// TLBI and AT, operands that name views, tables and descriptors.
#include "harness.h"

using namespace staleline;
using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

MemoryRequest request_of(const std::string& text, const Registers& registers = {}) {
  Registers after;
  const Step step = issue(program_of(text), 0, registers, after);
  CHECK(step.what == Step::What::Memory);
  return step.memory;
}

std::uint64_t operand_of(const std::string& text) { return request_of(text).data[0]; }

std::uint64_t loaded(const std::string& text) { return executed(text).x[0]; }

}  // namespace

TEST_CASE("every operation of tlbi takes a register, or nothing") {
  Registers r;
  r.x[7] = 0x1234'5678'9abc;
  for (const arm::Tlbi& t : arm::all_tlbis()) {
    if (arm::lowest_el(t) > 2) continue;
    const std::string text = "tlbi " + std::string(arm::name_of(t)) + (arm::takes_operand(t) ? ", x7" : "");
    INFO(text);
    const MemoryRequest request = request_of(text, r);
    CHECK(request.kind == MemoryRequest::Kind::Tlbi);
    CHECK(request.tlbi == t);
    CHECK(request.data[0] == (arm::takes_operand(t) ? r.x[7] : 0));
    CHECK(text_of(instruction_of(text)) == text);
  }
}

TEST_CASE("tlbi that names a view is of its VMID at EL2, and of the own one at EL1") {
  const auto named = [](const std::string& text, unsigned level) {
    TestSymbols symbols;
    symbols.level = level;
    const Assembled a = assemble(source_of(text), symbols);
    INFO(text);
    for (const Problem& p : a.problems) FAIL_CHECK(p.message);
    Registers r;
    return issue(a.program, 0, r, r).memory.data[1];
  };
  CHECK(named("tlbi ipas2e1is, vm:buf", 2) == (kNamesVmid | 3));
  CHECK(named("tlbi vae1is, vm:buf", 2) == (kNamesVmid | 3));
  CHECK(named("tlbi vae1is, buf", 2) == 0);
  CHECK(named("tlbi vae1is, vm:buf", 1) == 0);
  CHECK(named("tlbi vmalls12e1is, vm", 2) == (kNamesVmid | 3));
  CHECK(named("tlbi vmalle1, host", 2) == kNamesVmid);
  CHECK(named("tlbi vmalle1", 2) == 0);
  for (const char* text : {"tlbi alle1, vm", "tlbi alle2, vm", "tlbi vmalle1, nobody"})
    CHECK_FALSE(assemble(source_of(text), TestSymbols()).problems.empty());
  TestSymbols kernel;
  kernel.level = 1;
  CHECK_FALSE(assemble(source_of("tlbi vmalle1, vm"), kernel).problems.empty());
}

TEST_CASE("tlbi of a region computes the operand of the operation") {
  // The harness: ASID 1 of this agent and 5 of `vm`, IPAs from 0x1'0000'0000, pages of 64 KiB in stage 1 of `vm`.
  CHECK(operand_of("tlbi vae1is, buf") == (0x8'0000 | std::uint64_t{1} << 48));
  CHECK(operand_of("tlbi vale1, image+1023") == (0xff0'0004'0080 | std::uint64_t{1} << 48));
  CHECK(operand_of("tlbi vae1is, buf[8..16]") == operand_of("tlbi vae1is, buf"));
  CHECK(operand_of("tlbi vae1is, vm:buf+8") == (0x8'0000 | std::uint64_t{5} << 48));
  CHECK(operand_of("tlbi vaae1is, vm:buf") == 0x8'0000);
  CHECK(operand_of("tlbi aside1is, vm:buf") == std::uint64_t{5} << 48);
  CHECK(operand_of("tlbi ipas2e1is, vm:buf") == 0x18'0000);
  CHECK(operand_of("tlbi ipas2le1is, buf") == 0x18'0000);
  for (const char* view : {"", "vm:"}) {
    const std::uint64_t xt = operand_of("tlbi rvae1is, " + std::string(view) + "buf[64..]");
    const auto t = arm::find_tlbi("rvae1is");
    REQUIRE(t);
    const arm::TlbiOperand operand = arm::decode_operand(*t, xt);
    CHECK(operand.asid == (*view == 0 ? 1 : 5));
    CHECK(operand.first == 0x8000'0000);
    CHECK(operand.granule == (*view == 0 ? arm::Granule::K4 : arm::Granule::K64));
    CHECK(operand.bytes >= 256);
  }
}

TEST_CASE("an operation that invalidates one page does not take a region of several") {
  class Large final : public Symbols {
   public:
    [[nodiscard]] std::optional<Region> region(std::string_view) const override {
      return Region{0, {0x8000'0000}, 0x10'0000, nullptr, true};
    }
    [[nodiscard]] std::vector<std::string> region_names() const override { return {"large"}; }
    [[nodiscard]] const std::vector<std::uint8_t>* payload() const override { return nullptr; }
    [[nodiscard]] Resolved publish(std::string_view) const override { return Edge{}; }
    [[nodiscard]] Resolved await(std::string_view, std::string_view) const override { return Edge{}; }
    [[nodiscard]] Resolved handoff(std::string_view) const override { return Edge{}; }
    [[nodiscard]] Resolved doorbell(std::string_view) const override { return Edge{}; }
    [[nodiscard]] Resolved complete() const override { return Edge{}; }
    [[nodiscard]] bool device() const override { return false; }
  };
  const auto message = [](const std::string& text) {
    const Assembled a = assemble(source_of(text), Large());
    return a.problems.empty() ? std::string() : a.problems[0].message;
  };
  CHECK_THAT(message("tlbi vae1is, large"), Catch::Contains("spans several pages") && Catch::Contains("`rvae1is`"));
  CHECK(message("tlbi vae1is, large+4096").empty());
  CHECK(message("tlbi vae1is, large[4096..8192]").empty());
  CHECK_FALSE(message("tlbi vae1is, large[4095..4097]").empty());
  CHECK(message("tlbi rvae1is, large").empty());
  // A scenario without tables: the defaults of Symbols.
  CHECK_THAT(message("tlbi ipas2e1is, large"), Catch::Contains("no stage 2 tables"));
  CHECK_THAT(message("str x0, [pte(large)]"), Catch::Contains("no translation tables"));
  CHECK_THAT(message("str x0, [s2pte(large)]"), Catch::Contains("no stage 2 tables"));
  CHECK_THAT(message("ldr x0, =desc(large)"), Catch::Contains("no translation tables"));
  CHECK_THAT(message("tlbi vae1is, vm:large"), Catch::Contains("no view `vm`"));
  CHECK_THAT(message(".grant cpu, large"), Catch::Contains("no agent `cpu`"));
}

TEST_CASE("every operation of at, by register and by region") {
  Registers r;
  r.x[3] = 0x1234;
  for (const AddressTranslation& t : all_address_translations()) {
    const std::string name(name_of(t));
    INFO(name);
    CHECK(request_of("at " + name + ", x3", r).address.value == 0x1234);
    const MemoryRequest request = request_of("at " + name + ", [buf+8]");
    CHECK(request.kind == MemoryRequest::Kind::Translate);
    CHECK(request.translation == t);
    CHECK(request.address.value == 0x8000'0008);
    CHECK(name.starts_with("s12") == t.both_stages);
    CHECK((name.find('w') != std::string::npos) == t.write);
    CHECK(name.ends_with('p') == t.with_pan);
    CHECK((name.find("e" + std::to_string(t.el)) != std::string::npos));
  }
  CHECK(all_address_translations().size() == 12);
}

TEST_CASE("an agent at EL1 is refused what belongs to EL2") {
  TestSymbols symbols;
  symbols.level = 1;
  for (const char* text : {"msr hcr_el2, x0", "mrs x0, vttbr_el2", "tlbi vae2is, x0", "tlbi alle1", "tlbi ipas2e1, x0",
                           "at s1e2r, x0", "at s12e1r, x0"}) {
    INFO(text);
    const Assembled a = assemble(source_of(text), symbols);
    REQUIRE(a.problems.size() == 1);
    CHECK_THAT(a.problems[0].message, Catch::Contains("can be used at EL2 only"));
    CHECK(assemble(source_of(text), TestSymbols()).problems.empty());
  }
  for (const char* text : {"msr ttbr0_el1, x0", "tlbi vmalle1is", "at s1e1r, x0", "mrs x0, ctr_el0"})
    CHECK(assemble(source_of(text), symbols).problems.empty());
}

TEST_CASE("pte and s2pte are addresses wherever a region's is") {
  const std::uint64_t leaf = 0x7000'0000 + 0x10'0000 + 4 * 0x1'0000 + 0x1000;
  CHECK(loaded("adr x0, pte(buf)") == leaf);
  CHECK(loaded("ldr x0, =pte(buf+8)") == leaf);
  CHECK(loaded("ldr x0, =pte(buf, 3)") == leaf);
  CHECK(loaded("ldr x0, =pte(buf, -1)") == leaf - 4 * 0x1'0000);
  CHECK(loaded("ldr x0, = pte ( vm : buf + 8 , 2 )") == leaf + 0x100'0000 - 0x1'0000);
  CHECK(loaded("ldr x0, =s2pte(vm:buf)") == leaf + 0x100'0000 + 0x10'0000);
  CHECK(request_of("str x0, [pte(buf)]").address.value == leaf);
  CHECK(request_of("stlr x0, [PTE(buf)]").address.value == leaf);
  CHECK(request_of("cas x0, x1, [pte(buf)]").address.value == leaf);
  CHECK(request_of(".walk x0, [pte(buf)]").address.value == leaf);
  const MemoryRequest clean = request_of("dc cvac, pte(buf)");
  CHECK(clean.address.value == leaf);
  CHECK(clean.range_bytes == 0);
  CHECK(request_of("at s1e1r, pte(buf)").address.value == leaf);
}

TEST_CASE("desc is the value of a descriptor, with an attribute and flags") {
  TestSymbols symbols;
  const auto contents = [&](const std::string& text) {
    const Assembled a = assemble(source_of("ldr x0, =" + text), symbols);
    INFO(text);
    for (const Problem& p : a.problems) FAIL_CHECK(p.message);
    Registers r;
    static_cast<void>(issue(a.program, 0, r, r));
    CHECK(r.x[0] == symbols.contents.region.va.value + symbols.contents.offset + symbols.contents.stage);
    return symbols.contents;
  };
  const auto plain = contents("desc(buf+8)");
  CHECK(plain.offset == 8);
  CHECK(plain.stage == 1);
  CHECK(plain.view.empty());
  CHECK(plain.attribute.empty());
  CHECK_FALSE(plain.sh);
  CHECK_FALSE(plain.read_only);
  CHECK((plain.valid && plain.access_flag));
  CHECK_FALSE((plain.table || plain.block || plain.execute_never || plain.not_global || plain.contiguous ||
               plain.user || plain.dirty_bit_modifier));
  CHECK(contents("s2desc(vm:buf, normal-nc)").stage == 2);
  CHECK(contents("desc(vm:buf, normal-nc)").attribute == "normal-nc");
  CHECK(contents("desc(buf, Normal-WB/NC, ro)").attribute == "normal-wb/nc");
  CHECK(contents("desc(buf, ro, normal-nc)").read_only == true);
  CHECK(contents("desc(buf, rw)").read_only == false);
  CHECK(contents("desc(buf, xn)").execute_never);
  CHECK(contents("desc(buf, ng)").not_global);
  CHECK(contents("desc(buf, user)").user);
  CHECK(contents("desc(buf, block)").block);
  CHECK(contents("desc(buf, table)").table);
  CHECK(contents("desc(buf, contiguous)").contiguous);
  CHECK_FALSE(contents("desc(buf, no-af)").access_flag);
  CHECK_FALSE(contents("desc(buf, invalid)").valid);
  CHECK(contents("desc(buf, dbm)").dirty_bit_modifier);
  CHECK(contents("desc(buf, nsh)").sh == arm::Shareability::NonShareable);
  CHECK(contents("desc(buf, normal-nc, osh, ro, xn)").sh == arm::Shareability::OuterShareable);
}

TEST_CASE("regions may have the names of these operands") {
  class Named final : public Symbols {
   public:
    [[nodiscard]] std::optional<Region> region(std::string_view name) const override {
      if (name != "pte" && name != "desc") return std::nullopt;
      return Region{0, {0x8000'0000}, 64, nullptr, true};
    }
    [[nodiscard]] std::vector<std::string> region_names() const override { return {"pte", "desc"}; }
    [[nodiscard]] const std::vector<std::uint8_t>* payload() const override { return nullptr; }
    [[nodiscard]] Resolved publish(std::string_view) const override { return Edge{}; }
    [[nodiscard]] Resolved await(std::string_view, std::string_view) const override { return Edge{}; }
    [[nodiscard]] Resolved handoff(std::string_view) const override { return Edge{}; }
    [[nodiscard]] Resolved doorbell(std::string_view) const override { return Edge{}; }
    [[nodiscard]] Resolved complete() const override { return Edge{}; }
    [[nodiscard]] bool device() const override { return false; }
  };
  CHECK(
      assemble(source_of("ldr x0, [pte]\nldr x0, =desc+8\ndc cvac, pte[..]\n.fill desc, 0"), Named()).problems.empty());
}
