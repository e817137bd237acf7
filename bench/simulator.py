# SPDX-License-Identifier: MIT
"""A simulated organization for one workload, and programs that are run against it and measured."""

import datetime
import json
import os
import pathlib
import ssl
import subprocess
import sys
import threading
import time
import urllib.request

import boto3
from botocore.config import Config

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests" / "e2e"))
import certificates  # noqa: E402  a module of the tests
BUILD = pathlib.Path(os.environ.get("IAM_CENSUS_BENCH_BUILD") or ROOT / "build/bench")
SYSTEM_CAS = pathlib.Path("/etc/ssl/certs/ca-certificates.crt")
HOME = BUILD / "work"  # worlds, outputs, measurements; made anew by each run
ROLE = "CensusRole"
START_SECONDS = 60
RUN_SECONDS = 3600
CALLER = {"AWS_ACCESS_KEY_ID": "AKIASIMULATEDCALLER0", "AWS_SECRET_ACCESS_KEY": "simulated-secret"}


def environment(url, authority=None):
    """Nothing of the caller's own AWS settings. 'authority' is the file of the CA to trust, for AWS SDKs and for Go."""
    trusted = {"AWS_CA_BUNDLE": str(authority), "SSL_CERT_FILE": str(authority)} if authority else {}
    return {**trusted, "PATH": os.environ["PATH"], "HOME": str(HOME), "LANG": "C.UTF-8", "AWS_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true", "AWS_ENDPOINT_URL": url, **CALLER}


def make_certificates(home):
    """The file of the CAs to trust, as long as that of a distribution, and the server's key and certificate."""
    pair = certificates.authority(home, "authority")
    bundle = home / "bundle.pem"
    bundle.write_bytes(pair[1].read_bytes() + SYSTEM_CAS.read_bytes())
    return bundle, *certificates.server(home, "server", pair)


def ticks_of_machine():
    """Busy time of all cores, in clock ticks: user, nice, system, irq, softirq, steal."""
    fields = [int(each) for each in pathlib.Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4]


def ticks_of_process(pid):
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return int(fields[11]) + int(fields[12])


class Run:
    """What one program took, and what the simulator saw of it."""

    def __init__(self, name, command, took, counters, printed):
        self.name = name
        self.command = command
        self.wall_s = took["wall_s"]
        self.cpu_s = took["user_s"] + took["system_s"]
        self.peak_kib = took["peak_kib"]
        self.preempted = took["preempted"]
        self.counters = counters
        self.calls = counters["requests"]
        self.printed = printed

    @property
    def cpu_us_per_call(self):
        return self.cpu_s * 1e6 / self.calls

    def figures(self):
        return {"name": self.name, "calls": self.calls, "wall_s": round(self.wall_s, 3),
                "cpu_s": round(self.cpu_s, 3), "cpu_us_per_call": round(self.cpu_us_per_call, 2),
                "peak_kib": self.peak_kib, "preempted": self.preempted,
                "simulator_cpu_s": round(self.simulator_s, 2), "others_share": round(self.others, 3)}


class MemorySampler:
    """Resident memory over time of the program that 'measure' runs, as (seconds, KiB)."""

    INTERVAL_S = 0.25

    def __init__(self, measure_pid):
        self.pid = measure_pid
        self.samples = []
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.watch)
        self.start = time.monotonic()
        self.thread.start()

    def watch(self):
        page_kib = os.sysconf("SC_PAGESIZE") // 1024
        while not self.over.wait(self.INTERVAL_S):
            try:
                children = pathlib.Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
                pages = int(pathlib.Path(f"/proc/{children[0]}/statm").read_text().split()[1])
            except (OSError, IndexError):
                continue
            self.samples.append((round(time.monotonic() - self.start, 2), pages * page_kib))

    def stop(self):
        self.over.set()
        self.thread.join()
        return self.samples


class Simulator:
    """iam-census-sim with a world; leaving the block ends it."""

    def __init__(self, name, tls=False, **flags):
        self.name = name
        self.home = HOME / name
        self.home.mkdir(parents=True, exist_ok=True)
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:00Z")
        self.world_flags = ["--now", now]  # credential reports are then up to four hours old
        self.flags = []
        for flag, value in flags.items():
            words = [f"--{flag.replace('_', '-')}"] + ([] if value is True else [str(value)])
            (self.world_flags if flag in ("accounts", "users_exact", "keys_percent", "all_active") else self.flags
             ).extend(words)
        self.authority = self.tls_context = None
        if tls:
            self.authority, key, certificate = make_certificates(self.home)
            self.flags += ["--certificate", str(certificate), "--key", str(key)]
            self.tls_context = ssl.create_default_context(cafile=self.authority)
        self.command = [str(BUILD / "iam-census-sim"), *self.world_flags, *self.flags]
        self.process = None
        self.runs = 0

    def __enter__(self):
        port_file = self.home / "port"
        port_file.unlink(missing_ok=True)
        self.process = subprocess.Popen([*self.command, "--port-file", str(port_file)],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=open(self.home / "simulator.log", "wb"))
        deadline = time.monotonic() + START_SECONDS
        while not port_file.exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise SystemExit(f"bench: the simulator did not start, see {self.home}/simulator.log")
            time.sleep(0.01)
        self.url = f"{'https' if self.authority else 'http'}://127.0.0.1:{int(port_file.read_text())}"
        return self

    def __exit__(self, *rest):
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def world(self):
        """The accounts with their users, as --dump-world prints them."""
        done = subprocess.run([str(BUILD / "iam-census-sim"), *self.world_flags, "--dump-world"],
                              capture_output=True, timeout=600, check=True)
        return json.loads(done.stdout)["accounts"]

    def client(self, service, session=None):
        """A boto3 client of the caller, or of a session that STS gave."""
        given = session or {"AccessKeyId": CALLER["AWS_ACCESS_KEY_ID"], "SecretAccessKey": CALLER["AWS_SECRET_ACCESS_KEY"]}
        return boto3.client(service, endpoint_url=self.url, region_name="us-east-1", verify=self.authority,
                            aws_access_key_id=given["AccessKeyId"], aws_secret_access_key=given["SecretAccessKey"],
                            aws_session_token=given.get("SessionToken"),
                            config=Config(s3={"addressing_style": "path"}))

    def account_ids(self):
        path = self.home / "accounts"
        if not path.exists():
            pages = self.client("organizations").get_paginator("list_accounts").paginate()
            ids = sorted(account["Id"] for page in pages for account in page["Accounts"])
            path.write_text("".join(f"{each}\n" for each in ids))
        return path.read_text().split()

    def accounts_file(self, count=None):
        """A file with all account ids, or the first 'count' of them."""
        ids = self.account_ids()
        if count is None or count >= len(ids):
            return self.home / "accounts"
        path = self.home / f"accounts-{count}"
        path.write_text("".join(f"{each}\n" for each in ids[:count]))
        return path

    def control(self, path, body=None):
        with urllib.request.urlopen(f"{self.url}/_sim/{path}", data=body, timeout=60, context=self.tls_context) as answer:
            return json.loads(answer.read())

    def run(self, name, command, memory=False, allowed=(0,)):
        """Runs a program to its end, from fresh counters."""
        self.control("reset", b"")
        self.runs += 1
        machine_before, simulator_before = ticks_of_machine(), ticks_of_process(self.process.pid)
        report = self.home / f"{self.runs:02}-{name}.json"
        log = open(self.home / f"{self.runs:02}-{name}.log", "wb")
        process = subprocess.Popen([str(BUILD / "measure"), str(report), *map(str, command)], cwd=self.home,
                                   env=environment(self.url, self.authority), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=log)
        sampler = MemorySampler(process.pid) if memory else None
        try:
            printed, _ = process.communicate(timeout=RUN_SECONDS)
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
            samples = sampler.stop() if sampler else None
        if process.returncode not in allowed:
            raise SystemExit(f"bench: '{name}' ended with status {process.returncode}, see {log.name}")
        run = Run(name, command, json.loads(report.read_text()), self.control("counters"), printed)
        if run.counters["bad_signatures"]:
            raise SystemExit(f"bench: '{name}' had signatures refused")
        run.memory = samples
        run.log = pathlib.Path(log.name)
        second = os.sysconf("SC_CLK_TCK")
        run.simulator_s = (ticks_of_process(self.process.pid) - simulator_before) / second
        others_s = (ticks_of_machine() - machine_before) / second - run.simulator_s - run.cpu_s
        run.others = max(0.0, others_s) / (run.wall_s * os.cpu_count())
        return run

    def census(self, strategy, *more, accounts=None, name=None, output=True, **how):
        """Runs iam-census. The result document is run.result, the CSV run.csv."""
        name = name or strategy
        csv = self.home / f"{name}.csv"
        command = [BUILD / "iam-census", "collect", "--role-name", ROLE, "--strategy", strategy, "--json",
                   "--accounts", f"@{accounts or self.accounts_file()}", *more]
        if output:
            command += ["--output", csv]
        run = self.run(f"iam-census-{name}", command, **how)
        run.result = json.loads(run.printed)
        run.csv = csv
        if run.result["failed_accounts"] or run.result["partial_accounts"]:
            raise SystemExit(f"bench: '{name}' could not read all accounts")
        return run
