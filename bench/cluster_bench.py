#!/usr/bin/env python3
"""Three replicas in processes of their own, in turns with three of etcd, and
with three processes that do nothing but send, write, sync and answer.

Works in the current directory, which has to be on the disk that is meant, and
removes what it has made there. README.md says what the numbers mean.
"""

import argparse
import contextlib
import ctypes
import json
import os
import platform
import selectors
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import time
import urllib.request

REPLICAS = 3
ROWS = 10_000
VALUE_BYTES = 128
HEARTBEAT_MS = 50
ELECTION_MS = 500
# Of the whole machine, for whatever does not belong to the group that is being
# measured; a repetition with more is disturbed.
OTHERS_MAX = 0.10
START_SECONDS_MAX = 30
STOP_SECONDS_MAX = 10
TICK = 1 / os.sysconf("SC_CLK_TCK")

CASES = {
    "put-1": ("leader", f"put 1 {{seconds}} {VALUE_BYTES}"),
    "put-64": ("leader", f"put 64 {{seconds}} {VALUE_BYTES}"),
    "put-256": ("leader", f"put 256 {{seconds}} {VALUE_BYTES}"),
    "get-64": ("leader", f"get linearizable 64 {{seconds}} {ROWS}"),
    "get-async-64": ("leader", f"{{get_async}} 64 {{seconds}} {ROWS}"),
    "follower-get-64": ("follower", f"get linearizable 64 {{seconds}} {ROWS}"),
}
# What the bare processes do, too.
BARE_CASE = "put-1"
DEFAULT_CASES = ["put-1", "put-64", "put-256", "get-64", "get-async-64"]

# Figure, decimals, and whether more of it is better.
FIGURES = (("per_second", 0, True), ("p50_us", 0, False), ("p99_us", 0, False),
           ("max_us", 0, False), ("cpu_us", 1, False), ("waits_each", 2, False),
           ("log_writes_each", 3, False), ("messages_each", 2, False),
           ("others", 2, False))


# ---- What the kernel counts ----

def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK


def waits(pid: int) -> int:
    """How often the threads that it has now gave their processors up."""
    total = 0
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            with open(f"/proc/{pid}/task/{thread}/status",
                      encoding="utf-8") as status:
                total += next(int(line.split()[1]) for line in status
                              if line.startswith("voluntary_ctxt_switches"))
    return total


def machine_seconds() -> float:
    """Of all processors, with what the hypervisor gave to others."""
    with open("/proc/stat", encoding="ascii") as stat:
        user, nice, system, _, _, irq, softirq, steal = map(
            int, stat.readline().split()[1:9])
    return (user + nice + system + irq + softirq + steal) * TICK


# ---- Processes ----

def die_with_parent() -> None:
    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL)


class Process:
    """One that takes lines and answers each with one, or none at all."""

    def __init__(self, arguments: list[str], log: str):
        with open(log, "ab") as errors:
            self._process = subprocess.Popen(
                arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=errors, preexec_fn=die_with_parent)
        self.pid = self._process.pid
        self._unread = b""

    def ask(self, line: str, seconds_max: float) -> dict[str, float]:
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()
        answer = self._read_line(time.monotonic() + seconds_max)
        if "=" not in answer or answer.startswith("error"):
            raise RuntimeError(f"{line}: {answer}")
        return {name: float(value) for name, value in
                (word.split("=") for word in answer.split())}

    def _read_line(self, end: float) -> str:
        with selectors.DefaultSelector() as selector:
            selector.register(self._process.stdout, selectors.EVENT_READ)
            while b"\n" not in self._unread:
                if not selector.select(max(0, end - time.monotonic())):
                    raise RuntimeError(f"process {self.pid} does not answer")
                read = os.read(self._process.stdout.fileno(), 65536)
                if not read:
                    raise RuntimeError(f"process {self.pid} has ended: "
                                       f"{self._unread.decode()}")
                self._unread += read
        line, self._unread = self._unread.split(b"\n", 1)
        return line.decode()

    def stop(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


def free_addresses(count: int) -> list[str]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    addresses = ["127.0.0.1:%d" % each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return addresses


def wait_for(what: str, found):
    """What `found` returns as soon as that is something."""
    end = time.monotonic() + START_SECONDS_MAX
    while True:
        result = found()
        if result:
            return result
        if time.monotonic() > end:
            raise RuntimeError(f"waited {START_SECONDS_MAX} s for {what}")
        time.sleep(0.05)


# ---- The two groups ----

class Ours:
    name = "trimaran"
    get_async = "get-async"

    def __init__(self, program: str, root: str,
                 processes: contextlib.ExitStack):
        addresses = free_addresses(REPLICAS)
        self.nodes = []
        for number in range(1, REPLICAS + 1):
            node = Process([program, str(number), f"{root}/trimaran{number}",
                            *addresses], f"{root}/trimaran.log")
            processes.callback(node.stop)
            self.nodes.append(node)

    def leader(self) -> int:
        """From 0."""
        def agreed() -> float:
            known = {node.ask("leader", 10)["leader"] for node in self.nodes}
            return known.pop() if len(known) == 1 else 0
        return int(wait_for("a leader", agreed)) - 1

    def loader(self, place: int) -> Process:
        return self.nodes[place]

    def log_writes(self, place: int) -> None:
        """It counts them itself."""


class Etcd:
    name = "etcd"
    # No call of its client holds a thread.
    get_async = "get linearizable"

    def __init__(self, load_program: str, connections: int, root: str,
                 processes: contextlib.ExitStack):
        self._load_command = [load_program, str(connections)]
        self._root = root
        self._processes = processes
        # By the place of the one that it talks to.
        self._loaders: dict[int, Process] = {}
        self._clients = free_addresses(REPLICAS)
        peers = free_addresses(REPLICAS)
        names = [f"etcd{number}" for number in range(1, REPLICAS + 1)]
        cluster = ",".join(f"{name}=http://{peer}"
                           for name, peer in zip(names, peers))
        self.nodes = []
        for name, client, peer in zip(names, self._clients, peers):
            node = Process(
                ["etcd", "--name", name, "--data-dir", f"{root}/{name}",
                 "--listen-client-urls", f"http://{client}",
                 "--advertise-client-urls", f"http://{client}",
                 "--listen-peer-urls", f"http://{peer}",
                 "--initial-advertise-peer-urls", f"http://{peer}",
                 "--initial-cluster", cluster,
                 "--initial-cluster-state", "new",
                 "--heartbeat-interval", str(HEARTBEAT_MS),
                 "--election-timeout", str(ELECTION_MS),
                 # Every put is kept as a version; do not run full.
                 "--quota-backend-bytes", str(8 << 30),
                 "--logger", "zap", "--log-level", "error",
                 "--log-outputs", "stderr"], f"{root}/etcd.log")
            processes.callback(node.stop)
            self.nodes.append(node)

    def _metric(self, place: int, name: str) -> float:
        url = f"http://{self._clients[place]}/metrics"
        with urllib.request.urlopen(url, timeout=10) as answer:
            for line in answer.read().decode().splitlines():
                if line.startswith(name + " "):
                    return float(line.split()[1])
        raise RuntimeError(f"etcd has no metric {name}")

    def leader(self) -> int:
        def found() -> list[int]:
            with contextlib.suppress(OSError):
                return [place for place in range(REPLICAS) if
                        self._metric(place, "etcd_server_is_leader") == 1]
            return []
        return wait_for("etcd's leader", found)[0]

    def loader(self, place: int) -> Process:
        if place not in self._loaders:
            loader = Process([*self._load_command, self._clients[place]],
                             f"{self._root}/etcd_load.log")
            self._processes.callback(loader.stop)
            self._loaders[place] = loader
        return self._loaders[place]

    def log_writes(self, place: int) -> float:
        return self._metric(place, "etcd_disk_wal_fsync_duration_seconds_count")


class Bare:
    """Has nothing that is there before it is measured."""

    name = "bare"

    def __init__(self, program: str, root: str):
        self._program = program
        self._root = root

    def measure(self, seconds: float) -> dict[str, float | bool]:
        machine_before = machine_seconds()
        begun = time.monotonic()
        # An entry with a row of this size is about as long.
        told = subprocess.run(
            [self._program, self._root, str(seconds), str(2 * VALUE_BYTES)],
            check=True, capture_output=True, text=True,
            timeout=seconds + 60).stdout
        wall = time.monotonic() - begun
        machine = machine_seconds() - machine_before
        result: dict[str, float | bool] = {
            name: float(value) for name, value in
            (word.split("=") for word in told.split())}
        cpu = result["cpu_us"] * result["operations"] / 1e6
        result["others"] = max(0.0, machine - cpu) / wall / os.cpu_count()
        result["disturbed"] = result["others"] > OTHERS_MAX
        return result


# ---- Measuring ----

def measure(group, case: str, seconds: float) -> dict[str, float | bool]:
    if isinstance(group, Bare):
        return group.measure(seconds)
    where, command = CASES[case]
    leader = group.leader()
    place = leader if where == "leader" else (leader + 1) % REPLICAS
    loader = group.loader(place)
    pids = {node.pid for node in group.nodes} | {loader.pid}
    # The threads of the load may come and go; it counts for itself.
    watched = pids - {loader.pid}

    log_writes = group.log_writes(leader)
    waits_before = sum(map(waits, watched))
    cpu_before = sum(map(cpu_seconds, pids))
    machine_before = machine_seconds()
    begun = time.monotonic()
    result = loader.ask(
        command.format(seconds=seconds, get_async=group.get_async),
        seconds + 60)
    wall = time.monotonic() - begun
    machine = machine_seconds() - machine_before
    cpu = sum(map(cpu_seconds, pids)) - cpu_before
    waited = sum(map(waits, watched)) - waits_before + result.pop("waits")

    operations = result["operations"]
    result["cpu_us"] = cpu / operations * 1e6
    result["waits_each"] = waited / operations
    if log_writes is not None:
        result["log_writes_each"] = (
            group.log_writes(leader) - log_writes) / operations
    result["others"] = max(0.0, machine - cpu) / wall / os.cpu_count()
    result["leader_moved"] = group.leader() != leader
    result["disturbed"] = (result["others"] > OTHERS_MAX or
                           result["leader_moved"])
    return result


def measure_in_turns(groups, cases: list[str], repetitions: int,
                     seconds: float) -> dict[str, list[dict]]:
    """For each case a list of repetitions, each by the name of the group."""
    runs: dict[str, list[dict]] = {case: [] for case in cases}
    for repetition in range(repetitions):
        # Who comes first changes.
        order = groups if repetition % 2 == 0 else groups[::-1]
        for case in cases:
            run = {group.name: measure(group, case, seconds)
                   for group in order
                   if case == BARE_CASE or not isinstance(group, Bare)}
            runs[case].append(run)
            told = ", ".join(
                f"{name} {one['per_second']:.0f}/s"
                f"{' (disturbed)' if one['disturbed'] else ''}"
                for name, one in run.items())
            print(f"{repetition + 1}/{repetitions} {case}: {told}",
                  file=sys.stderr, flush=True)
    return runs


def summarize(repetitions: list[dict]) -> dict:
    """Medians of what was not disturbed; of everything if all of it was."""
    quiet = [run for run in repetitions
             if not any(one["disturbed"] for one in run.values())]
    used = quiet or repetitions
    names = list(used[0])
    medians = {
        name: {figure: statistics.median(run[name][figure] for run in used)
               for figure, _, _ in FIGURES if figure in used[0][name]}
        for name in names}
    ratios = {
        peer: {
            figure: statistics.median(
                run[Ours.name][figure] / run[peer][figure] for run in used)
            for figure, _, _ in FIGURES[:5]}
        for peer in names if peer != Ours.name}
    return {"repetitions": len(repetitions), "undisturbed": len(quiet),
            "medians": medians, "ratios": ratios}


def print_summary(summaries: dict[str, dict]) -> None:
    head = "".join(f"{figure:>16}" for figure, _, _ in FIGURES)
    print(f"{'case':<16}{'':<9}{head}")
    for case, summary in summaries.items():
        for name, medians in sorted(summary["medians"].items(), reverse=True):
            cells = "".join(
                f"{medians[figure]:>16.{decimals}f}" if figure in medians
                else f"{'':>16}" for figure, decimals, _ in FIGURES)
            print(f"{case:<16}{name:<9}{cells}")
        for peer, ratios in summary["ratios"].items():
            # Above 1 is in our favour.
            cells = "".join(
                f"{ratio if more else 1 / ratio:>15.2f}x"
                for (_, _, more), ratio in zip(FIGURES, ratios.values()))
            print(f"{'':<6}{'better than ' + peer:<19}{cells}")
        if summary["undisturbed"] < summary["repetitions"]:
            print(f"{'':<16}{summary['undisturbed']} of "
                  f"{summary['repetitions']} repetitions were undisturbed"
                  f"{'' if summary['undisturbed'] else '; these are all'}")


# ---- The program ----

def build_etcd_load(directory: str) -> str:
    """Offline, from Debian's packages."""
    source = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                          "etcd_load")
    os.makedirs(directory, exist_ok=True)
    program = os.path.join(os.path.abspath(directory), "etcd_load")
    environment = dict(os.environ, GO111MODULE="off",
                       GOPATH="/usr/share/gocode",
                       GOCACHE=os.path.abspath(f"{directory}/go-cache"))
    subprocess.run(["go", "build", "-o", program, "."], cwd=source,
                   env=environment, check=True, timeout=600)
    return program


def why_no_etcd() -> str:
    missing = [package for package, there in (
        ("etcd-server", shutil.which("etcd")),
        ("golang-go", shutil.which("go")),
        ("golang-etcd-server-dev",
         os.path.isdir("/usr/share/gocode/src/go.etcd.io/etcd/clientv3")),
    ) if not there]
    return f"apt-get install {' '.join(missing)}" if missing else ""


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("node", help="the program cluster_node; bare_quorum is "
                        "taken from where it is")
    parser.add_argument("--cases", nargs="+", choices=CASES,
                        default=DEFAULT_CASES)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3,
                        help="of each load")
    parser.add_argument("--connections", type=int, default=8,
                        help="of the load on etcd")
    parser.add_argument("--without-etcd", action="store_true")
    parser.add_argument("--build", default="build/bench",
                        help="where the load on etcd is built")
    parser.add_argument("--json", default="cluster_bench.json",
                        help="the file for all numbers")
    return parser.parse_args()


def run(arguments: argparse.Namespace, load_program: str, root: str) -> dict:
    with contextlib.ExitStack() as processes:
        groups = [Ours(os.path.abspath(arguments.node), root, processes)]
        if load_program:
            groups.append(Etcd(load_program, arguments.connections, root,
                               processes))
        for group in groups:
            group.loader(group.leader()).ask(f"fill {ROWS} {VALUE_BYTES}", 90)
        bare = os.path.join(os.path.dirname(os.path.abspath(arguments.node)),
                            "bare_quorum")
        return measure_in_turns([*groups, Bare(bare, root)], arguments.cases,
                                arguments.repetitions, arguments.seconds)


def main() -> int:
    arguments = parse_arguments()
    hint = why_no_etcd()
    load_program = ""
    if hint and not arguments.without_etcd:
        print(f"etcd is not measured; for that: {hint}", file=sys.stderr)
    elif not arguments.without_etcd:
        load_program = build_etcd_load(arguments.build)
    # Not raised within a `finally`, so that everything is ended.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    root = os.path.abspath("cluster_bench.tmp")
    os.mkdir(root)
    try:
        runs = run(arguments, load_program, root)
    finally:
        shutil.rmtree(root)
    summaries = {case: summarize(each) for case, each in runs.items()}
    print_summary(summaries)
    with open(arguments.json, "w", encoding="utf-8") as out:
        json.dump({"processors": os.cpu_count(),
                   "kernel": platform.release(),
                   "seconds": arguments.seconds,
                   "connections": arguments.connections,
                   "summaries": summaries, "runs": runs}, out, indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
