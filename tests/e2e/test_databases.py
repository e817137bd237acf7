# SPDX-License-Identifier: MIT
"""What is wrong on the command lines of 'check', 'history', 'diff', 'report' and 'completion', and databases that hold little;
'doctor' while it asks: what it shows, and how it is interrupted."""

import json
import os
import signal
import time

import census
import simulator_world as worlds
from findings_case import ONE_USER, FindingsCase
from terminal import Terminal

FEW = {"accounts": [{"id": f"{number:012}", "users": worlds.users(number)} for number in (111111111111, 222222222222)]}


class Little(FindingsCase):
    def setUp(self):
        super().setUp()
        self.path = self.work / "census.sqlite"

    def record(self, world=None, *arguments):
        self.collect_from(self.simulate(world=world or ONE_USER), "--format", "sqlite", "--output", self.path, *arguments)

    def refused(self, *arguments, says, code=2):
        run = self.run_program(*arguments)
        self.assert_code(run, code)
        self.assertIn(says, run.err)
        self.assertEqual(run.out, b"")
        return run

    def test_words_that_check_does_not_know(self):
        self.record()
        for arguments, says in ((["--format", "xml"], "--format is 'xml': allowed are table, csv, jsonl, ocsf"),
                                (["--framework", "cis"], "--framework is 'cis'"),
                                (["--framework", "cis-5.0", "--format", "csv"], "the other formats have all frameworks"),
                                (["--include-pass"], "give --format"),
                                (["--limit", "user-tag"], "--limit"),
                                (["--fail-on-unknown"], "--fail-on"),
                                (["--run", "20240101T000000Z-nothing"], "no run"),
                                (["--run", "-9"], "run")):
            with self.subTest(arguments=arguments):
                self.refused("check", self.path, *arguments, says=says)
        run = self.check(self.path, "--format", "table", "--framework", "cis-5.0")
        self.assertIn(b"CIS", run.out.upper())

    def test_history(self):
        self.record()
        for value in ("0", "-1", "x", "1x", "", "99999999999999999999"):
            with self.subTest(value=value):
                self.refused("history", self.path, f"--prune={value}", says="--prune is" if value else "--prune")
        self.record()
        self.record()
        pruned = self.run_program("history", self.path, "--prune", "1")
        self.assert_code(pruned, 0)
        self.assertIn(b"2 runs removed\n", pruned.out)
        self.assertIn(b"whole", pruned.out)
        again = self.run_program("history", self.path, "--prune", "1", "--json")
        listed = json.loads(again.out)
        self.assertEqual((listed["removed"], len(listed["runs"])), (0, 1))

    def test_a_database_without_a_run(self):
        path = self.schema()
        listed = self.run_program("history", path)
        self.assert_code(listed, 0)
        self.assertEqual(listed.out.decode(), f"'{path}' holds no run\n")
        self.assertEqual(json.loads(self.run_program("history", path, "--json").out), {"runs": []})
        for command in (("check", path), ("diff", path), ("report", path)):
            with self.subTest(command=command[0]):
                self.refused(*command, says="run")

    def test_completion_of_another_shell(self):
        self.refused("completion", "tcsh", says="'tcsh': allowed are bash, zsh, fish")
        run = self.refused("completion", "\x1b[31m" + "x" * 100, says="there is no completion for the shell")
        self.assertNotIn("\x1b", run.err)

    def test_suppressions_in_two_places(self):
        (self.work / "quiet.csv").write_text("rule,account_id,resource_id,reason\n")
        self.refused("collect", "--role-name", "census", "--accounts", "111111111111", "--s3-bucket", "reports", "--findings=true",
                     "--suppress", "quiet.csv", "--suppress-key", "quiet.csv", says="give one of them")

    def test_outputs_that_cannot_be_written(self):
        self.record()
        for command in ("check", "report"):
            with self.subTest(command=command):
                missing = self.work / "none" / "out"
                run = self.run_program(command, self.path, "--output", missing)
                self.assertIn(run.code, (1, 2), str(run))
                self.assertIn(str(missing), run.err)
        full = self.run_program("check", self.path, "--format", "jsonl", "--include-pass", "--output", "/dev/full")
        self.assertEqual(full.code, 1, str(full))
        self.assertIn("/dev/full", full.err)

    def test_more_differences_than_the_text_shows(self):
        many = {"accounts": [{"id": "111111111111", "users": [
            {"name": f"user{number:04}", "created": worlds.DATE} for number in range(150)]}]}
        self.record()
        self.record(many)
        text = self.run_program("diff", self.path)
        self.assert_code(text, 0)
        self.assertRegex(text.out.decode(), r" and \d+ more\n")
        lines = self.run_program("diff", self.path, "--format", "jsonl").out.splitlines()
        self.assertEqual(sum(json.loads(line)["kind"] == "user_added" for line in lines), 150)


class Doctor(FindingsCase):
    """The simulator answers late, so that there is time to look."""

    def variables(self, sim, **more):
        return census.environment(self.home, AWS_ENDPOINT_URL=sim.url, AWS_REGION="us-east-1", AWS_ACCESS_KEY_ID=worlds.KEY,
                                  AWS_SECRET_ACCESS_KEY=worlds.SECRET, **more)

    def test_options_of_collect(self):
        """The id of the organization is not asked for if it is given; options that change the calls are obeyed."""
        sim = self.simulate(world=FEW)
        for options in ((), ("--no-session-policy",), ("--strategy", "per-user"), ("--max-report-age", "0"),
                        ("--external-id", "an-external-id")):
            with self.subTest(options=options):
                run = self.run_program("doctor", "--role-name", worlds.ROLE, "--json", "--organization-id", "o-0123456789",
                                       *options, env=self.variables(sim))
                self.assert_code(run, 0)
                told = json.loads(run.out)
                self.assertEqual(told["organization"]["id"], "o-0123456789")
                self.assertEqual([account["verdict"] for account in told["accounts"]], ["ready"] * 2)
                self.assertNotIn("an-external-id", run.out.decode() + run.err)
        read = {entry["action"]: entry["result"] for entry in told["accounts"][0]["actions"]}
        self.assertEqual(read["iam:GenerateCredentialReport"], "allowed")

    def test_credentials_that_end(self):
        sim = self.simulate(world=FEW)
        keys = {"Version": 1, "AccessKeyId": worlds.KEY, "SecretAccessKey": worlds.SECRET, "Expiration": "2099-01-31T09:30:00Z"}
        (self.home / ".aws").mkdir(exist_ok=True)
        (self.work / "keys.json").write_text(json.dumps(keys))
        (self.home / ".aws" / "config").write_text(f"[profile ends]\ncredential_process = cat {self.work}/keys.json\n")
        variables = self.variables(sim)
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            del variables[name]
        run = self.run_program("doctor", "--role-name", worlds.ROLE, "--profile", "ends", env=variables)
        self.assert_code(run, 0)
        self.assertIn(b", credentials until 2099-01-31T09:30:00Z\n", run.out)

    def test_interrupted(self):
        sim = self.simulate("--latency-ms", "3000", world=FEW)
        with census.Started(["doctor", "--role-name", worlds.ROLE, "--json"], self.variables(sim), self.work) as started:
            time.sleep(1)
            started.process.send_signal(signal.SIGINT)
            run = started.finish(20)
        self.assert_code(run, 1)
        self.assertIn("interrupted: nothing is diagnosed", run.err)
        self.assertEqual(run.out, b"")

    def test_progress(self):
        sim = self.simulate("--latency-ms", "1200", world=FEW)
        terminal = Terminal(100)
        self.addCleanup(terminal.close)
        terminal.start([census.binary(), "doctor", "--role-name", worlds.ROLE], self.variables(sim, TERM="xterm"), self.work,
                       stdout=open(os.devnull, "wb"))
        terminal.read_until(b"looking for accounts")
        terminal.read_until(b"asked 0 of 2 accounts")
        terminal.finish(60)
