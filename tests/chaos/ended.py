#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ends the program by a signal at a random moment of a census, again and again, and judges what is left.

Usage: ended.py [EACH] [SEED] [--jobs N]

EACH runs (6) for each of SIGKILL, SIGTERM, SIGINT, SIGHUP, to a file, to S3 and into a database; 'ended.py 1 SEED' repeats
the four of one seed. After SIGKILL: an earlier output is untouched or replaced by a whole one, and a database takes the next
run. After the others: the contract's status (3; 1 if nothing was complete; 0 if all was; death by the signal only before the
program has begun to watch for signals, or after the output is whole), a summary or a message, no temporary file, no upload,
and accounts that were not read are told as 'Interrupted'. The last line is 'N passed, N failed'.
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
from cells import Oracle, objects_of
from plan import BUCKET

SIGNALS = ["SIGKILL", "SIGTERM", "SIGINT", "SIGHUP"]
EARLIER = b"an earlier output\n"
WORLD = ["--accounts", 12, "--users", 6, "--all-active"]
SCENARIO = {"rules": [{"latency_ms": {"median": 4, "p99": 30}}]}
ALL_S = 0.30  # about as long as a census of this world takes, with 8 connections


class What:
    """The settings of a run, as the oracle wants them."""

    def __init__(self, seed, name):
        dice = random.Random(f"{seed} {name}")
        self.destination = dice.choice(["file", "s3", "sqlite"])
        self.format = "sqlite" if self.destination == "sqlite" else dice.choice(["csv", "jsonl"])
        self.strategy = dice.choice(["per-user", "bulk", "auto"])
        self.columns, self.connections, self.read_timeout = "standard", dice.choice([4, 8, 32]), 30
        self.by_list, self.findings, self.fanout = False, False, False
        self.keyless, self.gone = set(), set()
        self.moment_s = dice.uniform(0, ALL_S)
        self.watched = False  # for signals, when it got one


def hear_signals():
    """A shell has what it starts in the background ignore SIGINT, and nohup SIGHUP; processes of ours begin without that."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)


def catches(process, name):
    """True if the process has a handler for the signal by now."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    caught = next(int(line.split()[1], 16) for line in status.splitlines() if line.startswith("SigCgt:"))
    return bool(caught >> (getattr(signal, name) - 1) & 1)


def run(what, name, sim, home):
    work = home / "work"
    work.mkdir()
    (home / "tmp").mkdir()
    output = work / f"out.{what.format}"
    env = mixed.environment(home, sim, TMPDIR=str(home / "tmp"))
    command = mixed.arguments(what, sim.dump)
    if what.destination == "file":
        output.write_bytes(EARLIER)
    if what.destination == "sqlite":
        first = census.run(command, env, work, timeout=60)
        if first.code != 0:
            raise AssertionError(f"the first run: {first}")
    if what.destination == "s3":
        prefix = f"{home.name}/"
        command += ["--s3-prefix", prefix]
    began = time.monotonic()
    with census.Started(command, env, work) as started:
        time.sleep(what.moment_s)
        if started.process.poll() is None:
            what.watched = catches(started.process, name)
            started.process.send_signal(getattr(signal, name))
        done = started.finish(30)
    if what.destination == "sqlite" and name == "SIGKILL":
        then = census.run(command, env, work, timeout=60)
        if then.code != 0:
            raise AssertionError(f"the next run into the database: {then}")
    return done, output, time.monotonic() - began


def judge(what, name, sim, home, done, output):
    wrong = []
    say = lambda holds, words: None if holds else wrong.append(words)
    document = None
    try:
        document = json.loads(done.out)
    except ValueError:
        pass
    died = done.code == -getattr(signal, name)
    if name == "SIGKILL":
        say(died or done.code == 0, f"status {done.code}")
    else:
        say(done.code in (0, 1, 3) or died, f"status {done.code}")
        left = [path.name for path in (home / "work").iterdir() if path != output] + [path.name for path in (home / "tmp").iterdir()]
        say(not left, f"left behind: {left}")
        if done.code in (1, 3):
            say(done.err.strip() or done.out.strip(), f"status {done.code} without a word")
        if died:  # before the program watches, or when only the result is left to print
            say(not what.watched or whole_output(what, sim, home, output), f"ended by {name} after {what.moment_s:.3f} s")
        else:
            wrong += judge_document(what, sim, done.code, document)
    wrong += judge_output(what, name, sim, home, done, output, document)
    return wrong


def judge_document(what, sim, code, document):
    if document is None:
        return [] if code == 1 else [f"status {code} and no result"]
    told = sorted([*document["successful_accounts"], *(each["account_id"] for group in ("partial", "failed", "skipped")
                                                       for each in document[f"{group}_accounts"])])
    wrong = [] if told == sorted(each["id"] for each in sim.dump["accounts"]) else [f"accounts {told}"]
    stages = {each["stage"] for each in document["failed_accounts"]}
    if stages - {"Interrupted"} or document["partial_accounts"]:
        wrong.append(f"stages {stages}, partial {document['partial_accounts']}")
    right = 0 if not stages else 3 if document["output"] else 1
    return wrong if code == right else [*wrong, f"status {code}, not {right}"]


def object_of(sim, home):
    """The output in the bucket, or None; and what else is under the run's prefix."""
    stored = mixed.Stored(sim)
    keys = [key for key in stored.keys() if key.startswith(f"{home.name}/")]
    main = [key for key in keys if not key.endswith(".result.json")]
    return (stored.get(main[0]) if main else None), [each for each in stored.uploads() if each["Key"].startswith(f"{home.name}/")]


def whole_output(what, sim, home, output):
    if what.destination == "s3":
        return object_of(sim, home)[0] is not None
    return output.exists() and output.read_bytes() != EARLIER


def judge_output(what, name, sim, home, done, output, document):
    """Earlier or whole; of accounts that the result names as read, and with right cells."""
    if what.destination == "s3":
        data, uploads = object_of(sim, home)
        if uploads:
            return [f"uploads left: {uploads}"]
    elif what.destination == "sqlite":
        return judge_database(what, name, sim, output, done)
    else:
        data = output.read_bytes() if output.exists() else None
        if data is None:
            return ["the earlier file is gone"]
        data = None if data == EARLIER else data
    if data is None:
        return [] if done.code not in (0, 3) else [f"status {done.code} and no output"]
    if done.code == 1:
        return ["status 1 and an output"]
    return judge_rows(what, sim, data, document)


def judge_rows(what, sim, data, document):
    start = expected.moment(document["started_at"]) if document else None
    oracle = Oracle(sim.dump, what, start or expected.moment(simulator.NOW))
    read = set(document["successful_accounts"]) if document else {each["id"] for each in sim.dump["accounts"]}
    if what.format == "csv":
        seen, wrong = oracle.wrong_csv(data, {})
    else:
        seen, wrong = oracle.wrong_objects([json.loads(line) for line in data.splitlines()], {})
    if set(seen) != {key for key in oracle.users if key[0] in read} or len(seen) != len(set(seen)):
        wrong.append(f"{len(seen)} rows, of accounts {sorted({key[0] for key in seen})}, not {sorted(read)}")
    return wrong


def judge_database(what, name, sim, output, done):
    objects, runs, ok = objects_of(output)
    if not ok:
        return ["the database is damaged"]
    allowed = {"SIGKILL": {2, 3}}.get(name, {2} if done.code in (0, 3) else {1} if done.code == 1 else {1, 2})
    wrong = [] if runs in allowed else [f"status {done.code} and {runs} runs in the database"]
    if name == "SIGKILL":  # the run after it is there, whole
        seen = {(each["account_id"], each["user_name"]) for each in objects}
        oracle = Oracle(sim.dump, what, expected.moment(simulator.NOW))
        if seen != set(oracle.users):
            wrong.append("the next run is not whole")
    return wrong


def one(seed, name, sim):
    what = What(seed, name)
    home = pathlib.Path(tempfile.mkdtemp(prefix="iam-census-ended-"))
    done = None
    try:
        done, output, seconds = run(what, name, sim, home)
        wrong = judge(what, name, sim, home, done, output)
        if seconds > 15:
            wrong.append(f"{seconds:.1f} s")
    except Exception as e:  # pylint: disable=broad-except
        wrong = [f"{type(e).__name__}: {e}"]
    shutil.rmtree(home)
    about = f"{name}, {what.destination}, {what.format}, {what.strategy}, after {what.moment_s:.3f} s"
    return seed, name, wrong, done and done.code, about


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("each", nargs="?", type=int, default=6)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=3)
    options = parser.parse_args()
    hear_signals()
    codes, passed, failed, began = collections.Counter(), 0, 0, time.monotonic()
    with simulator.Simulator(*WORLD, scenario=SCENARIO) as sim, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        assert sim.dump and BUCKET
        cases = [(seed, name) for seed in range(options.seed, options.seed + options.each) for name in SIGNALS]
        for seed, name, wrong, code, about in pool.map(lambda case: one(*case, sim), cases):
            codes[(name, code)] += 1
            passed, failed = passed + (not wrong), failed + bool(wrong)
            if wrong:
                print(f"FAILED: {about}: python3 tests/chaos/ended.py 1 {seed}\n  " + "\n  ".join(wrong[:3]), flush=True)
    print("statuses: " + ", ".join(f"{name} {code}: {count}" for (name, code), count in sorted(codes.items(), key=str)))
    print(f"{time.monotonic() - began:.0f} s")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    simulator.run_or_skip(main)
