# SPDX-License-Identifier: MIT
"""The default rules as SQL over the database: what people write who have the file and no 'check'.

Usage: rules_sql.py DB OUTPUT: a line 'rule,account,resource' for each failure, of the last run. NULL counts as 'never'
or 'none': SQL does not ask what is unknown.
"""

import datetime
import sqlite3
import sys

USERS = "FROM user AS u WHERE u.run_id = :run AND "
KEYS = "FROM access_key AS k WHERE k.run_id = :run AND "
ACCOUNTS = "FROM account AS a WHERE a.run_id = :run AND a.outcome <> 'failed' AND "
ACTIVE_OF_USER = ("EXISTS (SELECT 1 FROM {0} AS c WHERE c.run_id = u.run_id AND c.account_id = u.account_id AND "
                  "c.user_id = u.user_id AND c.status = 'Active')")
LENGTH = "CASE a.password_policy WHEN 'default' THEN 8 ELSE a.password_policy ->> 'MinimumPasswordLength' END"
REUSE = "CASE a.password_policy WHEN 'default' THEN 0 ELSE coalesce(a.password_policy ->> 'PasswordReusePrevention', 0) END"
OF_USER, OF_KEY, OF_ACCOUNT = "u.account_id, u.arn", "k.account_id, k.id", "a.account_id, a.account_id"

QUERIES = {
    "user-console-mfa": f"{OF_USER} {USERS} u.console_access = 1 AND u.mfa_enabled = 0",
    "user-admin-console-mfa": f"{OF_USER} {USERS} u.is_admin = 1 AND u.console_access = 1 AND u.mfa_enabled = 0",
    "user-password-unused": f"{OF_USER} {USERS} u.console_access = 1 AND "
                            "coalesce(u.console_last_sign_in_at, u.password_last_changed_at) <= :d45",
    "user-key-unused": f"{OF_KEY} {KEYS} k.status = 'Active' AND coalesce(k.last_used_at, k.created_at) <= :d45",
    "user-key-age": f"{OF_KEY} {KEYS} k.status = 'Active' AND k.created_at <= :d91",
    "user-two-active-keys": "account_id, arn FROM (SELECT k.account_id, u.arn, count(*) AS keys FROM access_key AS k "
                            "JOIN user AS u USING (run_id, account_id, user_id) WHERE k.run_id = :run AND k.status = 'Active' "
                            "GROUP BY k.account_id, k.user_id) WHERE keys >= 2",
    "user-key-at-setup": f"{OF_KEY} FROM access_key AS k JOIN user AS u USING (run_id, account_id, user_id) WHERE "
                         "k.run_id = :run AND u.console_access = 1 AND k.status = 'Active' AND k.last_used_at IS NULL AND "
                         "abs(unixepoch(k.created_at) - unixepoch(u.created_at)) <= 60",
    "user-direct-policy": f"DISTINCT {OF_USER} FROM policy AS p JOIN user AS u USING (run_id, account_id, user_id) "
                          "WHERE p.run_id = :run AND p.kind IN ('attached', 'inline')",
    "user-admin": f"{OF_USER} {USERS} u.is_admin = 1",
    "user-api-key-no-expiry": "account_id, id FROM service_credential WHERE run_id = :run AND status = 'Active' AND "
                              "expires_at IS NULL AND service IN ('bedrock.amazonaws.com', 'logs.amazonaws.com')",
    "user-service-credential-age": "account_id, id FROM service_credential WHERE run_id = :run AND status = 'Active' AND "
                                   "created_at <= :d91",
    "user-certificate-age": "account_id, id FROM signing_certificate WHERE run_id = :run AND status = 'Active' AND "
                            "uploaded_at <= :d366",
    "user-dormant": f"{OF_USER} {USERS} u.created_at <= :d90 AND (u.console_access = 1 OR {ACTIVE_OF_USER.format('access_key')})"
                    " AND coalesce(u.console_last_sign_in_at, '') <= :d90 AND coalesce(u.last_activity_at, '') <= :d90 AND NOT "
                    f"{ACTIVE_OF_USER.format('service_credential')} AND NOT {ACTIVE_OF_USER.format('signing_certificate')}",
    "user-inactive-key": f"{OF_KEY} {KEYS} k.status <> 'Active' AND max(k.created_at, coalesce(k.last_used_at, '')) <= :d90",
    "user-no-credential": f"{OF_USER} {USERS} u.kind = 'none' AND u.created_at <= :d90",
    "root-access-key": f"{OF_ACCOUNT} {ACCOUNTS} a.root_access_keys = 1",
    "root-mfa": f"{OF_ACCOUNT} {ACCOUNTS} a.root_password = 1 AND a.root_mfa = 0",
    "root-hardware-mfa": f"{OF_ACCOUNT} {ACCOUNTS} a.root_password = 1 AND (a.root_mfa = 0 OR a.root_mfa_kind = 'virtual')",
    "root-use": f"{OF_ACCOUNT} {ACCOUNTS} a.root_last_used > :d90",
    "root-certificate": f"{OF_ACCOUNT} {ACCOUNTS} a.root_certificates = 1",
    "password-policy-length": f"{OF_ACCOUNT} {ACCOUNTS} {LENGTH} < 14",
    "password-policy-reuse": f"{OF_ACCOUNT} {ACCOUNTS} {REUSE} < 24",
}


def main():
    path, output = sys.argv[1:]
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    run_id, started = db.execute("SELECT run_id, started_at FROM run ORDER BY number DESC LIMIT 1").fetchone()
    start = datetime.datetime.fromisoformat(started.replace("Z", "+00:00"))
    given = {"run": run_id}
    for days in (45, 90, 91, 366):
        given[f"d{days}"] = (start - datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with open(output, "w", encoding="utf-8") as file:
        for rule, query in QUERIES.items():
            for account, resource in db.execute("SELECT " + query, given):
                file.write(f"{rule},{account},{resource}\n")


if __name__ == "__main__":
    main()
