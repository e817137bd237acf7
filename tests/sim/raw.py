# SPDX-License-Identifier: MIT
"""Requests signed by hand and sent as they are, so that anything in them can be made wrong.

The signing is written after the documentation of Signature Version 4, apart from the simulator's,
the program's and botocore's.
"""

import datetime
import hashlib
import hmac
import http.client
import json
import re
import urllib.parse
import xml.etree.ElementTree as ElementTree

from simulator import CALLER_KEY, CALLER_SECRET, REGION

ORGANIZATIONS_TARGET = "AWSOrganizationsV20161128."
VERSIONS = {"iam": "2010-05-08", "sts": "2011-06-15"}
ALGORITHM = "AWS4-HMAC-SHA256"
FORM = "application/x-www-form-urlencoded; charset=utf-8"


def stamp(seconds=0):
    """The time now, or this many seconds later, in the form of X-Amz-Date."""
    when = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=seconds)
    return when.strftime("%Y%m%dT%H%M%SZ")


def _hmac(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def _encode(text, safe=""):
    return urllib.parse.quote(text, safe=safe + "-_.~")


class Request:
    """A request that is signed when it is sent; what is changed after sign() is tampered with."""

    def __init__(self, service, method="POST", path="/", query=(), headers=None, body=b""):
        self.service = service
        self.method = method
        self.path = path
        self.query = list(query)
        self.headers = dict(headers or {})
        self.body = body.encode() if isinstance(body, str) else body
        self.region = REGION
        self.key, self.secret, self.token = CALLER_KEY, CALLER_SECRET, None
        self.date = stamp()
        self.scope_date = None
        self.unsigned = {"content-length", "user-agent", "authorization"}
        self.signed_names = None
        self.payload_hash = None
        self.signed = False

    def by(self, credentials):
        """Signs with other credentials, as AssumeRole gives them."""
        self.key, self.secret = credentials["AccessKeyId"], credentials["SecretAccessKey"]
        self.token = credentials.get("SessionToken")
        return self

    def sign(self, host="127.0.0.1"):
        headers = self.headers
        headers.setdefault("Host", host)
        if self.date:
            headers["X-Amz-Date"] = self.date
        if self.token:
            headers["X-Amz-Security-Token"] = self.token
        digest = self.payload_hash or hashlib.sha256(self.body).hexdigest()
        if self.service == "s3" and "X-Amz-Content-Sha256" not in headers:
            headers["X-Amz-Content-Sha256"] = digest
        lower = {name.lower(): re.sub(" +", " ", value.strip()) for name, value in headers.items()}
        names = self.signed_names or sorted(set(lower) - self.unsigned)
        path = self.path if self.service == "s3" else _encode(self.path, "/")
        query = "&".join(sorted(f"{_encode(name)}={_encode(value)}" for name, value in self.query))
        canonical = "\n".join([self.method, path, query, *(f"{name}:{lower.get(name, '')}" for name in names), "",
                               ";".join(names), digest])
        day = self.scope_date or (self.date or stamp())[:8]
        scope = f"{day}/{self.region}/{self.service}/aws4_request"
        text = "\n".join([ALGORITHM, self.date or stamp(), scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.secret).encode()
        for part in scope.split("/"):
            key = _hmac(key, part)
        signature = _hmac(key, text).hex()
        headers["Authorization"] = (f"{ALGORITHM} Credential={self.key}/{scope}, SignedHeaders={';'.join(names)}, "
                                    f"Signature={signature}")
        self.signed = True
        return self

    def send(self, url):
        if not self.signed:
            self.sign(urllib.parse.urlsplit(url).netloc)
        target = self.path + ("?" + urllib.parse.urlencode(self.query, quote_via=urllib.parse.quote) if self.query else "")
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=20)
        try:
            connection.putrequest(self.method, target, skip_host=True, skip_accept_encoding=True)
            for name, value in self.headers.items():
                connection.putheader(name, value)
            if not any(name.lower() in ("content-length", "transfer-encoding") for name in self.headers):
                connection.putheader("Content-Length", str(len(self.body)))
            connection.endheaders(self.body)
            answer = connection.getresponse()
            return Answer(answer.status, answer.getheaders(), answer.read())
        finally:
            connection.close()


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = {name.lower(): value for name, value in headers}
        self.body = body

    @property
    def error(self):
        """(code, message) of an error answer, in whichever protocol; (None, None) if it is not one."""
        if self.status < 300:
            return None, None
        if self.body.startswith(b"{"):
            document = json.loads(self.body)
            return document["__type"], document.get("Message")
        found = {element.tag.rpartition("}")[2]: element.text for element in ElementTree.fromstring(self.body).iter()}
        return found["Code"], found.get("Message")

    def __repr__(self):
        return f"{self.status} {self.body[:1000]!r}"


def query(service, action, **parameters):
    """A call of IAM or STS."""
    pairs = {"Action": action, "Version": VERSIONS[service], **parameters}
    return Request(service, headers={"Content-Type": FORM}, body=urllib.parse.urlencode(pairs))


def organizations(action, **parameters):
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": ORGANIZATIONS_TARGET + action}
    return Request("organizations", headers=headers, body=json.dumps(parameters))


def s3(method, path, query=(), body=b"", **headers):
    return Request("s3", method, path, query, {name.replace("_", "-"): value for name, value in headers.items()}, body)
