// SPDX-License-Identifier: Apache-2.0
// Operands of branches.
#include "instructions.h"

namespace staleline::a64::parse {

void branch(Line& line, Instruction& i) { i.immediate = line.label(); }

void branch_register(Line& line, Instruction& i) { i.rn = line.x_register().number; }

void return_(Line& line, Instruction& i) {
  i.rn = 30;
  if (line.peek().kind != Token::Kind::End) i.rn = line.x_register().number;
}

void compare_and_branch(Line& line, Instruction& i) {
  const Register rt = line.register_();
  i.rn = rt.number;
  i.is_64bit = rt.is_64bit;
  line.comma();
  i.immediate = line.label();
}

void test_and_branch(Line& line, Instruction& i) {
  const Register rt = line.register_();
  i.rn = rt.number;
  i.is_64bit = rt.is_64bit;
  line.comma();
  i.amount = static_cast<std::uint8_t>(line.immediate_in("the bit", 0, rt.is_64bit ? 63 : 31));
  line.comma();
  i.immediate = line.label();
}

}  // namespace staleline::a64::parse
