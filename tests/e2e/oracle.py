# SPDX-License-Identifier: MIT
"""The oracle of the findings: what each rule must say, computed without the program.

What is unknown is not reasoned about: it is tried out. Every value that an unknown fact could have (oracle_possible.py)
is put in its place, and the rule (oracle_rules.py) is asked each time. If all answers are 'fails' the finding is a
fail, if all are 'passes' it is a pass, else it is unknown, and 'because' holds the facts on which the answer hangs:
those of which a change alone changes it.

The facts come from oracle_rows.py. A time is a number of seconds, None is 'none' or 'never', UNKNOWN is unknown.
"""

import datetime
import hashlib

from oracle_possible import UNKNOWN, Completions, Facts
from oracle_rules import DAY, RULES

__all__ = ["DAY", "RULES", "UNKNOWN", "Facts", "judge", "judgements"]


def day_of(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%d")


def _all_alike(values):
    values = list(values)
    return values[0] if all(value == values[0] for value in values) else None


def _tried(function, facts, n, now):
    try:
        return function(facts, facts.one, n, now)
    except (TypeError, IndexError):
        return None  # there is no such moment


def judge(rule_, facts, n, now):
    """(status, because, since, value, whether all that it needs is known) of one resource; facts.one is the credential."""
    completions = Completions(rule_, n, now).of(facts)
    answers = [(choices, each, rule_.fails(each, each.one, n, now)) for choices, each in completions]
    answers = [(choices, each, None if answer is None else bool(answer)) for choices, each, answer in answers]
    verdicts = {answer for *_, answer in answers}
    if len(verdicts) > 1:
        return "unknown", _decisive(answers, rule_.resource), None, None, False
    verdict = verdicts.pop()
    status = {True: "fail", False: "pass", None: "not_applicable"}[verdict]
    since = value = None
    if verdict is True and rule_.since:
        since = _all_alike(_tried(rule_.since, each, n, now) for _, each, _ in answers)
    if verdict is not None and rule_.value:
        value = _all_alike(_tried(rule_.value, each, n, now) for _, each, _ in answers)
    return status, [], since, value, not answers[0][0]


def _decisive(answers, resource):
    """The unknown facts of which a change alone changes the answer."""
    decisive = []
    for name in {name for choices, *_ in answers for name in choices}:
        seen = {}
        for choices, _, answer in answers:
            others = frozenset((other, choice) for other, choice in choices.items() if other != name)
            seen.setdefault(others, set()).add(answer)
        if any(len(each) > 1 for each in seen.values()):
            decisive.append(name)
    return sorted(name.replace("one.", f"{resource}.") for name in decisive)


RESOURCE_TYPES = {"user": "user", "account": "account", "access_keys": "access_key",
                  "service_credentials": "service_credential", "signing_certificates": "certificate"}


class Judgement:
    """What the contract demands of one finding; see fields()."""

    def __init__(self, rule_, account, user, resource_type, resource_id, outcome, limit):
        self.rule, self.account, self.user = rule_, account, user
        self.resource_type, self.resource_id = resource_type, resource_id
        self.status, self.because, self.since, self.value, self.all_known = outcome
        self.limit = limit
        self.suppression = None

    def place(self):
        """Findings about an account come first, then users by name; within one, rule and resource."""
        name = b"" if self.user is None else self.user.user_name.encode()
        return (self.account.account_id, self.user is not None, name, self.rule.name, self.resource_id)

    def finding_id(self):
        text = f"{self.rule.name}\n{self.account.account_id}\n{self.resource_id}"
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def __repr__(self):
        return (f"{self.rule.name} {self.account.account_id} {self.user and self.user.user_name} {self.resource_id} "
                f"{self.status} because={self.because} since={self.since and day_of(self.since)} value={self.value} "
                f"limit={self.limit}")


def _of_account(rule_, account, limit, now):
    yield Judgement(rule_, account, None, "account", account.account_id, judge(rule_, account, limit, now), limit)


def _of_user(rule_, account, user, limit, now):
    if rule_.resource == "user":
        yield Judgement(rule_, account, user, "user", user.arn, judge(rule_, user, limit, now), limit)
        return
    credentials = getattr(user, rule_.resource)
    if credentials is UNKNOWN:
        yield Judgement(rule_, account, user, "user", user.arn, ("unknown", [rule_.resource], None, None, False), limit)
        return
    for one in credentials:
        yield Judgement(rule_, account, user, RESOURCE_TYPES[rule_.resource], one.id,
                        judge(rule_, user.but(one=one), limit, now), limit)


def judgements(accounts, now, rules=None, limits=None):
    """All that is planned, in order. accounts: Facts with 'users'; limits: {rule: limit} where not the default."""
    chosen = [RULES[name] for name in rules] if rules else [each for each in RULES.values() if not each.off]
    made = []
    for account in accounts:
        for rule_ in chosen:
            limit = (limits or {}).get(rule_.name, rule_.limit)
            if account.outcome == "skipped":
                continue
            if account.outcome == "failed":
                made.append(Judgement(rule_, account, None, "account", account.account_id,
                                      ("unknown", [], None, None, False), limit))
            elif rule_.resource == "account":
                made.extend(_of_account(rule_, account, limit, now))
            else:
                for user in account.users:
                    made.extend(_of_user(rule_, account, user, limit, now))
    return sorted(made, key=Judgement.place)
