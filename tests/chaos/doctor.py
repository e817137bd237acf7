#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Asks doctor about an organization whose simulator misbehaves in every way that passes, and about one that behaves well.

Usage: doctor.py [RUNS] [SEED] [--jobs N]

Run number i has the seed SEED+i: a plan of plan.py, without what lasts, wrong clocks, and answers that are too long: of an error only
64 KiB are read (SERVICE_ERROR_MAX_BYTES), and if it is longer, its status decides. What passes when a call is made
again changes nothing: both diagnoses are the same, but for the number of calls. The last line is 'N passed, N failed'.
"""

import argparse
import concurrent.futures
import json
import pathlib
import tempfile
import time

import mixed  # first: it makes the modules of tests/e2e and tests/sim importable
import census
import simulator
from plan import Plan

SECONDS = 300


def passing(seed):
    plan = Plan(seed)
    plan.lasting, plan.read_timeout, plan.most = False, 30, min(plan.most, 3)
    plan.noise()
    plan.rules = [rule for rule in plan.rules if "date_skew_s" not in rule and rule.get("fault") not in ("clock_skew", "oversized")]
    return plan


def diagnosis(plan, scenario, home):
    """(status, the document without what may differ, what was said)"""
    command = ["doctor", "--json", "--strategy", plan.strategy, "--max-connections", plan.connections, "--output", "census.csv"]
    with simulator.Simulator(*plan.arguments, scenario=scenario) as sim:
        done = census.run(command, mixed.environment(home, sim), home, timeout=SECONDS)
    document = json.loads(done.out) if done.out.strip() else {}
    return done.code, {name: value for name, value in document.items() if name != "calls"}, done.err


def one(seed):
    plan = passing(seed)
    # Which member tells an account's state decides which accounts there are: the same for both.
    well = {name: value for name, value in plan.scenario.items() if name not in ("rules", "changes")}
    with tempfile.TemporaryDirectory(prefix="iam-census-doctor-") as home:
        right, found = (diagnosis(plan, scenario, pathlib.Path(home)) for scenario in (well, plan.scenario))
    if right[0] not in (0, 3) or found[0] != right[0]:
        return seed, [f"status {found[0]}, not {right[0]}: {found[2][-300:]}"]
    return seed, [f"{name}: {found[1].get(name)}, not {right[1].get(name)}"[:600] for name in sorted(set(right[1]) | set(found[1]))
                  if found[1].get(name) != right[1].get(name)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("runs", nargs="?", type=int, default=12)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=4)
    options = parser.parse_args()
    failed, began = 0, time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for seed, wrong in pool.map(one, range(options.seed, options.seed + options.runs)):
            failed += bool(wrong)
            if wrong:
                print(f"FAILED: python3 tests/chaos/doctor.py 1 {seed}\n  " + "\n  ".join(wrong[:3]), flush=True)
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{options.runs - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    simulator.run_or_skip(main)
