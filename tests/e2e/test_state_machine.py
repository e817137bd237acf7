# SPDX-License-Identifier: MIT
"""deploy/stepfunctions: the definition is validated and executed by programs that were written elsewhere."""

import json
import unittest

import state_machine
from cases import Case
from state_machine import FunctionError

NO_NODE = state_machine.install()


@unittest.skipIf(NO_NODE, NO_NODE or "")
class StateMachine(Case):
    """The definition in an interpreter that is not ours. The function is a stub with S3 in a dict."""

    BATCHES = 5
    PER_BATCH = 3

    def setUp(self):
        super().setUp()
        self.bucket = {}
        self.calls = []
        self.faults = {}
        self.machine = state_machine.definition()

    def accounts(self, batch):
        return [f"{batch:06d}{number:06d}" for number in range(self.PER_BATCH)]

    def invoke(self, event):
        self.calls.append(event)
        action = event["action"]
        number = event["batch"]["batch"] if action == "collect_batch" else 0
        faults = self.faults.get((action, number), [])
        fault = faults.pop(0) if faults else None
        if isinstance(fault, Exception):
            raise fault
        if fault:
            return {"statusCode": 500, "body": json.dumps({"message": fault})}
        return {"statusCode": 200, "body": json.dumps(getattr(self, action)(event))}

    def plan(self, event):
        items = [{"batch": n, "accounts_key": f"work/r1/{n}.accounts", "part_key": f"work/r1/{n}.part",
                  "result_key": f"work/r1/{n}.json"} for n in range(self.BATCHES)]
        self.bucket["work/r1/batches.json"] = items
        for item in items:
            self.bucket[item["accounts_key"]] = self.accounts(item["batch"])
        # as of the execution, so that a plan that is made again is the same
        self.assertRegex(event["run_id"], "^[0-9a-f]{32}$")
        self.assertRegex(event["started_at"], r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
        return {"run_id": "r1", "started_at": "2026-01-31T00:00:00Z", "organization_id": "o-minealoneid",
                "batches_bucket": "b", "batches_key": "work/r1/batches.json", "batch_count": self.BATCHES}

    def collect_batch(self, event):
        self.assertEqual(event["run"]["run_id"], "r1")
        item = event["batch"]
        accounts = self.bucket[item["accounts_key"]]
        self.bucket[item["result_key"]] = {"successful_accounts": accounts}
        return {"batch": item["batch"], "rows": len(accounts), "failed": 0}

    def combine(self, event):
        successful, failed = [], []
        for item in self.bucket[event["run"]["batches_key"]]:
            result = self.bucket.get(item["result_key"])
            accounts = self.bucket[item["accounts_key"]]
            (successful if result else failed).extend(accounts)
        return {"successful_accounts": successful, "failed_accounts": failed}

    def read(self, bucket, key):
        self.assertEqual(bucket, "b")
        return self.bucket.get(key, {})

    def execute(self, given=None):
        given = given or {"role_name": "census", "batch_size": self.PER_BATCH}
        return state_machine.execute(self.machine, given, self.invoke, self.read, self.home)

    def events(self, action):
        return [event for event in self.calls if event["action"] == action]

    def every_account(self):
        return {account for n in range(self.BATCHES) for account in self.accounts(n)}

    def test_valid(self):
        for partition in ("aws", "aws-cn", "aws-us-gov"):
            code, text = state_machine.validate(state_machine.definition(partition), self.home)
            self.assertEqual(code, 0, text)

    def test_a_mistake_is_found(self):
        self.machine["States"]["Plan"]["Next"] = "Nowhere"
        code, text = state_machine.validate(self.machine, self.home)
        self.assertNotEqual(code, 0, text)

    def test_all_batches(self):
        outcome = self.execute()
        self.assertEqual(set(outcome["result"]["successful_accounts"]), self.every_account())
        self.assertEqual(outcome["result"]["failed_accounts"], [])
        self.assertEqual([len(self.events(a)) for a in ("plan", "collect_batch", "combine")], [1, self.BATCHES, 1])
        combine, = self.events("combine")
        self.assertEqual(combine["batches"], [{"batch": n, "rows": self.PER_BATCH, "failed": 0} for n in range(self.BATCHES)])

    def test_settings_go_to_every_action(self):
        self.execute({"role_name": "census", "strategy": "bulk", "batch_size": 3, "max_concurrency": 2})
        for event in self.calls:
            self.assertEqual((event["role_name"], event["strategy"], event["max_concurrency"]), ("census", "bulk", 2))
        self.assertEqual(set(self.events("plan")[0]) - {"role_name", "strategy", "batch_size", "max_concurrency"},
                         {"action", "run_id", "started_at"})

    def test_concurrency_has_a_default(self):
        self.execute()
        self.assertEqual(self.calls[0]["max_concurrency"], 10)

    def test_retried_batches_are_whole(self):
        self.faults = {("collect_batch", 1): [FunctionError("Lambda.TooManyRequestsException")] * 4,
                       ("collect_batch", 3): [FunctionError("Sandbox.Timedout"), FunctionError("Runtime.ExitError")],
                       ("plan", 0): [FunctionError("Lambda.ServiceException")],
                       ("combine", 0): [FunctionError("Lambda.Unknown")]}
        outcome = self.execute()
        self.assertEqual(set(outcome["result"]["successful_accounts"]), self.every_account())
        self.assertEqual(len(self.events("collect_batch")), self.BATCHES + 6)
        first, second = self.events("plan")
        self.assertEqual(first, second)

    def test_a_lost_batch_is_no_silent_gap(self):
        self.faults = {("collect_batch", 1): [FunctionError("Sandbox.Timedout")] * 20,
                       ("collect_batch", 2): ["the output could not be written"],
                       ("collect_batch", 4): [FunctionError("Lambda.TooManyRequestsException")] * 20}
        outcome = self.execute()
        lost = set(self.accounts(1) + self.accounts(2) + self.accounts(4))
        self.assertEqual(set(outcome["result"]["failed_accounts"]), lost)
        self.assertEqual(set(outcome["result"]["successful_accounts"]), self.every_account() - lost)
        combine, = self.events("combine")
        self.assertEqual([(item["batch"], item.get("error")) for item in combine["batches"]],
                         [(0, None), (1, "Sandbox.Timedout"), (2, "BatchRefused"), (3, None),
                          (4, "Lambda.TooManyRequestsException")])

    def test_no_batch_at_all(self):
        """The list of batches can't be read: everything is failed, and still combined."""
        self.read = lambda bucket, key: {"message": "AccessDenied"}
        outcome = self.execute()
        self.assertEqual(set(outcome["result"]["failed_accounts"]), self.every_account())
        self.assertEqual(self.events("combine")[0]["batches"], [])

    def test_a_plan_that_fails_ends_it(self):
        self.faults = {("plan", 0): ["no role to assume"]}
        outcome = self.execute()
        self.assertEqual(outcome["name"], "PlanFailed")
        self.assertIn("no role to assume", outcome["cause"])
        self.assertEqual(len(self.calls), 1)

    def test_a_combine_that_fails_ends_it(self):
        self.faults = {("combine", 0): ["the output could not be written"]}
        outcome = self.execute()
        self.assertEqual(outcome["name"], "CombineFailed")
        self.assertNotIn("result", outcome)
        self.faults = {("combine", 0): [FunctionError("Sandbox.Timedout")] * 20}
        self.assertNotIn("result", self.execute())

    def test_an_answer_is_not_added_to_the_batches(self):
        """Together they might be more than the 256 KiB that a state hands on."""
        state = self.machine["States"]["Combine"]
        self.assertNotIn("ResultPath", state)
        self.assertEqual(list(state["ResultSelector"]), ["answer"])

    def test_the_map_is_distributed(self):
        state = self.machine["States"]["CollectBatches"]
        self.assertEqual(state["ItemProcessor"]["ProcessorConfig"], {"Mode": "DISTRIBUTED", "ExecutionType": "STANDARD"})
        self.assertEqual(state["ToleratedFailurePercentage"], 100)
        self.assertEqual(state["ItemReader"]["Parameters"], {"Bucket.$": "$.run.batches_bucket", "Key.$": "$.run.batches_key"})


if __name__ == "__main__":
    unittest.main()
