#!/usr/bin/env python3
"""Draws pictures of what the benchmarks have measured, with gnuplot.

Reads what is there of put.json, ycsb.json, growth.json, open.json,
install.json, interference.json (google-benchmark's; processes_put.json and
processes_ycsb.json go with those without that word), cluster.json
(cluster_bench.py) and serve.json (serve_bench.py) in a directory, and leaves
out the pictures of what is not.

usage: plots.py <directory of JSON> <directory of pictures>
"""

import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys

# Names as they are in the files, as people read them, and colours that can be
# told apart on white and on black.
SERIES = {"ours": ("Trimaran", "#3b82f6"),
          "ours3": ("Trimaran, 3 replicas", "#14a3b8"),
          "processes": ("Trimaran, 3 processes", "#22a06b"),
          "wiredtiger": ("WiredTiger", "#e07b12"),
          "rocksdb": ("RocksDB", "#a855f7"),
          "trimaran": ("Trimaran, 3 processes", "#3b82f6"),
          "etcd": ("etcd, 3 processes", "#e07b12"),
          "redis": ("Redis, 1 process", "#e0483b"),
          "p50_us": ("median", "#3b82f6"),
          "p99_us": ("99th percentile", "#e07b12")}
# Grey is readable on both.
INK = "#808080"


def gnuplot(path: pathlib.Path, title: str, commands: list[str]) -> None:
    script = "\n".join([
        # Without a background: that of the page.
        "set terminal svg size 640,360 font 'sans-serif,13' dynamic",
        f"set output '{path}'",
        f"set title '{title}' textcolor '{INK}'",
        f"set border 3 linecolor '{INK}'",
        f"set tics nomirror textcolor '{INK}'",
        f"set grid ytics linecolor '{INK}' dashtype 3 linewidth 0.5",
        f"set key outside bottom center horizontal textcolor '{INK}'",
        f"set xlabel textcolor '{INK}'", f"set ylabel textcolor '{INK}'",
        *commands])
    subprocess.run(["gnuplot"], input=script, text=True, check=True)
    # What has no colour of its own is black, which a dark page would hide.
    path.write_text(path.read_text().replace('color="black"',
                                             f'color="{INK}"'))
    print(path)


def cases(path: pathlib.Path) -> list[tuple[str, dict[str, int], dict]]:
    """Name, arguments and figures of each case of google-benchmark."""
    with open(path, encoding="utf-8") as text:
        found = json.load(text)["benchmarks"]
    return [(each["name"].split("/")[0],
             {key: int(number) for key, number in
              re.findall(r"(\w+):(\d+)", each["name"])}, each)
            for each in found if each.get("run_type") == "iteration"]


def block(name: str, rows: list[tuple]) -> list[str]:
    return [f"${name} << EOD", *(" ".join(map(str, row)) for row in rows),
            "EOD"]


def of_processes(source: pathlib.Path) -> list[tuple]:
    """The cases of the same program with replicas in processes of their own."""
    path = source.with_name("processes_" + source.name)
    return cases(path) if path.exists() else []


def draw_lines(path: pathlib.Path, title: str, xlabel: str, ylabel: str,
               series: dict[str, list[tuple[float, float]]]) -> None:
    commands = [f"set xlabel '{xlabel}'", f"set ylabel '{ylabel}'",
                "set logscale xy", "set format xy '10^{%L}'"]
    plots = []
    for name, points in series.items():
        commands += block(name, sorted(points))
        label, colour = SERIES[name]
        plots.append(f"${name} with linespoints linewidth 2 pointtype 7 "
                     f"pointsize 0.6 linecolor '{colour}' title '{label}'")
    gnuplot(path, title, [*commands, "plot " + ", ".join(plots)])


def draw_bars(path: pathlib.Path, title: str, ylabel: str, names: list[str],
              groups: list[tuple[str, list[float | None]]]) -> None:
    """A group of bars for each, in the order of the names; in log scale. None
    where there is none."""
    rows = [(f'"{label}"', *("?" if value is None else value
                             for value in values)) for label, values in groups]
    lowest = min(value for _, values in groups for value in values
                 if value is not None)
    commands = [*block("bars", rows), f"set ylabel '{ylabel}'",
                "set logscale y", "set format y '10^{%L}'",
                f"set yrange [{lowest / 3}:*]", "set style data histograms",
                "set style histogram clustered gap 1",
                "set style fill solid 0.9 noborder", "set boxwidth 0.9"]
    if any("\\n" in label for label, _ in groups):
        # The key does not know of the second line.
        commands += ["set bmargin 5", "set key at screen 0.5, 0.06 center"]
    plots = [f"$bars using {at + 2}:xtic(1) linecolor '{SERIES[name][1]}' "
             f"title '{SERIES[name][0]}'" for at, name in enumerate(names)]
    gnuplot(path, title, [*commands, "plot " + ", ".join(plots)])


# ---- The pictures ----

def draw_writers(source: pathlib.Path, target: pathlib.Path) -> None:
    series: dict[str, list[tuple[float, float]]] = {}
    for name, arguments, figures in cases(source):
        if name != "BlockingPut" or arguments["value"] != 100:
            continue
        one = arguments["replicas"] == 1
        for peer in ("ours", "wiredtiger", "rocksdb") if one else ("ours",):
            if f"{peer}_per_s" in figures:
                series.setdefault(peer if one else "ours3", []).append(
                    (arguments["writers"], figures[f"{peer}_per_s"]))
    for name, arguments, figures in of_processes(source):
        if name == "BlockingPut" and arguments["value"] == 100:
            series.setdefault("processes", []).append(
                (arguments["writers"], figures["ours_per_s"]))
    draw_lines(target / "put_writers.svg",
               "Durable puts of 100 bytes, one disk",
               "threads that wait for their puts", "puts per second", series)


def draw_ycsb(source: pathlib.Path, target: pathlib.Path) -> None:
    found: dict[str, dict[str, float]] = {}
    for name, arguments, figures in cases(source):
        mix = found.setdefault(name.removeprefix("Ycsb"), {})
        if arguments["replicas"] == 3:
            mix["ours3"] = figures["ours_per_s"]
            continue
        for peer in ("ours", "wiredtiger", "rocksdb"):
            if f"{peer}_per_s" in figures:
                mix[peer] = figures[f"{peer}_per_s"]
    for name, _, figures in of_processes(source):
        mix = name.removeprefix("Ycsb")
        found.setdefault(mix, {})["processes"] = figures["ours_per_s"]
    names = [name for name in ("ours", "ours3", "processes", "wiredtiger",
                               "rocksdb")
             if all(name in mix for mix in found.values())]
    draw_bars(target / "ycsb.svg", "YCSB, 8 threads, rows of 1000 bytes",
              "operations per second", names,
              [(mix, [figures[name] for name in names])
               for mix, figures in sorted(found.items())])


def draw_growth(source: pathlib.Path, target: pathlib.Path) -> None:
    titles = {"Put": ("puts, 16 threads", "us for each", 1e6),
              "Get": ("gets", "us for each", 1e6),
              "Scan": ("scans of 100 rows", "us for each row", 1e6),
              "Checkpoint": ("a checkpoint of 1000 changes", "ms", 1e3),
              "Open": ("opening", "ms", 1e3),
              "PutAgainstLog": ("puts, 16 threads", "us for each", 1e6)}
    series: dict[str, dict[str, list[tuple[float, float]]]] = {}
    for name, arguments, figures in cases(source):
        size = arguments.get("rows") or arguments["writes"]
        for peer in ("ours", "wiredtiger", "rocksdb"):
            if f"{peer}_per_s" in figures:
                series.setdefault(name, {}).setdefault(peer, []).append(
                    (size, titles[name][2] / figures[f"{peer}_per_s"]))
    for name, lines in series.items():
        what, unit, _ = titles[name]
        against = "writes in the log" if name == "PutAgainstLog" else "rows"
        snake = re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()
        draw_lines(target / f"growth_{snake}.svg",
                   f"{what}, against {against}", against, unit, lines)


def draw_cluster(source: pathlib.Path, target: pathlib.Path) -> None:
    with open(source, encoding="utf-8") as text:
        summaries = json.load(text)["summaries"]
    groups = [(case, [summary["medians"][name]["per_second"]
                      for name in ("trimaran", "etcd")])
              for case, summary in summaries.items()
              if {"trimaran", "etcd"} <= summary["medians"].keys()]
    if groups:
        draw_bars(target / "cluster.svg",
                  "Three processes on one machine, values of 128 bytes",
                  "answers per second", ["trimaran", "etcd"], groups)


def draw_serve(source: pathlib.Path, target: pathlib.Path) -> None:
    with open(source, encoding="utf-8") as text:
        found = json.load(text)["cases"]
    # etcd has no pipeline, and may not have been there.
    names = [name for name in ("trimaran", "redis", "etcd")
             if any(name in rows for rows in found.values())]
    groups = [(case, [statistics.median(row["per_second"] for row in rows[name])
                      if name in rows else None for name in names])
              for case, rows in found.items()]
    draw_bars(target / "serve.svg", "command/clients/pipeline",
              "commands per second", names, groups)


def draw_opening(source: pathlib.Path, target: pathlib.Path) -> None:
    """Recovery: what was killed is opened, read and written to."""
    peers = ("ours", "wiredtiger", "rocksdb")
    kinds = {"OpenKilledWithRows": "in a checkpoint",
             "OpenKilledWithLog": "in the log",
             "OpenKilledWarm": "in memory",
             "OpenKilledCold": "on the disk"}
    # The largest of each kind, which comes last.
    groups: dict[str, tuple[str, list[float]]] = {}
    for name, arguments, figures in cases(source):
        if not all(f"{peer}_per_s" in figures for peer in peers):
            continue
        (unit, size), = [each for each in arguments.items()
                         if each[0] in ("rows", "writes", "MB")]
        groups[name] = (f"{size:,} {unit},\\n{kinds[name]}",
                        [1 / figures[f"{peer}_per_s"] for peer in peers])
    if groups:
        draw_bars(target / "recovery.svg",
                  "From the opening of a killed store to its first write",
                  "seconds", list(peers), list(groups.values()))


def draw_install(source: pathlib.Path, target: pathlib.Path) -> None:
    peers = ("ours", "wiredtiger", "rocksdb")
    groups = [(f"{arguments['rows']:,} rows",
               [figures[f"{peer}_per_s"] for peer in peers])
              for name, arguments, figures in cases(source)
              if all(f"{peer}_per_s" in figures for peer in peers)]
    if groups:
        draw_bars(target / "install.svg",
                  "All rows to a replica that has none, beside a bulk load",
                  "rows per second", list(peers), groups)


def draw_interference(source: pathlib.Path, target: pathlib.Path) -> None:
    titles = {"WriteAlone": "alone",
              "WriteBesideCheckpoints": "beside\\ncheckpoints",
              "WriteBesideSnapshots": "beside\\nsnapshots",
              "BareWriteAlone": "bare write,\\nalone",
              "BareWriteBesideCheckpoints": "bare write,\\nbeside blocks"}
    names = ["p50_us", "p99_us"]
    groups = [(titles[name], [figures[each] for each in names])
              for name, _, figures in cases(source)]
    draw_bars(target / "interference.svg",
              "A durable batch of 8 puts, in a store of a million rows",
              "us until it is applied", names, groups)


PICTURES = {"put.json": draw_writers, "ycsb.json": draw_ycsb,
            "growth.json": draw_growth, "cluster.json": draw_cluster,
            "serve.json": draw_serve, "open.json": draw_opening,
            "install.json": draw_install,
            "interference.json": draw_interference}


def main() -> int:
    if len(sys.argv) != 3:
        print(__doc__, file=sys.stderr)
        return 2
    if not shutil.which("gnuplot"):
        print("gnuplot is not installed (Debian: gnuplot-nox)", file=sys.stderr)
        return 2
    source, target = map(pathlib.Path, sys.argv[1:])
    target.mkdir(parents=True, exist_ok=True)
    there = [name for name in PICTURES if (source / name).exists()]
    if not there:
        print(f"{source} has none of: {', '.join(PICTURES)}", file=sys.stderr)
        return 2
    for name in there:
        PICTURES[name](source / name, target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
