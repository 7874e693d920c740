#!/usr/bin/env python3
"""Three processes of `trimaran serve`, in turns with one redis-server that
syncs every write, asked by redis-benchmark.

Works in the current directory, which has to be on the disk that is meant, and
removes what it has made there. README.md says what the numbers mean.

usage: serve_bench.py <trimaran> [--rounds N] [--cases set/50/1,get/256/16]
       [--json FILE]
"""

import argparse
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

VALUE_BYTES = 100
KEYS = 100_000
# Enough for a second or two of either.
REQUESTS = {1: 40_000, 16: 400_000}
CASES = [f"{test}/{clients}/{pipeline}" for pipeline in (1, 16)
         for clients in (50, 256) for test in ("set", "get")]
TICK = 1 / os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK


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


def show(case: str, ours: list[dict], theirs: list[dict]) -> None:
    def median(rows, figure):
        return statistics.median(row[figure] for row in rows)
    for name, rows in (("trimaran x3", ours), ("redis x1", theirs)):
        print(f"{case:12} {name:12} " + " ".join(
            f"{figure}={median(rows, figure):.{decimals}f}"
            for figure, decimals in (("per_second", 0), ("p50_ms", 2),
                                     ("p99_ms", 2), ("cpu_us", 1),
                                     ("load", 1))), flush=True)
    ratios = sorted(a["per_second"] / b["per_second"]
                    for a, b in zip(ours, theirs))
    print(f"{case:12} ratio of throughputs: median "
          f"{statistics.median(ratios):.2f}, {ratios[0]:.2f} to "
          f"{ratios[-1]:.2f}", flush=True)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("trimaran")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cases", default=",".join(CASES))
    parser.add_argument("--json", default="", help="a file for all numbers")
    parser.add_argument("--read-level", default="linearizable")
    arguments = parser.parse_args()
    for tool in ("redis-server", "redis-benchmark"):
        if not shutil.which(tool):
            print(f"{tool} is not installed", file=sys.stderr)
            return 2
    root = tempfile.mkdtemp(prefix="serve-bench-", dir=".")
    redis = None
    results = {}
    try:
        redis = Redis(os.path.abspath(root))
        with Cluster(os.path.abspath(arguments.trimaran),
                     ("--read-level", arguments.read_level),
                     os.path.abspath(root)) as cluster:
            for case in arguments.cases.split(","):
                ours, theirs = [], []
                for _ in range(arguments.rounds):
                    pids = [node.process.pid for node in cluster.nodes.values()]
                    ours.append(run(cluster.leader().redis, pids, case))
                    theirs.append(run(redis.address, [redis.process.pid], case))
                show(case, ours, theirs)
                results[case] = {"trimaran": ours, "redis": theirs}
    finally:
        if redis is not None:
            redis.stop()
        shutil.rmtree(root, ignore_errors=True)
    if arguments.json:
        with open(arguments.json, "w", encoding="utf-8") as out:
            json.dump({"processors": os.cpu_count(), "cases": results}, out,
                      indent=1)
    return 0


if __name__ == "__main__":
    sys.exit(main())
