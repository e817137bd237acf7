/* SPDX-License-Identifier: MIT */
/*
 * tally.h: what the charts of the page show, counted while accounts pass by.
 *
 * Everything is counted, also what the page's list of users leaves out. What is unknown is counted
 * as that, beside what is known. Memory does not depend on the number of users.
 */
#ifndef PAGE_TALLY_H
#define PAGE_TALLY_H

#include "census/kind.h"

#define TALLY_KINDS (KIND_UNKNOWN + 1)

/* The best device that a user has. */
enum tally_mfa {
    TALLY_PASSKEY,
    TALLY_TOKEN,
    TALLY_VIRTUAL,
    TALLY_SMS,
    TALLY_NO_MFA,
    TALLY_MFA_UNKNOWN,
    TALLY_MFA_COUNT
};

enum tally_answer { TALLY_YES, TALLY_NO, TALLY_UNKNOWN, TALLY_ANSWERS };

/* Ages of active keys, in days: at most 90, 180, 365, 730, more; or not known. */
#define TALLY_AGES 5
/* Last use: at most 30 days ago, 90, longer, never, not known. */
enum tally_use { USE_30, USE_90, USE_LONGER, USE_NEVER, USE_UNKNOWN, USE_COUNT };
/* Last use of anything: at most 7 days ago, 30, 60, 90, 180, 365, longer; then never, not known. */
#define TALLY_LAST_USES 9

/* Kinds of credentials, and whether they can be used. */
enum tally_credential {
    TALLY_PASSWORD,
    TALLY_KEY,
    TALLY_SERVICE_CREDENTIAL,
    TALLY_CERTIFICATE,
    TALLY_SSH_KEY,
    TALLY_CREDENTIALS
};

/* What is asked of root users. */
enum tally_root {
    TALLY_ROOT_PASSWORD,
    TALLY_ROOT_MFA,
    TALLY_ROOT_HARDWARE,
    TALLY_ROOT_KEY,
    TALLY_ROOT_CERTIFICATE,
    TALLY_ROOTS
};

struct tally {
    int64_t started_s; /* the start of the run, which days count to */
    uint64_t accounts, failed, partial;
    uint64_t users, kinds[TALLY_KINDS];
    uint64_t no_mfa, mfa_unknown;        /* of people, and of those who may be people */
    uint64_t old_keys, old_keys_unknown; /* active for over 90 days; users whose keys are unknown */
    uint64_t admins[TALLY_ANSWERS];
    uint64_t mfa[TALLY_ANSWERS]
                [TALLY_MFA_COUNT];        /* of people, by whether they are administrators */
    uint64_t keys[TALLY_AGES][USE_COUNT]; /* active ones */
    uint64_t last_uses[TALLY_LAST_USES];  /* users */
    /* Active, inactive; and users for whom it is not known. */
    uint64_t credentials[TALLY_CREDENTIALS][TALLY_ANSWERS];
    uint64_t roots[TALLY_ROOTS][TALLY_ANSWERS];
};

void tally_init(struct tally *t, int64_t started_s);
/* Counts an account and its users. */
void tally_account(struct tally *t, const struct account *account);
/* The facts of a user that are unknown, those of the account's that concern it included. */
fact_set tally_unknown(const struct account *account, const struct user *user);
/* The best kind of device, "passkey", "token", ...; an answer only if MFA is known. */
enum tally_mfa tally_mfa_of(const struct user *user, fact_set unknown);

#endif
