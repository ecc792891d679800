// SPDX-License-Identifier: Apache-2.0
// Operands of loads and stores: registers, sizes, addressing forms.
#include <array>
#include <bit>

#include "addressing.h"
#include "quote.h"

namespace staleline::a64 {
namespace {

void check_offset(Line& line, const Immediate& offset, std::int64_t size, const Forms& forms, bool write_back) {
  const auto value = static_cast<std::int64_t>(offset.value);
  std::string expected;
  if (forms.pair) {
    if (offset.within(-64 * size, 63 * size) && value % size == 0) return;
    expected = "a multiple of " + std::to_string(size) + " from " + std::to_string(-64 * size) + " to " +
               std::to_string(63 * size);
  } else {
    const bool scaled = forms.scaled && !write_back;
    if ((forms.unscaled || write_back) && offset.within(-256, 255)) return;
    if (scaled && offset.within(0, 4095 * size) && value % size == 0) return;
    if (offset.value == 0) return;
    if (scaled) expected = "a multiple of " + std::to_string(size) + " from 0 to " + std::to_string(4095 * size);
    if (forms.unscaled || write_back) expected += expected.empty() ? "-256 to 255" : ", or -256 to 255";
    if (expected.empty()) expected = "0";
  }
  line.fail(offset.token, "the offset is out of range: expected " + expected);
}

/// Xm {, lsl|sxtx #s} or Wm, uxtw|sxtw {#s}
void index_register(Line& line, Instruction& i) {
  static constexpr std::array<std::string_view, 2> kOfX = {"lsl", "sxtx"}, kOfW = {"uxtw", "sxtw"};
  const Register rm = line.register_();
  const auto scale = static_cast<std::uint64_t>(std::countr_zero(i.element_bytes));
  i.rm = rm.number;
  i.operand = Operand::Extended;
  i.extend = Extend::UXTX;
  if (rm.is_64bit) {
    if (!line.accept(",")) return;
    const bool sign_extends = line.choice("`lsl` or `sxtx`", kOfX) == 1;
    if (sign_extends) i.extend = Extend::SXTX;
    if (sign_extends && !line.at_immediate()) return;
  } else {
    line.comma();
    i.extend = line.choice("`uxtw` or `sxtw`", kOfW) == 1 ? Extend::SXTW : Extend::UXTW;
    if (!line.at_immediate()) return;
  }
  const Immediate amount = line.immediate();
  if (amount.value != 0 && amount.value != scale) {
    line.fail(amount.token, "the index is shifted by 0 or by the size of the access: " + std::to_string(scale));
  }
  i.amount = static_cast<std::uint8_t>(amount.value);
}

}  // namespace

void addressing(Line& line, Instruction& i, std::uint64_t bytes, const Forms& forms) {
  line.expect("[");
  if (!line.at_register()) {
    if (line.peek().kind != Token::Kind::Word) line.fail_expected("a base register or a region");
    i.rn = kZeroRegister;
    i.immediate = line.region_address(bytes);
    line.expect("]");
    if (line.at("!") || line.at(",")) line.fail(line.peek(), "the address of a region has no write-back");
    return;
  }
  const Register base = line.x_register(Allow::Stack);
  i.rn = base.number;
  const auto size = static_cast<std::int64_t>(i.element_bytes);
  if (line.accept("]")) {
    if (!line.at(",")) return;
    if (!forms.write_back) line.fail_expected("the end of the line");
    line.comma();
    const Immediate offset = line.immediate();
    check_offset(line, offset, size, forms, true);
    i.immediate = offset.value;
    i.addressing = Addressing::PostIndex;
    return;
  }
  line.comma();
  if (line.at_register()) {
    if (!forms.index) line.fail_expected("an immediate offset");
    index_register(line, i);
    line.expect("]");
    return;
  }
  if (!line.at_immediate()) line.fail_expected(forms.index ? "a register or an offset" : "an offset");
  const Immediate offset = line.immediate();
  line.expect("]");
  const bool write_back = forms.write_back && line.accept("!");
  check_offset(line, offset, size, forms, write_back);
  i.immediate = offset.value;
  if (write_back) i.addressing = Addressing::PreIndex;
}

namespace {

/// With write-back, a transferred register that is also the base is CONSTRAINED UNPREDICTABLE.
void base_differs(Line& line, const Instruction& i, const Register& transferred) {
  if (i.addressing != Addressing::Offset && i.rn == transferred.number && transferred.simd_bytes == 0)
    line.fail(transferred.token, quoted(transferred.token.text) + " is also the base that is written back");
}

}  // namespace

namespace {

bool is_pair(const Instruction& i) { return i.opcode == Opcode::LDP || i.opcode == Opcode::STP; }

/// Rt, a comma, Rt2, a comma.
void transferred_pair(Line& line, Instruction& i, Register& rt, Register& rt2) {
  rt = transfer_register(line, i);
  line.comma();
  if (rt.simd_bytes != 0) {
    if (rt.simd_bytes < 4) line.fail(rt.token, "a pair is of S, D or Q registers, found " + quoted(rt.token.text));
    rt2 = line.simd_register();
    if (rt2.simd_bytes != rt.simd_bytes)
      line.fail(rt2.token, quoted(rt2.token.text) + " is not as wide as " + quoted(rt.token.text));
  } else {
    rt2 = line.register_like(rt);
  }
  i.rt2 = rt2.number;
  if (i.opcode == Opcode::LDP && rt.number == rt2.number)
    line.fail(rt2.token, "the two registers of a load must differ");
  line.comma();
}

}  // namespace

Register transfer_register(Line& line, Instruction& i) {
  const bool by_register = i.element_bytes == kSizeOfRegister;
  const bool plain = !i.acquire && !i.release && !i.exclusive && !i.unprivileged;
  const bool moves = i.opcode == Opcode::LDR || i.opcode == Opcode::STR || is_pair(i);
  if (by_register && plain && moves && line.at_simd_register()) {
    const Register rt = line.simd_register();
    i.element_bytes = rt.simd_bytes;
    i.simd = true;
    i.rd = rt.number;
    return rt;
  }
  const Register rt = line.register_();
  if (by_register) {
    i.element_bytes = rt.is_64bit ? 8 : 4;
  } else if (i.sign_extends && i.element_bytes == 4) {
    if (!rt.is_64bit) line.fail(rt.token, "expected a 64-bit register (x0 to x30), found " + quoted(rt.token.text));
  } else if (!i.sign_extends && rt.is_64bit) {
    line.fail(rt.token, "expected a 32-bit register (w0 to w30), found " + quoted(rt.token.text));
  }
  i.rd = rt.number;
  i.is_64bit = rt.is_64bit;
  return rt;
}

namespace {

/// prfop of PRFM and PRFUM, by name or by number (DDI 0487 C6.2, PRFM).
void prefetch_operation(Line& line, Instruction& i) {
  static constexpr std::array<std::string_view, 18> kNames = {
      "pldl1keep", "pldl1strm", "pldl2keep", "pldl2strm", "pldl3keep", "pldl3strm",
      "plil1keep", "plil1strm", "plil2keep", "plil2strm", "plil3keep", "plil3strm",
      "pstl1keep", "pstl1strm", "pstl2keep", "pstl2strm", "pstl3keep", "pstl3strm"};
  if (line.at_immediate()) {
    i.hint = static_cast<std::uint8_t>(line.immediate_in("the operation", 0, 31));
  } else {
    const std::size_t name = line.choice("an operation of prfm", kNames);
    i.hint = static_cast<std::uint8_t>(name / 6 << 3 | name % 6);
  }
  line.comma();
}

/// One half of `ldp Xt1, Xt2, =CMD_NAME(...)`.
void constant_pair(Line& line, Instruction& i, const Register& rt, const Register& rt2) {
  if (!rt.is_64bit || i.simd) line.fail(rt.token, "a command needs two 64-bit registers (x0 to x30)");
  if (!line.at_smmu_command()) line.fail_expected("a command of an SMMU, such as `CMD_SYNC()`");
  const auto words = line.smmu_command();
  i = {.opcode = Opcode::MOV,
       .rd = line.part() == 0 ? rt.number : rt2.number,
       .line = i.line,
       .immediate = words[line.part()]};
}

}  // namespace

namespace parse {

/// LDR, with the `=value` form.
void load(Line& line, Instruction& i) {
  const Token& after_comma = line.peek(2);
  if (after_comma.kind != Token::Kind::Mark || after_comma.text != "=") {
    load_store(line, i);
    return;
  }
  const Register rt = line.register_();
  line.comma();
  line.expect("=");
  i.opcode = Opcode::MOV;
  i.element_bytes = Instruction{}.element_bytes;
  i.rd = rt.number;
  i.is_64bit = rt.is_64bit;
  if (line.at_smmu_command())
    line.fail(line.peek(), "a command has two doublewords: write `ldp Xt1, Xt2, =` and the command");
  if (line.at_descriptor_value()) {
    if (!rt.is_64bit) line.fail(rt.token, "a descriptor needs a 64-bit register (x0 to x30)");
    i.immediate = line.descriptor_value();
    return;
  }
  if (!line.at_immediate()) {
    if (!rt.is_64bit) line.fail(rt.token, "an address needs a 64-bit register (x0 to x30)");
    if (line.peek().kind != Token::Kind::Word) line.fail_expected("a region, a label or a number");
    i.immediate = symbol_value(line);
    return;
  }
  const Immediate written = line.immediate();
  if (!rt.is_64bit && !written.within(-0x8000'0000LL, 0xffff'ffffLL))
    line.fail(written.token, "the value does not fit in a 32-bit register");
  i.immediate = rt.is_64bit ? written.value : written.value & 0xffff'ffff;
}

void load_store(Line& line, Instruction& i) {
  const Register rt = transfer_register(line, i);
  line.comma();
  addressing(line, i, i.element_bytes, {.write_back = true, .index = true, .scaled = true, .unscaled = true});
  base_differs(line, i, rt);
}

void load_store_unscaled(Line& line, Instruction& i) {
  transfer_register(line, i);
  line.comma();
  addressing(line, i, i.element_bytes, {.unscaled = true});
}

/// LDAR, LDAPR, STLR: [Xn] only.
void load_store_ordered(Line& line, Instruction& i) {
  transfer_register(line, i);
  line.comma();
  addressing(line, i, i.element_bytes, {});
}

void load_store_pair(Line& line, Instruction& i) {
  Register rt, rt2;
  transferred_pair(line, i, rt, rt2);
  if (i.opcode == Opcode::LDP && line.accept("=")) return constant_pair(line, i, rt, rt2);
  addressing(line, i, 2U * i.element_bytes, {.write_back = true, .pair = true});
  base_differs(line, i, rt);
  base_differs(line, i, rt2);
}

/// LDNP, STNP: as LDP and STP, without write-back.
void load_store_no_allocate(Line& line, Instruction& i) {
  Register rt, rt2;
  transferred_pair(line, i, rt, rt2);
  addressing(line, i, 2U * i.element_bytes, {.pair = true});
}

void prefetch(Line& line, Instruction& i) {
  prefetch_operation(line, i);
  addressing(line, i, 1, {.index = true, .scaled = true, .unscaled = true});
}

void prefetch_unscaled(Line& line, Instruction& i) {
  prefetch_operation(line, i);
  addressing(line, i, 1, {.unscaled = true});
}

/// .fetch and .walk: addressed as LDR, without write-back.
void fetch_walk(Line& line, Instruction& i) {
  i.rd = line.x_register().number;
  line.comma();
  addressing(line, i, i.element_bytes, {.index = true, .scaled = true, .unscaled = true});
}

}  // namespace parse
}  // namespace staleline::a64
