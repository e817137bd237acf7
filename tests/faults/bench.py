# SPDX-License-Identifier: MIT
"""Runs the program in a folder of its own, against a simulator that only this worker uses."""

import ctypes
import dataclasses
import json
import os
import pathlib
import queue
import shutil
import subprocess
import tempfile
import time

import scenarios
from runtime_api import RuntimeApi
from scenarios import BUCKET, SCENARIOS

PROGRAM = os.environ.get("IAM_CENSUS_BIN") or str(scenarios.ROOT / "build/release/iam-census")
LIBRARY = os.environ.get("IAM_CENSUS_FAULTS") or str(scenarios.ROOT / "build/release/tests/libfaults.so")
SECONDS = 60  # back-offs included
END_SECONDS = 10  # after SIGTERM
ADDR_NO_RANDOMIZE = 0x0040000
RESET_EVERY = 100  # runs: what the simulator keeps of them would only grow


def fix_addresses():
    """What is started from now on has the same addresses each time, so that a stack of one run can be found in another."""
    return ctypes.CDLL(None).personality(ADDR_NO_RANDOMIZE) >= 0


@dataclasses.dataclass
class Outcome:
    """How a run ended. status: the exit status, or words; answer: what the function answered, or None; uploads: the open ones,
    as (key, number of parts)."""
    folder: pathlib.Path
    status: object = None
    out: bytes = b""
    err: bytes = b""
    answer: object = None
    objects: dict = dataclasses.field(default_factory=dict)
    uploads: list = dataclasses.field(default_factory=list)
    seconds: float = 0


class Bench:
    """One simulator of a world, and the folders of the runs. close() ends it."""

    def __init__(self, home, name, now, authority):
        self.home, self.name, self.scenario, self.authority = home, name, SCENARIOS[name], authority
        self.sim = scenarios.start_world(self.scenario.world, now, authority)
        self.connect()
        self.count = self.seen_calls = 0
        self.event = dict(self.scenario.event) if self.scenario.event is not None else None
        if self.name == "step":
            self.plan()

    def connect(self):
        self.s3 = self.sim.client("s3") if self.scenario.to_bucket else None

    def close(self):
        self.sim.stop(check=False)

    def environment(self, fault):
        return {**scenarios.environment(self.scenario, self.home, self.sim, self.authority),
                **{name: str(value) for name, value in fault.items()}}

    def plan(self):
        """The step before: says what the batch is, which all runs then read."""
        self.event = {"action": "plan", "run_id": scenarios.RUN_ID, "batch_size": 10}
        run = json.loads(json.loads(self.invoked(pathlib.Path(tempfile.mkdtemp(dir=self.home)), {}).answer.body)["body"])
        batches = json.loads(self.s3.get_object(Bucket=run["batches_bucket"], Key=run["batches_key"])["Body"].read())
        self.event = {"action": "collect_batch", "run": run, "batch": batches[0]}

    def stacks(self):
        """For each allocation of a run a hash of its size and its stack; equal ones of two scenarios are the same step."""
        path = self.home / "stacks"
        outcome = self.run({"IAM_FAULT_STACKS": path})
        shutil.rmtree(outcome.folder)
        content = path.read_bytes()
        return [content[at:at + 8] for at in range(0, len(content), 8)]

    def run(self, fault, per_user=False):
        """per_user: by that strategy, whatever the scenario says."""
        self.count += 1
        if self.count % RESET_EVERY == 0 and self.name != "step" and self.scenario.world != "tls":
            self.sim.control("reset", "POST")
            self.seen_calls = 0
        folder = pathlib.Path(tempfile.mkdtemp(dir=self.home))
        if self.scenario.given:
            shutil.copy(self.home / "given.sqlite", folder)
        start = time.monotonic()
        preloaded = {**fault, "LD_PRELOAD": LIBRARY}
        outcome = self.invoked(folder, preloaded, per_user) if self.event is not None else self.commanded(folder, preloaded, per_user)
        outcome.seconds = time.monotonic() - start
        if self.s3:
            self.take_objects(outcome)
        return outcome

    def commanded(self, folder, fault, per_user=False):
        arguments = [PROGRAM, *(each if not per_user or each != "bulk" else "per-user" for each in self.scenario.arguments)]
        if per_user and "--strategy" not in arguments:
            arguments += ["--strategy", "per-user"]
        if self.scenario.to_bucket:
            arguments += ["--s3-prefix", f"{folder.name}/"]
        process = subprocess.Popen(arguments, cwd=folder, env=self.environment(fault), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE)
        return finished(Outcome(folder), process, SECONDS)

    def invoked(self, folder, fault, per_user=False):
        """One invocation; then the function is ended, as Lambda ends a sandbox."""
        api = RuntimeApi().start()
        try:
            event = {**self.event, "s3_prefix": f"{folder.name}/"} if self.name == "lambda" else self.event
            if per_user:
                event = {**event, "strategy": "per-user"}
            api.events.put(("request-1", json.dumps(event).encode(), int((time.time() + SECONDS) * 1000)))
            env = {**self.environment(fault), "AWS_LAMBDA_RUNTIME_API": api.address}
            with open(folder / "stderr", "wb+") as err:
                process = subprocess.Popen([PROGRAM], cwd=folder, env=env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=err)
                outcome = Outcome(folder, answer=answer_of(api, process, err))
                if process.poll() is None:
                    process.terminate()
                finished(outcome, process, END_SECONDS)
                err.seek(0)
                outcome.err = err.read()
            (folder / "stderr").unlink()
            return outcome
        finally:
            api.stop()

    def s3_calls(self):
        """How many calls have made something in the bucket; one count tells more cheaply than lists that there is nothing."""
        return sum(each["calls"] for action, each in self.sim.counters()["actions"].items()
                   if action in ("s3:PutObject", "s3:CreateMultipartUpload"))

    def take_objects(self, outcome):
        """What lies in the bucket of this run, which is removed from it; and the uploads that are open."""
        calls = self.s3_calls()
        if calls == self.seen_calls:
            return
        self.seen_calls = calls
        # Of a step: work/RUN/part-000000.csv and work/RUN/result-000000.json.
        prefix = f"{outcome.folder.name}/" if self.name != "step" else f"work/{scenarios.RUN_ID}/"
        for each in self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix).get("Contents", []):
            if each["Key"].endswith("batches.json"):
                continue
            outcome.objects[each["Key"]] = self.s3.get_object(Bucket=BUCKET, Key=each["Key"])["Body"].read()
            self.s3.delete_object(Bucket=BUCKET, Key=each["Key"])
        for each in self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", []):
            named = {"Bucket": BUCKET, "Key": each["Key"], "UploadId": each["UploadId"]}
            outcome.uploads.append((each["Key"], len(self.s3.list_parts(**named).get("Parts", []))))
            self.s3.abort_multipart_upload(**named)


def answer_of(api, process, err):
    """The first answer; None if the function ended before, or asks for another event without one."""
    deadline = time.monotonic() + SECONDS
    asked_again = 0
    while time.monotonic() < deadline:
        try:
            return api.answers.get(timeout=0.02)
        except queue.Empty:
            if process.poll() is not None:
                return None
        # The event, or the answer, was lost with the connection: nobody hands it out again here.
        if api.events.empty() and b"Runtime API failed" in os.pread(err.fileno(), 1 << 20, 0):
            asked_again += 1
            if asked_again > 20:
                return None
    return None


def finished(outcome, process, seconds):
    try:
        outcome.out, err = process.communicate(timeout=seconds)
        outcome.status = process.returncode
    except subprocess.TimeoutExpired:
        process.kill()
        outcome.out, err = process.communicate()
        outcome.status = f"none after {seconds} s"
    outcome.err = err or b""
    return outcome
