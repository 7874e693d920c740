"""The packages for Debian hold what they should, and can be installed, used and
removed. On a copy of the machine, for which root and overlayfs are needed."""

import glob
import os
import re
import shutil
import subprocess
import tempfile
import unittest

from scratch import BUILD, HERE, run

scratch = None


def setUpModule():
    global scratch
    for tool in ("cpack", "dpkg-deb", "dpkg-shlibdeps"):
        if shutil.which(tool) is None:
            raise unittest.SkipTest(f"{tool} is missing")
    scratch = tempfile.mkdtemp(prefix="trimaran-deb-")
    # Packed quickly: they are not kept.
    run("cpack", "--config", os.path.join(BUILD, "CPackConfig.cmake"),
        "-D", "CPACK_DEBIAN_COMPRESSION_TYPE=gzip", cwd=scratch)


def tearDownModule():
    if scratch is not None:
        shutil.rmtree(scratch)


def deb(package):
    found = glob.glob(os.path.join(scratch, f"{package}_*.deb"))
    assert len(found) == 1, found
    return found[0]


def field(package, name):
    return run("dpkg-deb", "-f", deb(package), name).strip()


class ContentsTest(unittest.TestCase):

    def files(self, package):
        """Path to the first word of its line: mode and kind."""
        lines = run("dpkg-deb", "-c", deb(package)).strip().split("\n")
        return {re.sub(r" -> .*", "", line.split(None, 5)[5])[1:]:
                (line.split()[0], line.split()[1]) for line in lines}

    def test_each_package_holds_its_part(self):
        library = set(self.files("libtrimaran0.1"))
        development = set(self.files("libtrimaran-dev"))
        tools = set(self.files("trimaran"))
        self.assertIn("/usr/lib/libtrimaran.so.0.1", library)
        self.assertLess({"/usr/include/trimaran/db.h",
                         "/usr/include/trimaran/c.h",
                         "/usr/lib/libtrimaran.a",
                         "/usr/lib/libtrimaran.so",
                         "/usr/lib/cmake/trimaran/trimaranConfig.cmake",
                         "/usr/lib/pkgconfig/trimaran.pc"}, development)
        self.assertLess({"/usr/bin/trimaran",
                         "/usr/lib/systemd/system/trimaran@.service",
                         "/etc/trimaran/",
                         "/usr/share/doc/trimaran/examples/serve.toml",
                         "/usr/share/doc/trimaran/examples/README.md",
                         "/usr/share/man/man1/trimaran.1.gz",
                         "/usr/share/man/man1/trimaran-verify.1.gz"}, tools)
        for package in ("libtrimaran0.1", "libtrimaran-dev", "trimaran"):
            self.assertIn(f"/usr/share/doc/{package}/copyright",
                          self.files(package))
        shared = {f for f in library & development & tools if f[-1] != "/"}
        self.assertEqual(shared, set())

    def test_files_belong_to_root_and_only_root_writes_them(self):
        for package in ("libtrimaran0.1", "libtrimaran-dev", "trimaran"):
            for path, (mode, owner) in self.files(package).items():
                self.assertEqual(owner, "root/root", path)
                if mode[0] != "l":
                    self.assertRegex(mode, r"^.rw[-x]r-[-x]r-[-x]$", path)

    def test_dependencies_are_those_of_what_is_linked(self):
        for package in ("libtrimaran0.1", "trimaran"):
            depends = field(package, "Depends")
            for name in ("libc6", "libwiredtiger0", "libssl3"):
                self.assertIn(name, depends)
        version = field("libtrimaran0.1", "Version")
        self.assertIn(f"libtrimaran0.1 (= {version})",
                      field("libtrimaran-dev", "Depends"))

    def test_the_library_tells_dpkg_of_itself(self):
        folder = os.path.join(scratch, "control")
        run("dpkg-deb", "-e", deb("libtrimaran0.1"), folder)

        def read(name):
            with open(os.path.join(folder, name), encoding="utf-8") as file:
                return file.read()

        self.assertRegex(read("shlibs"),
                         r"^libtrimaran 0\.1 libtrimaran0\.1 \(>= 0\.1\.")
        self.assertEqual(read("triggers"), "activate-noawait ldconfig\n")
        self.assertIn("  usr/lib/libtrimaran.so.0.1", read("md5sums"))


class InstallTest(unittest.TestCase):

    def test_they_are_installed_used_and_removed_without_a_trace(self):
        if os.geteuid() != 0:
            self.skipTest("only root can install packages")
        done = subprocess.run(
            ["unshare", "--mount", os.path.join(HERE, "install_debs.sh"),
             scratch, os.path.join(HERE, "consumer.c")],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if done.returncode == 77 or "unshare:" in done.stdout:
            self.skipTest(f"no mounts here: {done.stdout}")
        self.assertEqual(done.returncode, 0, done.stdout)


if __name__ == "__main__":
    unittest.main()
