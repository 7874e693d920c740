"""The hosts of OPERATIONS.md: replicas in processes of `trimaran serve`, with
the settings that the guide shows."""

import os
import re
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)),
                                "..", "..", "serve"))
from serve_processes import (Client, Counting, Node, Reply,  # noqa: E402
                             free_addresses, until)

HOSTS = 5
FOUNDERS = (1, 2, 3)
ROWS = 50


class Host(Node):
    """db<number>.example.org, with a member of `cluster`."""

    def __init__(self, program: str, number: int, scratch: str,
                 addresses: list[str], cluster: str, directory: str,
                 certificates: str):
        self.addresses = addresses
        self.members, redis, http = addresses
        super().__init__(program, number, scratch, [], redis, http)
        self.cluster = cluster
        self.directory = directory
        self.certificates = certificates
        self.settings = os.path.join(scratch, f"{cluster}{number}.toml")
        self.command = [program, "serve", "--config", self.settings]

    def prepare(self, settings: str) -> None:
        """`settings` are those of the guide for this host. It listens where
        they say: only ports, which all hosts of a test share, are its own."""
        port = self.members.rsplit(":", 1)[1]
        for old, new in (("0.0.0.0:7000", f"0.0.0.0:{port}"),
                         ("127.0.0.1:6379", self.redis),
                         ("127.0.0.1:8080", self.http),
                         ('cluster = "orders"', f'cluster = "{self.cluster}"'),
                         ("/var/lib/trimaran/orders", self.directory),
                         ("/etc/trimaran/orders", self.certificates)):
            if old not in settings:
                raise SystemExit(f"the guide's settings lack {old}")
            settings = settings.replace(old, new)
        with open(self.settings, "w", encoding="utf-8") as file:
            file.write(settings)
        subprocess.run([*self.command, "--check-config"], check=True,
                       timeout=30)

    def metric(self, name: str) -> float:
        found = re.search(rf"^trimaran_{name}(?:{{.*?}})? (\S+)$",
                          self.get("/metrics"), re.M)
        if not found:
            raise SystemExit(f"host {self.number} has no metric {name}")
        return float(found[1])


class Hosts:
    def __init__(self, program: str, scratch: str, guide: str):
        self.scratch = scratch
        addresses = free_addresses(3 * HOSTS)
        self.hosts = {
            n: Host(program, n, scratch, addresses[3 * n - 3:3 * n], "orders",
                    os.path.join(scratch, f"host{n}"),
                    os.path.join(scratch, "data", f"db{n}"))
            for n in range(1, HOSTS + 1)}
        # On the same machines, of what the guide restores.
        self.restored = {
            n: Host(program, n, scratch, self.hosts[n].addresses, "orders-3",
                    os.path.join(scratch, "data", f"orders-{n}"),
                    os.path.join(scratch, "data", f"orders-3-db{n}"))
            for n in FOUNDERS}
        # Of host 1, and what host 4 has in place of some of them.
        self.settings, self.joining = re.findall(
            r"^```toml\n(.*?)^```$", guide, re.M | re.S)
        self.expires = 0.0
        self.counted = None

    def named(self, text: str) -> str:
        """With the addresses that hosts have here."""
        for number, host in self.hosts.items():
            text = text.replace(f"db{number}.example.org:7000", host.members)
        return text

    def real(self, text: str) -> str:
        """Hosts' names, and on which of them a command is given."""
        text = self.named(text)
        if any(h.running() for h in self.hosts.values()) and re.search(
                r"127\.0\.0\.1:8080|-p 6379", text):
            leader = self.leader()
            port = leader.redis.rsplit(":", 1)[1]
            text = text.replace("127.0.0.1:8080", leader.http)
            text = text.replace("-p 6379", f"-p {port}")
        return text

    def settings_of_founder(self, number: int) -> str:
        settings = self.settings
        for old in ("id = 1\n", 'advertise = "db1.'):
            settings = settings.replace(old, old.replace("1", str(number)))
        return self.named(settings)

    def settings_of_newcomer(self, number: int) -> str:
        """As the guide says: without [founders], and with the lines that it
        shows in [replica]."""
        settings = re.sub(r"^\[founders\]\n(?:.+\n)+", "", self.settings,
                          flags=re.M)
        lines = self.joining.replace("id = 4\n", f"id = {number}\n")
        lines = lines.replace("db4.", f"db{number}.")
        for key in re.findall(r"^(\w+) = ", lines, re.M):
            settings = re.sub(rf"^{key} = .*\n", "", settings, flags=re.M)
        settings = self.named(
            settings.replace("[replica]\n", f"[replica]\n{lines}"))
        told = re.findall(r'^advertise = "(.*)"$', settings, re.M)
        if told not in ([], [self.hosts[number].members]):
            raise SystemExit(f"host {number} sends others to {told}")
        return settings

    def running(self) -> list[Host]:
        return [h for h in self.hosts.values() if h.running()]

    def leader(self) -> Host:
        def found():
            # One that was removed may think so for a while.
            for host in self.running():
                status = host.status()
                if status["role"] == "leader" and host.healthy():
                    return host
            return None
        return until("somebody leads", found)

    def kill(self) -> None:
        for host in [*self.hosts.values(), *self.restored.values()]:
            if host.running():
                host.kill()

    # ---- What happens ----

    def start_newcomer(self, number: int) -> None:
        host = self.hosts[number]
        host.prepare(self.settings_of_newcomer(number))
        host.start()

    def found(self) -> None:
        for number in FOUNDERS:
            host = self.hosts[number]
            host.prepare(self.settings_of_founder(number))
            host.start()
        client = Client(self.leader().redis)
        for row in range(ROWS):
            client.ask("SET", f"row{row}", f"value{row}")
        client.close()

    def lose_disk(self) -> None:
        # 4 was removed, and is stopped.
        self.hosts[4].kill()
        self.hosts[2].kill()
        shutil.rmtree(self.hosts[2].directory)
        self.start_newcomer(5)

    def start_restored(self) -> None:
        for number in FOUNDERS:
            self.hosts[number].stop()
        for number, host in self.restored.items():
            host.prepare(self.settings_of_founder(number))
            host.start()

    def stop_restored(self) -> None:
        for host in self.restored.values():
            host.stop()
        for number in FOUNDERS:
            self.hosts[number].start()
        self.check_healthy_founders()

    def restart_all(self) -> None:
        """While somebody counts through all of them."""
        counting = Counting([h.redis for h in self.members()], "count")
        counting.start()
        leader = self.leader()
        for host in [h for h in self.members() if h is not leader] + [leader]:
            before = counting.acknowledged
            until("some are counted",
                  lambda seen=before: counting.acknowledged > seen + 5)
            if host.stop() != 0:
                raise SystemExit(f"host {host.number} did not close")
            subprocess.run([host.command[0], "verify", host.directory],
                           check=True, timeout=30, stdout=subprocess.DEVNULL)
            host.start()
            until("it is healthy again", host.healthy)
            until("it has caught up", lambda h=host: self.lag_of(h) == 0)
        counting.ending.set()
        counting.join()
        self.counted = counting

    def members(self) -> list[Host]:
        members = self.leader().status()["members"]
        return [self.hosts[m["id"]] for m in members]

    def lag_of(self, host: Host) -> int:
        members = self.leader().status()["members"]
        return next(m.get("lag") for m in members if m["id"] == host.number)

    # ---- What must hold ----

    def check_healthy_founders(self) -> None:
        for number in FOUNDERS:
            until(f"host {number} is healthy", self.hosts[number].healthy)

    def check_healthy(self) -> None:
        self.check_healthy_founders()
        self.expires = self.hosts[1].metric(
            "certificate_expires_timestamp_seconds")

    def check_restored(self) -> None:
        for host in self.restored.values():
            until(f"restored host {host.number} is healthy", host.healthy)
            client = Client(host.redis)
            if client.ask("GET", "apple") != b"red":
                raise SystemExit("what was saved is not there")
            client.close()

    def check_members(self, ids: set[int]) -> None:
        until(f"{ids} are the members",
              lambda: {h.number for h in self.members()} == ids)

    def check_replaced(self) -> None:
        client = Client(self.hosts[5].redis)
        for row in range(ROWS):
            if client.ask("GET", f"row{row}") != f"value{row}".encode():
                raise SystemExit(f"row {row} was lost")
        client.close()
        # The old id, with the directory that is there now.
        old = self.hosts[2]
        old.start()
        until("2 is refused", lambda: re.search(
            r"^trimaran_connection_refused\{.*?\} 1$", old.get("/metrics"),
            re.M))
        if old.healthy():
            raise SystemExit("2 takes clients")
        client = Client(old.redis)
        try:
            found = client.ask("GET", "row0")
            raise SystemExit(f"2 answers {found!r}")
        except Reply:
            pass
        old.kill()

    def check_counted(self) -> None:
        client = Client(self.leader().redis)
        count = int(client.ask("GET", "count"))
        client.close()
        counted = self.counted
        print(f"{counted.acknowledged} acknowledged, {counted.unknown} unknown"
              f", {count} done", flush=True)
        if not (counted.acknowledged <= count
                <= counted.acknowledged + counted.unknown):
            raise SystemExit("counts were lost, or done twice")

    def check_certificate(self) -> None:
        until("the new certificate is used", lambda: self.hosts[1].metric(
            "certificate_expires_timestamp_seconds") > self.expires)

    def check_metrics(self, names: set[str]) -> None:
        shown = self.leader().get("/metrics")
        for name in names:
            if not re.search(rf"^trimaran_{name}(?:_count)?[ {{]", shown, re.M):
                raise SystemExit(f"/metrics has no trimaran_{name}")
