#!/usr/bin/env python3
"""The status page in a browser without a window.

Goal: the page shows what is so, and follows it. Method: Debian's chromium, with
a clock of its own, opens the page while somebody writes; what is in it at the
end is compared with what was so. Left out, with a word, where there is no
chromium.

usage: status_page_test.py <trimaran>
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading

from serve_processes import Client, Cluster, until

# ctest's word for a test that was left out.
SKIPPED = 77
# Of the page's clock.
SECONDS = 6


def page_of(chromium: str, address: str, profile: str) -> str:
    result = subprocess.run(
        [chromium, "--headless", "--no-sandbox", "--disable-gpu",
         "--disable-dev-shm-usage", f"--user-data-dir={profile}",
         f"--virtual-time-budget={SECONDS * 1000}", "--dump-dom",
         f"http://{address}/"],
        capture_output=True, text=True, timeout=60, check=True)
    return result.stdout


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
        page = page_of(chromium, leader.http, profile)
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
    points = re.search(r'id="rates".*?points="([^"]*)"', page, re.DOTALL)
    if not points or len(points.group(1).split()) < 2:
        raise SystemExit("the page has not followed what happened")
    members = page.split('id="members"')[1].split("</tbody>")[0]
    if members.count("<tr>") != 3 or members.count(">voter<") != 2:
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
