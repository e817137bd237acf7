# SPDX-License-Identifier: MIT
"""The credential report: when there is one, and its text to the letter."""

import csv
import io
import time
import unittest

import account_facts
import report_facts
import worlds
from sim_case import SimCase, read_account
from simulator import Simulator


class Report(SimCase):
    """The credential report: its states and what it holds."""

    arguments = ("--accounts", 12, "--users", 12, "--seed", 7, "--report-ms", 250)

    def setUp(self):
        self.sim.reset()

    def states(self, iam):
        """Generates to the end; returns the states seen, with runs of one as one. Counts refusals."""
        seen = []
        self.refusals = 0
        for _ in range(400):
            state = iam.generate_credential_report()["State"]
            if not seen or seen[-1] != state:
                seen.append(state)
            if state == "COMPLETE":
                return seen
            try:
                iam.get_credential_report()
                # it became ready between the two calls
                self.assertEqual(iam.generate_credential_report()["State"], "COMPLETE")
            except iam.exceptions.CredentialReportNotReadyException as error:
                self.assertEqual(error.response["ResponseMetadata"]["HTTPStatusCode"], 404)
                self.assertEqual((error.response["Error"]["Code"], error.response["Error"].get("Message")),
                                 ("ReportInProgress", None))
                self.refusals += 1
            time.sleep(0.01)
        self.fail(f"never complete: {seen}")

    def test_states(self):
        fresh = existing = 0
        for account in self.sim.active():
            iam = self.sim.inside(account["id"])
            try:
                iam.get_credential_report()
                self.assertEqual(self.states(iam), ["COMPLETE"])
                existing += 1
            except iam.exceptions.CredentialReportNotPresentException as error:
                self.assertEqual((error.response["Error"]["Code"], error.response["Error"].get("Message")),
                                 ("ReportNotPresent", None))
                self.assertEqual(error.response["ResponseMetadata"]["HTTPStatusCode"], 410)
                self.assertEqual(self.states(iam), ["STARTED", "INPROGRESS", "COMPLETE"])
                self.assertGreater(self.refusals, 0)
                fresh += 1
        self.assertGreater(min(fresh, existing), 1)

    def text(self, sim, account_id):
        iam = sim.inside(account_id)
        self.states(iam)
        return iam.get_credential_report()

    def test_content(self):
        infos = 0
        for account in self.sim.active():
            with self.subTest(account=account["id"]):
                answer = self.text(self.sim, account["id"])
                self.assertEqual(answer["ReportFormat"], "text/csv")
                self.assertEqual(account_facts.plain(answer["GeneratedTime"]), account["report_generated"])
                text = answer["Content"].decode()
                self.assertEqual(report_facts.compare(self, account, text), report_facts.TODAY)
                infos += report_facts.INFO in text
        self.assertLess(infos, len(self.sim.active()))

    def test_older_and_mixed_forms(self):
        for forms, least, most in (("older", 1, 1), ("mixed", 4, 12)):
            with Simulator(*self.arguments, scenario={"report_forms": forms}) as sim:
                seen = {report_facts.compare(self, account, self.text(sim, account["id"])["Content"].decode())
                        for account in sim.active()}
                self.assertTrue(least <= len(seen) <= most, (forms, seen))
            if forms == "older":
                times, upper, _, line_end, root = seen.pop()
                self.assertEqual((times, upper, line_end, root), ("+00:00", True, True, True))

    def test_to_the_letter(self):
        """Two users of the fixture that AWS's own report was kept in: see sim/report_csv.h."""
        user = lambda name, created, **more: {"name": name, "path": "/credential-report/", "created": created, **more}
        key = lambda letter, created, status: {"id": f"AKIA{letter * 16}", "created": created, "status": status}
        # of the two keys of b, made in one second, the later one has the lower id
        users = [user("z-bare", "2026-09-11T13:14:43Z"),
                 user("b-keys", "2026-09-11T13:14:49Z", keys=[key("B", "2026-09-11T13:14:50Z", "Inactive"),
                                                              key("A", "2026-09-11T13:14:50Z", "Active")]),
                 user("G-certs", "2026-09-11T13:15:08Z", certificates=[
                     {"id": "B" * 24, "uploaded": "2026-09-11T13:15:09Z"},
                     {"id": "A" * 24, "uploaded": "2026-09-11T13:15:10Z", "status": "Inactive"}]),
                 user("c-reset", "2026-09-11T13:14:46Z", password={"created": "2026-09-11T13:14:47Z"})]
        account = {"id": "123456789012", "joined": "2020-01-02T03:04:05Z", "root_mfa": True, "users": users}
        none, nobody = "false,N/A,N/A,N/A,N/A", "false,N/A,N/A,N/A"
        lines = [",".join(report_facts.COLUMNS),
                 f"<root_account>,arn:aws:iam::123456789012:root,2020-01-02T03:04:05Z,true,no_information,2020-01-02T03:04:05Z,"
                 f"not_supported,true,{none},{none},false,N/A,false,N/A",
                 *(f"{name},arn:aws:iam::123456789012:user/credential-report/{name},2026-09-11T{time}Z,{rest}" for name, time, rest in (
                     ("b-keys", "13:14:49", f"{nobody},false,true,2026-09-11T13:14:50Z,N/A,N/A,N/A,"
                      "false,2026-09-11T13:14:50Z,N/A,N/A,N/A,false,N/A,false,N/A"),
                     ("c-reset", "13:14:46", f"true,no_information,2026-09-11T13:14:47Z,N/A,false,{none},{none},false,N/A,false,N/A"),
                     ("G-certs", "13:15:08", f"{nobody},false,{none},{none},false,2026-09-11T13:15:10Z,true,2026-09-11T13:15:09Z"),
                     ("z-bare", "13:14:43", f"{nobody},false,{none},{none},false,N/A,false,N/A")))]
        with Simulator("--report-ms", 1, world={"accounts": [account]}) as sim:
            text = self.text(sim, "123456789012")["Content"].decode()
        self.assertEqual(text.split("\n"), lines)

    def test_content_of_a_file_world(self):
        with Simulator("--report-ms", 1, world=worlds.organization()) as sim:
            text = self.text(sim, worlds.A)["Content"].decode()
            report_facts.compare(self, sim.account(worlds.A), text)
        names = [row["user"] for row in csv.DictReader(io.StringIO(text))]
        self.assertIn("just-gone", names)
        self.assertNotIn("just-made", names)
        self.assertIn("additional access key", text)
        self.assertIn("additional certificate", text)

    def test_what_the_report_cannot_know_or_does_not_tell(self):
        """Passwords without a date, keys younger than the report or gone since, words of AWS that are new."""
        key = lambda number, **more: {**worlds.key(number, "2023-01-01T00:00:00Z"), **more}
        users = [{"name": "none", "password": {"created": "2022-01-01T00:00:00Z", "report_last_changed": "N/A"}},
                 {"name": "unsupported", "password": {"created": "2022-01-01T00:00:00Z", "report_last_changed": "not_supported"}},
                 {"name": "young", "keys": [key(1), key(2, created_after_report=True)]},
                 {"name": "gone", "keys": [key(3, deleted_after_report=True)]},
                 {"name": "expired", "keys": [key(4, status="Expired")],
                  "certificates": [{"id": "C" * 24, "status": "Expired", "uploaded": None}]}]
        account = {"id": worlds.A, "max_password_age_days": 90, "users": users}
        with Simulator("--report-ms", 1, world={"accounts": [account]}) as sim:
            text = self.text(sim, worlds.A)["Content"].decode()
            report_facts.compare(self, sim.account(worlds.A), text)
            facts = read_account(sim.inside(worlds.A))
            account_facts.assert_same(self, facts, account_facts.wanted(sim.account(worlds.A)))
            self.assertEqual(sorted(facts["GetAccessKeyLastUsed"]), [f"AKIAWORLD{n:011d}" for n in (1, 2, 4)])
            self.assertEqual(facts["ListAccessKeys"]["expired"][0]["Status"], "Expired")
            self.assertNotIn("UploadDate", facts["ListSigningCertificates"]["expired"][0])
            self.assert_refused(403, "AccessDenied", "access key", sim.inside(worlds.A).get_access_key_last_used,
                                AccessKeyId="AKIAWORLD00000000003")
        rows = {row["user"]: row for row in csv.DictReader(io.StringIO(text))}
        self.assertEqual([rows[name]["password_last_changed"] for name in ("none", "unsupported")], ["N/A", "not_supported"])
        self.assertEqual((rows["young"]["access_key_2_last_rotated"], rows["gone"]["access_key_1_last_rotated"]),
                         ("N/A", "2023-01-01T00:00:00Z"))


if __name__ == "__main__":
    unittest.main()
