# SPDX-License-Identifier: MIT
"""The GitHub Action, run as a runner does, against the simulator and against a program that says hostile things."""

import hashlib
import html
import json
import os
import pathlib
import re
import shutil
import sys
import unittest
import zipfile

import census
from action_runner import EXPRESSION, Runner
from cases import Case

try:
    import yaml
except ImportError:
    yaml = None
sys.path.append(str(census.ROOT / "tests" / "sim"))
import simulator  # noqa: E402

ACTION = census.ROOT / "deploy" / "github-action"
ACCOUNTS = ["111111111111", "222222222222", "333333333333"]
HOSTILE = "x|y</td><img src=x onerror=alert(1)>`[a](http://b.test)![c](d)*_~#@e\\ www.f.test\u202e\r\n::set-env name=PATH::g\n| h |"
ROW = re.compile(r"^\| .* \|$", re.MULTILINE)
ARCH = {"x86_64": "x86_64", "aarch64": "arm64"}.get(os.uname().machine)
# Takes the place of the program: its answers are files beside it.
FAKE = """#!/bin/bash
here=$(dirname "$0")
printf '%s\\n' "$@" >>"$here/asked"
case $1 in
  version) ;;
  collect) cat "$here/said" >&2; cat "$here/result.json"; exit "$(cat "$here/collect")" ;;
  check)
    for each; do case $each in --output=*) cp "$here/findings.jsonl" "${each#*=}" ;; esac; done
    cat "$here/said"; exit "$(cat "$here/check")" ;;
esac
"""


@unittest.skipUnless(yaml, "Python has no yaml (Debian: python3-yaml)")
@unittest.skipUnless(shutil.which("jq") and shutil.which("curl") and shutil.which("unzip"), "jq, curl or unzip is not installed")
class ActionCase(Case):
    def setUp(self):
        super().setUp()
        self.document = yaml.safe_load((ACTION / "action.yml").read_text())

    def run_action(self, env=None, **inputs):
        runner = Runner(self.document, ACTION, self.work, census.environment(self.home, **(env or {})))
        outcome = runner.run(role_name=simulator.ROLE, **inputs)
        for line in outcome.log.splitlines():
            self.assertNotIn(simulator.CALLER_SECRET, line)
        return outcome

    def rows(self, summary):
        """The cells of each row of the tables."""
        return [[html.unescape(cell.strip()) for cell in row[1:-1].split("|")] for row in ROW.findall(summary)]


class Text(ActionCase):
    def test_no_input_is_part_of_a_script(self):
        for step in self.document["runs"]["steps"]:
            self.assertFalse(EXPRESSION.search(step["run"]), step["run"])

    def test_the_version_is_ours(self):
        project = re.search(r"^project\(.* VERSION ([0-9.]+)", (census.ROOT / "CMakeLists.txt").read_text(), re.MULTILINE)
        self.assertEqual(self.document["inputs"]["version"]["default"], project.group(1))

    def test_every_input_and_output_is_documented(self):
        page = (census.ROOT / "docs" / "integrations.md").read_text()
        for name in [*self.document["inputs"], *self.document["outputs"]]:
            self.assertIn(f"`{name}`", page)


class WithSimulator(ActionCase):
    def setUp(self):
        super().setUp()
        if not os.access(simulator.binary(), os.X_OK):
            self.skipTest(f"there is no simulator at {simulator.binary()}")

    def against(self, aws, **inputs):
        env = {"AWS_ENDPOINT_URL": aws.url, "AWS_REGION": simulator.REGION, "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY,
               "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET}
        return self.run_action(env, binary=census.binary(), **inputs)

    def test_findings_in_summary_outputs_and_files(self):
        with simulator.Simulator("--accounts", 6, "--users", 12) as aws:
            outcome = self.against(aws)
        self.assertEqual(outcome.code, 0, outcome.log)
        findings = [json.loads(line) for line in (self.work / "iam-census-findings.jsonl").read_text().splitlines()]
        statuses = [each["status"] for each in findings]
        for output, status in (("failed", "fail"), ("unknown", "unknown"), ("suppressed", "suppressed")):
            self.assertEqual(int(outcome.outputs[output]), statuses.count(status))
        for severity in ("critical", "high"):
            self.assertEqual(int(outcome.outputs[severity]), sum(
                each["status"] == "fail" and each["severity"] == severity for each in findings))
        header, *rows = self.rows(outcome.summary)
        self.assertEqual(header[:3], ["severity", "rule", "failed"])
        self.assertEqual({row[1]: row[2:4] for row in rows}, {rule: [
            str(sum(each["rule"] == rule and each["status"] == status for each in findings))
            for status in ("fail", "unknown")] for rule in {each["rule"] for each in findings}})
        order = ["critical", "high", "medium", "low", "info"]
        self.assertEqual([order.index(row[0]) for row in rows], sorted(order.index(row[0]) for row in rows))
        self.assertTrue((self.work / outcome.outputs["database"]).read_bytes().startswith(b"SQLite format 3"))
        self.assertEqual((outcome.commands, outcome.outputs["accounts-not-read"]), ([], "0"))

    def test_fail_on_with_limits_rules_and_suppressions(self):
        (self.work / "known.csv").write_text("rule,account,user,tag,expires,reason,ticket\nuser-key-age,,*,,,known,\n")
        with simulator.Simulator("--accounts", 4, "--users", 12) as aws:
            strict = self.against(aws, rules="user-key-age", limits="user-key-age=1\n", fail_on="low")
            known = self.against(aws, rules="user-key-age", limits="user-key-age=1", fail_on="low", suppress="known.csv")
            wrong = self.against(aws, limits="user-key-age=x")
        self.assertEqual((strict.code, strict.outputs["status"]), (4, "4"), strict.log)
        self.assertGreater(int(strict.outputs["failed"]), 0)
        self.assertIn("user&#45;key&#45;age", strict.summary)
        self.assertEqual((known.code, known.outputs["failed"]), (0, "0"), known.log)
        self.assertEqual(known.outputs["suppressed"], strict.outputs["failed"])
        self.assertEqual(wrong.code, 2, wrong.log)

    def test_accounts_that_are_not_read(self):
        denied = {"rules": [{"accounts": [ACCOUNTS[1]], "actions": "AssumeRole", "fault": "access_denied"}]}
        world = {"accounts": [{"id": each, "users": [{"name": "ann"}]} for each in ACCOUNTS]}
        with simulator.Simulator(world=world, scenario=denied) as aws:
            some = self.against(aws, accounts="\n".join(ACCOUNTS[:2]))
            unknown = self.against(aws, accounts=",".join(ACCOUNTS[:2]), fail_on="low", fail_on_unknown="true")
            none = self.against(aws, accounts=ACCOUNTS[1])
        self.assertEqual((some.code, some.outputs["accounts-not-read"], some.outputs["status"]), (0, "1", "3"), some.log)
        self.assertEqual(self.rows(some.summary)[-1][:3], [ACCOUNTS[1], "AssumeRole", "AccessDenied"])
        self.assertEqual(unknown.code, 4, unknown.log)
        self.assertEqual((none.code, none.outputs["accounts-not-read"]), (1, "1"), none.log)
        self.assertIn("No account was read", none.summary)

    def test_a_hostile_name_of_an_account(self):
        world = {"accounts": [{"id": ACCOUNTS[0], "name": "<b>|`evil`</b>", "users": [{"name": "a=|<i>b"}]}]}
        with simulator.Simulator(world=world) as aws:
            outcome = self.against(aws)
        self.assertEqual(outcome.code, 0, outcome.log)
        self.assertNotIn("<b>", outcome.summary)
        self.assertNotIn("<i>", outcome.summary)
        self.assertEqual({len(row) for row in self.rows(outcome.summary)}, {6})


class WithFake(ActionCase):
    """What the program says is chosen here."""

    def setUp(self):
        super().setUp()
        self.fake = self.home / "fake" / "iam-census"
        self.fake.parent.mkdir()
        self.fake.write_text(FAKE)
        self.fake.chmod(0o755)
        finding = {"rule": "user-admin", "status": "fail", "severity": "high", "account_id": ACCOUNTS[0],
                   "account_name": HOSTILE, "user_name": HOSTILE, "resource_id": HOSTILE, "reason": HOSTILE}
        failed = {"account_id": ACCOUNTS[1], "stage": "AssumeRole", "code": HOSTILE, "message": HOSTILE}
        result = {"rows": 1, "successful_accounts": [ACCOUNTS[0]], "partial_accounts": [], "failed_accounts": [failed]}
        self.answer(collect="3", check="3", said=HOSTILE + "\n::error::h\n##[error]i\n",
                    **{"findings.jsonl": json.dumps(finding) + "\n", "result.json": json.dumps(result)})

    def answer(self, **files):
        for name, text in files.items():
            (self.fake.parent / name).write_text(text)

    def asked(self):
        return (self.fake.parent / "asked").read_text().splitlines()

    def act(self, **inputs):
        return self.run_action(binary=str(self.fake), **inputs)

    def test_a_hostile_name_stays_a_name(self):
        outcome = self.act()
        self.assertEqual(outcome.code, 0, outcome.log)
        self.assertEqual(outcome.commands, [])
        self.assertIn("::error::h", outcome.log)  # it was said, and not obeyed
        plain = re.sub(r"&#[0-9]+;|<br>", "", outcome.summary)
        self.assertFalse(re.search(r"[<>&`\[\]!*_~@\\\u202e\r]", plain), plain)
        header, finding, header2, account = self.rows(outcome.summary)
        self.assertEqual((len(finding), len(account)), (len(header), len(header2)))
        self.assertNotIn("www.", outcome.summary)
        self.assertNotIn("::set-env", outcome.summary)

    def test_the_exit_status_is_the_programs(self):
        for collect, check, wanted in ((0, 0, 0), (0, 3, 0), (3, 4, 4), (0, 4, 4), (1, 0, 1), (2, 0, 2), (0, 1, 1), (0, 2, 2)):
            with self.subTest(collect=collect, check=check):
                self.answer(collect=str(collect), check=str(check))
                self.assertEqual(self.act().code, wanted)

    def test_inputs_are_data(self):
        mark = self.work / "pwned"
        attack = f"$(touch {mark})`touch {mark}`\";touch {mark};'"
        for name in ("accounts", "ou", "rules", "limits", "suppress", "fail_on", "database", "findings"):
            self.act(**{name: attack if name not in ("database", "findings") else "--;$(touch pwned)"})
            self.assertFalse(mark.exists(), name)
        self.assertIn(f"--fail-on={attack}", self.asked())

    def test_inputs_that_are_refused(self):
        for inputs in ({"fail_on_unknown": "yes"}, {"database": "a\nstatus=0"}, {"findings": "a\nb"}, {"suppress": "a\nb"}):
            with self.subTest(inputs):
                outcome = self.act(**inputs)
                self.assertEqual((outcome.code, outcome.outputs["status"]), (2, ""), outcome.log)

    def test_lists(self):
        self.act(ou="ou-ab12-cdefghij,ou-ab12-11111111\nou-ab12-22222222", limits="user-key-age=1 user-dormant=2\n",
                 accounts="111111111111\n222222222222", fail_on="high", fail_on_unknown="true")
        asked = self.asked()
        self.assertEqual([each for each in asked if each.startswith("--ou=")],
                         ["--ou=ou-ab12-cdefghij", "--ou=ou-ab12-11111111", "--ou=ou-ab12-22222222"])
        self.assertEqual([each for each in asked if each.startswith("--limit")],
                         ["--limit=user-key-age=1", "--limit=user-dormant=2"])
        self.assertIn("--accounts=111111111111,222222222222", asked)
        self.assertIn("--fail-on-unknown", asked)

    def release(self, content, listed=None):
        """A release, whose sums are those of 'listed'; its program is the fake, beside which its answers are."""
        folder = self.home / "release"
        folder.mkdir(exist_ok=True)
        path = folder / f"iam-census-lambda-{ARCH}.zip"
        with zipfile.ZipFile(path, "w") as opened:
            opened.writestr("bootstrap", content)
        digest = listed or hashlib.sha256(path.read_bytes()).hexdigest()
        (folder / "SHA256SUMS").write_text(f"{digest}  {path.name}\n{'0' * 64}  another\n")
        return f"file://{folder}", hashlib.sha256(path.read_bytes()).hexdigest()

    def program(self):
        return f"#!/bin/bash\nexec {self.fake} \"$@\"\n"

    def test_a_release_with_its_sums(self):
        url, digest = self.release(self.program())
        outcome = self.run_action(release_url=url, sha256=digest)
        self.assertEqual(outcome.code, 0, outcome.log)
        self.assertIn("collect", self.asked())

    def test_a_file_that_is_not_the_sums(self):
        for listed, sha256, wanted in (("1" * 64, "", "SHA256SUMS"), (None, "2" * 64, "sha256")):
            with self.subTest(wanted):
                url, _ = self.release(self.program(), listed)
                outcome = self.run_action(release_url=url, sha256=sha256)
                self.assertEqual(outcome.code, 1)
                self.assertIn("is not used", outcome.log)
                self.assertFalse((self.fake.parent / "asked").exists(), "it was run")

    def test_a_release_that_can_not_be_used(self):
        url, _ = self.release(self.program())
        sums = self.home / "release" / "SHA256SUMS"
        for text in ("", sums.read_text().replace("iam-", "x-"), sums.read_text().replace("\n", "\n" + sums.read_text(), 1)):
            sums.write_text(text)
            outcome = self.run_action(release_url=url)
            self.assertEqual(outcome.code, 1, outcome.log)
        for inputs in ({"version": "1.0.0/../../evil"}, {"release_url": "http://127.0.0.1:9/x"}, {"binary": "/none"}):
            self.assertEqual(self.run_action(**inputs).code, 1, inputs)
        self.assertFalse((self.fake.parent / "asked").exists(), "it was run")


if __name__ == "__main__":
    unittest.main()
