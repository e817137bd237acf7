# SPDX-License-Identifier: MIT
"""An answer as lines that can be compared: status, headers that matter, every element in its order.

What differs from one run to the next (ids, times, tokens, certificates) is masked.
"""

import base64
import json
import re
import xml.etree.ElementTree as ElementTree

MASKED_ELEMENTS = {"RequestId", "HostId", "Marker", "NextMarker", "UploadId", "NextToken", "CertificateBody", "SecretAccessKey",
                   "SessionToken", "CertificateId", "NextContinuationToken", "ContinuationToken", "ID", "DisplayName"}
MASKS = (
    (r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)?", "<time>"),
    (r"\b(AIDA|AROA|AGPA|ANPA)[A-Z0-9]{16,17}\b", "<\\1>"),
    (r"\b[A-Z0-9]{0,2}(AKIA|ASIA)[A-Z0-9]{12,16}\b", "<\\1>"),
    (r"\bou-[a-z0-9]{4,}-[a-z0-9]{8,}\b|\bou-wld1-[a-z]+\b", "<unit>"),
    (r"\br-[a-z0-9]{4,}\b", "<root>"),
    (r"\bo-[a-z0-9]{10,}\b", "<organization>"),
)
HEADERS = ("content-type", "etag", "content-range", "accept-ranges", "x-amz-server-side-encryption", "x-amz-version-id",
           "x-amz-delete-marker", "x-amz-bucket-region")
# headers that need only be there
PRESENT = ("x-amzn-requestid", "x-amz-request-id", "last-modified", "date")


def mask(text):
    for pattern, put in MASKS:
        text = re.sub(pattern, put, text)
    return text


def _tag(element, namespace):
    found, _, name = element.tag.rpartition("}")
    return name if found == namespace else f"{{{found.strip('{')}}}{name}"


def _xml_lines(element, path, namespace):
    name = _tag(element, namespace)
    path = f"{path}/{name}"
    children = list(element)
    if not children:
        text = (element.text or "").strip()
        if name == "Content" and text:
            yield from (f"{path}: {mask(line)}" for line in base64.b64decode(text).decode().splitlines())
        elif name in MASKED_ELEMENTS and text:
            yield f"{path}: <{name}>"
        else:
            yield f"{path}: {mask(text)}"
        return
    yield path
    for child in children:
        yield from _xml_lines(child, path, namespace)


def _json_lines(value, path):
    if isinstance(value, dict):
        for name in sorted(value):
            yield from _json_lines(value[name], f"{path}/{name}")
    elif isinstance(value, list):
        yield f"{path}[]"
        for each in value:
            yield from _json_lines(each, f"{path}[]")
    elif isinstance(value, float) or (isinstance(value, int) and value > 10 ** 9):
        yield f"{path}: <time>"
    elif path.endswith("NextToken"):
        yield f"{path}: <NextToken>"
    else:
        yield f"{path}: {mask(json.dumps(value, ensure_ascii=False))}"


def lines(answer):
    """The whole answer, a list of lines."""
    made = [f"status {answer.status}"]
    for name in HEADERS:
        if name in answer.headers:
            made.append(f"{name}: {mask(answer.headers[name])}")
    made += [f"{name}: <present>" for name in PRESENT if name in answer.headers]
    if not answer.body:
        return made
    if answer.body.startswith(b"{"):
        return made + list(_json_lines(json.loads(answer.body), ""))
    if not answer.body.startswith(b"<"):
        return made + [f"body: {answer.body!r}"]
    root = ElementTree.fromstring(answer.body)
    namespace = root.tag.rpartition("}")[0]
    return made + [f"namespace {namespace.strip('{')}"] + list(_xml_lines(root, "", namespace))
