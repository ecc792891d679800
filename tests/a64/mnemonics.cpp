// SPDX-License-Identifier: Apache-2.0
// Every mnemonic once at least: its canonical text, and that this text assembles to the same.
#include <set>

#include "harness.h"
#include "instructions.h"

using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

const std::pair<const char*, const char*> kRows[] = {
    {"nop", "nop"},
    {"yield", "yield"},
    {"mov x0, x1", "orr x0, xzr, x1"},
    {"mov w0, wzr", "orr w0, wzr, wzr"},
    {"mov x0, sp", "add x0, sp, #0x0"},
    {"mov x0, #-1", "mov x0, #0xffffffffffffffff"},
    {"movz x0, #1, lsl #48", "mov x0, #0x1000000000000"},
    {"movn w0, #0", "mov w0, #0xffffffff"},
    {"movk x0, #0xabcd, lsl #16", "movk x0, #0xabcd, lsl #16"},
    {"add x0, x1, #16", "add x0, x1, #0x10"},
    {"add x0, x1, #-16", "sub x0, x1, #0x10"},
    {"add x0, x1, w2, sxtw #2", "add x0, x1, w2, sxtw #2"},
    {"add x0, sp, x2", "add x0, sp, x2, uxtx"},
    {"adds w0, w1, w2", "adds w0, w1, w2"},
    {"sub x0, x1, x2, asr #3", "sub x0, x1, x2, asr #3"},
    {"subs x0, x1, #1", "subs x0, x1, #0x1"},
    {"cmp x1, x2", "subs xzr, x1, x2"},
    {"cmp sp, x2", "subs xzr, sp, x2, uxtx"},
    {"cmn w1, #1", "adds wzr, w1, #0x1"},
    {"neg x0, x1", "sub x0, xzr, x1"},
    {"negs x0, x1, lsl #2", "subs x0, xzr, x1, lsl #2"},
    {"and x0, x1, #0xff", "and x0, x1, #0xff"},
    {"ands x0, x1, x2", "ands x0, x1, x2"},
    {"bic x0, x1, x2, ror #7", "bic x0, x1, x2, ror #7"},
    {"bics w0, w1, w2", "bics w0, w1, w2"},
    {"bic x0, x1, #0x3f", "and x0, x1, #0xffffffffffffffc0"},
    {"bic sp, x1, #15", "and sp, x1, #0xfffffffffffffff0"},
    {"bics w0, w1, #-2", "ands w0, w1, #0x1"},
    {"orn w0, w1, #0xff", "orr w0, w1, #0xffffff00"},
    {"eon x0, x1, #1", "eor x0, x1, #0xfffffffffffffffe"},
    {"orr sp, x1, #0x3", "orr sp, x1, #0x3"},
    {"orn x0, x1, x2", "orn x0, x1, x2"},
    {"eor x0, x1, x2, lsl #1", "eor x0, x1, x2, lsl #1"},
    {"eon x0, x1, x2", "eon x0, x1, x2"},
    {"mvn x0, x1", "orn x0, xzr, x1"},
    {"mvn w0, w1, ror #5", "orn w0, wzr, w1, ror #5"},
    {"tst x0, #1", "ands xzr, x0, #0x1"},
    {"lsl x0, x1, #3", "ubfm x0, x1, #61, #60"},
    {"lsl x0, x1, x2", "lsl x0, x1, x2"},
    {"lsr w0, w1, #3", "ubfm w0, w1, #3, #31"},
    {"lsr x0, x1, x2", "lsr x0, x1, x2"},
    {"asr x0, x1, #3", "sbfm x0, x1, #3, #63"},
    {"asr w0, w1, w2", "asr w0, w1, w2"},
    {"ror x0, x1, x2", "ror x0, x1, x2"},
    {"ubfm x0, x1, #3, #9", "ubfm x0, x1, #3, #9"},
    {"sbfm x0, x1, #3, #9", "sbfm x0, x1, #3, #9"},
    {"bfm w0, w1, #3, #9", "bfm w0, w1, #3, #9"},
    {"ubfx x0, x1, #4, #8", "ubfm x0, x1, #4, #11"},
    {"sbfx x0, x1, #4, #8", "sbfm x0, x1, #4, #11"},
    {"bfxil x0, x1, #4, #8", "bfm x0, x1, #4, #11"},
    {"ubfiz x0, x1, #4, #8", "ubfm x0, x1, #60, #7"},
    {"sbfiz w0, w1, #4, #8", "sbfm w0, w1, #28, #7"},
    {"bfi x0, x1, #4, #8", "bfm x0, x1, #60, #7"},
    {"uxtb w0, w1", "ubfm w0, w1, #0, #7"},
    {"uxth w0, w1", "ubfm w0, w1, #0, #15"},
    {"sxtb x0, w1", "sbfm x0, x1, #0, #7"},
    {"sxth w0, w1", "sbfm w0, w1, #0, #15"},
    {"sxtw x0, w1", "sbfm x0, x1, #0, #31"},
    {"mul x0, x1, x2", "madd x0, x1, x2, xzr"},
    {"mneg x0, x1, x2", "msub x0, x1, x2, xzr"},
    {"madd x0, x1, x2, x3", "madd x0, x1, x2, x3"},
    {"msub w0, w1, w2, w3", "msub w0, w1, w2, w3"},
    {"udiv x0, x1, x2", "udiv x0, x1, x2"},
    {"sdiv w0, w1, w2", "sdiv w0, w1, w2"},
    {"csel x0, x1, x2, eq", "csel x0, x1, x2, eq"},
    {"csinc x0, x1, x2, hs", "csinc x0, x1, x2, cs"},
    {"csinv x0, x1, x2, le", "csinv x0, x1, x2, le"},
    {"csneg w0, w1, w2, vs", "csneg w0, w1, w2, vs"},
    {"cset x0, eq", "csinc x0, xzr, xzr, ne"},
    {"csetm w0, lt", "csinv w0, wzr, wzr, ge"},
    {"cinc x0, x1, hi", "csinc x0, x1, x1, ls"},
    {"cinv x0, x1, mi", "csinv x0, x1, x1, pl"},
    {"cneg x0, x1, gt", "csneg x0, x1, x1, le"},
    {"ccmp x1, x2, #3, ne", "ccmp x1, x2, #3, ne"},
    {"ccmn w1, #31, #15, eq", "ccmn w1, #0x1f, #15, eq"},
    {"adr x0, buf+8", "mov x0, #0x80000008"},
    {"adr x0, buf+256", "mov x0, #0x80000100"},
    {"ldr x0, =buf+256", "mov x0, #0x80000100"},
    {"ldr x0, =0x1234", "mov x0, #0x1234"},
    {"here: b here", "b 0"},
    {"here: b.ne here", "b.ne 0"},
    {"bl end\nend:", "bl 1"},
    {"br x1", "br x1"},
    {"blr x1", "blr x1"},
    {"ret", "ret x30"},
    {"ret x2", "ret x2"},
    {"here: cbz x1, here", "cbz x1, 0"},
    {"here: cbnz w1, here", "cbnz w1, 0"},
    {"here: tbz x1, #63, here", "tbz x1, #63, 0"},
    {"here: tbnz w1, #0, here", "tbnz w1, #0, 0"},
    {"ldr x0, [x1, #8]", "ldr x0, [x1, #8]"},
    {"ldr w0, [sp], #-4", "ldr w0, [sp], #-4"},
    {"ldr x0, [x1, #-8]!", "ldr x0, [x1, #-8]!"},
    {"ldr x0, [x1, x2]", "ldr x0, [x1, x2]"},
    {"ldr x0, [x1, x2, lsl #3]", "ldr x0, [x1, x2, lsl #3]"},
    {"ldr x0, [x1, w2, sxtw]", "ldr x0, [x1, w2, sxtw #0]"},
    {"ldr x0, [x1, x2, sxtx #3]", "ldr x0, [x1, x2, sxtx #3]"},
    {"ldr x0, [buf+8]", "ldr x0, [0x80000008]"},
    {"ldrb w0, [x1]", "ldrb w0, [x1]"},
    {"ldrh w0, [x1]", "ldrh w0, [x1]"},
    {"ldrsb x0, [x1]", "ldrsb x0, [x1]"},
    {"ldrsh w0, [x1]", "ldrsh w0, [x1]"},
    {"ldrsw x0, [x1]", "ldrsw x0, [x1]"},
    {"ldur x0, [x1, #3]", "ldur x0, [x1, #3]"},
    {"ldurb w0, [x1, #-1]", "ldurb w0, [x1, #-1]"},
    {"ldurh w0, [x1, #-1]", "ldurh w0, [x1, #-1]"},
    {"ldursb w0, [x1, #-1]", "ldursb w0, [x1, #-1]"},
    {"ldursh x0, [x1, #-1]", "ldursh x0, [x1, #-1]"},
    {"ldursw x0, [x1, #-1]", "ldursw x0, [x1, #-1]"},
    {"str x0, [x1]", "str x0, [x1]"},
    {"strb w0, [x1]", "strb w0, [x1]"},
    {"strh w0, [x1]", "strh w0, [x1]"},
    {"stur w0, [x1, #-4]", "stur w0, [x1, #-4]"},
    {"sturb w0, [x1, #-4]", "sturb w0, [x1, #-4]"},
    {"sturh w0, [x1, #-4]", "sturh w0, [x1, #-4]"},
    {"ldp x0, x1, [x2, #16]!", "ldp x0, x1, [x2, #16]!"},
    {"ldpsw x0, x1, [x2]", "ldpsw x0, x1, [x2]"},
    {"stp w0, w1, [x2], #-8", "stp w0, w1, [x2], #-8"},
    {"ldar x0, [x1]", "ldar x0, [x1]"},
    {"ldarb w0, [x1]", "ldarb w0, [x1]"},
    {"ldarh w0, [x1]", "ldarh w0, [x1]"},
    {"ldapr w0, [x1]", "ldapr w0, [x1]"},
    {"ldaprb w0, [x1]", "ldaprb w0, [x1]"},
    {"ldaprh w0, [x1]", "ldaprh w0, [x1]"},
    {"stlr x0, [x1]", "stlr x0, [x1]"},
    {"stlrb w0, [x1]", "stlrb w0, [x1]"},
    {"stlrh w0, [x1]", "stlrh w0, [x1]"},
    {".fetch x0, [x1, #4]", ".fetch x0, [x1, #4]"},
    {".walk x0, [x1]", ".walk x0, [x1]"},
    {"dc cvac, x1", "dc cvac, x1"},
    {"dc civac, buf[..]", "dc civac, 0x80000000..0x80000100"},
    {"ic ivau, buf+64", "ic ivau, 0x80000040"},
    {"ic iallu", "ic iallu"},
    {"dmb ishld", "dmb ishld"},
    {"dsb sy", "dsb sy"},
    {"isb", "isb"},
    {"msr sctlr_el1, xzr", "msr sctlr_el1, xzr"},
    {"mrs x0, ctr_el0", "mrs x0, ctr_el0"},
    {".delay 1", ".directive 0"},
};

/// Absolute addresses, branch targets and directive numbers are no syntax of programs.
bool can_be_read_again(const Instruction& i) {
  switch (i.opcode) {
    case Opcode::Directive:
    case Opcode::B:
    case Opcode::BL:
    case Opcode::CBZ:
    case Opcode::CBNZ:
    case Opcode::TBZ:
    case Opcode::TBNZ:
      return false;
    case Opcode::LDR:
    case Opcode::DC:
    case Opcode::IC:
      return i.rn != kZeroRegister || i.immediate == 0;
    default:
      return true;
  }
}

}  // namespace

TEST_CASE("every mnemonic has its canonical text, which assembles to the same instruction") {
  for (const auto& [source, canonical] : kRows) {
    const Instruction i = instruction_of(source);
    INFO(source);
    CHECK(text_of(i) == canonical);
    if (can_be_read_again(i)) CHECK(instruction_of(canonical) == i);
  }
}

TEST_CASE("letter case and the # of immediates are free") {
  CHECK(instruction_of("LDR X0, [X1, 8]") == instruction_of("ldr x0, [x1, #8]"));
  CHECK(instruction_of("Dsb ISH") == instruction_of("dsb ish"));
  CHECK(instruction_of("mov\tx0 ,# - 1 // a comment") == instruction_of("mov x0, #-1"));
}

TEST_CASE("the table above names every mnemonic") {
  std::set<std::string> named;
  for (const auto& [source, canonical] : kRows) {
    std::string text = source;
    if (const auto colon = text.find(": "); colon != std::string::npos) text = text.substr(colon + 2);
    named.insert(text.substr(0, text.find(' ')));
  }
  for (const Mnemonic& m : mnemonics()) {
    INFO(m.name);
    CHECK(named.contains(std::string(m.name)));
  }
}
