#!/usr/bin/env python3
"""Makes manual pages of what the program says of itself: one for `trimaran`,
and one for each subcommand that `trimaran --help` names.

usage: man_pages.py <trimaran> <version> <folder>

Writes trimaran*.1.gz into the folder, and removes those that were there.
"""

import glob
import gzip
import os
import re
import subprocess
import sys


def help_of(*command):
    return subprocess.run([*command, "--help"], check=True, text=True,
                          stdout=subprocess.PIPE).stdout


def roff(text):
    """`text` so that it is shown as it is."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join("\\&" + line if line[:1] in (".", "'") else line
                     for line in text.split("\n"))


def blocks(text):
    """Paragraphs, each with the heading before it: "options", or ""."""
    for paragraph in re.split(r"\n\n+", text.strip("\n")):
        heading = re.match(r"([a-z ]+):\n(?= )", paragraph)
        if heading:
            yield heading.group(1), paragraph[heading.end():]
        else:
            yield "", paragraph


def codes(paragraph):
    """The rows of a table of exit codes, several of which may share a line."""
    found = re.findall(r"(?:^|  ) *(\d+) +(\S.*?)(?=   +\d+ |$)", paragraph,
                       re.MULTILINE)
    return sorted(found, key=lambda row: int(row[0]))


def entries(paragraph):
    """The rows of a table of options or names, "  --json   one object", that go
    on in lines that are further in, or have a name only; none if it is not such
    a table."""
    found = []
    for line in paragraph.split("\n"):
        row = re.fullmatch(r"  (\S+(?: \S+)*)  +(\S.*)", line)
        bare = re.fullmatch(r"  (--\S+(?: \S+)*) *", line)
        if row:
            found.append(row.groups())
        elif bare:
            found.append((bare.group(1), ""))
        elif line.startswith("    ") and found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
        else:
            return []
    return found


def table(heading, paragraph):
    titles = {"exit codes": "EXIT STATUS"}
    rows = (codes if heading == "exit codes" else entries)(paragraph)
    lines = [f".SH {titles.get(heading, heading.upper())}"]
    for name, text in rows:
        lines += [".TP", f".B {roff(name)}"] + ([roff(text)] if text else [])
    if not rows:
        lines += [".nf", roff(paragraph), ".fi"]
    return lines


def page(name, summary, text, version, others):
    usage, *rest = blocks(text)
    synopsis = usage[1].removeprefix("usage: ").split("\n")
    lines = [f'.TH {name.upper()} 1 "" "trimaran {version}"', ".SH NAME",
             f"{roff(name)} \\- {roff(summary)}", ".SH SYNOPSIS"]
    for line in synopsis:
        lines += [f".B {roff(line.strip())}", ".br"]
    lines.append(".SH DESCRIPTION")
    for heading, paragraph in rest:
        if not heading and paragraph.startswith(" "):
            lines += [".PP", ".nf", roff(paragraph), ".fi"]
        elif not heading:
            lines += [".PP", roff(paragraph)]
    for heading, paragraph in rest:
        if heading:
            lines += table(heading, paragraph)
    lines.append(".SH SEE ALSO")
    lines += [f".BR {roff(other)} (1)," for other in others[:-1]]
    lines.append(f".BR {roff(others[-1])} (1)")
    return "\n".join(lines) + "\n"


def write(path, text):
    # Without a time, so that the same text is the same file.
    with open(path, "wb") as file:
        with gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
            packed.write(text.encode())


def main():
    program, version, folder = sys.argv[1:]
    os.makedirs(folder, exist_ok=True)
    for old in glob.glob(os.path.join(folder, "*.1.gz")):
        os.remove(old)
    text = help_of(program)
    subcommands = dict(next(
        entries(paragraph) for heading, paragraph in blocks(text)
        if heading == "subcommands"))
    names = ["trimaran"] + [f"trimaran-{name}" for name in subcommands]
    pages = {"trimaran": ("replicated key-value store", text)}
    for name, summary in subcommands.items():
        summary = summary[0].lower() + summary[1:].rstrip(".")
        pages[f"trimaran-{name}"] = (summary, help_of(program, name))
    for name, (summary, said) in pages.items():
        others = [other for other in names if other != name]
        write(os.path.join(folder, f"{name}.1.gz"),
              page(name, summary, said, version, others))


if __name__ == "__main__":
    main()
