#!/usr/bin/env python3
"""Checks every #include, and every link between libraries, against layers.txt.

usage: tools/lint/check_layers.py
"""

import os
import re
import sys
from typing import NamedTuple

from source_tree import (PRODUCTION, ROOT, Finding, code_only, is_cpp, line_of,
                         project_files, read)

TABLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "layers.txt")

_STD = frozenset("""
algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv
cfloat charconv chrono cinttypes climits clocale cmath compare complex concepts
condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint cstdio
cstdlib cstring ctime cuchar cwchar cwctype deque exception execution filesystem
format forward_list fstream functional future initializer_list iomanip ios
iosfwd iostream istream iterator latch limits list locale map memory
memory_resource mutex new numbers numeric optional ostream queue random ranges
ratio regex scoped_allocator semaphore set shared_mutex source_location span
sstream stack stdexcept stop_token streambuf string string_view syncstream
system_error thread tuple type_traits typeindex typeinfo unordered_map
unordered_set utility valarray variant vector version
""".split())
_CPU = re.compile(r"\w+intrin\.h|arm_acle\.h|arm_neon\.h|cpuid\.h")
_PACKAGES = {
    "absl": re.compile(r"absl/"),
    "wiredtiger": re.compile(r"wiredtiger(?:_ext)?\.h"),
    "protobuf": re.compile(r"google/protobuf/"),
    "asio": re.compile(r"asio(?:/|\.hpp)"),
    "openssl": re.compile(r"openssl/"),
    "gtest": re.compile(r"g(?:test|mock)/"),
    "benchmark": re.compile(r"benchmark/"),
}
_PUBLIC_HEADERS = "api/include/"
_OURS = PRODUCTION + ("tests", "bench", "tools")
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(?:<([^>\n]+)>|"([^"\n]+)")',
                      re.MULTILINE)


class Rule(NamedTuple):
    subject: str
    allowed: tuple[str, ...]
    refused: tuple[str, ...]


def _logical_lines(text: str) -> list[tuple[int, str]]:
    """Without comments; an indented line goes on with the line before it."""
    lines: list[tuple[int, str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        line = line.split("#")[0].rstrip()
        if line[:1].isspace() and lines:
            lines[-1] = (lines[-1][0], lines[-1][1] + " " + line.strip())
        elif line:
            lines.append((number, line))
    return lines


def parse_table(text: str) -> list[Rule]:
    """Raises ValueError, with the line, on what it does not understand."""
    words = set(_PACKAGES) | {"std", "posix", "cpu", "any"}
    rules: list[Rule] = []
    for number, line in _logical_lines(text):
        subject, colon, rest = line.partition(":")
        subject = subject.strip()
        if not colon or subject.split("/")[0] not in _OURS:
            raise ValueError(f"{number}: no such subject: {subject}")
        if any(rule.subject == subject for rule in rules):
            raise ValueError(f"{number}: second line for {subject}")
        for word in rest.split():
            bare = word.lstrip("-")
            first = bare.split("/")[0]
            if not (bare in words or first in _OURS or first in _PACKAGES
                    or (word[0] == "-" and re.fullmatch(r"<[\w.]+>", bare))):
                raise ValueError(f"{number}: unknown word: {word}")
        rules.append(Rule(
            subject,
            tuple(w for w in rest.split() if w[0] != "-"),
            tuple(w[1:] for w in rest.split() if w[0] == "-")))
    return rules


def _covers(prefix: str, path: str) -> bool:
    """Whether `path`, without extension, is `prefix` or below it."""
    return path == prefix or path.startswith(prefix + "/")


def _stem(path: str) -> str:
    return re.sub(r"(?:\.pb)?\.\w+$", "", path)


def rule_for(rules: list[Rule], path: str):
    """The rule for a file or a folder: the one with the longest subject."""
    matching = [r for r in rules if _covers(r.subject, _stem(path))]
    return max(matching, key=lambda r: len(r.subject), default=None)


def _package(target: str, in_angles: bool) -> str:
    """The word of the table for a header that is not ours; "" if unknown."""
    for word, pattern in _PACKAGES.items():
        if pattern.match(target):
            return word
    if not in_angles:
        return ""
    if target in _STD:
        return "std"
    if _CPU.fullmatch(target):
        return "cpu"
    if re.fullmatch(r"(?:(?:sys|netinet|arpa|linux|bits)/)?\w+\.h", target):
        return "posix"
    return ""


def _objection(rule: Rule, target: str, in_angles: bool) -> str:
    """Why `rule` does not allow to include `target`; "" if it does."""
    if ".." in target.split("/"):
        return "includes are written from the root of the repository"
    if "any" in rule.allowed:
        return ""
    if target.startswith("trimaran/"):
        target = _PUBLIC_HEADERS + target
    if target.split("/")[0] in _OURS:
        if in_angles and not target.startswith(_PUBLIC_HEADERS):
            return "our own headers are included with quotes"
        stem = _stem(target)
        if any(_covers(word, stem) for word in rule.refused):
            return f"{rule.subject} must not see it"
        if any(_covers(word, stem) for word in (rule.subject, *rule.allowed)):
            return ""
        return f"{rule.subject} may not include it"
    word = _package(target, in_angles)
    if not word:
        return "unknown header; add its package to check_layers.py"
    if f"<{target}>" in rule.refused or any(
            _covers(refused, _stem(target)) for refused in rule.refused):
        return f"{rule.subject} must not see it"
    if word not in rule.allowed:
        return f"{rule.subject} may not include {word}"
    return ""


def check_includes(path: str, text: str, rules: list[Rule]) -> list[Finding]:
    rule = rule_for(rules, path)
    if rule is None:
        return [Finding(path, 1, "this folder is not listed in layers.txt")]
    # Comments are blanked, but the names in quotes are needed: search in the
    # text, at the places where the code has a directive.
    code = code_only(text)
    findings = []
    for match in _INCLUDE.finditer(text):
        if code[match.start():match.end()].strip() == "":
            continue
        target = match.group(1) or match.group(2)
        objection = _objection(rule, target, match.group(1) is not None)
        if objection:
            findings.append(Finding(path, line_of(text, match.start()),
                                    f"#include {target}: {objection}"))
    return findings


_LIBRARY = re.compile(r"\btrimaran_(?:library|proto)\s*\(\s*(\w+)([^)]*)\)")


def check_links(files: dict[str, str], rules: list[Rule]) -> list[Finding]:
    """`files`: path to text of each CMakeLists.txt. A library may link those
    whose folder it may include from."""
    folder_of = {}
    libraries = []
    for path, text in files.items():
        bare = re.sub(r"#[^\n]*", lambda m: " " * len(m.group(0)), text)
        for match in _LIBRARY.finditer(bare):
            folder_of[match.group(1)] = os.path.dirname(path)
            libraries.append((path, line_of(bare, match.start()), match))
    findings = []
    for path, line, match in libraries:
        folder = os.path.dirname(path)
        rule = rule_for(rules, folder)
        if rule is None or "any" in rule.allowed:
            continue
        for name in re.findall(r"\btrimaran(?:::|_)(\w+)", match.group(2)):
            target = folder_of.get(name)
            if target is None:
                reason = "no such library"
            elif target == folder or any(
                    _covers(w, target) or _covers(target, w)
                    for w in rule.allowed):
                continue
            else:
                reason = f"{rule.subject} may not link {target}"
            findings.append(Finding(
                path, line, f"{match.group(1)} links {name}: {reason}"))
    return findings


def check_tree(root: str, rules: list[Rule]) -> list[Finding]:
    findings = []
    cmake_files = {}
    for path in project_files(root):
        if path.split("/")[0] not in _OURS:
            continue
        if is_cpp(path):
            findings += check_includes(path, read(path, root), rules)
        elif os.path.basename(path) == "CMakeLists.txt":
            cmake_files[path] = read(path, root)
    return findings + check_links(cmake_files, rules)


def main() -> int:
    with open(TABLE, encoding="utf-8") as file:
        try:
            rules = parse_table(file.read())
        except ValueError as error:
            print(f"tools/lint/layers.txt:{error}")
            return 1
    findings = check_tree(ROOT, rules)
    for finding in findings:
        print(finding)
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
