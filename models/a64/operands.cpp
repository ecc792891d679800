// SPDX-License-Identifier: Apache-2.0
// Operands: registers, immediates, conditions, labels, regions and payloads.
#include <algorithm>
#include <array>
#include <charconv>
#include <variant>

#include "instructions.h"
#include "line.h"
#include "quote.h"
#include "staleline/a64/number.h"
#include "unmodelled.h"

namespace staleline::a64 {
namespace {

constexpr std::uint64_t kSignBit = std::uint64_t{1} << 63;

std::vector<std::string> register_names() {
  std::vector<std::string> names = {"xzr", "wzr", "sp", "wsp"};
  for (unsigned n = 0; n <= 30; ++n) {
    names.push_back("x" + std::to_string(n));
    names.push_back("w" + std::to_string(n));
  }
  return names;
}

}  // namespace

std::optional<Register> register_named(std::string_view text) {
  const std::string name = lower(text);
  if (name == "xzr") return Register{kZeroRegister, true};
  if (name == "wzr") return Register{kZeroRegister, false};
  if (name == "sp") return Register{kStackPointer, true};
  if (name == "wsp") return Register{kStackPointer, false};
  if (name.size() < 2 || name.size() > 3 || (name[0] != 'x' && name[0] != 'w')) return std::nullopt;
  if (name[1] == '0' && name.size() > 2) return std::nullopt;
  unsigned number = 0;
  const char* const end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data() + 1, end, number);
  if (error != std::errc() || stopped != end || number > 30) return std::nullopt;
  return Register{static_cast<std::uint8_t>(number), name[0] == 'x'};
}

std::optional<Register> simd_register_named(std::string_view text) {
  static constexpr std::string_view kSizes = "bhsdq";
  const std::string name = lower(text);
  if (name.size() < 2 || name.size() > 3) return std::nullopt;
  const std::size_t size = kSizes.find(name[0]);
  if (size == std::string_view::npos || (name[1] == '0' && name.size() > 2)) return std::nullopt;
  unsigned number = 0;
  const char* const end = name.data() + name.size();
  const auto [stopped, error] = std::from_chars(name.data() + 1, end, number);
  if (error != std::errc() || stopped != end || number > 31) return std::nullopt;
  return Register{static_cast<std::uint8_t>(number), true, {}, static_cast<std::uint8_t>(1U << size)};
}

std::optional<Condition> condition_named(std::string_view text) {
  static constexpr std::array<std::string_view, 18> kNames = {"eq", "ne", "cs", "cc", "mi", "pl", "vs", "vc", "hi",
                                                              "ls", "ge", "lt", "gt", "le", "al", "nv", "hs", "lo"};
  const std::string name = lower(text);
  for (std::size_t n = 0; n < kNames.size(); ++n) {
    if (name == kNames[n]) return static_cast<Condition>(n < 16 ? n : n - 14);  // hs is cs, lo is cc
  }
  return std::nullopt;
}

bool is_reserved_name(std::string_view name) { return lower(name) == "payload" || register_named(name).has_value(); }

bool Immediate::within(std::int64_t low, std::int64_t high) const {
  if (negative) return low < 0 && static_cast<std::int64_t>(value) >= low;
  return high >= 0 && value <= static_cast<std::uint64_t>(high) &&
         (low <= 0 || value >= static_cast<std::uint64_t>(low));
}

bool Line::at_register() const { return peek().kind == Token::Kind::Word && register_named(peek().text).has_value(); }

bool Line::at_immediate() const {
  return peek().kind == Token::Kind::Number || at("#") || at("-") || at("+") || at(":");
}

Register Line::register_(Allow allowed) {
  const Token token = peek();
  if (token.kind != Token::Kind::Word) fail_expected("a register");
  auto found = register_named(token.text);
  if (const std::string name = lower(token.text); name == "x31" || name == "w31")
    fail(token, "there is no " + quoted(token.text) + "; write `xzr` or `wzr` for zero, `sp` for the stack pointer");
  if (!found && is_simd_register(lower(token.text)))
    fail(token,
         "SIMD and floating-point registers such as " + quoted(token.text) +
             " only move data: `ldr`, `str`, `ldur`, `stur`, `ldp`, `stp`, `ldnp`, `stnp`, `movi`, `dup`, `umov`");
  if (!found) fail_suggesting(token, "expected a register, found " + quoted(token.text), register_names());
  if (found->number == kStackPointer && allowed == Allow::Zero)
    fail(token, quoted(token.text) + " cannot be used here; expected x0 to x30 or xzr (w0 to w30, wzr)");
  if (found->number == kZeroRegister && allowed == Allow::Stack)
    fail(token, quoted(token.text) + " cannot be used here; expected x0 to x30 or sp");
  found->token = take();
  return *found;
}

Register Line::register_like(const Register& first, Allow allowed) {
  const Register found = register_(allowed);
  if (found.is_64bit != first.is_64bit) {
    fail(found.token, quoted(found.token.text) + " is a " + (found.is_64bit ? "64" : "32") + "-bit register, " +
                          quoted(first.token.text) + " is not; write both as " + (first.is_64bit ? "X" : "W"));
  }
  return found;
}

Register Line::x_register(Allow allowed) {
  const Register found = register_(allowed);
  if (!found.is_64bit) fail(found.token, "expected a 64-bit register (x0 to x30), found " + quoted(found.token.text));
  return found;
}

bool Line::at_simd_register() const {
  return peek().kind == Token::Kind::Word && simd_register_named(peek().text).has_value();
}

Register Line::simd_register() {
  if (!at_simd_register()) fail_expected("a SIMD and floating-point register such as q0");
  Register found = *simd_register_named(peek().text);
  found.token = take();
  return found;
}

Immediate Line::immediate() {
  accept("#");
  Immediate found;
  found.token = peek();
  if (accept(":")) {  // :lo12:SYMBOL, what ADRP leaves out
    static constexpr std::array<std::string_view, 1> kLow = {"lo12"};
    choice("`lo12`", kLow);
    expect(":");
    found.value = symbol_value(*this) & 0xfff;
    return found;
  }
  found.negative = accept("-");
  if (!found.negative) accept("+");
  if (peek().kind != Token::Kind::Number) fail_expected("a number");
  const Token digits = take();
  const auto parsed = parse_number(digits.text);
  if (const auto* error = std::get_if<std::string>(&parsed)) fail(digits, *error);
  found.value = std::get<std::uint64_t>(parsed);
  if (found.negative) {
    if (found.value > kSignBit) fail(digits, quoted("-" + std::string(digits.text)) + " does not fit in 64 bits");
    found.negative = found.value != 0;
    found.value = 0 - found.value;
  }
  return found;
}

std::uint64_t Line::immediate_in(std::string_view what, std::int64_t low, std::int64_t high) {
  const Immediate found = immediate();
  if (!found.within(low, high)) {
    fail(found.token,
         std::string(what) + " is out of range: expected " + std::to_string(low) + " to " + std::to_string(high));
  }
  return found.value;
}

std::uint64_t Line::number() {
  if (peek().kind != Token::Kind::Number) fail_expected("a number");
  const Token digits = take();
  const auto parsed = parse_number(digits.text);
  if (const auto* error = std::get_if<std::string>(&parsed)) fail(digits, *error);
  return std::get<std::uint64_t>(parsed);
}

Condition Line::condition() {
  static constexpr std::array<std::string_view, 18> kNames = {"eq", "ne", "cs", "hs", "cc", "lo", "mi", "pl", "vs",
                                                              "vc", "hi", "ls", "ge", "lt", "gt", "le", "al", "nv"};
  const Token token = word("a condition such as eq or ne");
  const auto found = condition_named(token.text);
  if (!found)
    fail_suggesting(token, "unknown condition " + quoted(token.text), std::span<const std::string_view>(kNames));
  return *found;
}

std::uint64_t Line::label() {
  const Token token = word("a label");
  const auto found = labels_.find(token.text);
  if (found != labels_.end()) return 4 * (std::uint64_t{found->second} - program_.instructions.size());
  std::vector<std::string_view> names;
  for (const auto& [name, index] : labels_) names.push_back(name);
  if (names.empty()) fail(token, "no label " + quoted(token.text) + ": this program has none");
  fail_suggesting(token, "no label " + quoted(token.text) + " in this program",
                  std::span<const std::string_view>(names));
}

std::size_t Line::choice(std::string_view what, std::span<const std::string_view> valid) {
  const Token token = word(what);
  const std::string text = lower(token.text);
  for (std::size_t n = 0; n < valid.size(); ++n) {
    if (text == valid[n]) return n;
  }
  fail_suggesting(token, "expected " + std::string(what) + ", found " + quoted(token.text), valid);
}

Symbols::Region Line::region(const Token& name, bool must_be_mapped) const {
  const auto found = symbols_.region(name.text);
  if (!found) {
    const std::vector<std::string> views = symbols_.view_names();
    if (std::find(views.begin(), views.end(), name.text) != views.end())
      fail(name, quoted(name.text) + " is a view: expected a region, or a view and a region such as `" +
                     std::string(name.text) + ":REGION`");
    fail_suggesting(name, "no region " + quoted(name.text), symbols_.region_names());
  }
  if (must_be_mapped && !found->mapped)
    fail(name, "region " + quoted(name.text) + " is not mapped in this agent's view");
  return *found;
}

bool Line::bounds(std::uint64_t bytes, const std::string& what, std::uint64_t& begin, std::uint64_t& end) {
  expect("[");
  const Token first = peek();
  const bool has_begin = first.kind == Token::Kind::Number;
  begin = has_begin ? number() : 0;
  expect("..");
  const Token last = peek();
  const bool has_end = last.kind == Token::Kind::Number;
  end = has_end ? number() : bytes;
  if (end > bytes) fail(last, "the end lies outside " + what + ", which has " + std::to_string(bytes) + " bytes");
  if (begin >= end) {
    fail(first, begin >= bytes ? "the start lies outside " + what + ", which has " + std::to_string(bytes) + " bytes"
                               : "the range is empty: its end must be above its start");
  }
  expect("]");
  return !has_begin && !has_end;
}

RegionPart Line::region_part(bool or_end, bool must_be_mapped) {
  RegionPart part;
  if (peek().kind != Token::Kind::Word) fail_expected("a region");
  part.token = take();
  part.region = region(part.token, must_be_mapped);
  const std::string what = "region " + quoted(part.token.text);
  if (at("[")) {
    part.whole = bounds(part.region.bytes, what, part.begin, part.end);
  } else if (at("+")) {
    take();
    const Token digits = peek();
    part.begin = part.end = number();
    part.point = true;
    if (part.begin > part.region.bytes || (part.begin == part.region.bytes && !or_end)) {
      fail(digits, "the offset lies outside " + what + ", which has " + std::to_string(part.region.bytes) + " bytes");
    }
  } else if (at(".")) {
    take();
    const Token name = word("the name of a register");
    const auto offset = symbols_.register_offset(part.region, name.text);
    if (!offset)
      fail_suggesting(name, what + " has no register " + quoted(name.text), symbols_.register_names(part.region));
    part.begin = part.end = *offset;
    part.point = true;
  } else if (at("-")) {
    fail(peek(), "an address below " + what + " lies outside it");
  } else {
    part.end = part.region.bytes;
    part.bare = part.whole = true;
  }
  return part;
}

std::uint64_t Line::region_address(std::uint64_t bytes) {
  if (at_descriptor_address()) return descriptor_address();
  const RegionPart part = region_part(bytes == 0);
  if (!part.point && !part.bare) fail(part.token, "expected one address: a region or region+offset, not a range");
  if (bytes > part.region.bytes - part.begin) {
    fail(part.token, "an access of " + std::to_string(bytes) + " bytes at offset " + std::to_string(part.begin) +
                         " does not fit in region " + quoted(part.token.text) + ", which has " +
                         std::to_string(part.region.bytes) + " bytes");
  }
  return part.region.va.value + part.begin;
}

Line::PayloadPart Line::payload_part(const std::vector<std::uint8_t>* destination) {
  PayloadPart part;
  part.token = take();
  std::string what = "the payload";
  if (accept("(")) {
    const Token name = word("a region");
    part.bytes = region(name, false).payload;
    what += " of " + quoted(name.text);
    if (part.bytes == nullptr) fail(name, "region " + quoted(name.text) + " has no payload");
    expect(")");
  } else {
    part.bytes = destination != nullptr ? destination : symbols_.payload();
    if (part.bytes == nullptr)
      fail(part.token,
           "`payload` has no one meaning here (no region has one, or several have); write `payload(REGION)`");
  }
  part.end = part.bytes->size();
  if (at("[")) bounds(part.bytes->size(), what, part.begin, part.end);
  if (part.begin == part.end) fail(part.token, what + " is empty");
  return part;
}

}  // namespace staleline::a64
