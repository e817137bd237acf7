#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes sigv4.json: requests signed by botocore, which test_sigv4 compares ours with.

    python3 tests/vectors/make_sigv4.py

Run it again after changing CASES; the same botocore writes the same bytes. The keys are AWS's
documented example keys.
"""

import datetime
import hashlib
import json
import pathlib
from unittest import mock
from urllib.parse import urlsplit

import botocore.auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

KEY_ID = "AKIAIOSFODNN7EXAMPLE"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
TOKEN = "IQoJb3JpZ2luX2VjEXAMPLETOKEN//////////wEaCXVzLWVhc3QtMSJHMEUCIQ+/=="
FORM = ("Content-Type", "application/x-www-form-urlencoded; charset=utf-8")
EXAMPLE_TIME = "2024-01-31T09:30:00Z"


def case(name, **given):
    defaults = {
        "method": "POST",
        "url": "https://iam.amazonaws.com/",
        "headers": [],
        "body": "",
        "region": "us-east-1",
        "service": "iam",
        "time": EXAMPLE_TIME,
        "secret": SECRET,
        "token": None,
    }
    return {"name": name, **defaults, **given}


def form(name, body, **given):
    return case(name, body=body, **{"headers": [FORM], **given})


def s3(name, method, url, **given):
    return case(name, method=method, url=url, **{"service": "s3", "region": "eu-west-1", **given})


BUCKET = "https://bucket.s3.eu-west-1.amazonaws.com"

CASES = [
    form("iam list users", "Action=ListUsers&Version=2010-05-08&MaxItems=1000"),
    form("iam with token", "Action=ListUsers&Version=2010-05-08", token=TOKEN),
    form(
        "iam with a marker of odd characters",
        "Action=ListUsers&Marker=a%2Bb%2F%3D%26%20%25&Version=2010-05-08",
        token=TOKEN,
    ),
    form("iam in china", "Action=ListUsers&Version=2010-05-08", region="cn-north-1",
         url="https://iam.cn-north-1.amazonaws.com.cn/"),
    form("sts assume role", "Action=AssumeRole&Version=2011-06-15&RoleSessionName=iam-census",
         service="sts", region="eu-central-1", url="https://sts.eu-central-1.amazonaws.com/"),
    form("sts on the first second of a day", "Action=GetCallerIdentity&Version=2011-06-15",
         service="sts", time="2024-02-29T00:00:00Z"),
    form("sts on the last second of a year", "Action=GetCallerIdentity&Version=2011-06-15",
         service="sts", time="2023-12-31T23:59:59Z"),
    case("organizations json",
         headers=[("Content-Type", "application/x-amz-json-1.1"),
                  ("X-Amz-Target", "AWSOrganizationsV20161128.ListAccounts")],
         body='{"MaxResults":20}', service="organizations",
         url="https://organizations.us-east-1.amazonaws.com/", token=TOKEN),
    form("a port in the host", "Action=ListUsers", url="http://127.0.0.1:5000/"),
    form("a base path", "Action=ListUsers", url="https://proxy.example/base/iam"),
    form("a base path with what needs encoding", "Action=ListUsers",
         url="https://proxy.example/a%20b/$c=d"),
    form("a base path with dots", "Action=ListUsers", url="https://proxy.example/a/./b//../c/"),
    form("dots at the end", "Action=ListUsers", url="https://proxy.example/a/b/.."),
    form("dots above the root", "Action=ListUsers", url="https://proxy.example/../../a"),
    form("a secret key longer than a block of SHA-256", "Action=ListUsers", secret="x+/" * 33),
    case("headers in any order and case", method="GET",
         headers=[("x-amz-meta-b", "2"), ("X-AMZ-Meta-A", "  spaced   out\ttext "),
                  ("Accept", "*/*"), ("Content-Length", "0")]),
    case("a header twice", method="GET", headers=[("X-Twice", "b"), ("X-Twice", "a")]),
    case("one header the beginning of another", method="GET",
         headers=[("X-Amz-Date-Extra", "1"), ("X-Amz", "2"), ("X-Amz-Dat", "3")]),
    case("query in order", method="GET",
         url="https://iam.amazonaws.com/?b=2&a-c=3&a=1&a=0&empty=&Z=upper&%7Btilde~"),
    s3("s3 put object", "PUT", BUCKET + "/census/users.csv", body="AccountID\r\n",
       headers=[("Content-Type", "text/csv"), ("x-amz-server-side-encryption", "aws:kms")]),
    s3("s3 put object with token", "PUT", BUCKET + "/census/users.csv", body="a", token=TOKEN),
    s3("s3 key with odd characters", "PUT", BUCKET + "/a%20b/%2B%3D%26%24%40%C3%A9~-._%27%28%29",
       body="x"),
    s3("s3 key with dots and slashes", "PUT", BUCKET + "//a/./b/../c//d/", body="x"),
    s3("s3 create multipart upload", "POST", BUCKET + "/users.csv?uploads"),
    s3("s3 upload part", "PUT", BUCKET + "/users.csv?partNumber=12&uploadId=a.b_c-d~e%2Bf",
       body="part"),
    s3("s3 abort", "DELETE", "https://s3.eu-west-1.amazonaws.com/dotted.bucket/k?uploadId=abc"),
    s3("s3 list", "GET", BUCKET + "/?list-type=2&prefix=a%2Fb"),
]


def sign(given):
    split = urlsplit(given["url"])
    body = given["body"].encode()
    request = AWSRequest(given["method"], given["url"], data=body)
    request.headers["Host"] = split.netloc
    for name, value in given["headers"]:
        request.headers.add_header(name, value)
    is_s3 = given["service"] == "s3"
    signer_class = botocore.auth.S3SigV4Auth if is_s3 else botocore.auth.SigV4Auth
    credentials = Credentials(KEY_ID, given["secret"], given["token"])
    signer = signer_class(credentials, given["service"], given["region"])
    now = datetime.datetime.fromisoformat(given["time"].replace("Z", "+00:00"))
    seen = {}

    def note(method):
        def noted(*args):
            seen[method.__name__] = method(*args)
            return seen[method.__name__]

        return noted

    signer.canonical_request = note(signer.canonical_request)
    signer.string_to_sign = note(signer.string_to_sign)
    with mock.patch("botocore.auth.get_current_datetime", return_value=now):
        signer.add_auth(request)
    return {
        "name": given["name"],
        "time": given["time"],
        "access_key_id": KEY_ID,
        "secret_access_key": given["secret"],
        "session_token": given["token"],
        "region": given["region"],
        "service": given["service"],
        "s3": is_s3,
        "method": given["method"],
        "path": split.path,
        "query": split.query,
        "headers": [["Host", split.netloc]] + [list(pair) for pair in given["headers"]],
        "body": given["body"],
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "canonical_request": seen["canonical_request"],
        "string_to_sign": seen["string_to_sign"],
        "authorization": request.headers["Authorization"],
    }


def main():
    document = {
        "about": "written by make_sigv4.py",
        "botocore": botocore.__version__,
        "cases": [sign(given) for given in CASES],
    }
    path = pathlib.Path(__file__).with_name("sigv4.json")
    path.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
