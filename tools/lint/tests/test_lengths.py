"""The caps: one line below passes, one line above is reported."""

import unittest

import lengths


def messages(path, text):
    return [str(finding) for finding in lengths.check(path, text)]


def function_of(lines):
    return "void Long() {\n" + "  f();\n" * (lines - 2) + "}\n"


class LengthsTest(unittest.TestCase):

    def test_function(self):
        self.assertEqual([], messages("engine/a.cc", function_of(70)))
        self.assertEqual(
            ["engine/a.cc:1: function Long has 71 lines; the cap is 70"],
            messages("engine/a.cc", function_of(71)))

    def test_method_of_a_class(self):
        text = "class C {\n" + function_of(71) + "};\n"
        self.assertEqual(
            ["engine/a.h:2: function Long has 71 lines; the cap is 70"],
            messages("engine/a.h", text))

    def test_files(self):
        for path, cap in (("engine/a.cc", 500), ("engine/a.h", 250),
                          ("tests/a_test.cc", 800)):
            self.assertEqual([], messages(path, "int a;\n" * cap))
            self.assertEqual(
                [f"{path}:1: {cap + 1} lines; the cap for this kind of file "
                 f"is {cap}"], messages(path, "int a;\n" * (cap + 1)))

    def test_columns(self):
        self.assertEqual([], messages("a.cc", "x" * 80 + "\n"))
        self.assertEqual(["a.cc:2: 81 columns; the cap is 80"],
                         messages("a.cc", "\n" + "x" * 81 + "\n"))
        self.assertEqual(["a.py:1: 81 columns; the cap is 80"],
                         messages("a.py", "x" * 81 + "\n"))

    def test_columns_count_characters_and_spare_addresses(self):
        self.assertEqual([], messages("a.cc", "// " + "§" * 77 + "\n"))
        self.assertEqual([], messages("a.cc", "// https://" + "x" * 99 + "\n"))

    def test_fields(self):
        def with_fields(count):
            return "class C {\n" + "  int a_;\n" * count + "};\n"
        self.assertEqual([], messages("engine/a.h", with_fields(20)))
        self.assertEqual(
            ["engine/a.h:1: class C has 21 data members; the cap is 20"],
            messages("engine/a.h", with_fields(21)))


if __name__ == "__main__":
    unittest.main()
