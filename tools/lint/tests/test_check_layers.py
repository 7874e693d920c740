"""The table is understood, and a step against it is reported."""

import os
import tempfile
import unittest

import check_layers

RULES = check_layers.parse_table(
    "# floors\n"
    "engine/base: std absl\n"
    "engine/wt:   std engine/base\n"
    "             wiredtiger   # goes on\n"
    "engine/maintenance: std engine/base engine/wt\n"
    "engine/maintenance/policy: std engine/base\n"
    "engine/engine: std engine\n"
    "replication/raft: std absl engine/base -<thread> -absl/time "
    "-engine/base/clock\n"
    "api/include: std absl\n"
    "tests: any\n")


def messages(path, *includes):
    text = "\n".join("#include " + include for include in includes) + "\n"
    return [str(f) for f in check_layers.check_includes(path, text, RULES)]


class IncludeTest(unittest.TestCase):

    def assert_refused(self, path, include, reason):
        found = messages(path, "<vector>", include)
        self.assertEqual(1, len(found), (include, found))
        self.assertTrue(found[0].startswith(path + ":2: "), found)
        self.assertIn(reason, found[0])

    def test_allowed(self):
        self.assertEqual([], messages(
            "replication/raft/raft.cc", "<vector>", '"engine/base/ids.h"',
            '"replication/raft/raft.h"', '"absl/types/span.h"'))
        self.assertEqual([], messages("engine/wt/a.cc", "<wiredtiger.h>"))
        self.assertEqual([], messages("engine/engine.cc", '"engine/wt/a.h"',
                                      '"engine/engine.h"'))
        self.assertEqual([], messages("tests/a.cc", "<gtest/gtest.h>",
                                      '"engine/wt/a.h"', "<thread>"))

    def test_upwards_and_sideways(self):
        self.assert_refused("engine/base/a.h", '"engine/wt/a.h"', "may not")
        self.assert_refused("engine/base/a.h", '"replication/raft/raft.h"',
                            "may not")
        self.assert_refused("replication/raft/a.cc", '"engine/wt/a.h"',
                            "may not")
        self.assert_refused("engine/base/a.h", '"tests/support/a.h"',
                            "may not")

    def test_packages(self):
        self.assert_refused("engine/base/a.h", "<wiredtiger.h>",
                            "may not include wiredtiger")
        self.assert_refused("engine/wt/a.h", '"absl/status/status.h"',
                            "may not include absl")
        self.assert_refused("engine/wt/a.h", "<unistd.h>",
                            "may not include posix")
        self.assert_refused("engine/wt/a.h", "<boost/any.hpp>", "unknown")

    def test_exclusions_are_stronger_than_the_wider_word(self):
        for include in ("<thread>", '"absl/time/time.h"',
                        '"engine/base/clock.h"'):
            self.assert_refused("replication/raft/a.cc", include,
                                "must not see it")

    def test_a_file_may_be_stricter_than_its_folder(self):
        self.assertEqual([], messages("engine/maintenance/compactor.cc",
                                      '"engine/wt/a.h"'))
        self.assertEqual([], messages("engine/maintenance/policy.cc",
                                      '"engine/maintenance/policy.h"'))
        self.assert_refused("engine/maintenance/policy.cc",
                            '"engine/maintenance/compactor.h"', "may not")

    def test_spelling(self):
        self.assert_refused("engine/base/a.h", '"../wt/a.h"', "root")
        self.assert_refused("engine/base/a.h", "<engine/base/b.h>", "quotes")

    def test_public_headers_have_their_short_name(self):
        self.assertEqual([], messages("api/include/trimaran/db.h",
                                      '"trimaran/options.h"'))
        self.assert_refused("engine/base/a.h", '"trimaran/db.h"', "may not")

    def test_comments_are_no_includes(self):
        text = '// #include <thread>\n/*\n#include <thread>\n*/\n'
        self.assertEqual([], check_layers.check_includes(
            "replication/raft/a.cc", text, RULES))

    def test_unlisted_folder(self):
        self.assertEqual(
            ["engine/news/a.cc:1: this folder is not listed in layers.txt"],
            messages("engine/news/a.cc", "<vector>"))


class TableTest(unittest.TestCase):

    def test_errors_name_the_line(self):
        for table, message in (("\nengine: std wat\n", "2: unknown word: wat"),
                               ("other: std\n", "1: no such subject: other"),
                               ("tests: any\ntests: std\n", "2: second line")):
            with self.assertRaisesRegex(ValueError, message):
                check_layers.parse_table(table)

    def test_the_real_table_is_valid_and_keeps_the_order(self):
        with open(check_layers.TABLE, encoding="utf-8") as file:
            rules = check_layers.parse_table(file.read())
        floors = ("engine", "replication", "api")
        for rule in rules:
            top = rule.subject.split("/")[0]
            if top not in floors:
                continue
            higher = floors[floors.index(top) + 1:]
            for word in rule.allowed:
                self.assertNotIn(word.split("/")[0], higher, rule.subject)
                self.assertNotEqual("any", word, rule.subject)


class LinkTest(unittest.TestCase):

    def links(self, **files):
        return [str(f) for f in check_layers.check_links(
            {name.replace("_", "/") + "/CMakeLists.txt": text
             for name, text in files.items()}, RULES)]

    BASE = "trimaran_library(base SOURCES a.cc PUBLIC absl::status)\n"

    def test_downwards(self):
        self.assertEqual([], self.links(
            engine_base=self.BASE,
            replication_raft="trimaran_library(raft SOURCES a.cc\n"
            "  PUBLIC trimaran::base)\n"))

    def test_upwards(self):
        self.assertEqual(
            ["engine/base/CMakeLists.txt:2: base links raft: engine/base may "
             "not link replication/raft"],
            self.links(
                engine_base="\ntrimaran_library(base SOURCES a.cc\n"
                "  PRIVATE trimaran_raft)\n",
                replication_raft="trimaran_library(raft SOURCES a.cc)\n"))

    def test_library_of_messages(self):
        messages = "trimaran_proto(messages SOURCES a.proto)\n"
        self.assertEqual([], self.links(
            engine_wt=messages,
            engine_maintenance="trimaran_library(gc "
            "PRIVATE trimaran::messages)\n"))
        self.assertIn("may not link engine/wt", self.links(
            engine_wt=messages,
            engine_base="trimaran_library(base PRIVATE "
            "trimaran::messages)\n")[0])

    def test_unknown_library(self):
        self.assertIn("no such library", self.links(
            engine_base="trimaran_library(base PRIVATE trimaran::nope)\n")[0])


class TreeTest(unittest.TestCase):

    def test_reads_the_tree_but_not_the_builds(self):
        with tempfile.TemporaryDirectory() as root:
            for path in ("engine/base/a.h", "build/engine/base/a.h"):
                full = os.path.join(root, path)
                os.makedirs(os.path.dirname(full))
                with open(full, "w", encoding="utf-8") as file:
                    file.write('#include "engine/wt/a.h"\n')
            self.assertEqual(
                ["engine/base/a.h"],
                [f.path for f in check_layers.check_tree(root, RULES)])


if __name__ == "__main__":
    unittest.main()
