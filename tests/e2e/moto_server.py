# SPDX-License-Identifier: MIT
"""moto_server as a process of its own on a loopback port, and boto3 clients for it."""

import importlib.util
import os
import subprocess
import sys
import time
import unittest
import urllib.request

import boto3
from botocore.config import Config

from scripted import free_port

REGION = "eu-west-1"
# moto's own account: the one of credentials that it has not made itself
OWN_ACCOUNT = "123456789012"
CALLER_KEY = "AKIAMOTOCALLER000001"
CALLER_SECRET = "moto/Secret+Key/NeverShown"
ROLE = "CensusRole"
# moto_server's console script, as far as this Python has it
COMMAND = [sys.executable, "-c", "import sys; from moto.server import main; sys.exit(main())"]


# on a class: each of its tests counts as skipped if this Python has no moto
needs_moto = unittest.skipUnless(importlib.util.find_spec("moto") and importlib.util.find_spec("flask"),
                                 "needs moto, which this Python does not have")


class MotoServer:
    def __init__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None

    def start(self):
        env = {**os.environ, "MOTO_CALL_RESET_API": "false"}
        self.process = subprocess.Popen([*COMMAND, "-H", "127.0.0.1", "-p", str(self.port)], env=env,
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(300):
            if self.process.poll() is not None:
                break
            try:
                urllib.request.urlopen(f"{self.url}/moto-api/data.json", timeout=5).read()
                return self
            except OSError:
                time.sleep(0.1)
        self.stop()
        raise RuntimeError("moto_server did not start")

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def reset(self):
        request = urllib.request.Request(f"{self.url}/moto-api/reset", method="POST")
        urllib.request.urlopen(request, timeout=10).read()

    def client(self, service, credentials=None):
        """A boto3 client, of moto's own account or of the credentials that AssumeRole gave."""
        given = credentials or {"AccessKeyId": CALLER_KEY, "SecretAccessKey": CALLER_SECRET}
        return boto3.client(service, region_name=REGION, endpoint_url=self.url, aws_access_key_id=given["AccessKeyId"],
                            aws_secret_access_key=given["SecretAccessKey"],
                            aws_session_token=given.get("SessionToken"),
                            config=Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}))

    def inside(self, account_id, service="iam"):
        """A client inside another account, through a role."""
        answer = self.client("sts").assume_role(RoleArn=f"arn:aws:iam::{account_id}:role/{ROLE}",
                                                RoleSessionName="seed")
        return self.client(service, answer["Credentials"])
