#!/usr/bin/env python3
"""Carries out the procedures of OPERATIONS.md as they are written there.

usage: operations_test.py <OPERATIONS.md> <trimaran> <example_node> <api>

The commands of all blocks run in their order, with /data and /backups in a
directory of the test. TOKEN is what the block before has printed. A remark
<!-- do: ... --> in the text is something that happens to the members of a group
of three, or to hosts (operations_hosts.py), and <!-- check: ... --> something
that must hold then. Blocks "on a host" are for machines with systemd; what they
name is compared with what is installed.
"""

import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

# The processes of a group are started and asked as the example's test does it.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "..", "api", "examples"))
from run_nodes import Node, expect, free_addresses  # noqa: E402

from operations_hosts import Hosts, until  # noqa: E402

SECONDS_MAX = 60
SKIPPED = 77
MEMORY = "/dev/shm"
MEMORY_BYTES_MIN = 4 << 30
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
    def __init__(self, trimaran: str, node: str, scratch: str, guide: str):
        self.scratch = scratch
        self.hosts = Hosts(trimaran, scratch, guide)
        self.metrics = metrics_of(guide)
        self.directory = os.path.dirname(trimaran)
        self.members = Members(node, os.path.join(scratch, "data"))
        self.token = "no token was printed"

    def real(self, text: str) -> str:
        for place in ("/data", "/backups"):
            text = text.replace(place, self.scratch + place)
        return self.hosts.real(text.replace("TOKEN", self.token))

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
        members, hosts = self.members, self.hosts
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
            members.kill()
        elif what == "start the hosts":
            hosts.found()
        elif what == "start 4":
            hosts.start_newcomer(4)
        elif what == "lose the disk of 2, and start 5":
            hosts.lose_disk()
        elif what == "stop the hosts, and start those that were restored":
            hosts.start_restored()
        elif what == "stop them, and start the hosts again":
            hosts.stop_restored()
        elif what == "restart one after the other, the leader last":
            hosts.restart_all()
        else:
            raise SystemExit(f"nobody knows how to {what}")

    def check(self, what: str) -> None:
        hosts = self.hosts
        are_members = re.fullmatch(r"([\d ]+) are the members", what)
        if what == "everything is recovered":
            self.check_recovered()
        elif what == "everybody is healthy":
            hosts.check_healthy()
        elif what == "they have what was saved":
            hosts.check_restored()
        elif what == "4 leads":
            until("4 leads", lambda: hosts.leader().number == 4)
        elif are_members:
            hosts.check_members({int(n) for n in are_members[1].split()})
        elif what == "5 has everything, and 2 is refused":
            hosts.check_replaced()
        elif what == "nothing was lost meanwhile":
            hosts.check_counted()
        elif what == "1 has a new certificate":
            hosts.check_certificate()
        elif what == "the metrics are there":
            hosts.check_metrics(self.metrics)
        else:
            raise SystemExit(f"nobody knows how to check that {what}")

    def check_recovered(self) -> None:
        rows = self.run("printf 'scan\\n' | trimaran shell /data/replica4")
        for row in range(ROWS):
            if f'"key{row}"  "value{row}"' not in rows:
                raise SystemExit(f"row {row} was lost")


def quick_place() -> str | None:
    """In memory, where there is enough of it: commands are tried here, and not
    a disk, which others may be using."""
    try:
        if shutil.disk_usage(MEMORY).free > MEMORY_BYTES_MIN:
            return MEMORY
    except OSError:
        pass
    return None


def metrics_of(guide: str) -> set[str]:
    """Those of the last table."""
    table = guide.split("## What to watch")[1]
    return {name for row in re.findall(r"^\| (`.*?)\|", table, re.M)
            for name in re.findall(r"`([a-z_]+)`", row)}


def check_host_commands(guide: str, root: str) -> None:
    """They need systemd, or install: what they name must be what there is."""
    with open(os.path.join(root, "tools", "serve", "trimaran@.service"),
              encoding="utf-8") as file:
        unit = file.read()
    known = {
        "apt-get install ./libtrimaran0.1_*.deb ./trimaran_*.deb": True,
        "install -d -m 0755 /etc/trimaran": True,
        "install -d -o trimaran -g trimaran -m 0700 /etc/trimaran/orders":
            "User=trimaran\nGroup=trimaran\n" in unit,
        "install -o trimaran -g trimaran -m 0600 db1/*.pem "
        "/etc/trimaran/orders": True,
        "trimaran serve --config /etc/trimaran/orders.toml --check-config":
            "trimaran serve --config /etc/trimaran/%i.toml" in unit,
        "systemctl enable --now trimaran@orders": "[Install]" in unit,
        "install -d -o trimaran -g trimaran -m 0700 /backups":
            "ReadWritePaths=/backups" in guide,
        "systemctl edit trimaran@orders": True,
        "systemctl restart trimaran@orders": True,
        "systemctl start trimaran@orders": True,
        "systemctl stop trimaran@orders": True,
        "journalctl --unit trimaran@orders": True,
        "runuser -u trimaran -- trimaran verify /var/lib/trimaran/orders":
            "StateDirectory=trimaran\n" in unit,
    }
    for block in re.findall(r"^```sh on a host\n(.*?)^```$", guide,
                            re.DOTALL | re.MULTILINE):
        for line in block.splitlines():
            if not known.get(line):
                raise SystemExit(f"nobody knows whether this is right: {line}")
    check_service_may_write(guide, unit)


def check_service_may_write(guide: str, unit: str) -> None:
    """Backups that the guide has the service make are where its unit lets it
    write, and stay there."""
    backups = re.findall(r"/admin/backup\?directory=([^'\s]+)", guide)
    if not backups:
        raise SystemExit("the guide makes no backup of a service that runs")
    writable = re.findall(r"^ReadWritePaths=(\S+)$", unit + guide, re.M)
    for backup in backups:
        if "ProtectSystem=strict\n" in unit and not any(
                backup.startswith(place + "/") for place in writable):
            raise SystemExit(f"the service cannot write to {backup}")
        if "PrivateTmp=yes\n" in unit and backup.startswith(
                ("/tmp/", "/var/tmp/")):
            raise SystemExit(f"{backup} ends with the service")


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
    for tool in ("curl", "redis-cli"):
        if not shutil.which(tool):
            print(f"{tool} is not installed")
            return SKIPPED
    with open(guide_path, encoding="utf-8") as file:
        guide = file.read()
    check_host_commands(guide, os.path.dirname(api))
    check_code(guide, os.path.join(api, "examples"))
    with tempfile.TemporaryDirectory(dir=quick_place()) as scratch:
        for place in ("data", "backups"):
            os.mkdir(os.path.join(scratch, place))
        procedures = Procedures(trimaran, node, scratch, guide)
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
            procedures.hosts.kill()
    return 0


if __name__ == "__main__":
    sys.exit(main())
