# SPDX-License-Identifier: MIT
"""What S3 answers, path style: single and multipart uploads, redirects to the bucket's region."""

import base64
import hashlib
import urllib.parse
import xml.etree.ElementTree as ElementTree
import zlib

from wire import AwsError, Reply, xml_of
from world import StoredObject

SMALLEST_PART = 5 * 1024 * 1024


def read_target(call):
    """Sets bucket, key, params and action of the call from method and target."""
    path, _, query = call.target.partition("?")
    bucket, _, key = path.lstrip("/").partition("/")
    call.bucket = urllib.parse.unquote(bucket)
    call.key = urllib.parse.unquote(key)
    call.params = dict(urllib.parse.parse_qsl(query, keep_blank_values=True))
    names = {("POST", "uploads"): "CreateMultipartUpload", ("PUT", "partNumber"): "UploadPart",
             ("POST", "uploadId"): "CompleteMultipartUpload", ("DELETE", "uploadId"): "AbortMultipartUpload",
             ("GET", "location"): "GetBucketLocation"}
    for (method, param), action in names.items():
        if call.method == method and param in call.params:
            call.action = action
            return
    call.action = {("PUT", True): "PutObject", ("HEAD", False): "HeadBucket", ("HEAD", True): "HeadObject",
                   ("GET", True): "GetObject"}.get((call.method, bool(call.key)), f"{call.method}?")


def redirect(call, bucket):
    region = {"x-amz-bucket-region": bucket.region} if bucket.hint else {}
    host = f"{call.bucket}.s3.{bucket.region + '.' if bucket.hint else ''}amazonaws.com"
    if bucket.away == 301:
        return AwsError(301, "PermanentRedirect", "The bucket must be addressed at its own endpoint.", region,
                        {"Endpoint": host, "Bucket": call.bucket})
    if bucket.away == 307:
        return AwsError(307, "TemporaryRedirect", "Please re-send this request.", {**region, "Location": f"https://{host}/"},
                        {"Endpoint": host, "Bucket": call.bucket})
    if bucket.away == "illegal":
        return AwsError(400, "IllegalLocationConstraintException", f"The {bucket.region} location constraint is incompatible "
                        "for the region specific endpoint this request was sent to.", region)
    return AwsError(400, "AuthorizationHeaderMalformed", "The authorization header is malformed; the region is wrong", {},
                    {"Region": bucket.region} if bucket.hint else {})


def guard(call, bucket):
    """Whose it must be, and whether it refuses."""
    if call.header("x-amz-expected-bucket-owner") not in (None, bucket.owner):
        raise AwsError(403, "AccessDenied", "Access Denied")


def head_bucket(call, bucket):
    """Names the region whatever comes of it, unless it is refused."""
    if bucket.head_denied:
        raise AwsError(403, "AccessDenied", "Access Denied")
    if call.region != bucket.region:
        raise AwsError(301 if bucket.away == 301 else 400, "", "", {"x-amz-bucket-region": bucket.region})
    guard(call, bucket)
    return Reply(200, b"", {"x-amz-bucket-region": bucket.region})


def head_object(call, bucket):
    stored = bucket.objects.get(call.key)
    if bucket.look_denied:
        raise AwsError(403, "AccessDenied", "Access Denied")
    if stored is None:
        raise AwsError(404, "NoSuchKey", "The specified key does not exist.")
    checksum = None if stored.parts else stored.header("x-amz-checksum-sha256")
    wanted = checksum and call.header("x-amz-checksum-mode") == "ENABLED"
    return Reply(200, stored.body, {"ETag": stored.etag, **({"x-amz-checksum-sha256": checksum} if wanted else {})})


def check_body(call):
    """The checksums that were sent must be those of the body."""
    checks = {
        "content-md5": lambda body: base64.b64encode(hashlib.md5(body).digest()).decode(),
        "x-amz-checksum-crc32": lambda body: base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode(),
        "x-amz-checksum-sha256": lambda body: base64.b64encode(hashlib.sha256(body).digest()).decode(),
    }
    for name, compute in checks.items():
        sent = call.header(name)
        if sent is not None and sent != compute(call.body):
            raise AwsError(400, "BadDigest", f"{name} does not match the body")


def etag_of(body):
    return f'"{hashlib.md5(body).hexdigest()}"'


def create_upload(server, bucket, call):
    upload_id = f"upload+/{next(server.world.numbers)}=="
    bucket.uploads[upload_id] = {"key": call.key, "headers": call.headers, "parts": {}}
    return Reply(200, xml_of("InitiateMultipartUploadResult", {
        "Bucket": call.bucket, "Key": call.key, "UploadId": upload_id}), content_type="application/xml")


def upload_of(bucket, call):
    upload = bucket.uploads.get(call.params["uploadId"])
    if upload is None or upload["key"] != call.key:
        raise AwsError(404, "NoSuchUpload", "The specified upload does not exist.")
    return upload


def complete_upload(server, bucket, call):
    upload = upload_of(bucket, call)
    root = ElementTree.fromstring(call.body)
    strip = lambda tag: tag.rsplit("}", 1)[-1]
    asked = [{strip(field.tag): field.text for field in part} for part in root]
    numbers = [int(part["PartNumber"]) for part in asked]
    if numbers != sorted(set(numbers)) or not numbers:
        raise AwsError(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
    parts = []
    for part in asked:
        body = upload["parts"].get(int(part["PartNumber"]))
        if body is None or etag_of(body).strip('"') != part["ETag"].strip('"'):
            raise AwsError(400, "InvalidPart", f"part {part['PartNumber']} is not what was uploaded")
        parts.append(body)
    if any(len(body) < SMALLEST_PART for body in parts[:-1]):
        raise AwsError(400, "EntityTooSmall", "a part is smaller than 5 MiB")
    del bucket.uploads[call.params["uploadId"]]
    etag = f'"{hashlib.md5(b"".join(parts)).hexdigest()}-{len(parts)}"'
    bucket.objects[call.key] = StoredObject(b"".join(parts), upload["headers"], [len(body) for body in parts], etag)
    return Reply(200, xml_of("CompleteMultipartUploadResult", {
        "Bucket": call.bucket, "Key": call.key, "ETag": etag}), content_type="application/xml")


def answer(server, call):
    """A Reply; raises AwsError."""
    bucket = server.world.buckets.get(call.bucket)
    if bucket is None:
        raise AwsError(404, "NoSuchBucket", "The specified bucket does not exist")
    if call.action == "HeadBucket":
        return head_bucket(call, bucket)
    if call.action == "GetBucketLocation":
        return Reply(200, xml_of("LocationConstraint", bucket.region), content_type="application/xml")
    if call.region != bucket.region:
        raise redirect(call, bucket)
    guard(call, bucket)
    if call.action == "HeadObject":
        return head_object(call, bucket)
    if bucket.error:
        raise AwsError(bucket.error[0], bucket.error[1], "the bucket refuses")
    check_body(call)
    if call.action == "PutObject":
        bucket.objects[call.key] = StoredObject(call.body, call.headers, None, etag_of(call.body))
        return Reply(200, b"", {"ETag": etag_of(call.body)})
    if call.action == "CreateMultipartUpload":
        return create_upload(server, bucket, call)
    if call.action == "UploadPart":
        upload_of(bucket, call)["parts"][int(call.params["partNumber"])] = call.body
        return Reply(200, b"", {"ETag": etag_of(call.body)})
    if call.action == "CompleteMultipartUpload":
        return complete_upload(server, bucket, call)
    if call.action == "AbortMultipartUpload":
        upload_of(bucket, call)
        del bucket.uploads[call.params["uploadId"]]
        bucket.aborted.append(call.params["uploadId"])
        return Reply(204)
    raise AwsError(405, "MethodNotAllowed", f"{call.action} is not spoken here")
