"""What the tests of the packages share: the build tree that they are about, and
a folder in which it is installed."""

import os
import shutil
import subprocess
import tempfile

# Set by CMakeLists.txt.
BUILD = os.environ.get("TRIMARAN_BUILD", "")
CC = os.environ.get("TRIMARAN_CC", "cc")
CXX = os.environ.get("TRIMARAN_CXX", "c++")

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", ".."))


def run(*command, cwd=None, environment=None):
    """The output of a command, which must succeed."""
    done = subprocess.run(
        command, cwd=cwd, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, env={**os.environ, **(environment or {})})
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}:\n{done.stdout}")
    return done.stdout


class Installed:
    """The build, installed below `prefix`, with room for work beside it."""

    def __init__(self):
        self.scratch = tempfile.mkdtemp(prefix="trimaran-package-")
        self.prefix = os.path.join(self.scratch, "prefix")
        run("cmake", "--install", BUILD, "--prefix", self.prefix)

    def path(self, *names):
        return os.path.join(self.scratch, *names)

    def folder(self, name):
        path = self.path(name)
        os.makedirs(path)
        return path

    def remove(self):
        shutil.rmtree(self.scratch)
