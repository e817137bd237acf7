# SPDX-License-Identifier: MIT
"""A pseudo-terminal that a program writes to, and what a person at it would see."""

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import termios
import time


class Screen:
    """The lines that bytes leave on a terminal: CR, LF, tab, 'erase to the end of the line', wrapping; without
    colours."""

    ESCAPE = re.compile(rb"\x1b\[([0-9;?]*)([A-Za-z])")

    def __init__(self, width):
        self.width = width
        self.rows = [""]
        self.column = 0
        self.unknown = []

    def feed(self, data):
        """Takes bytes whose escapes are whole."""
        text, at = data.decode("utf-8", "replace"), 0
        while at < len(text):
            letter = text[at]
            if letter == "\x1b":
                match = self.ESCAPE.match(text[at:].encode())
                if match and match[2] == b"m":  # a colour takes no place
                    at += match.end()
                    continue
                if not match or match.groups() != (b"", b"K"):
                    self.unknown.append(text[at:at + 8])
                    at += 1
                    continue
                self.rows[-1] = self.rows[-1][:self.column]
                at += match.end()
                continue
            if letter == "\r":
                self.column = 0
            elif letter == "\n":
                self.rows.append("")
            else:
                self.put(letter)
            at += 1

    def put(self, letter):
        if self.column == self.width:
            self.rows.append("")
            self.column = 0
        row = self.rows[-1].ljust(self.column)
        self.rows[-1] = row[:self.column] + letter + row[self.column + 1:]
        self.column += 1


class Terminal:
    """A terminal with this number of columns; a program is in it once 'run' was called."""

    def __init__(self, width=80):
        self.ours, self.theirs = pty.openpty()
        self.seen = b""
        self.process = None
        self.resize(width)
        self.screen = Screen(width)

    def resize(self, width):
        fcntl.ioctl(self.theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))

    def start(self, command, env, cwd, stdout=None):
        """The terminal is the program's own: it can interrupt it, and has it in the foreground."""
        def take_terminal():
            os.setsid()
            fcntl.ioctl(2, termios.TIOCSCTTY, 0)

        self.process = subprocess.Popen(command, env=env, cwd=cwd, stdin=self.theirs, stdout=stdout or self.theirs,
                                        stderr=self.theirs, preexec_fn=take_terminal)

    def type(self, data):
        os.write(self.ours, data)

    def read(self, seconds):
        """What comes within this time, appended to 'seen'."""
        if select.select([self.ours], [], [], seconds)[0]:
            data = os.read(self.ours, 65536)
            self.seen += data
            self.screen.feed(data)

    def read_until(self, part, timeout=60):
        end = time.monotonic() + timeout
        while part not in self.seen:
            if time.monotonic() > end or (self.process.poll() is not None and not self.readable()):
                raise AssertionError(f"{part!r} did not come: {self.seen[-2000:]!r}")
            self.read(0.1)

    def readable(self):
        return bool(select.select([self.ours], [], [], 0)[0])

    def finish(self, timeout=60):
        """Reads to the program's end, and returns its exit status."""
        end = time.monotonic() + timeout
        while self.process.poll() is None:
            if time.monotonic() > end:
                raise AssertionError(f"it runs for more than {timeout} seconds: {self.seen[-2000:]!r}")
            self.read(0.1)
        while self.readable():
            self.read(0)
        return self.process.returncode

    def lines(self):
        """What is left on it, empty lines left out."""
        return [row.rstrip() for row in self.screen.rows if row.strip()]

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)
