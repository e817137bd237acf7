# SPDX-License-Identifier: MIT
"""What the tests of findings share: an empty database with the program's schema, and 'check' beside the oracle."""

import sqlite3
import sys

import oracle
import oracle_findings
import oracle_rows
from cases import Case
from census import ROOT

sys.path.append(str(ROOT / "tests" / "sim"))
import simulator  # noqa: E402

TAG_KEYS = ["team", "owner"]
ALL_RULES = {"rules": list(oracle.RULES), "limits": {"user-tag": TAG_KEYS}}
ONE_USER = {"accounts": [{"id": "111111111111", "users": [{"name": "ann", "created": "2020-01-01T00:00:00Z"}]}]}


def limit_flags(limits):
    flags = []
    for name, limit in limits.items():
        flags += ["--limit", f"{name}={limit if isinstance(limit, int) else ','.join(limit)}"]
    return flags


def empty_database(path):
    """Takes the run out of a database that the program has made: what is left is its schema."""
    db = sqlite3.connect(path)
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
        db.execute(f'DELETE FROM "{table}"')
    db.commit()
    db.close()


class FindingsCase(Case):
    def simulate(self, *arguments, **documents):
        sim = simulator.Simulator(*arguments, **documents).start()
        self.addCleanup(sim.stop)
        return sim

    def collect_from(self, sim, *arguments, code=0, region=simulator.REGION, **options):
        run = self.collect("--role-name", simulator.ROLE, *arguments, env={
            "AWS_ENDPOINT_URL": sim.url, "AWS_REGION": region, "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY,
            "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET}, **options)
        if code is not None:
            self.assert_code(run, code)
        return run

    def schema(self):
        """The path of an empty database."""
        path = self.work / "edges.sqlite"
        self.collect_from(self.simulate(world=ONE_USER), "--format", "sqlite", "--output", path)
        empty_database(path)
        return path

    def check(self, path, *arguments, codes=(0, 3), **options):
        run = self.run_program("check", path, *arguments, **options)
        self.assertIn(run.code, codes, str(run))
        return run

    def judged(self, path, rules=None, limits=None, run_id=None):
        """(row of the run, judgements of the oracle)."""
        run, accounts = oracle_rows.facts_of(path, run_id)
        made = oracle.judgements(accounts, oracle_rows.seconds(run["started_at"]), rules, limits)
        wanted = [oracle.RULES[name] for name in rules or oracle.RULES if rules or not oracle.RULES[name].off]
        self.assertEqual(len(made), oracle_findings.planned(accounts, wanted))
        return run, made

    def assert_judged(self, path, rules=None, limits=None):
        """'check' says of every resource what the oracle says, and the statuses add up to everything planned."""
        run, made = self.judged(path, rules, limits)
        flags = ["--rules", ",".join(rules)] if rules else []
        checked = self.check(path, "--include-pass", "--format", "jsonl", *flags, *limit_flags(limits or {}), timeout=120)
        findings = oracle_findings.from_jsonl(checked.out)
        self.assert_alike(findings, made, run)
        self.assertEqual(checked.code, oracle_findings.exit_status(made))
        self.assertEqual(sum(oracle_findings.statuses(findings).values()), len(made))
        return run, made, findings

    def assert_alike(self, findings, made, run):
        found = oracle_findings.differences(findings, made, run, but=())
        self.assertEqual(found, [], "\n".join(found))
