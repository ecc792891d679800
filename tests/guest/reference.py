#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs a guest under QEMU, instruction by instruction, and reduces its registers to hashes.

    reference.py u-boot.bin --dtb virt-1.dtb --instructions 7000000 --json milestones.json
    reference.py linux --dtb virt-1.dtb --instructions 100000 --every 4096
    reference.py u-boot.bin --dtb virt-1.dtb --window 5000:20     the registers of instructions 4980 to 5019
    reference.py linux --dtb virt-1.dtb --check milestones.json   the same hashes as recorded? Exit 1 at the first other
    reference.py linux --dtb virt-1.dtb --at 0x41868d90           when the instruction there is executed first

THE HASH. Before instruction number n (from 0) a record of 34 little-endian 64-bit words is taken: PC, X0 to X30, the
stack pointer in force, PSTATE & 0xf0000000 (N, Z, C, V where PSTATE has them). hash(n) is zlib's crc32 of the records
0 to n-1, one after the other; hash(0) = 0. An instruction that takes an exception is one record; what the
machine does between two instructions is none. Two runs are equal up to n if hash(n) is equal.

THE MACHINE. `-M virt -cpu cortex-a57 -m 512M`, one CPU. A file that starts with the header of an arm64 Image is loaded at
0x40200000 plus its text offset with the device tree at 0x48000000 and starts with X0 = 0x48000000, X1 to X3 = 0,
SCTLR_EL1 out of reset, and counting from its first instruction. Any other file is flash at 0 and starts there, out of
reset, with the device tree at 0x40000000. The device tree is placed byte for byte, after QEMU has placed its own. What
QEMU's stub leaves for an Image besides: X4 is the address of the Image, and Z is set, as it is out of reset.

TIME. QEMU counts instructions: one is 16 ns, which is a tick of the 62.5 MHz counter. So what the counter reads is a matter
of the instruction's number alone (and of time that passes in WFI), and every run gives the same hashes.
"""

import argparse
import hashlib
import json
import os
import pathlib
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import time
import zlib

IMAGE_BASE = 0x4020_0000
IMAGE_TREE = 0x4800_0000
FIRMWARE_TREE = 0x4000_0000
NAMES = ["PC", *(f"X{i}" for i in range(31)), "SP", "NZCV"]

# A block of the log from behind its " PC=" on: values of 16 digits, five characters apart (a line's end and a name, or
# a space and a name), until the stack pointer; then the line of PSTATE.
VALUES = struct.Struct("16s" + "5x16s" * 31 + "5x16s" + "8x8s")


# At the end of a slice of instructions; where an access to a device asks for the exact time.
LEFT_OUT = (b"Stopped execution", b"cpu_io_recompile")


class Debugger:
    """As much of GDB's remote protocol as writes memory before the first instruction."""

    def __init__(self, path):
        self.link = socket.socket(socket.AF_UNIX)
        for _ in range(200):
            try:
                self.link.connect(path)
                break
            except OSError:
                time.sleep(0.05)
        else:
            sys.exit("reference.py: QEMU offers no debugger socket")

    def ask(self, text):
        self.link.sendall(b"$%s#%02x" % (text, sum(text) % 256))
        answer = b""
        while b"#" not in answer[:-2]:
            part = self.link.recv(4096)
            if not part:
                sys.exit("reference.py: QEMU has ended")
            answer += part
        self.link.sendall(b"+")
        return answer.lstrip(b"+")[1:].split(b"#")[0]

    def write(self, address, data):
        for at in range(0, len(data), 512):
            part = data[at : at + 512]
            if self.ask(b"M%x,%x:%s" % (address + at, len(part), part.hex().encode())) != b"OK":
                sys.exit(f"reference.py: QEMU does not write {address + at:#x}")

    def go(self):
        self.ask(b"D")
        self.link.close()


def blocks(log):
    """The register blocks of QEMU's log, without those of instructions that were not executed after all."""
    rest = b""
    while part := log.read(1 << 20):
        pieces = (rest + part).split(b"\n PC=")
        rest = pieces.pop()
        # What follows a block's registers says whether its instruction was left out: then it comes again.
        yield from (piece for piece in pieces if not any(sign in piece for sign in LEFT_OUT))
    if not any(sign in rest for sign in LEFT_OUT):
        yield rest


def records(log, start):
    """One record of 34 numbers before each instruction, from the first at `start` on."""
    started = False
    first = True
    for block in blocks(log):
        if first:  # what QEMU says before the first block
            first = False
            continue
        if not started:
            if int(block[:16], 16) != start:
                continue
            started = True
        *values, state = VALUES.unpack_from(block)
        yield (*struct.unpack(">33Q", bytes.fromhex(b"".join(values).decode())), int(state, 16) & 0xF000_0000)


def command(options, image, stub, folder):
    where = ["-kernel", options.image] if image else ["-bios", options.image]
    return [
        options.qemu, "-M", "virt,dtb-randomness=off,gic-version=2", "-cpu", "cortex-a57", "-m", "512M", *where,
        "-nic", "none", "-display", "none", "-monitor", "none", "-serial", f"file:{folder}/console",
        "-icount", "shift=4,sleep=off", "-accel", "tcg,thread=single", "-S", "-gdb", f"unix:{folder}/gdb,server=on,wait=off",
        "-singlestep", "-d", "in_asm,cpu,exec,nochain", "-D", "/dev/stdout",
    ]  # fmt: skip


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("image")
    parser.add_argument("--dtb", required=True)
    parser.add_argument("--instructions", type=int, default=1 << 20)
    parser.add_argument("--every", type=int, default=1 << 16, help="a hash each so many, and at powers of two before")
    parser.add_argument("--window", metavar="N:AROUND", help="print the records about instruction N instead")
    parser.add_argument("--at", metavar="PC", action="append", default=[], type=lambda x: int(x, 0))
    parser.add_argument("--check", metavar="JSON", help="compare with the hashes of this file, up to its last")
    parser.add_argument("--console", help="keep what the guest printed in this file")
    parser.add_argument("--json", help="write the hashes to this file as well")
    parser.add_argument("--qemu", default="qemu-system-aarch64")
    return parser.parse_args()


def main():
    options = arguments()
    if not shutil.which(options.qemu):
        print(f"reference.py: skipped: no {options.qemu} (Debian: qemu-system-arm)", file=sys.stderr)
        return 77
    data = pathlib.Path(options.image).read_bytes()
    tree = pathlib.Path(options.dtb).read_bytes()
    image = data[56:60] == b"ARM\x64"
    start = IMAGE_BASE + struct.unpack_from("<Q", data, 8)[0] if image else 0
    low, high = 0, options.instructions
    recorded, first_at = {}, set(options.at)
    if options.check:
        file = json.loads(pathlib.Path(options.check).read_text())
        for what, content in (("image", data), ("dtb", tree)):
            if file[what]["sha256"] != sha256(content):
                print(f"reference.py: skipped: {options.check} is of another {what}", file=sys.stderr)
                return 77
        recorded = dict(map(tuple, file["points"]))
        high = max(recorded)
    if options.window:
        middle, around = (int(x, 0) for x in options.window.split(":"))
        low, high = max(0, middle - around), middle + around

    with tempfile.TemporaryDirectory() as folder:
        qemu = subprocess.Popen(command(options, image, start, folder), stdout=subprocess.PIPE, stdin=subprocess.DEVNULL)
        debugger = Debugger(f"{folder}/gdb")
        debugger.write(IMAGE_TREE if image else FIRMWARE_TREE, tree)
        debugger.go()
        points, count, value = [], 0, 0
        pack, crc32 = struct.Struct("<34Q").pack, zlib.crc32
        for record in records(qemu.stdout, start):
            if count == high:
                break
            if options.window and count >= low:
                print(f"{count}: " + " ".join(f"{n}={v:x}" for n, v in zip(NAMES, record)))
            if record[0] in first_at:
                first_at.discard(record[0])
                print(f"{count:>12} {value:08x} PC={record[0]:#x}: first executed, X0={record[1]:#x}", flush=True)
            value = crc32(pack(*record), value)
            count += 1
            if count in recorded and recorded[count] != f"{value:08x}":
                print(f"{count:>12} {value:08x}, recorded {recorded[count]}: the first difference", flush=True)
                qemu.kill()
                return 1
            if count % options.every == 0 or (count < options.every and count & (count - 1) == 0) or count == high:
                points.append([count, f"{value:08x}"])
                if not options.window and not options.check and not options.at:
                    printed = pathlib.Path(folder, "console").stat().st_size
                    print(f"{count:>12} {value:08x} PC={record[0]:#x} console={printed}", flush=True)
        qemu.kill()
        qemu.wait()
        if options.console:
            shutil.copy(f"{folder}/console", options.console)
    if count < high:
        print(f"reference.py: the guest ended after {count} instructions", file=sys.stderr)
    elif options.check:
        print(f"{len(recorded)} hashes up to instruction {high} as recorded")
    if options.json and not options.window:
        version = subprocess.run([options.qemu, "--version"], capture_output=True, text=True).stdout.split("\n")[0]
        text = json.dumps(
            {
                "image": {"name": os.path.basename(options.image), "bytes": len(data), "sha256": sha256(data)},
                "dtb": {"name": os.path.basename(options.dtb), "bytes": len(tree), "sha256": sha256(tree)},
                "reference": version,
                "points": points,
            }
        )
        pathlib.Path(options.json).write_text(text.replace("], [", "],\n[").replace('", "points', '",\n"points') + "\n")
    return 0


def sha256(data):
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    sys.exit(main())
