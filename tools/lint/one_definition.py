"""A name stands for one class. Finds two that share it in one namespace.

No compiler sees both, and a linker keeps the inline functions of one of them
for the objects of the other as well. Twice the same words are one class.
"""

import re
from collections.abc import Iterable

from source_tree import PRODUCTION, Finding, code_only, is_cpp, line_of

_DEFINITION = re.compile(
    r"(?m:^)(?:template\s*<[^>]*>\s*)?(?:class|struct|enum class)\s+(\w+)"
    r"(?:\s+final)?\s*(?::(?!:)[^;{]*)?\{.*?(?m:^)\};", re.DOTALL)
_NAMESPACE = re.compile(r"(?m)^namespace\s*([\w:]*)\s*\{")


def _definitions(text: str) -> Iterable[tuple[str, str, int]]:
    """Name with namespace, words, line: of those that others could see."""
    code = code_only(text)
    spaces = list(_NAMESPACE.finditer(code))
    for match in _DEFINITION.finditer(code):
        around = [s.group(1) for s in spaces if s.start() < match.start()]
        # What a source keeps to itself is in a namespace without a name.
        if around and around[-1]:
            yield (f"{around[-1]}::{match.group(1)}",
                   "".join(match.group(0).split()),
                   line_of(code, match.start()))


def check(files: Iterable[tuple[str, str]]) -> list[Finding]:
    """`files` are paths and what they hold, of the whole tree."""
    first: dict[str, tuple[str, str]] = {}
    findings = []
    for path, text in files:
        if not (is_cpp(path) and path.endswith(".h")
                and path.split("/")[0] in PRODUCTION):
            continue
        for name, words, line in _definitions(text):
            other, others_words = first.setdefault(name, (path, words))
            if other != path and words != others_words:
                findings.append(Finding(
                    path, line, f"{name}: {other} has a class of that name"))
    return findings
