// SPDX-License-Identifier: Apache-2.0
// Mnemonics of moves, integer instructions and branches: how operands are parsed, and from which prototype.
#include <array>

#include "instructions.h"

namespace staleline::a64 {
namespace {

using namespace parse;

constexpr Instruction of(Opcode opcode) { return {.opcode = opcode}; }
constexpr Instruction with_flags(Opcode opcode, bool inverts = false) {
  return {.opcode = opcode, .sets_flags = true, .inverts = inverts};
}
constexpr Instruction inverted(Opcode opcode) { return {.opcode = opcode, .inverts = true}; }
constexpr Instruction field(Opcode opcode, std::uint64_t imms) { return {.opcode = opcode, .immediate = imms}; }
constexpr Instruction of_size(Opcode opcode, std::uint8_t bytes) { return {.opcode = opcode, .element_bytes = bytes}; }

constexpr auto kMnemonics = std::to_array<Mnemonic>({
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
    {"ror", "ror Xd, Xn, Xm|#shift", shift, of(Opcode::RORV)},
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
    {"adrp", "adrp Xd, REGION+OFFSET|LABEL", page_address, of(Opcode::MOV)},
    {"adc", "adc Xd, Xn, Xm", three_registers, of(Opcode::ADC)},
    {"adcs", "adcs Xd, Xn, Xm", three_registers, with_flags(Opcode::ADC)},
    {"sbc", "sbc Xd, Xn, Xm", three_registers, of(Opcode::SBC)},
    {"sbcs", "sbcs Xd, Xn, Xm", three_registers, with_flags(Opcode::SBC)},
    {"ngc", "ngc Xd, Xm", negate_with_carry, of(Opcode::SBC)},
    {"ngcs", "ngcs Xd, Xm", negate_with_carry, with_flags(Opcode::SBC)},
    {"extr", "extr Xd, Xn, Xm, #lowest", extract, of(Opcode::EXTR)},
    {"smaddl", "smaddl Xd, Wn, Wm, Xa", long_product_sum, of(Opcode::SMADDL)},
    {"umaddl", "umaddl Xd, Wn, Wm, Xa", long_product_sum, of(Opcode::UMADDL)},
    {"smsubl", "smsubl Xd, Wn, Wm, Xa", long_product_sum, of(Opcode::SMSUBL)},
    {"umsubl", "umsubl Xd, Wn, Wm, Xa", long_product_sum, of(Opcode::UMSUBL)},
    {"smull", "smull Xd, Wn, Wm", long_product, of(Opcode::SMADDL)},
    {"umull", "umull Xd, Wn, Wm", long_product, of(Opcode::UMADDL)},
    {"smnegl", "smnegl Xd, Wn, Wm", long_product, of(Opcode::SMSUBL)},
    {"umnegl", "umnegl Xd, Wn, Wm", long_product, of(Opcode::UMSUBL)},
    {"smulh", "smulh Xd, Xn, Xm", wide_product, of(Opcode::SMULH)},
    {"umulh", "umulh Xd, Xn, Xm", wide_product, of(Opcode::UMULH)},
    {"rbit", "rbit Xd, Xn", two_registers, of(Opcode::RBIT)},
    {"rev", "rev Xd, Xn", two_registers, of_size(Opcode::REV, kSizeOfRegister)},
    {"rev16", "rev16 Xd, Xn", two_registers, of_size(Opcode::REV, 2)},
    {"rev32", "rev32 Xd, Xn", two_registers, of_size(Opcode::REV, 4)},
    {"rev64", "rev64 Xd, Xn", two_registers, of_size(Opcode::REV, 8)},
    {"clz", "clz Xd, Xn", two_registers, of(Opcode::CLZ)},
    {"cls", "cls Xd, Xn", two_registers, of(Opcode::CLS)},
    {"crc32b", "crc32b Wd, Wn, Wm", checksum, of_size(Opcode::CRC32, 1)},
    {"crc32h", "crc32h Wd, Wn, Wm", checksum, of_size(Opcode::CRC32, 2)},
    {"crc32w", "crc32w Wd, Wn, Wm", checksum, of_size(Opcode::CRC32, 4)},
    {"crc32x", "crc32x Wd, Wn, Xm", checksum, of_size(Opcode::CRC32, 8)},
    {"crc32cb", "crc32cb Wd, Wn, Wm", checksum, of_size(Opcode::CRC32C, 1)},
    {"crc32ch", "crc32ch Wd, Wn, Wm", checksum, of_size(Opcode::CRC32C, 2)},
    {"crc32cw", "crc32cw Wd, Wn, Wm", checksum, of_size(Opcode::CRC32C, 4)},
    {"crc32cx", "crc32cx Wd, Wn, Xm", checksum, of_size(Opcode::CRC32C, 8)},

    {"b", "b LABEL", branch, of(Opcode::B)},
    {"bl", "bl LABEL", branch, of(Opcode::BL)},
    {"br", "br Xn", branch_register, of(Opcode::BR)},
    {"blr", "blr Xn", branch_register, of(Opcode::BLR)},
    {"ret", "ret", return_, of(Opcode::RET)},
    {"cbz", "cbz Xt, LABEL", compare_and_branch, of(Opcode::CBZ)},
    {"cbnz", "cbnz Xt, LABEL", compare_and_branch, of(Opcode::CBNZ)},
    {"tbz", "tbz Xt, #bit, LABEL", test_and_branch, of(Opcode::TBZ)},
    {"tbnz", "tbnz Xt, #bit, LABEL", test_and_branch, of(Opcode::TBNZ)},
});

}  // namespace

std::span<const Mnemonic> integer_mnemonics() { return kMnemonics; }

}  // namespace staleline::a64
