# SPDX-License-Identifier: MIT
"""Terraform against moto, with an AWS provider that lies on this machine already: nothing is downloaded.

The provider is looked for where Terraform itself looks (its implied mirror folders), below /opt, and
in TERRAFORM_PLUGINS.
"""

import glob
import json
import os
import pathlib
import shutil
import subprocess

PROVIDER = "*/hashicorp/aws"  # below the name of whatever registry it came from
FOLDERS = ("~/.terraform.d/plugins", "~/.local/share/terraform/plugins", "/usr/local/share/terraform/plugins",
           "/usr/share/terraform/plugins", "/opt/*")
SERVICES = ("iam", "sts", "s3", "lambda", "sqs", "logs", "cloudwatch", "scheduler", "ec2", "events", "sns",
            "organizations", "cloudformation")
SETTINGS = """
provider "aws" {{
  region                      = "{region}"
  access_key                  = "{key}"
  secret_key                  = "{secret}"
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_region_validation      = true

  endpoints {{
{endpoints}
  }}
}}
"""


def plugins():
    """The folder for -plugin-dir, or None."""
    given = os.environ.get("TERRAFORM_PLUGINS")
    for pattern in (given,) if given else FOLDERS:
        for folder in sorted(glob.glob(os.path.expanduser(pattern))):
            if glob.glob(f"{folder}/{PROVIDER}/*"):
                return folder
    return None


def missing():
    """What is missing here, in words; None if nothing is."""
    if not shutil.which("terraform"):
        return "there is no terraform here"
    return None if plugins() else "terraform is here, its AWS provider is not"


class Terraform:
    """One root module in a folder of its own, over copies of the modules of deploy/terraform and of the templates they use."""

    def __init__(self, module, folder):
        self.folder = pathlib.Path(folder)
        self.source = f"./deploy/terraform/{module.name}"
        for name in ("terraform", "stackset"):
            shutil.copytree(module.parent.parent / name, self.folder / "deploy" / name)
        # a configuration of the user's own must not change the test
        self.env = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TF_IN_AUTOMATION": "1", "TF_INPUT": "0",
                    "CHECKPOINT_DISABLE": "1", "AWS_EC2_METADATA_DISABLED": "true"}

    def run(self, *arguments, timeout=900, code=0, where=None):
        done = subprocess.run(["terraform", *arguments], cwd=where or self.folder, env=self.env, timeout=timeout,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if code is not None and done.returncode != code:
            raise AssertionError(f"terraform {' '.join(arguments)}: {done.returncode}\n{done.stdout[-4000:]}")
        return done

    def validate(self):
        """Formatted and valid by the provider's own schema."""
        module = self.folder / self.source
        self.run("fmt", "-check", "-diff", where=module)
        self.run("init", "-no-color", f"-plugin-dir={plugins()}", where=module)
        self.run("validate", "-no-color", where=module)

    def apply(self, url, region, key, secret, each=None, **variables):
        """Applies the module to the AWS at 'url' and returns its outputs; 'each': {name: variables} of several
        instances, whose outputs come by name."""
        endpoints = "\n".join(f'    {service} = "{url}"' for service in SERVICES)
        main = SETTINGS.format(region=region, key=key, secret=secret, endpoints=endpoints)
        if each:
            names = sorted({name for instance in each.values() for name in instance})
            given = "\n".join(["  for_each = local.each"] + [f"  {name} = each.value.{name}" for name in names])
            main += f"\nlocals {{\n  each = {json.dumps(each)}\n}}\n"
        else:
            given = "\n".join(f"  {name} = {json.dumps(value)}" for name, value in variables.items())
        main += f'\nmodule "census" {{\n  source = "{self.source}"\n{given}\n}}\n\noutput "all" {{\n  value = module.census\n}}\n'
        (self.folder / "main.tf").write_text(main)
        self.run("init", "-no-color", f"-plugin-dir={plugins()}")
        return self.apply_again()

    def apply_again(self):
        self.run("apply", "-no-color", "-auto-approve", "-parallelism=8")
        return json.loads(self.run("output", "-json").stdout)["all"]["value"]

    def destroy(self, code=0):
        return self.run("destroy", "-no-color", "-auto-approve", "-parallelism=8", code=code).stdout

    def forget(self, words):
        """Takes what has these words in its address out of the state; it stays in AWS."""
        addresses = [line for line in self.run("state", "list").stdout.splitlines() if words in line]
        self.run("state", "rm", "-no-color", *addresses)
        return addresses

    def changes(self):
        """What a second plan would do: pairs of a resource's address and an attribute."""
        self.run("plan", "-no-color", "-out=plan")
        plan = json.loads(self.run("show", "-json", "plan").stdout)
        found = set()
        for resource in plan["resource_changes"]:
            before, after = resource["change"]["before"] or {}, resource["change"]["after"] or {}
            if resource["change"]["actions"] != ["no-op"]:
                found |= {(resource["address"], name) for name in {**before, **after} if before.get(name) != after.get(name)}
        return found
