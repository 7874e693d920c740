#!/usr/bin/env python3
"""`trimaran dump` of some megabytes, in turns with `wt dump` of the same rows.

Both write to /dev/null. Works in the current directory and removes what it has
made there. README.md says what the numbers mean.

usage: dump_bench.py <build>/bin [--megabytes 1024] [--rounds 3] [--json FILE]
"""

import argparse
import json
import os
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

# open_bench's kind of rows that are in a checkpoint.
CHECKPOINTED = "3"


def run(command: list[str]) -> dict[str, float]:
    def cpu() -> float:
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        return usage.ru_utime + usage.ru_stime
    cpu_before, begun = cpu(), time.monotonic()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=1800)
    return {"seconds": time.monotonic() - begun, "cpu_s": cpu() - cpu_before}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("programs", type=pathlib.Path)
    parser.add_argument("--megabytes", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", default="")
    arguments = parser.parse_args()
    if not shutil.which("wt"):
        print("wt is not installed (Debian: wiredtiger)", file=sys.stderr)
        return 2
    programs = arguments.programs.resolve()
    root = tempfile.mkdtemp(prefix="dump-bench-", dir=".")
    try:
        # It ends by a signal that it sends to itself.
        subprocess.run([programs / "open_bench", "--fill", root, CHECKPOINTED,
                        str(arguments.megabytes)], check=False, timeout=1800)
        ours = [str(programs / "trimaran"), "dump", "--what=data", "--hex",
                f"{root}/1"]
        theirs = ["wt", "-R", "-h", f"{root}/wiredtiger", "-C",
                  "log=(enabled)", "dump", "-x", "table:rows"]
        run(theirs)  # Recovers, once.
        rounds = []
        for number in range(arguments.rounds):
            order = [("ours", ours), ("wt", theirs)]
            if number % 2:
                order.reverse()
            rounds.append({name: run(command) for name, command in order})
    finally:
        shutil.rmtree(root, ignore_errors=True)
    result = {
        "megabytes": arguments.megabytes, "processors": os.cpu_count(),
        "rounds": rounds,
        # How many times as long ours takes.
        **{f"{figure}_ratio": statistics.median(
            each["ours"][figure] / each["wt"][figure] for each in rounds)
           for figure in ("seconds", "cpu_s")}}
    for name in ("ours", "wt"):
        for figure in ("seconds", "cpu_s"):
            median = statistics.median(each[name][figure] for each in rounds)
            print(f"{name} {figure}={median:.2f}")
    print(f"ours takes {result['seconds_ratio']:.2f} times as long, "
          f"{result['cpu_s_ratio']:.2f} times the processor time")
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as out:
            json.dump(result, out, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
