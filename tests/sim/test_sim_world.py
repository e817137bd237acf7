# SPDX-License-Identifier: MIT
"""The simulated world: computed from a seed and stored nowhere, spread as real ones are; Lambda events."""

import datetime
import json
import statistics
import subprocess
import time
import unittest

import census
import raw
import worlds
from cases import Case
from simulator import CALLER_KEY, CALLER_SECRET, REGION, ROLE, Simulator, binary

NOW = "2026-01-31T00:00:00Z"
# what a process may grow by for reasons that have nothing to do with the world's size
MEMORY_SLACK_KIB = 3 * 1024


def dump(*arguments, timeout=60):
    done = subprocess.run([binary(), "--now", NOW, *map(str, arguments), "--dump-world"], capture_output=True, timeout=timeout)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return done.stdout


def walk(sim, account_ids, pages):
    """Assumes a role in each account and reads some of it, by requests of our own: boto3 is slow."""
    for account_id in account_ids:
        answer = raw.query("sts", "AssumeRole", RoleArn=f"arn:aws:iam::{account_id}:role/{ROLE}", RoleSessionName="walk").send(sim.url)
        found = {name: answer.body.decode().partition(f"<{name}>")[2].partition("<")[0]
                 for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")}
        marker = {}
        for _ in range(pages):
            page = raw.query("iam", "ListUsers", MaxItems="200", **marker).by(found).send(sim.url)
            assert page.status == 200, page
            name = page.body.decode().partition("<UserName>")[2].partition("<")[0]
            for action in ("ListUserTags", "ListAccessKeys", "ListMFADevices"):
                raw.query("iam", action, UserName=name).by(found).send(sim.url)
            if b"<Marker>" not in page.body:
                break
            marker = {"Marker": page.body.decode().partition("<Marker>")[2].partition("<")[0]}


def sanitized():
    """Whether the simulator was built with a sanitizer, whose own memory grows with every call."""
    with open(binary(), "rb") as file:
        return b"__asan_init" in file.read()


@unittest.skipIf(sanitized(), "a sanitizer keeps what is freed")
class Memory(unittest.TestCase):
    def walked(self, accounts, users):
        """VmRSS before and after walking forty accounts, and how many users they hold in all."""
        with Simulator("--accounts", accounts, "--users-exact", users, "--all-active", "--seed", 4) as sim:
            before = sim.rss_kib()
            ids, token = [], None
            while len(ids) < 40:
                page = raw.organizations("ListAccounts", **({"NextToken": token} if token else {})).send(sim.url)
                document = json.loads(page.body)
                ids += [account["Id"] for account in document["Accounts"]]
                token = document.get("NextToken")
                if not token:
                    break
            walk(sim, (ids * 4)[:40], 2)
            return before, sim.rss_kib()

    def test_ten_million_users_cost_what_ten_accounts_cost(self):
        small_before, small = self.walked(10, 1000)
        large_before, large = self.walked(10000, 1000)
        self.assertLess(large_before - small_before, MEMORY_SLACK_KIB, (small_before, large_before))
        self.assertLess(large - small, MEMORY_SLACK_KIB, (small, large))
        self.assertLess(large, 40 * 1024)

    def test_calls_leave_nothing_behind(self):
        with Simulator("--accounts", 10, "--users-exact", 100, "--all-active") as sim:
            walk(sim, [account["id"] for account in sim.active()], 1)
            before = sim.rss_kib()
            for _ in range(20):
                walk(sim, [account["id"] for account in sim.active()], 1)
            self.assertLess(sim.rss_kib() - before, 1024)


class Seed(unittest.TestCase):
    def test_the_same_seed_is_the_same_world(self):
        self.assertEqual(dump("--accounts", 30, "--seed", 5), dump("--accounts", 30, "--seed", 5))
        self.assertNotEqual(dump("--accounts", 30, "--seed", 5), dump("--accounts", 30, "--seed", 6))

    def test_more_users_are_not_other_accounts(self):
        small = json.loads(dump("--accounts", 10, "--users-exact", 10, "--all-active", "--seed", 5))["accounts"]
        large = json.loads(dump("--accounts", 10, "--users-exact", 12, "--all-active", "--seed", 5))["accounts"]
        self.assertEqual([account["id"] for account in small], [account["id"] for account in large])

    def test_a_dump_is_a_world_file_of_the_same_world(self):
        first = dump("--accounts", 20, "--users", 10, "--seed", 5)
        with Simulator(world=json.loads(first)) as sim:
            again = json.loads(subprocess.run([binary(), "--now", NOW, "--world", sim.home / "world.json", "--dump-world"],
                                              capture_output=True, check=True).stdout)
        self.assertEqual(again, json.loads(first))

    def test_a_dump_says_what_the_file_says(self):
        given = worlds.organization()
        with Simulator(world=given) as sim:
            seen = {account["id"]: account for account in sim.dump["accounts"]}
        for account in given["accounts"]:
            self.assert_holds(seen[account["id"]], {key: value for key, value in account.items() if key != "users"})
            users = {user["name"]: user for user in seen[account["id"]]["users"]}
            self.assertEqual(len(users), len(account["users"]))
            for user in account["users"]:
                self.assert_holds(users[user["name"]], user)

    def assert_holds(self, seen, given):
        """All that is given is seen; what is given in short is seen in full."""
        for name, value in given.items():
            if name == "mfa":
                value = [each if isinstance(each, dict) else {"serial": each} for each in value]
            if isinstance(value, dict):
                self.assert_holds(seen[name], value)
            elif isinstance(value, list) and value and isinstance(value[0], dict):
                self.assertEqual(len(seen[name]), len(value))
                for one, other in zip(seen[name], value):
                    self.assert_holds(one, other)
            else:
                self.assertEqual(seen[name], value, name)

    def test_users_without_an_id_get_one_of_their_own(self):
        with Simulator(world=worlds.organization()) as sim:
            ids = [user["id"] for account in sim.dump["accounts"] for user in account["users"]]
        self.assertEqual(len(set(ids)), len(ids))
        for each in ids:
            self.assertRegex(each, r"^AIDA[A-Z0-9]{16,}$")

    def test_files_that_are_wrong_are_refused(self):
        good = worlds.organization()
        for spoil, word in ((lambda w: w.update(accoounts=[]), "accoounts"), (lambda w: w.update(accounts=[]), "accounts"),
                            (lambda w: w["accounts"][0].update(id="12"), "id"),
                            (lambda w: w["accounts"][1]["users"][0].update(created="yesterday"), "created"),
                            (lambda w: w["accounts"][1]["users"][1]["keys"][0].update(status="active"), "status"),
                            (lambda w: w["accounts"].append(w["accounts"][0]), "twice"),
                            (lambda w: w.update(management_account_id="000000000000"), "management_account_id")):
            world = json.loads(json.dumps(good))
            spoil(world)
            with self.assertRaises(AssertionError) as caught:
                Simulator(world=world).start()
            self.assertIn(word, str(caught.exception))

    def test_scenarios_that_are_wrong_are_refused(self):
        for rule, word in (({"fault": "thrrottle"}, "thrrottle"), ({"actions": ["iam:NoSuch"]}, "NoSuch"),
                           ({"probability": 2}, "range"), ({"scope": "world"}, "world"), ({"colour": "red"}, "colour"),
                           ({"accounts": ["12"]}, "12"), ({"fault": "error"}, "code"), ({"for_ms": -1}, "range"),
                           ({"from_ms": 2, "until_ms": 1}, "until_ms"), ({"form": "yaml"}, "yaml"),
                           ({"fault": "rewrite"}, "replace"), ({"fault": "rewrite", "set": 5}, "object"),
                           ({"fault": "rewrite", "replace": {"a": 1}}, "texts")):
            with self.assertRaises(AssertionError) as caught:
                Simulator("--accounts", 1, scenario={"rules": [rule]}).start()
            self.assertIn(word, str(caught.exception))
        for scenario, word in (({"buckets": {"b": {"region": "eu-west-1", "wrong_region": 302}}}, "wrong_region"),
                               ({"report_forms": "newer"}, "newer"), ({"account_fields": "Staat"}, "Staat")):
            with self.assertRaises(AssertionError) as caught:
                Simulator("--accounts", 1, scenario=scenario).start()
            self.assertIn(word, str(caught.exception))
        for change, word in (({"change": "delete"}, "delete_user"), ({"change": "delete_user"}, "after"),
                             ({"change": "delete_user", "after": "ListUsers", "when": 1}, "when")):
            with self.assertRaises(AssertionError) as caught:
                Simulator("--accounts", 1, scenario={"changes": [change]}).start()
            self.assertIn(word, str(caught.exception))


class Spread(unittest.TestCase):
    """Most accounts small, a few large; users of every kind."""

    @classmethod
    def setUpClass(cls):
        cls.world = json.loads(dump("--accounts", 400, "--users", 25, "--seed", 1))
        cls.accounts = cls.world["accounts"]
        cls.users = [user for account in cls.accounts for user in account["users"]]
        cls.now = datetime.datetime.fromisoformat(NOW)

    def share(self, test, items=None):
        items = self.users if items is None else items
        return sum(map(bool, map(test, items))) / len(items)

    def test_sizes(self):
        sizes = sorted(len(account["users"]) for account in self.accounts)
        self.assertTrue(0.5 * 25 < statistics.mean(sizes) < 2 * 25, statistics.mean(sizes))
        self.assertLess(statistics.median(sizes), 20)
        self.assertGreater(sizes[-1], 10 * statistics.mean(sizes))
        self.assertGreater(sizes.count(0), 0)

    def test_thousands_in_one_account(self):
        world = json.loads(dump("--accounts", 100, "--users", 200, "--seed", 2))
        self.assertGreater(max(len(account["users"]) for account in world["accounts"]), 1000)

    def test_states_and_aliases(self):
        states = {account["state"] for account in self.accounts}
        self.assertLessEqual({"ACTIVE", "SUSPENDED"}, states)
        self.assertTrue(0.9 < self.share(lambda account: account["state"] == "ACTIVE", self.accounts) < 1)
        self.assertTrue(0.02 < self.share(lambda account: account["alias"] is None, self.accounts) < 0.5)
        ids = [account["id"] for account in self.accounts]
        self.assertEqual(ids, sorted(set(ids)))

    def test_units(self):
        units = {unit["id"]: unit["parent"] for unit in self.world["organizational_units"]}
        self.assertGreater(len(units), 5)
        self.assertTrue(any(parent in units for parent in units.values()), "no unit within a unit")
        parents = {account["parent"] for account in self.accounts}
        self.assertTrue(parents <= {*units, self.world["root_id"]} and len(parents) > 5)

    def test_facts(self):
        for low, high, test in (
                (0.3, 0.8, lambda user: user["keys"]), (0.02, 0.4, lambda user: len(user["keys"]) == 2),
                (0.02, 0.5, lambda user: any(key["status"] == "Inactive" for key in user["keys"])),
                (0.2, 0.9, lambda user: user["password"]), (0.1, 0.9, lambda user: user["mfa"]),
                (0.1, 0.95, lambda user: user["tags"]), (0.1, 0.98, lambda user: user["groups"]),
                (0.001, 0.2, lambda user: user["certificates"]), (0.001, 0.3, lambda user: user["permissions_boundary"]),
                (0.0005, 0.1, lambda user: user["created_after_report"]),
                (0.0005, 0.1, lambda user: user["deleted_after_report"]),
                (0.001, 0.3, lambda user: not user["password"] and user["password_last_used"])):
            self.assertTrue(low < self.share(test) < high, (low, high, self.share(test), test.__code__.co_firstlineno))

    def test_dates_are_possible(self):
        for user in self.users:
            for date in [user["created"], *(key["created"] for key in user["keys"]),
                         *(key["last_used"] for key in user["keys"] if key["last_used"]),
                         *([user["password"]["created"], user["password"]["last_changed"]] if user["password"] else [])]:
                self.assertTrue(user["created"] <= date <= NOW, (user, date))
            for key in user["keys"]:
                self.assertTrue(not key["last_used"] or key["created"] <= key["last_used"], key)
        years = {int(user["created"][:4]) for user in self.users}
        self.assertGreater(len(years), 4)

    def test_ids_are_those_of_iam_and_unique(self):
        ids = [user["id"] for user in self.users] + [key["id"] for user in self.users for key in user["keys"]]
        self.assertEqual(len(ids), len(set(ids)))
        for user in self.users:
            self.assertRegex(user["id"], r"^AIDA[A-Z2-7]{17}$")
            for key in user["keys"]:
                self.assertRegex(key["id"], r"^AKIA[A-Z2-7]{16}$")

    def test_names_are_unique_in_an_account_and_some_are_awkward(self):
        for account in self.accounts:
            names = [user["name"] for user in account["users"]]
            self.assertEqual(len(names), len(set(names)))
            for name in names:
                self.assertRegex(name, r"^[\w+=,.@-]{1,64}$")


class Lambda(Case):
    """The program as a function whose events come from files, or over the control path."""

    def bootstrap(self, sim):
        env = {"AWS_ENDPOINT_URL": sim.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": CALLER_KEY,
               "AWS_SECRET_ACCESS_KEY": CALLER_SECRET, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{sim.port}"}
        program = self.home / "bootstrap"
        if not program.exists():
            program.symlink_to(census.binary())
        return census.Started([], census.environment(self.home, **env), self.work, program=str(program))

    def test_events_from_files(self):
        world = worlds.plain(2, 2)
        events = [{"role_name": ROLE, "s3_bucket_name": "bucket", "strategy": "per-user"}, {"role_name": ROLE}]
        paths = []
        for number, event in enumerate(events):
            paths.append(self.home / f"event{number}.json")
            paths[-1].write_text(json.dumps(event))
        (self.home / "world.json").write_text(json.dumps(world))
        port_file = self.home / "port"
        arguments = ["--world", self.home / "world.json", "--port-file", port_file, "--event", paths[0], "--event", paths[1]]
        with census.Started(arguments, {"PATH": "/usr/bin:/bin"}, self.work, program=binary()) as simulator:
            sim = Simulator()
            for _ in range(1000):
                if port_file.exists():
                    break
                time.sleep(0.01)
            sim.port = int(port_file.read_text())
            sim.url = f"http://127.0.0.1:{sim.port}"
            with self.bootstrap(sim) as function:
                ended = simulator.finish(30)
                function.terminate()
                self.runs.append(function.finish(20))
            sim.stop()
        self.assert_code(ended, 0)
        first, second = map(json.loads, ended.out.decode().splitlines())
        self.assertEqual((first["statusCode"], json.loads(first["body"])["rows"]), (200, 4))
        self.assertEqual(second["statusCode"], 500)
        self.assertIn("bucket", json.loads(second["body"])["message"])

    def test_events_over_the_control_path(self):
        with Simulator(world=worlds.plain(3, 4)) as sim, self.bootstrap(sim) as function:
            for _ in range(3):
                event = {"role_name": ROLE, "s3_bucket_name": "bucket", "strategy": "per-user"}
                answer = json.loads(sim.control("invoke", "POST", json.dumps(event).encode()))
                self.assertEqual((answer["statusCode"], json.loads(answer["body"])["rows"]), (200, 12))
            function.terminate()
            self.runs.append(function.finish(20))

    def test_a_deadline(self):
        """The function ends itself before its time is over."""
        rule = {"actions": ["ListUserTags"], "latency_ms": 30000, "accounts": ["100000000002"]}
        with Simulator("--deadline-ms", 8000, world=worlds.plain(3, 4), scenario={"rules": [rule]}) as sim, \
                self.bootstrap(sim) as function:
            event = {"role_name": ROLE, "s3_bucket_name": "bucket", "strategy": "per-user"}
            answer = json.loads(sim.control("invoke", "POST", json.dumps(event).encode()))
            self.assertEqual(answer["statusCode"], 200, answer)
            document = json.loads(answer["body"])
            self.assertEqual([(each["account_id"], each["stage"]) for each in document["failed_accounts"]],
                             [("100000000002", "Deadline")])
            self.assertEqual((document["rows"], document["successful_accounts"]), (8, ["100000000001", "100000000003"]))
            function.terminate()
            self.runs.append(function.finish(20))

    def test_the_runtime_api_s_own_errors(self):
        with Simulator("--accounts", 1) as sim:
            request = raw.Request("s3", "POST", "/2018-06-01/runtime/invocation/none/response", body=b"{}").sign()
            self.assertEqual(request.send(sim.url).status, 400)
            request = raw.Request("s3", "GET", "/2018-06-01/runtime/other").sign()
            self.assertEqual(request.send(sim.url).status, 404)


if __name__ == "__main__":
    unittest.main()
