# SPDX-License-Identifier: MIT
"""Every operation of the simulator through the AWS SDK for JavaScript v3: what it parses is the world."""

import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import unittest

import account_facts
import report_facts
import worlds
from simulator import CALLER_KEY, CALLER_SECRET, ROOT, Simulator

HERE = pathlib.Path(__file__).resolve().parent / "npm"
PLACE = ROOT / "build" / "npm-sim"
INSTALL = ["npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
INSTALL_SECONDS = 150
PACKAGES = json.loads((HERE / "package.json").read_text())["dependencies"]


def installed():
    for name, version in PACKAGES.items():
        path = PLACE / "node_modules" / name / "package.json"
        if not path.exists() or json.loads(path.read_text())["version"] != version:
            return False
    return True


def install():
    """Puts the SDK under build/npm-sim, or skips the tests with the reason."""
    if not shutil.which("node"):
        raise unittest.SkipTest("node is not installed")
    PLACE.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "read.mjs"):
        shutil.copyfile(HERE / name, PLACE / name)
    if installed():
        return
    if not shutil.which("npm"):
        raise unittest.SkipTest("npm is not installed")
    try:
        done = subprocess.run(INSTALL, cwd=PLACE, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    except subprocess.TimeoutExpired:
        raise unittest.SkipTest(f"npm install took more than {INSTALL_SECONDS} seconds") from None
    if done.returncode != 0 or not installed():
        raise unittest.SkipTest(f"the AWS SDK for JavaScript could not be installed: {done.stderr.strip()[-300:]}")


def read(sim, mode, accounts):
    command = ["node", "read.mjs", sim.url, CALLER_KEY, CALLER_SECRET, str(mode), *accounts]
    env = {"PATH": os.environ["PATH"], "HOME": str(sim.home), "AWS_EC2_METADATA_DISABLED": "true"}
    done = subprocess.run(command, cwd=PLACE, env=env, capture_output=True, timeout=90)
    if done.returncode != 0:
        raise AssertionError(f"read.mjs ended with {done.returncode}: {done.stderr.decode(errors='replace')[-2000:]}")
    return json.loads(done.stdout)


class JavaScript(unittest.TestCase):
    maxDiff = 4000

    @classmethod
    def setUpClass(cls):
        install()

    def assert_world(self, sim, page_size):
        accounts = [account for account in sim.active() if len(account["users"]) <= 60]
        seen = read(sim, page_size, [account["id"] for account in accounts])
        for account in accounts:
            with self.subTest(account=account["id"], page=page_size):
                self.assert_account(sim, account, seen["accounts"][account["id"]])
        self.assert_organization(sim, seen["organization"])
        self.assert_s3(seen["s3"])
        self.assertEqual(seen["identity"]["Account"], sim.dump["management_account_id"])

    def assert_account(self, sim, account, seen):
        account_facts.assert_same(self, seen["facts"], account_facts.wanted(account))
        report_facts.compare(self, account, seen["report"]["Content"])
        self.assertEqual(account_facts.plain(seen["report"]["GeneratedTime"]), account["report_generated"])
        self.assertEqual(seen["identity"]["Arn"], f"arn:aws:sts::{account['id']}:assumed-role/CensusRole/javascript")

    def assert_organization(self, sim, seen):
        self.assertEqual(seen["Organization"]["Id"], sim.dump["organization_id"])
        self.assertEqual([root["Id"] for root in seen["Roots"]], [sim.dump["root_id"]])
        summary = lambda accounts: [(each["Id"], each["Name"], each["Email"], each["State"]) for each in accounts]
        wanted = lambda accounts: [(each["id"], each["name"], each["email"], each["state"]) for each in accounts]
        self.assertEqual(summary(seen["Accounts"]), wanted(sim.dump["accounts"]))
        for each, account in zip(seen["Accounts"], sim.dump["accounts"]):
            # the milliseconds are the simulator's own
            self.assertEqual(each["JoinedTimestamp"][:19] + "Z", account["joined"])
        for parent, accounts in seen["Parents"].items():
            self.assertEqual(summary(accounts), wanted(each for each in sim.dump["accounts"] if each["parent"] == parent))
        units = {unit["Id"]: (unit["Name"], parent) for parent, units in seen["Units"].items() for unit in units}
        self.assertEqual(units, {unit["id"]: (unit["name"], unit["parent"]) for unit in sim.dump["organizational_units"]})

    def assert_s3(self, seen):
        self.assertTrue(seen["same"] and seen["whole"], seen)
        body = b"0123456789" * 1000
        self.assertEqual((seen["head"]["ContentLength"], seen["head"]["ContentType"], seen["head"]["ETag"]),
                         (len(body), "text/csv", f'"{hashlib.md5(body).hexdigest()}"'))
        self.assertTrue(seen["done"]["ETag"].endswith('-2"'))
        self.assertEqual([each["Key"] for each in seen["listed"]], ["a b/ü+.csv", "parts"])
        self.assertEqual([each["Key"] for each in seen["after"]], ["parts"])

    def test_a_computed_world(self):
        with Simulator("--accounts", 8, "--users", 10, "--seed", 11, "--report-ms", 30) as sim:
            self.assertGreater(sum(len(account["users"]) for account in sim.dump["accounts"]), 30)
            self.assert_world(sim, 1000)

    def test_a_file_world_with_pages_of_two(self):
        with Simulator("--report-ms", 30, world=worlds.organization()) as sim:
            self.assert_world(sim, 2)

    def test_refusals_as_the_sdk_tells_them_apart(self):
        with Simulator("--seed", 3, world=worlds.organization()) as sim:
            seen = read(sim, "refusals", [worlds.A])
        names = {name: (each["name"], each["status"]) for name, each in seen.items()}
        self.assertEqual(names, {
            "user": ("NoSuchEntityException", 404), "role": ("AccessDenied", 403), "object": ("NoSuchKey", 404),
            "signature": ("SignatureDoesNotMatch", 403), "organization": ("InvalidSignatureException", 400),
            "key": ("AccessDenied", 403), "external": ("ValidationError", 400), "swapped": ("IncompleteSignature", 400),
            "report": ("CredentialReportNotPresentException", 410), "upload": ("NoSuchUpload", 404)})
        self.assertEqual(seen["user"]["message"], "The user with name nobody-of-this-name cannot be found.")
        self.assertIn("is not authorized to perform: sts:AssumeRole", seen["role"]["message"])
        self.assertTrue(seen["key"]["message"].endswith("on resource: access key AKIANOSUCHKEY0000000"), seen["key"])
        self.assertIn("Value 'a b' at 'externalId' failed to satisfy constraint", seen["external"]["message"])
        self.assertIn("got 'SE/CRET/", seen["swapped"]["message"])
        # IAM sends nothing but the code
        self.assertEqual(seen["report"]["message"], "Unknown")

    def test_buckets_of_other_regions(self):
        """The SDK reads the region of a header, from a redirect and of a bucket in a region that must be opted in."""
        buckets = {"far": {"region": "eu-central-1"}, "optin": {"region": "ap-east-1", "wrong_region": "illegal_location"}}
        with Simulator(world=worlds.plain(1, 1), scenario={"buckets": buckets}) as sim:
            self.assertEqual(read(sim, "followed", list(buckets)), {"far": 5, "optin": 5})


if __name__ == "__main__":
    unittest.main()
