#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Proves the simulated AWS: run.py test_sim_boto3 [test_sim_census ...]; all without a name.

A module that mostly waits says so with PARALLEL = N: its tests are dealt out to N processes.

Needs boto3, and for test_sim_moto moto as well; the Python is chosen as tests/e2e/run.py does.
IAM_CENSUS_SIM and IAM_CENSUS_BIN are the programs, by default those of build/release. A single test:
test_sim_world.Seed.test_name.
"""

import concurrent.futures
import importlib.util
import os
import pathlib
import re
import subprocess
import sys
import unittest

HERE = pathlib.Path(__file__).resolve().parent
E2E = HERE.parent / "e2e"
SKIPPED = 77


def e2e_runner():
    spec = importlib.util.spec_from_file_location("e2e_runner", E2E / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def missing_programs():
    import census
    import simulator
    return [path for path in (census.binary(), simulator.binary()) if not os.access(path, os.X_OK)]


def tests_in(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from tests_in(test)
        else:
            yield test.id()


def run_apart(ids, processes):
    """Runs the tests in this number of processes at once; returns their counts together: passed, failed, skipped."""
    run = lambda share: subprocess.run([sys.executable, __file__, *share], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    counts = [0, 0, 0]
    with concurrent.futures.ThreadPoolExecutor(processes) as pool:
        for done in pool.map(run, (ids[number::processes] for number in range(processes))):
            said = done.stdout.decode(errors="replace")
            print(said, flush=True)
            found = re.search(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", said, re.MULTILINE)
            # a process that did not come to its end has failed
            counts = [a + int(b) for a, b in zip(counts, found.groups() if found else (0, 1, 0))]
    return counts


def finish(passed, failed, skipped):
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else SKIPPED if passed <= 0 else 0


def main(names):
    runner = e2e_runner()
    runner.choose_python()
    sys.path[:0] = [str(HERE), str(E2E)]
    for path in missing_programs():
        print(f"FAILED: there is no program at {path}; build it, or set IAM_CENSUS_BIN and IAM_CENSUS_SIM")
        return 1
    names = names or sorted(path.stem for path in HERE.glob("test_*.py"))
    suite = unittest.defaultTestLoader.loadTestsFromNames(names)
    processes = getattr(sys.modules.get(names[0]), "PARALLEL", 1)
    if len(names) == 1 and processes > 1:
        return finish(*run_apart(sorted(tests_in(suite)), processes))
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2, resultclass=runner.TimedResult).run(suite)
    for name, seconds in result.slowest():
        print(f"{seconds:6.1f} s  {name}")
    # a test with several failing subtests is one failed test
    failed = len({runner.test_id(test) for test, _ in result.failures + result.errors})
    skipped = len(result.skipped)
    passed = result.testsRun - failed - skipped
    return finish(passed, failed, skipped)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
