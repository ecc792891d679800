// SPDX-License-Identifier: Apache-2.0
// Operands of TLBI and AT.
#include <algorithm>
#include <vector>

#include "instructions.h"
#include "quote.h"

namespace staleline::a64 {
namespace {

using arm::TlbiScope;

void check_level(const Line& line, const Token& token, unsigned lowest) {
  if (lowest > line.symbols().exception_level())
    line.fail(token, quoted(lower(token.text)) + " can be used at EL" + std::to_string(lowest) + " only");
}

/// True where the operation is for one VMID.
bool of_vm(const arm::Tlbi& t) { return t.el == 1 && t.scope != TlbiScope::All; }

/// The pages of [first, first + bytes), for an operation on one of them: bare names and ranges must lie within one.
void one_page(const Line& line, const Token& operation, const RegionPart& part, std::uint64_t first,
              std::uint64_t page) {
  const std::uint64_t bytes = part.end - part.begin;
  if (part.point || first / page == (first + bytes - 1) / page) return;
  const std::string name(part.token.text);
  line.fail(part.token, quoted(part.token.text) + " spans several pages and " + quoted(lower(operation.text)) +
                            " invalidates one; write `" + name +
                            "+0` for the first, or an operation on a range, such as `r" + lower(operation.text) + "`");
}

/// Xt for an address of a region, or for a range of it. A hypervisor that names the view of a guest means its VMID too.
std::uint64_t operand_of(Line& line, Instruction& i, const Token& operation) {
  if (line.peek().kind != Token::Kind::Word) line.fail_expected("a register or a region");
  const arm::Tlbi& t = i.tlbi;
  const auto [view, part] = line.viewed_part();
  const Symbols& symbols = line.symbols();
  if (!view.empty() && symbols.exception_level() == 2) i.mask = kNamesVmid | symbols.vmid(view);
  const bool by_ipa = t.scope == TlbiScope::IPAS2;
  const bool has_asid = t.scope == TlbiScope::ASID || t.scope == TlbiScope::VA;
  const std::uint16_t asid = has_asid ? symbols.asid(view) : std::uint16_t{0};
  if (t.scope == TlbiScope::ASID) return arm::encode_operand(asid, 0);
  if (view.empty() && !by_ipa && !part.region.mapped)
    line.fail(part.token, "region " + quoted(part.token.text) + " is not mapped in this agent's view");
  const auto space = by_ipa ? Symbols::Space::Intermediate : Symbols::Space::Virtual;
  const std::uint64_t first =
      line.resolved(symbols.address(view, part.region, part.begin, space), part.token, part.token);
  const arm::Granule granule = symbols.granule(view, by_ipa ? 2 : 1);
  const std::uint64_t page = arm::page_bytes(granule);
  if (!t.range) {
    one_page(line, operation, part, first, page);
    return arm::encode_operand(asid, first);
  }
  const std::uint64_t begin = first & ~(page - 1);
  const std::uint64_t bytes = part.point ? 1 : part.end - part.begin;
  const auto encoded = arm::encode_range(asid, granule, begin, first - begin + bytes);
  if (!encoded)
    line.fail(part.token, "one instruction cannot invalidate this range; divide it, or put the operand in a register");
  return *encoded;
}

}  // namespace

namespace parse {

void tlb_invalidate(Line& line, Instruction& i) {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const arm::Tlbi& t : arm::all_tlbis()) all.push_back(arm::name_of(t));
    return all;
  }();
  const Token operation = line.peek();
  i.tlbi = arm::all_tlbis()[line.choice("an operation of tlbi", names)];
  check_level(line, operation, arm::lowest_el(i.tlbi));
  if (!arm::takes_operand(i.tlbi)) {
    const bool viewed = line.at(",") && line.peek(1).kind == Token::Kind::Word && !register_named(line.peek(1).text);
    if (viewed && of_vm(i.tlbi) && line.symbols().exception_level() == 2) {
      line.comma();
      i.mask = kNamesVmid | line.symbols().vmid(line.view_name());
      return;
    }
    if (line.peek().kind != Token::Kind::End)
      line.fail(line.peek(), quoted(lower(operation.text)) + " takes no operand");
    return;
  }
  line.comma();
  if (line.at_register()) {
    i.rn = line.x_register().number;
  } else {
    i.immediate = operand_of(line, i, operation);
  }
}

void address_translate(Line& line, Instruction& i) {
  static const std::vector<std::string_view> names = [] {
    std::vector<std::string_view> all;
    for (const AddressTranslation& t : all_address_translations()) all.push_back(name_of(t));
    return all;
  }();
  const Token operation = line.peek();
  i.translation = all_address_translations()[line.choice("an operation of at", names)];
  check_level(line, operation, lowest_el(i.translation));
  line.comma();
  if (line.at_register()) {
    i.rn = line.x_register().number;
    return;
  }
  const bool brackets = line.accept("[");
  if (line.at_register()) line.fail(line.peek(), "a register is written without brackets here");
  if (line.peek().kind != Token::Kind::Word) line.fail_expected("a register or a region");
  i.immediate = line.region_address(0);
  if (brackets) line.expect("]");
}

}  // namespace parse
}  // namespace staleline::a64
