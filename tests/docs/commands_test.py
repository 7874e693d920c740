#!/usr/bin/env python3
"""Carries out the commands of a page as a reader would who copies them.

usage: commands_test.py <page> <source directory> <directory of the programs>

All blocks of the page run in their order, in one shell, in a directory of
their own where build/release/bin holds the programs; ports are replaced by
free ones. What builds, installs or tests the project itself does not run: it
must exist as a target or a preset. So every command of a page is covered, and
a new one that does not work fails.
"""

import glob
import json
import os
import queue
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading

SECONDS_MAX = 60
SKIPPED = 77
# Ports of the pages: these digits, and the id of a replica.
PORTS = ("700", "638", "808")
OF_THE_BUILD = re.compile(r"^(make|cmake|ctest|apt-get)\b")


def free_prefix(used: set[int]) -> str:
    """So that this with 1, 2 or 3 behind it is a free port."""
    # Below those that the system hands out; at random, for others may look too.
    for prefix in random.sample(range(1200, 3200), 500):
        if prefix in used:
            continue
        sockets = []
        try:
            for digit in (1, 2, 3):
                sockets.append(socket.create_server(
                    ("127.0.0.1", prefix * 10 + digit)))
            used.add(prefix)
            return str(prefix)
        except OSError:
            continue
        finally:
            for each in sockets:
                each.close()
    raise SystemExit("no free ports")


def blocks_of(page: str) -> list[str]:
    """What is to be typed: blocks marked `sh`, and those that are indented.
    Blocks marked otherwise are code, which is checked elsewhere, or no code."""
    blocks: list[list[str]] = []
    fence = None
    before = ""
    for line in page.splitlines():
        if line.startswith("```"):
            fence = None if fence is not None else line[3:]
            if fence == "sh":
                blocks.append([])
        elif fence == "sh":
            blocks[-1].append(line)
        elif fence is None and line.startswith("    "):
            if not before:
                blocks.append([])
            if not before or before.startswith("    "):
                blocks[-1].append(line[4:])
        before = line
    return ["\n".join(block) for block in blocks]


class Build:
    """What there is to make, and the presets."""

    def __init__(self, root: str):
        with open(os.path.join(root, "Makefile"), encoding="utf-8") as file:
            text = file.read()
        self.targets = set(re.findall(r"^([a-z-]+):", text, re.M))
        with open(os.path.join(root, "CMakePresets.json"),
                  encoding="utf-8") as file:
            self.presets = {p["name"]
                            for p in json.load(file)["configurePresets"]}
        # Below build/.
        self.folders = self.presets | set(re.findall(r"build/([\w-]+)", text))

    def check(self, line: str) -> None:
        for command in line.split("#")[0].split("&&"):
            words = command.split()
            if words[0] == "make":
                missing = [w for w in words[1:]
                           if "=" not in w and w not in self.targets]
            else:
                missing = [p for p in re.findall(r"--preset (\S+)", command)
                           if p not in self.presets]
            missing += [f"build/{f}"
                        for f in re.findall(r"\bbuild/([\w-]+)", command)
                        if f not in self.folders]
            if missing:
                raise SystemExit(f"there is no {missing[0]}: {line}")


class Shell:
    """One bash that lives as long as the page."""

    def __init__(self, directory: str):
        self.process = subprocess.Popen(
            ["bash", "--norc"], cwd=directory, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, start_new_session=True)
        self.lines: queue.Queue = queue.Queue()
        self.seen: list[str] = []
        threading.Thread(target=self.read, daemon=True).start()
        self.type("set -o pipefail; trap 'echo \"FAILED: $BASH_COMMAND\"' ERR")

    def read(self) -> None:
        for line in self.process.stdout:
            self.lines.put(line.rstrip("\n"))

    def type(self, text: str) -> None:
        self.process.stdin.write(text + "\n")
        self.process.stdin.flush()

    def until(self, holds, what: str) -> None:
        while not holds(self.seen):
            try:
                line = self.lines.get(timeout=SECONDS_MAX)
            except queue.Empty:
                raise SystemExit(f"{what}: not within {SECONDS_MAX} s") \
                    from None
            print(f"  {line}", flush=True)
            if line.startswith("FAILED: "):
                raise SystemExit(f"{what}: {line}")
            self.seen.append(line)

    def run(self, block: str) -> None:
        self.seen.clear()
        begun = len(re.findall(r" &$", block, re.M)) * rounds_of(block)
        self.type(block + "echo 'the block ends'")
        self.until(lambda seen: any("the block ends" in s for s in seen), block)
        self.until(lambda seen: sum(s.startswith("ready ")
                                    for s in seen) >= begun,
                   "who was begun is ready")

    def end(self) -> None:
        # Its group: the shell, and all that it has begun.
        try:
            os.killpg(self.process.pid, 9)
        except ProcessLookupError:
            pass
        self.process.wait()


def rounds_of(block: str) -> int:
    loop = re.search(r"^for \w+ in (.*?); do", block, re.M)
    return len(loop[1].split()) if loop else 1


def install(programs: str, scratch: str) -> None:
    """Programs that die with the shell, also if that is killed."""
    for place in ("build/release/bin", "bin"):
        os.makedirs(os.path.join(scratch, place))
        for program in glob.glob(os.path.join(programs, "*")):
            path = os.path.join(scratch, place, os.path.basename(program))
            with open(path, "w", encoding="utf-8") as file:
                file.write("#!/bin/sh\nexec setpriv --pdeathsig KILL "
                           f"{program} \"$@\"\n")
            os.chmod(path, 0o755)


def carry_out(page: str, build: Build, shell: Shell) -> None:
    used: set[int] = set()
    ports = {digits: free_prefix(used) for digits in PORTS}
    for block in blocks_of(page):
        lines = []
        for line in block.splitlines():
            if OF_THE_BUILD.match(line):
                build.check(line)
            else:
                lines.append(line)
        text = "\n".join(lines).strip()
        if not text:
            continue
        print(text, flush=True)
        for digits, prefix in ports.items():
            text = re.sub(rf"(127\.0\.0\.1:|-p ){digits}(?=\d|\$)",
                          rf"\g<1>{prefix}", text)
        shell.run(text + "\n")


def main() -> int:
    path, root, programs = map(os.path.abspath, sys.argv[1:])
    if not shutil.which("redis-cli"):
        print("redis-cli is not installed")
        return SKIPPED
    with open(path, encoding="utf-8") as file:
        page = file.read()
    with tempfile.TemporaryDirectory() as scratch:
        install(programs, scratch)
        os.environ["PATH"] = (os.path.join(scratch, "bin") + ":" +
                              os.environ["PATH"])
        shell = Shell(scratch)
        try:
            carry_out(page, Build(root), shell)
        finally:
            shell.end()
    return 0


if __name__ == "__main__":
    sys.exit(main())
