"""Names and calls that this project does not use, each with what to use."""

import re
from typing import NamedTuple

from source_tree import Finding, code_only, is_cpp, line_of

# Nothing that a regular expression for a call should follow: a longer name, or
# a member of an object.
_CALL = r"(?<![\w.])(?<!->)(?<!~)"


class Rule(NamedTuple):
    pattern: str
    message: str
    # Folders or files that the rule is about; and the one place that implements
    # what the rest of the code must use.
    where: tuple[str, ...] = ("",)
    home: tuple[str, ...] = ()


_LIBRARY = ("engine/", "replication/", "api/include/", "api/src/", "api/c/")
_DETERMINISTIC = ("engine/", "replication/", "tests/")

RULES = (
    Rule(_CALL + r"assert\s*\(", "assert() is off in release; "
         "use TRIMARAN_CHECK"),
    Rule(_CALL + r"(?:abort|exit|_exit|_Exit|quick_exit|terminate)\s*\(",
         "a library does not end the process; return a Status, or "
         "TRIMARAN_CHECK for a programmer's error", _LIBRARY,
         ("engine/base/check.cc", "engine/base/fault_point.cc")),
    Rule(r"\bstd::(?:cout|cerr|clog)\b", "a library does not print; "
         "use engine/base/logging.h", _LIBRARY),
    Rule(_CALL + r"(?:v?f?printf|f?puts)\s*\(|\babsl::F?PrintF\b",
         "a library does not print; use engine/base/logging.h", _LIBRARY),
    Rule(_CALL + r"v?sn?printf\s*\(",
         "use absl::StrFormat or absl::StrCat"),
    Rule(_CALL + r"(?:strcpy|strcat|strtok|gets)\s*\(",
         "unbounded; use std::string and std::string_view"),
    Rule(_CALL + r"(?:ato[ifl]|atoll)\s*\(", "hides errors; "
         "use absl::SimpleAtoi or std::from_chars"),
    Rule(_CALL + r"s?rand\s*\(|\bstd::(?:random_device|mt19937(?:_64)?|"
         r"default_random_engine)\b", "randomness is injected; "
         "take a trimaran::Random", _DETERMINISTIC + ("api/",),
         ("engine/base/random.cc", "engine/base/random.h")),
    Rule(_CALL + r"(?:time|gettimeofday|clock_gettime)\s*\(|\babsl::Now\b",
         "time is injected; take a trimaran::Clock",
         _DETERMINISTIC + ("api/",),
         ("engine/base/clock.cc", "engine/base/logging.cc")),
    Rule(r"\bsystem_clock\b", "wall-clock time jumps; take a trimaran::Clock",
         home=("engine/base/clock.cc", "engine/base/logging.cc",
               "engine/base/mutex.h")),
    Rule(r"\b(?:steady_clock|high_resolution_clock)\b",
         "time is injected; take a trimaran::Clock", _DETERMINISTIC,
         ("engine/base/clock.cc",)),
    Rule(_CALL + r"(?:sleep|usleep|nanosleep)\s*\(|\bsleep_(?:for|until)\b|"
         r"\babsl::SleepFor\b", "nothing waits by sleeping; "
         "wait for the event, or advance a test clock", _DETERMINISTIC),
    Rule(r"\bstd::endl\b", "flushes each line; use '\\n'"),
    Rule(r"(?m)^using\s+namespace\b", "name what is used"),
    Rule(r"(?<!asm )(?<!asm__ )\bvolatile\b", "is no synchronization; "
         "use std::atomic"),
    Rule(r"\bNULL\b", "use nullptr"),
    Rule(r"\bthrow\b", "errors are values; return a Status", _LIBRARY),
    Rule(r"\bgoto\b", "use a function or a loop"),
    Rule(r"\bstd::(?:recursive_|shared_|timed_)?mutex\b|\babsl::Mutex\b",
         "use engine/base/mutex.h, which both clang's thread-safety analysis "
         "and ThreadSanitizer understand", _LIBRARY, ("engine/base/mutex.h",)),
    Rule(r"\.detach\s*\(\s*\)", "every thread is joined by its owner"),
    Rule(r"\bfriend\s+(?:class|struct)\b", "widens the class for one caller; "
         "add a public accessor, or move the code"),
    Rule(r"\b(?:idx|cfg|mgr)_?\b", "abbreviation; say index, config, or what "
         "the manager does"),
    Rule(r"(?m)^\s*#\s*pragma\s+once\b", "use a guard named after the path"),
    Rule(r"(?m)^\s*#\s*if\s+(?:0|false)\b", "dead code; delete it"),
)


def _applies(rule: Rule, path: str) -> bool:
    return path.startswith(rule.where) and path not in rule.home


def _check_guard(path: str, code: str) -> list[Finding]:
    guard = "TRIMARAN_" + re.sub(r"[^A-Z0-9]", "_", path.upper()) + "_"
    # The public headers are included as <trimaran/...>; so is their guard.
    guard = guard.replace("TRIMARAN_API_INCLUDE_TRIMARAN_", "TRIMARAN_")
    if re.search(rf"#ifndef {guard}\n#define {guard}\n", code):
        return []
    return [Finding(path, 1, f"the include guard must be {guard}")]


def check(path: str, text: str) -> list[Finding]:
    if not is_cpp(path):
        return []
    code = code_only(text)
    findings = []
    for rule in RULES:
        if not _applies(rule, path):
            continue
        for match in re.finditer(rule.pattern, code):
            start = match.start() + len(match.group(0)) - len(
                match.group(0).lstrip())
            findings.append(Finding(
                path, line_of(code, start),
                f"{match.group(0).strip()}: {rule.message}"))
    if path.endswith(".h") and not path.endswith(".pb.h"):
        findings += _check_guard(path, code)
    return findings
