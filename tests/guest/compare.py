#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Boots a guest on the modelled PE and compares its registers, at every milestone, with those under QEMU.

    compare.py u-boot                                with what was recorded (tests/guest/milestones)
    compare.py linux --instructions 100000           not further than that
    compare.py u-boot --qemu                         with the QEMU that is installed, from end to end
    compare.py Image --dtb my.dtb --records my.json  another guest, another record (reference.py --json)
    compare.py u-boot --verdict silent --until mmu-on    no comparison: boots, and checks the verdict

A guest is u-boot or linux (fetch.sh), or a file. At a difference it says between which milestones, and with QEMU which
registers of which instruction. Exit 0: equal; 1: a difference, or another verdict; 77: skipped, and why is on stderr.
"""

import argparse
import contextlib
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
GUESTS = ("u-boot", "linux")
VERDICTS = {"silent": 0, "hazard": 1}
HASH = re.compile(rb"^ *(\d+) ([0-9a-f]{8}) PC=0x([0-9a-f]+)$")
RECORD = re.compile(r"^(\d+): (PC=.*)$", re.MULTILINE)


def skip(text):
    print(f"compare.py: skipped: {text}", file=sys.stderr)
    sys.exit(77)


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("guest")
    parser.add_argument("--staleline", default=ROOT / "build/release/staleline", type=pathlib.Path)
    parser.add_argument("--dtb", help="the device tree (that of the build)")
    parser.add_argument("--records", default=HERE / "milestones", type=pathlib.Path, metavar="FILE|FOLDER")
    parser.add_argument("--instructions", type=int, help="how far (to the end of the record; with --qemu 4194304)")
    parser.add_argument("--qemu", action="store_true", help="make the record now")
    parser.add_argument("--verdict", choices=VERDICTS)
    parser.add_argument("--until", default="mmu-on", help="with --verdict: how far")
    return parser.parse_args()


def image_of(guest):
    if guest not in GUESTS:
        return guest
    fetched = subprocess.run([HERE / "fetch.sh", guest], stdout=subprocess.PIPE, text=True)
    if fetched.returncode == 77:
        skip(f"no {guest}")
    if fetched.returncode != 0:
        sys.exit(1)
    print(fetched.stdout.strip())
    return str(ROOT / fetched.stdout.split()[-1])


def sha256(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()


def record_of(options, image):
    """The record of this image with this device tree."""
    files = sorted(options.records.glob("*.json")) if options.records.is_dir() else [options.records]
    wanted = (sha256(image), sha256(options.dtb))
    for file in files:
        record = json.loads(file.read_text())
        if (record["image"]["sha256"], record["dtb"]["sha256"]) == wanted:
            return record
    skip(f"no record of an image with sha256 {wanted[0]} and a device tree with {wanted[1]}: registers are not compared")


def reference(options, image, *more):
    """What reference.py prints; skips where there is no QEMU."""
    command = [HERE / "reference.py", image, "--dtb", options.dtb, *more]
    done = subprocess.run([sys.executable, *command], stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        sys.exit(done.returncode)
    return done.stdout


def fresh_record(options, image):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "record.json")
        reference(options, image, "--instructions", str(options.instructions or 1 << 22), "--json", file)
        return json.loads(file.read_text())


def boot(options, image, count, *more):
    return [
        options.staleline, "boot", image, "--dtb", options.dtb, "--quiet",
        "--registers", "-", "--until", f"instructions:{count}", *more,
    ]  # fmt: skip


def compare(points, count, command):
    """(the last milestone that is equal, the first that is not, or None)"""
    equal, told = 0, 0
    with subprocess.Popen(command, stdout=subprocess.PIPE) as run:
        for line in run.stdout:
            if not (found := HASH.match(line)):
                continue
            told = int(found[1])
            if told not in points:
                continue
            if points[told] != found[2].decode():
                run.kill()
                return equal, told
            equal = told
    if equal < count:
        print(f"the guest ended after {told} instructions, before {count}")
        return equal, count
    return equal, None


def explain(options, image, equal, wrong):
    """Both machines once more: the first instruction before which a register differs."""
    middle, around = (equal + wrong) // 2, (wrong - equal) // 2 + 1
    theirs = dict(RECORD.findall(reference(options, image, "--window", f"{middle}:{around}")))
    ours = subprocess.run(boot(options, image, wrong, "--registers-at", f"{middle}:{around}"), stdout=subprocess.PIPE)
    for number, registers in RECORD.findall(ours.stdout.decode(errors="replace")):
        if theirs.get(number, registers) == registers:
            continue
        print(f"before instruction {number}:")
        for here, there in zip(registers.split(), theirs[number].split()):
            if here != there or here.startswith("PC="):
                print(f"  {here}, under QEMU {there}")
        return


def main():
    options = arguments()
    image = image_of(options.guest)
    options.dtb = options.dtb or options.staleline.parent / "sim/guest/virt-1.dtb"
    if options.verdict:
        command = [options.staleline, "boot", image, "--quiet", "--until", options.until]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, errors="replace")
        print("\n".join(done.stdout.splitlines()[-2:]))
        return 0 if done.returncode == VERDICTS[options.verdict] else 1

    record = fresh_record(options, image) if options.qemu else record_of(options, image)
    points = dict(map(tuple, record["points"]))
    count = max(n for n in points if n <= (options.instructions or n))
    equal, wrong = compare(points, count, boot(options, image, count))
    if wrong is None:
        print(f"equal to {record['reference']} at every milestone up to instruction {equal}")
        return 0
    print(f"registers differ from {record['reference']}: equal up to instruction {equal}, not up to {wrong}")
    if options.qemu:
        with contextlib.suppress(KeyError):
            explain(options, image, equal, wrong)
    return 1


if __name__ == "__main__":
    sys.exit(main())
