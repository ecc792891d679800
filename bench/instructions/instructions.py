#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Host instructions an access of the standard loads, judge off and on.

And of the guest of guest.py, whose MMU is on, an instruction.

Counted by callgrind as the difference of two run lengths, so that start-up and the first touch of every line cancel
out. Of real guests (Debian's U-Boot to its banner, Linux to its first line; fetched where they are not there) whole
runs are counted. The count is the same from run to run and on a busy machine, which times are not.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import guest

ROOT = pathlib.Path(__file__).resolve().parents[2]

# Load -> two run lengths, and the limit of instructions an access without a judge (None: no limit).
LOADS = {
    "hit": (100_000, 300_000, 300),
    "tlb": (100_000, 300_000, None),
    "shared": (50_000, 100_000, 4000),
    "big": (50_000, 100_000, None),
}
# With the judge: at most this factor, or this many instructions more, whichever allows more.
JUDGE_FACTOR = 2
JUDGE_EXTRA = 150
# The guest: two numbers of instructions, and the limits an instruction without and with the judge.
GUEST = (20_000, 60_000, 700, 1000)
# Real guests: until when they run, and the limit of instructions an instruction with the judge.
REAL = {
    "u-boot": ("console:DRAM", 600),
    "linux": ("console:Booting Linux", 600),
}
FOLDER = tempfile.TemporaryDirectory()
IMAGE = pathlib.Path(FOLDER.name) / "guest.bin"
# Load -> the one that it is like, and how much more it may take, judge off and on.
RATIOS = {"tlb": ("hit", 1.3)}


def counted(program, load, accesses, judge):
    """Instructions of one whole run, and those of the guest that it reports."""
    command = [str(program), load, "-n", str(accesses)] + (["--judge"] if judge else [])
    if load == "guest":
        command = [str(program.parent / "staleline"), "boot", str(IMAGE), "--load", hex(guest.BASE), "--quiet",
                   "--until", f"instructions:{accesses}"] + ([] if judge else ["--no-judge"])
    if load in REAL:
        command = [str(program.parent / "staleline"), "boot", accesses, "--quiet",
                   "--until", REAL[load][0]] + ([] if judge else ["--no-judge"])
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null"] + command
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"Collected : (\d+)", done.stderr)
    if done.returncode != 0 or not found:
        sys.exit(f"instructions: {' '.join(command)} failed:\n{done.stderr}")
    reported = re.search(r"(\d+) instructions\)", done.stdout)
    return int(found[1]), int(reported[1]) if reported else None


def image_of(load):
    """Where the image of a real guest is; None where it cannot be had, which is said."""
    done = subprocess.run([ROOT / "tests/guest/fetch.sh", load], stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode == 0:
        return str(ROOT / done.stdout.split()[-1])
    if done.returncode != 77:
        sys.exit(f"instructions: {load} cannot be fetched")
    print(f"instructions: {load} is not measured: its image cannot be had", file=sys.stderr)
    return None


def runs_of(loads):
    """Load, length and judge of each run that is counted."""
    for load in loads:
        if load in REAL:
            lengths = (image_of(load),)
        else:
            lengths = (GUEST if load == "guest" else LOADS[load])[:2]
        yield from ((load, length, judge) for length in lengths if length for judge in (False, True))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("loads", nargs="*", metavar="LOAD",
                        help=f"{', '.join([*LOADS, 'guest', *REAL])}; all but the last {len(REAL)} if none is named")
    parser.add_argument("--program", default=ROOT / "build/release/loads", type=pathlib.Path)
    parser.add_argument("--json", metavar="FILE", help="write the table as JSON too (- for stdout, without the table)")
    parser.add_argument("--check", action="store_true", help="status 1 where a limit is exceeded")
    arguments = parser.parse_args()
    loads = arguments.loads or [*LOADS, "guest"]
    known = [*LOADS, "guest", *REAL]
    unknown = [load for load in loads if load not in known]
    if unknown:
        parser.error(f"unknown load {unknown[0]}; there are: {', '.join(known)}")
    loads += [like for load, (like, _) in RATIOS.items() if load in loads and like not in loads]
    if not arguments.program.exists():
        parser.error(f"{arguments.program} is not built; ./run.sh --version builds it")

    IMAGE.write_bytes(guest.image())
    runs = list(runs_of(loads))
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = dict(zip(runs, pool.map(lambda run: counted(arguments.program, *run), runs)))

    rows = []
    for load in dict.fromkeys(load for load, _, _ in runs):
        if load in REAL:
            off, on = (counts[run][0] / counts[run][1] for run in runs if run[0] == load)
            limit, limit_on = None, REAL[load][1]
        else:
            few, many, limit = (GUEST if load == "guest" else LOADS[load])[:3]
            off, on = ((counts[load, many, judge][0] - counts[load, few, judge][0]) / (many - few)
                       for judge in (False, True))
            limit_on = GUEST[3] if load == "guest" else round(max(JUDGE_FACTOR * off, off + JUDGE_EXTRA), 1)
        rows.append({
            "load": load,
            "judge_off": round(off, 1),
            "judge_on": round(on, 1),
            "limit_judge_off": limit,
            "limit_judge_on": limit_on,
        })
    by_load = {row["load"]: row for row in rows}
    ratios = [{
        "load": load,
        "like": like,
        "judge_off": round(by_load[load]["judge_off"] / by_load[like]["judge_off"], 3),
        "judge_on": round(by_load[load]["judge_on"] / by_load[like]["judge_on"], 3),
        "limit": limit,
    } for load, (like, limit) in RATIOS.items() if load in by_load]

    if arguments.json != "-":
        print("host instructions an access, or an instruction of a guest")
        print(f"{'load':8}{'judge off':>10}{'limit':>8}{'judge on':>10}{'limit':>8}")
        for row in rows:
            print(f"{row['load']:8}{row['judge_off']:>10.0f}{row['limit_judge_off'] or '-':>8}"
                  f"{row['judge_on']:>10.0f}{row['limit_judge_on']:>8.0f}")
        for ratio in ratios:
            print(f"{ratio['load']} / {ratio['like']}: {ratio['judge_off']:.2f} and, with the judge, "
                  f"{ratio['judge_on']:.2f}; limit {ratio['limit']}")
    if arguments.json:
        text = json.dumps({"instructions_per_access": rows, "ratios": ratios}, indent=2) + "\n"
        if arguments.json == "-":
            print(text, end="")
        else:
            pathlib.Path(arguments.json).write_text(text, encoding="utf-8")

    exceeded = [f"{row['load']} with the judge {state.replace('_', ' ').split()[1]}"
                for row in rows for state in ("judge_off", "judge_on")
                if row[f"limit_{state}"] is not None and row[state] > row[f"limit_{state}"]]
    exceeded += [f"{ratio['load']} / {ratio['like']} with the judge {state.split('_')[1]}"
                 for ratio in ratios for state in ("judge_off", "judge_on") if ratio[state] > ratio["limit"]]
    if exceeded and arguments.check:
        print("instructions: over the limit: " + ", ".join(exceeded), file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
