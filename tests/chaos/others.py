#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ends what is no census by a signal at a random moment: doctor, check, report, diff, and the steps of a census in several invocations.

Usage: others.py [EACH] [SEED] [--jobs N]

EACH runs (4) for each of SIGKILL, SIGTERM, SIGINT, SIGHUP; 'others.py 1 SEED' repeats the four of one seed. A command on a database:
the database has the same bytes as before, and an earlier output is untouched or replaced by the one of a run that nobody ends.
doctor: its result is whole, or there is none and a word or the signal says so. Steps: each is ended once, by SIGKILL or SIGTERM, and
tried again as the state machine does; then every row is there once and right, and no part or upload is left. Nothing else is left in the
folder, but by SIGKILL. The last line is 'N passed, N failed'.
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import random
import shutil
import signal
import tempfile
import time

import mixed  # first: it makes the modules of tests/e2e and tests/sim importable
import census
import expected
import simulator
from cells import Oracle
from ended import EARLIER, SIGNALS, What, hear_signals
from lambda_function import Function
from plan import BUCKET
from state_machine import FunctionError

WORLD = ["--accounts", 30, "--users-exact", 60, "--all-active"]
FEW = ["--accounts", 9, "--users-exact", 4, "--all-active"]
SCENARIO = {"rules": [{"latency_ms": {"median": 4, "p99": 30}}]}
COMMANDS = {"check": ["check", "census.sqlite", "--format", "jsonl", "--include-pass", "--output", "out"],
            "report": ["report", "census.sqlite", "--output", "out"],
            "diff": ["diff", "census.sqlite", "--format", "jsonl", "--output", "out"]}
DOCTOR = ["doctor", "--json", "--output", "census.csv"]


class Undisturbed:
    """A database of two runs, and what the commands make of it: output, status, and how long they take."""

    def __init__(self, sim, home):
        self.home, self.right, self.seconds = home, {}, {}
        collect = ["collect", "--format", "sqlite", "--output", "census.sqlite", "--strategy", "bulk"]
        for _ in range(2):
            done = census.run(collect, mixed.environment(home, sim), home, timeout=120)
            assert done.code == 0, done
        self.database = (home / "census.sqlite").read_bytes()
        for name, command in COMMANDS.items():
            done = census.run(command, mixed.environment(home, sim), home, timeout=60)
            self.right[name], self.seconds[name] = (done.code, (home / "out").read_bytes()), done.seconds
        done = census.run(DOCTOR, mixed.environment(home, sim), home, timeout=60)
        self.right["doctor"], self.seconds["doctor"] = (done.code, set(json.loads(done.out))), done.seconds


def end_at(command, env, work, moment_s, name):
    with census.Started(command, env, work) as started:
        time.sleep(moment_s)
        if started.process.poll() is None:
            started.process.send_signal(getattr(signal, name))
        return started.finish(30)


def left_behind(work, name, known):
    """A process that is killed can't remove what it has begun."""
    return [] if name == "SIGKILL" else [path.name for path in work.iterdir() if path.name not in known]


def of_database(command, name, moment_s, undisturbed, sim, work):
    (work / "census.sqlite").write_bytes(undisturbed.database)
    (work / "out").write_bytes(EARLIER)
    done = end_at(COMMANDS[command], mixed.environment(work, sim), work, moment_s, name)
    status, output = undisturbed.right[command]
    wrong = [f"left behind: {left}"] if (left := left_behind(work, name, ("census.sqlite", "out"))) else []
    if (work / "census.sqlite").read_bytes() != undisturbed.database:
        wrong.append("the database has changed")
    found = (work / "out").read_bytes()
    if done.code == status and found != output:
        wrong.append(f"status {status}, and the output is not that of an undisturbed run")
    if done.code not in (status, 1, -getattr(signal, name)) or found not in (output, EARLIER):
        wrong.append(f"status {done.code}, an output of {len(found)} bytes")
    if done.code == 1 and not done.err.strip():
        wrong.append("status 1 without a word")
    return done.code, wrong


def of_doctor(name, moment_s, undisturbed, sim, work):
    done = end_at(DOCTOR, mixed.environment(work, sim), work, moment_s, name)
    status, members = undisturbed.right["doctor"]
    wrong = [f"left behind: {left}"] if (left := left_behind(work, name, ())) else []
    if done.code == status and set(json.loads(done.out)) != members:
        wrong.append("the result is not whole")
    if done.code not in (status, 1, -getattr(signal, name)):
        wrong.append(f"status {done.code}")
    if done.code == 1 and not done.err.strip():
        wrong.append("status 1 without a word")
    return done.code, wrong


class Steps:
    """A census in several invocations, each of which is ended once."""

    def __init__(self, seed, name, sim, work):
        self.dice, self.name, self.sim = random.Random(f"{seed} {name}"), name, sim
        self.what = What(seed, name)
        self.what.destination, self.what.format = "s3", self.dice.choice(["csv", "jsonl"])
        self.function = Function(mixed.environment(work, sim, S3_BUCKET_NAME=BUCKET, AWS_LAMBDA_FUNCTION_NAME="census", LOG_LEVEL="warn"), work)
        self.hit = 0

    def step(self, event):
        """Ended at the first try, if it has not answered by then."""
        given = {"strategy": self.what.strategy, "format": self.what.format, "max_connections": self.what.connections, **event}
        when = time.monotonic() + self.dice.uniform(0, 0.15)
        for attempt in range(3):
            ends = (lambda: time.monotonic() >= when) if attempt == 0 else None
            try:
                answer = self.function.invoke(given, seconds=60, kill_when=ends, number=getattr(signal, self.name))
                assert answer["statusCode"] == 200, answer
                return json.loads(answer["body"])
            except FunctionError as e:
                self.hit += 1
                error = e
        raise AssertionError(f"{event['action']}: {error}")

    def run(self, seed):
        stored = mixed.Stored(self.sim)
        run = self.step({"action": "plan", "run_id": f"{seed:032x}", "batch_size": self.dice.randint(1, 4)})
        for batch in json.loads(stored.get(run["batches_key"])):
            self.step({"action": "collect_batch", "run": run, "batch": batch})
        return self.judge(self.step({"action": "combine", "run": run}), stored)

    def judge(self, document, stored):
        key = document["output"].removeprefix(f"s3://{BUCKET}/")
        oracle = Oracle(self.sim.dump, self.what, expected.moment(document["started_at"]))
        data = stored.get(key)
        if self.what.format == "csv":
            seen, wrong = oracle.wrong_csv(data, {})
        else:
            seen, wrong = oracle.wrong_objects([json.loads(line) for line in data.splitlines()], {})
        if set(seen) != set(oracle.users) or len(seen) != len(set(seen)):
            wrong.append(f"{len(seen)} rows, {len(oracle.users)} users")
        kept = (key, f"{key.rsplit('.', 1)[0]}.result.json")
        left = [each for each in stored.keys() if each not in kept and not each.endswith("/result.json")]
        return wrong + [f"left behind: {left} {stored.uploads()}"] if left or stored.uploads() else wrong


def of_steps(seed, name, work):
    with simulator.Simulator(*FEW, scenario=SCENARIO) as sim:
        steps = Steps(seed, name, sim, work)
        try:
            wrong = steps.run(seed)
        finally:
            steps.function.end()
        return f"{steps.hit} ended", wrong


def one(seed, name, undisturbed, sim):
    dice = random.Random(f"others {seed} {name}")
    kind = dice.choice(["doctor", "check", "report", "diff", "steps"] if name in ("SIGKILL", "SIGTERM") else ["doctor", "check", "report", "diff"])
    moment_s = dice.uniform(0, 1.2 * undisturbed.seconds.get(kind, 0))
    work = pathlib.Path(tempfile.mkdtemp(prefix="iam-census-others-"))
    began, code = time.monotonic(), None
    try:
        if kind == "steps":
            code, wrong = of_steps(seed, name, work)
        elif kind == "doctor":
            code, wrong = of_doctor(name, moment_s, undisturbed, sim, work)
        else:
            code, wrong = of_database(kind, name, moment_s, undisturbed, sim, work)
        if time.monotonic() - began > (120 if kind == "steps" else 15):
            wrong.append(f"{time.monotonic() - began:.1f} s")
    except Exception as e:  # pylint: disable=broad-except
        wrong = [f"{type(e).__name__}: {e}"]
    shutil.rmtree(work)
    return seed, name, kind, wrong, code, f"{name}, {kind}, after {moment_s:.3f} s"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("each", nargs="?", type=int, default=4)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=3)
    options = parser.parse_args()
    hear_signals()
    codes, passed, failed, began = collections.Counter(), 0, 0, time.monotonic()
    with simulator.Simulator(*WORLD, scenario=SCENARIO) as sim, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool, \
            tempfile.TemporaryDirectory(prefix="iam-census-others-") as home:
        undisturbed = Undisturbed(sim, pathlib.Path(home))
        cases = [(seed, name) for seed in range(options.seed, options.seed + options.each) for name in SIGNALS]
        for seed, _, kind, wrong, code, about in pool.map(lambda case: one(*case, undisturbed, sim), cases):
            codes[(kind, code)] += 1
            passed, failed = passed + (not wrong), failed + bool(wrong)
            if wrong:
                print(f"FAILED: {about}: python3 tests/chaos/others.py 1 {seed}\n  " + "\n  ".join(wrong[:3]), flush=True)
    print("statuses: " + ", ".join(f"{kind} {code}: {count}" for (kind, code), count in sorted(codes.items(), key=str)))
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    simulator.run_or_skip(main)
