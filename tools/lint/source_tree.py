"""What all lints share: the files of the project, and C++ without its text."""

import os
import re
from typing import Iterator, NamedTuple

ROOT = os.path.normpath(os.path.join(os.path.dirname(__file__), "..", ".."))

# The folders whose code ends up in a user's program.
PRODUCTION = ("engine", "replication", "api")
# What users run: the libraries, and the program.
SHIPPED = (*PRODUCTION, "tools")

_SKIPPED_FOLDERS = {"build", "__pycache__"}


class Finding(NamedTuple):
    path: str
    line: int
    message: str

    def __str__(self):
        return f"{self.path}:{self.line}: {self.message}"


def project_files(root: str = ROOT) -> Iterator[str]:
    """Paths relative to the root, in a fixed order."""
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(
            name for name in folders
            if name not in _SKIPPED_FOLDERS
            and (not name.startswith(".") or name == ".ci"))
        for name in sorted(files):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield os.path.relpath(path, root)


def read(path: str, root: str = ROOT) -> str:
    with open(os.path.join(root, path), encoding="utf-8", newline="") as file:
        return file.read()


def is_cpp(path: str) -> bool:
    return path.endswith((".cc", ".h"))


def is_cmake(path: str) -> bool:
    return path.endswith(".cmake") or os.path.basename(path) == "CMakeLists.txt"


def is_shipped(path: str) -> bool:
    return path.split("/")[0] in SHIPPED


def line_of(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


# One alternative per kind of text that is not code, in the order in which they
# must be tried. A quote after a digit separates digits (1'000).
_TEXT = re.compile(
    r"""(?P<line>//(?:[^\n\\]|\\.|\\\n)*)
      | (?P<block>/\*.*?(?:\*/|\Z))
      | (?P<raw>R"(?P<mark>[^()\s\\"]{0,16})\(.*?(?:\)(?P=mark)"|\Z))
      | (?P<string>"(?:[^"\\\n]|\\.)*(?:"|(?=\n)|\Z))
      | (?P<char>(?<![0-9A-Za-z_])'(?:[^'\\\n]|\\.)*(?:'|(?=\n)|\Z))
    """, re.VERBOSE | re.DOTALL)


def _blank(text: str) -> str:
    return re.sub(r"[^\n]", " ", text)


def code_only(text: str) -> str:
    """Comments become blanks and literals become empty: "  ". Same length."""

    def replace(match: re.Match) -> str:
        found = match.group(0)
        if match.lastgroup in ("line", "block"):
            return _blank(found)
        if len(found) < 2:
            return found
        return found[0] + _blank(found[1:-1]) + found[-1]

    return _TEXT.sub(replace, text)


def comments_only(text: str) -> str:
    """Everything but the comments becomes blank. Same length."""
    result = []
    end = 0
    for match in _TEXT.finditer(text):
        result.append(_blank(text[end:match.start()]))
        is_comment = match.lastgroup in ("line", "block")
        found = match.group(0)
        result.append(found if is_comment else _blank(found))
        end = match.end()
    result.append(_blank(text[end:]))
    return "".join(result)


def without_preprocessor(code: str) -> str:
    """Directives, and all branches of an #if but the first, become blanks."""
    result = []
    dead_depth = 0  # Open #ifs inside a branch that is left out; 0: not in one.
    in_directive = False
    for line in code.split("\n"):
        starts = re.match(r"\s*#\s*(\w+)", line)
        if not in_directive and starts:
            word = starts.group(1)
            if dead_depth > 0:
                dead_depth += word in ("if", "ifdef", "ifndef")
                dead_depth -= word == "endif"
            elif word in ("else", "elif"):
                dead_depth = 1
            in_directive = True
        keep = not in_directive and dead_depth == 0
        result.append(line if keep else " " * len(line))
        if in_directive and not line.endswith("\\"):
            in_directive = False
    return "\n".join(result)
