# SPDX-License-Identifier: Apache-2.0
"""A guest that needs no cross compiler: it turns its MMU on, and goes round loops of loads, stores, calls and
arithmetic, in about the mixture that firmware and kernels have, until it is stopped."""
import struct

# Words, and what they are. x0 to x1: set-up; x8: memory; x9: rounds; the tables lie behind the code, in the image.
CODE = """
d2801fe0  0x000: mov x0, #0xff
d518a200  0x004: msr mair_el1, x0
d286a320  0x008: mov x0, #0x3519
f2a01000  0x00c: movk x0, #0x80, lsl #16
d5182040  0x010: msr tcr_el1, x0
d2820000  0x014: mov x0, #0x1000
f2a80800  0x018: movk x0, #0x4040, lsl #16
d5182000  0x01c: msr ttbr0_el1, x0
d5033f9f  0x020: dsb sy
d5033fdf  0x024: isb
d5381000  0x028: mrs x0, sctlr_el1
d28200a1  0x02c: mov x1, #0x1005
aa010000  0x030: orr x0, x0, x1
d5181000  0x034: msr sctlr_el1, x0
d5033fdf  0x038: isb
d2a90008  0x03c: mov x8, #0x48000000
d2800009  0x040: mov x9, #0x0
9100011f  0x044: mov sp, x8
914023ff  0x048: add sp, sp, #0x8, lsl #12
aa0803ea  0x04c: mov x10, x8
d280100b  0x050: mov x11, #0x80
a9400d42  0x054: ldp x2, x3, [x10]
8b0b0042  0x058: add x2, x2, x11
ca020063  0x05c: eor x3, x3, x2
a8810d42  0x060: stp x2, x3, [x10], #16
39401544  0x064: ldrb w4, [x10, #5]
0b040885  0x068: add w5, w4, w4, lsl #2
39002545  0x06c: strb w5, [x10, #9]
94000005  0x070: bl 84 <step>
f100056b  0x074: subs x11, x11, #0x1
54fffee1  0x078: b.ne 54 <copy>
91000529  0x07c: add x9, x9, #0x1
17fffff3  0x080: b 4c <outer>
a9bf7bfd  0x084: stp x29, x30, [sp, #-16]!
927d2126  0x088: and x6, x9, #0xff8
f8666907  0x08c: ldr x7, [x8, x6]
d343fce7  0x090: lsr x7, x7, #3
eb0200ff  0x094: cmp x7, x2
9a8280e7  0x098: csel x7, x7, x2, hi
b81c03e7  0x09c: stur w7, [sp, #-64]
a8c17bfd  0x0a0: ldp x29, x30, [sp], #16
d65f03c0  0x0a4: ret
"""
BASE, TABLES = 0x4040_0000, 0x1000
BLOCK = 0x701  # a block of 1 GiB: Normal Write-Back, Inner Shareable, accessed


def image():
    """A raw image, for address BASE."""
    words = [int(line.split()[0], 16) for line in CODE.split("\n") if line]
    code = b"".join(struct.pack("<I", word) for word in words)
    descriptors = [0, 1 << 30 | BLOCK]
    return code.ljust(TABLES, b"\0") + b"".join(struct.pack("<Q", d) for d in descriptors).ljust(4096, b"\0")
