# SPDX-License-Identifier: MIT
"""What runs with calls failing: the work of the program, each in the smallest world that still takes all its ways."""

import dataclasses
import os
import pathlib
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests/sim"), str(ROOT / "tests/e2e")]
import certificates  # noqa: E402
import simulator  # noqa: E402

BUCKET = "census"
COLLECT = ("collect", "--role-name", simulator.ROLE, "--json")
RUN_ID = "0123456789abcdef0123456789abcdef"
CREDENTIALS = (f'{{"Version":1,"AccessKeyId":"{simulator.CALLER_KEY}","SecretAccessKey":"{simulator.CALLER_SECRET}"}}')
HOST = "census.test"  # which the interposer says is this machine
SMALL = ("--accounts", 3, "--users-exact", 2, "--all-active")


@dataclasses.dataclass(frozen=True)
class Scenario:
    """arguments: of the command line; none for an invocation of the function, which 'event' describes.

    output: the file that is judged, or the end of an object's key; given: it reads a database with two runs; world: which
    simulator it calls.
    """
    arguments: tuple = ()
    output: str | None = None
    given: bool = False
    world: str = "small"
    event: dict | None = None
    profile: bool = False

    @property
    def to_bucket(self):
        return self.event is not None or "--s3-bucket" in self.arguments


SCENARIOS = {
    "file": Scenario((*COLLECT, "--strategy", "per-user", "--output", "out.csv"), "out.csv"),
    "bulk": Scenario((*COLLECT, "--strategy", "bulk", "--columns", "full", "--output", "out.csv", "--accounts-file", "accounts.csv"),
                     "out.csv"),
    "lines": Scenario((*COLLECT, "--format", "jsonl", "--output", "out.jsonl"), "out.jsonl"),
    "bucket": Scenario((*COLLECT, "--s3-bucket", BUCKET), ".csv"),
    "findings": Scenario((*COLLECT, "--findings", "findings.jsonl", "--output", "out.csv"), "findings.jsonl"),
    "sqlite": Scenario((*COLLECT, "--format", "sqlite", "--output", "out.sqlite"), "out.sqlite"),
    "check": Scenario(("check", "given.sqlite", "--output", "findings.jsonl"), "findings.jsonl", given=True),
    "diff": Scenario(("diff", "given.sqlite"), given=True),
    "report": Scenario(("report", "given.sqlite", "--output", "page.html"), "page.html", given=True),
    "doctor": Scenario(("doctor", "--role-name", simulator.ROLE, "--json")),
    "doctor-bucket": Scenario(("doctor", "--role-name", simulator.ROLE, "--json", "--s3-bucket", BUCKET)),
    "lambda": Scenario((), ".csv", event={}),
    "step": Scenario((), "part-000000.csv", event={"action": "collect_batch"}),
    "process": Scenario((*COLLECT, "--output", "out.csv"), "out.csv", profile=True),
    "tls": Scenario((*COLLECT, "--max-connections", "1", "--output", "out.csv"), "out.csv", world="tls"),
    "multipart": Scenario((*COLLECT, "--format", "jsonl", "--columns", "full", "--strategy", "bulk", "--max-connections", "4",
                           "--s3-bucket", BUCKET), ".jsonl", world="large"),
}


def large_world():
    """One account whose output fills more than one part of a multipart upload, though little is read: each user's row lists all
    policies of the user's groups."""
    policies = [{"name": f"{number:02d}" + "p" * 126, "document": {"Version": "2012-10-17", "Statement": []}} for number in range(25)]
    attached = [f"arn:aws:iam::111111111111:policy/{policy['name']}" for policy in policies]
    groups = [{"name": f"{number}" + "g" * 127, "attached_policies": attached} for number in range(10)]
    users = [{"name": f"user-{number}", "groups": [group["name"] for group in groups]} for number in range(75)]
    return {"accounts": [{"id": "111111111111", "policies": policies, "groups": groups, "users": users}]}


class Authority:
    """A certificate for the simulator, or None of both if there is no openssl."""

    def __init__(self, home):
        self.bundle = self.key = self.certificate = None
        if certificates.can_be_made():
            pair = certificates.authority(home, "authority")
            self.bundle = pair[1]
            self.key, self.certificate = certificates.server(home, "server", pair, f"DNS:{HOST}")


def start_world(name, now, authority):
    """The simulator of that name: 'small', 'large' or 'tls'. The clock of its world stands at 'now'."""
    if name == "large":
        return simulator.Simulator("--now", now, world=large_world()).start()
    extra = ("--certificate", authority.certificate, "--key", authority.key) if name == "tls" else ()
    return simulator.Simulator(*SMALL, "--now", now, *extra).start()


def environment(scenario, home, sim, authority):
    env = {"PATH": os.environ["PATH"], "HOME": str(home), "AWS_REGION": simulator.REGION, "AWS_ENDPOINT_URL": sim.url,
           "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": simulator.CALLER_KEY, "AWS_SECRET_ACCESS_KEY": simulator.CALLER_SECRET}
    if scenario.world == "tls":
        # A name, which a thread of libcurl resolves.
        env.update(AWS_ENDPOINT_URL=f"https://{HOST}:{sim.port}", AWS_CA_BUNDLE=str(authority.bundle))
    if scenario.profile:
        config = home / "config"
        if not config.exists():
            config.write_text(f"[profile made]\ncredential_process = {shutil.which('echo')} '{CREDENTIALS}'\n")
        env.update(AWS_CONFIG_FILE=str(config), AWS_PROFILE="made")
        del env["AWS_ACCESS_KEY_ID"], env["AWS_SECRET_ACCESS_KEY"]
    if scenario.event is not None:
        env.update(ROLE_NAME=simulator.ROLE, S3_BUCKET_NAME=BUCKET, AWS_LAMBDA_FUNCTION_NAME="census", LOG_LEVEL="warn")
    return env
