# SPDX-License-Identifier: MIT
"""TLS is verified always, plain HTTP is for loopback alone, and proxies are used as configured."""

import itertools
import pathlib
import shutil
import ssl
import tempfile
import unittest
import warnings

import certificates
from cases import REGION, ScriptedCase
from proxy import Proxy
from scripted import ScriptedAws

A = "222222222222"
BUCKET = "census-bucket"
HOST = "census.test"


def context_of(pair):
    """A context that serves with a key and a certificate."""
    key, certificate = pair
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context


class Tls(ScriptedCase):
    @classmethod
    def setUpClass(cls):
        if not certificates.can_be_made():
            raise unittest.SkipTest("there is no openssl command to make certificates with")
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="iam-census-tls-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        pair = certificates.authority(cls.folder, "authority")
        cls.pair, cls.bundle = pair, pair[1]
        cls.other_bundle = certificates.authority(cls.folder, "another")[1]
        cls.right = context_of(certificates.server(cls.folder, "right", pair, f"{certificates.LOOPBACK},DNS:{HOST}"))
        cls.misnamed = context_of(certificates.server(cls.folder, "misnamed", pair, "DNS:elsewhere.test,IP:192.0.2.1"))

    def serve(self, context):
        server = ScriptedAws(self.world, REGION, context)
        server.start()
        self.addCleanup(server.stop)
        return server

    def setUp(self):
        super().setUp()
        self.world.account(A).user("ann")
        self.world.bucket(BUCKET)
        self.tls = self.serve(self.right)

    def tearDown(self):
        super().tearDown()
        self.assertEqual(self.tls.violations, [])

    def read(self, *arguments, **env):
        arguments = arguments or ("--output", "out.csv")
        env.setdefault("AWS_ENDPOINT_URL", self.tls.url)
        return self.collect("--accounts", A, *arguments, env=env, timeout=120)

    def assert_refused(self, run, server):
        self.assert_code(run, 1)
        self.assert_says(run, "certificate")
        self.assertEqual(server.calls, [])
        self.assert_nothing_left()

    def test_a_bundle_that_is_given(self):
        run = self.read(AWS_CA_BUNDLE=self.bundle)
        self.assert_code(run, 0)
        self.assertEqual(self.tls.count("ListUsers"), 1)
        run = self.read("--s3-bucket", BUCKET, "--organization-id", "o-exampletest", AWS_CA_BUNDLE=self.bundle)
        self.assert_code(run, 0)
        # the output, and the result document beside it
        self.assertEqual(len(self.world.buckets[BUCKET].objects), 2)

    def test_no_keys_are_written_down(self):
        """Neither by the TLS library (SSLKEYLOGFILE) nor by a program that gives the credentials."""
        keys, seen, config = self.home / "tls-keys", self.home / "seen", self.home / "config"
        caller = self.world.caller
        script = self.home / "credentials.sh"
        script.write_text(f"""echo "${{SSLKEYLOGFILE:-none}}" >{seen}
            echo '{{"Version": 1, "AccessKeyId": "{caller.access_key}", "SecretAccessKey": "{caller.secret}"}}'""")
        config.write_text(f"[profile p]\ncredential_process = sh {script}\n")
        run = self.read(AWS_CA_BUNDLE=self.bundle, SSLKEYLOGFILE=keys, AWS_CONFIG_FILE=config, AWS_PROFILE="p",
                        AWS_ACCESS_KEY_ID="", AWS_SECRET_ACCESS_KEY="")
        self.assert_code(run, 0)
        self.assertEqual(self.tls.count("ListUsers"), 1)
        self.assertFalse(keys.exists())
        self.assertEqual(seen.read_text(), "none\n")

    def test_an_authority_nobody_knows(self):
        self.assert_refused(self.read(), self.tls)

    def test_a_bundle_of_another_authority(self):
        self.assert_refused(self.read(AWS_CA_BUNDLE=self.other_bundle), self.tls)

    def test_a_certificate_for_another_name(self):
        server = self.serve(self.misnamed)
        self.assert_refused(self.read(AWS_CA_BUNDLE=self.bundle, AWS_ENDPOINT_URL=server.url), server)

    def test_a_bundle_that_is_missing(self):
        run = self.read(AWS_CA_BUNDLE=self.folder / "no-such-bundle.pem")
        self.assertIn(run.code, (1, 2), str(run))
        self.assert_says(run, "no-such-bundle.pem")
        self.assertEqual(self.tls.calls, [])

    def test_a_server_that_speaks_no_tls(self):
        run = self.read(AWS_CA_BUNDLE=self.bundle, AWS_ENDPOINT_URL=self.server.url.replace("http:", "https:"))
        self.assert_code(run, 1)
        self.assertEqual(self.server.calls, [])

    def test_an_old_protocol(self):
        """TLS 1.1 is refused even if the machine's configuration of OpenSSL allows it."""
        relaxed = self.home / "openssl.cnf"
        relaxed.write_text("openssl_conf = all\n[all]\nssl_conf = ssl\n[ssl]\nsystem_default = relaxed\n"
                           "[relaxed]\nMinProtocol = TLSv1\nCipherString = ALL:@SECLEVEL=0\n")
        for newest, code in ((ssl.TLSVersion.TLSv1_1, 1), (ssl.TLSVersion.TLSv1_2, 0)):
            with self.subTest(newest=newest):
                context = context_of(certificates.server(self.folder, "old", self.pair))
                context.set_ciphers("ALL:@SECLEVEL=0")
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore", DeprecationWarning)
                    context.minimum_version = ssl.TLSVersion.TLSv1
                    context.maximum_version = newest
                server = self.serve(context)
                run = self.read(AWS_CA_BUNDLE=self.bundle, AWS_ENDPOINT_URL=server.url, OPENSSL_CONF=relaxed)
                self.assert_code(run, code)
                self.assertEqual(bool(server.calls), code == 0)

    def test_plain_http_is_for_loopback_alone(self):
        for url in ("http://aws.example.com", "http://192.0.2.1:8080/", "http://localhost.example.com",
                    "http://127.0.0.1.example.com", "http://127.0.0.1@aws.example.com/", "http://[2001:db8::1]/"):
            # what comes before an '@' may be a password, and is not repeated
            words = ["endpoint"] if "@" in url else ["endpoint", url]
            for variable in ("AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM"):
                with self.subTest(url=url, variable=variable):
                    run = self.collect("--accounts", A, "--output", "out.csv", env={variable: url})
                    self.assert_configuration_error(run, *words)
        self.assertEqual(self.server.calls, [])

    def test_plain_http_to_localhost(self):
        run = self.read(AWS_ENDPOINT_URL=f"http://localhost:{self.server.port}")
        self.assert_code(run, 0)
        self.assertEqual(self.server.count("ListUsers"), 1)

    def test_endpoints_of_one_service(self):
        """The endpoint of a service comes before that of all."""
        run = self.read(AWS_CA_BUNDLE=self.bundle, AWS_ENDPOINT_URL_IAM=self.server.url)
        self.assert_code(run, 0)
        self.assertEqual((self.server.count("ListUsers"), self.server.count("AssumeRole")), (1, 0))
        self.assertEqual((self.tls.count("ListUsers"), self.tls.count("AssumeRole")), (0, 1))

    def test_a_proxy(self):
        proxy = Proxy(self.tls.port).start()
        self.addCleanup(proxy.stop)
        run = self.read(AWS_CA_BUNDLE=self.bundle, AWS_ENDPOINT_URL=f"https://{HOST}:4443", HTTPS_PROXY=proxy.url)
        self.assert_code(run, 0)
        self.assertEqual(set(proxy.asked), {f"CONNECT {HOST}:4443"})
        self.assertEqual(self.tls.count("ListUsers"), 1)

    def refused_by_proxy(self, status, *arguments, accounts=20):
        """A run of many accounts, through a proxy that lets nothing through: (run, what the proxy was asked)."""
        ids = ",".join(f"{number:012d}" for number in range(accounts))
        proxy = Proxy(self.tls.port, itertools.repeat(status)).start()
        self.addCleanup(proxy.stop)
        self.secrets.add("hush-hush")
        address = proxy.url.replace("http://", "http://user:hush-hush@")
        run = self.collect(*(arguments or ("--accounts", ids)), "--output", "out.csv", timeout=60,
                           env={"AWS_CA_BUNDLE": self.bundle, "AWS_ENDPOINT_URL": f"https://{HOST}:4443",
                                "HTTPS_PROXY": address})
        self.assert_code(run, 1)
        self.assert_says(run, f"the proxy '{proxy.url[7:]}' (HTTPS_PROXY) refuses", f"'{HOST}:4443'", f"status {status}")
        self.assert_nothing_left()
        self.assertEqual(self.tls.calls, [])
        return run, proxy.asked

    def test_a_proxy_that_refuses(self):
        """One request is made: the proxy would refuse all others alike."""
        run, asked = self.refused_by_proxy(407)
        self.assert_says(run, "user and a password")
        self.assertEqual(len(asked), 1)
        run, asked = self.refused_by_proxy(403)
        self.assertEqual(len(asked), 1)
        run, asked = self.refused_by_proxy(407, "--organization-id", "o-exampletest")
        self.assertEqual(len(asked), 1)

    def test_a_proxy_in_trouble(self):
        """What may pass is tried again."""
        run, asked = self.refused_by_proxy(502, accounts=1)  # GetCallerIdentity, and then no role is tried
        self.assertEqual(len(asked), 6)
        proxy = Proxy(self.tls.port, [503, 502]).start()
        self.addCleanup(proxy.stop)
        run = self.read(AWS_CA_BUNDLE=self.bundle, AWS_ENDPOINT_URL=f"https://{HOST}:4443", HTTPS_PROXY=proxy.url)
        self.assert_code(run, 0)

    def test_no_proxy(self):
        proxy = Proxy(self.tls.port).start()
        self.addCleanup(proxy.stop)
        run = self.read(AWS_CA_BUNDLE=self.bundle, HTTPS_PROXY=proxy.url, NO_PROXY="example.org,127.0.0.1")
        self.assert_code(run, 0)
        self.assertEqual(proxy.asked, [])


if __name__ == "__main__":
    unittest.main()
