#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the program's work again and again, each time with another call of the C library failing (interposer.c).

Usage: faults.py [--every N] [--offset N] [--scenario NAME] [--kind KIND] [--jobs N] [--whole] [--distinct] [--count]

Each scenario (scenarios.py) runs without a fault first, which counts its calls and keeps its output. Then, for every kind of
call, every way in which it can fail, and every N-th of its calls (--every 1: all), it runs with that call failing, and again
with all calls from then on failing. Whatever fails, the program ends in time and by itself, with a status of the contract;
it says something if that is not 0; what lies under the output's name is whole, and right or told to be incomplete; and
neither a part of a file nor an upload is left (judge.py). A case that does not hold is printed with what repeats it. The
last line is 'N passed, N failed'. --count says only how many runs there would be.

All scenarios begin with the same allocations, of the libraries as they start. Those that are the same as in the scenario
'file' by their sizes and stacks, from the first one on, are run in that scenario only; with --whole in each. With
--distinct, of several allocations of one size and one stack only the first fails: a short form that still meets every
place in the code.
"""

import argparse
import datetime
import errno
import itertools
import multiprocessing
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import scenarios
import simulator
from bench import LIBRARY, PROGRAM, Bench, fix_addresses
from judge import good_record, holds_rows, judge
from scenarios import COLLECT, SCENARIOS

SHORT = -1
REFERENCE = "file"  # its first allocations, until the program does what only it does, count for all scenarios
GOOD_RUNS = 3  # the number of calls differs by chance: the most of so many runs counts
CHUNK_MOST = 8
FAILURES = {
    "malloc": [errno.ENOMEM], "open": [errno.EMFILE, errno.ENOSPC, errno.EACCES], "read": [errno.EIO, errno.EINTR, SHORT],
    "write": [errno.ENOSPC, errno.EIO, errno.EINTR, SHORT], "pread": [errno.EIO, errno.EINTR, SHORT],
    "pwrite": [errno.ENOSPC, errno.EIO, errno.EINTR, SHORT], "fsync": [errno.EIO, errno.ENOSPC], "rename": [errno.EIO, errno.ENOSPC],
    "link": [errno.EIO, errno.ENOSPC], "unlink": [errno.EIO], "ftruncate": [errno.EIO, errno.ENOSPC], "stat": [errno.EIO, errno.ENOMEM],
    "lseek": [errno.EIO], "fcntl": [errno.EMFILE, errno.ENOMEM], "socket": [errno.EMFILE, errno.ENOMEM],
    "connect": [errno.ENOMEM, errno.ECONNREFUSED], "send": [errno.EIO, errno.EINTR, errno.EPIPE, SHORT],
    "recv": [errno.EIO, errno.EINTR, errno.ECONNRESET, SHORT], "epoll_create": [errno.EMFILE, errno.ENOMEM],
    "epoll_ctl": [errno.ENOMEM, errno.ENOSPC], "epoll_wait": [errno.EINTR, errno.EIO], "poll": [errno.EINTR, errno.ENOMEM],
    "mmap": [errno.ENOMEM], "pipe": [errno.EMFILE], "chmod": [errno.EIO], "close": [errno.EIO, errno.EINTR], "random": [errno.EIO],
    "spawn": [errno.EAGAIN, errno.ENOMEM], "wait": [errno.ECHILD, errno.EINTR], "ioctl": [errno.EIO],
    "resolve": [errno.ENOMEM, errno.EAGAIN], "stdio": [errno.EIO],
}


def make_given(bench):
    """The database that check, diff and report read."""
    for _ in range(2):
        subprocess.run([PROGRAM, *COLLECT, "--format", "sqlite", "--columns", "full", "--output", str(bench.home / "given.sqlite")],
                       env=bench.environment({}), check=True, capture_output=True, timeout=60)


def good_run(bench):
    path = bench.home / f"counts-{os.getpid()}"
    outcome = bench.run({"IAM_FAULT_COUNTS": path})
    allowed = (0, 3, 4) if bench.name in ("findings", "check") else (0, 3)
    if outcome.status not in allowed or (bench.event is not None and outcome.answer is None):
        raise SystemExit(f"faults: '{bench.name}' ends with {outcome.status} without any fault: {outcome.err.decode()}")
    counts = {kind: int(count) for kind, count in (line.split() for line in path.read_text().splitlines())}
    record = good_record(bench.name, outcome, counts)
    shutil.rmtree(outcome.folder)
    if holds_rows(bench.name):
        outcome = bench.run({}, per_user=True)
        record["per_user"] = good_record(bench.name, outcome, counts)["rows"]
        shutil.rmtree(outcome.folder)
    return record


def good_runs(bench):
    records = [good_run(bench) for _ in range(GOOD_RUNS)]
    for record in records[1:]:
        for kind, count in record["counts"].items():
            records[0]["counts"][kind] = max(records[0]["counts"][kind], count)
    return records[0]


def beginning(stacks, home, authority, now):
    """How many allocations, from the first one on, are the same as in the scenario REFERENCE: by their sizes and stacks."""
    other = Bench(home, REFERENCE, now, authority)
    try:
        return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(stacks, other.stacks())))
    finally:
        other.close()


def allocations(bench, good, options, authority, now):
    """The numbers of the allocations that fail."""
    count = good["counts"]["malloc"]
    if options.whole or not options.fixed:
        return range(1, count + 1)
    stacks = bench.stacks()
    good["same"] = 0 if bench.name == REFERENCE else beginning(stacks, bench.home, authority, now)
    if not options.distinct:
        return range(good["same"] + 1, count + 1)
    first = {}
    for number, stack in enumerate(stacks, 1):
        first.setdefault(stack, number)
    return sorted(number for number in first.values() if number > good["same"])


def cases(good, options):
    for kind, errors in FAILURES.items():
        if options.kind and kind != options.kind:
            continue
        numbers = good["allocations"] if kind == "malloc" else range(1, good["counts"].get(kind, 0) + 1)
        for number in numbers[options.offset % options.every::options.every]:
            for error in errors:
                # A call that is interrupted for ever does not exist, and half of everything is slow, not wrong.
                for lasting in (0, 1) if error not in (SHORT, errno.EINTR) else (0,):
                    yield {"IAM_FAULT_KIND": kind, "IAM_FAULT_AT": number, "IAM_FAULT_ERROR": error, "IAM_FAULT_LASTING": lasting}


class Worker:
    """What each process of the pool keeps."""
    bench = good = None

    @classmethod
    def begin(cls, numbers, benches, good):
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        cls.bench, cls.good = benches[numbers.get()], good
        cls.bench.connect()  # anew: a connection is not shared

    @classmethod
    def one(cls, fault):
        outcome = cls.bench.run(fault)
        wrong = judge(cls.bench.name, cls.good, fault, outcome)
        if wrong and cls.good["day"] != datetime.date.today():
            cls.good = {**good_run(cls.bench), "day": datetime.date.today()}  # ages are those of another day
            wrong = judge(cls.bench.name, cls.good, fault, outcome)
        shutil.rmtree(outcome.folder)
        return fault, wrong, outcome.err[-400:], outcome.seconds


def repeat(name, fault):
    setting = " ".join(f"{key}={value}" for key, value in fault.items())
    return f"AWS_ENDPOINT_URL=... {setting} LD_PRELOAD={LIBRARY} {' '.join([PROGRAM, *SCENARIOS[name].arguments])}"


def run_all(name, good, benches, all_cases):
    """Returns (passed, failed, the slowest run in seconds)."""
    passed = failed = 0
    slowest = 0.0
    numbers = multiprocessing.SimpleQueue()
    for number in range(len(benches)):
        numbers.put(number)
    chunk = max(1, min(CHUNK_MOST, len(all_cases) // (16 * len(benches))))
    with multiprocessing.Pool(len(benches), Worker.begin, (numbers, benches, good)) as pool:
        for fault, wrong, err, seconds in pool.imap_unordered(Worker.one, all_cases, chunk):
            passed, failed, slowest = passed + (wrong is None), failed + (wrong is not None), max(slowest, seconds)
            if wrong:
                print(f"FAILED: {name}: {wrong}\n  {repeat(name, fault)}\n  {err.decode(errors='replace')}", flush=True)
    return passed, failed, slowest


def scenario(name, home, authority, options):
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:00Z")
    began = time.monotonic()
    benches = []
    try:
        for _ in range(1 if options.count else options.jobs):
            benches.append(Bench(home, name, now, authority))
        if SCENARIOS[name].given and not (home / "given.sqlite").exists():
            make_given(benches[0])
        good = {**good_runs(benches[0]), "day": datetime.date.today(), "same": 0}
        good["allocations"] = allocations(benches[0], good, options, authority, now)
        all_cases = list(cases(good, options))
        if options.count:
            print(f"{name}: {len(all_cases)} runs, without the first {good['same']} allocations, {good['counts']}")
            return 0, 0
        passed, failed, slowest = run_all(name, good, benches, all_cases)
    finally:
        for bench in benches:
            bench.close()
    print(f"{name}: {passed} passed, {failed} failed (without the first {good['same']} allocations) in "
          f"{time.monotonic() - began:.0f} s; the slowest run took {slowest:.1f} s", flush=True)
    return passed, failed


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--scenario", choices=SCENARIOS, action="append")
    parser.add_argument("--kind", choices=FAILURES)
    parser.add_argument("--jobs", type=int, default=4 * os.cpu_count())
    parser.add_argument("--count", action="store_true")
    parser.add_argument("--whole", action="store_true")
    parser.add_argument("--distinct", action="store_true")
    options = parser.parse_args()
    options.fixed = fix_addresses()
    total = [0, 0]
    with tempfile.TemporaryDirectory(prefix="iam-census-faults-") as home:
        authority = scenarios.Authority(pathlib.Path(home))
        for name in options.scenario or SCENARIOS:
            if SCENARIOS[name].world == "tls" and not authority.bundle:
                print(f"SKIPPED: {name}: there is no openssl command")
                continue
            total = [a + b for a, b in zip(total, scenario(name, pathlib.Path(home), authority, options))]
    print(f"{total[0]} passed, {total[1]} failed")
    return 1 if total[1] else 0


if __name__ == "__main__":
    simulator.run_or_skip(main)
