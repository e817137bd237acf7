# SPDX-License-Identifier: MIT
"""What unknown facts could be: every way to complete the facts that a rule needs.

An unknown fact stands for each value that could make a difference: yes and no, an empty list and lists with one of each
kind, the moments just before and after each limit. Nothing is earlier than what it belongs to: a key is not used before
it is created, and not created before its user.
"""

import itertools

from oracle_rules import DAY, is_active


class _Unknown:
    def __repr__(self):
        return "UNKNOWN"


UNKNOWN = _Unknown()


class Facts:
    """Facts by name, as attributes; all that are not given are none."""

    def __init__(self, **facts):
        self.__dict__.update(facts)

    def but(self, **facts):
        return Facts(**{**self.__dict__, **facts})

    def __repr__(self):
        return f"Facts({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


def _moments(n, now, earliest):
    """A moment for every case that a rule could tell apart: 'earliest', and none before it or after 'now'."""
    n = n if isinstance(n, int) else 0
    edges = [now - days * DAY + second for days in (n, n + 1) for second in (-1, 0, 1)]
    return sorted({earliest} | {moment for moment in (*edges, now) if earliest <= moment <= now})


LONG_AGO = 0


def _some_keys(facts, n, now):
    """Lists of keys: none, inactive, active, two active; never used, used now, used at each edge."""
    earliest = facts.__dict__.get("created_at", LONG_AGO)
    earliest = LONG_AGO if earliest is None or earliest is UNKNOWN else earliest
    made = [Facts(status=status, created_at=earliest, last_used_at=used)
            for status in ("Active", "Inactive") for used in (None, *_moments(n, now, earliest))]
    return [[], *([key] for key in made), [made[0], made[0]]]


def _some_credentials(facts, n, now):
    """Lists of credentials of which AWS records no use."""
    return [[], [Facts(status="Inactive", hidden_use=None)], [Facts(status="Active", hidden_use=None)],
            [Facts(status="Active", hidden_use=now)]]


def _no_earlier_than_user(facts, n, now):
    return _moments(n, now, facts.created_at)


def _of_credential(facts, n, now):
    return _moments(n, now, LONG_AGO if facts.created_at is UNKNOWN else facts.created_at)


def _agreeing_with_kind(account, n, now):
    """A device of a known kind is MFA."""
    kind = account.root_mfa_kind
    return [False, True] if kind is UNKNOWN else [kind != "none"]


POSSIBLE = {
    "created_at": lambda facts, n, now: _moments(n, now, LONG_AGO),
    "console_access": lambda facts, n, now: [False, True],
    "mfa_enabled": lambda facts, n, now: [False, True],
    "is_admin": lambda facts, n, now: [False, True],
    "console_last_sign_in_at": lambda facts, n, now: [None, *_no_earlier_than_user(facts, n, now)],
    "password_last_changed_at": _no_earlier_than_user,
    "access_keys": _some_keys,
    "service_credentials": _some_credentials,
    "signing_certificates": _some_credentials,
    "attached_policies": lambda facts, n, now: [[], ["a policy"]],
    "inline_policies": lambda facts, n, now: [[], ["a policy"]],
    "tags": lambda facts, n, now: [set(), set(n)],
    "permissions_boundary": lambda facts, n, now: [None, "a boundary"],
    "root_access_keys": lambda facts, n, now: [False, True],
    "root_password": lambda facts, n, now: [False, True],
    "root_mfa": _agreeing_with_kind,
    "root_mfa_kind": lambda facts, n, now: ["virtual", "hardware"],
    "root_last_used": lambda facts, n, now: [None, *_moments(n, now, LONG_AGO)],
    "root_certificates": lambda facts, n, now: [False, True],
    "is_management": lambda facts, n, now: [False, True],
    "password_policy": lambda facts, n, now: [{"length": 6, "reuse": None}, {"length": 128, "reuse": 24}],
    "one.created_at": _of_credential,
    "one.last_used_at": lambda facts, n, now: [None, *_moments(n, now, facts.one.created_at)],
    "one.uploaded_at": _of_credential,
    "one.expires_at": lambda facts, n, now: [None, now + DAY],
}


def _complete_keys(keys, n, now, earliest):
    """All ways in which the keys of a known list could have been made and used: [(choice of each, keys)]."""
    ways = []
    for key in keys:
        mine = []
        for made in [key.created_at] if key.created_at is not UNKNOWN else _moments(n, now, earliest):
            for used in [key.last_used_at] if key.last_used_at is not UNKNOWN else [None, *_moments(n, now, made)]:
                mine.append(key.but(created_at=made, last_used_at=used))
        ways.append(mine)
    return [list(each) for each in itertools.product(*ways)]


def _complete_hidden(credentials, now):
    """An active credential may have been used just now, or never: AWS does not record it."""
    ways = [[each.but(hidden_use=use) for use in ((None, now) if is_active(each) else (None,))] for each in credentials]
    return [list(each) for each in itertools.product(*ways)]


class Completions:
    """All ways in which the facts that a rule needs could be: [({name of the unknown fact: choice}, facts)]."""

    def __init__(self, rule_, n, now):
        self.rule, self.n, self.now = rule_, n, now

    def of(self, facts):
        done = [({}, facts)]
        for name in self.rule.needs:
            done = [each for choices, so_far in done for each in self._with(name, choices, so_far)]
        return done

    def _with(self, name, choices, facts):
        own, attribute = (facts.one, name[4:]) if name.startswith("one.") else (facts, name)
        value = getattr(own, attribute)
        if value is UNKNOWN:
            return [({**choices, name: self._shown(each)}, self._put(facts, name, each))
                    for each in POSSIBLE[name](facts, self.n, self.now)]
        if name == "access_keys":
            earliest = LONG_AGO if facts.__dict__.get("created_at") in (None, UNKNOWN) else facts.created_at
            return self._lists(name, choices, facts, _complete_keys(value, self.n, self.now, earliest),
                               ("created_at", "last_used_at"), value)
        if name in ("service_credentials", "signing_certificates") and self.rule.name == "user-dormant":
            return self._lists(name, choices, facts, _complete_hidden(value, self.now), (), value)
        return [(choices, facts)]

    def _lists(self, name, choices, facts, lists, parts, seen):
        """A list that is known, of which a part may not be."""
        if len(lists) == 1:
            return [(choices, facts.but(**{name: lists[0]}))]
        made = []
        for each in lists:
            named = {f"{name}.{part}": tuple(getattr(a, part) for a, b in zip(each, seen) if getattr(b, part) is UNKNOWN)
                     for part in parts if any(getattr(b, part) is UNKNOWN for b in seen)}
            if not parts:
                named = {name: tuple(one.hidden_use for one in each)}
            made.append(({**choices, **named}, facts.but(**{name: each})))
        return made

    @staticmethod
    def _put(facts, name, value):
        if name.startswith("one."):
            return facts.but(one=facts.one.but(**{name[4:]: value}))
        return facts.but(**{name: value})

    @staticmethod
    def _shown(value):
        return repr(value)
