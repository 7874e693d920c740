"""Reading many sources as one hides no finding in any of them."""

import contextlib
import io
import json
import os
import shutil
import tempfile
import unittest

import clang_tidy
from source_tree import ROOT

_HEADER = "#ifndef {0}\n#define {0}\n{1}\n#endif\n"
_CLEAN = {
    "engine/log/a.h": _HEADER.format("A_H_", "int One();"),
    "engine/log/a.cc": '#include "engine/log/a.h"\n'
                       "namespace {\nconst int kMagic = 1;\n}\n"
                       "int One() { return kMagic; }\n",
    "engine/log/b.h": _HEADER.format("B_H_", "int Two();"),
    "engine/log/b.cc": '#include "engine/log/b.h"\nint Two() { return 2; }\n',
}
_NULL = "int Two() {\n  const int* place = nullptr;\n  return *place;\n}\n"


class UnitsTest(unittest.TestCase):

    def entry(self, path, flags="-O1"):
        return {"directory": "/r/build", "file": f"/r/{path}",
                "command": f"ccache c++ {flags} -o x.o -MF x.d -c /r/{path}"}

    def test_a_folder_is_a_unit_and_flags_divide_it(self):
        found = clang_tidy.units(
            [self.entry("engine/a.cc"), self.entry("engine/b.cc"),
             self.entry("engine/c.cc", "-O1 -DX"), self.entry("tests/t.cc"),
             self.entry("tools/serve/s.cc"),
             self.entry("api/examples/example.c")],
            root="/r")
        self.assertEqual([("/r/engine/a.cc", "/r/engine/b.cc"),
                          ("/r/engine/c.cc",), ("/r/tools/serve/s.cc",)],
                         [u.sources for u in found])
        self.assertEqual([("-O1",), ("-O1", "-DX"), ("-O1",)],
                         [u.flags for u in found])


@unittest.skipUnless(shutil.which("clang-tidy-14"), "clang-tidy-14 is missing")
class CheckTreeTest(unittest.TestCase):

    def check(self, deep=False, **changes):
        """Whether a tree passes, and what is said about it. `changes`: text of
        a file of engine/log by its name, with _ for the dot."""
        files = dict(_CLEAN)
        for name, text in changes.items():
            files["engine/log/" + name.replace("_", ".")] = text
        with tempfile.TemporaryDirectory() as root:
            shutil.copy(os.path.join(ROOT, ".clang-tidy"), root)
            for path, text in files.items():
                os.makedirs(os.path.dirname(f"{root}/{path}"), exist_ok=True)
                with open(f"{root}/{path}", "w", encoding="utf-8") as file:
                    file.write(text)
            os.mkdir(f"{root}/build")
            with open(f"{root}/build/compile_commands.json", "w",
                      encoding="utf-8") as file:
                json.dump([{"directory": root, "file": f"{root}/{path}",
                            "command":
                                f"c++ -std=c++20 -I{root} -c {root}/{path}"}
                           for path in files if path.endswith(".cc")], file)
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                passed = clang_tidy.check_tree(f"{root}/build", root, deep)
            return passed, said.getvalue()

    def expect(self, check, path, **changes):
        passed, said = self.check(**changes)
        self.assertFalse(passed, said)
        self.assertRegex(said, rf"{path}:\d+:\d+: error: .*\[{check}")

    def test_a_clean_tree_passes(self):
        passed, said = self.check()
        self.assertTrue(passed, said)

    def test_finds_what_is_wrong_in_any_source(self):
        for name in ("a", "b"):
            self.expect("readability-identifier-naming", f"{name}.cc",
                        **{f"{name}_cc": "int One() {\n  int X = 1;\n"
                                         "  return X;\n}\n"})

    def test_finds_what_is_wrong_in_a_header(self):
        self.expect("modernize-use-using", "b.h", b_h=_HEADER.format(
            "B_H_", "typedef int Number;\nint Two();"))

    def test_the_analyzer_follows_paths_through_any_source(self):
        for deep in (False, True):
            self.expect("clang-analyzer-core.NullDereference", "b.cc",
                        deep=deep, b_cc=_NULL)

    def test_a_name_of_two_sources_hides_neither(self):
        self.expect("clang-analyzer-core.NullDereference", "b.cc",
                    b_cc="namespace {\nconst long kMagic = 2;\n}\n"
                         "long Magic() { return kMagic; }\n" + _NULL)

    def test_a_source_brings_its_own_includes(self):
        self.expect("clang-diagnostic-error", "b.cc",
                    b_cc='#include "engine/log/b.h"\n'
                         "int Two() { return One() + 1; }\n")

    def test_a_using_that_only_another_source_uses_is_unused(self):
        self.expect("misc-unused-using-decls", "a.cc",
                    a_h=_HEADER.format("A_H_",
                                       "namespace n {\nstruct S {};\n}"),
                    a_cc='#include "engine/log/a.h"\nusing n::S;\n',
                    b_cc='#include "engine/log/a.h"\nS Make() { return {}; }\n')

    def test_finds_an_included_source(self):
        self.expect("bugprone-suspicious-include", "b.cc",
                    b_cc='#include "engine/log/a.cc"\n')


if __name__ == "__main__":
    unittest.main()
