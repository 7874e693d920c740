#!/usr/bin/env python3
"""The limits that pages name are those of the code.

usage: limits_test.py <source directory> <page>...

A row of a table whose last column is the name of a constant, as `kKeyBytesMax`,
ends its limit with the value of that constant.
"""

import ast
import os
import re
import sys

# Where the constants are.
HEADERS = ("engine/format/limits.h", "engine/format/manifest.h",
           "api/src/options.cc", "api/src/replica_calls.cc")
CONSTANT = re.compile(
    r"constexpr (?:size_t|uint64_t) (k\w+)\s*=\s*([^;]+);")
ROW = re.compile(r"^\| (?P<what>.*?) \| (?P<limit>.*?) \| `(?P<name>k\w+)` \|$",
                 re.MULTILINE)


def value_of(text: str, known: dict[str, int]) -> int | None:
    """Of `size_t{16} << 20`, of sums and of other constants."""
    text = re.sub(r"\b(?:size_t|uint64_t)\{(\w+)\}", r"\1", text)
    text = re.sub(r"\bk\w+", lambda m: str(known.get(m[0], m[0])), text)
    try:
        tree = ast.parse(text.strip(), mode="eval")
    except SyntaxError:
        return None
    allowed = (ast.Expression, ast.BinOp, ast.Constant, ast.operator)
    if not all(isinstance(node, allowed) for node in ast.walk(tree)):
        return None
    return eval(compile(tree, "<constant>", "eval"))  # Numbers alone.


def constants(root: str) -> dict[str, int]:
    known: dict[str, int] = {}
    for path in HEADERS:
        with open(os.path.join(root, path), encoding="utf-8") as file:
            for name, text in CONSTANT.findall(file.read()):
                value = value_of(text, known)
                if value is not None:
                    known[name] = value
    return known


def limit_of(text: str) -> int | None:
    """The last number, and its unit: "1 to 1024 bytes", "16 MiB"."""
    numbers = re.findall(r"([0-9]+)(?: (KiB|MiB|GiB))?", text)
    if not numbers:
        return None
    number, unit = numbers[-1]
    return int(number) << {"": 0, "KiB": 10, "MiB": 20, "GiB": 30}[unit]


def main() -> int:
    root, *pages = sys.argv[1:]
    known = constants(root)
    failed = False
    for page in pages:
        with open(page, encoding="utf-8") as file:
            rows = list(ROW.finditer(file.read()))
        if not rows:
            print(f"{page}: no row names a constant")
            failed = True
        for row in rows:
            if limit_of(row["limit"]) != known.get(row["name"]):
                print(f"{page}: {row['what']}: {row['limit']}, but "
                      f"{row['name']} is {known.get(row['name'])}")
                failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
