#!/usr/bin/env python3
"""Runs the program `node` as three processes, and kills the one that leads.

usage: run_nodes.py <node>      (in a directory of its own)
"""

import socket
import subprocess
import sys
import time

SECONDS_MAX = 20


def free_addresses(count: int) -> list[str]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    addresses = ["127.0.0.1:%d" % s.getsockname()[1] for s in sockets]
    for each in sockets:
        each.close()
    return addresses


class Node:
    def __init__(self, program: str, number: int, addresses: list[str]):
        self.number = number
        self.process = subprocess.Popen(
            [program, str(number), f"replica{number}", *addresses],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ask(self, line: str) -> str:
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline().rstrip("\n")
        print(f"node {self.number}> {line}\n        {answer}", flush=True)
        return answer


def expect(node: Node, line: str, answer: str) -> None:
    """Asks until the answer is right: writes and reads here may be repeated."""
    end = time.monotonic() + SECONDS_MAX
    while node.ask(line) != answer:
        if time.monotonic() > end:
            raise SystemExit(f"{line}: never answered by {answer}")


def leader_of(node: Node) -> int:
    end = time.monotonic() + SECONDS_MAX
    while time.monotonic() < end:
        leader = int(node.ask("status").rsplit(" ", 1)[-1])
        if leader:
            return leader
        time.sleep(0.1)
    raise SystemExit("there is no leader")


def tell(nodes: dict[int, Node]) -> None:
    expect(nodes[1], "put bolts 120", "OK")
    expect(nodes[2], "get bolts", "120")
    leader = leader_of(nodes[3])
    print(f"node {leader} leads, and is killed", flush=True)
    nodes[leader].process.kill()
    nodes[leader].process.wait()
    del nodes[leader]
    first, second = nodes.values()
    expect(first, "put bolts 119", "OK")
    expect(second, "get bolts", "119")


def main() -> int:
    addresses = free_addresses(3)
    nodes = {n: Node(sys.argv[1], n, addresses) for n in (1, 2, 3)}
    processes = [node.process for node in nodes.values()]
    try:
        tell(nodes)
        for node in nodes.values():
            node.process.communicate("quit\n", timeout=SECONDS_MAX)
            if node.process.returncode != 0:
                raise SystemExit(f"node {node.number} ended with "
                                 f"{node.process.returncode}")
    finally:
        for process in processes:
            process.kill()
            process.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
