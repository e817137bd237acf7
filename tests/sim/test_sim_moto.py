# SPDX-License-Identifier: MIT
"""The same small world in moto and in the simulator: their raw answers, ids and times masked.

Where the two differ, the table of differences says which of them AWS's documentation agrees with.
"""

import difflib
import re
import unittest

import raw
import shape
from differences import DIFFERENCES, MOTO_VERSION
from moto_server import CALLER_KEY, CALLER_SECRET, OWN_ACCOUNT, MotoServer, needs_moto
from seed import certificate
from simulator import ROLE, Simulator

READ, BARE = "222222222222", "333333333333"
TAGS = [("team", "core - infra"), ("日本", "東京"), ("empty", "")]
GROUPS = ["Admins", "ops"]
BUCKET = "compare"
# what both hold; ids and dates are each one's own
USERS = [{"name": "ann", "path": "/division/", "tags": TAGS, "groups": GROUPS, "keys": ["Active", "Inactive"],
          "password": True, "mfa": ["ann-device"], "certificates": ["Active"]},
         {"name": "bob"}, {"name": "cid", "path": "/a/b/", "keys": ["Active"]}]


def seed_moto(server):
    """Puts the world into moto; returns the keys' ids by user."""
    iam = server.inside(READ)
    iam.create_account_alias(AccountAlias="compared")
    for group in GROUPS:
        iam.create_group(GroupName=group)
    keys = {}
    for user in USERS:
        name = user["name"]
        iam.create_user(UserName=name, Path=user.get("path", "/"), Tags=[{"Key": k, "Value": v} for k, v in user.get("tags", [])])
        for group in user.get("groups", []):
            iam.add_user_to_group(GroupName=group, UserName=name)
        for status in user.get("keys", []):
            key_id = iam.create_access_key(UserName=name)["AccessKey"]["AccessKeyId"]
            iam.update_access_key(UserName=name, AccessKeyId=key_id, Status=status)
            keys.setdefault(name, []).append(key_id)
        if user.get("password"):
            iam.create_login_profile(UserName=name, Password="Never-Shown-1!", PasswordResetRequired=True)
        for device in user.get("mfa", []):
            made = iam.create_virtual_mfa_device(VirtualMFADeviceName=device)["VirtualMFADevice"]["SerialNumber"]
            iam.enable_mfa_device(UserName=name, SerialNumber=made, AuthenticationCode1="123456", AuthenticationCode2="654321")
        for _ in user.get("certificates", []):
            iam.upload_signing_certificate(UserName=name, CertificateBody=certificate())
    server.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    organizations = server.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    unit = organizations.create_organizational_unit(ParentId=root, Name="unit")["OrganizationalUnit"]["Id"]
    made = organizations.create_account(Email="team@example.org", AccountName='Team "日本"')["CreateAccountStatus"]["AccountId"]
    organizations.move_account(AccountId=made, SourceParentId=root, DestinationParentId=unit)
    return keys, root, unit, made


def world():
    number = iter(range(100))
    users = [{"name": user["name"], "path": user.get("path", "/"), "groups": user.get("groups", []),
              "id": f"AIDACOMPARED{index:09d}",
              "tags": [{"key": key, "value": value} for key, value in user.get("tags", [])],
              "keys": [{"id": f"AKIACOMPARED{next(number):08d}", "status": status} for status in user.get("keys", [])],
              "mfa": [f"arn:aws:iam::{READ}:mfa/{device}" for device in user.get("mfa", [])],
              "certificates": [{"id": f"CERTIFICATE{next(number):013d}", "status": each} for each in user.get("certificates", [])],
              **({"password": {"created": "2026-01-01T00:00:00Z"}} if user.get("password") else {})}
             for index, user in enumerate(USERS)]
    return {"root_id": "r-wld1", "management_account_id": OWN_ACCOUNT,
            "organizational_units": [{"id": "ou-wld1-unit", "name": "unit", "parent": "r-wld1"}],
            "accounts": [{"id": OWN_ACCOUNT, "name": "master", "email": "master@example.com", "users": []},
                         {"id": READ, "name": 'Team "日本"', "email": "team@example.org", "parent": "ou-wld1-unit",
                          "alias": "compared", "users": users}]}


class Side:
    """One of the two services: its address, its caller, and the names of its objects."""

    def __init__(self, url, caller, keys, root, unit, member):
        self.url, self.caller, self.keys, self.root, self.unit, self.member = url, caller, keys, root, unit, member
        self.session = caller
        self.values = {}

    def send(self, request, by=None):
        return request.by(by or self.caller).send(self.url)

    def lines(self, call):
        """The answer's lines; the member account is called by no number, for moto chose it."""
        answer = call(self)
        lines = shape.lines(answer)
        return [line.replace(self.member, "<member>") for line in lines] if answer.body.startswith(b"{") else lines


def iam(action, **parameters):
    return lambda side: side.send(raw.query("iam", action, **parameters), side.session)


def sts(action, **parameters):
    return lambda side: side.send(raw.query("sts", action, **parameters))


def organizations(action, make=lambda side: {}):
    return lambda side: side.send(raw.organizations(action, **make(side)))


def s3(method, path, query=(), body=b"", **headers):
    return lambda side: side.send(raw.s3(method, path, [(n, v(side) if callable(v) else v) for n, v in query], body, **headers))


def keep(call, name, pattern):
    """Makes the call and keeps what the pattern finds in the answer."""
    def do(side):
        answer = call(side)
        side.values[name] = re.search(pattern, answer.body.decode() + str(answer.headers))[1]
        return answer
    return do


def report(side):
    """The report once it is there."""
    for _ in range(100):
        answer = iam("GenerateCredentialReport")(side)
        if b"COMPLETE" in answer.body:
            break
    return iam("GetCredentialReport")(side)


def completion(side):
    body = f"<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{side.values['etag']}</ETag></Part></CompleteMultipartUpload>"
    return s3("POST", f"/{BUCKET}/parts", [("uploadId", side.values["upload"])], body.encode())(side)


def upload_id(side):
    return side.values["upload"]


NOBODY = {"UserName": "nobody"}
# in this order, for S3's build upon one another
CASES = {
    "GetCallerIdentity of the role": lambda side: side.send(raw.query("sts", "GetCallerIdentity"), side.session),
    "AssumeRole": sts("AssumeRole", RoleArn=f"arn:aws:iam::{READ}:role/{ROLE}", RoleSessionName="compared"),
    "AssumeRole with a bad name": sts("AssumeRole", RoleArn=f"arn:aws:iam::{READ}:role/{ROLE}", RoleSessionName="a b"),
    "ListUsers": iam("ListUsers"),
    "ListUsers, a page": iam("ListUsers", MaxItems="1"),
    "ListUsers, a path": iam("ListUsers", PathPrefix="/a/"),
    "ListUserTags": iam("ListUserTags", UserName="ann"),
    "ListUserTags of none": iam("ListUserTags", UserName="bob"),
    "ListUserTags of nobody": iam("ListUserTags", **NOBODY),
    "ListAccessKeys": iam("ListAccessKeys", UserName="ann"),
    "ListAccessKeys of none": iam("ListAccessKeys", UserName="bob"),
    "ListAccessKeys of nobody": iam("ListAccessKeys", **NOBODY),
    "GetAccessKeyLastUsed, never": lambda side: iam("GetAccessKeyLastUsed", AccessKeyId=side.keys["cid"][0])(side),
    "GetAccessKeyLastUsed of no key": iam("GetAccessKeyLastUsed", AccessKeyId="AKIANOSUCHKEY0000000"),
    "GetLoginProfile": iam("GetLoginProfile", UserName="ann"),
    "GetLoginProfile of none": iam("GetLoginProfile", UserName="bob"),
    "GetLoginProfile of nobody": iam("GetLoginProfile", **NOBODY),
    "ListSigningCertificates": iam("ListSigningCertificates", UserName="ann"),
    "ListSigningCertificates of none": iam("ListSigningCertificates", UserName="bob"),
    "ListSigningCertificates of nobody": iam("ListSigningCertificates", **NOBODY),
    "ListMFADevices": iam("ListMFADevices", UserName="ann"),
    "ListMFADevices of none": iam("ListMFADevices", UserName="bob"),
    "ListMFADevices of nobody": iam("ListMFADevices", **NOBODY),
    "ListVirtualMFADevices": iam("ListVirtualMFADevices"),
    "ListVirtualMFADevices, unassigned": iam("ListVirtualMFADevices", AssignmentStatus="Unassigned"),
    "ListGroupsForUser": iam("ListGroupsForUser", UserName="ann"),
    "ListGroupsForUser of none": iam("ListGroupsForUser", UserName="bob"),
    "ListGroupsForUser of nobody": iam("ListGroupsForUser", **NOBODY),
    "ListAccountAliases": iam("ListAccountAliases"),
    "ListAccountAliases of none": lambda side: side.send(raw.query("iam", "ListAccountAliases")),
    "GetAccountAuthorizationDetails": iam("GetAccountAuthorizationDetails", **{"Filter.member.1": "User"}),
    "GetCredentialReport too early": iam("GetCredentialReport"),
    "GenerateCredentialReport": iam("GenerateCredentialReport"),
    "GetCredentialReport": report,
    "DescribeOrganization": organizations("DescribeOrganization"),
    "ListRoots": organizations("ListRoots"),
    "ListAccounts": organizations("ListAccounts"),
    "ListAccounts, a page": organizations("ListAccounts", lambda side: {"MaxResults": 1}),
    "ListAccountsForParent": organizations("ListAccountsForParent", lambda side: {"ParentId": side.unit}),
    "ListOrganizationalUnitsForParent": organizations("ListOrganizationalUnitsForParent", lambda side: {"ParentId": side.root}),
    "ListOrganizationalUnitsForParent of none": organizations("ListOrganizationalUnitsForParent",
                                                             lambda side: {"ParentId": "ou-none-00000000"}),
    "PutObject": s3("PUT", f"/{BUCKET}/folder/a%20b", body=b"some bytes", Content_Type="text/csv"),
    "GetObject": s3("GET", f"/{BUCKET}/folder/a%20b"),
    "GetObject, a range": s3("GET", f"/{BUCKET}/folder/a%20b", Range="bytes=2-4"),
    "GetObject of none": s3("GET", f"/{BUCKET}/none"),
    "HeadObject": s3("HEAD", f"/{BUCKET}/folder/a%20b"),
    "HeadObject of none": s3("HEAD", f"/{BUCKET}/none"),
    "ListObjectsV2": s3("GET", f"/{BUCKET}", [("list-type", "2")]),
    "ListObjectsV2, folders": s3("GET", f"/{BUCKET}", [("list-type", "2"), ("delimiter", "/")]),
    "ListObjectsV2 of none": s3("GET", f"/{BUCKET}", [("list-type", "2"), ("prefix", "none")]),
    "CreateMultipartUpload": keep(s3("POST", f"/{BUCKET}/parts", [("uploads", "")]), "upload", "<UploadId>(.+?)</UploadId>"),
    "UploadPart": keep(s3("PUT", f"/{BUCKET}/parts", [("partNumber", "1"), ("uploadId", upload_id)], b"the only part"),
                       "etag", r"'etag': '(.+?)'"),
    "ListParts": s3("GET", f"/{BUCKET}/parts", [("uploadId", upload_id)]),
    "ListMultipartUploads": s3("GET", f"/{BUCKET}", [("uploads", "")]),
    "CompleteMultipartUpload": completion,
    "GetObject of parts": s3("GET", f"/{BUCKET}/parts"),
    "AbortMultipartUpload of none": s3("DELETE", f"/{BUCKET}/parts", [("uploadId", "none")]),
    "DeleteObject": s3("DELETE", f"/{BUCKET}/folder/a%20b"),
    "DeleteObject of none": s3("DELETE", f"/{BUCKET}/none"),
    "PutObject into no bucket": s3("PUT", "/no-such-bucket/key", body=b"x"),
}


@needs_moto
class Moto(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        server = MotoServer().start()
        cls.addClassCleanup(server.stop)
        simulator = Simulator("--report-ms", 1, "--seed", 5, world=world(), scenario={
            "empty_pages": False, "buckets": {"no-such-bucket": {"missing": True}}}).start()
        cls.addClassCleanup(simulator.stop)
        keys = {user["name"]: [key["id"] for key in user["keys"]] for user in world()["accounts"][1]["users"]}
        caller = {"AccessKeyId": CALLER_KEY, "SecretAccessKey": CALLER_SECRET}
        cls.moto = Side(server.url, caller, *seed_moto(server))
        cls.simulator = Side(simulator.url, {"AccessKeyId": raw.CALLER_KEY, "SecretAccessKey": raw.CALLER_SECRET}, keys,
                             "r-wld1", "ou-wld1-unit", READ)
        cls.simulator.session = simulator.assume(READ)
        cls.moto.session = server.client("sts").assume_role(RoleArn=f"arn:aws:iam::{READ}:role/{ROLE}",
                                                          RoleSessionName="test")["Credentials"]

    @classmethod
    def answers(cls, case):
        return cls.moto.lines(CASES[case]), cls.simulator.lines(CASES[case])

    def test_answers_differ_only_where_the_documentation_says(self):
        unused = list(DIFFERENCES)
        for case in CASES:
            with self.subTest(case=case):
                for line in differing(*self.answers(case)):
                    row = next((row for row in DIFFERENCES if covers(row, case, line)), None)
                    self.assertIsNotNone(row, f"{case}: {line}")
                    if row in unused:
                        unused.remove(row)
        import moto
        if moto.__version__ == MOTO_VERSION:
            self.assertEqual([row[:2] for row in unused], [])

    def test_what_is_compared_is_there(self):
        """Two that both refuse everything would be equal, too."""
        for side in (self.moto, self.simulator):
            for case in ("ListUsers", "GetAccountAuthorizationDetails", "ListAccounts"):
                lines = side.lines(CASES[case])
                self.assertEqual(lines[0], "status 200", lines)
                self.assertGreater(len(lines), 15, lines)


def covers(row, case, line):
    return re.fullmatch(row[0], case) and re.fullmatch(row[1], line)


def differing(moto_lines, simulator_lines):
    """The lines that only one of them has, '-' moto's and '+' the simulator's."""
    return [line for line in difflib.ndiff(moto_lines, simulator_lines) if line[0] in "+-"]


if __name__ == "__main__":
    unittest.main()
