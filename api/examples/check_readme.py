#!/usr/bin/env python3
"""Checks that README.md shows the code of the examples as it is.

usage: check_readme.py <README.md> <example>...
"""

import re
import sys


def blocks(readme: str) -> list[str]:
    return re.findall(r"```(?:cpp|c|python)\n(.*?)```", readme, re.DOTALL)


def main() -> int:
    readme, *examples = sys.argv[1:]
    with open(readme, encoding="utf-8") as file:
        shown = blocks(file.read())
    sources = []
    for path in examples:
        with open(path, encoding="utf-8") as file:
            sources.append(file.read())
    failed = False
    for block in shown:
        if not any(block in source for source in sources):
            print(f"{readme}: this code is in none of the examples:\n{block}")
            failed = True
    if len(shown) < len(examples):
        print(f"{readme}: {len(examples)} examples, {len(shown)} blocks")
        failed = True
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
