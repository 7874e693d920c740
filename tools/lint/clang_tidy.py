#!/usr/bin/env python3
"""Runs clang-tidy over the sources of what users run that build/dev compiles.

usage: tools/lint/clang_tidy.py [--deep]        all of them
       tools/lint/clang_tidy.py file.cc...      these

Most of the time that clang-tidy takes for a source goes into the system headers
that it includes, so the sources of a folder are read as one unit, or as several
where two sources use one name for different things. The analyzer follows paths
through an included source only if the unit is named UnifiedSource.

What holds only for a source that is compiled by itself is checked so, which
costs little more than to parse it: that it brings the includes that it needs,
and the checks of _ALONE. Files that are named on the command line are checked
by themselves, with every check.

Nine tenths of the rest go to the analyzer, most of that to a few functions of
very many paths. It leaves such a function early, having seen all of its blocks
but not all ways to reach them; with --deep, and for files that are named, it
goes on for as long as clang-tidy would by itself.
"""

import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import dropwhile
from typing import NamedTuple

from source_tree import ROOT, is_cpp, is_shipped

_TIDY = "clang-tidy-14"
# What a source shows only when it is the whole program: an include of a source,
# which is what a unit consists of; names outside of any namespace, for which
# whatever is included is a header; and a name that nothing else in it uses.
_NOT_IN_UNIT = ("bugprone-suspicious-include", "google-global-names-in-headers")
_ALONE = ",".join((*_NOT_IN_UNIT, "misc-unused-using-decls"))
# The states of a function that the analyzer looks at: by default 225,000.
_SHALLOW = tuple(f"--extra-arg={word}" for word in (
    "-Xclang", "-analyzer-config", "-Xclang", "max-nodes=50000"))
_ERROR = re.compile(
    r"^(.+?):\d+:\d+: error: .*\[clang-diagnostic-error\]$", re.MULTILINE)
# How many warnings were in system headers.
_NOISE = re.compile(r"^\d+ warnings? (?:generated|treated).*\n", re.MULTILINE)


class Unit(NamedTuple):
    """Sources of one folder that are compiled with the same flags."""
    name: str
    directory: str
    flags: tuple[str, ...]
    sources: tuple[str, ...]  # Absolute paths.


def flags_of(command: str, source: str) -> tuple[str, ...]:
    """Without the compiler, the source, and what is written."""
    words = dropwhile(lambda word: word[0] != "-", shlex.split(command))
    kept = []
    for word in words:
        if word in ("-o", "-MF", "-MT"):
            next(words)
        elif word not in ("-c", "-MD", source):
            kept.append(word)
    return tuple(kept)


def units(commands: list[dict], root: str = ROOT) -> list[Unit]:
    """What users run of `commands`, the largest unit first."""
    groups: dict[tuple, set[str]] = {}
    for entry in commands:
        source = entry["file"]
        path = os.path.relpath(source, root)
        # Not what is in C.
        if is_cpp(path) and is_shipped(path):
            flags = flags_of(entry["command"], source)
            key = os.path.dirname(path), entry["directory"], flags
            groups.setdefault(key, set()).add(source)
    found = []
    for number, (key, sources) in enumerate(sorted(groups.items())):
        folder, directory, flags = key
        name = f"UnifiedSource_{number}_{folder.replace('/', '_')}"
        found.append(Unit(name, directory, flags, tuple(sorted(sources))))
    return sorted(found, key=lambda unit: -len(unit.sources))


def _tidy(unit: Unit, path: str, checks: str, *options: str):
    """The exit code of clang-tidy and what it says."""
    done = subprocess.run(
        [_TIDY, "--quiet", f"--checks={checks}", *options, path, "--",
         *unit.flags], cwd=unit.directory,
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, _NOISE.sub("", done.stdout)


def _write(unit: Unit, folder: str) -> str:
    path = os.path.join(folder, unit.name + ".cc")
    with open(path, "w", encoding="utf-8") as file:
        file.writelines(f'#include "{source}"\n' for source in unit.sources)
    return path


def split(unit: Unit, folder: str) -> list[Unit]:
    """The unit in parts, each of sources that compile after one another. A
    source with an error of its own ends up where clang-tidy reports it."""
    parts = []
    rest = unit.sources
    while rest:
        part = unit._replace(name=f"{unit.name}_{len(parts)}", sources=rest)
        # A name that is defined a third time may go unmentioned until the
        # second time is gone.
        while True:
            _, said = _tidy(part, _write(part, folder), f"-*,{_ALONE}",
                            "--extra-arg=-ferror-limit=0")
            bad = set(_ERROR.findall(said)) - {rest[0]}
            kept = tuple(name for name in part.sources if name not in bad)
            if kept == part.sources:
                break
            part = part._replace(sources=kept)
        parts.append(part)
        rest = tuple(name for name in rest if name not in part.sources)
    return parts


def _report(result: tuple[int, str]) -> bool:
    code, said = result
    if code != 0:
        print(said, end="", flush=True)
    return code == 0


def check_tree(build: str, root: str = ROOT, deep: bool = False) -> bool:
    folder = os.path.join(build, "tidy")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(build, "compile_commands.json"),
              encoding="utf-8") as file:
        found = units(json.load(file), root)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        parts = [part for some in pool.map(
            lambda unit: split(unit, folder), found) for part in some]
        jobs = [(part, os.path.join(folder, part.name + ".cc"),
                 ",".join(f"-{check}" for check in _NOT_IN_UNIT),
                 *(() if deep else _SHALLOW)) for part in parts]
        jobs += [(unit, source, f"-*,{_ALONE}")
                 for unit in found for source in unit.sources]
        return all([_report(result)
                    for result in pool.map(lambda job: _tidy(*job), jobs)])


def check_files(build: str, files: list[str]) -> bool:
    def check(path: str):
        done = subprocess.run(
            [_TIDY, "--quiet", "-p", build, path], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.returncode, _NOISE.sub("", done.stdout)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        return all([_report(result) for result in pool.map(check, files)])


def main(arguments: list[str]) -> int:
    build = os.path.join(ROOT, "build", "dev")
    deep = arguments == ["--deep"]
    passed = (check_tree(build, deep=deep) if deep or not arguments
              else check_files(build, arguments))
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
