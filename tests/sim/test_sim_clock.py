# SPDX-License-Identifier: MIT
"""Times by AWS's clock: a machine whose own is off."""

import datetime
import json
import re
import unittest

import expected
import worlds
from cases import FILE_NAME
from test_sim_census import ANY_REPORT, BUCKET, SimCensus, rows_of

ID = "100000000001"
OFF = 7200  # more than a service accepts: requests are signed by its time
SLIGHTLY = 100  # more than a minute, and no service complains


class Clocks(SimCensus):
    def sim_ahead(self, seconds, **more):
        return self.simulator(world=worlds.plain(2, 3), scenario={"clock_skew_s": seconds, **more})

    def assert_follows(self, seconds, start):
        """start: what should be by a clock that is so far ahead."""
        ahead = (start - self.now()).total_seconds()
        self.assertTrue(seconds - 60 < ahead <= seconds + 2, (seconds, ahead))

    def warnings(self, run):
        return [line for line in run.err.splitlines() if "clock is off, times and ages" in line]

    def test_ages_and_times_of_rows(self):
        for seconds in (OFF, -OFF, SLIGHTLY, -SLIGHTLY):
            for arguments in ((), ("--accounts", f"{ID},100000000002")):  # with and without an answer before
                with self.subTest(seconds=seconds, arguments=arguments):
                    sim = self.sim_ahead(seconds)
                    document, data = self.census(sim, "--columns", "extended", *arguments)
                    self.assert_follows(seconds, self.start_of(document))
                    rows = rows_of(sim.dump, [ID, "100000000002"], named=not arguments)
                    self.assert_bytes(data, expected.csv_bytes(rows, self.start_of(document), "extended", seen=data))
                    warning, = self.warnings(self.runs[-1])
                    ahead = re.search(r"WARN.* aws_ahead_s=(-?\d+)", warning)
                    self.assertTrue(ahead and abs(int(ahead[1]) - seconds) < 10, warning)
                    self.assertLess(document["duration_ms"], 60000)

    def test_the_name_of_the_file(self):
        for arguments in ((), ("--accounts", ID, "--organization-id", "o-exampletest")):
            sim = self.sim_ahead(-OFF)
            run = self.run_on(sim, "--json", *arguments)
            name, _ = self.only_file()
            self.assertTrue(FILE_NAME.match(name), name)
            started = self.start_of(self.document(run))
            self.assert_follows(-OFF, started)
            self.assertIn(started.strftime("_combined_%Y-%m-%d_%H-%M-%S.csv"), name)
            (self.work / name).unlink()

    def test_the_name_of_the_object(self):
        sim = self.sim_ahead(OFF)
        document = self.document(self.run_on(sim, "--accounts", ID, "--organization-id", "o-exampletest", "--s3-bucket", BUCKET,
                                             "--json"))
        self.assertIn(self.start_of(document).strftime("_combined_%Y-%m-%d_%H-%M-%S.csv"), document["output"])
        self.assert_follows(OFF, self.start_of(document))

    def test_the_age_of_a_report(self):
        """By our clock it is an hour old, by AWS's three hours."""
        world = worlds.plain(1, 2)
        world["accounts"][0]["report_generated"] = (self.now() - datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
        sim = self.simulator("--report-ms", 1, world=world, scenario={"clock_skew_s": OFF})
        for most, used in (("120", False), ("200", True)):
            document, _ = self.census(sim, "--max-report-age", most, strategy="auto")
            self.assertEqual(document["oldest_report_at"] is not None, used, most)

    def test_less_than_a_minute_is_nothing(self):
        for seconds in (0, 40, -40):
            sim = self.sim_ahead(seconds)
            document, _ = self.census(sim, "--accounts", ID)
            self.assert_follows(0, self.start_of(document))
            self.assertEqual(self.warnings(self.runs[-1]), [])

    def test_who_is_asked_for_the_time(self):
        """No call if another answer has come already; otherwise GetCallerIdentity, once."""
        sim = self.sim_ahead(0)
        self.census(sim)
        self.assertEqual(sim.calls("sts:GetCallerIdentity"), 0)
        self.census(sim, "--accounts", ID)
        self.assertEqual(sim.calls("sts:GetCallerIdentity"), 1)
        self.run_on(sim, "--accounts", ID, "--dry-run")
        self.assertEqual(sim.calls("sts:GetCallerIdentity"), 1)

    def test_a_service_that_refuses_to_say(self):
        """It needs no permission; if it is denied all the same, the roles are still tried."""
        sim = self.simulator(world=worlds.plain(1, 2), scenario={"rules": [
            {"actions": ["GetCallerIdentity"], "fault": "access_denied"}]})
        document, data = self.census(sim, "--accounts", ID)
        self.assert_csv(sim, document, data, [ID], named=False)

    def test_a_network_that_fails(self):
        """STS can't be asked for anything: no role is tried."""
        sim = self.simulator(world=worlds.plain(1, 2), scenario={"rules": [
            {"actions": ["GetCallerIdentity"], "fault": "reset_before"}]})
        run = self.run_on(sim, "--accounts", ID, "--output", "out.csv", code=1)
        self.assert_says(run, "the first call to AWS failed (region '", "GetCallerIdentity")
        self.assertEqual(sim.calls("sts:AssumeRole"), 0)
        self.assert_nothing_left()

    def test_the_documents_of_a_lambda_function(self):
        sim = self.sim_ahead(SLIGHTLY)
        answer = self.invoke(sim, {"child_account_ids": [ID], "max_report_age": int(ANY_REPORT)})
        self.assert_follows(SLIGHTLY, self.start_of(answer))

    def invoke(self, sim, event):
        import census
        from simulator import CALLER_KEY, CALLER_SECRET, REGION, ROLE
        env = {"AWS_ENDPOINT_URL": sim.url, "AWS_REGION": REGION, "AWS_ACCESS_KEY_ID": CALLER_KEY,
               "AWS_SECRET_ACCESS_KEY": CALLER_SECRET, "AWS_LAMBDA_RUNTIME_API": f"127.0.0.1:{sim.port}"}
        bootstrap = self.home / "bootstrap"
        bootstrap.symlink_to(census.binary())
        event = {"s3_bucket_name": BUCKET, "role_name": ROLE, "strategy": "per-user", **event}
        with census.Started([], census.environment(self.home, **env), self.work, program=str(bootstrap)) as started:
            answer = json.loads(sim.control("invoke", "POST", json.dumps(event).encode()))
            started.terminate()
            self.runs.append(started.finish(30))
        self.assertEqual(answer["statusCode"], 200, answer)
        return json.loads(answer["body"])


if __name__ == "__main__":
    unittest.main()
