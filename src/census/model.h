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
    FACT_COUNT
};

typedef unsigned fact_set; /* a FACT_BIT for each fact in the set */
#define FACT_BIT(fact) (1u << (fact))

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
    bool password_age_from_creation; /* that date is when the password was first made */
    int64_t password_changed_s;      /* exact; TIMESTAMP_NONE: no password, or never known */
    int64_t password_used_s;         /* TIMESTAMP_NONE: never, or not recorded */
    int64_t data_as_of_s;            /* no fact of this user is older */
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

struct account {
    char id[ACCOUNT_ID_LEN + 1];
    struct view name;  /* from Organizations; VIEW_NONE if not known */
    struct view alias; /* VIEW_NONE: none */
    fact_set unknown;  /* account-wide facts: alias, name */
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
