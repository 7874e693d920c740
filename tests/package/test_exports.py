"""What the shared library exports is what the public headers declare, and of
the functions for C none is lost or changed: programs that exist call them."""

import glob
import os
import re
import unittest

from scratch import BUILD, HERE, ROOT, run

_LIBRARY = os.path.join(BUILD, "packaging", "libtrimaran.so")

# Whose members are exported, and which functions beside them.
_CLASSES = ("Admin", "DB", "InProcessNetwork", "KeyRange", "Transaction",
            "WriteBatch")
_FUNCTIONS = ("IsCompacted", "IsCorruption", "IsNewerFormat", "IsNotLeader",
              "IsOutcomeUnknown", "LeaderIdOf", "OutcomeOf",
              "RestoreFromBackup", "RoleName", "ValidateOptions",
              "VerifyDirectory")
_CPP = re.compile(
    rf"trimaran::(?:(?:{'|'.join(_CLASSES)})::(?:~?\w+|operator[^(\w]+)"
    rf"|(?:{'|'.join(_FUNCTIONS)}))"
    r"(?:\[abi:\w+\])?\(.*\)(?: const)?"
    r"|(?:typeinfo|typeinfo name|vtable) for trimaran::(?:Iterator|Watcher)")


def exported():
    """Demangled names, without their versions."""
    names = set()
    for line in run("nm", "-D", "-C", "--defined-only", _LIBRARY).split("\n"):
        found = re.fullmatch(r"[0-9a-f]* *(\w) (.*?)@@(TRIMARAN_[0-9.]+)", line)
        if found:
            names.add(found.group(2))
        elif line and not re.fullmatch(r"[0-9a-f]+ A TRIMARAN_[0-9.]+", line):
            names.add(line)
    return names


def declared():
    """The declarations for C in the headers, each on one line."""
    include = os.path.join(ROOT, "api", "include", "trimaran")
    found = set()
    for path in [os.path.join(include, "version.h"),
                 *glob.glob(os.path.join(include, "c", "*.h"))]:
        with open(path, encoding="utf-8") as file:
            text = re.sub(r"//.*", "", file.read())
        for match in re.finditer(r"^TRIMARAN_EXPORT\s([^;]+;)", text,
                                 re.MULTILINE):
            found.add(" ".join(match.group(1).split()).replace("( ", "("))
    return found


class ExportsTest(unittest.TestCase):

    def test_the_functions_for_c_are_those_of_the_list(self):
        with open(os.path.join(HERE, "c_functions.txt"), encoding="utf-8") as f:
            listed = {line.strip() for line in f if line[0] not in "#\n"}
        found = declared()
        self.assertEqual(listed - found, set(),
                         "gone or changed, which breaks programs")
        self.assertEqual(found - listed, set(), "new: add it to the list")

    def test_what_is_declared_for_c_is_exported(self):
        names = {re.search(r"(\w+)\(", line).group(1) for line in declared()}
        found = {name for name in exported() if name.startswith("trimaran_")}
        self.assertEqual(names, found)

    def test_each_function_for_c_is_called_by_a_test_in_c(self):
        text = ""
        for path in glob.glob(os.path.join(ROOT, "tests", "api", "c", "*.c")):
            with open(path, encoding="utf-8") as file:
                text += file.read()
        found = {n for n in exported() if n.startswith("trimaran_")}
        called = set(re.findall(r"\btrimaran_\w+", text))
        self.assertEqual(found - called, set())

    def test_of_cpp_only_public_classes_and_functions_are_exported(self):
        others = {n for n in exported() if not n.startswith("trimaran_")}
        self.assertEqual({n for n in others if not _CPP.fullmatch(n)}, set())
        for start in ([f"trimaran::{name}::" for name in _CLASSES]
                      + [f"trimaran::{name}(" for name in _FUNCTIONS]):
            self.assertTrue(any(n.startswith(start) for n in others), start)


if __name__ == "__main__":
    unittest.main()
