"""A source includes the header of its name before anything else. Whoever
compiles it learns whether the header brings what it needs; the build makes no
other check of such a header (TrimaranLibrary.cmake)."""

import os
import re

from source_tree import Finding, is_shipped

_INCLUDE = re.compile(r'^#include ["<]([^">]+)[">]', re.MULTILINE)


def check(path: str, text: str, files: frozenset[str]) -> list[Finding]:
    """`files` are all of the project."""
    stem, extension = os.path.splitext(path)
    header = stem + ".h"
    if extension != ".cc" or not is_shipped(path) or header not in files:
        return []
    first = _INCLUDE.search(text)
    if first is not None and first.group(1) == header:
        return []
    line = 1 if first is None else text.count("\n", 0, first.start()) + 1
    return [Finding(path, line, f"the first include is not {header}")]
