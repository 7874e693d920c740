#!/usr/bin/env python3
"""The status page in a browser without a window.

Goal: the page shows what is so, and follows it. Method: Debian's chromium, with
a clock of its own, opens the page while somebody writes; what is in it at the
end is compared with what was so. A picture of it is left in the current
directory, for people. Left out, with a word, where there is no chromium.

usage: status_page_test.py <trimaran>
"""

import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import threading

from serve_processes import Client, Cluster, until

# ctest's word for a test that was left out.
SKIPPED = 77
# Of the page's clock.
SECONDS = 6
PICTURE = "status_page.png"
WIDTH, HEIGHT = 1200, 1100


def browse(chromium: str, address: str, profile: str, *wish: str) -> str:
    result = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu",
         "--disable-dev-shm-usage", f"--user-data-dir={profile}",
         f"--virtual-time-budget={SECONDS * 1000}", *wish,
         f"http://{address}/"],
        capture_output=True, text=True, timeout=60, check=True)
    return result.stdout


def page_of(chromium: str, address: str, profile: str) -> str:
    return browse(chromium, address, profile, "--dump-dom")


def check_picture(chromium: str, address: str, profile: str) -> None:
    path = os.path.abspath(PICTURE)
    browse(chromium, address, profile, f"--screenshot={path}",
           f"--window-size={WIDTH},{HEIGHT}")
    with open(path, "rb") as file:
        picture = file.read()
    if picture[:8] != b"\x89PNG\r\n\x1a\n":
        raise SystemExit("the picture is none")
    size = struct.unpack(">II", picture[16:24])
    if size != (WIDTH, HEIGHT):
        raise SystemExit(f"the picture has {size} points")
    # An empty page of that size takes some 5,000.
    if len(picture) < 20_000:
        raise SystemExit(f"the picture has {len(picture)} bytes: what is there "
                         "to be seen on it?")


def text_of(page: str, name: str) -> str:
    found = re.search(rf'id="{name}"[^>]*>([^<]*)<', page)
    if not found:
        raise SystemExit(f"there is no {name} in the page")
    return found.group(1)


def row_of(page: str, name: str) -> int:
    found = re.search(rf">{re.escape(name)}</td><td[^>]*>([\d,]+)<", page)
    if not found:
        raise SystemExit(f"there is no row {name!r} in the page")
    return int(found.group(1).replace(",", ""))


def check_leader(cluster: Cluster, chromium: str, profile: str) -> None:
    leader = cluster.leader()
    before = leader.status()
    ending = threading.Event()

    def write() -> None:
        client = Client(leader.redis)
        while not ending.is_set():
            client.ask("INCR", "shown")
            ending.wait(0.01)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    try:
        # On a busy machine nothing may have been written while it looked, whose
        # clock does not wait.
        for _ in range(10):
            page = page_of(chromium, leader.http, profile)
            if text_of(page, "writes").count(" ms") == 2:
                break
        check_picture(chromium, leader.http, profile)
    finally:
        ending.set()
        writer.join(30)
    after = leader.status()
    if text_of(page, "role") != "leader":
        raise SystemExit(f"role: {text_of(page, 'role')}")
    if text_of(page, "health") != "healthy":
        raise SystemExit(f"health: {text_of(page, 'health')}")
    for name, place in (("last entry", "last"), ("committed", "commit")):
        shown = row_of(page, name)
        if not before["log"][place] < shown <= after["log"][place]:
            raise SystemExit(f"{name}: {shown}, and not between "
                             f"{before['log'][place]} and "
                             f"{after['log'][place]}")
    if (f" of cluster serve test ({after['cluster']}), term {after['term']}, "
            not in text_of(page, "who")):
        raise SystemExit(f"who: {text_of(page, 'who')}")
    # The median and the 99th percentile.
    if text_of(page, "writes").count(" ms") != 2:
        raise SystemExit(f"writes: {text_of(page, 'writes')}")
    if row_of(page, "snapshots made") != after["counts"]["snapshots_produced"]:
        raise SystemExit("the page does not know what snapshots were made")
    size = row_of(page, "KiB on the disk") * 1024
    if not before["log"]["bytes"] <= size <= after["log"]["bytes"]:
        raise SystemExit(f"the log has {size} bytes, and not from "
                         f"{before['log']['bytes']} to "
                         f"{after['log']['bytes']}")
    points = re.search(r'id="rates".*?points="([^"]*)"', page, re.DOTALL)
    if not points or len(points.group(1).split()) < 2:
        raise SystemExit("the page has not followed what happened")
    members = page.split('id="members"')[1].split("</tbody>")[0]
    if members.count("<tr>") != 3 or members.count(">voter<") != 2:
        raise SystemExit(f"members: {members}")
    # Durable and lag: the leader knows those of all.
    if len(re.findall(r'class="number">[\d,]+</td>', members)) != 6:
        raise SystemExit(f"members: {members}")


def check_alone(cluster: Cluster, chromium: str, profile: str) -> None:
    last = cluster.leader()
    for node in cluster.nodes.values():
        if node is not last:
            node.kill()
    # That nobody answers takes it an election timeout to find out.
    until("the last one leads no more", lambda: not last.healthy())
    page = page_of(chromium, last.http, profile)
    if text_of(page, "health") != "no leader is known":
        raise SystemExit(f"alone: {text_of(page, 'health')}")


def main() -> int:
    chromium = shutil.which("chromium")
    if not chromium:
        print("chromium is not installed: left out")
        return SKIPPED
    profile = tempfile.mkdtemp(prefix="trimaran-chromium-")
    try:
        with Cluster(os.path.abspath(sys.argv[1])) as cluster:
            check_leader(cluster, chromium, profile)
            check_alone(cluster, chromium, profile)
    finally:
        shutil.rmtree(profile, ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
