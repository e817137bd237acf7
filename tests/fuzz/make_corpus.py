#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes the seeds of the fuzz targets into tests/fuzz/corpus: small, valid, and a little odd."""
import json
import pathlib
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parent / "corpus"
# In the order of fuzz_xml.c.
ANSWERS = [
    ("ListUsers", "<Users><member><UserName>a</UserName><CreateDate>2024-01-31T09:30:00Z</CreateDate>"
                  "<PasswordLastUsed>2024-01-31T10:30:00+01:00</PasswordLastUsed></member></Users>"
                  "<IsTruncated>true</IsTruncated><Marker>m</Marker>"),
    ("ListUserTags", "<Tags><member><Key>k</Key><Value>v</Value></member></Tags>"),
    ("ListGroupsForUser", "<Groups><member><GroupName>g</GroupName></member></Groups>"),
    ("ListAccessKeys", "<AccessKeyMetadata><member><AccessKeyId>AKIA</AccessKeyId><Status>Active</Status>"
                       "<CreateDate>2024-01-31T09:30:00Z</CreateDate></member></AccessKeyMetadata>"),
    ("GetAccessKeyLastUsed", "<AccessKeyLastUsed><LastUsedDate>2024-01-31T09:30:00Z</LastUsedDate>"
                             "<ServiceName>s3</ServiceName><Region>us-east-1</Region></AccessKeyLastUsed>"),
    ("GetLoginProfile", "<LoginProfile><CreateDate>2024-01-31T09:30:00Z</CreateDate></LoginProfile>"),
    ("ListMFADevices", "<MFADevices><member><SerialNumber>s</SerialNumber></member></MFADevices>"),
    ("ListSigningCertificates", "<Certificates><member><CertificateId>c</CertificateId><Status>Active</Status>"
                                "<UploadDate>2024-01-31T09:30:00Z</UploadDate></member></Certificates>"),
    ("ListAccountAliases", "<AccountAliases><member>alias</member></AccountAliases>"),
    ("GetAccountAuthorizationDetails",
     "<UserDetailList><member><UserName>a</UserName><Tags><member><Key>k</Key><Value>v</Value></member></Tags>"
     "<GroupList><member>g</member></GroupList><AttachedManagedPolicies><member><PolicyArn>arn</PolicyArn>"
     "</member></AttachedManagedPolicies></member></UserDetailList>"),
    ("GetCredentialReport", "<Content>dXNlcgo=</Content><ReportFormat>text/csv</ReportFormat>"
                            "<GeneratedTime>2024-01-31T09:30:00Z</GeneratedTime>"),
]
TIMES = ["2024-01-31T09:30:00Z", "2024-02-29t23:59:59.999z", "2023-12-31T23:59:60+14:00", "0001-01-01T00:00:00-00:01",
         "9999-12-31T23:59:59Z", "Sun, 06 Nov 1994 08:49:37 GMT", "2024-01-31 09:30:00", "1706693400"]
REQUESTS = ["\x07\nGET\n/a/./b/../c%20d//e\na=1&b=%2f&a=\nX-A: 1  2\nx-a:3\n", "\x04\nPUT\n/a b/%41/../\nuploadId=a%2Bb/=\n",
            "\x0b\nPOST\n\n\ncontent-type:a;b\n", "\x00\nGET\n/\xc3\xa9\nx=\xc3\xa9&y\n"]
PROFILES = ["[default]\naws_access_key_id = a\naws_secret_access_key=b # c\n",
            "[profile x]\nrole_arn = r\nsource_profile = default\ns3 =\n  a = b\n  c = d\n[services y]\niam =\n  endpoint_url = u\n",
            "; c\n[profile \"a b\"] # x\n\tregion:eu\ncredential_process = a # b\n  more\n[sso-session z]\nk=v\n",
            "\xef\xbb\xbf[default]\r\nregion = x\r\n", "key = before\n[", "[profile ]\n=\n"]
STATEMENT = {"Effect": "Allow", "Action": "*", "Resource": "*"}
STATEMENTS = [STATEMENT, [STATEMENT], [{**STATEMENT, "Action": ["s3:*", "*:*"], "Condition": {"Bool": {"a": "true"}}}],
              {"Effect": "Allow", "NotAction": "iam:*", "Resource": ["*"]}, [], None]
EVENTS = [{}, None, [], {"role_name": "census", "s3_bucket_name": "b"},
          {"role_name": "a/b", "s3_bucket_name": "b", "child_account_ids": ["111111111111", "222222222222"],
           "exclude_account_ids": [], "organizational_unit_ids": ["ou-a", "r-b"], "max_connections": 7,
           "strategy": "bulk", "format": "jsonl", "columns": "extended", "external_id": "x", "organization_id": "o-exampleorg1"},
          {"role_name": "arn:aws:iam::1:role/x", "s3_bucket_name": ""}, {"child_account_ids": ["@/etc/passwd", "-"]},
          {"child_account_ids": "1", "max_connections": 1e9, "expected_bucket_owner": "1"}]

HEADER = "rule,account,user,tag,expires,reason,ticket\n"
SUPPRESSIONS = [HEADER, HEADER + 'user-*,1111?1111111,"j""e",a=b,2030-01-01,"x, y\r\nz",T-1\n\n*,,,,,all,\n',
                "\ufeff" + HEADER.replace("\n", ",,\r\n") + "*,,,,,a,,,\r\n,,,,,,,,\r\n", HEADER + "x,,,,,y,\n"]


def write(target: str, number: int, content: bytes) -> None:
    folder = ROOT / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{number:02}").write_bytes(content)


def main() -> None:
    for i, (action, inner) in enumerate(ANSWERS):
        text = f"<{action}Response><{action}Result>{inner}</{action}Result></{action}Response>"
        write("xml", i, bytes([i, 6]) + text.encode())
    write("xml", len(ANSWERS), b"\0\2<!DOCTYPE x [<!ENTITY a 'b'>]><x>&a;<![CDATA[y]]><!-- z --></x>")
    for target, texts in (("timestamp", TIMES), ("profile", PROFILES), ("sigv4", REQUESTS)):
        for i, text in enumerate(texts):
            head = bytes([i]) if target == "profile" else b""
            write(target, i, head + text.encode("latin-1" if target != "timestamp" else "ascii"))
    for i, statement in enumerate(STATEMENTS):
        text = json.dumps({"Version": "2012-10-17", "Statement": statement})
        write("policy", i, (urllib.parse.quote(text, safe="") if i % 2 == 0 else text).encode())
    for i, text in enumerate(SUPPRESSIONS):
        write("suppressions", i, text.encode())
    for i, event in enumerate(EVENTS):
        write("event", i, json.dumps(event).encode())


main()
