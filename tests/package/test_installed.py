"""What `cmake --install` installs is enough for programs in C++ and in C, which
find it by CMake or pkg-config, and link either library."""

import glob
import os
import re
import unittest

from scratch import CC, CXX, HERE, Installed, run

installed = None


def setUpModule():
    global installed
    installed = Installed()


def tearDownModule():
    installed.remove()


class HeadersTest(unittest.TestCase):

    def test_only_public_headers_are_installed_and_they_are_complete(self):
        include = os.path.join(installed.prefix, "include")
        headers = [os.path.relpath(path, include) for path in glob.glob(
            os.path.join(include, "**", "*"), recursive=True)
            if os.path.isfile(path)]
        self.assertIn("trimaran/db.h", headers)
        for header in headers:
            self.assertRegex(header, r"^trimaran/(c/)?[a-z_]+\.h$")
            with open(os.path.join(include, header), encoding="utf-8") as file:
                text = file.read()
            for name in re.findall(r'^#include (.*)$', text, re.MULTILINE):
                ours = re.fullmatch(r'"(trimaran/.*)"', name)
                if ours:
                    self.assertIn(ours.group(1), headers, header)
                else:
                    self.assertRegex(
                        name, r'^(<[a-z_]+(\.h)?>|"absl/[a-z_/]+\.h")$', header)


class PagesTest(unittest.TestCase):

    def pages(self, text):
        """Files in Markdown that a text names, and directories before it."""
        return re.findall(r"\b[\w/]+\.md\b", text)

    def test_what_help_and_examples_name_is_beside_them(self):
        program = os.path.join(installed.prefix, "bin", "trimaran")
        examples = os.path.join("share", "doc", "trimaran", "examples")
        subcommands = re.findall(
            r"^  (\w+)  +\S", run(program, "--help").split(
                "subcommands:\n")[1].split("\n\n")[0], re.MULTILINE)
        self.assertIn("serve", subcommands)
        helps = [run(program, name, "--help") for name in subcommands]
        with open(os.path.join(installed.prefix, examples, "serve.toml"),
                  encoding="utf-8") as file:
            texts = [file.read(), *helps]
        named = [page for text in texts for page in self.pages(text)]
        self.assertGreaterEqual(len(named), 2)
        for page in named:
            self.assertTrue(os.path.exists(
                os.path.join(installed.prefix, examples, page)), page)
        serve = helps[subcommands.index("serve")]
        self.assertIn(f"README.md, installed\nin {examples}", serve)


class CMakeTest(unittest.TestCase):

    def build(self, project):
        build = installed.path(project)
        run("cmake", "-S", os.path.join(HERE, project), "-B", build,
            f"-DCMAKE_C_COMPILER={CC}", f"-DCMAKE_CXX_COMPILER={CXX}",
            f"-DCMAKE_PREFIX_PATH={installed.prefix}")
        run("cmake", "--build", build)
        return build

    def test_both_libraries_are_found(self):
        build = self.build("installed")
        for program in ("consumer_static", "consumer_shared"):
            home = installed.folder(f"cmake_{program}")
            self.assertIn("trimaran ", run(os.path.join(build, program),
                                           cwd=home))

    def test_a_program_in_c_needs_no_other_package(self):
        build = self.build("installed_c")
        home = installed.folder("cmake_c")
        self.assertIn("trimaran ", run(os.path.join(build, "consumer_c"),
                                       cwd=home))


class PkgConfigTest(unittest.TestCase):

    def flags(self, *arguments):
        libraries = os.path.join(installed.prefix, "lib")
        # On Debian, a prefix of /usr puts them below the architecture.
        path = ":".join(os.path.dirname(found) for found in glob.glob(
            os.path.join(libraries, "**", "trimaran*.pc"), recursive=True))
        return run("pkg-config", *arguments,
                   environment={"PKG_CONFIG_PATH": path}).split()

    def link(self, name, *command):
        """Builds a program, and runs it."""
        home = installed.folder(f"pkg_config_{name}")
        run(*command, "-o", "consumer", cwd=home)
        libraries = [f[2:] for f in command if f.startswith("-L")]
        return run("./consumer", cwd=home,
                   environment={"LD_LIBRARY_PATH": ":".join(libraries)})

    def test_the_shared_library(self):
        output = self.link(
            "shared", CXX, "-std=c++20", os.path.join(HERE, "consumer.cc"),
            *self.flags("--cflags", "--libs", "trimaran"))
        self.assertIn("trimaran ", output)

    def test_the_static_library_and_all_that_it_needs(self):
        output = self.link(
            "static", CXX, "-std=c++20", "-static",
            os.path.join(HERE, "consumer.cc"),
            *self.flags("--static", "--cflags", "--libs", "trimaran"))
        self.assertIn("trimaran ", output)

    def test_the_shared_library_from_c(self):
        output = self.link(
            "c", CC, "-std=c99", os.path.join(HERE, "consumer.c"),
            *self.flags("--cflags", "--libs", "trimaran-c"))
        self.assertIn("trimaran ", output)


if __name__ == "__main__":
    unittest.main()
