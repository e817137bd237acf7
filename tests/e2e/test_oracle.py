# SPDX-License-Identifier: MIT
"""The oracle of the findings itself, by cases that a person can check."""

import json
import unittest

import ocsf_schema
import oracle
import oracle_cases
import oracle_suppressions
import oracle_world
import worlds_of_findings


class TheOracle(unittest.TestCase):
    def judge(self, rule, limit=None, **facts):
        plain = {"created_at": oracle_cases.ago(1000), "one": None}
        rule = oracle.RULES[rule]
        return oracle.judge(rule, oracle.Facts(**{**plain, **facts}), limit or rule.limit, oracle_cases.START)

    def test_what_is_unknown_is_tried_out(self):
        unknown = oracle.UNKNOWN
        for console, mfa, wanted in ((True, False, ("fail", [])), (True, True, ("pass", [])), (False, unknown, ("pass", [])),
                                     (unknown, True, ("pass", [])), (unknown, False, ("unknown", ["console_access"])),
                                     (True, unknown, ("unknown", ["mfa_enabled"])),
                                     (unknown, unknown, ("unknown", ["console_access", "mfa_enabled"]))):
            self.assertEqual(self.judge("user-console-mfa", console_access=console, mfa_enabled=mfa)[:2], wanted)

    def test_a_use_that_is_unknown_is_not_earlier_than_the_key(self):
        for days, wanted in ((44, "pass"), (45, "unknown")):
            key = oracle.Facts(status="Active", created_at=oracle_cases.ago(days), last_used_at=oracle.UNKNOWN)
            self.assertEqual(self.judge("user-key-unused", one=key)[0], wanted)

    def test_the_day_from_which_it_fails(self):
        key = oracle.Facts(status="Active", created_at=oracle_cases.ago(91), last_used_at=None)
        self.assertEqual(self.judge("user-key-age", one=key), ("fail", [], oracle_cases.START, 91, True))

    def test_who_knows_nothing_of_a_list_says_so_once(self):
        user = oracle.Facts(**{**oracle_cases.user(), "access_keys": oracle.UNKNOWN, "user_name": "ann", "arn": "arn",
                               "one": None})
        account = oracle.Facts(account_id="1", outcome="partial", users=[user])
        made = oracle.judgements([account], oracle_cases.START, ["user-key-age"])
        self.assertEqual([(each.status, each.resource_type, each.because) for each in made],
                         [("unknown", "user", ["access_keys"])])

    def test_a_failed_account_is_unknown_to_each_rule(self):
        account = oracle.Facts(account_id="1", outcome="failed", users=[])
        made = oracle.judgements([account], oracle_cases.START)
        self.assertEqual(len(made), sum(not each.off for each in oracle.RULES.values()))
        self.assertEqual({each.status for each in made}, {"unknown"})

    def test_which_documents_make_an_administrator(self):
        for name, (document, wanted) in worlds_of_findings.DOCUMENTS.items():
            self.assertEqual(oracle_world.grants_everything(json.dumps(document)), wanted, name)

    def test_globs(self):
        for pattern, text, wanted in (("*", "", True), ("a*", "ba", False), ("?", "", False), ("a?c", "abc", True),
                                      ("[ab]", "a", False), ("A", "a", False), ("a.c", "abc", False)):
            self.assertEqual(oracle_suppressions.globbed(pattern, text), wanted, (pattern, text))


class TheSchema(unittest.TestCase):
    """The check against OCSF's schema finds what is wrong."""

    VALID = {"class_uid": 2003, "category_uid": 2, "activity_id": 1, "type_uid": 200301, "time": 1774787696000, "severity_id": 5,
             "metadata": {"version": "1.6.0", "product": {"name": "iam-census", "vendor_name": "x"}, "profiles": ["cloud"]},
             "cloud": {"provider": "AWS", "account": {"uid": "1", "type_id": 10}},
             "finding_info": {"uid": "f", "title": "t"}, "compliance": {"control": "c", "status_id": 3},
             "resources": [{"uid": "r", "type": "user"}]}

    def test_it(self):
        schema = ocsf_schema.Schema()
        self.assertEqual(schema.faults(self.VALID), [])
        for change in ({"class_uid": 2004}, {"type_uid": 200302}, {"time": "now"}, {"severity_id": 7}, {"severity_id": True},
                       {"cloud": None}, {"metadata": {"version": "1.6.0"}}, {"resources": {"uid": "r"}}, {"unheard_of": 1},
                       {"resources": [{"type": "user"}]}, {"compliance": {"status_id": 4}}, {"finding_info": {"uid": 1}},
                       {"osint": []}, {"time": 1 << 63}, {"message": 1}):
            self.assertTrue(schema.faults({**self.VALID, **change}), change)
        for name in ("time", "cloud", "compliance", "finding_info", "severity_id"):
            self.assertTrue(schema.faults({key: value for key, value in self.VALID.items() if key != name}), name)


if __name__ == "__main__":
    unittest.main()
