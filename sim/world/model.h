/* SPDX-License-Identifier: MIT */
/*
 * model.h: the simulated organization's accounts, users and units.
 *
 * Strings and lists of an account, a user or a unit are in the arena that was passed to look it up
 * (world.h).
 */
#ifndef WORLD_MODEL_H
#define WORLD_MODEL_H

#include "base/arena.h"
#include "world/denial.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WORLD_ACCOUNTS_MAX      100000
#define WORLD_ACCOUNT_USERS_MAX 1000000
#define ACCOUNT_ID_SIZE         13
#define WORLD_NOT_FOUND         SIZE_MAX
#define WORLD_ROOT              SIZE_MAX

/* The forms of credential reports: see report_csv.h. */
enum report_forms {
    REPORT_FORMS_UNSET, /* for an account: the form of all; for all: today's */
    REPORT_FORMS_TODAY,
    REPORT_FORMS_OLDER, /* as before 2026, with all differences at once */
    REPORT_FORMS_MIXED, /* each account has some of the differences */
    REPORT_FORMS_COUNT,
};

struct tag {
    const char *key;
    const char *value;
};

struct access_key {
    const char *id;
    const char *status; /* Active, Inactive, Expired */
    int64_t created;
    int64_t last_used; /* MOMENT_NEVER */
    const char *last_used_service;
    const char *last_used_region;
    bool created_after_report; /* the credential report does not have it */
    bool deleted_after_report; /* only the credential report has it */
};

struct mfa_device {
    const char *serial;
    int64_t enabled;
    bool is_virtual;
};

/* A signing certificate, or an SSH public key. */
struct certificate {
    const char *id;
    const char *status;
    int64_t uploaded; /* MOMENT_NEVER: the API returns no date */
};

/* A password or an API key for one service. */
struct service_credential {
    const char *id;
    const char *service; /* bedrock.amazonaws.com */
    const char *status;
    const char *user_name; /* the name to sign in with; NULL: an API key, which has an alias */
    const char *alias;
    int64_t created;
    int64_t expires; /* MOMENT_NEVER */
};

struct inline_policy {
    const char *name;
    const char *document; /* JSON */
};

/* One IAM user, or the root user of an account: then only the credentials are filled in. */
struct user {
    const char *name;
    const char *path;
    const char *id;
    int64_t created;
    struct tag *tags;
    size_t tag_count;
    const char **groups;
    size_t group_count;
    struct access_key *keys;
    size_t key_count;
    bool has_password;
    int64_t password_created;
    int64_t password_last_changed;
    int64_t password_last_used;      /* even if the password was removed; or MOMENT_NEVER */
    const char *report_last_changed; /* what the report shows instead of a date, or NULL */
    const char *report_last_used;    /* the same for the password's last use */
    struct mfa_device *mfa;
    size_t mfa_count;
    struct certificate *certificates;
    size_t certificate_count;
    const char *permissions_boundary; /* an ARN, or NULL */
    const char **attached_policies;   /* ARNs */
    size_t attached_policy_count;
    struct inline_policy *inline_policies;
    size_t inline_policy_count;
    struct service_credential *service_credentials;
    size_t service_credential_count;
    struct certificate *ssh_keys;
    size_t ssh_key_count;
    bool created_after_report; /* the credential report does not have it */
    bool deleted_after_report; /* only the credential report has it */
};

/* The rules for passwords that were set for an account. */
struct password_policy {
    bool is_set;
    unsigned minimum_length;
    bool symbols;
    bool numbers;
    bool uppercase;
    bool lowercase;
    bool change_allowed; /* users may change their own password */
    bool has_hard_expiry;
    bool hard_expiry;
    unsigned max_age_days;     /* 0: passwords do not expire */
    unsigned reuse_prevention; /* 0: not set */
};

/* One account. */
struct account {
    size_t index;
    char id[ACCOUNT_ID_SIZE];
    const char *name;
    const char *email;
    const char *alias; /* NULL: none */
    const char *state; /* ACTIVE, SUSPENDED, PENDING_CLOSURE, PENDING_ACTIVATION or CLOSED */
    int64_t joined;
    size_t unit;              /* its organizational unit, or WORLD_ROOT */
    size_t user_count;        /* users that the API lists */
    size_t report_only_count; /* further users, whom only the report has */
    const char *role_name;    /* the only role; NULL: any name is a role */
    const char *external_id;  /* required by the role, or NULL */
    uint64_t allowed;         /* the actions that the role may do */
    struct denial *denials;   /* of a role's session; of AssumeRole; in the caller's account */
    unsigned denial_count;
    int64_t report_time; /* the time of the credential report */
    enum report_forms report_forms;
    struct password_policy password_policy;
    bool root_has_mfa;
    bool ignores_all_users;     /* ListServiceSpecificCredentials does not know AllUsers */
    const char **summary_lacks; /* entries that GetAccountSummary leaves out */
    size_t summary_lack_count;
};

struct group {
    const char *name;
    const char *path;
    const char *id;
    int64_t created;
    const char **attached_policies; /* ARNs */
    size_t attached_policy_count;
    struct inline_policy *inline_policies;
    size_t inline_policy_count;
};

struct role {
    const char *name;
    const char *path;
    const char *id;
    int64_t created;
    const char *trust;              /* JSON: who may assume it */
    const char **attached_policies; /* ARNs */
    size_t attached_policy_count;
    struct inline_policy *inline_policies;
    size_t inline_policy_count;
};

struct policy_version {
    const char *id; /* v1 */
    const char *document;
    int64_t created;
};

/* A managed policy: of the account, or of AWS. */
struct managed_policy {
    const char *name;
    const char *path;
    const char *id;
    const char *arn;
    const char *description; /* NULL: none */
    int64_t created;
    int64_t updated;
    struct policy_version *versions; /* the newest first */
    size_t version_count;
    const char *default_version;
};

/* What an account has beside users. */
struct entities {
    struct group *groups;
    size_t group_count;
    struct role *roles;
    size_t role_count;
    struct managed_policy *policies; /* the account's own */
    size_t policy_count;
    const char **spare_devices; /* serial numbers of virtual MFA devices that nobody has */
    size_t spare_device_count;
};

/*
 * An id as IAM makes them: four letters, such as AROA, and 17 characters, the same for the same
 * account and name.
 */
const char *unique_id(struct arena *arena, const char *letters, const char *account_id,
                      const char *name);

/* True if a key or certificate of this status can be used. */
bool status_is_active(const char *status);

/*
 * The name of the forms in files, and the forms with a name: REPORT_FORMS_COUNT if there are none.
 */
const char *report_forms_name(enum report_forms forms);
enum report_forms report_forms_find(const char *name);

struct unit {
    const char *id;
    const char *name;
    size_t parent; /* its index, or WORLD_ROOT */
};

/* The numbers from which the generated world is computed. */
struct world_shape {
    uint64_t seed;
    size_t accounts;
    size_t users;     /* the mean number in an account */
    bool users_exact; /* every account has exactly the mean */
    bool all_active;  /* no account is suspended or closed */
    unsigned keys_percent;
    int64_t now;
    const char *partition; /* aws, aws-cn, ... */
    uint64_t allowed;      /* the actions that every role may do */
};

struct world_file;

struct world {
    struct world_shape shape;
    char organization_id[40];
    char root_id[40];
    size_t account_count;
    size_t unit_count;
    size_t management;       /* the index of the management account; the caller is its user */
    struct world_file *file; /* NULL: the world is generated */
};

#endif
