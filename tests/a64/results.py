#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes results.txt: what a CPU makes of random data processing instructions, with registers that the row number gives.

The CPU is QEMU's (packages binutils-aarch64-linux-gnu and qemu-user). A row is the word, then `register=value` for each
register that changed (sp as 31, the flags as nzcv).
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


def flags(row):
    return mixed(64 * row + 63) & 15


def chosen(source):
    """Words of each class whose registers take part, and that objdump knows."""
    classes = {c.name: c for c in
               decode_table.parse((ROOT / "models/a64/a64.spec").read_text(encoding="utf-8"))}
    result = []
    for name in CLASSES:
        c = classes[name]
        found = []
        while len(found) < PER_CLASS:
            batch = []
            for _ in range(4 * PER_CLASS):
                word = c.value | source.getrandbits(32) & ~c.mask & 0xFFFFFFFF
                for field in "dnma":
                    if field in c.fields:
                        number = source.choice(list(range(REGISTERS)) + [31])
                        word = word & ~c.field_mask(field) | number << c.fields[field][0]
                batch.append(word)
            found += [w for w, t in zip(batch, said.disassembled(batch)) if said.judged(w, t)[0] not in "-?"]
        result += found[:PER_CLASS]
    return result


def executed(words):
    """The registers after each word: x0 to x15, sp, flags."""
    lines = [".globl _start", "_start:", " ldr x19, =before", " ldr x20, =after"]
    for word in words:
        lines += [f" ldp x{n}, x{n + 1}, [x19], #16" for n in range(0, REGISTERS, 2)]
        lines += [" ldp x16, x17, [x19], #16", " mov sp, x16", " msr nzcv, x17", f" .inst {word:#010x}"]
        lines += [" mrs x17, nzcv", " mov x16, sp"]
        lines += [f" stp x{n}, x{n + 1}, [x20], #16" for n in range(0, REGISTERS + 2, 2)]
    size = 8 * (REGISTERS + 2) * len(words)
    lines += [" mov x0, #1", " ldr x1, =after", f" ldr x2, ={size}", " mov x8, #64", " svc #0"]
    lines += [" mov x0, #0", " mov x8, #93", " svc #0", " .ltorg", ".balign 16", "before:"]
    for row in range(len(words)):
        values = [initial(row, n) for n in range(REGISTERS)] + [initial(row, 31), flags(row) << 28]
        lines.append(" .quad " + ", ".join(map(hex, values)))
    lines += [".bss", ".balign 16", "after:", f" .skip {size}"]
    with tempfile.TemporaryDirectory() as folder:
        source, made, program = (pathlib.Path(folder) / name for name in ("a.s", "a.o", "a"))
        source.write_text("\n".join(lines) + "\n", encoding="utf-8")
        subprocess.run(["aarch64-linux-gnu-as", "-march=armv8-a+crc", "-o", made, source], check=True)
        subprocess.run(["aarch64-linux-gnu-ld", "-N", "-o", program, made], check=True)
        out = subprocess.run(["qemu-aarch64", "-cpu", "max", program], capture_output=True, check=True).stdout
    values = struct.unpack(f"<{size // 8}Q", out)
    return [values[n : n + REGISTERS + 2] for n in range(0, len(values), REGISTERS + 2)]


def main():
    words = chosen(random.Random(4))
    rows = []
    for row, (word, after) in enumerate(zip(words, executed(words))):
        changes = [f"{n}={after[n]:x}" for n in range(REGISTERS) if after[n] != initial(row, n)]
        if after[REGISTERS] != initial(row, 31):
            changes.append(f"31={after[REGISTERS]:x}")
        if after[REGISTERS + 1] >> 28 != flags(row):
            changes.append(f"nzcv={after[REGISTERS + 1] >> 28:x}")
        rows.append(" ".join([f"{word:08x}", *changes]))
    (HERE / "results.txt").write_text("\n".join(rows) + "\n", encoding="utf-8")
    print(f"{len(rows)} rows", file=sys.stderr)


if __name__ == "__main__":
    main()
