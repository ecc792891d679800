// SPDX-License-Identifier: Apache-2.0
// Operands of exclusives and of the atomics of FEAT_LSE.
#include "addressing.h"
#include "quote.h"

namespace staleline::a64 {
namespace {

/// Rs of STXR: CONSTRAINED UNPREDICTABLE where it is also stored or the base (DDI 0487 C6.2, K1.2).
void status_differs(Line& line, const Register& status, const Register& other) {
  if (status.number != kZeroRegister && status.number == other.number)
    line.fail(status.token, "the status register " + quoted(status.token.text) + " is used by the store itself");
}

Register status_register(Line& line, Instruction& i) {
  const Register rs = line.register_();
  if (rs.is_64bit)
    line.fail(rs.token, "the status goes to a 32-bit register (w0 to w30), found " + quoted(rs.token.text));
  i.ra = rs.number;
  line.comma();
  return rs;
}

void base_differs_from(Line& line, const Instruction& i, const Register& status) {
  if (i.rn == status.number && status.number != kZeroRegister)
    line.fail(status.token, "the status register " + quoted(status.token.text) + " is also the base");
}

/// Rs, R(s+1): a pair of registers that begins at an even number.
Register register_pair(Line& line, const Register* like, std::uint8_t& first, std::uint8_t& second) {
  const Register r = like == nullptr ? line.register_() : line.register_like(*like);
  if (r.number % 2 != 0)
    line.fail(r.token, quoted(r.token.text) + " cannot begin a pair: it begins at an even register, such as x0");
  line.comma();
  const Register next = line.register_like(r);
  if (next.number != r.number + 1) line.fail(next.token, "a pair is two registers in a row, such as `x0, x1`");
  first = r.number;
  second = next.number;
  return r;
}

}  // namespace

namespace parse {

/// LDXR, LDAXR: as LDAR.
void load_exclusive_pair(Line& line, Instruction& i) {
  const Register rt = transfer_register(line, i);
  line.comma();
  const Register rt2 = line.register_like(rt);
  i.rt2 = rt2.number;
  if (rt.number == rt2.number) line.fail(rt2.token, "the two registers of a load must differ");
  line.comma();
  addressing(line, i, 2U * i.element_bytes, {});
}

void store_exclusive(Line& line, Instruction& i) {
  const Register rs = status_register(line, i);
  const Register rt = transfer_register(line, i);
  status_differs(line, rs, rt);
  line.comma();
  addressing(line, i, i.element_bytes, {});
  base_differs_from(line, i, rs);
}

void store_exclusive_pair(Line& line, Instruction& i) {
  const Register rs = status_register(line, i);
  const Register rt = transfer_register(line, i);
  line.comma();
  const Register rt2 = line.register_like(rt);
  i.rt2 = rt2.number;
  status_differs(line, rs, rt);
  status_differs(line, rs, rt2);
  line.comma();
  addressing(line, i, 2U * i.element_bytes, {});
  base_differs_from(line, i, rs);
}

/// SWP, LDADD ...: Rs, Rt, [Xn].
void atomic_load(Line& line, Instruction& i) {
  const Register rs = transfer_register(line, i);
  i.rm = rs.number;
  line.comma();
  i.rd = line.register_like(rs).number;
  line.comma();
  addressing(line, i, i.element_bytes, {});
}

/// STADD ...: Rs, [Xn].
void atomic_store(Line& line, Instruction& i) {
  i.rm = transfer_register(line, i).number;
  i.rd = kZeroRegister;
  line.comma();
  addressing(line, i, i.element_bytes, {});
}

/// CAS: Rs (compared, then what memory had), Rt (new), [Xn].
void compare_and_swap(Line& line, Instruction& i) {
  const Register rs = transfer_register(line, i);
  line.comma();
  i.rm = line.register_like(rs).number;
  line.comma();
  addressing(line, i, i.element_bytes, {});
}

void compare_and_swap_pair(Line& line, Instruction& i) {
  const Register rs = register_pair(line, nullptr, i.rd, i.rt2);
  i.is_64bit = rs.is_64bit;
  i.element_bytes = rs.is_64bit ? 8 : 4;
  line.comma();
  register_pair(line, &rs, i.rm, i.ra);
  line.comma();
  addressing(line, i, 2U * i.element_bytes, {});
}

}  // namespace parse
}  // namespace staleline::a64
