// SPDX-License-Identifier: Apache-2.0
// Every instruction mnemonic but B.cond: how its operands are parsed, and from which prototype.
#include <algorithm>
#include <array>

#include "instructions.h"

namespace staleline::a64 {
namespace {

using namespace parse;

constexpr bool kNotInDevices = false;

constexpr Instruction of(Opcode opcode) { return {.opcode = opcode}; }
constexpr Instruction with_flags(Opcode opcode, bool inverts = false) {
  return {.opcode = opcode, .sets_flags = true, .inverts = inverts};
}
constexpr Instruction inverted(Opcode opcode) { return {.opcode = opcode, .inverts = true}; }
constexpr Instruction access(Opcode opcode, std::uint8_t bytes) { return {.opcode = opcode, .element_bytes = bytes}; }
constexpr Instruction signed_load(Opcode opcode, std::uint8_t bytes) {
  return {.opcode = opcode, .sign_extends = true, .element_bytes = bytes};
}
constexpr Instruction acquiring(std::uint8_t bytes, bool pc = false) {
  return {.opcode = Opcode::LDR, .acquire = true, .acquire_pc = pc, .element_bytes = bytes};
}
constexpr Instruction releasing(std::uint8_t bytes) {
  return {.opcode = Opcode::STR, .release = true, .element_bytes = bytes};
}
constexpr Instruction field(Opcode opcode, std::uint64_t imms) { return {.opcode = opcode, .immediate = imms}; }
constexpr Instruction barrier_of(arm::BarrierKind kind) {
  return {.opcode = Opcode::Barrier, .barrier = {.kind = kind}};
}

constexpr std::uint8_t kAny = kSizeOfRegister;

constexpr auto kMnemonics = std::to_array<Mnemonic>({
    {"nop", "nop", no_operands, of(Opcode::NOP)},
    {"yield", "yield", no_operands, of(Opcode::YIELD)},

    {"mov", "mov Xd, Xm|#value", move, of(Opcode::MOV)},
    {"movz", "movz Xd, #value, lsl #shift", move_wide, of(Opcode::MOV)},
    {"movn", "movn Xd, #value, lsl #shift", move_wide, inverted(Opcode::MOV)},
    {"movk", "movk Xd, #value, lsl #shift", move_wide, of(Opcode::MOVK)},
    {"add", "add Xd, Xn, Xm|#value", add_sub, of(Opcode::ADD)},
    {"adds", "adds Xd, Xn, Xm|#value", add_sub, with_flags(Opcode::ADD)},
    {"sub", "sub Xd, Xn, Xm|#value", add_sub, of(Opcode::SUB)},
    {"subs", "subs Xd, Xn, Xm|#value", add_sub, with_flags(Opcode::SUB)},
    {"cmp", "cmp Xn, Xm|#value", compare, with_flags(Opcode::SUB)},
    {"cmn", "cmn Xn, Xm|#value", compare, with_flags(Opcode::ADD)},
    {"neg", "neg Xd, Xm", negate, of(Opcode::SUB)},
    {"negs", "negs Xd, Xm", negate, with_flags(Opcode::SUB)},
    {"and", "and Xd, Xn, Xm|#value", logical, of(Opcode::AND)},
    {"ands", "ands Xd, Xn, Xm|#value", logical, with_flags(Opcode::AND)},
    {"bic", "bic Xd, Xn, Xm|#value", logical, inverted(Opcode::AND)},
    {"bics", "bics Xd, Xn, Xm|#value", logical, with_flags(Opcode::AND, true)},
    {"orr", "orr Xd, Xn, Xm|#value", logical, of(Opcode::ORR)},
    {"orn", "orn Xd, Xn, Xm|#value", logical, inverted(Opcode::ORR)},
    {"eor", "eor Xd, Xn, Xm|#value", logical, of(Opcode::EOR)},
    {"eon", "eon Xd, Xn, Xm|#value", logical, inverted(Opcode::EOR)},
    {"mvn", "mvn Xd, Xm", negate, inverted(Opcode::ORR)},
    {"tst", "tst Xn, Xm|#value", test, with_flags(Opcode::AND)},
    {"lsl", "lsl Xd, Xn, Xm|#shift", shift, of(Opcode::LSLV)},
    {"lsr", "lsr Xd, Xn, Xm|#shift", shift, of(Opcode::LSRV)},
    {"asr", "asr Xd, Xn, Xm|#shift", shift, of(Opcode::ASRV)},
    {"ror", "ror Xd, Xn, Xm", shift, of(Opcode::RORV)},
    {"ubfx", "ubfx Xd, Xn, #lowest, #width", bitfield_extract, of(Opcode::UBFM)},
    {"sbfx", "sbfx Xd, Xn, #lowest, #width", bitfield_extract, of(Opcode::SBFM)},
    {"bfxil", "bfxil Xd, Xn, #lowest, #width", bitfield_extract, of(Opcode::BFM)},
    {"ubfiz", "ubfiz Xd, Xn, #lowest, #width", bitfield_insert, of(Opcode::UBFM)},
    {"sbfiz", "sbfiz Xd, Xn, #lowest, #width", bitfield_insert, of(Opcode::SBFM)},
    {"bfi", "bfi Xd, Xn, #lowest, #width", bitfield_insert, of(Opcode::BFM)},
    {"ubfm", "ubfm Xd, Xn, #immr, #imms", bitfield_move, of(Opcode::UBFM)},
    {"sbfm", "sbfm Xd, Xn, #immr, #imms", bitfield_move, of(Opcode::SBFM)},
    {"bfm", "bfm Xd, Xn, #immr, #imms", bitfield_move, of(Opcode::BFM)},
    {"uxtb", "uxtb Wd, Wn", extend, field(Opcode::UBFM, 7)},
    {"uxth", "uxth Wd, Wn", extend, field(Opcode::UBFM, 15)},
    {"sxtb", "sxtb Xd, Wn", extend, field(Opcode::SBFM, 7)},
    {"sxth", "sxth Xd, Wn", extend, field(Opcode::SBFM, 15)},
    {"sxtw", "sxtw Xd, Wn", extend, field(Opcode::SBFM, 31)},
    {"mul", "mul Xd, Xn, Xm", three_registers, of(Opcode::MADD)},
    {"mneg", "mneg Xd, Xn, Xm", three_registers, of(Opcode::MSUB)},
    {"madd", "madd Xd, Xn, Xm, Xa", four_registers, of(Opcode::MADD)},
    {"msub", "msub Xd, Xn, Xm, Xa", four_registers, of(Opcode::MSUB)},
    {"udiv", "udiv Xd, Xn, Xm", three_registers, of(Opcode::UDIV)},
    {"sdiv", "sdiv Xd, Xn, Xm", three_registers, of(Opcode::SDIV)},
    {"csel", "csel Xd, Xn, Xm, condition", select, of(Opcode::CSEL)},
    {"csinc", "csinc Xd, Xn, Xm, condition", select, of(Opcode::CSINC)},
    {"csinv", "csinv Xd, Xn, Xm, condition", select, of(Opcode::CSINV)},
    {"csneg", "csneg Xd, Xn, Xm, condition", select, of(Opcode::CSNEG)},
    {"cset", "cset Xd, condition", conditional_set, of(Opcode::CSINC)},
    {"csetm", "csetm Xd, condition", conditional_set, of(Opcode::CSINV)},
    {"cinc", "cinc Xd, Xn, condition", conditional_change, of(Opcode::CSINC)},
    {"cinv", "cinv Xd, Xn, condition", conditional_change, of(Opcode::CSINV)},
    {"cneg", "cneg Xd, Xn, condition", conditional_change, of(Opcode::CSNEG)},
    {"ccmp", "ccmp Xn, Xm|#value, #flags, condition", conditional_compare, of(Opcode::CCMP)},
    {"ccmn", "ccmn Xn, Xm|#value, #flags, condition", conditional_compare, of(Opcode::CCMN)},
    {"adr", "adr Xd, REGION+OFFSET|LABEL", address, of(Opcode::MOV)},

    {"b", "b LABEL", branch, of(Opcode::B)},
    {"bl", "bl LABEL", branch, of(Opcode::BL)},
    {"br", "br Xn", branch_register, of(Opcode::BR)},
    {"blr", "blr Xn", branch_register, of(Opcode::BLR)},
    {"ret", "ret", return_, of(Opcode::RET)},
    {"cbz", "cbz Xt, LABEL", compare_and_branch, of(Opcode::CBZ)},
    {"cbnz", "cbnz Xt, LABEL", compare_and_branch, of(Opcode::CBNZ)},
    {"tbz", "tbz Xt, #bit, LABEL", test_and_branch, of(Opcode::TBZ)},
    {"tbnz", "tbnz Xt, #bit, LABEL", test_and_branch, of(Opcode::TBNZ)},

    {"ldr", "ldr Xt, [ADDRESS]", load, access(Opcode::LDR, kAny)},
    {"ldrb", "ldrb Wt, [ADDRESS]", load_store, access(Opcode::LDR, 1)},
    {"ldrh", "ldrh Wt, [ADDRESS]", load_store, access(Opcode::LDR, 2)},
    {"ldrsb", "ldrsb Xt, [ADDRESS]", load_store, signed_load(Opcode::LDR, 1)},
    {"ldrsh", "ldrsh Xt, [ADDRESS]", load_store, signed_load(Opcode::LDR, 2)},
    {"ldrsw", "ldrsw Xt, [ADDRESS]", load_store, signed_load(Opcode::LDR, 4)},
    {"ldur", "ldur Xt, [Xn, #offset]", load_store_unscaled, access(Opcode::LDR, kAny)},
    {"ldurb", "ldurb Wt, [Xn, #offset]", load_store_unscaled, access(Opcode::LDR, 1)},
    {"ldurh", "ldurh Wt, [Xn, #offset]", load_store_unscaled, access(Opcode::LDR, 2)},
    {"ldursb", "ldursb Xt, [Xn, #offset]", load_store_unscaled, signed_load(Opcode::LDR, 1)},
    {"ldursh", "ldursh Xt, [Xn, #offset]", load_store_unscaled, signed_load(Opcode::LDR, 2)},
    {"ldursw", "ldursw Xt, [Xn, #offset]", load_store_unscaled, signed_load(Opcode::LDR, 4)},
    {"str", "str Xt, [ADDRESS]", load_store, access(Opcode::STR, kAny)},
    {"strb", "strb Wt, [ADDRESS]", load_store, access(Opcode::STR, 1)},
    {"strh", "strh Wt, [ADDRESS]", load_store, access(Opcode::STR, 2)},
    {"stur", "stur Xt, [Xn, #offset]", load_store_unscaled, access(Opcode::STR, kAny)},
    {"sturb", "sturb Wt, [Xn, #offset]", load_store_unscaled, access(Opcode::STR, 1)},
    {"sturh", "sturh Wt, [Xn, #offset]", load_store_unscaled, access(Opcode::STR, 2)},
    {"ldp", "ldp Xt1, Xt2, [ADDRESS]", load_store_pair, access(Opcode::LDP, kAny)},
    {"ldpsw", "ldpsw Xt1, Xt2, [ADDRESS]", load_store_pair, signed_load(Opcode::LDP, 4)},
    {"stp", "stp Xt1, Xt2, [ADDRESS]", load_store_pair, access(Opcode::STP, kAny)},
    {"ldar", "ldar Xt, [Xn]", load_store_ordered, acquiring(kAny), kNotInDevices},
    {"ldarb", "ldarb Wt, [Xn]", load_store_ordered, acquiring(1), kNotInDevices},
    {"ldarh", "ldarh Wt, [Xn]", load_store_ordered, acquiring(2), kNotInDevices},
    {"ldapr", "ldapr Xt, [Xn]", load_store_ordered, acquiring(kAny, true), kNotInDevices},
    {"ldaprb", "ldaprb Wt, [Xn]", load_store_ordered, acquiring(1, true), kNotInDevices},
    {"ldaprh", "ldaprh Wt, [Xn]", load_store_ordered, acquiring(2, true), kNotInDevices},
    {"stlr", "stlr Xt, [Xn]", load_store_ordered, releasing(kAny), kNotInDevices},
    {"stlrb", "stlrb Wt, [Xn]", load_store_ordered, releasing(1), kNotInDevices},
    {"stlrh", "stlrh Wt, [Xn]", load_store_ordered, releasing(2), kNotInDevices},

    {"dc", "dc OPERATION, Xn|REGION[..]", data_cache, of(Opcode::DC), kNotInDevices},
    {"ic", "ic OPERATION, Xn|REGION[..]", instruction_cache, of(Opcode::IC), kNotInDevices},
    {"dmb", "dmb OPTION", barrier, barrier_of(arm::BarrierKind::DMB), kNotInDevices},
    {"dsb", "dsb OPTION", barrier, barrier_of(arm::BarrierKind::DSB), kNotInDevices},
    {"isb", "isb", instruction_barrier, barrier_of(arm::BarrierKind::ISB), kNotInDevices},
    {"msr", "msr REGISTER, Xn", write_system, of(Opcode::MSR), kNotInDevices},
    {"mrs", "mrs Xn, REGISTER", read_system, of(Opcode::MRS), kNotInDevices},
});

}  // namespace

std::span<const Mnemonic> mnemonics() { return kMnemonics; }

const std::vector<std::string_view>& first_words() {
  static const std::vector<std::string_view> words = [] {
    std::vector<std::string_view> all;
    for (const Mnemonic& m : mnemonics()) all.push_back(m.name);
    for (const Mnemonic& m : directives()) all.push_back(m.name);
    for (const std::string_view name : {"b.eq", "b.ne", "b.cs", "b.hs", "b.cc", "b.lo", "b.mi", "b.pl", "b.vs", "b.vc",
                                        "b.hi", "b.ls", "b.ge", "b.lt", "b.gt", "b.le", "b.al", "b.nv"})
      all.push_back(name);
    return all;
  }();
  return words;
}

}  // namespace staleline::a64
