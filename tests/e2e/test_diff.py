# SPDX-License-Identifier: MIT
"""Two runs over a moto that changes in between: exactly what changed, each kind once. What moto can't show is changed in
the database of a run."""

import contextlib
import csv
import io
import json
import shutil
import sqlite3

from moto_server import needs_moto
from seed import certificate
from test_moto import SECOND, VARIED, MotoCase

READ_ONLY, OTHER = (f"arn:aws:iam::{VARIED}:policy/{name}" for name in ("read", "other"))
ALL = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
SOME = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}]})


def virtual_device(iam, user, name):
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName=name)["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(UserName=user, SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321")
    return serial


class DiffCase(MotoCase):
    database = "db.sqlite"

    def record(self, *arguments, accounts=VARIED, path=None):
        """moto does not know ListServiceSpecificCredentials, so that every account is partial."""
        run = self.collect("--accounts", accounts, "--strategy", "auto", "--format", "sqlite",
                           "--output", self.work / (path or self.database), *arguments)
        self.assert_code(run, 3)

    def diff(self, *arguments, code=0, path=None):
        run = self.run_program("diff", self.work / (path or self.database), *arguments)
        self.assert_code(run, code)
        return run

    def lines(self, *arguments, **options):
        run = self.diff(*arguments, "--format", "jsonl", **options)
        return [json.loads(line) for line in run.out.decode().splitlines()]

    def change(self, sql, *values, path=None):
        with contextlib.closing(sqlite3.connect(self.work / (path or self.database))) as database, database:
            return database.execute(sql, values).fetchall()


@needs_moto
class Changes(DiffCase):
    def seed_users(self, iam):
        self.ids = {}
        for name in ("gone", "again", "oldname", "keys", "pass", "nopass", "mfaon", "mfaoff", "swap", "group", "policy", "admin",
                     "noadmin", "tags", "certs", "same"):
            self.ids[name] = iam.create_user(UserName=name)["User"]["UserId"]
        for name in ("in", "out"):
            iam.create_group(GroupName=name)
        for name, text in (("read", SOME), ("other", SOME)):
            iam.create_policy(PolicyName=name, PolicyDocument=text)
        self.keys = {name: iam.create_access_key(UserName="keys")["AccessKey"]["AccessKeyId"] for name in ("off", "on")}
        self.keys["removed"] = iam.create_access_key(UserName="same")["AccessKey"]["AccessKeyId"]
        iam.update_access_key(UserName="keys", AccessKeyId=self.keys["on"], Status="Inactive")
        iam.create_login_profile(UserName="nopass", Password="Secret-123456")
        self.devices = {user: virtual_device(iam, user, user) for user in ("mfaoff", "swap")}
        iam.add_user_to_group(GroupName="out", UserName="group")
        iam.attach_user_policy(UserName="policy", PolicyArn=OTHER)
        iam.put_user_policy(UserName="noadmin", PolicyName="all", PolicyDocument=ALL)
        iam.tag_user(UserName="tags", Tags=[{"Key": "team", "Value": "blue"}])
        self.certificate = iam.upload_signing_certificate(UserName="certs", CertificateBody=certificate())["Certificate"]

    def change_users(self, iam):
        self.ids["new"] = iam.create_user(UserName="new")["User"]["UserId"]
        iam.delete_user(UserName="gone")
        iam.delete_user(UserName="again")
        self.ids["again2"] = iam.create_user(UserName="again")["User"]["UserId"]
        iam.update_user(UserName="oldname", NewUserName="newname")
        iam.update_access_key(UserName="keys", AccessKeyId=self.keys["off"], Status="Inactive")
        iam.update_access_key(UserName="keys", AccessKeyId=self.keys["on"], Status="Active")
        iam.delete_access_key(UserName="same", AccessKeyId=self.keys["removed"])
        self.keys["added"] = iam.create_access_key(UserName="same")["AccessKey"]["AccessKeyId"]
        iam.create_login_profile(UserName="pass", Password="Secret-123456")
        iam.delete_login_profile(UserName="nopass")
        for user in ("mfaoff", "swap"):
            iam.deactivate_mfa_device(UserName=user, SerialNumber=self.devices[user])
        self.devices.update({name: virtual_device(iam, user, name) for user, name in (("swap", "swap2"), ("mfaon", "mfaon"))})
        iam.remove_user_from_group(GroupName="out", UserName="group")
        iam.add_user_to_group(GroupName="in", UserName="group")
        iam.detach_user_policy(UserName="policy", PolicyArn=OTHER)
        iam.attach_user_policy(UserName="policy", PolicyArn=READ_ONLY)
        iam.put_user_policy(UserName="admin", PolicyName="all", PolicyDocument=ALL)
        iam.put_user_policy(UserName="noadmin", PolicyName="all", PolicyDocument=SOME)
        iam.tag_user(UserName="tags", Tags=[{"Key": "team", "Value": "red"}])
        iam.delete_signing_certificate(UserName="certs", CertificateId=self.certificate["CertificateId"])
        self.new_certificate = iam.upload_signing_certificate(UserName="certs", CertificateBody=certificate())["Certificate"]

    def expected(self):
        """(kind, user, id, resource, before, after) of each difference, in order."""
        def arn(user):
            return f"arn:aws:iam::{VARIED}:user/{user}"
        keys, devices = self.keys, self.devices
        old, new = self.certificate["CertificateId"], self.new_certificate["CertificateId"]
        rows = [
            ("admin_gained", "admin", None, arn("admin"), "false", "true"),
            ("policy_attached", "admin", None, "all", None, "all"),
            ("user_recreated", "again", self.ids["again2"], arn("again"), self.ids["again"], self.ids["again2"]),
            ("certificate_added", "certs", None, new, None, "Active"),
            ("certificate_removed", "certs", None, old, "Active", None),
            ("user_removed", "gone", None, arn("gone"), self.ids["gone"], None),
            ("group_joined", "group", None, "in", None, "in"),
            ("group_left", "group", None, "out", "out", None),
            ("key_activated", "keys", None, keys["on"], "Inactive", "Active"),
            ("key_deactivated", "keys", None, keys["off"], "Active", "Inactive"),
            ("mfa_off", "mfaoff", None, arn("mfaoff"), "true", "false"),
            ("mfa_on", "mfaon", None, arn("mfaon"), "false", "true"),
            ("user_added", "new", None, arn("new"), None, self.ids["new"]),
            ("user_renamed", "newname", self.ids["oldname"], arn("newname"), "oldname", "newname"),
            ("admin_lost", "noadmin", None, arn("noadmin"), "true", "false"),
            ("password_removed", "nopass", None, arn("nopass"), "true", "false"),
            ("password_added", "pass", None, arn("pass"), "false", "true"),
            ("policy_attached", "policy", None, READ_ONLY, None, READ_ONLY),
            ("policy_detached", "policy", None, OTHER, OTHER, None),
            ("key_added", "same", None, keys["added"], None, "Active"),
            ("key_removed", "same", None, keys["removed"], "Active", None),
            ("mfa_device_changed", "swap", None, arn("swap"), devices["swap"], devices["swap2"]),
            ("tag_changed", "tags", None, "team", "blue", "red"),
        ]
        return [{"kind": kind, "account_id": VARIED, "user_name": user, "user_id": user_id or self.ids[user],
                 "resource_id": resource, "before": before, "after": after}
                for kind, user, user_id, resource, before, after in rows]

    def test_each_kind_once(self):
        iam = self.moto.inside(VARIED)
        self.seed_users(iam)
        self.record("--max-report-age", "0")
        self.record("--max-report-age", "0")
        self.assertEqual(self.lines("--exit-code"), [])
        self.change_users(iam)
        self.record("--max-report-age", "0")
        expected = self.expected()
        self.assertEqual(self.lines(), expected)
        self.assertEqual(self.lines("-2"), expected)
        oldest, = self.change("SELECT run_id FROM run ORDER BY number LIMIT 1")[0]
        self.assertEqual(self.lines(oldest), expected)
        self.assertEqual(self.lines("--exit-code", code=1), expected)
        self.assertEqual(self.lines("--only", "key_added,tag_changed"),
                         [each for each in expected if each["kind"] in ("key_added", "tag_changed")])
        self.assertEqual(self.lines("--only", "console_used", "--exit-code"), [])
        self.csv_and_text(expected)

    def csv_and_text(self, expected):
        rows = list(csv.DictReader(io.StringIO(self.diff("--format", "csv").out.decode())))
        self.assertEqual(rows, [{name: value or "" for name, value in each.items()} for each in expected])
        text = self.diff().out.decode()
        self.assertIn("23 differences; 1 account compared\n", text)
        self.assertIn("\nusers who have become administrators: 1\n", text)
        self.assertLess(text.index("access keys added"), text.index("access keys removed"))
        self.assertIn("findings were not compared", text)


@needs_moto
class InTheDatabase(DiffCase):
    """What moto can't show: the second run is a copy of the first that is changed by SQL."""

    @classmethod
    def seed(cls):
        for account in (VARIED, SECOND):
            iam = cls.moto.inside(account)
            iam.create_user(UserName="ann")
            iam.create_access_key(UserName="ann")
            iam.create_login_profile(UserName="ann", Password="Secret-123456")

    def two(self, *changes):
        self.record("--findings", self.work / "f.jsonl", accounts=f"{VARIED},{SECOND}")
        shutil.copy(self.work / self.database, self.work / "new.sqlite")
        for change in changes:
            self.change(*change, path="new.sqlite")
        return [(each["kind"], each["user_name"], each["resource_id"], each["before"], each["after"])
                for each in self.lines(self.work / "new.sqlite")]

    def test_root(self):
        self.assertEqual(self.two(("UPDATE account SET root_mfa = 1 - root_mfa WHERE account_id = ?", VARIED)),
                         [("root_changed", None, "root_mfa", "false", "true")])

    def test_boundary(self):
        row, = self.two(("UPDATE user SET permissions_boundary = 'arn:b' WHERE account_id = ?", VARIED))
        self.assertEqual((row[0], row[1], row[3:]), ("boundary_changed", "ann", (None, "arn:b")))

    def test_service_credentials(self):
        known = ("UPDATE user SET unknown = '[]'",)
        rows = self.two(known, ("INSERT INTO service_credential SELECT run_id, account_id, user_id, 'ACCA1', "
                                "'bedrock.amazonaws.com', 'Active', NULL, NULL FROM user WHERE account_id = ?", VARIED))
        self.assertEqual(rows, [])  # unknown in the older run
        self.change(*known)
        self.assertEqual([each["kind"] for each in self.lines(self.work / "new.sqlite")], ["service_credential_added"])
        swapped = self.run_program("diff", self.work / "new.sqlite", self.work / self.database, "--format", "jsonl")
        self.assertEqual([json.loads(line)["kind"] for line in swapped.out.splitlines()], ["service_credential_removed"])

    def test_uses(self):
        used = ("UPDATE access_key SET last_used_at = '2024-01-01T00:00:00Z' WHERE account_id = ?", VARIED)
        row, = self.two(used)
        self.assertEqual((row[0], row[3:]), ("key_first_used", (None, "2024-01-01T00:00:00Z")))
        self.change(used[0].replace("2024", "2023"), VARIED)
        self.assertEqual(self.lines(self.work / "new.sqlite"), [])
        each, = self.lines(self.work / "new.sqlite", "--with-use")
        self.assertEqual((each["kind"], each["before"][:4], each["after"][:4]), ("key_used", "2023", "2024"))

    def test_password_changed(self):
        """moto's report has no such date: both runs get one."""
        change = "UPDATE user SET password_last_changed_at = ?, unknown = '[]', password_set_at = ? WHERE account_id = ?"
        self.two((change, *["2024-01-02T00:00:00Z"] * 2, VARIED))
        self.change(change, *["2024-01-01T00:00:00Z"] * 2, VARIED)
        each, = self.lines(self.work / "new.sqlite")
        self.assertEqual((each["kind"], each["before"], each["after"]),
                         ("password_changed", "2024-01-01T00:00:00Z", "2024-01-02T00:00:00Z"))

    def test_accounts(self):
        self.record(accounts=VARIED)
        self.record(accounts=SECOND)
        run = self.diff("--format", "jsonl")
        rows = [json.loads(line) for line in run.out.splitlines()]
        self.assertEqual([(each["kind"], each["account_id"]) for each in rows],
                         sorted([("account_gone", VARIED), ("account_added", SECOND)], key=lambda each: each[1]))
        for account in (VARIED, SECOND):
            self.assertIn(f"account not compared account_id={account}", run.err)

    def test_failed_account_is_not_compared(self):
        rows = self.two(("UPDATE account SET outcome = 'failed' WHERE account_id = ?", VARIED),
                        *((f"DELETE FROM {table} WHERE account_id = ?", VARIED) for table in ("user", "access_key")))
        self.assertEqual(rows, [])
        run = self.run_program("diff", self.work / self.database, self.work / "new.sqlite")
        self.assertIn(f"1 account was not compared:\n  {VARIED}: failed in the newer run\n", run.out.decode())

    def test_findings(self):
        status = "UPDATE finding SET status = ? WHERE rule = 'user-console-mfa' AND account_id = ?"
        rows = self.two((status, "pass", VARIED))
        arn = f"arn:aws:iam::{VARIED}:user/ann"
        self.assertEqual(rows, [("finding_closed", "ann", arn, "user-console-mfa", None)])
        self.change(status, "suppressed", VARIED)
        self.assertEqual(self.lines(self.work / "new.sqlite"), [])
        self.change(status, "fail", VARIED, path="new.sqlite")
        each, = self.lines(self.work / "new.sqlite")
        self.assertEqual((each["kind"], each["after"]), ("finding_opened", "user-console-mfa"))
        self.change(status, "unknown", VARIED)
        self.assertEqual(self.lines(self.work / "new.sqlite"), [])

    def test_rule_that_only_one_run_judged(self):
        """A finding is not closed because nobody looks any more, nor opened by looking for the first time."""
        self.two(("UPDATE finding SET status = status",))
        self.record("--findings", self.work / "few.jsonl", "--rules", "root-mfa", path="few.sqlite")
        few = self.work / "few.sqlite"
        self.assertEqual(self.change("SELECT rules FROM run", path="few.sqlite"), [('["root-mfa"]',)])
        self.assertEqual(self.lines(few, "--only", "finding_opened,finding_closed"), [])
        run = self.run_program("diff", few, self.work / self.database)
        self.assertEqual([line for line in run.out.decode().splitlines() if line.startswith("findings ")], [])
        self.assertIn("not compared, being unknown", run.out.decode())


@needs_moto
class BadInput(DiffCase):
    @classmethod
    def seed(cls):
        cls.moto.inside(VARIED).create_user(UserName="ann")

    def assert_refused(self, run, *words):
        self.assert_code(run, 2)
        self.assert_says(run, *words)
        self.assertEqual(run.out, b"")

    def test_runs_that_are_not_there(self):
        self.record()
        self.assert_refused(self.diff(code=2), "run")
        self.assert_refused(self.diff("0" * 32, "-1", code=2), "0" * 32)
        self.assert_refused(self.diff("-7", code=2), "-7")

    def test_databases_that_are_none(self):
        self.record()
        (self.work / "text").write_text("not a database")
        for path, word in (("text", "text"), ("nothing", "nothing"), (".", "folder")):
            self.assert_refused(self.diff(self.work / path, code=2), word)
            self.assert_refused(self.diff(path=path, code=2), word)

    def test_options(self):
        self.record()
        self.assert_refused(self.diff("--only", "key_add", code=2), "key_add", "did you mean 'key_added'")
        self.assert_refused(self.diff("--only", ",", code=2), "no kind")
        self.assert_refused(self.diff("--format", "xml", code=2), "text, jsonl, csv")

    def test_a_run_that_has_lost_an_account(self):
        """Nothing would be wrong in it: it must not pass."""
        self.record()
        self.change("DELETE FROM account")
        self.assert_refused(self.diff(self.work / self.database, code=2), "1 accounts less than its own count")
        self.assert_refused(self.run_program("check", self.work / self.database), "less than its own count")


@needs_moto
class Renamed(DiffCase):
    """A finding is about a user, by id: another name or path does not close it and open another."""

    @classmethod
    def seed(cls):
        cls.moto.inside(VARIED).create_user(UserName="ann")
        cls.moto.inside(VARIED).create_login_profile(UserName="ann", Password="Secret-123456")

    def test_findings_of_a_renamed_user(self):
        iam = self.moto.inside(VARIED)
        self.record("--findings", self.work / "f.jsonl")
        iam.update_user(UserName="ann", NewUserName="bea")
        self.record("--findings", self.work / "f.jsonl")
        self.assertEqual([each["kind"] for each in self.lines()], ["user_renamed"])
        run_id, = self.change("SELECT run_id FROM run ORDER BY number LIMIT 1")[0]
        self.change("UPDATE finding SET status = 'unknown' WHERE run_id = ? AND rule = 'user-console-mfa'", run_id)
        self.assertEqual([each["kind"] for each in self.lines()], ["user_renamed"])
        self.change("DELETE FROM finding WHERE run_id = ? AND rule = 'user-console-mfa'", run_id)
        opened, renamed = self.lines()
        self.assertEqual((opened["kind"], opened["user_name"], renamed["kind"]), ("finding_opened", "bea", "user_renamed"))
        iam.update_user(UserName="bea", NewUserName="ann")


@needs_moto
class LeftOut(DiffCase):
    """Accounts that were not ACTIVE: they are listed, and gone when they are planned no more."""

    @classmethod
    def seed(cls):
        cls.moto.inside(VARIED).create_user(UserName="ann")

    def skipped(self, run, account, outcome="skipped"):
        columns = ("run_id", "account_id", "outcome", "unknown")
        self.change(f"INSERT INTO account ({', '.join(columns)}) VALUES (?, ?, ?, '[]')", run, account, outcome)
        self.change("UPDATE run SET accounts = accounts + 1, skipped = skipped + 1 WHERE run_id = ?", run)

    def test_left_out(self):
        self.record()
        self.record()
        older, newer = [row[0] for row in self.change("SELECT run_id FROM run ORDER BY number")]
        for run, account in ((older, "000000000001"), (newer, "000000000002"), (older, "999999999999"), (newer, "999999999999")):
            self.skipped(run, account)
        run = self.diff("--format", "jsonl")
        self.assertEqual([(each["kind"], each["account_id"]) for each in map(json.loads, run.out.splitlines())],
                         [("account_gone", "000000000001"), ("account_added", "000000000002")])
        for account, why in (("000000000001", "not planned in the newer run"), ("000000000002", "not planned in the older run"),
                             ("999999999999", "not ACTIVE in both runs")):
            self.assertIn(f'account_id={account} reason="{why}"', run.err)
