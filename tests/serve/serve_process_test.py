#!/usr/bin/env python3
"""Three processes of `trimaran serve`, seen from outside.

Goal: what Redis' own clients expect; no acknowledged count is lost and none is
done twice, though the leader is killed; everything is there after a restart.
Method: plain sockets, redis-cli and redis-benchmark where they are installed,
kill -9, SIGTERM.

usage: serve_process_test.py <trimaran>
"""

import os
import shutil
import subprocess
import sys
import time

from serve_processes import (Client, Cluster, Counting, Reply, free_addresses,
                             until)


def expect(what: str, found, wanted) -> None:
    if found != wanted:
        raise SystemExit(f"{what}: {found!r}, and not {wanted!r}")


def port_of(address: str) -> str:
    return address.rsplit(":", 1)[1]


# ---- The command line ----

def check_command_line(program: str, root: str) -> None:
    def run(*flags):
        return subprocess.run([program, "serve", *flags], timeout=30,
                              capture_output=True, text=True)
    path = os.path.join(root, "serve.toml")
    with open(path, "w") as file:
        file.write("[replica]\ndirectory = \"d\"\nidd = 1\n")
    result = run("--config", path, "--check-config")
    expect("exit code of a wrong file", result.returncode, 2)
    if f"{path}: line 3: replica.idd: " not in result.stderr:
        raise SystemExit(f"the wrong line is not named: {result.stderr}")
    expect("no file", run("--config", path + "x").returncode, 2)
    result = run("--config", root)
    expect("a file that cannot be read", result.returncode, 2)
    if root not in result.stderr:
        raise SystemExit(f"the file is not named: {result.stderr}")
    expect("no directory", run("--redis", "127.0.0.1:0").returncode, 2)
    expect("strangers", run("--directory", os.path.join(root, "d"), "--redis",
                            "0.0.0.0:0", "--check-config").returncode, 2)
    expect("an address that nobody can dial", run(
        "--directory", os.path.join(root, "d"), "--redis", "127.0.0.1:0",
        "--cluster", "c", "--join", "--listen", "0.0.0.0:1", "--insecure",
        "--check-config").returncode, 2)
    secret = os.path.join(root, "secret")
    with open(secret, "w") as file:
        file.write("word\n")
    os.chmod(secret, 0o644)
    flags = ("--directory", os.path.join(root, "d"), "--redis", "0.0.0.0:0",
             "--password-file", secret, "--check-config")
    expect("secret that others may read", run(*flags).returncode, 2)
    os.chmod(secret, 0o600)
    expect("secret of one's own", run(*flags).returncode, 0)


def check_taken_port(program: str, cluster: Cluster) -> None:
    taken = cluster.nodes[1].redis
    free = free_addresses(1)[0]
    for name, ports in (
            ("redis", ("--redis", taken)),
            ("http", ("--redis", free, "--http", taken)),
            ("listen", ("--redis", free, "--cluster", "c", "--insecure",
                        "--listen", taken, "--join"))):
        result = subprocess.run(
            [program, "serve", "--directory",
             os.path.join(cluster.root, f"other-{name}"), *ports], timeout=30,
            capture_output=True, text=True)
        expect(f"exit code of a taken port: {name}", result.returncode, 12)
        if taken not in result.stderr:
            raise SystemExit(f"the port is not named: {result.stderr}")


# ---- Clients ----

def check_any_replica(cluster: Cluster) -> None:
    for number, node in cluster.nodes.items():
        client = Client(node.redis)
        expect("SET", client.ask("SET", f"from{number}", number), "OK")
        expect("INCR", client.ask("INCR", "all"), number)
        client.close()
    for node in cluster.nodes.values():
        client = Client(node.redis)
        expect("MGET", client.ask("MGET", "from1", "from2", "from3"),
               [b"1", b"2", b"3"])
        expect("WAIT", client.ask("WAIT", 1, 100), 1)
        role = client.ask("ROLE")[0]
        expect("ROLE", role,
               b"master" if node is cluster.leader() else b"slave")
        client.close()


def check_redis_tools(cluster: Cluster) -> None:
    if not shutil.which("redis-cli"):
        print("redis-tools is not installed: left out", flush=True)
        return
    node = cluster.leader()

    def cli(*words):
        return subprocess.run(
            ["redis-cli", "-p", port_of(node.redis), *words], timeout=60,
            capture_output=True, text=True, check=True).stdout
    expect("redis-cli SET", cli("SET", "cli", "1"), "OK\n")
    expect("redis-cli INCR", cli("INCR", "cli"), "2\n")
    for n in range(25):
        cli("SET", f"scanned:{n:02}", "x")
    expect("redis-cli --scan",
           sorted(cli("--scan", "--pattern", "scanned:*").split()),
           [f"scanned:{n:02}" for n in range(25)])
    if "trimaran_leader:" not in cli("INFO", "replication"):
        raise SystemExit("INFO replication names no leader")
    for flags in (["-P", "1", "-n", "1000"], ["-P", "16", "-n", "10000"]):
        result = subprocess.run(
            ["redis-benchmark", "-p", port_of(node.redis), "-t",
             "set,get,incr", "-c", "50", "-q", *flags],
            timeout=120, capture_output=True, text=True)
        expect("redis-benchmark", result.returncode, 0)
        if "requests per second" not in result.stdout:
            raise SystemExit(f"redis-benchmark says {result.stdout}")


# ---- Harm ----

def check_counting(cluster: Cluster) -> None:
    """The leader is killed twice, and comes back."""
    addresses = [node.redis for node in cluster.nodes.values()]
    # Pipelines of others beside them.
    load = None
    if shutil.which("redis-benchmark"):
        followers = [node for node in cluster.nodes.values()
                     if node is not cluster.leader()]
        load = subprocess.Popen(
            ["redis-benchmark", "-p", port_of(followers[0].redis), "-t", "set",
             "-P", "16", "-c", "20", "-n", "200000", "-q"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    threads = [Counting(addresses[n % 3:] + addresses[:n % 3], "count")
               for n in range(9)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(2):
            before = sum(t.acknowledged for t in threads)
            until("some are counted",
                  lambda: sum(t.acknowledged for t in threads) > before + 50)
            leader = cluster.leader()
            print(f"replica {leader.number} leads, and is killed", flush=True)
            leader.kill()
            before = sum(t.acknowledged for t in threads)
            until("others go on",
                  lambda: sum(t.acknowledged for t in threads) > before + 50)
            leader.start()
            cluster.wait_healthy()
    finally:
        for thread in threads:
            thread.ending.set()
        for thread in threads:
            thread.join(30)
        if load is not None:
            load.kill()
            load.wait()
    acknowledged = sum(t.acknowledged for t in threads)
    unknown = sum(t.unknown for t in threads)
    client = Client(cluster.leader().redis)
    # What is not known may be done later than this question.
    count = int(client.ask("GET", "count"))
    print(f"{acknowledged} counts were acknowledged, {unknown} are unknown, "
          f"{count} were done", flush=True)
    if not acknowledged <= count <= acknowledged + unknown:
        raise SystemExit("counts were lost, or done twice")
    client.close()


def check_restart(cluster: Cluster) -> None:
    client = Client(cluster.nodes[2].redis)
    expect("SET", client.ask("SET", "kept", "yes"), "OK")
    count = client.ask("GET", "count")
    # Leadership is handed on, so that others hardly notice.
    leader = cluster.leader()
    begin = time.monotonic()
    expect("exit code of an orderly end", leader.stop(), 0)
    others = [node for node in cluster.nodes.values() if node is not leader]
    other = Client(others[0].redis)
    expect("SET after the leader has left", other.ask("SET", "next", "1"), "OK")
    print(f"the next write took {time.monotonic() - begin:.2f} s, stop of the "
          "old leader included", flush=True)
    for node in others:
        expect("exit code", node.stop(), 0)
    for node in cluster.nodes.values():
        node.start()
    cluster.wait_healthy()
    again = Client(cluster.nodes[3].redis)
    expect("GET after a restart", again.ask("GET", "kept"), b"yes")
    expect("the count after a restart", again.ask("GET", "count"), count)


def check_without_majority(cluster: Cluster) -> None:
    leader = cluster.leader()
    others = [node for node in cluster.nodes.values() if node is not leader]
    client = Client(leader.redis)
    for node in others:
        node.kill()
    try:
        answer = client.ask("SET", "alone", "1")
        raise SystemExit(f"a write without a majority: {answer!r}")
    except Reply as error:
        if str(error).split()[0] not in ("UNKNOWN", "TRYAGAIN"):
            raise SystemExit(f"without a majority: {error}") from error
    until("it says that it is of no use", lambda: not leader.healthy())
    expect("TRIMARAN.READ", client.ask("TRIMARAN.READ", "LOCAL"), "OK")
    expect("local read", client.ask("GET", "kept"), b"yes")
    for node in others:
        node.start()
    cluster.wait_healthy()


def check_members(program: str, cluster: Cluster) -> None:
    def tool(*words):
        return subprocess.run([program, *words], timeout=60,
                              capture_output=True, text=True)
    leader = cluster.leader()
    at = f"http://{leader.http}"
    target = leader.number % 3 + 1
    moved = tool("transfer", "--at", at, "--id", str(target))
    expect(f"transfer ({moved.stderr})", moved.returncode, 0)
    until("it leads", lambda: cluster.leader().number == target)
    # Somebody who does not lead says who does.
    refused = tool("remove", "--at", at, "--id", "1")
    expect("remove at a follower", refused.returncode, 11)
    if f"replica {target}" not in refused.stderr:
        raise SystemExit(f"remove at a follower: {refused.stderr}")
    shown = tool("status", "--at", f"http://{cluster.leader().http}")
    named = f"of cluster serve test ({cluster.leader().status()['cluster']}): "
    if f"{named}leader of term" not in shown.stdout:
        raise SystemExit(f"status: {shown.stdout}")
    nowhere = tool("status", "--at", f"http://{free_addresses(1)[0]}")
    expect("nobody there", nowhere.returncode, 8)


def main() -> int:
    program = os.path.abspath(sys.argv[1])
    with Cluster(program, ("--timeout", "5s")) as cluster:
        for check in (
                lambda: check_command_line(program, cluster.root),
                lambda: check_taken_port(program, cluster),
                lambda: check_any_replica(cluster),
                lambda: check_redis_tools(cluster),
                lambda: check_members(program, cluster),
                lambda: check_counting(cluster),
                lambda: check_restart(cluster),
                lambda: check_without_majority(cluster)):
            begin = time.monotonic()
            check()
            print(f"  {time.monotonic() - begin:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
