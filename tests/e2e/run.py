#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs end-to-end test modules by name: run.py test_outcomes [test_moto ...]; all without a name.

Needs boto3, and for some classes moto as well. It runs in the first Python that has both: this one, that
of build/venv, Debian's. If none has moto, those classes are skipped, each test counted; if none has boto3
either, it ends with 77, which CTest reads as 'skipped'. 'scripts/setup test' installs what can be had.
The program under test is IAM_CENSUS_BIN, by default build/release/iam-census. A test within a module:
test_moto.Class.test.
"""

import os
import pathlib
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
PYTHONS = (sys.executable, str(ROOT / "build" / "venv" / "bin" / "python"), "/usr/bin/python3")
SKIPPED = 77
SLOWEST_SHOWN = 5
CHOSEN = "IAM_CENSUS_TEST_PYTHON"  # set once the Python is chosen
WITHOUT = "SKIPPED: no Python here has boto3 ('scripts/setup test' installs it)"


def has(python, modules):
    return os.access(python, os.X_OK) and subprocess.run([python, "-c", f"import {modules}"],
                                                         capture_output=True).returncode == 0


def choose_python():
    """Goes on in the best Python there is, or ends the process: 'skipped' if none has boto3."""
    if CHOSEN in os.environ:
        return
    for modules in ("boto3, moto.server", "boto3"):
        for python in PYTHONS:
            if has(python, modules):
                os.execve(python, [python, *sys.argv], {**os.environ, CHOSEN: python})
    print(WITHOUT)
    sys.exit(SKIPPED)


def test_id(test):
    return getattr(test, "test_case", test).id()


class TimedResult(unittest.TextTestResult):
    """Keeps how long each test took."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.seconds = {}

    def startTest(self, test):
        self.seconds[test.id()] = -time.monotonic()
        super().startTest(test)

    def stopTest(self, test):
        super().stopTest(test)
        self.seconds[test.id()] += time.monotonic()

    def slowest(self):
        return sorted(self.seconds.items(), key=lambda pair: -pair[1])[:SLOWEST_SHOWN]


def main(names):
    choose_python()
    sys.path.insert(0, str(HERE))
    import census
    if not os.access(census.binary(), os.X_OK):
        print(f"FAILED: there is no program at {census.binary()}; build it, or set IAM_CENSUS_BIN")
        return 1
    names = names or sorted(path.stem for path in HERE.glob("test_*.py"))
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=TimedResult).run(suite)
    for name, seconds in result.slowest():
        print(f"{seconds:6.1f} s  {name}")
    # a test with several failing subtests is one failed test
    failed = len({test_id(test) for test, _ in result.failures + result.errors})
    skipped = len(result.skipped)
    passed = result.testsRun - failed - skipped
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    if failed:
        return 1
    return SKIPPED if passed <= 0 else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
