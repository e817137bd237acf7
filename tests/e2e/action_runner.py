# SPDX-License-Identifier: MIT
"""Runs a composite GitHub Action as a runner does: defaults of inputs, expressions, environment, outputs, commands.

It knows what deploy/github-action uses, and refuses everything else: an expression that it does not know is an error.
"""

import os
import pathlib
import re
import subprocess

EXPRESSION = re.compile(r"\$\{\{\s*(.*?)\s*\}\}")
COMMAND = re.compile(r"::([^\s:]+)(?: [^:]*)?::(.*)")
SECONDS = 120


class Outcome:
    """Of a whole action: code of the step that failed (or 0), outputs, summary, log, and the commands in the log."""

    def __init__(self):
        self.code, self.outputs, self.summary, self.log, self.commands = 0, {}, "", "", []


def assignments(text):
    """A GITHUB_OUTPUT file: NAME=VALUE, one a line. The other form, with a delimiter, is not used."""
    found = {}
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if not equals or "<<" in name:
            raise AssertionError(f"no output: {line}")
        found[name] = value
    return found


def commands_in(log):
    """What a runner would carry out, of the lines of a log; stop-commands silences the rest until its token."""
    found, token = [], None
    for line in log.splitlines():
        if token:
            token = None if line.strip() == f"::{token}::" else token
            continue
        match = COMMAND.match(line.lstrip())
        if match and match.group(1) == "stop-commands":
            token = match.group(2)
        elif match or line.lstrip().startswith("##["):
            found.append(line)
    if token:
        raise AssertionError("commands are still stopped at the end of a step")
    return found


class Runner:
    """folder: the action's; work: an empty folder, the job's workspace and its temporary files."""

    def __init__(self, document, folder, work, environment):
        self.document, self.folder, self.work = document, pathlib.Path(folder), pathlib.Path(work)
        self.environment = environment
        self.steps, self.inputs = {}, {}

    def value(self, text):
        def of(match):
            names = match.group(1).split(".")
            if names[0] == "inputs" and len(names) == 2:
                return self.inputs[names[1]]
            if names[0] == "steps" and names[2:3] == ["outputs"] and len(names) == 4:
                return self.steps.get(names[1], {}).get(names[3], "")
            if names == ["github", "action_repository"]:
                return "owner/iam-census"
            raise AssertionError(f"unknown expression: {match.group(0)}")
        return EXPRESSION.sub(of, str(text))

    def run(self, **given):
        """given: inputs, with '_' for '-'. An input that the action does not have is an error, as for actionlint."""
        given = {name.replace("_", "-"): value for name, value in given.items()}
        unknown = set(given) - set(self.document["inputs"])
        assert not unknown, unknown
        for name, declared in self.document["inputs"].items():
            if declared.get("required") and name not in given:
                raise AssertionError(f"the input {name} is required")
            self.inputs[name] = str(given.get(name, declared.get("default", "")))
        outcome = Outcome()
        for number, step in enumerate(self.document["runs"]["steps"]):
            if outcome.code == 0:
                outcome.code = self.step(step, number, outcome)
        outcome.outputs = {name: self.value(each["value"]) for name, each in self.document["outputs"].items()}
        return outcome

    def step(self, step, number, outcome):
        assert set(step) <= {"id", "name", "shell", "env", "run"} and step["shell"] == "bash", step
        files = {name: self.work / f"{name.lower()}-{number}" for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.touch()
        (self.work / "temp").mkdir(exist_ok=True)
        script = self.work / f"step-{number}.sh"
        script.write_text(self.value(step["run"]))
        env = {**self.environment, "GITHUB_ACTION_PATH": str(self.folder), "RUNNER_TEMP": str(self.work / "temp"),
               "RUNNER_OS": "Linux", "RUNNER_ARCH": {"x86_64": "X64", "aarch64": "ARM64"}[os.uname().machine],
               "GITHUB_SERVER_URL": "https://github.invalid", **{name: str(path) for name, path in files.items()},
               **{name: self.value(text) for name, text in step.get("env", {}).items()}}
        done = subprocess.run(["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script], env=env, cwd=self.work,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS)
        log = done.stdout.decode("utf-8", "replace")
        outcome.log += log
        outcome.commands += commands_in(log)
        outcome.summary += files["GITHUB_STEP_SUMMARY"].read_text()
        self.steps[step.get("id", number)] = assignments(files["GITHUB_OUTPUT"].read_text())
        return done.returncode
