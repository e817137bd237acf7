# SPDX-License-Identifier: MIT
"""Compares the findings that the program wrote with what the oracle demands, object by object."""

import collections
import csv
import io
import json

from oracle import UNKNOWN, day_of
from oracle_frameworks import numbers_of
from oracle_rows import stamp

FIELDS = ["finding_id", "rule", "status", "severity", "account_id", "account_name", "account_ou", "user_name", "user_arn",
          "kind", "resource_type", "resource_id", "reason", "limit", "value", "since", "because", "suppression",
          "frameworks", "data_as_of", "run_id"]
HIDDEN = ("pass", "not_applicable")  # shown only with --include-pass
SEVERITIES = ["info", "low", "medium", "high", "critical"]
COMPLIANCE = {"fail": 3, "pass": 1, "unknown": 2, "suppressed": 3}
MOST_SHOWN, LONGEST_SHOWN = 12, 600


def expected(made, run):
    """The fields of one finding, but for its sentence."""
    user = made.user
    as_of = made.account.data_as_of if user is None else user.data_as_of
    return {
        "finding_id": made.finding_id(), "rule": made.rule.name, "status": made.status, "severity": made.rule.severity,
        "account_id": made.account.account_id, "account_name": made.account.account_name,
        "account_ou": made.account.account_ou, "user_name": user and user.user_name, "user_arn": user and user.arn,
        "kind": user and kind_of(user), "resource_type": made.resource_type, "resource_id": made.resource_id,
        "limit": made.limit, "value": made.value, "since": None if made.since is None else day_of(made.since),
        "because": made.because, "suppression": made.suppression, "frameworks": numbers_of(made.rule.name, made.limit),
        "data_as_of": None if as_of is None else stamp(as_of), "run_id": run["run_id"]}


def kind_of(user):
    """Human: has a console password; machine: none, and an active key, service credential or certificate; else none."""
    if user.console_access is True:
        return "human"
    if user.console_access is UNKNOWN:
        return "unknown"
    lists = [user.access_keys, user.service_credentials, user.signing_certificates]
    if any(each is not UNKNOWN and any(one.status == "Active" for one in each) for each in lists):
        return "machine"
    return "unknown" if UNKNOWN in lists else "none"


def _same(name, made, wanted, found):
    if name == "because":
        return sorted(wanted) == sorted(found)
    if name == "limit" and isinstance(wanted, list):
        return found == ",".join(wanted)
    if name in ("value", "since") and found is None and not made.all_known:
        return True  # it may follow from what is unknown, but nobody need see that
    return wanted == found


def differences(findings, judgements, run, but=("frameworks",)):
    """Lines that say what differs; 'but' are fields that are not compared. At most a few of each field."""
    lines, counts = [], collections.Counter()
    wanted = [(made, expected(made, run)) for made in judgements]
    if len(findings) != len(wanted):
        lines.append(f"{len(findings)} findings, and {len(wanted)} are planned")
    by_place = {(each["rule"], each["resource_id"]): each for each in findings}
    for made, want in wanted:
        seen = by_place.pop((want["rule"], want["resource_id"]), None)
        if seen is None:
            lines.append(f"missing: {want}")
        else:
            for name, value in want.items():
                if name not in but and not _same(name, made, value, seen.get(name)):
                    counts[want["rule"], name] += 1
                    if counts[want["rule"], name] <= 2:
                        lines.append(f"{want['rule']} {want['resource_id']} {name}: {seen.get(name)!r}, and "
                                     f"{value!r} is right: {seen}")
    lines += [f"nobody asked for {each}" for each in by_place.values()]
    if not lines:
        lines += [f"finding {number} is {seen['rule']} of {seen['resource_id']}, {want['rule']} of {want['resource_id']} is right"
                  for number, (seen, (_, want)) in enumerate(zip(findings, wanted))
                  if (seen["rule"], seen["resource_id"]) != (want["rule"], want["resource_id"])][:1]
    return [line[:LONGEST_SHOWN] for line in lines[:MOST_SHOWN]] + [f"in all: {dict(counts)}"] * bool(counts)


def shown(judgements):
    return [made for made in judgements if made.status not in HIDDEN]


def statuses(things):
    return collections.Counter(each["status"] if isinstance(each, dict) else each.status for each in things)


def planned(accounts, rules):
    """How many judgements there must be, counted without judging."""
    count = 0
    for account in accounts:
        if account.outcome == "failed":
            count += len(rules)
        elif account.outcome != "skipped":
            count += sum(each.resource == "account" for each in rules)
            for user in account.users:
                count += sum(_of_one_user(user, each.resource) for each in rules if each.resource != "account")
    return count


def _of_one_user(user, resource):
    if resource == "user":
        return 1
    credentials = getattr(user, resource)
    return len(credentials) if isinstance(credentials, list) else 1


def from_jsonl(data):
    findings = [json.loads(line) for line in data.decode().splitlines()]
    for each in findings:
        assert list(each) == FIELDS, list(each)
        assert each["reason"].strip(), each
    return findings


def from_csv(data):
    """The cells of the CSV by name."""
    return list(csv.DictReader(io.StringIO(data.decode(), newline="")))


def exit_status(judgements, fail_on=None, on_unknown=False, all_read=True):
    """4 a finding at or above the severity that is not suppressed, 3 something unknown or failed, 0."""
    if fail_on is not None:
        counted = ("fail", "unknown") if on_unknown else ("fail",)
        grave = SEVERITIES[SEVERITIES.index(fail_on):]
        if any(made.status in counted and made.rule.severity in grave for made in judgements):
            return 4
    return 0 if all_read and not any(made.status == "unknown" for made in judgements) else 3
