"""The lexer: what is code, what is comment, and what is neither."""

import unittest

from source_tree import code_only, comments_only, without_preprocessor


class CodeOnlyTest(unittest.TestCase):

    def test_keeps_length_and_lines(self):
        text = 'int a;  // one\n/* two\nthree */ int b = f("x\\"y");\n'
        code = code_only(text)
        self.assertEqual(len(text), len(code))
        self.assertEqual(text.count("\n"), code.count("\n"))

    def test_blanks_comments_and_literals(self):
        code = code_only('f("abort()"); // exit()\n/* rand() */ g(\'{\');')
        for word in ("abort", "exit", "rand", "{"):
            self.assertNotIn(word, code)
        self.assertIn("f(", code)
        self.assertIn("g(", code)

    def test_comment_marks_inside_a_string_are_no_comment(self):
        self.assertIn("after", code_only('f("http://x/*"); after();'))

    def test_raw_strings_end_at_their_mark(self):
        code = code_only('f(R"x(quote " and )" brace {)x"); after();')
        self.assertNotIn("brace", code)
        self.assertIn("after", code)

    def test_digit_separators_are_not_quotes(self):
        self.assertIn("after", code_only("int a = 1'000; after(); // it's"))

    def test_comments_only_is_the_rest(self):
        text = 'f("// no"); // yes\n'
        self.assertEqual("// yes", comments_only(text).strip())


class WithoutPreprocessorTest(unittest.TestCase):

    def test_macros_vanish_with_their_continuation(self):
        code = without_preprocessor("#define A { \\\n  {\nint b;\n")
        self.assertNotIn("{", code)
        self.assertIn("int b;", code)

    def test_only_the_first_branch_stays(self):
        code = without_preprocessor(
            "#if A\nfirst {\n#else\n#if B\nsecond {\n#endif\n#endif\n}\nlast\n")
        self.assertIn("first", code)
        self.assertNotIn("second", code)
        self.assertIn("last", code)


if __name__ == "__main__":
    unittest.main()
