# SPDX-License-Identifier: MIT
"""What a chaotic run is made of, drawn from one seed: the organization, the faults, and what the program is asked to do."""

import random

# outcome that the simulator counts: how long its first back-off may be (src/aws/retry.c), in seconds
TRANSIENT_S, THROTTLED_S, CAP_S = 0.1, 0.5, 20
THROTTLES = ["Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException", "SlowDown", "EC2ThrottledException",
             "RequestThrottled", "BandwidthLimitExceeded", "PriorRequestNotComplete", "429"]
PASSING = {"InternalFailure", "InternalError", "ServiceUnavailable", "ServiceFailure", "ServiceException", "502", "504", "fault:reset_before",
           "fault:reset_inside", "fault:reset_after", "fault:truncated", "fault:foreign", "fault:error_in_200"}
OF_TIME = {"RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture", "SignatureDoesNotMatch", "InvalidSignatureException"}
AT_ONCE = {"ExpiredToken", "ExpiredTokenException"} | OF_TIME
DENIABLE = ["ListUserTags", "ListGroupsForUser", "GetLoginProfile", "ListMFADevices", "ListSigningCertificates", "ListAccountAliases",
            "ListAccessKeys", "GetAccessKeyLastUsed", "ListUsers", "GetAccountAuthorizationDetails", "GenerateCredentialReport",
            "GetCredentialReport", "sts:AssumeRole"]
LASTING = ["ListUserTags", "ListGroupsForUser", "ListMFADevices", "ListAccessKeys", "GetAccessKeyLastUsed", "ListAccountAliases",
           "GetAccountAuthorizationDetails", "GetCredentialReport", "sts:AssumeRole", "ListUsers", "s3:PutObject", "s3:UploadPart"]
READS = ["iam:List*", "organizations:ListAccounts"]
BUCKET = "chaos"


class Plan:
    """arguments: of the simulator; scenario; and the settings of the run. It is whole after aim() has seen the world."""

    def __init__(self, seed, with_tls=True):
        self.seed = seed
        self.dice = dice = random.Random(seed)
        self.fanout = dice.random() < 0.15
        self.destination = "s3" if self.fanout else dice.choice(["file", "file", "s3", "sqlite", "s3-sqlite"] if dice.random() < 0.3
                                                                else ["file", "s3", "sqlite"])
        self.format = "sqlite" if "sqlite" in self.destination else dice.choice(["csv", "jsonl"])
        self.columns = dice.choice(["standard", "extended"])
        self.strategy = dice.choice(["per-user", "bulk", "auto"])
        self.connections = dice.choice([1, 2, 8, 64])
        self.findings = not self.fanout and self.destination == "file" and dice.random() < 0.25
        self.large = not self.fanout and self.destination == "s3" and dice.random() < 0.15
        if self.large:
            self.strategy, self.format = "bulk", "csv"
        self.by_list = not self.fanout and dice.random() < 0.15
        self.read_timeout = 1 if dice.random() < 0.05 else 30
        self.lasting = dice.random() < 0.12
        self.most = 6 if self.lasting else dice.choice([1, 1, 2, 2, 3])
        self.gone, self.keyless, self.late = set(), set(), set()  # (account, user): may be missing, may have no keys, known late
        self.skewed = False
        self.rules, self.changes = [], []
        self.report_ms = dice.choice([1, 20, 150, 400])
        self.arguments = ["--accounts", dice.randint(2, 8), "--users", dice.randint(1, 5), "--seed", dice.randint(1, 10**6),
                          "--report-ms", self.report_ms]
        self.world = large_world() if self.large else None
        # Dice of their own, so that a seed's other decisions stay what they are.
        apart = random.Random(f"wire {seed}")
        self.way = apart.choices((None, "whole", "records", "ended", "plain"), (60, 5, 15, 12, 8))[0]
        if not with_tls and self.way != "plain":
            self.way = None
        self.share = apart.choice((0.05, 0.15, 0.3))

    def chance(self, share):
        return self.dice.random() < share

    def aim(self, dump):
        """Draws the faults, some of which are about accounts and users of this world."""
        self.noise()
        if self.lasting:
            self.last(dump)
        if self.chance(0.3):
            self.deny(dump)
        if self.chance(0.3) and not self.findings and not self.large:
            self.move(dump)
        if self.chance(0.4):
            self.reports()
        if self.destination.startswith("s3") or self.fanout:
            self.storage()

    def noise(self):
        """What passes when the call is made again, of any kind at any call."""
        dice, add = self.dice, self.rules.append
        add({"latency_ms": {"median": dice.choice([1, 2, 5]), "p99": dice.choice([10, 40, 120])}})
        if self.chance(0.2):
            add({"latency_ms": {"median": 250, "share": 0.01}})
        strength = 0.05 if self.large else dice.choice([0.02, 0.06, 0.12])
        for fault, actions in (("throttle", ["*"]), ("internal_error", ["*"]), ("unavailable", ["*"]), ("reset_before", ["*"]),
                               ("reset_inside", ["iam:*", "sts:*", "organizations:*"]), ("reset_after", ["*"]),
                               ("truncated", READS), ("foreign", READS)):
            if self.chance(0.5):
                add({"fault": fault, "actions": actions, "probability": strength * dice.random()})
        if self.chance(0.3):
            code = dice.choice(THROTTLES)
            add({"fault": "throttle", "actions": ["iam:*", "sts:*"], "probability": strength, "code": code, "status": 429 if code == "429" else 400})
        if self.chance(0.2):
            add({"fault": "error", "actions": ["*"], "probability": strength, "status": dice.choice([502, 504]), "code": "ServiceFailure", "message": "m"})
        if self.chance(0.3):
            add({"fault": "expired_token", "actions": ["iam:*"], "probability": 0.02})
        if self.chance(0.15):
            add({"fault": "drip", "actions": ["iam:*"], "probability": 0.02, "bytes_per_s": 20000})
        if self.chance(0.1):
            add({"fault": "oversized", "actions": ["iam:List*"], "probability": 0.01, "bytes": 300000})
        if self.read_timeout == 1:
            add({"fault": "stall", "actions": ["iam:ListUserTags", "iam:ListAccessKeys"], "scope": "rule", "first": 2, "stall_ms": 1800})
        elif self.chance(0.2):
            add({"fault": "stall", "actions": ["iam:*"], "probability": 0.01, "stall_ms": 80})
        if self.chance(0.1):
            add({"fault": "throttle", "actions": ["ListUsers", "GetAccountAuthorizationDetails"], "scope": "rule", "first": 1, "retry_after_s": 1})
        if self.chance(0.1):
            add({"actions": ["iam:*"], "rate": 80, "burst": 30})
        if self.chance(0.1):
            self.skewed = True
            add({"fault": "clock_skew", "actions": ["iam:*"], "scope": "rule", "first": 2})
        if self.chance(0.1):
            add({"actions": [dice.choice(["sts:*", "iam:*", "organizations:*"])], "date_skew_s": dice.choice([-90, 45, 7200])})

    def last(self, dump):
        """What does not pass."""
        account = self.dice.choice(dump["accounts"])["id"]
        action = self.dice.choice(LASTING)
        faults = ["internal_error", "unavailable", "reset_before", "reset_inside", "truncated", "foreign"]
        # S3's answers to a PUT have no body in which they could be broken off
        fault = self.dice.choice(faults[:3] if action.startswith("s3:") else faults)
        self.rules.insert(0, {"fault": fault, "actions": [action], "accounts": [account]})

    def deny(self, dump):
        for _ in range(self.dice.randint(1, 2)):
            self.rules.insert(0, {"fault": "access_denied", "actions": self.dice.sample(DENIABLE, self.dice.randint(1, 3)),
                                  "accounts": [self.dice.choice(dump["accounts"])["id"]]})

    def move(self, dump):
        """Users and keys that go while they are read, and users whom IAM knows late."""
        everybody = [(account["id"], user["name"]) for account in dump["accounts"] for user in account["users"]
                     if account["state"] == "ACTIVE" and not user["deleted_after_report"]]
        for account, user in self.dice.sample(everybody, min(len(everybody), self.dice.randint(1, 3))):
            about = {"accounts": [account], "users": [user]}
            kind = self.dice.choice(["delete_user", "delete_keys", "create_user", "vanish", "late"])
            if kind == "delete_keys":
                self.keyless.add((account, user))
                self.changes.append({"change": kind, "after": ["ListAccessKeys"], **about})
            elif kind == "late":
                self.late.add((account, user))
                self.rules.insert(0, {"fault": "vanish", "scope": "user", "for_ms": 700, "actions": ["iam:*"], **about})
            else:
                self.gone.add((account, user))
                if kind == "vanish":
                    self.rules.insert(0, {"fault": "vanish", "actions": self.dice.sample(["ListUserTags", "ListAccessKeys", "ListMFADevices",
                                                                                          "ListGroupsForUser"], 2), **about})
                else:
                    self.changes.append({"change": kind, "after": ["ListUsers", "GetAccountAuthorizationDetails"], **about})

    def reports(self):
        kind = self.dice.choice(["capacity", "expired", "forms", "malformed"])
        if kind == "capacity":
            self.rules.insert(0, {"actions": ["GenerateCredentialReport"], "fault": "limit_exceeded", "scope": "action", "first": 1})
        elif kind == "expired":
            self.rules.insert(0, {"actions": ["GetCredentialReport"], "fault": "error", "status": 410, "code": "ReportExpired",
                                  "message": "The report has expired.", "scope": "action", "first": 1})
        elif kind == "malformed":
            self.rules.insert(0, {"actions": ["GetCredentialReport"], "fault": self.dice.choice(["truncated", "foreign"]), "probability": 0.3})

    def storage(self):
        kind = self.dice.choice(["lost", "in200", "parts", "none"])
        if kind == "lost":
            self.rules.insert(0, {"actions": ["CompleteMultipartUpload", "PutObject"], "fault": "reset_after", "scope": "rule",
                                  "first": self.dice.randint(1, min(self.most, 3))})
        elif kind == "in200":
            self.rules.insert(0, {"actions": ["CompleteMultipartUpload"], "fault": "error_in_200", "scope": "rule", "first": 1})
        elif kind == "parts":
            self.rules.insert(0, {"actions": ["UploadPart", "PutObject"], "fault": "throttle", "scope": "rule", "first": 1})

    @property
    def scenario(self):
        return {"seed": self.seed, "max_consecutive": self.most, "rules": self.rules, "changes": self.changes,
                "report_forms": random.Random(self.seed).choice(["today", "older", "mixed"]),
                "account_fields": random.Random(self.seed + 1).choice(["both", "State", "Status"]),
                "buckets": {BUCKET: {"forgets_completed": self.seed % 2 == 0}}}

    @property
    def most_misled(self):
        """How many calls can be given up because the wrong Date of a refusal is all that there is to correct the time by.

        One that meets both clock_skew faults: the second names the same time as the first. Or each that meets one, if every Date
        of IAM is 45 s wrong, too little to correct anything, or 7200 s: the correction is refused, with the same Date again.
        """
        dates = {rule["date_skew_s"] for rule in self.rules if "date_skew_s" in rule and rule["actions"] == ["iam:*"]}
        return 2 if dates & {45, 7200} else 1

    def bound_s(self, counters, cuts):
        """The longest that a run may take, by the retry rules (docs/testing.md, "Chaos").

        As if nothing happened at the same time: the longest back-off before each attempt that the simulator's faults made
        necessary (base * 2^(n-1) before attempt n+1, at most as many in a row as the scenario allows), Retry-After (1 s), 2 s
        before each call about a user who is gone is made again, each answer at the slowest latency, pauses of reports, and the
        start of the process on a busy machine. After a connection was cut: the longest back-off of a call's last attempt.
        """
        row = min(self.most, 5)
        seconds = 10.0 + cuts * TRANSIENT_S * 2 ** 4
        for _, name, count in outcomes(counters):
            if is_throttle(name):
                seconds += count * max(1, min(CAP_S, THROTTLED_S * 2 ** (row - 1)))
            elif name in PASSING or name.startswith("fault:"):
                seconds += count * (min(CAP_S, TRANSIENT_S * 2 ** (row - 1)) + (1.8 if name == "fault:stall" else 0))
            elif name == "NoSuchEntity":
                seconds += 2 * min(count, 20)
            elif "Report" in name or name == "LimitExceeded":
                seconds += 5 * count
        return seconds + counters["requests"] * 0.25


def outcomes(counters):
    return [(action, name, count) for action, each in counters["actions"].items() for name, count in each["outcomes"].items()]


def is_throttle(name):
    return name in THROTTLES


def large_world():
    """Users whose tags fill more than one part of an upload."""
    value = "x" * 250
    return {"accounts": [{"id": "100000000001", "alias": "large", "users": [
        {"name": f"user{number:04d}", "created": "2020-01-01T00:00:00Z",
         "tags": [{"key": f"key{each:02d}", "value": value} for each in range(50)]} for number in range(450)]}]}
