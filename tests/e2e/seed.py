# SPDX-License-Identifier: MIT
"""Seeds moto's accounts with boto3: users of every kind that moto can hold."""

import datetime

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from people import AWKWARD_TAGS

# what IAM itself takes in a tag; the rest of what people can write is in people.AWKWARD_TAGS
IAM_TAGS = {"team": "core - infra", "日本": "東京", "path/x": "a=b+c", "empty": "", "mail": "ann@example.org",
            "=formula": "=1+1", "under_score": "x.y:z"}


def certificate():
    """A self-signed certificate in PEM."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "census")])
    now = datetime.datetime.now(datetime.timezone.utc)
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(x509.random_serial_number()).not_valid_before(now)
            .not_valid_after(now + datetime.timedelta(days=1)).sign(key, hashes.SHA256()))
    return made.public_bytes(serialization.Encoding.PEM).decode()


def tags_of(pairs):
    return [{"Key": key, "Value": value} for key, value in pairs.items()]


def seed_varied(moto, account_id, alias=None):
    """Users of every kind; returns the boto3 client inside the account."""
    iam = moto.inside(account_id)
    if alias:
        iam.create_account_alias(AccountAlias=alias)
    for group in ("ops", "Admins", "a+b"):
        iam.create_group(GroupName=group)
    iam.create_user(UserName="zoe", Path="/division/team-a/", Tags=tags_of(IAM_TAGS))
    for group in ("ops", "a+b", "Admins"):
        iam.add_user_to_group(GroupName=group, UserName="zoe")
    iam.create_login_profile(UserName="zoe", Password="Never-Shown-1!")
    device = iam.create_virtual_mfa_device(VirtualMFADeviceName="zoe-device")["VirtualMFADevice"]["SerialNumber"]
    iam.enable_mfa_device(UserName="zoe", SerialNumber=device, AuthenticationCode1="123456", AuthenticationCode2="654321")
    for name, statuses in (("two-active", ("Active", "Active")), ("mixed", ("Inactive", "Active")),
                           ("inactive", ("Inactive",)), ("used", ("Active",))):
        iam.create_user(UserName=name)
        for status in statuses:
            key = iam.create_access_key(UserName=name)["AccessKey"]
            iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status=status)
            if name == "used":
                moto.client("s3", key).list_buckets()
    iam.create_user(UserName="signer")
    for number in range(2):
        made = iam.upload_signing_certificate(UserName="signer", CertificateBody=certificate())["Certificate"]
    iam.update_signing_certificate(UserName="signer", CertificateId=made["CertificateId"], Status="Inactive")
    iam.create_user(UserName="tagged50", Tags=tags_of({f"key{n:02d}": f"value {n}" for n in range(49, -1, -1)}))
    for name in ("=1+1", "+plus", "-minus", "@at", "a=b,c.d@e-f_g+h", "Zebra", "_under"):
        iam.create_user(UserName=name)
    seed_awkward(iam)
    return iam


def seed_awkward(iam):
    """Tags that spoil careless CSV and JSON; moto takes those that it checks not too closely."""
    iam.create_user(UserName="awkward")
    for key, value in AWKWARD_TAGS.items():
        try:
            iam.tag_user(UserName="awkward", Tags=[{"Key": key, "Value": value}])
        except iam.exceptions.ClientError:
            pass


def seed_many(moto, account_id, count):
    """Plain users, each with a tag, every third with a key."""
    iam = moto.inside(account_id)
    for number in range(count):
        name = f"user{(number * 7919) % 10000:04d}"
        iam.create_user(UserName=name, Tags=tags_of({"number": str(number)}))
        if number % 3 == 0:
            iam.create_access_key(UserName=name)
    return iam
