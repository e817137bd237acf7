/* SPDX-License-Identifier: MIT */
/*
 * account_fields.h: the table of fields about an account: the accounts file and the database's
 * table 'account' show them.
 *
 * An account that was not read, because it failed or was left out, has rows too. What the plan
 * knows of it is shown; everything else is unknown, never empty, zero or false: it may well have
 * users and a root password.
 */
#ifndef OUTPUT_ACCOUNT_FIELDS_H
#define OUTPUT_ACCOUNT_FIELDS_H

#include "output/value.h"

/* In the order of the accounts file, whose last column, Unknown, is made from row->lost. */
enum account_field_id {
    ACCOUNT_FIELD_ID,
    ACCOUNT_FIELD_NAME,
    ACCOUNT_FIELD_ALIAS,
    ACCOUNT_FIELD_OU,
    ACCOUNT_FIELD_STATE,   /* unknown if Organizations was not asked */
    ACCOUNT_FIELD_OUTCOME, /* "succeeded", "partial", "failed", "skipped" */
    ACCOUNT_FIELD_STAGE,   /* if it failed */
    ACCOUNT_FIELD_CODE,
    ACCOUNT_FIELD_USERS,
    ACCOUNT_FIELD_USERS_WITH_PASSWORD,
    ACCOUNT_FIELD_USERS_WITHOUT_MFA, /* users with a password and without MFA */
    ACCOUNT_FIELD_ACTIVE_KEYS,
    ACCOUNT_FIELD_SERVICE_CREDENTIALS, /* active or not */
    ACCOUNT_FIELD_ROOT_PASSWORD,
    ACCOUNT_FIELD_ROOT_MFA,
    ACCOUNT_FIELD_ROOT_MFA_KIND, /* "none", "virtual", "hardware" */
    ACCOUNT_FIELD_ROOT_ACCESS_KEYS,
    ACCOUNT_FIELD_ROOT_CERTIFICATES,
    ACCOUNT_FIELD_ROOT_LAST_USED,
    ACCOUNT_FIELD_ROOT_LAST_USED_BY,
    ACCOUNT_FIELD_PASSWORD_POLICY, /* compact JSON, or "default" */
    ACCOUNT_FIELD_REPORT_AT,       /* none if no credential report was used */
    ACCOUNT_FIELD_COUNT
};

/* One account's row while it is written. What it points to is borrowed. */
struct account_row {
    const struct account *account; /* of a skipped account: only id, name, ou and state are set */
    bool skipped;                  /* left out of the census, as it is not ACTIVE */
    uint64_t lost;                 /* a bit (1 << id) for each field whose value is unknown */
};

struct account_field {
    const char *column; /* "RootMFAKind" */
    const char *json;   /* "root_mfa_kind": the column of the database */
    fact_set facts;     /* the field is unknown if the account lacks one of these */
    struct value (*value)(const struct account_row *row);
    fact_set also;    /* facts needed as well; 'value' decides what to show if one is unknown */
    bool before_read; /* known, or known to be none, even if the account was not read */
    bool guarded;     /* as in struct field */
};

extern const struct account_field account_fields[ACCOUNT_FIELD_COUNT];

/*
 * What the field holds. Records in row->lost if the value is unknown. A count is unknown if that of
 * a single user could change it.
 */
struct value account_row_value(struct account_row *row, enum account_field_id field);
/* The facts that all fields need. */
fact_set account_fields_wanted(void);

#endif
