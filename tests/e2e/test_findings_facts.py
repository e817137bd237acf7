# SPDX-License-Identifier: MIT
"""From a simulated world to its findings: the database holds what the world does, and 'check' judges it so.

Under each strategy, and if things are refused. A fact may be unknown, but never another than the world's.
"""

import collections
import unittest

import oracle
import oracle_findings
import oracle_rows
import oracle_world
import worlds_of_findings
from findings_case import ALL_RULES, FindingsCase, limit_flags
from oracle_findings import SEVERITIES

import worlds  # of tests/sim, which findings_case adds to the path

UNKNOWN = oracle.UNKNOWN
# 'lost': how often a fact is unknown under 'auto'
WORLDS = {"generated": {"arguments": ("--accounts", 4, "--users-exact", 60, "--all-active")},
          "organization": {"world": worlds.organization(), "lost": {"is_admin": 1}},  # a policy that is not there
          "privileges": {"world": worlds_of_findings.privileges()},
          "roots": {"world": worlds_of_findings.roots()},
          "an older summary": {"world": worlds_of_findings.roots(lacks=worlds_of_findings.SUMMARY)},
          "credentials": {"world": worlds_of_findings.credentials()},
          "credentials, user by user": {"world": worlds_of_findings.credentials(all_users=False)}}


def plain(value):
    """A fact in a form that can be compared."""
    if isinstance(value, list):
        return sorted(map(repr, map(plain, value)))
    if isinstance(value, oracle.Facts):
        return {name: plain(each) for name, each in value.__dict__.items()}
    return value


class Facts(FindingsCase):
    def compare(self, wanted, seen, names, where, lost):
        for name in names:
            a, b = getattr(wanted, name), getattr(seen, name)
            if b is UNKNOWN:
                lost[name] += 1
            elif name == "access_keys":
                self.compare_keys(a, b, where, lost)
            else:
                self.assertEqual(plain(b), plain(a), f"{name} of {where}")

    def compare_keys(self, wanted, seen, where, lost):
        seen = {key.id: key for key in seen}
        self.assertEqual(sorted(seen), [key.id for key in wanted], where)
        for key in wanted:
            self.compare(key, seen[key.id], ("status", "created_at", "last_used_at"), f"{key.id} of {where}", lost)

    def collected(self, sim, *flags, code=0):
        """Collects into a database; returns its path and how often each fact is unknown."""
        path = self.work / "census.sqlite"
        path.unlink(missing_ok=True)
        self.collect_from(sim, "--format", "sqlite", "--columns", "full", "--output", path, *flags, code=code)
        _, accounts = oracle_rows.facts_of(path)
        seen, lost = {each.account_id: each for each in accounts}, collections.Counter()
        for wanted in oracle_world.facts_of(sim.dump):
            account = seen[wanted.account_id]
            if account.outcome == "failed":
                continue
            self.compare(wanted, account, oracle_world.OF_ACCOUNT, wanted.account_id, lost)
            users = {user.user_id: user for user in account.users}
            self.assertEqual(sorted(users), sorted(user.user_id for user in wanted.users))
            for user in wanted.users:
                self.compare(user, users[user.user_id], oracle_world.OF_USER, user.arn, lost)
        return path, lost


class Strategies(Facts):
    """Worlds without faults: what is unknown then is only what the strategy has no source for."""

    def test_worlds(self):
        for name, arguments in WORLDS.items():
            sim = self.simulate(*arguments.get("arguments", ()), world=arguments.get("world"))
            for strategy in ("auto", "bulk", "per-user"):
                with self.subTest(world=name, strategy=strategy):
                    path, lost = self.collected(sim, "--strategy", strategy)
                    if strategy == "auto":
                        self.assertEqual(lost, arguments.get("lost", {}))
                    self.assert_judged(path, **ALL_RULES)
                    self.assert_judged(path)


class FromTheWorld(FindingsCase):
    """What 'collect --findings' writes is what the oracle says of the world itself, without any database."""

    # which the world does not say, or says otherwise
    NOT_COMPARED = ("data_as_of", "account_ou", "run_id")

    def test_worlds(self):
        for name, arguments in WORLDS.items():
            if "lost" in arguments:
                continue
            with self.subTest(world=name):
                sim = self.simulate(*arguments.get("arguments", ()), world=arguments.get("world"))
                self.judged_as_it_is(sim)

    def test_the_severity_to_fail_on(self):
        sim = self.simulate(world=worlds_of_findings.credentials())
        made = oracle.judgements(oracle_world.facts_of(sim.dump), oracle_rows.seconds(sim.dump["now"]))
        seen = set()
        for severity in SEVERITIES:
            for flags in ((), ("--fail-on-unknown",)):
                run = self.collect_from(sim, "--output", self.work / "out.csv", "--findings", self.work / "findings.jsonl",
                                        "--fail-on", severity, *flags, code=None)
                wanted = oracle_findings.exit_status(made, severity, bool(flags))
                self.assertEqual(run.code == 4, wanted == 4, str(run))
                seen.add(wanted)
        self.assertIn(4, seen)

    def judged_as_it_is(self, sim):
        file = self.work / "findings.jsonl"
        run = self.collect_from(sim, "--output", self.work / "out.csv", "--findings", file, "--json", "--rules", "all",
                                *limit_flags(ALL_RULES["limits"]), code=None)
        document = self.document(run)
        self.assertEqual((document["failed_accounts"], document["partial_accounts"]), ([], []))
        made = oracle.judgements(oracle_world.facts_of(sim.dump), oracle_rows.seconds(document["started_at"]), **ALL_RULES)
        findings = oracle_findings.from_jsonl(file.read_bytes())
        found = oracle_findings.differences(findings, oracle_findings.shown(made), document, but=self.NOT_COMPARED)
        self.assertEqual(found, [], "\n".join(found))
        self.assertEqual(sum(sum(each.values()) for name, each in document["findings"].items() if name in SEVERITIES), len(made))


class Refused(Facts):
    """What a role may not do, or AWS refuses, is unknown; the statuses still add up to everything planned."""

    ACTIONS = ("GetAccountSummary", "GetAccountPasswordPolicy", "ListVirtualMFADevices", "ListServiceSpecificCredentials",
               "GetAccountAuthorizationDetails", "GetCredentialReport", "ListAccessKeys", "GetAccessKeyLastUsed",
               "ListMFADevices", "GetLoginProfile", "ListSigningCertificates", "ListUserTags", "ListAccountAliases")

    def test_each_action_refused(self):
        world = {"arguments": ("--accounts", 3, "--users-exact", 12, "--all-active")}
        for strategy in ("auto", "bulk", "per-user"):
            for action in self.ACTIONS:
                with self.subTest(strategy=strategy, action=action):
                    sim = self.simulate(*world["arguments"], scenario={"rules": [
                        {"actions": [action], "accounts": "#0", "fault": "access_denied"}]})
                    path, _ = self.collected(sim, "--strategy", strategy, code=None)
                    self.assert_judged(path, **ALL_RULES)

    def test_accounts_that_fail(self):
        sim = self.simulate("--accounts", 6, "--users-exact", 5, "--all-active", scenario={"rules": [
            {"actions": ["AssumeRole"], "accounts": "#1", "fault": "access_denied"},
            {"actions": ["ListUsers", "GetAccountAuthorizationDetails"], "accounts": "#2", "fault": "access_denied"}]})
        path, _ = self.collected(sim, code=3)
        _, made, _ = self.assert_judged(path)
        self.assertEqual(sum(each.account.outcome == "failed" for each in made),
                         2 * sum(not each.off for each in oracle.RULES.values()))


if __name__ == "__main__":
    unittest.main()
