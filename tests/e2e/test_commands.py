# SPDX-License-Identifier: MIT
"""The commands of README.md, docs/simulator.md and docs/development.md, as a reader pastes them; README's sample of a summary."""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

import census
import newcomer
from cases import Case
from census import ROOT

sys.path.append(str(ROOT / "tests" / "sim"))
import simulator  # noqa: E402

WORLD = {"organization_id": "o-0123456789", "root_id": "r-ab12",
         "organizational_units": [{"id": "ou-ab12-cdefghij", "name": "Shop", "parent": "r-ab12"}],
         "accounts": [{"id": "111111111111", "users": [{"name": "ann"}]},
                      {"id": "222222222222", "parent": "ou-ab12-cdefghij", "users": [{"name": "bob"}]}]}
TIMEOUT = 120


def blocks(page, part):
    """The page's blocks that hold this part."""
    return [block for block in newcomer.blocks((ROOT / page).read_text()) if part in block]


class Commands(Case):
    def setUp(self):
        super().setUp()
        for name, target in (("iam-census", census.binary()), ("iam-census-sim", simulator.binary())):
            link = self.work / "build/release" / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(target)
        self.tools = self.home / "bin"
        self.tools.mkdir()
        # what a machine may lack: the commands around it are looked at all the same
        for name in ("aws", "jq"):
            if not shutil.which(name):
                (self.tools / name).write_text("#!/bin/sh\ncat >/dev/null\n")
                (self.tools / name).chmod(0o755)

    def follow(self, block, code=0, **variables):
        """Runs a block in a shell that stops at the first failure; whatever it has started ends with it."""
        kept = {name: os.environ[name] for name in census.KEPT_VARIABLES if name in os.environ}
        env = {**kept, "PATH": f"{self.work}/build/release:{os.environ['PATH']}:{self.tools}", "HOME": str(self.home),
               "AWS_EC2_METADATA_DISABLED": "true", **variables}
        with subprocess.Popen(["bash", "-euo", "pipefail", "-c", block], cwd=self.work, env=env, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True) as shell:
            try:
                out, err = shell.communicate(timeout=TIMEOUT)
            except subprocess.TimeoutExpired:
                os.killpg(shell.pid, 9)
                raise
        self.assertEqual(shell.returncode, code, f"{block}\n{out[-2000:]}\n{err[-2000:]}")
        return out

    def test_readme(self):
        sim = simulator.Simulator(world=WORLD).start()
        self.addCleanup(sim.stop)
        found = blocks("README.md", "--role-name census")  # the first run, with another role, is test_newcomer's
        self.assertEqual(len(found), 3)
        # the last ends with 4: there is a critical finding
        out = "".join(self.follow(block, code, AWS_ENDPOINT_URL=sim.url, AWS_REGION=simulator.REGION,
                                  AWS_ACCESS_KEY_ID=simulator.CALLER_KEY, AWS_SECRET_ACCESS_KEY=simulator.CALLER_SECRET)
                      for block, code in zip(found, (0, 0, 4)))
        for part in ("iam:ListUsers", "sts:AssumeRole", "dry run: 2 accounts", "2 users of 2 accounts: 2 complete",
                     "written to users.csv", "1 user of 1 account: 1 complete", "written to s3://reports/iam/IAM_USER_TAGS_",
                     "written to census.sqlite", "findings: 1 critical", "password-policy-length (cis-5.0 1.7): 2 failed"):
            self.assertIn(part, out)

    def test_the_simulator(self):
        """Started, asked and stopped; if a command reads the port, the simulator must have written it."""
        # the function of the last block ends with 1, since its Runtime API has ended
        for page, count, code in (("docs/simulator.md", 1, 0), ("docs/development.md", 2, 1)):
            found = blocks(page, "build/release/iam-census-sim ")
            self.assertEqual(len(found), count)
            with self.subTest(page=page):
                # one shell, as on a terminal: what a block exports is there in the next
                out = self.follow("".join(found), code)
                self.assertRegex(out, r"\d+ users of \d+ accounts: \d+ complete, 0 partial, 0 failed")
                if code == 1:
                    self.assertIn('{"statusCode":200,', out)

    def test_every_spelling_of_the_simulators_help(self):
        for asked, said in (("--help", b"Usage:"), ("-h", b"Usage:"), ("help", b"Usage:"),
                            ("--version", b"iam-census-sim "), ("-V", b"iam-census-sim "), ("version", b"iam-census-sim ")):
            with self.subTest(asked=asked):
                run = self.run_program(asked, program=simulator.binary())
                self.assertEqual((run.code, run.err), (0, ""), str(run))
                self.assertTrue(run.out.startswith(said), str(run))

    def test_the_simulators_help_fits_a_terminal(self):
        run = self.run_program("--help", program=simulator.binary())
        self.assert_code(run, 0)
        for line in run.out.decode().splitlines():
            self.assertLessEqual(len(line), 80, line)

    def test_the_sample_of_a_summary(self):
        """README shows what the program prints today for the demo's organization."""
        sample, = blocks("README.md", " users of ")
        scenario = pathlib.Path(ROOT / "examples/demo-scenario.json")
        sim = simulator.Simulator("--accounts", 50, "--users", 20, "--scenario", scenario).start()
        self.addCleanup(sim.stop)
        run = self.collect("--role-name", "census", env={
            "AWS_ENDPOINT_URL": sim.url, "AWS_REGION": simulator.REGION, "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY,
            "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET})
        self.assert_code(run, 3)
        said = run.out.decode().splitlines()
        shown = sample.splitlines()
        self.assertEqual(len(said), len(shown), f"{sample}\n{run}")
        for line, now in zip(shown, said):
            # times and counts of calls differ from run to run; '...' means that something is left out
            pattern = re.sub(r"\d+", r"\\d+", re.escape(line).replace(r"\.\.\.", ".*"))
            self.assertRegex(now, f"^{pattern}$")


class Scripts(unittest.TestCase):
    def run_script(self, name, *arguments):
        return subprocess.run([ROOT / "scripts" / name, *arguments], capture_output=True, text=True, timeout=TIMEOUT, check=False)

    def test_each_says_what_it_does(self):
        """And does nothing of it."""
        for name in ("bench", "build", "check", "demo", "fresh-machine", "fuzz", "load-sim", "package-lambda", "setup", "test",
                     "valgrind"):
            for asked in ("--help", "-h"):
                with self.subTest(script=name, asked=asked):
                    run = self.run_script(name, asked)
                    self.assertEqual((run.returncode, run.stderr), (0, ""))
                    self.assertIn(name, run.stdout)
                    self.assertIn("usage: ", run.stdout.lower())
                    self.assertLess(len(run.stdout.splitlines()), 20)

    def test_a_preset_that_is_none(self):
        run = self.run_script("build", "relaese")
        self.assertEqual((run.returncode, run.stdout), (2, ""))
        self.assertEqual(run.stderr, "build: 'relaese' is not a preset: release, asan or clang\n")


if __name__ == "__main__":
    unittest.main()
