# SPDX-License-Identifier: MIT
"""A Lambda function as AWS runs it: several sandboxes, each with a Runtime API of its own, started when one is needed."""

import json
import os
import queue
import signal
import time

import census
from runtime_api import RuntimeApi
from state_machine import FunctionError

EXTRA_SECONDS = 15  # beyond the deadline, on a busy machine


class Sandbox:
    """One process of the program behind its Runtime API."""

    def __init__(self, env, folder):
        self.api = RuntimeApi().start()
        self.started = census.Started([], {**env, "AWS_LAMBDA_RUNTIME_API": self.api.address}, folder)
        self.count = 0

    @property
    def alive(self):
        return self.started.process.poll() is None

    def out(self):
        """What it has written to stdout; its own place in the file stays."""
        return os.pread(self.started.out.fileno(), 1 << 24, 0)

    def invoke(self, event, seconds, kill_when, number=signal.SIGKILL):
        """The Answer, or None if the process ended first. kill_when(): from when on it is to be killed, and by which signal."""
        self.count += 1
        deadline = time.time() + seconds
        self.api.events.put((f"request-{self.count}", json.dumps(event).encode(), int(deadline * 1000)))
        while self.alive and time.time() < deadline + EXTRA_SECONDS:
            if kill_when and self.api.events.empty() and kill_when():
                self.started.process.send_signal(number)
                self.started.process.wait(EXTRA_SECONDS)
                return None
            try:
                return self.api.answers.get(timeout=0.002 if kill_when else 0.1)
            except queue.Empty:
                pass
        return None

    def end(self):
        """Ends it by SIGTERM if it is alive; returns the finished run."""
        if self.alive:
            self.started.terminate()
        run = self.started.finish(5)
        self.api.stop()
        self.started.__exit__()
        return run


class Function:
    """invoke() may be called from several threads; end() gives the runs of all sandboxes."""

    def __init__(self, env, folder):
        self.env = env
        self.folder = folder
        self.idle = queue.LifoQueue()
        self.runs = []
        self.strange = []

    def invoke(self, event, seconds=60, kill_when=None, number=signal.SIGKILL):
        """The answer as Step Functions gets it: a response, or a FunctionError."""
        try:
            sandbox = self.idle.get_nowait()
        except queue.Empty:
            sandbox = Sandbox(self.env, self.folder)
        answer = sandbox.invoke(event, seconds, kill_when, number)
        if answer is None:
            self.retire(sandbox)
            raise FunctionError("Runtime.ExitError", "the function ended without an answer")
        self.idle.put(sandbox)
        if answer.kind == "response":
            return answer.result
        raise FunctionError(answer.result["errorType"], answer.result["errorMessage"])

    def retire(self, sandbox):
        self.runs.append(sandbox.end())
        self.strange += sandbox.api.strange

    def end(self):
        """All processes are ended: what they wrote to stdout."""
        while not self.idle.empty():
            self.retire(self.idle.get_nowait())
        return b"".join(run.out for run in self.runs)

    def bad_ends(self):
        """The runs that ended neither in order nor by being killed."""
        return [run for run in self.runs if run.code not in (0, -signal.SIGKILL)]
