"""Checks on the bytes of every text file: white space, left-over marks, and
references that a reader outside of the author's machine cannot follow."""

import os
import re

from source_tree import Finding, is_cpp, line_of

_EXTENSIONS = (".cc", ".h", ".cmake", ".txt", ".py", ".sh", ".md", ".json",
               ".proto", ".yml", ".yaml", ".in")
_NAMES = ("Makefile", "run", ".clang-format", ".clang-tidy", ".gitignore")

_MARKS = (
    (r"\b(?:FIXME|XXX|HACK)\b", "mend it, or write down what is missing and "
     "when: TODO(condition)"),
    (r"\bTODO\b(?!\([^()\s][^()]*\))", "a TODO names the condition under which "
     "it is done: TODO(condition)"),
)
_NOT_HERE = (
    (r"(?<![\w.])/(?:home|root|Users)/", "a path of one machine"),
)
_DOCUMENT = re.compile(r"\b([A-Z][A-Z_]+\.md)\b")


def is_text(path: str) -> bool:
    name = os.path.basename(path)
    return path.endswith(_EXTENSIONS) or name in _NAMES


def _check_space(path: str, text: str) -> list[Finding]:
    findings = []
    tabs_allowed = os.path.basename(path) == "Makefile"
    for number, line in enumerate(text.split("\n"), 1):
        if line.endswith("\r"):
            findings.append(Finding(path, number, "carriage return"))
        elif line != line.rstrip():
            findings.append(Finding(path, number, "space at the end of a line"))
        if "\t" in line and not tabs_allowed:
            findings.append(Finding(path, number, "tab"))
    last = text.count("\n")
    if text and not text.endswith("\n"):
        findings.append(Finding(path, last + 1, "no newline at the end"))
    if text.endswith("\n\n"):
        findings.append(Finding(path, last, "empty line at the end"))
    return findings


def check(path: str, text: str, documents=frozenset()) -> list[Finding]:
    """`documents`: the base names of the .md files that exist."""
    if not is_text(path):
        return []
    findings = _check_space(path, text)
    if path.startswith("tools/lint/"):
        return findings  # Names what it looks for.
    for pattern, message in _MARKS + _NOT_HERE:
        for match in re.finditer(pattern, text):
            findings.append(Finding(path, line_of(text, match.start()),
                                    f"{match.group(0)}: {message}"))
    if is_cpp(path) or path.endswith((".md", ".txt", ".cmake")):
        for match in _DOCUMENT.finditer(text):
            if match.group(1) not in documents:
                findings.append(Finding(
                    path, line_of(text, match.start()),
                    f"{match.group(1)}: no such document in this repository"))
    return findings
