"""The build itself refuses a header that does not stand alone."""

import os
import subprocess
import tempfile
import unittest

from source_tree import ROOT

_PROJECT = """
cmake_minimum_required(VERSION 3.22)
project(sample LANGUAGES CXX)
set(CMAKE_CXX_STANDARD 20)
set(TRIMARAN_HEADER_CHECK ON)
list(APPEND CMAKE_MODULE_PATH "@ROOT@/tools/cmake")
include(Warnings)
include(TrimaranLibrary)
trimaran_library(good HEADERS good.h)
trimaran_library(lazy HEADERS lazy.h)
trimaran_library(unguarded HEADERS unguarded.h)
trimaran_library(paired HEADERS engine/paired.h)
trimaran_finish()
"""
_FILES = {
    "CMakeLists.txt": _PROJECT.replace("@ROOT@", ROOT),
    "good.h": "#ifndef GOOD_H_\n#define GOOD_H_\n#include <string>\n"
              "inline std::string Name() { return {}; }\n#endif\n",
    "lazy.h": "#ifndef LAZY_H_\n#define LAZY_H_\n"
              "inline std::string Name() { return {}; }\n#endif\n",
    "unguarded.h": "inline int Twice() { return 2; }\n",
    "engine/paired.h": "",
    "engine/paired.cc": "#include \"engine/paired.h\"\n",
}


class HeaderCheckTest(unittest.TestCase):

    def build(self, folder, target):
        return subprocess.run(
            ["cmake", "--build", "build", "--target", target], cwd=folder,
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def test_only_the_self_contained_header_compiles(self):
        with tempfile.TemporaryDirectory() as folder:
            os.mkdir(os.path.join(folder, "engine"))
            for name, text in _FILES.items():
                with open(os.path.join(folder, name), "w",
                          encoding="utf-8") as file:
                    file.write(text)
            subprocess.run(["cmake", "-S", ".", "-B", "build", "-G", "Ninja"],
                           cwd=folder, check=True, stdout=subprocess.PIPE)
            good = self.build(folder, "trimaran_good_header_check")
            self.assertEqual(0, good.returncode, good.stdout)
            for name in ("lazy", "unguarded"):
                bad = self.build(folder, f"trimaran_{name}_header_check")
                self.assertNotEqual(0, bad.returncode, bad.stdout)
                self.assertIn(f"{name}.h:", bad.stdout)
            none = self.build(folder, "trimaran_paired_header_check")
            self.assertIn("unknown target", none.stdout)


if __name__ == "__main__":
    unittest.main()
