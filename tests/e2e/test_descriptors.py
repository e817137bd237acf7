# SPDX-License-Identifier: MIT
"""The program's descriptors: full, closed, or without a reader; and the signals that end it all the same."""

import contextlib
import fcntl
import os
import resource
import signal
import struct
import termios
import unittest

import census
import expected
import faults
from cases import Case, ScriptedCase

A, B = "111111111111", "222222222222"
COMMANDS = (["--help"], ["--version"], ["collect", "--help"], ["collect", "--version"], ["policy", "--help"],
            ["policy", "--for", "child"], ["policy", "--for", "function", "--role-name", "census"])


def closed(*descriptors):
    """For Popen: the program starts without these."""
    return lambda: [os.close(descriptor) for descriptor in descriptors]


class StreamsMixin:
    def run_with(self, *arguments, timeout=60, **streams):
        """A run whose streams are as given; out is empty if it is not the usual file."""
        env = census.environment(self.home, **self.environment())
        with census.Started(arguments, env, self.work, **streams) as started:
            run = started.finish(timeout)
        self.runs.append(run)
        return run

    @contextlib.contextmanager
    def pipe_nobody_reads(self, full=False):
        """The write end of a pipe that holds 64 KiB."""
        reader, writer = os.pipe()
        self.unread = reader
        fcntl.fcntl(writer, fcntl.F_SETPIPE_SZ, 65536)
        if full:
            os.set_blocking(writer, False)
            os.write(writer, b"x" * 65536)
            os.set_blocking(writer, True)
        try:
            yield writer
        finally:
            os.close(writer)
            os.close(reader)


class Said(StreamsMixin, Case):
    """A command that can't print its text: status 1, and the reason."""

    def test_a_full_device(self):
        for command in COMMANDS:
            with self.subTest(command=command), open("/dev/full", "wb") as full:
                run = self.run_with(*command, stdout=full)
                self.assert_code(run, 1)
                self.assert_says(run, "standard output", "no space left")

    def test_a_closed_descriptor(self):
        for command in COMMANDS:
            with self.subTest(command=command):
                run = self.run_with(*command, stdout=None, preexec_fn=closed(1))
                self.assert_code(run, 1)
                self.assert_says(run, "standard output")


class Streams(StreamsMixin, ScriptedCase):
    def setUp(self):
        super().setUp()
        self.account = self.world.account(A)
        for number in range(5):
            self.account.user(f"user{number}")

    def many_users(self):
        """More than a pipe and the program hold."""
        for number in range(1500):
            self.account.user(f"one-of-many-{number:03d}", tags={"key": "x" * 250})

    def csv_lines(self, data):
        return data.decode().split("\r\n")[1:-1]

    def start(self, *arguments, env=None, **streams):
        variables = census.environment(self.home, **{**self.environment(), **(env or {})})
        return census.Started(["collect", "--accounts", A, *arguments], variables, self.work, **streams)

    def bytes_unread(self):
        return struct.unpack("i", fcntl.ioctl(self.unread, termios.FIONREAD, b"    "))[0]

    def wait_until(self, holds):
        for _ in range(1200):
            if holds():
                return
            self.server.stopping.wait(0.05)
        self.fail("what the test waits for did not come")

    def wait_until_stuck(self):
        """Until the pipe is full: nothing more has come for a second."""
        seen = []

        def is_full():
            seen.append(self.bytes_unread())
            return seen[-1] > 50000 and seen[-20:] == [seen[-1]] * 20

        self.wait_until(is_full)

    def wait_for(self, action, count=1):
        self.wait_until(lambda: self.server.count(action) >= count)

    def test_a_result_that_can_not_be_printed(self):
        for arguments in (["--json"], [], ["--dry-run"]):
            with self.subTest(arguments=arguments), open("/dev/full", "wb") as full:
                run = self.run_with("collect", "--accounts", A, "--output", "o.csv", *arguments, stdout=full)
                self.assert_code(run, 1)
                self.assert_says(run, "standard output", "no space left")
                run = self.run_with("collect", "--accounts", A, "--output", "o.csv", *arguments, preexec_fn=closed(1))
                self.assert_code(run, 1)
                self.assert_says(run, "standard output")
                self.assertEqual(self.files(), [] if "--dry-run" in arguments else ["o.csv"])
                (self.work / "o.csv").unlink(missing_ok=True)

    def test_rows_for_a_closed_descriptor(self):
        for name in ("-", "/dev/stdout"):
            with self.subTest(output=name):
                run = self.run_with("collect", "--accounts", A, "--output", name, preexec_fn=closed(0, 1))
                self.assert_code(run, 1)
                self.assert_says(run, "standard output", "closed")
                self.assertEqual(self.server.count("ListUsers"), 0, "accounts were read for nothing")

    def test_nothing_takes_the_place_of_a_closed_descriptor(self):
        """Rows, log and summary go where they belong, whichever descriptors are missing."""
        for missing in ((0,), (2,), (0, 2), (0, 1, 2)):
            with self.subTest(missing=missing):
                run = self.run_with("collect", "--accounts", A, "--output", "o.csv", "--log-level", "debug",
                                    preexec_fn=closed(*missing))
                self.assert_code(run, 1 if 1 in missing else 0)
                self.assertEqual(len(self.csv_lines((self.work / "o.csv").read_bytes())), 5)
                (self.work / "o.csv").unlink()

    def test_every_name_of_standard_output(self):
        """Rows on stdout and the summary on stderr; --json is refused."""
        for name in ("-", "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"):
            with self.subTest(output=name):
                run = self.collect("--accounts", A, "--output", name)
                self.assert_code(run, 0)
                self.assertEqual(len(self.csv_lines(run.out)), 5)
                self.assertNotIn(b"complete", run.out)
                self.assert_says(run, "complete")
                self.assert_configuration_error(self.collect("--accounts", A, "--json", "--output", name), "--json", name)

    def test_a_pipe_that_nobody_reads(self):
        """The first signal ends the census, the second gives the output up."""
        self.many_users()
        with self.pipe_nobody_reads() as writer, self.start("--output", "-", stdout=writer) as started:
            self.wait_until(lambda: self.bytes_unread() == 65536)
            self.assertLessEqual(started.insist(), 3)
            run = started.finish(10)
        self.assert_code(run, 1)
        self.assert_says(run, "given up", "bytes", "standard output")

    def test_a_named_pipe_that_nobody_opens(self):
        os.mkfifo(self.work / "fifo")
        with self.start("--output", "fifo", "--log-level", "info") as started:
            self.wait_until(lambda: b"account read" in os.pread(started.err.fileno(), 1 << 20, 0))
            self.assertLessEqual(started.insist(signal.SIGINT), 3)
            run = started.finish(10)
        self.assert_code(run, 1)
        self.assert_says(run, "given up", "nothing was written")

    def test_a_named_pipe_that_is_opened_late(self):
        os.mkfifo(self.work / "fifo")
        with self.start("--output", "fifo") as started:
            self.wait_for("ListUserTags", 5)
            data = (self.work / "fifo").read_bytes()
            run = started.finish(10)
        self.assert_code(run, 0)
        self.assertEqual(len(self.csv_lines(data)), 5)

    def test_a_result_that_nobody_reads(self):
        """The census is whole and the output there: one signal ends what only prints."""
        with self.pipe_nobody_reads(full=True) as writer, self.start("--output", "o.csv", "--json", stdout=writer) as started:
            self.wait_until((self.work / "o.csv").exists)
            self.assertLessEqual(started.insist(), 2)
        self.assertEqual(len(self.csv_lines((self.work / "o.csv").read_bytes())), 5)

    def test_a_log_that_nobody_reads(self):
        """Each line waits for a reader; a signal that finds the loop stuck for the third time ends it like any other."""
        self.many_users()
        with self.pipe_nobody_reads() as writer, self.start(
                "--output", "o.csv", "--log-level", "info", stderr=writer) as started:
            self.wait_until_stuck()
            started.insist(most=8)

    def test_a_terminal_that_goes_away(self):
        """SIGHUP ends it as SIGTERM does, and leaves no part of a file; so does the signal of spent CPU time."""
        self.server.fault(faults.slow(30), action="ListUserTags", user="user4")
        for number in (signal.SIGHUP, signal.SIGXCPU):
            self.server.calls.clear()
            with self.subTest(signal=number), self.start("--output", "o.csv", "--json") as started:
                self.wait_for("ListUserTags", 5)
                started.process.send_signal(number)
                run = started.finish(10)
                self.assert_code(run, 1)
                self.assertEqual(self.document(run)["failed_accounts"][0]["stage"], "Interrupted")
                self.assert_nothing_left()

    def test_nohup(self):
        """A SIGHUP that was ignored at the start stays ignored; SIGTERM is not."""
        self.server.fault(faults.slow(2), action="ListUserTags", user="user4")
        ignore = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)
        with self.start("--output", "o.csv", "--json", preexec_fn=ignore) as started:
            self.wait_for("ListUserTags", 5)
            for _ in range(4):
                started.process.send_signal(signal.SIGHUP)
            run = started.finish(30)
        self.assert_code(run, 0)
        self.assertEqual(self.document(run)["rows"], 5)

    def test_a_file_that_may_not_grow(self):
        """SIGXFSZ as every process has it: the write fails, and nothing is left."""
        self.many_users()
        limit = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        for arguments in (["--output", "o.csv"], ["--output", "-"]):
            with self.subTest(arguments=arguments), open(self.home / "stdout", "wb") as out, open(os.devnull, "wb") as null:
                run = self.run_with("collect", "--accounts", A, *arguments, stdout=out, stderr=self.small_pipe(), preexec_fn=limit)
                self.assert_code(run, 1)
                self.assertIn("too large", self.said(), str(run))
                self.assert_nothing_left()

    def small_pipe(self):
        """stderr may not be a file here: its writes are limited as well."""
        self.reader, self.writer = os.pipe()
        self.addCleanup(os.close, self.reader)
        return self.writer

    def said(self):
        os.close(self.writer)
        return os.read(self.reader, 65536).decode().lower()


if __name__ == "__main__":
    unittest.main()
