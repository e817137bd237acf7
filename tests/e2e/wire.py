# SPDX-License-Identifier: MIT
"""What travels between the program and the scripted server: calls, replies, AWS's XML and errors."""

import json
import re
from xml.sax.saxutils import escape

NAMESPACES = {
    "iam": "https://iam.amazonaws.com/doc/2010-05-08/",
    "sts": "https://sts.amazonaws.com/doc/2011-06-15/",
}
REQUEST_ID = "11111111-2222-3333-4444-555555555555"
# an XML parser turns bare carriage returns into line feeds, so AWS sends them as references
XML_ENTITIES = {"\r": "&#13;", '"': "&quot;"}


class Call:
    """One request as the server received it. action: 'ListUsers', 'PutObject', ..."""

    def __init__(self, method, target, headers, body, moment):
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.moment = moment
        self.service = None
        self.action = None
        self.region = None
        self.credential = None
        self.account = None
        self.user = None
        self.params = {}
        self.bucket = None
        self.key = None

    def header(self, name):
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)


class Reply:
    """One answer. cut: bytes of the body after which the connection is reset (-1: no byte of the
    whole answer is sent); stream: pieces sent after the body; delay: seconds before the first byte."""

    def __init__(self, status=200, body=b"", headers=None, content_type="text/xml", cut=None,
                 stream=None, stream_length=0, delay=0):
        self.status = status
        self.body = body.encode() if isinstance(body, str) else body
        self.headers = dict(headers or {})
        self.content_type = content_type
        self.cut = cut
        self.stream = stream
        self.stream_length = stream_length
        self.delay = delay


class AwsError(Exception):
    """An error answer of the service that was called."""

    def __init__(self, status, code, message, headers=None, extra=None):
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = headers or {}
        self.extra = extra or {}


def xml_of(name, value):
    """An element: a dict holds elements, a list holds <member>s, None is left out."""
    if value is None:
        return ""
    if isinstance(value, bool):
        inner = "true" if value else "false"
    elif isinstance(value, dict):
        inner = "".join(xml_of(key, each) for key, each in value.items())
    elif isinstance(value, list):
        inner = "".join(xml_of("member", each) for each in value)
    else:
        inner = escape(str(value), XML_ENTITIES)
    return f"<{name}>{inner}</{name}>"


def query_reply(service, action, result):
    body = xml_of(f"{action}Result", result) + xml_of("ResponseMetadata", {"RequestId": REQUEST_ID})
    return Reply(200, f'<{action}Response xmlns="{NAMESPACES[service]}">{body}</{action}Response>',
                 {"x-amzn-RequestId": REQUEST_ID})


def query_error(service, error):
    inner = {"Type": "Sender" if error.status < 500 else "Receiver", "Code": error.code,
             "Message": error.message}
    namespace = NAMESPACES.get(service, NAMESPACES["iam"])
    body = xml_of("Error", inner) + xml_of("RequestId", REQUEST_ID)
    return Reply(error.status, f'<ErrorResponse xmlns="{namespace}">{body}</ErrorResponse>',
                 {"x-amzn-RequestId": REQUEST_ID, **error.headers})


def json_reply(document):
    return Reply(200, json.dumps(document), {"x-amzn-RequestId": REQUEST_ID},
                 "application/x-amz-json-1.1")


def json_error(error):
    body = json.dumps({"__type": error.code, "Message": error.message})
    return Reply(error.status, body, {"x-amzn-RequestId": REQUEST_ID, **error.headers},
                 "application/x-amz-json-1.1")


def s3_error(error):
    inner = {"Code": error.code, "Message": error.message, **error.extra, "RequestId": REQUEST_ID,
             "HostId": "aG9zdA=="}
    body = '<?xml version="1.0" encoding="UTF-8"?>\n' + xml_of("Error", inner)
    return Reply(error.status, body, {"x-amz-request-id": REQUEST_ID, **error.headers},
                 "application/xml")


def error_reply(call, error):
    """The error in the words of the service that was called."""
    if call.service == "s3":
        return s3_error(error)
    if call.service == "organizations":
        return json_error(error)
    return query_error(call.service, error)


def action_of_target(target_header):
    match = re.match(r"^AWSOrganizationsV20161128\.(\w+)$", target_header or "")
    return match.group(1) if match else None
