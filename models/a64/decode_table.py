#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes the decoder's table, in C++, from a64.spec (whose head says how it is written).

Refuses what cannot be meant: bits that are not 32, unknown members, unused fields, classes that no word is of, words
that may be of two classes.
"""
import argparse
import itertools
import pathlib
import re
import sys

# Member of a64::Instruction -> the scope of its enumerators, or None; and what an expression is cast to.
ENUMERATIONS = {
    "opcode": "Opcode", "operand": "Operand", "shift": "Shift", "extend": "Extend", "addressing": "Addressing",
    "atomic": "AtomicOperation", "op": "arm::CacheOp", "condition": "Condition", "system_register": "SystemRegister",
}
FLAGS = {"is_64bit", "sets_flags", "inverts", "sign_extends", "acquire", "acquire_pc", "release", "exclusive",
         "unprivileged", "simd"}
BYTES = {"rd", "rn", "rm", "ra", "rt2", "amount", "element_bytes", "hint"}
WORDS = {"immediate", "mask"}
VALUES = {"barrier", "tlbi", "translation"}

NAME = r"[A-Za-z_][A-Za-z0-9_]*"
KEY_SHIFT, KEYS = 21, 2048  # candidates are looked up by the upper 11 bits


class Mistake(Exception):
    pass


class Class:
    """One class of encodings: fixed bits, fields {name: (lowest bit, width)}, conditions and members."""

    def __init__(self, name, pattern, line):
        self.name, self.line = name, line
        self.mask = self.value = 0
        self.fields, self.where, self.members, self.otherwise = {}, "", {}, False
        bit = 32
        for token in pattern:
            if re.fullmatch(r"[01-]+", token):
                for character in token:
                    bit -= 1
                    if bit >= 0 and character != "-":
                        self.mask |= 1 << bit
                        self.value |= int(character) << bit
                continue
            ignored, field, width = re.fullmatch(rf"(-*)({NAME})(?::(\d+))?", token).groups()
            width = int(width or 1)
            bit -= len(ignored) + width
            if field in self.fields:
                raise Mistake(f"field {field} stands twice")
            self.fields[field] = (bit, width)
        if bit != 0:
            raise Mistake(f"{32 - bit} bits")

    def used(self, text):
        return [f for f in self.fields if re.search(rf"(?<![\w:]){f}(?![\w(:])", text)]

    def field_mask(self, field):
        bit, width = self.fields[field]
        return ((1 << width) - 1) << bit


def python_of(condition):
    """The condition for eval(), its functions taken as true."""
    text = re.sub(rf"{NAME}\([^()]*\)", "1", condition)
    text = text.replace("&&", " and ").replace("||", " or ")
    return compile(re.sub(r"!(?!=)", " not ", text), condition, "eval")


def words(classes):
    """Words of all `classes` at once, as far as fixed bits and comparisons say: every choice of the bits compared."""
    mask = value = 0
    for c in classes:
        if (c.value ^ value) & c.mask & mask:
            return
        mask |= c.mask
        value |= c.value
    compared = [(c, python_of(c.where), c.used(re.sub(rf"{NAME}\([^()]*\)", "1", c.where))) for c in classes if c.where]
    free = 0
    for c, _, fields in compared:
        for field in fields:
            free |= c.field_mask(field) & ~mask
    bits = [1 << n for n in range(32) if free >> n & 1]
    if len(bits) > 18:
        raise Mistake(f"{' and '.join(c.name for c in classes)}: conditions on too many bits")
    for choice in itertools.product((0, 1), repeat=len(bits)):
        word = value | sum(b for b, on in zip(bits, choice) if on)
        holds = True
        for c, condition, fields in compared:
            values = {f: (word & c.field_mask(f)) >> c.fields[f][0] for f in fields}
            holds = holds and eval(condition, {"__builtins__": {}}, values)  # of our own file
        if holds:
            yield word


def parse(text):
    classes, phrases, current = [], {}, None
    for number, line in enumerate(text.splitlines(), 1):
        content = line.split("#")[0].rstrip()
        if not content:
            continue
        try:
            if content.startswith("let "):
                name, members = re.fullmatch(rf"let ({NAME})\s*=\s*(.*)", content).groups()
                written = members.split()
                phrases[name] = [m for w in written for m in (phrases[w[1:]] if w.startswith("$") else [w])]
            elif not content[0].isspace():
                name, *pattern = content.split()
                if any(c.name == name for c in classes):
                    raise Mistake("the name stands twice")
                current = Class(name, pattern, number)
                classes.append(current)
            elif content.split()[0] == "where":
                current.where = content.split(None, 1)[1]
            elif content.strip() == "otherwise":
                current.otherwise = True
            else:
                for word in content.split():
                    for member in phrases[word[1:]] if word.startswith("$") else [word]:
                        name, expression = member.split("=", 1)
                        if name in current.members:
                            raise Mistake(f"{name} stands twice")
                        current.members[name] = expression
        except Mistake as mistake:
            raise Mistake(f"{number}: {mistake}") from None
        except (AttributeError, KeyError, ValueError):
            raise Mistake(f"{number}: cannot be read: {content.strip()}") from None
    return classes


def check(classes):
    for c in classes:
        everything = " ".join([c.where, *c.members.values()])
        unused = set(c.fields) - set(c.used(everything))
        if unused:
            raise Mistake(f"{c.line}: {c.name}: field {sorted(unused)[0]} is not used")
        if "opcode" not in c.members:
            raise Mistake(f"{c.line}: {c.name}: no opcode")
        if next(words([c]), None) is None:
            raise Mistake(f"{c.line}: {c.name}: no word is of this class")
    for a, b in itertools.combinations(classes, 2):
        if a.otherwise == b.otherwise and (word := next(words([a, b]), None)) is not None:
            raise Mistake(f"{b.line}: {a.name} and {b.name} both take {word:#010x}")


def expression_of(member, expression):
    """The C++ of what a member becomes."""
    scope = ENUMERATIONS.get(member)
    chosen = re.fullmatch(r"\{(.*)\}\[(.*)\]", expression)
    if chosen:
        names = chosen[1].split(",")
        names = [names[0] if n == "_" else n for n in names]
        if len(names) & (len(names) - 1):
            raise Mistake(f"{expression}: {len(names)} choices")
        listed = ", ".join(f"{scope}::{n}" for n in names)
        return f"std::array<{scope}, {len(names)}>{{{listed}}}[{unsigned(chosen[2])}]"
    if scope and re.fullmatch(r"[A-Z]\w*", expression):
        return f"{scope}::{expression}"
    text = unsigned(expression)
    if scope:
        return f"static_cast<{scope}>({text})"
    if member in FLAGS:
        return f"({text}) != 0" if not re.search(r"==|[^<]<[^<]|[^>]>[^>]", expression) else text
    if member in BYTES:
        return f"static_cast<std::uint8_t>({text})"
    if member in WORDS:
        return f"std::uint64_t{{{text}}}"
    if member in VALUES:
        return text
    raise Mistake(f"unknown member {member}")


def unsigned(text):
    """Numbers without a sign, as all fields are."""
    return re.sub(r"(?<![\w.])(0x[0-9a-fA-F]+|\d+)(?!\w)", r"\1U", text)


def function_of(c):
    parameters = "[[maybe_unused]] std::uint32_t word, [[maybe_unused]] std::uint64_t pc, Instruction& i"
    lines = [f"bool {c.name}({parameters}) {{"]
    for field, (bit, width) in c.fields.items():
        lines.append(f"  const std::uint32_t {field} = word >> {bit}U & {(1 << width) - 1:#x}U;")
    if c.where:
        lines.append(f"  if (!({unsigned(c.where)})) return false;")
    for member, expression in c.members.items():
        try:
            lines.append(f"  i.{member} = {expression_of(member, expression)};")
        except Mistake as mistake:
            raise Mistake(f"{c.line}: {c.name}: {mistake}") from None
    return "\n".join([*lines, "  return true;", "}"])


def table(numbers, width):
    rows = [", ".join(map(str, numbers[n : n + width])) for n in range(0, len(numbers), width)]
    return ",\n    ".join(rows)


def generate(classes, source):
    ordered = [c for c in classes if not c.otherwise] + [c for c in classes if c.otherwise]
    key_mask = (KEYS - 1) << KEY_SHIFT
    first, candidates = [0], []
    for key in range(KEYS):
        candidates += [n for n, c in enumerate(ordered) if not (key << KEY_SHIFT ^ c.value) & c.mask & key_mask]
        first.append(len(candidates))
    functions = "\n\n".join(map(function_of, ordered))
    rows = "\n".join(f'    {{"{c.name}", {c.mask:#010x}U, {c.value:#010x}U, {str(c.otherwise).lower()}, {c.name}}},'
                     for c in ordered)
    return f"""// Made from {source} by decode_table.py; changes belong there.
#include "decode_table.h"

#include <array>

#include "decode_fields.h"

namespace staleline::a64 {{
namespace {{

using namespace fields;

namespace classes {{

{functions}

constexpr auto kAll = std::to_array<EncodingClass>({{
{rows}
}});

// By the upper bits of a word: the classes that it may be of are those from kFirst[n] to kFirst[n + 1].
constexpr std::array<std::uint16_t, {KEYS + 1}> kFirst = {{
    {table(first, 20)}}};
constexpr std::array<std::uint8_t, {len(candidates)}> kCandidates = {{
    {table(candidates, 20)}}};

}}  // namespace classes
}}  // namespace

std::span<const EncodingClass> encoding_classes() {{ return classes::kAll; }}

std::span<const std::uint8_t> candidate_classes(std::uint32_t word) {{
  const std::size_t key = word >> {KEY_SHIFT}U;
  return std::span(classes::kCandidates).subspan(classes::kFirst[key], classes::kFirst[key + 1] - classes::kFirst[key]);
}}

}}  // namespace staleline::a64
"""


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("specification", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path, nargs="?", help="the C++ file; without it, only check")
    arguments = parser.parse_args()
    try:
        classes = parse(arguments.specification.read_text(encoding="utf-8"))
        check(classes)
        text = generate(classes, arguments.specification.name)
    except Mistake as mistake:
        sys.exit(f"{arguments.specification}:{mistake}")
    if arguments.output:
        arguments.output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
