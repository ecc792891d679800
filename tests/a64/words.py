#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Words, and what GNU objdump says of them: random ones, ones of every class of a64.spec, and ones beside each class.

Writes words.tsv, `text<TAB>word`; or with --compare PROGRAM (test_a64) asks that program about many more words, and
about its texts, which GNU as has to take. Needs binutils-aarch64-linux-gnu.

A text is as objdump has it; `-`: no instruction; `?...`: one that the model does not have; `!...`: one
that it has, of which the text is not for its assembler (addresses, unnamed registers, CONSTRAINED UNPREDICTABLE ones).
"""
import argparse
import collections
import pathlib
import random
import re
import struct
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "models/a64"))
import decode_table  # pylint: disable=wrong-import-position

import a64_encodings as encodings  # pylint: disable=wrong-import-position

TEXTS = [line.split("\t")[0] for line in (HERE / "encodings.tsv").read_text(encoding="utf-8").splitlines()]
MNEMONICS = {text.split()[0] for text in TEXTS}
MNEMONICS |= {"hlt", "udf", "bfc"}
# Known here, but not to the assembler of programs.
NO_TEXT = {"hlt", "udf", "bfc", "adr", "adrp", "b", "bl", "cbz", "cbnz", "tbz", "tbnz"}
SYSTEM = set(TEXTS)
FIELDS = {(0, 3), (0, 4), (0, 5), (3, 2), (3, 6), (3, 7)}  # op1, op2 of MSR (immediate)
TRANSFERS = re.compile(r"(ld|st)(u?r|n?p)$")


def disassembled(words):
    """What objdump says of each word, without comments."""
    with tempfile.TemporaryDirectory() as folder:
        flat = pathlib.Path(folder) / "words.bin"
        flat.write_bytes(struct.pack(f"<{len(words)}I", *words))
        done = subprocess.run(["aarch64-linux-gnu-objdump", "-D", "-z", "-b", "binary", "-m", "aarch64",
                               "--no-show-raw-insn", flat], capture_output=True, text=True, check=True)
    texts = [m[1] for m in re.finditer(r"^ *[0-9a-f]+:\t(.*)$", done.stdout, re.MULTILINE)]
    if len(texts) != len(words):
        sys.exit(f"words: {len(words)} words, {len(texts)} lines")
    return [re.sub(r"\s+", " ", re.sub(r" *(//|;).*", "", t)).strip() for t in texts]


def unpredictable(mnemonic, operands, text):
    """Operands that make an instruction CONSTRAINED UNPREDICTABLE, which the model's assembler refuses."""
    base = re.search(r"\[(\w+)", text)
    moved = [re.sub(r"^[wx]", "", o) for o in operands if re.fullmatch(r"[wx](\d+)", o)]
    number = base and re.sub(r"^x", "", base[1])
    if re.match(r"stl?x", mnemonic):
        return moved[0] in moved[1:] or operands[0][1:] == number if moved else False
    if re.match(r"ld(a?x|n)?p", mnemonic) and operands[0] == operands[1]:
        return True
    if "]!" in text or "]," in text:
        return number in moved[:2]
    return False


def should_be_one(word):
    """True where only fields that should be ones, and that the model ignores, make objdump refuse an access."""
    exclusive, ordered = word >> 24 & 0x3F == 0x08, word >> 23 & 1
    pair = word >> 21 & 1
    if not exclusive or pair and (ordered or word >> 31 == 0):
        return False
    load = word >> 22 & 1
    return bool((load or ordered) and word >> 16 & 31 != 31 or not pair and word >> 10 & 31 != 31)


def judged(word, text):
    """The text with its mark."""
    if text.startswith((".inst", ".word")) or "undefined" in text:
        if should_be_one(word) or word & 0xFE400000 == 0x68400000 and word >> 23 & 3:  # LDPSW
            return "!unpredictable"
        return "-"
    mnemonic, _, rest = text.partition(" ")
    operands = [o.strip() for o in rest.split(",")]
    if mnemonic.startswith("b."):
        return "!" + text
    if word >> 22 == 0b1101010100:  # system
        if word >> 19 & 3 == 0:
            barrier = re.match(r"(ssbb|pssbb|dfb|dsb|dmb|isb|clrex)\b", text) and "nxs" not in text
            hint = word & 0xFFFFF01F == 0xD503201F
            field = word >> 12 & 15 == 4 and (word >> 16 & 7, word >> 5 & 7) in FIELDS and word & 0x20001F == 31
            if not (barrier or hint or field or mnemonic == "sb"):
                return "?" + text
            plain = mnemonic in MNEMONICS and not (barrier and "#" in rest) and " s0_" not in text
            return text if plain else "!" + text
        return text if mnemonic in ("dc", "ic", "at", "tlbi") and text in SYSTEM else "!" + text
    vectors = re.search(r"\b[vzp]\d+\.|\b(z|p)\d+\b|\bza", rest)
    scalars = re.search(r"\b[bhsdq]\d+\b", rest)
    if re.match(r"mov [wx]\w+, v\d+\.[sd]\[", text):  # UMOV
        return "!" + text
    simd = mnemonic in ("movi", "dup", "umov") and not re.search(r"\bz\d|msl", rest)
    simd = simd and not (mnemonic == "dup" and "[" in rest)
    ours = mnemonic in MNEMONICS and not (vectors and not simd)
    ours = ours and not (scalars and not simd and not TRANSFERS.match(mnemonic))
    if not ours:
        return "?" + text
    literal = re.match(r"(ldr|ldrsw|prfm)$", mnemonic) and "[" not in rest
    literal = literal or re.match(r"mov w?sp, #", text)
    if mnemonic in NO_TEXT or literal or unpredictable(mnemonic, operands, text):
        return "!" + text
    return text


def sample(source, plain, of_class, beside):
    classes = decode_table.parse((ROOT / "models/a64/a64.spec").read_text(encoding="utf-8"))
    words = [source.getrandbits(32) for _ in range(plain)]
    for c in classes:
        near = [c.value | source.getrandbits(32) & ~c.mask & 0xFFFFFFFF for _ in range(of_class + beside)]
        fixed = [1 << n for n in range(32) if c.mask >> n & 1]
        words += near[:of_class] + [w ^ source.choice(fixed) for w in near[of_class:]]
    return list(dict.fromkeys(words))


def compare(program, words):
    done = subprocess.run([program, "words from stdin as text"], input="\n".join(f"{w:08x}" for w in words),
                          capture_output=True, text=True, check=False)
    ours = [line.split("\t")[1] for line in done.stdout.splitlines() if re.match(r"[0-9a-f]{8}\t", line)]
    if len(ours) != len(words):
        sys.exit(f"words: {len(words)} words, {len(ours)} answers: {done.stdout[-500:]}")
    counts, shown = collections.Counter(), collections.Counter()
    texts = {}
    for word, text, our in zip(words, map(judged, words, disassembled(words)), ours):
        kind = {"-": "no instruction", "?": "not modelled"}.get(text[0], "modelled")
        decoded = our != "undefined"
        counts[f"objdump: {kind}; here: {'decoded' if decoded else 'undefined'}"] += 1
        if decoded != (kind == "modelled"):
            family = text.split()[0]
            shown[family] += 1
            if shown[family] <= 3:
                print(f"differs: {word:08x} objdump: {text}; here: {our}")
        elif decoded and word >> 24 & 31 != 16 and not re.match(r"(udf|b|bl|b\.\w+|[ct]bn?z)\b", our):
            texts.setdefault(our, word)
    for name, count in sorted(counts.items()):
        print(f"{count:9} {name}")
    listed = [t for t in texts if not re.search(r"\[0x|\d\.\.", t)]
    _, refused = encodings.assembled(listed)
    for n in sorted(refused)[:20]:
        print(f"GNU as refuses: {listed[n]} ({texts[listed[n]]:08x})")
    print(f"{len(listed):9} texts, of which GNU as refuses {len(refused)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", metavar="PROGRAM", help="the program test_a64")
    parser.add_argument("--words", type=int, default=1_000_000, help="random words to compare")
    arguments = parser.parse_args()
    if arguments.compare:
        compare(arguments.compare, sample(random.Random(2), arguments.words, 2000, 1000))
        return
    words = sample(random.Random(1), 1200, 14, 8)
    table = "".join(f"{judged(word, text)}\t{word:08x}\n" for word, text in zip(words, disassembled(words)))
    (HERE / "words.tsv").write_text(table, encoding="utf-8")
    print(f"{len(words)} rows", file=sys.stderr)


if __name__ == "__main__":
    main()
