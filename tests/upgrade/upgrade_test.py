#!/usr/bin/env python3
"""Stores that earlier versions have left, in the hands of this one.

Goal: what a released format says can be read, verified, opened and written for
ever; what a later format says is refused by name and left alone. Method: the
program, on archives of stores (README.md) and on copies of them that claim to
be of tomorrow.

usage: upgrade_test.py <trimaran> <directory of this file>
"""

import glob
import json
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile

# In memory, where there is such a place, so that syncs cost nothing.
SCRATCH = "/dev/shm" if os.access("/dev/shm", os.W_OK | os.X_OK) else None
# Of replicas in a group: no shell opens them alone.
MEMBERS = ("member_stopped", "member_killed", "installed")
# What is recorded of a store with many rows; the state hash stands for them.
WITHOUT_ROWS = "identity,floor,raft,apply,members,families,sessions"


class Program:
    def __init__(self, path: str):
        self.path = path

    def run(self, *words: str, script: str = "", code: int = 0):
        done = subprocess.run([self.path, *words], input=script, text=True,
                              capture_output=True, timeout=120,
                              env={**os.environ, "TMPDIR": tempfile.tempdir})
        if done.returncode != code:
            raise SystemExit(f"{' '.join(words)}: exit code {done.returncode} "
                             f"and not {code}: {done.stdout}{done.stderr}")
        return done

    def out(self, *words: str, script: str = "") -> str:
        return self.run(*words, script=script).stdout

    def verified(self, path: str) -> dict:
        return json.loads(self.out("verify", "--deep", "--replay", "--json",
                                   path).splitlines()[-1])

    def rows(self, path: str) -> list[dict]:
        lines = self.out("dump", "--json", "--what=data", path).splitlines()
        return [json.loads(line) for line in lines]


def expect(what: str, found, wanted) -> None:
    if found != wanted:
        raise SystemExit(f"{what}: {found!r}, and not {wanted!r}")


# ---- What was recorded ----

def described(program: Program, name: str, path: str) -> str:
    what = ["--what=" + WITHOUT_ROWS] if name == "installed" else []
    text = program.out("dump", "--json", *what, path)
    return text + json.dumps(program.verified(path)) + "\n"


def check_record(program: Program, name: str, path: str, record: str) -> None:
    found = described(program, name, path)
    if os.environ.get("TRIMARAN_REWRITE"):
        with open(record, "w", encoding="utf-8") as file:
            file.write(found)
        return
    with open(record, encoding="utf-8") as file:
        wanted = file.read()
    for number, (a, b) in enumerate(zip(found.splitlines(),
                                        wanted.splitlines()), 1):
        expect(f"{record}:{number}", a, b)
    expect(f"lines of {record}", found.count("\n"), wanted.count("\n"))


# ---- Use ----

def check_store(program: Program, root: str, path: str) -> None:
    """Opened and written by this version, saved by it, and whole."""
    saved = os.path.join(root, "saved")
    program.out("status", path)
    # With what the log of the crashed one holds beyond its checkpoint.
    program.out("backup", path, saved)
    program.out("shell", path, script="put upgraded yes\ncheckpoint\n"
                                      "put twice yes\n")
    program.verified(path)
    rows = program.rows(path)
    added = [row for row in rows if row["key"] in ("upgraded", "twice")]
    expect("rows that were added", len(added), 2)
    expect("rows that were there", [row for row in rows if row not in added],
           program.rows(saved))


def check_backup(program: Program, root: str, path: str) -> None:
    restored = os.path.join(root, "restored")
    program.out("restore", "--cluster", "upgraded", "--replica", "1", path,
                restored)
    expect("rows that were restored", program.rows(restored),
           program.rows(path))
    for chunk in glob.glob(os.path.join(path, "chunk-*")):
        program.out("verify", chunk)
    program.out("shell", restored, script="put upgraded yes\n")


def check_member(program: Program, root: str, path: str) -> None:
    """As the survivor of its group: this version applies all of its log."""
    out = os.path.join(root, "recovered")
    plan = program.out("recover", "--plan", "--json", "--cluster", "upgraded",
                       path)
    token = next(json.loads(line)["token"] for line in plan.splitlines()
                 if "token" in line)
    program.out("recover", "--apply", "--token", token, "--cluster",
                "upgraded", "--replica", "1", "--out", out, path)
    rows = {row["key"] for row in program.rows(out)}
    expect("rows that are missing",
           {row["key"] for row in program.rows(path)} - rows, set())
    program.out("shell", out, script="put upgraded yes\n")
    program.verified(out)


# ---- Of tomorrow ----

def crc32c(data: bytes) -> int:
    crc = 0xffffffff
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
    return crc ^ 0xffffffff


def of_tomorrow(path: str, size: int, version: int, checksum: int,
                covered) -> None:
    """Raises the version in the first `size` bytes of a file, and makes the
    checksum right again, which is of the bytes that `covered` says."""
    with open(path, "r+b") as file:
        data = bytearray(file.read(size))
        found, = struct.unpack_from(">I", data, version)
        struct.pack_into(">I", data, version, found + 1)
        struct.pack_into(">I", data, checksum % size, crc32c(covered(data)))
        file.seek(0)
        file.write(data)


def check_refused(program: Program, words: tuple[str, ...], file: str,
                  *layout) -> None:
    of_tomorrow(file, *layout)
    with open(file, "rb") as opened:
        before = opened.read()
    refused = program.run(*words, code=6)
    if "version 2" not in refused.stderr or "version 1" not in refused.stderr:
        raise SystemExit(f"{words}: the versions are not named: "
                         f"{refused.stderr}")
    with open(file, "rb") as opened:
        expect(f"{file} is left alone", opened.read() == before, True)


def check_tomorrow(program: Program, root: str, store: str,
                   backup: str) -> None:
    number = 0

    def copy(path: str) -> str:
        nonlocal number
        number += 1
        return shutil.copytree(path, os.path.join(root, f"tomorrow{number}"))

    # Section 1 of engine/FORMAT.md.
    home = copy(store)
    check_refused(program, ("shell", home),
                  os.path.join(home, "STORE"), 56, 8, -4, lambda d: d[:-4])
    # Section 2: the first block of a segment.
    home = copy(store)
    segment = sorted(glob.glob(os.path.join(home, "log", "seg-*")))[0]
    check_refused(program, ("shell", home), segment, 4096, 12, 8,
                  lambda d: d[12:])
    # Section 7.
    saved = copy(backup)
    manifest = os.path.join(saved, "MANIFEST")
    restore = ("restore", "--cluster", "new", "--replica", "1")
    check_refused(program, (*restore, saved, os.path.join(root, "never")),
                  manifest, os.path.getsize(manifest), 8, 16,
                  lambda d: d[:16] + d[20:])
    saved = copy(backup)
    chunk = os.path.join(saved, "chunk-000001")
    check_refused(program, ("dump", chunk), chunk,
                  os.path.getsize(chunk), 4, -4, lambda d: d[:-4])
    expect("what was restored of it",
           os.path.exists(os.path.join(root, "never")), False)


def check_set(program: Program, folder: str) -> None:
    archives = sorted(glob.glob(os.path.join(folder, "*.tar.xz")))
    expect(f"there are archives in {folder}", len(archives) > 0, True)
    for archive in archives:
        name = os.path.basename(archive).removesuffix(".tar.xz")
        print(f"{os.path.basename(folder)}/{name}", flush=True)
        with tempfile.TemporaryDirectory() as root:
            with tarfile.open(archive) as opened:
                opened.extractall(root)
            path = os.path.join(root, name)
            check_record(program, name, path,
                         os.path.join(folder, name + ".jsonl"))
            if name == "backup":
                check_backup(program, root, path)
            elif name in MEMBERS:
                check_member(program, root, path)
            else:
                check_store(program, root, path)


def main() -> int:
    tempfile.tempdir = SCRATCH or tempfile.gettempdir()
    program = Program(os.path.abspath(sys.argv[1]))
    folders = sorted(glob.glob(os.path.join(sys.argv[2], "format_*")))
    expect("there are stores", len(folders) > 0, True)
    for folder in folders:
        check_set(program, folder)
    with tempfile.TemporaryDirectory() as root:
        store = os.path.join(root, "store")
        backup = os.path.join(root, "backup")
        program.out("shell", "--create", store, script="put apple red\n")
        program.out("backup", store, backup)
        check_tomorrow(program, root, store, backup)
    return 0


if __name__ == "__main__":
    sys.exit(main())
