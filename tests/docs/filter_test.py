#!/usr/bin/env python3
"""What tools/docs/doxygen_filter.py makes of comments.

usage: filter_test.py <source directory>
"""

import os
import sys
import unittest

sys.path.insert(0, os.path.join(sys.argv.pop(1), "tools", "docs"))
from doxygen_filter import Filter  # noqa: E402


def shown(*lines: str, path: str = "trimaran/db.h") -> list[str]:
    return Filter(path, list(lines)).run().splitlines()[1:]


class FilterTest(unittest.TestCase):
    def test_comment_above_a_declaration_describes_it(self):
        self.assertEqual(shown("  // Closes.", "  Status Close();"),
                         ["  /// Closes.", "  Status Close();"])

    def test_first_comment_with_nothing_below_describes_the_file(self):
        self.assertEqual(shown("// Errors.", "", "// Other.", "", "int a;"),
                         ["/// @file", "/// Errors.", "", "", "int a;"])

    def test_indented_lines_stay_as_they_are(self):
        self.assertEqual(
            shown("  // Reads.", "  //   NotFound   none", "  // Waits.",
                  "  int Get();"),
            ["  /// Reads.", "  /// @code{.unparsed}",
             "  ///   NotFound   none", "  /// @endcode", "  /// Waits.",
             "  int Get();"])

    def test_title_begins_a_group_that_ends_with_the_class(self):
        self.assertEqual(
            shown("  // ---- Reading ----", "", "  int Get();", "};"),
            ["  /// @name Reading", "  /// @{", "", "  int Get();", "///@}", "",
             "};"])

    def test_title_of_two_lines_and_text_behind_it(self):
        self.assertEqual(
            shown("  // ---- Long, and", "  // longer ----", "  // Slow.", "",
                  "  int Get();", " private:"),
            ["  /// @name Long, and longer", "  /// Slow.", "  /// @{", "",
             "  int Get();", "///@}", "", " private:"])

    def test_group_in_c_is_not_ended_by_an_enumeration(self):
        out = shown("// ---- Codes ----", "", "enum {", "  A = 1,", "};",
                    "#ifdef __cplusplus", path="trimaran/c/types.h")
        self.assertLess(out.index("};"), out.index("///@}"))

    def test_marks_of_other_programs_are_no_descriptions(self):
        self.assertEqual(shown("// NOLINTBEGIN(x)", "int a;"),
                         ["// NOLINTBEGIN(x)", "int a;"])

    def test_commands_and_tags_are_escaped_outside_of_backticks(self):
        self.assertEqual(shown("  // <a> @b `<c>`", "  int a;"),
                         ["  /// \\<a\\> \\@b `<c>`", "  int a;"])


if __name__ == "__main__":
    unittest.main()
