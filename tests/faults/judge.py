# SPDX-License-Identifier: MIT
"""What must hold of a run in which a call failed, held against a run in which none did.

A cell is right, or unknown in an account that the result calls partial; each row of an account that was read is there, and
none of one that was not.
"""

import csv
import datetime
import io
import json
import re
import signal
import sqlite3
import subprocess

from bench import PROGRAM, SECONDS
from scenarios import SCENARIOS

STATUSES = {0, 1, 2, 3, 4}
# What names a run or says when it was: another run's differ.
OF_THE_RUN = re.compile(rb'"(run_id|first_seen|last_seen|evaluated_at|judged_at|as_of|data_as_of)":"[^"]*"')
# The rows of a part have no header: the whole has one.
HEADER = (b"AccountID,AccountAlias,UserName,Tags,CreationDateTime,CreationAgeInDays,Path,Groups,MFAEnabled,LastActivity,PasswordAge,"
          b"ConsoleLastSignIn,AccessKeyID,ActiveKeyAge,AccessKeyLastUsed,ARN,ConsoleAccess,SigningCerts\r\n")
LISTS = {"Unknown", "unknown"}  # the column that lists what is unknown in its row
MOMENTS = {"DataAsOf", "data_as_of"}
# An account whose credential report can't be had is read per user, and not partial by that: then these are what a run that
# reads per user has.
OF_THE_REPORT = {"PasswordLastChanged", "password_last_changed_at", "PasswordNextRotation", "password_next_rotation_at", "PasswordAge",
                 "password_age_days", "password_age_from_creation", "password_set_at", "Unknown", "unknown"}


def same_run(text):
    return OF_THE_RUN.sub(b"", text)


def moment(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Result:
    """The result document. known: there is one; then each account is in one of its lists, once."""

    def __init__(self, text):
        try:
            self.document = json.loads(text)
        except ValueError:
            self.document = {}
        self.known = "successful_accounts" in self.document
        self.good = set(self.document.get("successful_accounts", ()))
        self.partial = {each["account_id"] for each in self.document.get("partial_accounts", ())}
        self.failed = {each["account_id"] for each in self.document.get("failed_accounts", ())}

    def wrong(self, accounts):
        told = [*self.document["successful_accounts"], *(each["account_id"] for name in ("partial_accounts", "failed_accounts")
                                                         for each in self.document[name])]
        return None if sorted(told) == sorted(accounts) else f"accounts in the result: {told}"

    def began(self):
        return moment(self.document["started_at"]) - 1

    def ended(self):
        return self.began() + self.document["duration_ms"] / 1000 + 2


def table(text, lines):
    """The rows as dictionaries, by account and user."""
    decoded = text.decode("utf-8", "replace")
    rows = map(json.loads, decoded.splitlines()) if lines else csv.DictReader(io.StringIO(decoded, newline=""))
    return {(row.get("AccountID") or row.get("account_id"), row.get("ARN") or row.get("arn")): row for row in rows}


def has_lines(name):
    """Whether the rows are JSON Lines, or told as such."""
    return name in ("lines", "multipart", "sqlite")


def holds_rows(name):
    return bool(SCENARIOS[name].output) and name not in ("findings", "check", "report")


def unknown_columns(row):
    """The columns that a row calls unknown."""
    if "unknown" in row:
        # the database's own column is not named beside the one that is made of it
        return set(row["unknown"]) | ({"password_set_at"} if "password_age_days" in row["unknown"] else set())
    return {name for name, cell in row.items() if cell == "unknown"}


def keys_but_unknown(name, cell, right, unknown):
    """Whether the user's keys are the right ones but for parts that are told to be unknown (docs/output.md)."""
    if name not in ("access_keys", "InactiveKeys") or cell is None or cell == "unknown":
        return False
    found, expected = (json.loads(each) if name == "InactiveKeys" else each for each in (cell, right))
    return len(found) == len(expected) and all(
        a.keys() == b.keys() and all(
            value == b[part] or (part == "LastUsed" and value == "unknown") or (value is None and f"{name}.{part}" in unknown)
            for part, value in a.items()) for a, b in zip(found, expected))


def wrong_row(right, per_user, row, partial, result):
    """The first cell that does not hold."""
    if row.keys() != right.keys():
        return "columns"
    unknown = unknown_columns(row)
    for name, cell in row.items():
        if cell == right[name] or (name in OF_THE_REPORT and cell == per_user.get(name)):
            continue
        if name in LISTS and partial:
            continue  # held against the cells below
        if name in MOMENTS:
            # another moment of reading, which is within the run
            if not result.known or result.began() <= moment(cell) <= result.ended():
                continue
        elif partial and ((name in unknown and cell in ("unknown", None, [])) or keys_but_unknown(name, cell, right[name], unknown)):
            continue
        return f"{name}: {cell!r}, not {right[name]!r}"
    listed = [name for name in LISTS & row.keys() if name == "Unknown"]
    if listed and set(json.loads(row["Unknown"] or "[]")) != unknown - LISTS:
        return f"Unknown: {row['Unknown']}, not {sorted(unknown)}"
    return None


def wrong_rows(good, text, result, lines):
    """What does not hold of the rows, or None. If there is no result, any row may have something unknown."""
    try:
        expected, found = good["rows"], table(text, lines)
    except ValueError as error:
        return f"rows that can't be read: {error}"
    if not lines and good["output"].split(b"\r\n")[0] != text.split(b"\r\n")[0]:
        return "the header"
    if list(found) != [key for key in expected if key in found]:
        return f"rows: {list(found)}"
    for key, right in expected.items():
        if result.known and (key[0] in result.failed) == (key in found):
            return f"row of {key}: {'there' if key in found else 'missing'}"
        partial = key[0] in result.partial if result.known else True
        wrong = wrong_row(right, good["per_user"].get(key, {}), found[key], partial, result) if key in found else None
        if wrong:
            return f"wrong cell of {key}: {wrong}"
    return None


def wrong_findings(good, text, result):
    """Each finding is that of the run without a fault, or says 'unknown'. Its user's kind may be unknown in a partial account."""
    keep = ("rule", "account_id", "resource_id")
    try:
        right = [json.loads(line) for line in same_run(good["output"]).replace(b",,", b",").replace(b",}", b"}").splitlines()]
        found = [json.loads(line) for line in same_run(text).replace(b",,", b",").replace(b",}", b"}").splitlines()]
    except ValueError as error:
        return f"findings that can't be read: {error}"
    expected = {tuple(each[name] for name in keep): each for each in right}
    for each in found:
        known = expected.get(tuple(each[name] for name in keep))
        if known and each["kind"] == "unknown" and each["account_id"] in result.partial:
            known = {**known, "kind": "unknown"}
        if each["status"] != "unknown" and each != known:
            return f"wrong finding: {each}"
    return None


def wrong_database(outcome, good, result):
    """The next run is recorded beside the one that failed only if that is complete; its rows are right, or unknown."""
    path = outcome.folder / "out.sqlite"
    done = subprocess.run([PROGRAM, "history", "out.sqlite"], cwd=outcome.folder, env={"HOME": str(outcome.folder), "PATH": ""},
                          capture_output=True, timeout=SECONDS, check=False)
    listed = len(done.stdout.splitlines()) - 1 if done.returncode == 0 else 0
    if done.returncode not in (0, 2) or b"damaged" in done.stderr:
        return f"the database: {done.stderr.decode()}"
    if outcome.status in (0, 3) and listed < 1:
        return "no run in the database"
    if listed < 1:
        return None
    rows = database_rows(path)
    text = b"".join(json.dumps(row).encode() + b"\n" for row in rows)
    return wrong_rows(good, text, result, True)


def database_rows(path):
    with sqlite3.connect(path) as base:
        base.row_factory = sqlite3.Row
        rows = [dict(row) for row in base.execute(
            "select user.* from user join run using (run_id) where finished_at is not null order by account_id, user_name")]
    for row in rows:
        del row["run_id"]
        row["unknown"] = json.loads(row["unknown"])
    return rows


def wrong_output(name, good, outcome, text, result):
    """What does not hold of what was written."""
    if name == "findings" or name == "check":
        if name == "check" or outcome.status in (0, 1):
            return None if same_run(text) == same_run(good["output"]) else "another output"
        return wrong_findings(good, text, result) if outcome.status in (3, 4) else None
    if name == "report":
        return None if same_run(text) == same_run(good["output"]) else "another output"
    return wrong_rows(good, text, result, has_lines(name))


def left_behind(name, good, outcome, fault):
    # The journal of a run that was cut off: the next one undoes by it what was begun.
    left = [path.name for path in outcome.folder.iterdir() if path.name not in good["files"] and path.name != "out.sqlite-journal"]
    if left and fault["IAM_FAULT_KIND"] != "unlink":  # else nothing can be removed
        return f"status {outcome.status}, left behind: {left}"
    told = outcome.err + (outcome.answer.body if outcome.answer else b"") + (outcome.out if name.startswith("doctor") else b"")
    left = [(key, parts) for key, parts in outcome.uploads if parts > 0 or not may_lose_answers(fault, outcome)]
    if left and b"upload" not in told:
        return f"status {outcome.status}, uploads left without a word: {left}"
    return None


def may_lose_answers(fault, outcome):
    """Whether the answer that names an upload may not have arrived. Such an upload has no parts: its id is known to nobody, the
    next attempt begins another, and only the bucket's rule for incomplete uploads can end it."""
    others = ("malloc", "stat", "open", "write", "close", "random", "epoll_wait")
    return fault["IAM_FAULT_KIND"] not in others or len(outcome.uploads) > 1


def written(name, outcome):
    """The output's bytes, or None."""
    end = SCENARIOS[name].output
    if not end:
        return None
    if SCENARIOS[name].to_bucket:
        keys = [key for key in outcome.objects if key.endswith(end)]
        return (HEADER if name == "step" else b"") + outcome.objects[keys[0]] if keys else None
    path = outcome.folder / end
    return path.read_bytes() if path.exists() else None


def result_of(name, outcome, ok):
    """The result document: of a step it is an object, of an invocation the answer, else standard output."""
    if name == "step":
        return Result(next((text for key, text in outcome.objects.items() if key.endswith("result-000000.json")), b""))
    return Result(outcome.answer.result["body"] if SCENARIOS[name].event is not None and ok else outcome.out)


def judge_invocation(good, outcome):
    """An answer of the contract, or an end that Lambda sees."""
    answer = outcome.answer
    if answer is None:
        if outcome.status == 0 and b"Runtime API failed" not in outcome.err:
            return "no answer, and status 0"
        return None
    if answer.kind == "error":
        return None if answer.result.get("errorMessage") else "an error without a message"
    if answer.kind != "response":
        return f"answer of kind {answer.kind}"
    code = answer.result["statusCode"]
    if code == 500:
        return None if answer.document.get("message") else "500 without a message"
    return None if code == 200 else f"statusCode {code}"


def ended_by_signal(fault, outcome):
    """Whether the signal that ends the function may end it as it ends any program: it can't be written down for the loop, or
    the function was ending already, and said why."""
    return fault["IAM_FAULT_KIND"] == "write" or b"event loop failed" in outcome.err


def judge(name, good, fault, outcome):
    """What does not hold of a run, as words; None if all does."""
    status, function = outcome.status, SCENARIOS[name].event is not None
    if status not in STATUSES and not (function and status == -signal.SIGTERM and ended_by_signal(fault, outcome)):
        return f"status {status}"
    silent = fault["IAM_FAULT_KIND"] == "stdio" or status == -signal.SIGTERM or (name.startswith("doctor") and outcome.out)
    if status != 0 and not outcome.err.strip() and not silent:
        return f"status {status} without a word"
    wrong = left_behind(name, good, outcome, fault) or (judge_invocation(good, outcome) if function else None)
    if wrong:
        return wrong
    ok = (outcome.answer is not None and outcome.answer.kind == "response" and outcome.answer.result["statusCode"] == 200) if function \
        else status in (0, 3)
    result = result_of(name, outcome, ok)
    if name == "step" and ok and not result.known:
        return "answered, and no result"
    if result.known and (function or status in (0, 3)):
        wrong = result.wrong(good["accounts"])
        if wrong:
            return wrong
    if name == "sqlite" and (outcome.folder / "out.sqlite").exists():
        return wrong_database(outcome, good, result)
    text = written(name, outcome)
    if ok and SCENARIOS[name].output and text is None and name != "sqlite":
        return f"status {status} and no output"
    if text is None or name == "sqlite":
        return None
    wrong = wrong_output(name, good, outcome, text, result)
    return f"status {status}, {wrong}" if wrong else None


def good_record(name, outcome, counts):
    """What a run without a fault leaves, which the others are held against."""
    result = result_of(name, outcome, True)
    output = written(name, outcome)
    if name == "sqlite":
        output = b"".join(json.dumps(row).encode() + b"\n" for row in database_rows(outcome.folder / "out.sqlite"))
    return {"files": {path.name for path in outcome.folder.iterdir()} | {"given.sqlite"}, "output": output, "result": result,
            "rows": table(output, has_lines(name)) if holds_rows(name) else {}, "per_user": {},
            "accounts": sorted(result.good | result.partial | result.failed), "counts": counts}
