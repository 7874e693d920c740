#!/usr/bin/env python3
"""redis-cli and redis-benchmark while the leader is killed.

Goal: Redis' own tools go on through a replica that lives; every write that they
were told is done is there afterwards, at every replica.
Method: one redis-cli at each replica writes rows one after the other,
redis-benchmark writes beside them, and the leader is killed with SIGKILL and
comes back. Which answer belongs to which write is told by an ECHO behind each.

usage: redis_tools_test.py <trimaran>
"""

import os
import shutil
import subprocess
import sys
import threading
import time

from serve_processes import Client, Cluster, Node, until

SKIPPED = 77
SECONDS_MAX = 60
# Before and after the leader is killed.
WRITES_EACH = 50
BENCHMARK_REQUESTS = 10_000


def port_of(address: str) -> str:
    return address.rsplit(":", 1)[1]


class Writer(threading.Thread):
    """Feeds one redis-cli with writes, and reads what it prints."""

    def __init__(self, name: str, node: Node):
        super().__init__(daemon=True)
        self.name = name
        self.acknowledged: list[str] = []
        self.answers = 0
        self.ending = threading.Event()
        self.process = subprocess.Popen(
            ["stdbuf", "-oL", "redis-cli", "-p", port_of(node.redis)],
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT)

    def run(self) -> None:
        number = 0
        while not self.ending.is_set():
            key = f"{self.name}:{number}"
            number += 1
            try:
                self.process.stdin.write(f"SET {key} {number}\nECHO {key}\n")
                self.process.stdin.flush()
            except BrokenPipeError:
                break
            if not self.read_answers(key):
                break
        self.process.stdin.close()
        self.process.stdout.read()
        self.process.wait(SECONDS_MAX)

    def read_answers(self, key: str) -> bool:
        """Up to the echo, which does not come where the replica is dead."""
        last = ""
        for line in self.process.stdout:
            line = line.rstrip("\n")
            if line in (key, f'"{key}"'):
                self.answers += 1
                if last == "OK":
                    self.acknowledged.append(key)
                return True
            if "Could not connect" in line or "Server closed" in line:
                return False
            if line:
                last = line
        return False


def benchmark(node: Node) -> subprocess.Popen:
    return subprocess.Popen(
        ["redis-benchmark", "-p", port_of(node.redis), "-t", "incr", "-c", "4",
         "-n", str(BENCHMARK_REQUESTS), "-q"],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def check_rows(node: Node, writers: list[Writer]) -> None:
    client = Client(node.redis)
    for writer in writers:
        for key in writer.acknowledged:
            if client.ask("GET", key) is None:
                raise SystemExit(f"replica {node.number} has lost {key}, "
                                 "which was acknowledged")
    # One count for each request at most; none is done twice.
    count = int(client.ask("GET", "counter:__rand_int__"))
    if not 0 < count <= BENCHMARK_REQUESTS:
        raise SystemExit(f"{count} of {BENCHMARK_REQUESTS} were counted")
    client.close()


def run(cluster: Cluster) -> None:
    leader = cluster.leader()
    followers = [node for node in cluster.nodes.values() if node is not leader]
    writers = [Writer(f"by{node.number}", node)
               for node in (leader, *followers)]
    surviving = writers[1:]
    for writer in writers:
        writer.start()
    until("all write", lambda: all(
        len(w.acknowledged) >= WRITES_EACH for w in writers), SECONDS_MAX)
    load = benchmark(followers[0])
    client = Client(followers[0].redis)
    until("redis-benchmark has begun",
          lambda: client.ask("GET", "counter:__rand_int__") is not None,
          SECONDS_MAX)
    client.close()
    print(f"replica {leader.number} leads, and is killed", flush=True)
    leader.kill()
    if load.poll() is not None:
        raise SystemExit("redis-benchmark was done before the leader's end")
    begin = time.monotonic()
    before = [len(w.acknowledged) for w in surviving]
    until("the others go on", lambda: all(
        len(w.acknowledged) >= n + WRITES_EACH
        for w, n in zip(surviving, before)), SECONDS_MAX)
    print(f"{WRITES_EACH} more by each of the others after "
          f"{time.monotonic() - begin:.1f} s", flush=True)
    leader.start()
    cluster.wait_healthy()
    for writer in writers:
        writer.ending.set()
    for writer in writers:
        writer.join(SECONDS_MAX)
    said, _ = load.communicate(timeout=SECONDS_MAX)
    if load.returncode != 0 or "requests per second" not in said:
        raise SystemExit(f"redis-benchmark ended with {load.returncode}: "
                         f"{said[-500:]}")
    print("acknowledged: " + ", ".join(
        f"{len(w.acknowledged)} of {w.answers}" for w in writers), flush=True)
    for node in cluster.nodes.values():
        check_rows(node, writers)


def main() -> int:
    if not shutil.which("redis-cli") or not shutil.which("redis-benchmark"):
        print("redis-tools is not installed: left out")
        return SKIPPED
    with Cluster(os.path.abspath(sys.argv[1]), ("--timeout", "5s")) as cluster:
        run(cluster)
    return 0


if __name__ == "__main__":
    sys.exit(main())
