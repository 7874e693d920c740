#!/usr/bin/env python3
"""Proves that the tests would have found the bugs of the lists of mutants.

In a build with -DTRIMARAN_MUTANTS=ON, switches on one bug by the environment
variable TRIMARAN_MUTANT and runs what should notice it, the quick things first:
the unit tests of the folder, then what runs it as a whole, then the simulator.

    kill.py --build build/mutants --mutant two_votes_in_one_term
    kill.py --build build/mutants --mutant none --list node    # the control
    kill.py --build build/mutants --table --list engine        # for README.md

Exit code: 0 if the mutant was killed (or, for "none", if everything passed), 1
if it survived, 2 if something could not be run.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

NONE = "none"


@dataclass
class MutantList:
    """One list of mutants, and what should notice them."""

    source: str
    # Regular expressions of names for ctest: programs of a second or so; and
    # slower ones, which see more at once.
    quick: str
    slow: str = ""
    simulator: str = ""


LISTS = {
    "raft": MutantList(
        source="replication/raft/mutant.cc",
        quick="^raft_[a-z_]+_test$", simulator="cluster_sim"),
    "node": MutantList(
        source="replication/node/mutant.cc",
        quick="^node_(parts|install|stepped)_test$",
        slow="^(node_cluster|raftstore_snapshot)_test$",
        simulator="node_sim"),
    "tcp": MutantList(
        source="replication/tcp/mutant.cc",
        quick="^tcp_parts_test$", slow="^tcp_loopback_test$"),
    "engine": MutantList(
        source="engine/base/mutant.cc",
        quick="^(engine_(log|kv|snapshot|snapshot_crash)_test|engine_test|"
              "(log|state)_conformance_test)$",
        slow="^(crash.log.0|crash.node|node_cluster_test)$"),
}


@dataclass
class Verdict:
    killed: bool
    by: str


class CannotRun(Exception):
    pass


def run(command, mutant, seconds, environment=None, folder=None):
    """The exit code, None after a time-out, and what was printed."""
    environment = dict(os.environ, **(environment or {}),
                       TRIMARAN_MUTANT=mutant)
    try:
        process = subprocess.Popen(
            command, env=environment, cwd=folder, text=True, errors="replace",
            start_new_session=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)
    except FileNotFoundError as error:
        raise CannotRun(str(error)) from error
    try:
        output, _ = process.communicate(timeout=seconds)
        return process.returncode, output
    except subprocess.TimeoutExpired:
        # With the children that a test may have.
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return None, output


def tests_like(options, pattern):
    """What ctest would run, with limits of its own: (name, command, ...)."""
    code, output = run(
        ["ctest", "--test-dir", str(options.build), "-R", pattern,
         "--show-only=json-v1"], NONE, 60)
    if code != 0:
        raise CannotRun(output)
    found = json.loads(output)["tests"]
    if not found:
        raise CannotRun(f"there is no test like {pattern}")
    for test in found:
        if "command" not in test:
            raise CannotRun(f"{test['name']} is not built")
        properties = {one["name"]: one["value"]
                      for one in test.get("properties", [])}
        environment = dict(
            pair.split("=", 1)
            for pair in properties.get("ENVIRONMENT", []) if "=" in pair)
        yield (test["name"], test["command"], environment,
               properties.get("WORKING_DIRECTORY"))


def run_tests(options, mutant, pattern):
    noticed = []
    for name, command, environment, folder in tests_like(options, pattern):
        code, _ = run(command, mutant, options.test_seconds, environment,
                      folder)
        if code == 0:
            continue
        # One that never ends under the mutant has noticed it, too.
        noticed.append(name)
        if not options.table:
            break
    return Verdict(bool(noticed), ", ".join(noticed))


def run_simulator(options, mutant, program):
    command = [str(options.build / "bin" / program),
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


def stages(options, mutant, mutants):
    """What runs the mutant, by name, in order."""
    yield "quick tests", lambda: run_tests(options, mutant, mutants.quick)
    if mutants.slow:
        yield "slow tests", lambda: run_tests(options, mutant, mutants.slow)
    if mutants.simulator:
        yield "simulator", lambda: run_simulator(
            options, mutant, mutants.simulator)


def judge(options, mutant, mutants):
    for name, stage in stages(options, mutant, mutants):
        verdict = stage()
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


def list_of(options, mutant):
    """The list that a mutant is in; a misspelt one would seem to survive."""
    if mutant == NONE:
        return LISTS[options.list]
    for mutants in LISTS.values():
        if mutant in names(options.root / mutants.source):
            return mutants
    raise CannotRun(f"there is no mutant {mutant}")


def short(text, width=60):
    text = " ".join(text.split()).replace("|", "/")
    return text if len(text) <= width else text[:width - 3] + "..."


def print_table(options):
    mutants = LISTS[options.list]
    for mutant in options.mutant or names(options.root / mutants.source):
        columns = [mutant]
        for name, stage in stages(options, mutant, mutants):
            verdict = stage()
            if name == "simulator":
                columns.append(f"{'' if verdict.killed else 'survives: '}"
                               f"{short(verdict.by)}")
            else:
                noticed = re.sub(r"\braft_(\w+)_test\b", r"\1", verdict.by)
                columns.append(noticed if verdict.killed else "none")
        print(f"| {' | '.join(columns)} |", flush=True)


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", type=Path, required=True)
    parser.add_argument("--mutant", action="append", default=[],
                        help="its name, or 'none' for the control")
    parser.add_argument("--table", action="store_true",
                        help="print what notices each; all by default")
    parser.add_argument("--list", choices=LISTS, default="raft",
                        help="whose control, or whose table")
    parser.add_argument("--root", type=Path, help="of the sources",
                        default=Path(__file__).resolve().parents[2])
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--test-seconds", type=int, default=90,
                        help="the limit of one test program")
    parser.add_argument("--sim-seconds", type=int, default=120)
    return parser.parse_args(arguments)


def main():
    options = parse(sys.argv[1:])
    try:
        if options.table:
            print_table(options)
            return 0
        for mutant in options.mutant:
            mutants = list_of(options, mutant)
            if judge(options, mutant, mutants) == (mutant == NONE):
                return 1
    except CannotRun as error:
        print(f"cannot run: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
