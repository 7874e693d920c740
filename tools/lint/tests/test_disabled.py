"""Tests that were switched off are found; tests that run are not."""

import unittest

import disabled


def messages(path, text):
    return [str(finding) for finding in disabled.check(path, text)]


class DisabledTest(unittest.TestCase):

    def test_each_way_to_switch_a_test_off(self):
        for path, line in (
                ("tests/a_test.cc", "TEST(A, DISABLED_B) {"),
                ("tests/a_test.cc", "GTEST_SKIP();"),
                ("tests/a_test.cc", "// TEST(A, B) {"),
                ("tests/a_test.cc", "  //TEST_F(A, B) {"),
                ("tests/a_test.cc", "/* TEST_P(A, B) {"),
                ("tests/CMakeLists.txt", "# add_test(NAME a COMMAND a)"),
                ("tests/CMakeLists.txt", "  #trimaran_test(a"),
                ("tests/CMakeLists.txt",
                 "set_tests_properties(a PROPERTIES DISABLED TRUE)")):
            with self.subTest(line=line):
                found = messages(path, "\n" + line + "\n")
                self.assertEqual(1, len(found), found)
                self.assertTrue(found[0].startswith(path + ":2: "), found)

    def test_what_runs_passes(self):
        self.assertEqual([], messages(
            "tests/a_test.cc",
            "// The TEST(s) below tell a story.\nTEST(A, B) {\n"
            '  GTEST_SKIP() << "no directory was given";\n}\n'))
        self.assertEqual([], messages(
            "tests/CMakeLists.txt",
            "# One program per folder.\ntrimaran_test(a_test LABELS unit)\n"))


if __name__ == "__main__":
    unittest.main()
