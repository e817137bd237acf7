/* SPDX-License-Identifier: MIT */
/*
 * model.h: what a census knows: accounts, their users, keys, tags.
 *
 * All of one account lives in that account's arena and is freed with it. Lists are linked and
 * sorted by the functions below, so that the order in which responses arrived never shows.
 * What could not be read is a bit in 'unknown', never an empty value.
 */
#ifndef CENSUS_MODEL_H
#define CENSUS_MODEL_H

#include "base/arena.h"
#include "base/buffer.h"
#include "base/error.h"
#include "base/timestamp.h"

#define ACCOUNT_ID_LEN 12

/* The facts of the contract; each has its sources in census/facts.c. */
enum fact {
    FACT_USERS, /* the list itself, path, ARN, creation date */
    FACT_ALIAS,
    FACT_TAGS,
    FACT_GROUPS,
    FACT_PASSWORD_AGE,     /* the date that the console password's age counts from */
    FACT_PASSWORD,         /* whether there is a console password */
    FACT_PASSWORD_USED,    /* last console sign-in */
    FACT_PASSWORD_CHANGED, /* when it was last changed, exactly */
    FACT_MFA,              /* whether there is any device */
    FACT_MFA_DEVICES,      /* their serial numbers */
    FACT_KEYS,             /* ids, status, creation */
    FACT_KEYS_USED,        /* last use of each key */
    FACT_CERTIFICATES,
    FACT_BOUNDARY, /* permissions boundary */
    FACT_POLICIES, /* attached policies */
    FACT_ACCOUNT_NAME,
    FACT_PASSWORD_ROTATION,   /* when the password must next be changed */
    FACT_INLINE_POLICIES,     /* names of the user's inline policies */
    FACT_GROUP_POLICIES,      /* policies that the user has by way of groups */
    FACT_ADMIN,               /* whether the user is an administrator, and by what */
    FACT_SERVICE_CREDENTIALS, /* service-specific credentials */
    FACT_SSH_KEYS,            /* SSH public keys */
    FACT_OU,                  /* the account's place in the organization */
    FACT_MANAGEMENT,          /* whether it is the management account */
    FACT_ROOT_PASSWORD,       /* of the root user: whether there is a password */
    FACT_ROOT_MFA,            /* whether MFA is on */
    FACT_ROOT_MFA_KIND,       /* what kind of device */
    FACT_ROOT_KEYS,           /* whether there is an active access key */
    FACT_ROOT_CERTIFICATES,   /* whether there is an active signing certificate */
    FACT_ROOT_USED,           /* last use, and of what */
    FACT_PASSWORD_POLICY,
    FACT_COUNT
};

typedef uint64_t fact_set; /* a FACT_BIT for each fact in the set */
#define FACT_BIT(fact) (UINT64_C(1) << (fact))

struct tag {
    struct tag *next;
    struct view key, value;
};

struct name { /* a group's name, a device's serial number, a policy's ARN */
    struct name *next;
    struct view text;
};

struct access_key {
    struct access_key *next;
    struct view id;
    struct view status; /* as AWS reports it: "Active", "Inactive", "Expired", ... */
    int64_t created_s;
    int64_t last_used_s;                             /* TIMESTAMP_NONE: never */
    struct view last_used_service, last_used_region; /* VIEW_NONE: never, or not known */
    bool use_unknown;                                /* last_used_s could not be read */
    bool use_place_unknown;                          /* service and region could not be read */
};

struct certificate {
    struct certificate *next;
    struct view id, status; /* as AWS reports it: "Active" */
    int64_t uploaded_s;     /* TIMESTAMP_NONE: AWS gave no date */
};

/* A service-specific credential: a password or key for one service, as an API key of Bedrock. */
struct service_credential {
    struct service_credential *next;
    struct view id, service, status; /* "bedrock.amazonaws.com"; as AWS reports them */
    int64_t created_s;               /* TIMESTAMP_NONE: AWS gave no date */
    int64_t expires_s;               /* TIMESTAMP_NONE: it never ends */
};

/* A policy that a user has by way of a group. */
struct group_policy {
    struct group_policy *next;
    struct view group;
    struct view policy; /* the ARN of a managed policy, or the name of an inline one */
    bool is_inline;
};

struct user {
    struct user *next;
    struct view name, path, arn, id;
    int64_t created_s;
    struct tag *tags;                 /* ascending by key */
    struct name *groups;              /* ascending */
    struct access_key *keys;          /* ascending by creation, then id */
    struct certificate *certificates; /* ascending by id */
    struct name *mfa_devices;         /* serial numbers, ascending */
    struct name *policies;            /* ARNs of attached managed policies, ascending */
    struct view boundary;             /* ARN, VIEW_NONE: none */
    bool has_mfa;
    bool has_password;
    int64_t password_set_s; /* the date that PasswordAge counts from; TIMESTAMP_NONE: no password */
    bool password_age_from_creation;     /* that date is when the password was first made */
    int64_t password_changed_s;          /* exact; TIMESTAMP_NONE: no password, or never known */
    int64_t password_used_s;             /* TIMESTAMP_NONE: never, or not recorded */
    int64_t data_as_of_s;                /* no fact of this user is older */
    int64_t password_rotation_s;         /* when it must next be changed; TIMESTAMP_NONE: never */
    struct name *inline_policies;        /* names, ascending */
    struct group_policy *group_policies; /* ascending by group, then policy */
    bool is_admin;
    struct name *admin_via; /* ascending: ARN or name of a policy, "group:NAME", "maybe:..." */
    struct service_credential *service_credentials; /* ascending by id */
    struct certificate *ssh_keys;                   /* SSH public keys, ascending by id */
    fact_set unknown; /* facts that could not be read, or that the strategy has no source for */
    bool gone;        /* deleted while the census ran: has no row */
    bool superseded;  /* replaced by a user of the same name who was created later: has no row */
};

enum outcome { OUTCOME_SUCCEEDED, OUTCOME_PARTIAL, OUTCOME_FAILED };

/* Calls of an account that failed for good with the same operation and code. */
struct call_failure {
    struct call_failure *next;
    const char *operation;     /* static */
    struct view code, message; /* of the first such failure */
    unsigned count;
};

enum root_mfa_kind { ROOT_MFA_NONE, ROOT_MFA_VIRTUAL, ROOT_MFA_HARDWARE };

/*
 * The root user of an account, from the account summary (which is live) and from the root's line of
 * the credential report. What is unknown is a FACT_ROOT_... in the account's 'unknown'.
 */
struct root_user {
    bool has_password, has_mfa, has_keys, has_certificates;
    enum root_mfa_kind mfa_kind;
    int64_t used_s;      /* latest use of the password or a key; TIMESTAMP_NONE: never */
    struct view used_by; /* "password", "access_key_1", "access_key_2"; VIEW_NONE: never */
};

/* The rules for passwords of the account's users. AWS's default applies if none has been set. */
struct password_policy {
    bool is_default;
    int64_t minimum_length;
    int64_t reuse_prevention; /* how many former passwords are refused; 0: not set */
    struct view text;         /* the policy as compact JSON, or "default" */
};

struct account {
    char id[ACCOUNT_ID_LEN + 1];
    struct view name;  /* from Organizations; VIEW_NONE if not known */
    struct view alias; /* VIEW_NONE: none */
    struct view ou;    /* path from the organization's root, as AWS writes it; VIEW_NONE: none */
    struct view state; /* as Organizations reports it, "ACTIVE"; VIEW_NONE: not asked */
    bool is_management;
    struct view partition; /* of its ARNs, "aws"; VIEW_NONE: not known */
    struct root_user root;
    struct password_policy password_policy;
    fact_set unknown; /* account-wide facts: alias, name, root user, ... */
    struct arena arena;
    struct user **users; /* ascending by name, without those that are gone */
    size_t user_count;
    size_t users_gone; /* deleted while they were read: they have no row */
    enum outcome outcome;
    fact_set partial;              /* facts that make the account partial */
    struct call_failure *failures; /* of a partial account: those that left something unknown */
    const char *failed_stage;      /* "AssumeRole"; static */
    struct error failed;           /* why, if it failed */
    uint64_t calls;
    int64_t duration_ms;
    int64_t read_at_s;   /* when the account began to be read, by AWS's clock */
    int64_t report_at_s; /* of the credential report that was used, or TIMESTAMP_NONE */
};

/* Inserts in order; items that compare equal stay in the order in which they were inserted. */
void tags_insert(struct tag **list, struct tag *tag);
void names_insert(struct name **list, struct name *name);
void access_keys_insert(struct access_key **list, struct access_key *key);
void certificates_insert(struct certificate **list, struct certificate *certificate);
void service_credentials_insert(struct service_credential **list,
                                struct service_credential *credential);

/*
 * True if the key can be used. Only AWS's "Active" means that; a status that is not known does not.
 */
bool access_key_is_active(const struct access_key *key);

/*
 * The oldest active key, which AccessKeyID shows, if 'nth' is 0, the second oldest (AccessKey2ID)
 * if it is 1; NULL if there is none. Of keys created in the same second, the one with the lower id
 * counts as older.
 */
const struct access_key *user_active_key(const struct user *u, unsigned nth);
/* The latest use of any key, active or not; TIMESTAMP_NONE if there is none. */
int64_t user_last_activity_s(const struct user *u);
/* True if any key's last use could not be read. */
bool user_key_use_unknown(const struct user *u);
/* Takes the key out of the user's list. */
void user_remove_key(struct user *u, const struct access_key *key);
/* The value of the tag with this key, or VIEW_NONE. */
struct view user_tag(const struct user *u, struct view key);

#endif
