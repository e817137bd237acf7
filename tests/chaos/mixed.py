#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Runs the program against simulators that misbehave in every way at once, each run drawn from one seed, and judges it.

Usage: mixed.py [RUNS] [SEED] [--jobs N] [--keep]

Run number i has the seed SEED+i; 'mixed.py 1 SEED' repeats one. What must hold, whatever goes wrong: every cell is what the
simulator's world has or is told to be unknown; every account is accounted for once; calls, throttles and retries are those
that the simulator counted; no upload and no part of a file is left; the status is the contract's; and the time is within what
the retry rules allow (plan.py, bound_s). The last line is 'N passed, N failed'.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import shutil
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path += [str(ROOT / "tests/e2e"), str(ROOT / "tests/sim")]
import census  # noqa: E402
import certificates  # noqa: E402
import expected  # noqa: E402
import simulator  # noqa: E402
from cells import Oracle, objects_of  # noqa: E402
from lambda_function import Function  # noqa: E402
from plan import AT_ONCE, BUCKET, OF_TIME, PASSING, Plan, is_throttle, outcomes  # noqa: E402
from state_machine import FunctionError  # noqa: E402
from wire import NAMES, SPOKEN, Certificate, Wire  # noqa: E402

SECONDS = 300  # after which a run hangs
ATTEMPTS = 6


Result = collections.namedtuple("Result", "seed wrong outcomes seconds kind code way cuts")


class Done:
    """What a run left. document: its result, or None; data: the output; findings: its lines."""

    def __init__(self):
        self.code = self.document = self.data = self.counters = None
        self.err, self.seconds, self.findings, self.strays, self.uploads, self.cuts = "", 0.0, None, [], [], 0


def environment(home, sim, **more):
    return census.environment(home, AWS_ENDPOINT_URL=getattr(sim, "outside", sim.url),
                              AWS_CA_BUNDLE=getattr(sim, "trusted", None), AWS_REGION=simulator.REGION, AWS_ACCESS_KEY_ID=simulator.CALLER_KEY,
                              AWS_SECRET_ACCESS_KEY=simulator.CALLER_SECRET, ROLE_NAME=simulator.ROLE, **more)


def arguments(plan, dump):
    made = ["collect", "--json", "--strategy", plan.strategy, "--format", plan.format, "--max-connections", plan.connections,
            "--read-timeout", plan.read_timeout]
    if plan.format == "csv":
        made += ["--columns", plan.columns]
    if plan.by_list:
        made += ["--accounts", ",".join(each["id"] for each in dump["accounts"] if each["state"] == "ACTIVE"),
                 "--organization-id", "o-chaosandnoise"]
    if plan.findings:
        made += ["--findings", "findings.jsonl", "--findings-format", "jsonl"]
    return made + (["--s3-bucket", BUCKET] if plan.destination.startswith("s3") else ["--output", f"out.{plan.format}"])


def settled(sim):
    """The counters, once nothing is under way."""
    for _ in range(100):
        counters = sim.counters()
        if counters["in_flight"] == 0:
            return counters
        time.sleep(0.02)
    return counters


class Stored:
    """What lies in the bucket; the scenario's faults meet these reads too."""

    def __init__(self, sim):
        self.s3 = sim.client("s3", retries={"max_attempts": 10, "mode": "standard"})

    def keys(self):
        return [each["Key"] for each in self.s3.list_objects_v2(Bucket=BUCKET).get("Contents", [])]

    def uploads(self):
        return self.s3.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])

    def get(self, key):
        return self.s3.get_object(Bucket=BUCKET, Key=key)["Body"].read()


def run_plain(plan, sim, home):
    done, work = Done(), home / "work"
    work.mkdir()
    run = census.run(arguments(plan, sim.dump), environment(home, sim, TMPDIR=str(home / "tmp")), work, timeout=SECONDS)
    done.code, done.err, done.seconds, done.counters = run.code, run.err, run.seconds, settled(sim)
    done.document = json.loads(run.out) if run.out.strip() else None
    done.strays = [path.name for path in work.iterdir() if path.name not in (f"out.{plan.format}", "findings.jsonl")]
    done.strays += [path.name for path in (home / "tmp").iterdir()]
    if (work / "findings.jsonl").exists():
        done.findings = [json.loads(line) for line in (work / "findings.jsonl").read_text().splitlines()]
    if plan.destination.startswith("s3"):
        fetch(done, Stored(sim), home)
    elif (work / f"out.{plan.format}").exists():
        done.data = work / f"out.{plan.format}"
    return done


def fetch(done, stored, home):
    keys, named = stored.keys(), (done.document or {}).get("output")
    done.uploads = [each["Key"] for each in stored.uploads()]
    key = named and named.removeprefix(f"s3://{BUCKET}/")
    if key in keys:
        done.data = home / "object"
        done.data.write_bytes(stored.get(key))
    beside = f"{key.rsplit('.', 1)[0]}.result.json" if key else None
    done.strays += [each for each in keys if each not in (key, beside) and not each.endswith("/result.json")]


def run_fanout(plan, sim, home):
    """Plan, batches, combine, each tried again as the state machine does."""
    done, work, began = Done(), home / "work", time.monotonic()
    work.mkdir()
    function = Function(environment(home, sim, S3_BUCKET_NAME=BUCKET, AWS_LAMBDA_FUNCTION_NAME="census", LOG_LEVEL="warn"), work)
    given = {"strategy": plan.strategy, "format": plan.format, "max_connections": plan.connections}
    if plan.format == "csv":
        given["columns"] = plan.columns

    def step(event):
        for attempt in range(3):
            try:
                answer = function.invoke({**given, **event}, seconds=200)
                return answer["statusCode"], json.loads(answer["body"])
            except FunctionError as e:
                error = e
        return 500, {"message": str(error), "kind": error.kind}

    try:
        status, run = step({"action": "plan", "run_id": f"{plan.seed:032x}", "batch_size": plan.dice.randint(1, 4)})
        if status == 200:
            stored = Stored(sim)
            for batch in json.loads(stored.get(run["batches_key"])):
                step({"action": "collect_batch", "run": run, "batch": batch})
            status, done.document = step({"action": "combine", "run": run})
        done.seconds, done.counters = time.monotonic() - began, settled(sim)
        if status != 200:
            done.code, done.err, done.document = 1, json.dumps(done.document or run), None
        else:
            done.code = 3 if done.document["partial_accounts"] or done.document["failed_accounts"] else 0
            fetch(done, stored, home)
    finally:
        function.end()
    if function.bad_ends() or function.strange:
        raise AssertionError(f"the function: {function.strange} {[str(run) for run in function.bad_ends()]}")
    return done


def judge(plan, dump, done):
    """Sentences about what does not hold."""
    wrong = []
    say = lambda holds, words: None if holds else wrong.append(words)
    say(done.code in (0, 1, 3), f"status {done.code}")
    say(not done.strays, f"left behind: {done.strays}")
    # Nobody can end an upload whose id was lost with the answer that told it: the bucket's rule for incomplete uploads does.
    lost = sum(count for action, name, count in outcomes(done.counters) if (action, name) == ("s3:CreateMultipartUpload", "fault:reset_after"))
    say(len(done.uploads) <= lost + done.cuts, f"uploads left: {done.uploads}, and {lost} begun whose id was lost")
    bound = plan.bound_s(done.counters, done.cuts)
    say(done.seconds <= bound, f"{done.seconds:.1f} s, more than {bound:.1f} s")
    say(done.counters["bad_signatures"] == 0 or plan.skewed, "bad signatures")
    if done.code == 1:
        say(done.err.strip(), "status 1 without a word")
        say(done.data is None, "status 1, and an output")
        say(done.document is None or not done.document["successful_accounts"] or "output" in done.document, "status 1")
        return wrong
    say(done.document and done.data, f"status {done.code}, and no output or no result")
    if done.document and done.data:
        wrong += judge_accounts(plan, dump, done) + judge_counts(plan, done) + judge_rows(plan, dump, done)
    return wrong


def judge_accounts(plan, dump, done):
    document, wrong = done.document, []
    lists = {name: [each["account_id"] if isinstance(each, dict) else each for each in document[f"{name}_accounts"]]
             for name in ("successful", "partial", "failed", "skipped")}
    told = sorted(sum(lists.values(), []))
    wanted = sorted(each["id"] for each in dump["accounts"] if not plan.by_list or each["state"] == "ACTIVE")
    if told != wanted:
        wrong.append(f"accounts {lists}, not {wanted}")
    # AWS's old Status calls an account ACTIVE before it is activated.
    active = {"ACTIVE", "PENDING_ACTIVATION"} if plan.scenario["account_fields"] == "Status" else {"ACTIVE"}
    if lists["skipped"] != [each["id"] for each in dump["accounts"] if each["state"] not in active and not plan.by_list]:
        wrong.append(f"skipped {lists['skipped']}")
    whole = not lists["partial"] and not lists["failed"]
    unknown = sum(each["unknown"] for each in document["findings"].values() if isinstance(each, dict)) if plan.findings else 0
    if done.code != (0 if whole and unknown == 0 else 3):
        wrong.append(f"status {done.code} with {lists} and {unknown} unknown findings")
    return wrong


def judge_counts(plan, done):
    """The summary's counts are the simulator's. In a fan-out the result leaves out what combining costs."""
    document, counters = done.document, done.counters
    counts = collections.Counter()
    for _, name, count in outcomes(counters):
        counts["throttled"] += count * is_throttle(name)
        counts["again"] += count * (is_throttle(name) or name in PASSING or name in AT_ONCE)
    if plan.fanout:
        return [] if document["api_calls"] <= counters["requests"] and document["throttled"] <= counts["throttled"] else [
            f"counts {document['api_calls']}, {document['throttled']}; the simulator's {counters['requests']}, {counts['throttled']}"]
    wrong = []
    # The result itself is written into the bucket once everything is counted. A call that is cancelled because its account
    # has failed is counted when it is begun, and may not have reached the wire.
    beside = counters["actions"].get("s3:PutObject", {"calls": 0})["calls"]
    most_beside, least_beside = (min(beside, ATTEMPTS), 1) if plan.destination.startswith("s3") else (0, 0)
    cancelled = plan.connections * len(document["failed_accounts"])
    more = counters["requests"] - document["api_calls"]
    # A connection that was cut may have taken a call with it, before the simulator saw it or after. If it breaks as the first
    # request is sent, libcurl keeps it, and gives it to one more call.
    lost = 2 * done.cuts
    if not least_beside - cancelled - lost <= more <= most_beside:
        wrong.append(f"{document['api_calls']} calls, the simulator had {counters['requests']}, {beside} of them PutObject")
    if not 0 <= counts["throttled"] - document["throttled"] <= most_beside + cancelled + lost:
        wrong.append(f"{document['throttled']} throttled, the simulator counted {counts['throttled']}")
    given_up = counts["again"] - document["retries"]
    # A call about a user whom IAM does not know is made once more.
    asked_again = sum(count for _, name, count in outcomes(counters) if name == "NoSuchEntity") if plan.gone or plan.late else 0
    stalls = sum(count for _, name, count in outcomes(counters) if name == "fault:stall") if plan.read_timeout == 1 else 0
    # A call that no attempt brought through was refused once more than it was retried; and those that wait for their next
    # attempt when their account fails are not made again.
    most = (counts["again"] + lost) // ATTEMPTS if plan.lasting or plan.skewed or lost else 0
    # So was one whose time was refused in spite of a correction by a wrong Date.
    refused = sum(count for _, name, count in outcomes(counters) if name in OF_TIME)
    most += min(plan.most_misled, refused) if plan.skewed else 0
    most = counts["again"] if document["failed_accounts"] else most
    if not -stalls - cancelled - asked_again - lost <= given_up <= most + most_beside:
        wrong.append(f"{document['retries']} retries, the simulator's answers asked for {counts['again']}")
    return wrong


def judge_rows(plan, dump, done):
    oracle = Oracle(dump, plan, expected.moment(done.document["started_at"]))
    partial = {each["account_id"]: set(each["unknown"]) for each in done.document["partial_accounts"]}
    failed = {each["account_id"] for each in done.document["failed_accounts"]}
    wrong = []
    if plan.format == "csv":
        seen, wrong = oracle.wrong_csv(done.data.read_bytes(), partial)
    elif plan.format == "jsonl":
        seen, wrong = oracle.wrong_objects([json.loads(line) for line in done.data.read_text().splitlines()], partial)
    else:
        objects, runs, whole = objects_of(done.data)
        seen, wrong = oracle.wrong_objects(objects, partial)
        wrong += [] if (runs, whole) == (1, True) else [f"{runs} runs in the database, or it is damaged"]
    if len(seen) != len(set(seen)) or len(seen) != done.document["rows"]:
        wrong.append(f"{len(seen)} rows, {len(set(seen))} users, the result says {done.document['rows']}")
    if plan.format != "sqlite" and seen != sorted(seen, key=lambda key: (key[0], key[1].encode())):
        wrong.append("the rows are not in order")
    read = {each["id"] for each in dump["accounts"] if each["state"] == "ACTIVE"} - failed
    missing = {key for key in oracle.users if key[0] in read} - set(seen)
    if missing - plan.gone or {key[0] for key in seen} - read:
        wrong.append(f"users without a row: {missing - plan.gone}; rows of accounts that were not read: {({key[0] for key in seen} - read)}")
    if done.document["users_gone"] > len(missing):
        wrong.append(f"users_gone is {done.document['users_gone']}, and {missing} are missing")
    return wrong


def judge_findings(plan, sim, home, done):
    """Against a census of the same world without a fault: what is told of a resource is the same, or unknown."""
    with simulator.Simulator(*plan.arguments) as well:
        (home / "well").mkdir()
        census.run(arguments(plan, sim.dump), environment(home, well), home / "well", timeout=SECONDS)
        right = {each["finding_id"]: each["status"] for each in
                 map(json.loads, (home / "well/findings.jsonl").read_text().splitlines())}
    wrong = [f"finding {each['finding_id']} is {each['status']}, not {right.get(each['finding_id'])}: {each}" for each in done.findings
             if each["status"] != "unknown" and right.get(each["finding_id"]) != each["status"]]
    if all(each["status"] != "unknown" for each in done.findings) and set(right) != {each["finding_id"] for each in done.findings}:
        wrong.append("findings are missing, and nothing is unknown")
    return wrong


def one(seed, certificate, keep=False):
    """A Result: what is wrong, as sentences; what the simulator counted; a word about the plan; how many connections were cut."""
    plan = Plan(seed, certificate)
    home = pathlib.Path(tempfile.mkdtemp(prefix="iam-census-mixed-"))
    (home / "tmp").mkdir()
    done = None
    try:
        sim = simulator.Simulator(*plan.arguments, world=plan.world, tls=certificate if plan.way in SPOKEN else None)
        plan.aim(sim.dump)
        (sim.home / "scenario.json").write_text(json.dumps(plan.scenario))
        sim.arguments += ["--scenario", str(sim.home / "scenario.json"), "--log", str(home / "calls.jsonl")]
        with sim, Wire(plan, sim, certificate) as wire:
            done = (run_fanout if plan.fanout else run_plain)(plan, sim, home)
            done.cuts = wire.cuts
            wrong = judge(plan, sim.dump, done)
            if plan.findings and done.findings is not None and not wrong:
                wrong += judge_findings(plan, sim, home, done)
    except Exception as e:  # pylint: disable=broad-except
        wrong = [f"{type(e).__name__}: {e}"]
    kind = f"{'fan-out' if plan.fanout else 'plain'}, {plan.destination}, {plan.format}, {plan.strategy}" + (", findings" if plan.findings else "")
    if keep:
        print(f"{seed}: kept in {home}: {kind}\n{json.dumps(plan.scenario, indent=1)}")
        if done:
            print(json.dumps(done.document), done.err, json.dumps(done.counters), done.code, done.cuts)
    else:
        shutil.rmtree(home)
    done = done or Done()
    return Result(seed, wrong, outcomes(done.counters) if done.counters else [], done.seconds, kind, done.code, plan.way, done.cuts)


def tell(results, began):
    kinds, statuses, faults, longest, total = collections.Counter(), collections.Counter(), collections.Counter(), 0, 0
    ways, cuts = collections.Counter(), collections.Counter()
    for _, _, met, seconds, kind, code, way, cut in results:
        kinds[kind] += 1
        statuses[code] += 1
        ways[way] += 1
        cuts[way] += cut
        longest, total = max(longest, seconds), total + seconds
        for _, name, count in met:
            faults[name] += count
    print(f"statuses: {dict(statuses)}")
    print(f"kinds: {len(kinds)} combinations of path, place, format and strategy")
    print("wires: " + ", ".join(f"{NAMES[way]}: {count} runs, {cuts[way]} cuts" for way, count in ways.most_common()))
    print("outcomes of calls: " + ", ".join(f"{name} {count}" for name, count in faults.most_common()))
    print(f"faults: {sum(count for name, count in faults.items() if name != 'ok')}; longest run {longest:.1f} s, "
          f"mean {total / max(1, len(results)):.2f} s, all {time.monotonic() - began:.0f} s")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("runs", nargs="?", type=int, default=24)
    parser.add_argument("seed", nargs="?", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=6)
    parser.add_argument("--keep", action="store_true")
    options = parser.parse_args()
    began, results, failed = time.monotonic(), [], 0
    if not certificates.can_be_made():
        print("no run over TLS: there is no openssl command to make certificates with")
    held = Certificate() if certificates.can_be_made() else None
    certificate = held and held.files
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for result in pool.map(lambda seed: one(seed, certificate, options.keep), range(options.seed, options.seed + options.runs)):
            results.append(result)
            if result[1]:
                failed += 1
                print(f"FAILED: {result.kind}, {NAMES[result.way]}: python3 tests/chaos/mixed.py 1 {result[0]}\n  " + "\n  ".join(result[1][:4]), flush=True)
    tell(results, began)
    print(f"{len(results) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ.setdefault("AWS_EC2_METADATA_DISABLED", "true")
    simulator.run_or_skip(main)
