# SPDX-License-Identifier: MIT
"""The Debian package: what is in it, what it needs, how its program was built, and what lintian says.

scripts/fresh-machine installs, uses and removes it in a bare Debian.
"""

import functools
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

import census
from cases import Case

sys.path.append(str(census.ROOT / "tests" / "sim"))
import simulator  # noqa: E402

PACKAGES = census.ROOT / "build" / "packages"
BUILD_SECONDS = 300
UNAVAILABLE = 3
# What scripts/package-deb reads.
SOURCES = ("CMakeLists.txt", "README.md", "CHANGELOG.md", "LICENSE", "SECURITY.md", "cmake", "deploy", "docs", "scripts", "src")
FOR_USERS = {"cost", "credentials", "deploy", "doctor", "findings", "history", "integrations", "operations", "output",
             "package", "permissions", "upgrading"}
FOR_DEVELOPERS = ("architecture", "contract", "decisions", "development", "simulator", "testing")


def built_by(root):
    """Runs the script of the sources at root; the package's path."""
    output = root / "build" / "packages"
    run = subprocess.run([root / "scripts" / "package-deb"], capture_output=True, text=True, timeout=BUILD_SECONDS)
    if run.returncode == UNAVAILABLE:
        raise unittest.SkipTest(run.stderr.strip())
    if run.returncode != 0:
        raise AssertionError(f"package-deb ended with {run.returncode}\n{run.stdout}\n{run.stderr}")
    package, = output.glob("iam-census_*.deb")
    return package


@functools.lru_cache(maxsize=None)
def package():
    """Built once a run of the tests."""
    for old in PACKAGES.glob("iam-census_*.deb"):
        old.unlink()
    return built_by(census.ROOT)


def said(*command):
    return subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120, check=True).stdout


class Package(Case):
    def setUp(self):
        super().setUp()
        self.deb = package()

    def unpacked(self):
        said("dpkg-deb", "-x", self.deb, self.home / "root")
        return self.home / "root"

    def field(self, name):
        return said("dpkg-deb", "-f", self.deb, name).strip()

    def test_it_has_the_program_and_what_its_users_read(self):
        root = self.unpacked()
        files = {str(path.relative_to(root / "usr")) for path in root.rglob("*") if not path.is_dir()}
        documents = {name for name in files if name.startswith("share/doc/iam-census/")}
        self.assertEqual(files - documents, {
            "bin/iam-census", "share/man/man1/iam-census.1.gz", "share/bash-completion/completions/iam-census",
            "share/zsh/vendor-completions/_iam-census", "share/fish/vendor_completions.d/iam-census.fish",
            "share/lintian/overrides/iam-census"})
        names = {name.removeprefix("share/doc/iam-census/") for name in documents}
        self.assertLessEqual({"README.md", "copyright", "changelog.gz", "changelog.Debian.gz"}
                             | {f"docs/{name}.md" for name in FOR_USERS}, names)
        for name in FOR_DEVELOPERS:
            self.assertFalse([each for each in names if each.startswith(f"docs/{name}")], name)

    def test_owners_and_modes(self):
        for line in said("dpkg-deb", "-c", self.deb).splitlines():
            mode, owner, _, _, _, name = line.split(None, 5)
            wanted = "drwxr-xr-x" if name.endswith("/") else "-rwxr-xr-x" if "/bin/" in name else "-rw-r--r--"
            self.assertEqual((mode, owner), (wanted, "root/root"), name)

    def test_it_needs_the_libraries_that_its_program_is_linked_with(self):
        needed = re.findall(r"NEEDED.*\[(lib[a-z]+[0-9]*)", said("readelf", "-d", self.unpacked() / "usr/bin/iam-census"))
        depends = re.sub(r" \([^)]*\)", "", self.field("Depends")).split(", ")
        for library in ("libcurl", "libcrypto", "libexpat", "libjansson", "libsqlite3", "libc"):
            self.assertIn(library, needed)
        self.assertLessEqual({"libc6", "libcurl4", "libssl3", "libexpat1", "libjansson4", "libsqlite3-0",
                              "ca-certificates"}, set(depends))
        self.assertLessEqual(len(depends), len(needed) + 1, depends)

    def test_the_program_is_stripped_and_hardened(self):
        program = self.unpacked() / "usr/bin/iam-census"
        headers, symbols = said("readelf", "-hlSWd", program), said("readelf", "-W", "--dyn-syms", program)
        self.assertIn("DYN (Position-Independent Executable", headers)
        self.assertIn("GNU_RELRO", headers)
        self.assertRegex(headers, r"BIND_NOW|Flags: NOW")
        self.assertNotIn(".debug_info", headers)
        self.assertNotIn(".symtab", headers)
        self.assertIn("__stack_chk_fail", symbols)
        self.assertRegex(symbols, r"__\w+_chk@")
        for path in (census.ROOT, pathlib.Path.home()):
            self.assertNotIn(f"{path}/".encode(), program.read_bytes())

    def test_the_version_is_the_programs(self):
        version = self.field("Version")
        run = self.run_program("version", program=str(self.unpacked() / "usr/bin/iam-census"))
        self.assert_code(run, 0)
        self.assertIn(version.rpartition("-")[0], run.out.decode())

    def test_a_census_is_that_of_the_release_build(self):
        if not os.access(simulator.binary(), os.X_OK):
            self.skipTest(f"there is no simulator at {simulator.binary()}")
        with simulator.Simulator("--accounts", 5, "--users", 10) as aws:
            env = {"AWS_ENDPOINT_URL": aws.url, "AWS_REGION": simulator.REGION,
                   "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY, "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET}
            written = []
            for program in (None, str(self.unpacked() / "usr/bin/iam-census")):
                run = self.collect("--role-name", simulator.ROLE, "--output", "-", env=env, program=program)
                self.assertIn(run.code, (0, 3), str(run))
                written.append(run.out)
        self.assertEqual(*written)
        self.assertGreater(len(written[0].splitlines()), 20)

    @unittest.skipUnless(shutil.which("lintian"), "lintian is not installed")
    def test_lintian_finds_nothing(self):
        run = subprocess.run(["lintian", "--fail-on", "error,warning", "--allow-root", self.deb],
                             capture_output=True, text=True, timeout=120)
        self.assertEqual((run.returncode, run.stdout), (0, ""), run.stderr)

    def test_two_builds_in_two_folders_are_the_same_package(self):
        # Folders have other sizes in another kind of file system.
        place = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        with tempfile.TemporaryDirectory(prefix="iam-census-package-", dir=place) as folder:
            other = pathlib.Path(folder) / "another" / "place"
            other.mkdir(parents=True)
            for name in SOURCES:
                source = census.ROOT / name
                (shutil.copytree if source.is_dir() else shutil.copy)(source, other / name)
            self.assertEqual(built_by(other).read_bytes(), self.deb.read_bytes(), "two builds differ")


if __name__ == "__main__":
    unittest.main()
