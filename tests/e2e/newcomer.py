# SPDX-License-Identifier: MIT
"""Somebody who follows a page of docs/: its commands, one after the other, in one shell.

The commands are found as Markdown has them, in blocks that are set in. What they call is a script that hands its arguments
to a function of the test, so that the AWS CLI talks to moto, and the program to the simulator.
"""

import os
import re
import stat
import subprocess
import sys
import textwrap

from state_machine import listener

# Blocks in other languages: JSON and Terraform's.
NO_SHELL = re.compile(r"\s*(\{|module |# once for each account)")
SCRIPT = """#!{python}
import json, os, sys, urllib.request
asked = {{"name": os.path.basename(sys.argv[0]), "arguments": sys.argv[1:]}}
request = urllib.request.Request("{url}", json.dumps(asked).encode())
answer = json.load(urllib.request.urlopen(request, timeout=600))
sys.stdout.write(answer["out"])
sys.stderr.write(answer["err"])
sys.exit(answer["code"])
"""


def blocks(text):
    """The blocks of a page that are set in by four spaces more than what is around them, as they would be pasted."""
    found, lines = [], []
    for line in [*text.splitlines(), "end"]:
        if line.startswith("    ") or (lines and not line.strip()):
            lines.append(line)
        elif lines:
            found.append(textwrap.dedent("\n".join(lines)).rstrip() + "\n")
            lines = []
    return found


def commands(page):
    return [block for block in blocks(page.read_text()) if not NO_SHELL.match(block)]


class Answer:
    def __init__(self, code=0, out="", err=""):
        self.code, self.out, self.err = code, out, err

    @classmethod
    def of(cls, done):
        return cls(done.returncode, done.stdout, done.stderr)


class Newcomer:
    """names: which placeholder means which path below the work folder; answer(name, arguments): an Answer."""

    def __init__(self, work, names, answer):
        self.work, self.names, self.answer = work, names, answer

    def install(self, url):
        for name in self.names:
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(SCRIPT.format(python=sys.executable, url=url))
            path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def follow(self, blocks, timeout=600):
        """Runs the blocks in one shell that stops at the first failure and at every variable that nothing has set."""
        def answer(_, asked):
            given = self.answer(asked["name"], asked["arguments"])
            return {"code": given.code, "out": given.out, "err": given.err}

        text = "".join(f"echo '== {number} ==' >&2\n{block}" for number, block in enumerate(blocks))
        with listener(answer) as url:
            self.install(url)
            env = {"PATH": f"{self.work / 'bin'}:/usr/bin:/bin", "HOME": str(self.work), "LANG": "C"}
            return subprocess.run(["bash", "-euo", "pipefail", "-c", text], cwd=self.work, env=env, text=True, timeout=timeout,
                                  stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def aws_cli():
    """The command of an AWS CLI that takes AWS_ENDPOINT_URL; None if there is none."""
    try:
        import awscli
    except ImportError:
        return None
    version = tuple(int(part) for part in awscli.__version__.split(".")[:2])
    return [sys.executable, "-m", "awscli"] if version >= {1: (1, 29), 2: (2, 13)}[version[0]] else None
