// SPDX-License-Identifier: Apache-2.0
// Operands of what fills SIMD&FP registers and takes elements out: arrangements, elements, immediates.
#include <array>
#include <optional>

#include "instructions.h"
#include "quote.h"

namespace staleline::a64 {
namespace {

struct Arrangement {
  std::string_view name;
  std::uint8_t element_bytes, bytes;
};
constexpr std::array<Arrangement, 7> kArrangements = {{
    {"16b", 1, 16},
    {"8b", 1, 8},
    {"8h", 2, 16},
    {"4h", 2, 8},
    {"4s", 4, 16},
    {"2s", 4, 8},
    {"2d", 8, 16},
}};

std::optional<std::uint8_t> v_register_named(std::string_view text) {
  const std::string name = lower(text);
  if (name.empty() || name[0] != 'v') return std::nullopt;
  const auto as_q = simd_register_named("q" + name.substr(1));
  return as_q ? std::optional(as_q->number) : std::nullopt;
}

/// Vn.
std::uint8_t v_register(Line& line) {
  const auto number = line.peek().kind == Token::Kind::Word ? v_register_named(line.peek().text) : std::nullopt;
  if (!number) line.fail_expected("a SIMD and floating-point register such as v0.16b");
  line.take();
  return *number;
}

/// Vn.T
Arrangement arranged(Line& line, std::uint8_t& number) {
  number = v_register(line);
  line.expect(".");
  const Token token = line.take();
  const std::string name = lower(token.text);
  for (const Arrangement& a : kArrangements)
    if (a.name == name) return a;
  std::array<std::string_view, kArrangements.size()> names{};
  for (std::size_t n = 0; n < names.size(); ++n) names[n] = kArrangements[n].name;
  line.fail_suggesting(token, "expected an arrangement, found " + quoted(token.text),
                       std::span<const std::string_view>(names));
}

std::uint64_t repeated(std::uint64_t value, unsigned bytes) {
  for (unsigned bits = 8 * bytes; bits < 64; bits *= 2) value |= value << bits;
  return value;
}

/// Of 64 bits each byte is all ones or all zeros.
std::uint64_t byte_mask(Line& line) {
  const Immediate found = line.immediate();
  for (unsigned at = 0; at < 64; at += 8) {
    const std::uint64_t byte = found.value >> at & 0xff;
    if (byte != 0 && byte != 0xff) line.fail(found.token, "expected bytes that are 0x00 or 0xff each");
  }
  return found.value;
}

}  // namespace

namespace parse {

/// MOVI Vd.T, #imm8 {, LSL #n}; MOVI Vd.2D, #mask; MOVI Dd, #mask.
void move_vector_immediate(Line& line, Instruction& i) {
  static constexpr std::array<std::string_view, 1> kShift = {"lsl"};
  if (line.at_simd_register()) {
    const Register d = line.simd_register();
    if (d.simd_bytes != 8) line.fail(d.token, "expected d0 to d31 or a vector such as v0.16b");
    line.comma();
    i.rd = d.number;
    i.element_bytes = 8;
    i.immediate = byte_mask(line);
    return;
  }
  const Arrangement a = arranged(line, i.rd);
  i.element_bytes = a.bytes;
  line.comma();
  if (a.element_bytes == 8) {
    i.immediate = byte_mask(line);
    return;
  }
  std::uint64_t value = line.immediate_in("the immediate", 0, 255);
  if (a.element_bytes > 1 && line.accept(",")) {
    line.choice("`lsl`", kShift);
    const Immediate shift = line.immediate();
    if (shift.value % 8 != 0 || shift.value >= 8U * a.element_bytes)
      line.fail(shift.token, std::string("the shift is ") + (a.element_bytes == 2 ? "0 or 8" : "0, 8, 16 or 24"));
    value <<= shift.value;
  }
  i.immediate = repeated(value, a.element_bytes);
}

/// DUP Vd.T, Rn.
void duplicate(Line& line, Instruction& i) {
  const Arrangement a = arranged(line, i.rd);
  i.element_bytes = a.element_bytes;
  i.amount = a.bytes;
  line.comma();
  const Register rn = line.register_();
  if (rn.is_64bit != (a.element_bytes == 8))
    line.fail(rn.token,
              quoted(rn.token.text) + " does not fit: elements of 8 bytes come from X, others from W registers");
  i.rn = rn.number;
}

/// UMOV Rd, Vn.T[index].
void move_element(Line& line, Instruction& i) {
  static constexpr std::array<std::string_view, 4> kElements = {"b", "h", "s", "d"};
  const Register rd = line.register_();
  line.comma();
  i.rd = rd.number;
  i.is_64bit = rd.is_64bit;
  i.rn = v_register(line);
  line.expect(".");
  const std::size_t size = line.choice("the size of an element", kElements);
  i.element_bytes = static_cast<std::uint8_t>(1U << size);
  if (rd.is_64bit != (i.element_bytes == 8))
    line.fail(rd.token, quoted(rd.token.text) + " does not fit: elements of 8 bytes go to X, others to W registers");
  line.expect("[");
  i.amount = static_cast<std::uint8_t>(line.immediate_in("the element", 0, 16 / i.element_bytes - 1));
  line.expect("]");
}

}  // namespace parse
}  // namespace staleline::a64
