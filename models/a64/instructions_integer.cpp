// SPDX-License-Identifier: Apache-2.0
// Operands of moves, arithmetic, logic and conditional instructions.
#include <array>
#include <optional>

#include "instructions.h"
#include "quote.h"
#include "register_file.h"

namespace staleline::a64 {
namespace {

constexpr std::array<std::string_view, 4> kShifts = {"lsl", "lsr", "asr", "ror"};
constexpr std::array<std::string_view, 12> kModifiers = {"lsl",  "lsr",  "asr",  "ror",  "uxtb", "uxth",
                                                         "uxtw", "uxtx", "sxtb", "sxth", "sxtw", "sxtx"};

unsigned size_of(const Instruction& i) { return i.is_64bit ? 64 : 32; }

Register destination(Line& line, Instruction& i, Allow allowed = Allow::Zero) {
  const Register rd = line.register_(allowed);
  i.rd = rd.number;
  i.is_64bit = rd.is_64bit;
  return rd;
}

void first_source(Line& line, Instruction& i, const Register& like, Allow allowed = Allow::Zero) {
  line.comma();
  i.rn = line.register_like(like, allowed).number;
}

void second_source(Line& line, Instruction& i, const Register& like) {
  line.comma();
  i.rm = line.register_like(like).number;
}

/// Rm {, shift #amount}
void shifted_register(Line& line, Instruction& i, const Register& like, bool with_ror) {
  i.rm = line.register_like(like).number;
  i.operand = Operand::Shifted;
  if (!line.accept(",")) return;
  i.shift = static_cast<Shift>(line.choice("a shift", std::span(kShifts).first(with_ror ? 4 : 3)));
  i.amount = static_cast<std::uint8_t>(line.immediate_in("the shift", 0, size_of(i) - 1));
}

void no_stack_pointer(Line& line, const Register& r) {
  if (r.number == kStackPointer) line.fail(r.token, quoted(r.token.text) + " cannot be used in this form");
}

void no_zero_register(Line& line, const Register& r) {
  if (r.number == kZeroRegister) line.fail(r.token, quoted(r.token.text) + " cannot be used in this form");
}

/// #imm {, lsl #12}. Negative values turn ADD into SUB and back.
void add_sub_immediate(Line& line, Instruction& i) {
  const Immediate written = line.immediate();
  std::uint64_t magnitude = written.negative ? 0 - written.value : written.value;
  if (written.negative) i.opcode = i.opcode == Opcode::ADD ? Opcode::SUB : Opcode::ADD;
  bool fits = magnitude < 4096 || (magnitude % 4096 == 0 && magnitude / 4096 < 4096);
  if (line.accept(",")) {
    static constexpr std::array<std::string_view, 1> kLsl = {"lsl"};
    line.choice("a shift", kLsl);
    const Immediate amount = line.immediate();
    if (amount.value != 0 && amount.value != 12) line.fail(amount.token, "the shift of this immediate is 0 or 12");
    fits = magnitude < 4096;
    magnitude <<= amount.value;
  }
  if (!fits) {
    line.fail(
        written.token,
        "the immediate cannot be encoded: 0 to 4095, or a multiple of 4096 up to 0xfff000; move it to a register");
  }
  i.immediate = magnitude;
}

/// The second operand of ADD, SUB, CMP, CMN: immediate, shifted or extended register.
void add_sub_operand(Line& line, Instruction& i, const Register& rn, const std::optional<Register>& rd) {
  if (line.at_immediate()) {
    if (rd && i.sets_flags) no_stack_pointer(line, *rd);
    if (rd && !i.sets_flags) no_zero_register(line, *rd);
    no_zero_register(line, rn);
    add_sub_immediate(line, i);
    return;
  }
  const Register rm = line.register_();
  const bool with_stack_pointer = rn.number == kStackPointer || (rd && rd->number == kStackPointer);
  i.rm = rm.number;
  std::size_t modifier = 0;
  Token modifier_token = line.peek();
  const bool modified = line.accept(",");
  if (modified) {
    modifier_token = line.peek();
    modifier = line.choice("a shift or an extension", kModifiers);
    if (modifier == 3)
      line.fail(modifier_token, "`ror` is for logical instructions; expected lsl, lsr, asr or an extension");
  }
  if (modifier < 4 && !with_stack_pointer) {
    if (rm.is_64bit != rn.is_64bit) {
      line.fail(rm.token, quoted(rm.token.text) + " and " + quoted(rn.token.text) +
                              " differ in width; write both alike, or extend: `, uxtw` or `, sxtw`");
    }
    i.operand = Operand::Shifted;
    i.shift = static_cast<Shift>(modifier);
    if (modified) i.amount = static_cast<std::uint8_t>(line.immediate_in("the shift", 0, size_of(i) - 1));
    return;
  }
  if (modifier > 0 && modifier < 4) line.fail(modifier_token, "with sp, only `lsl` or an extension can be used");
  if (rd && i.sets_flags) no_stack_pointer(line, *rd);
  if (rd && !i.sets_flags) no_zero_register(line, *rd);
  no_zero_register(line, rn);
  i.operand = Operand::Extended;
  i.extend = modifier >= 4 ? static_cast<Extend>(modifier - 4) : (i.is_64bit ? Extend::UXTX : Extend::UXTW);
  const bool takes_x = i.is_64bit && (i.extend == Extend::UXTX || i.extend == Extend::SXTX);
  if (rm.is_64bit != takes_x) {
    line.fail(rm.token, "this extension takes " + std::string(takes_x ? "an X" : "a W") + " register, found " +
                            quoted(rm.token.text));
  }
  if (line.at_immediate()) {
    i.amount = static_cast<std::uint8_t>(line.immediate_in("the shift", 0, 4));
  } else if (modified && modifier == 0) {
    line.fail_expected("the shift, 0 to 4");
  }
}

/// An immediate of a register's width: 64 bits, or -2^31 to 2^32 - 1 for W.
std::uint64_t immediate_of_width(Line& line, const Instruction& i) {
  const Immediate written = line.immediate();
  if (!i.is_64bit && !written.within(-0x8000'0000LL, 0xffff'ffffLL))
    line.fail(written.token, "the immediate does not fit in a 32-bit register");
  return truncated(written.value, i.is_64bit);
}

void bitmask_immediate(Line& line, Instruction& i) {
  const Token token = line.peek();
  i.immediate = immediate_of_width(line, i);
  i.operand = Operand::Immediate;
  if (!is_bitmask_immediate(i.immediate, i.is_64bit)) {
    line.fail(token, "the value is no bitmask immediate (a repeated, rotated run of ones); move it to a register");
  }
}

Condition inverted(Condition c) { return static_cast<Condition>(static_cast<unsigned>(c) ^ 1U); }

/// A condition that has an inverse: not al, not nv.
Condition plain_condition(Line& line) {
  const Token token = line.peek();
  const Condition c = line.condition();
  if (c >= Condition::AL) line.fail(token, quoted(token.text) + " has no inverse, so it cannot be used here");
  return c;
}

}  // namespace

std::uint64_t symbol_value(Line& line) {
  const Token& token = line.peek();
  if (token.kind == Token::Kind::Word && !line.symbols().region(token.text)) {
    const auto label = line.labels().find(token.text);
    if (label != line.labels().end()) {
      line.take();
      return line.program().code.value + 4 * std::uint64_t{label->second};
    }
  }
  return line.region_address(0);
}

namespace parse {

void no_operands(Line&, Instruction&) {}

void move(Line& line, Instruction& i) {
  const Register rd = destination(line, i, Allow::Either);
  line.comma();
  if (line.at_immediate()) {
    i.opcode = Opcode::MOV;
    i.immediate = immediate_of_width(line, i);
    no_stack_pointer(line, rd);
    return;
  }
  if (!line.at_register() && line.peek().kind != Token::Kind::Word) line.fail_expected("a register or an immediate");
  const Register rm = line.register_like(rd, Allow::Either);
  if (rd.number == kStackPointer || rm.number == kStackPointer) {
    no_zero_register(line, rd);
    no_zero_register(line, rm);
    i.opcode = Opcode::ADD;
    i.rn = rm.number;
    return;
  }
  i.opcode = Opcode::ORR;
  i.operand = Operand::Shifted;
  i.rm = rm.number;
}

void move_wide(Line& line, Instruction& i) {
  destination(line, i);
  line.comma();
  i.immediate = line.immediate_in("the immediate", 0, 0xffff);
  unsigned amount = 0;
  if (line.accept(",")) {
    static constexpr std::array<std::string_view, 1> kLsl = {"lsl"};
    line.choice("a shift", kLsl);
    const Immediate written = line.immediate();
    if (written.value % 16 != 0 || !written.within(0, size_of(i) - 16))
      line.fail(written.token, i.is_64bit ? "the shift is 0, 16, 32 or 48" : "the shift is 0 or 16");
    amount = static_cast<unsigned>(written.value);
  }
  if (i.opcode == Opcode::MOVK) {
    i.amount = static_cast<std::uint8_t>(amount);
    return;
  }
  i.immediate <<= amount;
  if (i.inverts) i.immediate = ~i.immediate;  // MOVN
  i.immediate = truncated(i.immediate, i.is_64bit);
  i.inverts = false;
}

void add_sub(Line& line, Instruction& i) {
  const Register rd = destination(line, i, Allow::Either);
  line.comma();
  const Register rn = line.register_like(rd, Allow::Either);
  i.rn = rn.number;
  if (i.sets_flags) no_stack_pointer(line, rd);
  line.comma();
  add_sub_operand(line, i, rn, rd);
}

void compare(Line& line, Instruction& i) {
  const Register rn = line.register_(Allow::Either);
  i.rn = rn.number;
  i.is_64bit = rn.is_64bit;
  line.comma();
  add_sub_operand(line, i, rn, std::nullopt);
}

void negate(Line& line, Instruction& i) {
  const Register rd = destination(line, i);
  line.comma();
  shifted_register(line, i, rd, i.opcode == Opcode::ORR);  // MVN rotates too, NEG does not
}

void logical(Line& line, Instruction& i) {
  const Register rd = destination(line, i, Allow::Either);
  first_source(line, i, rd);
  line.comma();
  if (line.at_immediate()) {
    if (i.sets_flags) no_stack_pointer(line, rd);
    if (!i.sets_flags) no_zero_register(line, rd);
    bitmask_immediate(line, i);
    // BIC, ORN and EON of an immediate are aliases of AND, ORR and EOR of its inverse, which is a bitmask as well.
    if (i.inverts) i.immediate = truncated(~i.immediate, i.is_64bit);
    i.inverts = false;
    if (i.opcode == Opcode::ORR && i.rn == kZeroRegister) i.opcode = Opcode::MOV;  // its alias
    return;
  }
  no_stack_pointer(line, rd);
  shifted_register(line, i, rd, true);
}

void test(Line& line, Instruction& i) {
  const Register rn = line.register_();
  i.rn = rn.number;
  i.is_64bit = rn.is_64bit;
  line.comma();
  if (line.at_immediate()) {
    bitmask_immediate(line, i);
  } else {
    shifted_register(line, i, rn, true);
  }
}

void shift(Line& line, Instruction& i) {
  const Register rd = destination(line, i);
  first_source(line, i, rd);
  line.comma();
  if (!line.at_immediate()) {
    i.rm = line.register_like(rd).number;
    return;
  }
  const unsigned size = size_of(i);
  const auto amount = static_cast<unsigned>(line.immediate_in("the shift", 0, size - 1));
  const bool left = i.opcode == Opcode::LSLV;
  if (i.opcode == Opcode::RORV) {  // EXTR of one register
    i.opcode = Opcode::EXTR;
    i.rm = i.rn;
    i.amount = static_cast<std::uint8_t>(amount);
    return;
  }
  i.opcode = i.opcode == Opcode::ASRV ? Opcode::SBFM : Opcode::UBFM;
  i.amount = static_cast<std::uint8_t>(left ? (size - amount) % size : amount);
  i.immediate = left ? size - 1 - amount : size - 1;
}

void three_registers(Line& line, Instruction& i) {
  const Register rd = destination(line, i);
  first_source(line, i, rd);
  second_source(line, i, rd);
}

void four_registers(Line& line, Instruction& i) {
  const Register rd = destination(line, i);
  first_source(line, i, rd);
  second_source(line, i, rd);
  line.comma();
  i.ra = line.register_like(rd).number;
}

/// SXTB ... UXTW: the prototype's `immediate` is imms.
void extend(Line& line, Instruction& i) {
  const Register rd = destination(line, i);
  line.comma();
  const Register rn = line.register_();
  const bool from_word = i.immediate == 31;
  if (rn.is_64bit) line.fail(rn.token, "expected a 32-bit register (w0 to w30), found " + quoted(rn.token.text));
  if (from_word && !rd.is_64bit)
    line.fail(rd.token, "expected a 64-bit register (x0 to x30), found " + quoted(rd.token.text));
  i.rn = rn.number;
}

/// UBFM, SBFM, BFM as the encoding has them: Rd, Rn, #immr, #imms.
void bitfield_move(Line& line, Instruction& i) {
  const Register rd = destination(line, i);
  first_source(line, i, rd);
  line.comma();
  i.amount = static_cast<std::uint8_t>(line.immediate_in("immr", 0, size_of(i) - 1));
  line.comma();
  i.immediate = line.immediate_in("imms", 0, size_of(i) - 1);
}

/// UBFX, SBFX, BFXIL: Rd, Rn, #lsb, #width.
void bitfield_extract(Line& line, Instruction& i) {
  const Register rd = destination(line, i);
  first_source(line, i, rd);
  line.comma();
  i.amount = static_cast<std::uint8_t>(line.immediate_in("the lowest bit", 0, size_of(i) - 1));
  line.comma();
  i.immediate = i.amount + line.immediate_in("the width", 1, size_of(i) - i.amount) - 1;
}

/// BFI, UBFIZ, SBFIZ: Rd, Rn, #lsb, #width.
void bitfield_insert(Line& line, Instruction& i) {
  const Register rd = destination(line, i);
  first_source(line, i, rd);
  line.comma();
  const auto lowest = static_cast<unsigned>(line.immediate_in("the lowest bit", 0, size_of(i) - 1));
  i.amount = static_cast<std::uint8_t>((size_of(i) - lowest) % size_of(i));
  line.comma();
  i.immediate = line.immediate_in("the width", 1, size_of(i) - lowest) - 1;
}

void select(Line& line, Instruction& i) {
  three_registers(line, i);
  line.comma();
  i.condition = line.condition();
}

/// CSET, CSETM: CSINC or CSINV of zero registers on the inverse.
void conditional_set(Line& line, Instruction& i) {
  destination(line, i);
  line.comma();
  i.condition = inverted(plain_condition(line));
}

/// CINC, CINV, CNEG: Rd, Rn, condition.
void conditional_change(Line& line, Instruction& i) {
  const Register rd = destination(line, i);
  first_source(line, i, rd);
  i.rm = i.rn;
  line.comma();
  i.condition = inverted(plain_condition(line));
}

void conditional_compare(Line& line, Instruction& i) {
  const Register rn = line.register_();
  i.rn = rn.number;
  i.is_64bit = rn.is_64bit;
  line.comma();
  if (line.at_immediate()) {
    i.immediate = line.immediate_in("the immediate", 0, 31);
  } else {
    i.rm = line.register_like(rn).number;
    i.operand = Operand::Shifted;
  }
  line.comma();
  i.amount = static_cast<std::uint8_t>(line.immediate_in("the flags (N Z C V as 8 4 2 1)", 0, 15));
  line.comma();
  i.condition = line.condition();
}

/// NGC: Rd, Rm.
void negate_with_carry(Line& line, Instruction& i) {
  const Register rd = destination(line, i);
  second_source(line, i, rd);
}

void extract(Line& line, Instruction& i) {
  three_registers(line, i);
  line.comma();
  i.amount = static_cast<std::uint8_t>(line.immediate_in("the lowest bit", 0, size_of(i) - 1));
}

/// RBIT, CLZ, CLS, REV: Rd, Rn. REV16, REV32 and REV64 have their size in the prototype; the last two take X registers.
void two_registers(Line& line, Instruction& i) {
  const Register rd = destination(line, i);
  first_source(line, i, rd);
  if (i.opcode != Opcode::REV) return;
  if (i.element_bytes == kSizeOfRegister) {
    i.element_bytes = static_cast<std::uint8_t>(size_of(i) / 8);
  } else if (i.element_bytes != 2 && !rd.is_64bit) {
    line.fail(rd.token, "expected a 64-bit register (x0 to x30), found " + quoted(rd.token.text));
  }
}

/// SMULH, UMULH: X registers.
void wide_product(Line& line, Instruction& i) {
  const Register rd = line.x_register();
  i.rd = rd.number;
  first_source(line, i, rd);
  second_source(line, i, rd);
}

/// SMULL ...: Xd, Wn, Wm; SMADDL ... go on with Xa.
void long_product(Line& line, Instruction& i) {
  i.rd = line.x_register().number;
  for (std::uint8_t* const source : {&i.rn, &i.rm}) {
    line.comma();
    const Register r = line.register_();
    if (r.is_64bit) line.fail(r.token, "expected a 32-bit register (w0 to w30), found " + quoted(r.token.text));
    *source = r.number;
  }
}

void long_product_sum(Line& line, Instruction& i) {
  long_product(line, i);
  line.comma();
  i.ra = line.x_register().number;
}

/// CRC32B ... CRC32CX: Wd, Wn, Wm or Xm.
void checksum(Line& line, Instruction& i) {
  const Register rd = line.register_();
  if (rd.is_64bit) line.fail(rd.token, "expected a 32-bit register (w0 to w30), found " + quoted(rd.token.text));
  i.rd = rd.number;
  i.is_64bit = false;
  first_source(line, i, rd);
  line.comma();
  if (i.element_bytes == 8) {
    i.rm = line.x_register().number;
  } else {
    i.rm = line.register_like(rd).number;
  }
}

void address(Line& line, Instruction& i) {
  i.rd = line.x_register().number;
  line.comma();
  i.immediate = symbol_value(line);
}

/// ADRP: the page of the address.
void page_address(Line& line, Instruction& i) {
  address(line, i);
  i.immediate &= ~std::uint64_t{0xfff};
}

}  // namespace parse
}  // namespace staleline::a64
