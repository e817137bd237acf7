/* SPDX-License-Identifier: MIT */
#include "store/schema.h"

/* The first columns of a table about a thing that a user has. */
#define OF_USER "run_id TEXT NOT NULL, account_id TEXT NOT NULL, user_id TEXT NOT NULL, "
/* The end of such a table: the key of its rows begins with the user. */
#define KEYED(columns)                                                                             \
    "PRIMARY KEY (run_id, account_id, user_id, " columns ")) STRICT, WITHOUT ROWID"

/* clang-format off */
static const char *const version_1[] = {
    /* 'number' counts the runs as they were recorded: two may have begun in the same second. */
    "CREATE TABLE run ("
        "number INTEGER PRIMARY KEY,"
        "run_id TEXT NOT NULL UNIQUE,"
        "started_at TEXT NOT NULL,"
        "finished_at TEXT,"
        "organization_id TEXT,"
        "strategy TEXT,"
        "columns TEXT,"
        "version TEXT,"
        "accounts INTEGER,"
        "succeeded INTEGER,"
        "partial INTEGER,"
        "failed INTEGER,"
        "skipped INTEGER,"
        "users INTEGER,"
        "oldest_report_at TEXT,"
        "result TEXT,"
        "rules TEXT" /* ids of the rules that were judged, a JSON list; NULL: none was */
    ") STRICT",

    "CREATE TABLE account ("
        "run_id TEXT NOT NULL,"
        "account_id TEXT NOT NULL,"
        "account_name TEXT,"
        "account_alias TEXT,"
        "account_ou TEXT,"
        "state TEXT,"
        "outcome TEXT NOT NULL,"
        "stage TEXT,"
        "code TEXT,"
        "users INTEGER,"
        "users_with_password INTEGER,"
        "users_without_mfa INTEGER,"
        "active_keys INTEGER,"
        "service_credentials INTEGER,"
        "root_password INTEGER,"
        "root_mfa INTEGER,"
        "root_mfa_kind TEXT,"
        "root_access_keys INTEGER,"
        "root_certificates INTEGER,"
        "root_last_used TEXT,"
        "root_last_used_by TEXT,"
        "password_policy TEXT,"
        "report_at TEXT,"
        "message TEXT,"
        "is_management INTEGER,"
        "partition TEXT,"
        "minimum_password_length INTEGER,"
        "password_reuse_prevention INTEGER,"
        "read_at TEXT,"
        "unknown TEXT NOT NULL,"
        "PRIMARY KEY (run_id, account_id)"
    ") STRICT, WITHOUT ROWID",

    "CREATE TABLE user ("
        OF_USER
        "user_name TEXT NOT NULL,"
        "arn TEXT,"
        "path TEXT,"
        "created_at TEXT,"
        "age_days INTEGER,"
        "kind TEXT,"
        "mfa_enabled INTEGER,"
        "console_access INTEGER,"
        "password_age_days INTEGER,"
        "password_last_changed_at TEXT,"
        "password_next_rotation_at TEXT,"
        "console_last_sign_in_at TEXT,"
        "last_activity_at TEXT,"
        "last_used_at TEXT,"
        "last_used_by TEXT,"
        "permissions_boundary TEXT,"
        "is_admin INTEGER,"
        "data_as_of TEXT,"
        "admin_via TEXT,"
        /* The date that password_age_days counts from, and whether it is when the password was made. */
        "password_set_at TEXT,"
        "password_age_from_creation INTEGER NOT NULL DEFAULT 0,"
        "unknown TEXT NOT NULL,"
        "PRIMARY KEY (run_id, account_id, user_id)"
    ") STRICT, WITHOUT ROWID",

    "CREATE TABLE access_key ("
        OF_USER
        "id TEXT NOT NULL,"
        "status TEXT,"
        "created_at TEXT,"
        "age_days INTEGER,"
        "last_used_at TEXT,"
        "last_used_service TEXT,"
        "last_used_region TEXT,"
        "description TEXT,"
        "unknown TEXT NOT NULL,"
        KEYED("id"),

    "CREATE TABLE tag ("
        OF_USER
        "key TEXT NOT NULL,"
        "value TEXT,"
        KEYED("key"),

    "CREATE TABLE group_membership ("
        OF_USER
        "group_name TEXT NOT NULL,"
        KEYED("group_name"),

    "CREATE TABLE signing_certificate ("
        OF_USER
        "id TEXT NOT NULL,"
        "status TEXT,"
        "uploaded_at TEXT,"
        KEYED("id"),

    "CREATE TABLE ssh_public_key ("
        OF_USER
        "id TEXT NOT NULL,"
        "status TEXT,"
        "uploaded_at TEXT,"
        KEYED("id"),

    "CREATE TABLE mfa_device ("
        OF_USER
        "serial TEXT NOT NULL,"
        "kind TEXT NOT NULL,"
        KEYED("serial"),

    "CREATE TABLE service_credential ("
        OF_USER
        "id TEXT NOT NULL,"
        "service TEXT,"
        "status TEXT,"
        "created_at TEXT,"
        "expires_at TEXT,"
        KEYED("id"),

    /* 'position' counts the user's policies: two may have the same name. */
    "CREATE TABLE policy ("
        OF_USER
        "position INTEGER NOT NULL,"
        "kind TEXT NOT NULL,"
        "name TEXT NOT NULL,"
        "arn TEXT,"
        "via TEXT,"
        KEYED("position"),

    /* 'limit' is a number, or the tag keys of user-tag. */
    "CREATE TABLE finding ("
        "run_id TEXT NOT NULL,"
        "account_id TEXT NOT NULL,"
        "finding_id TEXT NOT NULL,"
        "rule TEXT NOT NULL,"
        "status TEXT NOT NULL,"
        "severity TEXT NOT NULL,"
        "account_name TEXT,"
        "account_ou TEXT,"
        "user_name TEXT,"
        "user_arn TEXT,"
        "kind TEXT,"
        "resource_type TEXT NOT NULL,"
        "resource_id TEXT NOT NULL,"
        "reason TEXT,"
        "\"limit\" ANY,"
        "value INTEGER,"
        "since TEXT,"
        "because TEXT NOT NULL,"
        "suppression TEXT,"
        "frameworks TEXT,"
        "data_as_of TEXT,"
        "PRIMARY KEY (run_id, account_id, finding_id)"
    ") STRICT, WITHOUT ROWID",

    "CREATE VIEW latest_user AS "
        "SELECT u.*, a.account_name, a.account_alias, a.account_ou "
        "FROM user AS u JOIN account AS a "
        "ON a.run_id = u.run_id AND a.account_id = u.account_id "
        "WHERE u.run_id = (SELECT run_id FROM run ORDER BY " SCHEMA_NEWEST_FIRST " LIMIT 1)",
    NULL,
};
/* clang-format on */

const char *const *const schema_steps[] = {version_1};
const int schema_version = (int)(sizeof(schema_steps) / sizeof(schema_steps[0]));

const char *const schema_run_tables[] = {
    "finding",
    "policy",
    "service_credential",
    "mfa_device",
    "ssh_public_key",
    "tag",
    "signing_certificate",
    "group_membership",
    "access_key",
    "user",
    "account",
    NULL,
};
