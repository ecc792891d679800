// SPDX-License-Identifier: Apache-2.0
// Commands of an SMMU as operands: every command and field, what it is for, and what is refused.
#include <catch2/catch.hpp>

#include "harness.h"
#include "staleline/arm/smmu_queues.h"

using namespace staleline;
using namespace staleline::a64;
using namespace staleline::a64::test;
namespace {

namespace smmu = arm::smmu;

smmu::CommandWords words_of(const std::string& command) {
  const Program p = program_of("ldp x1, x2, =" + command);
  REQUIRE(p.instructions.size() == 2);
  CHECK(p.instructions[0].line == p.instructions[1].line);
  const Registers r = executed("ldp x1, x2, =" + command);
  return {r.x[1], r.x[2]};
}

std::string message(const std::string& text) {
  const Assembled a = assembled(text);
  return a.problems.size() == 1 ? a.problems[0].message : "";
}

}  // namespace

TEST_CASE("every command has its opcode, and every field its place") {
  for (const smmu::Opcode o : smmu::all_opcodes()) {
    const std::string name = "CMD_" + std::string(smmu::name_of(o));
    INFO(name);
    const auto fields = smmu::command_fields(o);
    const bool for_something = std::any_of(fields.begin(), fields.end(), [](const smmu::Field& f) {
      const std::string_view n = f.name;
      return n == "StreamID" || n == "Address" || n == "ASID" || n == "VMID";
    });
    if (!for_something) CHECK(words_of(name + "()") == smmu::encode({.opcode = o}));
    for (const smmu::Field& f : smmu::command_fields(o)) {
      INFO(f.name);
      const std::uint64_t value = f.in_place ? f.mask() : f.mask() >> f.low % 64;
      smmu::CommandWords expected = smmu::encode({.opcode = o});
      smmu::put(expected, f, value);
      CHECK(words_of(name + "(" + std::string(f.name) + "=" + std::to_string(value) + ")") == expected);
    }
  }
  CHECK(words_of("cmd_cfgi_all()") == smmu::encode({.opcode = smmu::Opcode::CFGI_STE_RANGE, .range = smmu::kRangeAll}));
}

TEST_CASE("a command is for a device, a view, or an address in a view") {
  CHECK(words_of("CMD_CFGI_STE(nic, Leaf=1)") ==
        smmu::encode({.opcode = smmu::Opcode::CFGI_STE, .stream_id = 0x12, .leaf = true}));
  CHECK(words_of("CMD_CFGI_CD(gpu)") ==
        smmu::encode({.opcode = smmu::Opcode::CFGI_CD, .substream_id = 0x56, .stream_id = 0x34}));
  CHECK(words_of("CMD_TLBI_NH_VA(vm:buf)") ==
        smmu::encode({.opcode = smmu::Opcode::TLBI_NH_VA, .asid = 5, .vmid = 3, .address = 0x8000'0000}));
  CHECK(words_of("CMD_TLBI_S2_IPA(vm:image+1)") ==
        smmu::encode({.opcode = smmu::Opcode::TLBI_S2_IPA, .vmid = 3, .address = 0xffff'0001'4008'0000}));
  CHECK(words_of("CMD_TLBI_NH_ASID(vm)") == smmu::encode({.opcode = smmu::Opcode::TLBI_NH_ASID, .asid = 5, .vmid = 3}));
  CHECK(words_of("CMD_TLBI_S12_VMALL(vm)") == smmu::encode({.opcode = smmu::Opcode::TLBI_S12_VMALL, .vmid = 3}));
}

TEST_CASE("a label before a command names its first instruction, and branches pass both") {
  const Program p = program_of("b over\nhere: ldp x1, x2, =CMD_SYNC()\nover: nop\nb here");
  REQUIRE(p.instructions.size() == 5);
  CHECK(text_of(p.instructions[0]) == "b .+12");
  CHECK(text_of(p.instructions[4]) == "b .-12");
}

TEST_CASE("what is no command is refused once, with what is near") {
  struct Row {
    const char *text, *said;
  };
  for (const Row& row : {
           Row{"ldp x1, x2, =CMD_SNYC()", "did you mean `CMD_SYNC`"},
           Row{"ldp x1, x2, =CMD_SYNC(Leef=1)", "`CMD_SYNC` has no field `Leef`"},
           Row{"ldp x1, x2, =CMD_CFGI_STE(Leaf=2)", "does not fit `Leaf`"},
           Row{"ldp x1, x2, =CMD_CFGI_STE(nik)", "behind an SMMU; did you mean `nic`"},
           Row{"ldp x1, x2, =CMD_CFGI_STE()", "needs what it is for: a device"},
           Row{"ldp x1, x2, =CMD_TLBI_NH_VA()", "needs what it is for: an address in a view"},
           Row{"ldp x1, x2, =CMD_TLBI_NH_ASID()", "needs what it is for: a view"},
           Row{"ldp x1, x2, =CMD_SYNC(nic)", "takes fields only"},
           Row{"ldp x1, x2, =CMD_TLBI_NH_ASID(vn)", "no view `vn`"},
           Row{"ldp x1, x2, =CMD_TLBI_NH_VA(bfu)", "no region `bfu`"},
           Row{"ldp w1, w2, =CMD_SYNC()", "two 64-bit registers"},
           Row{"ldp q1, q2, =CMD_SYNC()", "two 64-bit registers"},
           Row{"ldp x1, x2, =buf", "a command of an SMMU"},
           Row{"ldr x1, =CMD_SYNC()", "two doublewords"},
       }) {
    INFO(row.text);
    CHECK_THAT(message(row.text), Catch::Contains(row.said));
  }
}
