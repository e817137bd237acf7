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
    ("GetAccountAuthorizationDetails",
     "<UserDetailList><member><UserName>a</UserName><UserPolicyList><member><PolicyName>p</PolicyName><PolicyDocument>%7B%7D"
     "</PolicyDocument></member></UserPolicyList></member></UserDetailList><GroupDetailList><member><GroupName>g</GroupName>"
     "<AttachedManagedPolicies><member><PolicyArn>arn</PolicyArn></member></AttachedManagedPolicies></member></GroupDetailList>"
     "<Policies><member><Arn>arn</Arn><DefaultVersionId>v1</DefaultVersionId><PolicyVersionList><member><VersionId>v1</VersionId>"
     "<IsDefaultVersion>true</IsDefaultVersion><Document>%7B%7D</Document></member></PolicyVersionList></member></Policies>"),
    ("GenerateCredentialReport", "<State>STARTED</State>"),
    ("GetAccountSummary", "<SummaryMap><entry><key>Users</key><value>7</value></entry></SummaryMap>"),
    ("GetAccountPasswordPolicy", "<PasswordPolicy><MinimumPasswordLength>14</MinimumPasswordLength><HardExpiry>false</HardExpiry>"
                                 "</PasswordPolicy>"),
    ("ListVirtualMFADevices", "<VirtualMFADevices><member><User><Arn>arn:aws:iam::1:root</Arn></User></member></VirtualMFADevices>"),
    *[("ListServiceSpecificCredentials",
       "<ServiceSpecificCredentials><member><UserName>a</UserName><ServiceSpecificCredentialId>ACCA</ServiceSpecificCredentialId>"
       "<ServiceName>codecommit.amazonaws.com</ServiceName><Status>Active</Status><CreateDate>2024-01-31T09:30:00Z</CreateDate>"
       "</member></ServiceSpecificCredentials>")] * 2,
    ("ListSSHPublicKeys", "<SSHPublicKeys><member><SSHPublicKeyId>APKA</SSHPublicKeyId><Status>Active</Status>"
                          "<UploadDate>2024-01-31T09:30:00Z</UploadDate></member></SSHPublicKeys>"),
    *[(action, "<Credentials><AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>s</SecretAccessKey><SessionToken>t</SessionToken>"
               "<Expiration>2024-01-31T09:30:00Z</Expiration></Credentials>") for action in ("AssumeRole", "AssumeRoleWithWebIdentity")],
    ("GetCallerIdentity", "<Account>111111111111</Account><Arn>arn</Arn><UserId>AIDA</UserId>"),
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


REPORT_HEAD = ("user,user_creation_time,password_enabled,password_last_used,password_last_changed,mfa_active,"
               "access_key_1_active,access_key_1_last_rotated,access_key_1_last_used_date,access_key_1_last_used_region,"
               "access_key_1_last_used_service,cert_1_active,cert_1_last_rotated,cert_2_active,cert_2_last_rotated\n")
REPORTS = [REPORT_HEAD, REPORT_HEAD + "ann,2024-01-31T09:30:00+00:00,true,no_information,N/A,false,true,2024-01-31T09:30:00Z,N/A,"
           "us-east-1,s3,false,N/A,false,N/A\n<root_account>,2020-01-01T00:00:00Z,not_supported,,,true,false,,,,,,,,\n", "a,b\n\n,\n"]
CREDENTIALS = ['{"Version": 1, "AccessKeyId": "AKIA1", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "2030-01-01T00:00:00Z"}',
               '{"AccessKeyId": "AKIA1", "SecretAccessKey": "s", "Token": "t", "Expiration": "2030-01-01T00:00:00Z"}',
               '{"Code": "Success", "AccessKeyId": "AKIA1", "SecretAccessKey": "s", "Token": "t", "Expiration": "2030-01-01T00:00:00Z"}']
URLS = ["https://a.example:8443/b/", "http://[::1]:80", "http://127.0.0.1", "us-gov-west-1", "a.bucket-name", "http://u@h/"]
ERRORS = ["<ErrorResponse><Error><Code>AccessDenied</Code><Message>m wJalrXUtnFEMI/K7MDENG</Message></Error></ErrorResponse>",
          '{"__type": "com.amazonaws.x#ThrottlingException", "message": "m"}', '{"Code": "x", "Message": "wJalrXUtnFEMI/K7MDENG"}',
          "<Error><Code>PermanentRedirect</Code><Region>eu-west-1</Region><Endpoint>e</Endpoint></Error>",
          "<Response><Errors><Error><Code>c</Code></Error></Errors></Response>", "<AccessDeniedException><Message>m</Message></AccessDeniedException>"]
DENIALS = ["User: arn:aws:sts::111111111111:assumed-role/r/s is not authorized to perform: iam:ListUsers on resource: "
           "arn:aws:iam::111111111111:user/ because no identity-based policy allows the iam:ListUsers action",
           "User: u is not authorized to perform: iam:ListUsers with an explicit deny in a service control policy: "
           "arn:aws:organizations::1:policy/o-a/service_control_policy/p-b. Authorization ID: abc-1"]
BATCHES = [[{"batch": 0, "accounts": [{"id": "111111111111", "name": "a", "ou": "o", "state": "ACTIVE", "management": None}],
             "part_key": "w/part-000000.csv", "result_key": "w/result-000000.json",
             "skipped": [{"id": "222222222222", "state": "SUSPENDED"}]}],
           {"run_id": "r", "started_at": "2024-01-31T09:30:00Z", "successful_accounts": [{"account_id": "111111111111", "users": 1}],
            "failed_accounts": [], "partial_accounts": [], "skipped_accounts": [], "rows": 1}]
COMMANDS = ["role-name\ncensus\naccounts\n111111111111\nformat\njsonl\nmax-connections\n64\ncolumns\nfull",
            "role-name\na/b\ns3-bucket\nb\ns3-prefix\np\nsse\naws:kms\nstrategy\nbulk\nlimits\nkey-age=30\nrules\nmfa-missing",
            "role-name\nr\nunits\nou-ab12-11111111\nexclude\n111111111111\nmax-report-age\n4h\nconnect-timeout\n5"]
DATABASES = [b"\1", b"\1\0\x10\xff", b"\0SQLite format 3\0", b"\0"]
# In the order of fuzz_client.c: what is done, then what each request gets.
CLIENTS = [bytes([how]) for how in range(8)] + [bytes([0, 0, 0, 0x14, 2, 0, 1, 9, 0, 9, 65]), bytes([1, 5, 8, 9]), bytes([2, 0x20, 3, 60, 97, 62]),
                                               bytes([15, 0, 0, 9, 63])]
# Events of fuzz_runtime.c, each a body of its own with status 200: all of them go to steps of the fan-out, which fail.
STEPS = [{"action": action} for action in ("plan", "collect_batch", "combine", "else")]


def exchange(how: int, more: int, piece: int, answer: bytes) -> bytes:
    """One exchange of fuzz_http.c."""
    return bytes([how, more, piece]) + len(answer).to_bytes(2, "big") + answer


FRESH, EARLY, CLOSES, RESETS, SHUTS, STATUS, LENGTH, CHUNKED = 4, 8, 16, 32, 48, 64, 128, 192
POST, HEAD, CUT, IDLE, CANCEL = 1, 2, 8, 16, 96
NEXT = exchange(LENGTH, 0, 0, b"next")
STALE = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nabHTTP/1.1 299 Stale\r\nContent-Length: 5\r\n\r\nSTALE"
CUT_HEADS = [b"HTTP/1.1 200 OK\r\n:\n", b"HTTP/1.1 200 OK\r\nA: b\r\n \n", b"HTTP/1.1 200 OK\r\n\rA\n", b"HTTP/1.1 200 OK\r\nA",
             b"http/1.1 404 Not Found\r\n\r\n", b"HTTP/x.y 503 Slow Down\r\n\r\n", b"HTTP/20 .100 OK\r\nContent-Length: 0\r\n\r\n",
             b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n", b"http/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n"]
EXCHANGES = [
    exchange(LENGTH | FRESH, 0, 0, b"hello") + NEXT + exchange(LENGTH | POST, 0, 0, b"x"), exchange(0, IDLE, 0, STALE) + NEXT,
    exchange(0, 0, 45, STALE) + NEXT, exchange(CHUNKED, 0, 3, b"3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nA: b\r\n\r\n"),
    exchange(0, 0, 0, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nA: b\r\n c\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n"),
    exchange(STATUS | CLOSES, 0, 0, b"A: b\r\nConnection: close\r\n\r\nup to the end"),
    exchange(LENGTH | HEAD, 0, 0, b"abc") + exchange(0, 0, 0, b"HTTP/1.1 204 No Content\r\n\r\n") + NEXT,
    exchange(LENGTH | EARLY | SHUTS, 4, 0, b"early" * 20), exchange(LENGTH | CLOSES, CUT, 2, b"cut short"),
    exchange(LENGTH, CANCEL, 1, b"cancelled") + NEXT, exchange(LENGTH | RESETS, 0, 0, b"reset"),
    exchange(0, 0, 0, b"HTTP/1.0 200 OK\nConnection: keep-alive\nContent-Length: 2\n\nab") + NEXT,
    exchange(LENGTH, 0, 0, b"a") + exchange(0, 0, 0, b"HTTP/1.1 200 OK\r\n fold: ed\r\nContent-Length: 0\r\n\r\n"),
] + [exchange(CLOSES, 0, 0, head) for head in CUT_HEADS]


# In the order of child_script.h.
OUT, ERR, MANY_OUT, MANY_ERR, CLOSE, REST, SIGNAL, EXIT = range(8)
FOREVER = 31


def step(kind: int, number: int = 0, more: bytes = b"") -> bytes:
    return bytes([kind + 8 * number]) + more


def writes(kind: int, text: bytes) -> bytes:
    return b"".join(step(kind, len(text[i:i + 31]), text[i:i + 31]) for i in range(0, len(text), 31))


KEYS = b'{"Version": 1, "AccessKeyId": "AKIA1", "SecretAccessKey": "SECRETSECRET"}'
CHILDREN = [
    b"\0\0" + writes(OUT, b"printed") + step(REST) + writes(ERR, b"said") + step(EXIT, 0, b"\3"),
    b"\1\0" + writes(OUT, KEYS), b"\1\0" + writes(OUT, KEYS[:-1]),
    b"\1\0" + writes(OUT, KEYS) + writes(ERR, b"failed: no session") + step(EXIT, 0, b"\1"),
    b"\1\0" + writes(ERR, b"sh: 1: not found") + step(EXIT, 0, b"\x7f"),
    b"\2\0" + step(MANY_OUT, 31) * 2 + step(MANY_ERR, 31), b"\0\0" + step(MANY_OUT, 31) * 3,
    b"\x18\0" + writes(OUT, b"more than the bound" * 6), b"\0\0" + step(SIGNAL, 1), b"\1\0" + step(SIGNAL),
    b"\0\0" + step(SIGNAL, FOREVER), b"\0\2" + step(SIGNAL, FOREVER), b"\1\3" + writes(OUT, KEYS) + step(SIGNAL, FOREVER),
    b"\0\0" + step(CLOSE) + writes(OUT, b"lost") + step(CLOSE, 1) + step(REST),
    b"\0\0" + step(REST, 1) + writes(OUT, b"before the end"), b"\1\0" + step(MANY_OUT, 20) + step(EXIT, 0, b"\2"),
    b"\x30\0" + writes(ERR, b"e" * 31 * 10)]


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
    texts = {"report": REPORTS, "url": ["\3" + url for url in URLS], "service_error": ["\3" + text for text in ERRORS],
             "denial": DENIALS, "credentials": [chr(i) + text for i, text in enumerate(CREDENTIALS)],
             "batches": [json.dumps(document) for document in BATCHES], "settings": COMMANDS}
    for target, seeds in texts.items():
        for i, text in enumerate(seeds):
            write(target, i, text.encode())
    runtimes = [bytes([0x20, len(text)]) + text.encode() for text in map(json.dumps, STEPS)]
    for target, seeds in (("database", DATABASES), ("client", CLIENTS), ("runtime", runtimes), ("http", EXCHANGES), ("process", CHILDREN)):
        for i, content in enumerate(seeds):
            write(target, i, content)


if __name__ == "__main__":
    main()
