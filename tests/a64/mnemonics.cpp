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
    {"here: b here", "b .+0"},
    {"here: b.ne here", "b.ne .+0"},
    {"bl end\nend:", "bl .+4"},
    {"br x1", "br x1"},
    {"blr x1", "blr x1"},
    {"ret", "ret x30"},
    {"ret x2", "ret x2"},
    {"here: cbz x1, here", "cbz x1, .+0"},
    {"here: cbnz w1, here", "cbnz w1, .+0"},
    {"here: tbz x1, #63, here", "tbz x1, #63, .+0"},
    {"here: tbnz w1, #0, here", "tbnz w1, #0, .+0"},
    {"ldr x0, [x1, #8]", "ldr x0, [x1, #8]"},
    {"ldr w0, [sp], #-4", "ldr w0, [sp], #-4"},
    {"ldr x0, [x1, #-8]!", "ldr x0, [x1, #-8]!"},
    {"ldr x0, [x1, x2]", "ldr x0, [x1, x2]"},
    {"ldr x0, [x1, x2, lsl #3]", "ldr x0, [x1, x2, lsl #3]"},
    {"ldr x0, [x1, w2, sxtw]", "ldr x0, [x1, w2, sxtw]"},
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
    {"msr daifset, #2", "msr daifset, #2"},
    {"msr DAIFClr, #15", "msr daifclr, #15"},
    {"msr spsel, #1", "msr spsel, #1"},
    {"msr spsel, x1", "msr spsel, x1"},
    {"msr pan, #0", "msr pan, #0"},
    {"msr uao, #1", "msr uao, #1"},
    {"msr dit, #1", "msr dit, #1"},
    {"tlbi vmalle1is", "tlbi vmalle1is"},
    {"tlbi VAE1IS, x3", "tlbi vae1is, x3"},
    {"tlbi vae2os, buf", "tlbi vae2os, 0x1000000080000"},
    {"at s1e1r, x0", "at s1e1r, x0"},
    {"at S12E0W, x4", "at s12e0w, x4"},
    {"at s1e1wp, [buf+8]", "at s1e1wp, 0x80000008"},
    {"at s1e1r, buf+8", "at s1e1r, 0x80000008"},
    {"dc isw, x1", "dc isw, x1"},
    {"dc csw, xzr", "dc csw, xzr"},
    {"dc cisw, x1", "dc cisw, x1"},
    {"svc #0", "svc #0x0"},
    {"hvc #65535", "hvc #0xffff"},
    {"smc #1", "smc #0x1"},
    {"brk #1", "brk #0x1"},
    {"eret", "eret"},
    {"wfe", "wfe"},
    {"wfi", "wfi"},
    {"sev", "sev"},
    {"sevl", "sevl"},
    {"clrex", "clrex"},
    {"hint #0", "nop"},
    {"hint #2", "wfe"},
    {"hint #5", "sevl"},
    {"hint #99", "nop"},
    {"bti jc", "nop"},
    {"bti", "nop"},
    {"psb csync", "nop"},
    {"tsb csync", "nop"},
    {"prfm pldl1keep, [x0]", "prfm pldl1keep, [x0]"},
    {"prfm pstl3strm, [x0, x1, lsl #3]", "prfm pstl3strm, [x0, x1, lsl #3]"},
    {"prfm plil2keep, [buf]", "prfm plil2keep, [0x80000000]"},
    {"prfm #7, [x0, #8]", "prfm #7, [x0, #8]"},
    {"prfm #31, [x0, #8]", "prfm #31, [x0, #8]"},
    {"prfum pldl1strm, [x0, #-1]", "prfum pldl1strm, [x0, #-1]"},
    {"ldxr x0, [x1]", "ldxr x0, [x1]"},
    {"ldxrb w0, [sp]", "ldxrb w0, [sp]"},
    {"ldxrh w0, [x1, #0]", "ldxrh w0, [x1]"},
    {"ldaxr w0, [x1]", "ldaxr w0, [x1]"},
    {"ldaxrb w0, [x1]", "ldaxrb w0, [x1]"},
    {"ldaxrh w0, [x1]", "ldaxrh w0, [x1]"},
    {"stxr w0, x1, [x2]", "stxr w0, x1, [x2]"},
    {"stxrb w0, w1, [x2]", "stxrb w0, w1, [x2]"},
    {"stxrh wzr, wzr, [x2]", "stxrh wzr, wzr, [x2]"},
    {"stlxr w0, w1, [sp]", "stlxr w0, w1, [sp]"},
    {"stlxrb w0, w1, [x2]", "stlxrb w0, w1, [x2]"},
    {"stlxrh w0, w1, [x2]", "stlxrh w0, w1, [x2]"},
    {"ldxp x0, x1, [x2]", "ldxp x0, x1, [x2]"},
    {"ldaxp w0, w1, [x2]", "ldaxp w0, w1, [x2]"},
    {"stxp w0, x1, x2, [x3]", "stxp w0, x1, x2, [x3]"},
    {"stlxp w0, w1, w2, [x3]", "stlxp w0, w1, w2, [x3]"},
    {"casp x0, x1, x2, x3, [x4]", "casp x0, x1, x2, x3, [x4]"},
    {"caspa w0, w1, w2, w3, [x4]", "caspa w0, w1, w2, w3, [x4]"},
    {"caspl x30, xzr, x2, x3, [x4]", "caspl x30, xzr, x2, x3, [x4]"},
    {"caspal x0, x1, x2, x3, [sp]", "caspal x0, x1, x2, x3, [sp]"},
    {"ldlar x0, [x1]", "ldar x0, [x1]"},
    {"ldlarb w0, [x1]", "ldarb w0, [x1]"},
    {"ldlarh w0, [x1]", "ldarh w0, [x1]"},
    {"stllr x0, [x1]", "stlr x0, [x1]"},
    {"stllrb w0, [x1]", "stlrb w0, [x1]"},
    {"stllrh w0, [x1]", "stlrh w0, [x1]"},
    {"ldapur x0, [x1, #-8]", "ldapur x0, [x1, #-8]"},
    {"ldapur w0, [x1]", "ldapr w0, [x1]"},
    {"ldapurb w0, [x1, #1]", "ldapurb w0, [x1, #1]"},
    {"ldapurh w0, [x1, #1]", "ldapurh w0, [x1, #1]"},
    {"ldapursb x0, [x1]", "ldapursb x0, [x1]"},
    {"ldapursh w0, [x1, #1]", "ldapursh w0, [x1, #1]"},
    {"ldapursw x0, [x1, #1]", "ldapursw x0, [x1, #1]"},
    {"stlur x0, [x1, #255]", "stlur x0, [x1, #255]"},
    {"stlurb w0, [x1, #1]", "stlurb w0, [x1, #1]"},
    {"stlurh w0, [x1, #1]", "stlurh w0, [x1, #1]"},
    {"ldtr x0, [x1, #8]", "ldtr x0, [x1, #8]"},
    {"ldtrb w0, [x1]", "ldtrb w0, [x1]"},
    {"ldtrh w0, [x1]", "ldtrh w0, [x1]"},
    {"ldtrsb x0, [x1]", "ldtrsb x0, [x1]"},
    {"ldtrsh w0, [x1]", "ldtrsh w0, [x1]"},
    {"ldtrsw x0, [x1]", "ldtrsw x0, [x1]"},
    {"sttr w0, [x1, #-3]", "sttr w0, [x1, #-3]"},
    {"sttrb w0, [x1]", "sttrb w0, [x1]"},
    {"sttrh w0, [x1]", "sttrh w0, [x1]"},
    {"ldnp x0, x1, [x2, #16]", "ldp x0, x1, [x2, #16]"},
    {"stnp w0, w1, [x2]", "stp w0, w1, [x2]"},
    {"adrp x0, image+8", "mov x0, #0xffff000040080000"},
    {"adrp x0, buf", "mov x0, #0x80000000"},
    {"add x0, x0, :lo12:buf+8", "add x0, x0, #0x8"},
    {"ldr x0, [x1, #:lo12:buf+16]", "ldr x0, [x1, #16]"},
    {"adc x0, x1, x2", "adc x0, x1, x2"},
    {"adcs w0, w1, w2", "adcs w0, w1, w2"},
    {"sbc x0, x1, x2", "sbc x0, x1, x2"},
    {"sbcs x0, x1, x2", "sbcs x0, x1, x2"},
    {"ngc w0, w1", "sbc w0, wzr, w1"},
    {"ngcs x0, x1", "sbcs x0, xzr, x1"},
    {"extr x0, x1, x2, #63", "extr x0, x1, x2, #63"},
    {"ror w0, w1, #5", "extr w0, w1, w1, #5"},
    {"smaddl x0, w1, w2, x3", "smaddl x0, w1, w2, x3"},
    {"umaddl x0, w1, w2, x3", "umaddl x0, w1, w2, x3"},
    {"smsubl x0, w1, w2, x3", "smsubl x0, w1, w2, x3"},
    {"umsubl x0, w1, w2, x3", "umsubl x0, w1, w2, x3"},
    {"smull x0, w1, w2", "smaddl x0, w1, w2, xzr"},
    {"umull x0, w1, w2", "umaddl x0, w1, w2, xzr"},
    {"smnegl x0, w1, w2", "smsubl x0, w1, w2, xzr"},
    {"umnegl x0, w1, w2", "umsubl x0, w1, w2, xzr"},
    {"smulh x0, x1, x2", "smulh x0, x1, x2"},
    {"umulh x0, x1, x2", "umulh x0, x1, x2"},
    {"rbit w0, w1", "rbit w0, w1"},
    {"rev x0, x1", "rev x0, x1"},
    {"rev w0, w1", "rev w0, w1"},
    {"rev16 w0, w1", "rev16 w0, w1"},
    {"rev32 x0, x1", "rev32 x0, x1"},
    {"rev64 x0, x1", "rev x0, x1"},
    {"clz x0, x1", "clz x0, x1"},
    {"cls w0, w1", "cls w0, w1"},
    {"crc32b w0, w1, w2", "crc32b w0, w1, w2"},
    {"crc32h w0, w1, w2", "crc32h w0, w1, w2"},
    {"crc32w w0, w1, w2", "crc32w w0, w1, w2"},
    {"crc32x w0, w1, x2", "crc32x w0, w1, x2"},
    {"crc32cb w0, w1, w2", "crc32cb w0, w1, w2"},
    {"crc32ch w0, w1, w2", "crc32ch w0, w1, w2"},
    {"crc32cw w0, w1, w2", "crc32cw w0, w1, w2"},
    {"crc32cx w0, w1, x2", "crc32cx w0, w1, x2"},
    {"ldr q0, [x1, #16]", "ldr q0, [x1, #16]"},
    {"ldr q31, [x1, x2, lsl #4]", "ldr q31, [x1, x2, lsl #4]"},
    {"ldr d1, [sp], #-8", "ldr d1, [sp], #-8"},
    {"str s2, [x1, #4]!", "str s2, [x1, #4]!"},
    {"str h3, [x1, w2, uxtw #1]", "str h3, [x1, w2, uxtw #1]"},
    {"ldr b4, [x1]", "ldr b4, [x1]"},
    {"ldur Q5, [x1, #-16]", "ldur q5, [x1, #-16]"},
    {"stur q6, [x1, #8]", "stur q6, [x1, #8]"},
    {"ldp q0, q1, [x2], #32", "ldp q0, q1, [x2], #32"},
    {"stp d0, d0, [x2, #-16]", "stp d0, d0, [x2, #-16]"},
    {"ldnp s0, s1, [x2]", "ldp s0, s1, [x2]"},
    {"stnp q0, q1, [x2, #32]", "stp q0, q1, [x2, #32]"},
    {"str q0, [buf+16]", "str q0, [0x80000010]"},
    {"movi v0.16b, #0xab", "movi v0.16b, #0xab"},
    {"movi v1.8b, #0", "movi v1.8b, #0x0"},
    {"movi v2.2d, #0", "movi v2.16b, #0x0"},
    {"movi v3.2d, #0xff00ff0000000000", "movi v3.2d, #0xff00ff0000000000"},
    {"movi d4, #0xff", "movi d4, #0xff"},
    {"movi v5.4s, #1", "movi v5.4s, #0x1, lsl #0"},
    {"movi v6.2s, #1, lsl #24", "movi v6.2s, #0x1, lsl #24"},
    {"movi v7.8h, #1", "movi v7.8h, #0x1, lsl #0"},
    {"movi v31.4h, #1, lsl #8", "movi v31.4h, #0x1, lsl #8"},
    {"dup v0.16b, w1", "dup v0.16b, w1"},
    {"dup v0.4h, wzr", "dup v0.4h, wzr"},
    {"dup v0.2d, x1", "dup v0.2d, x1"},
    {"umov x0, v1.d[1]", "umov x0, v1.d[1]"},
    {"umov w0, v31.b[15]", "umov w0, v31.b[15]"},
    {".delay 1", ".directive 0"},
};

/// Hints that may do nothing, and do.
const char* const kNothing[] = {"sb",      "csdb",      "esb",       "dgh",       "xpaclri",  "paciasp",
                                "pacibsp", "autiasp",   "autibsp",   "paciaz",    "pacibz",   "autiaz",
                                "autibz",  "pacia1716", "pacib1716", "autia1716", "autib1716"};

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
    case Opcode::STR:
    case Opcode::PRFM:
    case Opcode::TLBI:
    case Opcode::AT:
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

TEST_CASE("hints that are permitted to do nothing are no instructions of their own") {
  for (const char* text : kNothing) CHECK(text_of(instruction_of(text)) == "nop");
}

TEST_CASE("atomics of every operation, order and size have a canonical text of their own") {
  std::set<std::string> texts;
  for (const Mnemonic& m : atomic_mnemonics()) {
    const bool plain = m.prototype.opcode == Opcode::CAS || m.prototype.opcode == Opcode::Atomic;
    if (!plain) continue;
    INFO(m.name);
    const bool store = m.name.starts_with("st");
    for (const char letter : {'w', 'x'}) {
      if (letter == 'x' && m.prototype.element_bytes != kSizeOfRegister) continue;
      const std::string r(1, letter);
      const std::string name(m.name);
      const std::string source = name + " " + r + "3" + (store ? "" : ", " + r + "4") + ", [x5]";
      const std::string canonical = store ? "ld" + name.substr(2) + " " + r + "3, " + r + "zr, [x5]" : source;
      const Instruction i = instruction_of(source);
      CHECK(text_of(i) == canonical);
      CHECK(instruction_of(canonical) == i);
      CHECK(texts.insert(canonical).second);
      const MemoryRequest request = [&] {
        Registers registers;
        return issue(program_of(source), 0, registers, registers).memory;
      }();
      CHECK(request.kind == MemoryRequest::Kind::Atomic);
      CHECK(request.element_bytes == i.element_bytes);
      CHECK(request.acquire == m.prototype.acquire);
      CHECK(request.release == m.prototype.release);
    }
  }
  CHECK(texts.size() == 4 * (3 + 1) * (8 + 2) + 2 * (3 + 1) * 8);
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
  named.insert(std::begin(kNothing), std::end(kNothing));
  for (const Mnemonic& m : mnemonics()) {
    INFO(m.name);
    if (m.prototype.opcode == Opcode::Atomic || m.prototype.opcode == Opcode::CAS) continue;  // above
    CHECK(named.contains(std::string(m.name)));
  }
}
