# SPDX-License-Identifier: MIT
"""Signatures: good ones are accepted, and each thing that can be wrong is refused in AWS's words."""

import time
import unittest

import raw
import worlds
from simulator import Simulator

# (status, code) by protocol: of IAM and STS, of Organizations, of S3
MISMATCH = {"query": (403, "SignatureDoesNotMatch"), "json": (400, "InvalidSignatureException"),
            "s3": (403, "SignatureDoesNotMatch")}
UNKNOWN_KEY = {"query": (403, "InvalidClientTokenId"), "json": (400, "UnrecognizedClientException"),
               "s3": (403, "InvalidAccessKeyId")}
BAD_TOKEN = {"query": (403, "InvalidClientTokenId"), "json": (400, "UnrecognizedClientException"), "s3": (400, "InvalidToken")}
EXPIRED = {"query": (403, "ExpiredToken"), "json": (400, "ExpiredTokenException"), "s3": (400, "ExpiredToken")}
NONE = {"query": (403, "MissingAuthenticationToken"), "json": (400, "MissingAuthenticationTokenException"),
        "s3": (403, "AccessDenied")}
INCOMPLETE = {"query": (400, "IncompleteSignature"), "json": (400, "IncompleteSignatureException"),
              "s3": (400, "AuthorizationHeaderMalformed")}
SKEWED = {**MISMATCH, "s3": (403, "RequestTimeTooSkewed")}
UNSIGNED_HEADER = {**MISMATCH, "s3": (403, "AccessDenied")}


def good():
    """A right request of every protocol."""
    return {"query": raw.query("iam", "ListUsers"), "json": raw.organizations("DescribeOrganization"),
            "s3": raw.s3("PUT", "/bucket/a%20key", body=b"the body", X_Amz_Meta_Run="1")}


class Signatures(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sim = Simulator(world=worlds.organization()).start()
        cls.addClassCleanup(cls.sim.stop)
        cls.session = cls.sim.assume(worlds.B)

    def send(self, request):
        return request.send(self.sim.url)

    def assert_accepted(self, request):
        answer = self.send(request)
        self.assertEqual(answer.status, 200, answer)
        return answer

    def assert_refused(self, request, status, code, words=""):
        answer = self.send(request)
        self.assertEqual((answer.status, answer.error[0]), (status, code), answer)
        if words:
            self.assertIn(words, answer.error[1])

    def assert_all_refused(self, spoil, wanted, words=""):
        """Spoils a right request of each protocol; each must be refused, and be right without that."""
        for protocol, request in good().items():
            with self.subTest(protocol=protocol):
                self.assert_accepted(good()[protocol])
                spoil(request)
                self.assert_refused(request, *wanted[protocol], words)

    def signed(self, change):
        """Signs first, then changes."""
        def spoil(request):
            request.sign(f"127.0.0.1:{self.sim.port}")
            change(request)
        return spoil

    # the good ones

    def test_right_requests(self):
        for request in good().values():
            self.assert_accepted(request)
        self.assert_accepted(good()["query"].by(self.session))
        # rightly signed, and not permitted
        self.assert_refused(good()["json"].by(self.session), 400, "AccessDeniedException")

    def test_parameters_in_the_url(self):
        request = raw.Request("sts", "GET", query=[("Version", "2011-06-15"), ("Action", "GetCallerIdentity")])
        self.assertIn(b"<Account>222222222222</Account>", self.assert_accepted(request).body)

    def test_query_out_of_order_and_escaped(self):
        self.assert_accepted(raw.s3("GET", "/bucket", [("prefix", "ü &=/+ "), ("list-type", "2"), ("delimiter", "/")]))

    def test_spaces_in_header_values(self):
        request = good()["s3"]
        request.headers["X-Amz-Meta-Run"] = "  many   spaces  "
        self.assert_accepted(request)

    def test_any_region_behind_one_endpoint(self):
        for request in good().values():
            request.region = "ap-southeast-2"
            self.assert_accepted(request)

    def test_payload_that_is_not_signed_is_for_s3_alone(self):
        request = good()["s3"]
        request.payload_hash = "UNSIGNED-PAYLOAD"
        self.assert_accepted(request)
        request = good()["query"]
        request.payload_hash = "UNSIGNED-PAYLOAD"
        self.assert_refused(request, *MISMATCH["query"])

    def test_clocks_that_differ_a_little(self):
        for protocol, seconds in (("query", 280), ("json", 280), ("s3", 880)):
            for sign in (1, -1):
                request = good()[protocol]
                request.date = raw.stamp(sign * seconds)
                self.assert_accepted(request)

    # what is tampered with

    def test_body(self):
        self.assert_all_refused(self.signed(lambda request: setattr(request, "body", request.body + b" ")),
                                {**MISMATCH, "s3": (400, "XAmzContentSHA256Mismatch")})

    def test_body_and_its_hash(self):
        def change(request):
            request.body = b"forged"
            request.headers["X-Amz-Content-Sha256"] = raw.hashlib.sha256(b"forged").hexdigest()
        request = good()["s3"]
        self.signed(change)(request)
        self.assert_refused(request, *MISMATCH["s3"])

    def test_nothing_of_a_refused_body_is_kept(self):
        request = raw.s3("PUT", "/bucket/forged", body=b"right").sign(f"127.0.0.1:{self.sim.port}")
        request.body = b"wrong"
        self.assert_refused(request, 400, "XAmzContentSHA256Mismatch")
        self.assert_refused(raw.s3("GET", "/bucket/forged"), 404, "NoSuchKey")

    def test_signed_header(self):
        request = good()["s3"]
        self.signed(lambda each: each.headers.update({"X-Amz-Meta-Run": "2"}))(request)
        self.assert_refused(request, *MISMATCH["s3"])
        for protocol in ("query", "json"):
            request = good()[protocol]
            self.signed(lambda each: each.headers.update({"Content-Type": "text/plain"}))(request)
            self.assert_refused(request, *MISMATCH[protocol])

    def test_host(self):
        self.assert_all_refused(self.signed(lambda request: request.headers.update(Host="example.org")), MISMATCH)

    def test_header_added_after_signing(self):
        request = good()["s3"]
        self.signed(lambda each: each.headers.update({"X-Amz-Acl": "public-read"}))(request)
        self.assert_refused(request, *UNSIGNED_HEADER["s3"], "not signed")

    def test_signed_header_left_out(self):
        for protocol in ("query", "json"):
            request = good()[protocol]
            self.signed(lambda each: each.headers.pop("Content-Type"))(request)
            self.assert_refused(request, *MISMATCH[protocol])

    def test_host_not_signed(self):
        self.assert_all_refused(lambda request: request.unsigned.add("host"), UNSIGNED_HEADER)

    def test_date_not_signed(self):
        self.assert_all_refused(lambda request: request.unsigned.add("x-amz-date"), UNSIGNED_HEADER)

    def test_target_not_signed(self):
        request = good()["json"]
        request.unsigned.add("x-amz-target")
        self.assert_refused(request, *MISMATCH["json"])

    def test_signed_headers_out_of_order(self):
        request = good()["query"]
        request.signed_names = ["x-amz-date", "host", "content-type"]
        self.assert_refused(request, *MISMATCH["query"])

    def test_method(self):
        request = good()["s3"]
        self.signed(lambda each: (setattr(each, "method", "GET"), setattr(each, "body", b"")))(request)
        self.assert_refused(request, *MISMATCH["s3"])

    def test_path(self):
        request = good()["s3"]
        self.signed(lambda each: setattr(each, "path", "/bucket/another"))(request)
        self.assert_refused(request, *MISMATCH["s3"])

    def test_query_string(self):
        request = raw.s3("GET", "/bucket", [("list-type", "2"), ("prefix", "mine/")])
        self.signed(lambda each: each.query.__setitem__(1, ("prefix", "theirs/")))(request)
        self.assert_refused(request, *MISMATCH["s3"])

    def test_signature(self):
        def change(request):
            header = request.headers["Authorization"]
            request.headers["Authorization"] = header[:-1] + ("0" if header[-1] != "0" else "1")
        self.assert_all_refused(self.signed(change), MISMATCH)

    def test_signature_cut_short(self):
        for keep in (63, 1, 0):
            def change(request, keep=keep):
                head, mark, signature = request.headers["Authorization"].rpartition("Signature=")
                request.headers["Authorization"] = head + mark + signature[:keep]
            self.assert_all_refused(self.signed(change), MISMATCH)

    # dates

    def test_date_changed(self):
        self.assert_all_refused(self.signed(lambda request: request.headers.update({"X-Amz-Date": raw.stamp(60)})), MISMATCH)

    def test_date_of_the_scope(self):
        self.assert_all_refused(lambda request: setattr(request, "scope_date", "20200101"), MISMATCH)
        request = good()["query"]
        request.scope_date = "20200101"
        self.assert_refused(request, 403, "SignatureDoesNotMatch", "Date in Credential scope does not match YYYYMMDD")

    def test_date_missing(self):
        self.assert_all_refused(lambda request: setattr(request, "date", None), {**INCOMPLETE, "s3": (403, "AccessDenied")})

    def test_clock_too_late(self):
        for protocol, seconds in (("query", 330), ("json", 330), ("s3", 930)):
            request = good()[protocol]
            request.date = raw.stamp(seconds)
            words = "" if protocol == "s3" else "Signature not yet current: "
            self.assert_refused(request, *SKEWED[protocol], words)

    def test_clock_too_early(self):
        for protocol, seconds in (("query", 330), ("json", 330), ("s3", 930)):
            request = good()[protocol]
            request.date = raw.stamp(-seconds)
            words = "" if protocol == "s3" else f"Signature expired: {request.date} is now earlier than "
            self.assert_refused(request, *SKEWED[protocol], words)

    def test_the_simulator_s_clock_can_be_wrong(self):
        with Simulator("--accounts", 1, scenario={"clock_skew_s": 3600}) as sim:
            for protocol, request in good().items():
                answer = request.send(sim.url)
                self.assertEqual((answer.status, answer.error[0]), SKEWED[protocol])
                server = raw.datetime.datetime.strptime(answer.headers["date"], "%a, %d %b %Y %H:%M:%S GMT")
                request = good()[protocol]
                request.date = server.strftime("%Y%m%dT%H%M%SZ")
                self.assertEqual(request.send(sim.url).status, 200)

    # scope

    def test_region(self):
        change = lambda request: request.headers.update(
            Authorization=request.headers["Authorization"].replace("/us-east-1/", "/eu-west-1/"))
        self.assert_all_refused(self.signed(change), MISMATCH)

    def test_region_where_they_are_strict(self):
        with Simulator("--strict-regions", world=worlds.organization()) as sim:
            for protocol in ("query", "json"):
                request = good()[protocol]
                request.region = "eu-west-1"
                answer = request.send(sim.url)
                self.assertEqual((answer.status, answer.error[0]), MISMATCH[protocol])
                self.assertIn("Credential should be scoped to a valid region", answer.error[1])
                self.assertEqual(good()[protocol].send(sim.url).status, 200)
            sts = raw.query("sts", "GetCallerIdentity")
            sts.region = "eu-west-1"
            self.assertEqual(sts.send(sim.url).status, 200)

    def test_service(self):
        change = lambda request: request.headers.update(Authorization=request.headers["Authorization"].replace(
            f"/{request.service}/aws4", "/sts/aws4" if request.service == "iam" else "/iam/aws4"))
        for protocol in ("query", "json", "s3"):
            with self.subTest(protocol=protocol):
                request = good()[protocol]
                self.signed(change)(request)
                # what is signed for IAM is answered by IAM
                self.assert_refused(request, *MISMATCH["query"])

    def test_service_of_a_call_to_another(self):
        request = raw.query("sts", "GetCallerIdentity")
        request.service = "iam"
        self.assert_refused(request, 403, "SignatureDoesNotMatch", "Credential should be scoped to correct service: 'sts'")

    def test_service_that_is_not_there(self):
        request = raw.query("iam", "ListUsers")
        request.service = "ec2"
        self.assert_refused(request, *MISMATCH["query"], "Credential should be scoped to correct service")

    # who

    def test_secret(self):
        self.assert_all_refused(lambda request: setattr(request, "secret", "simulated-secres"), MISMATCH)

    def test_key_of_nobody(self):
        self.assert_all_refused(lambda request: setattr(request, "key", "AKIANOBODYATALL00000"), UNKNOWN_KEY)

    def test_token_missing(self):
        self.assert_all_refused(lambda request: setattr(request.by(self.session), "token", None), UNKNOWN_KEY)

    def test_token_changed(self):
        token = self.session["SessionToken"]
        for wrong in (token[:100] + ("A" if token[100] != "A" else "B") + token[101:], token[:-8], "short", token * 20):
            self.assert_all_refused(lambda request: setattr(request.by(self.session), "token", wrong), BAD_TOKEN)

    def test_token_of_another_session(self):
        other = self.sim.assume(worlds.A)
        self.assert_all_refused(lambda request: setattr(request.by(self.session), "token", other["SessionToken"]), BAD_TOKEN)

    def test_token_not_signed(self):
        request = good()["query"].by(self.session)
        request.unsigned.add("x-amz-security-token")
        self.assert_refused(request, *MISMATCH["query"])

    def test_token_with_a_key_that_has_none(self):
        self.assert_all_refused(lambda request: setattr(request, "token", self.session["SessionToken"]), BAD_TOKEN)

    def test_session_expired(self):
        with Simulator(world=worlds.organization(), scenario={"session_s": 1}) as sim:
            session = sim.assume(worlds.B)
            self.assertEqual(good()["query"].by(session).send(sim.url).status, 200)
            time.sleep(2.1)
            for protocol, request in good().items():
                answer = request.by(session).send(sim.url)
                self.assertEqual((answer.status, answer.error[0]), EXPIRED[protocol], answer)
            # a wrong signature is that before it is anything else
            request = good()["query"].by(session)
            request.secret = "wrong"
            self.assertEqual(request.send(sim.url).error[0], "SignatureDoesNotMatch")

    # what is missing

    def test_no_signature_at_all(self):
        for protocol, request in good().items():
            self.signed(lambda each: each.headers.pop("Authorization"))(request)
            self.assert_refused(request, *NONE[protocol])

    def test_parts_of_the_header_missing(self):
        for part in ("Credential", "SignedHeaders", "Signature"):
            self.assert_all_refused(self.signed(lambda request: request.headers.update(
                Authorization=request.headers["Authorization"].replace(f"{part}=", "Other="))), INCOMPLETE)

    def with_credential(self, request, change):
        """Signs, then changes what comes after Credential= in the header."""
        request.sign(f"127.0.0.1:{self.sim.port}")
        head, _, rest = request.headers["Authorization"].partition("Credential=")
        credential, _, tail = rest.partition(", ")
        request.headers["Authorization"] = f"{head}Credential={change(credential)}, {tail}"
        return request

    def test_scope_of_four_parts(self):
        self.assert_all_refused(lambda request: self.with_credential(
            request, lambda credential: credential.replace("/aws4_request", "")), INCOMPLETE)

    def test_secret_in_place_of_the_key_id(self):
        """It is repeated: https://github.com/boto/boto3/issues/1752, https://github.com/hashicorp/vault/issues/2277."""
        for protocol in ("query", "json"):
            request = self.with_credential(good()[protocol], lambda credential: "SE/CRET" + credential[credential.index("/"):])
            sent = request.headers["Authorization"].partition("Credential=")[2].partition(",")[0]
            answer = self.send(request)
            self.assertEqual((answer.status, *answer.error), (*INCOMPLETE[protocol],
                             "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, "
                             f"got '{sent}'"))
        self.assert_refused(self.with_credential(good()["s3"], lambda credential: "SE/CRET" + credential), *INCOMPLETE["s3"],
                            "the Credential is mal-formed")

    def test_a_blank_in_the_key_id(self):
        """The whole header is repeated: https://github.com/boto/boto3/issues/2280, https://github.com/aws/aws-sdk-go/issues/289."""
        for key, half in (("AKIA HALF", "HALF"), ("AKIAWHOLE ", ""), (" AKIAWHOLE", "AKIAWHOLE"), ("AKIA,HALF", "HALF")):
            request = self.with_credential(good()["query"], lambda credential: key + credential[credential.index("/"):])
            header = request.headers["Authorization"]
            scope = header.partition("/")[2].partition(", SignedHeaders")[0]
            answer = self.send(request)
            self.assertEqual((answer.status, *answer.error), (*INCOMPLETE["query"],
                             f"'{half}/{scope}' not a valid key=value pair (missing equal-sign) in Authorization header: "
                             f"'{header}'."))
        # https://github.com/aws/aws-cli/issues/4385
        self.assert_refused(self.with_credential(good()["s3"], lambda credential: "AKIA " + credential), *INCOMPLETE["s3"],
                            "the authorization header requires three components: Credential, SignedHeaders, and Signature.")

    def test_terminator_of_the_scope(self):
        other = lambda request: self.with_credential(request, lambda credential: credential.replace("aws4_request", "aws5"))
        for protocol in ("query", "json"):
            self.assert_refused(other(good()[protocol]), *MISMATCH[protocol],
                                "Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'.")
        self.assert_refused(other(good()["s3"]), *INCOMPLETE["s3"])

    def test_another_algorithm(self):
        self.assert_all_refused(self.signed(lambda request: request.headers.update(
            Authorization=request.headers["Authorization"].replace("AWS4-HMAC-SHA256", "AWS5-HMAC-SHA256"))), INCOMPLETE)

    def test_payload_hash_missing_on_s3(self):
        request = good()["s3"]
        self.signed(lambda each: each.headers.pop("X-Amz-Content-Sha256"))(request)
        self.assert_refused(request, 400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")

    def test_bad_signatures_are_counted(self):
        self.sim.reset()
        for request in good().values():
            request.secret = "wrong"
            self.send(request)
        self.assertEqual(self.sim.counters()["bad_signatures"], 3)


if __name__ == "__main__":
    unittest.main()
