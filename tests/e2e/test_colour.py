# SPDX-License-Identifier: MIT
"""Colours at a terminal, and nowhere else; and how quiet or verbose the program is."""

import unittest

import census
import faults
from cases import ScriptedCase
from terminal import Terminal

A, B = "111111111111", "222222222222"
CHECK = ("check", "db.sqlite", "--rules", "all", "--limit", "user-tag=owner")
ESCAPE = b"\x1b["
RED, YELLOW, END = (b"\x1b[%dm" % number for number in (31, 33, 0))


class ColourCase(ScriptedCase):
    def setUp(self):
        super().setUp()
        self.world.account(A).user("ann")
        self.world.account(B).user("bob")

    def at_terminal(self, *arguments, code=0, stdout=None, term="xterm", **variables):
        """All that a terminal receives."""
        terminal = Terminal()
        self.addCleanup(terminal.close)
        env = census.environment(self.home, **{**self.environment(), "TERM": term, **variables})
        terminal.start([census.binary(), *map(str, arguments)], env, self.work, stdout)
        self.assertEqual(terminal.finish(), code, terminal.seen)
        return terminal.seen

    def with_database(self):
        run = self.collect("--accounts", A, "--format", "sqlite", "-o", "db.sqlite")
        self.assertIn(run.code, (0, 3), str(run))

    def a_failure(self):
        self.server.fault(faults.denied(), account=B)


class Colours(ColourCase):
    def test_messages(self):
        wrong = ("collect", "--bogus")
        self.assertIn(RED + b"iam-census:" + END + b" unknown option", self.at_terminal(*wrong, code=2))
        for variables in ({"NO_COLOR": "1"}, {"TERM": "dumb"}, {"TERM": None}):
            self.assertNotIn(ESCAPE, self.at_terminal(*wrong, code=2, **{"term": variables.pop("TERM", "xterm"), **variables}))
        self.assertNotIn("\x1b", self.run_program(*wrong, env={"TERM": "xterm"}).err)
        self.assertIn("\x1b[31m", self.run_program(*wrong, env={"CLICOLOR_FORCE": "1"}).err)

    def test_a_wrong_choice(self):
        self.assert_configuration_error(self.run_program("check", "x", "--color", "yes"), "--color", "'yes'", "auto, always, never")

    def test_a_summary_and_the_log(self):
        self.a_failure()
        seen = self.at_terminal("collect", "--accounts", f"{A},{B}", code=3)
        self.assertIn(RED + b"failed" + END + b":", seen)
        run = self.collect("--accounts", f"{A},{B}")
        self.assertEqual((run.code, b"\x1b" in run.out, "\x1b" in run.err), (3, False, False), str(run))
        self.assertIn(b"failed:\n", run.out)
        seen = self.at_terminal("collect", "--accounts", f"{A},{B}", "--color", "never", code=3)
        self.assertNotIn(b"\x1b[3", seen)

    def test_a_table(self):
        self.with_database()
        plain = self.run_program(*CHECK, env={"TERM": "xterm"})
        self.assertNotIn(ESCAPE, plain.out)
        forced = self.run_program(*CHECK, "--color", "always")
        self.assertIn(ESCAPE, forced.out)
        for code in (2, 31, 32, 33, 1, 0):
            forced.out = forced.out.replace(b"\x1b[%dm" % code, b"")
        self.assertEqual(forced.out, plain.out)
        self.assertIn(ESCAPE, self.at_terminal(*CHECK, code=plain.code))

    def test_programs_never_get_them(self):
        """Formats for programs, and files."""
        self.with_database()
        for arguments in (["--format", "jsonl"], ["--format", "csv"], ["--format", "ocsf"], ["-o", "table.txt"]):
            seen = self.at_terminal(*CHECK, *arguments, "--color", "always",
                                    code=self.run_program(*CHECK).code)
            self.assertNotIn(ESCAPE, seen, arguments)
        self.assertNotIn(ESCAPE, (self.work / "table.txt").read_bytes())
        run = self.run_program("diff", "db.sqlite", "db.sqlite", "--format", "jsonl", "--color", "always")
        self.assertNotIn(ESCAPE, run.out)
        run = self.collect("--accounts", A, "--json", "-o", "x.csv", "--color", "always")
        self.assertEqual((run.code, ESCAPE in run.out), (0, False))


class Quiet(ColourCase):
    def test_quiet(self):
        """Nothing at all if all is well; the summary if something is missing, and what was asked for."""
        run = self.collect("--accounts", A, "-q", "-o", "x.csv")
        self.assertEqual((run.code, run.out, run.err), (0, b"", ""), str(run))
        self.assertEqual(self.at_terminal("collect", "--accounts", A, "-qo", "y.csv"), b"")
        self.assertEqual(self.files(), ["x.csv", "y.csv"])
        self.assertIn(b"{", self.collect("--accounts", A, "-q", "--json", "-oz.csv").out)
        self.a_failure()
        run = self.collect("--accounts", f"{A},{B}", "--quiet", "-o", "x.csv")
        self.assertEqual(run.code, 3)
        self.assertIn(b"failed:\n", run.out)
        self.assertNotIn("WARN", run.err)
        run = self.collect("--accounts", f"{A},{B}", "-q", "--output", "-")
        self.assertIn("failed:\n", run.err)

    def test_verbose(self):
        run = self.collect("--accounts", A, "-v", "-o", "x.csv")
        self.assertIn("INFO", run.err)
        self.assertNotIn("DEBUG", run.err)
        self.assertIn("DEBUG", self.collect("--accounts", A, "-vv", "-o", "x.csv").err)
        self.assertNotIn("INFO", self.collect("--accounts", A, "-vv", "--log-level", "error", "-o", "x.csv").err)
        self.assertIn("INFO", self.collect("--accounts", A, "-v", "-o", "x.csv", env={"LOG_LEVEL": "error"}).err)


if __name__ == "__main__":
    unittest.main()
