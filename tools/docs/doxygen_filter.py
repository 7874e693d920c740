#!/usr/bin/env python3
"""Shows doxygen a public header as it wants to see it.

usage: doxygen_filter.py <header>

Comments in the headers are written for people who read them there: `//` above
what they are about. Here they become `///`:

  a comment above a declaration           its description
  the first one of a file                 the description of the file
  // ---- Title ----, and what follows    a group, in a class or in C
  lines that are indented within one      as they are, in a fixed font
"""

import os
import re
import sys

COMMENT = re.compile(r"^(\s*)//(?!/)( ?)(.*)$")
BANNER_BEGINS = re.compile(r"^---- (.*)$")
# Marks for other programs.
NO_PROSE = re.compile(r"^\s*//\s*NOLINT")
# What ends a group: of a class (by its depth), or of a file.
ENDS_CLASS = re.compile(r"^(\};| (private|protected|public):)")
ENDS_FILE = re.compile(r"^(#ifdef __cplusplus|// NOLINTEND)")


def escape(text: str) -> str:
    """Of what doxygen, its markdown or HTML would take for a command. What is
    between backticks is left alone by all three."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(part if part.startswith("`")
                   else re.sub(r"([\\@<>#%*&~])", r"\\\1", part)
                   .replace("\\*", "&#42;").replace("\\~", "&#126;")
                   for part in parts)


def prose(lines: list[str]) -> list[str]:
    """Text, in which lines that begin with blanks are kept as they are."""
    out, fixed = [], False
    for line in lines:
        indented = line.startswith("  ") or (fixed and line.startswith(" "))
        if indented != fixed:
            out.append("@code{.unparsed}" if indented else "@endcode")
            fixed = indented
        out.append(line if fixed else escape(line))
    if fixed:
        out.append("@endcode")
    return out


class Filter:
    def __init__(self, path: str, lines: list[str]):
        self.lines = lines
        self.out: list[str] = []
        self.is_c = "/c/" in path or path.endswith("/c.h")
        self.has_file = False
        self.group = None  # What ends the one that is open.

    def emit(self, indent: str, text: list[str]) -> None:
        self.out += [f"{indent}/// {line}".rstrip() for line in text]

    def end_group(self) -> None:
        if self.group is not None:
            self.out += ["///@}", ""]
            self.group = None

    def banner(self, indent: str, block: list[str]) -> list[str]:
        """Begins a group, and returns what the comment says besides."""
        title = BANNER_BEGINS.match(block[0])[1]
        rest = block[1:]
        while not title.endswith("----") and rest:
            title += " " + rest.pop(0)
        title = title.removesuffix("----").strip()
        self.end_group()
        if not indent and not self.is_c:
            return rest  # A group of classes says nothing.
        self.emit(indent, [f"@name {escape(title)}", *prose(rest), "@{"])
        self.group = ENDS_CLASS if indent else ENDS_FILE
        return []

    def comment(self, indent: str, block: list[str], after: str) -> None:
        is_banner = bool(BANNER_BEGINS.match(block[0]))
        if not self.has_file and not is_banner and not indent:
            self.has_file = True
            if not after.strip():
                self.emit(indent, ["@file", *prose(block)])
                return
        if is_banner:
            block = self.banner(indent, block)
        if block and after.strip() and not after.startswith("#"):
            self.emit(indent, prose(block))

    def run(self) -> str:
        self.out.append("/// @file")
        at = 0
        while at < len(self.lines):
            line = self.lines[at]
            if self.group is not None and self.group.match(line):
                self.end_group()
            match = COMMENT.match(line)
            if not match or NO_PROSE.match(line):
                self.out.append(line)
                at += 1
                continue
            indent, block = match[1], []
            while at < len(self.lines):
                match = COMMENT.match(self.lines[at])
                if not match or NO_PROSE.match(self.lines[at]):
                    break
                block.append(match[3])
                at += 1
            self.comment(indent, block,
                         self.lines[at] if at < len(self.lines) else "")
        self.end_group()
        return "\n".join(self.out) + "\n"


def main() -> int:
    path = os.path.abspath(sys.argv[1])
    with open(path, encoding="utf-8") as file:
        lines = file.read().splitlines()
    sys.stdout.write(Filter(path, lines).run())
    return 0


if __name__ == "__main__":
    sys.exit(main())
