"""Shows check_rows each kind of mistake that it is there to find."""

import contextlib
import io
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import check_rows  # noqa: E402

ROWS = """
# a comment
[group]
A1   a behaviour
A2b  another behaviour
G17  pending: something undecided
H24  not built: something else: decided against
TestCourse2AA = A1 A2b
"""

TESTS = """
// Covers: A1, A2b
TEST(GroupTest, BehavesWell) {}
"""


class CheckRowsTest(unittest.TestCase):
    def run_check(self, rows=ROWS, tests=TESTS):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "rows.txt").write_text(rows, encoding="utf-8")
            (root / "deep").mkdir()
            (root / "deep" / "a_test.cc").write_text(tests, encoding="utf-8")
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                status = check_rows.main(
                    ["--rows", str(root / "rows.txt"), "--tests", str(root)]
                )
            return status, output.getvalue()

    def expect_problem(self, text, rows=ROWS, tests=TESTS, expected=1):
        status, output = self.run_check(rows, tests)
        self.assertEqual(status, expected, output)
        self.assertIn(text, output)

    def test_complete_list_passes(self):
        status, output = self.run_check()
        self.assertEqual(status, 0, output)
        self.assertIn("0 problems", output)

    def test_row_without_a_test_fails(self):
        self.expect_problem("row B1 has no test", rows=ROWS + "B1 new\n")

    def test_unknown_row_fails(self):
        self.expect_problem(
            "a_test.cc:2: there is no row Z9",
            tests=TESTS.replace("A2b", "A2b, Z9"),
        )

    def test_course_test_without_a_covered_row_fails(self):
        self.expect_problem(
            "TestOther2AB: row H24 has no test",
            rows=ROWS + "TestOther2AB = H24",
        )
        self.expect_problem(
            "TestOther2AB: there is no row Q1",
            rows=ROWS + "TestOther2AB = Q1",
        )

    def test_course_test_of_a_pending_row_passes(self):
        status, output = self.run_check(rows=ROWS + "TestOther2AB = A1 G17\n")
        self.assertEqual(status, 0, output)
        self.assertIn("(1 pending, 1 decided against)", output)

    def test_unbuilt_row_with_a_test_fails(self):
        self.expect_problem(
            "row H24 is listed as unbuilt",
            tests=TESTS.replace("A2b", "A2b, H24"),
        )

    def test_misspelt_name_fails(self):
        self.expect_problem(
            "not the name of a row: 'A1 A2b'",
            tests=TESTS.replace("A1, A2b", "A1 A2b"),
        )

    def test_covers_line_without_a_test_fails(self):
        self.expect_problem(
            "no test follows",
            tests=TESTS + "// Covers: A1\nint Helper();\nTEST(A, B) {}\n",
        )
        self.expect_problem("no test follows", tests=TESTS + "// Covers: A1\n")

    def test_comment_may_stand_between(self):
        status, output = self.run_check(
            tests="// Covers: A1\n// More.\n// Covers: A2b\nTEST(A, B) {}\n"
        )
        self.assertEqual(status, 0, output)

    def test_malformed_list_fails(self):
        for line in (
            "A1 once more",
            "TestCourse2AA = A1",
            "TestEmpty2AA =",
            "H25 not built: without a reason",
            "nonsense",
        ):
            self.expect_problem("line ", rows=ROWS + line + "\n", expected=2)
        self.expect_problem("empty", rows="# nothing\n", expected=2)


if __name__ == "__main__":
    unittest.main()
