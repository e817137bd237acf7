# SPDX-License-Identifier: MIT
"""The manual page: it renders without a warning, and is installed where man and the shells look."""

import os
import pathlib
import re
import shutil
import subprocess
import unittest

import census
from cases import Case


class Manual(Case):
    def setUp(self):
        super().setUp()
        run = self.run_program("help", "--man")
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        self.page = self.work / "iam-census.1"
        self.page.write_bytes(run.out)

    def tool(self, *command, **variables):
        """What a tool says of the page: stdout, and stderr."""
        if not shutil.which(command[0]):
            self.skipTest(f"{command[0]} is not installed")
        env = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "HOME": str(self.home), **variables}
        run = subprocess.run([*command, str(self.page)], env=env, capture_output=True, text=True, timeout=60)
        self.assertEqual(run.returncode, 0, run.stdout + run.stderr)
        return run.stdout, run.stderr

    def test_man(self):
        text, warnings = self.tool("man", "--warnings", "-l", MANWIDTH="80", MAN_KEEP_FORMATTING="")
        self.assertEqual(warnings, "")
        self.assertIn("iam-census - a census of the IAM users of many AWS accounts", text)
        for title in ("SYNOPSIS", "DESCRIPTION", "COMMANDS", "EXIT STATUS", "ENVIRONMENT", "FILES", "EXAMPLES", "SEE ALSO"):
            self.assertRegex(text, rf"(?m)^{title}$")

    def test_every_option(self):
        """What a reader sees, against the whole help of each command."""
        text, _ = self.tool("man", "-l", MANWIDTH="200")
        parts = dict(re.findall(r"(?ms)^   iam-census (\w+)$(.*?)(?=^   iam-census|^EXIT STATUS)", text))
        for verb in re.findall(r"(?m)^  (\w+)  ", self.run_program("help").out.decode()):
            if verb == "help":
                continue
            page = self.run_program("help", "--all", verb).out.decode()
            for option in re.findall(r"(?m)^  (?:-\w, )?(--[a-z0-9-]+(?: [A-Z=,.]+(?= ))?)", page):
                if option != "--help":  # for all commands it is told once
                    self.assertRegex(parts[verb], rf"(?m)^ +(?:-\w, )?{re.escape(option)}(?: |$)")

    def test_groff(self):
        self.assertEqual(self.tool("groff", "-ww", "-mandoc", "-Tutf8")[1], "")

    def test_mandoc(self):
        self.assertEqual(self.tool("mandoc", "-Tlint"), ("", ""))


class Installed(Case):
    def test_where_they_are_looked_for(self):
        build = pathlib.Path(census.binary()).parent
        if not shutil.which("cmake") or not (build / "cmake_install.cmake").exists():
            self.skipTest("cmake or its build folder is not here")
        prefix = self.work / "prefix"
        env = {name: value for name, value in os.environ.items() if name != "DESTDIR"}
        run = subprocess.run(["cmake", "--install", str(build), "--prefix", str(prefix)], env=env, capture_output=True,
                             text=True, timeout=120)
        self.assertEqual(run.returncode, 0, run.stderr)
        for path, words in (("man/man1/iam-census.1", ["help", "--man"]),
                            ("bash-completion/completions/iam-census", ["completion", "bash"]),
                            ("zsh/vendor-completions/_iam-census", ["completion", "zsh"]),
                            ("fish/vendor_completions.d/iam-census.fish", ["completion", "fish"])):
            self.assertEqual((prefix / "share" / path).read_bytes(), self.run_program(*words).out, path)


if __name__ == "__main__":
    unittest.main()
