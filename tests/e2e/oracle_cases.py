# SPDX-License-Identifier: MIT
"""Makes the databases that the oracle is asked about: every rule at its edges, with every input unknown.

The schema is the program's own; the rows are written by SQL, so that facts can be there which no simulated account
holds. A user is a dictionary of columns, with the lists 'access_keys', 'service_credentials', 'signing_certificates',
'attached_policies', 'inline_policies' and 'tags'; a value that is UNKNOWN is NULL and named in the row's 'unknown'.
"""

import itertools
import json
import random
import sqlite3

from oracle import DAY, UNKNOWN
from oracle_rows import seconds, stamp

START = seconds("2026-03-29T12:34:56Z")
YEAR = 365 * DAY
YES_NO_UNKNOWN = (True, False, UNKNOWN)


def ago(days, more=0):
    """The moment 'days' whole days and 'more' seconds before the run."""
    return START - days * DAY - more


def edges(*limits):
    """The moments at which d(t) is about to reach a limit, reaches it, and has reached it; and the ends."""
    found = [ago(limit + days, more) for limit in limits for days in (-1, 0, 1) for more in (-1, 0, 1)]
    return sorted({moment for moment in found if moment <= START} | {START, START + 5, ago(2000)})


def key(created=ago(30), used=ago(1), status="Active"):
    return {"status": status, "created_at": created, "last_used_at": used}


def credential(service="bedrock.amazonaws.com", status="Active", created=ago(10), expires=START + 10 * DAY):
    return {"service": service, "status": status, "created_at": created, "expires_at": expires}


def certificate(status="Active", uploaded=ago(10)):
    return {"status": status, "uploaded_at": uploaded}


def user(**facts):
    """A user to whom no rule that is on by default objects, but for what is given."""
    plain = {
        "created_at": ago(1000), "console_access": False, "mfa_enabled": False, "is_admin": False,
        "console_last_sign_in_at": None, "password_last_changed_at": None, "permissions_boundary": None,
        "access_keys": [key()], "service_credentials": [], "signing_certificates": [], "attached_policies": [],
        "inline_policies": [], "tags": {}}
    return {**plain, **facts}


def person(**facts):
    return user(**{"console_access": True, "mfa_enabled": True, "console_last_sign_in_at": ago(1),
                   "password_last_changed_at": ago(20), "access_keys": [], **facts})


def _mfa_users():
    for console, mfa, admin in itertools.product(YES_NO_UNKNOWN, repeat=3):
        yield person(console_access=console, mfa_enabled=mfa, is_admin=admin,
                     password_last_changed_at=ago(20) if console else None)


def _password_users():
    for console, signed_in, changed, created in itertools.product(
            YES_NO_UNKNOWN, [*edges(45), None, UNKNOWN], [ago(10), ago(44), ago(45), ago(45, 1), ago(46), UNKNOWN],
            [ago(44), ago(45), ago(45, -1), ago(1000)]):
        oldest = max(created, changed) if changed is not UNKNOWN else changed
        if isinstance(signed_in, int) and signed_in < created:
            continue
        yield person(console_access=console, console_last_sign_in_at=signed_in, created_at=created,
                     password_last_changed_at=oldest if console else None)
    for changed, mfa, console in itertools.product([*edges(45), *edges(90), UNKNOWN], YES_NO_UNKNOWN, YES_NO_UNKNOWN):
        yield person(console_access=console, mfa_enabled=mfa, console_last_sign_in_at=None,
                     password_last_changed_at=changed if console else None)
    for created, mfa in itertools.product(edges(90), YES_NO_UNKNOWN):
        yield person(created_at=created, mfa_enabled=mfa, console_last_sign_in_at=None, password_last_changed_at=UNKNOWN)


def _key_users():
    for status, created, used in itertools.product(
            ("Active", "Inactive", "Expired", "active"), [*edges(45), *edges(90), UNKNOWN],
            [*edges(45), *edges(90), None, UNKNOWN]):
        if created is not UNKNOWN and isinstance(used, int) and used < created:
            continue
        yield user(access_keys=[key(created, used, status)])
    for created in edges(45, 90):
        yield user(created_at=created, access_keys=[key(UNKNOWN, UNKNOWN), key(UNKNOWN, None, "Inactive")])
    for statuses in itertools.product(("Active", "Inactive", "Expired"), repeat=3):
        for count in range(4):
            yield user(access_keys=[key(ago(30 + index), status=status) for index, status in enumerate(statuses[:count])])
    for console, created in itertools.product(YES_NO_UNKNOWN, (ago(10), ago(1000))):
        yield user(access_keys=UNKNOWN, console_access=console, created_at=created,
                   password_last_changed_at=created if console else None)


def _setup_users():
    for console, used, status, apart in itertools.product(
            YES_NO_UNKNOWN, (None, ago(1), UNKNOWN), ("Active", "Inactive"), (-61, -60, -1, 0, 59, 60, 61, 3600)):
        yield user(console_access=console, created_at=ago(20), console_last_sign_in_at=ago(1),
                   password_last_changed_at=ago(20) if console else None,
                   access_keys=[key(ago(20) + apart, used, status)])


def _credential_users():
    services = ("bedrock.amazonaws.com", "logs.amazonaws.com", "codecommit.amazonaws.com", "cassandra.amazonaws.com",
                "bedrock.amazonaws.com.cn", "Bedrock.amazonaws.com", "bedrock-agentcore.amazonaws.com", "newer-service.example")
    for service, status, expires in itertools.product(services, ("Active", "Inactive", "Expired"),
                                                      (None, START - 1, START, START + DAY)):
        yield user(service_credentials=[credential(service, status, expires=expires)])
    for status, created in itertools.product(("Active", "Inactive", "Expired"), [*edges(90), UNKNOWN]):
        yield user(service_credentials=[credential(status=status, created=created)])
    for status, uploaded in itertools.product(("Active", "Inactive"), [*edges(365), UNKNOWN]):
        yield user(signing_certificates=[certificate(status, uploaded)])
    yield user(service_credentials=[credential("codecommit.amazonaws.com"), credential(), credential(created=ago(91))])
    yield user(signing_certificates=[certificate(uploaded=ago(365)), certificate(uploaded=ago(366)), certificate("Inactive")])
    for created in edges(90, 365):
        yield user(created_at=created, service_credentials=[credential(created=UNKNOWN)],
                   signing_certificates=[certificate(uploaded=UNKNOWN)])
    yield user(service_credentials=UNKNOWN)
    yield user(signing_certificates=UNKNOWN)
    yield user(service_credentials=UNKNOWN, signing_certificates=UNKNOWN, access_keys=UNKNOWN, console_access=UNKNOWN,
               mfa_enabled=UNKNOWN, is_admin=UNKNOWN, attached_policies=UNKNOWN, inline_policies=UNKNOWN, tags=UNKNOWN,
               permissions_boundary=UNKNOWN, console_last_sign_in_at=UNKNOWN, password_last_changed_at=UNKNOWN)


def _policy_users():
    some = ([], ["arn:aws:iam::aws:policy/ReadOnlyAccess"], UNKNOWN)
    for attached, inline in itertools.product(some, ([], ["own"], UNKNOWN)):
        yield user(attached_policies=attached, inline_policies=inline)
    for tags in ({}, {"team": "core"}, {"team": "", "owner": "ann"}, {"Team": "core", "owner": "x"}, UNKNOWN):
        yield user(tags=tags)
    for boundary in (None, "arn:aws:iam::111111111111:policy/boundary", UNKNOWN):
        yield user(permissions_boundary=boundary)


KEY_LISTS = ([], UNKNOWN, [key(ago(999), None)], [key(ago(999), ago(90))], [key(ago(999), ago(90, -1))],
             [key(ago(999), ago(91))], [key(ago(999), ago(5), "Inactive")], [key(ago(999), ago(200), "Inactive")],
             [key(ago(999), UNKNOWN)], [key(ago(999), UNKNOWN, "Inactive")], [key(ago(999), UNKNOWN), key(ago(998), ago(3))])
CREDENTIAL_LISTS = ([], UNKNOWN, [credential()], [credential(status="Inactive")])
CERTIFICATE_LISTS = ([], UNKNOWN, [certificate()], [certificate("Inactive")])


def _dormant_users(chance, count):
    for created, console in itertools.product(edges(90), YES_NO_UNKNOWN):
        yield person(created_at=created, console_access=console, console_last_sign_in_at=None,
                     password_last_changed_at=max(created, ago(30)) if console else None)
    for created, keys, credentials, certificates in itertools.product(
            edges(90), ([], UNKNOWN), ([], UNKNOWN, [credential(status="Inactive")]), ([], UNKNOWN)):
        yield user(created_at=created, access_keys=keys, service_credentials=credentials, signing_certificates=certificates)
    for _ in range(count):
        console = chance.choice(YES_NO_UNKNOWN)
        yield user(created_at=chance.choice([*edges(90), ago(1500)]), console_access=console,
                   console_last_sign_in_at=chance.choice([*edges(90), None, None, UNKNOWN]),
                   password_last_changed_at=ago(30) if console else None,
                   access_keys=chance.choice(KEY_LISTS), service_credentials=chance.choice(CREDENTIAL_LISTS),
                   signing_certificates=chance.choice(CERTIFICATE_LISTS))


def _any_users(chance, count):
    """Users at random, each fact unknown now and then."""
    for _ in range(count):
        def some(value):
            return UNKNOWN if chance.random() < 0.15 else value
        console, created = some(chance.random() < 0.6), chance.choice(edges(45, 90))
        moments = [None, *(moment for moment in edges(45, 90, 365) if moment >= created)]
        yield user(
            created_at=created, console_access=console, mfa_enabled=some(chance.random() < 0.5),
            is_admin=some(chance.random() < 0.3), console_last_sign_in_at=some(chance.choice(moments)),
            password_last_changed_at=some(chance.choice(moments[1:])) if console else None,
            permissions_boundary=some(chance.choice([None, "arn:aws:iam::aws:policy/b"])),
            access_keys=some([key(chance.choice(moments[1:]) if created > ago(1) else some(chance.choice(moments[1:])),
                                  some(chance.choice(moments)), chance.choice(["Active", "Active", "Inactive"]))
                              for _ in range(chance.randrange(3))]),
            service_credentials=some([credential(chance.choice(["bedrock.amazonaws.com", "codecommit.amazonaws.com"]),
                                                 chance.choice(["Active", "Inactive"]), chance.choice(edges(90)),
                                                 chance.choice([None, START + DAY]))
                                      for _ in range(chance.randrange(3))]),
            signing_certificates=some([certificate(chance.choice(["Active", "Inactive"]), some(chance.choice(edges(365))))
                                       for _ in range(chance.randrange(2))]),
            attached_policies=some([[], ["arn:aws:iam::aws:policy/x"]][chance.randrange(2)]),
            inline_policies=some([[], ["one"]][chance.randrange(2)]),
            tags=some(chance.choice([{}, {"team": "core"}, {"team": "a", "owner": "b"}])))


def edge_users(seed=10, dormant=1500, random_users=1500):
    chance = random.Random(seed)
    return [*_mfa_users(), *_password_users(), *_key_users(), *_setup_users(), *_credential_users(), *_policy_users(),
            *_dormant_users(chance, dormant), *_any_users(chance, random_users)]


ROOT_POLICIES = ("default", UNKNOWN, *({"MinimumPasswordLength": length, "PasswordReusePrevention": reuse}
                                       for length, reuse in ((6, None), (13, 23), (14, 24), (15, 25), (128, 1), (8, 24), (14, None))))


def _plain_account(**facts):
    return {"root_password": True, "root_mfa": True, "root_mfa_kind": "hardware", "root_access_keys": False,
            "root_certificates": False, "root_last_used": ago(1000), "root_last_used_by": "password",
            "password_policy": {"MinimumPasswordLength": 14, "PasswordReusePrevention": 24}, "is_management": False,
            "partition": "aws", "outcome": "succeeded", "state": "ACTIVE", **facts}


def edge_accounts():
    """Accounts without users of interest: the rules about the account."""
    for password, mfa, kind, partition in itertools.product(
            YES_NO_UNKNOWN, YES_NO_UNKNOWN, ("none", "virtual", "hardware", UNKNOWN), ("aws", "aws-us-gov")):
        if kind is not UNKNOWN and mfa is not UNKNOWN and (kind != "none") != mfa:
            continue
        yield _plain_account(root_password=password, root_mfa=mfa, root_mfa_kind=kind, partition=partition)
    for used in [*edges(90), None, UNKNOWN]:
        yield _plain_account(root_last_used=used, root_last_used_by=UNKNOWN if used is UNKNOWN else used and "password")
    for policy in ROOT_POLICIES:
        yield _plain_account(password_policy=policy)
    for keys, certificates in itertools.product(YES_NO_UNKNOWN, repeat=2):
        yield _plain_account(root_access_keys=keys, root_certificates=certificates)
    for management, password, keys in itertools.product(YES_NO_UNKNOWN, repeat=3):
        yield _plain_account(is_management=management, root_password=password, root_access_keys=keys)
    yield _plain_account(**{name: UNKNOWN for name in (
        "root_password", "root_mfa", "root_mfa_kind", "root_access_keys", "root_certificates", "root_last_used",
        "root_last_used_by", "password_policy", "is_management")})
    for stage, partition in (("AssumeRole", "aws"), ("ListUsers", "aws-us-gov"), ("Deadline", "aws")):
        yield {"outcome": "failed", "stage": stage, "code": "AccessDenied", "message": "no", "state": "ACTIVE",
               "partition": partition}
    yield {"outcome": "skipped", "state": "SUSPENDED", "partition": "aws"}


SKIPPED = " AND a.outcome = 'skipped'"


class Writer:
    """Writes one run into a database that has the program's schema, and no run yet."""

    def __init__(self, path, run_id="run-of-the-oracle", started=START):
        self.db = sqlite3.connect(path)
        self.run_id, self.started = run_id, started
        self.account_number = self.user_number = self.item_number = 0
        self.columns = {}
        for (table,) in self.db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            found = self.db.execute(f'PRAGMA table_info("{table}")').fetchall()
            self.columns[table] = {name: (kind, notnull and default is None) for _, name, kind, notnull, default, _ in found}
        self.insert("run", run_id=run_id, started_at=stamp(started), finished_at=stamp(started + 60),
                    organization_id="o-oracle0001", strategy="bulk", columns="full", version="0", accounts=0, succeeded=0,
                    partial=0, failed=0, skipped=0, users=0, result="{}")

    def insert(self, table, unknown=(), **values):
        have = self.columns[table]
        values = {name: value for name, value in values.items()}
        lost = [name for name, value in values.items() if value is UNKNOWN] + list(unknown)
        row = {name: None if value is UNKNOWN else int(value) if isinstance(value, bool) else value
               for name, value in values.items()}
        if "unknown" in have:
            row["unknown"] = json.dumps(sorted(set(lost)))
        strange = set(row) - set(have)
        assert not strange, f"{table} has no {strange}, but {sorted(have)}"
        for name, (kind, needed) in have.items():
            if needed and row.get(name) is None:
                row[name] = 0 if kind.upper() == "INTEGER" else ""
        names = ", ".join(f'"{name}"' for name in row)
        self.db.execute(f'INSERT INTO "{table}" ({names}) VALUES ({", ".join("?" * len(row))})', list(row.values()))

    def account(self, facts, users=()):
        self.account_number += 1
        account_id = f"{100000000000 + self.account_number}"
        facts = dict(facts)
        partition = facts["partition"]
        policy = facts.get("password_policy")
        if isinstance(policy, dict):
            facts["password_policy"] = json.dumps({k: v for k, v in policy.items() if v is not None}, separators=(",", ":"))
            facts["minimum_password_length"] = policy["MinimumPasswordLength"]
            facts["password_reuse_prevention"] = policy["PasswordReusePrevention"] or 0
        elif policy == "default":
            facts.update(minimum_password_length=8, password_reuse_prevention=0)
        if isinstance(facts.get("root_last_used"), int):
            facts["root_last_used"] = stamp(facts["root_last_used"])
        self.insert("account", run_id=self.run_id, account_id=account_id, account_name=f"Account {self.account_number}",
                    account_alias=None, account_ou="o-oracle0001/r-abcd/", read_at=stamp(self.started + 1),
                    report_at=stamp(self.started - self.account_number % 3 * 3600), **facts)
        for each in users or ([user()] if facts["outcome"] == "succeeded" else []):
            self.user(account_id, partition, each)
        return account_id

    def number(self, prefix):
        self.item_number += 1
        return f"{prefix}{self.item_number:016d}"

    def user(self, account_id, partition, facts):
        self.user_number += 1
        name, user_id = f"user-{self.user_number:06d}", f"AIDA{self.user_number:016d}"
        place = {"run_id": self.run_id, "account_id": account_id, "user_id": user_id}
        lists = {table: facts[table] for table in LISTS}
        row = {name: value for name, value in facts.items() if name not in lists}
        for column in ("created_at", "console_last_sign_in_at", "password_last_changed_at"):
            if isinstance(row[column], int):
                row[column] = stamp(row[column])
        lost = [table for table, value in lists.items() if value is UNKNOWN]
        lost += self.lost_parts(lists)
        self.insert("user", unknown=lost, **place, user_name=name, arn=f"arn:{partition}:iam::{account_id}:user/{name}",
                    path="/", data_as_of=stamp(self.started), kind="unknown", **row)
        self.lists(place, account_id, {table: [] if value is UNKNOWN else value for table, value in lists.items()})

    @staticmethod
    def lost_parts(lists):
        keys = [] if lists["access_keys"] is UNKNOWN else lists["access_keys"]
        return [f"access_keys.{part}" for part in ("created_at", "last_used_at") if any(each[part] is UNKNOWN for each in keys)]

    def lists(self, place, account_id, lists):
        for each in lists["access_keys"]:
            self.insert("access_key", **place, id=self.number("AKIA"), **self._times(each))
        for each in lists["service_credentials"]:
            self.insert("service_credential", **place, id=self.number("ACCA"), **self._times(each, none_is_unknown=True))
        for each in lists["signing_certificates"]:
            self.insert("signing_certificate", **place, id=self.number("CERT"), **self._times(each, none_is_unknown=True))
        policies = [("attached", each) for each in lists["attached_policies"]]
        policies += [("inline", each) for each in lists["inline_policies"]]
        for position, (kind, each) in enumerate(policies):
            arn, text = (each, each.rsplit("/", 1)[1]) if kind == "attached" else (None, each)
            self.insert("policy", **place, position=position, name=text, arn=arn, kind=kind)
        for tag, value in dict(lists["tags"]).items():
            self.insert("tag", **place, key=tag, value=value)

    @staticmethod
    def _times(item, none_is_unknown=False):
        made = {}
        for name, value in item.items():
            if value is UNKNOWN and none_is_unknown:
                value = None
            made[name] = stamp(value) if isinstance(value, int) and name.endswith("_at") else value
        return made

    def close(self):
        count = "(SELECT count(*) FROM account AS a WHERE a.run_id = run.run_id{})"
        self.db.execute(f"UPDATE run SET accounts = {count.format('')}, skipped = {count.format(SKIPPED)}")
        self.db.commit()
        self.db.close()


LISTS = ("access_keys", "service_credentials", "signing_certificates", "attached_policies", "inline_policies", "tags")


def write_edges(path, users_per_account=250, **how):
    """A database of all edge cases; returns how many users and accounts it has."""
    writer = Writer(path)
    users = edge_users(**how)
    for first in range(0, len(users), users_per_account):
        writer.account(_plain_account(), users[first:first + users_per_account])
    for account in edge_accounts():
        writer.account(account)
    writer.close()
    return writer.user_number, writer.account_number
