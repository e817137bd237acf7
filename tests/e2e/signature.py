# SPDX-License-Identifier: MIT
"""Signature Version 4 of a received request, checked with botocore's own signer.

The program under test signs with code of its own. Here the signature is computed again from
what arrived on the wire (method, raw target, signed headers, body) by botocore, so that a
mistake in the program cannot cancel out.
"""

import hashlib
import hmac
import re
import time
import calendar

from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

AUTHORIZATION = re.compile(
    r"^AWS4-HMAC-SHA256 Credential=([^/,\s]+)/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request,\s*"
    r"SignedHeaders=([a-z0-9;-]+),\s*Signature=([0-9a-f]{64})$"
)
CLOCK_SKEW_SECONDS = 300


class SignatureError(Exception):
    pass


class Scope:
    """Who signed a request, and for which region and service."""

    def __init__(self, access_key, region, service, signature):
        self.access_key = access_key
        self.region = region
        self.service = service
        self.signature = signature


def read_scope(authorization):
    """Parses an Authorization header; raises SignatureError if it is not a SigV4 one."""
    match = AUTHORIZATION.match(authorization or "")
    if not match:
        raise SignatureError(f"Authorization header is not SigV4: {authorization!r}")
    access_key, _, region, service, _, signature = match.groups()
    return Scope(access_key, region, service, signature)


def check(method, target, headers, body, secret_key, session_token):
    """Raises SignatureError unless the request is rightly signed with the secret key.

    method, target: as on the request line; headers: list of (name, value) as received;
    session_token: the token that must come with the request, None where there must be none.
    """
    by_name = {}
    for name, value in headers:
        by_name.setdefault(name.lower(), []).append(value)
    match = AUTHORIZATION.match(by_name.get("authorization", [""])[0])
    if not match:
        raise SignatureError("no SigV4 Authorization header")
    access_key, date, region, service, signed, signature = match.groups()
    signed_names = signed.split(";")
    _check_headers(by_name, signed_names, date, session_token)
    _check_payload(by_name, service, body)

    host = by_name["host"][0]
    request = AWSRequest(method=method, url=f"http://{host}{target}", data=body)
    for name in signed_names:
        if name not in by_name:
            raise SignatureError(f"signed header '{name}' was not sent")
        for value in by_name[name]:
            request.headers[name] = value
    if "x-amz-content-sha256" in by_name and "x-amz-content-sha256" not in signed_names:
        raise SignatureError("x-amz-content-sha256 was sent and is not signed")
    request.context["timestamp"] = by_name["x-amz-date"][0]
    signer_class = S3SigV4Auth if service == "s3" else SigV4Auth
    signer = signer_class(Credentials(access_key, secret_key), service, region)
    canonical = signer.canonical_request(request)
    expected = signer.signature(signer.string_to_sign(request, canonical), request)
    if not hmac.compare_digest(expected, signature):
        raise SignatureError(f"signature does not match; canonical request:\n{canonical}")


def _check_headers(by_name, signed_names, date, session_token):
    if signed_names != sorted(signed_names):
        raise SignatureError("SignedHeaders are not in order")
    for name in by_name:
        must = name == "host" or (name.startswith("x-amz-"))
        if must and name not in signed_names:
            raise SignatureError(f"header '{name}' was sent and is not signed")
    stamp = by_name.get("x-amz-date", [""])[0]
    if not re.match(r"^\d{8}T\d{6}Z$", stamp):
        raise SignatureError(f"x-amz-date is {stamp!r}")
    if stamp[:8] != date:
        raise SignatureError(f"credential date {date} differs from x-amz-date {stamp}")
    moment = calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
    if abs(moment - time.time()) > CLOCK_SKEW_SECONDS:
        raise SignatureError(f"x-amz-date {stamp} is not now")
    sent = by_name.get("x-amz-security-token", [None])[0]
    if sent != session_token:
        raise SignatureError("the session token is missing, wrong, or sent where there is none")


def _check_payload(by_name, service, body):
    claimed = by_name.get("x-amz-content-sha256", [None])[0]
    if claimed is None:
        if service == "s3":
            raise SignatureError("S3 request without x-amz-content-sha256")
        return
    if claimed == "UNSIGNED-PAYLOAD" and service == "s3":
        return
    if claimed != hashlib.sha256(body).hexdigest():
        raise SignatureError("x-amz-content-sha256 is not the hash of the body")
