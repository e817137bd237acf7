# SPDX-License-Identifier: MIT
"""S3 of the simulator through boto3, and by requests of our own if boto3 would correct them."""

import hashlib
import io
import unittest

import boto3.s3.transfer
from botocore.exceptions import ClientError

import raw
import worlds
from sim_case import SimCase
from simulator import Simulator

MIB = 1024 * 1024


class S3(SimCase):
    scenario = {"buckets": {"far": {"region": "ap-south-1"}, "none": {"missing": True}, "shut": {"denied": True},
                            "theirs": {"owner": "999999999999"}}}

    def setUp(self):
        self.s3 = self.sim.client("s3")

    def test_put_get_head_list_delete(self):
        body = bytes(range(256)) * 1000
        key = "a b/ü+%/=&?/x.csv"
        put = self.s3.put_object(Bucket="bucket", Key=key, Body=body, ContentType="text/csv", Metadata={"run": "1"})
        self.assertEqual(put["ETag"], f'"{hashlib.md5(body).hexdigest()}"')
        self.assertEqual(put["ServerSideEncryption"], "AES256")
        got = self.s3.get_object(Bucket="bucket", Key=key)
        self.assertEqual(got["Body"].read(), body)
        self.assertEqual((got["ContentLength"], got["ContentType"], got["ETag"]), (len(body), "text/csv", put["ETag"]))
        head = self.s3.head_object(Bucket="bucket", Key=key)
        self.assertEqual((head["ContentLength"], head["ETag"]), (len(body), put["ETag"]))
        part = self.s3.get_object(Bucket="bucket", Key=key, Range="bytes=10-19")
        self.assertEqual((part["Body"].read(), part["ContentRange"]), (body[10:20], f"bytes 10-19/{len(body)}"))
        listed = self.s3.list_objects_v2(Bucket="bucket", Prefix="a b/ü")["Contents"]
        self.assertEqual([(each["Key"], each["Size"], each["ETag"]) for each in listed], [(key, len(body), put["ETag"])])
        self.s3.delete_object(Bucket="bucket", Key=key)
        self.assert_refused(404, "NoSuchKey", ".", self.s3.get_object, Bucket="bucket", Key=key)
        self.assert_refused(404, "404", ".", self.s3.head_object, Bucket="bucket", Key=key)

    def test_an_empty_object(self):
        self.s3.put_object(Bucket="bucket", Key="empty", Body=b"")
        self.assertEqual(self.s3.get_object(Bucket="bucket", Key="empty")["Body"].read(), b"")

    def test_encryption_as_asked(self):
        seen = self.s3.put_object(Bucket="bucket", Key="kms", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId="a-key")
        self.assertEqual((seen["ServerSideEncryption"], seen["SSEKMSKeyId"]), ("aws:kms", "a-key"))
        head = self.s3.head_object(Bucket="bucket", Key="kms")
        self.assertEqual((head["ServerSideEncryption"], head["SSEKMSKeyId"]), ("aws:kms", "a-key"))

    def test_checksums(self):
        for algorithm in ("CRC32", "SHA1", "SHA256"):
            self.s3.put_object(Bucket="bucket", Key=algorithm, Body=b"some bytes" * 50, ChecksumAlgorithm=algorithm)
            self.assertEqual(self.s3.get_object(Bucket="bucket", Key=algorithm, ChecksumMode="ENABLED")["Body"].read(),
                             b"some bytes" * 50)
        wrong = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
        self.assert_refused(400, "BadDigest", ".", self.s3.put_object, Bucket="bucket", Key="wrong", Body=b"x",
                            ChecksumSHA256=wrong)
        self.assert_refused(404, "NoSuchKey", ".", self.s3.get_object, Bucket="bucket", Key="wrong")

    def upload(self, key, bodies):
        made = self.s3.create_multipart_upload(Bucket="bucket", Key=key)
        name = {"Bucket": "bucket", "Key": key, "UploadId": made["UploadId"]}
        parts = [{"PartNumber": number, "ETag": self.s3.upload_part(**name, PartNumber=number, Body=body)["ETag"]}
                 for number, body in enumerate(bodies, 1)]
        return name, parts

    def test_multipart(self):
        bodies = [b"a" * 5 * MIB, b"b" * 5 * MIB, b"c" * 10]
        name, parts = self.upload("parts", bodies)
        listed = [part for page in self.s3.get_paginator("list_parts").paginate(**name, PaginationConfig={"PageSize": 2})
                  for part in page["Parts"]]
        self.assertEqual([(part["PartNumber"], part["Size"]) for part in listed], [(1, 5 * MIB), (2, 5 * MIB), (3, 10)])
        uploads = [each for page in self.s3.get_paginator("list_multipart_uploads").paginate(Bucket="bucket")
                   for each in page.get("Uploads", [])]
        self.assertEqual([each["UploadId"] for each in uploads], [name["UploadId"]])
        self.assert_refused(404, "NoSuchKey", ".", self.s3.get_object, Bucket="bucket", Key="parts")
        done = self.s3.complete_multipart_upload(**name, MultipartUpload={"Parts": parts})
        digest = hashlib.md5(b"".join(hashlib.md5(body).digest() for body in bodies)).hexdigest()
        self.assertEqual(done["ETag"], f'"{digest}-3"')
        self.assertEqual(self.s3.get_object(Bucket="bucket", Key="parts")["Body"].read(), b"".join(bodies))
        self.assertNotIn("Uploads", self.s3.list_multipart_uploads(Bucket="bucket"))

    def test_multipart_gone_wrong(self):
        complete = self.s3.complete_multipart_upload
        name, parts = self.upload("wrong-parts", [b"a" * 10, b"b" * 10])
        self.assert_refused(400, "EntityTooSmall", ".", complete, **name, MultipartUpload={"Parts": parts})
        self.assert_refused(400, "InvalidPartOrder", ".", complete, **name, MultipartUpload={"Parts": parts[::-1]})
        forged = [{"PartNumber": 1, "ETag": '"00000000000000000000000000000000"'}]
        self.assert_refused(400, "InvalidPart", ".", complete, **name, MultipartUpload={"Parts": forged})
        self.s3.abort_multipart_upload(**name)
        for call, more in ((complete, {"MultipartUpload": {"Parts": parts}}), (self.s3.abort_multipart_upload, {}),
                           (self.s3.list_parts, {})):
            self.assert_refused(404, "NoSuchUpload", ".", call, **name, **more)

    def test_the_transfer_manager(self):
        body = b"0123456789abcdef" * (MIB // 2)
        config = boto3.s3.transfer.TransferConfig(multipart_threshold=5 * MIB, multipart_chunksize=5 * MIB)
        self.s3.upload_fileobj(io.BytesIO(body), "bucket", "transfer", Config=config)
        self.assertTrue(self.s3.head_object(Bucket="bucket", Key="transfer")["ETag"].endswith('-2"'))
        back = io.BytesIO()
        self.s3.download_fileobj("bucket", "transfer", back, Config=config)
        self.assertEqual(back.getvalue(), body)

    def test_listing(self):
        names = [f"list/{folder}/{number:03d}" for folder in ("a", "b", "ü &") for number in range(25)]
        for name in names:
            self.s3.put_object(Bucket="listing", Key=name, Body=b"")
        paginator = self.s3.get_paginator("list_objects_v2")
        for size in (1, 7, 1000):
            seen = [each["Key"] for page in paginator.paginate(Bucket="listing", PaginationConfig={"PageSize": size})
                    for each in page["Contents"]]
            self.assertEqual(seen, sorted(names, key=str.encode), size)
            prefixes = [each["Prefix"] for page in paginator.paginate(
                Bucket="listing", Prefix="list/", Delimiter="/", PaginationConfig={"PageSize": size})
                for each in page.get("CommonPrefixes", [])]
            self.assertEqual(prefixes, ["list/a/", "list/b/", "list/ü &/"], size)
        self.assertEqual(self.s3.list_objects_v2(Bucket="listing", StartAfter="list/b/024")["KeyCount"], 25)
        self.assertEqual(self.s3.list_objects_v2(Bucket="empty-bucket")["KeyCount"], 0)

    def test_buckets_of_the_scenario(self):
        put = lambda bucket, **more: dict(call=self.s3.put_object, Bucket=bucket, Key="k", Body=b"", **more)
        self.assert_refused(404, "NoSuchBucket", "The specified bucket does not exist", **put("none"))
        self.assert_refused(403, "AccessDenied", ".", **put("shut"))
        self.assert_refused(403, "AccessDenied", ".", **put("theirs", ExpectedBucketOwner="111111111111"))
        self.s3.put_object(Bucket="theirs", Key="k", Body=b"", ExpectedBucketOwner="999999999999")
        # botocore follows the redirect by itself, once it knows the region
        self.s3.put_object(Bucket="far", Key="k", Body=b"moved")
        self.assertEqual(self.sim.client("s3", region="ap-south-1").get_object(Bucket="far", Key="k")["Body"].read(), b"moved")
        self.assertEqual(self.s3.head_bucket(Bucket="bucket")["ResponseMetadata"]["HTTPStatusCode"], 200)
        self.assertEqual(self.s3.get_bucket_location(Bucket="bucket")["LocationConstraint"], None)

    def test_an_assumed_role_may_do_what_the_world_says(self):
        for account in self.sim.active()[:3]:
            s3 = self.sim.client("s3", self.sim.assume(account["id"]))
            if "s3:PutObject" in account["role"]["allowed_actions"]:
                s3.put_object(Bucket="bucket", Key="by-role", Body=b"")
            else:
                self.assert_refused(403, "AccessDenied", "is not authorized to perform: s3:PutObject on resource: "
                                    '"arn:aws:s3:::bucket/by-role"', s3.put_object, Bucket="bucket", Key="by-role", Body=b"")


class S3Regions(SimCase):
    """The bucket's region, on every answer that names it at AWS: by requests of our own, because boto3 follows."""

    CHINA = "cn-north-1"
    scenario = {"buckets": {
        "far301": {"region": "eu-central-1"}, "far307": {"region": "eu-central-1", "wrong_region": 307},
        "far400": {"region": "eu-central-1", "wrong_region": 400},
        "optin": {"region": "ap-east-1", "wrong_region": "illegal_location"},
        "from-optin": {"region": "us-east-1", "wrong_region": "illegal_location"},
        "silent301": {"region": "eu-central-1", "hint": False},
        "silent400": {"region": "eu-central-1", "wrong_region": 400, "hint": False},
        "china": {"region": CHINA}, "shut": {"denied": True}, "none": {"missing": True}}}

    def send(self, method, path, region="us-east-1", query=(), body=b""):
        request = raw.s3(method, path, query, body)
        request.region = region
        answer = request.send(self.sim.url)
        return answer, answer.headers.get("x-amz-bucket-region")

    def fields(self, answer):
        return {element.tag: element.text for element in raw.ElementTree.fromstring(answer.body).iter()}

    def test_redirects(self):
        for bucket, status, code in (("far301", 301, "PermanentRedirect"), ("far307", 307, "TemporaryRedirect")):
            for method in ("PUT", "GET", "DELETE"):
                answer, region = self.send(method, f"/{bucket}/a/key")
                self.assertEqual((answer.status, region), (status, "eu-central-1"), answer)
                fields = self.fields(answer)
                self.assertEqual((fields["Code"], fields["Endpoint"], fields["Bucket"]),
                                 (code, f"{bucket}.s3.eu-central-1.amazonaws.com", bucket))
                self.assertEqual(answer.headers.get("location"), f"https://{bucket}.s3.eu-central-1.amazonaws.com/a/key"
                                 if status == 307 else None)
            answer, region = self.send("PUT", f"/{bucket}/a/key", "eu-central-1")
            self.assertEqual((answer.status, region), (200, None))

    def test_a_region_that_is_wrong_in_the_signature(self):
        answer, region = self.send("PUT", "/far400/key")
        self.assertEqual((answer.status, region, *answer.error), (
            400, "eu-central-1", "AuthorizationHeaderMalformed",
            "The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-central-1'"))
        self.assertEqual(self.fields(answer)["Region"], "eu-central-1")

    def test_opt_in_regions(self):
        words = "The {} location constraint is incompatible for the region specific endpoint this request was sent to."
        for bucket, signed, told, name in (("optin", "us-east-1", "ap-east-1", "ap-east-1"),
                                           ("from-optin", "af-south-1", "us-east-1", "unspecified")):
            answer, region = self.send("PUT", f"/{bucket}/key", signed)
            self.assertEqual((answer.status, region, *answer.error),
                             (400, told, "IllegalLocationConstraintException", words.format(name)))

    def test_another_partition(self):
        answer, region = self.send("PUT", "/china/key")
        self.assertEqual((answer.status, region, self.fields(answer)["Endpoint"]),
                         (301, self.CHINA, f"china.s3.{self.CHINA}.amazonaws.com.cn"))

    def test_head_bucket(self):
        for bucket, status, told in (("far301", 301, "eu-central-1"), ("far307", 307, "eu-central-1"),
                                     ("far400", 400, "eu-central-1"), ("optin", 400, "ap-east-1"),
                                     ("silent301", 301, "eu-central-1"), ("silent400", 400, "eu-central-1"),
                                     ("any-bucket", 200, "us-east-1"), ("shut", 403, "us-east-1"), ("none", 404, None)):
            answer, region = self.send("HEAD", f"/{bucket}")
            self.assertEqual((answer.status, region, answer.body), (status, told, b""), bucket)

    def test_who_says_nothing_but_to_head_bucket(self):
        for bucket, status in (("silent301", 301), ("silent400", 400)):
            answer, region = self.send("PUT", f"/{bucket}/key")
            self.assertEqual((answer.status, region), (status, None))
            self.assertNotIn(b"eu-central-1", answer.body)

    def test_lists_and_objects(self):
        self.assertEqual(self.send("GET", "/far301", "eu-central-1", [("list-type", "2")])[1], "eu-central-1")
        self.assertEqual(self.send("GET", "/any-bucket", query=[("list-type", "2")])[1], "us-east-1")
        self.assertEqual(self.send("PUT", "/any-bucket/key")[1], None)
        self.assertEqual(self.send("GET", "/any-bucket/key")[1], None)

    def test_boto3_finds_its_way(self):
        for bucket in ("far301", "far307", "far400", "silent301"):
            # a client of its own, because botocore remembers where a bucket is
            s3 = self.sim.client("s3")
            s3.put_object(Bucket=bucket, Key="followed", Body=b"moved")
            self.assertEqual(s3.head_object(Bucket=bucket, Key="followed")["ContentLength"], 5)
            headers = s3.head_bucket(Bucket=bucket)["ResponseMetadata"]["HTTPHeaders"]
            self.assertEqual(headers["x-amz-bucket-region"], "eu-central-1")


class S3Completions(SimCase):
    """CompleteMultipartUpload made again, and what is lost on the way."""

    scenario = {"buckets": {"forgets": {"forgets_completed": True}}}

    def setUp(self):
        self.s3 = self.sim.client("s3")

    def completed(self, bucket, key="key"):
        """Completes an upload of one of two parts; returns what names it, the list of parts, the other part, the answer."""
        name = {"Bucket": bucket, "Key": key, "UploadId": self.s3.create_multipart_upload(Bucket=bucket, Key=key)["UploadId"]}
        parts = [{"PartNumber": number, "ETag": self.s3.upload_part(**name, PartNumber=number, Body=b"part %d" % number)["ETag"]}
                 for number in (1, 2)]
        listed = {"MultipartUpload": {"Parts": parts[:1]}}
        return name, listed, {"MultipartUpload": {"Parts": parts[1:]}}, self.s3.complete_multipart_upload(**name, **listed)

    def plain(self, answer):
        return {name: answer[name] for name in ("Bucket", "Key", "ETag", "ServerSideEncryption")}

    def assert_unknown(self, call, **arguments):
        answer = self.assert_refused(404, "NoSuchUpload", "^The specified upload does not exist.", call, **arguments)
        self.assertEqual(answer["Error"]["UploadId"], arguments["UploadId"])

    def test_the_same_again(self):
        name, listed, _, first = self.completed("bucket")
        self.assertTrue(first["ETag"].endswith('-1"'))
        for _ in range(2):
            self.assertEqual(self.plain(self.s3.complete_multipart_upload(**name, **listed)), self.plain(first))

    def test_not_quite_the_same(self):
        name, listed, other, _ = self.completed("bucket")
        complete = self.s3.complete_multipart_upload
        wrong = {"MultipartUpload": {"Parts": [{"PartNumber": 1, "ETag": '"00000000000000000000000000000000"'}]}}
        for parts in (other, wrong):
            self.assert_unknown(complete, **name, **parts)
        self.assert_refused(400, "MalformedXML", ".", complete, **name, MultipartUpload={"Parts": []})
        self.assert_unknown(self.s3.list_parts, **name)
        self.s3.abort_multipart_upload(**name)
        self.assertEqual(self.s3.get_object(Bucket="bucket", Key="key")["Body"].read(), b"part 1")
        complete(**name, **listed)
        self.s3.put_object(Bucket="bucket", Key="key", Body=b"written over")
        self.assert_unknown(complete, **name, **listed)

    def test_what_is_forgotten(self):
        name, listed, _, first = self.completed("forgets")
        self.assert_unknown(self.s3.complete_multipart_upload, **name, **listed)
        self.assert_unknown(self.s3.abort_multipart_upload, **name)
        head = self.s3.head_object(Bucket="forgets", Key="key")
        self.assertEqual((head["ContentLength"], head["ETag"]), (6, first["ETag"]))

    def test_an_answer_that_is_lost(self):
        rule = {"actions": "CompleteMultipartUpload", "fault": "reset_after", "first": 1}
        for bucket, code in (("bucket", None), ("forgets", "NoSuchUpload")):
            with Simulator(world=worlds.plain(1, 1), scenario={**self.scenario, "rules": [rule]}) as sim:
                self.s3 = sim.client("s3", retries={"max_attempts": 2, "mode": "standard"})
                try:
                    self.completed(bucket)
                    self.assertIsNone(code)
                except ClientError as error:
                    self.assertEqual(error.response["Error"]["Code"], code)
                self.assertEqual(self.s3.head_object(Bucket=bucket, Key="key")["ContentLength"], 6)
                outcomes = sim.counters()["actions"]["s3:CompleteMultipartUpload"]["outcomes"]
                self.assertEqual(outcomes, {"fault:reset_after": 1, code or "ok": 1})


class S3Encryption(SimCase):
    def setUp(self):
        self.s3 = self.sim.client("s3")

    def test_methods(self):
        """What PutObject or an upload sends is kept, and HeadObject shows it."""
        for method in ("AES256", "aws:kms", "aws:kms:dsse"):
            made = self.s3.create_multipart_upload(Bucket="bucket", Key="parts", ServerSideEncryption=method)
            name = {"Bucket": "bucket", "Key": "parts", "UploadId": made["UploadId"]}
            part = {"PartNumber": 1, "ETag": self.s3.upload_part(**name, PartNumber=1, Body=b"x")["ETag"]}
            self.s3.complete_multipart_upload(**name, MultipartUpload={"Parts": [part]})
            self.s3.put_object(Bucket="bucket", Key="whole", Body=b"x", ServerSideEncryption=method)
            for key in ("parts", "whole"):
                head = self.s3.head_object(Bucket="bucket", Key=key)
                self.assertEqual(head["ServerSideEncryption"], method)
                # without a key id it is the account's own key for S3
                self.assertRegex(head.get("SSEKMSKeyId", ""), r"^arn:aws:kms:us-east-1:\d{12}:key/[0-9a-f-]{36}$"
                                 if "kms" in method else "^$")

    def test_what_is_refused(self):
        s3 = self.sim.client("s3", parameter_validation=False)
        for make, more in ((s3.put_object, {"Body": b"x"}), (s3.create_multipart_upload, {})):
            self.assert_refused(400, "InvalidArgument", "^The encryption method specified is not supported$", make,
                                Bucket="bucket", Key="refused", ServerSideEncryption="aws:nothing", **more)
            self.assert_refused(400, "InvalidArgument", "requires HTTP header x-amz-server-side-encryption : aws:kms$", make,
                                Bucket="bucket", Key="refused", ServerSideEncryption="AES256", SSEKMSKeyId="a-key", **more)
        self.assert_refused(404, "404", ".", s3.head_object, Bucket="bucket", Key="refused")


if __name__ == "__main__":
    unittest.main()
