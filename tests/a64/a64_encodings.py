#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes encodings.tsv: assembler text of every mnemonic and operand shape, and the word that GNU as makes of it.

Needs binutils-aarch64-linux-gnu. The text is what both assemblers accept; in it, `back` is the instruction two before
and `there` the one two after. Rows that GNU as refuses are left out, and listed on stderr.
"""
import pathlib
import re
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ARCHITECTURE = "-march=armv8.7-a+crc+lse+rcpc+fp+simd+lor+pan"
CONDITIONS = "eq ne cs cc mi pl vs vc hi ls ge lt gt le".split()
BASES = [(0, 1, 2, 3, 4), (30, 17, 9, 21, 12)]
rows = []


def reg(width, number):
    if number == "zr":
        return width + "zr"
    if number == "sp":
        return "sp" if width == "x" else "wsp"
    return f"{width}{number}"


def row(text):
    rows.append(text)


def shape(names, widths, tail=""):
    """Each mnemonic with registers of `widths`: w, x, or r for both in turn; plain, high and XZR in each place."""
    choices = [BASES[0], BASES[1]]
    for place in range(len(widths)):
        choices.append(tuple("zr" if n == place else BASES[0][n] for n in range(5)))
    for name in names.split():
        for either in "wx" if "r" in widths else "-":
            for numbers in choices:
                operands = [reg(either if w == "r" else w, n) for w, n in zip(widths, numbers)]
                row(f"{name} {', '.join(operands)}{tail}")


def integer():
    shape("adc adcs sbc sbcs udiv sdiv lsl lsr asr ror mul mneg", "rrr")
    shape("madd msub", "rrrr")
    shape("rbit rev rev16 clz cls mvn neg negs ngc ngcs mov", "rr")
    shape("rev32 rev64", "xx")
    shape("smulh umulh", "xxx")
    shape("smaddl umaddl smsubl umsubl", "xwwx")
    shape("smull umull smnegl umnegl", "xww")
    shape("crc32b crc32h crc32w crc32cb crc32ch crc32cw", "www")
    shape("crc32x crc32cx", "wwx")
    shape("uxtb uxth sxtb sxth", "ww")
    shape("sxtb sxth sxtw", "xw")
    for w, size in (("w", 32), ("x", 64)):
        zero, one, two = (reg(w, n) for n in (0, 1, 2))
        for amount in (0, 1, 7, size - 1):
            for name in "lsl lsr asr ror".split():
                row(f"{name} {zero}, {one}, #{amount}")
            row(f"extr {zero}, {one}, {two}, #{amount}")
        for s in (0, 1, 8, size // 2, size - 2, size - 1):
            for r in (0, 3, size - 1):
                for name in "ubfm sbfm bfm".split():
                    row(f"{name} {zero}, {one}, #{r}, #{s}")
        for lowest, width in ((0, 1), (3, 9), (size - 1, 1), (0, size), (5, size - 5)):
            for name in "ubfx sbfx bfxil ubfiz sbfiz bfi".split():
                row(f"{name} {zero}, {one}, #{lowest}, #{width}")
        for name in "add sub adds subs".split():
            for value in (0, 1, 0x7ff, 0xFFF, 0x1000, 0xABC000, 0xFFF000):
                row(f"{name} {zero}, {one}, #{value}")
                row(f"{name} {reg(w, 30)}, {reg(w, 'sp')}, #{value}")
            row(f"{name} {zero}, {one}, #1, lsl #12")
            row(f"{name} {reg(w, 'zr' if name[-1] == 's' else 'sp')}, {reg(w, 'sp')}, #16")
            for shift in "lsl lsr asr".split():
                for amount in (0, 1, size - 1):
                    row(f"{name} {zero}, {one}, {two}, {shift} #{amount}")
            for extend in "uxtb uxth uxtw uxtx sxtb sxth sxtw sxtx".split():
                m = reg("x" if w == "x" and extend.endswith("x") else "w", 2)
                row(f"{name} {zero}, {one}, {m}, {extend}")
                for amount in range(5):
                    d = reg(w, "zr" if name[-1] == "s" else "sp")
                    row(f"{name} {d}, {reg(w, 'sp')}, {m}, {extend} #{amount}")
            row(f"{name} {zero}, {reg(w, 'sp')}, {two}")
            row(f"{name} {zero}, {reg(w, 'sp')}, {two}, lsl #3")
            row(f"{name} {zero}, {one}, {reg(w, 'zr')}")
        for name in "cmp cmn".split():
            for operand in ("#0", "#4095", "#4096", two, f"{two}, lsl #3", f"{two}, asr #{size - 1}", "w2, sxtb #2"):
                row(f"{name} {one}, {operand}")
            row(f"{name} {reg(w, 'sp')}, #8")
            row(f"{name} {reg(w, 'sp')}, {two}")
        for name in "neg negs".split():
            row(f"{name} {zero}, {one}, asr #3")
        row(f"mvn {zero}, {one}, ror #5")
        for name in "and ands bic bics orr orn eor eon".split():
            row(f"{name} {zero}, {one}, {two}")
            for shift in "lsl lsr asr ror".split():
                for amount in (1, size - 1):
                    row(f"{name} {zero}, {one}, {two}, {shift} #{amount}")
        row(f"tst {one}, {two}, ror #3")
        for element in (2, 4, 8, 16, 32, 64):
            if element > size:
                continue
            for run in sorted({1, element // 2, element - 1}):
                for rotation in sorted({0, 1, element // 2 + 1, element - 1}):
                    value = (1 << run) - 1
                    value = (value >> rotation | value << (element - rotation)) & ((1 << element) - 1)
                    value = sum(value << n for n in range(0, size, element))
                    for name in "and ands orr eor".split():
                        row(f"{name} {zero}, {one}, #{value:#x}")
                    row(f"mov {reg(w, 7)}, #{value:#x}")
        row(f"and {reg(w, 'sp')}, {one}, #0xf")
        row(f"ands {reg(w, 'zr')}, {one}, #0xf")
        row(f"tst {one}, #0x80")
        row(f"bic {zero}, {one}, #0xf0")
        for name in "movz movn movk".split():
            for shift in range(0, size, 16):
                for value in (0, 1, 0xFFFF):
                    row(f"{name} {zero}, #{value}, lsl #{shift}")
        for value in (0, 1, -1, -2, 0x1234, 0x12340000, -0x12340001, 0x7FFF0000):
            row(f"mov {zero}, #{value}")
        row(f"mov {reg(w, 'sp')}, {one}")
        row(f"mov {zero}, {reg(w, 'sp')}")
        for condition in CONDITIONS + ["al", "nv", "hs", "lo"]:
            for name in "csel csinc csinv csneg".split():
                row(f"{name} {zero}, {one}, {two}, {condition}")
            for name in "ccmp ccmn".split():
                row(f"{name} {one}, {two}, #5, {condition}")
                row(f"{name} {one}, #{31 if condition > 'h' else 0}, #10, {condition}")
        for condition in CONDITIONS:
            for name in "cset csetm".split():
                row(f"{name} {zero}, {condition}")
            for name in "cinc cinv cneg".split():
                row(f"{name} {zero}, {one}, {condition}")
    for text in "adr x0, there;adr x30, back;adrp x1, there".split(";"):
        row(text)


def branches():
    for target in "back there".split():
        row(f"b {target}")
        row(f"bl {target}")
        for condition in CONDITIONS + ["al", "nv"]:
            row(f"b.{condition} {target}")
        for name in "cbz cbnz".split():
            for r in "x0 w30 xzr wzr".split():
                row(f"{name} {r}, {target}")
        for name in "tbz tbnz".split():
            for r, bit in (("w1", 0), ("w1", 31), ("x1", 32), ("x30", 63), ("wzr", 5)):
                row(f"{name} {r}, #{bit}, {target}")
    for name in "br blr ret".split():
        for r in "x0 x30 xzr".split():
            row(f"{name} {r}")
    row("ret")


def system():
    for name in "svc hvc smc brk".split():
        for value in (0, 1, 0xFFFF):
            row(f"{name} #{value}")
    for text in "eret wfe wfi sev sevl nop yield sb csdb esb dgh xpaclri clrex isb".split():
        row(text)
    for text in "paciasp pacibsp autiasp autibsp paciaz pacibz autiaz autibz pacia1716 autib1716".split():
        row(text)
    for text in ("bti c", "bti j", "bti jc", "psb csync", "tsb csync"):
        row(text)
    for number in range(128):
        row(f"hint #{number}")
    for name in "dmb dsb".split():
        for option in "oshld oshst osh nshld nshst nsh ishld ishst ish ld st sy".split():
            row(f"{name} {option}")
    for field, values in (("spsel", 2), ("pan", 2), ("uao", 2), ("dit", 2), ("daifset", 16), ("daifclr", 16)):
        for value in range(values):
            row(f"msr {field}, #{value}")
    for r in "x0 x30 xzr".split():
        for operation in "ivac isw csw cisw cvac cvau cvap civac zva".split():
            row(f"dc {operation}, {r}")
        row(f"ic ivau, {r}")
        for operation in "s1e1r s1e1w s1e0r s1e0w s1e1rp s1e1wp s1e2r s1e2w s12e1r s12e1w s12e0r s12e0w".split():
            row(f"at {operation}, {r}")
    row("ic iallu")
    row("ic ialluis")
    for reach in ("", "is", "os"):
        for stem in "vmalle1 vmalls12e1 alle1 alle2".split():
            row(f"tlbi {stem}{reach}")
        for stem in "vae1 vaae1 vale1 vaale1 aside1 ipas2e1 ipas2le1 vae2 vale2".split():
            row(f"tlbi {stem}{reach}, x3")
            if stem != "aside1":
                row(f"tlbi r{stem}{reach}, x4")
    table = (ROOT / "models/arm/system_registers.cpp").read_text(encoding="utf-8")
    found = re.findall(r'"(\w+)", \{(\d), (\d), (\d+), (\d+), (\d)\}, (kRW|kRO|kWO)', table)
    if len(found) < 100:
        sys.exit("encodings: the table of system registers cannot be read")
    for name, op0, op1, crn, crm, op2, access in found:
        for text in (name.lower(), f"s{op0}_{op1}_c{crn}_c{crm}_{op2}"):
            if access != "kWO":
                row(f"mrs x5, {text}")
            if access != "kRO":
                row(f"msr {text}, x6")


def addresses(scale, write_back=True, index=True):
    """Addressing forms of one register of `1 << scale` bytes."""
    size = 1 << scale
    forms = ["[x1]", "[sp]", f"[x1, #{size}]", f"[x30, #{4095 * size}]"]
    if write_back:
        forms += ["[x1, #-256]!", "[x1, #255]!", "[sp], #-256", "[x1], #255", "[x1], #0", "[sp, #0]!"]
    if index:
        forms += ["[x1, x2]", "[sp, xzr]", "[x1, x2, sxtx]", "[x1, w2, uxtw]", "[x1, w2, sxtw]"]
        if scale:
            forms += [f"[x1, x2, {e} #{scale}]" for e in ("lsl", "sxtx")]
            forms += [f"[x1, w2, {e} #{scale}]" for e in ("uxtw", "sxtw")]
    return forms


def transfers():
    unscaled = ["[x1]", "[x1, #-256]", "[sp, #255]", "[x1, #1]"]
    plain = [("r", "", 2), ("rb", "w", 0), ("rh", "w", 1)]
    signed = [("rsb", "wx", 0), ("rsh", "wx", 1), ("rsw", "x", 2)]
    for suffix, widths, scale in plain + signed:
        for direction in ("ld", "st") if suffix[1:2] != "s" else ("ld",):
            for w in widths or "wx":
                s = 3 if not widths and w == "x" else scale
                for t in (reg(w, 0), reg(w, "zr")):
                    for form in addresses(s):
                        row(f"{direction}{suffix} {t}, {form}")
                for form in unscaled:
                    row(f"{direction}u{suffix} {reg(w, 3)}, {form}")
                    row(f"{direction}t{suffix} {reg(w, 3)}, {form}")
                    ordered = "ldapu" if direction == "ld" else "stlu"
                    row(f"{ordered}{suffix} {reg(w, 3)}, {form}")
    for scale, letter in enumerate("bhsdq"):
        for direction in ("ld", "st"):
            for form in addresses(scale):
                row(f"{direction}r {letter}31, {form}")
            for form in unscaled:
                row(f"{direction}ur {letter}0, {form}")
    for size in ("", "b", "h"):
        for w in "w" if size else "wx":
            for base in ("x1", "sp"):
                for name in "ldar ldapr ldlar stlr stllr ldxr ldaxr".split():
                    row(f"{name}{size} {reg(w, 3)}, [{base}]")
                    row(f"{name}{size} {reg(w, 'zr')}, [{base}]")
                for name in "stxr stlxr".split():
                    row(f"{name}{size} w7, {reg(w, 3)}, [{base}]")
                    row(f"{name}{size} wzr, {reg(w, 'zr')}, [{base}]")
                for order in ("", "a", "l", "al"):
                    a, b = reg(w, 2), reg(w, 30)
                    row(f"cas{order}{size} {a}, {b}, [{base}]")
                    row(f"swp{order}{size} {a}, {b}, [{base}]")
                    for operation in "add clr eor set smax smin umax umin".split():
                        row(f"ld{operation}{order}{size} {a}, {b}, [{base}]")
                        if "a" not in order:
                            row(f"st{operation}{order}{size} {a}, [{base}]")
    for w in "wx":
        a, b, c, d = (reg(w, n) for n in (2, 3, 8, 9))
        for name in "ldxp ldaxp".split():
            row(f"{name} {a}, {b}, [sp]")
        for name in "stxp stlxp".split():
            row(f"{name} w7, {a}, {b}, [x1]")
        for order in ("", "a", "l", "al"):
            row(f"casp{order} {a}, {b}, {c}, {d}, [x1]")
            row(f"casp{order} {reg(w, 30)}, {reg(w, 'zr')}, {c}, {d}, [sp]")
    for letter, size in (("w", 4), ("x", 8), ("s", 4), ("d", 8), ("q", 16)):
        for direction in ("ld", "st"):
            for offset in (0, size, -64 * size, 63 * size):
                pair = f"{letter}3, {letter}4" if offset else f"{letter}30, {letter}0"
                row(f"{direction}p {pair}, [x1, #{offset}]")
                row(f"{direction}np {pair}, [sp, #{offset}]")
                row(f"{direction}p {pair}, [x1, #{offset}]!")
                row(f"{direction}p {pair}, [sp], #{offset}")
    for form in ("[x1]", "[sp, #252]", "[x1, #-256]!", "[x1], #8"):
        row(f"ldpsw x3, x4, {form}")
    for number in list(range(18)) + [24, 31]:
        row(f"prfm #{number}, [x1]")
    for name in "pldl1keep pldl3strm plil2keep pstl1strm pstl3keep".split():
        for form in addresses(3, write_back=False):
            row(f"prfm {name}, {form}")
        row(f"prfum {name}, [x1, #-3]")


def vectors():
    for value in (0, 1, 0xAB, 0xFF):
        for t in "16b 8b 8h 4h 4s 2s".split():
            row(f"movi v3.{t}, #{value}")
        row(f"movi v31.4s, #{value}, lsl #24")
        row(f"movi v31.2s, #{value}, lsl #8")
        row(f"movi v0.8h, #{value}, lsl #8")
    for value in ("0", "0xff00ff0000ff00ff", "0xffffffffffffffff", "0xff"):
        row(f"movi v4.2d, #{value}")
        row(f"movi d5, #{value}")
    for t in "16b 8b 8h 4h 4s 2s".split():
        row(f"dup v3.{t}, w30")
    row("dup v3.2d, x30")
    for t, count in (("b", 16), ("h", 8), ("s", 4)):
        for n in range(count):
            row(f"umov w3, v30.{t}[{n}]")
    for n in range(2):
        row(f"umov x3, v30.d[{n}]")


def assembled(texts):
    """The words, and the positions of the texts that GNU as refuses (then there are no words)."""
    with tempfile.TemporaryDirectory() as folder:
        source, made, flat = (pathlib.Path(folder) / name for name in ("a.s", "a.o", "a.bin"))
        lines = []
        for text in texts:
            text = re.sub(r"\bback\b", "1b", re.sub(r"\bthere\b", "2f", text))
            lines.append(f"1: nop; nop; {text}; nop; 2: nop")
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        command = ["aarch64-linux-gnu-as", ARCHITECTURE, "-o", made, source]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        refused = {int(n) - 1 for n in re.findall(r"a\.s:(\d+): Error", done.stderr)}
        if done.returncode != 0:
            if not refused:
                sys.exit(f"encodings: {done.stderr}")
            return [], refused
        subprocess.run(["aarch64-linux-gnu-objcopy", "-O", "binary", made, flat], check=True)
        words = struct.unpack(f"<{5 * len(texts)}I", flat.read_bytes())
        return words[2::5], set()


def main():
    for part in (integer, branches, system, transfers, vectors):
        part()
    texts = list(dict.fromkeys(rows))
    words, refused = assembled(texts)
    for n in sorted(refused):
        print(f"refused: {texts[n]}", file=sys.stderr)
    if refused:
        texts = [t for n, t in enumerate(texts) if n not in refused]
        words, refused = assembled(texts)
    table = "".join(f"{text}\t{word:08x}\n" for text, word in zip(texts, words))
    (HERE / "encodings.tsv").write_text(table, encoding="utf-8")
    print(f"{len(texts)} rows", file=sys.stderr)


if __name__ == "__main__":
    main()
