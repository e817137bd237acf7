# SPDX-License-Identifier: MIT
"""What bad input gets: one clear line that names the thing, the right exit code, nothing half-written."""

import csv
import io
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import unittest

import census
import faults
from cases import Case, ScriptedCase
from people import varied_users
from scripted import free_port
from world import Key

A, B = "111111111111", "222222222222"
NAMESPACE = 'xmlns="https://iam.amazonaws.com/doc/2010-05-08/"'


class Configuration(ScriptedCase):
    """Configuration errors: exit code 2, and no request was made."""

    def setUp(self):
        super().setUp()
        self.world.account(A).user("ann")

    def tearDown(self):
        super().tearDown()
        self.assertEqual(self.server.calls, [], "an account was contacted before the configuration was whole")

    def refused(self, *arguments, words=(), **options):
        options.setdefault("env", {})
        run = self.collect(*arguments, **options)
        self.assert_configuration_error(run, *words)
        return run

    def test_account_ids_that_are_none(self):
        for wrong in ("12345", "1111111111111", "11111111111a", "-11111111111", "１２３４５６７８９０１２"):
            with self.subTest(value=wrong):
                self.refused("--accounts", f"{A},{wrong}", "--output", "o.csv", words=[wrong])

    def test_an_account_id_that_is_none_in_a_file_on_stdin_and_in_the_environment(self):
        (self.home / "ids").write_text(f"{A}\n22222222222x # oops\n")
        self.refused("--accounts", f"@{self.home}/ids", "--output", "o.csv", words=["22222222222x"])
        self.refused("--accounts", "-", "--output", "o.csv", stdin=b"3333\n", words=["3333"])
        self.refused("--output", "o.csv", env={"CHILD_ACCOUNT_IDS": "44x4"}, words=["44x4"])
        self.refused("--accounts", A, "--exclude", "555", "--output", "o.csv", words=["555"])

    def test_every_message_of_a_list_names_file_and_line(self):
        """What has gone wrong with the ids is said, and how to get them right."""
        listing = f"ACCOUNTS\tarn:aws:organizations::{A}:account/o-1/{A}\ta@b.example\t{A}\tName\n".encode()
        cases = ((f"{A}\n# x\n16164386781\n".encode(), ":3: '16164386781'", "leading zeros", "'016164386781'"),
                 (f"{A}\n{B}\t\x1b[2J\xc2\x9b".encode("latin-1"), ":2: '\\x1b[2J\\xc2\\x9b'", "12 digits"),
                 (listing, ":1: 'ACCOUNTS'", "--query 'Accounts[].Id' --output text"),
                 (f'[\n  "{A}"\n]'.encode(), ":1: '['", "--output text"),
                 (b"1111-2222-3333", ":1: '1111-2222-3333'", "'111122223333'"),
                 (b"Account ID\r\n", ":1: 'Account'", "12 digits"),
                 (f"\ufeff{A}\r\n".encode("utf-16-le"), " is UTF-16", "UTF-8"),
                 (f"{A}\r\n".encode("utf-16-be"), " is UTF-16", "UTF-8"),
                 (b"PK\x03\x04\x14\x00", "Excel", "text"))
        for number, (data, *words) in enumerate(cases):
            name = f"{self.home}/{number}.txt"
            with open(name, "wb") as file:
                file.write(data)
            for flag in ("--accounts", "--exclude"):
                others = ("--accounts", A) if flag == "--exclude" else ()
                with self.subTest(data=data, flag=flag):
                    run = self.refused(*others, flag, f"@{name}", "--output", "o.csv", words=[name, *words])
                    self.assertEqual(len(run.err.splitlines()), 1, str(run))
                    self.assertNotIn("\x1b", run.err)
                    self.refused(*others, flag, "-", "--output", "o.csv", stdin=data, words=["standard input", *words])
        (self.home / "units").write_text("ou-ab12-cdefghij\nPayments\n")
        self.refused("--ou", f"@{self.home}/units", "--output", "o.csv", words=[f"{self.home}/units:2: 'Payments'"])
        self.refused("--output", "o.csv", env={"CHILD_ACCOUNT_IDS": f"{A}\n1616438678"},
                     words=["CHILD_ACCOUNT_IDS", "'001616438678'"])

    def test_a_file_without_its_sign(self):
        (self.home / "ids.txt").write_text(f"{A}\n")
        for flag in ("--accounts", "--exclude", "--ou"):
            self.refused(flag, f"{self.home}/ids.txt", "--output", "o.csv", words=[flag, f"'@{self.home}/ids.txt'"])
        self.refused("--output", "o.csv", env={"CHILD_ACCOUNT_IDS": f"{self.home}/ids.txt"}, words=["is not an account id"])

    def test_standard_input_for_two_lists(self):
        self.refused("--accounts", "-", "--exclude", "-", "--output", "o.csv", stdin=f"{A}\n".encode(),
                     words=["--exclude", "standard input", "--accounts"])

    def test_roles_that_iam_cannot_have(self):
        for wrong in ("r" * 65, "//census", "p" * 511 + "/census", "x" * 640):
            with self.subTest(role=wrong[:12]):
                self.refused("--accounts", A, "--output", "o.csv", "--role-name", wrong, words=["--role-name", wrong[:12], "64"])

    def test_a_file_of_accounts_that_is_missing(self):
        self.refused("--accounts", "@no-such-file", "--output", "o.csv", words=["no-such-file"])

    def test_an_unknown_flag_is_named_with_the_way_out(self):
        self.refused("--accounts", A, "--acounts", B, words=["'--acounts': did you mean '--accounts'?"])
        self.refused("--accounts", A, "--bogus", B, words=["'--bogus'; 'iam-census help --all collect' lists all"])
        listed = self.run_program("help", "--all", "collect").out.decode()
        for flag in ("--accounts", "--role-name", "--output", "--s3-bucket"):
            self.assertIn(flag, listed)

    def test_unknown_values_are_named_with_what_is_allowed(self):
        for flag, variable, wrong, allowed in (
                ("--format", "OUTPUT_FORMAT", "xml", ("csv", "jsonl")),
                ("--columns", "OUTPUT_COLUMNS", "all", ("standard", "extended")),
                ("--strategy", "STRATEGY", "quick", ("auto", "bulk", "per-user")),
                ("--log-level", "LOG_LEVEL", "loud", ("debug", "info", "warn", "error")),
                ("--log-format", "LOG_FORMAT", "yaml", ("text", "json"))):
            with self.subTest(flag=flag):
                self.refused("--accounts", A, "--output", "o.csv", flag, wrong, words=[flag, wrong, *allowed])
                run = self.refused("--accounts", A, "--output", "o.csv", env={variable: wrong}, words=[wrong, *allowed])
                self.assertTrue(variable in run.err or flag in run.err, str(run))

    def test_values_count_where_they_are_used(self):
        """A wrong value in the environment does not matter if a flag overrides it; words are taken in any case."""
        wrong = {"LOG_LEVEL": "loud", "LOG_FORMAT": "yaml", "STRATEGY": "quick", "MAX_CONNECTIONS": "abc",
                 "OUTPUT_FORMAT": "xml", "OUTPUT_COLUMNS": "all"}
        right = ["--log-level", "WARNING", "--log-format", "JSON", "--strategy", "Per-User", "--max-connections", "5",
                 "--format", "JSONL", "--columns", "Extended"]
        self.assert_code(self.collect("--accounts", A, "--dry-run", *right, env=wrong), 0)
        self.refused("--accounts", A, "--output", "o.csv", *right[2:], env=wrong, words=["LOG_LEVEL", "loud"])

    def test_numbers_that_are_none(self):
        for wrong in ("0", "-1", "many", "1.5", "", "99999999999999999999"):
            with self.subTest(value=wrong):
                self.refused("--accounts", A, "--output", "o.csv", f"--max-connections={wrong}",
                             words=["max-connections"])

    def test_a_flag_without_its_value(self):
        self.refused("--accounts", A, "--role-name", words=["--role-name"])

    def test_a_value_for_a_flag_that_takes_none(self):
        self.refused("--accounts", A, "--json=yes", "--output", "o.csv", words=["--json"])

    def test_no_role(self):
        run = self.refused("--accounts", A, "--output", "o.csv", env={"ROLE_NAME": None}, words=["role"])
        self.assertTrue("--role-name" in run.err or "ROLE_NAME" in run.err, str(run))
        self.refused("--accounts", A, "--output", "o.csv", env={"ROLE_NAME": ""}, words=["role"])

    def test_json_and_output_on_stdout_exclude_each_other(self):
        self.refused("--accounts", A, "--json", "--output", "-", words=["--json", "--output"])

    def test_a_format_that_is_not_there_is_refused_by_name(self):
        self.refused("--accounts", A, "--format", "xml", "--output", "o.xml", words=["xml", "csv", "jsonl", "sqlite"])

    def test_a_database_is_not_for_standard_output(self):
        self.refused("--accounts", A, "--format", "sqlite", "--output", "-", words=["sqlite", "--output"])

    def test_words_that_do_not_belong(self):
        self.refused("--accounts", A, B, "--output", "o.csv", words=[B])

    def test_commands(self):
        self.assert_configuration_error(self.run_program("colect"), "'colect'", "did you mean 'collect'", "policy")
        self.assert_configuration_error(self.run_program("help", "polcy"), "'polcy'", "did you mean 'policy'")
        self.assert_configuration_error(self.run_program(), "collect")
        for words in (["--role-name", "x"], ["-role-name", "x"], ["--role=x"]):
            with self.subTest(words=words):
                self.assert_configuration_error(self.run_program(*words), "a command is missing",
                                                "iam-census collect --role-name")

    def test_an_option_that_is_nearly_one(self):
        """What was meant is named, and never what was typed."""
        for given, meant in (("-role-name", "--role-name"), ("--rolename", "--role-name"), ("--role_name", "--role-name"),
                             ("--bucket", "--s3-bucket"), ("--exlcude", "--exclude"), ("--acounts", "--accounts")):
            for command in ("collect", "policy"):
                if command == "policy" and meant in ("--exclude", "--accounts"):
                    continue
                with self.subTest(command=command, given=given):
                    run = self.run_program(command, given, "x")
                    self.assert_configuration_error(run, f"unknown option '{given}': did you mean '{meant}'?")
        self.assert_configuration_error(self.run_program("collect", "--s3", "x"), "'--s3'", "--s3-bucket", "--s3-prefix")

    def test_an_option_in_the_place_of_a_value(self):
        for flag, following in (("--role-name", "--json"), ("--role-name", "-json"), ("--output", "--csv-raw"),
                                ("--accounts", "--exclude"), ("--external-id", "--dry-run")):
            with self.subTest(flag=flag, following=following):
                self.refused("--accounts", A, flag, following, words=[flag, following, "needs a value"])
        # with '=' it is meant
        self.assert_code(self.collect("--accounts", A, "--role-name=--json", "--dry-run", env={"ROLE_NAME": None}), 0)

    def test_endpoints_that_are_none(self):
        for wrong in ("ftp://127.0.0.1/", "127.0.0.1:1", "http://", "https://exa mple/"):
            with self.subTest(url=wrong):
                run = self.refused("--accounts", A, "--output", "o.csv", env={"AWS_ENDPOINT_URL": wrong}, words=[wrong])
                self.assertTrue("endpoint" in run.err.lower(), str(run))

    def test_no_line_is_a_heap_of_text(self):
        """One line names the thing; what is allowed may follow."""
        run = self.refused("--accounts", "77", "--output", "o.csv")
        first = run.err.strip().splitlines()[0]
        self.assertIn("77", first)
        self.assertLess(len(run.err.strip().splitlines()), 4, str(run))


class Help(Case):
    def says(self, *arguments):
        run = self.run_program(*arguments)
        self.assertEqual((run.code, run.err), (0, ""), str(run))
        return run.out.decode()

    def test_every_spelling(self):
        """Help is found however it is asked for, and whatever else is on the line."""
        program, collect, policy = (self.says(*words) for words in (["help"], ["help", "collect"], ["help", "policy"]))
        for page, beginning in ((program, "Usage: iam-census "), (collect, "Usage: iam-census collect --role-name"),
                                (policy, "Usage: iam-census policy")):
            self.assertTrue(page.startswith(beginning), page)
        for words in (["--help"], ["-h"], ["-help"], ["help", "help"], ["help", "version"], ["--help", "--help"]):
            self.assertEqual(self.says(*words), program, words)
        for words in (["help"], ["--help"], ["-h"], ["-help"], ["--strategy", "x", "--help"], ["--role-name", "--help"],
                      ["--bogus", "--help"], ["--json=yes", "-h"], ["stray", "--help"], ["--hel"]):
            self.assertEqual(self.says("collect", *words), collect, words)
            self.assertEqual(self.says("policy", *words), policy, words)
        self.assertEqual(self.says("--help", "collect"), collect)
        for words in (["version"], ["-V"], ["--version"], ["collect", "--version"], ["collect", "-V"], ["policy", "--version"]):
            self.assertRegex(self.says(*words), r"^iam-census \d+\.\d+\.\d+\n$", words)

    def test_a_screen(self):
        """No line is wider than a terminal, and no page longer than its screen."""
        verbs = re.findall(r"(?m)^  (\w+)  ", self.says("help"))
        self.assertIn("collect", verbs)
        for words in (["help"], *(["help", verb] for verb in verbs if verb != "help")):
            page = self.says(*words)
            self.assertLessEqual(len(page.splitlines()), 24, page)
            for line in page.splitlines():
                self.assertLessEqual(len(line), 80, line)

    def test_every_flag(self):
        page = self.says("help", "--all", "collect")
        for words in (["help", "collect", "--all"], ["collect", "--help", "--all"], ["collect", "--all", "-h"]):
            self.assertEqual(self.says(*words), page, words)
        for flag in ("accounts", "ou", "exclude", "organization-id", "role-name", "external-id", "s3-bucket", "s3-prefix",
                     "sse-kms-key-id", "expected-bucket-owner", "output", "format", "columns", "strategy",
                     "max-connections", "json", "log-level", "log-format", "csv-raw", "no-session-policy"):
            self.assertRegex(page, rf"(?m)^  (-., )?--{flag} ")


class Output(ScriptedCase):
    """Places that cannot be written to: exit code 1 or 2 before, 1 after reading."""

    def setUp(self):
        super().setUp()
        account = self.world.account(A)
        for number in range(200):
            account.user(f"user{number:03d}", tags={"key": "x" * 250})

    def test_a_folder_that_does_not_exist(self):
        run = self.collect("--accounts", A, "--output", "missing/out.csv")
        self.assertIn(run.code, (1, 2), str(run))
        self.assert_says(run, "missing", "exist")
        self.assert_nothing_left()

    def test_a_path_that_is_a_folder(self):
        (self.work / "folder").mkdir()
        run = self.collect("--accounts", A, "--output", "folder")
        self.assertIn(run.code, (1, 2), str(run))
        self.assert_says(run, "folder")
        self.assertEqual((self.files(), list((self.work / "folder").iterdir())), (["folder"], []))

    def test_a_full_disk(self):
        disk = self.home / "disk"
        disk.mkdir()
        mounted = shutil.which("mount") and os.geteuid() == 0 and subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(disk)], capture_output=True).returncode == 0
        if not mounted:
            self.skipTest("no small file system can be mounted here")
        self.addCleanup(subprocess.run, ["umount", str(disk)])
        run = self.collect("--accounts", A, "--output", disk / "out.csv")
        self.assert_code(run, 1)
        self.assert_says(run, "out.csv", "no space left")
        self.assertEqual(list(disk.iterdir()), [])

    def test_a_file_that_may_not_grow(self):
        def limit():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        env = census.environment(self.home, **self.environment())
        done = subprocess.run([census.binary(), "collect", "--accounts", A, "--output", "out.csv"], cwd=self.work, env=env,
                              capture_output=True, timeout=60, preexec_fn=limit, restore_signals=False)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(b"out.csv", done.stderr)
        self.assertIn(b"too large", done.stderr.lower())
        self.assert_nothing_left()

    def test_a_full_device_behind_stdout(self):
        env = census.environment(self.home, **self.environment())
        with open("/dev/full", "wb") as full:
            done = subprocess.run([census.binary(), "collect", "--accounts", A, "--output", "-"], cwd=self.work, env=env,
                                  stdin=subprocess.DEVNULL, stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertEqual(done.returncode, 1, done)
        self.assertIn(b"no space left", done.stderr.lower())

    def test_the_file_appears_only_when_it_is_complete(self):
        self.server.fault(faults.slow(30), action="ListUserTags", user="user199")
        arguments = ["collect", "--accounts", A, "--output", "out.csv"]
        with census.Started(arguments, census.environment(self.home, **self.environment()), self.work) as started:
            self.wait_for(lambda: self.server.count("ListUserTags") >= 200)
            self.assertFalse((self.work / "out.csv").exists())
            started.terminate()
            run = started.finish(10)
        self.assertNotEqual(run.code, 0)
        self.assertNotIn("out.csv", self.files())
        self.assert_nothing_left()

    def test_an_interrupted_run_keeps_what_is_complete(self):
        self.world.account(B).user("ann")
        self.server.fault(faults.slow(30), action="ListUserTags", user="user199")
        arguments = ["collect", "--accounts", f"{A},{B}", "--output", "out.csv", "--json", "--log-level", "info"]
        with census.Started(arguments, census.environment(self.home, **self.environment()), self.work) as started:
            self.wait_for(lambda: started.logged("account read", B))
            started.terminate()
            run = started.finish(10)
        self.assertEqual(run.code, 3, str(run))
        failed = {each["account_id"]: each["stage"] for each in self.document(run)["failed_accounts"]}
        self.assertEqual(failed, {A: "Interrupted"})
        self.assertIn(f"{B},", (self.work / "out.csv").read_text())

    def wait_for(self, holds, seconds=15):
        for _ in range(seconds * 20):
            if holds():
                return
            self.server.stopping.wait(0.05)
        self.fail("what the test waits for did not come")


class Answers(ScriptedCase):
    """Answers that no AWS gives: an error of that account, bounded in time and memory."""

    @staticmethod
    def users(name="ann", created="2020-01-01T00:00:00Z", before="", inside=""):
        """A list of users that is right, except for what is put into it."""
        return (f"{before}<ListUsersResponse {NAMESPACE}><ListUsersResult>{inside}<IsTruncated>false</IsTruncated><Users>"
                f"<member><UserName>{name}</UserName><UserId>AIDA</UserId><Path>/</Path><Arn>arn:aws:iam::1:user/ann</Arn>"
                f"<CreateDate>{created}</CreateDate></member></Users></ListUsersResult></ListUsersResponse>")

    def test_the_list_that_the_wrong_ones_are_made_of_is_right(self):
        self.world.account(A).user("ann")
        self.server.fault(faults.body(self.users(inside="<a><b/></a>"), "text/xml"), action="ListUsers")
        document, _, _ = self.census()
        self.assertEqual(document["rows"], 1)

    def test_lists_of_users_that_are_none(self):
        sent = []

        def oversized(server, call):
            reply = faults.oversized(200 * 1024 * 1024)(server, call)
            pieces = reply.stream
            reply.stream = (sent.append(len(piece)) or piece for piece in pieces)
            return reply

        laughs = '<!DOCTYPE r [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
        deep = 100000
        wrong = {
            "html": faults.body("<html><body>Sign in to the network</body></html>"),
            "text": faults.body("gateway says no", "text/plain"),
            "empty": faults.body("", "text/xml"),
            "truncated": faults.truncated(),
            "foreign": faults.body(f"<ListRolesResponse {NAMESPACE}><ListRolesResult><IsTruncated>false</IsTruncated>"
                                   "<Roles/></ListRolesResult></ListRolesResponse>", "text/xml"),
            "json": faults.body('{"Users": [], "IsTruncated": false}', "application/json"),
            "doctype": faults.body(self.users(before="<!DOCTYPE r>"), "text/xml"),
            "entities": faults.body(self.users(before=laughs, name="&b;"), "text/xml"),
            "nested": faults.body(self.users(inside="<a>" * deep + "</a>" * deep), "text/xml"),
            "utf8": faults.body(self.users().encode().replace(b">ann<", b">\xff\xfe<"), "text/xml"),
            "date": faults.body(self.users(created="yesterday"), "text/xml"),
            "no name": faults.body(self.users(name=""), "text/xml"),
            "two roots": faults.body(self.users() + self.users(), "text/xml"),
            "oversized": oversized,
            "same marker": faults.endless(new_markers=False),
        }
        accounts = {}
        for number, (name, fault) in enumerate(wrong.items()):
            accounts[f"{number:012d}"] = name
            self.world.account(f"{number:012d}").user("ann")
            self.server.fault(fault, action="ListUsers", account=f"{number:012d}")
        self.world.account("999999999999").user("ann")
        document, data, _ = self.census(code=3, timeout=150)
        self.assert_csv(document, data, ["999999999999"])
        failed = {accounts[each["account_id"]]: each for each in document["failed_accounts"]}
        self.assertEqual(sorted(failed), sorted(wrong))
        for name, each in failed.items():
            self.assertEqual(each["stage"], "ListUsers", name)
            self.assertTrue(each["message"] and "\n" not in each["message"], each)
        self.assertLess(sum(sent), 6 * 100 * 1024 * 1024, "an oversized answer was read to its end")
        self.assertLess(self.server.count("ListUsers", account=f"{list(wrong).index('same marker'):012d}"), 10)

    def test_pages_without_end(self):
        self.world.account(A).user("ann")
        self.world.account(B).user("ann")
        self.server.fault(faults.endless(new_markers=True), action="ListUsers", account=A)
        document, data, _ = self.census(code=3, timeout=150)
        self.assert_csv(document, data, [B])
        failed, = document["failed_accounts"]
        self.assertEqual((failed["account_id"], failed["stage"]), (A, "ListUsers"))

    def test_a_row_that_would_be_too_long(self):
        """More tags than a row has room for are unknown: no row is cut and glued to the next one."""
        account = self.world.account(A)
        for name in ("ann", "bob", "eve"):
            account.user(name, tags={"team": "core"})
        giant = account.find("bob")
        giant.tags = [(f"key{number}", "x" * 1000) for number in range(18000)]
        document, data, run = self.census(code=3, timeout=120)
        partial, = document["partial_accounts"]
        self.assertEqual(partial["unknown"], ["Tags"])
        self.assertEqual([(error["operation"], error["code"]) for error in partial["errors"]],
                         [("ListUserTags", "ResponseTooLarge")])
        rows = list(csv.DictReader(io.StringIO(data.decode())))
        self.assertEqual([(row["UserName"], row["Tags"] == "unknown") for row in rows],
                         [("ann", False), ("bob", True), ("eve", False)])
        self.assertEqual(document["rows"], 3)

    def test_sessions_that_are_none(self):
        wrong = [faults.body("<html/>"), faults.truncated(),
                 faults.body("<AssumeRoleResponse><AssumeRoleResult/></AssumeRoleResponse>", "text/xml")]
        for number in range(len(wrong)):
            self.world.account(f"{number:012d}").user("ann")

        def by_account(server, call):
            number = int(call.params["RoleArn"].split(":")[4])
            return wrong[number](server, call) if number < len(wrong) else None

        self.server.fault(by_account, action="AssumeRole")
        self.world.account("999999999999").user("ann")
        document, data, _ = self.census(code=3, timeout=150)
        self.assert_csv(document, data, ["999999999999"])
        self.assertEqual([each["stage"] for each in document["failed_accounts"]], ["AssumeRole"] * 3)

    def test_an_organization_that_answers_no_json(self):
        self.world.account(A).user("ann")
        for text in ("<html/>", '{"Accounts": [{"Id": 5}]}', '{"Accounts": "none"}', "[" * 100000, ""):
            with self.subTest(text=text[:20]):
                self.server.faults.clear()
                self.server.fault(faults.body(text, "application/x-amz-json-1.1"), action="ListAccounts")
                run = self.collect("--output", "out.csv", timeout=120)
                self.assertIn(run.code, (1, 2), str(run))
                self.assert_says(run, "organization", "answer")
                self.assert_nothing_left()

    def test_an_endpoint_that_cannot_be_reached(self):
        port = free_port()
        self.world.account(A).user("ann")
        run = self.collect("--accounts", A, "--output", "out.csv", timeout=120,
                           env={"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"})
        self.assert_code(run, 1)
        self.assert_says(run, "127.0.0.1", str(port))
        self.assert_nothing_left()


class Secrets(ScriptedCase):
    """At the highest log level, through every kind of call, no secret is printed (see Case.tearDown)."""

    def noisy(self, *arguments):
        external = "external/Id+NeverShown:42"
        self.secrets.add(external)
        self.world.page_size = 3
        account = self.world.account(B, alias="name")
        account.external_id = external
        varied_users(account)
        refused = self.world.account("333333333333")
        refused.external_id = "another"
        denied = self.world.account("444444444444")
        denied.external_id = external
        denied.user("ann", keys=[Key("AKIA000000000000ONE1", "2020-01-01T00:00:00Z")])
        denied.denied = {"ListUserTags", "GetAccessKeyLastUsed"}
        self.world.bucket("bucket", region="us-west-2")
        self.server.fault(faults.expire_session(), times=1, action="ListUserTags", user="zoe")
        # of an account with one user: many would wait for the pace to recover
        self.server.fault(faults.throttle(), times=1, action="ListMFADevices", account="444444444444")
        self.server.fault(faults.reset_inside(), times=1, action="ListAccessKeys")
        self.server.fault(faults.reset_inside(), times=1, action="AssumeRole")
        cut = lambda server, call: faults.truncated()(server, call) if "555555555555" in call.params["RoleArn"] else None
        self.world.account("555555555555").external_id = external
        self.server.fault(cut, action="AssumeRole")
        run = self.collect("--accounts", f"{B},333333333333,444444444444,555555555555", "--external-id", external, "--s3-bucket",
                           "bucket", "--organization-id", "o-exampletest", "--log-level", "debug", *arguments)
        self.assert_code(run, 3)
        self.assertEqual(len(self.world.buckets["bucket"].objects), 2)  # the output and its result document
        return run

    def test_text(self):
        run = self.noisy()
        self.assert_says(run, B, "333333333333", "444444444444", "zoe")

    def test_json(self):
        lines = self.noisy("--log-format", "json").err.splitlines()
        self.assertGreater(len(lines), 20)
        for line in lines:
            self.assertIsInstance(json.loads(line), dict, line)

    def test_services_that_repeat_the_request(self):
        """In whatever service and wherever its message ends; as text, in the log, in the document."""
        self.secrets.add("acme-external-id-42")
        account = self.world.account(B)
        account.user("ann")
        account.external_id = "acme-external-id-42"
        self.world.bucket("bucket")
        for cut in (None, 300, 420, 700, 1000, 1100):
            for action, options in (("AssumeRole", ["--accounts", B]), ("ListUsers", ["--accounts", B]),
                                    ("ListAccounts", []), ("PutObject", ["--accounts", B])):
                with self.subTest(action=action, cut=cut):
                    self.server.faults = []
                    self.server.fault(faults.echo(cut=cut), action=action)
                    output = ["--output", "out.csv"]
                    if action == "PutObject":
                        output = ["--s3-bucket", "bucket", "--organization-id", "o-exampletest"]
                    run = self.collect(*options, *output, "--json", "--log-level", "debug", "--external-id",
                                       "acme-external-id-42", timeout=60)
                    self.assertNotEqual(run.code, 0)
                    seen = run.err + run.out.decode()
                    self.assertIn("the request was POST /" if action != "PutObject" else "the request was PUT /", seen)
                    for secret in self.secrets_now():
                        self.assertNotIn(secret[:12], seen)

    def test_nothing_is_said_where_nothing_is_wrong(self):
        self.world.account(B).user("ann")
        self.assertEqual(self.collect("--accounts", B, "--output", "out.csv").err, "")


if __name__ == "__main__":
    unittest.main()
