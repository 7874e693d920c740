#!/usr/bin/env python3
"""Makes stores as a version of the program leaves them, to be opened by those
that come after it. README.md says when.

usage: make_stores.py <directory of the programs> <new directory>
"""

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "serve"))
from serve_processes import Client, Cluster

# What a shell of a single store is told: before a checkpoint, and behind it.
FIRST = r"""put apple red
put "b \xff" "\x00\x01"
put empty ""
create-family pears
family pears
put conference green
put williams yellow
create-family plums
family plums
put damson blue
drop-family plums
family default
""" + "".join(f"put row{i:02} {'x' * (i + 1)}\n"
              for i in range(40)) + "checkpoint\n"
SECOND = r"""delete apple
delete-range row10 row20
put row30 again
family pears
delete williams
put \xe2\x82\xac "\"quoted\" \\"
"""


def run(program: str, *words: str, script: str = "") -> str:
    return subprocess.run([program, *words], input=script, check=True,
                          stdout=subprocess.PIPE, text=True,
                          timeout=120).stdout


def make_crashed(program: str, path: str) -> None:
    """Killed when everything is acknowledged and nothing is tidied up."""
    with subprocess.Popen([program, "shell", "--create", path], text=True,
                          stdin=subprocess.PIPE,
                          stdout=subprocess.PIPE) as shell:
        shell.stdin.write(FIRST + SECOND + "family default\nget row30\n")
        shell.stdin.flush()
        for line in shell.stdout:
            if "again" in line:
                break
        shell.kill()


def fill_group(cluster: Cluster) -> None:
    """Through every member, so that there are sessions of all of them."""
    for number, node in cluster.nodes.items():
        client = Client(node.redis)
        client.ask("SET", f"from{number}", "x" * 100)
        client.ask("INCR", "counter")
        client.ask("MSET", "one", 1, "two", number)
        client.ask("WATCH", "counter")
        client.ask("MULTI")
        client.ask("INCRBY", "counter", 10)
        client.ask("DEL", "one")
        client.ask("EXEC")
        client.ask("SET", "counter", "never", "NX")
        client.close()


def make_group(program: str, stopped: str, killed: str) -> None:
    """Two members of a group of three, of which the third was removed."""
    with Cluster(program) as cluster:
        fill_group(cluster)
        leader = cluster.leader()
        gone = next(n for n in cluster.nodes if n != leader.number)
        other = next(n for n in cluster.nodes
                     if n not in (gone, leader.number))
        run(program, "remove", "--at", f"http://{leader.http}", "--id",
            str(gone))
        client = Client(leader.redis)
        client.ask("SET", "after", "the removal")
        client.close()
        time.sleep(1)  # The other one is told what is committed.
        cluster.nodes[other].kill()
        leader.stop()
        shutil.move(os.path.join(cluster.root, f"replica{leader.number}"),
                    stopped)
        shutil.move(os.path.join(cluster.root, f"replica{other}"), killed)


def make_installed(program: str, root: str, path: str) -> None:
    """A member that was sent a snapshot: its state is of a later generation."""
    run(program, "demo", "--quick", "--directory", os.path.join(root, "demo"))
    for replica in ("1", "2", "3"):
        home = os.path.join(root, "demo", replica)
        if '"generation":1' not in run(program, "dump", "--json",
                                       "--what=raft", home):
            shutil.move(home, path)
            return
    raise SystemExit("no replica of the demonstration was sent a snapshot")


def main() -> int:
    programs, target = map(os.path.abspath, sys.argv[1:])
    program = os.path.join(programs, "trimaran")
    with tempfile.TemporaryDirectory() as root:
        def at(name: str) -> str:
            return os.path.join(root, name)
        run(program, "shell", "--create", at("stopped"), script=FIRST + SECOND)
        run(program, "backup", at("stopped"), at("backup"))
        make_crashed(program, at("crashed"))
        make_group(program, at("member_stopped"), at("member_killed"))
        make_installed(program, root, at("installed"))
        os.makedirs(target)
        for name in ("stopped", "crashed", "backup", "member_stopped",
                     "member_killed", "installed"):
            with tarfile.open(os.path.join(target, name + ".tar.xz"),
                              "w:xz") as archive:
                archive.add(at(name), name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
