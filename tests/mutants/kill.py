#!/usr/bin/env python3
"""Proves that the tests would have found the bugs of replication/raft/mutant.h.

In a build with -DTRIMARAN_MUTANTS=ON, switches on one bug by the environment
variable TRIMARAN_MUTANT and runs what should notice it, the quick things first:
the unit tests and scripts of the core (through ctest), then the simulator.

    kill.py --build build/mutants --mutant two_votes_in_one_term
    kill.py --build build/mutants --mutant none     # the control: all must pass
    kill.py --build build/mutants --table           # for README.md

Exit code: 0 if the mutant was killed (or, for "none", if everything passed), 1
if it survived, 2 if something could not be run.
"""

import argparse
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

# What ctest runs of the tests; those of the core have names with "raft_".
LABELS = "unit|scripts"
NONE = "none"


@dataclass
class Verdict:
    killed: bool
    by: str


class CannotRun(Exception):
    pass


def run(command, mutant, seconds):
    """The exit code, None after a time-out, and what was printed."""
    environment = dict(os.environ, TRIMARAN_MUTANT=mutant)
    try:
        done = subprocess.run(
            command, env=environment, timeout=seconds, text=True,
            errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except FileNotFoundError as error:
        raise CannotRun(str(error)) from error
    except subprocess.TimeoutExpired as expired:
        output = expired.stdout or b""
        if isinstance(output, bytes):
            output = output.decode(errors="replace")
        return None, output
    return done.returncode, done.stdout


def run_tests(options, mutant):
    command = ["ctest", "--test-dir", str(options.build), "-L", LABELS,
               "-R", options.tests, "--timeout", str(options.test_seconds),
               "--no-tests=error"]
    if not options.table:
        command.append("--stop-on-failure")
    code, output = run(command, mutant, options.seconds)
    if code is None:
        raise CannotRun(f"the tests took more than {options.seconds} s")
    if "Not Run" in output or "No tests were found" in output:
        raise CannotRun(output)
    failed = re.findall(r"^\s*\d+ - (\S+) \((?!Not Run)", output, re.M)
    if code != 0 and not failed:
        raise CannotRun(output)
    return Verdict(code != 0, ", ".join(failed))


def run_simulator(options, mutant):
    command = [str(options.build / "bin" / "cluster_sim"),
               "--seeds", str(options.seeds),
               "--max-seconds", str(options.sim_seconds)]
    # A seed that never ends under the mutant has noticed it, too.
    code, output = run(command, mutant, options.sim_seconds + 60)
    if code is None:
        return Verdict(True, "a seed that does not end")
    if code == 0:
        ran = re.findall(r"^(\d+) seeds, 0 failed", output, re.M)
        return Verdict(False, f"{ran[-1] if ran else 0} seeds passed")
    found = re.search(r"^seed (\d+) FAILED: (.*)$", output, re.M)
    if code != 1 or not found:
        raise CannotRun(output)
    # A failed check comes before the word that the process has died.
    check = re.search(r"check failed: (.*)$", output, re.M)
    reason = check.group(1) if check else found.group(2)
    return Verdict(True, f"seed {found.group(1)}: {reason}")


def judge(options, mutant):
    for name, stage in (("tests", run_tests), ("simulator", run_simulator)):
        verdict = stage(options, mutant)
        if verdict.killed:
            print(f"{mutant}: killed by the {name}: {verdict.by}", flush=True)
            return True
        print(f"{mutant}: not noticed by the {name} {verdict.by}", flush=True)
    return False


def names(source):
    """All mutants, in the order of the enumeration."""
    text = Path(source).read_text(encoding="utf-8")
    table = text[text.index("kNames[]"):]
    found = re.findall(r'^ +"(\w+)",$', table[:table.index("};")], re.M)
    return [name for name in found if name != NONE]


def short(text, width=60):
    text = " ".join(text.split()).replace("|", "/")
    return text if len(text) <= width else text[:width - 3] + "..."


def print_table(options, mutants):
    print("| mutant | tests that notice it | the simulator alone |")
    print("|---|---|---|")
    for mutant in mutants:
        tests = run_tests(options, mutant)
        simulator = run_simulator(options, mutant)
        noticed = re.sub(r"\braft_(\w+)_test\b", r"\1", tests.by)
        print(f"| {mutant} | {noticed if tests.killed else 'none'} | "
              f"{'' if simulator.killed else 'survives: '}"
              f"{short(simulator.by)} |", flush=True)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--mutant", action="append", default=[],
                        help="its name, or 'none' for the control")
    parser.add_argument("--table", action="store_true",
                        help="print what notices each; all by default")
    parser.add_argument("--source", default="replication/raft/mutant.cc")
    parser.add_argument("--tests", default="^raft_",
                        help="a regular expression of names for ctest")
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--test-seconds", type=int, default=20,
                        help="the limit of one test program")
    parser.add_argument("--sim-seconds", type=int, default=170)
    parser.add_argument("--seconds", type=int, default=300,
                        help="the limit of all test programs together")
    return parser.parse_args(arguments)


def main():
    options = parse(sys.argv[1:])
    try:
        if options.table:
            print_table(options, options.mutant or names(options.source))
            return 0
        for mutant in options.mutant:
            if judge(options, mutant) == (mutant == NONE):
                return 1
    except CannotRun as error:
        print(f"cannot run: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
