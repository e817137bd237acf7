# SPDX-License-Identifier: MIT
"""A run at a terminal: the line of progress, and the log lines that never touch it."""

import json
import re
import subprocess
import tempfile
import time
import unittest

import census
import faults
from cases import ScriptedCase
from terminal import Terminal

IDS = [f"{number:012d}" for number in range(111111111111, 111111111119)]
PROGRESS = re.compile(rb"\d+ of \d+ accounts?, \d+ users?")
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"


def late(fault, seconds):
    """The fault's answer, so late that progress is shown before it."""
    def do(server, call):
        reply = fault(server, call)
        reply.delay = seconds
        return reply
    return do


class TerminalCase(ScriptedCase):
    """Eight accounts: one is read, seven are refused one after the other, for two causes, within two seconds."""

    def setUp(self):
        super().setUp()
        for account_id in IDS:
            self.world.account(account_id).user("ann")
        for number, account_id in enumerate(IDS[1:]):
            fault = faults.denied() if number < 5 else faults.error(400, "ValidationError", "the test finds it wrong")
            self.server.fault(late(fault, 0.8 + number * 0.2), action="ListUsers", account=account_id)

    def start(self, *arguments, width=80, stdout=None, term="xterm", **variables):
        terminal = Terminal(width)
        self.addCleanup(terminal.close)
        env = census.environment(self.home, **{**self.environment(), "TERM": term, **variables})
        terminal.start([census.binary(), "collect", "--accounts", ",".join(IDS), *map(str, arguments)], env, self.work,
                       stdout)
        return terminal

    def assert_nothing_glued(self, terminal):
        """Every line of the log is whole and alone, and no progress is left."""
        self.assertEqual(terminal.screen.unknown, [], terminal.seen)
        for line in terminal.lines():
            self.assertNotRegex(line.encode(), PROGRESS, terminal.seen)
            for word in ("ERROR", "WARN", "iam-census:"):
                if word in line:
                    self.assertRegex(line, rf"^({TIME} )?{word}", terminal.seen)


class Progress(TerminalCase):
    def test_logs_and_progress(self):
        for stdout in (None, subprocess.DEVNULL):
            with self.subTest(stdout=stdout):
                terminal = self.start("--output", "out.csv", "--log-level", "info", stdout=stdout, width=200)
                self.assertEqual(terminal.finish(), 3)
                self.assertRegex(terminal.seen, PROGRESS)
                self.assert_nothing_glued(terminal)
                failed = [line for line in terminal.lines() if " ERROR account failed " in line]
                self.assertEqual(len(failed), 7, terminal.seen)
                # the line comes back after each line of the log: it was there when the last account failed
                after = terminal.seen[terminal.seen.index(b"account failed"):]
                self.assertRegex(after, rb"\r\n" + PROGRESS.pattern)

    def test_json_lines_stay_whole(self):
        terminal = self.start("--output", "out.csv", "--log-format", "json", width=1000)
        self.assertEqual(terminal.finish(), 3)
        self.assertRegex(terminal.seen, PROGRESS)
        events = [json.loads(line) for line in terminal.lines() if line.startswith("{")]
        self.assertEqual(len([event for event in events if event["event"] == "account failed"]), 7)
        self.assert_nothing_glued(terminal)

    def test_a_narrow_terminal(self):
        """The line is cut before the last column, after which it would wrap to the next row."""
        terminal = self.start("--output", "out.csv", width=15, stdout=subprocess.DEVNULL)
        self.assertEqual(terminal.finish(), 3)
        self.assertRegex(terminal.seen, rb"\d of 8 account\r")
        self.assertNotIn(b" of 8 accounts", terminal.seen)
        self.assertEqual([line for line in terminal.lines() if " of 8 acc" in line], [])

    def test_a_window_that_changes(self):
        terminal = self.start("--output", "out.csv", "--log-level", "info", stdout=subprocess.DEVNULL)
        terminal.read_until(b"accounts, ")
        terminal.resize(12)
        terminal.read_until(b" of 8 acco\r")
        terminal.resize(300)
        self.assertEqual(terminal.finish(), 3)
        tail = terminal.seen[terminal.seen.rindex(b"\r\x1b[K"):]
        self.assertNotRegex(tail, PROGRESS)

    def test_one_of_each(self):
        self.server.fault(faults.slow(1.5), action="ListUsers", account=IDS[0])
        terminal = self.start("--accounts", IDS[0], "--exclude", ",".join(IDS[1:]), "--output", "out.csv")
        self.assertEqual(terminal.finish(), 0)
        self.assertRegex(terminal.seen, rb"of 1 account, 0 users")

    def test_looking_for_accounts(self):
        """A large organization is listed page by page, for many seconds."""
        self.world.page_size = 3
        self.server.faults.clear()
        self.server.fault(faults.slow(1.5), action="ListAccounts", skip=1, times=1)
        terminal = Terminal()
        self.addCleanup(terminal.close)
        env = census.environment(self.home, **{**self.environment(), "TERM": "xterm"})
        terminal.start([census.binary(), "collect", "--output", "out.csv"], env, self.work)
        self.assertEqual(terminal.finish(), 0)
        self.assertIn(b"looking for accounts: 3 found", terminal.seen)
        self.assertEqual([line for line in terminal.lines() if "looking" in line], [])

    def test_interrupted(self):
        """Ctrl-C: what the terminal echoes, the progress and the message do not touch."""
        terminal = self.start("--output", "out.csv", stdout=subprocess.DEVNULL, width=120)
        terminal.read_until(b"accounts, ")
        terminal.type(b"\x03")
        self.assertEqual(terminal.finish(), 3)
        self.assertIn("iam-census: interrupted: writing completed accounts (interrupt again to give up)", terminal.lines())
        self.assert_nothing_glued(terminal)


    def test_interrupted_before_there_is_any_progress(self):
        """The '^C' that the terminal writes is taken away, or left alone."""
        for term in ("xterm", "dumb"):
            with self.subTest(term=term):
                self.server.fault(faults.slow(2), action="DescribeOrganization", times=1)
                terminal = self.start(stdout=subprocess.DEVNULL, width=120, term=term)
                self.wait_for(lambda: self.server.count("DescribeOrganization") > 0)
                terminal.type(b"\x03")
                terminal.finish()
                self.assertIn("iam-census: interrupted: writing completed accounts (interrupt again to give up)", terminal.lines())
                self.server.calls.clear()

    def wait_for(self, condition):
        end = time.monotonic() + 60
        while not condition():
            self.assertLess(time.monotonic(), end)
            time.sleep(0.02)


class NoProgress(TerminalCase):
    def refused_progress(self, terminal, code=3):
        self.assertEqual(terminal.finish(), code)
        self.assertNotRegex(terminal.seen, PROGRESS)
        self.assertNotIn(b"\x1b", re.sub(rb"\x1b\[\d+m", b"", terminal.seen))  # but for colours
        self.assertTrue(any("ERROR account failed" in line for line in terminal.lines()), terminal.seen)

    def test_a_terminal_that_cannot(self):
        for term in ("dumb", ""):
            with self.subTest(term=term):
                self.refused_progress(self.start("--output", "out.csv", term=term))

    def test_rows_on_the_same_terminal(self):
        self.refused_progress(self.start("--output", "-"))

    def test_rows_elsewhere(self):
        with tempfile.TemporaryFile() as file:
            terminal = self.start("--output", "-", stdout=file)
            self.assertEqual(terminal.finish(), 3)
            self.assertRegex(terminal.seen, PROGRESS)
            self.assert_nothing_glued(terminal)
            file.seek(0)
            self.assertTrue(file.read().startswith(b"AccountID,"))

    def test_in_the_background(self):
        """There the line below is a shell's prompt."""
        terminal = Terminal(200)
        self.addCleanup(terminal.close)
        env = census.environment(self.home, **{**self.environment(), "TERM": "xterm"})
        program = f"'{census.binary()}' collect --accounts {','.join(IDS)} --output out.csv"
        terminal.start(["/bin/sh", "-m", "-c", f"{program} & wait $!"], env, self.work)
        self.refused_progress(terminal)


if __name__ == "__main__":
    unittest.main()
