# SPDX-License-Identifier: MIT
"""The Lambda loop: invocations through a Runtime API of our own, objects in moto's S3."""

import json
import shutil
import time
import unittest

import census
import expected
import faults
from cases import FILE_NAME, Case, ScriptedCase
from moto_server import CALLER_SECRET, REGION, MotoServer, needs_moto
from runtime_api import RuntimeApi
from seed import seed_many, seed_varied
from test_moto import environment_for

A, B, C = "222222222222", "333333333333", "444444444444"
BUCKET = "census-bucket"
SCHEDULED_EVENT = {
    "version": "0", "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa", "detail-type": "Scheduled Event",
    "source": "aws.events", "account": "123456789012", "time": "2024-01-01T00:00:00Z", "region": "eu-west-1",
    "resources": ["arn:aws:events:eu-west-1:123456789012:rule/daily"], "detail": {}}


class LambdaMixin:
    """Runs the program as Lambda does, and ends it with SIGTERM."""

    def start_function(self, program=None, arguments=(), runtime=True, **variables):
        self.api = RuntimeApi().start()
        self.addCleanup(self.api.stop)
        settings = {**self.environment(), "AWS_LAMBDA_FUNCTION_NAME": "census", "LAMBDA_TASK_ROOT": "/var/task", **variables}
        if runtime:
            settings["AWS_LAMBDA_RUNTIME_API"] = self.api.address
        env = census.environment(self.home, **settings)
        self.function = census.Started(arguments, env, self.work, program=program)
        self.addCleanup(self.function.__exit__)

    def end_function(self):
        """SIGTERM must end it promptly; returns the finished run."""
        self.function.terminate()
        run = self.function.finish(3)
        self.runs.append(run)
        self.assertEqual(self.api.strange, [])
        return run

    def invoke(self, event, seconds=60):
        answer = self.api.invoke(event, seconds)
        if answer is None:
            self.function.terminate()
            self.fail(f"no answer came\n{self.function.finish(5)}")
        return answer

    def succeed(self, event, seconds=60):
        answer = self.invoke(event, seconds)
        self.assertEqual(answer.kind, "response", answer.body)
        self.assertEqual(answer.result["statusCode"], 200, answer.body)
        self.assertEqual(set(answer.result), {"statusCode", "body"})
        return answer.document

    def refuse(self, event, *words):
        """A wrong configuration: status 500 with a message that says what is wrong."""
        answer = self.invoke(event)
        self.assertEqual(answer.kind, "response", answer.body)
        self.assertEqual(answer.result["statusCode"], 500, answer.body)
        for word in words:
            self.assertIn(word, answer.document["message"])


@needs_moto
class WithMoto(LambdaMixin, Case):
    @classmethod
    def setUpClass(cls):
        cls.moto = MotoServer().start()
        cls.addClassCleanup(cls.moto.stop)
        seed_varied(cls.moto, A, "the-alias")
        seed_many(cls.moto, B, 10)
        seed_many(cls.moto, C, 5)
        cls.s3 = cls.moto.client("s3")
        cls.s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        cls.rows = expected.from_moto(cls.moto.inside, [A, B, C])

    def environment(self):
        return {**environment_for(self.moto), "S3_BUCKET_NAME": BUCKET, "ORGANIZATION_ID": "o-lambdalambda"}

    def secrets_now(self):
        return {CALLER_SECRET}

    def object_at(self, document, prefix):
        """The bytes of the object that the document names; under the prefix lies only the document besides."""
        key, beside = [each["Key"] for each in self.s3.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]]
        self.assertEqual(beside, f"{key.rsplit('.', 1)[0]}.result.json")
        self.assertEqual(json.loads(self.s3.get_object(Bucket=BUCKET, Key=beside)["Body"].read()), document)
        self.assertEqual(document["output"], f"s3://{BUCKET}/{key}")
        self.assertTrue(FILE_NAME.match(key.removeprefix(prefix)), key)
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()

    def rows_of(self, *ids):
        return [row for row in self.rows if row.account_id in ids]

    def test_invocations_in_one_process_carry_nothing_over(self):
        self.start_function()
        first = self.succeed({"child_account_ids": [B, A], "s3_prefix": "first/", "columns": "extended"})
        data = self.object_at(first, "first/")
        self.assert_bytes(data, expected.csv_bytes(self.rows_of(A, B), self.start_of(first), "extended", seen=data))
        self.assertEqual(first["successful_accounts"], [A, B])
        second = self.succeed({"child_account_ids": [C], "s3_prefix": "second/"})
        self.assert_bytes(self.object_at(second, "second/"), expected.csv_bytes(self.rows_of(C), self.start_of(second)))
        self.assertEqual((second["successful_accounts"], second["rows"]), ([C], 5))
        self.assertNotEqual(first["run_id"], second["run_id"])
        third = self.succeed({"child_account_ids": [C, A], "exclude_account_ids": [A], "format": "jsonl",
                              "s3_prefix": "third/", "organization_id": "o-thirdthirdid", "max_connections": 2,
                              "strategy": "per-user"})
        self.assertIn("/IAM_USER_TAGS_o-thirdthirdid_combined_", third["output"])
        data = self.object_at(third, "third/")
        self.assert_bytes(data, expected.jsonl_bytes(self.rows_of(C), self.start_of(third), seen=data))
        self.refuse({"child_account_ids": [C], "role_name": 7}, "role_name")
        fifth = self.succeed({"child_account_ids": [B], "s3_prefix": "fifth/"})
        self.assert_bytes(self.object_at(fifth, "fifth/"), expected.csv_bytes(self.rows_of(B), self.start_of(fifth)))
        self.assertEqual(self.function.process.poll(), None)
        run = self.end_function()
        for line in run.out.splitlines():
            self.assertIn("_aws", json.loads(line), "more than metrics on stdout")
        for line in run.err.splitlines():
            self.assertIsInstance(json.loads(line), dict, line)

    def test_fields_that_are_not_ours_are_ignored(self):
        self.start_function(CHILD_ACCOUNT_IDS=f"{C},{B}", S3_PREFIX="scheduled/")
        document = self.succeed(SCHEDULED_EVENT)
        self.assert_bytes(self.object_at(document, "scheduled/"), expected.csv_bytes(
            self.rows_of(B, C), self.start_of(document)))
        self.end_function()

    def test_a_file_called_bootstrap(self):
        shutil.copy2(census.binary(), self.home / "bootstrap")
        self.start_function(program=str(self.home / "bootstrap"), CHILD_ACCOUNT_IDS=C, S3_PREFIX="bootstrap/")
        document = self.succeed({})
        self.assertEqual(document["successful_accounts"], [C])
        self.end_function()

    def test_an_event_comes_before_the_environment(self):
        self.start_function(CHILD_ACCOUNT_IDS=C, S3_BUCKET_NAME="no-such-bucket", OUTPUT_COLUMNS="extended",
                            S3_PREFIX="environment/")
        document = self.succeed({"child_account_ids": [B], "s3_bucket_name": BUCKET, "columns": "standard",
                                 "s3_prefix": "event/"})
        self.assert_bytes(self.object_at(document, "event/"), expected.csv_bytes(
            self.rows_of(B), self.start_of(document)))
        self.end_function()

    def test_a_bucket_that_is_missing(self):
        self.start_function(CHILD_ACCOUNT_IDS=C)
        self.refuse({"s3_bucket_name": "no-such-bucket"}, "no-such-bucket", "not exist")
        self.end_function()


class WithScript(LambdaMixin, ScriptedCase):
    def setUp(self):
        super().setUp()
        for account_id in (A, B):
            self.world.account(account_id).user("ann")
        self.bucket = self.world.bucket(BUCKET)

    def environment(self):
        return {**super().environment(), "S3_BUCKET_NAME": BUCKET, "ORGANIZATION_ID": "o-lambdalambda",
                "CHILD_ACCOUNT_IDS": f"{A},{B}"}

    def test_event_fields_of_a_wrong_type(self):
        self.start_function()
        for field, wrong in (("child_account_ids", A), ("child_account_ids", [int(A)]), ("child_account_ids", {"a": 1}),
                             ("organizational_unit_ids", "ou-x"), ("exclude_account_ids", A), ("organization_id", 5),
                             ("role_name", ["CensusRole"]), ("external_id", True), ("s3_bucket_name", {}),
                             ("s3_prefix", 1.5), ("sse_kms_key_id", []), ("expected_bucket_owner", int(A)),
                             ("format", 1), ("columns", ["standard"]), ("strategy", False), ("max_connections", "many")):
            with self.subTest(field=field, value=wrong):
                self.refuse({field: wrong}, field)
        self.assertEqual(self.server.calls, [])
        self.end_function()

    def test_a_wrong_environment_is_an_answer(self):
        """Not an error of the start, which would take a new sandbox for every invocation."""
        for name, wrong, said in (("LOG_LEVEL", "loud", "debug"), ("STRATEGY", "quick", "per-user"),
                                  ("MAX_CONNECTIONS", "abc", "1024"), ("LOG_FORMAT", "yaml", "json"),
                                  ("AWS_USE_FIPS_ENDPOINT", "perhaps", "true"), ("AWS_PROFILE", "gone", "not in"),
                                  ("AWS_CA_BUNDLE", "/no-such-bundle.pem", "No such file")):
            with self.subTest(name=name):
                self.start_function(**{name: wrong})
                self.refuse({}, name if name != "AWS_CA_BUNDLE" else wrong, said)
                self.refuse({}, said)
                self.end_function()
        self.assertEqual(self.server.calls, [])

    def test_what_an_event_overrides_is_not_looked_at(self):
        self.start_function(STRATEGY="quick", MAX_CONNECTIONS="abc", OUTPUT_FORMAT="xml", OUTPUT_COLUMNS="all")
        self.refuse({}, "is '")
        good = {"strategy": "PER-USER", "max_connections": 5, "format": "CSV", "columns": "Standard"}
        self.assertEqual(self.succeed(good)["rows"], 2)
        self.end_function()

    def test_words_as_lambda_spells_them(self):
        self.start_function(LOG_LEVEL="INFO", LOG_FORMAT="JSON", STRATEGY="Per-User", OUTPUT_FORMAT="CSV")
        self.assertEqual(self.succeed({})["rows"], 2)
        self.assertIn('"event":"role assumed"', self.end_function().err)
        self.start_function(AWS_LAMBDA_LOG_LEVEL="ERROR", AWS_LAMBDA_LOG_FORMAT="Text")
        self.assertEqual(self.succeed({})["rows"], 2)
        self.assertEqual(self.end_function().err, "")

    def test_what_is_allowed_is_said(self):
        self.start_function()
        self.refuse({"child_account_ids": A}, "child_account_ids", "array")
        self.refuse({"role_name": 5}, "role_name", "string")
        self.refuse({"format": "xml"}, "format", "xml", "csv", "jsonl", "sqlite")
        self.refuse({"columns": "all"}, "columns", "standard", "extended")
        self.refuse({"strategy": "quick"}, "strategy", "auto", "bulk", "per-user")
        self.refuse({"child_account_ids": [A, "12"]}, "12")
        self.refuse({"max_connections": 0}, "max_connections")
        self.assertEqual(self.server.calls, [])
        self.end_function()

    def test_events_that_nearly_name_accounts(self):
        """Ignoring the field would read the whole organization."""
        self.start_function(CHILD_ACCOUNT_IDS=None)
        for event, words in (({"child_account_id": [A]}, ("child_account_id", "child_account_ids")),
                             ({"childAccountIds": [A]}, ("childAccountIds", "child_account_ids")),
                             ({"accounts": [A], "role_name": "CensusRole"}, ("accounts", "child_account_ids")),
                             ({"dryRun": True}, ("dryRun", "command line")),
                             ({"version": "2.0", "rawPath": "/", "body": json.dumps({"child_account_ids": [A]})},
                              ("body", "child_account_ids")),
                             ({"version": "2.0", "rawPath": "/", "requestContext": {}}, ("requestContext",)),
                             ({"Records": [{"body": "x"}]}, ("Records",)),
                             ({**SCHEDULED_EVENT, "detail": {"child_account_ids": [A]}}, ("detail", "child_account_ids")),
                             (b'{"child_account_ids": ["111111111111"], "child_account_ids": null}', ("duplicate",))):
            with self.subTest(event=event):
                self.refuse(event, *words)
        self.assertEqual(self.server.calls, [])
        self.end_function()

    def test_settings_that_are_missing(self):
        self.start_function(S3_BUCKET_NAME=None, ROLE_NAME=None)
        self.refuse({"s3_bucket_name": BUCKET}, "role")
        self.refuse({"role_name": "CensusRole"}, "bucket")
        self.assertEqual(self.succeed({"role_name": "CensusRole", "s3_bucket_name": BUCKET})["rows"], 2)
        self.end_function()

    def test_an_event_that_is_no_object(self):
        """It may be refused as a response or as an error of the invocation; the loop goes on."""
        self.start_function()
        for event in (b"[1, 2]", b'"text"', b"{not json"):
            answer = self.invoke(event)
            if answer.kind == "response":
                self.assertEqual(answer.result["statusCode"], 500, answer.body)
            else:
                self.assertEqual(answer.kind, "error")
                self.assertIn("errorMessage", answer.result)
        self.assertEqual(self.server.calls, [])
        self.assertEqual(self.succeed({})["rows"], 2)
        self.end_function()

    def test_partial_and_failed_accounts_are_a_success_that_says_so(self):
        self.world.accounts[A].role_error = ("AccessDenied", "no")
        self.world.accounts[B].denied = {"ListUserTags"}
        self.start_function()
        document = self.succeed({})
        self.assertEqual([each["account_id"] for each in document["failed_accounts"]], [A])
        self.assertEqual([each["account_id"] for each in document["partial_accounts"]], [B])
        self.end_function()

    def test_no_account_at_all_is_status_500(self):
        for account in self.world.accounts.values():
            account.role_error = ("AccessDenied", "no")
        self.start_function()
        self.refuse({}, "account")
        self.assertEqual(self.bucket.objects, {})
        self.end_function()

    def test_output_that_could_not_be_written_is_status_500(self):
        self.bucket.error = (403, "AccessDenied")
        self.start_function()
        self.refuse({}, BUCKET, "denied")
        self.end_function()

    def test_the_deadline(self):
        self.server.fault(faults.slow(60), action="ListUserTags", account=B)
        self.start_function()
        seconds = 10
        deadline = time.time() + seconds
        answer = self.invoke({}, seconds)
        self.assertLess(answer.moment, deadline)
        self.assertEqual(answer.result["statusCode"], 200, answer.body)
        document = answer.document
        self.assertEqual(document["successful_accounts"], [A])
        failed, = document["failed_accounts"]
        self.assertEqual((failed["account_id"], failed["stage"]), (B, "Deadline"))
        stored, = (each for key, each in self.bucket.objects.items() if not key.endswith(".result.json"))
        rows = expected.from_world(self.world, [A])
        self.assert_bytes(stored.body, expected.csv_bytes(rows, self.start_of(document)))
        # the next invocation is not harmed by the last
        self.server.faults.clear()
        self.bucket.objects.clear()
        self.assertEqual(self.succeed({})["successful_accounts"], [A, B])
        self.end_function()

    def test_connections_do_not_outlive_an_invocation(self):
        """The sandbox is frozen in between, and its peers forget it: nothing is sent over connections that are dead."""
        for number in range(20):
            self.world.accounts[A].user(f"user{number}")
        self.start_function()
        self.assertEqual(self.succeed({})["retries"], 0)
        self.server.forget_connections()
        self.assertEqual(self.succeed({})["retries"], 0)
        self.end_function()

    def test_sigterm_while_it_waits(self):
        self.start_function()
        self.assertTrue(self.api.asked.wait(10), "the function never asked for an invocation")
        self.assertLess(self.end_function().seconds, 14)

    def test_sigterm_amid_an_invocation(self):
        self.server.fault(faults.slow(60), action="ListUserTags")
        self.start_function()
        self.api.events.put(("request-1", b"{}", int((time.time() + 60) * 1000)))
        for _ in range(200):
            if self.server.count("ListUserTags"):
                break
            time.sleep(0.05)
        self.end_function()
        self.assertEqual((self.bucket.objects, self.bucket.uploads), ({}, {}))

    def test_bootstrap_without_a_runtime_says_so(self):
        shutil.copy2(census.binary(), self.home / "bootstrap")
        run = self.run_program(program=str(self.home / "bootstrap"))
        self.assertNotEqual(run.code, 0)
        self.assert_says(run, "AWS_LAMBDA_RUNTIME_API")

    def test_a_runtime_that_is_gone_ends_the_function(self):
        self.start_function()
        self.assertTrue(self.api.asked.wait(10))
        self.api.stop()
        deadline = time.time() + 30
        while self.function.process.poll() is None and time.time() < deadline:
            time.sleep(0.1)
        self.assertIsNotNone(self.function.process.poll(), "the function asks for ever")
        run = self.function.finish(1)
        self.assertNotEqual(run.code, 0, str(run))


if __name__ == "__main__":
    unittest.main()
