#!/usr/bin/env python3
"""Three processes of `trimaran serve`, in turns with one redis-server that
syncs every write, both asked by redis-benchmark; and with three of etcd, if it
is installed, asked by a client of its own (etcd_load/).

Works in the current directory, which has to be on the disk that is meant, and
removes what it has made there. README.md says what the numbers mean.

usage: serve_bench.py <trimaran> [--rounds N] [--cases set/50/1,get/256/16]
       [--json FILE] [--build DIRECTORY]
"""

import argparse
import contextlib
import csv
import io
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "tests/serve"))
from serve_processes import (Client, Cluster, die_with_parent,  # noqa: E402
                             free_addresses, until)
from cluster_bench import (Etcd, build_etcd_load, cpu_seconds,  # noqa: E402
                           why_no_etcd)

VALUE_BYTES = 100
KEYS = 100_000
# Enough for a second or two of either.
REQUESTS = {1: 40_000, 16: 400_000}
CASES = [f"{test}/{clients}/{pipeline}" for pipeline in (1, 16)
         for clients in (50, 256) for test in ("set", "get")]
# What etcd's client measures instead of a number of requests.
ETCD_SECONDS = 2
ETCD_CONNECTIONS = 8


class Redis:
    """redis-server, with its log synced before it answers."""

    def __init__(self, root: str):
        self.address = free_addresses(1)[0]
        port = self.address.rsplit(":", 1)[1]
        self.process = subprocess.Popen(
            ["redis-server", "--port", port, "--bind", "127.0.0.1", "--dir",
             root, "--appendonly", "yes", "--appendfsync", "always", "--save",
             ""], stdout=subprocess.DEVNULL, preexec_fn=die_with_parent)
        until("redis-server answers", self.answers)

    def answers(self) -> bool:
        try:
            return Client(self.address).ask("PING") == "PONG"
        except OSError:
            return False

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


def run(address: str, pids: list[int], case: str) -> dict[str, float]:
    test, clients, pipeline = case.split("/")
    requests = REQUESTS[int(pipeline)]
    before = sum(cpu_seconds(pid) for pid in pids)
    text = subprocess.run(
        ["redis-benchmark", "-p", address.rsplit(":", 1)[1], "-t", test, "-d",
         str(VALUE_BYTES), "-c", clients, "-P", pipeline, "-n", str(requests),
         "-r", str(KEYS), "--csv"],
        check=True, capture_output=True, text=True, timeout=600).stdout
    used = sum(cpu_seconds(pid) for pid in pids) - before
    row = next(csv.DictReader(io.StringIO(text)))
    return {"per_second": float(row["rps"]),
            "p50_ms": float(row["p50_latency_ms"]),
            "p99_ms": float(row["p99_latency_ms"]),
            "cpu_us": used / requests * 1e6,
            "load": os.getloadavg()[0]}


def run_etcd(etcd: Etcd, case: str) -> dict[str, float]:
    """The figures of `run`; the processors' time is the servers' alone."""
    test, clients, _ = case.split("/")
    command = (f"put {clients} {ETCD_SECONDS} {VALUE_BYTES}" if test == "set"
               else f"get linearizable {clients} {ETCD_SECONDS} {KEYS}")
    loader = etcd.loader(etcd.leader())
    before = sum(cpu_seconds(node.pid) for node in etcd.nodes)
    told = loader.ask(command, ETCD_SECONDS + 60)
    used = sum(cpu_seconds(node.pid) for node in etcd.nodes) - before
    return {"per_second": told["per_second"],
            "p50_ms": told["p50_us"] / 1e3,
            "p99_ms": told["p99_us"] / 1e3,
            "cpu_us": used / told["operations"] * 1e6,
            "load": os.getloadavg()[0]}


def measure(case: str, contenders: dict, rounds: int) -> dict[str, list[dict]]:
    """In turns; each contender is a function that runs the case once."""
    found: dict[str, list[dict]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, once in contenders.items():
            found[name].append(once(case))
    return found


def show(case: str, found: dict[str, list[dict]]) -> None:
    def median(rows, figure):
        return statistics.median(row[figure] for row in rows)
    for name, rows in found.items():
        processes = "x1" if name == "redis" else "x3"
        print(f"{case:12} {name + ' ' + processes:12} " + " ".join(
            f"{figure}={median(rows, figure):.{decimals}f}"
            for figure, decimals in (("per_second", 0), ("p50_ms", 2),
                                     ("p99_ms", 2), ("cpu_us", 1),
                                     ("load", 1))), flush=True)
    ours = found["trimaran"]
    for name, theirs in found.items():
        if name == "trimaran":
            continue
        ratios = sorted(a["per_second"] / b["per_second"]
                        for a, b in zip(ours, theirs))
        print(f"{case:12} throughput, of that of {name}: median "
              f"{statistics.median(ratios):.2f}, {ratios[0]:.2f} to "
              f"{ratios[-1]:.2f}", flush=True)


def start_etcd(build: str, root: str,
               processes: contextlib.ExitStack) -> Etcd | None:
    hint = why_no_etcd()
    if hint:
        print(f"etcd is not measured; for that: {hint}", file=sys.stderr)
        return None
    etcd = Etcd(build_etcd_load(build), ETCD_CONNECTIONS, root, processes)
    etcd.loader(etcd.leader()).ask(f"fill {KEYS} {VALUE_BYTES}", 300)
    return etcd


def run_cases(arguments: argparse.Namespace, root: str) -> dict:
    with contextlib.ExitStack() as processes:
        redis = Redis(root)
        processes.callback(redis.stop)
        etcd = start_etcd(arguments.build, root, processes)
        cluster = processes.enter_context(Cluster(
            os.path.abspath(arguments.trimaran),
            ("--read-level", arguments.read_level), root))

        def run_ours(case: str) -> dict[str, float]:
            pids = [node.process.pid for node in cluster.nodes.values()]
            return run(cluster.leader().redis, pids, case)

        contenders = {"trimaran": run_ours,
                      "redis": lambda case: run(redis.address,
                                                [redis.process.pid], case)}
        results = {}
        for case in arguments.cases.split(","):
            asked = dict(contenders)
            # Its protocol knows no pipeline.
            if etcd is not None and case.endswith("/1"):
                asked["etcd"] = lambda case: run_etcd(etcd, case)
            results[case] = measure(case, asked, arguments.rounds)
            show(case, results[case])
        return results


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("trimaran")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--json", default="", help="a file for all numbers")
    parser.add_argument("--read-level", default="linearizable")
    parser.add_argument("--build", default="build/bench",
                        help="where the load on etcd is built")
    arguments = parser.parse_args()
    for tool in ("redis-server", "redis-benchmark"):
        if not shutil.which(tool):
            print(f"{tool} is not installed", file=sys.stderr)
            return 2
    root = os.path.abspath(tempfile.mkdtemp(prefix="serve-bench-", dir="."))
    try:
        results = run_cases(arguments, root)
    finally:
        shutil.rmtree(root, ignore_errors=True)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as out:
            json.dump({"processors": os.cpu_count(), "cases": results}, out,
                      indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
