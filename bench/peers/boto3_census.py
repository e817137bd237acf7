# SPDX-License-Identifier: MIT
"""What both boto3 peers share: one account's users, read call by call, as the 18 standard columns.

Written as somebody who knows boto3 would: one session, one client an account, paginators kept.
"""

import argparse
import csv
import datetime
import json
import sys
import threading

import boto3
from botocore.config import Config

COLUMNS = ("AccountID", "AccountAlias", "UserName", "Tags", "CreationDateTime", "CreationAgeInDays", "Path",
           "Groups", "MFAEnabled", "LastActivity", "PasswordAge", "ConsoleLastSignIn", "AccessKeyID",
           "ActiveKeyAge", "AccessKeyLastUsed", "ARN", "ConsoleAccess", "SigningCerts")
REGION = "us-east-1"


def arguments():
    """--as-of is the moment that ages are counted to, so that two programs' rows can be compared."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", required=True, help="a file, one id a line")
    parser.add_argument("--role-name", required=True)
    parser.add_argument("--as-of", required=True, help="2026-01-31T00:00:00Z")
    parser.add_argument("--output", required=True)
    given = parser.parse_args()
    with open(given.accounts, encoding="ascii") as file:
        given.accounts = sorted(file.read().split())
    given.as_of = datetime.datetime.fromisoformat(given.as_of.replace("Z", "+00:00"))
    return given


def time_text(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ") if moment else ""


def json_text(document):
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


class Census:
    """Reads accounts. 'settings' are botocore's, for the clients of accounts."""

    def __init__(self, role_name, as_of, **settings):
        self.role_name = role_name
        self.as_of = as_of
        self.session = boto3.Session(region_name=REGION)
        self.config = Config(**settings)
        self.sts = self.session.client("sts", config=self.config)

        self.making = threading.Lock()  # a session makes clients for one thread at a time

    def client(self, account):
        """A client of IAM in the account."""
        given = self.sts.assume_role(RoleArn=f"arn:aws:iam::{account}:role/{self.role_name}",
                                     RoleSessionName="peer")["Credentials"]
        with self.making:
            return self.session.client(
                "iam", config=self.config, aws_access_key_id=given["AccessKeyId"],
                aws_secret_access_key=given["SecretAccessKey"], aws_session_token=given["SessionToken"])

    def read(self, account):
        """The rows of one account, ascending by name."""
        reader = AccountReader(account, self.client(account), self.as_of)
        users = sorted(reader.all("list_users", "Users"), key=lambda user: user["UserName"].encode())
        return [reader.row(user) for user in users]


class AccountReader:
    def __init__(self, account, iam, as_of):
        self.account = account
        self.iam = iam
        self.as_of = as_of
        self.paginators = {}
        self.alias = "".join(self.all("list_account_aliases", "AccountAliases")[:1])

    def all(self, operation, what, **parameters):
        paginator = self.paginators.get(operation)
        if paginator is None:
            paginator = self.paginators[operation] = self.iam.get_paginator(operation)
        return [item for page in paginator.paginate(PaginationConfig={"PageSize": 1000}, **parameters)
                for item in page[what]]

    def days(self, moment):
        return (self.as_of - moment).days

    def password_set(self, name):
        try:
            return self.iam.get_login_profile(UserName=name)["LoginProfile"]["CreateDate"]
        except self.iam.exceptions.NoSuchEntityException:
            return None

    def keys(self, name):
        keys = self.all("list_access_keys", "AccessKeyMetadata", UserName=name)
        for key in keys:
            used = self.iam.get_access_key_last_used(AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]
            key["LastUsed"] = used.get("LastUsedDate")
        return sorted(keys, key=lambda key: (key["CreateDate"], key["AccessKeyId"]))

    def row(self, user):
        name = user["UserName"]
        tags = self.all("list_user_tags", "Tags", UserName=name)
        groups = self.all("list_groups_for_user", "Groups", UserName=name)
        devices = self.all("list_mfa_devices", "MFADevices", UserName=name)
        certificates = self.all("list_signing_certificates", "Certificates", UserName=name)
        password_set = self.password_set(name)
        keys = self.keys(name)
        active = next((key for key in keys if key["Status"] == "Active"), None)
        uses = [key["LastUsed"] for key in keys if key["LastUsed"]]
        return (
            self.account,
            self.alias,
            "'" + name if name[0] in "=+-@" else name,
            json_text(sorted(({"Key": tag["Key"], "Value": tag["Value"]} for tag in tags),
                             key=lambda tag: tag["Key"].encode())),
            time_text(user["CreateDate"]),
            self.days(user["CreateDate"]),
            user["Path"],
            json_text(sorted((group["GroupName"] for group in groups), key=str.encode)),
            "true" if devices else "false",
            time_text(max(uses, default=None)),
            self.days(password_set) if password_set else "",
            time_text(user.get("PasswordLastUsed")),
            active["AccessKeyId"] if active else "",
            self.days(active["CreateDate"]) if active else "",
            time_text(active["LastUsed"]) if active else "",
            user["Arn"],
            "true" if password_set else "false",
            json_text([{"CertificateId": each["CertificateId"], "Status": each["Status"],
                        "UploadDate": time_text(each["UploadDate"])}
                       for each in sorted(certificates, key=lambda each: each["CertificateId"])]),
        )


def write(path, accounts):
    """Writes the rows of all accounts, given in their order."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for rows in accounts:
            writer.writerows(rows)
    print(f"wrote {path}", file=sys.stderr)
