#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""decode_table.py refuses tables that cannot be meant, and takes the shipped one."""
import pathlib
import sys
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "models/a64"))
sys.dont_write_bytecode = True
import decode_table  # pylint: disable=wrong-import-position

BITS = "0" * 8


def problem(text):
    """What is wrong with a table; empty: nothing."""
    try:
        classes = decode_table.parse(text)
        decode_table.check(classes)
        decode_table.generate(classes, "text")
    except decode_table.Mistake as mistake:
        return str(mistake)
    return ""


class Tables(unittest.TestCase):
    def refused(self, text, *parts):
        found = problem(text)
        for part in parts:
            self.assertIn(part, found)

    def test_shipped(self):
        shipped = (ROOT / "models/a64/a64.spec").read_text(encoding="utf-8")
        self.assertEqual(problem(shipped), "")
        # With any class twice, words are of two classes.
        first = f"nop {BITS * 4}\n  opcode=NOP\n"
        self.refused(shipped + first, "udf and nop both take 0x00000000")

    def test_bits(self):
        self.refused("a 0101\n  opcode=NOP\n", "1: 4 bits")
        self.refused(f"a {BITS * 4}0\n  opcode=NOP\n", "1: 33 bits")
        self.refused(f"a {BITS * 3} b:4 b:4\n  opcode=NOP\n", "field b stands twice")
        self.refused(f"a {BITS * 3} b:8\n  opcode=NOP\n", "field b is not used")
        self.refused(f"a {BITS * 3} ?\n  opcode=NOP\n", "1: cannot be read")

    def test_members(self):
        self.refused(f"a {BITS * 4}\n  rd=x(0)\n", "no opcode")
        self.refused(f"a {BITS * 4}\n  opcode=NOP\n  opcode=NOP\n", "3: opcode stands twice")
        self.refused(f"a {BITS * 4}\n  opcode=NOP colour=1\n", "unknown member colour")
        self.refused(f"a {BITS * 3} b:8\n  opcode={{ADD,SUB,ADC}}[b]\n", "3 choices")
        self.refused(f"a {BITS * 4}\n  opcode=NOP $none\n", "2: cannot be read")
        self.refused(f"a {BITS * 4}\n  opcode=NOP\na 1{'0' * 31}\n  opcode=NOP\n", "the name stands twice")

    def test_overlap(self):
        def two(first, second):
            return (f"a b:8 {BITS * 3}\n  {first}\n  opcode=NOP amount=b\n"
                    f"c d:8 {BITS * 3}\n  {second}\n  opcode=NOP amount=d\n")

        self.refused(two("where b<4", "where d>2"), "4: a and c both take 0x03000000")
        self.assertEqual(problem(two("where b<3", "where d>2")), "")
        self.assertEqual(problem(two("where b!=3 && (b&1)==0", "where d==3 || (d&1)==1")), "")
        self.assertEqual(problem(two("where b<4", "otherwise")), "")
        self.refused(two("otherwise", "otherwise"), "both take")
        self.refused(two("where b<4 && b>4", "otherwise"), "no word is of this class")
        # What a function excludes is not seen: such classes have to differ otherwise.
        self.refused(two("where f(b)", "where g(d)"), "both take")


if __name__ == "__main__":
    unittest.main()
