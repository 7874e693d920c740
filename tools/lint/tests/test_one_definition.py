"""Two classes of one name are found; names that may be the same are not."""

import unittest

import one_definition

BOARD = "namespace trimaran {\n\nclass Board final : public Wall {\n};\n\n}\n"


def messages(*files):
    return [str(finding) for finding in one_definition.check(files)]


class OneDefinitionTest(unittest.TestCase):

    def test_same_name_in_two_headers(self):
        self.assertEqual(
            ["replication/b/board.h:3: trimaran::Board: "
             "engine/a/board.h has a class of that name"],
            messages(("engine/a/board.h", BOARD),
                     ("replication/b/board.h",
                      BOARD.replace("Wall", "Shelf"))))

    def test_templates_and_structs_count(self):
        self.assertEqual(1, len(messages(
            ("engine/a.h", "namespace t {\ntemplate <typename T>\n"
                           "struct Pair {\n};\n}\n"),
            ("engine/b.h", "namespace t {\nstruct Pair {\n  int a;\n};\n}\n"
             ))))

    def test_same_words_are_one_class(self):
        self.assertEqual([], messages(
            ("engine/a.h", BOARD),
            ("engine/b.h", BOARD.replace("{\n}", "{\n  // Empty.\n}"))))

    def test_what_may_share_a_name(self):
        for other in (
                BOARD.replace("trimaran", "trimaran::wire"),
                "namespace trimaran {\nclass Board;\n}\n",
                "namespace trimaran {\nclass Board::Nail final : A {\n};\n}\n",
                "namespace trimaran {\nclass Outer {\n  struct Board {\n  };\n"
                "};\n}\n",
                "namespace trimaran {\nnamespace {\nclass Board {\n};\n}\n}\n",
        ):
            with self.subTest(other=other):
                self.assertEqual([], messages(("engine/a.h", BOARD),
                                              ("engine/b.h", other)))

    def test_tests_and_sources_are_their_own_business(self):
        self.assertEqual([], messages(("engine/a.h", BOARD),
                                      ("tests/b.h", BOARD),
                                      ("engine/b.cc", BOARD)))


if __name__ == "__main__":
    unittest.main()
