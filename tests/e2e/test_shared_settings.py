# SPDX-License-Identifier: MIT
"""The settings that all AWS SDKs share: a variable, or a key of the profile, for the same thing."""

import unittest

from test_upload import A, BUCKET, LARGE_USERS, UploadCase


def checksums(calls):
    """The headers of checksums that each kind of call had."""
    return {call.action: sorted(name.lower() for name, _ in call.headers if "checksum" in name.lower())
            for call in calls if call.service == "s3"}


class SharedCase(UploadCase):
    def config(self, *lines):
        folder = self.home / ".aws"
        folder.mkdir(exist_ok=True)
        (folder / "config").write_text("\n".join(["[default]", *lines, ""]))


class Checksums(SharedCase):
    WITH = {"PutObject": ["x-amz-checksum-sha256"]}
    WITHOUT = {"PutObject": []}

    def one(self, **env):
        self.server.calls.clear()
        self.bucket.objects.clear()
        self.assert_stored(self.upload(env=env))
        return {action: sent for action, sent in checksums(self.server.calls).items() if action == "PutObject"}

    def test_by_variable_and_profile(self):
        self.account.user("ann")
        name = "AWS_REQUEST_CHECKSUM_CALCULATION"
        self.assertEqual(self.one(), self.WITH)
        self.assertEqual(self.one(**{name: "when_required"}), self.WITHOUT)
        self.assertEqual(self.one(**{name: "WHEN_REQUIRED"}), self.WITHOUT)
        self.config("request_checksum_calculation = when_required")
        self.assertEqual(self.one(), self.WITHOUT)
        self.assertEqual(self.one(**{name: "when_supported"}), self.WITH)
        run = self.upload(code=2, env={name: "sometimes"})
        self.assert_says(run, name, "sometimes", "when_supported", "when_required")

    def test_an_upload_in_parts(self):
        tags = {f"{number:02d}" + "k" * 100: "v" * 256 for number in range(50)}
        for number in range(LARGE_USERS):
            self.account.user(f"user{number:04d}", tags=tags)
        self.assert_stored(self.upload(env={"AWS_REQUEST_CHECKSUM_CALCULATION": "when_required"}))
        sent = checksums(self.server.calls)
        self.assertEqual({action: sent[action] for action in ("CreateMultipartUpload", "UploadPart")},
                         {"CreateMultipartUpload": [], "UploadPart": []})
        complete, = self.server.of("CompleteMultipartUpload")
        self.assertNotIn(b"Checksum", complete.body)


class Endpoints(SharedCase):
    def setUp(self):
        super().setUp()
        self.account.user("ann")

    def test_of_the_profile(self):
        self.config(f"endpoint_url = {self.server.url}", "region = eu-west-1")
        self.assert_stored(self.upload(env={"AWS_ENDPOINT_URL": None, "AWS_REGION": None}))

    def test_of_a_section_of_services(self):
        lines = ["services = local", "[services local]"]
        for name in ("iam", "sts", "s3"):
            lines += [f"{name} =", f"  endpoint_url = {self.server.url}"]
        self.config(*lines)
        self.assert_stored(self.upload(env={"AWS_ENDPOINT_URL": None}))
        self.config("services = gone")
        run = self.upload(code=2, env={"AWS_ENDPOINT_URL": None})
        self.assert_says(run, "services 'gone'", "[services gone]")

    def test_dual_stack_and_fips_exclude_a_custom_endpoint(self):
        for variable, key, word in (("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", "dual-stack"),
                                    ("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", "FIPS")):
            with self.subTest(variable=variable):
                self.assert_says(self.upload(code=2, env={variable: "True"}), self.server.url, word)
                self.config(f"{key} = true")
                self.assert_says(self.upload(code=2), self.server.url, word)
                self.assert_says(self.upload(code=2, env={variable: "perhaps"}), variable, "perhaps", "true")
                self.config(f"{key} = perhaps")
                self.assert_says(self.upload(code=2), key, "perhaps", "true")
                self.config()
        self.assertEqual(self.server.calls, [])


if __name__ == "__main__":
    unittest.main()
