#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes results.txt: what a CPU makes of random instructions, with registers and memory that the row number gives.

The CPU is QEMU's (packages binutils-aarch64-linux-gnu and qemu-user). A row is the word, then `register=value` for each
register that changed (sp as 31, the flags as nzcv), and `memory=index:value,...` where doublewords from BASE on did.
Instructions that access memory have their base in x15 or sp, their index in x14.
"""
import pathlib
import random
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "models/a64"))
import decode_table  # pylint: disable=wrong-import-position

import words as said  # pylint: disable=wrong-import-position

CORNERS = (0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0x7FFFFFFFFFFFFFFF, 0x8000000000000000, 0xFFFFFFFFFFFFFFFF)
ONES = (1 << 64) - 1
REGISTERS = 16  # x0 to x15 take part, and the stack pointer
CLASSES = ("add_sub_immediate logical_immediate mov_bitmask movn movz movk bitfield extract logical_shifted "
           "add_sub_shifted add_sub_extended add_sub_carry compare_register compare_immediate select divide "
           "shift_variable crc32 rbit rev16 rev32 rev64 count_leading multiply multiply_long multiply_high").split()
PER_CLASS = 64
ACCESSES = ("stlr ldar cas casp stlur ldapur load_store_pair ldpsw load_store_offset load_store_unscaled "
            "load_store_post_index load_store_unprivileged load_store_pre_index load_store_register atomic swp "
            "ldapr").split()
BASE = 0x10000000  # of the memory; accesses are around its middle
BYTES = 256
# Field of an offset -> the values that stay within the memory.
OFFSETS = {"imm12": range(3), "imm9": [*range(0, 64, 8), *range(448, 512, 8)], "imm7": [*range(3), *range(125, 128)]}


def mixed(number):
    """SplitMix64 of a number."""
    z = (number + 1) * 0x9E3779B97F4A7C15 & ONES
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & ONES
    z = (z ^ z >> 27) * 0x94D049BB133111EB & ONES
    return z ^ z >> 31


def initial(row, register):
    """The value of a register before the instruction: often one where arithmetic goes wrong."""
    value = mixed(64 * row + register)
    kind = value >> 60
    if kind < 5:
        return CORNERS[value % len(CORNERS)]
    return value & 0xFFFFFFFF if kind < 8 else value


def is_access(word):
    return word >> 25 & 5 == 4  # op0 = x1x0


def index(value, option):
    """A small index, with an upper half that UXTW and SXTW must not see."""
    small = value % 5 - 2
    if option == 2:
        return 0xABCDEF0100000000 | abs(small)
    return 0x1234567800000000 | small & 0xFFFFFFFF if option == 6 else small & ONES


def before(row, word):
    """x0 to x15 and sp."""
    values = [initial(row, n) for n in range(REGISTERS)] + [initial(row, 31)]
    if is_access(word):
        values[14] = index(values[14], word >> 13 & 7)
        values[15] = values[REGISTERS] = BASE + BYTES // 2
    return values


def memory(row):
    return [initial(row, 32 + n % 31) ^ n for n in range(BYTES // 8)]


def flags(row):
    return mixed(64 * row + 63) & 15


def with_base(c, word, source):
    """The word with its base in x15 or sp, its index in x14, the others in x0 to x13."""
    first = None
    for field in ("t", "t2", "s"):
        if field in c.fields:
            number = source.choice([n for n in [*range(13), 31] if n != first])
            first = number if field == "t" else first  # the two of a pair differ
            if c.name == "casp":
                number = source.randrange(0, 12, 2)
            word = word & ~c.field_mask(field) | number << c.fields[field][0]
    word = word & ~c.field_mask("n") | source.choice((15, 31)) << 5
    if "m" in c.fields:
        word = word & ~c.field_mask("m") | 14 << 16
    return word


def chosen(source):
    """Words of each class whose registers take part, and that objdump knows."""
    classes = {c.name: c for c in
               decode_table.parse((ROOT / "models/a64/a64.spec").read_text(encoding="utf-8"))}
    result = []
    for name in CLASSES + ACCESSES:
        c = classes[name]
        found = []
        while len(found) < PER_CLASS:
            batch = []
            for _ in range(4 * PER_CLASS):
                word = c.value | source.getrandbits(32) & ~c.mask & 0xFFFFFFFF
                for field in "dnma":
                    if field in c.fields and not is_access(word):
                        number = source.choice(list(range(REGISTERS)) + [31])
                        word = word & ~c.field_mask(field) | number << c.fields[field][0]
                for field, values in OFFSETS.items():
                    if field in c.fields and is_access(word):
                        word = word & ~c.field_mask(field) | source.choice(values) << c.fields[field][0]
                batch.append(with_base(c, word, source) if is_access(word) else word)
            found += [w for w, t in zip(batch, said.disassembled(batch)) if said.judged(w, t)[0] not in "-?"]
        result += found[:PER_CLASS]
    return result


def executed(words):
    """After each word: x0 to x15, sp, flags, memory."""
    count = REGISTERS + 2 + BYTES // 8
    lines = [".globl _start", "_start:", " ldr x19, =before", " ldr x20, =after"]
    for word in words:
        lines += [f" ldr x22, ={BASE:#x}"]
        for n in range(0, BYTES, 16):
            lines += [" ldp x16, x17, [x19], #16", f" stp x16, x17, [x22, #{n}]"]
        lines += [f" ldp x{n}, x{n + 1}, [x19], #16" for n in range(0, REGISTERS, 2)]
        lines += [" ldp x16, x17, [x19], #16", " mov sp, x16", " msr nzcv, x17", f" .inst {word:#010x}"]
        lines += [" mrs x17, nzcv", " mov x16, sp"]
        lines += [f" stp x{n}, x{n + 1}, [x20], #16" for n in range(0, REGISTERS + 2, 2)]
        for n in range(0, BYTES, 16):
            lines += [f" ldp x16, x17, [x22, #{n}]", " stp x16, x17, [x20], #16"]
        lines += [" b 1f", " .ltorg", "1:"]
    size = 8 * count * len(words)
    lines += [" ldr x21, =after", f" ldr x22, ={size}"]
    lines += ["2: mov x0, #1", " mov x1, x21", " mov x2, x22", " mov x8, #64", " svc #0"]  # may write a part
    lines += [" add x21, x21, x0", " subs x22, x22, x0", " b.ne 2b"]
    lines += [" mov x0, #0", " mov x8, #93", " svc #0", " .ltorg", ".balign 16", "before:"]
    for row, word in enumerate(words):
        lines.append(" .quad " + ", ".join(map(hex, memory(row) + before(row, word) + [flags(row) << 28])))
    lines += [".bss", ".balign 16", "after:", f" .skip {size}"]
    lines += ['.section .scratch, "aw"', f" .skip {BYTES}"]
    with tempfile.TemporaryDirectory() as folder:
        source, made, program = (pathlib.Path(folder) / name for name in ("a.s", "a.o", "a"))
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        subprocess.run(["aarch64-linux-gnu-as", "-march=armv8-a+crc", "-o", made, source], check=True)
        subprocess.run(["aarch64-linux-gnu-ld", f"--section-start=.scratch={BASE:#x}",
                        "-o", program, made], check=True)
        out = subprocess.run(["qemu-aarch64", "-cpu", "max", program], stdout=subprocess.PIPE, check=True).stdout
    values = struct.unpack(f"<{size // 8}Q", out)
    return [values[n : n + count] for n in range(0, len(values), count)]


def main():
    words = chosen(random.Random(4))
    rows = []
    for row, (word, after) in enumerate(zip(words, executed(words))):
        old = before(row, word)
        changes = [f"{31 if n == REGISTERS else n}={after[n]:x}" for n in range(REGISTERS + 1) if after[n] != old[n]]
        if after[REGISTERS + 1] >> 28 != flags(row):
            changes.append(f"nzcv={after[REGISTERS + 1] >> 28:x}")
        if list(after[REGISTERS + 2 :]) != memory(row):
            changes.append("memory=" + ",".join(f"{n:x}:{after[REGISTERS + 2 + n]:x}" for n in range(BYTES // 8)
                                                if after[REGISTERS + 2 + n] != memory(row)[n]))
        rows.append(" ".join([f"{word:08x}", *changes]))
    (HERE / "results.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{len(rows)} rows", file=sys.stderr)


if __name__ == "__main__":
    main()
