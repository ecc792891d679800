#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Boots Linux on two CPUs until the second one, which PSCI has started, turns its MMU on.

    secondary.py              out of reset
    secondary.py --vmm kvm    as a VM

What the second CPU does with its MMU off is judged: no access to data, no cache maintenance, no hazard. Of a kernel that
secondary.json knows, the number of its instructions is compared with QEMU's, and every hazard of the first CPU
has to be one that docs/guests.md explains. Exit 0: so it is; 1: it is not; 77: no kernel, and why is on stderr.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys

import compare

KNOWN = compare.HERE / "secondary.json"
INSTRUCTIONS = 200_000_000  # of each CPU; today's kernel needs 100 million of its first one


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--staleline", default=compare.ROOT / "build/release/staleline", type=pathlib.Path)
    parser.add_argument("--vmm", default="none")
    return parser.parse_args()


def wrong(report, known):
    """What is not as it has to be, a line each."""
    cpu = report["boot"]["cpus"][0]
    print(f"cpu1 {cpu['stopped']}")
    ended = re.match(r"turned its MMU on after (\d+) instructions at (0x[0-9a-f]+)$", cpu["stopped"])
    if not ended:
        yield f"cpu1 {cpu['stopped']}"
        return
    for row in cpu["mmu_off"]["rows"]:
        if row["what"] not in ("barrier", "tlbi"):
            yield f"with its MMU off cpu1 has a {row['what']} at {row['place']['pc']}"
    hazards = report["runs"][0]["hazards"]
    for hazard in hazards:
        if hazard["agent"] == "cpu1" or (known and [hazard["id"], hazard["place"]] not in known["explained"]):
            yield f"{hazard['agent']}: {hazard['id']} at {hazard['place']}: {hazard['message']}"
    if not known:
        print("secondary.py: a kernel that secondary.json does not know: figures are not compared", file=sys.stderr)
        return
    # The write of SCTLR_EL1 is the last of them. Where it is not trapped an ISB brings it into force, which counts.
    write = int(known["write"], 16)
    count = int(ended[1]) - (int(ended[2], 16) - write) // 4 + 1
    if count != known["instructions"]:
        yield f"cpu1 has executed {count} instructions with its write of SCTLR_EL1, under QEMU {known['instructions']}"


def main():
    options = arguments()
    image = compare.image_of("linux")
    command = [
        options.staleline, "boot", image, "--cpus", "2", "--vmm", options.vmm, "--until", "mmu-on:1",
        "--max-instructions", str(INSTRUCTIONS), "--json",
    ]  # fmt: skip
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, errors="replace")
    if done.returncode not in (0, 1):
        print(f"exit code {done.returncode}")
        return 1
    found = list(wrong(json.loads(done.stdout), json.loads(KNOWN.read_text()).get(compare.sha256(image))))
    print("\n".join(found) if found else "as it has to be")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
