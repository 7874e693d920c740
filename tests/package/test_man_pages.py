"""Manual pages say what the program says of itself, in the form of such pages,
also for subcommands that nobody has thought of yet."""

import gzip
import os
import stat
import sys
import tempfile
import unittest

from scratch import BUILD, ROOT, run

sys.path.insert(0, os.path.join(ROOT, "packaging"))
import man_pages

_FAKE = r"""#!/bin/sh
case "$1" in
  --help) cat <<'END'
usage: trimaran <subcommand> [options]

Does it.

subcommands:
  fly    Rises,
         and stays there.
  swim   Stays in the water.

exit codes:
  0  fine             10 too high
                      130  interrupted
END
  ;;
  *) cat <<'END'
usage: trimaran fly [options] <path>
       trimaran fly --list

Rises.

options:
  --how-high N[,N...]  metres;
                       no more than 10
  --quietly
  --help               this text

.profile and C:\path are shown as they are.

  an example
END
esac
"""


def pages(program):
    with tempfile.TemporaryDirectory() as folder:
        run("python3", "-B", os.path.join(ROOT, "packaging", "man_pages.py"),
            program, "1.2.3", folder)
        found = {}
        for name in os.listdir(folder):
            with gzip.open(os.path.join(folder, name), "rt") as file:
                found[name] = file.read()
        return found


class ManPagesTest(unittest.TestCase):

    def test_there_is_a_page_for_each_subcommand(self):
        found = pages(os.path.join(BUILD, "bin", "trimaran"))
        self.assertLess({"trimaran.1.gz", "trimaran-dump.1.gz",
                         "trimaran-verify.1.gz"}, set(found))
        dump = found["trimaran-dump.1.gz"]
        self.assertIn(".SH OPTIONS\n.TP\n.B \\-\\-what PART,...\n", dump)
        self.assertIn(".TP\n.B 130\ninterrupted\n", dump)
        self.assertIn(".BR trimaran\\-verify (1)", dump)

    def test_tables_and_text_become_what_they_are(self):
        with tempfile.TemporaryDirectory() as folder:
            program = os.path.join(folder, "trimaran")
            with open(program, "w", encoding="utf-8") as file:
                file.write(_FAKE)
            os.chmod(program, stat.S_IRWXU)
            found = pages(program)
        self.assertEqual(set(found), {"trimaran.1.gz", "trimaran-fly.1.gz",
                                      "trimaran-swim.1.gz"})
        fly = found["trimaran-fly.1.gz"]
        self.assertIn('.TH TRIMARAN-FLY 1 "" "trimaran 1.2.3"\n', fly)
        self.assertIn("trimaran\\-fly \\- rises, and stays there\n", fly)
        self.assertIn(".B trimaran fly [options] <path>\n.br\n"
                      ".B trimaran fly \\-\\-list\n", fly)
        self.assertIn(".TP\n.B \\-\\-how\\-high N[,N...]\n"
                      "metres; no more than 10\n"
                      ".TP\n.B \\-\\-quietly\n.TP\n", fly)
        self.assertIn("\n\\&.profile and C:\\epath are shown", fly)
        self.assertIn(".nf\n  an example\n.fi\n", fly)

    def test_exit_codes_are_sorted_from_their_columns(self):
        self.assertEqual(man_pages.codes(
            "  0  fine             10 too high\n"
            "  4  open elsewhere   130  interrupted\n"
            "                      2  wrong"),
            [("0", "fine"), ("2", "wrong"), ("4", "open elsewhere"),
             ("10", "too high"), ("130", "interrupted")])


if __name__ == "__main__":
    unittest.main()
