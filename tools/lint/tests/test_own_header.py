"""The header of a source's name comes first, where there is one."""

import unittest

import own_header

_FILES = frozenset({"engine/a.h", "engine/a.cc", "engine/b.cc", "tests/c.h",
                    "tools/d.h"})


def messages(path, text):
    return [str(finding) for finding in own_header.check(path, text, _FILES)]


class OwnHeaderTest(unittest.TestCase):

    def test_first_is_fine(self):
        self.assertEqual([], messages(
            "engine/a.cc", '// Of it.\n\n#include "engine/a.h"\n'))

    def test_behind_another_or_missing(self):
        message = "the first include is not engine/a.h"
        self.assertEqual([f"engine/a.cc:2: {message}"], messages(
            "engine/a.cc", '\n#include <map>\n#include "engine/a.h"\n'))
        self.assertEqual([f"engine/a.cc:1: {message}"],
                         messages("engine/a.cc", "int a;\n"))
        self.assertEqual(["tools/d.cc:1: the first include is not tools/d.h"],
                         messages("tools/d.cc", "#include <map>\n"))

    def test_others_are_free(self):
        self.assertEqual([], messages("engine/b.cc", "#include <map>\n"))
        self.assertEqual([], messages("tests/c.cc", "#include <map>\n"))
        self.assertEqual([], messages("engine/a.h", "#include <map>\n"))


if __name__ == "__main__":
    unittest.main()
