// SPDX-License-Identifier: Apache-2.0
// The table of system registers, and MSR and MRS of each.
#include "staleline/arm/system_registers.h"

#include <set>

#include "harness.h"

using namespace staleline;
using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

std::string generic_name(arm::SystemEncoding e) {
  return "s" + std::to_string(e.op0()) + "_" + std::to_string(e.op1()) + "_c" + std::to_string(e.crn()) + "_c" +
         std::to_string(e.crm()) + "_" + std::to_string(e.op2());
}

unsigned level_of_name(std::string_view name) {
  if (name.ends_with("_EL0")) return 0;
  if (name.ends_with("_EL2")) return 2;
  return 1;
}

}  // namespace

TEST_CASE("every system register is found by its name, its encoding and its generic name, and by no other") {
  std::set<std::string> names;
  std::set<std::uint16_t> encodings;
  for (const arm::SystemRegisterInfo& r : arm::system_registers()) {
    INFO(r.name);
    CHECK(arm::info_of(r.id).name == r.name);
    CHECK(names.insert(std::string(r.name)).second);
    CHECK(encodings.insert(r.encoding.packed).second);
    CHECK(arm::system_register_named(r.name) == r.id);
    CHECK(arm::system_register_at(r.encoding) == r.id);
    CHECK(arm::system_register_named(generic_name(r.encoding)) == r.id);
    CHECK((r.encoding.op0() == 2 || r.encoding.op0() == 3));
  }
  CHECK(encodings.size() == arm::kSystemRegisters);
  for (const char* wrong : {"", "S", "sctlr_el", "sctlr_el11", "s3_0_c1_c0_", "s3_0_c1_c0_0_", "s3_8_c1_c0_0",
                            "s3_0_c16_c0_0", "s4_0_c1_c0_0", "s3_0_1_0_0", "s3_0_c99999999999_c0_0"})
    CHECK_FALSE(arm::system_register_named(wrong));
}

TEST_CASE("op1 of an encoding agrees with the lowest exception level of its name") {
  // DDI 0487 C5.2: op1 is 0 to 2 for EL1, 3 for EL0, 4 for EL2, 6 for EL3.
  for (const arm::SystemRegisterInfo& r : arm::system_registers()) {
    INFO(r.name);
    const unsigned op1 = r.encoding.op1();
    if (r.encoding.op0() == 2) continue;
    CHECK(r.lowest_el == (op1 == 3 ? 0U : (op1 == 4 ? 2U : (op1 == 6 ? 3U : 1U))));
    // CTR_EL0 and its like name the level that reads them; of banked stack pointers the level above does.
    const bool selects_another = r.name.starts_with("SP_") || r.name == "CSSELR_EL1";
    if (r.name.find("_EL") != std::string_view::npos && !selects_another) CHECK(level_of_name(r.name) == r.lowest_el);
  }
}

TEST_CASE("msr and mrs of every register, as its access allows") {
  for (const arm::SystemRegisterInfo& r : arm::system_registers()) {
    if (r.lowest_el > 2) continue;
    INFO(r.name);
    const Assembled write = assembled("msr " + std::string(r.name) + ", x3");
    const Assembled read = assembled("mrs x3, " + generic_name(r.encoding));
    CHECK(write.problems.empty() == (r.access != arm::RegisterAccess::ReadOnly));
    CHECK(read.problems.empty() == (r.access != arm::RegisterAccess::WriteOnly));
    if (write.problems.empty()) CHECK(write.program.instructions[0].system_register == r.id);
    if (read.problems.empty()) CHECK(read.program.instructions[0].system_register == r.id);
    if (!read.problems.empty()) continue;
    const Instruction& i = read.program.instructions[0];
    CHECK(instruction_of(text_of(i)) == i);
  }
}
