"""The program as a whole: reads a tree, reports all kinds, sets its result."""

import os
import tempfile
import unittest

import tidy


class TidyTest(unittest.TestCase):

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = folder.name

    def write(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w", encoding="utf-8") as file:
            file.write(text)

    def findings(self):
        return [(f.path, f.line) for f in tidy.check_tree(self.root, [])]

    def test_clean_tree(self):
        self.write("engine/base/a.cc", "int a = 1;\n")
        self.write("README.md", "See README.md.\n")
        self.assertEqual([], self.findings())

    def test_each_lint_is_called(self):
        self.write("engine/base/a.cc", "int idx;\n")                # banned
        self.write("engine/base/b.cc", "\n" + "x" * 81 + "\n")      # lengths
        self.write("engine/base/c.cc", "\n\nint c; \n")             # text
        self.write("tests/d_test.cc", "// TEST(A, B) {\n")          # disabled
        self.write("build/e.cc", "int idx;\n")                      # not ours
        self.assertEqual(
            [("engine/base/a.cc", 1), ("engine/base/b.cc", 2),
             ("engine/base/c.cc", 3), ("tests/d_test.cc", 1)],
            self.findings())


if __name__ == "__main__":
    unittest.main()
