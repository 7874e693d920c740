"""Caps on lines, functions, files and classes. There is no list of exceptions:
what is too long is split by idea."""

import re

import structure
from source_tree import Finding, is_cmake, is_cpp

COLUMNS = 80
FUNCTION_LINES = 70
CLASS_FIELDS = 20
SOURCE_LINES = 500
HEADER_LINES = 250
TEST_LINES = 800

_CANNOT_BREAK = re.compile(r"https?://|^\s*#\s*include\b")


def _file_cap(path: str) -> int:
    if path.startswith("tests/"):
        return TEST_LINES
    return HEADER_LINES if path.endswith(".h") else SOURCE_LINES


def check(path: str, text: str) -> list[Finding]:
    findings = []
    if is_cpp(path) or is_cmake(path) or path.endswith((".py", ".sh")):
        for number, line in enumerate(text.split("\n"), 1):
            if len(line) > COLUMNS and not _CANNOT_BREAK.search(line):
                findings.append(Finding(
                    path, number, f"{len(line)} columns; the cap is {COLUMNS}"))
    if not is_cpp(path):
        return findings

    lines = text.count("\n")
    if lines > _file_cap(path):
        findings.append(Finding(
            path, 1, f"{lines} lines; the cap for this kind of file is "
            f"{_file_cap(path)}"))
    functions, classes = structure.scan(text)
    for function in functions:
        if function.lines > FUNCTION_LINES:
            findings.append(Finding(
                path, function.first_line,
                f"function {function.name} has {function.lines} lines; the cap "
                f"is {FUNCTION_LINES}"))
    for found in classes:
        if found.fields > CLASS_FIELDS:
            findings.append(Finding(
                path, found.line, f"class {found.name} has {found.fields} data "
                f"members; the cap is {CLASS_FIELDS}"))
    return findings
