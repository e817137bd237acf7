# SPDX-License-Identifier: MIT
"""Runs the workloads and writes results.json, RESULTS.md and the plots. Started by scripts/bench."""

import argparse
import datetime
import json
import os
import pathlib
import platform
import shutil
import subprocess
import sys

import plots
import report
from simulator import BUILD, HOME, ROOT
from workloads import WORKLOADS, say


def first_line(path, start):
    for line in pathlib.Path(path).read_text().splitlines():
        if line.startswith(start):
            return line.split(":", 1)[1].strip()
    return "?"


def said_by(*command):
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return (done.stdout or done.stderr).strip().splitlines()[0]


def machine():
    import boto3
    distribution = first_line_of_os_release()
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "cpu": first_line("/proc/cpuinfo", "model name"),
        "cores": os.cpu_count(),
        "memory_gib": round(int(first_line("/proc/meminfo", "MemTotal").split()[0]) / 1024 ** 2, 1),
        "kernel": platform.release(),
        "system": distribution,
        "load_at_start": os.getloadavg(),
        "versions": {
            "iam-census": said_by(str(BUILD / "iam-census"), "--version"),
            "libcurl": said_by("pkg-config", "--modversion", "libcurl"),
            "Python": platform.python_version(), "boto3": boto3.__version__,
            "Go": said_by("go", "env", "GOVERSION"),
            "AWS SDK for Go v2": said_by("dpkg-query", "-W", "-f", "${Version}",
                                         "golang-github-aws-aws-sdk-go-v2-dev"),
        },
        "commit": said_by("git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"),
    }


def first_line_of_os_release():
    for line in pathlib.Path("/etc/os-release").read_text().splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.split("=", 1)[1].strip('"')
    return "?"


def render(results, out):
    plots.write_all(results, out / "plots")
    report.write(results, out / "RESULTS.md")


def so_far(resume):
    """The results of a bench of the same commit that was ended early, or none."""
    path = BUILD / "results-so-far.json"
    begun = {"machine": machine(), "quick": False, "workloads": {}}
    if not resume or not path.exists():
        return begun
    results = json.loads(path.read_text())
    same = results["machine"]["commit"] == begun["machine"]["commit"] and not results["quick"]
    return results if same else begun


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small worlds; results go to build/bench/quick")
    parser.add_argument("--only", action="append", choices=list(WORKLOADS),
                        help="only this workload (repeatable); results go to build/bench/quick")
    parser.add_argument("--resume", action="store_true",
                        help="not again what a bench of this commit has measured before it was ended; results go to bench")
    parser.add_argument("--render", action="store_true", help="only write RESULTS.md and plots, from bench/results.json")
    given = parser.parse_args()
    if given.render:
        render(json.loads((ROOT / "bench/results.json").read_text()), ROOT / "bench")
        return 0
    whole = given.resume or not given.quick and not given.only
    out = ROOT / "bench" if whole else BUILD / "quick"
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(HOME, ignore_errors=True)
    HOME.mkdir(parents=True)
    results = so_far(given.resume)
    results["quick"] = given.quick
    for name in [name for name in given.only or WORKLOADS if name not in results["workloads"]]:
        results["workloads"][name] = WORKLOADS[name](given.quick)
        results["machine"]["load_at_end"] = os.getloadavg()
        # What is there if the bench is ended early.
        (BUILD / "results-so-far.json").write_text(json.dumps(results, indent=1) + "\n")
    results["machine"]["left_out"] = [name for name in WORKLOADS if name not in results["workloads"]]
    (out / "results.json").write_text(json.dumps(results, indent=1) + "\n")
    shutil.rmtree(HOME, ignore_errors=True)
    render(results, out)
    checks = [each for workload in results["workloads"].values() for each in workload["checks"]]
    failed = [each["name"] for each in checks if not each["ok"]]
    say(f"{len(checks) - len(failed)} of {len(checks)} figures reached; written to {out}/RESULTS.md")
    for name in failed:
        say(f"  not reached: {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
