#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the program's work again and again, each time with another call of the C library failing (interposer.c).

Usage: faults.py [--every N] [--scenario NAME] [--kind KIND] [--limit N] [--jobs N]

Each scenario runs once without a fault, which counts its calls and keeps its output. Then, for every kind of call, every
way in which it can fail, and every N-th of its calls (--every 1: all), it runs with that call failing, and again with all
calls from then on failing. Whatever fails, the program ends in time and by itself, with a status of the contract; it says
something if that is not 0; what lies under the output's name is whole, and right or told to be incomplete; and neither a
part of a file nor an upload is left. A case that does not hold is printed with a command that repeats it. The last line
is 'N passed, N failed'.
"""

import argparse
import concurrent.futures
import csv
import errno
import io
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path += [str(ROOT / "tests/sim"), str(ROOT / "tests/e2e")]
import simulator  # noqa: E402

PROGRAM = os.environ.get("IAM_CENSUS_BIN") or str(ROOT / "build/release/iam-census")
LIBRARY = os.environ.get("IAM_CENSUS_FAULTS") or str(ROOT / "build/release/tests/libfaults.so")
SECONDS = 60  # back-offs included
STATUSES = {0, 1, 2, 3, 4}
SHORT = -1
FAILURES = {
    "malloc": [errno.ENOMEM], "open": [errno.EMFILE, errno.ENOSPC, errno.EACCES], "read": [errno.EIO, errno.EINTR, SHORT],
    "write": [errno.ENOSPC, errno.EIO, errno.EINTR, SHORT], "pread": [errno.EIO, errno.EINTR, SHORT],
    "pwrite": [errno.ENOSPC, errno.EIO, errno.EINTR, SHORT], "fsync": [errno.EIO, errno.ENOSPC], "rename": [errno.EIO, errno.ENOSPC],
    "link": [errno.EIO, errno.ENOSPC], "unlink": [errno.EIO], "ftruncate": [errno.EIO, errno.ENOSPC], "stat": [errno.EIO, errno.ENOMEM],
    "lseek": [errno.EIO], "fcntl": [errno.EMFILE, errno.ENOMEM], "socket": [errno.EMFILE, errno.ENOMEM],
    "connect": [errno.ENOMEM, errno.ECONNREFUSED], "send": [errno.EIO, errno.EINTR, errno.EPIPE, SHORT],
    "recv": [errno.EIO, errno.EINTR, errno.ECONNRESET, SHORT], "epoll_create": [errno.EMFILE, errno.ENOMEM],
    "epoll_ctl": [errno.ENOMEM, errno.ENOSPC], "epoll_wait": [errno.EINTR, errno.EIO], "poll": [errno.EINTR, errno.ENOMEM],
    "mmap": [errno.ENOMEM], "pipe": [errno.EMFILE],
}
COLLECT = ("collect", "--role-name", simulator.ROLE, "--json")
# By name: what runs, and the output whose bytes are compared (None: none). 'given.sqlite' is a database with two runs.
SCENARIOS = {
    "file": ((*COLLECT, "--strategy", "per-user", "--output", "out.csv"), "out.csv"),
    "bulk": ((*COLLECT, "--strategy", "bulk", "--columns", "full", "--output", "out.csv", "--accounts-file", "accounts.csv"), "out.csv"),
    "lines": ((*COLLECT, "--format", "jsonl", "--output", "out.jsonl"), "out.jsonl"),
    "bucket": ((*COLLECT, "--s3-bucket", "census"), None),
    "findings": ((*COLLECT, "--findings", "findings.jsonl", "--output", "out.csv"), "findings.jsonl"),
    "sqlite": ((*COLLECT, "--format", "sqlite", "--output", "out.sqlite"), None),
    "check": (("check", "given.sqlite", "--output", "findings.jsonl"), "findings.jsonl"),
    "diff": (("diff", "given.sqlite"), None),
    "report": (("report", "given.sqlite", "--output", "page.html"), "page.html"),
    "doctor": (("doctor", "--role-name", simulator.ROLE, "--json"), None),
}


class Bench:
    """The simulator that all runs share, and what a run without faults makes."""

    def __init__(self, home):
        self.home = home
        self.sim = simulator.Simulator("--accounts", 3, "--users-exact", 2, "--all-active").start()
        self.given = home / "given.sqlite"
        for _ in range(2):
            subprocess.run([PROGRAM, *COLLECT, "--format", "sqlite", "--columns", "full", "--output", str(self.given)],
                           env=self.environment({}), check=True, capture_output=True, timeout=60)

    def environment(self, fault):
        return {"PATH": os.environ["PATH"], "HOME": str(self.home), "AWS_REGION": simulator.REGION, "AWS_ENDPOINT_URL": self.sim.url,
                "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY, "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET,
                "AWS_EC2_METADATA_DISABLED": "true", **{name: str(value) for name, value in fault.items()}}

    def run(self, name, fault):
        """A run in a folder of its own, which is left for whoever looks."""
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.home))
        shutil.copy(self.given, folder / "given.sqlite")
        arguments = [PROGRAM, *SCENARIOS[name][0]]
        if name == "bucket":
            arguments += ["--s3-prefix", folder.name]
        env = self.environment({**fault, "LD_PRELOAD": LIBRARY})
        process = subprocess.Popen(arguments, cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            out, err = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            process.returncode = "none after %d s" % SECONDS
        return folder, process.returncode, out, err


def rows(text):
    return list(csv.reader(io.StringIO(text.decode("utf-8", "replace"))))


# What names a run or says when it was: another run's differ.
OF_THE_RUN = re.compile(rb'"(run_id|first_seen|last_seen|evaluated_at|judged_at|as_of|data_as_of)":"[^"]*"')


def same_run(text):
    return OF_THE_RUN.sub(b"", text)


def wrong_cells(good, found):
    """Cells of a CSV that are not those of the right one, apart from 'unknown', the list of these, and when it was read."""
    expected = {(row[0], row[15]): row for row in rows(good)[1:]}
    header = rows(good)[0]
    if rows(found)[:1] != [header]:
        return ["the header"]
    return [(row[0], row[15], name, cell) for row in rows(found)[1:]
            for name, cell, right in zip(header, row, expected.get((row[0], row[15]), [None] * len(header)))
            if "unknown" not in cell and cell != right and name not in ("DataAsOf", "Unknown")]


def judge(name, good, folder, fault, status, out, err):
    """What does not hold of a run, as words; None if all does."""
    if status not in STATUSES:
        return f"status {status}"
    if status != 0 and not err.strip() and not (name == "doctor" and out):
        return f"status {status} without a word"
    # The journal of a run that was cut off: the next one undoes by it what was begun.
    left = [path.name for path in folder.iterdir() if path.name not in good["files"] and path.name != "out.sqlite-journal"]
    if fault["IAM_FAULT_KIND"] == "unlink":
        left = []  # nothing can be removed
    if left and status != 0:
        return f"left behind: {left}"
    if left:
        return f"status 0, and unknown files {left}"
    if name == "sqlite" and (folder / "out.sqlite").exists():
        return unusable(folder, status)
    output = SCENARIOS[name][1]
    path = folder / output if output else None
    if status == 0 and path and not path.exists():
        return "status 0 and no output"
    if path and path.exists() and same_run(path.read_bytes()) != same_run(good["output"]):
        if name == "findings" and status == 3:
            return None  # rules about what is unknown could not be judged
        if output != "out.csv" or status != 3:
            return f"status {status} and another output"
        bad = wrong_cells(good["output"], path.read_bytes())
        if bad:
            return f"wrong cells: {bad[:2]}"
    return told_each_account_once(out) if name in ("file", "bulk", "bucket") and status in (0, 3) else None


def unusable(folder, status):
    """The next run is recorded in the database, beside the one that failed only if that is complete."""
    env = {"PATH": os.environ["PATH"], "HOME": str(folder)}
    done = subprocess.run([PROGRAM, "history", "out.sqlite"], cwd=folder, env=env, capture_output=True, timeout=20, check=False)
    listed = len(done.stdout.splitlines()) - 1 if done.returncode == 0 else 0
    if done.returncode not in (0, 2) or b"damaged" in done.stderr:
        return f"status {status}, and the database: {done.stderr.decode()}"
    return f"status {status}, and no run in the database" if status in (0, 3) and listed < 1 else None


def told_each_account_once(out):
    try:
        document = json.loads(out)
    except ValueError:
        return None  # it could not be printed, and the status says so
    told = [each["account_id"] if isinstance(each, dict) else each for group in ("successful", "partial", "failed", "skipped")
            for each in document.get(f"{group}_accounts", [])]
    return None if len(told) == len(set(told)) == 3 else f"accounts in the result: {told}"


def uploads_left(bench):
    s3 = bench.sim.client("s3")
    return s3.list_multipart_uploads(Bucket="census").get("Uploads", [])


def good_run(bench, name):
    counts = bench.home / "counts"
    folder, status, out, err = bench.run(name, {"IAM_FAULT_COUNTS": counts})
    allowed = (0, 3, 4) if name in ("findings", "check") else (0, 3)
    if status not in allowed:
        raise SystemExit(f"faults: '{name}' ends with {status} without any fault: {err.decode()}")
    output = SCENARIOS[name][1]
    return {"files": {path.name for path in folder.iterdir()} | {"given.sqlite"}, "status": status,
            "output": (folder / output).read_bytes() if output else b"",
            "counts": {kind: int(count) for kind, count in (line.split() for line in counts.read_text().splitlines())}}


def cases(good, options):
    for kind, errors in FAILURES.items():
        if options.kind and kind != options.kind:
            continue
        total = good["counts"][kind]
        for number in range(1 + options.offset % options.every, total + 1, options.every):
            for error in errors:
                # A call that is interrupted for ever does not exist, and half of everything is slow, not wrong.
                for lasting in (0, 1) if error not in (SHORT, errno.EINTR) else (0,):
                    yield {"IAM_FAULT_KIND": kind, "IAM_FAULT_AT": number, "IAM_FAULT_ERROR": error, "IAM_FAULT_LASTING": lasting}


def one(bench, name, good, fault):
    folder, status, out, err = bench.run(name, fault)
    wrong = judge(name, good, folder, fault, status, out, err)
    shutil.rmtree(folder)
    return fault, wrong, err


def repeat(bench, name, fault):
    setting = " ".join(f"{key}={value}" for key, value in fault.items())
    return f"AWS_ENDPOINT_URL=... {setting} LD_PRELOAD={LIBRARY} {' '.join([PROGRAM, *SCENARIOS[name][0]])}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--offset", type=int, default=0)
    parser.add_argument("--scenario", choices=SCENARIOS)
    parser.add_argument("--kind", choices=FAILURES)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    passed = failed = 0
    with tempfile.TemporaryDirectory(prefix="iam-census-faults-") as home, concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        bench = Bench(pathlib.Path(home))
        try:
            for name in [options.scenario] if options.scenario else SCENARIOS:
                good = good_run(bench, name)
                all_cases = list(cases(good, options))
                before = passed, failed
                for fault, wrong, err in pool.map(lambda fault: one(bench, name, good, fault), all_cases):
                    passed, failed = passed + (wrong is None), failed + (wrong is not None)
                    if wrong:
                        print(f"FAILED: {name}: {wrong}\n  {repeat(bench, name, fault)}\n  {err.decode(errors='replace')[-300:]}", flush=True)
                if name == "bucket" and uploads_left(bench):
                    failed += 1
                    print(f"FAILED: bucket: uploads left: {uploads_left(bench)}")
                print(f"{name}: {passed - before[0]} passed, {failed - before[1]} failed", flush=True)
        finally:
            bench.sim.stop(check=False)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    simulator.run_or_skip(main)
