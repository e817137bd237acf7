# SPDX-License-Identifier: MIT
"""The census as an SQLite database: what is in it, runs that accumulate, and runs that are killed."""

import contextlib
import json
import os
import random
import re
import sqlite3
import time

from census import ROOT, Started
from simulator import CALLER_KEY, CALLER_SECRET, REGION, ROLE
from test_sim_census import ANY_REPORT, BUCKET, SimCensus
from test_sim_full import everything
from worlds import C

# tables of what a user has, and the list of JSON Lines that each row is an element of
LISTS = {"tag": ("tags", ("key", "value")), "signing_certificate": ("signing_certificates", ("id", "status", "uploaded_at")),
         "ssh_public_key": ("ssh_public_keys", ("id", "status", "uploaded_at")),
         "service_credential": ("service_credentials", ("id", "service", "status", "created_at", "expires_at")),
         "access_key": ("access_keys", ("id", "status", "created_at", "age_days", "last_used_at", "last_used_service",
                                        "last_used_region", "description"))}
KILLED = int(os.environ.get("IAM_CENSUS_KILLED", 20))  # 200 for the whole test


class Database(SimCensus):
    def ask(self, sql, *values, path=None):
        with contextlib.closing(sqlite3.connect(path or self.work / "db.sqlite")) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(sql, values)]

    def record(self, sim, *arguments, code=0, **options):
        return self.run_on(sim, "--format", "sqlite", "--output", self.work / "db.sqlite", "--json", *arguments, code=code,
                           strategy="auto", **options)

    def history(self, *arguments, code=0):
        run = self.run_program("history", self.work / "db.sqlite", *arguments)
        self.assert_code(run, code)
        return run


class Content(Database):
    def test_what_json_lines_has(self):
        sim = self.simulator(world=everything())
        document = self.document(self.record(sim, "--ssh-keys"))
        _, data = self.census(sim, "--format", "jsonl", "--columns", "full", "--ssh-keys", strategy="auto")
        users = {row["user_id"]: row for row in self.ask("SELECT * FROM user")}
        objects = [json.loads(line) for line in data.splitlines()]
        self.assertEqual(len(users), len(objects))
        for each in objects:
            row = users[each["user_id"]]
            for name in set(each) & set(row) - {"data_as_of"}:
                value = json.loads(row[name]) if name in ("unknown", "admin_via") and row[name] else row[name]
                self.assertEqual(value, each[name], (name, each))
            for table, (name, columns) in LISTS.items():
                rows = self.ask(f"SELECT {', '.join(columns)} FROM {table} WHERE user_id = ? ORDER BY 1", each["user_id"])
                self.assertEqual(rows, sorted(({column: item[column] for column in columns} for item in each[name] or []),
                                              key=lambda item: item[columns[0]]), (table, each))
            self.assertEqual([row["group_name"] for row in self.ask("SELECT group_name FROM group_membership WHERE user_id = ?",
                                                                    each["user_id"])], each["groups"] or [])
            self.assertEqual([(row["serial"], row["kind"]) for row in
                              self.ask("SELECT serial, kind FROM mfa_device WHERE user_id = ?", each["user_id"])],
                             list(zip(each["mfa_devices"] or [], each["mfa_device_kinds"] or [])))
            policies = self.ask("SELECT kind, coalesce(arn, name) AS what, via FROM policy WHERE user_id = ? ORDER BY position",
                                each["user_id"])
            self.assertEqual([row["what"] for row in policies if row["kind"] == "attached"], each["attached_policies"] or [])
            self.assertEqual([row["what"] for row in policies if row["kind"] == "inline"], each["inline_policies"] or [])
            self.assertEqual([{"group": row["via"], "policy": row["what"]} for row in policies if row["kind"] == "group"],
                             each["group_policies"] or [])
        run, = self.ask("SELECT * FROM run")
        self.assertEqual((run["run_id"], run["users"], run["strategy"]), (document["run_id"], len(objects), "auto"))
        stored = json.loads(run["result"])
        for name in set(stored) - {"duration_ms"}:
            self.assertEqual(stored[name], document[name], name)
        self.assertEqual([(row["outcome"], row["state"]) for row in self.ask("SELECT * FROM account ORDER BY account_name")],
                         [("succeeded", "ACTIVE"), ("skipped", "SUSPENDED"), ("succeeded", "ACTIVE")])
        self.assertEqual(len(self.ask("SELECT * FROM latest_user")), len(objects))
        self.assertEqual((self.work / "db.sqlite").stat().st_mode & 0o777, 0o600)

    def test_findings(self):
        """The table has what the findings' own file has."""
        sim = self.simulator(world=everything())
        self.record(sim, "--findings", self.work / "f.jsonl", "--findings-format", "jsonl", code=3)
        wanted = [json.loads(line) for line in (self.work / "f.jsonl").read_text().splitlines()]
        self.assertGreater(len(wanted), 5)
        rows = {row["finding_id"]: row for row in self.ask("SELECT * FROM finding")}
        self.assertEqual(len(rows), len(wanted))
        for each in wanted:
            row = rows[each["finding_id"]]
            for name in ("because", "suppression", "frameworks"):
                row[name] = row[name] and json.loads(row[name])
            self.assertEqual(row, each)

    def test_runs_accumulate(self):
        sim = self.simulator(world=everything())
        ids = [self.document(self.record(sim))["run_id"] for _ in range(3)]
        lines = self.history().out.decode().splitlines()
        self.assertEqual([line.split()[0] for line in lines], ["run", *ids])
        self.assertTrue(lines[1].endswith("1 not ACTIVE"), lines)
        self.assertEqual([run["run_id"] for run in json.loads(self.history("--json").out)["runs"]], ids)
        ids.append(self.document(self.record(sim, "--keep-runs", 3))["run_id"])
        self.assertEqual([run["run_id"] for run in json.loads(self.history("--json").out)["runs"]], ids[1:])
        self.assertEqual(json.loads(self.history("--json", "--prune", 1).out)["removed"], 2)
        for table in ("run", "account", "user", "tag", "access_key", "policy", "mfa_device"):
            self.assertEqual(self.ask(f"SELECT DISTINCT run_id FROM {table}"), [{"run_id": ids[-1]}], table)

    def test_the_questions_of_the_documentation(self):
        text = (ROOT / "docs/history.md").read_text()
        questions = re.findall(r"```sql\n(.*?)```", text, re.DOTALL)
        self.assertGreater(len(questions), 5)
        sim = self.simulator("--accounts", 25, "--users", 12, "--seed", 5)
        self.record(sim)
        self.record(sim, "--accounts", ",".join(account["id"] for account in sim.active()))
        with contextlib.closing(sqlite3.connect(self.work / "db.sqlite")) as database:
            database.execute("DELETE FROM user WHERE run_id = (SELECT run_id FROM run ORDER BY number DESC LIMIT 1) AND "
                             "user_id IN (SELECT user_id FROM user LIMIT 1)")
            database.execute("UPDATE account SET root_password = 1, root_mfa = 0")
            database.commit()
            for question in questions:
                self.assertGreater(len(database.execute(question).fetchall()), 0, question)

    def test_into_s3(self):
        """One run a file, and no temporary file is left."""
        temporary = self.work / "tmp"
        temporary.mkdir()
        sim = self.simulator("--accounts", 30, "--users", 400, "--seed", 5)
        run = self.run_on(sim, "--format", "sqlite", "--s3-bucket", BUCKET, "--json", strategy="auto",
                          env={"TMPDIR": temporary}, timeout=200)
        document = self.document(run)
        key = document["output"].removeprefix(f"s3://{BUCKET}/")
        self.assertTrue(key.endswith(".sqlite"))
        (self.work / "db.sqlite").write_bytes(sim.client("s3").get_object(Bucket=BUCKET, Key=key)["Body"].read())
        self.assertEqual(self.ask("PRAGMA integrity_check"), [{"integrity_check": "ok"}])
        self.assertEqual(self.ask("SELECT count(*) AS n FROM user"), [{"n": document["rows"]}])
        self.assertGreater((self.work / "db.sqlite").stat().st_size, 5 * 1024 * 1024)
        self.assertEqual(list(temporary.iterdir()), [])

    def test_wrong_settings(self):
        sim = self.simulator(world=everything())
        for arguments, words in ((("--output", "-"), "a database can't go to standard output"),
                                 (("--output", "a", "--format", "csv", "--keep-runs", 2), "--keep-runs is for a local database"),
                                 (("--output", self.work), "is a folder")):
            run = self.run_on(sim, "--format", "sqlite", *arguments, code=2)
            self.assert_says(run, words)
        (self.work / "db.sqlite").write_text("AccountID,AccountAlias\r\n")
        self.assert_says(self.record(sim, code=2), "is not an SQLite database")
        self.assert_says(self.history(code=2), "is not an SQLite database")
        self.assertEqual((self.work / "db.sqlite").read_text(), "AccountID,AccountAlias\n")

    def test_nothing_read_leaves_no_file(self):
        sim = self.simulator(world=everything())
        self.run_on(sim, "--format", "sqlite", "--output", self.work / "db.sqlite", "--accounts", C, code=1)
        self.assertFalse((self.work / "db.sqlite").exists())


class Killed(Database):
    def test_only_whole_runs(self):
        """The process is killed at random moments; the file always holds whole runs, and the next run can be added."""
        sim = self.simulator("--accounts", 12, "--users", 60, "--seed", 7)
        began = time.monotonic()
        self.record(sim)
        whole = time.monotonic() - began
        env = {**self.environment(), "AWS_ENDPOINT_URL": sim.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": CALLER_KEY,
               "AWS_SECRET_ACCESS_KEY": CALLER_SECRET, "ROLE_NAME": ROLE, "MAX_REPORT_AGE": ANY_REPORT}
        chance = random.Random(10)
        for _ in range(KILLED):
            with Started(("collect", "--format", "sqlite", "--output", self.work / "db.sqlite", "--strategy", "auto",
                          "--keep-runs", 3), env, self.work) as started:
                # mostly near the end, where it is written
                time.sleep(whole * chance.uniform(0.3, 1.1))
                started.process.kill()
                started.process.wait()
            self.assertEqual(self.ask("PRAGMA integrity_check"), [{"integrity_check": "ok"}])
            for run in self.ask("SELECT * FROM run"):
                for table, count in (("user", run["users"]), ("account", run["accounts"])):
                    self.assertEqual(self.ask(f"SELECT count(*) AS n FROM {table} WHERE run_id = ?", run["run_id"]),
                                     [{"n": count}])
            self.history()
        self.record(sim)
