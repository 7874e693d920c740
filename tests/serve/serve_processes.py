"""Three processes of `trimaran serve`, and a client for them.

Nothing is left behind: processes are killed at the end, and die with whoever
started them.
"""

import ctypes
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
import urllib.request

SECONDS_MAX = 30
PR_SET_PDEATHSIG = 1


def die_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def free_addresses(count: int) -> list[str]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    addresses = ["127.0.0.1:%d" % s.getsockname()[1] for s in sockets]
    for each in sockets:
        each.close()
    return addresses


def until(what: str, holds, seconds: float = SECONDS_MAX):
    """Asks until the answer is true, and returns it."""
    end = time.monotonic() + seconds
    while True:
        found = holds()
        if found:
            return found
        if time.monotonic() > end:
            raise SystemExit(f"{what}: not within {seconds} seconds")
        time.sleep(0.05)


class Reply(Exception):
    """An error that the server has answered with."""


class Client:
    """RESP over a plain socket, one command at a time or several."""

    def __init__(self, address: str, seconds: float = SECONDS_MAX):
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), seconds)
        self.file = self.socket.makefile("rb")

    def send(self, *words) -> None:
        parts = [b"*%d\r\n" % len(words)]
        for word in words:
            data = word if isinstance(word, bytes) else str(word).encode()
            parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
        self.socket.sendall(b"".join(parts))

    def receive(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise ConnectionError("the connection has ended")
        kind, rest = line[:1], line[1:-2]
        if kind == b"+":
            return rest.decode()
        if kind == b"-":
            return Reply(rest.decode())
        if kind == b":":
            return int(rest)
        size = int(rest)
        if size < 0:
            return None
        if kind == b"*":
            return [self.receive() for _ in range(size)]
        data = self.file.read(size + 2)
        if len(data) != size + 2:
            raise ConnectionError("the connection has ended")
        return data[:-2]

    def ask(self, *words):
        self.send(*words)
        answer = self.receive()
        if isinstance(answer, Reply):
            raise answer
        return answer

    def close(self) -> None:
        self.file.close()
        self.socket.close()


class Node:
    """One replica: its process, and where it is reached."""

    def __init__(self, program: str, number: int, root: str, flags: list[str],
                 redis: str, http: str):
        self.number = number
        self.redis = redis
        self.http = http
        self.log = os.path.join(root, f"log{number}")
        self.command = [program, "serve", "--id", str(number), "--directory",
                        os.path.join(root, f"replica{number}"), "--redis",
                        redis, "--http", http, *flags]
        self.process = None

    def start(self) -> None:
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self.command, stdout=subprocess.PIPE, stderr=log,
                preexec_fn=die_with_parent)
        line = self.process.stdout.readline().decode()
        if not line.startswith("ready "):
            raise SystemExit(f"replica {self.number} did not start: {line!r}, "
                             f"{open(self.log).read()}")

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(SECONDS_MAX)

    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def get(self, path: str) -> str:
        with urllib.request.urlopen(f"http://{self.http}{path}",
                                    timeout=SECONDS_MAX) as answer:
            return answer.read().decode()

    def status(self) -> dict:
        return json.loads(self.get("/status.json"))

    def healthy(self) -> bool:
        try:
            return self.get("/healthz") == "ok\n"
        except OSError:
            return False


class Cluster:
    """Three of them; a context manager."""

    def __init__(self, program: str, flags: tuple[str, ...] = (),
                 directory: str | None = None):
        self.root = tempfile.mkdtemp(prefix="trimaran-serve-", dir=directory)
        addresses = free_addresses(9)
        founders = ",".join(f"{n}={addresses[n - 1]}" for n in (1, 2, 3))
        self.nodes = {}
        for n in (1, 2, 3):
            self.nodes[n] = Node(
                program, n, self.root,
                ["--cluster", "serve test", "--founders", founders,
                 "--listen", addresses[n - 1], *flags],
                addresses[n + 2], addresses[n + 5])

    def __enter__(self):
        try:
            for node in self.nodes.values():
                node.start()
            self.wait_healthy()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for node in self.nodes.values():
            if node.running():
                node.kill()
        shutil.rmtree(self.root, ignore_errors=True)

    def wait_healthy(self) -> None:
        for node in self.nodes.values():
            if node.running():
                until(f"replica {node.number} is healthy", node.healthy)

    def leader(self) -> Node:
        def found():
            for node in self.nodes.values():
                if node.running():
                    status = node.status()
                    if status["role"] == "leader":
                        return node
            return None
        return until("somebody leads", found)


class Counting(threading.Thread):
    """Counts at a row, through one replica after the other, until it is told
    to end: how many were acknowledged, and of how many it is not known."""

    def __init__(self, addresses: list[str], key: str):
        super().__init__(daemon=True)
        self.addresses = addresses
        self.key = key
        self.acknowledged = 0
        self.unknown = 0
        self.refused = 0
        self.ending = threading.Event()

    def run(self) -> None:
        at = 0
        while not self.ending.is_set():
            try:
                client = Client(self.addresses[at % len(self.addresses)], 15)
            except OSError:
                at += 1
                self.ending.wait(0.05)
                continue
            self.count(client)
            client.close()
            at += 1

    def count(self, client: Client) -> None:
        while not self.ending.is_set():
            try:
                client.send("INCR", self.key)
                answer = client.receive()
            except (OSError, ConnectionError):
                self.unknown += 1
                return
            if not isinstance(answer, Reply):
                self.acknowledged += 1
            elif str(answer).startswith("UNKNOWN"):
                self.unknown += 1
                return
            else:
                self.refused += 1
                self.ending.wait(0.02)
