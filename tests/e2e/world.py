# SPDX-License-Identifier: MIT
"""A small AWS in memory: accounts, users, organization, buckets, with control over every date.

Dates are strings as they go over the wire ('2024-01-31T09:30:00Z'); the oracle parses them.
"""

import itertools

CALLER_ACCOUNT = "111111111111"


class Key:
    """An access key of a user. used, service, region: None if it was never used.

    vanished: deleted once its user's keys were listed.
    """

    def __init__(self, key_id, created, status="Active", used=None, service=None, region=None):
        self.id = key_id
        self.created = created
        self.status = status
        self.used = used
        self.service = service or ("s3" if used else None)
        self.region = region or ("us-east-1" if used else None)
        self.vanished = False


class Cert:
    """A signing certificate of a user."""

    def __init__(self, cert_id, uploaded, status="Active"):
        self.id = cert_id
        self.uploaded = uploaded
        self.status = status


class User:
    """An IAM user. vanished: the actions that answer NoSuchEntity for it (deleted meanwhile)."""

    def __init__(self, account, name, created="2020-01-02T03:04:05Z", path="/", tags=(), groups=(),
                 password=None, signed_in=None, mfa=(), keys=(), certs=()):
        self.account = account
        self.name = name
        self.created = created
        self.path = path
        self.tags = list(tags.items()) if isinstance(tags, dict) else list(tags)
        self.groups = list(groups)
        self.password = password
        self.signed_in = signed_in
        self.mfa = list(mfa)
        self.keys = list(keys)
        self.certs = list(certs)
        self.vanished = set()
        self.id = "AIDA" + f"{account.id[-4:]}{len(account.users):012d}"

    @property
    def arn(self):
        return f"arn:{self.account.world.partition}:iam::{self.account.id}:user{self.path}{self.name}"


class Account:
    """An AWS account of the organization.

    role_error: (code, message) that AssumeRole answers, or None; denied: actions that answer
    AccessDenied to an assumed role; external_id: what AssumeRole demands, or None.
    """

    def __init__(self, world, account_id, name, alias, state, status):
        self.world = world
        self.id = account_id
        self.name = name
        self.alias = alias
        self.state = state
        self.status = status
        self.users = []
        self.role_error = None
        self.external_id = None
        self.denied = set()

    def user(self, name, **facts):
        user = User(self, name, **facts)
        self.users.append(user)
        return user

    def find(self, name):
        return next((user for user in self.users if user.name == name), None)


class Bucket:
    """An S3 bucket. error: (HTTP status, code) that every write answers; owner guards it.

    away: how it answers in another region: 301, 307, 400 (AuthorizationHeaderMalformed) or "illegal"
    (IllegalLocationConstraintException); hint: whether that names the region; head_denied, look_denied: whether HeadBucket
    and HeadObject are refused; a HeadBucket that is refused does not name the region.
    """

    def __init__(self, region, owner):
        self.region = region
        self.owner = owner
        self.away = 400
        self.hint = True
        self.head_denied = False
        self.look_denied = False
        self.error = None
        self.objects = {}
        self.uploads = {}
        self.aborted = []


class StoredObject:
    """etag: with its quotes; parts: the lengths of its parts, None if it was put at once."""

    def __init__(self, body, headers, parts, etag):
        self.body = body
        self.headers = headers
        self.parts = parts
        self.etag = etag

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name), None)


class Credential:
    """A key pair the world knows. account: whose; role: the role's name, None for a user."""

    def __init__(self, access_key, secret, token, account, role=None, policy=None):
        self.access_key = access_key
        self.secret = secret
        self.token = token
        self.account = account
        self.role = role
        self.policy = policy
        self.expired = False


class World:
    def __init__(self, partition="aws"):
        self.partition = partition
        self.accounts = {}
        self.buckets = {}
        self.credentials = {}
        self.organization_id = "o-examplecensus"
        self.organization_denied = False
        self.management_account = CALLER_ACCOUNT
        # parent id -> child ids; accounts are among the children of their parent
        self.root_id = "r-cens"
        self.tree = {self.root_id: []}
        self.page_size = 1000
        self.numbers = itertools.count(1)
        self.caller = self.credential("AKIACALLERCALLER0001", "caller/Secret+Key/NeverShown0001",
                                      None, CALLER_ACCOUNT)

    def credential(self, access_key, secret, token, account, role=None, policy=None):
        made = Credential(access_key, secret, token, account, role, policy)
        self.credentials[access_key] = made
        return made

    def session(self, account_id, role, policy):
        """New temporary credentials, as AssumeRole makes them."""
        number = next(self.numbers)
        return self.credential(f"ASIASESSION{number:09d}", f"session/Secret+Key/NeverShown{number:06d}",
                               f"SessionToken/NeverShown+{number:06d}" + "x" * 200 + "==",
                               account_id, role, policy)

    def account(self, account_id, name=None, alias=None, state="ACTIVE", status="ACTIVE", parent=None):
        made = Account(self, account_id, name or f"Account {account_id[-2:]}", alias, state, status)
        self.accounts[account_id] = made
        self.tree.setdefault(parent or self.root_id, []).append(account_id)
        return made

    def unit(self, unit_id, parent=None):
        self.tree.setdefault(parent or self.root_id, []).append(unit_id)
        self.tree.setdefault(unit_id, [])

    def bucket(self, name, region="eu-west-1", owner=CALLER_ACCOUNT):
        self.buckets[name] = Bucket(region, owner)
        return self.buckets[name]

    def secrets(self):
        """Every string that must never be seen in what the program prints."""
        found = set()
        for credential in self.credentials.values():
            found.add(credential.secret)
            if credential.token:
                found.add(credential.token)
        return found
