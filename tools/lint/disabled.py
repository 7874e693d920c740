"""A test runs, or it is deleted. Finds tests that are switched off."""

import os
import re

from source_tree import Finding, code_only, comments_only, is_cpp, line_of

_IN_CODE = (
    (r"\bDISABLED_\w*", "a disabled test"),
    (r"\bGTEST_SKIP\s*\(\s*\)(?!\s*<<)", "a skipped test must say why: "
     "GTEST_SKIP() << reason"),
)
_IN_COMMENTS = (
    (r"(?m)^[ \t]*(?://|/?\*)[ \t]*((?:TYPED_)?TEST(?:_[FP])?"
     r"|INSTANTIATE_TEST_SUITE_P|BENCHMARK)\s*\(", "a test in a comment"),
)
_IN_CMAKE = (
    (r"(?m)^[ \t]*#[ \t]*((?:add|trimaran)_(?:test|fuzzer))\s*\(",
     "a test in a comment"),
    (r"(?m)^[^#\n]*\b(DISABLED\s+(?:TRUE|ON|1|YES))\b", "a disabled test"),
)


def _search(path: str, text: str, patterns) -> list[Finding]:
    findings = []
    for pattern, message in patterns:
        for match in re.finditer(pattern, text):
            group = 1 if match.re.groups else 0
            findings.append(Finding(path, line_of(text, match.start(group)),
                                    f"{match.group(group)}: {message}"))
    return findings


def check(path: str, text: str) -> list[Finding]:
    if is_cpp(path):
        return (_search(path, code_only(text), _IN_CODE) +
                _search(path, comments_only(text), _IN_COMMENTS))
    # Not in tools/cmake, where comments explain how to write a test.
    if os.path.basename(path) == "CMakeLists.txt":
        return _search(path, text, _IN_CMAKE)
    return []
