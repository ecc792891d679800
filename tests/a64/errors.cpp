// SPDX-License-Identifier: Apache-2.0
// Every kind of mistake: where it is reported, and what is said.
#include "harness.h"

using namespace staleline::a64;
using namespace staleline::a64::test;

namespace {

struct Row {
  const char* text;
  std::uint32_t column;  ///< of the line as written, from 1
  const char* fragment;
  const char* suggestion = "";
};

void check(const Row& row, bool device = false) {
  INFO(row.text);
  const Assembled a = assembled(row.text, device);
  REQUIRE(a.problems.size() == 1);
  CHECK(a.problems[0].line == 10);
  CHECK(a.problems[0].column == row.column + 2);  // the harness starts lines at column 3
  CHECK_THAT(a.problems[0].message, Catch::Contains(row.fragment));
  CHECK_THAT(a.problems[0].message, Catch::Contains(row.suggestion));
  CHECK(a.program.instructions.size() == 1);
  CHECK(a.program.directives.empty());
}

}  // namespace

TEST_CASE("each mistake is reported at its token") {
  const Row rows[] = {
      // First words.
      {"lrd x0, [x1]", 1, "unknown instruction `lrd`", "did you mean `ldr`?"},
      {"b.xx here", 1, "unknown instruction `b.xx`"},
      {"beq here", 1, "unknown instruction `beq`", "did you mean `b.eq`?"},
      {".expct x0 == 1", 1, "unknown directive `.expct`", "did you mean `.expect`?"},
      {"# a comment", 1, "a comment begins with `//`"},
      {"123", 1, "expected an instruction, a directive or a label"},
      {". nop", 1, "unknown directive `.nop`"},
      {".", 2, "expected the name of a directive"},
      {"@", 1, "found `@`"},
      {"\x01\xff", 1, "found `\\x01`"},
      {"hlt #0", 1, "`hlt` is not modelled"},
      {"mov x\xef\xbc\x90, x1", 5, "expected a register, found `x\xef\xbc\x90` (U+FF10)"},
      {"\xef\xbd\x8dov x0, x1", 1, "found `\xef\xbd\x8dov` (U+FF4D)"},
      {"mov x0, \xe2\x80\x8bx1", 9, "found `\\u{200b}x1` (U+200B)"},
      {"nop \xff", 5, "found `\\xff`"},
      {"@\xc3\xa9", 1, "found `@`"},
      // Registers.
      {"mov x31, x0", 5, "there is no `x31`", "`xzr`"},
      {"mov y0, x0", 5, "expected a register, found `y0`", "did you mean `x0`?"},
      {"mov x0, ", 9, "expected a register or an immediate, found the end of the line", "write `mov Xd, Xm|#value`"},
      {"add x0, x1", 11, "expected `,`, found the end of the line", "write `add Xd, Xn, Xm|#value`"},
      {"add x0 x1, x2", 8, "expected `,`, found `x1`"},
      {"add x0, x1, w2", 13, "differ in width", "uxtw"},
      {"orr x0, w1, x2", 9, "`w1` is a 32-bit register, `x0` is not"},
      {"mul x0, x1, sp", 13, "`sp` cannot be used here"},
      {"ldr x0, [xzr]", 10, "`xzr` cannot be used here"},
      {"ldr x0, [w1]", 10, "expected a 64-bit register"},
      {"ldrb x0, [x1]", 6, "expected a 32-bit register"},
      {"ldrsw w0, [x1]", 7, "expected a 64-bit register"},
      {"sxtw x0, x1", 10, "expected a 32-bit register"},
      {"sxtw w0, w1", 6, "expected a 64-bit register"},
      {"adds sp, x1, #1", 6, "cannot be used in this form"},
      {"add xzr, x1, #1", 5, "cannot be used in this form"},
      {"add x0, xzr, #1", 9, "cannot be used in this form"},
      {"mov sp, #1", 5, "cannot be used in this form"},
      {"br w0", 4, "expected a 64-bit register"},
      // Immediates and numbers.
      {"mov x0, #010", 10, "`010` has a leading zero"},
      {"mov x0, #1_", 10, "between two digits"},
      {"mov x0, #0x1_0000_0000_0000_0000", 10, "does not fit in 64 bits"},
      {"mov x0, #-0x8000_0000_0000_0001", 11, "does not fit in 64 bits"},
      {"mov w0, #0x1_0000_0000", 10, "does not fit in a 32-bit register"},
      {"mov x0, #", 10, "expected a number"},
      {"add x0, x1, #4097", 14, "the immediate cannot be encoded"},
      {"add x0, x1, #4096, lsl #12", 14, "the immediate cannot be encoded"},
      {"add x0, x1, #1, lsl #3", 22, "0 or 12"},
      {"and x0, x1, #5", 13, "no bitmask immediate"},
      {"movz x0, #0x1_0000", 11, "the immediate is out of range: expected 0 to 65535"},
      {"movz x0, #1, lsl #8", 19, "0, 16, 32 or 48"},
      {"movz w0, #1, lsl #32", 19, "0 or 16"},
      {"lsl x0, x1, #64", 14, "the shift is out of range: expected 0 to 63"},
      {"lsl w0, w1, #32", 14, "expected 0 to 31"},
      {"add w0, w1, w2, lsl #32", 22, "expected 0 to 31"},
      {"add x0, x1, x2, lsr", 20, "expected a number"},
      {"add x0, x1, x2, ror #1", 17, "`ror` is for logical instructions"},
      {"add x0, x1, x2, lsk #1", 17, "expected a shift or an extension", "did you mean `lsl`?"},
      {"add x0, x1, x2, uxtw", 13, "takes a W register"},
      {"add x0, x1, w2, uxtw #5", 23, "expected 0 to 4"},
      {"add x0, sp, x2, asr #1", 17, "only `lsl` or an extension"},
      {"ubfx x0, x1, #60, #5", 20, "the width is out of range: expected 1 to 4"},
      {"ubfx x0, x1, #4, #0", 19, "the width is out of range: expected 1 to 60"},
      {"bfi w0, w1, #4, #29", 18, "expected 1 to 28"},
      {"neg x0, x1, ror #1", 13, "expected a shift, found `ror`"},
      {"ccmp x0, #32, #0, eq", 11, "expected 0 to 31"},
      {"ccmp x0, #1, #16, eq", 15, "expected 0 to 15"},
      {"tbz w0, #32, a", 10, "expected 0 to 31"},
      // Conditions and labels.
      {"csel x0, x1, x2, eg", 18, "unknown condition `eg`", "did you mean `eq`?"},
      {"cset x0, al", 10, "`al` has no inverse"},
      {"lop: b loop", 8, "no label `loop` in this program", "did you mean `lop`?"},
      {"b", 2, "expected a label, found the end of the line", "write `b LABEL`"},
      {"a: a: nop", 4, "`a` is already a label"},
      {"x0: nop", 1, "`x0` cannot be a label"},
      {"nop nop", 5, "expected the end of the line, found `nop`"},
      // Addresses and regions.
      {"ldr x0, x1", 9, "expected `[`, found `x1`"},
      {"ldr x0, []", 10, "expected a base register or a region"},
      {"ldr x0, [imge]", 10, "no region `imge`", "did you mean `image`?"},
      {"ldr x0, [foo]", 10, "no region `foo`", "`buf`, `hidden`, `image`, `line`"},
      {"ldr x0, [hidden]", 10, "region `hidden` is not mapped in this agent's view"},
      {"ldr x0, [buf+256]", 14, "the offset lies outside region `buf`, which has 256 bytes"},
      {"ldr x0, =buf+257", 14, "the offset lies outside region `buf`, which has 256 bytes"},
      {"dc civac, buf+256", 15, "the offset lies outside region `buf`, which has 256 bytes"},
      {"bic x0, x1, #5", 13, "no bitmask immediate"},
      {"bic xzr, x1, #1", 5, "cannot be used in this form"},
      {"bics sp, x1, #1", 6, "cannot be used in this form"},
      {"mov q0, x1", 5, "SIMD and floating-point registers such as `q0` only move data"},
      {"ldar q0, [x1]", 6, "SIMD and floating-point registers such as `q0` only move data"},
      {"ldrb b0, [x1]", 6, "SIMD and floating-point registers such as `b0` only move data"},
      {"ldr q40, [x1]", 5, "expected a register, found `q40`"},
      {"ldp h0, h1, [x2]", 5, "a pair is of S, D or Q registers, found `h0`"},
      {"stp q0, d1, [x2]", 9, "`d1` is not as wide as `q0`"},
      {"ldp q0, q0, [x2]", 9, "the two registers of a load must differ"},
      {"stp q0, x1, [x2]", 9, "expected a SIMD and floating-point register such as q0, found `x1`"},
      {"ldr q0, [x1, #24]!x", 19, "expected the end of the line"},
      {"ldr q0, [x1, #260]", 15, "a multiple of 16 from 0 to 65520, or -256 to 255"},
      {"ldp q0, q1, [x1, #1024]", 19, "a multiple of 16 from -1024 to 1008"},
      {"ldr q0, [x1, x2, lsl #3]", 23, "the index is shifted by 0 or by the size of the access: 4"},
      {"movi v0.16c, #0", 9, "expected an arrangement, found `16c`"},
      {"movi v0.16b, #256", 15, "the immediate is out of range: expected 0 to 255"},
      {"movi v0.2d, #1", 14, "bytes that are 0x00 or 0xff each"},
      {"movi q0, #0", 6, "expected d0 to d31 or a vector"},
      {"movi v0.4s, #1, lsl #4", 22, "the shift is 0, 8, 16 or 24"},
      {"dup v0.16b, x1", 13, "`x1` does not fit"},
      {"umov x0, v1.s[0]", 6, "`x0` does not fit"},
      {"umov x0, v1.d[2]", 15, "the element is out of range: expected 0 to 1"},
      {"ldr x0, [buf+252]", 10, "an access of 8 bytes at offset 252 does not fit"},
      {"ldp x0, x1, [buf+248]", 14, "an access of 16 bytes"},
      {"ldr x0, [buf - 8]", 14, "lies outside it"},
      {"ldr x0, [buf[..]]", 10, "expected one address"},
      {"ldr x0, [buf]!", 14, "no write-back"},
      {"ldr x0, [buf], #8", 14, "no write-back"},
      {"ldr x0, [x1, #32768]", 15, "a multiple of 8 from 0 to 32760, or -256 to 255"},
      {"ldr x0, [x1, #260]", 15, "the offset is out of range"},
      {"ldr x0, [x1, #-257]", 15, "the offset is out of range"},
      {"ldr x0, [x1, #256]!", 15, "expected -256 to 255"},
      {"ldr x0, [x1], #-257", 16, "expected -256 to 255"},
      {"ldur x0, [x1, #256]", 16, "expected -256 to 255"},
      {"ldp x0, x2, [x1, #512]", 19, "a multiple of 8 from -512 to 504"},
      {"ldp x0, x2, [x1, #4]", 19, "a multiple of 8"},
      {"ldar x0, [x1, #8]", 16, "expected 0"},
      {"ldar x0, [x1], #8", 14, "expected the end of the line"},
      {"ldur x0, [x1, x2]", 15, "expected an immediate offset"},
      {"ldr x0, [x1, x2, lsl #2]", 23, "shifted by 0 or by the size of the access: 3"},
      {"ldr x0, [x1, w2]", 16, "expected `,`"},
      {"ldr x0, [x1, w2, lsl #3]", 18, "expected `uxtw` or `sxtw`"},
      {"ldr x1, [x1], #8", 5, "also the base that is written back"},
      {"stp x2, x1, [x1, #16]!", 9, "also the base that is written back"},
      {"ldp x0, x0, [x1]", 9, "must differ"},
      {"ldr w0, =buf", 5, "needs a 64-bit register"},
      {"ldr w0, =0x1_0000_0000", 10, "does not fit in a 32-bit register"},
      {"ldr x0, =nowhere", 10, "no region `nowhere`"},
      // System.
      {"dc cvca, x0", 4, "expected an operation of dc, found `cvca`", "did you mean `cvac`?"},
      {"dc cvac", 8, "expected `,`", "write `dc OPERATION, Xn|REGION[..]`"},
      {"dc cvac, [x0]", 10, "written without brackets"},
      {"dc cvac, buf", 10, "spans several lines", "`buf[..]`"},
      {"dc cvac, bfu[..]", 10, "no region `bfu`", "did you mean `buf`?"},
      {"dc cvac, buf[8..8]", 14, "the range is empty"},
      {"dc cvac, buf[16..8]", 14, "the range is empty"},
      {"dc cvac, buf[0..257]", 17, "the end lies outside region `buf`"},
      {"dc cvac, buf[256..]", 14, "the start lies outside region `buf`"},
      {"dc cvac, buf[0.8]", 15, "expected `..`"},
      {"dc isw, buf", 9, "expected a register with the set, the way and the level"},
      {"dc igsw, x0", 4, "`dc igsw` is not modelled", "by address is, such as `civac`"},
      {"dc cvadp, x0", 4, "`dc cvadp` is not modelled", "`cvap`"},
      {"dc cigdvac, x0", 4, "`dc cigdvac` is not modelled"},
      {"dc zva, buf[..]", 9, "one whole line"},
      {"ic ivuu, x0", 4, "expected an operation of ic", "did you mean `ivau`?"},
      {"ic iallu, x0", 9, "expected the end of the line"},
      {"dsb ishs", 5, "expected a barrier option, found `ishs`", "did you mean `ish"},
      {"dsb all", 5, "expected a barrier option, found `all`",
       "there are `oshld`, `oshst`, `osh`, `nshld`, `nshst`, `nsh`, `ishld`, `ishst`, `ish`, `ld`, `st`, `sy`"},
      {"dmb", 4, "expected a barrier option, found the end of the line"},
      {"dmb #4", 5, "reserved"},
      {"dmb #16", 6, "out of range"},
      {"msr sctrl_el1, x0", 5, "unknown system register `sctrl_el1`", "did you mean `sctlr_el1`?"},
      {"mrs x0, ID_AA64MMFR9_EL1", 9, "unknown system register `id_aa64mmfr9_el1`", "did you mean `id_aa64mmfr0_el1`?"},
      {"msr s3_0_c15_c0_0, x0", 5, "unknown system register"},
      {"msr midr_el1, x0", 5, "`midr_el1` is read-only"},
      {"mrs x0, OSLAR_EL1", 9, "`oslar_el1` is write-only"},
      {"msr sp_el2, x0", 5, "`sp_el2` can be used at EL3 only"},
      {"msr ctr_el0, x0", 5, "read-only"},
      {"tlbi vae1si, x0", 6, "expected an operation of tlbi, found `vae1si`", "did you mean `vae1is`?"},
      {"tlbi vae1is", 12, "expected `,`", "write `tlbi OPERATION, Xn|REGION`"},
      {"tlbi vmalle1, x0", 13, "`vmalle1` takes no operand"},
      {"tlbi vae1is, w0", 14, "expected a 64-bit register"},
      {"tlbi vae1is, hidden", 14, "region `hidden` is not mapped"},
      {"tlbi vae1is, bfu", 14, "no region `bfu`", "did you mean `buf`?"},
      {"tlbi vae1is, wm:buf", 14, "no view `wm`", "`vm`"},
      {"tlbi vae1is, vm:line", 17, "view `vm` does not map `line`"},
      {"tlbi vae3, x0", 6, "`vae3` can be used at EL3 only"},
      {"at s1e1x, x0", 4, "expected an operation of at", "did you mean `s1e1r`?"},
      {"at s1e1r", 9, "expected `,`"},
      {"at s1e1r, [x0]", 12, "a register is written without brackets"},
      {"svc #65536", 6, "out of range"},
      {"hvc", 4, "expected a number"},
      {"msr daifset, #16", 15, "out of range: expected 0 to 15"},
      {"msr spsel, #2", 13, "out of range: expected 0 to 1"},
      {"msr daifset, x0", 14, "expected a number"},
      {"hint #128", 7, "out of range"},
      {"bti k", 5, "expected `c`, `j`, `jc` or `csync`"},
      {"prfm pldl4keep, [x0]", 6, "expected an operation of prfm", "did you mean `pldl1keep`?"},
      // Exclusives and atomics.
      {"stxr x0, x1, [x2]", 6, "the status goes to a 32-bit register"},
      {"stxr w1, x1, [x2]", 6, "the status register `w1` is used by the store itself"},
      {"stxp w2, x1, x2, [x3]", 6, "the status register `w2` is used by the store itself"},
      {"stxr w2, x1, [x2]", 6, "the status register `w2` is also the base"},
      {"ldxr x0, [x1, #8]", 16, "expected 0"},
      {"ldxr x0, [x1]!", 14, "expected the end of the line"},
      {"ldxp x0, x0, [x1]", 10, "must differ"},
      {"ldxrb x0, [x1]", 7, "expected a 32-bit register"},
      {"cas x0, w1, [x2]", 9, "`w1` is a 32-bit register, `x0` is not"},
      {"casp x1, x2, x4, x5, [x6]", 6, "`x1` cannot begin a pair"},
      {"casp x0, x2, x4, x5, [x6]", 10, "two registers in a row"},
      {"casp x0, x1, w4, w5, [x6]", 14, "`w4` is a 32-bit register"},
      {"ldadd x0, x1, [x2], #8", 19, "expected the end of the line"},
      {"ldaddx x0, x1, [x2]", 1, "unknown instruction `ldaddx`", "did you mean `ldadd`?"},
      {"stadda x0, [x2]", 1, "unknown instruction `stadda`"},
      {"stnp x0, x1, [x2, #16]!", 23, "expected the end of the line"},
      {"ldtr x0, [x1, x2]", 15, "expected an immediate offset"},
      // Integers.
      {"extr x0, x1, x2, #64", 19, "out of range: expected 0 to 63"},
      {"rev32 w0, w1", 7, "expected a 64-bit register"},
      {"rev64 w0, w1", 7, "expected a 64-bit register"},
      {"smull x0, x1, w2", 11, "expected a 32-bit register"},
      {"smull w0, w1, w2", 7, "expected a 64-bit register"},
      {"umulh w0, w1, w2", 7, "expected a 64-bit register"},
      {"crc32x w0, w1, w2", 16, "expected a 64-bit register"},
      {"crc32b x0, w1, w2", 8, "expected a 32-bit register"},
      {"ror w0, w1, #32", 14, "expected 0 to 31"},
      {"add x0, x0, :hi12:buf", 14, "expected `lo12`"},
      // Tables and descriptors.
      {"str x0, [pte(hidden)]", 14, "no table maps `hidden`"},
      {"str x0, [pte(bfu)]", 14, "no region `bfu`", "did you mean `buf`?"},
      {"str x0, [pte(vn:buf)]", 14, "no view `vn`", "`vm`"},
      {"str x0, [pte(buf, 4)]", 19, "the level is out of range: expected -1 to 3"},
      {"str x0, [pte(buf[..])]", 14, "expected one address"},
      {"str x0, [pte(buf+256)]", 18, "the offset lies outside region `buf`"},
      {"str x0, [pte(buf]", 17, "expected `)`"},
      {"ldr w0, =desc(buf)", 5, "a descriptor needs a 64-bit register"},
      {"ldr x0, =desc(buf, normal-nx)", 20, "unknown attribute `normal-nx`", "did you mean `normal-nc`?"},
      {"ldr x0, =desc(buf, normal-nc, rx)", 31, "unknown flag `rx`", "did you mean `r"},
      {"ldr x0, =desc(buf, normal-nc, nog)", 31, "unknown flag `nog`", "did you mean `n"},
      {"ldr x0, =desc(buf, ro, rw)", 24, "`rw` contradicts `ro`"},
      {"ldr x0, =desc(buf, table, xn, block)", 31, "`block` contradicts `table`"},
      {"adr x0, desc(buf)", 9, "no region `desc`"},
      // Directives.
      {".grant gest, buf", 8, "no agent `gest`", "did you mean `guest`?"},
      {".grant guest", 13, "expected `,`", "write `.grant AGENT, RANGE`"},
      {".revoke guest, buf+8", 16, "expected a region or a range of one"},
      {".vector handler", 9, "no label `handler`"},
      {".poweroff now", 11, "expected the end of the line"},
      {".await cpu.freed, fetchd", 19, "expected `acquire` or `fetched`", "did you mean `fetched`"},
      {".await", 7, "expected an agent", "write `.await AGENT.NAME, acquire`"},
      {".await gust", 8, "no agent `gust`", "did you mean `guest`?"},
      {".await cpu.fred", 12, "`cpu` has no edge `fred`", "did you mean `freed`?"},
      {".await cpu, aquire", 13, "expected `acquire`", "did you mean `acquire`?"},
      {".await guest, acquire", 15, "only a flag takes `acquire`"},
      {".publish handoff", 10, "has a meaning of its own"},
      {".handoff cpu", 10, "no agent `cpu`", "there is `guest`"},
      {".doorbell nik", 11, "no device `nik`", "did you mean `nic`?"},
      {".complete", 1, "only the program of a device completes"},
      {".copy buf", 10, "expected `,`"},
      {".copy buf, image", 12, "the source has 1024 bytes, the destination 256 bytes"},
      {".copy buf[0..8], payload", 18, "the payload gives 100 bytes, the destination has 8 bytes"},
      {".copy line, payload", 13, "the payload gives 100 bytes, the destination has 64 bytes"},
      {".copy buf+8, image[0..8]", 7, "expected a region or a range of one"},
      {".copy buf, payload(buf)", 20, "region `buf` has no payload"},
      {".copy buf[0..8], payload[96..104]", 30, "the end lies outside the payload, which has 100 bytes"},
      {".fill buf, 256", 12, "the byte is out of range: expected 0 to 255"},
      {".fill hidden, 1", 7, "not mapped"},
      {".expect w0 == 1", 9, "expected a 64-bit register"},
      {".expect xzr == 1", 9, "expected x0 to x30"},
      {".expect x0 = 1", 12, "expected a relation"},
      {".expect x0 == payload[0..9]", 15, "at most 8 bytes"},
      {".expect x0 == x1", 15, "expected a number or payload bytes"},
      {".delay -1", 8, "out of range"},
      {".fetch x0, [x1], #4", 16, "expected the end of the line"},
  };
  for (const Row& row : rows) check(row);
}

TEST_CASE("what A64 has and programs have not is no slip of the keyboard") {
  const Row rows[] = {
      {"hlt #0", 1, "`hlt` is not modelled; ", "`ret`"},
      {"eretaa", 1, "`eretaa` is not modelled; ", "only synchronises context"},
      {"wfet x0", 1, "`wfet` is not modelled; ", "`.await AGENT`"},
      {"ld64b x0, [x1]", 1, "`ld64b` is not modelled; ", "`.publish` and `.await`"},
      {"cpp rctx, x0", 1, "`cpp` is not modelled; ", "`.walk`"},
      {"sys #0, c7, c5, #0", 1, "`sys` is not modelled; ", "the name of the operation"},
      {"ld1 {v0.16b}, [x0]", 1, "`ld1` is not modelled; ", "`.copy`"},
      {"st1 {v0.16b}, [x0]", 1, "`st1` is not modelled; ", "`.copy`"},
      {"retaa", 1, "`retaa` is not modelled"},
  };
  for (const Row& row : rows) check(row);
  // Not every word that looks like one is.
  for (const char* text : {"casx", "ldaddx", "stadda", "swpla", "dsc", "lxdr"}) check({text, 1, "unknown instruction"});
}

TEST_CASE("a device's program refuses what only a PE does") {
  for (const char* text :
       {"dc cvac, x0",       "ic iallu",        "dsb sy",         "dmb ish",       "isb",
        "msr sctlr_el1, x0", "mrs x0, ctr_el0", "ldar x0, [x1]",  "stlr x0, [x1]", ".handoff guest",
        ".doorbell nic",     ".fetch x0, [x1]", ".walk x0, [x1]", "ldxr x0, [x1]", "ldadd x0, x1, [x2]",
        "tlbi vmalle1",      "at s1e1r, x0",    "hvc #0",         "wfe",           "prfm pldl1keep, [x0]",
        ".grant guest, buf", ".vector here",    ".poweroff"}) {
    check({text, 1, "cannot be used in the program of a device"}, true);
  }
  CHECK(assembled(".await cpu\nldr x0, [buf]\nadd x0, x0, #1\nstr x0, [buf]\n.copy buf[0..8], image[0..8]\n.complete",
                  true)
            .problems.empty());
}

TEST_CASE("all mistakes are reported, one a line, in order, right lines are kept") {
  const Assembled a = assembled("a: bogus\nnop\na: bogus\nmov x0, #1\nb nowhere");
  REQUIRE(a.problems.size() == 3);
  CHECK(a.problems[0].line == 10);
  CHECK(a.problems[1].line == 12);
  CHECK_THAT(a.problems[1].message, Catch::Contains("already a label"));
  CHECK(a.problems[2].line == 14);
  REQUIRE(a.program.instructions.size() == 5);
  CHECK(a.program.instructions[3].opcode == Opcode::MOV);
}

TEST_CASE("a hopeless program is not reported line by line without end") {
  std::string text;
  for (unsigned n = 0; n < 100'000; ++n) text += "bogus\n";
  const Assembled a = assembled(text);
  CHECK(a.problems.size() == 100);
  CHECK_THAT(a.problems.back().message, Catch::Contains("too many errors"));
}
