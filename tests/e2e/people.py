# SPDX-License-Identifier: MIT
"""Users of every kind for the scripted world: what moto cannot hold, dates above all."""

from world import Cert, Key

# no cell may be spoilt by what people write into tags
AWKWARD_TAGS = {
    "team": "core, infra", "quote": 'say "hi"', "lines": "one\ntwo\r\nthree\ttab", "日本": "東京 ☃ 𝒳",
    "back\\slash": "C:\\temp\\", "empty": "", "=formula": "=1+1", "xml": "<&>'\"]]>", "DEL": "\x7f",
}


def varied_users(account, prefix=""):
    """Adds a user of every kind to the account, not in order; returns how many."""
    key = lambda number: f"AKIA{account.id[-3:]}{number:013d}"
    before = len(account.users)
    account.user(f"{prefix}zoe", path="/division/team-a/", groups=["ops", "Admins", "a+b"], tags=AWKWARD_TAGS,
                 password="2021-05-06T07:08:09Z", signed_in="2024-03-01T00:00:01Z",
                 mfa=[f"arn:aws:iam::{account.id}:mfa/zoe", "GAHT12345678"])
    account.user(f"{prefix}two-active", keys=[
        Key(key(2), "2022-02-02T02:02:02Z", used="2024-01-01T00:00:00Z", service="ec2", region="eu-west-1"),
        Key(key(1), "2023-03-03T03:03:03Z", used="2024-06-01T12:00:00Z", service="sts", region="us-east-1")],
        tags={key(2): "the deploy key", key(1): "the other"})
    account.user(f"{prefix}two-same-second", keys=[
        Key(key(4), "2022-02-02T02:02:02Z"), Key(key(3), "2022-02-02T02:02:02Z", used="2023-01-01T00:00:00Z")])
    account.user(f"{prefix}inactive-older", keys=[
        Key(key(5), "2019-01-01T00:00:00Z", status="Inactive", used="2024-08-08T08:08:08Z", service="iam"),
        Key(key(6), "2020-01-01T00:00:00Z", used="2021-01-01T00:00:00Z")])
    account.user(f"{prefix}only-inactive", keys=[Key(key(7), "2019-01-01T00:00:00Z", status="Inactive",
                                                     used="2020-02-29T23:59:59Z")])
    account.user(f"{prefix}inactive-unused", keys=[Key(key(8), "2019-01-01T00:00:00Z", status="Inactive")])
    account.user(f"{prefix}password-gone", signed_in="2022-12-31T23:59:59Z")
    account.user(f"{prefix}never-signed-in", password="2018-01-01T00:00:00Z")
    account.user(f"{prefix}certs", certs=[Cert("ZZZCERT", "2020-05-05T05:05:05Z", "Inactive"),
                                          Cert("AAACERT", "2021-05-05T05:05:05Z")])
    account.user(f"{prefix}words-to-come", tags={key(10): "=HYPERLINK(1)", key(11): "\t=1"}, certs=[
        Cert("EXPIREDCERT", "2020-05-05T05:05:05Z", "Expired"), Cert("DATELESSCERT", None)], keys=[
            Key(key(9), "2018-01-01T00:00:00Z", status="Expired", used="2024-09-09T09:09:09Z"),
            Key(key(10), "2019-01-01T00:00:00Z"), Key(key(11), "2020-01-01T00:00:00Z", status="Suspended")])
    account.user(f"{prefix}Zebra", created="2016-02-29T12:00:00Z")
    account.user(f"{prefix}_under", created="2015-01-01T00:00:00.987Z")
    account.user(f"{prefix}offset", created="2015-01-01T00:30:00+02:00", password="2015-01-01T00:30:00.5-05:00")
    account.user(f"{prefix}tagged50", tags={f"key{number:02d}": f"value {number}" for number in range(49, -1, -1)})
    for name in ("=1+1", "+plus", "-minus", "@at", "a=b,c.d@e-f_g+h"):
        account.user(name)
    return len(account.users) - before
