#!/usr/bin/env python3
"""Carries out the procedures of OPERATIONS.md as they are written there.

usage: operations_test.py <OPERATIONS.md> <trimaran> <example_node> <api>

The commands of all blocks run in their order, with /data and /backups in a
directory of the test. TOKEN is what the block before has printed. A remark
<!-- do: ... --> in the text is something that happens to the members of a group
of three, and <!-- check: ... --> something that must hold then.
"""

import glob
import os
import re
import subprocess
import sys
import tempfile

# The processes of a group are started and asked as the example's test does it.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "..", "api", "examples"))
from run_nodes import Node, expect, free_addresses  # noqa: E402

SECONDS_MAX = 60
ROWS = 20
STEP = re.compile(
    r"^ *```sh\n(?P<commands>.*?)^ *```$|"
    r"<!-- (?P<verb>do|check): (?P<what>.*?) -->",
    re.DOTALL | re.MULTILINE)


class Members:
    """Three members, as processes in /data/replica1 to /data/replica3."""

    def __init__(self, program: str, data: str):
        self.program = program
        self.data = data
        self.addresses = free_addresses(3)
        self.nodes: dict[int, Node] = {}

    def start(self, number: int) -> None:
        before = os.getcwd()
        os.chdir(self.data)
        try:
            self.nodes[number] = Node(self.program, number, self.addresses)
        finally:
            os.chdir(before)

    def stop(self, number: int) -> None:
        node = self.nodes.pop(number)
        node.process.communicate("quit\n", timeout=SECONDS_MAX)
        if node.process.returncode != 0:
            raise SystemExit(f"member {number} did not close")

    def kill(self) -> None:
        for node in self.nodes.values():
            node.process.kill()
            node.process.wait()
        self.nodes.clear()

    def write(self) -> None:
        for row in range(ROWS):
            expect(self.nodes[1], f"put key{row} value{row}", "OK")
        expect(self.nodes[3], f"get key{ROWS - 1}", f"value{ROWS - 1}")


class Procedures:
    def __init__(self, trimaran: str, node: str, scratch: str):
        self.scratch = scratch
        self.directory = os.path.dirname(trimaran)
        self.members = Members(node, os.path.join(scratch, "data"))
        self.token = "no token was printed"

    def real(self, text: str) -> str:
        for place in ("/data", "/backups"):
            text = text.replace(place, self.scratch + place)
        return text.replace("TOKEN", self.token)

    def run(self, commands: str) -> str:
        script = self.real(commands)
        print(commands, flush=True)
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            timeout=SECONDS_MAX, check=False,
            env={**os.environ,
                 "PATH": self.directory + ":" + os.environ["PATH"]})
        print(done.stdout, flush=True)
        if done.returncode != 0:
            raise SystemExit(f"ended with {done.returncode}: {script}")
        token = re.search(r"^ *token +([0-9a-f]{16})$", done.stdout, re.M)
        if token:
            self.token = token[1]
        return done.stdout

    def do(self, what: str) -> None:
        members = self.members
        if what == "lose the quorum":
            for number in (1, 2, 3):
                members.start(number)
            members.write()
            members.kill()
            for number in (1, 2):
                self.run(f"mv /data/replica{number} /data/lost{number}")
        elif what == "stop member 3":
            # The lost ones have been found again, for the rest of the guide.
            for number in (1, 2):
                self.run(f"mv /data/lost{number} /data/replica{number}")
            for number in (1, 2, 3):
                members.start(number)
            expect(members.nodes[3], "get key0", "value0")
            members.stop(3)
        elif what == "start member 3":
            expect(members.nodes[1], "put meanwhile written", "OK")
            members.start(3)
            expect(members.nodes[3], "get meanwhile", "written")
        else:
            raise SystemExit(f"nobody knows how to {what}")

    def check(self, what: str) -> None:
        if what != "everything is recovered":
            raise SystemExit(f"nobody knows how to check that {what}")
        rows = self.run("printf 'scan\\n' | trimaran shell /data/replica4")
        for row in range(ROWS):
            if f'"key{row}"  "value{row}"' not in rows:
                raise SystemExit(f"row {row} was lost")


def check_metrics(guide: str, sources: str) -> None:
    """Each metric of the last table is one."""
    names = set()
    for path in glob.glob(os.path.join(sources, "*.cc")):
        with open(path, encoding="utf-8") as file:
            names.update(re.findall(r'"([a-z_]+)"', file.read()))
    table = guide.split("## What to watch")[1]
    for row in re.findall(r"^\| (`.*?)\|", table, re.M):
        for name in re.findall(r"`([a-z_]+)`", row):
            if name not in names:
                raise SystemExit(f"there is no metric {name}")


def check_code(guide: str, examples: str) -> None:
    """What the guide shows in C++ is compiled and run as an example."""
    sources = ""
    for path in glob.glob(os.path.join(examples, "*.cc")):
        with open(path, encoding="utf-8") as file:
            sources += file.read()
    for block in re.findall(r"```cpp\n(.*?)```", guide, re.DOTALL):
        if block not in sources:
            raise SystemExit(f"this is in no example:\n{block}")


def main() -> int:
    guide_path, trimaran, node, api = map(os.path.abspath, sys.argv[1:])
    with open(guide_path, encoding="utf-8") as file:
        guide = file.read()
    check_metrics(guide, os.path.join(api, "src"))
    check_code(guide, os.path.join(api, "examples"))
    with tempfile.TemporaryDirectory() as scratch:
        for place in ("data", "backups"):
            os.mkdir(os.path.join(scratch, place))
        procedures = Procedures(trimaran, node, scratch)
        try:
            for step in STEP.finditer(guide):
                if step["commands"] is not None:
                    procedures.run(step["commands"])
                elif step["verb"] == "do":
                    procedures.do(step["what"])
                else:
                    procedures.check(step["what"])
        finally:
            procedures.members.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
