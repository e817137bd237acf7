# SPDX-License-Identifier: MIT
"""Runs the program as a user would: a clean environment, a time limit, and all of its output kept."""

import os
import pathlib
import signal
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
KEPT_VARIABLES = ("ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "LD_LIBRARY_PATH", "LLVM_PROFILE_FILE")
SANITIZER_MARKS = (b"AddressSanitizer", b"LeakSanitizer", b"runtime error:")


def binary():
    return str(pathlib.Path(os.environ.get("IAM_CENSUS_BIN") or ROOT / "build/release/iam-census").resolve())


class Run:
    """One finished run: exit code (negative: the signal that ended it), stdout and stderr."""

    def __init__(self, command, code, out, err, seconds):
        self.command = command
        self.code = code
        self.out = out
        self.err = err.decode("utf-8", "replace")
        self.seconds = seconds

    def __str__(self):
        shown = self.out if len(self.out) < 2000 else self.out[:2000] + b"..."
        return (f"command: {' '.join(self.command)}\nexit code: {self.code}\n"
                f"stdout: {shown.decode('utf-8', 'replace')}\nstderr: {self.err[-4000:]}")


def environment(home, **variables):
    """Nothing of the caller's environment but what the sanitizers need."""
    clean = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
    clean.update(PATH="/usr/bin:/bin", HOME=str(home), TZ="Asia/Tokyo", LANG="C", AWS_EC2_METADATA_DISABLED="true")
    clean.update(variables)
    return {name: str(value) for name, value in clean.items() if value is not None}


def run(arguments, env, cwd, timeout=60, stdin=b"", program=None):
    """Runs the program to its end. A run that does not end in time fails the test."""
    with Started(arguments, env, cwd, stdin=stdin, program=program) as started:
        return started.finish(timeout)


class Started:
    """A program that runs; finish() waits for its end, leaving the block kills it.

    It writes into files, not pipes: nobody reads while a test does something else. streams: what is handed on to
    Popen instead, as stdout=a_pipe.
    """

    def __init__(self, arguments, env, cwd, stdin=b"", program=None, **streams):
        self.command = [program or binary(), *map(str, arguments)]
        self.out, self.err = tempfile.TemporaryFile(), tempfile.TemporaryFile()
        with tempfile.TemporaryFile() as given:
            given.write(stdin)
            given.seek(0)
            streams = {"stdin": given, "stdout": self.out, "stderr": self.err, **streams}
            self.process = subprocess.Popen(self.command, env=env, cwd=cwd, **streams)
        self.clock = os.times().elapsed

    def finish(self, timeout=60):
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it runs for more than {timeout} seconds: {' '.join(self.command)}\n"
                                 f"{self.read(self.err)[-4000:].decode('utf-8', 'replace')}") from None
        out, err = self.read(self.out), self.read(self.err)
        for mark in SANITIZER_MARKS:
            if mark in err:
                raise AssertionError(f"a sanitizer spoke:\n{err.decode('utf-8', 'replace')}")
        return Run(self.command, self.process.returncode, out, err, os.times().elapsed - self.clock)

    @staticmethod
    def read(file):
        file.seek(0)
        return file.read()

    def logged(self, *words):
        """True if a line that holds all words is in its log by now. The offset is the program's: it stays."""
        lines = os.pread(self.err.fileno(), 1 << 24, 0).decode("utf-8", "replace").splitlines()
        return any(all(word in line for word in words) for line in lines)

    def terminate(self):
        self.process.send_signal(signal.SIGTERM)

    def insist(self, number=signal.SIGTERM, most=6, pause=1):
        """Sends the signal again and again until the program ends; returns how often that was."""
        for count in range(1, most + 1):
            self.process.send_signal(number)
            try:
                self.process.wait(pause)
                return count
            except subprocess.TimeoutExpired:
                pass
        raise AssertionError(f"{most} signals did not end it: {' '.join(self.command)}")

    def __enter__(self):
        return self

    def __exit__(self, *args):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.out.close()
        self.err.close()
