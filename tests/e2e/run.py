#!/usr/bin/env python3
"""Runs end-to-end test modules by name: run.py test_outcomes [test_moto ...]; all without a name.

Needs moto and boto3: uses this Python where it has them, else a virtual environment under
build/venv, else ends with 77, which CTest reads as 'skipped'. The program under test is
IAM_CENSUS_BIN, by default build/release/iam-census. A test within a module: test_moto.Class.test.
"""

import importlib.util
import os
import pathlib
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
VENV = ROOT / "build" / "venv"
SKIPPED = 77
SLOWEST_SHOWN = 5
WITHOUT = "SKIPPED: moto and boto3 can be had neither here nor from pip"


def has_packages():
    return all(importlib.util.find_spec(name) for name in ("moto", "boto3", "botocore", "flask"))


def venv_python():
    """The Python of build/venv with moto and boto3 in it, or None."""
    python = VENV / "bin" / "python"
    check = [str(python), "-c", "import moto.server, boto3"]
    if python.exists() and subprocess.run(check, capture_output=True).returncode == 0:
        return str(python)
    commands = ([sys.executable, "-m", "venv", str(VENV)],
                [str(python), "-m", "pip", "install", "--quiet", "moto[server]", "boto3"])
    for command in commands:
        if subprocess.run(command, stdout=sys.stderr).returncode != 0:
            return None
    return str(python)


def in_venv():
    if pathlib.Path(sys.prefix).resolve() == VENV.resolve():
        print(WITHOUT)
        sys.exit(SKIPPED)
    python = venv_python()
    if python is None:
        print(WITHOUT)
        sys.exit(SKIPPED)
    os.execv(python, [python, __file__, *sys.argv[1:]])


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
    if not has_packages():
        in_venv()
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
