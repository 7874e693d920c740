#!/usr/bin/env python3
"""The subcommands of `trimaran` that ask replicas which are running.

Goal: shell, bench, status and the changes of members do what they say, on three
processes with a password and an admin token, end with the exit codes that
tools/trimaran/README.md promises, and leave nothing behind.

usage: tool_process_test.py <trimaran>
"""

import json
import os
import pty
import select
import signal
import subprocess
import sys
import tempfile
import time

from serve_processes import Client, Cluster, Node, free_addresses, until

SECONDS_MAX = 60


def expect(what: str, found, wanted) -> None:
    if found != wanted:
        raise SystemExit(f"{what}: {found!r}, and not {wanted!r}")


def expect_in(what: str, wanted: str, found: str) -> None:
    if wanted not in found:
        raise SystemExit(f"{what}: {wanted!r} is not in {found!r}")


class Tool:
    """The program, and what it is to say who asks."""

    def __init__(self, program: str, directory: str):
        self.program = program
        self.secrets = {}
        for name in ("password", "token", "wrong"):
            self.secrets[name] = os.path.join(directory, name)
            with open(self.secrets[name], "w") as file:
                os.fchmod(file.fileno(), 0o600)
                file.write(f"{name} of a test\n")

    def run(self, *words, script: str = "") -> subprocess.CompletedProcess:
        return subprocess.run([self.program, *words], input=script, text=True,
                              capture_output=True, timeout=SECONDS_MAX)

    def ok(self, *words, script: str = "") -> str:
        done = self.run(*words, script=script)
        expect(f"exit code of {words} ({done.stderr})", done.returncode, 0)
        return done.stdout

    def code(self, code: int, *words, script: str = "") -> str:
        done = self.run(*words, script=script)
        expect(f"exit code of {words} ({done.stderr})", done.returncode, code)
        return done.stderr

    def at(self, node: Node) -> tuple[str, ...]:
        return ("--at", f"redis://{node.redis}", "--password-file",
                self.secrets["password"])

    def http(self, node: Node) -> tuple[str, ...]:
        return ("--at", f"http://{node.http}", "--token-file",
                self.secrets["token"])


def client_of(tool: Tool, node: Node) -> Client:
    client = Client(node.redis, SECONDS_MAX)
    with open(tool.secrets["password"]) as file:
        client.ask("AUTH", file.readline().strip())
    return client


def rows(tool: Tool, node: Node) -> int:
    client = client_of(tool, node)
    count = client.ask("DBSIZE")
    client.close()
    return count


# ---- shell ----

def check_shell(tool: Tool, cluster: Cluster) -> None:
    one, two = cluster.nodes[1], cluster.nodes[2]
    expect("shell", tool.ok(
        "shell", *tool.at(one),
        script='put apple red\nput "b \\xff" ""\nget apple\nget pear\n'),
        '  done\n  done\n  "red"\n  (none)\n')
    expect("scan at another", tool.ok(
        "shell", *tool.at(two), script="scan\nprefix b\nscan a b\n"),
        '  "apple"  "red"\n  "b \\xff"  ""\n  "b \\xff"  ""\n'
        '  "apple"  "red"\n')
    tool.ok("shell", *tool.at(two), script='delete "b \\xff"\n')
    expect("JSON", [json.loads(line) for line in tool.ok(
        "shell", "--json", *tool.at(one), script="scan\n").splitlines()],
        [{"type": "row", "key": "apple", "value": "red"}])
    status = json.loads(tool.ok("shell", "--json", *tool.at(two),
                                script="status\n"))
    expect("status", (status["replica"], status["leader"]),
           (2, cluster.leader().number))
    help_text = tool.ok("shell", *tool.at(one), script="help\n")
    expect_in("help", "Not there with --at", help_text)


def check_long_scan(tool: Tool, cluster: Cluster) -> None:
    """More rows than one part, and parts that are too large for one answer."""
    node = cluster.nodes[3]
    small = [f"row{n:04}" for n in range(1100)]
    large = [f"wide{n:02}" for n in range(30)]
    client = client_of(tool, node)
    for key in small:
        client.send("SET", key, "v")
    for key in small:
        expect("SET", client.receive(), "OK")
    for key in large:
        expect("SET", client.ask("SET", key, "v" * 90_000), "OK")
    client.close()
    lines = tool.ok("shell", "--json", *tool.at(node),
                    script="prefix row\nprefix wide\nprefix row 7\n")
    found = [json.loads(line)["key"] for line in lines.splitlines()]
    expect("rows of a long scan", found, small + large + small[:7])


def check_shell_codes(tool: Tool, cluster: Cluster, scratch: str) -> None:
    node = cluster.nodes[1]
    bare = ("--at", f"redis://{node.redis}")
    nobody = ("--at", free_addresses(1)[0])
    tool.code(2, "shell")
    tool.code(2, "shell", *tool.at(node), scratch)
    tool.code(2, "shell", "--create", *tool.at(node))
    tool.code(2, "shell", "--at", "http://127.0.0.1:1")
    expect_in("a command that is not there", "not there with --at",
              tool.code(2, "shell", *tool.at(node), script="backup /x\n"))
    tool.code(2, "shell", *tool.at(node), script=f"get {'k' * 1025}\n")
    tool.code(3, "shell", *bare, "--password-file", scratch + "/none")
    expect_in("no password", "NOAUTH", tool.code(7, "shell", *bare))
    expect_in("a wrong one", "WRONGPASS", tool.code(
        7, "shell", *bare, "--password-file", tool.secrets["wrong"]))
    tool.code(8, "shell", *nobody)
    tool.code(8, "shell", "--at", node.http)
    # The first error ends a script, unless it is to go on.
    script = "get\nput after error\n"
    expect("an error ends it", tool.run(
        "shell", *tool.at(node), script=script).stdout, "")
    expect("or not", tool.run("shell", "--keep-going", *tool.at(node),
                              script=script).stdout, "  done\n")


# ---- bench ----

def bench_words(tool: Tool, node: Node) -> tuple[str, ...]:
    return ("bench", "--connections", "4", "--pipeline", "8", *tool.at(node))


def check_bench(tool: Tool, cluster: Cluster) -> None:
    node = cluster.nodes[2]
    before = rows(tool, node)
    output = tool.ok(*bench_words(tool, node), "--milliseconds", "200",
                     "--json")
    results = [json.loads(line) for line in output.splitlines()]
    expect("what is measured", [each["name"] for each in results],
           ["put, 1 connection", "put, 4 x 8", "get, 1 connection",
            "get, 4 x 8", "scan of 100, 1 connection"])
    for each in results:
        if each["operations"] == 0 or sum(each["counts"]) != each["operations"]:
            raise SystemExit(f"nothing was measured: {each}")
    expect("rows that are left", rows(tool, node), before)


def check_bench_codes(tool: Tool, cluster: Cluster, scratch: str) -> None:
    node = cluster.nodes[2]
    at = tool.at(node)
    tool.code(2, "bench", *at, scratch)
    tool.code(2, "bench", "--connections", "0", *at)
    tool.code(2, "bench", "--connections", "1001", *at)
    tool.code(2, "bench", "--pipeline", "1000", "--value-bytes", "100000", *at)
    tool.code(2, "bench", "--pipeline", "2", os.path.join(scratch, "store"))
    tool.code(7, "bench", "--at", node.redis)
    tool.code(8, "bench", "--at", free_addresses(1)[0])
    # Interrupted, it removes its rows as well.
    before = rows(tool, node)
    running = subprocess.Popen(
        [tool.program, *bench_words(tool, node), "--milliseconds", "20000"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until("it writes", lambda: rows(tool, node) > before)
    running.send_signal(signal.SIGINT)
    _, errors = running.communicate(timeout=SECONDS_MAX)
    expect(f"exit code of an interrupted bench ({errors})",
           running.returncode, 130)
    expect("rows that are left", rows(tool, node), before)


# ---- Members ----

def newcomer(cluster: Cluster, tool: Tool, number: int) -> Node:
    """A process that will wait until somebody adds it."""
    member, redis, http = free_addresses(3)
    node = Node(tool.program, number, cluster.root,
                [*cluster.joining_flags, "--join", "--listen", member],
                redis, http)
    node.member = member
    return node


def joining(cluster: Cluster, tool: Tool, number: int) -> Node:
    node = newcomer(cluster, tool, number)
    cluster.nodes[number] = node
    node.start()
    return node


def members(cluster: Cluster) -> list[int]:
    return sorted(m["id"] for m in cluster.leader().status()["members"])


def check_members(tool: Tool, cluster: Cluster) -> None:
    leader = cluster.leader()
    four = joining(cluster, tool, 4)
    tool.ok("add", *tool.http(leader), "--id", "4", "--address", four.member,
            "--name", "fourth", "--timeout", "30s")
    expect("members", members(cluster), [1, 2, 3, 4])
    expect_in("status", "fourth",
              tool.ok("status", "--at", f"http://{leader.http}", "--json"))
    five = joining(cluster, tool, 5)
    tool.ok("replace", *tool.http(cluster.leader()), "--id", "4",
            "--successor", "5", "--address", five.member)
    expect("members", members(cluster), [1, 2, 3, 5])
    expect("a row at the new one", tool.ok(
        "shell", *tool.at(five), script="get apple\n"), '  "red"\n')
    tool.ok("remove", *tool.http(cluster.leader()), "--id", "5")
    expect("members", members(cluster), [1, 2, 3])
    for node in (four, five):
        node.kill()
        del cluster.nodes[node.number]
    target = cluster.leader().number % 3 + 1
    tool.ok("transfer", *tool.http(cluster.leader()), "--id", str(target))
    until("it leads", lambda: cluster.leader().number == target)


def check_waiting_is_shown(tool: Tool, cluster: Cluster) -> None:
    """Whoever waits for a newcomer at a terminal sees what is missing."""
    six = newcomer(cluster, tool, 6)
    terminal, end = pty.openpty()
    words = [tool.program, "add", *tool.http(cluster.leader()), "--id", "6",
             "--address", six.member, "--timeout", "50s"]
    environment = {name: value for name, value in os.environ.items()
                   if name != "NO_COLOR"}
    running = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=end,
                               text=True, env=environment)
    os.close(end)
    shown = bytearray()

    def read() -> bool:
        """False at the end."""
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                shown.extend(os.read(terminal, 65536))
            except OSError:
                return False
        return True

    until("what is missing", lambda: read() and
          b"replica 6 cannot be reached" in shown)
    cluster.nodes[6] = six
    six.start()
    until("the end", lambda: not read(), SECONDS_MAX)
    os.close(terminal)
    output, _ = running.communicate(timeout=SECONDS_MAX)
    expect("exit code of a watched action", running.returncode, 0)
    expect("its answer", output, 'replica 6 is a voter now\n')
    expect("what stays on the terminal",
           shown.decode().rsplit("\r\x1b[K", 1)[1], "")
    tool.ok("remove", *tool.http(cluster.leader()), "--id", "6")
    six.kill()
    del cluster.nodes[6]


def check_member_codes(tool: Tool, cluster: Cluster) -> None:
    leader = cluster.leader()
    at = f"http://{leader.http}"
    for name in ("add", "remove", "replace", "transfer"):
        tool.code(2, name)
        tool.code(2, name, "--at", leader.http, "--id", "9")
        tool.code(2, name, *tool.http(leader), "--id", "nine")
        tool.code(3, name, "--at", at, "--token-file", "/none/such")
        tool.code(7, name, "--at", at, "--id", "9")
        tool.code(7, name, "--at", at, "--id", "9", "--token-file",
                  tool.secrets["wrong"])
        tool.code(8, name, "--at", f"http://{free_addresses(1)[0]}")
    follower = next(node for node in cluster.nodes.values()
                    if node is not leader)
    expect_in("who is to be asked", "trimaran: not applied: not the leader; "
              f"the leader may be replica {leader.number}\n", tool.code(
                  11, "remove", *tool.http(follower), "--id",
                  str(leader.number)))
    expect_in("a member that is there", "not applied: ", tool.code(
        11, "add", *tool.http(leader), "--id", str(follower.number),
        "--address", "127.0.0.1:1"))
    tool.code(2, "status")
    tool.code(8, "status", "--at", f"http://{leader.redis}")


def check_interrupted_action(tool: Tool, cluster: Cluster) -> None:
    """Whoever waits for an answer can stop waiting."""
    leader = cluster.leader()
    # Nobody is there, so that it takes as long as it may.
    running = subprocess.Popen(
        [tool.program, "add", *tool.http(leader), "--id", "9", "--address",
         free_addresses(1)[0], "--learner", "--timeout", "50s"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until("it is asked", lambda: 9 in members(cluster)
          or running.poll() is not None)
    time.sleep(0.2)
    if running.poll() is None:
        running.send_signal(signal.SIGINT)
        _, errors = running.communicate(timeout=SECONDS_MAX)
        expect("exit code of an interrupted action", running.returncode, 130)
        expect_in("what it says", "goes on", errors)
    else:
        running.communicate()
    tool.ok("remove", *tool.http(cluster.leader()), "--id", "9")


def main() -> int:
    program = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        tool = Tool(program, scratch)
        flags = ("--password-file", tool.secrets["password"],
                 "--admin-token-file", tool.secrets["token"],
                 # So that parts of a scan need not be large to be too large.
                 "--reply-bytes", "1000000")
        with Cluster(program, flags) as cluster:
            cluster.joining_flags = ("--cluster", "serve test", *flags)
            for check in (
                    lambda: check_shell(tool, cluster),
                    lambda: check_bench(tool, cluster),
                    lambda: check_members(tool, cluster),
                    lambda: check_waiting_is_shown(tool, cluster),
                    lambda: check_long_scan(tool, cluster),
                    lambda: check_shell_codes(tool, cluster, scratch),
                    lambda: check_bench_codes(tool, cluster, scratch),
                    lambda: check_member_codes(tool, cluster),
                    lambda: check_interrupted_action(tool, cluster)):
                begin = time.monotonic()
                check()
                print(f"  {time.monotonic() - begin:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
