// SPDX-License-Identifier: Apache-2.0
// Operands of cache maintenance, barriers and system registers.
#include <array>

#include "instructions.h"
#include "quote.h"
#include "unmodelled.h"

namespace staleline::a64 {
namespace {

using arm::BarrierAccess;
using arm::BarrierDomain;
using arm::CacheOp;

/// In the order of CacheOp.
constexpr std::array<std::string_view, 9> kDataOperations = {"ivac", "cvac", "cvau", "cvap", "civac",
                                                             "isw",  "csw",  "cisw", "zva"};
constexpr std::array<std::string_view, 3> kInstructionOperations = {"iallu", "ialluis", "ivau"};

/// CRm of DMB and DSB is domain * 4 + access, where reads are 1, writes 2, all 3 (DDI 0487 C6.2 DSB).
constexpr std::array<std::string_view, 12> kBarrierOptions = {"oshld", "oshst", "osh", "nshld", "nshst", "nsh",
                                                              "ishld", "ishst", "ish", "ld",    "st",    "sy"};
constexpr std::array<BarrierDomain, 4> kDomains = {BarrierDomain::OSH, BarrierDomain::NSH, BarrierDomain::ISH,
                                                   BarrierDomain::SY};
constexpr std::array<BarrierAccess, 3> kAccesses = {BarrierAccess::LD, BarrierAccess::ST, BarrierAccess::All};

/// Xn, region+offset (one line), or region[a..b] (every line that it touches).
void maintained(Line& line, Instruction& i) {
  if (line.at("[")) line.fail(line.peek(), "expected a register or a region; the address is written without brackets");
  if (line.at_register()) {
    i.rn = line.x_register().number;
    return;
  }
  if (line.peek().kind != Token::Kind::Word) line.fail_expected("a register or a region");
  if (line.at_descriptor_address()) {
    i.immediate = line.descriptor_address();
    return;
  }
  const RegionPart part = line.region_part();
  const std::uint64_t begin = part.region.va.value + part.begin;
  const std::uint64_t bytes = part.end - part.begin;
  i.immediate = begin;
  if (part.point) return;
  const bool one_line = bytes != 0 && begin % arm::kLineBytes + bytes <= arm::kLineBytes;
  if (part.bare && !one_line) {
    const std::string name(part.token.text);
    line.fail(part.token, quoted(part.token.text) + " spans several lines; write `" + name +
                              "[..]` for all of them or `" + name + "+0` for its first");
  }
  i.range_bytes = bytes;
  if (i.op != CacheOp::DC_ZVA) return;
  if (begin % arm::kLineBytes != 0 || bytes != arm::kLineBytes)
    line.fail(part.token, "`dc zva` writes one whole line of 64 bytes; loop over a longer range with a register");
  i.range_bytes = 0;
}

/// The names of all registers in lower case, for suggestions.
const std::vector<std::string>& register_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> all;
    for (const arm::SystemRegisterInfo& r : arm::system_registers()) all.push_back(lower(r.name));
    return all;
  }();
  return names;
}

SystemRegister system_register(Line& line, bool write) {
  const Token token = line.word("a system register");
  const auto found = arm::system_register_named(token.text);
  if (!found) line.fail_suggesting(token, "unknown system register " + quoted(lower(token.text)), register_names());
  const arm::SystemRegisterInfo& info = arm::info_of(*found);
  const auto refused = write ? arm::RegisterAccess::ReadOnly : arm::RegisterAccess::WriteOnly;
  if (info.access == refused) line.fail(token, quoted(lower(info.name)) + (write ? " is read-only" : " is write-only"));
  if (info.lowest_el > line.symbols().exception_level()) {
    line.fail(token, quoted(lower(info.name)) + " can be used at EL" + std::to_string(info.lowest_el) + " only");
  }
  return *found;
}

/// `msr daifset, #i` and its kind. False where the line writes a register.
bool write_field(Line& line, Instruction& i) {
  struct Field {
    std::string_view name;
    SystemRegister in;
    unsigned shift;
    std::uint64_t bits;
  };
  static constexpr auto kFields = std::to_array<Field>({{"spsel", SystemRegister::SPSel, 0, 1},
                                                        {"pan", SystemRegister::PAN, 22, 1},
                                                        {"uao", SystemRegister::UAO, 23, 1},
                                                        {"dit", SystemRegister::DIT, 24, 1},
                                                        {"daifset", SystemRegister::DAIF, 6, 15},
                                                        {"daifclr", SystemRegister::DAIF, 6, 15}});
  const std::string name = lower(line.peek().text);
  for (const Field& field : kFields) {
    if (field.name != name) continue;
    const bool in_daif = field.in == SystemRegister::DAIF;
    const bool immediate = line.peek(2).kind == Token::Kind::Number || (line.peek(2).text == "#");
    if (!in_daif && !immediate) return false;
    line.take();
    line.comma();
    const std::uint64_t value = line.immediate_in("the value", 0, static_cast<std::int64_t>(field.bits)) << field.shift;
    i.operand = Operand::Immediate;
    i.system_register = field.in;
    i.immediate = name == "daifclr" ? 0 : value;
    i.mask = in_daif ? value : field.bits << field.shift;
    return true;
  }
  return false;
}

}  // namespace

namespace parse {

void data_cache(Line& line, Instruction& i) {
  const Token token = line.peek();
  if (const auto instead = unmodelled_data_operation(lower(token.text)))
    line.fail(token, "`dc " + lower(token.text) + "` is not modelled; " + std::string(*instead));
  i.op = static_cast<CacheOp>(line.choice("an operation of dc", kDataOperations));
  line.comma();
  if (!arm::is_by_va(i.op)) {
    if (!line.at_register()) line.fail_expected("a register with the set, the way and the level");
    i.rn = line.x_register().number;
    return;
  }
  maintained(line, i);
}

void instruction_cache(Line& line, Instruction& i) {
  const std::size_t operation = line.choice("an operation of ic", kInstructionOperations);
  i.op = static_cast<CacheOp>(static_cast<std::size_t>(CacheOp::IC_IALLU) + operation);
  if (!arm::is_by_va(i.op)) return;
  line.comma();
  maintained(line, i);
}

void barrier(Line& line, Instruction& i) {
  const auto set = [&i](std::size_t domain, std::size_t access) {
    i.barrier.domain = kDomains[domain];
    i.barrier.access = kAccesses[access];
  };
  if (line.at_immediate()) {
    const Token token = line.peek();
    const std::uint64_t crm = line.immediate_in("the barrier option", 0, 15);
    if (crm % 4 == 0)
      line.fail(token, "this barrier option is reserved; write a name such as `sy` (#15) or `ish` (#11)");
    set(crm / 4, crm % 4 - 1);
    return;
  }
  const std::size_t option = line.choice("a barrier option", kBarrierOptions);
  set(option / 3, option % 3);
}

void instruction_barrier(Line& line, Instruction& i) {
  i.barrier = {arm::BarrierKind::ISB, BarrierDomain::SY, BarrierAccess::All};
  static constexpr std::array<std::string_view, 1> kOptions = {"sy"};
  if (line.peek().kind != Token::Kind::End) line.choice("`sy` or nothing", kOptions);
}

/// MSR (register) and MSR (immediate).
void write_system(Line& line, Instruction& i) {
  if (write_field(line, i)) return;
  i.system_register = system_register(line, true);
  i.operand = Operand::Shifted;
  line.comma();
  i.rn = line.x_register().number;
}

void read_system(Line& line, Instruction& i) {
  i.rd = line.x_register().number;
  line.comma();
  i.system_register = system_register(line, false);
}

/// SVC, HVC, SMC, BRK: #imm16.
void exception_call(Line& line, Instruction& i) { i.immediate = line.immediate_in("the immediate", 0, 0xffff); }

/// HINT #n (DDI 0487 C6.2, HINT): those that are not named here do nothing.
void hint(Line& line, Instruction& i) {
  static constexpr std::array<Opcode, 6> kHints = {Opcode::NOP, Opcode::YIELD, Opcode::WFE,
                                                   Opcode::WFI, Opcode::SEV,   Opcode::SEVL};
  const std::uint64_t number = line.immediate_in("the hint", 0, 127);
  if (number < kHints.size()) i.opcode = kHints.at(number);
}

/// BTI {c|j|jc}, PSB CSYNC, TSB CSYNC: hints with a word.
void hint_word(Line& line, Instruction&) {
  static constexpr std::array<std::string_view, 4> kWords = {"c", "j", "jc", "csync"};
  if (line.peek().kind != Token::Kind::End) line.choice("`c`, `j`, `jc` or `csync`", kWords);
}

}  // namespace parse
}  // namespace staleline::a64
