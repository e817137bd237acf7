# SPDX-License-Identifier: MIT
"""The tokens that containers, instances and web identities are asked with: where they may be seen, and where not."""

import json
import sys
import time
import unittest
import urllib.parse

import census
import faults
import process_memory
from metadata import INSTANCE_TOKEN, ROLE_PATH, MetadataServer
from test_credentials import SOURCE, A, Credentials

CONTAINER_TOKEN, WEB_TOKEN = "container-authorization-NeverShown", "web.identity.token-NeverShown"
TOKENS = (CONTAINER_TOKEN, WEB_TOKEN, INSTANCE_TOKEN)
LEVELS = ("error", "warn", "info", "debug")
FORMATS = ("text", "json")
TOLD_PART = 14  # characters of a token that are not to be seen either, if a message is cut
SHELLS_OWN = (b"PWD=", b"OLDPWD=", b"SHLVL=", b"_=")
# A child that keeps what it was given, and prints keys.
CHILD = """#!{python}
import pathlib
for name in ("environ", "cmdline"):
    (pathlib.Path({folder!r}) / name).write_bytes(pathlib.Path(f"/proc/self/{{name}}").read_bytes())
print({keys!r})
"""


class Repeating(MetadataServer):
    """Answers with the token that it was asked with, in one of several forms, whatever is asked below a path."""

    path, status, form = "/", 200, "{}"

    def answer(self, method, path, headers):
        token = headers.get("Authorization") or headers.get("X-aws-ec2-metadata-token")
        if token and path.startswith(self.path):
            return self.status, self.form.replace("{}", token).encode()
        return super().answer(method, path, headers)


def repeating_forms(credential):
    """A token as it is, and in each member of a document that is otherwise as it should be."""
    whole = {"Code": "Success", "Type": "AWS-HMAC", "LastUpdated": "2024-01-01T00:00:00Z", "AccessKeyId": credential.access_key,
             "SecretAccessKey": credential.secret, "Token": credential.token, "Expiration": "2099-01-01T00:00:00Z"}
    yield "{}"
    yield json.dumps({"code": "{}", "message": "not valid: {}"}, separators=(",", ":"))
    for name in ("Code", "AccessKeyId", "Expiration"):
        yield json.dumps({**whole, name: "{}"})


class Tokens(Credentials):
    def setUp(self):
        super().setUp()
        self.world.account(SOURCE)
        self.server.web_identity_token = WEB_TOKEN
        self.files = {token: self.write(f"token-{number}", token) for number, token in enumerate(TOKENS)}

    def sources(self, url):
        """(the token, the variables that make the program ask with it) of each way to give one."""
        container = {"AWS_CONTAINER_CREDENTIALS_FULL_URI": f"{url}/container"}
        yield CONTAINER_TOKEN, {**container, "AWS_CONTAINER_AUTHORIZATION_TOKEN": CONTAINER_TOKEN}
        yield CONTAINER_TOKEN, {**container, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": self.files[CONTAINER_TOKEN]}
        yield INSTANCE_TOKEN, {"AWS_EC2_METADATA_DISABLED": None, "AWS_EC2_METADATA_SERVICE_ENDPOINT": url}
        yield WEB_TOKEN, {"AWS_WEB_IDENTITY_TOKEN_FILE": self.files[WEB_TOKEN], "AWS_ROLE_ARN": f"arn:aws:iam::{SOURCE}:role/SourceRole"}

    def services(self, kind=MetadataServer):
        server = kind(self.temporary, CONTAINER_TOKEN).start()
        self.addCleanup(server.stop)
        return server

    def asked(self, server):
        """How many requests have come to the services that take tokens."""
        return len(server.requests) + self.server.count("AssumeRoleWithWebIdentity")

    def assert_kept(self, token, content):
        for form in (token[:TOLD_PART], urllib.parse.quote(token, safe="")):
            self.assertNotIn(form.encode(), content)

    def run_with(self, env, *arguments):
        return self.collect("--accounts", A, "--output", "out.csv", "--json", *arguments, env=env)

    def assert_run_keeps(self, token, run):
        self.assert_kept(token, run.out + run.err.encode() + b"".join(content for _, content in self.written()))


class Written(Tokens):
    def test_at_every_level(self):
        server = self.services()
        for token, env in self.sources(server.url):
            for level in LEVELS:
                for form in FORMATS:
                    with self.subTest(token=token, variables=sorted(env), level=level, form=form):
                        before = self.asked(server)
                        run = self.run_with(env, "--log-level", level, "--log-format", form, "--findings", "findings.jsonl")
                        self.assertIn(run.code, (0, 3), str(run))
                        self.assertGreater(self.asked(server), before)
                        self.assert_run_keeps(token, run)

    def test_services_that_repeat_them(self):
        server = self.services(Repeating)
        for token, env in self.sources(server.url):
            if token == WEB_TOKEN:
                continue
            for path in ("/container",) if token == CONTAINER_TOKEN else (ROLE_PATH, f"{ROLE_PATH}instance-role"):
                for status in (200, 403, 500):
                    for number, form in enumerate(repeating_forms(self.temporary)):
                        if status != 200 and number > 1:
                            continue
                        with self.subTest(path=path, status=status, form=form):
                            server.path, server.status, server.form = path, status, form
                            before = len(server.requests)
                            run = self.run_with(env, "--log-level", "debug", "--log-format", FORMATS[number % 2])
                            self.assertIn(run.code, (0, 1, 2), str(run))
                            self.assertGreater(len(server.requests), before)
                            self.assert_run_keeps(token, run)

    def test_sts_that_repeats_them(self):
        (token, env), = [each for each in self.sources("") if each[0] == WEB_TOKEN]
        for fault in (faults.echo(), faults.echo(code="AccessDenied"), faults.echo(cut=300), faults.echo(cut=310),
                      faults.error(400, "ValidationError", f"the value '{token}' is not valid"),
                      faults.error(400, "ValidationError", urllib.parse.quote(token, safe=""))):
            for form in FORMATS:
                self.server.faults = []
                self.server.fault(fault, action="AssumeRoleWithWebIdentity")
                before = self.server.count("AssumeRoleWithWebIdentity")
                run = self.run_with(env, "--log-level", "debug", "--log-format", form)
                self.assertIn(run.code, (1, 2), str(run))
                self.assertGreater(self.server.count("AssumeRoleWithWebIdentity"), before)
                self.assert_run_keeps(token, run)


class Children(Tokens):
    def given(self, path, keys, profile):
        """What a child saw that a profile makes the program start: (environment, arguments), and the environment of the program."""
        server = self.services()
        seen = self.home / "seen"
        seen.mkdir(exist_ok=True)
        self.write(path, CHILD.format(python=sys.executable, folder=str(seen), keys=keys), executable=True)
        self.write(".aws/config", profile)
        env = {"AWS_PROFILE": "made", "PATH": f"{self.home}/bin:/usr/bin:/bin"}
        for _, more in self.sources(server.url):
            env.update(more)
        self.assertIs(self.read(**env), self.temporary)
        self.assertEqual(self.asked(server), 0)
        ours = census.environment(self.home, **{**self.environment(), **env})
        return (seen / "environ").read_bytes(), (seen / "cmdline").read_bytes(), ours

    def assert_as_decided(self, environ, cmdline, ours):
        """The variables that the user has set, with the container's token if it is one of them; no token of a file."""
        theirs = dict(each.split(b"=", 1) for each in environ.rstrip(b"\0").split(b"\0") if not each.startswith(SHELLS_OWN))
        self.assertEqual(theirs, {name.encode(): value.encode() for name, value in ours.items()})
        self.assertEqual(theirs.pop(b"AWS_CONTAINER_AUTHORIZATION_TOKEN"), CONTAINER_TOKEN.encode())
        for token in TOKENS:
            self.assert_kept(token, b"\0".join(theirs.values()))
            self.assert_kept(token, cmdline)

    def keys(self):
        return json.dumps({"Version": 1, "AccessKeyId": self.temporary.access_key, "SecretAccessKey": self.temporary.secret,
                           "SessionToken": self.temporary.token, "Expiration": "2099-01-01T00:00:00Z"})

    def test_a_credential_process(self):
        """It goes before the services, which are not asked: of what they would give there is nothing."""
        self.assert_as_decided(*self.given("process", self.keys(), f"[profile made]\ncredential_process = {self.home}/process\n"))

    def test_the_aws_command(self):
        self.assert_as_decided(*self.given("bin/aws", self.keys(), "[profile made]\nsso_start_url = https://example.org/start\n"
                                           f"sso_region = eu-west-1\nsso_account_id = {SOURCE}\nsso_role_name = Admin\n"))


@unittest.skipIf("asan" in census.binary(), "a sanitizer keeps what is freed")
class Memory(Tokens):
    def test_once_they_have_been_used(self):
        """While the account is read: one that is in a variable is there, and nowhere else; no other is anywhere. Of the secret key
        that a service has given for it there is one copy."""
        server = self.services()
        for token, env in self.sources(server.url):
            with self.subTest(token=token, variables=sorted(env)):
                self.server.calls.clear()
                self.server.faults = []
                self.server.fault(faults.slow(60), action="ListUsers")
                variables = {**self.environment(), **process_memory.readable(self.home), **env}
                before = self.asked(server)
                with census.Started(["collect", "--accounts", A, "--output", "out.csv"], census.environment(self.home, **variables),
                                    self.work) as started:
                    self.wait_for_users()
                    self.assertGreater(self.asked(server), before)
                    memory = list(process_memory.mappings(started.process.pid))
                places = [name for name, content in memory for _ in range(content.count(token.encode()))]
                self.assertEqual(places, ["[stack]"] if token in env.values() else [])
                keys = sum(content.count(self.temporary.secret.encode()) for _, content in memory)
                self.assertEqual(keys, 0 if token == WEB_TOKEN else 1)

    def wait_for_users(self):
        deadline = time.monotonic() + 30
        while self.server.count("ListUsers") == 0:
            self.assertLess(time.monotonic(), deadline, "the census does not begin")
            time.sleep(0.01)


if __name__ == "__main__":
    unittest.main()
