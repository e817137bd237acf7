# SPDX-License-Identifier: MIT
"""Calls that fail and are tried again: how often, when, and that no trace of it is in the output."""

import contextlib
import re
import socket
import unittest

import faults
from cases import ScriptedCase
from people import varied_users

A, B = "111111111111", "222222222222"
RETRYABLE_CODES = (
    "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
    "TooManyRequestsException", "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "SlowDown",
    "PriorRequestNotComplete", "TransactionInProgressException", "ProvisionedThroughputExceededException",
    "EC2ThrottledException")


class Retries(ScriptedCase):
    def setUp(self):
        super().setUp()
        self.account = self.world.account(A, alias="name")

    def test_every_retryable_code_is_retried(self):
        # each in an account of its own, for an account that was throttled is read slowly
        ids = [f"{number:012d}" for number in range(len(RETRYABLE_CODES))]
        for account_id, code in zip(ids, RETRYABLE_CODES):
            self.world.account(account_id).user(code, tags={"a": "b"})
            self.server.fault(faults.throttle(code), times=1, action="ListUserTags", user=code)
        document, data, _ = self.census(accounts=",".join(ids))
        self.assert_csv(document, data, ids)
        self.assertEqual(document["retries"], len(RETRYABLE_CODES))
        for code in RETRYABLE_CODES:
            self.assertEqual(self.server.count("ListUserTags", user=code), 2, code)
        # two of the codes speak of a request still under way, which one may count as throttling or not
        self.assertGreaterEqual(document["throttled"], len(RETRYABLE_CODES) - 2)

    def test_throttling_is_counted(self):
        self.account.user("ann")
        self.server.fault(faults.throttle(), times=2, action="ListUsers")
        self.server.fault(faults.error(500, "InternalFailure"), times=1, action="ListUserTags")
        document, _, _ = self.census()
        self.assertEqual((document["throttled"], document["retries"]), (2, 3))

    def test_six_attempts_and_no_more(self):
        """The sixth attempt may still succeed; a seventh is never made."""
        for name in ("fifth", "sixth", "inside", "seventh"):
            self.account.user(name, tags={"a": "b"})
        self.server.fault(faults.unavailable(), times=4, action="ListUserTags", user="fifth")
        self.server.fault(faults.error(500, "InternalFailure"), times=5, action="ListUserTags", user="sixth")
        self.server.fault(faults.reset_inside(), times=5, action="ListUserTags", user="inside")
        self.server.fault(faults.unavailable(), times=6, action="ListUserTags", user="seventh")
        self.world.account(B).user("throttled", tags={"a": "b"})
        self.server.fault(faults.throttle(), action="ListUserTags", user="throttled")
        document, data, _ = self.census(code=3, timeout=120)
        for partial in document["partial_accounts"]:
            self.assertEqual([error["count"] for error in partial["errors"]], [1])
        attempts = {"fifth": 5, "sixth": 6, "inside": 6, "seventh": 6, "throttled": 6}
        self.assertEqual({name: self.server.count("ListUserTags", user=name) for name in attempts}, attempts)
        self.assertEqual((document["retries"], document["throttled"]), (4 + 5 + 5 + 5 + 5, 6))
        self.assertEqual(data.count(b",unknown,"), 2)

    def test_six_attempts_where_every_connection_breaks(self):
        self.account.user("ann", tags={"a": "b"})
        self.server.fault(faults.reset_before(), action="ListUserTags")
        document, _, _ = self.census(code=3, timeout=120)
        self.assertEqual(document["retries"], 5)
        self.assertEqual(self.server.count("ListUserTags"), 6)

    def test_retry_after_is_honoured(self):
        self.account.user("ann")
        self.server.fault(faults.unavailable(retry_after=3), times=1, action="ListMFADevices")
        self.census()
        first, second = self.server.of("ListMFADevices")
        self.assertGreaterEqual(second.moment - first.moment, 2.9)
        self.assertLess(second.moment - first.moment, 15)

    def test_a_refusal_is_not_retried(self):
        self.account.user("ann", tags={"a": "b"})
        self.server.fault(faults.denied(), action="ListUserTags")
        self.server.fault(faults.error(400, "ValidationError"), action="ListMFADevices")
        document, _, _ = self.census(code=3)
        self.assertEqual((self.server.count("ListUserTags"), self.server.count("ListMFADevices")), (1, 1))
        self.assertEqual(document["retries"], 0)

    def test_assume_role_is_retried(self):
        self.account.user("ann")
        self.server.fault(faults.throttle(), times=2, action="AssumeRole")
        document, data, _ = self.census()
        self.assert_csv(document, data, [A])
        self.assertEqual(self.server.count("AssumeRole"), 3)

    def test_all_faults_together_leave_no_trace(self):
        self.world.page_size = 3
        varied_users(self.account)
        varied_users(self.world.account(B))
        every = [faults.throttle(), faults.unavailable(), faults.unavailable(retry_after=1), faults.reset_before(),
                 faults.reset_inside(), faults.error(500, "ServiceFailure"), faults.error(502, "BadGateway"),
                 faults.error(504, "GatewayTimeout"), faults.body("<html>busy</html>", status=503),
                 faults.throttle("RequestLimitExceeded")]
        actions = ("ListUsers", "ListUserTags", "ListGroupsForUser", "GetLoginProfile", "ListMFADevices",
                   "ListAccessKeys", "GetAccessKeyLastUsed", "ListSigningCertificates", "ListAccountAliases")
        for number, action in enumerate(actions):
            for step in range(3):
                # aliases are asked for once an account, so there the faults come one upon another
                skip = 0 if action == "ListAccountAliases" else step
                self.server.fault(every[(number + step) % len(every)], times=1, skip=skip, action=action)
        document, data, _ = self.census(timeout=120)
        self.assert_csv(document, data, [A, B])
        self.assertEqual(document["successful_accounts"], [A, B])
        # a connection reset before a byte came may be mended below, unseen and uncounted
        resets = sum(fault.do is every[3] for fault in self.server.faults)
        self.assertGreaterEqual(document["retries"], 27 - resets)
        self.assertEqual([fault.left for fault in self.server.faults], [0] * 27)

    def test_a_throttled_account_does_not_slow_the_others(self):
        for number in range(10):
            self.account.user(f"user{number}")
        other = self.world.account(B)
        for number in range(10):
            other.user(f"user{number}")
        self.server.fault(faults.unavailable(retry_after=2), times=1, action="ListUsers", account=A)
        self.census()
        last_of_other = max(call.moment for call in self.server.calls if call.account == B and call.service == "iam")
        first_tags = min(call.moment for call in self.server.of("ListUserTags", account=A))
        self.assertLess(last_of_other, first_tags)

    def test_an_upload_that_nobody_answers(self):
        """--read-timeout is for uploads too."""
        self.account.user("ann")
        self.world.bucket("bucket")
        self.server.fault(faults.slow(20), times=1, action="PutObject")
        run = self.collect("--accounts", A, "--s3-bucket", "bucket", "--organization-id", "o-0123456789", "--json",
                           "--read-timeout", "1", timeout=60)
        self.assert_code(run, 0)
        self.assertEqual((self.document(run)["retries"], len(self.world.buckets["bucket"].objects)), (1, 2))

    def test_a_connection_that_nobody_takes(self):
        """--connect-timeout, by what libcurl says of its attempts: the default is five seconds."""
        with contextlib.ExitStack() as stack:
            deaf = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=0))
            for _ in range(4):  # whoever comes later waits
                early = stack.enter_context(socket.socket())
                early.setblocking(False)
                early.connect_ex(deaf.getsockname())
            run = self.collect("--accounts", A, "--output", "out.csv", "--connect-timeout", "1", "--log-level", "debug",
                               env={"AWS_ENDPOINT_URL": f"http://127.0.0.1:{deaf.getsockname()[1]}"})
        self.assert_code(run, 1)
        spent = [int(ms) for ms in re.findall(r"attempt=.* after (\d+) ms", run.err)]
        self.assertEqual(len(spent), 5, str(run))
        self.assertGreaterEqual(min(spent), 1000)
        self.assertLess(min(spent), 5000)

    def test_a_wrong_date_of_one_account(self):
        """Its answers say that it is 2099: the others' clock is not moved by that."""
        ids = [f"{number:012d}" for number in range(1, 9)]
        for account_id in ids:
            self.world.account(account_id).user("ann")
        self.server.fault(faults.error(403, "RequestTimeTooSkewed", headers={"Date": "Thu, 01 Jan 2099 00:00:00 GMT"}),
                          service="iam", account=ids[0])
        document, data, _ = self.census(code=3, accounts=",".join(ids))
        self.assert_csv(document, data, ids[1:])
        self.assertEqual([failed["code"] for failed in document["failed_accounts"]], ["RequestTimeTooSkewed"])


if __name__ == "__main__":
    unittest.main()
