# SPDX-License-Identifier: MIT
"""Where the caller's credentials come from: every provider, its order, and why each failed."""

import json
import shlex
import stat
import unittest

import faults
from cases import REGION, ScriptedCase
from metadata import INSTANCE_TOKEN, MetadataServer

A = "222222222222"
SOURCE = "555555555555"


class Credentials(ScriptedCase):
    def setUp(self):
        super().setUp()
        self.world.account(A).user("ann")
        self.server.roles = {"CensusRole", "SourceRole", "FirstRole"}
        self.made = self.world.credential("AKIAPROVIDED00000001", "provided/Secret+Key/NeverShown", None, SOURCE)
        self.temporary = self.world.credential("ASIAPROVIDED00000002", "temporary/Secret+Key/NeverShown",
                                               "temporary/Token+NeverShown==", SOURCE)
        self.secrets |= {"container-authorization-NeverShown", INSTANCE_TOKEN, "web.identity.token-NeverShown"}

    def environment(self):
        return {**super().environment(), "AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}

    def write(self, name, text, executable=False):
        path = self.home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        if executable:
            path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def read(self, **env):
        """Reads account A; returns the credential that signed the AssumeRole of the census."""
        self.server.calls.clear()
        run = self.collect("--accounts", A, "--output", "out.csv", "--log-level", "debug", env=env)
        self.assert_code(run, 0)
        census, = [call for call in self.server.of("AssumeRole") if call.params["RoleArn"].endswith("role/CensusRole")]
        return census.credential

    def refused(self, *words, **env):
        run = self.collect("--accounts", A, "--output", "out.csv", "--log-level", "debug", env=env)
        self.assertIn(run.code, (1, 2), str(run))
        self.assert_says(run, *words)
        self.assert_nothing_left()
        self.assertEqual(self.server.count("ListUsers"), 0)
        return run

    def metadata(self, authorization=None):
        server = MetadataServer(self.temporary, authorization).start()
        self.addCleanup(server.stop)
        return server

    def static_profile(self, name, credential=None):
        given = credential or self.made
        token = f"aws_session_token = {given.token}\n" if given.token else ""
        return f"[{name}]\naws_access_key_id = {given.access_key}\naws_secret_access_key = {given.secret}\n{token}\n"


class Environment(Credentials):
    def test_keys(self):
        signer = self.read(AWS_ACCESS_KEY_ID=self.made.access_key, AWS_SECRET_ACCESS_KEY=self.made.secret)
        self.assertIs(signer, self.made)

    def test_keys_with_a_session_token(self):
        signer = self.read(AWS_ACCESS_KEY_ID=self.temporary.access_key, AWS_SECRET_ACCESS_KEY=self.temporary.secret,
                           AWS_SESSION_TOKEN=self.temporary.token)
        self.assertIs(signer, self.temporary)

    def test_an_id_without_its_secret(self):
        self.refused("AWS_SECRET_ACCESS_KEY", AWS_ACCESS_KEY_ID=self.made.access_key)

    def test_keys_that_aws_does_not_know(self):
        run = self.refused("InvalidClientTokenId", AWS_ACCESS_KEY_ID="AKIANOBODY0000000001", AWS_SECRET_ACCESS_KEY="x" * 40)
        self.assert_code(run, 1)

    def test_swapped_keys(self):
        """The secret would go in clear, and STS repeats it: nothing is sent, and neither is shown."""
        for secret in (self.made.secret, "OnlyLettersAndDigits0123456789NeverShown"):
            self.secrets.add(secret)
            run = self.refused("AWS_ACCESS_KEY_ID", "swapped", AWS_ACCESS_KEY_ID=secret,
                               AWS_SECRET_ACCESS_KEY="AKIAIOSFODNN7EXAMPLE")
            self.assert_code(run, 2)
        self.assertEqual(self.server.calls, [])

    def test_an_id_or_a_secret_of_a_wrong_length(self):
        self.secrets.add("s" * 300)
        for key, secret, said in (("AKIA", "x" * 40, "it has 4 characters"), ("A" * 129, "x" * 40, "it has 129 characters"),
                                  ("AKIA" + "0" * 16, "s" * 300, "AWS_SECRET_ACCESS_KEY is longer than 256")):
            run = self.refused(said, AWS_ACCESS_KEY_ID=key, AWS_SECRET_ACCESS_KEY=secret)
            self.assert_code(run, 2)
        self.assertEqual(self.server.calls, [])

    def test_an_external_id_that_sts_would_repeat(self):
        self.secrets.add("acme ext id NeverShown")
        caller = self.world.caller
        run = self.refused("EXTERNAL_ID", "not a valid external id", EXTERNAL_ID="acme ext id NeverShown",
                           AWS_ACCESS_KEY_ID=caller.access_key, AWS_SECRET_ACCESS_KEY=caller.secret)
        self.assert_code(run, 2)
        self.assertEqual(self.server.calls, [])

    def test_none_at_all(self):
        """Every provider is named, with why it failed."""
        run = self.refused("environment", "profile", "web identity", "container", "instance")
        self.assert_says(run, "AWS_ACCESS_KEY_ID", "AWS_EC2_METADATA_DISABLED")
        self.assertEqual(self.server.calls, [])


class Profiles(Credentials):
    def test_the_default_profile(self):
        self.write(".aws/credentials", self.static_profile("default"))
        self.assertIs(self.read(), self.made)

    def test_a_named_profile_in_files_elsewhere(self):
        credentials = self.write("elsewhere/credentials", self.static_profile("default") + self.static_profile(
            "other", self.temporary))
        self.assertIs(self.read(AWS_PROFILE="other", AWS_SHARED_CREDENTIALS_FILE=credentials), self.temporary)

    def test_keys_in_the_configuration_file(self):
        config = self.write("elsewhere/config", "# comment\n; another\n" + self.static_profile("profile other"))
        self.assertIs(self.read(AWS_PROFILE="other", AWS_CONFIG_FILE=config), self.made)

    def test_the_region_of_the_profile(self):
        self.write(".aws/credentials", self.static_profile("default"))
        self.write(".aws/config", f"[default]\nregion = {REGION}\n")
        self.assertIs(self.read(AWS_REGION=None), self.made)

    def test_the_default_region_variable(self):
        self.write(".aws/credentials", self.static_profile("default"))
        self.assertIs(self.read(AWS_REGION=None, AWS_DEFAULT_REGION=REGION), self.made)

    def test_a_profile_that_does_not_exist(self):
        self.write(".aws/credentials", self.static_profile("default"))
        self.refused("no-such-profile", AWS_PROFILE="no-such-profile")

    def keys(self):
        caller = self.world.caller
        return {"AWS_ACCESS_KEY_ID": caller.access_key, "AWS_SECRET_ACCESS_KEY": caller.secret}

    def test_the_flag_goes_before_keys_in_the_environment(self):
        self.write(".aws/credentials", self.static_profile("other"))
        run = self.collect("--accounts", A, "--output", "out.csv", "--profile", "other", env=self.keys())
        self.assert_code(run, 0)
        self.assertIs(self.server.of("AssumeRole")[0].credential, self.made)
        self.assertIs(self.read(AWS_PROFILE="other", **self.keys()), self.world.caller)

    def test_a_missing_profile_beside_keys_in_the_environment(self):
        for arguments, env in ((["--profile", "gone"], {}), ([], {"AWS_PROFILE": "gone"}),
                               ([], {"AWS_DEFAULT_PROFILE": "gone"})):
            with self.subTest(arguments=arguments, env=env):
                run = self.collect("--accounts", A, "--output", "out.csv", *arguments, env={**self.keys(), **env})
                self.assert_configuration_error(run, "gone", *arguments[:1], *env)
        self.assertEqual(self.server.calls, [])

    def test_the_default_profile_variable(self):
        self.write(".aws/credentials", self.static_profile("default") + self.static_profile("other", self.temporary))
        self.assertIs(self.read(AWS_DEFAULT_PROFILE="other"), self.temporary)
        self.assertIs(self.read(AWS_DEFAULT_PROFILE="other", AWS_PROFILE="default"), self.made)

    def test_an_incomplete_profile_is_not_the_instance(self):
        server = self.metadata()
        for lines in ("region = eu-west-1", "web_identity_token_file = /nope", "sso_account_id = 1",
                      "sso_session = gone\nsso_account_id = 1\nsso_role_name = r", "source_profile = x",
                      "role_arn = arn:aws:iam::111111111111:role/r", "credential_process =",
                      "aws_secret_access_key = x", "aws_access_key_id = AKIA0000000000000001"):
            with self.subTest(lines=lines):
                self.write(".aws/config", f"[profile asked]\n{lines}\n")
                run = self.refused("asked", AWS_PROFILE="asked", AWS_EC2_METADATA_DISABLED=None,
                                   AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url)
                self.assert_code(run, 2)
        self.assertEqual(server.requests, [])

    def test_a_process(self):
        document = {"Version": 1, "AccessKeyId": self.temporary.access_key, "SecretAccessKey": self.temporary.secret,
                    "SessionToken": self.temporary.token, "Expiration": "2099-01-01T00:00:00Z"}
        script = self.write("a folder/process", f"#!/bin/sh\n[ \"$1\" = 'an argument' ] || exit 9\n"
                            f"echo {shlex.quote(json.dumps(document))}\n", executable=True)
        self.write(".aws/config", f"[profile made]\ncredential_process = \"{script}\" \"an argument\"\n")
        self.assertIs(self.read(AWS_PROFILE="made"), self.temporary)

    def test_a_process_that_fails(self):
        script = self.write("process", f"#!/bin/sh\necho {self.made.secret}\nexit 3\n", executable=True)
        self.write(".aws/config", f"[profile made]\ncredential_process = {script}\n")
        self.refused("credential_process", AWS_PROFILE="made")

    def test_a_process_that_answers_nonsense(self):
        for text in ("no json", '{"Version": 7}', '{"Version": 1, "AccessKeyId": "AKIA"}'):
            script = self.write("process", f"#!/bin/sh\necho {shlex.quote(text)}\n", executable=True)
            self.write(".aws/config", f"[profile made]\ncredential_process = {script}\n")
            self.refused("credential_process", AWS_PROFILE="made")

    def test_a_role_from_a_source_profile(self):
        self.world.account(SOURCE).external_id = "source-external-id-NeverShown"
        self.secrets.add("source-external-id-NeverShown")
        self.write(".aws/credentials", self.static_profile("base"))
        self.write(".aws/config", f"[profile lifted]\nrole_arn = arn:aws:iam::{SOURCE}:role/SourceRole\n"
                   "source_profile = base\nexternal_id = source-external-id-NeverShown\nrole_session_name = my-name\n"
                   "duration_seconds = 1800\n")
        signer = self.read(AWS_PROFILE="lifted")
        self.assertEqual((signer.account, signer.role), (SOURCE, "SourceRole"))
        first = self.server.of("AssumeRole")[0]
        self.assertIs(first.credential, self.made)
        self.assertEqual((first.params["RoleSessionName"], first.params["DurationSeconds"]), ("my-name", "1800"))
        self.assertNotIn("Policy", first.params)

    def test_a_chain_of_roles(self):
        self.world.account(SOURCE)
        self.write(".aws/credentials", self.static_profile("base"))
        self.write(".aws/config", f"[profile first]\nrole_arn = arn:aws:iam::{SOURCE}:role/FirstRole\n"
                   f"source_profile = base\n[profile second]\nrole_arn = arn:aws:iam::{SOURCE}:role/SourceRole\n"
                   "source_profile = first\n")
        self.assertEqual(self.read(AWS_PROFILE="second").role, "SourceRole")
        roles = [call.params["RoleArn"].rsplit("/", 1)[1] for call in self.server.of("AssumeRole")]
        self.assertEqual(roles, ["FirstRole", "SourceRole", "CensusRole"])

    def test_a_chain_without_end(self):
        self.write(".aws/config", f"[profile one]\nrole_arn = arn:aws:iam::{SOURCE}:role/FirstRole\nsource_profile = two\n"
                   f"[profile two]\nrole_arn = arn:aws:iam::{SOURCE}:role/SourceRole\nsource_profile = one\n")
        self.refused("source_profile", AWS_PROFILE="one")

    def test_a_role_from_the_container(self):
        self.world.account(SOURCE)
        server = self.metadata()
        self.write(".aws/config", f"[profile lifted]\nrole_arn = arn:aws:iam::{SOURCE}:role/SourceRole\n"
                   "credential_source = EcsContainer\n")
        signer = self.read(AWS_PROFILE="lifted", AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{server.url}/container")
        self.assertEqual(signer.role, "SourceRole")
        self.assertIs(self.server.of("AssumeRole")[0].credential, self.temporary)

    def test_a_role_that_is_denied(self):
        self.world.account(SOURCE).role_error = ("AccessDenied", "is not authorized")
        self.write(".aws/credentials", self.static_profile("base"))
        self.write(".aws/config", f"[profile lifted]\nrole_arn = arn:aws:iam::{SOURCE}:role/SourceRole\n"
                   "source_profile = base\n")
        self.refused("lifted", "SourceRole", "not authorized", AWS_PROFILE="lifted")

    def test_web_identity_in_a_profile(self):
        self.world.account(SOURCE)
        self.server.web_identity_token = "web.identity.token-NeverShown"
        token = self.write("token", "web.identity.token-NeverShown")
        self.write(".aws/config", f"[profile pod]\nrole_arn = arn:aws:iam::{SOURCE}:role/SourceRole\n"
                   f"web_identity_token_file = {token}\nrole_session_name = pod-name\n")
        self.assertEqual(self.read(AWS_PROFILE="pod").role, "SourceRole")
        self.assertEqual(self.server.of("AssumeRoleWithWebIdentity")[0].params["RoleSessionName"], "pod-name")

    def test_other_kinds_are_asked_of_the_aws_command(self):
        self.write(".aws/config", "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://example.org/start\n"
                   f"[profile people]\nsso_session = corp\nsso_account_id = {SOURCE}\nsso_role_name = Admin\n")
        document = {"Version": 1, "AccessKeyId": self.temporary.access_key, "SecretAccessKey": self.temporary.secret,
                    "SessionToken": self.temporary.token, "Expiration": "2099-01-01T00:00:00Z"}
        variables = "\n".join(f"export {name}={value}" for name, value in (
            ("AWS_ACCESS_KEY_ID", self.temporary.access_key), ("AWS_SECRET_ACCESS_KEY", self.temporary.secret),
            ("AWS_SESSION_TOKEN", self.temporary.token)))
        self.write("bin/aws", f"#!/bin/sh\nprintf '%s\\n' \"$@\" > {self.home}/asked\ncase \"$*\" in\n"
                   f"*env*) echo {shlex.quote(variables)} ;;\n*) echo {shlex.quote(json.dumps(document))} ;;\nesac\n",
                   executable=True)
        signer = self.read(AWS_PROFILE="people", PATH=f"{self.home}/bin:/usr/bin:/bin")
        self.assertIs(signer, self.temporary)
        asked = (self.home / "asked").read_text().split("\n")
        self.assertEqual(asked[:2], ["configure", "export-credentials"])
        self.assertIn("people", asked)

    def test_the_aws_command_is_missing(self):
        self.write(".aws/config", "[profile people]\nsso_start_url = https://example.org/start\nsso_region = eu-west-1\n"
                   f"sso_account_id = {SOURCE}\nsso_role_name = Admin\n")
        (self.home / "empty").mkdir()
        self.refused("people", "export-credentials", AWS_PROFILE="people", PATH=f"{self.home}/empty")

    def test_the_aws_command_fails(self):
        self.write(".aws/config", "[profile people]\nsso_start_url = https://example.org/start\nsso_region = eu-west-1\n"
                   f"sso_account_id = {SOURCE}\nsso_role_name = Admin\n")
        self.write("bin/aws", "#!/bin/sh\necho 'the SSO session has expired' >&2\nexit 255\n", executable=True)
        self.refused("people", "export-credentials", AWS_PROFILE="people", PATH=f"{self.home}/bin:/usr/bin:/bin")


class WebIdentity(Credentials):
    def setUp(self):
        super().setUp()
        self.world.account(SOURCE)
        self.server.web_identity_token = "web.identity.token-NeverShown"
        self.role_arn = f"arn:aws:iam::{SOURCE}:role/SourceRole"

    def test_the_token_file(self):
        token = self.write("token", "web.identity.token-NeverShown")
        signer = self.read(AWS_WEB_IDENTITY_TOKEN_FILE=token, AWS_ROLE_ARN=self.role_arn)
        self.assertEqual((signer.account, signer.role), (SOURCE, "SourceRole"))
        self.assertEqual(self.server.count("AssumeRoleWithWebIdentity"), 1)

    def test_refusals_that_pass(self):
        token = self.write("token", "web.identity.token-NeverShown")
        for code in ("IDPCommunicationError", "InvalidIdentityToken"):
            with self.subTest(code=code):
                self.server.fault(faults.error(400, code), times=2, action="AssumeRoleWithWebIdentity")
                self.read(AWS_WEB_IDENTITY_TOKEN_FILE=token, AWS_ROLE_ARN=self.role_arn)
                self.assertEqual(self.server.count("AssumeRoleWithWebIdentity"), 3)

    def test_a_token_that_is_refused(self):
        token = self.write("token", "another")
        self.refused("web identity", "not valid", AWS_WEB_IDENTITY_TOKEN_FILE=token, AWS_ROLE_ARN=self.role_arn)

    def test_a_token_file_that_is_missing(self):
        self.refused("no-such-token", AWS_WEB_IDENTITY_TOKEN_FILE=f"{self.home}/no-such-token", AWS_ROLE_ARN=self.role_arn)


class Container(Credentials):
    def test_a_full_uri(self):
        server = self.metadata()
        self.assertIs(self.read(AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{server.url}/container"), self.temporary)

    def test_an_authorization_token(self):
        server = self.metadata("container-authorization-NeverShown")
        self.assertIs(self.read(AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{server.url}/container",
                                AWS_CONTAINER_AUTHORIZATION_TOKEN="container-authorization-NeverShown"), self.temporary)

    def test_an_authorization_token_in_a_file(self):
        server = self.metadata("container-authorization-NeverShown")
        token = self.write("token", "container-authorization-NeverShown")
        self.assertIs(self.read(AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{server.url}/container",
                                AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=token), self.temporary)

    def test_a_wrong_authorization_token(self):
        server = self.metadata("container-authorization-NeverShown")
        self.refused("container", "401", AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{server.url}/container")

    def test_a_plain_address_elsewhere_is_refused(self):
        for uri in ("http://credentials.example.org/container", "http://192.0.2.1/container"):
            self.refused("container", AWS_CONTAINER_CREDENTIALS_FULL_URI=uri)


class Instance(Credentials):
    def test_the_metadata_service(self):
        server = self.metadata()
        signer = self.read(AWS_EC2_METADATA_DISABLED=None, AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url)
        self.assertIs(signer, self.temporary)
        self.assertEqual(server.requests[0], ("PUT", "/latest/api/token"))

    def test_the_service_of_the_profile(self):
        server = self.metadata()
        self.write(".aws/config", f"[default]\nec2_metadata_service_endpoint = {server.url}\n")
        self.assertIs(self.read(AWS_EC2_METADATA_DISABLED=None), self.temporary)

    def test_a_token_that_the_service_has_forgotten(self):
        server = self.metadata()
        server.forget = 1
        signer = self.read(AWS_EC2_METADATA_DISABLED=None, AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url)
        self.assertIs(signer, self.temporary)
        self.assertEqual([method for method, _ in server.requests], ["PUT", "GET", "PUT", "GET", "GET"])

    def test_credentials_past_their_time_are_used(self):
        """Static stability, as in all SDKs: the service is late, and AWS takes them all the same."""
        server = self.metadata()
        server.expiration = "2020-01-01T00:00:00Z"
        for env in ({"AWS_EC2_METADATA_DISABLED": None, "AWS_EC2_METADATA_SERVICE_ENDPOINT": server.url},
                    {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{server.url}/container"}):
            with self.subTest(env=env):
                self.assertIs(self.read(**env), self.temporary)
                self.assert_says(self.runs[-1], "have expired and are used all the same")

    def test_the_metadata_service_turned_off(self):
        server = self.metadata()
        for value in ("true", "TRUE"):
            self.refused("AWS_EC2_METADATA_DISABLED", AWS_EC2_METADATA_DISABLED=value,
                         AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url)
        self.assertEqual(server.requests, [])


class Order(Credentials):
    def test_the_environment_comes_before_the_default_profile(self):
        self.write(".aws/credentials", self.static_profile("default"))
        caller = self.world.caller
        self.assertIs(self.read(AWS_ACCESS_KEY_ID=caller.access_key, AWS_SECRET_ACCESS_KEY=caller.secret), caller)

    def test_a_profile_comes_before_container_and_instance(self):
        server = self.metadata()
        self.write(".aws/credentials", self.static_profile("default"))
        signer = self.read(AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{server.url}/container", AWS_EC2_METADATA_DISABLED=None,
                           AWS_EC2_METADATA_SERVICE_ENDPOINT=server.url)
        self.assertIs(signer, self.made)
        self.assertEqual(server.requests, [])

    def test_the_container_comes_before_the_instance(self):
        container, instance = self.metadata(), self.metadata()
        self.read(AWS_CONTAINER_CREDENTIALS_FULL_URI=f"{container.url}/container", AWS_EC2_METADATA_DISABLED=None,
                  AWS_EC2_METADATA_SERVICE_ENDPOINT=instance.url)
        self.assertEqual((len(container.requests), instance.requests), (1, []))


if __name__ == "__main__":
    unittest.main()
