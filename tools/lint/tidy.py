#!/usr/bin/env python3
"""Reads every file of the project and reports what the house rules forbid.

usage: tools/lint/tidy.py [file...]      (default: all files)
"""

import os
import sys

import banned
import disabled
import lengths
import one_definition
import own_header
import text as text_lint
from source_tree import ROOT, Finding, project_files, read


def check_file(path: str, text: str, documents=frozenset(),
               files=frozenset()) -> list[Finding]:
    return sorted(banned.check(path, text) + disabled.check(path, text) +
                  lengths.check(path, text) +
                  own_header.check(path, text, files) +
                  text_lint.check(path, text, documents))


def check_tree(root: str, only: list[str]) -> list[Finding]:
    files = list(project_files(root))
    documents = {os.path.basename(p) for p in files if p.endswith(".md")}
    every = frozenset(files)
    findings = []
    for path in only or files:
        if text_lint.is_text(path):
            findings += check_file(path, read(path, root), documents, every)
    # Whoever named a few files is still told of what they clash with.
    clashes = one_definition.check(
        (path, read(path, root)) for path in files if path.endswith(".h"))
    return findings + [f for f in clashes if not only or f.path in only]


def main(arguments: list[str]) -> int:
    only = [os.path.relpath(path, ROOT) for path in arguments]
    findings = check_tree(ROOT, only)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
