# SPDX-License-Identifier: MIT
"""docs/deploy.md, followed from its first command to its last: CloudFormation, StackSets and Organizations are moto's, the
accounts are the simulator's, and what is invoked is the program, with the environment that the template gave it."""

import json
import os
import re
import shutil
import subprocess
import sys
import unittest

import census
import newcomer
from cases import Case
from census import ROOT
from lambda_function import Function
from moto_server import CALLER_KEY, CALLER_SECRET, OWN_ACCOUNT, REGION
from newcomer import Answer
from templates import CODE, HAS_SAM, NO_SAM, TemplateCase, translate, zipped

sys.path.append(str(census.ROOT / "tests" / "sim"))
import simulator  # noqa: E402

PAGE = ROOT / "docs/deploy.md"
MEMBER = "111111111111"
WORLD = {"organization_id": "o-0123456789", "management_account_id": OWN_ACCOUNT,
         "accounts": [{"id": OWN_ACCOUNT, "users": [{"name": "root-admin"}]}, {"id": MEMBER, "users": [{"name": "ann"}, {"name": "bob"}]}]}
CLI = newcomer.aws_cli()


@unittest.skipUnless(HAS_SAM, NO_SAM)
@unittest.skipUnless(CLI, "the AWS CLI is not here")
class DeployPage(TemplateCase):
    NAMES = ("deploy/organization", "bin/aws", "bin/sam", "bin/terraform", "scripts/setup", "scripts/build", "scripts/package-lambda",
             "build/release/iam-census")

    def setUp(self):
        super().setUp()
        self.sim = simulator.Simulator(world=WORLD).start()
        self.addCleanup(self.sim.stop)
        self.called, self.parameters = [], {}
        self.config = self.home / "config"
        self.config.write_text("[default]\ns3 =\n  addressing_style = path\n")
        (self.work / "deploy").mkdir()
        for item in (ROOT / "deploy").iterdir():
            if item.name != "organization":  # test_organization.py runs it
                (self.work / "deploy" / item.name).symlink_to(item)
        self.moto.reset()
        self.moto.client("organizations").create_organization(FeatureSet="ALL")
        for bucket in ("my-code-bucket", CODE[0]):
            self.moto.client("s3").create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.put_code()

    def assert_nothing_left(self):
        """What the page has people make lies in the folder."""

    def answer(self, name, arguments):
        self.called.append([name, *(item for item in arguments[:2] if not item.startswith("-"))])
        method = getattr(self, "call_" + name.replace("-", "_"))
        return method(arguments)

    def call_setup(self, arguments):
        return Answer()

    call_build = call_organization = call_setup

    def call_terraform(self, arguments):
        return Answer(out="module.iam_census.aws_s3_bucket.results[0]\n" if arguments[:2] == ["state", "list"] else "")

    def call_package_lambda(self, arguments):
        (self.work / "dist").mkdir(exist_ok=True)
        (self.work / f"dist/iam-census-lambda-{arguments[0]}.zip").write_bytes(zipped())
        return Answer()

    def call_iam_census(self, arguments):
        env = census.environment(self.home, AWS_ENDPOINT_URL=self.sim.url, AWS_REGION=simulator.REGION,
                                 AWS_ACCESS_KEY_ID=simulator.CALLER_KEY, AWS_SECRET_ACCESS_KEY=simulator.CALLER_SECRET)
        run = census.run(arguments, env, self.work)
        return Answer(run.code, run.out.decode(), run.err)

    def call_sam(self, arguments):
        """What 'sam deploy' does with these options: parameters that are not named keep their values."""
        self.assertEqual(arguments[0], "deploy")
        self.assertIn("--resolve-s3", arguments)
        option = {name: arguments[arguments.index(name) + 1] for name in ("--template-file", "--stack-name", "--capabilities")}
        given = dict(item.split("=", 1) for item in arguments[arguments.index("--parameter-overrides") + 1:])
        return self.deploy_stack(option["--stack-name"], self.work / option["--template-file"], given)

    def deploy_stack(self, name, path, given):
        template = translate(path.resolve())
        self.assertLessEqual(set(given), set(template["Parameters"]))
        kept = self.parameters.setdefault(name, {})
        cloud, action = self.moto.client("cloudformation"), "update_stack" if kept else "create_stack"
        kept.update(given)
        getattr(cloud, action)(StackName=name, TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_IAM"],
                               Parameters=[{"ParameterKey": k, "ParameterValue": v} for k, v in kept.items()])
        return Answer()

    def call_aws(self, arguments):
        if arguments[1] in ("activate-organizations-access", "register-delegated-administrator", "create-stack-instances",
                            "delete-stack-instances"):
            return self.understood(arguments)
        if arguments[:2] == ["lambda", "invoke"]:
            return self.invoke(arguments[2:])
        if arguments[:2] == ["cloudformation", "delete-stack"]:
            self.parameters.pop(arguments[3], None)
        if arguments[:2] == ["cloudformation", "deploy"] and "dist/packaged.yaml" in arguments:
            self.assertIn("s3://my-code-bucket/", (self.work / "dist/packaged.yaml").read_text())
            return Answer()  # what 'sam deploy' has made already, by a transform that moto lacks
        return self.cli(arguments)

    def understood(self, arguments):
        """The CLI says that it would send this. moto lacks the first two, and with the others does not leave the management
        account out."""
        return self.cli([*arguments, "--generate-cli-skeleton", "output"])

    def cli(self, arguments):
        env = {"PATH": os.environ["PATH"], "HOME": str(self.home), "AWS_REGION": REGION, "AWS_DEFAULT_REGION": REGION,
               "AWS_ACCESS_KEY_ID": CALLER_KEY, "AWS_SECRET_ACCESS_KEY": CALLER_SECRET, "AWS_PAGER": "",
               "AWS_EC2_METADATA_DISABLED": "true", "PYTHONUTF8": "1", "AWS_ENDPOINT_URL": self.moto.url,
               "AWS_CONFIG_FILE": str(self.config)}
        return Answer.of(subprocess.run([*CLI, *arguments], env=env, cwd=self.work, text=True,
                                        stdin=subprocess.DEVNULL, capture_output=True, timeout=120))

    def invoke(self, arguments):
        """The program itself, with the function's environment, in the organization of the simulator."""
        *options, file = arguments
        option = dict(zip(options[::2], options[1::2]))
        self.assertEqual(set(option), {"--function-name", "--cli-binary-format", "--payload", "--cli-read-timeout"})
        found = self.moto.client("lambda").get_function_configuration(FunctionName=option["--function-name"])
        function = Function(census.environment(
            self.home, AWS_ENDPOINT_URL=self.sim.url, AWS_REGION=simulator.REGION, AWS_ACCESS_KEY_ID=simulator.CALLER_KEY,
            AWS_SECRET_ACCESS_KEY=simulator.CALLER_SECRET, AWS_LAMBDA_FUNCTION_NAME=option["--function-name"],
            **found["Environment"]["Variables"]), self.home)
        try:
            answer = function.invoke(json.loads(option["--payload"]))
        finally:
            function.end()
        (self.work / file).write_text(json.dumps(answer))
        return Answer()

    def with_a_second_time(self, blocks):
        """After all was removed, function and roles are deployed again, as the page says."""
        again = [block for block in blocks if block.startswith("cp dist/") or "create-stack-set" in block]
        removed = [number for number, block in enumerate(blocks) if "delete-stack-set" in block]
        self.assertEqual((len(again), len(removed)), (2, 1))
        return [*blocks[:removed[0] + 1], *again, *blocks[removed[0] + 1:]]

    def test_every_command(self):
        pages = newcomer.Newcomer(self.work, self.NAMES, self.answer)
        done = pages.follow(self.with_a_second_time(newcomer.commands(PAGE)))
        self.assertEqual(done.returncode, 0, f"{done.stdout[-3000:]}\n{done.stderr[-6000:]}")
        answer = json.loads((self.work / "answer.json").read_text())
        self.assertEqual(answer["statusCode"], 200, answer)
        self.assertEqual(json.loads(answer["body"])["successful_accounts"], [MEMBER])
        for called in (["iam-census", "collect"], ["package-lambda", "arm64"], ["sam", "deploy"],
                       ["aws", "cloudformation", "create-stack-set"], ["aws", "cloudformation", "activate-organizations-access"],
                       ["aws", "organizations", "register-delegated-administrator"], ["aws", "lambda", "invoke"],
                       ["aws", "stepfunctions", "start-execution"], ["aws", "cloudformation", "update-stack-set"]):
            self.assertIn(called, self.called)
        self.assertRegex(self.parameters["iam-census"]["ExternalId"], "^[0-9a-f]{32}$")

    def test_a_variable_that_nothing_sets_is_found(self):
        done = newcomer.Newcomer(self.work, self.NAMES, self.answer).follow(['sam deploy --stack-name "$nobody"\n'])
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("nobody: unbound variable", done.stderr)


class FirstRun(Case):
    """The README's "A first run on a real organization", against the simulator."""

    NAMES = ("scripts/setup", "scripts/build", "build/release/iam-census")
    SECTION = re.compile(r"^## A first run on a real organization$(.*?)^## ", re.M | re.S)

    def section(self):
        return self.SECTION.search((ROOT / "README.md").read_text())[1]

    def answer(self, name, arguments):
        if name != "iam-census":
            return Answer()
        env = census.environment(self.home, AWS_ENDPOINT_URL=self.sim.url, AWS_REGION=simulator.REGION,
                                 AWS_ACCESS_KEY_ID=simulator.CALLER_KEY, AWS_SECRET_ACCESS_KEY=simulator.CALLER_SECRET)
        run = census.run(arguments, env, self.work)
        self.out[arguments[0]] = run.out.decode()
        return Answer(0 if self.patient else run.code, run.out.decode(), run.err)

    def follow(self, *options, patient=False, **simulated):
        self.sim, self.patient = simulator.Simulator(*options, **simulated).start(), patient
        self.addCleanup(self.sim.stop)
        self.out = {}
        text = re.sub(r"^```text$.*?^```$", "", self.section(), flags=re.M | re.S)
        return newcomer.Newcomer(self.work, self.NAMES, self.answer).follow(newcomer.blocks(text))

    def assert_nothing_left(self):
        """What the page has people make lies in the folder."""

    def test_every_command(self):
        done = self.follow(world=WORLD)
        self.assertEqual(done.returncode, 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
        self.assertEqual(set(self.out), {"doctor", "collect", "check", "report"})
        self.assertIn("2 ready", self.out["doctor"])
        self.assertIn("2 complete", self.out["collect"])
        self.assertIn("<!DOCTYPE html>", (self.work / "iam-census.html").read_text()[:200])
        for name in ("census.sqlite", "iam-census.html"):
            self.assertEqual((self.work / name).stat().st_mode & 0o777, 0o600, "the README says: for you only")

    def test_what_is_shown_is_what_is_printed(self):
        """The blocks of output, line by line, from an organization in which two accounts lack the role."""
        rule = {"accounts": ["#4", "#31"], "actions": "AssumeRole", "fault": "access_denied"}
        blocks = re.findall(r"^```text\n(.*?)^```$", self.section(), re.M | re.S)
        self.follow("--accounts", 50, "--users", 20, scenario={"rules": [rule]}, patient=True)
        for name, block in zip(("doctor", "collect", "check", "report"), blocks, strict=True):
            for line in block.splitlines():
                # numbers may differ: some depend on the date
                self.assertIn(re.sub(r"\d+", "N", line), re.sub(r"\d+", "N", self.out.get(name, "")), name)


if __name__ == "__main__":
    unittest.main()
