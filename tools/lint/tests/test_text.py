"""White space, left-over marks and references into nowhere."""

import unittest

import text as text_lint


def messages(path, text, documents=frozenset({"README.md"})):
    return [str(f) for f in text_lint.check(path, text, documents)]


class TextTest(unittest.TestCase):

    def test_white_space(self):
        for text, expected in (
                ("a \n", "a.md:1: space at the end of a line"),
                ("\na\tb\n", "a.md:2: tab"),
                ("a\r\n", "a.md:1: carriage return"),
                ("a\nb", "a.md:2: no newline at the end"),
                ("a\n\n", "a.md:2: empty line at the end")):
            with self.subTest(text=text):
                self.assertEqual([expected], messages("a.md", text))
        self.assertEqual([], messages("a.md", "a\n\nb\n"))
        self.assertEqual([], messages("Makefile", "a:\n\tb\n"))

    def test_marks(self):
        for line in ("// FIXME: x", "// XXX", "# HACK", "// TODO: later",
                     "// TODO() later"):
            with self.subTest(line=line):
                found = messages("engine/a.cc", "\n" + line + "\n")
                self.assertEqual(1, len(found), found)
                self.assertTrue(found[0].startswith("engine/a.cc:2: "))
        self.assertEqual([], messages(
            "engine/a.cc", "// TODO(when g++ 13 is the minimum): <format>\n"))

    def test_places_that_a_reader_does_not_have(self):
        for line in ("see /home/me/notes", "in /root/x",
                     "see NOWHERE.md"):
            with self.subTest(line=line):
                found = messages("a.md", line + "\n")
                self.assertEqual(1, len(found), found)
                self.assertTrue(found[0].startswith("a.md:1: "))
        self.assertEqual([], messages(
            "a.md", "README.md, network/frames and shared/exclusive locks\n"))

    def test_other_files_are_left_alone(self):
        self.assertEqual([], messages("tests/data/image.bin", "a \t"))


if __name__ == "__main__":
    unittest.main()
